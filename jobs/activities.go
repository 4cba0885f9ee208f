package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Activities is what the jobs of residents' activities ask for.
type Activities interface {
	CloseEntries(ctx context.Context, now models.Instant) (int, error)
	FinishQuits(ctx context.Context, now models.Instant) (int, error)
	EndLeases(ctx context.Context, now models.Instant) (int, error)
	CallOffUnplaced(ctx context.Context, now models.Instant) (int, error)
	EndOver(ctx context.Context, now models.Instant) (int, error)
	Strike(ctx context.Context, now models.Instant) (int, error)
	PurgeAnswers(ctx context.Context, now models.Instant) (int, error)
}

// CloseEntries ends windows of entries: the draw is committed to, or everybody is in.
func CloseEntries(s Activities) Job {
	return Job{Name: "close_entries", Spec: "* * * * *", Lease: time.Minute, Run: s.CloseEntries}
}

// FinishQuits carries out what was given up more than ten seconds ago.
func FinishQuits(s Activities) Job {
	return Job{Name: "finish_quits", Spec: "@every 5s", Lease: time.Minute, Run: s.FinishQuits}
}

// CloseActivities gives back what devices at doors have not used, calls off the sessions
// of tomorrow for which no partner lends its place, ends the activities that are over,
// and tells whoever did not come what follows.
func CloseActivities(s Activities) Job {
	return Job{Name: "close_activities", Spec: "*/5 * * * *", Lease: time.Minute,
		Run: func(ctx context.Context, now models.Instant) (int, error) {
			done := 0
			for _, step := range []func(context.Context, models.Instant) (int, error){s.EndLeases, s.CallOffUnplaced, s.EndOver, s.Strike} {
				n, err := step(ctx, now)
				if done += n; err != nil {
					return done, err
				}
			}
			return done, nil
		}}
}

// PurgeAnswers forgets what people were asked, thirty days after an activity.
func PurgeAnswers(s Activities) Job {
	return Job{Name: "purge_answers", Spec: "40 3 * * *", Lease: 10 * time.Minute, Run: s.PurgeAnswers}
}
