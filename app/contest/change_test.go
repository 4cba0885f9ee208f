package contest_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// same are the changes that change nothing.
func same(c contest.Contest) contest.Changes {
	p := contest.Changes{Title: c.Title, ClosesAt: c.ClosesAt}
	for _, d := range c.Divisions {
		p.Divisions = append(p.Divisions, contest.DivisionChange{ID: d.ID, Name: d.Name, Places: d.Places, MinMembers: d.MinMembers, MaxMembers: d.MaxMembers,
			Substitutes: d.Substitutes, MinAge: d.MinAge, MaxAge: d.MaxAge, MaxLength: d.MaxLength, PerTeam: d.PerTeam})
	}
	return p
}

// What was announced is written anew, and rehearsals are arranged beside it, on both
// engines: places, bounds, the end of entries, times in the kernel.
func TestAnAnnouncedContestIsChanged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(1))
		a := w.Accounts(t, 2)
		in, waits := w.enter(t, a[0], c, form(c, w.Station.ID, "一队")), w.enter(t, a[1], c, form(c, w.Station.ID, "二队"))
		require.Equal(t, models.EntryWaiting, waits.State)

		p := same(c)
		p.Divisions[0].MinMembers, p.Divisions[0].MaxMembers = 3, 9
		_, err := w.Contests.Change(t.Context(), w.Staff, c.ID, p)
		require.ErrorIs(t, err, contest.ErrBreaks)
		require.Equal(t, "contest_few", errs.As(err).Fields[0].Code)
		_, err = w.Contests.Change(t.Context(), a[0], c.ID, same(c))
		require.ErrorIs(t, err, errs.ErrForbidden)
		p = same(c)
		p.ClosesAt = c.Slots[1].StartsAt.Add(time.Hour)
		_, err = w.Contests.Change(t.Context(), w.Staff, c.ID, p)
		require.Equal(t, "contest_before_close", errs.As(err).Fields[0].Code)
		p = same(c)
		p.Title, p.ClosesAt = "改了名（示例）", c.ClosesAt.Add(24*time.Hour)
		p.Divisions[0].Places, p.Divisions[0].MaxMembers = 2, 9
		c, err = w.Contests.Change(t.Context(), w.Staff, c.ID, p)
		require.NoError(t, err)
		require.Equal(t, []any{"改了名（示例）", 2, 9, p.ClosesAt}, []any{c.Title, c.Divisions[0].Places, c.Divisions[0].MaxMembers, c.ClosesAt})
		waits, err = w.Contests.Entry(t.Context(), a[1], waits.UID)
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, waits.WaitState, "one place more is offered in order")
		w.Clock.Set(c.ClosesAt.Time().Add(-time.Hour))
		w.enter(t, w.Account(t), c, form(c, w.Station.ID, "晚到的队")) // the kernel's window went along

		slot := contest.SlotPlan{Kind: models.SlotRehearsal, Place: "大厅", Resources: []int64{w.indoors}, Entry: in.UID,
			Span: models.Span{Start: c.Slots[0].StartsAt, End: c.Slots[0].EndsAt}}
		_, err = w.Contests.AddSlot(t.Context(), w.Staff, c.ID, slot, w.key())
		require.ErrorIs(t, err, booking.ErrResourceTaken, "the rehearsal of all is there")
		slot.Span = models.Span{Start: c.Slots[0].EndsAt, End: c.Slots[0].EndsAt.Add(time.Hour)}
		c, err = w.Contests.AddSlot(t.Context(), w.Staff, c.ID, slot, w.key())
		require.NoError(t, err)
		require.Len(t, w.occupied(t, w.indoors), 2)
		require.Equal(t, 1, w.notices(t, notify.ContestRehearsal), "whose rehearsal it is hears of it, nobody else")
		_, err = w.Contests.DropSlot(t.Context(), w.Staff, c.ID, c.Slots[2].ID, "不练了")
		require.ErrorIs(t, err, contest.ErrSlotUsed)
		_, err = w.Contests.DropSlot(t.Context(), w.Staff, c.ID, c.Slots[1].ID, "不练了")
		require.NoError(t, err)
		require.Len(t, w.occupied(t, w.indoors), 1)

		// A rehearsal that is moved alone is told too.
		day := models.DayOf(c.Slots[0].StartsAt, zone)
		_, err = w.Contests.MoveDay(t.Context(), w.Staff, c.ID, contest.Move{From: day, To: day.Add(-2), Reason: "有雨"})
		require.NoError(t, err)
		require.Equal(t, 3, w.notices(t, notify.ContestMoved))
		w.Clock.Set(c.Slots[2].StartsAt.Time())
		_, err = w.Contests.Withdraw(t.Context(), a[0], in.UID, "")
		require.ErrorIs(t, err, contest.ErrBegun, "who is on stage does not withdraw")
		w.Read(t, func(tx *db.Tx) error {
			got, err := w.Contests.Occupants(tx, []int64{c.Slots[2].ID})
			require.Len(t, got, 1)
			return err
		})
	})
}

// Who goes on: the first n, who shares the last place with them, and the next for
// whoever has left.
func TestWhoGoesOnToTheFinal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		places []int // of entries 1, 2 …, the best first
		left   []int64
		n      int
		want   []int64
	}{
		"the first two":           {[]int{1, 2, 3, 4}, nil, 2, []int64{1, 2}},
		"equals go on together":   {[]int{1, 2, 2, 4}, nil, 2, []int64{1, 2, 3}},
		"equals below do not":     {[]int{1, 2, 3, 3}, nil, 2, []int64{1, 2}},
		"the next stands in":      {[]int{1, 2, 3, 4}, []int64{1}, 2, []int64{2, 3}},
		"an equal who left":       {[]int{1, 2, 2, 4}, []int64{3}, 2, []int64{1, 2}},
		"fewer than there is for": {[]int{1, 2}, nil, 3, []int64{1, 2}},
		"nobody":                  {[]int{1, 2}, nil, 0, nil},
	} {
		var places []contest.Standing
		var line []contest.Appearance
		for i, p := range c.places {
			x := contest.Appearance{State: models.EntryApproved}
			x.EntryID = int64(i + 1)
			for _, l := range c.left {
				if l == x.EntryID {
					x.State = models.EntryWithdrawn
				}
			}
			places, line = append(places, contest.Standing{EntryID: x.EntryID, Place: p}), append(line, x)
		}
		var got []int64
		for _, q := range contest.Qualify(places, line, c.n) {
			if q.GoesOn {
				got = append(got, q.EntryID)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

// A day that is moved is reminded of at its new time. When it is moved to less than a day
// ahead, the notice of the move is all: nobody hears the same twice at once.
func TestAMovedDayIsRemindedOfOnceAtItsNewTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(8))
		w.approved(t, c, 2)
		start := c.Slots[1].StartsAt
		reminded := func(at models.Instant) int {
			t.Helper()
			w.Clock.Set(at.Time())
			for range 2 {
				_, err := w.Contests.Tick(t.Context(), at)
				require.NoError(t, err)
			}
			return w.notices(t, notify.ContestReminder)
		}
		move := func(days int) {
			t.Helper()
			from := models.DayOf(start, zone)
			moved, err := w.Contests.MoveDay(t.Context(), w.Staff, c.ID, contest.Move{From: from, To: from.Add(days), Reason: "有雨"})
			require.NoError(t, err)
			for _, x := range moved.Slots {
				if x.ID == c.Slots[1].ID {
					start = x.StartsAt
				}
			}
		}
		require.Equal(t, 2, reminded(start.Add(-23*time.Hour)))
		before := reminded(start.Add(-22 * time.Hour))
		move(3)
		after := reminded(w.Clock.Instant())
		require.LessOrEqual(t, after, before, "not before its day")
		require.Equal(t, after+2, reminded(start.Add(-23*time.Hour)), "of the new day")

		move(2)
		w.Clock.Set(start.Add(-47 * time.Hour).Time())
		move(-1)
		told := w.notices(t, notify.ContestMoved)
		require.Positive(t, told)
		last := w.notices(t, notify.ContestReminder)
		require.Equal(t, last, reminded(w.Clock.Instant()), "the notice of the move has just told it")
		require.Equal(t, last, reminded(start.Add(-time.Hour)))
	})
}
