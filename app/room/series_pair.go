package room

import (
	"slices"
	"time"

	"youyue/models"
)

// paired is a date of the changed rule with the occurrence that goes there; either
// may be missing.
type paired struct {
	old  *models.RoomBooking
	date *models.Occurrence
}

func (p paired) day() models.Day {
	if p.date != nil {
		return p.date.For
	}
	return p.old.SeriesDay
}

// pair matches the occurrences of a series with the dates of its changed rule: by the
// date itself, else the only ones of a week with each other, else of a month. So a
// Tuesday that was cancelled stays cancelled when the series goes to Wednesdays. Dates
// that have begun are left alone.
func pair(old []models.RoomBooking, dates []models.Occurrence, now models.Instant, zone *time.Location) []paired {
	var out []paired
	left := slices.Clone(old)
	var free []models.Occurrence
	today := models.DayOf(now, zone)
	for _, d := range dates {
		if d.For.Before(today) {
			continue
		}
		free = append(free, d)
	}
	for _, key := range []func(d models.Day) models.Day{
		func(d models.Day) models.Day { return d },
		func(d models.Day) models.Day { return d.Add(-(int(d.Weekday()) + 6) % 7) },
		func(d models.Day) models.Day { return models.Day{Year: d.Year, Month: d.Month, Day: 1} },
	} {
		for i := 0; i < len(free); i++ {
			k := key(free[i].For)
			mine := matching(len(left), func(n int) bool { return key(left[n].SeriesDay) == k })
			theirs := matching(len(free), func(n int) bool { return key(free[n].For) == k })
			if len(mine) != 1 || len(theirs) != 1 {
				continue
			}
			b, d := left[mine[0]], free[i]
			out = append(out, paired{&b, &d})
			left, free = slices.Delete(left, mine[0], mine[0]+1), slices.Delete(free, i, i+1)
			i--
		}
	}
	for _, b := range left {
		out = append(out, paired{old: &b})
	}
	for _, d := range free {
		out = append(out, paired{date: &d})
	}
	slices.SortFunc(out, func(a, b paired) int { return a.day().Sub(b.day()) })
	return out
}

func matching(n int, f func(i int) bool) []int {
	var out []int
	for i := range n {
		if f(i) {
			out = append(out, i)
		}
	}
	return out
}
