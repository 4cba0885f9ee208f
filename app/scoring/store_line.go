package scoring

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const roundQuery = `SELECT r.id, r.contest_id, c.name AS contest, r.title, c.org_id, o.path AS org_path, r.starts_at, r.ends_at, r.sitting_id
	FROM judged_rounds r JOIN judged_contests c ON c.id = r.contest_id JOIN orgs o ON o.id = c.org_id`

// roundOf is a round that is judged; errs.ErrNotFound.
func roundOf(tx *db.Tx, id int64) (r Round, err error) {
	ok, err := tx.One(&r, roundQuery+` WHERE r.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

// roundsOf lists a contest's rounds in their order.
func roundsOf(tx *db.Tx, contest int64) (out []Round, err error) {
	return out, tx.Scan(&out, roundQuery+` WHERE r.contest_id = ? ORDER BY r.starts_at, r.id`, contest)
}

// lineOf is who has a place in a round's order.
func lineOf(tx *db.Tx, round int64) (out []Act, err error) {
	return out, tx.Scan(&out, `SELECT entry_id, number, team, piece, place, COALESCE(org_id, 0) AS org_id, COALESCE(leader_id, 0) AS leader_id,
		limit_seconds AS "limit", withdrawn FROM judged_acts WHERE round_id = ? ORDER BY number`, round)
}

func saveRound(tx *db.Tx, r Round) error {
	if _, err := tx.Exec(`INSERT INTO judged_contests (id, org_id, name, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET org_id = excluded.org_id, name = excluded.name`, r.ContestID, r.OrgID, r.Contest, tx.Now()); err != nil {
		return fmt.Errorf("judged contest: %w", err)
	}
	if r.SittingID == 0 {
		r.SittingID = r.ID
	}
	_, err := tx.Exec(`INSERT INTO judged_rounds (id, contest_id, title, starts_at, ends_at, sitting_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, starts_at = excluded.starts_at, ends_at = excluded.ends_at, sitting_id = excluded.sitting_id`,
		r.ID, r.ContestID, r.Title, r.StartsAt, r.EndsAt, r.SittingID, tx.Now())
	return err
}

var actRows = db.RowsOf("judged_acts", `round_id bigint, entry_id bigint, number bigint, team text, piece text, place text, org_id bigint, leader_id bigint,
	limit_seconds bigint, withdrawn boolean`)

// saveLine puts a line in the place of the one before. Conflicts that refer to an
// entry which is gone go with it.
func saveLine(tx *db.Tx, round int64, line []Act) error {
	keep := make([]int64, len(line))
	rows := make([][]any, len(line))
	for i, a := range line {
		keep[i] = a.EntryID
		rows[i] = []any{round, a.EntryID, a.Number, a.Team, a.Piece, a.Place, known64(a.OrgID), known64(a.LeaderID), a.Limit, a.Withdrawn}
	}
	among, list := tx.Among("entry_id", keep)
	for _, table := range []string{"judge_conflicts", "judged_acts"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE round_id = ? AND NOT (`+among+`)`, round, list); err != nil {
			return err
		}
	}
	// Numbers change places: out of each other's way first.
	if _, err := tx.Exec(`UPDATE judged_acts SET number = number + ? WHERE round_id = ?`, 10*maxActs, round); err != nil {
		return err
	}
	_, err := actRows.Insert(tx, ` ON CONFLICT (round_id, entry_id) DO UPDATE SET number = excluded.number, team = excluded.team, piece = excluded.piece,
		place = excluded.place, org_id = excluded.org_id, leader_id = excluded.leader_id, limit_seconds = excluded.limit_seconds, withdrawn = excluded.withdrawn`, rows...)
	return err
}

// known64 is an id, or nil for 0.
func known64(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// queueRegistrations makes two who register at once wait for each other: the row
// of the tree's root stands for what has no row yet.
func queueRegistrations(tx *db.Tx) error {
	return tx.Scan(new(int64), `SELECT id FROM orgs ORDER BY id LIMIT 1`+tx.ForUpdate())
}

// nextRound and nextContest are the ids of what is registered by hand.
func nextRound(tx *db.Tx) (int64, error) { return next(tx, `SELECT MAX(id) FROM judged_rounds`) }

func nextContest(tx *db.Tx) (int64, error) { return next(tx, `SELECT MAX(id) FROM judged_contests`) }

func next(tx *db.Tx, query string) (int64, error) {
	var last *int64
	if err := tx.Scan(&last, query); err != nil || last == nil || *last < byHand {
		return byHand, err
	}
	return *last + 1, nil
}

func pathOf(tx *db.Tx, org int64) (path string, err error) {
	ok, err := tx.One(&path, `SELECT path FROM orgs WHERE id = ?`, org)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return path, err
}

// judgedIn lists the rounds of contests below some organisations, the latest first.
func judgedIn(tx *db.Tx, scope []string) (out []Round, err error) {
	below, args := db.Below("o.path", scope)
	return out, tx.Scan(&out, roundQuery+` WHERE `+below+` ORDER BY r.starts_at DESC, r.id DESC LIMIT 200`, args...)
}

func orgsByID(tx *db.Tx, ids []int64) (out []models.Org, err error) {
	among, list := tx.Among("id", ids)
	return out, tx.Scan(&out, `SELECT * FROM orgs WHERE `+among+` ORDER BY id`, list)
}

// openOrgs lists the organisations that entries and judges can come from.
func openOrgs(tx *db.Tx) (out []models.Org, err error) {
	return out, tx.Scan(&out, `SELECT * FROM orgs WHERE archived_at IS NULL AND kind IN ('centre', 'subdistrict', 'station', 'school', 'partner') ORDER BY path`)
}
