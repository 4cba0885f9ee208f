package screening

import (
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
)

const waitQuery = `SELECT w.*, e.title, e.starts_at, e.ends_at, e.closes_at, e.state AS event_state, r.name AS hall_name, h.venue, h.address,
	COALESCE(bo.path, '') AS branch_path, po.path AS place_path, COALESCE(dk.path, '') AS desk_path,
	COALESCE(b.code, '') AS code, COALESCE(b.status, '') AS booked,
	CASE WHEN w.state = 'waiting' THEN (SELECT COUNT(*) FROM waitlist_entries x WHERE x.event_id = w.event_id AND x.state = 'waiting'
		AND (x.rank < w.rank OR (x.rank = w.rank AND x.id < w.id))) ELSE 0 END AS ahead
	FROM waitlist_entries w JOIN events e ON e.id = w.event_id JOIN resources r ON r.id = e.resource_id JOIN halls h ON h.id = e.resource_id
	JOIN orgs po ON po.id = e.org_id LEFT JOIN orgs bo ON bo.id = w.org_id LEFT JOIN bookings b ON b.id = w.booking_id
	LEFT JOIN people pe ON pe.id = w.person_id LEFT JOIN orgs dk ON dk.id = pe.org_id`

// waitVisible is the condition that the actor may see an entry, as with bookings.
func waitVisible(a auth.Actor) (string, []any) {
	where, args := visible(a)
	return strings.ReplaceAll(where, "b.", "w."), args
}

// waits reads entries with the seats they are offered.
func waits(tx *db.Tx, where string, args ...any) ([]Wait, error) {
	var out []Wait
	if err := tx.Scan(&out, waitQuery+" WHERE "+where, args...); err != nil {
		return nil, err
	}
	var ids []string
	for _, w := range out {
		if w.BookingID != nil {
			ids = append(ids, *w.BookingID)
		}
	}
	seats, err := booking.SeatsOf(tx, ids...)
	for i := range out {
		out[i].Seats = []booking.SeatRef{}
		if id := out[i].BookingID; id != nil && seats[*id] != nil {
			out[i].Seats = seats[*id]
		}
	}
	return out, err
}

func oneWait(tx *db.Tx, where string, args ...any) (Wait, error) {
	all, err := waits(tx, where, args...)
	if err == nil && len(all) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Wait{}, err
	}
	return all[0], nil
}

// waitsAt lists the living entries of a screening: who waits, in order, then who is asked.
func waitsAt(tx *db.Tx, event int64) ([]Wait, error) {
	return waits(tx, "w.event_id = ? AND w.ended_at IS NULL ORDER BY CASE w.state WHEN 'waiting' THEN 0 ELSE 1 END, w.rank, w.id", event)
}

// waitByID reads an entry for whoever asks.
func waitByID(tx *db.Tx, id int64) (Wait, error) { return oneWait(tx, "w.id = ?", id) }

func visibleWait(tx *db.Tx, a auth.Actor, id int64) (Wait, error) {
	where, args := waitVisible(a)
	return oneWait(tx, "w.id = ? AND "+where, append([]any{id}, args...)...)
}

// ownWaits lists the living entries of the actor and the actor's branches, of one
// screening when event is not 0.
func ownWaits(tx *db.Tx, a auth.Actor, event int64) ([]Wait, error) {
	where, args := mine(a)
	where = strings.ReplaceAll(where, "b.", "w.") + " AND w.ended_at IS NULL AND (w.event_id = ? OR ? = 0) ORDER BY e.starts_at, w.id"
	return waits(tx, where, append(args, event, event)...)
}
