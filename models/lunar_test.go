package models_test

import (
	"testing"

	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestLunarDates(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]struct{ text, festival string }{
		"2026-11-28": {"十月二十", ""},
		"2026-02-17": {"正月初一", "spring"},
		"2026-02-16": {"腊月廿九", "new_years_eve"}, // a month of 29 days
		"2026-03-03": {"正月十五", "lantern"},
		"2025-07-25": {"闰六月初一", ""},
		"2025-08-22": {"闰六月廿九", ""},
		"2026-10-01": {"八月廿一", "national"},
		"2026-04-05": {"二月十八", "qingming"},
		"2026-06-19": {"五月初五", "dragon_boat"},
		"2026-03-18": {"正月三十", ""},
	} {
		d := day(t, s)
		require.Equal(t, want.text, d.Lunar().String(), s)
		require.Equal(t, want.festival, d.Festival(), s)
	}
	last := 0
	for d := day(t, "2025-01-01"); d.Year < 2028; d = d.Add(1) {
		if l := d.Lunar(); l.Last {
			require.Equal(t, 1, d.Add(1).Lunar().Day)
			last++
		} else {
			require.Equal(t, l.Day+1, d.Add(1).Lunar().Day)
		}
	}
	require.Equal(t, 37, last, "three years of twelve months, and a leap month")
	require.Equal(t, models.LunarDay{Month: 6, Day: 15, Leap: true}, day(t, "2025-08-08").Lunar())
}
