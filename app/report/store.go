package report

import (
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/venue"
	"youyue/models"
)

// place is something that is counted. Kind is "" for a hall.
type place struct {
	models.Room
	Name         string
	WholeName    string
	Venue        string
	OrgID        int64
	OrgName      string
	ReleasedOnly bool
}

func (p place) title() string {
	if p.WholeName == "" {
		return p.Name
	}
	return p.WholeName + " · " + p.Name
}

// places lists what is counted in the actor's scope: halls, tables, and rooms that
// have none, also those retired since a moment.
func places(tx *db.Tx, a auth.Actor, from models.Instant) ([]place, error) {
	where, args := db.Below("o.path", a.Scope(auth.ReportRead))
	var out []place
	err := tx.Scan(&out, `SELECT r.id, COALESCE(m.kind, '') AS kind, COALESCE(m.venue_id, 0) AS venue_id, m.whole_id, r.name, COALESCE(wr.name, '') AS whole_name,
		COALESCE(v.name, h.venue) AS venue, o.id AS org_id, o.name AS org_name, COALESCE(h.released_only, FALSE) AS released_only
		FROM resources r JOIN orgs o ON o.id = r.org_id LEFT JOIN rooms m ON m.id = r.id LEFT JOIN venues v ON v.id = m.venue_id
		LEFT JOIN resources wr ON wr.id = m.whole_id LEFT JOIN halls h ON h.id = r.id
		WHERE (h.id IS NOT NULL OR m.kind <> 'equipment' AND (m.archived_at IS NULL OR m.archived_at > ?)
			AND NOT EXISTS (SELECT 1 FROM rooms u WHERE u.whole_id = m.id AND (u.archived_at IS NULL OR u.archived_at > ?)))
		AND `+where+` ORDER BY COALESCE(v.id, 0), COALESCE(m.whole_id, r.id), m.ord, r.id`, append([]any{from, from}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out, nil
}

// openingsOf reads when rooms are open, exceptions of some days included.
func openingsOf(tx *db.Tx, at []place, from, to models.Day) (map[int64]models.Opening, error) {
	var venues []int64
	for _, p := range at {
		venues = append(venues, p.VenueID)
	}
	venues = slices.Compact(slices.Sorted(slices.Values(venues)))
	var hours []models.OpeningHours
	if err := tx.Scan(&hours, `SELECT * FROM opening_hours WHERE venue_id IN ? ORDER BY day, opens`, venues); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var exceptions []models.OpeningException
	if err := tx.Scan(&exceptions, `SELECT * FROM opening_exceptions WHERE venue_id IN ? AND day >= ? AND day <= ? ORDER BY id`, venues, from, to); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out := map[int64]models.Opening{}
	for _, p := range at {
		out[p.ID] = models.OpeningOf(hours, exceptions, p.Room)
	}
	return out, nil
}

// released reads the hours that cinemas have released of their halls.
func released(tx *db.Tx, at []place, span models.Span) (map[int64][]models.Span, error) {
	out := map[int64][]models.Span{}
	for _, p := range at {
		if !p.ReleasedOnly {
			continue
		}
		union, err := venue.Released(tx, p.ID, span)
		if err != nil {
			return nil, err
		}
		for _, sp := range union {
			out[p.ID] = append(out[p.ID], occupancy{StartsAt: sp.Start, EndsAt: sp.End}.within(span))
		}
	}
	return out, nil
}

type occupancy struct {
	ResourceID int64
	SourceKind string
	StartsAt   models.Instant
	EndsAt     models.Instant
}

// within cuts an occupancy to a span that it overlaps.
func (o occupancy) within(sp models.Span) models.Span {
	return models.Span{Start: models.Later(sp.Start, o.StartsAt), End: models.Earlier(sp.End, o.EndsAt)}
}

func taken(tx *db.Tx, at []place, span models.Span) ([]occupancy, error) {
	ids := make([]int64, len(at))
	for i, p := range at {
		ids[i] = p.ID
	}
	var out []occupancy
	err := tx.Scan(&out, `SELECT resource_id, source_kind, starts_at, ends_at FROM occupancies WHERE resource_id IN ? AND starts_at < ? AND ends_at > ?
		AND source_kind <> 'hall_request' ORDER BY resource_id, starts_at`, ids, span.End, span.Start) // a request is a wish
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out, nil
}

// outcomes counts by place what became of bookings that began in a span: of rooms,
// and of parties in a hall. A room with tables is told under its first table.
func outcomes(tx *db.Tx, span models.Span) (map[int64]Shows, error) {
	var rows []struct {
		PlaceID int64
		Status  string
		N       int
	}
	err := tx.Scan(&rows, `SELECT COALESCE((SELECT MIN(u.id) FROM rooms u WHERE u.whole_id = b.room_id AND (u.archived_at IS NULL OR u.archived_at > ?)), b.room_id) AS place_id, b.status, COUNT(*) AS n
		FROM room_bookings b WHERE b.status IN ('attended', 'no_show') AND b.starts_at >= ? AND b.starts_at < ? GROUP BY b.room_id, b.status
		UNION ALL SELECT e.resource_id, b.status, COUNT(*) FROM bookings b JOIN events e ON e.id = b.event_id
		WHERE b.status IN ('attended', 'no_show') AND e.starts_at >= ? AND e.starts_at < ? GROUP BY e.resource_id, b.status`,
		span.Start, span.Start, span.End, span.Start, span.End)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out := map[int64]Shows{}
	for _, r := range rows {
		s := out[r.PlaceID]
		if r.Status == string(models.BookingAttended) {
			s.Came += r.N
		} else {
			s.Missed += r.N
		}
		out[r.PlaceID] = s
	}
	return out, nil
}
