package lecture

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

func listOrders(tx *db.Tx, a auth.Actor, f Shelf) ([]Order, int64, error) {
	where, args := visibleTo(a)
	if f.Mine {
		where, args = "(o.holder_id = ?", []any{a.AccountID}
		branch, x := db.Below("fo.path", a.Scope(auth.BookForBranch))
		if len(a.OrgsWith(auth.BookForBranch)) > 0 && !a.Can(auth.LectureRead) {
			where, args = where+" OR "+branch, append(args, x...)
		}
		where += ")"
	}
	if f.State != "" {
		where, args = where+" AND o.state = ?", append(args, f.State)
	}
	var total int64
	from := orderQuery[strings.Index(orderQuery, "\n\tFROM lecture_orders"):]
	if err := tx.Scan(&total, `SELECT COUNT(*)`+from+` WHERE `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("lecture orders: %w", err)
	}
	_, size, offset := f.Window()
	rows, err := orders(tx, where+` ORDER BY o.created_at DESC, o.id DESC LIMIT ? OFFSET ?`, append(args, size, offset)...)
	return rows, total, err
}

// maxBoard bounds a board; a station has tens of orders at a time.
const maxBoard = 500

// living lists the orders in the actor's scope that are not over, the next due first.
func living(tx *db.Tx, a auth.Actor) ([]Order, error) {
	where, args := db.Below("g.path", a.Scope(auth.LectureRead))
	return orders(tx, `o.state IN ('submitted', 'returned', 'to_dispatch', 'dispatched', 'escalated', 'accepted', 'in_service') AND `+where+
		` ORDER BY CASE WHEN c.due_at IS NULL THEN 1 ELSE 0 END, c.due_at, o.id LIMIT ?`, append(args, maxBoard)...)
}

func waitingFor(tx *db.Tx, orgs []int64) ([]Offer, error) {
	var out []Offer
	err := tx.Scan(&out, offerQuery+` WHERE t.org_id IN ? AND w.state = 'waiting' AND w.deadline > ? ORDER BY w.deadline, w.id`, orgs, tx.Now())
	return out, err
}

func setCalled(tx *db.Tx, id, said string) error {
	_, err := tx.Exec(`UPDATE lecture_orders SET called_at = ?, called_note = ? WHERE id = ?`, tx.Now(), strings.TrimSpace(said), id)
	return err
}

// stations are the communities for which something can be ordered that is on the
// menu of the organisation at a path.
func stations(tx *db.Tx, menu string) ([]Named, error) {
	var out []Named
	err := tx.Scan(&out, `SELECT id, name FROM orgs WHERE kind = ? AND archived_at IS NULL AND SUBSTR(path, 1, LENGTH(?)) = ? ORDER BY path`, models.OrgStation, menu, menu)
	return out, err
}

// lastStation is the community of the actor's last order, 0 for none.
func lastStation(tx *db.Tx, a auth.Actor) (id int64, err error) {
	_, err = tx.One(&id, `SELECT org_id FROM lecture_orders WHERE created_by = ? ORDER BY created_at DESC LIMIT 1`, a.AccountID)
	return id, err
}

// bookable lists the rooms in which a session can be held.
func bookable(tx *db.Tx) ([]Named, error) {
	var out []Named
	err := tx.Scan(&out, `SELECT m.id, v.name || ' · ' || r.name AS name FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id
		WHERE m.kind = 'room' AND m.archived_at IS NULL AND v.archived_at IS NULL AND v.owner_id IS NULL ORDER BY v.id, m.ord, m.id`)
	return out, err
}

func listed(tx *db.Tx, ids []string, out *[]Listed) error {
	return tx.Scan(out, `SELECT o.id, COALESCE(t.title, o.wish) AS title, o.state FROM lecture_orders o LEFT JOIN lecture_topics t ON t.id = o.topic_id
		WHERE o.id IN ? ORDER BY o.created_at, o.id`, ids)
}

// notForOrders reports whether a room is lent by a partner, who decides about each
// use of it, or is a thing that only goes along.
func notForOrders(tx *db.Tx, id int64) (bool, error) {
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM rooms m JOIN venues v ON v.id = m.venue_id WHERE m.id = ? AND (v.owner_id IS NOT NULL OR m.kind = 'equipment')`, id)
	return n > 0, err
}
