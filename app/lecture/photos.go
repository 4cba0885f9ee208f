package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Photo is a photo of a session, without its bytes. Photos show people, at home
// too: they are seen by whoever ordered, by those who dispatch for the community
// and by the session's own team, by nobody else.
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
	keep, err := s.develop(ctx, online(a, ""), file)
	if err != nil {
		return Order{}, err
	}
	return s.onDuty(ctx, a, id, keep)
}

// AddPhotoLink is AddPhoto by the link of the accepted offer.
func (s *Service) AddPhotoLink(ctx context.Context, word string, file []byte) (Linked, error) {
	l, err := s.Behind(ctx, word)
	if err == nil {
		err = l.pictured()
	}
	if err != nil {
		return l, err
	}
	keep, err := s.develop(ctx, byLink(""), file)
	if err != nil {
		return l, err
	}
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error {
		if err := (Linked{x, *o}).pictured(); err != nil {
			return err
		}
		return keep(tx, o)
	})
}

// develop makes a picture of a file, outside of any transaction, and returns what
// keeps it.
func (s *Service) develop(ctx context.Context, w by, file []byte) (func(tx *db.Tx, o *Order) error, error) {
	p, err := s.dark.Develop(ctx, file)
	return func(tx *db.Tx, o *Order) error {
		if err := pictured(o); err != nil {
			return err
		}
		if err := keepPhoto(tx, *o.SessionID, p); err != nil {
			return err
		}
		return note(tx, w, *o, "photo_add", "")
	}, err
}

// RemovePhoto takes a photo away again, as long as one may be added.
func (s *Service) RemovePhoto(ctx context.Context, a auth.Actor, id string, photo int64) (Order, error) {
	return s.onDuty(ctx, a, id, func(tx *db.Tx, o *Order) error { return takeDown(tx, online(a, ""), o, photo) })
}

// RemovePhotoLink is RemovePhoto by the link of the accepted offer.
func (s *Service) RemovePhotoLink(ctx context.Context, word string, photo int64) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error {
		if err := (Linked{x, *o}).pictured(); err != nil {
			return err
		}
		return takeDown(tx, byLink(""), o, photo)
	})
}

func takeDown(tx *db.Tx, w by, o *Order, photo int64) error {
	if err := pictured(o); err != nil {
		return err
	}
	if err := dropPhoto(tx, *o.SessionID, photo); err != nil {
		return err
	}
	return note(tx, w, *o, "photo_remove", "")
}

// pictured refuses photos of a session that has not begun, or is done with.
func pictured(o *Order) error {
	if o.State != models.LectureInService && o.State != models.LectureToRate {
		return notNow(o)
	}
	return nil
}

// pictured also refuses those of a session that is not the link's.
func (l Linked) pictured() error {
	if !l.Offer.serves(l.Order) {
		return ErrOfferOver
	}
	return pictured(&l.Order)
}

// Photos lists the photos of the session of an order, none for whom they are not for.
func (s *Service) Photos(ctx context.Context, a auth.Actor, o Order) (out []Photo, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		ok, err := seesPhotos(tx, a, o)
		if err == nil && ok {
			out, err = photosOf(tx, *o.SessionID)
		}
		return err
	})
	return out, err
}

// Photo returns the bytes of a photo of an order, and their hash; errs.ErrNotFound
// for whom it is not for.
func (s *Service) Photo(ctx context.Context, a auth.Actor, id string, photo int64) (jpeg []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		o, err := s.visible(tx, a, id)
		if err != nil {
			return err
		}
		ok, err := seesPhotos(tx, a, o)
		if err == nil && !ok {
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

func seesPhotos(tx *db.Tx, a auth.Actor, o Order) (bool, error) {
	switch {
	case o.SessionID == nil:
		return false, nil
	case o.Own(a) || o.Staffed(a):
		return true, nil
	}
	return inTeam(tx, a, o.TeamID, o.TeamOrgID)
}

// LinkPhotos lists the photos of a session behind a link, as long as it may add some.
func (s *Service) LinkPhotos(ctx context.Context, l Linked) (out []Photo, err error) {
	if l.pictured() != nil {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = photosOf(tx, *l.Order.SessionID); return err })
	return out, err
}

// LinkPhoto is Photo by the link of the accepted offer, as long as it may add some.
func (s *Service) LinkPhoto(ctx context.Context, word string, photo int64) (jpeg []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		l, err := s.behind(tx, word)
		if err == nil && l.pictured() != nil {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		jpeg, hash, err = photoBody(tx, *l.Order.SessionID, photo)
		return err
	})
	return jpeg, hash, err
}
