package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSpansThatTouchBecomeOne(t *testing.T) {
	t.Parallel()
	require.Equal(t, []Span{span(1, 9)}, Union([]Span{span(5, 9), span(1, 3), span(3, 5), span(2, 4)}))
	require.Equal(t, []Span{span(1, 3), span(4, 5)}, Union([]Span{span(4, 5), span(1, 3), span(2, 2)}))
	require.True(t, Covered(Union([]Span{span(1, 3), span(3, 6)}), span(2, 5)), "adjacent spans count as one")
	require.False(t, Covered([]Span{span(1, 3), span(3, 6)}, span(2, 5)), "not before they are united")
	require.Equal(t, []Span{span(1, 2), span(5, 9)}, Without(span(1, 9), []Span{span(2, 3), span(3, 5)}))
	require.Empty(t, Without(span(2, 3), []Span{span(1, 4)}))
}

// Each hour lies in a union when it lies in one of its spans, and in what
// remains when it lies in the span and in none that was cut.
func TestUnionAndRestHourByHour(t *testing.T) {
	t.Parallel()
	hours := func(spans []Span) (in [24]bool) {
		for _, s := range spans {
			for h := range 24 {
				in[h] = in[h] || s.Contains(span(h, h+1).Start)
			}
		}
		return in
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) Span {
			from := rapid.IntRange(0, 22).Draw(t, "from")
			return span(from, rapid.IntRange(from+1, 23).Draw(t, "to"))
		})
		spans, whole := rapid.SliceOfN(draw, 0, 8).Draw(t, "spans"), draw.Draw(t, "whole")
		union, rest := Union(spans), Without(whole, spans)
		require.Equal(t, hours(spans), hours(union))
		for i := 1; i < len(union); i++ {
			require.True(t, union[i-1].End.Before(union[i].Start), "as few as there can be")
		}
		in, cut, left := hours([]Span{whole}), hours(spans), hours(rest)
		all := true
		for h := range 24 {
			require.Equal(t, in[h] && !cut[h], left[h])
			all = all && (!in[h] || cut[h])
		}
		require.Equal(t, all, Covered(union, whole))
	})
}

func TestAPatternsOccurrences(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, zone) }
	p := Pattern{From: day(23), To: day(30), Weekdays: []time.Weekday{time.Monday, time.Saturday}, FromMin: 18 * 60, UntilMin: 24 * 60}
	got := p.Spans()
	require.Len(t, got, 3)
	require.Equal(t, "2026-11-23T10:00:00.000000Z", got[0].Start.String())
	require.Equal(t, "2026-11-23T16:00:00.000000Z", got[0].End.String())
	require.Equal(t, "2026-11-28T10:00:00.000000Z", got[1].Start.String())
	p.Weekdays = nil
	require.Len(t, p.Spans(), 8)
}
