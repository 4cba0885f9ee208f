package report

import (
	"testing"
	"time"

	"youyue/models"

	"github.com/stretchr/testify/require"
)

func span(t *testing.T, from, to string) models.Span {
	t.Helper()
	at := func(clock string) models.Instant {
		m, err := time.Parse(time.RFC3339, "2026-11-23T"+clock+":00Z") // a Monday
		require.NoError(t, err)
		return models.InstantOf(m)
	}
	return models.Span{Start: at(from), End: at(to)}
}

func TestClosedTimeIsCutOutOfOpenTime(t *testing.T) {
	t.Parallel()
	open := []models.Span{span(t, "08:00", "12:00"), span(t, "14:00", "18:00")}
	for _, c := range []struct {
		shut []models.Span
		want int
	}{
		{nil, 480},
		{[]models.Span{span(t, "09:00", "10:00")}, 420},
		{[]models.Span{span(t, "11:00", "15:00")}, 360},
		{[]models.Span{span(t, "08:00", "12:00")}, 240},
		{[]models.Span{span(t, "07:00", "19:00")}, 0},
		{[]models.Span{span(t, "12:00", "14:00")}, 480},
		{[]models.Span{span(t, "09:00", "10:00"), span(t, "09:30", "11:00")}, 360},
	} {
		n := 0
		for _, sp := range without(open, c.shut) {
			n += minutes(sp)
		}
		require.Equal(t, c.want, n, c.shut)
	}
}

func TestMinutesFallIntoTheirWeekdayAndHour(t *testing.T) {
	t.Parallel()
	var o Occupancy
	o.spread(span(t, "09:30", "12:15"), time.UTC, func(u *Use, n int) { u.Used += n })
	got := map[int]int{}
	for h, u := range o.Hours[0] {
		if u.Used > 0 {
			got[h] = u.Used
		}
	}
	require.Equal(t, map[int]int{9: 30, 10: 60, 11: 60, 12: 15}, got)
}

func TestSharesSayWhenThereIsNothingToShare(t *testing.T) {
	t.Parallel()
	require.Equal(t, -1, Use{Used: 60}.Percent())
	require.Equal(t, 13, Use{Open: 480, Used: 60}.Percent())
	require.Equal(t, -1, Shows{}.Percent())
	require.Equal(t, 25, Shows{Came: 3, Missed: 1}.Percent())
}
