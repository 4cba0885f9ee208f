package lesson_test

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lesson"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Event2 is one more screening, two days ahead of now.
func (w *world) Event2(t *testing.T) models.Event {
	t.Helper()
	e := w.World.Event(t, 0)
	w.screened(t, e)
	return e
}

func TestAYearIsOneBranchsAndItsTotalsAreOfWhatIsSigned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := models.Org{ParentID: &w.Station.ID, Code: "b2", Name: "第二党支部", Kind: models.OrgBranch, Path: w.Station.Path + "77/", CreatedAt: w.Clock.Instant()}
		w.Write(t, func(tx *db.Tx) error { return tx.Insert(&other) })
		theirs := bookingtest.Together(w.Event, w.Account(t), 7)
		theirs.OrgID, theirs.ForBranch, theirs.Name = &other.ID, true, other.Name
		w.MustBook(t, theirs)
		w.begin()
		w.arrive(t, w.seats()[:3]...)
		w.end()
		w.save(t, w.Secretary, full(0))
		w.sign(t)
		// A second lesson in the last hour of the year by our zone, with no record, and
		// one in the first of the next.
		last, first := w.Event2(t), w.Event2(t)
		w.MustBook(t, w.order(last, 2))
		w.MustBook(t, w.order(first, 2))
		set := func(e models.Event, at time.Time) {
			w.execute(t, `UPDATE events SET starts_at = ?, ends_at = ? WHERE id = ?`, models.InstantOf(at), models.InstantOf(at.Add(2*time.Hour)), e.ID)
		}
		zone := time.FixedZone("", 8*3600)
		lessons := lesson.New(w.DB, w.Notices, zone)
		set(last, time.Date(2026, 12, 31, 23, 59, 0, 0, zone))
		set(first, time.Date(2027, 1, 1, 0, 0, 0, 0, zone))

		w.Clock.Set(time.Date(2026, 12, 31, 23, 58, 0, 0, zone))
		y, err := lessons.Year(ctx, w.Secretary, w.Branch.ID, 0)
		require.NoError(t, err)
		require.Len(t, y.Lessons, 1, "what has not begun is no lesson yet")
		w.Clock.Set(time.Date(2027, 1, 2, 0, 0, 0, 0, zone))
		y, err = lessons.Year(ctx, w.Secretary, w.Branch.ID, 2026)
		require.NoError(t, err)
		require.Equal(t, []int{2026, 2026, 2027}, []int{y.Year, y.First, y.Last})
		require.Len(t, y.Lessons, 2)
		require.Equal(t, []models.LessonState{models.LessonSigned, models.LessonNone}, []models.LessonState{y.Lessons[0].State, y.Lessons[1].State})
		require.Equal(t, 1, y.Signed)
		require.Equal(t, models.LessonCounts{Expected: 4, Arrived: 3}, y.Total)
		y, err = lessons.Year(ctx, w.Secretary, w.Branch.ID, 2027)
		require.NoError(t, err)
		require.Len(t, y.Lessons, 1)

		_, err = lessons.Year(ctx, w.Secretary, other.ID, 2026)
		require.ErrorIs(t, err, errs.ErrNotFound, "another branch's year")
		_, err = lessons.Year(ctx, w.with(t, auth.Auditor, w.Centre), w.Station.ID, 2026)
		require.ErrorIs(t, err, errs.ErrNotFound, "a station is no branch")
		all, err := lessons.Branches(ctx, w.Clerk, "")
		require.NoError(t, err)
		require.Len(t, all, 2)
		all, err = lessons.Branches(ctx, w.Clerk, "第二")
		require.NoError(t, err)
		require.Len(t, all, 1)
		all, err = lessons.Branches(ctx, w.Clerk, "%")
		require.NoError(t, err)
		require.Empty(t, all, "a sign is a sign")
	})
}

// A branch that has the whole hall expects the people it announced, not its seats.
func TestTheWholeHallExpectsTheAnnounced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		now := w.Clock.Instant()
		w.execute(t, `INSERT INTO hall_requests (hall_id, film_id, org_id, holder_id, starts_at, span_start, span_end, headcount, purpose, oath, status, holds, deadline, channel, created_by, created_at, event_id)
			SELECT ?, film_id, ?, ?, ?, ?, ?, 3, '党课', TRUE, 'approved', FALSE, ?, 'online', 1, ?, id FROM screenings WHERE id = ?`,
			w.Hall.ID, w.Branch.ID, w.Secretary.AccountID, w.Event.StartsAt, w.Event.StartsAt, w.Event.EndsAt, now, now, w.Event.ID)
		w.begin()
		require.Equal(t, 3, w.read(t, w.Secretary).Expected)
		w.arrive(t, w.seats()...)
		require.Equal(t, 4, w.read(t, w.Secretary).Expected, "who came was to come")
	})
}
