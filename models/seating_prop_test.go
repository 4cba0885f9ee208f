package models

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyHall draws a plan with aisles, all kinds of seats, gaps between row
// numbers, positions in no order, and seats free at random.
func anyHall(t *rapid.T) (*SeatPlan, []bool) {
	var seats []Seat
	row := 0
	for range rapid.IntRange(1, 6).Draw(t, "rows") {
		row += rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "step")
		line := rapid.StringOfN(rapid.SampledFrom([]rune("ssssssssswcx ")), 1, 12, -1).Draw(t, "row")
		for c := range len(line) {
			if line[c] == ' ' {
				continue
			}
			s := Seat{ID: int64(len(seats) + 1), Row: row, Col: c, Aisle: c > 0 && line[c-1] == ' ',
				Kind: map[byte]SeatKind{'s': SeatStandard, 'w': SeatWheelchair, 'c': SeatCompanion, 'x': SeatNotForSale}[line[c]]}
			if c > 0 && line[c-1] != ' ' {
				s.LeftID = s.ID - 1
			}
			seats = append(seats, s)
		}
	}
	ords := make([]int, len(seats))
	for i := range ords {
		ords[i] = i
	}
	for i, o := range rapid.Permutation(ords).Draw(t, "ords") {
		seats[i].Ord = o
	}
	p, err := NewSeatPlan(1, 1, 1, seats)
	require.NoError(t, err)
	density := rapid.IntRange(3, 10).Draw(t, "density")
	free := make([]bool, len(seats))
	for i := range free {
		free[i] = rapid.IntRange(0, 9).Draw(t, "free") < density
	}
	return p, free
}

func anyParty(t *rapid.T) Party {
	y := Party{
		Count: rapid.OneOf(rapid.IntRange(1, 6), rapid.IntRange(7, 30), rapid.SampledFrom([]int{-1 << 62, -1, 0, 1000, 1 << 62})).Draw(t, "count"),
		Zone:  rapid.SampledFrom([]Zone{ZoneAny, ZoneFront, ZoneMiddle, ZoneBack, "moon"}).Draw(t, "zone"),
		Aisle: rapid.SampledFrom([]Aisle{AisleAny, AisleWanted}).Draw(t, "aisle"),
	}
	if rapid.IntRange(0, 2).Draw(t, "wheels") == 0 {
		y.Wheelchairs, y.Companions = rapid.IntRange(-1, 3).Draw(t, "w"), rapid.IntRange(-1, 4).Draw(t, "c")
	}
	return y
}

// bruteOrphans counts orphans from the runs alone.
func bruteOrphans(p *SeatPlan, free []bool, ords []int) int {
	alone := func(run []int, i int, gone []int) bool {
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(run) && free[run[j]] && p.Seats[run[j]].Kind != SeatNotForSale && !slices.Contains(gone, run[j]) {
				return false
			}
		}
		return true
	}
	n := 0
	for _, run := range p.Runs() {
		for i, o := range run {
			if free[o] && p.Seats[o].Kind != SeatNotForSale && !slices.Contains(ords, o) && alone(run, i, ords) && !alone(run, i, nil) {
				n++
			}
		}
	}
	return n
}

// bruteWindows lists the unbroken windows of n free seats that fit a rule.
func bruteWindows(p *SeatPlan, free []bool, n int, fits func(w []int) bool) (out [][]int) {
	for _, run := range p.Runs() {
		for i := 0; i+n <= len(run); i++ {
			w := run[i : i+n]
			if !slices.ContainsFunc(w, func(o int) bool { return !free[o] || p.Seats[o].Kind == SeatNotForSale }) && fits(w) {
				out = append(out, w)
			}
		}
	}
	return out
}

func kindCount(p *SeatPlan, ords []int, k SeatKind) int {
	n := 0
	for _, o := range ords {
		if p.Seats[o].Kind == k {
			n++
		}
	}
	return n
}

// freeOf counts the free seats of a kind.
func freeOf(p *SeatPlan, free []bool, k SeatKind) int {
	n := 0
	for o, f := range free {
		if f && p.Seats[o].Kind == k {
			n++
		}
	}
	return n
}

// pairs counts wheelchairs that can each be given another seat beside them.
func pairs(p *SeatPlan, ords []int) int {
	n, used := 0, -1
	for _, run := range p.Runs() {
		for i, o := range run {
			if p.Seats[o].Kind != SeatWheelchair || !slices.Contains(ords, o) {
				continue
			}
			for _, j := range []int{i - 1, i + 1} {
				if j >= 0 && j < len(run) && run[j] != used && p.Seats[run[j]].Kind != SeatWheelchair && slices.Contains(ords, run[j]) {
					n, used = n+1, run[j]
					break
				}
			}
		}
	}
	return n
}

func TestChooseSeatsHoldsItsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, free := anyHall(t)
		asked := anyParty(t)
		y := asked.sane()
		available := func(o int) bool { return free[o] }
		got, ok := ChooseSeats(p, available, asked)

		std, com, whl := freeOf(p, free, SeatStandard), freeOf(p, free, SeatCompanion), freeOf(p, free, SeatWheelchair)
		require.Equal(t, y.Count > 0 && whl >= y.Wheelchairs && std+com >= y.Count-y.Wheelchairs, ok, "seated exactly when seats suffice")
		if !ok {
			return
		}
		again, _ := ChooseSeats(p, available, asked)
		require.Equal(t, got, again, "the same input gives the same seats")

		require.Len(t, got.Ords, y.Count)
		seen := map[int]bool{}
		for i, o := range got.Ords {
			require.True(t, free[o] && p.Seats[o].Kind != SeatNotForSale, "seat %d is not to be had", o)
			require.False(t, seen[o], "seat %d twice", o)
			seen[o] = true
			if i > 0 {
				a, b := p.Seats[got.Ords[i-1]], p.Seats[o]
				require.True(t, a.Row < b.Row || a.Row == b.Row && a.Col < b.Col, "reading order")
			}
		}
		require.Equal(t, y.Wheelchairs, kindCount(p, got.Ords, SeatWheelchair), "wheelchair places are for wheelchairs")
		require.Equal(t, bruteOrphans(p, free, got.Ords), got.LeavesOrphan)
		inOne := len(bruteWindows(p, free, y.Count, func(w []int) bool { return slices.Equal(w, got.Ords) })) > 0
		require.Equal(t, inOne, got.Together == TogetherOneRow, "one_row says the truth")
		if got.Together == TogetherAdjoining {
			requireAdjoining(t, p, got.Ords)
		}
		if y.Wheelchairs == 0 {
			requireOrdinary(t, p, free, y, got, std)
			return
		}
		need := min(y.Wheelchairs, y.Companions)
		fit := bruteWindows(p, free, y.Count, func(w []int) bool {
			return kindCount(p, w, SeatWheelchair) == y.Wheelchairs && pairs(p, w) >= need
		})
		if len(fit) > 0 {
			require.Equal(t, TogetherOneRow, got.Together)
			require.GreaterOrEqual(t, pairs(p, got.Ords), need, "each companion beside a wheelchair")
		}
		if y.Wheelchairs == 1 && need == 1 && len(bruteWindows(p, free, 2, func(w []int) bool { return kindCount(p, w, SeatWheelchair) == 1 })) > 0 {
			require.Equal(t, 1, pairs(p, got.Ords), "the companion sits beside the wheelchair wherever one can")
		}
	})
}

// requireOrdinary checks what holds for parties without wheelchairs.
func requireOrdinary(t *rapid.T, p *SeatPlan, free []bool, y Party, got Choice, std int) {
	companionsToo := std < y.Count
	if !companionsToo {
		require.Zero(t, kindCount(p, got.Ords, SeatCompanion), "companion seats only when standard ones do not suffice")
	}
	windows := bruteWindows(p, free, y.Count, func(w []int) bool {
		return kindCount(p, w, SeatWheelchair) == 0 && (companionsToo || kindCount(p, w, SeatCompanion) == 0)
	})
	if len(windows) == 0 {
		return
	}
	require.Equal(t, TogetherOneRow, got.Together, "a run of %d is free", y.Count)
	least := bruteOrphans(p, free, windows[0])
	for _, w := range windows {
		least = min(least, bruteOrphans(p, free, w))
	}
	require.Equal(t, least, got.LeavesOrphan, "an orphan only when every window leaves one")

	atAisle := func(w []int) bool { return slices.ContainsFunc(w, func(o int) bool { return p.Seats[o].Aisle }) }
	if y.Aisle == AisleWanted && slices.ContainsFunc(windows, func(w []int) bool { return atAisle(w) && bruteOrphans(p, free, w) == least }) {
		require.True(t, atAisle(got.Ords), "a window at the aisle is free")
	}
	inZone := func(w []int) bool { return zoneOf(p, p.Seats[w[0]].Row) == y.Zone }
	if y.Aisle == AisleAny && slices.ContainsFunc(windows, func(w []int) bool { return inZone(w) && bruteOrphans(p, free, w) == least }) {
		require.True(t, inZone(got.Ords), "a window in the zone is free")
	}
}

// zoneOf is the third a row lies in.
func zoneOf(p *SeatPlan, row int) Zone {
	rows := map[int]bool{}
	before := map[int]bool{}
	for _, s := range p.Seats {
		rows[s.Row] = true
		if s.Row < row {
			before[s.Row] = true
		}
	}
	return []Zone{ZoneFront, ZoneMiddle, ZoneBack}[3*len(before)/len(rows)]
}

// requireAdjoining checks unbroken pieces in rows one behind the other.
func requireAdjoining(t *rapid.T, p *SeatPlan, ords []int) {
	rows := map[int][]int{}
	for _, o := range ords {
		rows[p.Seats[o].Row] = append(rows[p.Seats[o].Row], o)
	}
	require.Greater(t, len(rows), 1)
	first := p.Seats[ords[0]].Row
	for r := first; r < first+len(rows); r++ {
		require.Contains(t, rows, r, "no row between")
		for i, o := range rows[r][1:] {
			require.Equal(t, p.Seats[rows[r][i]].ID, p.Seats[o].LeftID, "unbroken")
		}
		if r > first {
			a, b := rows[r-1], rows[r]
			require.True(t, p.Seats[a[0]].Col <= p.Seats[b[len(b)-1]].Col && p.Seats[b[0]].Col <= p.Seats[a[len(a)-1]].Col, "columns overlap")
		}
	}
}

func TestChooseSeatsTwoRowsRatherThanScattered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, free := anyHall(t)
		n := rapid.IntRange(2, 8).Draw(t, "n")
		got, ok := ChooseSeats(p, func(o int) bool { return free[o] }, Party{Count: n})
		if !ok || got.Together == TogetherOneRow || freeOf(p, free, SeatStandard) < n {
			return
		}
		least := -1
		for a := 1; a < n; a++ {
			standard := func(w []int) bool { return kindCount(p, w, SeatStandard) == len(w) }
			for _, x := range bruteWindows(p, free, a, standard) {
				for _, y := range bruteWindows(p, free, n-a, standard) {
					f, b := p.Seats[x[0]], p.Seats[y[0]]
					if b.Row == f.Row+1 && f.Col < b.Col+n-a && b.Col < f.Col+a {
						if o := bruteOrphans(p, free, slices.Concat(x, y)); least < 0 || o < least {
							least = o
						}
					}
				}
			}
		}
		if least >= 0 {
			require.Equal(t, TogetherAdjoining, got.Together)
			require.Equal(t, least, got.LeavesOrphan, "an orphan only when every split leaves one")
		}
	})
}

func TestNearestHoldsItsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, free := anyHall(t)
		wanted := rapid.SliceOfN(rapid.IntRange(-1, len(free)), 0, 6).Draw(t, "wanted")
		limit := rapid.IntRange(-1, 5).Draw(t, "limit")
		got := Nearest(p, func(o int) bool { return free[o] }, wanted, limit)
		require.LessOrEqual(t, len(got), max(limit, 0))

		valid := slices.DeleteFunc(slices.Clone(wanted), func(o int) bool { return o < 0 || o >= len(free) })
		slices.Sort(valid)
		valid = slices.Compact(valid)
		for i, c := range got {
			require.Len(t, c.Ords, len(valid))
			for j, o := range c.Ords {
				require.True(t, free[o] && p.Seats[o].Kind != SeatNotForSale)
				require.NotContains(t, c.Ords[:j], o)
			}
			require.Equal(t, kindCount(p, valid, SeatWheelchair), kindCount(p, c.Ords, SeatWheelchair))
			require.Equal(t, bruteOrphans(p, free, c.Ords), c.LeavesOrphan)
			for _, d := range got[:i] {
				require.NotEqual(t, d.Ords, c.Ords, "options differ")
				require.LessOrEqual(t, d.Together.rank(), c.Together.rank())
			}
		}
		if kindCount(p, valid, SeatWheelchair) == 0 && limit > 0 && len(valid) > 0 {
			best, ok := ChooseSeats(p, func(o int) bool { return free[o] }, Party{Count: len(valid)})
			require.Equal(t, ok, len(got) > 0, "something is offered whenever seats suffice")
			if ok {
				require.Equal(t, best.Together, got[0].Together, "together if possible")
			}
		}
	})
}
