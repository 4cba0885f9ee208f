package activity

import (
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// missed lists the sign-ups that nobody came for, at sessions that ended within a
// time and had somebody at the door.
func missed(tx *db.Tx, from, until models.Instant) (uids []string, err error) {
	err = tx.Scan(&uids, `SELECT g.uid FROM activity_signups g JOIN bookings b ON b.id = g.uid JOIN events e ON e.id = g.event_id
		WHERE b.status = 'no_show' AND g.struck_at IS NULL AND g.org_id IS NULL AND e.attended > 0 AND e.ends_at > ? AND e.ends_at <= ?
		ORDER BY e.ends_at, g.uid LIMIT 200`, from, until)
	return uids, err
}

// markStruck notes that a time was seen to; false when it was before.
func markStruck(tx *db.Tx, uid string) (bool, error) {
	n, err := tx.Exec(`UPDATE activity_signups SET struck_at = ? WHERE uid = ? AND struck_at IS NULL`, tx.Now(), uid)
	return n == 1, err
}

func excuse(tx *db.Tx, uid string) error {
	_, err := tx.Exec(`UPDATE activity_signups SET excused_at = ? WHERE uid = ?`, tx.Now(), uid)
	return err
}

// ofWhom is the condition that a sign-up or a pause is of the same person: whom it is
// for, or the account for itself.
func ofWhom(holder string, account, person *int64) (string, []any) {
	switch {
	case person != nil:
		return "person_id = ?", []any{*person}
	case account != nil:
		return holder + " = ? AND person_id IS NULL", []any{*account}
	}
	return "1 = 0", nil
}

// strikes counts the times that somebody did not come to a station's activities.
func strikes(tx *db.Tx, r SignupRow, since models.Instant) (n int, err error) {
	where, args := ofWhom("holder_id", r.HolderID, r.PersonID)
	err = tx.Scan(&n, `SELECT COUNT(*) FROM activity_signups WHERE struck_at IS NOT NULL AND excused_at IS NULL AND `+where+`
		AND uid IN (SELECT b.id FROM bookings b JOIN events e ON e.id = b.event_id WHERE b.status = 'no_show' AND e.org_id = ? AND e.ends_at >= ?)`,
		append(args, r.OrgIDOf, since)...)
	return n, err
}

// pausedUntil is until when somebody may not sign up with a station; zero: may.
func pausedUntil(tx *db.Tx, org int64, account, person *int64) (until models.Instant, err error) {
	where, args := ofWhom("account_id", account, person)
	_, err = tx.One(&until, `SELECT ends_at FROM activity_pauses WHERE org_id = ? AND lifted_at IS NULL AND ends_at > ? AND `+where+` ORDER BY ends_at DESC LIMIT 1`,
		append([]any{org, tx.Now()}, args...)...)
	return until, err
}

const pauseQuery = `SELECT p.*, o.name AS org_name, o.path AS org_path, g.name, a.title
	FROM activity_pauses p JOIN orgs o ON o.id = p.org_id JOIN activity_signups g ON g.uid = p.signup_uid JOIN activities a ON a.id = g.activity_id`

func pauses(tx *db.Tx) (out []Pause, err error) {
	err = tx.Scan(&out, pauseQuery+` WHERE p.lifted_at IS NULL AND p.ends_at > ?
		ORDER BY CASE WHEN p.appealed_at IS NOT NULL AND p.answered_at IS NULL THEN 0 ELSE 1 END, p.ends_at, p.id LIMIT 1000`, tx.Now())
	return out, err
}

func lockPause(tx *db.Tx, id int64) (p Pause, err error) {
	var got int64
	if err := tx.Scan(&got, `SELECT id FROM activity_pauses WHERE id = ?`+tx.ForUpdate(), id); err != nil {
		return p, err
	}
	ok, err := tx.One(&p, pauseQuery+` WHERE p.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return p, err
}

func savePause(tx *db.Tx, p models.ActivityPause) error {
	_, err := tx.Exec(`UPDATE activity_pauses SET appeal = ?, appealed_at = ?, answer = ?, answered_by = ?, answered_at = ?, lifted_at = ? WHERE id = ?`,
		p.Appeal, p.AppealedAt, p.Answer, p.AnsweredBy, p.AnsweredAt, p.LiftedAt, p.ID)
	return err
}
