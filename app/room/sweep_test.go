package room_test

import (
	"fmt"
	"testing"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// A booking that cannot be written is reported, and keeps no other waiting.
func TestOneBadBookingKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock))
	me, other := w.actor(t, "me"), w.actor(t, "other")
	first, err := w.Book(t.Context(), me, wish(w.tables[0], at(24, 9, 0), at(24, 10, 0)))
	require.NoError(t, err)
	second, err := w.Book(t.Context(), other, wish(w.tables[1], at(24, 9, 0), at(24, 10, 0)))
	require.NoError(t, err)
	bad, err := w.Get(t.Context(), me, first.ID)
	require.NoError(t, err)
	w.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(fmt.Sprintf(`CREATE TRIGGER stuck BEFORE UPDATE ON room_bookings WHEN OLD.id = %d BEGIN SELECT RAISE(ABORT, 'stuck'); END`, bad.ID))
		return err
	})
	says := fmt.Sprintf("room booking %d", bad.ID)
	clock.Set(at(24, 8, 0).Time())
	n, err := w.RemindDue(t.Context(), clock.Instant())
	require.ErrorContains(t, err, says)
	require.Equal(t, 1, n)
	clock.Set(at(24, 9, 15).Time())
	n, err = w.ReleaseNoShows(t.Context(), clock.Instant())
	require.ErrorContains(t, err, says)
	require.Equal(t, 1, n)
	b, err := w.Get(t.Context(), other, second.ID)
	require.NoError(t, err)
	require.Equal(t, models.RoomNoShow, b.Status)
	clock.Set(at(24, 10, 0).Time())
	_, err = w.FinishDue(t.Context(), clock.Instant())
	require.ErrorContains(t, err, says)
}
