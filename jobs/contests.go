package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// ContestKeeper keeps the contests.
type ContestKeeper interface {
	Tick(ctx context.Context, now models.Instant) (int, error)
}

// Contests tells of open entry windows, ends what was not mended in time, reminds
// teams of their day and finishes contests that are over.
func Contests(k ContestKeeper) Job {
	return Job{Name: "contests", Spec: "*/2 * * * *", Lease: time.Minute, Run: k.Tick}
}
