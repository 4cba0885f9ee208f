package jobs

import "time"

// CloseUnrated closes orders that nobody rated within a week.
func CloseUnrated(d Dispatcher) Job {
	return Job{Name: "close_unrated", Spec: "20 * * * *", Lease: time.Minute, Run: d.CloseUnrated}
}
