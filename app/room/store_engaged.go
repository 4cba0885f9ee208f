package room

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// Engagements are the living bookings of rooms of an account or a person, those that
// wait for a yes too.
func (s *Service) Engagements(tx *db.Tx, holder, person int64, span models.Span) (out []models.Engagement, err error) {
	err = tx.Scan(&out, `SELECT 'room_booking' AS kind, b.uid AS ref, r.name || ' · ' || b.purpose AS title, b.starts_at, b.ends_at
		FROM room_bookings b JOIN resources r ON r.id = b.room_id WHERE b.status IN ('pending','proposed','booked') AND b.starts_at < ? AND b.ends_at > ?
		AND (b.holder_id = ? OR b.person_id = ?) ORDER BY b.starts_at, b.id`, span.End, span.Start, holder, person)
	if err != nil {
		return nil, fmt.Errorf("engagements: %w", err)
	}
	return out, nil
}
