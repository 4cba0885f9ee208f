package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Merge puts an order to a similar one: one session for both. It follows that one
// from then on. It returns ErrNotSimilar, ErrNotNow.
func (s *Service) Merge(ctx context.Context, a auth.Actor, id, into string) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		lead, err := lockOrder(tx, into)
		if err != nil {
			return errs.FieldFault("into", "unknown")
		}
		if !lead.Staffed(a) {
			return errs.FieldFault("into", "unknown")
		}
		if lead.ID == o.ID || lead.MergedInto != nil || (!lead.State.Open() && lead.State != models.LectureAccepted) || !similar(*o, lead) {
			return ErrNotSimilar
		}
		if err := s.withdraw(tx, o.ID); err != nil {
			return err
		}
		o.MergedInto, o.SessionID = &lead.ID, lead.SessionID
		if err := s.move(tx, online(a, ""), o, models.LectureMerged); err != nil {
			return err
		}
		if err := follow(tx, o.ID, lead.ID); err != nil {
			return err
		}
		o.StartsAt, o.TeamName = lead.StartsAt, lead.TeamName
		return s.tellOwner(tx, *o, mergedOrder)
	})
}

// similar: the same topic, or wishes; who decides whether wishes are the same
// thing is the one who merges them.
func similar(a, b Order) bool {
	if a.TopicID != nil && b.TopicID != nil {
		return *a.TopicID == *b.TopicID
	}
	return a.TopicID == nil || b.TopicID == nil
}
