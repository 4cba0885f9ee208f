package scoring

import (
	"errors"
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// lockSitting has those who write anew what a sitting takes wait for each other.
func lockSitting(tx *db.Tx, sitting int64) error {
	var ids []int64
	return tx.Scan(&ids, `SELECT id FROM judged_rounds WHERE sitting_id = ? ORDER BY id`+tx.ForUpdate(), sitting)
}

// findRound is roundOf, false where there is none.
func findRound(tx *db.Tx, id int64) (Round, bool, error) {
	r, err := roundOf(tx, id)
	if errors.Is(err, errs.ErrNotFound) {
		return r, false, nil
	}
	return r, err == nil, err
}

// seatIn is a judge who sits in a sitting, in one of its rounds.
type seatIn struct {
	Round
	ResourceID  int64
	Acts        int
	SlotSeconds int
}

// seatsIn lists who sits on the panels of a sitting.
func seatsIn(tx *db.Tx, sitting int64) (out []seatIn, err error) {
	err = tx.Scan(&out, `SELECT r.id, r.starts_at, r.ends_at, j.resource_id, p.slot_seconds,
		(SELECT COUNT(*) FROM judged_acts a WHERE a.round_id = r.id) AS acts
		FROM judged_rounds r JOIN panels p ON p.round_id = r.id JOIN judges j ON j.round_id = r.id
		WHERE r.sitting_id = ? AND j.left_at IS NULL AND j.resource_id IS NOT NULL ORDER BY j.resource_id, r.id`, sitting)
	return out, err
}

// sitting is a round with how many appear in it.
type sitting struct {
	Round
	Acts int
}

// sittings tells of sittings by one of their rounds each.
func sittings(tx *db.Tx, ids []int64) (out []sitting, err error) {
	among, list := tx.Among("r.sitting_id", ids)
	var all []sitting
	err = tx.Scan(&all, `SELECT r.id, r.contest_id, c.name AS contest, r.title, r.starts_at, r.ends_at, r.sitting_id,
		(SELECT COUNT(*) FROM judged_acts a WHERE a.round_id = r.id) AS acts
		FROM judged_rounds r JOIN judged_contests c ON c.id = r.contest_id WHERE `+among+` ORDER BY r.sitting_id, r.id`, list)
	for _, x := range all {
		if n := len(out); n == 0 || out[n-1].SittingID != x.SittingID {
			out = append(out, x)
		}
	}
	return out, err
}

// judgePerson is the resource that a judge is in the kernel: one for an account, one
// for a name without. Of two who need a new one at once the second runs again.
func judgePerson(tx *db.Tx, j models.Judge, org int64) (id int64, err error) {
	where, arg := `account_id IS NULL AND name = ?`, any(j.Name)
	if j.AccountID != nil {
		where, arg = `account_id = ?`, *j.AccountID
	}
	ok, err := tx.One(&id, `SELECT resource_id FROM judge_people WHERE `+where, arg)
	if err != nil || ok {
		return id, err
	}
	if err := tx.Scan(&id, `INSERT INTO resources (kind, org_id, name, created_at) VALUES (?, ?, ?, ?) RETURNING id`, judgeKind, org, j.Name, tx.Now()); err != nil {
		return 0, fmt.Errorf("judge: %w", err)
	}
	n, err := tx.Exec(`INSERT INTO judge_people (resource_id, account_id, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, j.AccountID, j.Name)
	if err == nil && n == 0 {
		err = db.ErrAgain
	}
	return id, err
}

// judgeAccounts are the accounts of those who sit on a round's panel.
func judgeAccounts(tx *db.Tx, round int64) (out []models.Judge, err error) {
	return out, tx.Scan(&out, `SELECT * FROM judges WHERE round_id = ? AND left_at IS NULL AND account_id IS NOT NULL ORDER BY id`, round)
}
