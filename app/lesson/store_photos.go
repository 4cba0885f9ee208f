package lesson

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/photo"
	"youyue/models"
)

// Photo is a picture of a record, without its bytes.
type Photo struct {
	ID     int64
	Slot   int
	Width  int
	Height int
	Hash   string // of the bytes
}

func photos(tx *db.Tx, id string) ([]Photo, error) {
	var out []Photo
	err := tx.Scan(&out, `SELECT id, slot, width, height, hash FROM lesson_photos WHERE booking_id = ? ORDER BY slot`, id)
	return out, err
}

// keep stores a picture in the first free slot; ErrPhotosFull when there is none.
func keep(tx *db.Tx, id string, p photo.Picture, by int64) error {
	var taken []int
	if err := tx.Scan(&taken, `SELECT slot FROM lesson_photos WHERE booking_id = ?`, id); err != nil {
		return err
	}
	slot := photo.FreeSlot(taken, models.MaxLessonPhotos)
	if slot == 0 {
		return ErrPhotosFull.With("max", models.MaxLessonPhotos)
	}
	n, err := tx.Exec(`INSERT INTO lesson_photos (booking_id, slot, width, height, hash, body, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, slot, p.Width, p.Height, p.Hash, p.JPEG, by, tx.Now())
	if err == nil && n == 0 {
		return db.ErrAgain // somebody else's photo took the slot
	}
	if err != nil {
		return fmt.Errorf("lesson photo: %w", err)
	}
	return nil
}

// drop reports false when there is no such photo.
func drop(tx *db.Tx, id string, photo int64) (bool, error) {
	n, err := tx.Exec(`DELETE FROM lesson_photos WHERE booking_id = ? AND id = ?`, id, photo)
	return n > 0, err
}

func body(tx *db.Tx, id string, photo int64) (jpeg []byte, hash string, err error) {
	var row struct {
		Body []byte
		Hash string
	}
	ok, err := tx.One(&row, `SELECT body, hash FROM lesson_photos WHERE booking_id = ? AND id = ?`, id, photo)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return row.Body, row.Hash, err
}
