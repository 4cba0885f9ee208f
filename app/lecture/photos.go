package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Photo is a photo of a session, without its bytes.
type Photo struct {
	ID     int64
	Slot   int
	Width  int
	Height int
}

// AddPhoto keeps a photo of a session while it is under way or waits to be rated;
// the actor is of its team. Nothing of it is kept but its pixels. It returns what
// the darkroom does, ErrPhotosFull, ErrNotNow.
func (s *Service) AddPhoto(ctx context.Context, a auth.Actor, id string, file []byte) (Order, error) {
	if _, err := s.onDuty(ctx, a, id, func(_ *db.Tx, o *Order) error { return pictured(o) }); err != nil {
		return Order{}, err // nobody else's file is worth the work
	}
	p, err := s.dark.Develop(ctx, file)
	if err != nil {
		return Order{}, err
	}
	return s.onDuty(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if err := pictured(o); err != nil {
			return err
		}
		if err := keepPhoto(tx, *o.SessionID, p); err != nil {
			return err
		}
		return note(tx, online(a, ""), *o, "photo_add", "")
	})
}

// RemovePhoto takes a photo away again, as long as one may be added.
func (s *Service) RemovePhoto(ctx context.Context, a auth.Actor, id string, photo int64) (Order, error) {
	return s.onDuty(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if err := pictured(o); err != nil {
			return err
		}
		if err := dropPhoto(tx, *o.SessionID, photo); err != nil {
			return err
		}
		return note(tx, online(a, ""), *o, "photo_remove", "")
	})
}

func pictured(o *Order) error {
	if o.State != models.LectureInService && o.State != models.LectureToRate {
		return notNow(o)
	}
	return nil
}

// Photos lists the photos of the session of an order that the actor may see.
func (s *Service) Photos(ctx context.Context, o Order) (out []Photo, err error) {
	if o.SessionID == nil {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = photosOf(tx, *o.SessionID); return err })
	return out, err
}

// Photo returns the bytes of a photo of an order that the actor may see, and their
// hash.
func (s *Service) Photo(ctx context.Context, a auth.Actor, id string, photo int64) (jpeg []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		o, err := s.visible(tx, a, id)
		if err == nil && o.SessionID == nil {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		jpeg, hash, err = photoBody(tx, *o.SessionID, photo)
		return err
	})
	return jpeg, hash, err
}
