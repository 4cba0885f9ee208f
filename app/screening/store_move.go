package screening

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// party has seats of a screening, or waits for some.
type party struct {
	ID       string
	HolderID int64
	PersonID int64
	OrgID    int64
	Waits    bool
}

// concerned lists who has seats of a screening, held ones too, and who waits.
func concerned(tx *db.Tx, event int64) (out []party, err error) {
	const whose = `COALESCE(holder_id, 0) AS holder_id, COALESCE(person_id, 0) AS person_id, COALESCE(org_id, 0) AS org_id`
	if err = tx.Scan(&out, `SELECT id, `+whose+` FROM bookings WHERE event_id = ? AND status IN ('booked', 'held') ORDER BY id`, event); err != nil {
		return nil, fmt.Errorf("who has seats: %w", err)
	}
	var waiting []party
	if err = tx.Scan(&waiting, `SELECT CAST(id AS TEXT) AS id, `+whose+` FROM waitlist_entries WHERE event_id = ? AND state = 'waiting' ORDER BY rank`, event); err != nil {
		return nil, fmt.Errorf("who waits: %w", err)
	}
	for _, p := range waiting {
		p.Waits = true
		out = append(out, p)
	}
	return out, nil
}

func movedFrom(tx *db.Tx, id int64) (m Moved, err error) {
	_, err = tx.One(&m, `SELECT moved_from, moved_why, moved_at FROM screenings WHERE id = ?`, id)
	return m, err
}

// projectionistOf is the person who shows the film, 0 when nobody's number is known.
func projectionistOf(tx *db.Tx, id int64) (person int64, err error) {
	err = tx.Scan(&person, `SELECT COALESCE(projectionist_id, 0) FROM screenings WHERE id = ?`, id)
	return person, err
}

// saveMoved writes where a screening was, until when the cinema answers, and the new
// time of whatever was asked for: no block of seats waits longer than until the start.
func saveMoved(tx *db.Tx, id int64, m Moved, confirm, start models.Instant, occupied models.Span) error {
	for _, x := range []struct {
		query string
		args  []any
	}{
		{`UPDATE screenings SET moved_from = ?, moved_why = ?, moved_at = ?, confirm_until = ? WHERE id = ?`, []any{m.From, m.Why, m.At, confirm, id}},
		{`UPDATE hall_requests SET starts_at = ?, span_start = ?, span_end = ? WHERE event_id = ? AND status = 'approved'`, []any{start, occupied.Start, occupied.End, id}},
		{`UPDATE block_requests SET deadline = ? WHERE event_id = ? AND status = 'pending' AND deadline > ?`, []any{start, id, start}},
	} {
		if _, err := tx.Exec(x.query, x.args...); err != nil {
			return fmt.Errorf("move screening %d: %w", id, err)
		}
	}
	return nil
}
