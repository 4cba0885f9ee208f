package room

import (
	"strings"
	"time"

	"youyue/app/errs"
	"youyue/models"
)

// formDay and formTime write a moment as the fields of a form want it.
func (s *Service) formDay(i models.Instant) string { return models.DayOf(i, s.zone).String() }

func (s *Service) formTime(i models.Instant) string { return clockTime(i, s.zone) }

// formSpan reads a time from the fields of a form, "date" and "time" its start,
// "date2" and "until" its end; 24:00 is the end of the day. A second date that is
// left out is the first.
func (s *Service) formSpan(date, from, date2, until string) (models.Span, *errs.Error) {
	if date2 == "" {
		date2 = date
	}
	var sp models.Span
	var bad []errs.Field
	for _, f := range []struct {
		dayField, timeField, day, clock string
		at                              *models.Instant
	}{{"date", "time", date, from, &sp.Start}, {"date2", "until", date2, until, &sp.End}} {
		d, err := models.ParseDay(f.day)
		if err != nil {
			bad = append(bad, errs.Field{Name: f.dayField, Code: fault(f.day)})
		}
		m, ok := parseClock(f.clock)
		if !ok {
			bad = append(bad, errs.Field{Name: f.timeField, Code: fault(f.clock)})
		}
		if err == nil && ok {
			*f.at = d.At(m, s.zone)
		}
	}
	if len(bad) > 0 {
		return sp, errs.ErrInvalid.At(bad...)
	}
	return sp, nil
}

// fault is what is wrong with a field that could not be read.
func fault(text string) string {
	if text == "" {
		return "required"
	}
	return "type"
}

// parseClock reads 8:30 or 24:00 as minutes after midnight.
func parseClock(text string) (int, bool) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}
