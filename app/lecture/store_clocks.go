package lecture

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// lastClock is the clock of an order that was started last, and whether it runs.
func lastClock(tx *db.Tx, order string) (c models.LectureClock, running bool, err error) {
	ok, err := tx.One(&c, `SELECT * FROM lecture_clocks WHERE order_id = ? ORDER BY id DESC LIMIT 1`, order)
	return c, ok && c.StoppedAt.IsZero(), err
}

// clockOf is the last clock of a step of an order, the zero one before the first.
func clockOf(tx *db.Tx, order string, step models.LectureStep) (c models.LectureClock, err error) {
	_, err = tx.One(&c, `SELECT * FROM lecture_clocks WHERE order_id = ? AND step = ? ORDER BY id DESC LIMIT 1`, order, step)
	return c, err
}

func endClock(tx *db.Tx, c models.LectureClock) error {
	_, err := tx.Exec(`UPDATE lecture_clocks SET stopped_at = ?, spent_min = ?, paused = ? WHERE id = ? AND stopped_at IS NULL`, c.StoppedAt, c.SpentMin, c.Paused, c.ID)
	if err != nil {
		return fmt.Errorf("stop clock: %w", err)
	}
	return nil
}

// untoldClocks are those that run without a deadline.
func untoldClocks(tx *db.Tx) ([]models.LectureClock, error) {
	var out []models.LectureClock
	err := tx.Scan(&out, `SELECT * FROM lecture_clocks WHERE stopped_at IS NULL AND due_at IS NULL ORDER BY id LIMIT 500`)
	return out, err
}

// setDue tells a deadline for the first time; one that was told is never changed.
func setDue(tx *db.Tx, c models.LectureClock) error {
	_, err := tx.Exec(`UPDATE lecture_clocks SET due_at = ?, calendar = ? WHERE id = ? AND due_at IS NULL`, c.DueAt, c.Calendar, c.ID)
	return err
}

// olderClocks calls each for all clocks counted by a version before this one.
func olderClocks(tx *db.Tx, version int64, each func(Difference) error) error {
	const batch = 500
	var last int64
	for {
		var rows []Difference
		err := tx.Scan(&rows, `SELECT c.*, COALESCE(t.title, o.wish) AS title FROM lecture_clocks c JOIN lecture_orders o ON o.id = c.order_id
			LEFT JOIN lecture_topics t ON t.id = o.topic_id
			WHERE c.id > ? AND c.calendar < ? AND c.due_at IS NOT NULL ORDER BY c.id LIMIT ?`, last, version, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1].ID
	}
}
