package activity

import (
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func scanByNonce(tx *db.Tx, nonce string) (*models.ActivityScan, error) {
	var x models.ActivityScan
	ok, err := tx.One(&x, `SELECT * FROM activity_scans WHERE nonce = ?`, nonce)
	if err != nil || !ok {
		return nil, err
	}
	return &x, nil
}

// firstScan is the scan by which a party was let into a session first.
func firstScan(tx *db.Tx, session int64, uid string) (*models.ActivityScan, error) {
	var x models.ActivityScan
	ok, err := tx.One(&x, `SELECT * FROM activity_scans WHERE session_id = ? AND uid = ? AND outcome = 'in' ORDER BY at, nonce LIMIT 1`, session, uid)
	if err != nil || !ok {
		return nil, err
	}
	return &x, nil
}

// doubles are the double admissions of a session.
func doubles(tx *db.Tx, session int64) (out []models.ActivityScan, err error) {
	err = tx.Scan(&out, `SELECT * FROM activity_scans WHERE session_id = ? AND outcome = 'double' ORDER BY at, nonce LIMIT 100`, session)
	return out, err
}

var scanRows = db.RowsOf("activity_scans", `nonce text, session_id bigint, uid text, heads bigint, outcome text, device text, first_nonce text,
	at timestamptz, received_at timestamptz, by_id bigint`)

func insertScan(tx *db.Tx, x models.ActivityScan) error {
	_, err := scanRows.Insert(tx, "", []any{x.Nonce, x.SessionID, x.UID, x.Heads, string(x.Outcome), x.Device, x.FirstNonce, x.At, x.ReceivedAt, x.ByID})
	if db.Constraint(err) == "activity_scans_pkey" {
		return db.ErrAgain
	}
	return err
}

// headsIn is how many of a party are in: let in, less those who left.
func headsIn(tx *db.Tx, session int64, uid string) (n int, err error) {
	err = tx.Scan(&n, `SELECT COALESCE(SUM(CASE outcome WHEN 'in' THEN heads WHEN 'out' THEN -heads ELSE 0 END), 0) FROM activity_scans WHERE session_id = ? AND uid = ?`, session, uid)
	return n, err
}

func signupByCode(tx *db.Tx, event int64, code string) (SignupRow, error) {
	rows, err := signupsWhere(tx, `b.code = ? AND b.event_id = ? AND b.status IN ('booked','attended','no_show')`, code, event)
	if err == nil && len(rows) == 0 {
		return SignupRow{}, errs.ErrNotFound
	}
	if err != nil {
		return SignupRow{}, err
	}
	return rows[0], nil
}

func checkedIn(tx *db.Tx, booking string) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM checkins WHERE booking_id = ? AND undone_at IS NULL`, booking)
	return n, err
}

func codeOf(tx *db.Tx, booking string) (code string, err error) {
	_, err = tx.One(&code, `SELECT code FROM bookings WHERE id = ?`, booking)
	return code, err
}

// countOf is who of a session is here, and who is expected.
func countOf(tx *db.Tx, m Meeting) (n Count, err error) {
	err = tx.Scan(&n.Arrived, `SELECT COALESCE(SUM(CASE outcome WHEN 'out' THEN -heads ELSE heads END), 0) FROM activity_scans WHERE session_id = ? AND outcome IN ('in','out','walk_in')`, m.ID)
	if err == nil {
		err = tx.Scan(&n.Expected, `SELECT COALESCE(SUM(party), 0) FROM bookings WHERE event_id = ? AND status IN ('booked','attended','no_show')`, m.EventID)
	}
	return n, err
}

func expectedAt(tx *db.Tx, m Meeting) (out []Expected, err error) {
	err = tx.Scan(&out, `SELECT b.id AS uid, b.code, b.name, b.party,
		(SELECT COALESCE(SUM(CASE x.outcome WHEN 'in' THEN x.heads WHEN 'out' THEN -x.heads ELSE 0 END), 0) FROM activity_scans x WHERE x.session_id = ? AND x.uid = b.id) AS "in"
		FROM bookings b JOIN activity_signups g ON g.uid = b.id WHERE b.event_id = ? AND b.status IN ('booked','attended','no_show') ORDER BY b.name, b.id`, m.ID, m.EventID)
	return out, err
}

// leaseOf is the last lease of a device, one that has ended too: what comes back late is
// signed with its key all the same.
func leaseOf(tx *db.Tx, session int64, device string) (*models.ActivityLease, error) {
	var l models.ActivityLease
	ok, err := tx.One(&l, `SELECT * FROM activity_leases WHERE session_id = ? AND device = ? ORDER BY id DESC LIMIT 1`, session, device)
	if err != nil || !ok {
		return nil, err
	}
	return &l, nil
}

// leasesOver lists the leases that ran out by a moment and have not been ended.
func leasesOver(tx *db.Tx, until models.Instant, most, skip int) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT id FROM activity_leases WHERE ended_at IS NULL AND until_at <= ? ORDER BY id LIMIT ? OFFSET ?`, until, most, skip)
	return ids, err
}

func lockLease(tx *db.Tx, id int64) (l models.ActivityLease, err error) {
	_, err = tx.One(&l, `SELECT * FROM activity_leases WHERE id = ?`+tx.ForUpdate(), id)
	return l, err
}

func useLease(tx *db.Tx, id int64, used int) error {
	_, err := tx.Exec(`UPDATE activity_leases SET used = ? WHERE id = ?`, used, id)
	return err
}

func endLease(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE activity_leases SET ended_at = ? WHERE id = ?`, tx.Now(), id)
	return err
}
