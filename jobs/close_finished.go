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
// no-show, and the counts are frozen. So it does with bookings of rooms.
func CloseFinished(all ...Finisher) Job {
	return Job{Name: "close_finished", Spec: "*/2 * * * *", Lease: time.Minute, Run: func(ctx context.Context, now models.Instant) (int, error) {
		return together(len(all), func(i int) (int, error) { return all[i].FinishDue(ctx, now) })
	}}
}
