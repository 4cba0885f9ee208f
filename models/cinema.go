package models

import (
	"slices"
	"time"
)

// ConfirmOrder says whether the cinema that a hall is in confirms what is
// decided about it, and when.
type ConfirmOrder string

// With ConfirmAfter the scheduler decides first, with ConfirmBefore the cinema.
// A screening that a scheduler puts on is decided already, so that the cinema
// comes after in both.
const (
	ConfirmNone   ConfirmOrder = "none"
	ConfirmAfter  ConfirmOrder = "after_scheduler"
	ConfirmBefore ConfirmOrder = "before_scheduler"
)

// HallRelease is hours that a cinema lets party lessons have.
type HallRelease struct {
	ID            int64
	HallID        int64
	StartsAt      Instant
	EndsAt        Instant
	Projectionist string // who is there anyway, "" when not said
	Note          string
	CreatedBy     int64
	CreatedAt     Instant
	WithdrawnBy   *int64
	WithdrawnAt   Instant
}

// Span is the time released.
func (r HallRelease) Span() Span { return Span{r.StartsAt, r.EndsAt} }

// HallBlock is hours that a cinema needs itself.
type HallBlock struct {
	ID        int64
	HallID    int64
	StartsAt  Instant
	EndsAt    Instant
	Reason    string
	CreatedBy int64
	CreatedAt Instant
	LiftedBy  *int64
	LiftedAt  Instant
}

// Span is the time blocked.
func (b HallBlock) Span() Span { return Span{b.StartsAt, b.EndsAt} }

// Union returns the same time in as few spans as there can be, by start; spans
// that touch become one.
func Union(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Time().Compare(b.Start.Time()) })
	var out []Span
	for _, s := range sorted {
		switch last := len(out) - 1; {
		case !s.Valid():
		case last < 0 || out[last].End.Before(s.Start):
			out = append(out, s)
		case out[last].End.Before(s.End):
			out[last].End = s.End
		}
	}
	return out
}

// Covered reports whether a span lies within one of a union's.
func Covered(union []Span, s Span) bool {
	return slices.ContainsFunc(union, func(u Span) bool { return !s.Start.Before(u.Start) && !s.End.After(u.End) })
}

// Without returns what remains of a span when others are cut out of it.
func Without(s Span, cut []Span) []Span {
	left := []Span{s}
	for _, c := range cut {
		var next []Span
		for _, l := range left {
			if !l.Overlaps(c) {
				next = append(next, l)
				continue
			}
			for _, piece := range []Span{{l.Start, c.Start}, {c.End, l.End}} {
				if piece.Valid() {
					next = append(next, piece)
				}
			}
		}
		left = next
	}
	return left
}

// Pattern is the same hours on some days of the week, from one date to another.
// From and To are midnights in the zone of the hall, both included; no Weekdays
// means every day. Minutes count from midnight; To may be the end of the day.
type Pattern struct {
	From, To          time.Time
	Weekdays          []time.Weekday
	FromMin, UntilMin int
}

// maxPatternDays bounds a pattern: nobody plans further.
const maxPatternDays = 400

// Spans lists the occurrences by day.
func (p Pattern) Spans() []Span {
	var out []Span
	for i := 0; i < maxPatternDays; i++ {
		d := p.From.AddDate(0, 0, i)
		if d.After(p.To) {
			break
		}
		if len(p.Weekdays) > 0 && !slices.Contains(p.Weekdays, d.Weekday()) {
			continue
		}
		at := func(minutes int) Instant {
			return InstantOf(time.Date(d.Year(), d.Month(), d.Day(), 0, minutes, 0, 0, d.Location()))
		}
		out = append(out, Span{at(p.FromMin), at(p.UntilMin)})
	}
	return out
}
