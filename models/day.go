package models

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a date of the civil calendar, in no zone. The zero Day is none.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the date of a moment in a zone.
func DayOf(i Instant, zone *time.Location) Day {
	y, m, d := i.In(zone).Date()
	return Day{y, m, d}
}

// ParseDay reads 2026-10-01.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("day %q: %w", s, err)
	}
	y, m, d := t.Date()
	return Day{y, m, d}, nil
}

// IsZero reports whether no date was set.
func (d Day) IsZero() bool { return d == Day{} }

// String is 2026-10-01, "" for none.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// utc is midnight of the date in UTC, for arithmetic alone.
func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Add returns the date n days later.
func (d Day) Add(n int) Day {
	y, m, day := d.utc().AddDate(0, 0, n).Date()
	return Day{y, m, day}
}

// Sub returns the days from e to d.
func (d Day) Sub(e Day) int { return int(d.utc().Sub(e.utc()) / (24 * time.Hour)) }

// Before reports whether d lies before e.
func (d Day) Before(e Day) bool { return d.utc().Before(e.utc()) }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// At is the moment n minutes after midnight in a zone; 1440 is the next midnight.
func (d Day) At(minute int, zone *time.Location) Instant {
	return InstantOf(time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone))
}

// MarshalText is 2026-10-01.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2026-10-01; empty is none.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	*d, err = ParseDay(string(b))
	return err
}

// Value implements driver.Valuer: the text, NULL for none.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan implements sql.Scanner.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Day{}
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("day: cannot read %T", src)
	}
	return nil
}

// GormDataType tells the mapper that a Day is one column.
func (Day) GormDataType() string { return "string" }

// DayKind is what the working calendar says of a date.
type DayKind string

// The kinds of date: an ordinary working day, an ordinary weekend, a statutory
// holiday, a weekend that is worked to make up for one (调休).
const (
	DayWork    DayKind = "work"
	DayRest    DayKind = "rest"
	DayHoliday DayKind = "holiday"
	DayMakeup  DayKind = "makeup"
)

// Works reports whether offices work on such a date.
func (k DayKind) Works() bool { return k == DayWork || k == DayMakeup }

// WeekKind is what a date is when nothing more is known of its year.
func (d Day) WeekKind() DayKind {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return DayRest
	}
	return DayWork
}
