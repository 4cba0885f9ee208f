package models

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// instantLayout is fixed-width, so that text order is time order on SQLite.
const instantLayout = "2006-01-02T15:04:05.000000Z"

// Instant is a moment in UTC with microsecond precision. Nothing else reaches
// a time column: SQLite compares time as text and would take the same moment
// written in two zones for two moments.
type Instant struct{ t time.Time }

// InstantOf converts t, dropping what is finer than a microsecond.
func InstantOf(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Microsecond)} }

// ParseInstant reads RFC 3339 in any zone.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Instant{}, fmt.Errorf("instant %q: %w", s, err)
	}
	return InstantOf(t), nil
}

// LocalInstant reads a date and a time of day as fields of a form have them
// (2026-11-28, 19:30) in a zone; false when either is missing or misspelt.
func LocalInstant(date, clock string, zone *time.Location) (Instant, bool) {
	t, err := time.ParseInLocation(localLayout, date+" "+clock, zone)
	if err != nil {
		return Instant{}, false
	}
	return InstantOf(t), true
}

// localLayout is a date field and a time field.
const localLayout = time.DateOnly + " 15:04"

// Fields writes a moment for a date field and a time field, "" for none.
func (i Instant) Fields(zone *time.Location) (date, clock string) {
	if i.IsZero() {
		return "", ""
	}
	date, clock, _ = strings.Cut(i.In(zone).Format(localLayout), " ")
	return date, clock
}

// Later is the later of two moments.
func Later(a, b Instant) Instant {
	if a.Before(b) {
		return b
	}
	return a
}

// Earlier is the earlier of two moments.
func Earlier(a, b Instant) Instant {
	if b.Before(a) {
		return b
	}
	return a
}

// Monday is the start of the week that a time of day lies in.
func Monday(t time.Time) time.Time {
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, t.Location())
}

// Time returns the moment in UTC.
func (i Instant) Time() time.Time { return i.t }

// In returns the moment in a zone, for people to read.
func (i Instant) In(loc *time.Location) time.Time { return i.t.In(loc) }

// IsZero reports whether no moment was set.
func (i Instant) IsZero() bool { return i.t.IsZero() }

// Add returns the moment d later.
func (i Instant) Add(d time.Duration) Instant { return InstantOf(i.t.Add(d)) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return i.t.Sub(j.t) }

// Before reports whether i lies before j.
func (i Instant) Before(j Instant) bool { return i.t.Before(j.t) }

// After reports whether i lies after j.
func (i Instant) After(j Instant) bool { return i.t.After(j.t) }

// Equal reports whether both are the same moment.
func (i Instant) Equal(j Instant) bool { return i.t.Equal(j.t) }

// String is the stored form: UTC, fixed width.
func (i Instant) String() string { return i.t.UTC().Format(instantLayout) }

// MarshalText is RFC 3339 in UTC without needless fractions.
func (i Instant) MarshalText() ([]byte, error) {
	return []byte(i.t.UTC().Format(time.RFC3339Nano)), nil
}

// UnmarshalText reads RFC 3339 in any zone.
func (i *Instant) UnmarshalText(b []byte) error {
	v, err := ParseInstant(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// Value implements driver.Valuer; the zero instant is NULL.
func (i Instant) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.String(), nil
}

// Scan implements sql.Scanner for both engines; NULL is the zero instant.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = Instant{}
	case time.Time:
		*i = InstantOf(v)
	case string:
		return i.UnmarshalText([]byte(v))
	case []byte:
		return i.UnmarshalText(v)
	default:
		return fmt.Errorf("instant: cannot read %T", src)
	}
	return nil
}

// GormDataType tells the mapper that an Instant is one column.
func (Instant) GormDataType() string { return "time" }
