package screening

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// plannedIn lists the screenings of a scope that wait for the cinema's yes.
func plannedIn(tx *db.Tx, scope []string) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.state = 'planned' AND `+where+` ORDER BY s.confirm_until, s.id LIMIT 200`, args...)
	return out, err
}

// unconfirmed lists the screenings that the cinema did not answer in time.
func unconfirmed(tx *db.Tx, now models.Instant, most, skip int) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT s.id FROM screenings s JOIN events e ON e.id = s.id WHERE e.state = 'planned' AND s.confirm_until <= ? ORDER BY s.id LIMIT ? OFFSET ?`, now, most, skip)
	return ids, err
}

// setShown writes the cinema's yes to a screening, with what it named.
func setShown(tx *db.Tx, a auth.Actor, id int64, in Answer, projectionist *int64) error {
	_, err := tx.Exec(`UPDATE screenings SET confirm_until = NULL, confirmed_by = ?, confirmed_at = ?, projectionist = ?, projectionist_id = ?, cost = ? WHERE id = ?`,
		a.AccountID, tx.Now(), in.Projectionist, projectionist, in.Cost, id)
	if err != nil {
		return fmt.Errorf("confirm screening %d: %w", id, err)
	}
	return nil
}

// shownLast lists who showed films in a hall, the last first.
func shownLast(tx *db.Tx, hallID int64) (out []Showing, err error) {
	err = tx.Scan(&out, `SELECT s.projectionist AS shown_by, COALESCE(p.phone_enc, '') AS shown_phone_enc FROM screenings s
		JOIN events e ON e.id = s.id LEFT JOIN people p ON p.id = s.projectionist_id
		WHERE e.resource_id = ? AND s.confirmed_at IS NOT NULL AND s.projectionist <> '' ORDER BY s.confirmed_at DESC LIMIT 30`, hallID)
	return out, err
}

// eveShows lists the open screenings that begin in a span, by start.
func eveShows(tx *db.Tx, span models.Span) (out []eveShow, err error) {
	err = tx.Scan(&out, strings.Replace(showQuery, "SELECT e.*,", "SELECT e.*, s.projectionist_id,", 1)+
		` WHERE e.state = 'open' AND e.starts_at > ? AND e.starts_at <= ? ORDER BY e.starts_at, e.id`, span.Start, span.End)
	return out, err
}

// toldOf counts the notices of a kind about a subject that are due at a moment.
func toldOf(tx *db.Tx, subject, kind string, due models.Instant) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE subject = ? AND kind = ? AND due_at = ?`, subject, kind, due)
	return n, err
}

// releasedHalls lists the halls of which only released hours can be had.
func releasedHalls(tx *db.Tx) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT id FROM halls WHERE released_only ORDER BY id`)
	return ids, err
}

// titleOf is the film of what occupies a hall, "" for a block.
func titleOf(tx *db.Tx, of booking.Source) (title string, err error) {
	table := map[string]string{kindScreening: "screenings", kindRequest: "hall_requests"}[of.Kind]
	if table == "" {
		return "", nil
	}
	err = tx.Scan(&title, `SELECT f.title FROM `+table+` x JOIN films f ON f.id = x.film_id WHERE x.id = ?`, of.ID)
	return title, err
}
