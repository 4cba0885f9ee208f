package room

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const closureQuery = `SELECT c.*, v.name AS venue, v.org_id, o.path AS org_path, COALESCE(r.name, '') AS room_name
	FROM room_closures c JOIN venues v ON v.id = c.venue_id JOIN orgs o ON o.id = v.org_id LEFT JOIN resources r ON r.id = c.room_id`

func closureByID(tx *db.Tx, id int64) (Closure, error) {
	var c Closure
	ok, err := tx.One(&c, closureQuery+" WHERE c.id = ?", id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return c, err
}

func closures(tx *db.Tx, scope []string) ([]Closure, error) {
	where, args := db.Below("o.path", scope)
	var out []Closure
	err := tx.Scan(&out, closureQuery+" WHERE c.ends_at > ? AND c.status <> 'lifted' AND "+where+" ORDER BY c.starts_at, c.id LIMIT 200",
		append([]any{tx.Now()}, args...)...)
	return out, err
}

// closedResources lists what a closure takes: the room and its tables, or all of the
// venue but what can be taken elsewhere.
func closedResources(tx *db.Tx, c models.RoomClosure) ([]int64, error) {
	var ids []int64
	if c.RoomID != nil {
		err := tx.Scan(&ids, `SELECT id FROM rooms WHERE (id = ? OR whole_id = ?) AND archived_at IS NULL ORDER BY id`, *c.RoomID, *c.RoomID)
		return ids, err
	}
	err := tx.Scan(&ids, `SELECT id FROM rooms WHERE venue_id = ? AND archived_at IS NULL ORDER BY id`, c.VenueID)
	return ids, err
}

func setClosure(tx *db.Tx, id int64, to models.ClosureStatus) error {
	column := map[models.ClosureStatus]string{models.ClosureClosed: "closed_at", models.ClosureLifted: "lifted_at"}[to]
	_, err := tx.Exec(`UPDATE room_closures SET status = ?, `+column+` = ? WHERE id = ?`, to, tx.Now(), id)
	if err != nil {
		return fmt.Errorf("closure: %w", err)
	}
	return nil
}

func setClosureTime(tx *db.Tx, c models.RoomClosure) error {
	if _, err := tx.Exec(`UPDATE room_closures SET starts_at = ?, ends_at = ? WHERE id = ?`, c.StartsAt, c.EndsAt, c.ID); err != nil {
		return fmt.Errorf("closure: %w", err)
	}
	return nil
}
