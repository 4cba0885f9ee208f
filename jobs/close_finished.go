package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Finisher closes events that are over.
type Finisher interface {
	FinishDue(ctx context.Context, now models.Instant) (int, error)
}

// CloseFinished closes screenings that are over: seats become attended or
// no-show, and the counts are frozen.
func CloseFinished(f Finisher) Job {
	return Job{Name: "close_finished", Spec: "*/2 * * * *", Lease: time.Minute, Run: f.FinishDue}
}
