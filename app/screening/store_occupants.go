package screening

import (
	"fmt"
	"slices"

	"youyue/app/db"
	"youyue/models"
)

// The sources under which this feature occupies a hall.
const (
	SourceScreening = kindScreening
	SourceRequest   = kindRequest
	SourceBlock     = kindHallBlock
)

// occupantRow is an occupant as it is read.
type occupantRow struct {
	ID         int64
	ResourceID int64
	StartsAt   models.Instant
	EndsAt     models.Instant
	Title      string
	Who        string
	State      string
	Path       string
	Taken      int
	Places     int
	Version    int64
}

func (r occupantRow) occupant() models.Occupant {
	return models.Occupant{ID: r.ID, Span: models.Span{Start: r.StartsAt, End: r.EndsAt}, Title: r.Title, Who: r.Who, State: r.State,
		Path: r.Path, Taken: r.Taken, Places: r.Places, Version: r.Version}
}

func occupantsBy(tx *db.Tx, query string, args ...any) ([]models.Occupant, error) {
	var rows []occupantRow
	if err := tx.Scan(&rows, query, args...); err != nil {
		return nil, fmt.Errorf("occupants: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = r.occupant()
	}
	return out, nil
}

// Occupants tells what screenings are, by id.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	known, of := tx.Among("e.id", ids)
	return occupantsBy(tx, `SELECT e.id, e.starts_at, e.ends_at, e.title, COALESCE(bo.name, '') AS who, e.state,
		'/screenings/' || e.id AS path,
		e.taken - (SELECT COALESCE(SUM(hb.party), 0) FROM bookings hb WHERE hb.event_id = e.id AND hb.status = 'held') AS taken, e.for_sale AS places, e.version
		FROM events e JOIN screenings s ON s.id = e.id LEFT JOIN orgs bo ON bo.id = s.branch_org_id WHERE `+known, of)
}

// The version of a request is the number of its moves in the log.
const requestOccupant = `SELECT q.id, q.hall_id AS resource_id, q.starts_at, q.span_end AS ends_at, f.title, o.name AS who, q.status AS state,
	'/hall-requests/' || q.id AS path, q.headcount AS taken, 0 AS places,
	(SELECT COUNT(*) FROM audit_log l WHERE l.subject_kind = 'hall_request' AND l.subject_id = CAST(q.id AS TEXT)) AS version
	FROM hall_requests q JOIN films f ON f.id = q.film_id JOIN orgs o ON o.id = q.org_id`

// RequestOccupants tells what whole-hall requests are, by id, and which queue for
// some halls during a span, in the order they came in.
func (s *Service) RequestOccupants(tx *db.Tx, ids, halls []int64, span models.Span) ([]models.QueuedOccupant, error) {
	var rows []occupantRow
	known, of := tx.Among("q.id", ids)
	wanted, at := tx.Among("q.hall_id", halls)
	err := tx.Scan(&rows, requestOccupant+` WHERE `+known+` OR (`+wanted+` AND NOT q.holds AND q.status IN ('pending', 'proposed', 'confirming')
		AND q.span_start < ? AND q.span_end > ?) ORDER BY q.id`, of, at, span.End, span.Start)
	if err != nil {
		return nil, fmt.Errorf("occupants: %w", err)
	}
	out := make([]models.QueuedOccupant, len(rows))
	for i, r := range rows {
		out[i].Occupant = r.occupant()
		if !slices.Contains(ids, r.ID) {
			out[i].ResourceID = r.ResourceID
		}
	}
	return out, nil
}
