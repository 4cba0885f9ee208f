package room_test

import (
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// meanwhile lets do begin while another transaction has done first and is not yet
// committed: what do reads before it must wait is out of date when it goes on. It
// returns what do came to.
func (w *world) meanwhile(t *testing.T, first func(tx *db.Tx) error, do func() error) error {
	t.Helper()
	came := make(chan error, 1)
	w.write(t, func(tx *db.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		go func() { came <- do() }()
		if w.db.Engine() == db.SQLite {
			return nil // its one writer does not so much as begin
		}
		for range 2000 {
			var waiting int
			err := w.db.Read(t.Context(), func(tx *db.Tx) error {
				return tx.Scan(&waiting, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
			})
			if err != nil || waiting > 0 {
				return err
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Error("nobody waits")
		return nil
	})
	return <-came
}

// A request that moves to another table while somebody waits to approve it is approved
// where it is by then: whoever wants the table it has left is no rival of it.
func TestWhatMovesMeanwhileIsJudgedWhereItIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = true })
		me, other := w.actor(t, "me"), w.actor(t, "other")
		mine, err := w.Book(t.Context(), me, wish(w.tables[0], at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		theirs, err := w.Book(t.Context(), other, wish(w.tables[0], at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		require.False(t, theirs.Holds)
		require.NoError(t, w.meanwhile(t, func(tx *db.Tx) error {
			return w.MoveIn(tx, me, mine.ID, room.Moving{Another: room.Another{Span: models.Span{Start: at(26, 9, 0), End: at(26, 10, 0)}, RoomID: w.tables[1].ID}})
		}, func() error {
			_, err := w.Approve(t.Context(), w.staff, mine.ID, []string{theirs.ID})
			return err
		}))
		b, err := w.Get(t.Context(), me, mine.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
		require.Equal(t, w.tables[1].ID, b.RoomID)
		b, err = w.Get(t.Context(), other, theirs.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomPending, b.Status, "the table is theirs now, nobody's rival")
		require.True(t, b.Holds)
	})
}

// A request that is cancelled while the time it queues for is given away stays
// cancelled, though it also takes what nobody had locked.
func TestWhatIsCancelledMeanwhileIsNotPromoted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = true })
		me, rival, queues := w.actor(t, "me"), w.actor(t, "rival"), w.actor(t, "queues")
		one := wish(w.dance, at(26, 9, 0), at(26, 10, 0))
		one.Extras = []int64{w.projector.ID}
		first, err := w.Book(t.Context(), rival, one)
		require.NoError(t, err)
		two := wish(w.whole, at(26, 9, 0), at(26, 10, 0))
		two.Extras = []int64{w.projector.ID}
		next, err := w.Book(t.Context(), queues, two)
		require.NoError(t, err)
		require.False(t, next.Holds, "behind who has the projector")
		mine, err := w.Book(t.Context(), me, wish(w.dance, at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		require.NoError(t, w.meanwhile(t, func(tx *db.Tx) error { return w.CancelIn(tx, queues, next.ID) }, func() error {
			_, err := w.Approve(t.Context(), w.staff, mine.ID, []string{first.ID})
			return err
		}))
		b, err := w.Get(t.Context(), queues, next.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomCancelled, b.Status)
		other := wish(w.whole, at(26, 9, 0), at(26, 10, 0))
		other.Extras = []int64{w.projector.ID}
		again, err := w.Book(t.Context(), rival, other)
		require.NoError(t, err)
		require.True(t, again.Holds, "nobody has its time")
	})
}

// A table that comes to a room while the whole room is booked is booked with it.
func TestATableThatComesMeanwhileIsTakenToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		var table room.Room
		require.NoError(t, w.meanwhile(t, func(tx *db.Tx) (err error) {
			table, err = w.SaveRoomIn(tx, w.staff, room.Entry{VenueID: w.venue, Kind: models.RoomUnit, WholeID: &w.whole.ID, Name: "3号台", Use: "table_tennis", Capacity: 4})
			return err
		}, func() error {
			_, err := w.Book(t.Context(), me, wish(w.whole, at(26, 9, 0), at(26, 10, 0)))
			return err
		}))
		_, err := w.Book(t.Context(), other, wish(table, at(26, 9, 0), at(26, 10, 0)))
		require.Equal(t, errs.Conflict, errs.As(err).Kind)
	})
}
