package models

import (
	"cmp"
	"iter"
	"slices"
)

// seater is one search: the plan as neighbours and rows, what is free, what
// the party would like best, and the pieces it may be put into.
type seater struct {
	plan        *SeatPlan
	free        []bool // available and for sale
	left, right []int  // neighbours, -1 when none
	rank        []int  // of each seat: its row counted from the front, 0-based
	rows        []int  // physical row numbers by rank
	goal        goal
	pieces      [][]piece // by row rank: unbroken stretches of seats this party may take
	layers      [][]link  // scratch of chain
}

// goal is the best place to sit. Coordinates are doubled, so that the middle
// of two seats or rows is a whole number.
type goal struct {
	first, last int // row ranks of the zone
	row2, col2  int
	aisle       Aisle
}

// piece is an unbroken stretch of seats, left to right.
type piece []int

// stage offers sets of seats of one kind of togetherness, each with its cost.
// The slices are valid until the next one.
type stage = iter.Seq2[[]int, cost]

// cost is compared from its first part to its last.
type cost [7]int

const (
	byLonely   = iota // wheelchairs that miss their companion
	byTogether        //
	byOrphans         //
	byAisle           // pieces without an aisle seat, when one was asked for
	byZone            // rows away from the zone
	byBalance         // difference in size between rows; spread of scattered seats
	byDistance        // from the goal
)

func (c cost) less(d cost) bool {
	for i := range c {
		if c[i] != d[i] {
			return c[i] < d[i]
		}
	}
	return false
}

func (c cost) plus(d cost) cost {
	for i := range c {
		c[i] += d[i]
	}
	return c
}

// newSeater returns nil when there is nothing to choose from.
func newSeater(p *SeatPlan, available func(ord int) bool) *seater {
	if p == nil || available == nil || len(p.runs) == 0 {
		return nil
	}
	n := len(p.Seats)
	ints := make([]int, 3*n)
	s := &seater{plan: p, free: make([]bool, n), left: ints[:n], right: ints[n : 2*n], rank: ints[2*n:]}
	s.rows = make([]int, 0, 16)
	for _, run := range p.runs {
		row := p.Seats[run[0]].Row
		if len(s.rows) == 0 || s.rows[len(s.rows)-1] != row {
			s.rows = append(s.rows, row)
		}
		prev := -1
		for _, o := range run {
			s.rank[o], s.left[o], s.right[o] = len(s.rows)-1, prev, -1
			if prev >= 0 {
				s.right[prev] = o
			}
			s.free[o] = p.Seats[o].Kind != SeatNotForSale && available(o)
			prev = o
		}
	}
	s.pieces = make([][]piece, len(s.rows))
	return s
}

func (s *seater) isFree(o int) bool    { return o >= 0 && s.free[o] }
func (s *seater) col(o int) int        { return s.plan.Seats[o].Col }
func (s *seater) kind(o int) SeatKind  { return s.plan.Seats[o].Kind }
func (s *seater) adjoin(a, b int) bool { return s.rows[b]-s.rows[a] == 1 }

// gap is the distance of two seats in seat widths: a row is two widths deep.
func (s *seater) gap(a, b int) int {
	return 2*distance(s.rank[a], s.rank[b]) + distance(s.col(a), s.col(b))
}

// apart is the distance people would move from one set to another of its size.
func (s *seater) apart(a, b []int) int {
	sum := 0
	for i := range a {
		sum += s.gap(a[i], b[i])
	}
	return sum
}

func distance(a, b int) int { return max(a-b, b-a) }

func (s *seater) sortReading(ords []int) {
	slices.SortFunc(ords, func(a, b int) int {
		return cmp.Or(s.rank[a]-s.rank[b], cmp.Compare(s.col(a), s.col(b)), a-b)
	})
}

// zoneGoal aims at the centre of a third of the rows.
func (s *seater) zoneGoal(z Zone, a Aisle) goal {
	third := map[Zone]int{ZoneFront: 0, ZoneBack: 2}
	t, ok := third[z]
	if !ok {
		t = 1
	}
	n := len(s.rows)
	g := goal{first: (t*n + 2) / 3, last: ((t+1)*n+2)/3 - 1, aisle: a}
	if g.last < g.first { // a hall of one or two rows has no such third
		g.first, g.last = min(g.first, n-1), min(g.first, n-1)
	}
	low, high := s.col(0), s.col(0)
	for o := range s.free {
		low, high = min(low, s.col(o)), max(high, s.col(o))
	}
	g.row2, g.col2 = g.first+g.last, low+high
	return g
}

// nearGoal aims at the middle of some seats, in whatever zone they are.
func (s *seater) nearGoal(ords []int) goal {
	g := goal{last: len(s.rows) - 1}
	for _, o := range ords {
		g.row2 += 2 * s.rank[o]
		g.col2 += 2 * s.col(o)
	}
	g.row2, g.col2 = g.row2/len(ords), g.col2/len(ords)
	return g
}

// permit cuts the free seats of the kinds into pieces and counts the seats.
func (s *seater) permit(kinds ...SeatKind) int {
	total := 0
	for r := range s.pieces {
		s.pieces[r] = s.pieces[r][:0]
	}
	for _, run := range s.plan.runs {
		from := 0
		for i := 0; i <= len(run); i++ {
			if i < len(run) && s.free[run[i]] && slices.Contains(kinds, s.kind(run[i])) {
				continue
			}
			if i > from {
				r := s.rank[run[0]]
				s.pieces[r] = append(s.pieces[r], run[from:i])
				total += i - from
			}
			from = i + 1
		}
	}
	return total
}

// permitOrdinary lets n people without wheelchairs have standard seats, and
// companion seats too when those do not suffice.
func (s *seater) permitOrdinary(n int) bool {
	return s.permit(SeatStandard) >= n || s.permit(SeatStandard, SeatCompanion) >= n
}

// stages lists the ways to seat a party, the better togetherness first.
func (s *seater) stages(y Party) []stage {
	if y.Wheelchairs > 0 {
		return []stage{s.wheeled(y)}
	}
	if !s.permitOrdinary(y.Count) {
		return nil
	}
	return []stage{s.oneRow(y.Count), s.adjoining(y.Count), s.scattered(y.Count)}
}

// best returns the cheapest set of the first stage that has any, or nil.
func (s *seater) best(stages []stage) []int {
	for _, st := range stages {
		var best []int
		var least cost
		for ords, c := range st {
			if best == nil || c.less(least) {
				best, least = append(best[:0], ords...), c
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// weigh is the cost of an unbroken piece.
func (s *seater) weigh(w []int) (c cost) {
	first, last := w[0], w[len(w)-1]
	r := s.rank[first]
	c[byOrphans] = s.orphanBeyond(s.left, first) + s.orphanBeyond(s.right, last)
	if s.goal.aisle == AisleWanted && !s.hasAisle(w) {
		c[byAisle] = 1
	}
	c[byZone] = max(s.goal.first-r, r-s.goal.last, 0)
	c[byDistance] = 2*distance(2*r, s.goal.row2) + distance(s.col(first)+s.col(last), s.goal.col2)
	return c
}

func (s *seater) hasAisle(ords []int) bool {
	return slices.ContainsFunc(ords, func(o int) bool { return s.plan.Seats[o].Aisle })
}

// orphanBeyond counts the seat next to the end of a piece, when it is free and
// has no other free neighbour.
func (s *seater) orphanBeyond(side []int, end int) int {
	if x := side[end]; s.isFree(x) && !s.isFree(side[x]) {
		return 1
	}
	return 0
}

// oneRow offers every unbroken window of n seats.
func (s *seater) oneRow(n int) stage {
	return func(yield func([]int, cost) bool) {
		for _, row := range s.pieces {
			for _, pc := range row {
				for i := 0; i+n <= len(pc); i++ {
					if w := pc[i : i+n]; !yield(w, s.weigh(w)) {
						return
					}
				}
			}
		}
	}
}
