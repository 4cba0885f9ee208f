// Package calendar shows what is on where: a read model over the kernel's
// occupancies, whatever they are taken for. What a source is, and how it moves,
// its own feature tells; the calendar knows none of them by name. It changes
// nothing but its own feeds.
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

// Mover gives what a feature has put on the calendar another time or place. The
// feature decides by its own rules, refuses in its own words, and tells the
// people concerned.
type Mover interface {
	// CheckMove returns the refusal that a move would meet, nil for none; it changes nothing.
	CheckMove(ctx context.Context, a auth.Actor, id int64, to models.Relocation) error
	Move(ctx context.Context, a auth.Actor, id int64, to models.Relocation) error
}

// Queue tells what some sources are and, with it, who waits for some resources
// during a span: both in one question, for the calendar asks few.
type Queue func(tx *db.Tx, ids, resources []int64, span models.Span) ([]models.QueuedOccupant, error)

// Kind tells what one of the kernel's sources has put on the calendar, and moves it.
type Kind struct {
	Occupants func(tx *db.Tx, ids []int64) ([]models.Occupant, error)
	Queue     Queue // in place of Occupants, where wishes can queue
	Mover     Mover // nil: it stays where it is
}

// Service is the calendar.
type Service struct {
	db      *db.DB
	box     Sealer
	kinds   map[string]Kind
	days    func(tx *db.Tx) (models.WorkCalendar, error)
	baseURL string
	zone    *time.Location
}

// Config is what the calendar is built from.
type Config struct {
	DB      *db.DB
	Sealer  Sealer
	Kinds   map[string]Kind                              // by the kernel's source
	Days    func(tx *db.Tx) (models.WorkCalendar, error) // nil: no year is known
	BaseURL string
	Zone    *time.Location
}

// New returns the service.
func New(c Config) *Service {
	if c.Days == nil {
		c.Days = func(*db.Tx) (models.WorkCalendar, error) { return models.WorkCalendar{}, nil }
	}
	return &Service{db: c.DB, box: c.Sealer, kinds: c.Kinds, days: c.Days, baseURL: c.BaseURL, zone: c.Zone}
}

// Place is a resource whose calendar can be seen: a hall, a room, a table in it,
// a piece of equipment, a team.
type Place struct {
	ID        int64
	Name      string
	Kind      string
	OrgID     int64
	Org       string
	Path      string // of who runs it
	OwnerPath string // of the partner who lends it, "" for none
	VenueID   int64  // 0 for a hall of a cinema and for what moves about
	Venue     string
	WholeID   int64 // the room that a table stands in
	WholeName string
}

// Title is 乒乓球室 · 2号台.
func (p Place) Title() string {
	if p.WholeName == "" {
		return p.Name
	}
	return p.WholeName + " · " + p.Name
}

// Standing says how far something on the calendar is settled, in one scale for
// all features.
type Standing string

// The standings: agreed; not yet decided but holding its time; waiting behind
// another and holding none; over.
const (
	Firm    Standing = "firm"
	Pending Standing = "pending"
	Queued  Standing = "queued"
	Over    Standing = "over"
)

// Standings lists them in order.
func Standings() []Standing { return []Standing{Firm, Pending, Queued, Over} }

// The features' words for what is not yet decided, and for what is over.
var standings = map[string]Standing{
	"pending": Pending, "proposed": Pending, "confirming": Pending, "planned": Pending, "held": Pending, "wanted": Pending,
	"finished": Over, "ended": Over, "attended": Over, "no_show": Over,
}

// Entry is one use of one resource. Held is the time it takes, with what comes
// before and after; Span the time of the thing itself.
type Entry struct {
	models.Occupant
	PlaceID int64
	Kind    string // the kernel's source: "screening", "room_booking", …
	Held    models.Span
	Stands  Standing
	Movable bool // by the one who looks
}

// What the calendar refuses.
var (
	ErrSpan    = errs.New(errs.Invalid, "calendar.span")     // longer than "max" days, or no length
	ErrNoMove  = errs.New(errs.Conflict, "calendar.no_move") // its kind cannot be moved
	ErrTooLate = errs.New(errs.Conflict, "calendar.too_late")
)

// maxDays is the longest stretch that is looked at at once: a month with the
// weeks around it, and a month more.
const maxDays = 62

// Wish says what of the calendar is asked for; zero fields narrow nothing.
type Wish struct {
	Span     models.Span
	Resource int64
	Org      int64 // and everything below it
	Venue    string
	Kind     string
	Stands   Standing
}

// View is a stretch of the calendar.
type View struct {
	All     []Place // whatever the actor may see, for filters
	Places  []Place // what was asked for
	Entries []Entry // by start
	Days    models.WorkCalendar
}

// Look reads a stretch of the calendar of what the actor may see. The number of
// queries depends on the kinds that are there, not on the places. It returns
// ErrSpan, and errs.ErrNotFound for a resource out of sight.
func (s *Service) Look(ctx context.Context, a auth.Actor, w Wish) (v View, err error) {
	if d := w.Span.End.Sub(w.Span.Start); d <= 0 || d > maxDays*24*time.Hour+2*time.Hour {
		return v, ErrSpan.With("max", maxDays).At(errs.Field{Name: "to", Code: "other"})
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if v.All, err = places(tx, a); err != nil {
			return err
		}
		if v.Places, err = w.among(v.All); err != nil {
			return err
		}
		if v.Days, err = s.days(tx); err != nil {
			return err
		}
		v.Entries, err = s.entries(tx, v.Places, w.Span)
		return err
	})
	v.Entries = w.only(v.Entries)
	s.movable(a, v)
	return v, err
}

// Places lists what the actor may see the calendar of, by venue.
func (s *Service) Places(ctx context.Context, a auth.Actor) (out []Place, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = places(tx, a); return err })
	return out, err
}
