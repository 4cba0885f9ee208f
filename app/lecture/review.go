package lecture

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Return gives an order back to whoever ordered, with the reason; the clock stands
// until they answer. It returns ErrReason, ErrNotNow.
func (s *Service) Return(ctx context.Context, a auth.Actor, id, reason string) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason.At(errs.Field{Name: "reason", Code: "required"})
		}
		if err := s.move(tx, online(a, reason), o, models.LectureReturned); err != nil {
			return err
		}
		return s.tellOwner(tx, *o, returned)
	})
}

// Approve ends the review: a team is to be looked for. topic, when not 0, is the
// line of the menu that a wish turns out to be.
func (s *Service) Approve(ctx context.Context, a auth.Actor, id string, topic int64) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if err := s.approve(tx, online(a, ""), o, topic); err != nil {
			return err
		}
		n := o.to(notice(*o, notify.LectureApproved))
		n.Important = notify.Ordinary
		return s.Notices.Enqueue(tx, n)
	})
}

func (s *Service) approve(tx *db.Tx, w by, o *Order, topic int64) error {
	if o.State != models.LectureSubmitted && o.State != models.LectureEscalated {
		return notNow(o)
	}
	if topic != 0 {
		t, err := onMenu(tx, topic, o.OrgPath)
		if err != nil {
			return err
		}
		o.TopicID, o.Topic, o.Category = &t.ID, t.Title, t.Category
	}
	return s.move(tx, w, o, models.LectureToDispatch)
}
