package models

import "time"

// RoomBookingStatus is where a booking of a room stands.
type RoomBookingStatus string

// The states of a room booking. A pending one waits for the scheduler, or for the
// owner of the place; a proposed one for the booker, to whom another time was
// offered: instead of a yes, or because the room must be closed.
const (
	RoomPending   RoomBookingStatus = "pending"
	RoomProposed  RoomBookingStatus = "proposed"
	RoomBooked    RoomBookingStatus = "booked"
	RoomDeclined  RoomBookingStatus = "declined"
	RoomExpired   RoomBookingStatus = "expired"
	RoomCancelled RoomBookingStatus = "cancelled"
	RoomAttended  RoomBookingStatus = "attended"
	RoomNoShow    RoomBookingStatus = "no_show"
)

var roomMoves = map[RoomBookingStatus][]RoomBookingStatus{
	RoomPending:  {RoomBooked, RoomProposed, RoomDeclined, RoomExpired, RoomCancelled},
	RoomProposed: {RoomBooked, RoomDeclined, RoomExpired, RoomCancelled},
	RoomBooked:   {RoomProposed, RoomCancelled, RoomAttended, RoomNoShow},
	RoomNoShow:   {RoomAttended},
}

// CanBecome reports whether the move is legal.
func (s RoomBookingStatus) CanBecome(next RoomBookingStatus) bool { return legal(roomMoves, s, next) }

// Living reports whether the booking stands or may yet stand.
func (s RoomBookingStatus) Living() bool {
	return s == RoomPending || s == RoomProposed || s == RoomBooked
}

// Consent is somebody's yes to a booking.
type Consent string

// Nobody is asked; the yes is awaited; it was given.
const (
	ConsentNone   Consent = ""
	ConsentWanted Consent = "wanted"
	ConsentGiven  Consent = "given"
)

// RoomBooking is a room, a table or all of them for a time. Holds says whether it
// has the time, or queues behind who does. Occurrences of a series carry its id
// and the date they were made for; Changed ones were moved by themselves. PlaceOK
// is the scheduler's yes, OwnerOK that of the partner who lends the place. A
// proposed booking holds the time proposed, in ProposedRoom. CancelUntil and
// ReleaseAt, zero for never, go by the rule at the time of booking. An excused
// no-show counts for nothing.
type RoomBooking struct {
	ID            int64
	UID           string // UUIDv7, the public id
	Code          string
	RoomID        int64
	SeriesID      *int64
	SeriesDay     Day
	HolderID      *int64
	PersonID      *int64
	OrgID         *int64
	Name          string
	StartsAt      Instant
	EndsAt        Instant
	Purpose       string
	Attendees     int
	Guardian      string // who comes with the children
	Changed       bool
	Status        RoomBookingStatus
	Holds         bool
	Deadline      Instant
	PlaceOK       Consent
	OwnerOK       Consent
	ProposedRoom  *int64
	ProposedStart Instant
	ProposedEnd   Instant
	Channel       Channel
	ReadBack      bool
	CreatedBy     int64
	CreatedAt     Instant
	DecidedBy     *int64
	DecidedAt     Instant
	Reason        string
	CheckedInAt   Instant
	CheckedInBy   *int64
	EndedAt       Instant
	Reminded      int // how many of its reminders are behind it
	ExcusedAt     Instant
	ReleaseAt     Instant
	CancelUntil   Instant
	Version       int
}

// Span is the time of the booking itself.
func (b RoomBooking) Span() Span { return Span{b.StartsAt, b.EndsAt} }

// Under sets what the rule says of a booking once its time is known. Who is on the
// spot already is not waited for.
func (b *RoomBooking) Under(r RoomRule, now Instant) {
	b.CancelUntil, b.ReleaseAt = b.StartsAt.Add(-time.Duration(r.CancelMin)*time.Minute), Instant{}
	if r.GraceMin > 0 && b.StartsAt.After(now) {
		b.ReleaseAt = b.StartsAt.Add(time.Duration(r.GraceMin) * time.Minute)
	}
}

// Settled reports whether nobody's yes is missing any more.
func (b RoomBooking) Settled() bool { return b.PlaceOK != ConsentWanted && b.OwnerOK != ConsentWanted }

// RoomSeries is a booking that recurs. Minute is the start in minutes after
// midnight. Occurrences are made up to MadeUntil; EndsOn is the last day before a
// later series took over.
type RoomSeries struct {
	ID        int64
	UID       string
	RoomID    int64
	Rule      string
	FirstDay  Day
	Minute    int
	LengthMin int
	HolderID  *int64
	PersonID  *int64
	OrgID     *int64
	Name      string
	Purpose   string
	Attendees int
	Guardian  string
	Extras    string // JSON list of resource ids
	LeftOut   string // JSON list of dates that are not made
	Channel   Channel
	MadeUntil Day
	EndsOn    Day
	EndedAt   Instant
	CreatedBy int64
	CreatedAt Instant
	Version   int
}

// SpanOn is the time of the occurrence on a day.
func (s RoomSeries) SpanOn(d Day, zone *time.Location) Span {
	return Span{d.At(s.Minute, zone), d.At(s.Minute+s.LengthMin, zone)}
}

// ClosureStatus is where a closure stands.
type ClosureStatus string

// A draft shows whom it would hit; a closed one has the time; a lifted one had it.
const (
	ClosureDraft  ClosureStatus = "draft"
	ClosureClosed ClosureStatus = "closed"
	ClosureLifted ClosureStatus = "lifted"
)

var closureMoves = map[ClosureStatus][]ClosureStatus{
	ClosureDraft:  {ClosureClosed, ClosureLifted},
	ClosureClosed: {ClosureLifted},
}

// CanBecome reports whether the move is legal.
func (s ClosureStatus) CanBecome(next ClosureStatus) bool { return legal(closureMoves, s, next) }

// RoomClosure is a time at which a room, or all of a venue, cannot be had.
type RoomClosure struct {
	ID        int64
	VenueID   int64
	RoomID    *int64
	StartsAt  Instant
	EndsAt    Instant
	Reason    string
	Status    ClosureStatus
	CreatedBy int64
	CreatedAt Instant
	ClosedAt  Instant
	LiftedAt  Instant
}

// Span is the time that is closed.
func (c RoomClosure) Span() Span { return Span{c.StartsAt, c.EndsAt} }
