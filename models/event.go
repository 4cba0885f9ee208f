package models

import (
	"slices"
	"strconv"
	"strings"
)

// Audience says who may take places.
type Audience string

// Branches means party branches and the desk on their behalf.
const (
	AudiencePublic   Audience = "public"
	AudienceBranches Audience = "branches"
)

// EventState is where an event stands.
type EventState string

// The states of an event and their only moves: planned → open | cancelled,
// open → finished | cancelled. A planned one has its time and waits for who
// runs the place to confirm it. Whether places can be taken now follows from the
// state and the two times.
const (
	EventPlanned   EventState = "planned"
	EventOpen      EventState = "open"
	EventFinished  EventState = "finished"
	EventCancelled EventState = "cancelled"
)

// Event is what places are booked in. SeatMap holds one SeatState a place, in
// plan order or, where PlanID is 0, by number; the counters are its tallies, and
// Version grows by every change.
type Event struct {
	ID          int64
	Kind        string // "screening", "activity"
	ResourceID  int64  // the hall; 0 when it takes none, or its feature reserves rooms of its own
	OrgID       int64  // who runs the place; scope of its staff
	Title       string
	PlanID      int64 // 0: the places are numbered and have no plan
	Audience    Audience
	State       EventState
	StartsAt    Instant
	EndsAt      Instant
	OpensAt     Instant // booking from, inclusive
	ClosesAt    Instant // booking until, exclusive
	CancelUntil Instant // the booker may cancel until, exclusive
	ReleaseAt   Instant // when reserved seats become free; zero: already done or none
	RemindHours string  // hours before the start, "24,2"
	MaxSeats    int     // per booking
	PersonSeats int     // per person, in all their bookings together; 0 is no limit
	SeatMap     string
	ForSale     int
	Taken       int
	Reserved    int // kept for the desk and for other shares
	Attended    int // frozen when the event is finished
	Waiting     int // parties on the waiting list, those with an offer left out
	Version     int64
	CreatedBy   *int64
	CreatedAt   Instant
}

// Numbered reports whether the places have no seat plan.
func (e Event) Numbered() bool { return e.PlanID == 0 }

// Free counts the seats anybody may take now.
func (e Event) Free() int { return e.ForSale - e.Taken - e.Reserved }

// Span is the time of the event itself, without buffers.
func (e Event) Span() Span { return Span{e.StartsAt, e.EndsAt} }

// Bookable reports whether places can be taken at the moment.
func (e Event) Bookable(now Instant) bool {
	return e.State == EventOpen && Span{e.OpensAt, e.ClosesAt}.Contains(now)
}

// Places is the number of free seats as a word: plenty, few (a tenth or fewer
// are left), full, or closed.
func (e Event) Places(now Instant) string {
	switch free := e.Free(); {
	case !e.Bookable(now):
		return "closed"
	case free == 0:
		return "full"
	case free*10 <= e.ForSale:
		return "few"
	default:
		return "plenty"
	}
}

// RemindHours reads when people are reminded of an event, "24,2": hours before the start,
// the last first.
func RemindHours(text string) []int {
	var hours []int
	for h := range strings.SplitSeq(text, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(h)); err == nil && n > 0 {
			hours = append(hours, n)
		}
	}
	slices.Sort(hours)
	return hours
}
