package lecture_test

import (
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	require.NoError(t, err)
	return at
}

// Eight working hours across the Spring Festival of 2026, by hand from the State
// Council's notice: off from 15 to 23 February, worked on Saturdays 14 and 28. A
// working day has seven hours, 8:30–12:00 and 14:30–18:00.
func TestDeadlinesAcrossTheSpringFestival(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock, 1)
	for _, c := range []struct{ sent, due, why string }{
		{"2026-02-12 08:30", "2026-02-13 09:30", "a day and an hour"},
		{"2026-02-13 17:00", "2026-02-14 18:00", "the Saturday before is worked"},
		{"2026-02-14 09:00", "2026-02-24 10:00", "nine days off in between"},
		{"2026-02-14 18:00", "2026-02-25 09:30", "after hours counts from the next working day"},
		{"2026-02-15 10:00", "2026-02-25 09:30", "the first day off"},
		{"2026-02-18 03:00", "2026-02-25 09:30", "in the middle of the night of a holiday"},
		{"2026-02-23 23:59", "2026-02-25 09:30", "the last day off, a Monday"},
		{"2026-02-27 16:00", "2026-02-28 17:00", "the Saturday after is worked too"},
		{"2026-02-28 17:00", "2026-03-02 18:00", "and the Sunday after that is not"},
		{"2026-03-06 18:00", "2026-03-10 09:30", "an ordinary weekend"},
	} {
		clock.Set(moment(t, c.sent))
		p, err := w.Lectures.Promise(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.due, p.Review.In(zone).Format("2006-01-02 15:04"), "before it is sent: %s", c.why)
		o := w.placed(t)
		require.Equal(t, c.due, w.get(t, o.ID).DueAt.In(zone).Format("2006-01-02 15:04"), c.why)
	}
	// Nobody guesses the holidays of a year that is not published.
	clock.Set(moment(t, "2026-12-31 16:00"))
	p, err := w.Lectures.Promise(t.Context())
	require.NoError(t, err)
	require.True(t, p.Review.IsZero())
	o := w.placed(t)
	require.True(t, w.get(t, o.ID).DueAt.IsZero())
	w.jobs(t)
	require.Equal(t, models.LectureSubmitted, w.get(t, o.ID).State, "without a deadline nothing is overdue")
}

// A clock stands only while whoever ordered has to answer, and goes on with what
// was left.
func TestAClockStandsWhileTheOrdererIsAsked(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		o := w.placed(t, func(in *lecture.Ask) { in.Times.First = in.Times.First.Add(20 * 24 * time.Hour) }) // Monday at nine
		require.Equal(t, "2026-11-24 10:00", o.DueAt.In(zone).Format("2006-01-02 15:04"))
		w.Clock.Advance(time.Hour)
		_, err := w.Lectures.Return(t.Context(), w.Clerk, o.ID, "请写清人数")
		require.NoError(t, err)
		w.Clock.Advance(24 * time.Hour)
		w.jobs(t)
		w.Clock.Set(moment(t, "2026-11-25 08:30")) // Wednesday
		o, err = w.Lectures.Send(t.Context(), w.Resident, o.ID, lecture.Times{})
		require.NoError(t, err)
		require.Equal(t, "2026-11-25 18:00", o.DueAt.In(zone).Format("2006-01-02 15:04"), "seven hours were left")
		// Overdue, it goes up a level at a time, and no further than the district.
		for _, level := range []int{1, 2, 2} {
			w.Clock.Advance(4 * 24 * time.Hour)
			w.jobs(t)
			got := w.get(t, o.ID)
			require.Equal(t, models.LectureEscalated, got.State)
			require.Equal(t, level, got.Level)
		}
		require.Equal(t, 1, w.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'lecture_escalated' AND recipient = ?`, accountOf(w.Upper)), "the sub-district's scheduler")
		require.Equal(t, 1, w.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'lecture_escalated' AND recipient = ?`, accountOf(w.Staff)), "the district's, once")
	})
}

// A calendar that changes never changes what was told; the difference is listed.
func TestAChangedCalendarRewritesNothing(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		o := w.placed(t)
		told := o.DueAt
		none, err := w.Lectures.Differences(t.Context())
		require.NoError(t, err)
		require.Empty(t, none)
		changed := w.Calendar
		changed.Version, changed.Marks = 2, map[models.Day]models.DayKind{models.DayOf(told, zone): models.DayHoliday}
		w.Calendar = changed
		require.True(t, w.get(t, o.ID).DueAt.Equal(told))
		all, err := w.Lectures.Differences(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.True(t, all[0].DueAt.Equal(told))
		require.Equal(t, "2026-11-25 10:00", all[0].Now.In(zone).Format("2006-01-02 15:04"))
	})
}

// After a no, or a day without an answer, the next team is asked; after three
// rounds the level above is.
func TestTheNextTeamIsAsked(t *testing.T) {
	t.Parallel()
	each(t, 5, func(t *testing.T, w *world) {
		far := func(in *lecture.Ask) { in.Times = lecture.Times{First: w.Clock.Instant().Add(20 * 24 * time.Hour)} }
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[2]}, far)
		asked := func() (teams []int64) {
			w.Read(t, func(tx *db.Tx) error {
				return tx.Scan(&teams, `SELECT team_id FROM lecture_offers WHERE order_id = ? ORDER BY id`, o.ID)
			})
			return teams
		}
		_, err := w.Lectures.Decline(t.Context(), w.Leaders[2], o.ID, "出差")
		require.NoError(t, err)
		require.Len(t, asked(), 2, "at once")
		w.Clock.Advance(23 * time.Hour)
		w.jobs(t)
		require.Len(t, asked(), 2, "a day is a day")
		w.Clock.Advance(time.Hour)
		w.jobs(t)
		require.Len(t, asked(), 3)
		require.ElementsMatch(t, asked(), uniq(asked()), "nobody twice")
		w.Clock.Advance(24 * time.Hour)
		w.jobs(t)
		require.Len(t, asked(), 3)
		got := w.get(t, o.ID)
		require.Equal(t, models.LectureEscalated, got.State)
		require.Equal(t, 1, got.Level)
		w.sound(t)
	})
}
