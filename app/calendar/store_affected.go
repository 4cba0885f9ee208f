package calendar

import (
	"fmt"
	"strings"

	"youyue/app/db"
	"youyue/models"
)

// maxOnDays bounds what OnDays lists: nobody goes through more by hand.
const maxOnDays = 2000

// takenOn lists what the resources of the whole district are taken for during some
// spans, by start, each thing once however many resources it takes, with the name of
// the first.
func takenOn(tx *db.Tx, spans []models.Span) (out []occupancy, names []string, err error) {
	var conditions []string
	var args []any
	for _, d := range spans {
		conditions, args = append(conditions, "(oc.starts_at < ? AND oc.ends_at > ?)"), append(args, d.End, d.Start)
	}
	var rows []struct {
		ResourceID       int64
		Resource         string
		StartsAt, EndsAt models.Instant
		SourceKind       string
		SourceID         int64
	}
	err = tx.Scan(&rows, `SELECT MIN(oc.resource_id) AS resource_id, MIN(r.name) AS resource, MIN(oc.starts_at) AS starts_at, MAX(oc.ends_at) AS ends_at, oc.source_kind, oc.source_id
		FROM occupancies oc JOIN resources r ON r.id = oc.resource_id
		WHERE `+strings.Join(conditions, " OR ")+` GROUP BY oc.source_kind, oc.source_id ORDER BY MIN(oc.starts_at), oc.source_kind, oc.source_id LIMIT ?`, append(args, maxOnDays)...)
	if err != nil {
		return nil, nil, fmt.Errorf("calendar: %w", err)
	}
	for _, r := range rows {
		out, names = append(out, occupancy{r.ResourceID, r.StartsAt, r.EndsAt, r.SourceKind, r.SourceID}), append(names, r.Resource)
	}
	return out, names, nil
}
