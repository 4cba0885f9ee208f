package models

import (
	"iter"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// Recurrence says on which days something recurs: a rule of RFC 5545 by whole
// days, or one of ours that the RFC has no word for. ParseRecurrence tells how it
// is written.
type Recurrence struct {
	Every     Frequency
	Interval  int          // every nth day, week, month or year; at least 1
	Weekdays  []NthWeekday // none: that of the first day
	MonthDays []int        // 1 … 31, -1 is the last; a month without it is left out
	Months    []int        // 1 … 12, of a yearly rule
	Workday   int          // ours: the nth working day of the month, -1 the last
	LunarDay  int          // ours: the nth day of every lunar month, leap months too, -1 the last; 30 leaves out months of 29 days
	DayOff    DayOffRule   // ours: what becomes of an occurrence on a day off
	Weekends  bool         // DayOff is about weekends too, not about statutory holidays alone
	Count     int          // so many dates, left out or not; 0 is no bound
	Until     Day          // the last date, zero is no bound
}

// Frequency is the period of a rule.
type Frequency string

// The periods.
const (
	Daily   Frequency = "DAILY"
	Weekly  Frequency = "WEEKLY"
	Monthly Frequency = "MONTHLY"
	Yearly  Frequency = "YEARLY"
)

// NthWeekday is a weekday, in a monthly rule the nth of the month, -1 the last; N
// 0 is every one.
type NthWeekday struct {
	N       int
	Weekday time.Weekday
}

// DayOffRule says what becomes of an occurrence that falls on a day off.
type DayOffRule string

// It stays, moves to the next working day, or is left out.
const (
	DayOffStays DayOffRule = ""
	DayOffNext  DayOffRule = "NEXT"
	DayOffSkip  DayOffRule = "SKIP"
)

// Occurrence is one date of a rule. For is the date as the rule gives it, and
// tells it for good from the others; of a rule by working days it is the first of
// the month, for the list of a year may be published later, or changed. Day is
// when it happens: zero when it does not, or when nobody can say yet.
type Occurrence struct {
	For  Day
	Day  Day
	Fate Fate
	Year int // that is not published, of an Unknown one
}

// Fate is what became of an occurrence.
type Fate string

// An occurrence stands where the rule puts it, or on the next working day; it is
// left out for a day off, or for another one that stands on that day already; or
// it depends on a year that is not published.
const (
	Stands  Fate = "stands"
	Moved   Fate = "moved"
	Skipped Fate = "skipped"
	Merged  Fate = "merged"
	Unknown Fate = "unknown"
)

// The bounds of an expansion; ours.
const (
	MaxOccurrences = 400              // of one rule
	maxExpanded    = 5 * 366          // days ahead of the first
	lookAhead      = 31               // no holiday moves anything further
	maxDates       = maxExpanded + 32 // of the rule, in all of that
)

// Days lists the occurrences from first, which is one when it fits the rule, to
// until, at most most of them (0 or more than MaxOccurrences: that many). Nothing
// reaches further than five years.
func (r Recurrence) Days(first, until Day, most int, c WorkCalendar) []Occurrence {
	if most <= 0 || most > MaxOccurrences {
		most = MaxOccurrences
	}
	if end := first.Add(maxExpanded); end.Before(until) {
		until = end
	}
	var out []Occurrence
	n := 0
	// Further than until: what is moved is not to meet the next piece of its own rule.
	for d := range r.dates(first, until.Add(lookAhead)) {
		o := r.occurrence(d, c)
		if o.Fate == Stands && o.Day.Before(first) {
			continue // a working day of the first month that is over
		}
		if n++; n > maxDates || r.Count > 0 && n > r.Count || !r.Until.IsZero() && r.Until.Before(o.date()) {
			break
		}
		out = append(out, o)
	}
	merge(out)
	out = slices.DeleteFunc(out, func(o Occurrence) bool { return until.Before(o.date()) })
	return out[:min(len(out), most)]
}

// date is where the rule puts an occurrence, as far as is known.
func (o Occurrence) date() Day {
	if o.Fate == Stands {
		return o.Day
	}
	return o.For
}

// merge leaves out what is moved to a day that has an occurrence already.
func merge(all []Occurrence) {
	taken := map[Day]bool{}
	for _, o := range all {
		if o.Fate == Stands {
			taken[o.Day] = true
		}
	}
	for i, o := range all {
		if o.Fate != Moved {
			continue
		}
		if taken[o.Day] {
			all[i].Fate, all[i].Day = Merged, Day{}
		}
		taken[o.Day] = true
	}
}

// occurrence says what becomes of a date of the rule.
func (r Recurrence) occurrence(d Day, c WorkCalendar) Occurrence {
	o := Occurrence{For: d, Day: d, Fate: Stands}
	unknown := func(year int) Occurrence { return Occurrence{For: d, Fate: Unknown, Year: year} }
	if r.Workday != 0 {
		day, there, err := c.NthWorkday(d.Year, d.Month, r.Workday)
		switch {
		case err != nil:
			return unknown(d.Year)
		case !there:
			return Occurrence{For: d, Fate: Skipped}
		}
		o.Day = day
		return o
	}
	if r.DayOff == DayOffStays {
		return o
	}
	kind, known := c.Kind(d)
	switch {
	case !known:
		return unknown(d.Year)
	case kind != DayHoliday && (kind != DayRest || !r.Weekends):
		return o
	case r.DayOff == DayOffSkip:
		return Occurrence{For: d, Fate: Skipped}
	}
	next, err := c.Workday(d)
	if err != nil {
		return unknown(next.Year)
	}
	return Occurrence{For: d, Day: next, Fate: Moved}
}

// dates are those of the rule in order, before days off are looked at.
func (r Recurrence) dates(first, until Day) iter.Seq[Day] {
	switch {
	case r.LunarDay != 0:
		return r.lunarDates(first, until)
	case r.Workday != 0:
		return r.monthFirsts(first, until)
	}
	return r.ruleDates(first, until)
}

// monthFirsts are the first days of every nth month.
func (r Recurrence) monthFirsts(first, until Day) iter.Seq[Day] {
	return func(yield func(Day) bool) {
		for n := 0; ; n += max(1, r.Interval) {
			d := (Day{first.Year, first.Month + time.Month(n), 1}).Add(0)
			if until.Before(d) || !yield(d) {
				return
			}
		}
	}
}

// lunarDates are the days of every nth lunar month, counted from that of first.
func (r Recurrence) lunarDates(first, until Day) iter.Seq[Day] {
	return func(yield func(Day) bool) {
		start := first.Add(1 - first.Lunar().Day) // of the lunar month
		for n := 0; !until.Before(start); n++ {
			next := start.Add(29)
			if next.Lunar().Day != 1 {
				next = next.Add(1)
			}
			d := start.Add(r.LunarDay - 1)
			if r.LunarDay < 0 {
				d = next.Add(-1)
			}
			fits := n%max(1, r.Interval) == 0 && d.Before(next) && !d.Before(first) && !until.Before(d)
			if fits && !yield(d) {
				return
			}
			start = next
		}
	}
}

var frequencies = map[Frequency]rrule.Frequency{Daily: rrule.DAILY, Weekly: rrule.WEEKLY, Monthly: rrule.MONTHLY, Yearly: rrule.YEARLY}

// ruleDates are those of the RFC.
func (r Recurrence) ruleDates(first, until Day) iter.Seq[Day] {
	option := rrule.ROption{Freq: frequencies[r.Every], Dtstart: first.utc(), Until: until.utc(), Interval: max(1, r.Interval),
		Bymonthday: r.MonthDays, Bymonth: r.Months}
	for _, w := range r.Weekdays {
		day := [...]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}[w.Weekday]
		option.Byweekday = append(option.Byweekday, day.Nth(w.N))
	}
	return func(yield func(Day) bool) {
		rule, err := rrule.NewRRule(option)
		if err != nil {
			return // a rule that was not parsed
		}
		for next := rule.Iterator(); ; {
			t, more := next()
			if !more || !yield(Day{t.Year(), t.Month(), t.Day()}) {
				return
			}
		}
	}
}
