package models

import (
	"fmt"
	"strconv"
)

// SeatSpec is a seat of a plan that has no ids yet.
type SeatSpec struct {
	Ord    int // 0-based, rows front to back, each from left to right
	Row    int
	RowTag string
	Number string
	Col    int
	Left   int // Ord of the left neighbour, -1 when none
	Aisle  bool
	Kind   SeatKind
	Reason string
}

// PlanOf makes a plan of specs in Ord order; the seats get the ids firstID,
// firstID+1, and so on. It fails when a left neighbour does not exist, or
// where NewSeatPlan does.
func PlanOf(id, hallID int64, version int, firstID int64, specs []SeatSpec) (*SeatPlan, error) {
	seats := make([]Seat, len(specs))
	for i, c := range specs {
		if c.Left < -1 || c.Left >= len(specs) {
			return nil, fmt.Errorf("seat plan %d: position %d has left neighbour %d", id, i, c.Left)
		}
		seats[i] = Seat{ID: firstID + int64(c.Ord), PlanID: id, Ord: c.Ord, Row: c.Row, RowTag: c.RowTag,
			Number: c.Number, Col: c.Col, Aisle: c.Aisle, Kind: c.Kind, Reason: c.Reason}
		if c.Left >= 0 {
			seats[i].LeftID = firstID + int64(c.Left)
		}
	}
	return NewSeatPlan(id, hallID, version, seats)
}

// hall172 draws the 「永远跟党走」 hall, row by row from the screen. s is a
// standard seat, W a wheelchair place, C the companion's seat beside it, and a
// space is floor: the two aisles, and room to turn in the first and last row.
//
// The cinema publishes the number of seats, 172, and no layout. This one is
// assumed, and meant to be replaced by editing the plan.
var hall172 = [...]string{
	" CW   ssssssss   WC ",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	"sss ssssssssssss sss",
	" CW ssssssssssss WC ",
}

// CinemaHallPlan returns the assumed plan of the 172-seat hall: all seats for
// sale, among them four wheelchair places with a companion seat each. As
// cinemas do, it numbers from the middle outwards, odd to the left and even to
// the right, so 1 and 2 sit side by side, and 2 and 3 do not.
func CinemaHallPlan() []SeatSpec {
	kinds := map[byte]SeatKind{'s': SeatStandard, 'W': SeatWheelchair, 'C': SeatCompanion}
	var specs []SeatSpec
	for r, line := range hall172 {
		half := len(line) / 2
		odd := 0
		for c := range half {
			if line[c] != ' ' {
				odd++
			}
		}
		even := 0
		for c := range len(line) {
			if line[c] == ' ' {
				continue
			}
			spec := SeatSpec{Ord: len(specs), Row: r + 1, RowTag: strconv.Itoa(r + 1), Col: c + 1, Left: -1, Kind: kinds[line[c]]}
			if c < half {
				spec.Number = strconv.Itoa(2*odd - 1)
				odd--
			} else {
				even++
				spec.Number = strconv.Itoa(2 * even)
			}
			if c > 0 && line[c-1] != ' ' {
				spec.Left = len(specs) - 1
			}
			spec.Aisle = c > 0 && line[c-1] == ' ' || c < len(line)-1 && line[c+1] == ' '
			specs = append(specs, spec)
		}
	}
	return specs
}
