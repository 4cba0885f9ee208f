package lecture

import (
	"fmt"
	"slices"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Offer is an offer as it is read.
type Offer struct {
	models.LectureOffer
	TeamName  string
	TeamOrgID int64
	TravelMin int
}

const offerQuery = `SELECT w.*, r.name AS team_name, t.org_id AS team_org_id, t.travel_min FROM lecture_offers w
	JOIN lecture_teams t ON t.id = w.team_id JOIN resources r ON r.id = t.id`

// offersOf lists the offers of an order, the last first.
func offersOf(tx *db.Tx, order string) ([]Offer, error) {
	var out []Offer
	err := tx.Scan(&out, offerQuery+` WHERE w.order_id = ? ORDER BY w.id DESC`, order)
	return out, err
}

func oneOffer(tx *db.Tx, where string, args ...any) (Offer, error) {
	var w Offer
	ok, err := tx.One(&w, offerQuery+` WHERE `+where, args...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return w, err
}

func insertOffer(tx *db.Tx, w *models.LectureOffer) error {
	if err := tx.Insert(w); err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	return nil
}

// settle writes an answer to an offer that waits; db.ErrAgain when it waits no longer.
func settle(tx *db.Tx, id int64, state models.OfferState, reason string) error {
	n, err := tx.Exec(`UPDATE lecture_offers SET state = ?, reason = ?, answered_at = ? WHERE id = ? AND state = 'waiting'`, state, reason, tx.Now(), id)
	if err == nil && n == 0 {
		err = db.ErrAgain
	}
	return err
}

// settleRest ends what still waits of an order, and returns it.
func settleRest(tx *db.Tx, order string, state models.OfferState) ([]Offer, error) {
	var rest []Offer
	if err := tx.Scan(&rest, offerQuery+` WHERE w.order_id = ? AND w.state = 'waiting' ORDER BY w.id`, order); err != nil || len(rest) == 0 {
		return nil, err
	}
	_, err := tx.Exec(`UPDATE lecture_offers SET state = ?, answered_at = ? WHERE order_id = ? AND state = 'waiting'`, state, tx.Now(), order)
	return rest, err
}

// giveBack turns an accepted offer into a declined one.
func giveBack(tx *db.Tx, order string, team int64, reason string) error {
	_, err := tx.Exec(`UPDATE lecture_offers SET state = 'declined', reason = ?, answered_at = ? WHERE order_id = ? AND team_id = ? AND state = 'accepted'`, reason, tx.Now(), order, team)
	return err
}

// serve ends the accepted offer of an order that is opened again: another may be
// accepted then.
func serve(tx *db.Tx, order string) error {
	_, err := tx.Exec(`UPDATE lecture_offers SET state = ? WHERE order_id = ? AND state = 'accepted'`, models.OfferServed, order)
	return err
}

func setProposal(tx *db.Tx, id int64, at, deadline models.Instant, reason string) error {
	_, err := tx.Exec(`UPDATE lecture_offers SET proposed_at = ?, deadline = ?, reason = ? WHERE id = ? AND state = 'waiting'`, at, deadline, reason, id)
	return err
}

func insertSession(tx *db.Tx, s *models.LectureSession) error {
	if err := tx.Insert(s); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

func saveSession(tx *db.Tx, s models.LectureSession) error {
	_, err := tx.Exec(`UPDATE lecture_sessions SET state = ?, begun_at = ?, ended_at = ?, heads = ?, note = ?, flagged = ? WHERE id = ?`,
		s.State, s.BegunAt, s.EndedAt, s.Heads, s.Note, s.Flagged, s.ID)
	return err
}

func sessionOf(tx *db.Tx, id int64) (models.LectureSession, error) {
	var s models.LectureSession
	ok, err := tx.One(&s, `SELECT * FROM lecture_sessions WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return s, err
}

// dueOrders lists at most so many orders by a condition, the longest unmoved first,
// past some of them.
func dueOrders(tx *db.Tx, most, skip int, where string, args ...any) ([]string, error) {
	var ids []string
	err := tx.Scan(&ids, `SELECT o.id FROM lecture_orders o WHERE `+where+` ORDER BY o.changed_at, o.id LIMIT ? OFFSET ?`, append(slices.Clone(args), most, skip)...)
	return ids, err
}

func keepRating(tx *db.Tx, r models.LectureRating) error {
	_, err := tx.Exec(`INSERT INTO lecture_ratings (order_id, session_id, face, text, rated_at) VALUES (?, ?, ?, ?, ?)`, r.OrderID, r.SessionID, r.Face, r.Text, r.RatedAt)
	if err != nil {
		return fmt.Errorf("rating: %w", err)
	}
	return nil
}
