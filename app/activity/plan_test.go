package activity_test

import (
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestSessionsFollowTheWorkingCalendar(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	for name, x := range map[string]struct {
		first string
		rule  string
		slots bool
		times int
		want  []string
	}{
		"once":                               {"2026-03-05", "", false, 4, []string{"2026-03-05 19:00"}},
		"slots one after the other":          {"2026-03-05", "", true, 3, []string{"2026-03-05 19:00", "2026-03-05 20:00", "2026-03-05 21:00"}},
		"every week":                         {"2026-03-05", "FREQ=WEEKLY", false, 3, []string{"2026-03-05 19:00", "2026-03-12 19:00", "2026-03-19 19:00"}},
		"the second working day of a month":  {"2026-01-01", "FREQ=MONTHLY;X-WORKDAY=2", false, 4, []string{"2026-01-05 19:00", "2026-02-03 19:00", "2026-03-03 19:00", "2026-04-02 19:00"}},
		"the fifteenth of every lunar month": {"2026-02-20", "FREQ=MONTHLY;X-LUNAR=15", false, 3, []string{"2026-03-03 19:00", "2026-04-02 19:00", "2026-05-01 19:00"}},
		"off holidays":                       {"2026-04-20", "FREQ=MONTHLY;X-LUNAR=15;X-HOLIDAY=NEXT", false, 2, []string{"2026-05-06 19:00", "2026-05-31 19:00"}},
		"left out on holidays":               {"2026-09-24", "FREQ=WEEKLY;X-HOLIDAY=SKIP", false, 3, []string{"2026-09-24 19:00", "2026-10-08 19:00", "2026-10-15 19:00"}},
	} {
		day, err := models.ParseDay(x.first)
		require.NoError(t, err)
		start := day.At(19*60, zone)
		got, err := w.Times(t.Context(), activity.Repeat{First: activity.Time{Start: start, End: start.Add(time.Hour)}, Rule: x.rule, Slots: x.slots, Times: x.times})
		require.NoError(t, err, name)
		var said []string
		for _, s := range got {
			require.Equal(t, time.Hour, s.End.Sub(s.Start))
			said = append(said, s.Start.In(zone).Format("2006-01-02 15:04"))
		}
		require.Equal(t, x.want, said, name)
	}
	day := models.Day{Year: 2026, Month: 12, Day: 1}
	_, err := w.Times(t.Context(), activity.Repeat{First: activity.Time{Start: day.At(0, zone), End: day.At(60, zone)}, Rule: "FREQ=MONTHLY;X-WORKDAY=2", Times: 3})
	require.ErrorIs(t, err, models.ErrUnknownYear, "next year's holidays are not published")
	_, err = w.Times(t.Context(), activity.Repeat{First: activity.Time{Start: day.At(0, zone), End: day.At(60, zone)}, Rule: "FREQ=NEVER", Times: 3})
	require.ErrorIs(t, err, models.ErrBadRule)
}

// Places kept for newcomers, for who has been before, for a community until its day, and
// for phone and window until a day before.
func TestSharesAreForWhoTheyAreKeptFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		been, late := w.Account(t), w.Account(t)
		first := w.open(t)
		_, err := w.join(t, been, first, 1)
		require.NoError(t, err)
		w.Write(t, func(tx *db.Tx) error { // who was there a month ago
			_, err := tx.Exec(`UPDATE bookings SET status = 'attended' WHERE event_id = ?`, first.Meetings[0].EventID)
			return err
		})
		giveBack := clock.Instant().Add(12 * time.Hour)
		v := w.open(t, func(p *activity.Plan) {
			p.Capacity = 8
			p.Shares = []activity.SharePlan{{Who: models.ShareNewcomers, Places: 2}, {Who: models.ShareReturning, Places: 2},
				{Who: models.ShareOrg, OrgID: w.Branch.ID, Places: 2, Until: giveBack}, {Who: models.ShareDesk, Places: 2}}
		})
		status := func(a activity.Signed, err error) models.SignupStatus {
			require.NoError(t, err)
			return a.Status
		}
		require.Equal(t, models.SignupConfirmed, status(w.join(t, been, v, 2)), "of those who have been before")
		require.Equal(t, models.SignupConfirmed, status(w.join(t, w.Account(t), v, 2)), "of the newcomers'")
		require.Equal(t, models.SignupWaiting, status(w.join(t, late, v, 2)), "the rest is kept for others")
		free := func() int {
			got, err := w.Get(t.Context(), v.ID)
			require.NoError(t, err)
			return got.Meetings[0].Free()
		}
		require.Zero(t, free())
		release := func() {
			_, err := w.Kernel.ReleaseDue(t.Context(), clock.Instant())
			require.NoError(t, err)
		}
		clock.Set(giveBack.Add(-time.Minute).Time())
		release()
		mine := func() models.SignupStatus {
			all, err := w.Mine(t.Context(), late, false)
			require.NoError(t, err)
			return all[0].Stands()
		}
		require.Equal(t, models.SignupWaiting, mine())
		clock.Set(giveBack.Time())
		release()
		require.NotEqual(t, models.SignupWaiting, mine(), "the community's are given back on their day, to who waits")
		clock.Set(v.Meetings[0].StartsAt.Add(-24 * time.Hour).Time())
		release()
		require.Equal(t, 2, free(), "phone and window's are free for all a day before")
		w.MustBeClean(t)
	})
}

func TestAVisitAtHomeIsPlannedForTwo(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	v := w.open(t, func(p *activity.Plan) { p.Home, p.Signup = true, models.SignupTerm })
	require.Equal(t, []any{true, 2, models.SignupSession}, []any{v.Approval, v.StaffMin, v.Signup})
	start := clock.Instant().Add(48 * time.Hour)
	_, err := w.Create(t.Context(), w.Staff, activity.Plan{Activity: models.Activity{OrgID: w.Station.ID, Kind: "health", Title: "评估", Summary: "量血压", Place: "站里", Audience: models.ForElders, Capacity: 5},
		Sessions: []activity.Time{{Start: start, End: start.Add(time.Hour)}}, Questions: []models.ActivityQuestion{{Kind: models.AskText, Label: "有什么病"}}})
	require.Contains(t, errs.As(err).Fields, errs.Field{Name: "questions", Code: "no_medical"})
}
