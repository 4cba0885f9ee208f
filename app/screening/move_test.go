package screening_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// to is a wish to have a screening of the stage's film begin at some time.
func (s *stage) to(v screening.Show, start models.Instant, reason string) screening.Moving {
	return screening.Moving{Relocation: models.Relocation{Span: models.Span{Start: start, End: start.Add(v.EndsAt.Sub(v.StartsAt))}, Reason: reason}}
}

// occupied is when the hall is taken for a screening.
func (s *stage) occupied(t *testing.T, id int64) (out []models.Span) {
	t.Helper()
	var rows []struct{ StartsAt, EndsAt models.Instant }
	s.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&rows, `SELECT starts_at, ends_at FROM occupancies WHERE source_kind = 'screening' AND source_id = ?`, id)
	})
	for _, r := range rows {
		out = append(out, models.Span{Start: r.StartsAt, End: r.EndsAt})
	}
	return out
}

func TestAMovedScreeningKeepsItsPeopleAndTellsEachOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		v := s.puton(t, at(100))
		people := s.Accounts(t, 10)
		var mine screening.Ticket
		booked := 0
		for _, who := range people[:9] {
			p, err := s.svc.Book(ctx, who, screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 20}})
			if errors.Is(err, booking.ErrFull) {
				break
			}
			require.NoError(t, err)
			if booked++; booked == 1 {
				mine, err = s.svc.Ticket(ctx, who, p.ID)
				require.NoError(t, err)
			}
		}
		_, err := s.svc.Join(ctx, people[9], screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 20}})
		require.NoError(t, err)

		try := s.to(v, at(120), "")
		try.Only = true
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, try)
		require.NoError(t, err)
		require.Equal(t, at(100), s.Saved(t, v.ID).StartsAt, "trying moves nothing")
		require.Zero(t, s.told(t, "screening_moved"), "and tells nobody")

		_, err = s.svc.Move(ctx, s.branch, v.ID, s.to(v, at(120), ""))
		require.ErrorIs(t, err, errs.ErrForbidden)
		longer := s.to(v, at(120), "")
		longer.Span.End = longer.Span.End.Add(time.Minute)
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, longer)
		require.ErrorIs(t, err, screening.ErrLength)
		elsewhere := s.to(v, at(120), "")
		elsewhere.ResourceID = v.ResourceID + 1
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, elsewhere)
		require.ErrorIs(t, err, screening.ErrOtherHall)
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(-1), ""))
		require.ErrorIs(t, err, screening.ErrPast)
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(89*24).Add(23*time.Hour), ""))
		require.ErrorIs(t, err, screening.ErrLicence)

		now, err := s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(120), "放映机检修"))
		require.NoError(t, err)
		require.Equal(t, at(120), now.StartsAt)
		require.Equal(t, at(120), now.ClosesAt, "booking goes on until the start")
		require.Equal(t, at(118), now.CancelUntil)
		_, occupied := models.ScreeningSpans(at(120), v.OathMin, v.RuntimeMin, v.CleanupMin)
		require.Equal(t, []models.Span{occupied}, s.occupied(t, v.ID), "oath and clean-up go along, the old time is free")
		got, err := s.svc.Ticket(ctx, people[0], mine.ID)
		require.NoError(t, err)
		require.Equal(t, mine.Seats, got.Seats)
		require.Equal(t, booked, s.told(t, "screening_moved"))
		require.Equal(t, 1, s.told(t, "screening_moved_waiting"))
		require.NoError(t, s.svc.Keep(ctx, people[0], mine.ID))
		require.ErrorIs(t, s.svc.Keep(ctx, people[1], mine.ID), errs.ErrNotFound)

		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(120), "放映机检修"))
		require.NoError(t, err)
		require.Equal(t, booked, s.told(t, "screening_moved"), "where it is already: nobody is told again")

		// Taken back: as it was, and nothing says that it was ever elsewhere.
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(100), ""))
		require.NoError(t, err)
		require.Equal(t, 1, s.count(t, `SELECT COUNT(*) FROM screenings WHERE id = ? AND moved_from IS NULL`, v.ID))
		back := s.Saved(t, v.ID)
		require.Equal(t, []models.Instant{v.StartsAt, v.EndsAt, v.OpensAt, v.ClosesAt, v.CancelUntil},
			[]models.Instant{back.StartsAt, back.EndsAt, back.OpensAt.Add(20 * time.Hour), back.ClosesAt, back.CancelUntil}, "booking opens no later than it did")
		s.MustBeClean(t)

		// At short notice people may give back until it begins.
		clock.Set(at(90).Time())
		soon, err := s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(94), "停电"))
		require.NoError(t, err)
		require.Equal(t, at(94), soon.CancelUntil)
		later, err := s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(120), ""))
		require.NoError(t, err)
		require.Equal(t, at(118), later.CancelUntil, "far off again, the usual rule again")
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(94), "停电"))
		require.NoError(t, err)
		clock.Set(at(94).Time())
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(110), ""))
		require.ErrorIs(t, err, booking.ErrOver, "it has begun")
	})
}

func TestAMoveNamesAllThatIsInTheWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		v, first, second := s.puton(t, at(100)), s.puton(t, at(120)), s.puton(t, at(123))
		_, err := s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(121), ""))
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		refusal := errs.As(err)
		conflicts := refusal.Extra["conflicts"].([]booking.Conflict)
		require.Len(t, conflicts, 2)
		require.Equal(t, []models.Instant{first.StartsAt, second.StartsAt}, []models.Instant{conflicts[0].Start, conflicts[1].Start})
		require.NotEmpty(t, refusal.Extra["suggestions"])
		require.Equal(t, at(100), s.Saved(t, v.ID).StartsAt)
		require.Len(t, s.occupied(t, v.ID), 1, "it keeps its time")

		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(101), ""))
		require.NoError(t, err, "its own old time is not in its way")
		s.MustBeClean(t)
	})
}

// Released hours are the cinema's yes: inside them a confirmed screening stays so
// and the cinema is told; without them it is asked first.
func TestAMovedScreeningKeepsToTheCinemasWord(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 96, 144)
		v, planned := s.puton(t, at(100)), s.puton(t, at(110))
		_, err := s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "张放映"})
		require.NoError(t, err)
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(142), ""))
		require.ErrorIs(t, err, screening.ErrNotReleased)
		require.Len(t, s.occupied(t, v.ID), 1)
		now, err := s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(120), "换场"))
		require.NoError(t, err)
		require.Equal(t, models.EventOpen, now.State)
		require.Equal(t, "张放映", now.Shown.ShownBy)
		require.Equal(t, 1, s.told(t, "screening_moved_staff"))
		clock.Set(dbtest.Start.Add(time.Minute))
		again, err := s.svc.Move(ctx, s.scheduler, planned.ID, s.to(planned, at(130), ""))
		require.NoError(t, err)
		require.Equal(t, models.EventPlanned, again.State)
		require.Equal(t, 1, s.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'screening_to_confirm' AND channel = 'inbox' AND vars LIKE ?`, "%"+at(130).String()+"%"),
			"the yes that is awaited is to the new time")
		s.MustKeepHours(t)

		// A branch that has the whole hall is told, and its request stands at the new time.
		q := s.ask(t, s.branch, at(104))
		q, err = s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		q, err = s.svc.Confirm(ctx, op, q.ID, screening.Answer{})
		require.NoError(t, err)
		whole, err := s.svc.Get(ctx, *q.EventID)
		require.NoError(t, err)
		_, err = s.svc.Move(ctx, s.scheduler, whole.ID, s.to(whole, at(99), ""))
		require.NoError(t, err)
		q, err = s.svc.Request(ctx, s.branch, q.ID)
		require.NoError(t, err)
		require.Equal(t, at(99), q.StartsAt)
		require.Equal(t, 1, s.told(t, "screening_moved"))
		s.MustBeClean(t)

		s.cinemaRules(t, models.ConfirmAfter)
		_, err = s.svc.Move(ctx, s.scheduler, v.ID, s.to(v, at(124), ""))
		require.ErrorIs(t, err, screening.ErrAgreed, "it has released no hours, and said yes to one time")
	})
}

func TestTwoMovesToOneTimeHaveOneWinner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		const n = 8
		var shows [n]screening.Show
		for i := range shows {
			shows[i] = s.puton(t, at(100+6*i))
		}
		for round := range 3 {
			free := at(200 + 10*round)
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := 0
			for _, v := range shows {
				wg.Go(func() {
					_, err := s.svc.Move(context.Background(), s.scheduler, v.ID, s.to(v, free, ""))
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case !errors.Is(err, booking.ErrResourceTaken):
						t.Errorf("move: %v", err)
					}
				})
			}
			wg.Wait()
			require.Equal(t, 1, won)
		}
		require.Equal(t, n, s.count(t, `SELECT COUNT(*) FROM occupancies`), "each has one time")
		s.MustBeClean(t)
	})
}

// cinemaRules gives the stage's hall other rules, and all hours.
func (s *stage) cinemaRules(t *testing.T, confirm models.ConfirmOrder) {
	t.Helper()
	s.Write(t, func(tx *db.Tx) error {
		return venue.SetRules(tx, s.Hall.ID, venue.Rules{Hours: venue.AllHours, Confirm: confirm})
	})
}
