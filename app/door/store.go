package door

import (
	"youyue/app/db"
)

// doorRow is a booking as the search at a door looks at it; the numbers are sealed.
type doorRow struct {
	Entry
	AccountPhone string
	PersonPhone  string
}

// atDoor lists the bookings of a screening, parties that have a seat first.
func atDoor(tx *db.Tx, event int64) (rows []doorRow, err error) {
	err = tx.Scan(&rows, `SELECT b.id, b.code, b.name, b.party, b.status, b.channel, COALESCE(o.name, '') AS branch,
		COALESCE(acc.phone_enc, '') AS account_phone, COALESCE(p.phone_enc, '') AS person_phone
		FROM bookings b LEFT JOIN accounts acc ON acc.id = b.holder_id LEFT JOIN people p ON p.id = b.person_id
		LEFT JOIN orgs o ON o.id = b.org_id
		WHERE b.event_id = ? AND b.status IN ('booked','attended','no_show')
		ORDER BY CASE WHEN EXISTS (SELECT 1 FROM booking_seats s WHERE s.booking_id = b.id AND s.released_at IS NULL) THEN 0 ELSE 1 END,
			b.name, b.id LIMIT 2000`, event)
	return rows, err
}

// versions adds up what booking.CountAtDoor does: what only ever grows.
func versions(tx *db.Tx, ids []int64) (map[int64]int64, error) {
	among, list := tx.Among("e.id", ids)
	return tx.Versions(`SELECT e.id, e.version + COUNT(c.event_id) + COUNT(c.undone_at) AS version
		FROM events e LEFT JOIN checkins c ON c.event_id = e.id WHERE `+among+` GROUP BY e.id, e.version`, list)
}
