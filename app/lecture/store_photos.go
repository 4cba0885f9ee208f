package lecture

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/photo"
	"youyue/models"
)

func photosOf(tx *db.Tx, session int64) ([]Photo, error) {
	var out []Photo
	err := tx.Scan(&out, `SELECT id, slot, width, height FROM lecture_photos WHERE session_id = ? ORDER BY slot`, session)
	return out, err
}

// keepPhoto stores a picture in the first free slot; ErrPhotosFull when there is none.
func keepPhoto(tx *db.Tx, session int64, p photo.Picture) error {
	var taken []int
	if err := tx.Scan(&taken, `SELECT slot FROM lecture_photos WHERE session_id = ?`, session); err != nil {
		return err
	}
	slot := photo.FreeSlot(taken, models.MaxLecturePhotos)
	if slot == 0 {
		return ErrPhotosFull.With("max", models.MaxLecturePhotos)
	}
	n, err := tx.Exec(`INSERT INTO lecture_photos (session_id, slot, width, height, hash, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		session, slot, p.Width, p.Height, p.Hash, p.JPEG, tx.Now())
	if err == nil && n == 0 {
		return db.ErrAgain // somebody else's photo took the slot
	}
	if err != nil {
		return fmt.Errorf("photo of a session: %w", err)
	}
	return nil
}

func dropPhoto(tx *db.Tx, session, id int64) error {
	n, err := tx.Exec(`DELETE FROM lecture_photos WHERE session_id = ? AND id = ?`, session, id)
	if err == nil && n == 0 {
		err = errs.ErrNotFound
	}
	return err
}

func photoBody(tx *db.Tx, session, id int64) (jpeg []byte, hash string, err error) {
	var row struct {
		Body []byte
		Hash string
	}
	ok, err := tx.One(&row, `SELECT body, hash FROM lecture_photos WHERE session_id = ? AND id = ?`, session, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return row.Body, row.Hash, err
}
