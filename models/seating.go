package models

import (
	"cmp"
	"slices"
)

// Zone is the third of the physical rows a party would like to sit in.
type Zone string

// The zones, front being nearest the screen. No zone means the middle, where
// the best seats are; so does an unknown word.
const (
	ZoneAny    Zone = ""
	ZoneFront  Zone = "front"
	ZoneMiddle Zone = "middle"
	ZoneBack   Zone = "back"
)

// Aisle says whether one of the party should sit at an aisle.
type Aisle string

// The two wishes about aisles.
const (
	AisleAny    Aisle = ""
	AisleWanted Aisle = "wanted"
)

// Party is what people ask for who leave the choice of seats to the system.
type Party struct {
	Count       int   // everybody, those in wheelchairs and their companions included
	Zone        Zone  // given up before sitting together is
	Aisle       Aisle // given up before an orphan seat is left
	Wheelchairs int   // places for wheelchairs
	Companions  int   // people who sit beside a wheelchair, one for each as far as they go
}

// sane makes the parts of a party fit into its count.
func (y Party) sane() Party {
	y.Count = max(y.Count, 0)
	y.Wheelchairs = min(max(y.Wheelchairs, 0), y.Count)
	y.Companions = min(max(y.Companions, 0), y.Count-y.Wheelchairs)
	return y
}

// Togetherness says how well a party could be kept together.
type Togetherness string

// The degrees of togetherness, best first.
const (
	TogetherOneRow    Togetherness = "one_row"        // side by side, no gap and no aisle between
	TogetherAdjoining Togetherness = "adjoining_rows" // one unbroken piece in each of two or more rows, one behind the other
	TogetherScattered Togetherness = "scattered"      // anything else, still as near as could be
)

// rank orders the degrees, 0 being the best.
func (g Togetherness) rank() int {
	switch g {
	case TogetherOneRow:
		return 0
	case TogetherAdjoining:
		return 1
	default:
		return 2
	}
}

// Choice is a set of seats for one party.
type Choice struct {
	Ords         []int // positions in the plan, in reading order: front to back, left to right
	Together     Togetherness
	LeavesOrphan int // free seats that lose their last free neighbour by this choice
}

// ChooseSeats seats a party; it reports false when there are not enough seats,
// or not enough wheelchair places. The same input gives the same seats.
//
// What gives way first: the centre, then the zone, then the aisle, then
// orphans (a free seat that loses its last free neighbour), then togetherness
// in its order, where two rows are better than three. So seats side by side
// are found whenever they exist anywhere in the hall. A companion beside each
// wheelchair comes before all of these.
//
// Seats not for sale are never chosen, and wheelchair places only for
// wheelchairs. Companion seats go to others only when standard seats do not
// suffice for the party.
func ChooseSeats(p *SeatPlan, available func(ord int) bool, party Party) (Choice, bool) {
	s, party := newSeater(p, available), party.sane()
	if s == nil || party.Count == 0 {
		return Choice{}, false
	}
	s.goal = s.zoneGoal(party.Zone, party.Aisle)
	ords := s.best(s.stages(party))
	if ords == nil {
		return Choice{}, false
	}
	return s.choice(ords), true
}

// ChooseNear is ChooseSeats for a party that would like to sit about where some
// seats are, in whatever zone that is: the distance from their middle decides
// where ChooseSeats would look at the zone. Zone is not looked at.
func ChooseNear(p *SeatPlan, available func(ord int) bool, party Party, around []int) (Choice, bool) {
	s, party := newSeater(p, available), party.sane()
	if s == nil || party.Count == 0 || len(around) == 0 {
		return Choice{}, false
	}
	s.goal = s.nearGoal(around)
	s.goal.aisle = party.Aisle
	ords := s.best(s.stages(party))
	if ords == nil {
		return Choice{}, false
	}
	return s.choice(ords), true
}

// Nearest finds seats in place of wanted ones of which some were just taken:
// as many, with as many wheelchair places, together if possible, nothing
// unavailable. At most limit options come back, better togetherness first,
// then by physical distance from the wanted seats. Options that leave no
// orphan are preferred, and no two share a seat while others are left, so that
// losing one to somebody else does not spoil the next. Scattered seats are
// offered only when nothing better exists. Positions that the plan does not
// have are ignored.
func Nearest(p *SeatPlan, available func(ord int) bool, wanted []int, limit int) []Choice {
	s := newSeater(p, available)
	if s == nil {
		return nil
	}
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(o int) bool { return o < 0 || o >= len(p.Seats) })
	s.sortReading(wanted)
	wanted = slices.Compact(wanted)
	if len(wanted) == 0 || limit < 1 {
		return nil
	}
	party := Party{Count: len(wanted)}
	for _, o := range wanted {
		switch p.Seats[o].Kind {
		case SeatWheelchair:
			party.Wheelchairs++
		case SeatCompanion:
			party.Companions++
		}
	}
	s.goal = s.nearGoal(wanted)
	var out []Choice
	for _, st := range s.stages(party) {
		if len(out) == limit {
			break
		}
		for _, c := range s.options(st, wanted) {
			worse := c.Together == TogetherScattered && len(out) > 0 && out[0].Together != TogetherScattered
			known := slices.ContainsFunc(out, func(o Choice) bool { return slices.Equal(o.Ords, c.Ords) })
			if len(out) < limit && !worse && !known {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Choice) int {
		return cmp.Or(a.Together.rank()-b.Together.rank(),
			cmp.Compare(s.apart(a.Ords, wanted), s.apart(b.Ords, wanted)), slices.Compare(a.Ords, b.Ords))
	})
	return out
}

// options lists what a stage offers, the most welcome first: by togetherness,
// then those that share no seat with a better one, each part by orphans and
// distance.
func (s *seater) options(st stage, wanted []int) []Choice {
	type option struct {
		*Choice
		rank, apart, again int
	}
	var all []option
	for ords := range st {
		c := s.choice(slices.Clone(ords))
		all = append(all, option{Choice: &c, rank: c.Together.rank(), apart: s.apart(c.Ords, wanted)})
	}
	slices.SortFunc(all, func(a, b option) int {
		if d := cmp.Or(a.rank-b.rank, a.LeavesOrphan-b.LeavesOrphan, cmp.Compare(a.apart, b.apart)); d != 0 {
			return d
		}
		return slices.Compare(a.Ords, b.Ords)
	})
	all = slices.CompactFunc(all, func(a, b option) bool { return slices.Equal(a.Ords, b.Ords) })
	shown := make([]bool, len(s.free))
	for i, o := range all {
		if slices.ContainsFunc(o.Ords, func(x int) bool { return shown[x] }) {
			all[i].again = 1
			continue
		}
		for _, x := range o.Ords {
			shown[x] = true
		}
	}
	slices.SortStableFunc(all, func(a, b option) int {
		return cmp.Or(a.rank-b.rank, a.again-b.again)
	})
	out := make([]Choice, len(all))
	for i, o := range all {
		out[i] = *o.Choice
	}
	return out
}

// choice describes seats as they are, however they were found.
func (s *seater) choice(ords []int) Choice {
	s.sortReading(ords)
	return Choice{Ords: ords, Together: s.together(ords), LeavesOrphan: s.orphans(ords)}
}

// together judges a set in reading order. More than two rows count as
// adjoining only when nobody has a row to himself.
func (s *seater) together(ords []int) Togetherness {
	var pieces [][]int
	for i, from := 1, 0; i <= len(ords); i++ {
		if i == len(ords) || s.left[ords[i]] != ords[i-1] {
			pieces = append(pieces, ords[from:i])
			from = i
		}
	}
	if len(pieces) == 1 {
		return TogetherOneRow
	}
	for i, b := range pieces {
		if len(pieces) > 2 && len(b) < 2 {
			return TogetherScattered
		}
		if i == 0 {
			continue
		}
		a := pieces[i-1]
		if !s.adjoin(s.rank[a[0]], s.rank[b[0]]) || s.col(a[0]) > s.col(b[len(b)-1]) || s.col(b[0]) > s.col(a[len(a)-1]) {
			return TogetherScattered
		}
	}
	return TogetherAdjoining
}

// orphans counts the free seats outside ords that have a free neighbour now
// and would have none afterwards.
func (s *seater) orphans(ords []int) int {
	for _, o := range ords {
		s.free[o] = false
	}
	lost := 0
	for _, o := range ords {
		lost += s.orphanBeyond(s.left, o)
		// An orphan with the party on both sides was counted from its right.
		if x := s.right[o]; x >= 0 && !slices.Contains(ords, s.right[x]) {
			lost += s.orphanBeyond(s.right, o)
		}
	}
	for _, o := range ords {
		s.free[o] = true
	}
	return lost
}
