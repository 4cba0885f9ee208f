// Package calendar shows what is on where: a read model over the kernel's
// occupancies, whatever they are taken for, and over the bookings of a branch or
// a person. It changes nothing but its own feeds.
package calendar

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Sealer keeps the secret of a feed readable for its owner alone.
type Sealer interface {
	Seal(text string) string
	Open(sealed string) (string, error)
}

// Service is the calendar.
type Service struct {
	db      *db.DB
	box     Sealer
	baseURL string
	zone    *time.Location
}

// Config is what the calendar is built from.
type Config struct {
	DB      *db.DB
	Sealer  Sealer
	BaseURL string
	Zone    *time.Location
}

// New returns the service.
func New(c Config) *Service {
	return &Service{db: c.DB, box: c.Sealer, baseURL: c.BaseURL, zone: c.Zone}
}

// Place is a resource whose calendar can be seen.
type Place struct {
	ID   int64
	Name string
	Path string // of who runs it
}

// Entry is what a resource is taken for. Held is the time it is taken, with what
// comes before and after; Span the time of the thing itself.
type Entry struct {
	PlaceID int64
	Kind    string // "screening", "hall_request", …: the kernel's source
	ID      int64
	Held    models.Span `gorm:"-"`
	Span    models.Span `gorm:"-"`
	Title   string
	Who     string // the branch it is for, or that asks
	Taken   int    // seats
	ForSale int

	HeldFrom, HeldTo, StartsAt, EndsAt models.Instant
}

// Places lists what the actor may see the calendar of.
func (s *Service) Places(ctx context.Context, a auth.Actor) (out []Place, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = places(tx, a); return err })
	return out, err
}

// During lists what a place is taken for in a span, by start. It returns
// errs.ErrNotFound when the actor may not see that place.
func (s *Service) During(ctx context.Context, a auth.Actor, place int64, span models.Span) (out []Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := placeOf(tx, a, place); err != nil {
			return err
		}
		out, err = entries(tx, place, span)
		return err
	})
	return out, err
}

func placeOf(tx *db.Tx, a auth.Actor, id int64) (Place, error) {
	all, err := places(tx, a)
	if err != nil {
		return Place{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return Place{}, errs.ErrNotFound
}
