package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// party books four seats and returns the booking with the ids of its seats.
func party(t *testing.T, w *bookingtest.World, e models.Event) (booking.Placed, []int64) {
	t.Helper()
	p := w.MustBook(t, bookingtest.Together(e, w.Account(t), 4))
	var ids []int64
	for _, s := range p.Seats {
		ids = append(ids, s.ID)
	}
	return p, ids
}

func TestASecondScanSaysWhenAndWhereTheFirstWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		p, _ := party(t, w, e)
		first, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "one", Door: "east", EventID: e.ID})
		require.NoError(t, err)
		require.Len(t, first.Checked, 4)
		require.Empty(t, first.Already)
		require.Empty(t, first.Missing)
		require.EqualValues(t, 4, first.Arrived)
		require.Equal(t, 4, first.Expected)
		then := clock.Instant()

		clock.Advance(7 * time.Minute)
		second, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "two", Door: "west"})
		require.NoError(t, err, "a second scan is an answer, not a fault")
		require.Empty(t, second.Checked)
		require.Len(t, second.Already, 4)
		for i, a := range second.Already {
			require.Equal(t, booking.Arrival{SeatID: p.Seats[i].ID, Label: p.Seats[i].Label, At: then, Door: "east"}, a)
		}
		require.EqualValues(t, 4, second.Arrived)

		replay, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "one", Door: "east", EventID: e.ID})
		require.NoError(t, err)
		require.Equal(t, first, replay, "the same nonce is the same scan")
	})
}

func TestScansWithoutANonceAreNotTakenForOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		p, _ := party(t, w, w.Event(t, 0, bookingtest.Today))
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code})
		require.NoError(t, err)
		second, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code})
		require.NoError(t, err)
		require.Empty(t, second.Checked)
		require.Len(t, second.Already, 4)
	})
}

func TestAPartyMayArriveOneByOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		p, ids := party(t, w, e)
		a, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "1", Seats: ids[1:2]})
		require.NoError(t, err)
		require.Len(t, a.Checked, 1)
		require.Len(t, a.Missing, 3)
		a, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "2", Seats: ids[:2]})
		require.NoError(t, err)
		require.Equal(t, ids[0], a.Checked[0].SeatID)
		require.Equal(t, ids[1], a.Already[0].SeatID)
		require.Len(t, a.Missing, 2)
		a, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "3"})
		require.NoError(t, err)
		require.Len(t, a.Checked, 2)
		require.Len(t, a.Already, 2)
		require.EqualValues(t, 4, a.Arrived)

		_, other := party(t, w, e)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "4", Seats: []int64{ids[0], other[0]}})
		require.ErrorIs(t, err, booking.ErrUnknownSeat, "a seat of somebody else")
	})
}

func TestWhoMayNotComeInHere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, other := w.Event(t, 0, bookingtest.Today), w.Event(t, 0, bookingtest.Today)
		p, _ := party(t, w, e)
		stranger := w.Account(t)
		stranger.Grants = []auth.Grant{w.Grant(t, stranger, auth.Scheduler, w.Station)}
		gone, _ := party(t, w, e)
		_, err := w.Cancel(gone.ID, byHolder(w.Staff))
		require.NoError(t, err)
		for name, c := range map[string]struct {
			by   auth.Actor
			scan booking.Scan
			want error
		}{
			"no such code":        {w.Staff, booking.Scan{Code: "ZZZZZZZZ"}, booking.ErrUnknownCode},
			"empty code":          {w.Staff, booking.Scan{}, booking.ErrUnknownCode},
			"another event":       {w.Staff, booking.Scan{Code: p.Code, EventID: other.ID}, booking.ErrOtherEvent},
			"another place":       {stranger, booking.Scan{Code: p.Code}, booking.ErrUnknownCode},
			"no staff":            {w.Account(t), booking.Scan{Code: p.Code}, booking.ErrUnknownCode},
			"cancelled":           {w.Staff, booking.Scan{Code: gone.Code}, booking.ErrNotBooked},
			"undo, not there":     {w.Staff, booking.Scan{Code: p.Code, Nonce: "undo"}, booking.ErrNotThere},
			"undo, another event": {w.Staff, booking.Scan{Code: p.Code, Nonce: "undo", EventID: other.ID}, booking.ErrOtherEvent},
		} {
			if c.scan.Nonce == "undo" {
				_, err = w.Kernel.UndoCheckIn(t.Context(), c.by, c.scan, "wrong")
			} else {
				c.scan.Nonce = "n"
				_, err = w.Kernel.CheckIn(t.Context(), c.by, c.scan)
			}
			require.ErrorIs(t, err, c.want, name)
		}
		var scans int
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&scans, `SELECT COUNT(*) FROM checkins`) })
		require.Zero(t, scans)

		typed := booking.ShowCode(p.Code)
		a, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: " " + typed[:2] + "-" + typed[2:] + "\u3000", Nonce: "n"})
		require.NoError(t, err, "a code is read as people type it")
		require.Len(t, a.Checked, 4)

		clock.Set(e.EndsAt.Time())
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "late"})
		require.ErrorIs(t, err, booking.ErrNotBooked)
	})
}

func TestAnUndoneScanStaysOnRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		p, ids := party(t, w, w.Event(t, 0, bookingtest.Today))
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "1", Door: "east"})
		require.NoError(t, err)
		clock.Advance(time.Minute)
		a, err := w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Seats: ids[:1]}, "wrong person")
		require.NoError(t, err)
		require.EqualValues(t, 3, a.Arrived)
		require.Equal(t, ids[0], a.Missing[0].ID)
		require.Len(t, a.Already, 3)
		_, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Seats: ids[:1]}, "again")
		require.ErrorIs(t, err, booking.ErrNotThere)

		a, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "2", Seats: ids[:1], Door: "west"})
		require.NoError(t, err)
		require.Equal(t, "west", a.Checked[0].Door)
		var scans []models.Checkin
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&scans, `SELECT * FROM checkins WHERE seat_id = ? ORDER BY id`, ids[0])
		})
		require.Len(t, scans, 2)
		require.Equal(t, "wrong person", scans[0].UndoReason)
		require.Equal(t, w.Staff.AccountID, *scans[0].UndoneBy)
		require.Equal(t, clock.Instant(), scans[0].UndoneAt)
		require.True(t, scans[1].UndoneAt.IsZero())
	})
}

func TestClosingFreezesWhoCame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, later := w.Event(t, 0, bookingtest.Today), w.Event(t, 0, bookingtest.Today)
		some, ids := party(t, w, e)
		none, _ := party(t, w, e)
		undone, _ := party(t, w, e)
		gone, _ := party(t, w, e)
		next, _ := party(t, w, later)
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: some.Code, Nonce: "1", Seats: ids[:3]})
		require.NoError(t, err)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: undone.Code, Nonce: "2"})
		require.NoError(t, err)
		_, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: undone.Code}, "left again")
		require.NoError(t, err)
		_, err = w.Cancel(gone.ID, byHolder(w.Staff))
		require.NoError(t, err)

		n, err := w.Kernel.FinishDue(t.Context(), e.EndsAt.Add(-time.Microsecond))
		require.NoError(t, err)
		require.Zero(t, n, "not while it runs")
		clock.Set(e.EndsAt.Time())
		n, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)

		status := map[string]models.BookingStatus{}
		outcomes := map[string]int{}
		w.Read(t, func(tx *db.Tx) error {
			var bs []models.Booking
			var os []string
			err := errors.Join(tx.Scan(&bs, `SELECT * FROM bookings`),
				tx.Scan(&os, `SELECT outcome FROM booking_seats WHERE event_id = ?`, e.ID))
			for _, b := range bs {
				status[b.ID] = b.Status
			}
			for _, o := range os {
				outcomes[o]++
			}
			return err
		})
		require.Equal(t, map[string]models.BookingStatus{some.ID: models.BookingAttended, none.ID: models.BookingNoShow,
			undone.ID: models.BookingNoShow, gone.ID: models.BookingCancelled, next.ID: models.BookingBooked}, status)
		require.Equal(t, map[string]int{"attended": 3, "no_show": 9, "": 4}, outcomes)
		saved := w.Saved(t, e.ID)
		require.Equal(t, models.EventFinished, saved.State)
		require.Equal(t, 3, saved.Attended)
		require.Equal(t, 12, saved.Taken)
		n, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		_, err = w.Cancel(none.ID, booking.Cancelling{Actor: w.Staff, Limit: booking.AtAnyTime})
		require.ErrorIs(t, err, booking.ErrNotBooked)
		w.MustBeClean(t)
	})
}

// Two doors scan the same party at once: each seat comes in once, and both
// doors know in the end that all are here.
func TestTwoDoorsAtOnce(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0, bookingtest.Today)
		p, ids := party(t, w, e)
		const scans = 12
		var answers [scans]booking.Arrivals
		var failures [scans]error
		var all sync.WaitGroup
		for i := range scans {
			all.Go(func() {
				s := booking.Scan{Code: p.Code, Nonce: fmt.Sprintf("n%d", i/2), Door: fmt.Sprint(i / 2)} // each scan sent twice
				if i/2%3 == 0 {
					s.Seats = ids[:2]
				}
				answers[i], failures[i] = nodes[i%2].CheckIn(context.Background(), w.Staff, s)
			})
		}
		all.Wait()
		require.NoError(t, errors.Join(failures[:]...))
		firsts := map[int64]string{}
		for i, a := range answers {
			for _, c := range a.Checked {
				if n, seen := firsts[c.SeatID]; seen {
					require.Equal(t, n, fmt.Sprintf("n%d", i/2), "seat %d came in once", c.SeatID)
				}
				firsts[c.SeatID] = fmt.Sprintf("n%d", i/2)
			}
		}
		require.Len(t, firsts, 4)
		var n int64
		w.Read(t, func(tx *db.Tx) (err error) { n, err = booking.Arrived(tx, e.ID); return err })
		require.EqualValues(t, 4, n)
	})
}
