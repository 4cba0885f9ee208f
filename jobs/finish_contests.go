package jobs

import "time"

// FinishContests makes provisional results final once the time for protests is
// over and none waits, issues the certificates and tells the teams.
func FinishContests(f Finisher) Job {
	return Job{Name: "finish_contests", Spec: "*/5 * * * *", Lease: time.Minute, Run: f.FinishDue}
}
