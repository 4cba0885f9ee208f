package models

// Engagement is a time at which an account or a person has to be somewhere, whatever
// feature it is of: seats, an activity, a room, a lecture given or listened to.
type Engagement struct {
	Kind     string // "screening", "activity", "room_booking", …
	Ref      string // of the booking, sign-up or order, "" for a duty
	Title    string
	Place    string // "" when the title says it, or nobody knows yet
	StartsAt Instant
	EndsAt   Instant
}

// Span is the time itself.
func (e Engagement) Span() Span { return Span{e.StartsAt, e.EndsAt} }

// Overlapping keeps what meets one of some spans, leaving out what is itself: ref
// names the booking that asks.
func Overlapping(all []Engagement, ref string, spans ...Span) []Engagement {
	var out []Engagement
	for _, e := range all {
		if e.Ref != "" && e.Ref == ref {
			continue
		}
		for _, s := range spans {
			if e.Span().Overlaps(s) {
				out = append(out, e)
				break
			}
		}
	}
	return out
}
