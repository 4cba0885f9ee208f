package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Finisher closes what of its feature is over.
type Finisher interface {
	FinishDue(ctx context.Context, now models.Instant) (int, error)
}

// CloseFinished closes what is over: of screenings the seats become attended or
// no-show and the counts are frozen, so do bookings of rooms; sessions of teams that
// nobody marked as ended are ended and flagged. What one of them cannot do keeps the
// others from nothing.
func CloseFinished(all ...Finisher) Job {
	return Job{Name: "close_finished", Spec: "*/2 * * * *", Lease: time.Minute, Run: func(ctx context.Context, now models.Instant) (int, error) {
		return together(len(all), func(i int) (int, error) { return all[i].FinishDue(ctx, now) })
	}}
}
