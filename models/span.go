package models

import "time"

// Span is the half-open time [Start, End).
type Span struct{ Start, End Instant }

// Valid reports whether the span has a positive length.
func (s Span) Valid() bool { return s.Start.Before(s.End) }

// Overlaps reports whether the two share a moment; touching ends do not.
func (s Span) Overlaps(o Span) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// Contains reports whether the moment lies inside.
func (s Span) Contains(i Instant) bool { return !i.Before(s.Start) && i.Before(s.End) }

// Clocks writes a span of hours in a zone: 14:00–18:00; the end of the day reads
// 24:00.
func (s Span) Clocks(zone *time.Location) string {
	from, to := s.Start.In(zone), s.End.In(zone)
	end := to.Format("15:04")
	switch {
	case end == "00:00":
		end = "24:00"
	case to.YearDay() != from.YearDay():
		end += " (+1)"
	}
	return from.Format("15:04") + "–" + end
}
