package booking_test

import (
	"fmt"
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
