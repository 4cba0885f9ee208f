package venue

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// OutagesIn lists the seats of a hall that are out of order at some moment of a
// span, as far as that stands now.
func OutagesIn(tx *db.Tx, hallID int64, s models.Span) ([]models.SeatOutage, error) {
	var out []models.SeatOutage
	err := tx.Scan(&out, `SELECT * FROM seat_outages WHERE hall_id = ? AND lifted_at IS NULL AND starts_at < ? AND ends_at > ? ORDER BY id`,
		hallID, s.End, s.Start)
	if err != nil {
		return nil, fmt.Errorf("outages of hall %d: %w", hallID, err)
	}
	return out, nil
}

// Outages lists what stands of a hall's outages and what comes, the first to
// begin first.
func Outages(tx *db.Tx, hallID int64) ([]models.SeatOutage, error) {
	var out []models.SeatOutage
	err := tx.Scan(&out, `SELECT * FROM seat_outages WHERE hall_id = ? AND lifted_at IS NULL AND ends_at > ? ORDER BY starts_at, id LIMIT 500`,
		hallID, tx.Now())
	if err != nil {
		return nil, fmt.Errorf("outages of hall %d: %w", hallID, err)
	}
	return out, nil
}
