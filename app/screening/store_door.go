package screening

import (
	"youyue/app/db"
	"youyue/models"
)

// doorRow is a booking as the search at a door looks at it; the numbers are sealed.
type doorRow struct {
	DoorEntry
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

// openBetween lists the open screenings of a scope that begin in a span.
func openBetween(tx *db.Tx, scope []string, span models.Span) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.state = 'open' AND e.starts_at > ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at LIMIT 60`,
		append([]any{span.Start, span.End}, args...)...)
	return out, err
}

// finishedSince lists the finished screenings of a scope, the last first.
func finishedSince(tx *db.Tx, scope []string, since models.Instant) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.state = 'finished' AND e.ends_at > ? AND `+where+` ORDER BY e.ends_at DESC LIMIT ?`,
		append(append([]any{since}, args...), maxUnclosed)...)
	return out, err
}

// showsOf lists what is shown in a hall of the scope in a span.
func showsOf(tx *db.Tx, scope []string, hallID int64, span models.Span) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.resource_id = ? AND e.state <> 'cancelled' AND e.starts_at >= ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at`,
		append([]any{hallID, span.Start, span.End}, args...)...)
	return out, err
}

// requestsFor lists the open requests for a hall of the scope in a span.
func requestsFor(tx *db.Tx, scope []string, hallID int64, span models.Span) (out []RequestView, err error) {
	where, args := db.Below("po.path", scope)
	err = tx.Scan(&out, requestQuery+` WHERE q.hall_id = ? AND q.status IN ('pending','proposed','confirming') AND q.span_start >= ? AND q.span_start < ? AND `+where+` ORDER BY q.span_start, q.id`,
		append([]any{hallID, span.Start, span.End}, args...)...)
	return out, err
}
