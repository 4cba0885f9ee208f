package cinema_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/cinema"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/screening"
	"youyue/app/screening/screeningtest"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// stage is a cinema with its hall, branches that ask and a scheduler who decides.
type stage struct {
	*screeningtest.Stage
	svc *cinema.Service
}

func setUp(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := screeningtest.New(t, d)
	return &stage{s, cinema.New(d, s.Shows, screeningtest.Zone)}
}

// cinema makes the stage's hall one of a cinema that releases hours, and returns
// its operator.
func (s *stage) cinema(t *testing.T) auth.Actor {
	t.Helper()
	op := s.Operator(t)
	require.NoError(t, s.svc.SetRules(t.Context(), op, s.Hall.ID, venue.Rules{Hours: venue.OnlyReleased, Confirm: models.ConfirmNone}))
	return op
}

// hours is a wish for some spans of hours after the test began.
func (s *stage) hours(kind cinema.HoursKind, fromTo ...int) cinema.HoursWish {
	w := cinema.HoursWish{Kind: kind}
	for i := 0; i+1 < len(fromTo); i += 2 {
		w.Rows = append(w.Rows, cinema.HoursRow{Line: i/2 + 1, Span: models.Span{Start: s.At(fromTo[i]), End: s.At(fromTo[i+1])}, Note: "影院自用"})
	}
	return w
}

func (s *stage) apply(t *testing.T, op auth.Actor, w cinema.HoursWish) cinema.HoursPlan {
	t.Helper()
	p, err := s.svc.ApplyHours(context.Background(), op, w, "")
	require.NoError(t, err)
	return p
}

func TestNobodyGetsHoursThatTheCinemaHasNotReleased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := setUp(t, d)
		ctx := context.Background()
		op := s.cinema(t)
		put := func(start models.Instant) error {
			_, err := s.Shows.Schedule(ctx, s.Scheduler, screening.Plans{FilmID: s.Film.ID, StartsAt: start, Audience: models.AudiencePublic})
			return err
		}
		_, err := s.Shows.AskHall(ctx, s.Secretary, s.Wish(s.At(100)))
		require.ErrorIs(t, err, screening.ErrNotReleased)
		require.Empty(t, errs.As(err).Extra["alternatives"], "nothing is released at all")
		// Two that touch are one; the film needs 15 + 137 + 20 minutes.
		s.apply(t, op, s.hours(cinema.HoursRelease, 120, 122, 122, 124))
		_, err = s.Shows.AskHall(ctx, s.Secretary, s.Wish(s.At(121).Add(9*time.Minute)))
		require.ErrorIs(t, err, screening.ErrNotReleased, "the clean-up would end a minute too late")
		offered := errs.As(err).Extra["alternatives"].([]screening.Slot)
		require.Len(t, offered, 1)
		require.Equal(t, s.At(121), offered[0].StartsAt, "the last quarter that works, nearest to the wish")
		require.Equal(t, []screening.Slot{{StartsAt: s.At(120), EndsAt: s.At(124)}}, errs.As(err).Extra["released"])
		require.ErrorIs(t, put(s.At(119)), screening.ErrNotReleased)

		q := s.Ask(t, s.Secretary, s.At(121).Add(8*time.Minute))
		require.True(t, q.Holds)
		_, err = s.Shows.Propose(ctx, s.Scheduler, q.ID, s.At(150), "")
		require.ErrorIs(t, err, screening.ErrNotReleased)
		queued := s.Ask(t, s.Rival, s.At(120))
		require.False(t, queued.Holds)

		// What somebody holds is not taken back, what is free is; a queue has nothing.
		err = s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: s.At(123), End: s.At(130)}, "")
		require.ErrorIs(t, err, cinema.ErrHoursUsed)
		require.NotEmpty(t, errs.As(err).Extra["clashes"])
		require.NoError(t, s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: s.At(110), End: s.At(121)}, "加映"))
		require.ErrorIs(t, s.svc.TakeBack(ctx, op, s.Hall.ID, models.Span{Start: s.At(110), End: s.At(121)}, ""), cinema.ErrNoHours)
		_, err = s.Shows.Decline(ctx, s.Scheduler, q.ID, "改日")
		require.NoError(t, err)
		now, err := s.Shows.Request(ctx, s.Rival, queued.ID)
		require.NoError(t, err)
		require.False(t, now.Holds, "its hours are no longer released")
		_, err = s.Shows.Approve(ctx, s.Scheduler, queued.ID, nil)
		require.ErrorIs(t, err, screening.ErrNotReleased)
		s.apply(t, op, s.hours(cinema.HoursRelease, 120, 121))
		now, err = s.Shows.Request(ctx, s.Rival, queued.ID)
		require.NoError(t, err)
		require.True(t, now.Holds, "released again, it moves up")
		slots, _, err := s.Shows.Offers(ctx, 0, s.Film.ID, true)
		require.NoError(t, err)
		require.Empty(t, slots, "offers keep to released hours too")
		s.MustKeepHours(t)
	})
}

func TestBlockedHoursAreTheCinemas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := setUp(t, d)
		ctx := context.Background()
		op := s.cinema(t)
		s.apply(t, op, s.hours(cinema.HoursRelease, 96, 120))
		q := s.Ask(t, s.Secretary, s.At(100))
		_, err := s.svc.ApplyHours(ctx, op, s.hours(cinema.HoursBlock, 102, 104, 110, 112), "")
		require.ErrorIs(t, err, cinema.ErrHoursUsed)
		require.Equal(t, "1921", errs.As(err).Extra["clashes"].([]screening.BusyWith)[0].Title)
		skip := s.hours(cinema.HoursBlock, 102, 104, 110, 112)
		skip.Clashes = cinema.ClashSkip
		p := s.apply(t, op, skip)
		require.Equal(t, []int{1, 1}, []int{p.Count(cinema.FateAdded), p.Count(cinema.FateClash)})
		_, err = s.Shows.AskHall(ctx, s.Rival, s.Wish(s.At(109)))
		require.ErrorIs(t, err, screening.ErrHallBusy)
		require.Empty(t, errs.As(err).Args["title"], "the cinema's reasons are its own")
		var id int64
		s.Read(t, func(tx *db.Tx) error { return tx.Scan(&id, `SELECT id FROM hall_blocks`) })
		require.ErrorIs(t, s.svc.Lift(ctx, s.Scheduler, id), errs.ErrForbidden)
		require.NoError(t, s.svc.Lift(ctx, op, id))
		require.ErrorIs(t, s.svc.Lift(ctx, op, id), errs.ErrNotFound)
		require.True(t, s.Ask(t, s.Rival, s.At(109)).Holds)
		require.True(t, q.Holds)
	})
}

func TestAListOfHoursIsPreviewedAndAppliedAsItWasShown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := setUp(t, d)
		ctx := context.Background()
		op := s.cinema(t)
		s.apply(t, op, s.hours(cinema.HoursRelease, 100, 104, 124, 128))

		wish := s.hours(cinema.HoursRelease, 100, 104, 150, 154)
		wish.Period = cinema.PeriodReplace
		p, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 1}, []int{p.Count(cinema.FateThere), p.Count(cinema.FateAdded), p.Count(cinema.FateGone)})
		again, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		require.Equal(t, p.Digest, again.Digest)

		held := s.Ask(t, s.Secretary, s.At(124))
		_, err = s.svc.ApplyHours(ctx, op, wish, p.Digest)
		require.ErrorIs(t, err, cinema.ErrHoursChanged, "somebody has asked meanwhile")
		now, err := s.svc.PlanHours(ctx, op, wish)
		require.NoError(t, err)
		_, err = s.svc.ApplyHours(ctx, op, wish, now.Digest)
		require.ErrorIs(t, err, cinema.ErrHoursUsed)
		_, err = s.Shows.Withdraw(ctx, s.Secretary, held.ID, "")
		require.NoError(t, err)
		_, err = s.svc.ApplyHours(ctx, op, wish, p.Digest)
		require.NoError(t, err, "it is as it was shown again")
		_, err = s.Shows.AskHall(ctx, s.Secretary, s.Wish(s.At(124)))
		require.ErrorIs(t, err, screening.ErrNotReleased)

		bad := s.hours(cinema.HoursRelease, 200, 199, -5, -2, 20000, 20001, 300, 304, 302, 306)
		p, err = s.svc.PlanHours(ctx, op, bad)
		require.NoError(t, err)
		var codes []string
		for _, f := range p.Faults {
			codes = append(codes, f.Code)
		}
		require.Equal(t, []string{"hours_order", "hours_past", "hours_far", "hours_twice"}, codes)
		_, err = s.svc.ApplyHours(ctx, op, bad, "")
		require.ErrorIs(t, err, cinema.ErrHoursFaults)
		var n int
		s.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&n, `SELECT COUNT(*) FROM hall_releases WHERE withdrawn_at IS NULL`)
		})
		require.Equal(t, 2, n, "a list with a fault writes nothing")
	})
}

func TestTheRuleIsNotSwitchedOnOverWhatStands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := setUp(t, d)
		ctx := context.Background()
		q := s.Ask(t, s.Secretary, s.At(100))
		op := s.Operator(t)
		rules := venue.Rules{Hours: venue.OnlyReleased, Confirm: models.ConfirmNone}
		require.ErrorIs(t, s.svc.SetRules(ctx, op, s.Hall.ID, rules), cinema.ErrHoursOutside)
		require.ErrorIs(t, s.svc.SetRules(ctx, s.Scheduler, s.Hall.ID, rules), errs.ErrForbidden)
		s.apply(t, op, s.hours(cinema.HoursRelease, 100, 103))
		require.NoError(t, s.svc.SetRules(ctx, op, s.Hall.ID, rules))
		require.True(t, q.Holds)
		s.MustKeepHours(t)
	})
}

// Hours are taken back, released and blocked while branches ask, schedulers
// decide and put films on: whatever happens, nothing that is to come lies outside
// released hours, and no two things at one time.
func TestTakingHoursBackRacesThoseWhoWantThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := setUp(t, d)
		ctx := context.Background()
		op := s.cinema(t)
		expected := []error{screening.ErrNotReleased, screening.ErrHallBusy, cinema.ErrHoursUsed, cinema.ErrNoHours, screening.ErrDecided,
			screening.ErrRivals, errs.ErrNotFound}
		fails := make(chan error, 1000)
		taken, used := 0, 0
		for round := range 6 {
			from := 96 + round*30
			s.apply(t, op, s.hours(cinema.HoursRelease, from, from+12))
			var ids []int64
			for i := range 3 {
				ids = append(ids, s.Ask(t, []auth.Actor{s.Secretary, s.Rival}[i%2], s.At(from+i)).ID)
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
					case errors.Is(err, cinema.ErrHoursUsed):
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
				cut := models.Span{Start: s.At(from + i*3), End: s.At(from + i*3 + 3)}
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
					_, err := s.Shows.AskHall(ctx, s.Rival, s.Wish(cut.Start))
					return err
				})
				try(func() error {
					_, err := s.Shows.Schedule(ctx, s.Scheduler, screening.Plans{FilmID: s.Film.ID, StartsAt: cut.Start, Audience: models.AudiencePublic})
					return err
				})
				try(func() error {
					_, err := s.svc.ApplyHours(ctx, op, s.hours(cinema.HoursBlock, from+i*3, from+i*3+1), "")
					return err
				})
			}
			for i, id := range ids {
				try(func() error {
					if i == 0 {
						_, err := s.Shows.Decline(ctx, s.Scheduler, id, "改日")
						return err
					}
					_, err := s.Shows.Approve(ctx, s.Scheduler, id, nil)
					return err
				})
			}
			wg.Wait()
			s.MustKeepHours(t)
		}
		close(fails)
		for err := range fails {
			require.NoError(t, err)
		}
		require.Positive(t, taken+used, "hours were taken back or refused")
		s.MustBeClean(t)
	})
}
