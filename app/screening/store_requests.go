package screening

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

const requestQuery = `SELECT q.*, f.title AS film_title, f.runtime_min, r.name AS hall_name, bo.name AS org_name,
	bo.path AS org_path, po.path AS place_path, COALESCE(sc.projectionist, q.projectionist) AS shown_by,
	COALESCE(pp.phone_enc, '') AS shown_phone_enc, COALESCE(sc.cost, q.cost) AS shown_cost
	FROM hall_requests q JOIN films f ON f.id = q.film_id JOIN resources r ON r.id = q.hall_id
	JOIN orgs bo ON bo.id = q.org_id JOIN orgs po ON po.id = r.org_id LEFT JOIN screenings sc ON sc.id = q.event_id
	LEFT JOIN people pp ON pp.id = COALESCE(sc.projectionist_id, q.projectionist_id)`

// requestVisible: one's branch's, or for a hall in one's scope.
func requestVisible(a auth.Actor) (string, []any) {
	branchIn, args := db.Below("bo.path", a.Scope(auth.HallAsk))
	placeIn, more := db.Below("po.path", append(a.Scope(auth.HallDecide), a.Scope(auth.HallCalendar)...))
	return "(" + branchIn + " OR " + placeIn + ")", append(args, more...)
}

func request(tx *db.Tx, a auth.Actor, id int64) (RequestView, error) {
	where, args := requestVisible(a)
	var v RequestView
	ok, err := tx.One(&v, requestQuery+" WHERE q.id = ? AND "+where, append([]any{id}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	v.Rivals, err = rivals(tx, v.HallRequest)
	return v, err
}

// rivals are the other open requests that overlap, in the order they came in.
func rivals(tx *db.Tx, q models.HallRequest) ([]Rival, error) {
	out := []Rival{}
	if !q.Status.Open() {
		return out, nil
	}
	err := tx.Scan(&out, `SELECT q.id, bo.name AS org_name, f.title AS film_title, q.starts_at, q.headcount, q.holds
		FROM hall_requests q JOIN films f ON f.id = q.film_id JOIN orgs bo ON bo.id = q.org_id
		WHERE q.hall_id = ? AND q.id <> ? AND q.status IN ('pending','proposed','confirming') AND q.span_start < ? AND q.span_end > ? ORDER BY q.id`,
		q.HallID, q.ID, q.SpanEnd, q.SpanStart)
	return out, err
}

// requestsOf reads a list of requests, and how many there are.
func requestsOf(tx *db.Tx, a auth.Actor, q list.Query, status models.HallRequestStatus) (rows []RequestView, total int64, err error) {
	where, args := requestVisible(a)
	if status != "" {
		where, args = where+" AND q.status = ?", append(args, status)
	}
	err = tx.Scan(&total, `SELECT COUNT(*) FROM hall_requests q JOIN resources r ON r.id = q.hall_id
		JOIN orgs bo ON bo.id = q.org_id JOIN orgs po ON po.id = r.org_id WHERE `+where, args...)
	if err != nil {
		return nil, 0, err
	}
	_, per, off := q.Window()
	order := q.Order(map[string]string{"deadline": "q.deadline", "starts_at": "q.starts_at", "id": "q.id"}, "-id", "q.id")
	err = tx.Scan(&rows, requestQuery+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...)
	return rows, total, err
}

// requestByID reads a request for whoever asks.
func requestByID(tx *db.Tx, id int64) (v RequestView, err error) {
	_, err = tx.One(&v, requestQuery+" WHERE q.id = ?", id)
	return v, err
}

func insertRequest(tx *db.Tx, q *models.HallRequest) error {
	if err := tx.Insert(q); err != nil {
		return fmt.Errorf("ask for the hall: %w", err)
	}
	return nil
}

// holding counts the times that a branch holds.
func holding(tx *db.Tx, org int64) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM hall_requests WHERE org_id = ? AND holds AND status IN ('pending','proposed','confirming')`, org)
	return n, err
}

// queuedFor lists the requests that queue for a hall, in the order they came in.
func queuedFor(tx *db.Tx, hallID int64) (out []models.HallRequest, err error) {
	err = tx.Scan(&out, `SELECT * FROM hall_requests WHERE hall_id = ? AND status IN ('pending','confirming') AND NOT holds AND starts_at > ? ORDER BY id`,
		hallID, tx.Now())
	return out, err
}

// setHolds writes whether a request holds its time or queues for it.
func setHolds(tx *db.Tx, id int64, holds bool) error {
	_, err := tx.Exec(`UPDATE hall_requests SET holds = ? WHERE id = ?`, holds, id)
	return err
}

// setDecided writes where a request stands once it is decided: it holds nothing
// any more, and event is the screening it became.
func setDecided(tx *db.Tx, a auth.Actor, id int64, to models.HallRequestStatus, reason string, event *int64) error {
	_, err := tx.Exec(`UPDATE hall_requests SET status = ?, holds = ?, decided_by = ?, decided_at = ?, reason = ?, event_id = ? WHERE id = ?`,
		to, false, a.AccountID, tx.Now(), reason, event, id)
	if err != nil {
		return fmt.Errorf("settle request %d: %w", id, err)
	}
	return nil
}

// setProposed writes another time, with what the hall is occupied for it; earlier
// yeses were to the time before.
func setProposed(tx *db.Tx, a auth.Actor, id int64, start models.Instant, occupied models.Span, until models.Instant, reason string) error {
	_, err := tx.Exec(`UPDATE hall_requests SET status = ?, holds = ?, proposed_at = ?, span_start = ?, span_end = ?, deadline = ?,
		decided_by = ?, decided_at = ?, reason = ?, agreed_by = NULL, agreed_at = NULL, confirmed_by = NULL, confirmed_at = NULL WHERE id = ?`,
		models.HallProposed, true, start, occupied.Start, occupied.End, until, a.AccountID, tx.Now(), reason, id)
	if err != nil {
		return fmt.Errorf("propose: %w", err)
	}
	return nil
}

func takeProposed(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE hall_requests SET starts_at = proposed_at WHERE id = ?`, id)
	return err
}

// setAgreed writes the scheduler's yes that waits for the cinema's.
func setAgreed(tx *db.Tx, a auth.Actor, id int64, until models.Instant) error {
	_, err := tx.Exec(`UPDATE hall_requests SET status = ?, holds = ?, agreed_by = ?, agreed_at = ?, decided_by = ?, decided_at = ?, deadline = ? WHERE id = ?`,
		models.HallConfirming, true, a.AccountID, tx.Now(), a.AccountID, tx.Now(), until, id)
	if err != nil {
		return fmt.Errorf("agree to request %d: %w", id, err)
	}
	return nil
}

// setConfirmed writes the cinema's yes, with what it named.
func setConfirmed(tx *db.Tx, a auth.Actor, v RequestView, until models.Instant) error {
	_, err := tx.Exec(`UPDATE hall_requests SET status = ?, confirmed_by = ?, confirmed_at = ?, projectionist = ?, projectionist_id = ?, cost = ?, deadline = ? WHERE id = ?`,
		models.HallPending, a.AccountID, tx.Now(), v.Projectionist, v.ProjectionistID, v.Cost, until, v.ID)
	if err != nil {
		return fmt.Errorf("confirm request %d: %w", v.ID, err)
	}
	return nil
}

// setEnded writes what becomes of the request that a screening was opened for.
func setEnded(tx *db.Tx, a auth.Actor, event int64, to models.HallRequestStatus, reason string) error {
	_, err := tx.Exec(`UPDATE hall_requests SET status = ?, decided_by = ?, decided_at = ?, reason = ? WHERE event_id = ? AND status = ?`,
		to, a.AccountID, tx.Now(), reason, event, models.HallApproved)
	if err != nil {
		return fmt.Errorf("end screening %d: %w", event, err)
	}
	return nil
}

// overdue lists the requests that nobody has decided in time.
func overdue(tx *db.Tx, now models.Instant, most, skip int) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT id FROM hall_requests WHERE status IN ('pending','proposed','confirming') AND deadline <= ? ORDER BY deadline, id LIMIT ? OFFSET ?`, now, most, skip)
	return ids, err
}

// requestsFor lists the open requests for a hall of the scope in a span.
func requestsFor(tx *db.Tx, scope []string, hallID int64, span models.Span) (out []RequestView, err error) {
	where, args := db.Below("po.path", scope)
	err = tx.Scan(&out, requestQuery+` WHERE q.hall_id = ? AND q.status IN ('pending','proposed','confirming') AND q.span_start >= ? AND q.span_start < ? AND `+where+` ORDER BY q.span_start, q.id`,
		append([]any{hallID, span.Start, span.End}, args...)...)
	return out, err
}
