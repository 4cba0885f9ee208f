package models

import (
	"math/big"
	"slices"
	"strings"
)

// untie sets equals apart by the rungs from the given one on. Each of the groups
// that come back shares a place.
func (s *scoring) untie(equal []int64, rung int, r *Result) [][]int64 {
	if len(equal) == 1 {
		return [][]int64{equal}
	}
	name := s.in.Rule.Ties[rung]
	switch name {
	case TieJoint:
		s.decided(equal, TieJoint)
		return [][]int64{equal}
	case TieDraw:
		return s.lots(equal, r)
	case TieChief: // says nothing of equals one of whom the chief did not judge
		if slices.ContainsFunc(equal, func(e int64) bool { return s.totals[e][s.in.Chief] == nil }) {
			return s.untie(equal, rung+1, r)
		}
	}
	var out [][]int64
	groups := split(equal, func(e int64) []*big.Rat { return s.rung(name, e) })
	for _, g := range groups {
		if len(groups) > 1 && len(g) == 1 {
			s.decided(g, name)
		}
		out = append(out, s.untie(g, rung+1, r)...)
	}
	return out
}

func (s *scoring) decided(entries []int64, rung string) {
	for _, e := range entries {
		s.lines[e].Decided = rung
	}
}

// lots sets equals apart by what was drawn; as long as any of them has no lot,
// or two have the same, they share the place and the result says that they wait.
func (s *scoring) lots(equal []int64, r *Result) [][]int64 {
	groups := split(equal, func(e int64) []*big.Rat { return []*big.Rat{big.NewRat(int64(s.in.Lots[e]), 1)} })
	waits := len(groups) < len(equal) || slices.ContainsFunc(equal, func(e int64) bool { return s.in.Lots[e] < 1 })
	s.decided(equal, TieDraw)
	if waits {
		r.Lots = append(r.Lots, equal)
		return [][]int64{equal}
	}
	return groups
}

// rung is what a rung compares of an entry, the smaller the better.
func (s *scoring) rung(name string, e int64) []*big.Rat {
	if code, ok := strings.CutPrefix(name, TieCriterion); ok {
		sum, n := 0, 0
		for j := range s.totals[e] {
			sum += s.marks[Mark{e, j, code, 0}]
			n++
		}
		return []*big.Rat{big.NewRat(int64(-sum), int64(n))}
	}
	marks := make([]*big.Rat, 0, len(s.totals[e]))
	for _, m := range s.totals[e] {
		marks = append(marks, m)
	}
	slices.SortFunc(marks, (*big.Rat).Cmp)
	var v *big.Rat
	switch name {
	case TieChief:
		v = s.totals[e][s.in.Chief]
	case TieAllMarks:
		v = mean(sumOf(s.totals[e]), len(marks))
	case TieBestMark:
		v = marks[len(marks)-1]
	case TieWorstMark:
		v = marks[0]
	case TieFirsts:
		return s.firsts(e)
	}
	return []*big.Rat{new(big.Rat).Neg(v)}
}

// firsts counts an entry's places among the judges: how many first ones, second
// ones, and so on; a shared place counts as the whole place below it.
func (s *scoring) firsts(e int64) []*big.Rat {
	out := make([]*big.Rat, len(s.in.Entries))
	for i := range out {
		out[i] = new(big.Rat)
		for _, p := range s.places[e] {
			at, next := big.NewRat(int64(i), 1), big.NewRat(int64(i+1), 1)
			if p.Cmp(at) > 0 && p.Cmp(next) <= 0 {
				out[i].Sub(out[i], big.NewRat(1, 1))
			}
		}
	}
	return out
}
