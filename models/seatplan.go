package models

import (
	"fmt"
	"sort"
)

// SeatKind says what a place in a hall is.
type SeatKind string

// The kinds of seat. A seat that is not for sale carries a reason in the plan.
const (
	SeatStandard   SeatKind = "standard"
	SeatWheelchair SeatKind = "wheelchair"
	SeatCompanion  SeatKind = "companion"
	SeatNotForSale SeatKind = "not_for_sale"
)

// Seat is one place of a plan version. Its neighbours are data: a cinema may
// number odd seats to the left and even ones to the right, so the printed
// number says nothing about who sits beside whom.
type Seat struct {
	ID     int64    // unique over all plans, so a seat of another hall is recognised
	PlanID int64    // the plan version it belongs to
	Ord    int      // position in the event's state string, 0-based, without gaps
	Row    int      // physical row, 1 is nearest the screen
	RowTag string   // printed row, "5"
	Number string   // printed number, "7"
	Col    int      // physical column, for drawing and distance
	LeftID int64    // neighbour towards smaller columns without an aisle between, 0 when none
	Aisle  bool     // an aisle or wall gap lies at one side
	Kind   SeatKind //
	Reason string   // why it is not for sale
}

// Label is what people read: 5排7座; a place without a plan is 3号.
func (s Seat) Label() string {
	if s.RowTag == "" {
		return s.Number + "号"
	}
	return fmt.Sprintf("%s排%s座", s.RowTag, s.Number)
}

// SeatPlan is one immutable version of a hall's seats, in Ord order.
type SeatPlan struct {
	ID      int64
	HallID  int64
	Version int
	Seats   []Seat

	byID     map[int64]int
	runs     [][]int // ords of each unbroken run, left to right, rows front to back
	numbered bool    // places without a geometry; see NumberedPlan
}

// NewSeatPlan indexes the seats of one plan version. It fails when Ord is not
// 0…n-1, an id repeats, or a left neighbour is unknown, in another row, or
// shared: such a plan would seat people apart who were promised to sit together.
func NewSeatPlan(id, hallID int64, version int, seats []Seat) (*SeatPlan, error) {
	p := &SeatPlan{ID: id, HallID: hallID, Version: version, byID: make(map[int64]int, len(seats))}
	p.Seats = append([]Seat(nil), seats...)
	sort.Slice(p.Seats, func(i, j int) bool { return p.Seats[i].Ord < p.Seats[j].Ord })
	for i, s := range p.Seats {
		if s.Ord != i {
			return nil, fmt.Errorf("seat plan %d: position %d is missing or repeated", id, i)
		}
		if _, dup := p.byID[s.ID]; dup {
			return nil, fmt.Errorf("seat plan %d: seat id %d repeats", id, s.ID)
		}
		p.byID[s.ID] = i
	}
	right := make(map[int]int, len(p.Seats))
	for i, s := range p.Seats {
		if s.LeftID == 0 {
			continue
		}
		l, ok := p.byID[s.LeftID]
		if !ok || p.Seats[l].Row != s.Row || p.Seats[l].Col >= s.Col {
			return nil, fmt.Errorf("seat plan %d: %s has a wrong left neighbour", id, s.Label())
		}
		if _, taken := right[l]; taken {
			return nil, fmt.Errorf("seat plan %d: %s has two right neighbours", id, p.Seats[l].Label())
		}
		right[l] = i
	}
	for i, s := range p.Seats {
		if s.LeftID != 0 {
			continue
		}
		run := []int{i}
		for next, ok := right[i]; ok; next, ok = right[next] {
			run = append(run, next)
		}
		p.runs = append(p.runs, run)
	}
	sort.SliceStable(p.runs, func(a, b int) bool {
		x, y := p.Seats[p.runs[a][0]], p.Seats[p.runs[b][0]]
		if x.Row != y.Row {
			return x.Row < y.Row
		}
		return x.Col < y.Col
	})
	return p, nil
}

// Ord returns the position of a seat id; false when the seat is not of this plan.
func (p *SeatPlan) Ord(id int64) (int, bool) {
	if p.numbered {
		return int(id) - 1, id >= 1 && id <= int64(len(p.Seats))
	}
	i, ok := p.byID[id]
	return i, ok
}

// Runs returns the unbroken runs of physically adjacent seats, as positions
// from left to right; rows come front to back. The caller must not change them.
func (p *SeatPlan) Runs() [][]int { return p.runs }

// ForSale counts the seats that can be booked at all.
func (p *SeatPlan) ForSale() int {
	n := 0
	for _, s := range p.Seats {
		if s.Kind != SeatNotForSale {
			n++
		}
	}
	return n
}

// SeatState is one byte of an event's state string, by Seat.Ord.
type SeatState byte

// The states a seat can be in for one event.
const (
	SeatFree     SeatState = 'f'
	SeatTaken    SeatState = 't'
	SeatBlocked  SeatState = 'b' // not for sale, or out of order
	SeatReserved SeatState = 'r' // the share kept for phone and window; for other shares see Share
)

// Word is the name of the state in the API.
func (s SeatState) Word() string {
	switch s {
	case SeatFree:
		return "free"
	case SeatTaken:
		return "taken"
	case SeatReserved:
		return "reserved"
	default:
		return "blocked"
	}
}
