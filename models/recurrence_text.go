package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/errs"
)

// ErrBadRule: text that is no rule, or a part of one that is not understood; its
// argument "part" says which.
var ErrBadRule = errs.New(errs.Invalid, "recurrence.bad_rule")

// MaxInterval bounds how far apart occurrences may lie.
const MaxInterval = 99

var weekdayCodes = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// ParseRecurrence reads a rule: the parts of an RRULE of RFC 5545 that are about
// whole days, and our own, which begin with X-.
//
//	FREQ=DAILY|WEEKLY|MONTHLY|YEARLY  first and required
//	INTERVAL=2                        every second
//	BYDAY=MO,WE  BYDAY=2SA  BYDAY=-1FR  (numbers in monthly rules alone)
//	BYMONTHDAY=1,15  BYMONTHDAY=-1  BYMONTH=3 (of yearly rules)
//	COUNT=10  or  UNTIL=20261231
//	X-WORKDAY=2     monthly: the second working day of the month, -1 the last
//	X-LUNAR=15      monthly: the 15th of every lunar month, -1 its last day
//	X-HOLIDAY=NEXT  on a statutory holiday: the next working day; SKIP: left out
//	X-DAYOFF=NEXT   the same for weekends too
//
// It returns ErrBadRule.
func ParseRecurrence(s string) (Recurrence, error) {
	var r Recurrence
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "RRULE:"), ";") {
		key, value, _ := strings.Cut(part, "=")
		read := recurrenceParts[key]
		if read == nil || seen[key] || !read(&r, value) {
			return Recurrence{}, ErrBadRule.With("part", shorten(part))
		}
		seen[key] = true
	}
	if at := r.contradiction(); at != "" {
		return Recurrence{}, ErrBadRule.With("part", at)
	}
	if r.Interval == 0 {
		r.Interval = 1
	}
	return r, nil
}

// shorten keeps a message short, whatever was sent.
func shorten(part string) string {
	if letters := []rune(part); len(letters) > 40 {
		return string(letters[:40]) + "…"
	}
	return part
}

var recurrenceParts = map[string]func(r *Recurrence, value string) bool{
	"FREQ": func(r *Recurrence, v string) bool {
		r.Every = Frequency(v)
		_, ok := frequencies[r.Every]
		return ok
	},
	"INTERVAL": func(r *Recurrence, v string) bool { return number(&r.Interval, v, 1, MaxInterval) },
	"COUNT":    func(r *Recurrence, v string) bool { return number(&r.Count, v, 1, MaxOccurrences) },
	"UNTIL": func(r *Recurrence, v string) bool {
		day, _, _ := strings.Cut(v, "T") // a moment ends with its day
		t, err := time.Parse("20060102", day)
		r.Until = Day{t.Year(), t.Month(), t.Day()}
		return err == nil
	},
	"BYDAY": func(r *Recurrence, v string) bool {
		for item := range strings.SplitSeq(v, ",") {
			code := item[max(0, len(item)-2):]
			w := NthWeekday{Weekday: time.Weekday(slices.Index(weekdayCodes[:], code))}
			if n := strings.TrimSuffix(item, code); w.Weekday < 0 || n != "" && !number(&w.N, n, -5, 5) || slices.Contains(r.Weekdays, w) {
				return false
			}
			r.Weekdays = append(r.Weekdays, w)
		}
		return true
	},
	"BYMONTHDAY": func(r *Recurrence, v string) bool { return numbers(&r.MonthDays, v, -31, 31) },
	"BYMONTH":    func(r *Recurrence, v string) bool { return numbers(&r.Months, v, 1, 12) },
	"WKST":       func(_ *Recurrence, v string) bool { return v == "MO" }, // as everywhere here
	"X-WORKDAY":  func(r *Recurrence, v string) bool { return number(&r.Workday, v, -23, 23) },
	"X-LUNAR": func(r *Recurrence, v string) bool {
		return v == "-1" && number(&r.LunarDay, v, -1, -1) || number(&r.LunarDay, v, 1, 30)
	},
	"X-HOLIDAY": func(r *Recurrence, v string) bool { return r.dayOff(v, false) },
	"X-DAYOFF":  func(r *Recurrence, v string) bool { return r.dayOff(v, true) },
}

func (r *Recurrence) dayOff(v string, weekends bool) bool {
	twice := r.DayOff != DayOffStays
	r.DayOff, r.Weekends = DayOffRule(v), weekends
	return !twice && (r.DayOff == DayOffNext || r.DayOff == DayOffSkip)
}

// number reads a whole number that is not 0.
func number(n *int, v string, least, most int) bool {
	var err error
	*n, err = strconv.Atoi(v)
	return err == nil && *n != 0 && *n >= least && *n <= most
}

func numbers(all *[]int, v string, least, most int) bool {
	for item := range strings.SplitSeq(v, ",") {
		var n int
		if !number(&n, item, least, most) || slices.Contains(*all, n) {
			return false
		}
		*all = append(*all, n)
	}
	return true
}

// contradiction names the part of a rule that does not go with the others.
func (r Recurrence) contradiction() string {
	nth := slices.ContainsFunc(r.Weekdays, func(w NthWeekday) bool { return w.N != 0 })
	byDate := len(r.Weekdays) > 0 || len(r.MonthDays) > 0
	switch {
	case r.Every == "":
		return "FREQ"
	case r.Count > 0 && !r.Until.IsZero():
		return "UNTIL"
	case nth && r.Every != Monthly:
		return "BYDAY"
	case len(r.Months) > 0 && r.Every != Yearly:
		return "BYMONTH"
	case len(r.MonthDays) > 0 && r.Every == Weekly:
		return "BYMONTHDAY"
	case r.Workday != 0 && (r.Every != Monthly || byDate || r.LunarDay != 0 || r.DayOff != DayOffStays):
		return "X-WORKDAY"
	case r.LunarDay != 0 && (r.Every != Monthly || byDate):
		return "X-LUNAR"
	}
	return ""
}

// String writes the rule as ParseRecurrence reads it, always in the same order.
func (r Recurrence) String() string {
	parts := []string{"FREQ=" + string(r.Every)}
	add := func(key, value string, there bool) {
		if there {
			parts = append(parts, key+"="+value)
		}
	}
	days := make([]string, len(r.Weekdays))
	for i, w := range r.Weekdays {
		if w.N != 0 {
			days[i] = strconv.Itoa(w.N)
		}
		days[i] += weekdayCodes[w.Weekday]
	}
	add("INTERVAL", strconv.Itoa(r.Interval), r.Interval > 1)
	add("BYMONTH", joined(r.Months), len(r.Months) > 0)
	add("BYMONTHDAY", joined(r.MonthDays), len(r.MonthDays) > 0)
	add("BYDAY", strings.Join(days, ","), len(days) > 0)
	add("X-WORKDAY", strconv.Itoa(r.Workday), r.Workday != 0)
	add("X-LUNAR", strconv.Itoa(r.LunarDay), r.LunarDay != 0)
	add("X-HOLIDAY", string(r.DayOff), r.DayOff != DayOffStays && !r.Weekends)
	add("X-DAYOFF", string(r.DayOff), r.DayOff != DayOffStays && r.Weekends)
	add("COUNT", strconv.Itoa(r.Count), r.Count > 0)
	add("UNTIL", fmt.Sprintf("%04d%02d%02d", r.Until.Year, r.Until.Month, r.Until.Day), !r.Until.IsZero())
	return strings.Join(parts, ";")
}

func joined(all []int) string {
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ",")
}
