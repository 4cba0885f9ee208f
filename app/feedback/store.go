package feedback

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

type row struct {
	ID         int64
	AccountID  *int64
	Kind       Kind
	Text       string
	ContactEnc string
	Page       string
	CreatedAt  models.Instant
	DoneAt     models.Instant
	DoneBy     *int64
}

func insert(tx *db.Tx, r *row) error {
	_, err := tx.One(&r.ID, `INSERT INTO feedback (account_id, kind, text, contact_enc, page, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		r.AccountID, r.Kind, r.Text, r.ContactEnc, r.Page, r.CreatedAt)
	if err != nil {
		return fmt.Errorf("feedback: %w", err)
	}
	return nil
}

func find(tx *db.Tx, f Filter) ([]row, int64, error) {
	from, order := ` FROM feedback WHERE done_at IS NULL`, ` ORDER BY id`
	if f.Done {
		from, order = ` FROM feedback WHERE done_at IS NOT NULL`, ` ORDER BY done_at DESC, id DESC`
	}
	var total int64
	if _, err := tx.One(&total, `SELECT count(*)`+from); err != nil {
		return nil, 0, fmt.Errorf("feedback: %w", err)
	}
	_, limit, offset := f.Window()
	var rows []row
	err := tx.Scan(&rows, `SELECT *`+from+order+` LIMIT ? OFFSET ?`, limit, offset)
	return rows, total, err
}

// setDone reports false when it was done before.
func setDone(tx *db.Tx, id, by int64) (bool, error) {
	n, err := tx.Exec(`UPDATE feedback SET done_at = ?, done_by = ? WHERE id = ? AND done_at IS NULL`, tx.Now(), by, id)
	if err != nil || n > 0 {
		return n > 0, err
	}
	var known int64
	if ok, err := tx.One(&known, `SELECT id FROM feedback WHERE id = ?`, id); err != nil || ok {
		return false, err
	}
	return false, errs.ErrNotFound
}
