package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// JudgeReminder tells judges of what they are to judge soon.
type JudgeReminder interface {
	RemindJudges(ctx context.Context, now models.Instant) (int, error)
}

// RemindJudges tells the judges of a round a day before it begins.
func RemindJudges(r JudgeReminder) Job {
	return Job{Name: "remind_judges", Spec: "15 * * * *", Lease: time.Minute, Run: r.RemindJudges}
}
