package lecture

import (
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const wishQuery = `SELECT w.*, g.name AS org_name, g.path AS org_path,
	(SELECT COUNT(*) FROM lecture_wishes x WHERE x.merged_into = w.id) AS same FROM lecture_wishes w JOIN orgs g ON g.id = w.org_id`

func wishes(tx *db.Tx, where string, args ...any) ([]Wish, error) {
	var out []Wish
	err := tx.Scan(&out, wishQuery+" WHERE "+where, args...)
	return out, err
}

// countWishes counts the open ones among the communities g that a condition names.
func countWishes(tx *db.Tx, where string, args []any) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM lecture_wishes w JOIN orgs g ON g.id = w.org_id WHERE w.state = 'open' AND `+where, args...)
	return n, err
}

func oneWish(tx *db.Tx, id int64) (Wish, error) {
	all, err := wishes(tx, "w.id = ?", id)
	if err == nil && len(all) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Wish{}, err
	}
	return all[0], nil
}

// saveWish ends an open wish; none when it is open no longer.
func saveWish(tx *db.Tx, w models.LectureWish) (int64, error) {
	return tx.Exec(`UPDATE lecture_wishes SET state = ?, merged_into = ?, done_at = ? WHERE id = ? AND state = 'open'`, w.State, w.MergedInto, tx.Now(), w.ID)
}

// sameWishes are those that were merged into a wish.
func sameWishes(tx *db.Tx, id int64) ([]Wish, error) {
	return wishes(tx, "w.merged_into = ? ORDER BY w.id", id)
}

// leadWishes lets those that were merged into a wish follow it into another.
func leadWishes(tx *db.Tx, from, to int64) error {
	_, err := tx.Exec(`UPDATE lecture_wishes SET merged_into = ? WHERE merged_into = ?`, to, from)
	return err
}
