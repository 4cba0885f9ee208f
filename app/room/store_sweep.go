package room

import (
	"slices"

	"youyue/app/db"
	"youyue/app/pause"
	"youyue/models"
)

// idsWhere lists bookings by a condition and an order.
func idsWhere(tx *db.Tx, where string, args []any, most, skip int) ([]int64, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM room_bookings WHERE `+where+` LIMIT ? OFFSET ?`, append(slices.Clone(args), most, skip)...)
	return ids, err
}

func markEnded(tx *db.Tx, b *models.RoomBooking, status models.RoomBookingStatus) error {
	return write(tx, b, `status = ?, ended_at = ?`, status, tx.Now())
}

func markReminded(tx *db.Tx, id int64, n int) error {
	_, err := tx.Exec(`UPDATE room_bookings SET reminded = ? WHERE id = ?`, n, id)
	return err
}

// countStrikes counts the times that a booker did not come to a venue since a moment.
func countStrikes(tx *db.Tx, m pause.Miss, since models.Instant) (int, error) {
	where, args := pause.Whom("holder_id", m.AccountID, m.PersonID)
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM room_bookings WHERE status = 'no_show' AND excused_at IS NULL AND org_id IS NULL AND ends_at >= ?
		AND room_id IN (SELECT id FROM rooms WHERE venue_id = ?) AND `+where, append([]any{since, m.VenueID}, args...)...)
	return n, err
}

// excuse has a time count for nothing.
func excuse(tx *db.Tx, uid string) error {
	_, err := tx.Exec(`UPDATE room_bookings SET excused_at = ? WHERE uid = ?`, tx.Now(), uid)
	return err
}

// dueNow lists who has booked for now, or until a moment, and has not come yet.
func dueNow(tx *db.Tx, scope []string, until models.Instant) ([]Booking, error) {
	where, args := db.Below("o.path", scope)
	lent, more := db.Below("oo.path", scope)
	return bookings(tx, "b.status = 'booked' AND b.starts_at <= ? AND b.ends_at > ? AND ("+where+" OR "+lent+") ORDER BY b.starts_at, b.id LIMIT 200",
		append(append([]any{until, tx.Now()}, args...), more...)...)
}
