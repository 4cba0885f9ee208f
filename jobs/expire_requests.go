package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Expirer ends requests that nobody answered.
type Expirer interface {
	ExpireDue(ctx context.Context, now models.Instant) (int, error)
}

// ExpireRequests ends hall requests past their deadline and gives their time to
// who queues behind them.
func ExpireRequests(e Expirer) Job {
	return Job{Name: "expire_requests", Spec: "*/5 * * * *", Lease: time.Minute, Run: e.ExpireDue}
}
