package jobs

import (
	"context"
	"errors"
	"time"

	"youyue/models"
)

// Expirer ends requests that nobody answered.
type Expirer interface {
	ExpireDue(ctx context.Context, now models.Instant) (int, error)
}

// ExpireRequests ends requests past their deadline: those for the hall and for rooms,
// whose time goes to who queues behind them, and those for a block of seats.
func ExpireRequests(all ...Expirer) Job {
	return Job{Name: "expire_requests", Spec: "*/5 * * * *", Lease: time.Minute, Run: func(ctx context.Context, now models.Instant) (int, error) {
		return together(len(all), func(i int) (int, error) { return all[i].ExpireDue(ctx, now) })
	}}
}

// together runs what several features do for one job. Each has its turn, whatever
// happens to the others.
func together(n int, run func(i int) (int, error)) (done int, err error) {
	for i := range n {
		one, failed := run(i)
		done, err = done+one, errors.Join(err, failed)
	}
	return done, err
}
