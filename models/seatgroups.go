package models

import (
	"cmp"
	"iter"
	"slices"
)

// adjoining offers, from each row on, the best block of as few rows as will do.
func (s *seater) adjoining(n int) stage {
	return func(yield func([]int, cost) bool) {
		for k := 2; k <= len(s.rows) && n >= leastSize(k)*k; k++ {
			found := false
			for top := 0; top+k <= len(s.rows); top++ {
				ords, c := s.block(top, k, n)
				if ords == nil {
					continue
				}
				found = true
				if !yield(ords, c) {
					return
				}
			}
			if found {
				return
			}
		}
	}
}

// leastSize is the smallest part of a party in one of k rows: in a block of
// three rows and more, nobody sits alone.
func leastSize(k int) int {
	if k > 2 {
		return 2
	}
	return 1
}

// block returns the best block of n seats in k rows, or nil. The evenest split
// wins unless it leaves an orphan or misses the aisle and another does not.
func (s *seater) block(top, k, n int) (best []int, least cost) {
	caps, sum := make([]int, k), 0
	for j := range k {
		if j > 0 && !s.adjoin(top+j-1, top+j) {
			return nil, least
		}
		for _, pc := range s.pieces[top+j] {
			caps[j] = max(caps[j], len(pc))
		}
		sum += caps[j]
	}
	if sum < n {
		return nil, least
	}
	for sizes := range splits(caps, n) {
		ords, c := s.chain(top, sizes)
		if ords == nil {
			continue
		}
		c[byTogether] = k
		c[byBalance] = slices.Max(sizes) - slices.Min(sizes)
		if best == nil || c.less(least) {
			best, least = ords, c
		}
		if least[byOrphans] == 0 && least[byAisle] == 0 {
			break
		}
	}
	return best, least
}

// splits yields sizes that sum to n within caps, the evenest first. For two
// rows it yields all; for more, the evenest, those one or two people away from
// it, and those with full rows, which leave no orphans.
func splits(caps []int, n int) iter.Seq[[]int] {
	k := len(caps)
	fits := func(sizes []int) bool {
		for j, z := range sizes {
			if z < leastSize(k) || z > caps[j] {
				return false
			}
		}
		return true
	}
	return func(yield func([]int) bool) {
		if k == 2 {
			for less := n / 2; less > 0; less-- {
				for _, z := range [][]int{{less, n - less}, {n - less, less}} {
					if fits(z) && !yield(z) {
						return
					}
				}
			}
			return
		}
		even := evenly(caps, n)
		if fits(even) && !yield(even) {
			return
		}
		for moved := 1; moved <= 2; moved++ {
			for from := range k {
				for to := range k {
					z := slices.Clone(even)
					z[from] -= moved
					z[to] += moved
					if from != to && fits(z) && !yield(z) {
						return
					}
				}
			}
		}
		full, rest := make([]int, k), n
		for j := k - 1; j >= 0; j-- {
			full[j] = min(caps[j], rest-leastSize(k)*j)
			rest -= full[j]
		}
		if rest == 0 && fits(full) {
			yield(full)
		}
	}
}

// evenly fills rows to one level as far as their caps allow.
func evenly(caps []int, n int) []int {
	sizes := make([]int, len(caps))
	for moved := true; n > 0 && moved; {
		moved = false
		for j := len(caps) - 1; j >= 0 && n > 0; j-- {
			if sizes[j] < caps[j] {
				sizes[j]++
				n--
				moved = true
			}
		}
	}
	return sizes
}

// link is a window of one row, joined to the best overlapping one in front.
type link struct {
	ords []int
	cost cost
	from int
}

// chain picks one window of the given size in each row from top on, each
// overlapping in columns with the one in front, at the least cost of all.
func (s *seater) chain(top int, sizes []int) ([]int, cost) {
	for len(s.layers) < len(sizes) {
		s.layers = append(s.layers, nil)
	}
	for j, n := range sizes {
		layer := s.layers[j][:0]
		for _, pc := range s.pieces[top+j] {
			for i := 0; i+n <= len(pc); i++ {
				l := link{ords: pc[i : i+n], from: -1}
				l.cost = s.weigh(l.ords)
				if j == 0 || s.join(&l, s.layers[j-1]) {
					layer = append(layer, l)
				}
			}
		}
		if s.layers[j] = layer; len(layer) == 0 {
			return nil, cost{}
		}
	}
	last := s.layers[len(sizes)-1]
	end := 0
	for i := range last {
		if last[i].cost.less(last[end].cost) {
			end = i
		}
	}
	var out []int
	for j, i := len(sizes)-1, end; j >= 0; j-- {
		out = append(out, s.layers[j][i].ords...)
		i = s.layers[j][i].from
	}
	return out, last[end].cost
}

// join ties l to the cheapest link in front that it overlaps.
func (s *seater) join(l *link, front []link) bool {
	low, high := s.col(l.ords[0]), s.col(l.ords[len(l.ords)-1])
	var least cost
	for i := range front {
		f := &front[i]
		a, b := s.col(f.ords[0]), s.col(f.ords[len(f.ords)-1])
		if a > high || low > b {
			continue
		}
		c := f.cost
		c[byDistance] += distance(a+b, low+high)
		if l.from < 0 || c.less(least) {
			l.from, least = i, c
		}
	}
	l.cost = l.cost.plus(least)
	return l.from >= 0
}

// scattered offers, around each piece, the pieces nearest to it until all sit.
// Whole pieces are taken where possible, so people sit at least in twos, and
// no orphan is left if any division of the party avoids it.
func (s *seater) scattered(n int) stage {
	return func(yield func([]int, cost) bool) {
		all := slices.Concat(s.pieces...)
		calm := make(map[int][]bool, len(all)) // by first seat: sizes that leave no orphan
		for _, pc := range all {
			ok := make([]bool, len(pc)+1)
			ok[0] = true
			for m := 1; m <= len(pc); m++ {
				_, lost := s.spot(pc, m, pc[0])
				ok[m] = lost == 0
			}
			calm[pc[0]] = ok
		}
		near, quiet := slices.Clone(all), false
		for _, divide := range []func([]piece, map[int][]bool, int) []int{fill, fillQuietly} {
			for _, seed := range all {
				mid := seed[len(seed)/2]
				slices.SortFunc(near, func(a, b piece) int {
					return cmp.Or(s.gap(a[len(a)/2], mid)-s.gap(b[len(b)/2], mid), a[0]-b[0])
				})
				takes := divide(near, calm, n)
				if takes == nil {
					return // what has no quiet division around one seat has none around any
				}
				var ords []int
				for i, m := range takes {
					if m > 0 {
						at, _ := s.spot(near[i], m, mid)
						ords = append(ords, near[i][at:at+m]...)
					}
				}
				c := s.weighSpread(ords, mid)
				quiet = quiet || c[byOrphans] == 0
				if !yield(ords, c) {
					return
				}
			}
			if quiet {
				return
			}
		}
	}
}

// weighSpread is the cost of any set around a seat.
func (s *seater) weighSpread(ords []int, around int) (c cost) {
	c[byOrphans] = s.orphans(ords)
	if s.goal.aisle == AisleWanted && !s.hasAisle(ords) {
		c[byAisle] = 1
	}
	for _, o := range ords {
		c[byBalance] += s.gap(o, around)
	}
	c[byDistance] = s.weigh([]int{around})[byDistance]
	return c
}

// spot finds where in a piece m people leave the fewest orphans, and then sit
// nearest to a seat; it also returns the orphans left.
func (s *seater) spot(pc piece, m, near int) (at, lost int) {
	lost = -1
	for i := 0; i+m <= len(pc); i++ {
		l := s.orphanBeyond(s.left, pc[i]) + s.orphanBeyond(s.right, pc[i+m-1])
		if lost < 0 || l < lost || l == lost && s.gap(pc[i+m/2], near) < s.gap(pc[at+m/2], near) {
			at, lost = i, l
		}
	}
	return at, lost
}

// fill says how many of n people each piece takes: as many as fit, the first
// pieces first.
func fill(near []piece, _ map[int][]bool, n int) []int {
	takes := make([]int, len(near))
	for i, pc := range near {
		takes[i] = min(len(pc), n)
		n -= takes[i]
	}
	return takes
}

// fillQuietly does as fill in sizes that leave no orphan; nil when it cannot.
func fillQuietly(near []piece, calm map[int][]bool, n int) []int {
	can := make([][]bool, len(near)+1) // can[i][r]: pieces from i on seat r quietly
	can[len(near)] = make([]bool, n+1)
	can[len(near)][0] = true
	size := func(i, r int) int {
		for m := min(len(near[i]), r); m >= 0; m-- {
			if can[i+1][r-m] && calm[near[i][0]][m] {
				return m
			}
		}
		return -1
	}
	for i := len(near) - 1; i >= 0; i-- {
		can[i] = make([]bool, n+1)
		for r := range can[i] {
			can[i][r] = size(i, r) >= 0
		}
	}
	if !can[0][n] {
		return nil
	}
	takes := make([]int, len(near))
	for i := range near {
		takes[i] = size(i, n)
		n -= takes[i]
	}
	return takes
}
