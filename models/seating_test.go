package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func hall(t testing.TB) *SeatPlan {
	t.Helper()
	p, err := PlanOf(1, 1, 1, 1000, CinemaHallPlan())
	require.NoError(t, err)
	return p
}

// drawn makes a plan of rows as in hall172, where small letters are free seats
// and capital ones taken: s standard, w wheelchair, c companion, x not for
// sale. A space is an aisle.
func drawn(t testing.TB, rows ...string) (*SeatPlan, func(int) bool) {
	t.Helper()
	kinds := map[string]SeatKind{"s": SeatStandard, "w": SeatWheelchair, "c": SeatCompanion, "x": SeatNotForSale}
	var seats []Seat
	var free []bool
	for r, line := range rows {
		for c := range len(line) {
			if line[c] == ' ' {
				continue
			}
			ch := string(line[c])
			s := Seat{ID: int64(len(seats) + 1), Ord: len(seats), Row: r + 1, RowTag: fmt.Sprint(r + 1), Number: fmt.Sprint(c + 1), Col: c + 1,
				Kind: kinds[strings.ToLower(ch)]}
			if c > 0 && line[c-1] != ' ' {
				s.LeftID = s.ID - 1
			}
			s.Aisle = c > 0 && line[c-1] == ' ' || c+1 < len(line) && line[c+1] == ' '
			seats = append(seats, s)
			free = append(free, ch == strings.ToLower(ch))
		}
	}
	p, err := NewSeatPlan(1, 1, 1, seats)
	require.NoError(t, err)
	return p, func(o int) bool { return free[o] }
}

// labels writes seats as row-column, for reading in a failure.
func labels(p *SeatPlan, ords []int) string {
	var out []string
	for _, o := range ords {
		out = append(out, fmt.Sprintf("%d-%d", p.Seats[o].Row, p.Seats[o].Col))
	}
	return strings.Join(out, " ")
}

func TestChooseSeats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows     []string
		party    Party
		want     string
		together Togetherness
		orphans  int
	}{
		"middle of the middle by default": {
			[]string{"sssss", "sssss", "sssss"}, Party{Count: 1}, "2-3", TogetherOneRow, 0},
		"front and back": {
			[]string{"sssss", "sssss", "sssss"}, Party{Count: 5, Zone: ZoneBack}, "3-1 3-2 3-3 3-4 3-5", TogetherOneRow, 0},
		"together beats zone": {
			[]string{"ssSss", "ssSss", "sssss"}, Party{Count: 3, Zone: ZoneFront}, "3-1 3-2 3-3", TogetherOneRow, 0},
		"zone beats centre": {
			[]string{"ssSSSSSS", "SSSssSSS", "SSSssSSS"}, Party{Count: 2, Zone: ZoneFront}, "1-1 1-2", TogetherOneRow, 0},
		"no orphan beats zone": {
			[]string{"SssS", "SSss", "SSSs"}, Party{Count: 1, Zone: ZoneFront}, "3-4", TogetherOneRow, 0},
		"an orphan where there is no other way": {
			[]string{"ssss"}, Party{Count: 3}, "1-1 1-2 1-3", TogetherOneRow, 1},
		"a seat that stood alone before is no orphan": {
			[]string{"sSssSs"}, Party{Count: 2}, "1-3 1-4", TogetherOneRow, 0},
		"togetherness beats orphans": {
			[]string{"sssss", "ss ss"}, Party{Count: 4}, "1-1 1-2 1-3 1-4", TogetherOneRow, 1},
		"an aisle seat": {
			[]string{"ssss ssss ssss"}, Party{Count: 2, Aisle: AisleWanted}, "1-6 1-7", TogetherOneRow, 0},
		"the aisle parts a row": {
			[]string{"sss sss", "sss sss"}, Party{Count: 6}, "1-1 1-2 1-3 2-1 2-2 2-3", TogetherAdjoining, 0},
		"two rows, balanced, one behind the other": {
			[]string{"ssssss", "ssssss"}, Party{Count: 8}, "1-1 1-2 1-3 1-4 2-1 2-2 2-3 2-4", TogetherAdjoining, 0},
		"another split rather than an orphan": {
			[]string{"sssss", "sssss"}, Party{Count: 8}, "1-1 1-2 1-3 2-1 2-2 2-3 2-4 2-5", TogetherAdjoining, 0},
		"three rows": {
			[]string{"ssss", "ssss", "ssss"}, Party{Count: 12}, "1-1 1-2 1-3 1-4 2-1 2-2 2-3 2-4 3-1 3-2 3-3 3-4", TogetherAdjoining, 0},
		"rows that do not touch are not adjoining": {
			[]string{"sss   ", "SSSSSS", "   sss"}, Party{Count: 4}, "1-1 1-2 1-3 3-4", TogetherScattered, 0},
		"scattered, in sizes that leave no orphan": {
			[]string{"ssss ssss ssss"}, Party{Count: 7}, "1-3 1-4 1-6 1-7 1-8 1-9 1-11", TogetherScattered, 0},
		"scattered a little wider rather than an orphan": {
			[]string{"sssss ss ss"}, Party{Count: 6}, "1-4 1-5 1-7 1-8 1-10 1-11", TogetherScattered, 0},
		"not for sale is never sold": {
			[]string{"sxss"}, Party{Count: 3}, "1-1 1-3 1-4", TogetherScattered, 0},
		"wheelchair places are not for others": {
			[]string{"sswss"}, Party{Count: 4}, "1-1 1-2 1-4 1-5", TogetherScattered, 1},
		"companion seats stay while standard ones suffice": {
			[]string{"cc", "s ", "ss"}, Party{Count: 2}, "3-1 3-2", TogetherOneRow, 0},
		"companion seats last of all": {
			[]string{"cw", "s "}, Party{Count: 2}, "1-1 2-1", TogetherAdjoining, 1},
		"wheelchair and companion": {
			[]string{"cw sssss wc", "sssss"}, Party{Count: 2, Wheelchairs: 1, Companions: 1}, "1-1 1-2", TogetherOneRow, 0},
		"a companion seat rather than a standard one": {
			[]string{"swc"}, Party{Count: 2, Wheelchairs: 1, Companions: 1}, "1-2 1-3", TogetherOneRow, 1},
		"a companion beside each wheelchair beats one row": {
			[]string{"ssww", "cw wc"}, Party{Count: 4, Wheelchairs: 2, Companions: 2}, "1-2 1-3 2-1 2-2", TogetherAdjoining, 2},
		"a second companion on the other side": {
			[]string{"cwc s cw"}, Party{Count: 5, Wheelchairs: 2, Companions: 3}, "1-1 1-2 1-3 1-7 1-8", TogetherScattered, 0},
		"the others sit near the wheelchair": {
			[]string{"cw sssss wc", "sssssssssss"}, Party{Count: 5, Wheelchairs: 1, Companions: 1}, "1-1 1-2 2-1 2-2 2-3", TogetherAdjoining, 0},
		"each wheelchair its companion, rather than all at one end": {
			[]string{"cwW ssss wc", "ssCww"}, Party{Count: 4, Wheelchairs: 2, Companions: 2}, "1-1 1-2 1-10 1-11", TogetherScattered, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, free := drawn(t, c.rows...)
			got, ok := ChooseSeats(p, free, c.party)
			require.True(t, ok)
			require.Equal(t, c.want, labels(p, got.Ords))
			require.Equal(t, c.together, got.Together)
			require.Equal(t, c.orphans, got.LeavesOrphan)
		})
	}
}

func TestChooseSeatsRefuses(t *testing.T) {
	t.Parallel()
	p, free := drawn(t, "ssWwx", "cSS")
	for name, y := range map[string]Party{
		"nobody": {}, "fewer than nobody": {Count: -3, Wheelchairs: 1}, "more than free": {Count: 4},
		"more wheelchairs than places":        {Count: 2, Wheelchairs: 2},
		"more than free besides a wheelchair": {Count: 5, Wheelchairs: 1},
	} {
		_, ok := ChooseSeats(p, free, y)
		require.False(t, ok, name)
	}
	_, ok := ChooseSeats(nil, free, Party{Count: 1})
	require.False(t, ok)
	_, ok = ChooseSeats(&SeatPlan{}, free, Party{Count: 1})
	require.False(t, ok)
}

func TestNearest(t *testing.T) {
	t.Parallel()
	at := func(p *SeatPlan, label string) []int {
		var out []int
		for o := range p.Seats {
			if slices.Contains(strings.Fields(label), labels(p, []int{o})) {
				out = append(out, o)
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		rows   []string
		wanted string
		want   []string
	}{
		"the next free seats, none shared while others are left": {
			[]string{"SSssss", "ssssss"}, "1-1 1-2", []string{"1-3 1-4", "2-1 2-2", "1-5 1-6"}},
		"orphans only when nothing else is together": {
			[]string{"SSsss", "SSSSS", "SSSss"}, "1-1 1-2", []string{"1-3 1-4", "1-4 1-5", "3-4 3-5"}},
		"nothing shared, even if it is farther": {
			[]string{"SSsssssss"}, "1-1 1-2", []string{"1-3 1-4", "1-5 1-6", "1-8 1-9"}},
		"no orphan, even if it is farther": {
			[]string{"SSsssSsss", "SSSSSSSSS", "ss   ss"}, "1-1 1-2", []string{"1-3 1-4", "3-1 3-2", "3-6 3-7"}},
		"nearest first": {
			[]string{"ss ss", "ss ss", "SSSSS", "ss ss"}, "3-1 3-2", []string{"2-1 2-2", "4-1 4-2", "1-1 1-2"}},
		"two rows when one does not do": {
			[]string{"SSs", "sss"}, "1-1 1-2 1-3 2-1", []string{"1-3 2-1 2-2 2-3"}},
		"scattered only when nothing better exists": {
			[]string{"SSs s", "SSSSS", "s"}, "1-1 1-2", []string{"1-3 1-5", "1-3 3-1"}},
		"nothing scattered beside seats together": {
			[]string{"SSss", "SSSS", "s  s"}, "1-1 1-2", []string{"1-3 1-4"}},
		"a wheelchair place for a wheelchair place": {
			[]string{"CW ss wc", "ssssssss", "ws ss wc"}, "1-1 1-2", []string{"3-1 3-2", "1-7 1-8", "3-7 3-8"}},
		"nothing left": {[]string{"SSs"}, "1-1 1-2", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, free := drawn(t, c.rows...)
			var got []string
			for _, ch := range Nearest(p, free, at(p, c.wanted), 3) {
				got = append(got, labels(p, ch.Ords))
			}
			require.Equal(t, c.want, got)
		})
	}
	p, free := drawn(t, "ss")
	require.Empty(t, Nearest(p, free, []int{0}, 0))
	require.Empty(t, Nearest(p, free, []int{-1, 7}, 3))
	require.Empty(t, Nearest(nil, free, []int{0}, 3))
}

func BenchmarkChooseSeats(b *testing.B) {
	p := hall(b)
	empty := func(int) bool { return true }
	busy := func(o int) bool { return o*7919%10 < 4 }
	for _, c := range []struct {
		name  string
		free  func(int) bool
		party Party
	}{
		{"empty/4", empty, Party{Count: 4}},
		{"busy/2", busy, Party{Count: 2}},
		{"busy/5", busy, Party{Count: 5}},
		{"busy/40", busy, Party{Count: 40}},
		{"pairs/41", func(o int) bool { return o%3 > 0 }, Party{Count: 41}},
		{"empty/20", empty, Party{Count: 20}},
		{"empty/40", empty, Party{Count: 40}},
		{"empty/150", empty, Party{Count: 150}},
		{"empty/wheelchair_of_6", empty, Party{Count: 6, Wheelchairs: 1, Companions: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ChooseSeats(p, c.free, c.party)
			}
		})
	}
	b.Run("nearest/4", func(b *testing.B) {
		for b.Loop() {
			Nearest(p, busy, []int{80, 81, 82, 83}, 3)
		}
	})
	b.Run("nearest/1", func(b *testing.B) {
		for b.Loop() {
			Nearest(p, busy, []int{80}, 3)
		}
	})
}
