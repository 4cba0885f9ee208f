package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"youyue/app/web/locales"
	"youyue/models"
)

func TestSeatMapFollowsThePlan(t *testing.T) {
	t.Parallel()
	m := sampleMap(t)
	require.Len(t, m.Rows, 10)
	for _, row := range m.Rows {
		require.Len(t, row.Cells, 19, "row %s: 18 columns and the aisle", row.Tag)
		require.True(t, row.Cells[9].Gap(), "row %s: the aisle", row.Tag)
	}
	first := m.Rows[0].Cells
	require.True(t, first[0].Gap() && first[1].Gap(), "row 1 is shorter")
	require.Equal(t, "blocked", first[2].State)
	require.Equal(t, map[string]int{"blocked": 1, "taken": 10, "mine": 1, "reserved": 10, "free": 154}, m.Counts)
}

func TestSeatMapOffersOnlyWhatCanBeBooked(t *testing.T) {
	t.Parallel()
	plan := sampleHall(t)
	states := []byte(strings.Repeat("f", len(plan.Seats)))
	states[20], states[21] = byte(models.SeatReserved), byte(models.SeatTaken)
	pick := func(opt SeatMapOptions) map[int64]bool {
		m, err := NewSeatMap(plan, string(states), opt)
		require.NoError(t, err)
		got := map[int64]bool{}
		for _, row := range m.Rows {
			for _, c := range row.Cells {
				if c.CanPick {
					got[c.ID] = true
				}
			}
		}
		return got
	}
	resident := pick(SeatMapOptions{Mode: SeatsChoose, Mine: []int64{1030}})
	require.Len(t, resident, len(plan.Seats)-4, "not the reserved, the taken, one's own and the broken one")
	require.False(t, resident[1020] || resident[1021] || resident[1030] || resident[1000])
	clerk := pick(SeatMapOptions{Mode: SeatsChoose, Reserved: true})
	require.True(t, clerk[1020])
	require.Empty(t, pick(SeatMapOptions{Mode: SeatsShow}))
}

func TestSeatMapRefusesStatesOfAnotherPlan(t *testing.T) {
	t.Parallel()
	_, err := NewSeatMap(sampleHall(t), "ff", SeatMapOptions{})
	require.ErrorContains(t, err, "2 states for the 176 seats")
}

func TestSeatWords(t *testing.T) {
	t.Parallel()
	c := SeatCell{Tag: "5", Number: "7", State: "free", Aisle: true, Kind: models.SeatStandard}
	require.Equal(t, "5排7座，可选，靠过道", c.Words(locales.ZhCN))
	require.Equal(t, "Row 5 seat 7, free, on the aisle", c.Words(locales.En))
	c = SeatCell{Tag: "10", Number: "1", State: "blocked", Kind: models.SeatNotForSale, Reason: "椅子坏了"}
	require.Equal(t, "10排1座，不开放，椅子坏了", c.Words(locales.ZhCN))
}

func TestSeatListNamesTheRowOnceInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		labels string
		zh, en string
	}{
		{"", "", ""},
		{"5排7座", "5排7座", "Row 5 seat 7"},
		{"5排7座 5排8座 6排1座", "5排7座、8座、6排1座", "Row 5 seats 7, 8; Row 6 seat 1"},
		{"8排5座 8排3座 8排1座 8排2座 8排4座 8排6座 9排1座", "8排1–6座、9排1座", "Row 8 seats 1–6; Row 9 seat 1"},
		{"8排9座 8排7座 8排5座 8排3座 8排1座", "8排1–9座（单号）", "Row 8 seats 1–9, odd"},
		{"8排2座 8排4座 8排6座 8排8座 8排10座", "8排2–10座（双号）", "Row 8 seats 2–10, even"},
		{"8排7座 8排5座 8排1座 8排2座 8排4座", "8排7座、5座、1座、2座、4座", "Row 8 seats 7, 5, 1, 2, 4"},
		{"包厢 5排7座", "包厢、5排7座", "包厢; Row 5 seat 7"},
	} {
		labels := strings.Fields(c.labels)
		require.Equal(t, c.zh, SeatList(locales.ZhCN, labels))
		require.Equal(t, c.en, SeatList(locales.En, labels))
	}
}

func TestBlocksEndAtGaps(t *testing.T) {
	t.Parallel()
	var sizes []int
	for _, b := range sampleMap(t).Rows[0].Blocks() {
		sizes = append(sizes, len(b))
	}
	require.Equal(t, []int{2, 7, 1, 7, 2}, sizes, "row 1: missing seats, a run, the aisle, a run, missing seats")
}
