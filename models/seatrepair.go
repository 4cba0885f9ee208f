package models

import (
	"cmp"
	"slices"
)

// Move is one person's way from a seat to another, as positions in the plan.
type Move struct{ From, To int }

// Replace finds seats for a party that cannot keep all of its own: held are its
// seats, broken those of them that are out of order. It may move the others of
// the party too, where that alone keeps them together; it reports false when
// there are not enough seats. Everybody in a wheelchair gets a wheelchair
// place.
//
// What gives way first: the distance, then how many people move, then sitting
// together as well as before, then the companion beside a wheelchair. available
// is about the others' seats; the party's own sound ones are always available.
func Replace(p *SeatPlan, available func(ord int) bool, held, broken []int) (Choice, []Move, bool) {
	mine := func(o int) bool { return slices.Contains(held, o) }
	lost := func(o int) bool { return slices.Contains(broken, o) }
	others := func(o int) bool { return available(o) && !mine(o) && !lost(o) }
	s := newSeater(p, func(o int) bool { return others(o) || mine(o) && !lost(o) })
	if s == nil || len(held) == 0 {
		return Choice{}, nil, false
	}
	var keep []int
	for _, o := range held {
		if !lost(o) {
			keep = append(keep, o)
		}
	}
	old := slices.Clone(held)
	s.sortReading(old)
	party := Party{Count: len(old), Wheelchairs: s.count(old, SeatWheelchair)}
	party.Companions = min(party.Wheelchairs, party.Count-party.Wheelchairs)
	before, alone := s.together(old).rank(), s.lonely(old, party)

	sets := Nearest(p, func(o int) bool { return s.free[o] }, old, manyOptions)
	for _, c := range Nearest(p, others, broken, manyOptions) {
		sets = append(sets, Choice{Ords: append(slices.Clone(keep), c.Ords...)})
	}
	type option struct {
		Choice
		cost [4]int
	}
	var best *option
	for _, c := range sets {
		if len(c.Ords) != len(old) || s.count(c.Ords, SeatWheelchair) != party.Wheelchairs {
			continue
		}
		x := option{Choice: s.choice(slices.Clone(c.Ords))}
		moved := 0
		for _, o := range x.Ords {
			if !mine(o) {
				moved++
			}
		}
		x.cost = [4]int{max(s.lonely(x.Ords, party), alone), max(x.Together.rank(), before), moved, s.apart(x.Ords, old)}
		if best == nil || cmp.Or(slices.Compare(x.cost[:], best.cost[:]), slices.Compare(x.Ords, best.Ords)) < 0 {
			best = &x
		}
	}
	if best == nil {
		return Choice{}, nil, false
	}
	return best.Choice, s.moves(old, best.Ords), true
}

// manyOptions is how many sets of seats of each sort are weighed.
const manyOptions = 12

// moves pairs the seats that a party leaves with those it comes to, wheelchair
// places with wheelchair places, both in reading order.
func (s *seater) moves(old, now []int) []Move {
	sorted := func(of, without []int) []int {
		var out []int
		for _, o := range of {
			if !slices.Contains(without, o) {
				out = append(out, o)
			}
		}
		slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(s.wheel(a), s.wheel(b)) })
		return out
	}
	from, to := sorted(old, now), sorted(now, old)
	out := make([]Move, len(from))
	for i := range from {
		out[i] = Move{from[i], to[i]}
	}
	return out
}

func (s *seater) wheel(o int) int {
	if s.kind(o) == SeatWheelchair {
		return 0
	}
	return 1
}
