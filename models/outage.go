package models

// SeatOutage is a seat that is out of order from StartsAt until before EndsAt.
// It is named by row and number, and so outlives a change of the hall's plan.
type SeatOutage struct {
	ID        int64
	HallID    int64
	RowTag    string
	Number    string
	StartsAt  Instant
	EndsAt    Instant
	Reason    string
	CreatedBy int64
	CreatedAt Instant
	LiftedBy  *int64
	LiftedAt  Instant // zero while it holds
}

// Label is the seat as people read it: 5排7座.
func (o SeatOutage) Label() string { return Seat{RowTag: o.RowTag, Number: o.Number}.Label() }

// Span is the time it was said to last.
func (o SeatOutage) Span() Span { return Span{o.StartsAt, o.EndsAt} }

// Stands reports whether it still holds at the moment or will.
func (o SeatOutage) Stands(now Instant) bool { return o.LiftedAt.IsZero() && o.EndsAt.After(now) }
