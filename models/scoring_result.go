package models

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// Standing is one entry's line of a result.
type Standing struct {
	Entry    int64
	Place    int      // from 1; joint ones share it, and the next ones stay empty
	Value    *big.Rat // exact: hundredths of points, a sum of places, or for skating the place
	Deducted int      // hundredths, in Value already
	Counted  []int64  // judges whose mark counts, the dropped ones left out
	Dropped  []int64  // judges whose mark was dropped as a highest or lowest
	Decided  string   // the rung that set it apart from its equals, "" when it had none
	Why      []string // skating: "4@2=6" is four judges at second or better, with the sum of their places
}

// Result is the order of a round.
type Result struct {
	Method    ScoringMethod
	Input     string // hash of the canonical input
	Standings []Standing
	Lots      [][]int64 // entries that only lots can set apart, and no lots are there yet
}

// Canonical is the result as it is compared to the bit.
func (r Result) Canonical() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nmethod %s\ninput %s\n", scoringHeader, r.Method, r.Input)
	for _, s := range r.Standings {
		fmt.Fprintf(&b, "place %d entry %d value %s deducted %d counted %v dropped %v decided %q why %v\n",
			s.Place, s.Entry, s.Value.RatString(), s.Deducted, s.Counted, s.Dropped, s.Decided, s.Why)
	}
	for _, l := range r.Lots {
		fmt.Fprintf(&b, "lots %v\n", l)
	}
	return b.String()
}

// Hash is the SHA-256 of the canonical result, lower-case hex.
func (r Result) Hash() string { return ScoringHash(r.Canonical()) }

// scoring is a result in the making.
type scoring struct {
	in     ScoringInput
	totals map[int64]map[int64]*big.Rat // by entry and judge, what is deducted taken off
	marks  map[Mark]int                 // Points 0 in the key
	places map[int64]map[int64]*big.Rat // by entry and judge
	keys   map[int64][]*big.Rat         // by entry: the smaller, compared in order, the better
	lines  map[int64]*Standing
}

// ScoreRound applies the rule, exactly. The faults say what keeps it from being
// applied; then there is no result.
func ScoreRound(in ScoringInput) (Result, []ScoringFault) {
	if faults := in.Check(); len(faults) > 0 {
		return Result{}, faults
	}
	s := scoring{in: in, totals: map[int64]map[int64]*big.Rat{}, marks: map[Mark]int{}, places: map[int64]map[int64]*big.Rat{},
		keys: map[int64][]*big.Rat{}, lines: map[int64]*Standing{}}
	s.total()
	s.rank()
	for e, line := range s.lines {
		switch in.Rule.Method {
		case ScoreMean, ScoreTrimmed:
			s.mean(e, line)
		case ScoreRanks:
			line.Value = sumOf(s.places[e])
			s.keys[e] = []*big.Rat{line.Value}
		case ScoreSkating:
			s.skating(e, line)
		}
	}
	r := Result{Method: in.Rule.Method, Input: in.Hash()}
	s.order(&r)
	return r, nil
}

// total is each judge's mark of each entry: the weighted mean of the criteria,
// less what is deducted. Deducting from every mark counts alike in all methods.
func (s *scoring) total() {
	for _, m := range s.in.Marks {
		s.marks[Mark{m.Entry, m.Judge, m.Criterion, 0}] = m.Points
	}
	for _, e := range s.in.Entries {
		off := big.NewRat(int64(s.in.Deducted[e]), 1)
		s.totals[e] = map[int64]*big.Rat{}
		for _, j := range s.in.Counting(e) {
			sum := new(big.Rat)
			for _, c := range s.in.Rule.Criteria {
				sum.Add(sum, big.NewRat(int64(c.Weight*s.marks[Mark{e, j, c.Code, 0}]), 1))
			}
			s.totals[e][j] = sum.Sub(mean(sum, s.in.Rule.Weight()), off)
		}
		s.lines[e] = &Standing{Entry: e, Deducted: s.in.Deducted[e], Counted: s.in.Counting(e)}
	}
}

// rank is each judge's places: those marked alike share the mean of theirs. An
// entry the judge did not mark has none.
func (s *scoring) rank() {
	for _, e := range s.in.Entries {
		s.places[e] = map[int64]*big.Rat{}
	}
	for _, j := range s.in.Judges {
		var marked []int64
		for _, e := range s.in.Entries {
			if s.totals[e][j] != nil {
				marked = append(marked, e)
			}
		}
		for _, e := range marked {
			above, alike := 0, 0
			for _, o := range marked {
				switch s.totals[o][j].Cmp(s.totals[e][j]) {
				case 1:
					above++
				case 0:
					alike++
				}
			}
			s.places[e][j] = big.NewRat(int64(2*above+alike+1), 2)
		}
	}
}

// mean drops the rule's highest and lowest and takes the mean of the rest.
func (s *scoring) mean(e int64, line *Standing) {
	judges := slices.SortedFunc(slices.Values(line.Counted), func(a, b int64) int {
		return cmp.Or(s.totals[e][a].Cmp(s.totals[e][b]), cmp.Compare(a, b))
	})
	low, high := s.in.Rule.DropLow, len(judges)-s.in.Rule.DropHigh
	line.Dropped = slices.Sorted(slices.Values(slices.Concat(judges[:low], judges[high:])))
	line.Counted = slices.Sorted(slices.Values(judges[low:high]))
	sum := new(big.Rat)
	for _, j := range line.Counted {
		sum.Add(sum, s.totals[e][j])
	}
	line.Value = mean(sum, len(line.Counted))
	s.keys[e] = []*big.Rat{new(big.Rat).Neg(line.Value)}
}

// skating is the majority system of dance contests for one dance, rules 5 to 8
// (Arthur Dawson, The Skating System; kept by the British Dance Council and the
// WDSF): the column is the best place that most judges give or better (rules 5,
// 8); with the same column more such judges win (6), then the smaller sum of
// their places, then the same in the next column, and so on (7). Judges there may
// not place two alike; here what they mark alike shares the mean of the places,
// which stands in the columns from that mean on.
func (s *scoring) skating(e int64, line *Standing) {
	judges := len(s.places[e])
	found := false
	for column := 1; column <= len(s.in.Entries); column++ {
		count, sum := 0, new(big.Rat)
		for _, p := range s.places[e] {
			if p.Cmp(big.NewRat(int64(column), 1)) <= 0 {
				count++
				sum.Add(sum, p)
			}
		}
		if !found && 2*count <= judges {
			continue
		}
		if !found {
			s.keys[e] = append(s.keys[e], big.NewRat(int64(column), 1))
		}
		found = true
		s.keys[e] = append(s.keys[e], big.NewRat(int64(-count), 1), sum)
		line.Why = append(line.Why, fmt.Sprintf("%d@%d=%s", count, column, sum.RatString()))
	}
}

func sumOf(m map[int64]*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, v := range m {
		sum.Add(sum, v)
	}
	return sum
}

// order sorts by the method's keys, sets equals apart by the rungs, and gives places.
func (s *scoring) order(r *Result) {
	all := slices.Sorted(maps.Keys(s.lines))
	place := 1
	for _, equal := range split(all, func(e int64) []*big.Rat { return s.keys[e] }) {
		for _, group := range s.untie(equal, 0, r) {
			for _, e := range group {
				s.lines[e].Place = place
				if s.in.Rule.Method == ScoreSkating {
					s.lines[e].Value = big.NewRat(int64(place), 1)
				}
				r.Standings = append(r.Standings, *s.lines[e])
			}
			place += len(group)
		}
	}
}

// split sorts entries by their keys, the smaller the better, and groups equals.
func split(entries []int64, key func(int64) []*big.Rat) (groups [][]int64) {
	compare := func(a, b int64) int { return slices.CompareFunc(key(a), key(b), (*big.Rat).Cmp) }
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b int64) int { return cmp.Or(compare(a, b), cmp.Compare(a, b)) })
	for i, e := range sorted {
		if i > 0 && compare(sorted[i-1], e) == 0 {
			groups[len(groups)-1] = append(groups[len(groups)-1], e)
		} else {
			groups = append(groups, []int64{e})
		}
	}
	return groups
}
