package models_test

import (
	"testing"
	"time"

	"youyue/app/errs"
	"youyue/app/workdays"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var taiyuan = time.FixedZone("UTC+8", 8*60*60)

// published is the calendar of 2025 and 2026 as the State Council published it.
func published(t *testing.T) models.WorkCalendar {
	t.Helper()
	var lists []models.WorkYear
	for _, year := range workdays.PublishedYears() {
		y, ok := workdays.Published(year)
		require.True(t, ok)
		lists = append(lists, y)
	}
	return models.NewWorkCalendar(1, nil, lists...)
}

func day(t *testing.T, s string) models.Day {
	t.Helper()
	d, err := models.ParseDay(s)
	require.NoError(t, err)
	return d
}

func moment(t *testing.T, s string) models.Instant {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, taiyuan)
	require.NoError(t, err)
	return models.InstantOf(at)
}

func refusal(err error) *errs.Error { return errs.As(err) }

func TestKindsOf2026(t *testing.T) {
	t.Parallel()
	c := published(t)
	for s, want := range map[string]models.DayKind{
		"2026-01-01": models.DayHoliday, "2026-01-04": models.DayMakeup, // a Sunday
		"2026-02-13": models.DayWork, "2026-02-14": models.DayMakeup, "2026-02-15": models.DayHoliday, "2026-02-23": models.DayHoliday,
		"2026-02-24": models.DayWork, "2026-02-28": models.DayMakeup, "2026-03-01": models.DayRest,
		"2026-09-20": models.DayMakeup, "2026-10-07": models.DayHoliday, "2026-10-08": models.DayWork, "2026-10-10": models.DayMakeup,
	} {
		got, known := c.Kind(day(t, s))
		require.True(t, known)
		require.Equal(t, want, got, s)
	}
	got, known := c.Kind(day(t, "2027-01-01")) // a Friday, and surely a holiday: but nobody has said so
	require.False(t, known)
	require.Equal(t, models.DayWork, got)
}

func TestWorkdaysAreCountedOverHolidays(t *testing.T) {
	t.Parallel()
	c := published(t)
	for _, x := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-09-30", 1, "2026-10-08"},
		{"2026-10-01", 1, "2026-10-08"},
		{"2026-10-08", 2, "2026-10-10"}, // a Saturday that is worked
		{"2026-02-13", 2, "2026-02-24"},
		{"2025-12-31", 1, "2026-01-04"}, // over the end of the year
		{"2026-12-30", 1, "2026-12-31"},
	} {
		got, err := c.AddWorkdays(day(t, x.from), x.n)
		require.NoError(t, err)
		require.Equal(t, x.want, got.String(), x.from)
	}
	_, err := c.AddWorkdays(day(t, "2026-12-31"), 1)
	require.ErrorIs(t, err, models.ErrUnknownYear)
	require.Equal(t, 2027, refusal(err).Args["year"])

	before, err := c.WorkdayBefore(day(t, "2026-10-08"))
	require.NoError(t, err)
	require.Equal(t, "2026-09-30", before.String())
	_, err = c.WorkdayBefore(day(t, "2025-01-02"))
	require.ErrorIs(t, err, models.ErrUnknownYear)

	for _, x := range []struct {
		month time.Month
		n     int
		want  string
	}{{time.January, 2, "2026-01-05"}, {time.October, 1, "2026-10-08"}, {time.October, 3, "2026-10-10"}, {time.February, -1, "2026-02-28"}, {time.January, 24, ""}} {
		got, ok, err := c.NthWorkday(2026, x.month, x.n)
		require.NoError(t, err)
		require.Equal(t, x.want != "", ok)
		require.Equal(t, x.want, got.String())
	}
	_, _, err = c.NthWorkday(2027, time.January, 1)
	require.ErrorIs(t, err, models.ErrUnknownYear)
}

func TestWorkingMinutes(t *testing.T) {
	t.Parallel()
	c := published(t)
	for _, x := range []struct {
		from    string
		minutes int
		want    string
	}{
		{"2026-11-24 09:00", 30, "2026-11-24 09:30"},
		{"2026-11-24 11:50", 20, "2026-11-24 14:40"}, // over noon
		{"2026-11-24 17:50", 10, "2026-11-24 18:00"}, // the end of a day is that day's
		{"2026-11-24 17:50", 11, "2026-11-25 08:31"},
		{"2026-11-24 03:00", 1, "2026-11-24 08:31"},
		{"2026-11-27 18:00", 420, "2026-11-30 18:00"}, // Friday evening, a whole day: Monday
		{"2026-09-30 17:00", 120, "2026-10-08 09:30"}, // National Day
		{"2026-10-09 17:30", 60, "2026-10-10 09:00"},  // Saturday is worked
		{"2026-02-14 18:00", 1, "2026-02-24 08:31"},   // Spring Festival
		{"2025-12-31 17:00", 120, "2026-01-04 09:30"},
	} {
		got, err := c.AddWorkMinutes(moment(t, x.from), x.minutes, taiyuan)
		require.NoError(t, err)
		require.Equal(t, moment(t, x.want), got, x.from)
		back, err := c.WorkMinutesBetween(moment(t, x.from), got, taiyuan)
		require.NoError(t, err)
		require.Equal(t, x.minutes, back, x.from)
	}
	_, err := c.AddWorkMinutes(moment(t, "2026-12-31 17:00"), 61, taiyuan)
	require.ErrorIs(t, err, models.ErrUnknownYear)
	_, err = c.WorkMinutesBetween(moment(t, "2026-12-31 17:00"), moment(t, "2027-01-01 00:01"), taiyuan)
	require.ErrorIs(t, err, models.ErrUnknownYear)
	got, err := c.AddWorkMinutes(moment(t, "2026-12-31 17:00"), 60, taiyuan)
	require.NoError(t, err, "all of it still lies in a known year")
	require.Equal(t, moment(t, "2026-12-31 18:00"), got)

	c.Hours = models.WorkHours{{From: 9 * 60, To: 17 * 60}}
	got, err = c.AddWorkMinutes(moment(t, "2026-11-24 11:50"), 20, taiyuan)
	require.NoError(t, err)
	require.Equal(t, moment(t, "2026-11-24 12:10"), got)
}

func TestHoursAsText(t *testing.T) {
	t.Parallel()
	h, err := models.ParseWorkHours(" 8:30-12:00  14:30-18:00")
	require.NoError(t, err)
	require.Equal(t, models.OfficeHours(), h)
	require.Equal(t, "8:30-12:00 14:30-18:00", h.String())
	for _, s := range []string{"", "9", "9:00-8:00", "9:00-12:00 11:00-13:00", "9:00-25:00", "9:60-10:00", "-9:00-10:00", "9:00-12:00x"} {
		_, err := models.ParseWorkHours(s)
		require.Error(t, err, s)
	}
}

// A New Year's holiday may begin in December: the later list says so.
func TestALaterListCounts(t *testing.T) {
	t.Parallel()
	next := models.WorkYear{Year: 2027, Marks: []models.WorkdayMark{{Day: day(t, "2026-12-31"), Kind: models.DayHoliday, Name: "元旦"}}}
	this, _ := workdays.Published(2026)
	c := models.NewWorkCalendar(2, nil, next, this)
	got, known := c.Kind(day(t, "2026-12-31"))
	require.True(t, known)
	require.Equal(t, models.DayHoliday, got)
}
