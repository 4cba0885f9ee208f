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

func saveWish(tx *db.Tx, w models.LectureWish) (int64, error) {
	return tx.Exec(`UPDATE lecture_wishes SET state = ?, merged_into = ? WHERE id = ? AND state = 'open'`, w.State, w.MergedInto, w.ID)
}
