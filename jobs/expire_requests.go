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

// AskExpirer ends what partners were asked for and did not answer.
type AskExpirer interface {
	ExpireAsks(ctx context.Context, now models.Instant) (int, error)
}

// asks is an AskExpirer among those who end requests.
type asks struct{ AskExpirer }

func (x asks) ExpireDue(ctx context.Context, now models.Instant) (int, error) {
	return x.ExpireAsks(ctx, now)
}

// ExpireRequests ends requests past their deadline: those for the hall and for rooms,
// whose time goes to who queues behind them, those for a block of seats, and what
// partners were asked for.
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
