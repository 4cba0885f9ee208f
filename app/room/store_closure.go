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

// shutWith has places that come to a venue, or are taken back, closed by what closes it
// or their room: it was decided while they were not there.
func shutWith(tx *db.Tx, venue int64, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	in, arg := tx.Among("m.id", ids)
	_, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id)
		SELECT m.id, c.starts_at, c.ends_at, CAST(? AS TEXT), c.id FROM room_closures c JOIN rooms m ON m.venue_id = c.venue_id AND (c.room_id IS NULL OR c.room_id = m.id OR c.room_id = m.whole_id)
		WHERE c.venue_id = ? AND c.status = 'closed' AND c.ends_at > ? AND `+in+`
		AND NOT EXISTS (SELECT 1 FROM occupancies o WHERE o.resource_id = m.id AND o.starts_at < c.ends_at AND o.ends_at > c.starts_at)`, ClosureSource, venue, tx.Now(), arg)
	if err != nil {
		return fmt.Errorf("shut with: %w", err)
	}
	return nil
}
