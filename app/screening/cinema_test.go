package screening_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// cinema makes the stage's hall one of a cinema that releases hours, and returns
// its operator.
func (s *stage) cinema(t *testing.T, confirm models.ConfirmOrder) auth.Actor {
	t.Helper()
	op := s.Account(t)
	op.Grants = []auth.Grant{s.Grant(t, op, auth.Cinema, s.Centre)}
	require.NoError(t, s.svc.SetRules(context.Background(), op, s.Hall.ID, venue.Rules{Hours: venue.OnlyReleased, Confirm: confirm}))
	return op
}

// hours is a wish for some spans of hours after the clock's start.
func hours(kind screening.HoursKind, fromTo ...int) screening.HoursWish {
	w := screening.HoursWish{Kind: kind}
	for i := 0; i+1 < len(fromTo); i += 2 {
		w.Rows = append(w.Rows, screening.HoursRow{Line: i/2 + 1, Span: models.Span{Start: at(fromTo[i]), End: at(fromTo[i+1])}, Note: "影院自用"})
	}
	return w
}

func (s *stage) apply(t *testing.T, op auth.Actor, w screening.HoursWish) screening.HoursPlan {
	t.Helper()
	p, err := s.svc.ApplyHours(context.Background(), op, w, "")
	require.NoError(t, err)
	return p
}

func (s *stage) mustKeepHours(t *testing.T) {
	t.Helper()
	breaches, err := s.svc.SweepHours(context.Background())
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func TestNobodyGetsHoursThatTheCinemaHasNotReleased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmNone)
		put := func(start models.Instant) error {
			_, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
			return err
		}
		_, err := s.svc.AskHall(ctx, s.branch, s.wish(at(100)))
		require.ErrorIs(t, err, screening.ErrNotReleased)
		require.Empty(t, errs.As(err).Extra["alternatives"], "nothing is released at all")
		// Two that touch are one; the film needs 15 + 137 + 20 minutes.
		s.apply(t, op, hours(screening.HoursRelease, 120, 122, 122, 124))
		_, err = s.svc.AskHall(ctx, s.branch, s.wish(at(121).Add(9*time.Minute)))
		require.ErrorIs(t, err, screening.ErrNotReleased, "the clean-up would end a minute too late")
		offered := errs.As(err).Extra["alternatives"].([]screening.Slot)
		require.Len(t, offered, 1)
		require.Equal(t, at(121), offered[0].StartsAt, "the last quarter that works, nearest to the wish")
		require.Equal(t, []screening.Slot{{StartsAt: at(120), EndsAt: at(124)}}, errs.As(err).Extra["released"])
		require.ErrorIs(t, put(at(119)), screening.ErrNotReleased)

		q := s.ask(t, s.branch, at(121).Add(8*time.Minute))
		require.True(t, q.Holds)
		_, err = s.svc.Propose(ctx, s.scheduler, q.ID, at(150), "")
		require.ErrorIs(t, err, screening.ErrNotReleased)
		queued := s.ask(t, s.rival, at(120))
		require.False(t, queued.Holds)

		// What somebody holds is not taken back, what is free is; a queue has nothing.
		err = s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: at(123), End: at(130)}, "")
		require.ErrorIs(t, err, screening.ErrHoursUsed)
		require.NotEmpty(t, errs.As(err).Extra["clashes"])
		require.NoError(t, s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: at(110), End: at(121)}, "加映"))
		require.ErrorIs(t, s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: at(110), End: at(121)}, ""), screening.ErrNoHours)
		_, err = s.svc.Decline(ctx, s.scheduler, q.ID, "改日")
		require.NoError(t, err)
		now, err := s.svc.Request(ctx, s.rival, queued.ID)
		require.NoError(t, err)
		require.False(t, now.Holds, "its hours are no longer released")
		_, err = s.svc.Approve(ctx, s.scheduler, queued.ID, nil)
		require.ErrorIs(t, err, screening.ErrNotReleased)
		s.apply(t, op, hours(screening.HoursRelease, 120, 121))
		now, err = s.svc.Request(ctx, s.rival, queued.ID)
		require.NoError(t, err)
		require.True(t, now.Holds, "released again, it moves up")
		slots, _, err := s.svc.Offers(ctx, 0, s.film.ID, true)
		require.NoError(t, err)
		require.Empty(t, slots, "offers keep to released hours too")
		s.mustKeepHours(t)
	})
}

func TestBlockedHoursAreTheCinemas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmNone)
		s.apply(t, op, hours(screening.HoursRelease, 96, 120))
		q := s.ask(t, s.branch, at(100))
		_, err := s.svc.ApplyHours(ctx, op, hours(screening.HoursBlock, 102, 104, 110, 112), "")
		require.ErrorIs(t, err, screening.ErrHoursUsed)
		require.Equal(t, "1921", errs.As(err).Extra["clashes"].([]screening.BusyWith)[0].Title)
		skip := hours(screening.HoursBlock, 102, 104, 110, 112)
		skip.Clashes = screening.ClashSkip
		p := s.apply(t, op, skip)
		require.Equal(t, []int{1, 1}, []int{p.Count(screening.FateAdded), p.Count(screening.FateClash)})
		_, err = s.svc.AskHall(ctx, s.rival, s.wish(at(109)))
		require.ErrorIs(t, err, screening.ErrHallBusy)
		require.Empty(t, errs.As(err).Args["title"], "the cinema's reasons are its own")
		var id int64
		s.Read(t, func(tx *db.Tx) error { return tx.Scan(&id, `SELECT id FROM hall_blocks`) })
		require.ErrorIs(t, s.svc.Lift(ctx, s.scheduler, id), errs.ErrForbidden)
		require.NoError(t, s.svc.Lift(ctx, op, id))
		require.ErrorIs(t, s.svc.Lift(ctx, op, id), errs.ErrNotFound)
		require.True(t, s.ask(t, s.rival, at(109)).Holds)
		require.True(t, q.Holds)
	})
}

func TestAListOfHoursIsPreviewedAndAppliedAsItWasShown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmNone)
		s.apply(t, op, hours(screening.HoursRelease, 100, 104, 124, 128))

		wish := hours(screening.HoursRelease, 100, 104, 150, 154)
		wish.Period = screening.PeriodReplace
		p, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 1}, []int{p.Count(screening.FateThere), p.Count(screening.FateAdded), p.Count(screening.FateGone)})
		again, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		require.Equal(t, p.Digest, again.Digest)

		held := s.ask(t, s.branch, at(124))
		_, err = s.svc.ApplyHours(ctx, op, wish, p.Digest)
		require.ErrorIs(t, err, screening.ErrHoursChanged, "somebody has asked meanwhile")
		now, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		_, err = s.svc.ApplyHours(ctx, op, wish, now.Digest)
		require.ErrorIs(t, err, screening.ErrHoursUsed)
		_, err = s.svc.Withdraw(ctx, s.branch, held.ID, "")
		require.NoError(t, err)
		_, err = s.svc.ApplyHours(ctx, op, wish, p.Digest)
		require.NoError(t, err, "it is as it was shown again")
		_, err = s.svc.AskHall(ctx, s.branch, s.wish(at(124)))
		require.ErrorIs(t, err, screening.ErrNotReleased)

		bad := hours(screening.HoursRelease, 200, 199, -5, -2, 20000, 20001, 300, 304, 302, 306)
		p, err = s.svc.PlanHours(ctx, op, bad)
		require.NoError(t, err)
		var codes []string
		for _, f := range p.Faults {
			codes = append(codes, f.Code)
		}
		require.Equal(t, []string{"hours_order", "hours_past", "hours_far", "hours_twice"}, codes)
		_, err = s.svc.ApplyHours(ctx, op, bad, "")
		require.ErrorIs(t, err, screening.ErrHoursFaults)
		var n int
		s.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&n, `SELECT COUNT(*) FROM hall_releases WHERE withdrawn_at IS NULL`)
		})
		require.Equal(t, 2, n, "a list with a fault writes nothing")
	})
}

func TestTheRuleIsNotSwitchedOnOverWhatStands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		q := s.ask(t, s.branch, at(100))
		op := s.Account(t)
		op.Grants = []auth.Grant{s.Grant(t, op, auth.Cinema, s.Centre)}
		rules := venue.Rules{Hours: venue.OnlyReleased, Confirm: models.ConfirmNone}
		require.ErrorIs(t, s.svc.SetRules(ctx, op, s.Hall.ID, rules), screening.ErrHoursOutside)
		require.ErrorIs(t, s.svc.SetRules(ctx, s.scheduler, s.Hall.ID, rules), errs.ErrForbidden)
		s.apply(t, op, hours(screening.HoursRelease, 100, 103))
		require.NoError(t, s.svc.SetRules(ctx, op, s.Hall.ID, rules))
		require.True(t, q.Holds)
		s.mustKeepHours(t)
	})
}

// Hours are taken back, released and blocked while branches ask, schedulers
// decide and put films on: whatever happens, nothing that is to come lies outside
// released hours, and no two things at one time.
func TestTakingHoursBackRacesThoseWhoWantThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmNone)
		expected := []error{screening.ErrNotReleased, screening.ErrHallBusy, screening.ErrHoursUsed, screening.ErrNoHours, screening.ErrDecided,
			screening.ErrRivals, errs.ErrNotFound}
		fails := make(chan error, 1000)
		taken, used := 0, 0
		for round := range 6 {
			from := 96 + round*30
			s.apply(t, op, hours(screening.HoursRelease, from, from+12))
			var ids []int64
			for i := range 3 {
				ids = append(ids, s.ask(t, []auth.Actor{s.branch, s.rival}[i%2], at(from+i)).ID)
			}
			var wg sync.WaitGroup
			var mu sync.Mutex
			try := func(do func() error) {
				wg.Go(func() {
					err := do()
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
					case errors.Is(err, screening.ErrHoursUsed):
						used++
					default:
						for _, e := range expected {
							if errors.Is(err, e) {
								return
							}
						}
						fails <- err
					}
				})
			}
			for i := range 4 {
				cut := models.Span{Start: at(from + i*3), End: at(from + i*3 + 3)}
				try(func() error {
					err := s.svc.TakeBack(ctx, op, s.Hall.ID, cut, "")
					if err == nil {
						mu.Lock()
						taken++
						mu.Unlock()
					}
					return err
				})
				try(func() error {
					_, err := s.svc.AskHall(ctx, s.rival, s.wish(cut.Start))
					return err
				})
				try(func() error {
					_, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: cut.Start, Audience: models.AudiencePublic})
					return err
				})
				try(func() error {
					_, err := s.svc.ApplyHours(ctx, op, hours(screening.HoursBlock, from+i*3, from+i*3+1), "")
					return err
				})
			}
			for i, id := range ids {
				try(func() error {
					if i == 0 {
						_, err := s.svc.Decline(ctx, s.scheduler, id, "改日")
						return err
					}
					_, err := s.svc.Approve(ctx, s.scheduler, id, nil)
					return err
				})
			}
			wg.Wait()
			s.mustKeepHours(t)
		}
		close(fails)
		for err := range fails {
			require.NoError(t, err)
		}
		require.Positive(t, taken+used, "hours were taken back or refused")
		s.MustBeClean(t)
	})
}

func TestTheCinemaConfirmsAfterTheScheduler(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmAfter)
		s.apply(t, op, hours(screening.HoursRelease, 96, 144))
		first, second := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))

		_, err := s.svc.Confirm(ctx, op, first.ID, screening.Answer{})
		require.ErrorIs(t, err, screening.ErrDecided, "the scheduler comes first")
		v, err := s.svc.Approve(ctx, s.scheduler, first.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.HallConfirming, v.Status)
		require.True(t, v.Holds)
		require.Nil(t, v.EventID)
		_, err = s.svc.Approve(ctx, s.scheduler, first.ID, nil)
		require.ErrorIs(t, err, screening.ErrUnconfirmed)
		for _, who := range []auth.Actor{s.scheduler, s.branch} {
			_, err = s.svc.Confirm(ctx, who, first.ID, screening.Answer{})
			require.ErrorIs(t, err, errs.ErrForbidden)
		}
		rival, err := s.svc.Request(ctx, s.rival, second.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallPending, rival.Status, "it queues until the cinema has answered")

		_, err = s.svc.Refuse(ctx, op, first.ID, "")
		require.ErrorIs(t, err, screening.ErrReason)
		no, err := s.svc.Refuse(ctx, op, first.ID, "当天有首映")
		require.NoError(t, err)
		require.Equal(t, models.HallDeclined, no.Status)
		rival, err = s.svc.Request(ctx, s.rival, second.ID)
		require.NoError(t, err)
		require.True(t, rival.Holds, "the next in the queue moves up")
		require.Equal(t, 1, s.told(t, "hall_declined"))
		require.Equal(t, 2, s.told(t, "cinema_refused"), "both schedulers")

		_, err = s.svc.Approve(ctx, s.scheduler, second.ID, nil)
		require.NoError(t, err)
		yes, err := s.svc.Confirm(ctx, op, second.ID, screening.Answer{Projectionist: "张放映", Cost: "场租 800 元，由街道支付"})
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, yes.Status)
		require.Equal(t, []string{"张放映", "场租 800 元，由街道支付"}, []string{yes.Shown.ShownBy, yes.Shown.ShownCost})
		require.Equal(t, 172, s.Saved(t, *yes.EventID).Taken, "now the whole hall is the branch's")
		mine, err := s.svc.Bookings(ctx, s.rival, screening.Shelf{})
		require.NoError(t, err)
		require.Equal(t, "场租 800 元，由街道支付", mine.Items[0].Shown.ShownCost)
		_, err = s.svc.Refuse(ctx, op, second.ID, "晚了")
		require.ErrorIs(t, err, screening.ErrDecided)
		require.Equal(t, 2, s.told(t, "hall_to_confirm"))
		s.MustBeClean(t)
		s.mustKeepHours(t)
	})
}

// told counts the notices of a kind inside the product.
func (s *stage) told(t *testing.T, kind string) (n int) {
	t.Helper()
	s.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox'`, kind)
	})
	return n
}

// A request approved over the head of who held the time: the holder queues while
// the cinema thinks, and has it again when the cinema says no.
func TestApprovalFromTheQueueTakesTheTimeOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmAfter)
		s.apply(t, op, hours(screening.HoursRelease, 96, 144))
		holder, queued := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))
		v, err := s.svc.Approve(ctx, s.scheduler, queued.ID, []int64{holder.ID})
		require.NoError(t, err)
		require.True(t, v.Holds)
		was, err := s.svc.Request(ctx, s.branch, holder.ID)
		require.NoError(t, err)
		require.False(t, was.Holds)
		_, err = s.svc.Refuse(ctx, op, queued.ID, "放映机检修")
		require.NoError(t, err)
		was, err = s.svc.Request(ctx, s.branch, holder.ID)
		require.NoError(t, err)
		require.True(t, was.Holds)
	})
}

func TestTheCinemaConfirmsBeforeTheScheduler(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmBefore)
		s.apply(t, op, hours(screening.HoursRelease, 96, 190))
		q := s.ask(t, s.branch, at(100))
		require.Equal(t, models.HallConfirming, q.Status)
		require.True(t, q.Holds)
		_, err := s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.ErrorIs(t, err, screening.ErrUnconfirmed)
		v, err := s.svc.Confirm(ctx, op, q.ID, screening.Answer{Projectionist: "张放映", Cost: "免场租"})
		require.NoError(t, err)
		require.Equal(t, models.HallPending, v.Status)
		require.Equal(t, 2, s.told(t, "hall_requested"), "now the schedulers hear of it")
		v, err = s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, v.Status)
		require.Equal(t, "免场租", v.Shown.ShownCost)

		// Another time than the cinema said yes to needs its yes again.
		q = s.ask(t, s.branch, at(150))
		_, err = s.svc.Confirm(ctx, op, q.ID, screening.Answer{})
		require.NoError(t, err)
		_, err = s.svc.Propose(ctx, s.scheduler, q.ID, at(160), "")
		require.NoError(t, err)
		v, err = s.svc.Accept(ctx, s.branch, q.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallConfirming, v.Status)
		v, err = s.svc.Confirm(ctx, op, q.ID, screening.Answer{})
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, v.Status, "scheduler and branch have agreed already")
		require.Equal(t, at(160), s.Saved(t, *v.EventID).StartsAt)
		s.MustBeClean(t)
		s.mustKeepHours(t)
	})
}

func TestAScreeningIsBookedOnlyWhenTheCinemaHasConfirmed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmAfter)
		s.apply(t, op, hours(screening.HoursRelease, 96, 144))
		put := func(start models.Instant) screening.Show {
			v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
			require.NoError(t, err)
			require.Equal(t, models.EventPlanned, v.State)
			return v
		}
		v, refused, forgotten := put(at(100)), put(at(105)), put(at(110))
		resident := s.Account(t)
		wish := screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 2}}
		_, err := s.svc.Book(ctx, resident, wish)
		require.ErrorIs(t, err, booking.ErrPlanned)
		_, err = s.svc.AskHall(ctx, s.branch, s.wish(at(100)))
		require.ErrorIs(t, err, screening.ErrHallBusy, "its time is taken all the same")
		on, err := s.svc.Programme(ctx, screening.Programme{})
		require.NoError(t, err)
		require.Zero(t, on.Total, "residents do not see it yet")

		_, err = s.svc.ConfirmScreening(ctx, s.scheduler, v.ID, screening.Answer{})
		require.ErrorIs(t, err, errs.ErrForbidden)
		v, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "张放映"})
		require.NoError(t, err)
		require.Equal(t, models.EventOpen, v.State)
		_, err = s.svc.Book(ctx, resident, wish)
		require.NoError(t, err)
		v, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "李放映"})
		require.NoError(t, err)
		require.Equal(t, "李放映", v.Shown.ShownBy, "another one comes")
		_, err = s.svc.RefuseScreening(ctx, op, v.ID, "检修")
		require.ErrorIs(t, err, screening.ErrNothingToConfirm)

		_, err = s.svc.RefuseScreening(ctx, op, refused.ID, "检修")
		require.NoError(t, err)
		require.Equal(t, models.EventCancelled, s.Saved(t, refused.ID).State)
		require.Equal(t, 1, s.told(t, "cinema_refused"))
		clock.Set(forgotten.ConfirmUntil.Time())
		n, err := s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, models.EventCancelled, s.Saved(t, forgotten.ID).State)
		require.Equal(t, 2, s.told(t, "cinema_unanswered"), "scheduler and cinema")
		s.MustBeClean(t)
		s.mustKeepHours(t)
	})
}

func TestAnUnansweredConfirmationExpires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmAfter)
		s.apply(t, op, hours(screening.HoursRelease, 190, 240))
		q := s.ask(t, s.branch, at(200))
		v, err := s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		clock.Set(v.Deadline.Time())
		n, err := s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		got, err := s.svc.Requests(ctx, s.branch, list.Query{}, models.HallExpired)
		require.NoError(t, err)
		require.EqualValues(t, 1, got.Total)
		require.Equal(t, 1, s.told(t, "hall_expired"))
		require.Equal(t, 3, s.told(t, "cinema_unanswered"), "two schedulers and the operator")
	})
}

func TestTheEveningBeforeTheCinemaIsToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.cinema(t, models.ConfirmAfter)
		s.apply(t, op, hours(screening.HoursRelease, 96, 130))
		put := func(start models.Instant) {
			v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
			require.NoError(t, err)
			_, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "张放映"})
			require.NoError(t, err)
		}
		put(at(96))  // Friday the 27th, 09:00
		put(at(100)) // the same day, 13:00
		put(at(120)) // the day after
		remind := func(hour int) int {
			clock.Set(at(hour).Time())
			n, err := s.svc.RemindEve(ctx, clock.Instant())
			require.NoError(t, err)
			return n
		}
		require.Zero(t, remind(79), "16:00 the day before")
		require.Equal(t, 2, remind(80))
		require.Zero(t, remind(81), "once")
		require.Equal(t, 1, s.told(t, "operator_day"))
		var vars string
		s.Read(t, func(tx *db.Tx) error { return tx.Scan(&vars, `SELECT vars FROM outbox WHERE kind = 'operator_day'`) })
		require.Contains(t, vars, "09:00–11:32《1921》0/172 张放映；13:00–15:32《1921》")
		require.Equal(t, 1, remind(119), "what a missed evening left is told in the morning")
		require.Equal(t, 2, s.told(t, "operator_day"))
	})
}
