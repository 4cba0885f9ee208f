package models

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyPlan draws the seats of a plan as an editor might make them: floor and
// partings anywhere, cross-aisles, all kinds, numbers in runs and at random.
func anyPlan(t *rapid.T) []SeatSpec {
	var out []SeatSpec
	width, row := 0, 0
	for n := range rapid.IntRange(1, 6).Draw(t, "rows") {
		row++
		if n > 0 && rapid.IntRange(0, 4).Draw(t, "cross") == 0 {
			row++
		}
		tag := rapid.SampledFrom([]string{"", "A", "贵宾"}).Draw(t, "tag") + string(rune('0'+n))
		numbers := rapid.SampledFrom([]Numbering{NumberLeft, NumberRight, NumberMiddle, "odd ones"}).Draw(t, "numbering")
		col, left, first := rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "wall"), -1, len(out)
		for range rapid.IntRange(1, 12).Draw(t, "seats") {
			switch rapid.IntRange(0, 9).Draw(t, "floor") {
			case 0:
				col, left = col+1, -1
			case 1:
				col, left = col+3, -1
			case 2:
				left = -1
			}
			col++
			s := SeatSpec{Ord: len(out), Row: row, RowTag: tag, Col: col, Left: left, Kind: SeatStandard,
				Number: string(rune('A'+(len(out)-first)%26)) + string(rune('0'+(len(out)-first)/26))}
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				s.Kind = SeatWheelchair
			case 1:
				s.Kind = SeatCompanion
			case 2:
				s.Kind, s.Reason = SeatNotForSale, rapid.SampledFrom([]string{"", "柱子后", "sound desk | 1/2"}).Draw(t, "reason")
			}
			left = s.Ord
			out = append(out, s)
		}
		renumberRow(out[first:], numbers, out[first].Col+out[len(out)-1].Col)
		width = max(width, col)
	}
	Aisles(out, width+rapid.IntRange(0, 1).Draw(t, "right wall"))
	return out
}

func TestAPlanReadsBackFromItsText(t *testing.T) {
	t.Parallel()
	for _, style := range []PlanStyle{PlanChinese, PlanPlain} {
		back, faults := ParsePlan(PlanText(CinemaHallPlan(), style))
		require.Empty(t, faults)
		require.Equal(t, CinemaHallPlan(), back)
	}
	rapid.Check(t, func(t *rapid.T) {
		specs := anyPlan(t)
		require.False(t, Bad(CheckPlan(specs)), "%v", CheckPlan(specs))
		style := rapid.SampledFrom([]PlanStyle{PlanChinese, PlanPlain}).Draw(t, "style")
		text := PlanText(specs, style)
		back, faults := ParsePlan(text)
		require.False(t, Bad(faults), "%v\n%s", faults, text)
		require.Equal(t, specs, back, text)
		_, err := PlanOf(1, 1, 1, 1, back)
		require.NoError(t, err)
	})
}

func TestTheCinemaHallAsText(t *testing.T) {
	t.Parallel()
	lines := strings.Split(PlanText(CinemaHallPlan(), PlanChinese), "\n")
	require.Equal(t, "1排: _ 11陪 9轮 _3 7-1单 2-8双 _3 10轮 12陪", lines[0])
	require.Equal(t, "2排: 17-13单 | 11-1单 2-12双 | 14-18双", lines[1])
	require.Equal(t, "2: 17-13o | 11-1o 2-12e | 14-18e", strings.Split(PlanText(CinemaHallPlan(), PlanPlain), "\n")[1])
}

// What people type on Chinese keyboards, in any order of marks and spaces.
func TestTextIsReadKindly(t *testing.T) {
	t.Parallel()
	want, faults := ParsePlan("1排: 1-4 | 5-8停(柱子后)\n---\n2排: 1-4 | 5轮 6陪 7-8\n")
	require.Empty(t, faults)
	got, faults := ParsePlan("\n１ ： １－４｜５－８x（柱子后）\r\n\n———\n 2排：1，2、3 4 ｜ 5w 6c，7-8")
	require.Empty(t, faults)
	require.Equal(t, want, got)
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, faults := ParsePlan(strings.Join([]string{
		"1排: 1-4 | 3 5", // 3 twice
		"2排:",           // empty
		"nonsense",      // no colon
		"3排: 1-4 ?? 5",  // unknown
		"3排: 1-5双",      // parity, and row 3 twice, and empty
		"4排: 1轮 2",      // warning
		"5排: 1-200",     // too long a run
		"VIP区域二楼: 1 2",  // tag
		"7排: 1停 2停(((x", // no reason: warning; unknown word
		"8排: 1-4 _77 5", // too wide
	}, "\n"))
	var got []string
	for _, f := range faults {
		got = append(got, f.Code+"@"+string(rune('0'+f.Line)))
	}
	require.Subset(t, got, []string{"number_twice@1", "row_empty@2", "no_colon@3", "word@4", "parity@5", "no_companion@6", "run_long@7",
		"row_tag@8", "no_reason@9", "word@9", "too_wide@:"})
	require.True(t, Bad(faults))
	for _, f := range faults {
		require.Equal(t, f.Code == "no_companion" || f.Code == "no_reason", f.Warn, f.Code)
	}
	_, faults = ParsePlan("1排: 1\n1排: 1")
	require.Equal(t, "row_twice", faults[0].Code)
	require.Equal(t, 1, faults[0].Args["line"])
	_, faults = ParsePlan("")
	require.Equal(t, "no_seats", faults[0].Code)
	_, faults = ParsePlan(strings.Repeat("x", MaxPlanText+1))
	require.Equal(t, "text_long", faults[0].Code)
	var long []string
	for i := range MaxPlanRows + 1 {
		long = append(long, strings.Repeat("A", 1+i/26)+string(rune('A'+i%26))+": 1-20")
	}
	_, faults = ParsePlan(strings.Join(long, "\n"))
	require.Equal(t, "too_many_seats", faults[len(faults)-1].Code)
}

func TestWhatIsReadNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("0123456789-|_/()：:排单双轮陪停 \nABwcx（）")), rapid.Rune())).Draw(t, "text")
		specs, faults := ParsePlan(text)
		if !Bad(faults) {
			back, again := ParsePlan(PlanText(specs, PlanPlain))
			require.False(t, Bad(again), "%q", text)
			require.Len(t, back, len(specs))
		}
	})
}

func TestHelpersKeepAPlanSound(t *testing.T) {
	t.Parallel()
	require.Equal(t, CinemaHallPlan(), Renumber(Renumber(CinemaHallPlan(), "", NumberRight), "", NumberMiddle), "as cinemas do")
	more := AddRow(CinemaHallPlan())
	require.Equal(t, "11", more[len(more)-1].RowTag)
	require.Equal(t, CinemaHallPlan(), RemoveRow(more, "11"))
	rapid.Check(t, func(t *rapid.T) {
		specs := anyPlan(t)
		tag := specs[rapid.IntRange(0, len(specs)-1).Draw(t, "row")].RowTag
		for name, out := range map[string][]SeatSpec{
			"renumber": Renumber(specs, tag, NumberMiddle), "add": AddRow(specs), "aisle": AddAisle(specs, 2), "tags": TagRows(specs, RowLetters),
			"remove": RemoveRow(specs, tag)} {
			if len(out) > 0 {
				require.False(t, Bad(CheckPlan(out)), "%s: %v", name, CheckPlan(out))
			}
		}
	})
}

func TestADiffNamesWhatChanges(t *testing.T) {
	t.Parallel()
	read := func(text string) []SeatSpec {
		specs, faults := ParsePlan(text)
		require.False(t, Bad(faults))
		return specs
	}
	d := DiffPlans(read("1排: 1-4\n2排: 1-2"), read("1排: 1-2 | 3停(坏了) 5\n2排: 1-2"))
	require.Equal(t, []string{"1排5座"}, d.Added)
	require.Equal(t, []string{"1排4座"}, d.Removed)
	require.Equal(t, []string{"1排3座"}, d.Kind)
	require.ElementsMatch(t, []string{"1排2座", "1排3座"}, d.Moved)
	require.Equal(t, 6, d.Before[SeatStandard])
	require.Equal(t, 1, d.After[SeatNotForSale])
	require.True(t, DiffPlans(CinemaHallPlan(), CinemaHallPlan()).Same())
}
