package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// CheckPlan names everything that is wrong with the seats of a plan, and what
// is odd about it. Seats stand in Ord order: rows front to back, each from left
// to right; a left neighbour is the seat in the column before, or none.
func CheckPlan(specs []SeatSpec) []PlanFault { return checkPlan(specs, nil) }

func checkPlan(specs []SeatSpec, lines map[int]int) []PlanFault {
	c := planCheck{specs: specs, lines: lines}
	if len(specs) == 0 {
		c.add(SeatSpec{}, "no_seats")
		return c.faults
	}
	if len(specs) > MaxPlanSeats {
		c.add(specs[MaxPlanSeats], "too_many_seats", "max", MaxPlanSeats)
		return c.faults
	}
	tags := map[string]int{}
	rows := 0
	for i := 0; i < len(specs); {
		n := i
		for n < len(specs) && specs[n].Row == specs[i].Row {
			n++
		}
		c.row(specs[i:n], i, tags)
		rows++
		i = n
	}
	if rows > MaxPlanRows {
		c.add(specs[len(specs)-1], "too_many_rows", "n", rows, "max", MaxPlanRows)
	}
	c.wheelchairs()
	return c.faults
}

type planCheck struct {
	specs  []SeatSpec
	lines  map[int]int
	faults []PlanFault
}

func (c *planCheck) add(at SeatSpec, code string, pairs ...any) *PlanFault {
	f := PlanFault{Code: code, Ord: max(at.Ord, 0), Line: c.lines[at.Row], Row: at.RowTag, Pos: at.Col, Args: map[string]any{"seat": at.Number}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	c.faults = append(c.faults, f)
	return &c.faults[len(c.faults)-1]
}

func (c *planCheck) row(seats []SeatSpec, first int, tags map[string]int) {
	head := seats[0]
	if first > 0 && head.Row < c.specs[first-1].Row || head.Row < 1 {
		c.add(head, "row_order")
	}
	if !goodTag(head.RowTag) {
		c.add(head, "row_tag", "max", maxTagRunes)
	} else if row, dup := tags[head.RowTag]; dup && row != head.Row {
		c.add(head, "row_twice", "line", cmp.Or(c.lines[row], row))
	}
	tags[head.RowTag] = head.Row
	numbers := map[string]int{}
	wide := false
	for i, s := range seats {
		if at, dup := numbers[s.Number]; dup {
			c.add(s, "number_twice", "first", at)
		} else {
			numbers[s.Number] = s.Col
		}
		wide = wide || s.Col > MaxPlanCols
		c.seat(s, first+i)
		if s.RowTag != head.RowTag {
			c.add(s, "row_mixed", "tag", s.RowTag)
		}
		if i > 0 && s.Col <= seats[i-1].Col {
			c.add(s, "overlap", "other", seats[i-1].Number)
		}
		if s.Left >= 0 && (i == 0 || s.Left != first+i-1 || seats[i-1].Col != s.Col-1) {
			c.add(s, "neighbour")
		}
	}
	if wide {
		c.add(seats[len(seats)-1], "too_wide", "max", MaxPlanCols)
	}
}

func (c *planCheck) seat(s SeatSpec, ord int) {
	if s.Ord != ord {
		c.add(s, "order")
	}
	if s.Col < 1 {
		c.add(s, "column")
	}
	if !seatNo.MatchString(s.Number) {
		c.add(s, "number")
	}
	switch s.Kind {
	case SeatStandard, SeatWheelchair, SeatCompanion, SeatNotForSale:
	default:
		c.add(s, "kind", "kind", string(s.Kind))
	}
	switch plain, ok := PlainText(s.Reason); {
	case s.Reason == "":
		if s.Kind == SeatNotForSale {
			c.add(s, "no_reason").Warn = true
		}
	case !ok || plain != s.Reason || utf8.RuneCountInString(s.Reason) > maxReasonLen || strings.ContainsAny(s.Reason, "()（）"):
		c.add(s, "reason", "max", maxReasonLen)
	case s.Kind != SeatNotForSale:
		c.add(s, "reason_unused").Warn = true
	}
}

// wheelchairs warns of a wheelchair place with no companion seat beside it, and
// the other way round.
func (c *planCheck) wheelchairs() {
	right := make([]int, len(c.specs))
	for i := range right {
		right[i] = -1
	}
	for i, s := range c.specs {
		if s.Left >= 0 && s.Left < len(right) {
			right[s.Left] = i
		}
	}
	beside := func(i int, k SeatKind) bool {
		return slices.ContainsFunc([]int{c.specs[i].Left, right[i]}, func(n int) bool {
			return n >= 0 && n < len(c.specs) && c.specs[n].Kind == k
		})
	}
	for i, s := range c.specs {
		switch {
		case s.Kind == SeatWheelchair && !beside(i, SeatCompanion):
			c.add(s, "no_companion").Warn = true
		case s.Kind == SeatCompanion && !beside(i, SeatWheelchair):
			c.add(s, "no_wheelchair").Warn = true
		}
	}
}

// goodTag holds a printed row to what labels and the text form can carry.
func goodTag(tag string) bool {
	plain, ok := PlainText(tag)
	return ok && plain == tag && utf8.RuneCountInString(tag) <= maxTagRunes && !strings.ContainsAny(tag, "排座:：|/_() （）、")
}

// Specs are the seats of a plan without their ids.
func (p *SeatPlan) Specs() []SeatSpec {
	out := make([]SeatSpec, len(p.Seats))
	for i, s := range p.Seats {
		out[i] = SeatSpec{Ord: s.Ord, Row: s.Row, RowTag: s.RowTag, Number: s.Number, Col: s.Col, Left: -1, Aisle: s.Aisle, Kind: s.Kind, Reason: s.Reason}
		if l, ok := p.byID[s.LeftID]; ok && s.LeftID != 0 {
			out[i].Left = l
		}
	}
	return out
}

// PlanDiff is what an edit does to a plan, seat by seat as people name them.
type PlanDiff struct {
	Added   []string
	Removed []string
	Kind    []string // another kind, or another reason not to be sold
	Moved   []string // another place or another neighbour
	Before  map[SeatKind]int
	After   map[SeatKind]int
}

// Same reports whether nothing changes.
func (d PlanDiff) Same() bool {
	return len(d.Added)+len(d.Removed)+len(d.Kind)+len(d.Moved) == 0
}

// DiffPlans compares two plans by row and number; the lists are in reading order.
func DiffPlans(before, after []SeatSpec) PlanDiff {
	d := PlanDiff{Before: map[SeatKind]int{}, After: map[SeatKind]int{}}
	old := make(map[string]int, len(before))
	for i, s := range before {
		old[s.label()] = i
		d.Before[s.Kind]++
	}
	for _, s := range after {
		d.After[s.Kind]++
		i, ok := old[s.label()]
		if !ok {
			d.Added = append(d.Added, s.label())
			continue
		}
		was := before[i]
		delete(old, s.label())
		if was.Kind != s.Kind || was.Reason != s.Reason {
			d.Kind = append(d.Kind, s.label())
		}
		if was.Row != s.Row || was.Col != s.Col || was.Aisle != s.Aisle || leftLabel(before, was) != leftLabel(after, s) {
			d.Moved = append(d.Moved, s.label())
		}
	}
	for _, s := range before {
		if _, gone := old[s.label()]; gone {
			d.Removed = append(d.Removed, s.label())
		}
	}
	return d
}

func (s SeatSpec) label() string { return Seat{RowTag: s.RowTag, Number: s.Number}.Label() }

func leftLabel(specs []SeatSpec, s SeatSpec) string {
	if s.Left < 0 || s.Left >= len(specs) {
		return ""
	}
	return specs[s.Left].label()
}
