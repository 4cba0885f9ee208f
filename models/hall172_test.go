package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCinemaHallPlanSumsTo172(t *testing.T) {
	t.Parallel()
	specs := CinemaHallPlan()
	kinds := map[SeatKind]int{}
	labels := map[string]bool{}
	for i, c := range specs {
		require.Equal(t, i, c.Ord)
		kinds[c.Kind]++
		labels[Seat{RowTag: c.RowTag, Number: c.Number}.Label()] = true
	}
	require.Equal(t, map[SeatKind]int{SeatStandard: 164, SeatWheelchair: 4, SeatCompanion: 4}, kinds)
	require.Len(t, labels, 172, "every label names one seat")

	p, err := PlanOf(1, 1, 1, 1000, specs)
	require.NoError(t, err)
	require.Equal(t, 172, p.ForSale())
}

func TestCinemaHallPlanNeighbours(t *testing.T) {
	t.Parallel()
	p := hall(t)
	byLabel := map[string]Seat{}
	for i, s := range p.Seats {
		byLabel[s.Label()] = s
		if i > 0 && p.Seats[i-1].Row == s.Row {
			require.Less(t, p.Seats[i-1].Col, s.Col, "positions go from left to right")
		}
		if s.LeftID != 0 {
			require.Equal(t, s.Col-1, p.Seats[s.LeftID-1000].Col, "%s: no floor between neighbours", s.Label())
		}
	}
	require.Equal(t, byLabel["5排1座"].ID, byLabel["5排2座"].LeftID)
	require.Equal(t, byLabel["5排3座"].ID, byLabel["5排1座"].LeftID)
	require.Zero(t, byLabel["5排14座"].LeftID, "the aisle parts 12 and 14")
	require.True(t, byLabel["5排12座"].Aisle)
	require.True(t, byLabel["5排14座"].Aisle)
	require.False(t, byLabel["5排18座"].Aisle, "18 stands at the wall")

	runs := map[int]int{}
	for _, run := range p.Runs() {
		runs[len(run)]++
		companion := 0
		for _, o := range run {
			if p.Seats[o].Kind == SeatWheelchair {
				companion--
				require.True(t, p.Seats[o].Aisle, "a wheelchair place is reached from the aisle")
			}
			if p.Seats[o].Kind == SeatCompanion {
				companion++
			}
		}
		require.Zero(t, companion, "each wheelchair place has its companion seat")
	}
	require.Equal(t, map[int]int{2: 4, 3: 16, 8: 1, 12: 9}, runs)
}

func TestPlanOfRefusesUnknownNeighbour(t *testing.T) {
	t.Parallel()
	for _, left := range []int{-2, 172} {
		specs := CinemaHallPlan()
		specs[3].Left = left
		_, err := PlanOf(1, 1, 1, 1000, specs)
		require.Error(t, err)
	}
}
