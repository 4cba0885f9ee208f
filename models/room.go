package models

import "time"

// Venue is a house with rooms in it. OwnerID is a partner who lends it: bookings
// of its rooms need the owner's yes.
type Venue struct {
	ID         int64
	OrgID      int64
	Code       string
	Name       string
	Address    string
	Phone      string
	Route      string
	OwnerID    *int64
	CreatedAt  Instant
	ArchivedAt Instant
}

// RoomKind tells what of a venue is booked.
type RoomKind string

// The kinds: a room; a table in it, which can be had alone; a piece of equipment,
// which goes along with a booking.
const (
	RoomWhole     RoomKind = "room"
	RoomUnit      RoomKind = "unit"
	RoomEquipment RoomKind = "equipment"
)

// RoomAudience is whom a room is meant for.
type RoomAudience string

// The audiences; children come with a guardian.
const (
	RoomForAll      RoomAudience = "all"
	RoomForElderly  RoomAudience = "elderly"
	RoomForChildren RoomAudience = "children"
)

// Room is a resource of a venue. Use is what it serves for, the same word for
// rooms alike: one may stand in for another. SlotMin 0 is any time on the grid of
// StepMin; else a booking is one or more slots from the opening on. SetupMin and
// CleanupMin are kept free before and after.
type Room struct {
	ID         int64
	VenueID    int64
	WholeID    *int64 // the room that a table stands in
	Kind       RoomKind
	Use        string
	Capacity   int
	Audience   RoomAudience
	Accessible bool
	AccessNote string
	Floor      string
	Contact    string
	HouseRules string
	SlotMin    int
	StepMin    int
	SetupMin   int
	CleanupMin int
	Ord        int
	ArchivedAt Instant
}

// Held is the time a booking takes, with what is kept free around it.
func (r Room) Held(s Span) Span {
	return Span{s.Start.Add(-time.Duration(r.SetupMin) * time.Minute), s.End.Add(time.Duration(r.CleanupMin) * time.Minute)}
}

// RoomRule is what a kind of booker may do: bookings from AheadDays until
// AheadMin before, of LongestMin at most, PerWeek a week (0: any number), with or
// without approval. DeskPercent of a day's open time is kept for phone and window
// until a day before. A booking may be cancelled until CancelMin before; who has
// not come GraceMin after the start (0: never) has let it go.
type RoomRule struct {
	ID          int64
	VenueID     int64
	RoomID      *int64 // nil: in every room of the venue that has none of its own
	Who         RoomBooker
	AheadDays   int
	AheadMin    int
	LongestMin  int
	PerWeek     int
	Approve     bool
	DeskPercent int
	CancelMin   int
	GraceMin    int
}

// RoomBooker is a kind of booker.
type RoomBooker string

// A person, or an organisation: a branch, a team, a station.
const (
	ByResident RoomBooker = "resident"
	ByOrg      RoomBooker = "org"
)

// DefaultRoomRule is the rule where none is set. Ours.
func DefaultRoomRule(who RoomBooker) RoomRule {
	r := RoomRule{Who: who, AheadDays: 14, AheadMin: 30, LongestMin: 120, PerWeek: 3, CancelMin: 60, GraceMin: 15, DeskPercent: 20}
	if who == ByOrg {
		r.AheadDays, r.LongestMin, r.PerWeek, r.Approve, r.DeskPercent = 90, 480, 0, true, 0
	}
	return r
}

// RuleFor picks the rule of a booker in a room: the table's, the room's, the
// venue's, the usual one.
func RuleFor(rules []RoomRule, room Room, who RoomBooker) RoomRule {
	for _, id := range []*int64{&room.ID, room.WholeID, nil} {
		for _, r := range rules {
			if r.VenueID == room.VenueID && r.Who == who && same(r.RoomID, id) && (id != nil || r.RoomID == nil) {
				return r
			}
		}
	}
	return DefaultRoomRule(who)
}

// RoomBookingStatus is where a booking of a room stands.
type RoomBookingStatus string

// The states of a room booking. A pending one waits for the scheduler, or for the
// owner of the place; a proposed one for the booker, to whom another time was
// offered.
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
	RoomBooked:   {RoomCancelled, RoomAttended, RoomNoShow},
	RoomNoShow:   {RoomAttended},
}

// CanBecome reports whether the move is legal.
func (s RoomBookingStatus) CanBecome(next RoomBookingStatus) bool { return legal(roomMoves, s, next) }

// Living reports whether the booking stands or may yet stand.
func (s RoomBookingStatus) Living() bool {
	return s == RoomPending || s == RoomProposed || s == RoomBooked
}

// RoomBooking is a room, a table or all of them for a time. Holds says whether it
// has the time, or queues behind who does. Occurrences of a series carry its id
// and the date they were made for. OwnerOK is "" where nobody owns the place,
// else "wanted" or "given".
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
	Status        RoomBookingStatus
	Holds         bool
	Deadline      Instant
	OwnerOK       string
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
	Version       int
}

// Span is the time of the booking itself.
func (b RoomBooking) Span() Span { return Span{b.StartsAt, b.EndsAt} }
