package activity

import (
	"strings"
	"time"

	"youyue/app/db"
	"youyue/models"
)

// mates lists who may be sent to people's homes, whoever holds a role, by a condition on
// the account a and the organisation o.
func mates(tx *db.Tx, where string, args ...any) (out []Mate, err error) {
	inForce, now := tx.InForce("g")
	err = tx.Scan(&out, `SELECT a.id, a.name, MIN(o.name) AS org FROM accounts a JOIN grants g ON g.account_id = a.id JOIN orgs o ON o.id = g.org_id
		WHERE `+inForce+` AND a.disabled_at IS NULL AND `+where+` GROUP BY a.id, a.name ORDER BY a.name, a.id LIMIT ?`, append(append(now, args...), maxMates)...)
	return out, err
}

// maxMates bounds a list to choose from; more are found by name.
const maxMates = 60

// matesFor lists whom an organisation can choose: its own people and those below it, who
// goes to one of some sessions already, and anybody of the district whose name was asked for.
func matesFor(tx *db.Tx, path, name string, sessions []int64) ([]Mate, error) {
	on, list := tx.Among("d.session_id", sessions)
	where, args := `(o.path >= ? AND o.path < ? OR a.id IN (SELECT d.account_id FROM activity_duty d WHERE `+on+`)`, []any{path, path + "~", list}
	if name != "" {
		where, args = where+` OR a.name LIKE ? ESCAPE '!' OR o.name LIKE ? ESCAPE '!'`, append(args, contains(name), contains(name))
	}
	return mates(tx, where+`)`, args...)
}

// contains is what LIKE finds a text by.
func contains(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// unknownMates counts accounts that may not be sent to anybody's home.
func unknownMates(tx *db.Tx, accounts []int64) (int, error) {
	if len(accounts) == 0 {
		return 0, nil
	}
	among, list := tx.Among("a.id", accounts)
	known, err := mates(tx, among, list)
	return len(accounts) - len(known), err
}

// onDuty lists who goes to the homes of some sessions.
func onDuty(tx *db.Tx, sessions ...int64) (map[int64][]int64, error) {
	out := map[int64][]int64{}
	var rows []struct{ SessionID, AccountID int64 }
	among, list := tx.Among("session_id", sessions)
	err := tx.Scan(&rows, `SELECT session_id, account_id FROM activity_duty WHERE `+among+` ORDER BY session_id, account_id`, list)
	for _, r := range rows {
		out[r.SessionID] = append(out[r.SessionID], r.AccountID)
	}
	return out, err
}

type dutyName struct {
	SessionID int64
	AccountID int64
	Name      string
}

// dutyNames lists who goes to the homes of some sessions, by session and name.
func dutyNames(tx *db.Tx, sessions []int64) (out []dutyName, err error) {
	among, list := tx.Among("d.session_id", sessions)
	err = tx.Scan(&out, `SELECT d.session_id, d.account_id, a.name FROM activity_duty d JOIN accounts a ON a.id = d.account_id
		WHERE `+among+` ORDER BY d.session_id, a.name`, list)
	return out, err
}

var dutyRows = db.RowsOf("activity_duty", "session_id bigint, account_id bigint")

func setDuty(tx *db.Tx, session int64, accounts []int64) error {
	if _, err := tx.Exec(`DELETE FROM activity_duty WHERE session_id = ?`, session); err != nil || len(accounts) == 0 {
		return err
	}
	rows := make([][]any, len(accounts))
	for i, id := range accounts {
		rows[i] = []any{session, id}
	}
	_, err := dutyRows.Insert(tx, "", rows...)
	return err
}

// lockSession locks a session and returns its activity.
func lockSession(tx *db.Tx, session int64) (row, error) {
	var activity int64
	if err := tx.Scan(&activity, `SELECT activity_id FROM activity_sessions WHERE id = ?`+tx.ForUpdate(), session); err != nil {
		return row{}, err
	}
	return activityByID(tx, activity)
}

// visits counts the sign-ups of an event that were said yes to.
func visits(tx *db.Tx, event int64) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM activity_signups g JOIN bookings b ON b.id = g.uid WHERE g.event_id = ? AND b.status = 'booked'`, event)
	return n, err
}

// goesOn lists the events to whose visits at home an account goes on a day.
func goesOn(tx *db.Tx, account int64, day models.Day, zone *time.Location) (events []int64, err error) {
	err = tx.Scan(&events, `SELECT DISTINCT s.event_id FROM activity_duty d JOIN activity_sessions s ON s.id = d.session_id
		WHERE d.account_id = ? AND s.state = 'planned' AND s.starts_at >= ? AND s.starts_at < ?`, account, day.At(0, zone), day.Add(1).At(0, zone))
	return events, err
}

// visitsOf lists the visits that were said yes to and to which an account goes.
func visitsOf(tx *db.Tx, account int64, from models.Instant) ([]SignupRow, error) {
	return signupsWhere(tx, `a.home AND b.status IN ('booked','attended') AND g.event_id IN (SELECT s.event_id FROM activity_sessions s JOIN activity_duty d ON d.session_id = s.id
		WHERE d.account_id = ? AND s.state = 'planned' AND s.ends_at > ?) ORDER BY e.starts_at, g.uid LIMIT 200`, account, from)
}
