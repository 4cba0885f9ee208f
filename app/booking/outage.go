package booking

import (
	"cmp"
	"slices"

	"youyue/app/db"
	"youyue/app/venue"
	"youyue/models"
)

// Broken are the positions of a plan that are out of order at an event, with
// the reason.
type Broken map[int]string

func (b Broken) has(ord int) bool { _, ok := b[ord]; return ok }

// outOfOrder reads what is broken at the time of an event. Whoever decides by
// it holds the lock of the event's row, or of the resource.
func outOfOrder(tx *db.Tx, plan *models.SeatPlan, e models.Event) (Broken, error) {
	rows, err := venue.OutagesIn(tx, e.ResourceID, e.Span())
	return brokenIn(plan, rows), err
}

// brokenIn finds the seats of outages in a plan; a seat that this version of
// the plan does not have is passed over.
func brokenIn(plan *models.SeatPlan, rows []models.SeatOutage) Broken {
	if len(rows) == 0 {
		return nil
	}
	byLabel := make(map[string]int, len(plan.Seats))
	for o, s := range plan.Seats {
		byLabel[s.Label()] = o
	}
	out := Broken{}
	for _, r := range rows {
		if o, ok := byLabel[r.Label()]; ok {
			out[o] = r.Reason
		}
	}
	return out
}

// Sitting is a party at an event.
type Sitting struct {
	Booking models.Booking
	Ords    []int
	Arrived int // how many of them are in already
}

// Stuck says why a party keeps a broken seat.
type Stuck string

// A party is stuck when nothing equivalent is free, or when somebody of it sits
// there already. Then people decide.
const (
	StuckNowhere Stuck = ""
	StuckFull    Stuck = "full"
	StuckArrived Stuck = "arrived"
)

// Hit is a party that has a broken seat.
type Hit struct {
	Sitting
	Broken   []int
	Now      []int // its seats from now on; as before while it is stuck
	Moves    []models.Move
	Together models.Togetherness
	Stuck    Stuck
}

// Repair is what outages do to one event: seats that nobody had are blocked,
// seats in order again are free, parties move.
type Repair struct {
	Blocked []int
	Freed   []int
	Hits    []Hit
}

// Changes reports whether anything is to be written.
func (r Repair) Changes() bool {
	return len(r.Blocked)+len(r.Freed) > 0 || slices.ContainsFunc(r.Hits, func(h Hit) bool { return len(h.Moves) > 0 })
}

// Mend puts an event's map right with what is broken. Each party that has a
// broken seat moves to equivalent ones, all of it or nobody: the largest party
// chooses first, from the free seats, and where these do not suffice from those
// kept for phone and window. It is pure; it marks the result in st.Map and the
// counters of st.Event. Mending twice changes nothing more.
func Mend(st *State, broken Broken, parties []Sitting) Repair {
	var r Repair
	for o, c := range st.Map {
		if st.Plan.Seats[o].Kind == models.SeatNotForSale {
			continue
		}
		switch s := models.SeatState(c); {
		case s == models.SeatBlocked && !broken.has(o):
			st.Map[o] = byte(models.SeatFree)
			st.Event.ForSale++
			r.Freed = append(r.Freed, o)
		case s != models.SeatBlocked && s != models.SeatTaken && broken.has(o):
			st.block(o)
			r.Blocked = append(r.Blocked, o)
		}
	}
	for _, p := range parties {
		h := Hit{Sitting: p, Now: p.Ords}
		for _, o := range p.Ords {
			if broken.has(o) {
				h.Broken = append(h.Broken, o)
			}
		}
		if len(h.Broken) > 0 {
			r.Hits = append(r.Hits, h)
		}
	}
	slices.SortStableFunc(r.Hits, func(a, b Hit) int {
		return cmp.Or(len(b.Ords)-len(a.Ords), cmp.Compare(a.Booking.ID, b.Booking.ID))
	})
	for i := range r.Hits {
		st.reseat(&r.Hits[i], broken)
	}
	return r
}

// block takes a seat that nobody has off the sale.
func (st *State) block(o int) {
	if models.SeatState(st.Map[o]).Kept() {
		st.Event.Reserved--
	}
	st.Map[o] = byte(models.SeatBlocked)
	st.Event.ForSale--
}

func (st *State) reseat(h *Hit, broken Broken) {
	if h.Arrived > 0 {
		h.Stuck = StuckArrived
		return
	}
	for _, a := range []models.Access{{}, {Desk: true}} {
		c, moves, ok := models.Replace(st.Plan, st.available(a), h.Ords, h.Broken)
		if !ok {
			continue
		}
		h.Now, h.Moves, h.Together = c.Ords, moves, c.Together
		for _, m := range moves { // the new ones first
			st.take(m.To)
		}
		for _, m := range moves {
			st.Map[m.From] = byte(models.SeatFree)
			if broken.has(m.From) {
				st.block(m.From)
			}
		}
		return
	}
	h.Stuck = StuckFull
}
