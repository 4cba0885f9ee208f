package activity

import (
	"youyue/app/db"
	"youyue/app/pause"
	"youyue/models"
)

// missed lists the sign-ups that nobody came for, at sessions that ended within a
// time and had somebody at the door.
func missed(tx *db.Tx, from, until models.Instant, most, skip int) (uids []string, err error) {
	err = tx.Scan(&uids, `SELECT g.uid FROM activity_signups g JOIN bookings b ON b.id = g.uid JOIN events e ON e.id = g.event_id
		WHERE b.status = 'no_show' AND g.struck_at IS NULL AND g.org_id IS NULL AND e.attended > 0 AND e.ends_at > ? AND e.ends_at <= ?
		ORDER BY e.ends_at, g.uid LIMIT ? OFFSET ?`, from, until, most, skip)
	return uids, err
}

// markStruck notes that a time was seen to; false when it was before.
func markStruck(tx *db.Tx, uid string) (bool, error) {
	n, err := tx.Exec(`UPDATE activity_signups SET struck_at = ? WHERE uid = ? AND struck_at IS NULL`, tx.Now(), uid)
	return n == 1, err
}

// unstrike notes that somebody came after what followed; false when nothing had.
func unstrike(tx *db.Tx, uid string) (bool, error) {
	n, err := tx.Exec(`UPDATE activity_signups SET struck_at = NULL WHERE uid = ? AND struck_at IS NOT NULL
		AND EXISTS (SELECT 1 FROM bookings b WHERE b.id = activity_signups.uid AND b.status = 'attended')`, uid)
	return n == 1, err
}

// excuse has a time count for nothing.
func excuse(tx *db.Tx, uid string) error {
	_, err := tx.Exec(`UPDATE activity_signups SET excused_at = ? WHERE uid = ?`, tx.Now(), uid)
	return err
}

// strikes counts the times that somebody did not come to a station's activities.
func strikes(tx *db.Tx, r SignupRow, since models.Instant) (n int, err error) {
	where, args := pause.Whom("holder_id", r.HolderID, r.PersonID)
	err = tx.Scan(&n, `SELECT COUNT(*) FROM activity_signups WHERE struck_at IS NOT NULL AND excused_at IS NULL AND `+where+`
		AND uid IN (SELECT b.id FROM bookings b JOIN events e ON e.id = b.event_id WHERE b.status = 'no_show' AND e.org_id = ? AND e.ends_at >= ?)`,
		append(args, r.OrgIDOf, since)...)
	return n, err
}
