package room

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Cancel gives a booking back: whoever it is for until the limit of the rule, and as
// long as it is undecided; the desk and who runs the place until the end. Of a series
// it is this occurrence alone. Cancelled already is no fault. It returns
// booking.ErrCancelLate, or booking.ErrNotBooked for what has ended or begun.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, uid, reason string, channel models.Channel) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if b, _, err = s.locked(tx, a, uid); err != nil {
			return err
		}
		if err := s.cancel(tx, a, b, reason, channel); err != nil {
			return err
		}
		b, err = byID(tx, b.ID)
		return err
	})
	return b, err
}

func (s *Service) cancel(tx *db.Tx, a auth.Actor, b Booking, reason string, channel models.Channel) error {
	staff := b.runs(a, auth.RoomDecide) || b.desks(a)
	switch {
	case b.Status == models.RoomCancelled:
		return nil
	case !staff && !b.own(a):
		return errs.ErrForbidden
	case !b.Status.CanBecome(models.RoomCancelled):
		return booking.ErrNotBooked.With("status", string(b.Status)).Worded("room.decided")
	case !b.EndsAt.After(tx.Now()):
		return booking.ErrNotBooked.Worded("room.begun")
	case !staff && b.Status == models.RoomBooked && !tx.Now().Before(b.CancelUntil):
		return booking.ErrCancelLate.With("cancel_until", b.CancelUntil).Add("cancel_until", b.CancelUntil).Worded("room.cancel_late")
	}
	kind := ""
	if !b.own(a) {
		kind = notify.RoomCancelled
		if channel != "" {
			b.Channel = channel // by which way it was asked for
		}
	}
	return s.end(tx, a, b, models.RoomCancelled, reason, kind)
}
