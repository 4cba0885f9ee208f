package booking

import (
	"slices"

	"youyue/app/errs"
	"youyue/models"
)

// Reach says which seats an ask may take.
type Reach string

// The desk books for callers, from the share kept for them too; a block is asked
// for and decided about, so that it may be larger than a booking; a whole-hall
// booking follows an approved request and is bound by no window or limit. The
// door seats walk-ins around the start, whoever the event was meant for: its
// staff sees them; a list on paper says afterwards who was seated so.
const (
	ReachOnline Reach = ""
	ReachDesk   Reach = "desk"
	ReachBlock  Reach = "block"
	ReachWhole  Reach = "whole"
	ReachDoor   Reach = "door"
	ReachPaper  Reach = "paper"
	ReachLent   Reach = "lent" // a device at the door takes places along, until the event ends
)

// Ask is what a party wants of one event: chosen Seats, or a Party to be seated
// together. Nothing in it depends on the database.
type Ask struct {
	EventID   int64
	Seats     []int64
	Party     models.Party
	Reach     Reach
	ForBranch bool   // the booking belongs to a branch
	Shares    string // letters of the shares of the event that the party belongs to; its feature says so
	Has       int    // seats the same person has already, where the event limits them
}

// State is what an event's places look like under its row's lock.
type State struct {
	Event models.Event
	Plan  *models.SeatPlan
	Map   []byte // one models.SeatState a seat, by Ord

	held   []int  // while a change is decided: what the party has now
	broken Broken // and what nobody gets when it is left
}

// Outcome answers one ask: the positions it got, or why not.
type Outcome struct {
	Ords     []int
	Together models.Togetherness
	Refusal  *errs.Error
}

// maxAlternatives is how many ways out a refusal offers.
const maxAlternatives = 3

// Decide answers asks in their order, each on what the ones before have left,
// and marks what it gives away in st.Map and the counters of st.Event. It is
// pure: the same state and asks give the same outcomes. A refusal leaves no trace.
func Decide(st *State, now models.Instant, asks []Ask) []Outcome {
	out := make([]Outcome, len(asks))
	for i, ask := range asks {
		ords, together, refusal := st.decide(now, ask)
		if refusal != nil {
			out[i] = Outcome{Refusal: refusal}
			continue
		}
		for _, o := range ords {
			st.take(o)
		}
		st.Event.Taken += len(ords)
		out[i] = Outcome{Ords: ords, Together: together}
	}
	return out
}

// take marks a place that nobody has as taken.
func (st *State) take(o int) {
	if models.SeatState(st.Map[o]).Kept() {
		st.Event.Reserved--
	}
	st.Map[o] = byte(models.SeatTaken)
}

func (st *State) decide(now models.Instant, ask Ask) ([]int, models.Togetherness, *errs.Error) {
	if refusal := st.open(now, ask); refusal != nil {
		return nil, "", refusal
	}
	if ask.Reach == ReachWhole {
		return st.whole()
	}
	if (len(ask.Seats) > 0) == (ask.Party.Count > 0) {
		return nil, "", ErrSeatsOrCount
	}
	if n := max(len(ask.Seats), ask.Party.Count); n > st.Event.MaxSeats && ask.Reach != ReachBlock && ask.Reach != ReachLent {
		return nil, "", ErrTooMany.With("asked", n).With("max", st.Event.MaxSeats).
			Add("max_seats", st.Event.MaxSeats).At(errs.Field{Name: "seats", Code: "too_many"})
	}
	if n := max(len(ask.Seats), ask.Party.Count); limitsPerson(st.Event, ask) && ask.Has+n > st.Event.PersonSeats {
		return nil, "", personLimit(ask.Has, n, st.Event.PersonSeats)
	}
	if len(ask.Seats) > 0 {
		return st.chosen(ask)
	}
	if p := ask.Party; p.Wheelchairs+p.Companions > p.Count {
		return nil, "", errs.ErrInvalid.At(errs.Field{Name: "wheelchairs", Code: "max", Args: map[string]any{"param": p.Count}})
	}
	return st.party(ask)
}

// open holds the ask to the event's state, window and audience.
func (st *State) open(now models.Instant, ask Ask) *errs.Error {
	e := st.Event
	switch {
	case ask.Reach == ReachPaper:
		return nil // the record is open: see recordOpen
	case e.State == models.EventPlanned:
		return ErrPlanned.With("title", e.Title).With("starts_at", e.StartsAt)
	case e.State != models.EventOpen, !now.Before(e.EndsAt):
		return ErrOver.With("title", e.Title).With("starts_at", e.StartsAt)
	case ask.Reach == ReachWhole, ask.Reach == ReachLent:
		return nil
	case ask.Reach == ReachDoor:
		return walkInsOpen(e, now)
	case now.Before(e.OpensAt):
		return ErrNotYet.With("opens_at", e.OpensAt).Add("opens_at", e.OpensAt)
	case !now.Before(e.ClosesAt):
		return ErrClosed.With("closes_at", e.ClosesAt).Add("closes_at", e.ClosesAt)
	case e.Audience == models.AudienceBranches && !ask.ForBranch:
		return ErrBranchesOnly
	}
	return nil
}

func (st *State) whole() ([]int, models.Togetherness, *errs.Error) {
	var ords []int
	for o, c := range st.Map {
		switch models.SeatState(c) {
		case models.SeatTaken:
			return nil, "", takenError(st.Plan.Seats[o].Label(), nil)
		case models.SeatBlocked:
		case models.SeatFree, models.SeatReserved:
			ords = append(ords, o)
		default: // of a share
			ords = append(ords, o)
		}
	}
	if len(ords) == 0 {
		return nil, "", ErrFull.With("asked", 0).With("free", 0).Add("free", 0)
	}
	return ords, models.TogetherAdjoining, nil
}

// access is which of the kept places an ask may take beside the free ones.
func (a Ask) access() models.Access {
	return models.Access{Desk: a.Reach == ReachDesk || a.Reach == ReachDoor || a.Reach == ReachPaper || a.Reach == ReachLent, Shares: a.Shares}
}

// available tells the positions that an ask may take.
func (st *State) available(a models.Access) func(ord int) bool {
	return func(o int) bool { return a.May(models.SeatState(st.Map[o])) }
}

func (st *State) chosen(ask Ask) ([]int, models.Togetherness, *errs.Error) {
	free := st.available(ask.access())
	var ords, gone []int
	for i, id := range ask.Seats {
		o, ok := st.Plan.Ord(id)
		if !ok || slices.Contains(ords, o) || slices.Contains(gone, o) {
			return nil, "", ErrUnknownSeat.At(errs.Field{Name: fieldAt("seats", i), Code: "unknown_seat"})
		}
		if models.SeatState(st.Map[o]) == models.SeatBlocked {
			seat := st.Plan.Seats[o]
			return nil, "", ErrNotForSale.With("seats", seat.Label()).With("reason", seat.Reason)
		}
		if !free(o) {
			gone = append(gone, o)
			continue
		}
		ords = append(ords, o)
	}
	if len(gone) == 0 {
		slices.Sort(ords)
		return ords, "", nil
	}
	wanted := append(slices.Clone(ords), gone...)
	slices.Sort(wanted)
	slices.Sort(gone)
	var options []Option
	for _, c := range models.Nearest(st.Plan, free, wanted, maxAlternatives) {
		options = append(options, Option{Seats: st.refs(c.Ords), Together: c.Together})
	}
	return nil, "", takenError(st.labels(gone), options)
}

func takenError(labels string, options []Option) *errs.Error {
	if options == nil {
		options = []Option{}
	}
	e := ErrSeatTaken.With("seats", labels).Add("alternatives", options)
	if len(options) == 0 {
		return e.Worded("screening.seat_taken.none_left")
	}
	return e.With("instead", joinLabels(options[0].Seats))
}

func (st *State) party(ask Ask) ([]int, models.Togetherness, *errs.Error) {
	choice, ok := st.choose(ask)
	if !ok {
		free := st.within(ask)
		if len(st.held) > 0 {
			return nil, "", ErrFull.Worded("screening.full.change").With("asked", ask.Party.Count).With("free", free).Add("free", free)
		}
		return nil, "", ErrFull.With("asked", ask.Party.Count).With("free", free).Add("free", free)
	}
	return choice.Ords, choice.Together, nil
}

// within counts the seats that a party could have: places for wheelchairs are
// for those who ask for them.
func (st *State) within(ask Ask) int {
	n, available := 0, st.available(ask.access())
	for o, seat := range st.Plan.Seats {
		if available(o) && (seat.Kind != models.SeatWheelchair || ask.Party.Wheelchairs > 0) {
			n++
		}
	}
	return n
}

// SeatRef is a seat as people and programs are told of it.
type SeatRef struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
}

// Option is one way out that a refusal offers.
type Option struct {
	Seats    []SeatRef           `json:"seats"`
	Together models.Togetherness `json:"together"`
}

func (st *State) refs(ords []int) []SeatRef {
	out := make([]SeatRef, len(ords))
	for i, o := range ords {
		out[i] = SeatRef{ID: st.Plan.Seats[o].ID, Label: st.Plan.Seats[o].Label()}
	}
	return out
}

func (st *State) labels(ords []int) string { return joinLabels(st.refs(ords)) }
