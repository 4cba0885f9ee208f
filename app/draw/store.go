package draw

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func of(tx *db.Tx, s Subject, p models.DrawPurpose) ([]models.Draw, error) {
	var out []models.Draw
	err := tx.Scan(&out, `SELECT * FROM draws WHERE subject_kind = ? AND subject_id = ? AND purpose = ? ORDER BY number`, s.Kind, s.ID, p)
	return out, err
}

// kin lists the draws that decide the same thing: an order and an order in groups
// are two ways to say who appears when, so that one is not drawn beside the other.
func kin(tx *db.Tx, s Subject, p models.DrawPurpose) ([]models.Draw, error) {
	if p != models.DrawAppearance && p != models.DrawGrouping {
		return of(tx, s, p)
	}
	var out []models.Draw
	err := tx.Scan(&out, `SELECT * FROM draws WHERE subject_kind = ? AND subject_id = ? AND purpose IN (?, ?) ORDER BY number, id`,
		s.Kind, s.ID, models.DrawAppearance, models.DrawGrouping)
	return out, err
}

func lock(tx *db.Tx, id int64) error {
	var got int64
	ok, err := tx.One(&got, `SELECT id FROM draws WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return err
}

func find(tx *db.Tx, id int64) (Draw, error) {
	var d Draw
	ok, err := tx.One(&d.Draw, `SELECT * FROM draws WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return d, err
	}
	if err := tx.Scan(&d.List, `SELECT * FROM draw_entries WHERE draw_id = ? ORDER BY entry_id`+tx.Pick(db.Pair{Postgres: ` COLLATE "C"`}), id); err != nil {
		return d, fmt.Errorf("draw: list: %w", err)
	}
	if err := tx.Scan(&d.Witnesses, `SELECT * FROM draw_witnesses WHERE draw_id = ? ORDER BY ord`, id); err != nil {
		return d, fmt.Errorf("draw: witnesses: %w", err)
	}
	d.Siblings, err = kin(tx, Subject{d.SubjectKind, d.SubjectID}, d.Purpose)
	return d, err
}

var entryRows = db.RowsOf("draw_entries", "draw_id bigint, entry_id text, label text, community text, team text")

// insert stores a draw with its list. Another of the same thing that came first
// makes the transaction run again and see it.
func insert(tx *db.Tx, d *models.Draw, list []models.DrawEntry) error {
	err := tx.Insert(d)
	switch db.Constraint(err) {
	case "draws_subject_kind_subject_id_purpose_number_key", "draws_subject_kind_subject_id_purpose_key":
		return db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{d.ID, e.EntryID, e.Label, e.Community, e.Team}
	}
	if _, err := entryRows.Insert(tx, "", rows...); err != nil {
		return fmt.Errorf("draw: list: %w", err)
	}
	return nil
}

var witnessRows = db.RowsOf("draw_witnesses", "draw_id bigint, ord bigint, name text, value text")

// reveal ends a draw, with its witnesses and its order.
func reveal(tx *db.Tx, d models.Draw, witnesses []models.DrawWitness, order []string) error {
	n, err := tx.Exec(`UPDATE draws SET state = ?, secret = ?, secret_enc = '', beacon = ?, k = ?, void_reason = ?, ended_by = ?, ended_at = ? WHERE id = ? AND state = 'open'`,
		d.State, d.Secret, d.Beacon, d.K, d.VoidReason, d.EndedBy, d.EndedAt, d.ID)
	if err == nil && n != 1 {
		err = db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("draw: reveal: %w", err)
	}
	var said [][]any
	for i, w := range witnesses {
		said = append(said, []any{d.ID, i + 1, w.Name, w.Value})
	}
	if _, err := witnessRows.Insert(tx, "", said...); err != nil {
		return fmt.Errorf("draw: witnesses: %w", err)
	}
	if len(order) == 0 {
		return nil
	}
	places := make([][]any, len(order))
	for i, id := range order {
		places[i] = []any{id, i + 1}
	}
	table, arg, err := tx.Table("v", "entry_id text, place bigint", places)
	if err != nil {
		return fmt.Errorf("draw: order: %w", err)
	}
	if _, err := tx.Exec(`UPDATE draw_entries SET place = v.place FROM `+table+` WHERE draw_entries.draw_id = ? AND draw_entries.entry_id = v.entry_id`, arg, d.ID); err != nil {
		return fmt.Errorf("draw: order: %w", err)
	}
	return nil
}

// late lists open draws whose time is over.
func late(tx *db.Tx, now models.Instant) ([]models.Draw, error) {
	var out []models.Draw
	err := tx.Scan(&out, `SELECT * FROM draws WHERE state = 'open' AND value_due <= ? ORDER BY id`+tx.ForUpdate(), now)
	return out, err
}

// void ends a draw without a value; its secret goes with it.
func void(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE draws SET state = 'void', void_reason = 'late', secret_enc = '', ended_at = ? WHERE id = ? AND state = 'open'`, tx.Now(), id)
	return err
}
