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
