package models

// Span is the half-open time [Start, End).
type Span struct{ Start, End Instant }

// Valid reports whether the span has a positive length.
func (s Span) Valid() bool { return s.Start.Before(s.End) }

// Overlaps reports whether the two share a moment; touching ends do not.
func (s Span) Overlaps(o Span) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// Contains reports whether the moment lies inside.
func (s Span) Contains(i Instant) bool { return !i.Before(s.Start) && i.Before(s.End) }
