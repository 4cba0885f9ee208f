package room_test

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func wish(r room.Room, from, to models.Instant) room.Wish {
	return room.Wish{RoomID: r.ID, Span: models.Span{Start: from, End: to}, Purpose: "练习", Attendees: 2}
}

// rule sets what residents, or organisations, may do in the venue.
func (w *world) rule(t *testing.T, who models.RoomBooker, change func(r *models.RoomRule)) {
	t.Helper()
	r := models.DefaultRoomRule(who)
	change(&r)
	require.NoError(t, w.SetRule(t.Context(), w.staff, room.Target{VenueID: w.venue}, r))
}

// Each rule refuses in its own words, and nothing has been taken.
func TestEachRuleRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.AheadDays, r.PerWeek, r.DeskPercent = 7, 2, 50 })
		me := w.actor(t, "me")
		kids := w.room(t, room.Entry{Kind: models.RoomWhole, Name: "图书室", Audience: models.RoomForChildren, Capacity: 5, SlotMin: 60, HouseRules: "安静"})
		for _, c := range []struct {
			name string
			wish room.Wish
			want *errs.Error
		}{
			{"no length", wish(w.dance, at(25, 9, 0), at(25, 9, 0)), room.ErrSpan},
			{"closed", wish(w.dance, at(25, 7, 0), at(25, 8, 30)), room.ErrClosedThen},
			{"past", wish(w.dance, at(23, 8, 30), at(23, 9, 30)), room.ErrPast},
			{"too late", wish(w.dance, at(23, 9, 0).Add(29*time.Minute), at(23, 10, 0)), room.ErrGrid},
			{"a moment too late", wish(w.dance, at(23, 9, 0), at(23, 10, 0)), room.ErrPast},
			{"too early", wish(w.dance, at(30, 9, 0).Add(24*time.Hour), at(30, 10, 0).Add(24*time.Hour)), room.ErrTooEarly},
			{"too long", wish(w.dance, at(25, 9, 0), at(25, 11, 30)), room.ErrTooLong},
			{"off the grid", wish(w.dance, at(25, 9, 10), at(25, 10, 10)), room.ErrGrid},
			{"off the slots", room.Wish{RoomID: kids.ID, Span: models.Span{Start: at(25, 9, 30), End: at(25, 10, 30)}, Attendees: 2, Guardian: "李阿姨"}, room.ErrGrid},
			{"no guardian", wish(kids, at(25, 9, 0), at(25, 10, 0)), room.ErrGuardian},
			{"house rules", room.Wish{RoomID: kids.ID, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Rules: room.RulesUnread, Attendees: 2}, room.ErrHouseRules},
			{"too many", room.Wish{RoomID: w.dance.ID, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Attendees: 31}, room.ErrCapacity},
			{"another venue's", room.Wish{RoomID: w.dance.ID, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Attendees: 1, Extras: []int64{9999}}, errs.ErrInvalid},
			{"no room", room.Wish{RoomID: 9999, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Attendees: 1}, errs.ErrNotFound},
			{"not my organisation", room.Wish{RoomID: w.dance.ID, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Attendees: 1, OrgID: w.org}, room.ErrNotOrg},
			{"not at the desk", room.Wish{RoomID: w.dance.ID, Span: models.Span{Start: at(25, 9, 0), End: at(25, 10, 0)}, Attendees: 1, Caller: booking.Caller{Name: "王奶奶"}}, booking.ErrDeskOnly},
		} {
			_, err := w.Book(t.Context(), me, c.wish)
			require.ErrorIs(t, err, c.want, c.name)
		}
		clock.Set(at(23, 9, 1).Time())
		_, err := w.Book(t.Context(), me, wish(w.dance, at(23, 9, 30), at(23, 10, 0)))
		require.ErrorIs(t, err, room.ErrTooLate)

		for _, hour := range []int{9, 11} {
			_, err := w.Book(t.Context(), me, wish(w.dance, at(25, hour, 0), at(25, hour+1, 0)))
			require.NoError(t, err)
		}
		_, err = w.Book(t.Context(), me, wish(w.tables[0], at(26, 9, 0), at(26, 10, 0)))
		require.ErrorIs(t, err, room.ErrPerWeek)
		next, err := w.Book(t.Context(), me, wish(w.tables[0], at(30, 9, 0), at(30, 10, 0)))
		require.NoError(t, err, "the week after")
		require.Equal(t, models.RoomBooked, next.Status)
	})
}

// Of a day's fourteen open hours half are kept for phone and window until a day before.
func TestShareOfTheDesk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.PerWeek, r.DeskPercent, r.LongestMin = 0, 50, 420 })
		me := w.actor(t, "me")
		_, err := w.Book(t.Context(), me, wish(w.tables[0], at(26, 8, 0), at(26, 15, 0)))
		require.NoError(t, err)
		_, err = w.Book(t.Context(), me, wish(w.tables[0], at(26, 15, 0), at(26, 16, 0)))
		require.ErrorIs(t, err, room.ErrDeskShare)
		clerk := w.actor(t, "clerk", auth.Clerk)
		_, err = w.Book(t.Context(), clerk, room.Wish{RoomID: w.tables[0].ID, Span: models.Span{Start: at(26, 15, 0), End: at(26, 16, 0)}, Attendees: 1,
			OrgID: w.org, Channel: models.ChannelPhone})
		require.NoError(t, err)
		clock.Set(at(25, 0, 0).Time())
		_, err = w.Book(t.Context(), me, wish(w.tables[0], at(26, 16, 0), at(26, 17, 0)))
		require.NoError(t, err, "a day before, what is left is for all")
	})
}

// A taken time is refused with what is in the way, the nearest slots, and the other
// table; a cancelled one is free at once.
func TestTakenTimeComesWithWaysOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		first, err := w.Book(t.Context(), me, wish(w.tables[0], at(25, 9, 0), at(25, 10, 0)))
		require.NoError(t, err)
		_, err = w.Book(t.Context(), other, wish(w.tables[0], at(25, 9, 30), at(25, 10, 30)))
		refusal := errs.As(err)
		require.ErrorIs(t, refusal, booking.ErrResourceTaken)
		require.Len(t, refusal.Extra["conflicts"], 1)
		found, ok := refusal.Extra["suggestions"].([]room.Suggestion)
		require.True(t, ok)
		require.Contains(t, found, room.Suggestion{RoomID: w.tables[0].ID, Room: "乒乓球室 · 1号台", Start: at(25, 10, 0), End: at(25, 11, 0)})
		require.Contains(t, found, room.Suggestion{RoomID: w.tables[0].ID, Room: "乒乓球室 · 1号台", Start: at(25, 8, 0), End: at(25, 9, 0)})
		require.Contains(t, found, room.Suggestion{RoomID: w.tables[1].ID, Room: "乒乓球室 · 2号台", Start: at(25, 9, 30), End: at(25, 10, 30)})
		_, err = w.Book(t.Context(), other, wish(w.whole, at(25, 9, 0), at(25, 10, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken, "the whole room has the table in it")
		for _, s := range found {
			_, err := w.Book(t.Context(), w.actor(t, "s"+s.Room+s.Start.String()), wish(room.Room{Room: models.Room{ID: s.RoomID}}, s.Start, s.End))
			if err != nil {
				require.ErrorIs(t, err, booking.ErrResourceTaken, "two of the suggestions overlap")
			}
		}

		_, err = w.Cancel(t.Context(), other, first.ID, "", "")
		require.ErrorIs(t, err, errs.ErrNotFound, "not visible")
		b, err := w.Cancel(t.Context(), me, first.ID, "有事", "")
		require.NoError(t, err)
		require.Equal(t, models.RoomCancelled, b.Status)
		again, err := w.Book(t.Context(), w.actor(t, "third"), wish(w.tables[0], at(25, 9, 0), at(25, 9, 30)))
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, again.Status)
	})
}

// Several resources are had all or none: with the projector gone the room is not taken.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me := w.actor(t, "me")
		one := wish(w.dance, at(25, 9, 0), at(25, 10, 0))
		one.Extras = []int64{w.projector.ID}
		p, err := w.Book(t.Context(), me, one)
		require.NoError(t, err)
		b, err := w.Get(t.Context(), me, p.ID)
		require.NoError(t, err)
		require.Equal(t, []room.Named{{ID: w.projector.ID, Name: "投影仪"}}, b.Extras)
		two := wish(w.whole, at(25, 9, 30), at(25, 10, 30))
		two.Extras = []int64{w.projector.ID}
		_, err = w.Book(t.Context(), w.actor(t, "other"), two)
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		two.Extras = nil
		_, err = w.Book(t.Context(), w.actor(t, "third"), two)
		require.NoError(t, err, "nothing of it was taken")
	})
}
