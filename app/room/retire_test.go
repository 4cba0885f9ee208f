package room_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func (w *world) only(r room.Room) room.Target { return room.Target{VenueID: w.venue, RoomID: &r.ID} }

// names are what somebody who looks for a room is shown.
func (w *world) names(t *testing.T) (out []string) {
	t.Helper()
	all, err := w.Rooms(t.Context(), room.Filter{Kind: "any"})
	require.NoError(t, err)
	for _, r := range all {
		out = append(out, r.Title())
	}
	return out
}

// A room is retired once nothing is to come there: bookings, those that queue, those that
// recur, and what other features take are named first. Its past stays, and it comes back.
func TestRetire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		kinds := func(target room.Target) (out []string) {
			all, err := w.Uses(t.Context(), w.staff, target)
			require.NoError(t, err)
			for _, u := range all {
				out = append(out, u.Kind+" "+u.Resource)
			}
			err = w.Retire(t.Context(), w.staff, target, "装修")
			require.ErrorIs(t, err, room.ErrInUse)
			require.Len(t, errs.As(err).Extra["uses"], len(all))
			return out
		}
		along := wish(w.dance, at(24, 9, 0), at(24, 10, 0))
		along.Extras = []int64{w.projector.ID}
		past, err := w.Book(t.Context(), me, along)
		require.NoError(t, err)
		whole, err := w.Book(t.Context(), me, wish(w.whole, at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		require.Equal(t, []string{"room_booking 舞蹈室"}, kinds(w.only(w.projector)), "it goes along")
		require.Equal(t, []string{"room_booking 乒乓球室"}, kinds(w.only(w.whole)))
		require.Len(t, kinds(room.Target{VenueID: w.venue}), 2)
		w.write(t, func(tx *db.Tx) error {
			_, err := booking.Reserve(tx, booking.Source{Kind: "activity", ID: 7}, booking.Claim{ResourceID: w.dance.ID, Span: models.Span{Start: at(27, 9, 0), End: at(27, 10, 0)}})
			return err
		})
		require.Equal(t, []string{"room_booking 舞蹈室", "activity 舞蹈室"}, kinds(w.only(w.dance)))
		require.ErrorIs(t, w.Retire(t.Context(), me, w.only(w.dance), ""), errs.ErrForbidden)

		// The whole room goes on without one of its tables, and takes it again when that is back.
		require.NoError(t, w.Retire(t.Context(), w.staff, w.only(w.tables[1]), "坏了"))
		require.Equal(t, []string{"乒乓球室", "乒乓球室 · 1号台", "舞蹈室", "投影仪"}, w.names(t))
		again, err := w.Book(t.Context(), other, wish(w.whole, at(26, 11, 0), at(26, 12, 0)))
		require.NoError(t, err)
		_, err = w.Book(t.Context(), other, wish(w.tables[1], at(26, 14, 0), at(26, 15, 0)))
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = w.FirstFree(t.Context(), room.Search{Wanted: []room.Wanted{{ID: w.tables[1].ID}}, Minutes: 60, From: models.DayOf(at(26, 9, 0), shanghai), To: models.DayOf(at(26, 9, 0), shanghai)})
		require.Equal(t, errs.Invalid, errs.As(err).Kind, "nor is it looked for: %v", err)
		_, err = w.Cancel(t.Context(), me, whole.ID, "", models.ChannelOnline)
		require.NoError(t, err, "what took it before is let go as before")
		require.NoError(t, w.Restore(t.Context(), w.staff, w.only(w.tables[1])))
		_, err = w.Book(t.Context(), me, wish(w.tables[1], at(26, 11, 0), at(26, 12, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken, "with the room")
		_, err = w.Book(t.Context(), me, wish(w.tables[1], at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)

		clock.Set(at(28, 9, 0).Time())
		for _, due := range []func() (int, error){func() (int, error) { return w.ReleaseNoShows(t.Context(), clock.Instant()) }, func() (int, error) { return w.FinishDue(t.Context(), clock.Instant()) }} {
			_, err := due()
			require.NoError(t, err)
		}
		require.NoError(t, w.Retire(t.Context(), w.staff, room.Target{VenueID: w.venue}, "搬走"))
		require.Empty(t, w.names(t))
		all, err := w.Venues(t.Context())
		require.NoError(t, err)
		require.Empty(t, all)
		for _, id := range []string{past.ID, again.ID} {
			b, err := w.Get(t.Context(), w.staff, id)
			require.NoError(t, err)
			require.Equal(t, "活动中心", b.Venue)
		}
		require.ErrorIs(t, w.Restore(t.Context(), w.staff, w.only(w.dance)), room.ErrWholeRetired)
		gone, err := w.Gone(t.Context(), w.staff)
		require.NoError(t, err)
		require.Len(t, gone, 1)
		clock.Advance(time.Hour)
		require.NoError(t, w.Restore(t.Context(), w.staff, gone[0].Target()))
		require.Len(t, w.names(t), 5)
		_, err = w.Book(t.Context(), me, wish(w.dance, at(28, 14, 0), at(28, 15, 0)))
		require.NoError(t, err)
	})
}

// A table that is closed on its own comes back to a room that was given away meanwhile
// only when it could be in that: the closure is named, and once it is over or ended the
// table is taken with the room. What is closed at another time is in nobody's way.
func TestATableComesBackToWhatTakesItsRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		table := w.tables[1]
		closed := func(day int) room.Closure {
			c, err := w.Close(t.Context(), w.staff, room.Closing{RoomID: table.ID, Span: models.Span{Start: at(day, 8, 0), End: at(day, 18, 0)}, Reason: "换台面"})
			require.NoError(t, err)
			require.Equal(t, models.ClosureClosed, c.Status)
			return c
		}
		closed(24)
		closed(25)
		c := closed(26)
		require.NoError(t, w.Retire(t.Context(), w.staff, w.only(table), "坏了"))
		for _, day := range []int{25, 26, 27} {
			_, err := w.Book(t.Context(), me, wish(w.whole, at(day, 9, 0), at(day, 10, 0)))
			require.NoError(t, err)
		}
		clock.Set(at(25, 11, 0).Time()) // what took the room on the 25th is over
		err := w.Restore(t.Context(), w.staff, w.only(table))
		require.ErrorIs(t, err, room.ErrClosedApart)
		told := errs.As(err)
		require.Equal(t, c.ID, told.Extra["closure"])
		require.Equal(t, at(26, 18, 0), told.Args["until"])
		require.Equal(t, []booking.Conflict{{ResourceID: w.whole.ID, Resource: "乒乓球室", Start: at(26, 9, 0), End: at(26, 10, 0), Kind: room.Source}}, told.Extra["conflicts"])
		_, err = w.Reopen(t.Context(), w.staff, c.ID)
		require.NoError(t, err)
		require.NoError(t, w.Restore(t.Context(), w.staff, w.only(table)))
		_, err = w.Book(t.Context(), other, wish(table, at(26, 9, 0), at(26, 10, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken, "with the room")
		_, err = w.Book(t.Context(), other, wish(table, at(25, 15, 0), at(25, 16, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken, "closed still")
		require.Zero(t, w.overlaps(t))
	})
}

// A booking that recurs keeps its room, though nothing of it may be booked just now.
func TestWhatRecursIsInUse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		me := w.actor(t, "me")
		one := wish(w.dance, at(24, 9, 0), at(24, 10, 0))
		one.Rule = "FREQ=MONTHLY;INTERVAL=6"
		_, err := w.Book(t.Context(), me, one)
		require.NoError(t, err)
		clock.Set(at(25, 9, 0).Time())
		_, err = w.ReleaseNoShows(t.Context(), clock.Instant())
		require.NoError(t, err)
		all, err := w.Uses(t.Context(), w.staff, w.only(w.dance))
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "room_series", all[0].Kind)
	})
}

// A booking that races the retiring never lands on a retired room, and who retires never
// passes over a booking: whoever is first.
func TestNobodyBooksWhatIsRetiredMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me := w.actor(t, "me")
		retire := func(r room.Room) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { return w.RetireIn(tx, w.staff, w.only(r)) }
		}
		require.ErrorIs(t, w.meanwhile(t, retire(w.dance), func() error {
			_, err := w.Book(t.Context(), me, wish(w.dance, at(26, 9, 0), at(26, 10, 0)))
			return err
		}), errs.ErrNotFound)

		p, err := w.Book(t.Context(), me, wish(w.tables[0], at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		err = w.meanwhile(t, retire(w.tables[1]), func() error {
			_, err := w.Move(t.Context(), w.staff, p.ID, room.Moving{Another: room.Another{Span: models.Span{Start: at(26, 9, 0), End: at(26, 10, 0)}, RoomID: w.tables[1].ID}})
			return err
		})
		require.Equal(t, errs.Invalid, errs.As(err).Kind, "%v", err)

		claims := []booking.Claim{{ResourceID: w.projector.ID, Span: models.Span{Start: at(26, 9, 0), End: at(26, 10, 0)}}}
		require.ErrorIs(t, w.meanwhile(t, retire(w.projector), func() error { // another feature, with what it read before
			return w.db.Write(t.Context(), func(tx *db.Tx) error {
				_, err := booking.Reserve(tx, booking.Source{Kind: "activity", ID: 1}, claims...)
				return err
			})
		}), booking.ErrRetired)

		require.ErrorIs(t, w.meanwhile(t, func(tx *db.Tx) error {
			_, err := booking.Reserve(tx, booking.Source{Kind: "activity", ID: 2}, booking.Claim{ResourceID: w.whole.ID, Span: models.Span{Start: at(27, 9, 0), End: at(27, 10, 0)}})
			return err
		}, func() error { return w.Retire(t.Context(), w.staff, w.only(w.whole), "") }), room.ErrInUse)
		require.Zero(t, w.overlaps(t))
	})
}

// Who books the whole room while one of its tables is taken back has that table too.
func TestATableThatIsTakenBackMeanwhileGoesWithItsRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		table := w.tables[1]
		require.NoError(t, w.Retire(t.Context(), w.staff, w.only(table), "坏了"))
		require.NoError(t, w.meanwhile(t, func(tx *db.Tx) error { return w.RestoreIn(tx, w.staff, w.only(table)) }, func() error {
			_, err := w.Book(t.Context(), me, wish(w.whole, at(26, 9, 0), at(26, 10, 0)))
			return err
		}))
		_, err := w.Book(t.Context(), other, wish(table, at(26, 9, 0), at(26, 10, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken)
	})
}

// What closes a venue closes the rooms that come to it, or are taken back, too; who
// closes it waits for who takes one back.
func TestWhatComesToAClosedVenueIsClosed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me := w.actor(t, "me")
		closed := func(r room.Room, day int) {
			t.Helper()
			_, err := w.Book(t.Context(), me, wish(r, at(day, 9, 0), at(day, 10, 0)))
			require.ErrorIs(t, err, booking.ErrResourceTaken, r.Title())
		}
		shut := func(day int) error {
			_, err := w.Close(t.Context(), w.staff, room.Closing{VenueID: w.venue, Span: models.Span{Start: at(day, 8, 0), End: at(day, 12, 0)}, Reason: "停电"})
			return err
		}
		require.NoError(t, w.Retire(t.Context(), w.staff, w.only(w.dance), "装修"))
		require.NoError(t, w.Retire(t.Context(), w.staff, w.only(w.tables[1]), "坏了"))
		require.NoError(t, shut(26))
		fresh := w.room(t, room.Entry{Kind: models.RoomWhole, Name: "书法室", Use: "calligraphy", Capacity: 10})
		require.NoError(t, w.Restore(t.Context(), w.staff, w.only(w.tables[1])))
		require.NoError(t, w.meanwhile(t, func(tx *db.Tx) error { return w.RestoreIn(tx, w.staff, w.only(w.dance)) }, func() error { return shut(27) }))
		for _, r := range []room.Room{fresh, w.tables[1], w.dance} {
			closed(r, 26)
			closed(r, 27)
		}
		require.Zero(t, w.overlaps(t))
	})
}
