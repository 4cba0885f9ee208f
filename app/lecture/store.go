package lecture

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const orderQuery = `SELECT o.*, g.name AS org_name, g.path AS org_path, COALESCE(fo.name, '') AS for_org, COALESCE(fo.path, '') AS for_path,
	COALESCE(dk.path, '') AS desk_path, COALESCE(t.title, '') AS topic, COALESCE(t.category, '') AS category,
	COALESCE(rr.name, '') AS room_name, COALESCE(v.name, '') AS room_venue, COALESCE(c.step, '') AS step, c.due_at,
	(SELECT COUNT(*) FROM lecture_offers w WHERE w.order_id = o.id AND w.state = 'waiting') AS waiting,
	(SELECT COUNT(*) FROM lecture_offers w WHERE w.order_id = o.id AND w.state = 'waiting' AND w.proposed_at IS NOT NULL) AS proposed,
	COALESCE(s.team_id, 0) AS team_id, COALESCE(tr.name, '') AS team_name, COALESCE(tm.org_id, 0) AS team_org_id,
	s.starts_at, s.ends_at, COALESCE(s.state, '') AS session_state, s.begun_at, s.ended_at, s.heads AS came,
	COALESCE(s.note, '') AS session_note, COALESCE(s.flagged, FALSE) AS flagged,
	o.heads + COALESCE((SELECT SUM(x.heads) FROM lecture_orders x WHERE x.merged_into = o.id AND (x.state = 'merged' OR x.session_id = o.session_id AND x.state <> 'cancelled')), 0) AS guests,
	f.face, COALESCE(f.text, '') AS rating_text, f.rated_at
	FROM lecture_orders o JOIN orgs g ON g.id = o.org_id LEFT JOIN orgs fo ON fo.id = o.for_org_id
	LEFT JOIN people pe ON pe.id = o.person_id LEFT JOIN orgs dk ON dk.id = pe.org_id
	LEFT JOIN lecture_topics t ON t.id = o.topic_id LEFT JOIN resources rr ON rr.id = o.room_id
	LEFT JOIN rooms rm ON rm.id = o.room_id LEFT JOIN venues v ON v.id = rm.venue_id
	LEFT JOIN lecture_clocks c ON c.order_id = o.id AND c.stopped_at IS NULL
	LEFT JOIN lecture_sessions s ON s.id = o.session_id LEFT JOIN lecture_teams tm ON tm.id = s.team_id LEFT JOIN resources tr ON tr.id = s.team_id
	LEFT JOIN lecture_ratings f ON f.order_id = o.id AND f.session_id = o.session_id`

func orders(tx *db.Tx, where string, args ...any) ([]Order, error) {
	var out []Order
	if err := tx.Scan(&out, orderQuery+" WHERE "+where, args...); err != nil {
		return nil, fmt.Errorf("lecture orders: %w", err)
	}
	return out, nil
}

func oneOrder(tx *db.Tx, where string, args ...any) (Order, error) {
	all, err := orders(tx, where, args...)
	if err == nil && len(all) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Order{}, err
	}
	return all[0], nil
}

// visibleTo is the condition that the actor may see an order o: it is the actor's
// own, in the scope of staff once it was handed in, or a team's of the actor that was
// asked for it.
func visibleTo(a auth.Actor) (string, []any) {
	parts, args := []string{"o.holder_id = ?"}, []any{a.AccountID}
	add := func(cond string, more ...any) { parts, args = append(parts, cond), append(args, more...) }
	staff, x := db.Below("g.path", a.Scope(auth.LectureRead))
	add("("+staff+" AND o.state <> 'draft')", x...)
	branch, y := db.Below("fo.path", a.Scope(auth.BookForBranch))
	add(branch, y...)
	desk, z := db.Below("dk.path", a.Scope(auth.BookForOthers))
	add(desk, z...)
	if teams := a.OrgsWith(auth.LectureServe); len(teams) > 0 {
		add(`EXISTS (SELECT 1 FROM lecture_offers w JOIN lecture_teams wt ON wt.id = w.team_id WHERE w.order_id = COALESCE(o.merged_into, o.id)
			AND wt.org_id IN ? AND w.state IN ('waiting', 'accepted'))`, teams)
	}
	add(`EXISTS (SELECT 1 FROM lecture_members mb WHERE mb.team_id = s.team_id AND mb.account_id = ? AND mb.archived_at IS NULL)`, a.AccountID)
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// lockOrder keeps others from moving an order until the transaction ends, and
// returns it as it stands; errs.ErrNotFound when there is none.
func lockOrder(tx *db.Tx, id string) (Order, error) {
	var got string
	ok, err := tx.One(&got, `SELECT id FROM lecture_orders WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Order{}, err
	}
	return oneOrder(tx, "o.id = ?", id)
}

// mergedInto lists the living orders that were merged into one.
func mergedInto(tx *db.Tx, id string) ([]Order, error) {
	return orders(tx, "o.merged_into = ? AND o.state = ? ORDER BY o.id", id, models.LectureMerged)
}

// saveOrder writes what moves change; the caller holds the lock.
func saveOrder(tx *db.Tx, o models.LectureOrder) error {
	n, err := tx.Exec(`UPDATE lecture_orders SET state = ?, level = ?, mode = ?, tries = ?, reason = ?, merged_into = ?, session_id = ?, topic_id = ?,
		first_at = ?, second_at = ?, from_day = ?, until_day = ?, rate_hash = ?, rate_until = ?, callback = ?, reopened = ?, submitted_at = ?, changed_at = ?, closed_at = ?
		WHERE id = ?`,
		o.State, o.Level, o.Mode, o.Tries, o.Reason, o.MergedInto, o.SessionID, o.TopicID,
		o.FirstAt, o.SecondAt, o.FromDay, o.UntilDay, o.RateHash, o.RateUntil, o.Callback, o.Reopened, o.SubmittedAt, o.ChangedAt, o.ClosedAt, o.ID)
	if err == nil && n != 1 {
		err = db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("lecture order: %w", err)
	}
	return nil
}

// reviseOrder writes what whoever ordered may change; the caller holds the lock.
func reviseOrder(tx *db.Tx, o models.LectureOrder) error {
	_, err := tx.Exec(`UPDATE lecture_orders SET org_id = ?, contact = ?, phone_enc = ?, topic_id = ?, wish = ?, wish_id = ?, audience = ?, heads = ?, length_min = ?,
		note = ?, first_at = ?, second_at = ?, from_day = ?, until_day = ?, place_kind = ?, place = ?, room_id = ?, address_enc = ?, changed_at = ? WHERE id = ?`,
		o.OrgID, o.Contact, o.PhoneEnc, o.TopicID, o.Wish, o.WishID, o.Audience, o.Heads, o.LengthMin,
		o.Note, o.FirstAt, o.SecondAt, o.FromDay, o.UntilDay, o.PlaceKind, o.Place, o.RoomID, o.AddressEnc, tx.Now(), o.ID)
	if err != nil {
		return fmt.Errorf("revise lecture order: %w", err)
	}
	return nil
}

// follow lets those that were merged into an order follow it to another.
func follow(tx *db.Tx, from, to string) error {
	_, err := tx.Exec(`UPDATE lecture_orders SET merged_into = ?, session_id = (SELECT l.session_id FROM lecture_orders l WHERE l.id = ?)
		WHERE merged_into = ? AND state = ?`, to, to, from, models.LectureMerged)
	return err
}

func history(tx *db.Tx, id string) ([]Moment, error) {
	var out []Moment
	err := tx.Scan(&out, `SELECT at, action, after, reason, channel FROM audit_log WHERE subject_kind = ? AND subject_id = ? ORDER BY id DESC`, auditKind, id)
	return out, err
}

func orgOf(tx *db.Tx, id int64) (models.Org, error) {
	var o models.Org
	ok, err := tx.One(&o, `SELECT * FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.FieldFault("org_id", "unknown")
	}
	return o, err
}

func occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	var rows []struct {
		ID       int64
		StartsAt models.Instant
		EndsAt   models.Instant
		Title    string
		Who      string
		State    models.LectureSessionState
		OrderID  string
	}
	if len(ids) == 0 {
		return nil, nil
	}
	err := tx.Scan(&rows, `SELECT s.id, s.starts_at, s.ends_at, s.state, COALESCE(t.title, o.wish) AS title, g.name AS who, o.id AS order_id
		FROM lecture_sessions s JOIN lecture_orders o ON o.session_id = s.id AND o.merged_into IS NULL JOIN orgs g ON g.id = o.org_id
		LEFT JOIN lecture_topics t ON t.id = o.topic_id WHERE s.id IN ? ORDER BY s.id`, ids)
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = models.Occupant{ID: r.ID, Span: models.Span{Start: r.StartsAt, End: r.EndsAt}, Title: r.Title, Who: r.Who, State: standing(r.State), Path: orderPath(r.OrderID)}
	}
	return out, err
}

// standing is the state of a session in the words of orders: a session that is
// planned is agreed, and a calendar must not read it as undecided.
func standing(s models.LectureSessionState) string {
	switch s {
	case models.LectureRunning:
		return string(models.LectureInService)
	case models.LectureDone:
		return "finished"
	case models.LecturePlanned, models.LectureDropped:
	}
	return string(models.LectureAccepted)
}
