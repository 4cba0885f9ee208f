package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Releaser frees the share kept for phone and window.
type Releaser interface {
	ReleaseDue(ctx context.Context, now models.Instant) (int, error)
}

// ReleaseReservedSeats frees the seats kept for phone and window when their
// time has come, 24 hours before the start by default.
func ReleaseReservedSeats(r Releaser) Job {
	return Job{Name: "release_reserved_seats", Spec: "*/5 * * * *", Lease: time.Minute, Run: r.ReleaseDue}
}
