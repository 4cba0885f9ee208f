package calendar

import (
	"fmt"
	"strings"

	"youyue/app/db"
	"youyue/models"
)

// maxOnDays bounds what OnDays lists: nobody goes through more by hand.
const maxOnDays = 2000

// OnDays lists what the resources of the whole district are taken for during some
// spans, by start, each once however many resources it takes. The working
// calendar asks before the days change what they are.
func (s *Service) OnDays(tx *db.Tx, spans []models.Span) ([]models.Occupant, error) {
	return onDays(tx, spans)
}

func onDays(tx *db.Tx, spans []models.Span) ([]models.Occupant, error) {
	if len(spans) == 0 {
		return nil, nil
	}
	var conditions []string
	var args []any
	for _, d := range spans {
		conditions, args = append(conditions, "(oc.starts_at < ? AND oc.ends_at > ?)"), append(args, d.End, d.Start)
	}
	var rows []struct {
		ID               int64
		Kind, Resource   string
		Title, Who       string
		State            string
		StartsAt, EndsAt models.Instant
	}
	err := tx.Scan(&rows, `SELECT oc.source_kind AS kind, oc.source_id AS id, MIN(r.name) AS resource,
		COALESCE(MIN(e.title), MIN(f.title), MIN(b.purpose), '') AS title, COALESCE(MIN(bo.name), MIN(qo.name), MIN(po.name), '') AS who,
		COALESCE(MIN(e.starts_at), MIN(q.starts_at), MIN(b.starts_at), MIN(oc.starts_at)) AS starts_at,
		COALESCE(MIN(e.ends_at), MIN(b.ends_at), MAX(oc.ends_at)) AS ends_at,
		COALESCE(MIN(e.state), MIN(q.status), MIN(b.status), '') AS state
		FROM occupancies oc JOIN resources r ON r.id = oc.resource_id
		LEFT JOIN screenings s ON oc.source_kind = 'screening' AND s.id = oc.source_id LEFT JOIN events e ON e.id = s.id LEFT JOIN orgs bo ON bo.id = s.branch_org_id
		LEFT JOIN hall_requests q ON oc.source_kind = 'hall_request' AND q.id = oc.source_id LEFT JOIN films f ON f.id = q.film_id LEFT JOIN orgs qo ON qo.id = q.org_id
		LEFT JOIN room_bookings b ON oc.source_kind = 'room_booking' AND b.id = oc.source_id LEFT JOIN orgs po ON po.id = b.org_id
		WHERE `+strings.Join(conditions, " OR ")+` GROUP BY oc.source_kind, oc.source_id ORDER BY MIN(oc.starts_at), oc.source_kind, oc.source_id LIMIT ?`, append(args, maxOnDays)...)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		o := models.Occupant{ID: r.ID, Span: models.Span{Start: r.StartsAt, End: r.EndsAt}, Who: r.Who, State: r.State,
			Title: strings.TrimSuffix(r.Resource+" · "+r.Title, " · ")}
		switch r.Kind {
		case "screening":
			o.Path = fmt.Sprintf("/screenings/%d", o.ID)
		case "hall_request":
			o.Path = fmt.Sprintf("/hall-requests/%d", o.ID)
		}
		out[i] = o
	}
	return out, nil
}
