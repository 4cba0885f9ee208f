package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Sender delivers what is due in the outbox.
type Sender interface {
	SendDue(ctx context.Context, now models.Instant) (int, error)
}

// SendOutbox delivers what no poke after a commit has delivered yet: reminders,
// messages refused before, and what a dead node left.
func SendOutbox(s Sender) Job {
	return Job{Name: "send_outbox", Spec: "@every 10s", Lease: 30 * time.Second, Run: s.SendDue}
}
