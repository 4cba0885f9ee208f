package lesson

import (
	"context"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/photo"
	"youyue/models"
)

// AddPhoto keeps a photo with the record until it is signed. It returns what
// photo.Darkroom does, and ErrPhotosFull, ErrNotBegun, ErrCancelled, ErrSigned.
func (s *Service) AddPhoto(ctx context.Context, a auth.Actor, id string, file []byte) (Record, error) {
	r, err := s.Record(ctx, a, id, 0) // nobody else's file is worth the work
	if err == nil && r.MayWrite {
		var p photo.Picture
		if p, err = s.dark.Develop(ctx, file); err == nil {
			return s.photo(ctx, a, id, "lesson.add_photo", func(tx *db.Tx) error { return keep(tx, id, p, a.AccountID) })
		}
	}
	if err != nil {
		return r, err
	}
	return s.photo(ctx, a, id, "", func(*db.Tx) error { return errs.ErrForbidden })
}

// RemovePhoto takes a photo away until the record is signed; errs.ErrNotFound
// when there is none of that id.
func (s *Service) RemovePhoto(ctx context.Context, a auth.Actor, id string, photo int64) (Record, error) {
	return s.photo(ctx, a, id, "lesson.remove_photo", func(tx *db.Tx) error {
		ok, err := drop(tx, id, photo)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
}

// photo changes the photos while the record may be written.
func (s *Service) photo(ctx context.Context, a auth.Actor, id, action string, fn func(tx *db.Tx) error) (Record, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, b booked, cur models.LessonRecord) error {
		if !a.CanAt(auth.LessonWrite, b.BranchPath) {
			return errs.ErrForbidden
		}
		if err := b.ready(tx.Now()); err != nil {
			return err
		}
		if cur.State.Sealed() {
			return ErrSigned.With("who", cur.SignedName).With("at", cur.SignedAt)
		}
		if err := fn(tx); err != nil {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "booking", id, &b.OrgID
		return audit.Write(tx, l)
	})
}

// Photo returns the bytes of a photo of a record that the actor may see, and
// their hash.
func (s *Service) Photo(ctx context.Context, a auth.Actor, id string, photo int64) (jpeg []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := find(tx, a, id); err != nil {
			return err
		}
		jpeg, hash, err = body(tx, id, photo)
		return err
	})
	return jpeg, hash, err
}
