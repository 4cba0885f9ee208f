package outage

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

func insertOutages(tx *db.Tx, rows []models.SeatOutage) error {
	if err := tx.Insert(&rows); err != nil {
		return fmt.Errorf("outage: %w", err)
	}
	return nil
}

// livingOutages are those of some outages of a hall that are not over.
func livingOutages(tx *db.Tx, hallID int64, ids []int64) (rows []models.SeatOutage, err error) {
	among, list := tx.Among("id", ids)
	err = tx.Scan(&rows, `SELECT * FROM seat_outages WHERE hall_id = ? AND lifted_at IS NULL AND ends_at > ? AND `+among+` ORDER BY id`, hallID, tx.Now(), list)
	return rows, err
}

func liftOutage(tx *db.Tx, a auth.Actor, id int64) error {
	if _, err := tx.Exec(`UPDATE seat_outages SET lifted_at = ?, lifted_by = ? WHERE id = ?`, tx.Now(), a.AccountID, id); err != nil {
		return fmt.Errorf("lift outage: %w", err)
	}
	return nil
}

// reached lists the open screenings of a hall that meet a span, by start.
func reached(tx *db.Tx, hallID int64, span models.Span) ([]int64, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM events WHERE resource_id = ? AND state IN ('open', 'planned') AND ends_at > ? AND starts_at < ? AND ends_at > ?
		ORDER BY starts_at, id LIMIT ?`, hallID, tx.Now(), span.End, span.Start, maxMended)
	return ids, err
}
