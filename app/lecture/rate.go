package lecture

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Opinion is an answer of who ordered: one of three faces, and words if they like.
type Opinion struct {
	Face int
	Text string
}

// Rate keeps the opinion of whoever ordered and closes the order. It returns
// ErrRateOver, ErrRated, ErrNotNow.
func (s *Service) Rate(ctx context.Context, a auth.Actor, id string, op Opinion) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if !o.Own(a) {
			return errs.ErrForbidden
		}
		return s.rate(tx, online(a, ""), o, op)
	})
}

// Rating shows the order behind a link to rate, and changes nothing;
// errs.ErrNotFound for a link that is none of ours.
func (s *Service) Rating(ctx context.Context, word string) (o Order, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { o, err = s.rated(tx, word); return err })
	return o, err
}

func (s *Service) rated(tx *db.Tx, word string) (Order, error) {
	hash, ok := s.genuine(linkRating, word)
	if !ok {
		return Order{}, errs.ErrNotFound
	}
	return oneOrder(tx, "o.rate_hash = ?", hash)
}

// RateLink is Rate by the link, with no log-in.
func (s *Service) RateLink(ctx context.Context, word string, op Opinion) (o Order, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if o, err = s.rated(tx, word); err != nil {
			return err
		}
		if o, err = lockOrder(tx, o.ID); err != nil {
			return err
		}
		return s.rate(tx, byLink(""), &o, op)
	})
	return o, err
}

func (s *Service) rate(tx *db.Tx, w by, o *Order, op Opinion) error {
	switch {
	case op.Face < models.FacePoor || op.Face > models.FaceGood:
		return errs.FieldFault("face", "required")
	case o.State == models.LectureClosed && o.Face != nil:
		return ErrRated
	case o.State == models.LectureClosed, o.State == models.LectureToRate && !tx.Now().Before(o.RateUntil):
		return ErrRateOver.With("until", o.RateUntil)
	case o.State != models.LectureToRate:
		return notNow(o)
	}
	if err := keepRating(tx, models.LectureRating{OrderID: o.ID, SessionID: *o.SessionID, Face: op.Face, Text: strings.TrimSpace(op.Text), RatedAt: tx.Now()}); err != nil {
		return err
	}
	o.Face = &op.Face
	return s.close(tx, w, o)
}

// close ends an order that was rated, or that nobody rated in time. One in twenty
// is drawn to be called back.
func (s *Service) close(tx *db.Tx, w by, o *Order) error {
	o.Callback = s.Draw() < models.LectureCallback
	return s.move(tx, w, o, models.LectureClosed)
}
