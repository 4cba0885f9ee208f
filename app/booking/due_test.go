package booking_test

import (
	"fmt"
	"strings"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// An event that cannot be closed is reported, and the others are closed all the same.
func TestOneEventKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := bookingtest.New(t, dbtest.Open(t, db.SQLite, clock), booking.Options{})
	bad, good := w.Places(t, 3), w.Places(t, 3)
	w.Stuck(t, "events", fmt.Sprintf("OLD.id = %d", bad.ID))
	clock.Set(good.EndsAt.Time())
	n, err := w.Kernel.FinishDue(t.Context(), clock.Instant())
	require.ErrorContains(t, err, fmt.Sprintf("event %d", bad.ID))
	require.Equal(t, 1, n)
	require.Equal(t, models.EventFinished, w.Saved(t, good.ID).State)
}

// More events that cannot be closed than one run takes on stand before one that can: it
// has its turn in the same run all the same.
func TestWhatCannotBeDoneStarvesNothingBehindIt(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := bookingtest.New(t, dbtest.Open(t, db.SQLite, clock), booking.Options{})
	first := w.Places(t, 3)
	const bad = 201
	w.Write(t, func(tx *db.Tx) error {
		for range bad - 1 {
			e := first
			e.ID, e.Version = 0, 0
			if err := w.Kernel.OpenPlaces(tx, &e, 3); err != nil {
				return err
			}
		}
		return nil
	})
	good := w.Places(t, 3)
	w.Stuck(t, "events", fmt.Sprintf("OLD.id < %d", good.ID))
	clock.Set(good.EndsAt.Time())
	n, err := w.Kernel.FinishDue(t.Context(), clock.Instant())
	require.ErrorContains(t, err, fmt.Sprintf("event %d", first.ID))
	require.Equal(t, bad, strings.Count(err.Error(), "event "), "each is told of once")
	require.Equal(t, 1, n)
	require.Equal(t, models.EventFinished, w.Saved(t, good.ID).State)
}
