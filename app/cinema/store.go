package cinema

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func insertBlock(tx *db.Tx, b *models.HallBlock) error {
	if err := tx.Insert(b); err != nil {
		return fmt.Errorf("block hall %d: %w", b.HallID, err)
	}
	return nil
}

// block returns a living block; errs.ErrNotFound when there is none.
func block(tx *db.Tx, id int64) (b models.HallBlock, err error) {
	ok, err := tx.One(&b, `SELECT * FROM hall_blocks WHERE id = ? AND lifted_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return b, err
}

// liftBlock reports false when somebody was first.
func liftBlock(tx *db.Tx, a auth.Actor, id int64) (bool, error) {
	n, err := tx.Exec(`UPDATE hall_blocks SET lifted_at = ?, lifted_by = ? WHERE id = ? AND lifted_at IS NULL`, tx.Now(), a.AccountID, id)
	return n > 0, err
}
