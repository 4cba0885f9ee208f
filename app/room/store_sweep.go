package room

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// idsWhere lists bookings by a condition and an order.
func idsWhere(tx *db.Tx, where string, args []any, most int) ([]int64, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM room_bookings WHERE `+where+` LIMIT ?`, append(args, most)...)
	return ids, err
}

func markEnded(tx *db.Tx, id int64, status models.RoomBookingStatus) error {
	_, err := tx.Exec(`UPDATE room_bookings SET status = ?, ended_at = ?, version = version + 1 WHERE id = ?`, status, tx.Now(), id)
	return err
}

func markReminded(tx *db.Tx, id int64, n int) error {
	_, err := tx.Exec(`UPDATE room_bookings SET reminded = ? WHERE id = ?`, n, id)
	return err
}

// countStrikes counts the times that a booker did not come to a venue since a moment.
func countStrikes(tx *db.Tx, venue int64, b models.RoomBooking, since models.Instant) (int, error) {
	where, args := bearer(b, "holder_id")
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM room_bookings WHERE status = 'no_show' AND excused_at IS NULL AND org_id IS NULL AND ends_at >= ?
		AND room_id IN (SELECT id FROM rooms WHERE venue_id = ?) AND `+where, append([]any{since, venue}, args...)...)
	return n, err
}

func excuse(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE room_bookings SET excused_at = ? WHERE id = ?`, tx.Now(), id)
	return err
}

// dueNow lists who has booked for now, or until a moment, and has not come yet.
func dueNow(tx *db.Tx, scope []string, until models.Instant) ([]Booking, error) {
	where, args := db.Below("o.path", scope)
	lent, more := db.Below("oo.path", scope)
	return bookings(tx, "b.status = 'booked' AND b.starts_at <= ? AND b.ends_at > ? AND ("+where+" OR "+lent+") ORDER BY b.starts_at, b.id LIMIT 200",
		append(append([]any{until, tx.Now()}, args...), more...)...)
}

const pauseQuery = `SELECT p.*, v.name AS venue, v.org_id, o.path AS org_path, b.name, b.code, b.uid
	FROM room_pauses p JOIN venues v ON v.id = p.venue_id JOIN orgs o ON o.id = v.org_id JOIN room_bookings b ON b.id = p.booking_id`

func pauses(tx *db.Tx, a auth.Actor) ([]Pause, error) {
	where, args := db.Below("o.path", append(a.Scope(auth.RoomDecide), a.Scope(auth.BookForOthers)...))
	var out []Pause
	err := tx.Scan(&out, pauseQuery+` WHERE p.lifted_at IS NULL AND p.ends_at > ? AND (p.account_id = ? OR `+where+`)
		ORDER BY CASE WHEN p.appealed_at IS NOT NULL AND p.answered_at IS NULL THEN 0 ELSE 1 END, p.ends_at, p.id LIMIT 200`, append([]any{tx.Now(), a.AccountID}, args...)...)
	return out, err
}

func lockPause(tx *db.Tx, id int64) (Pause, error) {
	var got int64
	if err := tx.Scan(&got, `SELECT id FROM room_pauses WHERE id = ?`+tx.ForUpdate(), id); err != nil {
		return Pause{}, fmt.Errorf("pause: %w", err)
	}
	var p Pause
	ok, err := tx.One(&p, pauseQuery+" WHERE p.id = ?", id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return p, err
}

func savePause(tx *db.Tx, p models.RoomPause) error {
	_, err := tx.Exec(`UPDATE room_pauses SET appeal = ?, appealed_at = ?, answer = ?, answered_by = ?, answered_at = ?, lifted_at = ? WHERE id = ?`,
		p.Appeal, p.AppealedAt, p.Answer, p.AnsweredBy, p.AnsweredAt, p.LiftedAt, p.ID)
	return err
}
