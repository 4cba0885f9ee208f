package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Dispatcher moves orders of lectures and services on when nobody does.
type Dispatcher interface {
	EscalateDue(ctx context.Context, now models.Instant) (int, error)
	OfferNext(ctx context.Context, now models.Instant) (int, error)
	CloseUnrated(ctx context.Context, now models.Instant) (int, error)
}

// EscalateOrders brings orders that are overdue to the next level up, and ends
// those that nobody can deliver any more.
func EscalateOrders(d Dispatcher) Job {
	return Job{Name: "escalate_orders", Spec: "*/5 * * * *", Lease: time.Minute, Run: d.EscalateDue}
}
