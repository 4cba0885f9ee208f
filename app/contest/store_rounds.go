package contest

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func roundByID(tx *db.Tx, id int64) (models.ContestRound, error) {
	var r models.ContestRound
	ok, err := tx.One(&r, `SELECT * FROM contest_rounds WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

func lockRound(tx *db.Tx, id int64) (models.ContestRound, error) {
	var r models.ContestRound
	ok, err := tx.One(&r, `SELECT * FROM contest_rounds WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

func setRoundState(tx *db.Tx, id int64, to models.RoundState, draw *int64) error {
	_, err := tx.Exec(`UPDATE contest_rounds SET state = ?, draw_id = ?, version = version + 1 WHERE id = ?`, to, draw, id)
	return err
}

func setAdvance(tx *db.Tx, id int64, n int) error {
	_, err := tx.Exec(`UPDATE contest_rounds SET advance = ?, version = version + 1 WHERE id = ?`, n, id)
	return err
}

// setList replaces the list of a round; its places are open again.
func setList(tx *db.Tx, r models.ContestRound, ids []int64) error {
	if _, err := tx.Exec(`DELETE FROM contest_places WHERE round_id = ?`, r.ID); err != nil {
		return fmt.Errorf("round: list: %w", err)
	}
	for _, id := range ids {
		n, err := tx.Exec(`INSERT INTO contest_places (round_id, entry_id) SELECT ?, id FROM contest_entries WHERE id = ? AND division_id = ?`, r.ID, id, r.DivisionID)
		switch {
		case err != nil:
			return fmt.Errorf("round: list: %w", err)
		case n == 0:
			return errs.FieldFault("entries", "unknown")
		}
	}
	return nil
}

func setPlace(tx *db.Tx, p models.ContestPlace) error {
	_, err := tx.Exec(`UPDATE contest_places SET place = ?, part = ? WHERE round_id = ? AND entry_id = ?`, p.Place, p.Part, p.RoundID, p.EntryID)
	return err
}

func appearances(tx *db.Tx, round int64) ([]Appearance, error) {
	var out []Appearance
	err := tx.Scan(&out, `SELECT p.*, e.uid, e.number, e.team, o.name AS org, e.org_id, e.leader_id, e.piece, e.length, e.state FROM contest_places p
		JOIN contest_entries e ON e.id = p.entry_id JOIN orgs o ON o.id = e.org_id WHERE p.round_id = ? ORDER BY p.place, e.number`, round)
	if err != nil {
		return nil, fmt.Errorf("appearances: %w", err)
	}
	return out, nil
}

func reminded(tx *db.Tx, round int64, due models.Instant) error {
	_, err := tx.Exec(`UPDATE contest_rounds SET reminded_at = ? WHERE id = ?`, due, round)
	return err
}

// roundsWith lists the rounds on whose list an entry is.
func roundsWith(tx *db.Tx, entry int64) (ids []int64, err error) {
	return ids, tx.Scan(&ids, `SELECT round_id FROM contest_places WHERE entry_id = ? ORDER BY round_id`, entry)
}
