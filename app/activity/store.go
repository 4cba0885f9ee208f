package activity

import (
	"errors"
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func orgPath(tx *db.Tx, id int64) (path string, err error) {
	path, err = ruledOrg(tx, id)
	if errors.Is(err, errs.ErrNotFound) {
		err = errs.FieldFault("org_id", "unknown")
	}
	return path, err
}

// teamPath is the path of the organisation whose team a resource is, "" when it is none.
func teamPath(tx *db.Tx, id int64) (path string, err error) {
	_, err = tx.One(&path, `SELECT o.path FROM resources r JOIN orgs o ON o.id = r.org_id WHERE r.id = ? AND r.kind = 'team'`, id)
	return path, err
}

func insertQuestions(tx *db.Tx, activity int64, all []models.ActivityQuestion) error {
	if len(all) == 0 {
		return nil
	}
	for i := range all {
		all[i].ID, all[i].ActivityID, all[i].Ord = 0, activity, i+1
	}
	if err := tx.Insert(&all); err != nil {
		return fmt.Errorf("questions: %w", err)
	}
	return nil
}

// row is an activity as it is read.
type row struct {
	models.Activity
	OrgName string
	OrgPath string
}

const activityQuery = `SELECT a.*, o.name AS org_name, o.path AS org_path FROM activities a JOIN orgs o ON o.id = a.org_id`

func activityByID(tx *db.Tx, id int64) (row, error) {
	var r row
	ok, err := tx.One(&r, activityQuery+` WHERE a.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

// Meeting is a session with the places of its event.
type Meeting struct {
	models.ActivitySession
	EventState models.EventState
	OpensAt    models.Instant
	ClosesAt   models.Instant
	CancelTill models.Instant
	Capacity   int
	Taken      int
	Reserved   int
	Waiting    int
	Attended   int

	Owner models.OwnerStanding `gorm:"-"` // of the partner who lends the place
}

// Free counts the places that anybody may have.
func (m Meeting) Free() int { return m.Capacity - m.Taken - m.Reserved }

const meetingQuery = `SELECT s.*, e.state AS event_state, e.opens_at, e.closes_at, e.cancel_until AS cancel_till, e.for_sale AS capacity, e.taken, e.reserved, e.waiting, e.attended
	FROM activity_sessions s JOIN events e ON e.id = s.event_id`

func meetingsOf(tx *db.Tx, activities ...int64) (map[int64][]Meeting, error) {
	out := map[int64][]Meeting{}
	if len(activities) == 0 {
		return out, nil
	}
	var rows []Meeting
	among, list := tx.Among("s.activity_id", activities)
	if err := tx.Scan(&rows, meetingQuery+` WHERE `+among+` ORDER BY s.activity_id, s.starts_at, s.id`, list); err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	for _, r := range rows {
		out[r.ActivityID] = append(out[r.ActivityID], r)
	}
	return out, nil
}

func meetingByID(tx *db.Tx, id int64) (Meeting, error) {
	var m Meeting
	ok, err := tx.One(&m, meetingQuery+` WHERE s.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return m, err
}

func questionsOf(tx *db.Tx, activity int64) (out []models.ActivityQuestion, err error) {
	err = tx.Scan(&out, `SELECT * FROM activity_questions WHERE activity_id = ? ORDER BY ord`, activity)
	return out, err
}

// found lists activities by a condition on a, n of them from offset on, those
// that are on soonest first.
func found(tx *db.Tx, where string, args []any, order string, limit, offset int) (out []row, total int64, err error) {
	if err = tx.Scan(&total, `SELECT COUNT(*) FROM activities a JOIN orgs o ON o.id = a.org_id WHERE `+where, args...); err != nil || total == 0 {
		return nil, total, err
	}
	err = tx.Scan(&out, activityQuery+` WHERE `+where+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(args, limit, offset)...)
	return out, total, err
}

// SignupRow is a sign-up as it is read: what the feature keeps, what the kernel says.
type SignupRow struct {
	models.Signup
	Code        string
	Status      string
	WaitID      int64
	WaitState   string
	WaitRank    int64
	Deadline    models.Instant
	Ahead       int
	Title       string
	Kind        models.ActivityKind
	OrgPath     string
	OrgIDOf     int64
	StartsAt    models.Instant
	EndsAt      models.Instant
	CancelUntil models.Instant
	EventState  models.EventState
	Place       string
	Address     string
	SessionID   int64
	Home        bool
	ChangedAt   models.Instant // when one of its sessions was last moved or cancelled
}

// Stands is the sign-up in one word.
func (r SignupRow) Stands() models.SignupStatus {
	return r.Entry.Stands(models.BookingStatus(r.Status), models.WaitState(r.WaitState))
}

const signupQuery = `SELECT g.*, COALESCE(b.code, '') AS code, COALESCE(b.status, '') AS status,
	COALESCE(w.id, 0) AS wait_id, COALESCE(w.state, '') AS wait_state, COALESCE(w.rank, 0) AS wait_rank, w.deadline,
	(SELECT COUNT(*) FROM waitlist_entries x WHERE x.event_id = g.event_id AND x.state = 'waiting' AND w.state = 'waiting' AND x.rank < w.rank) AS ahead,
	a.title, a.kind, a.home, a.address, o.path AS org_path, a.org_id AS org_id_of, e.starts_at, e.ends_at, e.cancel_until, e.state AS event_state,
	(SELECT MIN(s.place) FROM activity_sessions s WHERE s.event_id = g.event_id) AS place,
	(SELECT MIN(s.id) FROM activity_sessions s WHERE s.event_id = g.event_id) AS session_id,
	(SELECT MAX(s.changed_at) FROM activity_sessions s WHERE s.event_id = g.event_id) AS changed_at
	FROM activity_signups g JOIN activities a ON a.id = g.activity_id JOIN orgs o ON o.id = a.org_id JOIN events e ON e.id = g.event_id
	LEFT JOIN bookings b ON b.id = g.uid LEFT JOIN waitlist_entries w ON w.uid = g.uid`

func signupByID(tx *db.Tx, uid string) (SignupRow, error) {
	var r SignupRow
	ok, err := tx.One(&r, signupQuery+` WHERE g.uid = ?`, uid)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

func signupsWhere(tx *db.Tx, where string, args ...any) (out []SignupRow, err error) {
	if err = tx.Scan(&out, signupQuery+` WHERE `+where, args...); err != nil {
		err = fmt.Errorf("sign-ups: %w", err)
	}
	return out, err
}

var signupRows = db.RowsOf("activity_signups", `uid text, activity_id bigint, event_id bigint, party bigint, entry text, holder_id bigint, person_id bigint,
	org_id bigint, name text, channel text, age bigint, guardian text, pick_up text, address_enc text, created_by bigint, created_at timestamptz`)

var answerRows = db.RowsOf("activity_answers", "uid text, question_id bigint, answer text")

// insertSignup keeps what the kernel does not; who waits already keeps what it has.
func insertSignup(tx *db.Tx, g models.Signup, answers map[int64]string) error {
	n, err := signupRows.Insert(tx, " ON CONFLICT DO NOTHING", []any{g.UID, g.ActivityID, g.EventID, g.Party, string(g.Entry), g.HolderID, g.PersonID, g.OrgID,
		g.Name, string(g.Channel), g.Age, g.Guardian, g.PickUp, g.AddressEnc, g.CreatedBy, g.CreatedAt})
	if err != nil || n == 0 || len(answers) == 0 {
		return err
	}
	rows := make([][]any, 0, len(answers))
	for q, text := range answers {
		rows = append(rows, []any{g.UID, q, text})
	}
	_, err = answerRows.Insert(tx, "", rows...)
	return err
}

func orZero(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

// visitedSince reports whether a holder or person has been to this kind of
// activity of an organisation since some moment.
func visitedSince(tx *db.Tx, act models.Activity, holder, person *int64, since models.Instant) (bool, error) {
	var n int64
	err := tx.Scan(&n, `SELECT COUNT(*) FROM activity_signups g JOIN activities a ON a.id = g.activity_id JOIN bookings b ON b.id = g.uid
		WHERE a.kind = ? AND a.org_id = ? AND b.status = 'attended' AND b.created_at >= ? AND (g.holder_id = ? OR g.person_id = ?)`,
		act.Kind, act.OrgID, since, orZero(holder), orZero(person))
	return n > 0, err
}

// Entered counts the parties that wait for a draw, and their people.
type Entered struct{ Parties, People int }

func enteredFor(tx *db.Tx, activity int64) (out Entered, err error) {
	_, err = tx.One(&out, `SELECT COUNT(*) AS parties, COALESCE(SUM(party), 0) AS people FROM activity_signups WHERE activity_id = ? AND entry = 'entered'`, activity)
	return out, err
}

// enteredBy counts the people for whom an account has entered, itself and those it keeps.
func enteredBy(tx *db.Tx, event, holder int64) (n int, err error) {
	err = tx.Scan(&n, `SELECT COALESCE(SUM(party), 0) FROM activity_signups WHERE event_id = ? AND holder_id = ? AND org_id IS NULL AND entry = 'entered'`, event, holder)
	return n, err
}

// moveEntry writes a legal move of an entry, once.
func moveEntry(tx *db.Tx, uid string, from, to models.LotState, ord int, note string) error {
	if !from.CanBecome(to) {
		return fmt.Errorf("sign-up %s: %q cannot become %q", uid, from, to)
	}
	n, err := tx.Exec(`UPDATE activity_signups SET entry = ?, draw_ord = ?, draw_note = ? WHERE uid = ? AND entry = ?`, to, ord, note, uid, from)
	if err == nil && n != 1 {
		err = db.ErrAgain
	}
	return err
}

// setComes keeps what a party says of the last change of its sessions.
func setComes(tx *db.Tx, uid string, c models.Coming) error {
	_, err := tx.Exec(`UPDATE activity_signups SET comes = ?, said_at = ? WHERE uid = ?`, c, tx.Now(), uid)
	return err
}

// quitsOver lists the sign-ups that were given up and can be taken back no more.
func quitsOver(tx *db.Tx, now models.Instant, most, skip int) (uids []string, err error) {
	err = tx.Scan(&uids, `SELECT uid FROM activity_signups WHERE quit_at <= ? ORDER BY quit_at, uid LIMIT ? OFFSET ?`, now, most, skip)
	return uids, err
}

func setQuit(tx *db.Tx, uid string, at models.Instant) error {
	_, err := tx.Exec(`UPDATE activity_signups SET quit_at = ? WHERE uid = ?`, at, uid)
	return err
}

func cancelSession(tx *db.Tx, id int64, reason string) error {
	n, err := tx.Exec(`UPDATE activity_sessions SET state = 'cancelled', reason = ?, changed_at = ? WHERE id = ? AND state = 'planned'`, reason, tx.Now(), id)
	if err == nil && n != 1 {
		err = db.ErrAgain
	}
	return err
}

func sessionsLeft(tx *db.Tx, event int64) (n int64, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM activity_sessions WHERE event_id = ? AND state = 'planned'`, event)
	return n, err
}

func moveSession(tx *db.Tx, x models.ActivitySession) error {
	_, err := tx.Exec(`UPDATE activity_sessions SET starts_at = ?, ends_at = ?, moved_from = ?, reason = ?, changed_at = ? WHERE id = ?`,
		x.StartsAt, x.EndsAt, x.MovedFrom, x.Reason, tx.Now(), x.ID)
	return err
}

// eventSpan is from the first session of an event to the end of its last.
func eventSpan(tx *db.Tx, event int64) (models.Span, error) {
	var r struct{ StartsAt, EndsAt models.Instant }
	_, err := tx.One(&r, `SELECT MIN(starts_at) AS starts_at, MAX(ends_at) AS ends_at FROM activity_sessions WHERE event_id = ? AND state = 'planned'`, event)
	return models.Span{Start: r.StartsAt, End: r.EndsAt}, err
}

func endActivity(tx *db.Tx, id int64, to models.ActivityState, reason string) error {
	_, err := tx.Exec(`UPDATE activities SET state = ?, reason = ? WHERE id = ? AND state = 'open'`, to, reason, id)
	return err
}

func setCapacity(tx *db.Tx, id int64, places int) error {
	_, err := tx.Exec(`UPDATE activities SET capacity = ? WHERE id = ?`, places, id)
	return err
}

// living lists who has a place, an offer or a turn; event 0 is every session.
func living(tx *db.Tx, activity, event int64) ([]SignupRow, error) {
	where, args := `g.activity_id = ? AND (b.status IN ('booked','held') OR w.state = 'waiting' OR g.entry = 'entered')`, []any{activity}
	if event != 0 {
		where, args = where+` AND g.event_id = ?`, append(args, event)
	}
	return signupsWhere(tx, where+` ORDER BY g.created_at, g.uid`, args...)
}

// occupants tells of sessions by id, in one question: the calendar asks few.
func occupants(tx *db.Tx, ids []int64) (out []models.Occupant, err error) {
	var rows []struct {
		ID       int64
		StartsAt models.Instant
		EndsAt   models.Instant
		Title    string
		Name     string
		State    string // of the activity, "wanted" while the partner has not answered
		Act      int64
		Taken    int
		Places   int
		Version  int64
	}
	among, list := tx.Among("s.id", ids)
	err = tx.Scan(&rows, `SELECT s.id, s.starts_at, s.ends_at, a.title, o.name, COALESCE((SELECT MAX(t.state) FROM owner_ask_times t
			WHERE t.source_kind = 'activity' AND t.source_id = a.id AND t.item_id = s.id AND t.state = 'wanted'), a.state) AS state, a.id AS act, e.taken, e.for_sale AS places, e.version FROM activity_sessions s
		JOIN activities a ON a.id = s.activity_id JOIN orgs o ON o.id = a.org_id JOIN events e ON e.id = s.event_id WHERE `+among+` ORDER BY s.id`, list)
	for _, r := range rows {
		out = append(out, models.Occupant{ID: r.ID, Span: models.Span{Start: r.StartsAt, End: r.EndsAt}, Title: r.Title, Who: r.Name, State: r.State,
			Path: fmt.Sprintf("/activities/%d/people", r.Act), Taken: r.Taken, Places: r.Places, Version: r.Version})
	}
	return out, err
}

// entriesOver lists the activities whose entries are over and that are not drawn.
func entriesOver(tx *db.Tx, now models.Instant) (out []models.Activity, err error) {
	err = tx.Scan(&out, `SELECT * FROM activities WHERE state = 'open' AND choose = 'draw' AND drawn_at IS NULL AND entries_until <= ? ORDER BY id`, now)
	return out, err
}

// lockActivity holds whoever enters for a draw apart from the close of its entries.
func lockActivity(tx *db.Tx, id int64) error {
	var got int64
	_, err := tx.One(&got, `SELECT id FROM activities WHERE id = ?`+tx.ForUpdate(), id)
	return err
}

// entryOf finds the living entry of an account or a person for the draw of an event.
func entryOf(tx *db.Tx, event int64, holder, person *int64) (uid string, ok bool, err error) {
	ok, err = tx.One(&uid, `SELECT uid FROM activity_signups WHERE event_id = ? AND entry = 'entered' AND org_id IS NULL
		AND COALESCE(holder_id, 0) = ? AND COALESCE(person_id, 0) = ? ORDER BY created_at LIMIT 1`, event, orZero(holder), orZero(person))
	return uid, ok, err
}

// signedUp finds the living sign-up of an account or a person for an event, but for one
// that is named; what is given up lives until nobody can take that back.
func signedUp(tx *db.Tx, event int64, holder, person *int64, but string) (uid string, ok bool, err error) {
	who, ids := `g.holder_id IS NULL AND g.person_id = ?`, []any{orZero(person)}
	if holder != nil {
		who, ids = `g.holder_id = ? AND COALESCE(g.person_id, 0) = ?`, []any{*holder, orZero(person)}
	}
	ok, err = tx.One(&uid, `SELECT g.uid FROM activity_signups g LEFT JOIN bookings b ON b.id = g.uid LEFT JOIN waitlist_entries w ON w.uid = g.uid
		WHERE `+who+` AND g.event_id = ? AND g.uid <> ? AND g.org_id IS NULL AND (b.status IN ('booked','held') OR w.state IN ('waiting','offered'))
		ORDER BY g.created_at LIMIT 1`, append(ids, event, but)...)
	return uid, ok, err
}

// asks reports whether the organiser of an event's sessions says yes to each sign-up.
func asks(tx *db.Tx, event int64) (approval bool, err error) {
	_, err = tx.One(&approval, `SELECT a.approval FROM activities a JOIN activity_sessions s ON s.activity_id = a.id WHERE s.event_id = ? LIMIT 1`, event)
	return approval, err
}

func setDraw(tx *db.Tx, id int64, draw string) error {
	_, err := tx.Exec(`UPDATE activities SET draw_uid = ? WHERE id = ?`, draw, id)
	return err
}

func markDrawn(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE activities SET drawn_at = ? WHERE id = ?`, tx.Now(), id)
	return err
}

func endOver(tx *db.Tx, now models.Instant) (int, error) {
	n, err := tx.Exec(`UPDATE activities SET state = 'ended' WHERE state = 'open'
		AND NOT EXISTS (SELECT 1 FROM activity_sessions s WHERE s.activity_id = activities.id AND s.state = 'planned' AND s.ends_at > ?)`, now)
	return int(n), err
}

func purge(tx *db.Tx, before models.Instant) (int, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT a.id FROM activities a WHERE a.purged_at IS NULL AND a.state <> 'open'
		AND NOT EXISTS (SELECT 1 FROM activity_sessions s WHERE s.activity_id = a.id AND s.ends_at > ?) ORDER BY a.id LIMIT 200`, before)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	among, list := tx.Among("activity_id", ids)
	if _, err := tx.Exec(`DELETE FROM activity_answers WHERE uid IN (SELECT uid FROM activity_signups WHERE `+among+`)`, list); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE activity_signups SET age = 0, guardian = '', pick_up = '', address_enc = '' WHERE `+among, list); err != nil {
		return 0, err
	}
	at, list := tx.Among("id", ids)
	_, err = tx.Exec(`UPDATE activities SET purged_at = ? WHERE `+at, tx.Now(), list)
	return len(ids), err
}

// takes reports whether a session has a resource.
func takes(tx *db.Tx, session, resource int64) (bool, error) {
	return tx.One(new(int64), `SELECT id FROM occupancies WHERE source_kind = ? AND source_id = ? AND resource_id = ? LIMIT 1`, Kind, session, resource)
}
