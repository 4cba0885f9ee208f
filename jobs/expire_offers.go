package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// OfferExpirer keeps the waiting lists.
type OfferExpirer interface {
	ExpireOffers(ctx context.Context, now models.Instant) (int, error)
}

// ExpireOffers ends offers that nobody answered in time, closes lists whose time
// is over, and asks every list once more whose turn it is.
func ExpireOffers(e OfferExpirer) Job {
	return Job{Name: "expire_offers", Spec: "* * * * *", Lease: time.Minute, Run: e.ExpireOffers}
}
