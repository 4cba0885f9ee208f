// Package contest is contests of teams, from entry to the order of appearance:
// divisions with places, rounds in slots of time, entries, public draws, the day
// that rain moves.
//
// Places of a division are an event of the kernel, its shares those of the
// sub-districts, its waiting list the kernel's. Time goes through booking.Reserve
// under Source and the slot's id. Who scores reads rounds with RoundIn, who
// appears in them, in order, with Appearances, and moves a round on with MoveRound;
// all of them join a transaction. Who goes on to a final follows from the result of
// the heat, which Judging tells.
package contest

import (
	"context"
	"fmt"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/notify"
	"youyue/models"
)

// Source is the kernel's word for the slots of a contest.
const Source = "contest"

// EventKind is the kernel's word for the places of a division.
const EventKind = "contest_division"

// DrawSubject is whose draws those of a round are.
const DrawSubject = "contest_round"

// Where people read on, in messages too.
func path(id int64) string        { return fmt.Sprintf("/contests/%d", id) }
func staffPath(id int64) string   { return path(id) + "/staff" }
func entryPath(uid string) string { return "/contests/entries/" + uid }

// Sealer seals and opens phone numbers.
type Sealer interface {
	Seal(text string) string
	Open(sealed string) (string, error)
}

// Service is the feature.
type Service struct {
	db      *db.DB
	kernel  *booking.Service
	draws   *draw.Service
	notices *notify.Service
	desk    booking.Desk
	box     Sealer
	judging Judging
	owners  Owners
	zone    *time.Location
}

// Judging is who judges the rounds of contests.
type Judging interface {
	// Take takes a round over to be judged, with its order of appearance, whenever
	// that has been drawn. It refuses once marks are taken.
	Take(tx *db.Tx, c Contest, r models.ContestRound, line []Appearance) error
	// Move puts a round that was taken over, and the time of its judges, where its
	// slot lies now; booking.ErrResourceTaken when a judge is busy then.
	Move(tx *db.Tx, c Contest, r models.ContestRound) error
	// Drop gives the time of all judges of a contest back.
	Drop(tx *db.Tx, contest int64) error
	// Standings are the places of a round, the best first; none until all of them
	// are public.
	Standings(tx *db.Tx, round int64) ([]Standing, error)
	// CommitLots and RevealLots draw lots among those whom the rule of the round
	// leaves level.
	CommitLots(tx *db.Tx, a auth.Actor, p DrawPlan) (draw.Draw, error)
	RevealLots(tx *db.Tx, a auth.Actor, round, id int64, v draw.Value) (draw.Draw, error)
}

// Standing is the place of an entry in the result of a round; equals share theirs.
type Standing struct {
	EntryID int64
	Place   int
}

// Config is what it is built from.
type Config struct {
	DB      *db.DB
	Kernel  *booking.Service
	Draws   *draw.Service
	Notices *notify.Service
	Desk    booking.Desk
	Sealer  Sealer
	Judging Judging // nil: rounds are not judged here
	Owners  Owners  // nil: nobody lends places
	Zone    *time.Location
}

// New returns the feature and tells the kernel where its pages are.
func New(c Config) *Service {
	c.Kernel.SetPages(EventKind, booking.Pages{List: "/contests", Event: "/contests/divisions/", Booking: "/contests/entries/", Words: "entry"})
	return &Service{db: c.DB, kernel: c.Kernel, draws: c.Draws, notices: c.Notices, desk: c.Desk, box: c.Sealer, judging: c.Judging, owners: c.Owners, zone: c.Zone}
}

// Contest is a contest as it is read.
type Contest struct {
	models.Contest
	Org       string
	OrgPath   string
	Divisions []Division
	Slots     []Slot
	Rounds    []models.ContestRound
}

// Division is a division with its places.
type Division struct {
	models.ContestDivision
	Places  int // of the division in all
	Taken   int
	Free    int // that anybody may have
	Kept    int // for sub-districts, until the contest's GiveBackAt
	Waiting int
	Shares  []models.EventShare
}

// Slot is a time of a contest with what it takes; Lent are those of its resources
// that teams borrow, Refused those that the partner does not lend. Owner is how
// partners have answered for it.
type Slot struct {
	models.ContestSlot
	Resources []Named
	Lent      []int64
	Refused   []int64
	Owner     models.OwnerStanding
}

// Named is a resource or an organisation by id and name.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Division returns one of a contest's divisions; false when it has none of that id.
func (c Contest) Division(id int64) (Division, bool) {
	for _, d := range c.Divisions {
		if d.ID == id {
			return d, true
		}
	}
	return Division{}, false
}

// Slot returns one of a contest's slots; the zero one when it has none of that id.
func (c Contest) Slot(id int64) Slot {
	for _, s := range c.Slots {
		if s.ID == id {
			return s
		}
	}
	return Slot{}
}

// Day is the first day on a stage, from which ages are counted.
func (c Contest) Day(zone *time.Location) models.Day {
	for _, s := range c.Slots {
		if s.Kind == models.SlotStage {
			return models.DayOf(s.StartsAt, zone)
		}
	}
	return models.DayOf(c.ClosesAt, zone)
}

// Filter chooses contests: those that are on, or with History all.
type Filter struct {
	list.Query
	History bool
}

// List shows contests, the next to begin first.
func (s *Service) List(ctx context.Context, f Filter) (out list.Of[Contest], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := contests(tx, f)
		if err == nil {
			err = s.stand(tx, rows)
		}
		out = list.New(f.Query, rows, total)
		return err
	})
	return out, err
}

// Get returns one contest; errs.ErrNotFound when there is none.
func (s *Service) Get(ctx context.Context, id int64) (c Contest, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { c, err = s.read(tx, id); return err })
	return c, err
}

// Entry is an entry as it is read. State is what counts: somebody who waited and
// has a place now is submitted.
type Entry struct {
	models.ContestEntry
	Contest       string
	Division      string
	Org           string
	OrgPath       string
	ContestPath   string
	ContestState  models.ContestState
	OpensAt       models.Instant
	ClosesAt      models.Instant
	EventID       int64
	BookingStatus models.BookingStatus
	WaitID        int64
	WaitState     models.WaitState
	WaitDeadline  models.Instant
	Phone         string                 `gorm:"-"` // opened for who may see it
	Members       []models.ContestMember `gorm:"-"`
	Lent          []Named                `gorm:"-"`
}

// settled is the entry with what the kernel says of its place.
func (e Entry) settled() Entry {
	if e.State != models.EntryWaiting {
		return e
	}
	switch {
	case e.BookingStatus == models.BookingBooked:
		e.State = models.EntrySubmitted
	case e.WaitState == models.Waiting, e.WaitState == models.WaitOffered:
	default:
		e.State = models.EntryWithdrawn
	}
	return e
}

// own reports whether the entry is the actor's.
func (e Entry) own(a auth.Actor) bool {
	return a.SignedIn() && e.LeaderID != nil && *e.LeaderID == a.AccountID
}

// mayEdit: its leader, and for whoever has no account the desk of the contest, that of
// the team's home, or the one that entered it.
func (e Entry) mayEdit(a auth.Actor) bool {
	return e.own(a) || a.CanAt(auth.BookForOthers, e.ContestPath) || a.CanAt(auth.BookForOthers, e.OrgPath) ||
		a.Can(auth.BookForOthers) && e.CreatedBy == a.AccountID
}

// Entry returns an entry that the actor may see whole: its leader, staff of the
// contest, the desk. errs.ErrNotFound for anybody else.
func (s *Service) Entry(ctx context.Context, a auth.Actor, uid string) (e Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { e, err = s.visible(tx, a, uid); return err })
	return e, err
}

func (s *Service) visible(tx *db.Tx, a auth.Actor, uid string) (Entry, error) {
	e, err := entryByUID(tx, uid)
	if err == nil && !e.mayEdit(a) && !a.CanAt(auth.ContestRead, e.ContestPath) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	e.Phone, err = s.box.Open(e.PhoneEnc)
	return e, err
}

// Mine lists the actor's living entries and those of the last months, the newest first.
func (s *Service) Mine(ctx context.Context, a auth.Actor) (out []Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = entries(tx, "e.leader_id = ? ORDER BY e.id DESC LIMIT 50", a.AccountID)
		return err
	})
	return out, err
}

// Entries lists a contest's entries by number, for its staff; errs.ErrNotFound
// outside the actor's scope.
func (s *Service) Entries(ctx context.Context, a auth.Actor, contest int64) (c Contest, out []Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if c, err = s.seen(tx, a, contest); err != nil {
			return err
		}
		out, err = entries(tx, "e.contest_id = ? ORDER BY e.number", contest)
		return err
	})
	return c, out, err
}

// choices are what the entry form offers: where a team can be at home, and the
// equipment that can be borrowed.
func (s *Service) choices(ctx context.Context) (orgs []models.Org, lend []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if orgs, err = homes(tx); err != nil {
			return err
		}
		lend, err = equipment(tx)
		return err
	})
	return orgs, lend, err
}

// resources are what the actor can give to a contest.
func (s *Service) resources(ctx context.Context, a auth.Actor) (out []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := rooms(tx)
		out = nil
		for _, r := range all {
			if a.CanAt(auth.ContestWrite, r.Path) {
				out = append(out, r.Named)
			}
		}
		return err
	})
	return out, err
}

// offices are the sub-districts for whose teams places can be kept.
func (s *Service) offices(ctx context.Context) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := homes(tx)
		out = nil
		for _, o := range all {
			if o.Kind == models.OrgSubdistrict {
				out = append(out, o)
			}
		}
		return err
	})
	return out, err
}

// orgsWith lists the organisations at which the actor holds a permission.
func (s *Service) orgsWith(ctx context.Context, a auth.Actor, p auth.Permission) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := homes(tx)
		for _, o := range all {
			if a.CanAt(p, o.Path) {
				out = append(out, o)
			}
		}
		return err
	})
	return out, err
}

// Reply is the answer to a place that is offered from the waiting list.
type Reply string

// The replies.
const (
	ReplyAccept  Reply = "accept"
	ReplyDecline Reply = "decline"
)

// Answer takes the place that is offered to an entry, or lets the next in order
// have it. It returns the refusals of booking.Accept and Decline.
func (s *Service) Answer(ctx context.Context, a auth.Actor, uid string, r Reply) (Entry, error) {
	return s.change(ctx, a, uid, func(tx *db.Tx, e Entry) error {
		if !e.mayEdit(a) {
			return errs.ErrForbidden
		}
		by := booking.Cancelling{Actor: a, Channel: models.ChannelOnline}
		if r == ReplyAccept {
			_, err := s.kernel.Accept(tx, e.WaitID, by)
			return err
		}
		_, err := s.kernel.Decline(tx, e.WaitID, by)
		return err
	})
}

func (s *Service) seen(tx *db.Tx, a auth.Actor, contest int64) (Contest, error) {
	c, err := s.read(tx, contest)
	if err == nil && !a.CanAt(auth.ContestRead, c.OrgPath) {
		err = errs.ErrNotFound
	}
	return c, err
}

// staffed returns a contest, its row locked, that the actor may act on.
func (s *Service) staffed(tx *db.Tx, a auth.Actor, p auth.Permission, contest int64) (Contest, error) {
	if err := lockContest(tx, contest); err != nil {
		return Contest{}, err
	}
	c, err := byID(tx, contest)
	switch {
	case err != nil:
		return c, err
	case !a.CanAt(p, c.OrgPath):
		return c, errs.ErrForbidden
	case c.State != models.ContestOn:
		return c, ErrOver.With("title", c.Title)
	}
	return c, nil
}

// Appearance is an entry in a round: Place is its order, from 1, 0 until drawn.
type Appearance struct {
	models.ContestPlace
	UID    string
	Number int
	Team   string
	Org    string
	OrgID  int64
	// LeaderID is the account that entered the team, nil for a caller's.
	LeaderID *int64
	Piece    string
	Length   int
	State    models.EntryState
}

// Appearances lists who appears in a round, in order; by number until it is drawn.
// Entries that were withdrawn after the draw stay, with their state.
func Appearances(tx *db.Tx, round int64) ([]Appearance, error) { return appearances(tx, round) }

// RoundIn returns a round with its contest; errs.ErrNotFound when there is none.
func RoundIn(tx *db.Tx, id int64) (models.ContestRound, Contest, error) {
	r, err := roundByID(tx, id)
	if err != nil {
		return r, Contest{}, err
	}
	c, err := byID(tx, r.ContestID)
	return r, c, err
}

// Caller is the person whom a desk entered a team for, 0 where there is none.
func Caller(tx *db.Tx, entry int64) (person int64, err error) { return callerOf(tx, entry) }

// MoveRound takes a round to another state, for who scores; ErrRoundState when that
// is no legal move.
func MoveRound(tx *db.Tx, round int64, to models.RoundState) error {
	r, err := lockRound(tx, round)
	switch {
	case err != nil:
		return err
	case !r.State.CanBecome(to):
		return ErrRoundState.With("round", r.Name)
	}
	return setRoundState(tx, r.ID, to, r.DrawID)
}
