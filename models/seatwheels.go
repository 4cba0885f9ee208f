package models

import "slices"

// wheeled offers seats for a party with wheelchairs: all in one run where that
// gives every wheelchair its companion, else wheelchairs with companions first
// and the others as near to them as possible.
func (s *seater) wheeled(y Party) stage {
	return func(yield func([]int, cost) bool) {
		s.permit(SeatStandard, SeatCompanion, SeatWheelchair)
		complete := false
		for w, c := range s.oneRow(y.Count) {
			if s.count(w, SeatWheelchair) != y.Wheelchairs {
				continue
			}
			c[byLonely] = s.lonely(w, y)
			c[byBalance] = distance(s.count(w, SeatCompanion), y.Companions)
			complete = complete || c[byLonely] == 0
			if !yield(w, c) {
				return
			}
		}
		if complete {
			return
		}
		for o := range s.free {
			if !s.free[o] || s.kind(o) != SeatWheelchair {
				continue
			}
			ords := s.around(o, y)
			if ords == nil {
				continue
			}
			s.sortReading(ords)
			c := s.weighSpread(ords, o)
			c[byLonely] = s.lonely(ords, y)
			c[byTogether] = s.together(ords).rank()
			r := s.rank[o]
			c[byZone] = max(s.goal.first-r, r-s.goal.last, 0)
			if !yield(ords, c) {
				return
			}
		}
	}
}

// around seats the party about one wheelchair place, or returns nil when the
// seats do not suffice.
func (s *seater) around(place int, y Party) []int {
	var core []int
	take := func(o int) {
		s.free[o] = false
		core = append(core, o)
	}
	defer func() {
		for _, o := range core {
			s.free[o] = true
		}
	}()
	companions := y.Companions
	for range y.Wheelchairs {
		next := -1
		for o := range s.free {
			if s.free[o] && s.kind(o) == SeatWheelchair && (next < 0 || s.nearer(o, next, place, companions)) {
				next = o
			}
		}
		if next < 0 {
			return nil
		}
		take(next)
		if b := s.beside(next); companions > 0 && b >= 0 {
			take(b)
			companions--
		}
	}
	for _, o := range slices.Clone(core) {
		if b := s.beside(o); companions > 0 && s.kind(o) == SeatWheelchair && b >= 0 {
			take(b)
			companions--
		}
	}
	if rest := y.Count - len(core); rest > 0 {
		if !s.permitOrdinary(rest) {
			return nil
		}
		wish := s.goal
		s.goal = s.nearGoal(core)
		others := s.best([]stage{s.oneRow(rest), s.adjoining(rest), s.scattered(rest)})
		s.goal = wish
		return append(others, core...)
	}
	return slices.Clone(core)
}

// nearer prefers wheelchair places where a companion can sit, then near ones.
func (s *seater) nearer(a, b, place, companions int) bool {
	if companions > 0 && (s.beside(a) >= 0) != (s.beside(b) >= 0) {
		return s.beside(a) >= 0
	}
	return s.gap(a, place) < s.gap(b, place)
}

// beside returns a free seat next to a wheelchair place, a companion seat
// rather than a standard one, or -1.
func (s *seater) beside(o int) int {
	found := -1
	for _, x := range [2]int{s.left[o], s.right[o]} {
		if s.isFree(x) && s.kind(x) != SeatWheelchair && (found < 0 || s.kind(x) == SeatCompanion && s.kind(found) != SeatCompanion) {
			found = x
		}
	}
	return found
}

// lonely counts the wheelchairs in a set, in reading order, that should have a
// companion beside them and have not.
func (s *seater) lonely(ords []int, y Party) int {
	paired, used := 0, -1
	for _, o := range ords {
		if s.kind(o) != SeatWheelchair {
			continue
		}
		for _, x := range [2]int{s.left[o], s.right[o]} {
			if x >= 0 && x != used && s.kind(x) != SeatWheelchair && slices.Contains(ords, x) {
				paired, used = paired+1, x
				break
			}
		}
	}
	return max(min(y.Wheelchairs, y.Companions)-paired, 0)
}

func (s *seater) count(ords []int, k SeatKind) int {
	n := 0
	for _, o := range ords {
		if s.kind(o) == k {
			n++
		}
	}
	return n
}
