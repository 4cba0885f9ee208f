// Package report counts how the places of the district are used: a read model
// over the kernel's occupancies, opening hours and what became of bookings. It
// changes nothing.
package report

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Service is the reports.
type Service struct {
	db   *db.DB
	days func(tx *db.Tx) (models.WorkCalendar, error)
	zone *time.Location
}

// Config is what the reports are built from.
type Config struct {
	DB   *db.DB
	Days func(tx *db.Tx) (models.WorkCalendar, error) // nil: no year is known
	Zone *time.Location
}

// New returns the service.
func New(c Config) *Service {
	if c.Days == nil {
		c.Days = func(*db.Tx) (models.WorkCalendar, error) { return models.WorkCalendar{}, nil }
	}
	return &Service{db: c.DB, days: c.Days, zone: c.Zone}
}

// ErrSpan: the days end before they begin, or are more than "max".
var ErrSpan = errs.New(errs.Invalid, "report.span")

// maxDays is a year and a day.
const maxDays = 367

// Wish says what is counted: the days from From to To, both included.
type Wish struct {
	From, To models.Day
	Org      int64 // who runs the places, 0 all in scope
	Venue    string
}

// Use is how long something was open and how long it was taken, in minutes.
// Taken is everything that holds the place, set-up and clean-up included;
// closures are not taken, they are not open.
type Use struct{ Open, Used int }

// Percent is the share that was taken, of 100; -1 where nothing was open.
func (u Use) Percent() int {
	if u.Open == 0 {
		return -1
	}
	return (100*u.Used + u.Open/2) / u.Open
}

func (u *Use) add(v Use) { u.Open, u.Used = u.Open+v.Open, u.Used+v.Used }

// Shows is what became of bookings that are over.
type Shows struct{ Came, Missed int }

// Percent is the share that nobody came for, of 100; -1 where none is over.
func (s Shows) Percent() int {
	if s.Came+s.Missed == 0 {
		return -1
	}
	return (100*s.Missed + (s.Came+s.Missed)/2) / (s.Came + s.Missed)
}

func (s *Shows) add(t Shows) { s.Came, s.Missed = s.Came+t.Came, s.Missed+t.Missed }

// PlaceUse is the use of one place: a hall, a room, or a table of a room that has
// tables. A room with tables is counted by them, for whoever takes it takes them all.
type PlaceUse struct {
	ID    int64
	Name  string
	Venue string
	Org   string
	Use
	Shows
}

// OrgUse is the use of all places that an organisation runs.
type OrgUse struct {
	Org string
	Use
	Shows
}

// Occupancy is the report.
type Occupancy struct {
	Places []PlaceUse
	Orgs   []OrgUse
	Hours  [7][24]Use // Monday first
	Total  Use
	Shows  Shows
	All    []Option // organisations and venues in scope, for filters
	Venues []string
}

// Option is an organisation to choose.
type Option struct {
	ID   int64
	Name string
}

// Occupancy counts the use of the places in the actor's scope. It returns ErrSpan.
func (s *Service) Occupancy(ctx context.Context, a auth.Actor, w Wish) (o Occupancy, err error) {
	if n := w.To.Sub(w.From); n < 0 || n >= maxDays {
		return o, ErrSpan.With("max", maxDays).At(errs.Field{Name: "to", Code: "other"})
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { o, err = s.occupancy(tx, a, w); return err })
	return o, err
}
