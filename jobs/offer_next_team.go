package jobs

import "time"

// OfferNextTeam asks the next team where one has not answered within a day.
func OfferNextTeam(d Dispatcher) Job {
	return Job{Name: "offer_next_team", Spec: "*/5 * * * *", Lease: time.Minute, Run: d.OfferNext}
}
