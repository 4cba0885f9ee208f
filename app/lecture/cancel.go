package lecture

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Cancel ends an order before it is delivered: by whoever's it is, or by staff
// with a reason. What a team had agreed to is given back; orders that were merged
// into it go their own way. It returns ErrReason, ErrNotNow.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, id, reason string, channel models.Channel) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		own := o.Own(a)
		if !own && !o.Staffed(a) {
			return errs.ErrForbidden
		}
		if reason = strings.TrimSpace(reason); !own && reason == "" {
			return ErrReason.At(errs.Field{Name: "reason", Code: "required"})
		}
		if channel == "" {
			channel = models.ChannelOnline
		}
		return s.cancel(tx, by{a, channel, reason}, o)
	})
}

func (s *Service) cancel(tx *db.Tx, w by, o *Order) error {
	session, follows, agreed := o.SessionID, o.MergedInto, o.State.Agreed()
	if err := s.move(tx, w, o, models.LectureCancelled); err != nil {
		return err
	}
	if err := s.Notices.Void(tx, subject(o.ID)); err != nil {
		return err
	}
	if follows != nil {
		if err := s.leave(tx, *o, *follows); err != nil {
			return err
		}
		return s.tellCancelled(tx, w, *o)
	}
	if err := s.withdraw(tx, o.ID); err != nil {
		return err
	}
	if agreed && session != nil {
		if err := s.drop(tx, *session, o.ID); err != nil {
			return err
		}
		if err := s.tellTeam(tx, *o, o.TeamID, cancelledOrder); err != nil {
			return err
		}
	}
	if err := s.release(tx, w, o.ID); err != nil {
		return err
	}
	return s.tellCancelled(tx, w, *o)
}

// leave takes an order out of the one that it was merged into: a team that comes
// hears for how many.
func (s *Service) leave(tx *db.Tx, o Order, lead string) error {
	if o.SessionID == nil {
		return nil
	}
	if err := s.Notices.Void(tx, reminderSubject(o.ID, *o.SessionID)); err != nil {
		return err
	}
	return s.tellGuests(tx, lead)
}

// release lets orders that were merged into one go their own way again, and tells
// who ordered them.
func (s *Service) release(tx *db.Tx, w by, lead string) error {
	followers, err := mergedInto(tx, lead)
	for _, f := range followers {
		f.MergedInto, f.SessionID, f.Tries = nil, nil, 0
		if err := s.move(tx, w, &f, models.LectureToDispatch); err != nil {
			return err
		}
		if err := s.tellStaff(tx, f, released); err != nil {
			return err
		}
		if err := s.tellOwner(tx, f, parted); err != nil {
			return err
		}
	}
	return err
}

// Reopen opens a closed order again within a week: by whoever's it is, or by
// staff, with a reason and new times. A team is looked for anew. It returns
// ErrReason, ErrReopenOver, ErrPast, ErrNotNow.
func (s *Service) Reopen(ctx context.Context, a auth.Actor, id, reason string, t Times) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if !o.Own(a) && !o.Staffed(a) {
			return errs.ErrForbidden
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason.At(errs.Field{Name: "reason", Code: "required"})
		}
		if o.State != models.LectureClosed {
			return notNow(o)
		}
		if until := o.ClosedAt.Add(models.LectureReopenFor); !tx.Now().Before(until) {
			return ErrReopenOver.With("until", until).Add("until", until)
		}
		if err := s.when(tx, t, &o.LectureOrder); err != nil {
			return err
		}
		if err := serve(tx, o.ID); err != nil {
			return err
		}
		o.SessionID, o.MergedInto, o.RateHash, o.RateUntil = nil, nil, nil, models.Instant{}
		o.Tries, o.Level, o.Reopened, o.Callback, o.SubmittedAt = 0, 0, o.Reopened+1, false, tx.Now()
		if err := s.move(tx, online(a, reason), o, models.LectureToDispatch); err != nil {
			return err
		}
		return s.tellStaff(tx, *o, reopened)
	})
}
