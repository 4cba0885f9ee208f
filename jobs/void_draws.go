package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// DrawVoider keeps the draws.
type DrawVoider interface {
	VoidLate(ctx context.Context, now models.Instant) (int, error)
}

// VoidDraws ends draws whose public value did not come in time.
func VoidDraws(v DrawVoider) Job {
	return Job{Name: "void_draws", Spec: "* * * * *", Lease: time.Minute, Run: v.VoidLate}
}
