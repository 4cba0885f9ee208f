package screening_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
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
