package booking

import (
	"cmp"
	"fmt"
	"slices"

	"youyue/app/db"
	"youyue/models"
)

// Diary tells what an account or a person, 0 for none, has to be at during a time,
// by start. Whoever books is told what else they have then; nothing is refused for it.
type Diary interface {
	Engagements(tx *db.Tx, holder, person int64, span models.Span) ([]models.Engagement, error)
}

// Engagements are the living bookings of an account or a person in events that take
// place once, held ones too. An event of the kind besides has times of its own, which
// its feature tells.
func Engagements(tx *db.Tx, besides string, holder, person int64, span models.Span) (out []models.Engagement, err error) {
	err = tx.Scan(&out, `SELECT e.kind, b.id AS ref, e.title, COALESCE(r.name, '') AS place, e.starts_at, e.ends_at
		FROM bookings b JOIN events e ON e.id = b.event_id LEFT JOIN resources r ON r.id = e.resource_id
		WHERE b.status IN ('booked','held') AND e.state IN ('open','planned') AND e.kind <> ? AND e.starts_at < ? AND e.ends_at > ?
		AND (b.holder_id = ? OR b.person_id = ?) ORDER BY e.starts_at, b.id`, besides, span.End, span.Start, holder, person)
	if err != nil {
		return nil, fmt.Errorf("engagements: %w", err)
	}
	return out, nil
}

// Elsewhere is what a party has besides a booking of its own, at one of its times. A
// nil diary knows of nothing.
func Elsewhere(tx *db.Tx, d Diary, ref string, holder, person *int64, spans ...models.Span) ([]models.Engagement, error) {
	if d == nil || len(spans) == 0 || holder == nil && person == nil {
		return nil, nil
	}
	all := spans[0]
	for _, s := range spans[1:] {
		if s.Start.Before(all.Start) {
			all.Start = s.Start
		}
		if s.End.After(all.End) {
			all.End = s.End
		}
	}
	id := func(p *int64) int64 {
		if p == nil {
			return 0
		}
		return *p
	}
	found, err := d.Engagements(tx, id(holder), id(person), all)
	found = models.Overlapping(found, ref, spans...)
	slices.SortStableFunc(found, func(a, b models.Engagement) int {
		return cmp.Or(a.StartsAt.Time().Compare(b.StartsAt.Time()), cmp.Compare(a.Ref, b.Ref))
	})
	return found, err
}
