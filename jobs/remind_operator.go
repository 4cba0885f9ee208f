package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// EveReminder tells cinemas and projectionists of the day to come.
type EveReminder interface {
	RemindEve(ctx context.Context, now models.Instant) (int, error)
}

// RemindOperator tells a cinema in the evening before what it shows, and each
// projectionist whose number is known. What is confirmed later that evening is
// told when it is.
func RemindOperator(e EveReminder) Job {
	return Job{Name: "remind_operator", Spec: "*/10 * * * *", Lease: time.Minute, Run: e.RemindEve}
}
