package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func span(from, to int) Span {
	at := func(h int) Instant { return InstantOf(time.Date(2026, 11, 23, h, 0, 0, 0, time.UTC)) }
	return Span{at(from), at(to)}
}

func TestTouchingSpansDoNotOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b     Span
		overlaps bool
	}{
		{span(1, 3), span(3, 5), false},
		{span(1, 3), span(2, 5), true},
		{span(1, 9), span(3, 5), true},
		{span(3, 5), span(3, 5), true},
		{span(1, 2), span(3, 5), false},
	} {
		require.Equal(t, c.overlaps, c.a.Overlaps(c.b))
		require.Equal(t, c.overlaps, c.b.Overlaps(c.a))
	}
}

func TestSpanIsHalfOpen(t *testing.T) {
	t.Parallel()
	s := span(3, 5)
	require.True(t, s.Contains(s.Start))
	require.False(t, s.Contains(s.End))
	require.True(t, s.Valid())
	require.False(t, span(5, 5).Valid())
	require.False(t, span(5, 3).Valid())
	require.False(t, span(5, 5).Contains(s.End), "an empty span has no moment")
}

// Two spans overlap exactly when some hour lies in both.
func TestOverlapIsASharedMoment(t *testing.T) {
	t.Parallel()
	hour := rapid.IntRange(0, 23)
	rapid.Check(t, func(t *rapid.T) {
		a := span(hour.Draw(t, "a"), hour.Draw(t, "a end"))
		b := span(hour.Draw(t, "b"), hour.Draw(t, "b end"))
		if !a.Valid() || !b.Valid() {
			return
		}
		shared := false
		for h := range 24 {
			at := span(h, h+1).Start
			shared = shared || a.Contains(at) && b.Contains(at)
		}
		require.Equal(t, shared, a.Overlaps(b))
	})
}

func TestTheEndOfADayReadsTwentyFour(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := func(day, hour int) Instant {
		return InstantOf(time.Date(2026, 11, day, hour, 0, 0, 0, zone))
	}
	for want, s := range map[string]Span{
		"14:00–18:00":      {Start: at(28, 14), End: at(28, 18)},
		"20:00–24:00":      {Start: at(28, 20), End: at(29, 0)},
		"22:00–02:00 (+1)": {Start: at(28, 22), End: at(29, 2)},
	} {
		require.Equal(t, want, s.Clocks(zone))
	}
}
