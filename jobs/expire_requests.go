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

// ExpireRequests ends requests past their deadline: those for the hall, whose time
// goes to who queues behind them, and those for a block of seats.
func ExpireRequests(e Expirer) Job {
	return Job{Name: "expire_requests", Spec: "*/5 * * * *", Lease: time.Minute, Run: e.ExpireDue}
}
