package activity

import (
	"youyue/app/db"
	"youyue/models"
)

// keptBy lists who is kept under an account, the account itself left out.
func keptBy(tx *db.Tx, account int64) (out []models.Person, err error) {
	err = tx.Scan(&out, `SELECT * FROM people WHERE account_id = ? AND relation <> 'self' AND archived_at IS NULL ORDER BY id`, account)
	return out, err
}

// stations lists the organisations near which activities are: communities and the centre.
func stations(tx *db.Tx) (out []models.Org, err error) {
	err = tx.Scan(&out, `SELECT * FROM orgs WHERE kind IN ('centre','subdistrict','station') AND archived_at IS NULL ORDER BY path`)
	return out, err
}

// everybody of an activity, session by session in the order in which they came.
const everybody = `g.activity_id = ? ORDER BY e.starts_at, g.created_at, g.uid`

func countSignups(tx *db.Tx, activity int64) (n int64, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM activity_signups WHERE activity_id = ?`, activity)
	return n, err
}

// answersOf are the answers of an activity's sign-ups, by sign-up and question.
func answersOf(tx *db.Tx, activity int64) (map[string]map[int64]string, error) {
	var rows []struct {
		UID        string
		QuestionID int64
		Answer     string
	}
	err := tx.Scan(&rows, `SELECT x.uid, x.question_id, x.answer FROM activity_answers x JOIN activity_signups g ON g.uid = x.uid WHERE g.activity_id = ?`, activity)
	out := map[string]map[int64]string{}
	for _, r := range rows {
		if out[r.UID] == nil {
			out[r.UID] = map[int64]string{}
		}
		out[r.UID][r.QuestionID] = r.Answer
	}
	return out, err
}

// thing is something that a session may take: a room, what goes along with one, a team.
type thing struct {
	ID   int64
	Kind string // "room", "table", "equipment", "team"
	Name string
	Path string // of a team's organisation
}

func thingsToTake(tx *db.Tx) (out []thing, err error) {
	err = tx.Scan(&out, `SELECT m.id, m.kind, v.name || ' · ' || r.name AS name, '' AS path FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id
		WHERE m.archived_at IS NULL AND v.archived_at IS NULL
		UNION ALL SELECT r.id, r.kind, r.name, o.path FROM resources r JOIN orgs o ON o.id = r.org_id WHERE r.kind = 'team' AND o.archived_at IS NULL
		ORDER BY 2, 3, 1`)
	return out, err
}
