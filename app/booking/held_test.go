package booking_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// hold asks for a block of n seats that waits for a decision.
func hold(t *testing.T, w *bookingtest.World, e models.Event, n int) booking.Placed {
	t.Helper()
	o := bookingtest.Together(e, w.Staff, n)
	o.Reach, o.ForBranch, o.OrgID, o.Status = booking.ReachBlock, true, &w.Branch.ID, models.BookingHeld
	var p booking.Placed
	w.Write(t, func(tx *db.Tx) (err error) { p, err = w.Kernel.BookIn(tx, o); return err })
	return p
}

// locked runs a move on a locked booking.
func locked(t *testing.T, w *bookingtest.World, id string, move func(*db.Tx, models.Booking, models.Event, booking.Cancelling) (models.Booking, error)) (b models.Booking, err error) {
	t.Helper()
	err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
		old, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		b, err = move(tx, old, e, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelOnline})
		return err
	})
	return b, err
}

func TestAHeldBookingKeepsItsSeatsUntilItIsDecided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 20)
		p := hold(t, w, e, 60)
		require.Equal(t, models.BookingHeld, p.Status)
		require.Len(t, p.Seats, 60, "more than one booking may have online")
		_, err := w.Kernel.Book(t.Context(), bookingtest.Chosen(e, w.Account(t), p.Seats[0].ID))
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "1"})
		require.ErrorIs(t, err, booking.ErrHeld)
		w.MustBeClean(t)
		var told int
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&told, `SELECT COUNT(*) FROM outbox`) })
		require.Zero(t, told, "nobody is told of a booking that is none yet")

		b, err := locked(t, w, p.ID, w.Kernel.Confirm)
		require.NoError(t, err)
		require.Equal(t, models.BookingBooked, b.Status)
		_, err = locked(t, w, p.ID, w.Kernel.Confirm)
		require.ErrorIs(t, err, booking.ErrNotBooked)
		_, err = locked(t, w, p.ID, w.Kernel.LetGo)
		require.ErrorIs(t, err, booking.ErrNotBooked, "what is booked is cancelled, not let go")

		other := hold(t, w, e, 30)
		require.Equal(t, 90, w.Saved(t, e.ID).Taken)
		var door booking.DoorCount
		require.NoError(t, w.DB.Read(t.Context(), func(tx *db.Tx) (err error) { door, err = booking.CountAtDoor(tx, w.Saved(t, e.ID)); return err }))
		require.Equal(t, 60, door.Expected, "who is not decided about is not expected")
		_, err = locked(t, w, other.ID, w.Kernel.LetGo)
		require.NoError(t, err)
		require.Equal(t, 60, w.Saved(t, e.ID).Taken)
		w.MustBeClean(t)

		// A hold that nobody ended in time goes after the event, too.
		late := hold(t, w, e, 5)
		clock.Set(e.EndsAt.Time().Add(time.Minute))
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		_, err = locked(t, w, late.ID, w.Kernel.Confirm)
		require.ErrorIs(t, err, booking.ErrOver)
		b, err = locked(t, w, late.ID, w.Kernel.LetGo)
		require.NoError(t, err)
		require.Equal(t, models.BookingCancelled, b.Status)
		w.MustBeClean(t)
	})
}

func TestCallingOffEndsHeldBookingsToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 0)
		p := hold(t, w, e, 40)
		w.Write(t, func(tx *db.Tx) error {
			n, err := w.Kernel.CancelAll(tx, e.ID, booking.Cancelling{Actor: w.Staff, Reason: "x", Limit: booking.AtAnyTime})
			require.Equal(t, 1, n)
			return err
		})
		require.Zero(t, w.Saved(t, e.ID).Taken)
		_, err := locked(t, w, p.ID, w.Kernel.Confirm)
		require.ErrorIs(t, err, booking.ErrNotBooked)
		w.MustBeClean(t)
	})
}
