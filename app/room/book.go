package room

import (
	"context"
	"fmt"
	"slices"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// How long a request may stay undecided, and how many times one booker may hold at
// once; what it asks for beyond that queues without holding. Ours.
const (
	decideWithin = 72 * time.Hour
	decideBefore = 12 * time.Hour // at the latest before the start
	answerWithin = 48 * time.Hour // the booker's answer to another time
	maxHolds     = 5
)

// Wish is what somebody asks of a room.
type Wish struct {
	RoomID    int64
	Span      models.Span
	Purpose   string
	Attendees int
	Guardian  string // who comes with the children
	Extras    []int64
	Rule      string // of recurrence, "" for once
	Skip      []models.Day
	Instead   map[models.Day]models.Instant // other starts of single occurrences
	PersonID  int64
	OrgID     int64
	Caller    booking.Caller
	Channel   models.Channel
	ReadBack  booking.ReadBack
	Here      bool // stands at the desk: checked in with the booking, where the window is open
	Rules     HouseRules
	Key       idem.Key
}

// HouseRules says what the booker said of the house rules. Booking by program
// accepts them unless it says otherwise.
type HouseRules string

// The answers.
const (
	RulesAccepted HouseRules = ""
	RulesUnread   HouseRules = "unread"
)

// Placed is a booking as its booker is told of it. The same key gets the same again.
type Placed struct {
	ID          string                   `json:"id"`
	Code        string                   `json:"code"`
	Kind        string                   `json:"kind" validate:"oneof=room"`
	RoomID      int64                    `json:"room_id"`
	Room        string                   `json:"room"`
	Start       models.Instant           `json:"start"`
	End         models.Instant           `json:"end"`
	Status      models.RoomBookingStatus `json:"status" validate:"oneof=pending booked"`
	Holds       bool                     `json:"holds"`    // false: it queues behind who has the time
	Deadline    *models.Instant          `json:"deadline"` // until when a pending one is decided
	SeriesID    string                   `json:"series_id,omitempty"`
	Occurrences []Placed                 `json:"occurrences,omitempty"`
}

// Book books a room for the actor, a dependant, an organisation, or at the desk for
// anybody; with a rule of recurrence every occurrence within the time that can be
// booked, all or none. Where somebody must say yes the booking is pending and holds
// its time; behind another pending one it queues. Besides the refusals of the rules
// it returns booking.ErrResourceTaken with "conflicts" and "suggestions",
// ErrOccurrences, or booking.ErrDeskOnly.
func (s *Service) Book(ctx context.Context, a auth.Actor, w Wish) (out Placed, err error) {
	var instead *instead
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		instead = nil
		out, err = idem.Once(tx, w.Key, func() (Placed, error) {
			if w.Rule != "" {
				return s.bookSeries(tx, a, w)
			}
			b, st, err := s.begin(tx, a, w)
			if err != nil {
				return Placed{}, err
			}
			ask := s.asked(a, st, b)
			ask.later = &instead
			if err := s.place(tx, a, st, ask, &b); err != nil {
				return Placed{}, err
			}
			if w.Here {
				if err := s.greet(tx, a, st, b.UID); err != nil {
					return Placed{}, err
				}
			}
			return placed(st, b), s.tellBooked(tx, st, b, w.ReadBack || booking.ReadBack(w.Here))
		})
		return err
	})
	if instead != nil {
		err = s.complete(ctx, *instead)
	}
	return out, err
}

func placed(st setting, b models.RoomBooking) Placed {
	p := Placed{ID: b.UID, Code: b.Code, Kind: "room", RoomID: b.RoomID, Room: st.Title(), Start: b.StartsAt, End: b.EndsAt, Status: b.Status, Holds: b.Holds}
	if b.Status == models.RoomPending {
		p.Deadline = &b.Deadline
	}
	return p
}

// begin settles for whom a booking is and what it would take, before its time is
// looked at. Whoever it is for is locked, so that two bookings of one person do not
// both pass the count of the week.
func (s *Service) begin(tx *db.Tx, a auth.Actor, w Wish) (models.RoomBooking, setting, error) {
	var b models.RoomBooking
	if _, err := room(tx, w.RoomID); err != nil {
		return b, setting{}, err
	}
	whom, err := s.whom(tx, a, w)
	if err != nil {
		return b, setting{}, err
	}
	b = models.RoomBooking{RoomID: w.RoomID, HolderID: whom.HolderID, PersonID: whom.PersonID, OrgID: whom.OrgID, Name: whom.Name,
		StartsAt: w.Span.Start, EndsAt: w.Span.End, Purpose: w.Purpose, Attendees: w.Attendees, Guardian: w.Guardian,
		Channel: whom.Channel, ReadBack: bool(w.ReadBack), CreatedBy: a.AccountID}
	if err := lockBearer(tx, b); err != nil {
		return b, setting{}, err
	}
	st, err := s.lockedSetting(tx, w.RoomID, w.Span, w.Extras...)
	if err == nil && st.HouseRules != "" && w.Rules == RulesUnread {
		err = ErrHouseRules.At(errs.Field{Name: "accept_rules", Code: "required"})
	}
	return b, st, err
}

// notHere turns the fault of a room's id into what its address says: there is none.
func notHere(err error) error {
	for _, f := range errs.As(err).Fields {
		if f.Name == "room_id" {
			return errs.ErrNotFound
		}
	}
	return err
}

// whom settles whose booking it is, a new caller included.
func (s *Service) whom(tx *db.Tx, a auth.Actor, w Wish) (booking.Bearer, error) {
	whom := booking.Whom{PersonID: w.PersonID, Caller: w.Caller, Channel: w.Channel}
	if w.OrgID != 0 {
		org, err := orgFor(tx, a, w.OrgID)
		if err != nil {
			return booking.Bearer{}, err
		}
		whom.Org = &org
	}
	b, err := booking.BearerOf(tx, a, whom)
	if err != nil || w.Caller.Name == "" || b.PersonID != nil {
		return b, err
	}
	return b.ForCaller(tx, a, s.desk, w.Caller)
}

// place gives a booking its time: it is checked against every rule, then booked, or
// pending where somebody must say yes or others wait for the same time already. The
// resources are locked.
func (s *Service) place(tx *db.Tx, a auth.Actor, st setting, ask asked, b *models.RoomBooking) error {
	if err := s.check(tx, st, ask); err != nil {
		return err
	}
	found, err := s.busyTimes(tx, st, b.Span(), 0)
	if err != nil {
		return err
	}
	against := found.against(st.claims(b.Span()))
	if slices.ContainsFunc(against, func(r busyRow) bool { return !r.waits() }) {
		return s.taken(tx, st, ask, against)
	}
	b.UID, b.Code, b.CreatedAt, b.Version = s.newID(), s.newCode(), tx.Now(), 1
	b.Status, b.Holds = models.RoomBooked, len(against) == 0
	s.consents(a, st, b)
	b.Under(st.rule(ask.booker()), tx.Now())
	if !b.Settled() || !b.Holds {
		b.Status, b.Deadline = models.RoomPending, deadline(tx.Now(), b.StartsAt, decideWithin)
		if b.Holds {
			if b.Holds, err = mayHold(tx, *b); err != nil {
				return err
			}
		}
	}
	if err := insertBooking(tx, b, st.resources(), st.extraIDs()); err != nil {
		return err
	}
	if b.Holds {
		if err := s.hold(tx, st, *b, b.Span(), ask); err != nil {
			return err
		}
	}
	return s.line(tx, a, st, *b, "room_booking.book", "", fmt.Sprintf("%s %s–%s, %s, holds %t", st.Title(), b.StartsAt, b.EndsAt, b.Status, b.Holds), "")
}

// asked is a booking as the rules look at it.
func (s *Service) asked(a auth.Actor, st setting, b models.RoomBooking) asked {
	return asked{span: b.Span(), attendees: b.Attendees, guardian: b.Guardian, except: b.ID, decides: a.CanAt(auth.RoomDecide, st.OrgPath),
		whom: booking.Bearer{HolderID: b.HolderID, PersonID: b.PersonID, OrgID: b.OrgID, Name: b.Name, Channel: b.Channel}}
}

// consents says whose yes a booking needs. Who may say it has said it by booking.
func (s *Service) consents(a auth.Actor, st setting, b *models.RoomBooking) {
	who := asked{whom: booking.Bearer{OrgID: b.OrgID}}.booker()
	for _, p := range st.all() {
		if p.Kind != models.RoomEquipment && p.rule(who).Approve && b.PlaceOK != models.ConsentGiven {
			b.PlaceOK = models.ConsentWanted
		}
	}
	if b.PlaceOK == models.ConsentWanted && a.CanAt(auth.RoomDecide, st.OrgPath) {
		b.PlaceOK = models.ConsentGiven
	}
	if st.OwnerID != nil && b.OwnerOK != models.ConsentGiven {
		b.OwnerOK = models.ConsentWanted
		if a.CanAt(auth.RoomOwn, st.OwnerPath) {
			b.OwnerOK = models.ConsentGiven
		}
	}
}

// deadline is the earlier of a fixed time from now and a while before the start,
// but never so early that nobody could decide.
func deadline(now, start models.Instant, within time.Duration) models.Instant {
	d := now.Add(within)
	if latest := start.Add(-decideBefore); latest.Before(d) {
		d = latest
	}
	if soonest := now.Add(time.Hour); d.Before(soonest) {
		d = soonest
	}
	if d.After(start) {
		d = start
	}
	return d
}

func source(id int64) booking.Source { return booking.Source{Kind: Source, ID: id} }

// hold takes a time for a booking that has none; booking.ErrResourceTaken.
func (s *Service) hold(tx *db.Tx, st setting, b models.RoomBooking, span models.Span, ask asked) error {
	clashes, err := booking.Reserve(tx, source(b.ID), st.claims(span)...)
	if err != nil || len(clashes) == 0 {
		return err
	}
	return s.refuse(tx, st, ask, clashes)
}

func (s *Service) taken(tx *db.Tx, st setting, ask asked, against []busyRow) error {
	clashes := make([]booking.Clash, len(against))
	for i, r := range against {
		clashes[i] = r.clash()
	}
	return s.refuse(tx, st, ask, clashes)
}

// refuse says what is in the way, and what is possible instead.
func (s *Service) refuse(tx *db.Tx, st setting, ask asked, clashes []booking.Clash) error {
	e, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	return s.withSuggestions(tx, st, ask, e.At(errs.Field{Name: "start", Code: "other"}))
}

// line writes an audit row about a booking.
func (s *Service) line(tx *db.Tx, a auth.Actor, st setting, b models.RoomBooking, action, before, after, reason string) error {
	channel := b.Channel
	if a.Login == "job" {
		channel = models.ChannelJob
	}
	l := audit.By(tx, a, channel)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.PersonID = action, Source, b.UID, &st.OrgID, b.PersonID
	l.Before, l.After, l.Reason = before, after, reason
	return audit.Write(tx, l)
}
