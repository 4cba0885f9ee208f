package sheet

import (
	"strings"
	"time"
)

// The ways in which people and Excel write a day and a time of day.
var (
	dayForms   = []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102", "2006-1-2 15:4:5", "2006-1-2 15:4", "1/2/2006", "1-2-06"}
	clockForms = []string{"15:4", "15:4:5", "15点4分", "15点", "15时4分", "15时"}
)

// Day reads a day as people write it: 2026-12-01, 2026/12/1, 2026年12月1日. It
// returns midnight of that day in zone.
func Day(s string, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(narrow(s))
	for _, form := range dayForms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone), true
		}
	}
	return time.Time{}, false
}

// Clock reads a time of day: 19:30, 19：30, 19点30分. It returns minutes after
// midnight; 24:00 is the end of the day.
func Clock(s string) (minutes int, ok bool) {
	s = strings.TrimSpace(narrow(s))
	if s == "24:00" || s == "24:00:00" {
		return 24 * 60, true
	}
	for _, form := range clockForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}

// narrow turns full-width digits and signs into the usual ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
