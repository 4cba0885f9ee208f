package lecture_test

import (
	"testing"
	"time"

	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// What a report counts: orders by topic, community and team, what each step took in
// working time, who accepts, who carries how much; those not rated apart.
func TestAReportCountsWhatHappened(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		first := models.DayOf(w.Clock.Instant(), zone)
		for i := range 6 {
			o := w.placed(t) // at nine on a Monday
			w.Clock.Advance(time.Hour)
			_, err := s.Dispatch(ctx, w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[1]})
			require.NoError(t, err)
			w.Clock.Advance(30 * time.Minute)
			_, err = s.Decline(ctx, w.Leaders[1], o.ID, "有课")
			require.NoError(t, err)
			o, err = s.Accept(ctx, w.Leaders[0], o.ID)
			require.NoError(t, err)
			w.Clock.Set(o.StartsAt.Time())
			_, err = s.Finish(ctx, w.Leaders[0], o.ID, lecture.Delivered{Heads: 10 + i})
			require.NoError(t, err)
			w.Clock.Advance(time.Hour)
			if i > 0 {
				_, err = s.Rate(ctx, w.Resident, o.ID, lecture.Opinion{Face: 1 + i%3})
				require.NoError(t, err)
			}
			w.Clock.Set(first.Add(7*(i+1)).At(9*60, zone).Time())
			w.jobs(t)
		}
		last := models.DayOf(w.Clock.Instant(), zone)
		r, err := s.Report(ctx, w.Clerk, first, last)
		require.NoError(t, err)
		require.Equal(t, 6, r.Total.Orders)
		require.Equal(t, 6, r.Total.Delivered)
		require.Equal(t, 75, r.Total.Came)
		require.Equal(t, 1, r.Total.Unrated())
		require.Equal(t, models.LectureScore{Asked: 6, Rated: 5, Average: 2.2, Known: true}, r.Total.Score())
		require.Equal(t, 83, r.Total.Score().Percent())
		require.Len(t, r.Topics, 1)
		require.Equal(t, "反诈知识进社区", r.Topics[0].Name)
		require.Len(t, r.Orgs, 1)
		require.Len(t, r.Teams, 2)
		require.Equal(t, []int{6, 6, 6, 0}, []int{r.Teams[0].Sessions, r.Teams[0].Asked, r.Teams[0].Accepted, r.Teams[0].Declined})
		require.Equal(t, []int{0, 6, 0, 6}, []int{r.Teams[1].Sessions, r.Teams[1].Asked, r.Teams[1].Accepted, r.Teams[1].Declined})
		require.Equal(t, []int{6, 6}, []int{r.Teams[0].Answered(), r.Teams[1].Answered()})
		require.InDelta(t, 3, r.Mean, 0, "the mean beside which each load is told")
		steps := map[models.LectureStep]lecture.StepTime{}
		for _, x := range r.Steps {
			steps[x.Step] = x
		}
		require.Equal(t, 60, steps[models.StepReview].Most)
		require.Zero(t, steps[models.StepDispatch].Most, "dispatched as it was reviewed")
		require.Equal(t, 30, steps["accept"].Most)
		require.Equal(t, 6, steps["accept"].Number)
		require.Equal(t, 5, steps["rate"].Number)
		// Below five answers no average is told.
		r, err = s.Report(ctx, w.Clerk, first, first.Add(8))
		require.NoError(t, err)
		require.NotZero(t, r.Total.Orders)
		require.False(t, r.Total.Score().Known)
		// Another community's staff read nothing of it.
		r, err = s.Report(ctx, w.with(t, "clerk", models.Org{ID: w.Centre.ID, Path: w.Centre.Path + "999/"}), first, last)
		require.NoError(t, err)
		require.Zero(t, r.Total.Orders)
	})
}
