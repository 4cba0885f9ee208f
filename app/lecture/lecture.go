// Package lecture is the four steps of a lecture or a service: a community
// orders from the menu (点单), the station dispatches (派单), a team accepts
// (接单), the audience rates (评单). Teams are resources of the kernel: team, room
// and time are taken together when a team accepts, never before.
package lecture

import (
	"context"
	"slices"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/photo"
	"youyue/models"
)

// Source is the kernel's word for a session: what its team and room are taken by.
const Source = "lecture"

// Rooms are the rooms of the district. Claims is what a room takes with its
// tables and buffers, or a refusal when it is unknown or not open then.
type Rooms interface {
	Claims(tx *db.Tx, roomID int64, span models.Span, extras ...int64) ([]booking.Claim, error)
}

// Members knows people by name and number: the account that has the number, if there
// is one, and the person whom the team's organisation notes; neither without a number.
type Members interface {
	EnsureMember(tx *db.Tx, a auth.Actor, orgID int64, name, phone string) (account, person *int64, err error)
}

// Box seals what lies in the database and signs links.
type Box interface {
	Seal(text string) string
	Open(sealed string) (string, error)
	Sign(purpose, payload string) string
	Verify(purpose, word string) (payload string, ok bool)
}

// Config is what the feature is built from. NewToken and Draw are for tests; nil
// is random.
type Config struct {
	DB       *db.DB
	Notices  *notify.Service
	Desk     booking.Desk
	Members  Members
	Rooms    Rooms
	Days     func(tx *db.Tx) (models.WorkCalendar, error) // the working calendar
	Box      Box
	Phone    func(raw string) (e164 string, err error) // reads a number as people write it
	Mask     func(name string) string                  // a person's name as those may read it whom it does not concern
	Zone     *time.Location
	NewToken func() string
	Draw     func() float64 // from 0 to 1, below 1
}

// Service is the feature. It is safe for concurrent use.
type Service struct {
	Config
	db   *db.DB
	dark photo.Darkroom
}

// New returns the feature.
func New(c Config) *Service {
	if c.NewToken == nil {
		c.NewToken = newToken
	}
	if c.Draw == nil {
		c.Draw = draw
	}
	return &Service{Config: c, db: c.DB, dark: photo.New()}
}

// Order is an order as it is read: with the names of what it points to, its
// session once a team has agreed, and what its reader may see of it.
type Order struct {
	models.LectureOrder
	OrgName   string
	OrgPath   string
	ForOrg    string // the branch or other organisation it is for
	ForPath   string
	DeskPath  string // of the desk that keeps the person
	Topic     string
	Category  string
	RoomName  string
	RoomVenue string

	Step     models.LectureStep // of the clock that runs, "" when none does
	DueAt    models.Instant     // its deadline; zero while its year is not published
	Waiting  int64              // offers that wait for an answer
	Proposed int64              // of these, how many teams would come at another time

	TeamID       int64 // of its session
	TeamName     string
	TeamOrgID    int64
	StartsAt     models.Instant
	EndsAt       models.Instant
	SessionState models.LectureSessionState
	BegunAt      models.Instant
	EndedAt      models.Instant
	Came         *int
	SessionNote  string
	Flagged      bool
	Guests       int // people of this order and those merged into it

	Face       *int
	RatingText string
	RatedAt    models.Instant

	Who     string `gorm:"-"` // its name; masked for whoever does not deal with it
	Address string `gorm:"-"` // opened for the team on duty and for whoever gave it
	Phone   string `gorm:"-"` // opened for the team on duty, for staff and for whoever gave it
}

// Title is the topic, or the wish where it is on no menu.
func (o Order) Title() string {
	if o.Topic != "" {
		return o.Topic
	}
	return o.Wish
}

// Where is the place in words, as everybody may read it who may see the order.
// An address is not part of it.
func (o Order) Where() string {
	switch o.PlaceKind {
	case models.PlaceRoom:
		return o.RoomVenue + " " + o.RoomName
	case models.PlaceAddress:
		return o.OrgName
	case models.PlaceOwn:
	}
	if o.Place != "" {
		return o.Place
	}
	return o.OrgName
}

// Overdue reports whether the step that runs should have been taken by now.
func (o Order) Overdue(now models.Instant) bool { return !o.DueAt.IsZero() && o.DueAt.Before(now) }

// Own reports whether the order is the actor's: its holder, somebody who books
// for the organisation it is for, or the desk that keeps the caller.
func (o Order) Own(a auth.Actor) bool {
	return a.SignedIn() && (o.HolderID != nil && *o.HolderID == a.AccountID ||
		o.ForPath != "" && a.CanAt(auth.BookForBranch, o.ForPath) ||
		o.DeskPath != "" && a.CanAt(auth.BookForOthers, o.DeskPath))
}

// Staffed reports whether the actor dispatches for the community.
func (o Order) Staffed(a auth.Actor) bool { return a.CanAt(auth.LectureDispatch, o.OrgPath) }

// Leads reports whether the actor leads the team of the session.
func (o Order) Leads(a auth.Actor) bool {
	return o.TeamOrgID != 0 && slices.Contains(a.OrgsWith(auth.LectureServe), o.TeamOrgID)
}

// reveal opens what the reader may see: the telephone for staff of the
// community, for whoever ordered, and for the team on duty; the address for the
// last two alone.
func (s *Service) reveal(tx *db.Tx, a auth.Actor, o *Order) error {
	giver := o.HolderID != nil && *o.HolderID == a.AccountID
	duty := false
	if o.State.Agreed() && o.TeamID != 0 && a.SignedIn() {
		var err error
		if duty, err = inTeam(tx, a, o.TeamID, o.TeamOrgID); err != nil {
			return err
		}
	}
	if o.Who = s.Mask(o.Name); o.ForOrgID != nil || duty || o.Own(a) || o.Staffed(a) {
		o.Who = o.Name
	}
	return s.unseal(o, giver || duty, giver || duty || o.Staffed(a))
}

// unseal opens an order's address and telephone as far as they are to be seen.
func (s *Service) unseal(o *Order, address, phone bool) (err error) {
	if address {
		if o.Address, err = s.Box.Open(o.AddressEnc); err != nil {
			return err
		}
	}
	if phone {
		o.Phone, err = s.Box.Open(o.PhoneEnc)
	}
	return err
}

// Get returns an order that the actor may see; errs.ErrNotFound for any other.
func (s *Service) Get(ctx context.Context, a auth.Actor, id string) (o Order, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { o, err = s.visible(tx, a, id); return err })
	return o, err
}

func (s *Service) visible(tx *db.Tx, a auth.Actor, id string) (Order, error) {
	where, args := visibleTo(a)
	o, err := oneOrder(tx, "o.id = ? AND "+where, append([]any{id}, args...)...)
	if err == nil {
		err = s.reveal(tx, a, &o)
	}
	return o, err
}

// Moment is one line of an order's history.
type Moment struct {
	At      models.Instant
	Action  string
	After   string
	Reason  string
	Channel models.Channel
}

// History lists what was done about an order, the last first. It names nobody.
func (s *Service) History(ctx context.Context, id string) (out []Moment, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = history(tx, id); return err })
	return out, err
}

// Occupants tells for which sessions teams and rooms are taken.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	return occupants(tx, ids)
}

func orderPath(id string) string { return "/lectures/orders/" + id }

func subject(id string) string { return "lecture:" + id }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
