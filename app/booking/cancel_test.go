package booking_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func byHolder(a auth.Actor) booking.Cancelling {
	return booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: "ill", Limit: booking.UntilLimit}
}

// each runs fn in a world of its own on both engines.
func each(t *testing.T, fn func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fn(t, bookingtest.New(t, d, booking.Options{}), clock)
	})
}

func TestCancelledSeatsAreFreeAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, who, other := w.Event(t, 20), w.Account(t), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 4))
		var ids []int64
		for _, s := range p.Seats {
			ids = append(ids, s.ID)
		}
		_, err := w.Kernel.Book(t.Context(), bookingtest.Chosen(e, other, ids...))
		require.ErrorIs(t, err, booking.ErrSeatTaken)

		b, err := w.Cancel(p.ID, byHolder(who))
		require.NoError(t, err)
		require.Equal(t, models.BookingCancelled, b.Status)
		require.Equal(t, clock.Instant(), b.CancelledAt)
		require.Zero(t, w.Saved(t, e.ID).Taken)
		w.MustBeClean(t)

		again, err := w.Cancel(p.ID, byHolder(who))
		require.NoError(t, err, "cancelling twice is no fault")
		require.Equal(t, models.BookingCancelled, again.Status)

		second := w.MustBook(t, bookingtest.Chosen(e, other, ids...))
		require.NotEqual(t, p.Code, second.Code)
		w.Read(t, func(tx *db.Tx) error {
			seats, err := booking.SeatsOf(tx, p.ID, second.ID)
			require.Equal(t, map[string][]booking.SeatRef{p.ID: p.Seats, second.ID: second.Seats}, seats, "what it had is still told")
			return err
		})
		w.MustBeClean(t)
	})
}

func TestUntilWhenOneMayCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		for _, c := range []struct {
			name   string
			before time.Duration // the event's start
			limit  booking.CancelLimit
			want   *errs.Error
		}{
			{"booker, in time", 2*time.Hour + time.Microsecond, booking.UntilLimit, nil},
			{"booker, at the limit", 2 * time.Hour, booking.UntilLimit, booking.ErrCancelLate},
			{"desk, after the limit", time.Hour, booking.UntilStart, nil},
			{"desk, at the start", 0, booking.UntilStart, booking.ErrCancelLate},
			{"staff, during the event", -time.Hour, booking.AtAnyTime, nil},
		} {
			clock.Set(dbtest.Start)
			e, who := w.Event(t, 0), w.Account(t)
			p := w.MustBook(t, bookingtest.Together(e, who, 2))
			clock.Set(e.StartsAt.Add(-c.before).Time())
			by := byHolder(who)
			by.Limit = c.limit
			_, err := w.Cancel(p.ID, by)
			if c.want == nil {
				require.NoError(t, err, c.name)
				continue
			}
			require.ErrorIs(t, err, c.want, c.name)
			require.Equal(t, 2, w.Saved(t, e.ID).Taken)
		}
		_, err := w.Cancel("0192f0f0-0000-7000-8000-000000000000", byHolder(w.Account(t)))
		require.ErrorIs(t, err, errs.ErrNotFound)
		w.MustBeClean(t)
	})
}

func TestWhoHasArrivedStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0, bookingtest.Today), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 2))
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "n", Seats: []int64{p.Seats[0].ID}})
		require.NoError(t, err)
		_, err = w.Cancel(p.ID, byHolder(who))
		require.ErrorIs(t, err, booking.ErrArrived)
		w.MustBeClean(t)
	})
}

// The line of the log and the messages are those of the one commit.
func TestEachMoveIsWrittenDownAndTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		o := bookingtest.Together(e, who, 2)
		o.Actor.RequestID = "req-1"
		p := w.MustBook(t, o)
		_, err := w.Kernel.Book(t.Context(), bookingtest.Chosen(e, who, p.Seats[0].ID))
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		_, err = w.Cancel(p.ID, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelPhone, Reason: "power cut", Limit: booking.AtAnyTime})
		require.NoError(t, err)

		var lines []models.Audit
		var kinds []string
		w.Read(t, func(tx *db.Tx) error {
			return errors.Join(tx.Scan(&lines, `SELECT * FROM audit_log WHERE subject_kind = 'booking' ORDER BY id`),
				tx.Scan(&kinds, `SELECT kind || ' ' || state FROM outbox WHERE channel = 'inbox' AND subject = ? ORDER BY id`, "booking:"+p.ID))
		})
		require.Len(t, lines, 2, "a refusal is no move")
		require.Equal(t, "booking.book", lines[0].Action)
		require.Equal(t, p.ID, lines[0].SubjectID)
		require.Equal(t, "req-1", lines[0].RequestID)
		require.Contains(t, lines[0].After, booking.JoinLabels(p.Seats))
		require.Equal(t, "booking.cancel", lines[1].Action)
		require.Equal(t, w.Staff.AccountID, lines[1].ActorID)
		require.Equal(t, models.ChannelPhone, lines[1].Channel)
		require.Equal(t, "power cut", lines[1].Reason)
		require.Equal(t, []string{"booked void", "cancelled_by_staff waiting"}, kinds)
	})
}

func TestCallingOffCancelsEveryBooking(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, other := w.Event(t, 0), w.Event(t, 0)
		for range 5 {
			w.MustBook(t, bookingtest.Together(e, w.Account(t), 3))
		}
		kept := w.MustBook(t, bookingtest.Together(other, w.Account(t), 3))
		w.Write(t, func(tx *db.Tx) error {
			if _, err := booking.LockEvents(tx, e.ID); err != nil {
				return err
			}
			n, err := w.Kernel.CancelAll(tx, e.ID, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelWindow, Reason: "fire alarm", Limit: booking.AtAnyTime})
			require.Equal(t, 5, n)
			return errors.Join(err, w.Kernel.CallOff(tx, e.ID))
		})
		require.Equal(t, models.EventCancelled, w.Saved(t, e.ID).State)
		require.Zero(t, w.Saved(t, e.ID).Taken)
		_, err := w.Kernel.Book(t.Context(), bookingtest.Together(e, w.Account(t), 1))
		require.ErrorIs(t, err, booking.ErrOver)
		require.Equal(t, len(kept.Seats), w.Saved(t, other.ID).Taken)
		w.MustBeClean(t)
	})
}

// People book and cancel while the jobs release the share and close the event,
// on two nodes. Whatever the order, the books balance, and each is told one of
// the refusals that fit.
func TestCancelRacesBookRacesClose(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		people := w.Accounts(t, 24)
		for range soak() {
			e := w.Event(t, 20)
			var early []booking.Placed
			for _, p := range people[:12] {
				early = append(early, w.MustBook(t, bookingtest.Together(e, p, 3)))
			}
			var mu sync.Mutex
			var failures []error
			note := func(err error, fits ...error) {
				for _, f := range fits {
					if errors.Is(err, f) {
						return
					}
				}
				if err != nil {
					mu.Lock()
					failures = append(failures, err)
					mu.Unlock()
				}
			}
			var all sync.WaitGroup
			start := make(chan struct{})
			run := func(f func()) { all.Go(func() { <-start; f() }) }
			closed, released := 0, 0
			for i, who := range people {
				k := nodes[i%2]
				run(func() {
					for n := range 4 {
						o := bookingtest.Together(e, who, 1+(i+n)%5)
						if i%4 == 0 {
							o.Reach = booking.ReachDesk
						}
						p, err := k.Book(context.Background(), o)
						note(err, booking.ErrFull, booking.ErrOver)
						if err == nil && n%2 == 0 {
							_, err := bookingtest.CancelOn(w.DB, k, p.ID, byHolder(who))
							note(err, booking.ErrNotBooked)
						}
					}
				})
			}
			for i, p := range early {
				run(func() {
					_, err := w.Cancel(p.ID, byHolder(people[i]))
					note(err, booking.ErrNotBooked)
				})
			}
			for _, k := range nodes {
				run(func() {
					n, err := k.ReleaseDue(context.Background(), e.ReleaseAt)
					note(err)
					mu.Lock()
					released += n
					mu.Unlock()
				})
				run(func() {
					for n := 0; n < 2000 && w.Saved(t, e.ID).Version < 60; n++ { // let it come in the middle
						time.Sleep(time.Millisecond)
					}
					n, err := k.FinishDue(context.Background(), e.EndsAt)
					note(err)
					mu.Lock()
					closed += n
					mu.Unlock()
				})
			}
			close(start)
			all.Wait()
			require.NoError(t, errors.Join(failures...))
			require.Equal(t, 1, closed, "one node closes it, once")
			require.LessOrEqual(t, released, 1)
			require.Equal(t, models.EventFinished, w.Saved(t, e.ID).State)
			var open int
			w.Read(t, func(tx *db.Tx) error {
				return tx.Scan(&open, `SELECT COUNT(*) FROM bookings WHERE event_id = ? AND status = 'booked'`, e.ID)
			})
			require.Zero(t, open, "nothing is booked at a closed event")
			w.MustBeClean(t)
		}
	})
}

func TestReservedSeatsAreReleasedWhenTheirTimeComes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 20)
		reserved := strings.IndexByte(e.SeatMap, 'r')
		seat := w.Plan.Seats[reserved].ID
		o := bookingtest.Chosen(e, w.Account(t), seat)
		_, err := w.Kernel.Book(t.Context(), o)
		require.ErrorIs(t, err, booking.ErrSeatTaken)

		n, err := w.Kernel.ReleaseDue(t.Context(), e.ReleaseAt.Add(-time.Microsecond))
		require.NoError(t, err)
		require.Zero(t, n)
		clock.Set(e.ReleaseAt.Time())
		n, err = w.Kernel.ReleaseDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		now := w.Saved(t, e.ID)
		require.Zero(t, now.Reserved)
		require.Equal(t, 172, now.Free())
		require.True(t, now.ReleaseAt.IsZero())
		n, err = w.Kernel.ReleaseDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n, "once")
		w.MustBook(t, o)
		w.MustBeClean(t)
	})
}

// More events are due than one run takes on: the next goes on.
func TestClosingGoesOnWithTheNextRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		hall, _ := w.AddHall(t, "small", bookingtest.Row(1))
		first := w.Event(t, 0, bookingtest.In(hall))
		w.Write(t, func(tx *db.Tx) error {
			columns := `kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at, cancel_until, max_seats, seat_map, for_sale, created_at`
			for range 8 { // 256 events
				if _, err := tx.Exec(fmt.Sprintf(`INSERT INTO events (%s) SELECT %s FROM events`, columns, columns)); err != nil {
					return err
				}
			}
			return nil
		})
		total := 0
		for _, want := range []int{200, 56, 0} {
			n, err := w.Kernel.FinishDue(t.Context(), first.EndsAt)
			require.NoError(t, err)
			require.Equal(t, want, n)
			total += n
		}
		require.Equal(t, 256, total)
	})
}
