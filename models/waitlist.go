package models

import (
	"slices"
	"time"
)

// WaitState is where a party on a waiting list stands.
type WaitState string

// A waiting party has a place in the order; an offered one has seats held until
// a deadline. Taken, declined and expired are how an offer ends; who leaves by
// themselves has left; closed means that the list ended first.
const (
	Waiting      WaitState = "waiting"
	WaitOffered  WaitState = "offered"
	WaitTaken    WaitState = "taken"
	WaitDeclined WaitState = "declined"
	WaitExpired  WaitState = "expired"
	WaitLeft     WaitState = "left"
	WaitClosed   WaitState = "closed"
)

var waitMoves = map[WaitState][]WaitState{
	Waiting:     {WaitOffered, WaitLeft, WaitClosed},
	WaitOffered: {WaitTaken, WaitDeclined, WaitExpired, WaitClosed},
}

// CanBecome reports whether the move is legal.
func (s WaitState) CanBecome(next WaitState) bool { return legal(waitMoves, s, next) }

// Living reports whether the party still has a place or an offer.
func (s WaitState) Living() bool { return s == Waiting || s == WaitOffered }

// WaitEntry is one party on the waiting list of one event. Holder names who it
// is ("account:5", "person:7", "org:12"); each has one living entry per event.
type WaitEntry struct {
	ID          int64
	UID         string // the id that its booking will have
	EventID     int64
	Holder      string
	HolderID    *int64
	PersonID    *int64
	OrgID       *int64
	Name        string
	Place       string // where the event is, for messages
	Party       int
	Zone        Zone
	Aisle       Aisle
	Wheelchairs int
	Companions  int
	Channel     Channel
	Shares      string // letters of the shares it belongs to
	State       WaitState
	Rank        int64 // the order; the smallest is first
	Passed      int   // how often a later party was offered seats that were too few for this one
	BookingID   *string
	TokenHash   *string
	OfferedAt   Instant
	Deadline    Instant // of the offer
	EndedAt     Instant
	CreatedBy   int64
	CreatedAt   Instant
}

// TableName keeps the word the field uses.
func (WaitEntry) TableName() string { return "waitlist_entries" }

// Wants is the party as seats are chosen for it.
func (w WaitEntry) Wants() Party {
	return Party{Count: w.Party, Zone: w.Zone, Aisle: w.Aisle, Wheelchairs: w.Wheelchairs, Companions: w.Companions}
}

// Reserved reports whether the share for phone and window is for this party too:
// it came through a desk.
func (w WaitEntry) Reserved() bool { return w.Channel != ChannelOnline }

// Access is which places the party may have.
func (w WaitEntry) Access() Access { return Access{Desk: w.Reserved(), Shares: w.Shares} }

// Fits reports whether the party could be seated on what is free now.
func (w WaitEntry) Fits(p *SeatPlan, seatMap []byte) bool {
	n, free := 0, func(o int) bool { return w.Access().May(SeatState(seatMap[o])) }
	for o := range seatMap {
		if free(o) {
			n++
		}
	}
	if n < w.Party || p.Numbered() {
		return n >= w.Party
	}
	_, ok := ChooseSeats(p, free, w.Wants())
	return ok
}

// NextOffer says whose turn it is: the index of the party to be offered seats,
// and of those before it for whom there are too few; false when nobody fits.
//
// This is the stated order of every waiting list. Whatever is freed is offered
// to the first in order whose whole party can be seated; a party for which it
// is too few keeps its place and is asked first again the next time. Nobody is
// asked before somebody earlier who fits, and no seat is free for everybody
// while somebody waits who could use it.
//
// A large party is therefore never passed over by seats that it could have had,
// but it is not kept seats for either: holding single seats back until six have
// gathered would leave them empty on the day, and one party of twenty could stop
// the booking for all. Such a party may make itself smaller without losing its
// place, and each time that it is passed over is counted, for the scheduler to see.
func NextOffer(p *SeatPlan, seatMap []byte, waiting []WaitEntry) (next int, passed []int, ok bool) {
	order := make([]int, len(waiting))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return waiting[a].Compare(waiting[b]) })
	for _, i := range order {
		if waiting[i].State != Waiting {
			continue
		}
		if waiting[i].Fits(p, seatMap) {
			return i, passed, true
		}
		passed = append(passed, i)
	}
	return 0, nil, false
}

// Compare sorts two parties of one list by their order.
func (w WaitEntry) Compare(o WaitEntry) int {
	switch {
	case w.Rank < o.Rank || (w.Rank == o.Rank && w.ID < o.ID):
		return -1
	case w.Rank == o.Rank && w.ID == o.ID:
		return 0
	}
	return 1
}

// How long an offer stands. Half a day lets a night and a breakfast pass before
// an answer is due; close to the end an offer takes half of what is left, so
// that the next in order still have a turn; with less than half an hour nobody
// could read a message and answer it. Ours.
const (
	OfferFor     = 12 * time.Hour
	OfferAtLeast = 30 * time.Minute
)

// OfferUntil is the deadline of an offer made now, never past the moment at
// which booking closes; false when too little is left for an answer.
func OfferUntil(now, closes Instant) (Instant, bool) {
	left := closes.Sub(now)
	if left < OfferAtLeast {
		return Instant{}, false
	}
	return now.Add(max(min(OfferFor, left/2), OfferAtLeast)), true
}

// ListUntil is when the waiting list of an event ends: from then on no offer
// could be answered, and what is freed is for whoever comes first.
func (e Event) ListUntil() Instant { return e.ClosesAt.Add(-OfferAtLeast) }

// ListOpen reports whether the waiting list of an event takes parties and makes
// offers at the moment.
func (e Event) ListOpen(now Instant) bool { return e.Bookable(now) && !now.After(e.ListUntil()) }
