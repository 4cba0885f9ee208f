package lesson

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// booked is a branch's booking as its record needs it. Of the facts only those
// that a row holds are filled in by the query.
type booked struct {
	models.LessonFacts
	BookingID  string
	BranchPath string
	Status     models.BookingStatus
	EventState models.EventState
	OathMin    int
	Asked      int // people announced: of the hall request, else of the booking
}

// Several bookings of one branch for one screening are several lessons, each
// with its own people; a request for the whole hall names fewer than its seats.
const bookedFrom = ` FROM bookings b JOIN orgs o ON o.id = b.org_id JOIN events e ON e.id = b.event_id
	JOIN screenings s ON s.id = e.id JOIN films f ON f.id = s.film_id
	JOIN resources r ON r.id = e.resource_id JOIN halls h ON h.id = e.resource_id`

const bookedQuery = `SELECT b.id AS booking_id, b.org_id, b.status, o.name AS branch, o.path AS branch_path, e.state AS event_state,
	e.starts_at, e.ends_at, f.title AS film, h.venue || ' ' || r.name AS place, s.oath_min,
	COALESCE((SELECT MAX(q.headcount) FROM hall_requests q WHERE q.event_id = e.id AND q.org_id = b.org_id), b.party) AS asked,
	(SELECT COUNT(*) FROM checkins c WHERE c.booking_id = b.id AND c.undone_at IS NULL) AS arrived` + bookedFrom

// find returns a branch's booking that the actor may see, with what the door
// counted; errs.ErrNotFound otherwise.
func find(tx *db.Tx, a auth.Actor, id string) (booked, error) {
	where, args := db.Below("o.path", a.Scope(auth.LessonRead))
	var b booked
	ok, err := tx.One(&b, bookedQuery+` WHERE b.id = ? AND `+where, append([]any{id}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return b, err
	}
	var guests []models.LessonGuest
	err = tx.Scan(&guests, `SELECT g.name, EXISTS (SELECT 1 FROM checkins c WHERE c.booking_id = g.booking_id AND c.undone_at IS NULL
		AND c.attendee_id = g.id) AS here
		FROM attendees g WHERE g.booking_id = ? ORDER BY g.ord`, id)
	b.Expected, b.Absent, b.Unnamed = models.CountLesson(b.Asked, guests, b.Arrived)
	return b, err
}

// lock keeps other writers of the booking's record out until the transaction
// ends: the row of the booking stands for what may have none yet.
func lock(tx *db.Tx, id string) error {
	var got string
	ok, err := tx.One(&got, `SELECT id FROM bookings WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return err
}

// versions lists what is stored of a record, the last first.
func versions(tx *db.Tx, id string) ([]models.LessonRecord, error) {
	var out []models.LessonRecord
	err := tx.Scan(&out, `SELECT * FROM lesson_records WHERE booking_id = ? ORDER BY revision DESC`, id)
	return out, err
}

// insert stores a new revision. Somebody else's of the same number makes the
// transaction run again and see it.
func insert(tx *db.Tx, r models.LessonRecord) error {
	n, err := tx.Exec(`INSERT INTO lesson_records (booking_id, revision, version, state, branch, film, starts_at, ends_at, place,
		expected, arrived, absent, unnamed, stated_expected, stated_arrived, stated_absent, stated_reason, host, oath, notes, reason,
		saved_by, saved_name, saved_at, signed_by, signed_name, signed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.BookingID, r.Revision, r.Version, r.State, r.Branch, r.Film, r.StartsAt, r.EndsAt, r.Place,
		r.Expected, r.Arrived, r.Absent, r.Unnamed, r.StatedExpected, r.StatedArrived, r.StatedAbsent, r.StatedReason, r.Host, r.Oath, r.Notes, r.Reason,
		r.SavedBy, r.SavedName, r.SavedAt, r.SignedBy, r.SignedName, r.SignedAt)
	return once(n, err)
}

// update writes a draft back at the version that was read, signed or not.
func update(tx *db.Tx, r models.LessonRecord) error {
	n, err := tx.Exec(`UPDATE lesson_records SET version = version + 1, state = ?, branch = ?, film = ?, starts_at = ?, ends_at = ?, place = ?,
		expected = ?, arrived = ?, absent = ?, unnamed = ?, stated_expected = ?, stated_arrived = ?, stated_absent = ?, stated_reason = ?,
		host = ?, oath = ?, notes = ?, saved_by = ?, saved_name = ?, saved_at = ?, signed_by = ?, signed_name = ?, signed_at = ?
		WHERE booking_id = ? AND revision = ? AND version = ?`,
		r.State, r.Branch, r.Film, r.StartsAt, r.EndsAt, r.Place,
		r.Expected, r.Arrived, r.Absent, r.Unnamed, r.StatedExpected, r.StatedArrived, r.StatedAbsent, r.StatedReason,
		r.Host, r.Oath, r.Notes, r.SavedBy, r.SavedName, r.SavedAt, r.SignedBy, r.SignedName, r.SignedAt,
		r.BookingID, r.Revision, r.Version-1)
	return once(n, err)
}

func once(n int64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("lesson record: %w", err)
	case n == 0:
		return db.ErrAgain
	}
	return nil
}

// latest returns the version that counts of each record of a branch.
func latest(tx *db.Tx, org int64) (map[string]models.LessonRecord, error) {
	var rows []models.LessonRecord
	err := tx.Scan(&rows, `SELECT l.* FROM lesson_records l JOIN bookings b ON b.id = l.booking_id WHERE b.org_id = ?
		AND l.revision = (SELECT MAX(m.revision) FROM lesson_records m WHERE m.booking_id = l.booking_id)`, org)
	out := make(map[string]models.LessonRecord, len(rows))
	for _, r := range rows {
		out[r.BookingID] = r
	}
	return out, err
}
