package models

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAPartyOfWhichASeatBrokeStaysTogether(t *testing.T) {
	t.Parallel()
	specs, faults := ParsePlan("1排: 1-6\n2排: 1-6")
	require.Empty(t, faults)
	p, err := PlanOf(1, 1, 1, 1, specs)
	require.NoError(t, err)
	all := func(int) bool { return true }
	c, moves, ok := Replace(p, all, []int{1, 2, 3}, []int{1})
	require.True(t, ok)
	require.Equal(t, []int{2, 3, 4}, c.Ords, "one moves, three sit side by side")
	require.Equal(t, []Move{{1, 4}}, moves)
	// The only free seat beside them is taken: all move, for they were together.
	c, moves, ok = Replace(p, func(o int) bool { return o > 5 }, []int{1, 2, 3}, []int{2})
	require.True(t, ok)
	require.Equal(t, TogetherOneRow, c.Together)
	require.Len(t, moves, 3)
	_, _, ok = Replace(p, func(int) bool { return false }, []int{1, 2, 3}, []int{2})
	require.False(t, ok)
}

func TestReplaceNeverTakesWhatIsNotFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, free := anyHall(t)
		var held, broken []int
		for o, s := range p.Seats {
			if !free[o] && s.Kind != SeatNotForSale && len(held) < 6 && rapid.Bool().Draw(t, "mine") {
				held = append(held, o)
				if rapid.IntRange(0, 2).Draw(t, "breaks") == 0 {
					broken = append(broken, o)
				}
			}
		}
		if len(broken) == 0 {
			return
		}
		c, moves, ok := Replace(p, func(o int) bool { return free[o] }, held, broken)
		wheels := kindCount(p, held, SeatWheelchair)
		enough := freeOf(p, free, SeatWheelchair) >= kindCount(p, broken, SeatWheelchair) &&
			freeOf(p, free, SeatStandard)+freeOf(p, free, SeatCompanion) >= len(broken)-kindCount(p, broken, SeatWheelchair)
		require.Equal(t, enough, ok, "exactly when seats suffice")
		if !ok {
			return
		}
		require.Len(t, c.Ords, len(held))
		require.Equal(t, wheels, kindCount(p, c.Ords, SeatWheelchair))
		seen := map[int]bool{}
		for _, o := range c.Ords {
			require.False(t, seen[o])
			seen[o] = true
			require.NotContains(t, broken, o)
			require.True(t, free[o] || slices.Contains(held, o))
		}
		at := slices.Clone(held)
		for _, mv := range moves {
			i := slices.Index(at, mv.From)
			require.GreaterOrEqual(t, i, 0)
			require.Equal(t, p.Seats[mv.From].Kind == SeatWheelchair, p.Seats[mv.To].Kind == SeatWheelchair)
			at[i] = mv.To
		}
		require.ElementsMatch(t, c.Ords, at, "the moves lead there")
	})
}
