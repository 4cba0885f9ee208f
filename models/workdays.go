package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/errs"
)

// ErrUnknownYear: a working time runs into a year whose holidays have not been
// published; its argument "year" says which. Nothing is guessed for it.
var ErrUnknownYear = errs.New(errs.Conflict, "workdays.unknown_year")

// WorkCalendar is the working calendar of the years that have been published:
// statutory holidays, and the weekends worked to make up for them. A year that is
// not in it is unknown, and is never guessed. It is shared; nobody changes it.
type WorkCalendar struct {
	Version int64 // grows with every change of any list or of the hours; 0 before the first
	Years   map[int]bool
	Marks   map[Day]DayKind // holidays and make-up workdays alone
	Names   map[Day]string  // 国庆节: what a marked day is off for, or worked for
	Hours   WorkHours       // none: OfficeHours
}

// WorkHours are the hours of a working day, in order and apart, in minutes after
// midnight.
type WorkHours []Minutes

// OfficeHours are 8:30–12:00 and 14:30–18:00, the hours where none are set. Ours,
// after the habit of offices in Shanxi.
func OfficeHours() WorkHours {
	return WorkHours{{8*60 + 30, 12 * 60}, {14*60 + 30, 18 * 60}}
}

// Valid reports whether the hours are some, in order, apart and within a day.
func (h WorkHours) Valid() bool {
	at := -1
	for _, m := range h {
		if m.From <= at || m.To <= m.From || m.To > 24*60 {
			return false
		}
		at = m.To
	}
	return len(h) > 0
}

// String is 8:30-12:00 14:30-18:00.
func (h WorkHours) String() string {
	parts := make([]string, len(h))
	for i, m := range h {
		parts[i] = fmt.Sprintf("%d:%02d-%d:%02d", m.From/60, m.From%60, m.To/60, m.To%60)
	}
	return strings.Join(parts, " ")
}

// ParseWorkHours reads 8:30-12:00 14:30-18:00.
func ParseWorkHours(s string) (WorkHours, error) {
	var h WorkHours
	for part := range strings.FieldsSeq(s) {
		opens, closes, _ := strings.Cut(part, "-")
		from, err := clockMinutes(opens)
		to, err2 := clockMinutes(closes)
		if err = errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("hours %q: %w", part, err)
		}
		h = append(h, Minutes{from, to})
	}
	if !h.Valid() {
		return nil, fmt.Errorf("hours %q: not in order", s)
	}
	return h, nil
}

// clockMinutes reads 8:30, or 24:00 for the end of the day.
func clockMinutes(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err
}

// Kind says what a date is. Of a date in a year not yet published it says what
// its weekday says, and false.
func (c WorkCalendar) Kind(d Day) (DayKind, bool) {
	if k, ok := c.Marks[d]; ok {
		return k, true
	}
	return d.WeekKind(), c.Years[d.Year]
}

// Works reports whether offices work on a date; ErrUnknownYear when nobody can say.
func (c WorkCalendar) Works(d Day) (bool, error) {
	k, known := c.Kind(d)
	if !known {
		return false, ErrUnknownYear.With("year", d.Year)
	}
	return k.Works(), nil
}

// Workday returns the first working day on or after d, or ErrUnknownYear.
func (c WorkCalendar) Workday(d Day) (Day, error) { return c.walk(d, 1) }

// WorkdayBefore returns the last working day before d, or ErrUnknownYear.
func (c WorkCalendar) WorkdayBefore(d Day) (Day, error) { return c.walk(d.Add(-1), -1) }

func (c WorkCalendar) walk(d Day, step int) (Day, error) {
	for {
		works, err := c.Works(d)
		if err != nil || works {
			return d, err
		}
		d = d.Add(step)
	}
}

// AddWorkdays returns the nth working day after d, n at least 1, or ErrUnknownYear.
// "Within three working days" of a request made on d ends with AddWorkdays(d, 3).
func (c WorkCalendar) AddWorkdays(d Day, n int) (Day, error) {
	var err error
	for ; n > 0 && err == nil; n-- {
		d, err = c.Workday(d.Add(1))
	}
	return d, err
}

// NthWorkday returns the nth working day of a month, counted from its end when n
// is negative; false when it has fewer. It returns ErrUnknownYear.
func (c WorkCalendar) NthWorkday(year int, month time.Month, n int) (Day, bool, error) {
	first := Day{year, month, 1}
	d, step := first, 1
	if n < 0 {
		d, step = (Day{year, month + 1, 1}).Add(-1), -1
	}
	for left := n * step; ; d = d.Add(step) {
		if d.Month != month || d.Year != year {
			return Day{}, false, nil
		}
		works, err := c.Works(d)
		if err != nil {
			return Day{}, false, err
		}
		if works {
			left--
		}
		if left == 0 {
			return d, true, nil
		}
	}
}

// WorkHours are the hours of a working day, OfficeHours where none are set.
func (c WorkCalendar) WorkHours() WorkHours {
	if len(c.Hours) == 0 {
		return OfficeHours()
	}
	return c.Hours
}

// AddWorkMinutes returns the moment at which so many minutes have been worked
// since from, by the hours of working days in a zone: 17:50 and 20 minutes is
// 8:40 of the next working day, 17:50 and 10 minutes is 18:00. No minutes is from
// itself. It returns ErrUnknownYear when the time runs into a year that is unknown.
func (c WorkCalendar) AddWorkMinutes(from Instant, minutes int, zone *time.Location) (Instant, error) {
	if minutes <= 0 {
		return from, nil
	}
	left := time.Duration(minutes) * time.Minute
	for d := DayOf(from, zone); ; d = d.Add(1) {
		spans, err := c.worked(d, zone)
		if err != nil {
			return Instant{}, err
		}
		for _, s := range spans {
			if s.Start.Before(from) {
				s.Start = from
			}
			if !s.Valid() {
				continue
			}
			if length := s.End.Sub(s.Start); length < left {
				left -= length
				continue
			}
			return s.Start.Add(left), nil
		}
	}
}

// WorkMinutesBetween counts the minutes worked from one moment to a later one,
// whole ones, or returns ErrUnknownYear. It is 0 when to is not later.
func (c WorkCalendar) WorkMinutesBetween(from, to Instant, zone *time.Location) (int, error) {
	var sum time.Duration
	for d := DayOf(from, zone); d.At(0, zone).Before(to); d = d.Add(1) {
		spans, err := c.worked(d, zone)
		if err != nil {
			return 0, err
		}
		for _, s := range spans {
			if s.Start.Before(from) {
				s.Start = from
			}
			if s.End.After(to) {
				s.End = to
			}
			if s.Valid() {
				sum += s.End.Sub(s.Start)
			}
		}
	}
	return int(sum / time.Minute), nil
}

// worked are the hours worked on a date; none on a day off.
func (c WorkCalendar) worked(d Day, zone *time.Location) ([]Span, error) {
	works, err := c.Works(d)
	if err != nil || !works {
		return nil, err
	}
	var out []Span
	for _, m := range c.WorkHours() {
		out = append(out, Span{d.At(m.From, zone), d.At(m.To, zone)})
	}
	return out, nil
}

// WorkdayMark is one day of a published list: a holiday, or a weekend worked.
type WorkdayMark struct {
	Day  Day
	Kind DayKind // DayHoliday or DayMakeup
	Name string  // of the holiday
}

// WorkYear is the list of a year as it was published. It may mark the last days
// of the December before: a New Year's holiday can begin there.
type WorkYear struct {
	Year   int
	Source string // the notice it was taken from
	Marks  []WorkdayMark
}

// NewWorkCalendar is the calendar of some lists. Where two mark a day, the list
// of the later year counts.
func NewWorkCalendar(version int64, hours WorkHours, years ...WorkYear) WorkCalendar {
	c := WorkCalendar{Version: version, Hours: hours, Years: map[int]bool{}, Marks: map[Day]DayKind{}, Names: map[Day]string{}}
	for _, y := range slices.SortedFunc(slices.Values(years), func(a, b WorkYear) int { return a.Year - b.Year }) {
		c.Years[y.Year] = true
		for _, m := range y.Marks {
			c.Marks[m.Day], c.Names[m.Day] = m.Kind, m.Name
		}
	}
	return c
}
