package activity

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// limit is until when an actor may cancel it: the party until the activity's own
// limit, or until it begins while it is asked whether it comes to another time, and the
// desk until it begins; ErrNotFound for anybody else.
func (r SignupRow) limit(a auth.Actor) (booking.CancelLimit, error) {
	switch {
	case a.CanAt(auth.BookForOthers, r.OrgPath), a.Can(auth.BookForOthers) && r.CreatedBy == a.AccountID:
		return booking.UntilStart, nil
	case r.mine(a) && r.Coming() == models.ComingOpen:
		return booking.UntilStart, nil
	case r.mine(a):
		return booking.UntilLimit, nil
	case a.CanAt(auth.BookingRead, r.OrgPath):
		return "", errs.ErrForbidden
	}
	return "", errs.ErrNotFound
}

// Cancel gives a sign-up back at once, wherever it stands; twice is no fault. What
// becomes free is offered to the waiting list in the same transaction.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, uid, reason string, ch models.Channel) (r SignupRow, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = s.visible(tx, a, uid); err != nil {
			return err
		}
		limit, err := r.limit(a)
		if err != nil {
			return err
		}
		if err := s.giveUp(tx, r, booking.Cancelling{Actor: a, Channel: orElse(ch, models.ChannelOnline), Reason: reason, Limit: limit}); err != nil {
			return err
		}
		r, err = signupByID(tx, uid)
		return err
	})
	return r, ours(err)
}

// giveUp ends a sign-up by what it is; who was asked after a change has said no by that.
func (s *Service) giveUp(tx *db.Tx, r SignupRow, c booking.Cancelling) error {
	if st := r.Coming(); st == models.ComingOpen || st == models.ComingYes {
		if err := s.says(tx, r, models.ComingNo); err != nil {
			return err
		}
	}
	switch {
	case r.Entry == models.LotEntered:
		return moveEntry(tx, r.UID, models.LotEntered, models.LotLeft, 0, "")
	case r.Status != "" && r.Status != string(models.BookingCancelled):
		b, e, err := booking.Locked(tx, r.UID)
		if err != nil {
			return err
		}
		_, err = s.Kernel.Cancel(tx, b, e, c)
		return err
	case r.WaitState == string(models.Waiting):
		_, err := s.Kernel.Leave(tx, r.WaitID, c)
		return err
	}
	return nil
}

// Quit gives a sign-up up in ten seconds, within which Stay takes that back.
func (s *Service) Quit(ctx context.Context, a auth.Actor, uid string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.visible(tx, a, uid)
		if err != nil {
			return err
		}
		limit, err := r.limit(a)
		if err != nil {
			return err
		}
		switch st := r.Stands(); {
		case st == models.SignupCancelled:
			return nil // twice is no fault
		case st == models.SignupAttended, st == models.SignupNoShow:
			return booking.ErrNotBooked
		case limit == booking.UntilLimit && !tx.Now().Before(r.CancelUntil):
			return booking.ErrCancelLate.With("cancel_until", r.CancelUntil)
		}
		if here, err := checkedIn(tx, uid); err != nil || here > 0 {
			if err == nil {
				err = booking.ErrArrived.With("count", here)
			}
			return err
		}
		return setQuit(tx, uid, tx.Now().Add(models.UndoFor))
	})
}

// Stay takes a Quit back; ErrNotLeft when it has taken effect.
func (s *Service) Stay(ctx context.Context, a auth.Actor, uid string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.visible(tx, a, uid)
		if err != nil {
			return err
		}
		if _, err := r.limit(a); err != nil {
			return err
		}
		if r.QuitAt.IsZero() || r.Stands() == models.SignupCancelled {
			return ErrNotLeft
		}
		return setQuit(tx, uid, models.Instant{})
	})
}

// FinishQuits carries out what was given up and not taken back. What cannot be given
// up any more stands as it is, and keeps nobody behind it waiting. It returns how many.
func (s *Service) FinishQuits(ctx context.Context, now models.Instant) (done int, err error) {
	page := func(tx *db.Tx, most, skip int) ([]string, error) { return quitsOver(tx, now, most, skip) }
	return booking.EachDue(ctx, s.DB, "quit", page, func(uid string) (bool, error) {
		err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.finishQuit(tx, uid) })
		if err != nil && errs.As(err).Kind == errs.Conflict { // it has been attended or missed meanwhile
			err = s.DB.Write(ctx, func(tx *db.Tx) error { return setQuit(tx, uid, models.Instant{}) })
		}
		return true, err
	})
}

func (s *Service) finishQuit(tx *db.Tx, uid string) error {
	r, err := signupByID(tx, uid)
	if err != nil || r.QuitAt.IsZero() {
		return err
	}
	if here, err := checkedIn(tx, uid); err != nil {
		return err
	} else if here > 0 { // who has come meanwhile is in, and nobody else gets the place
		return setQuit(tx, uid, models.Instant{})
	}
	if err := s.giveUp(tx, r, booking.Cancelling{Actor: auth.Actor{AccountID: r.CreatedBy, Login: "self"}, Channel: models.ChannelOnline, Limit: booking.AtAnyTime}); err != nil {
		return err
	}
	return setQuit(tx, uid, models.Instant{})
}

// Reply is what a party says to an offer.
type Reply string

// The replies.
const (
	Accept  Reply = "accept"
	Decline Reply = "decline"
)

// Answer takes or refuses the places that are offered to a waiting party.
func (s *Service) Answer(ctx context.Context, a auth.Actor, uid string, reply Reply) (r SignupRow, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = s.visible(tx, a, uid); err != nil {
			return err
		}
		if _, err = r.limit(a); err != nil {
			return err
		}
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline}
		if reply == Accept {
			_, err = s.Kernel.Accept(tx, r.WaitID, c)
		} else {
			_, err = s.Kernel.Decline(tx, r.WaitID, c)
		}
		if err == nil {
			r, err = signupByID(tx, uid)
		}
		return err
	})
	return r, err
}

// Decide is the organiser's yes or no to a sign-up that asks for it.
func (s *Service) Decide(ctx context.Context, a auth.Actor, uid string, yes bool, reason string) (r SignupRow, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = signupByID(tx, uid); err != nil {
			return err
		}
		if !a.CanAt(auth.ActivityWrite, r.OrgPath) {
			return errs.ErrForbidden
		}
		b, e, err := booking.Locked(tx, uid)
		if err != nil {
			return err
		}
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason, Limit: booking.AtAnyTime}
		if yes {
			if err := accompanied(tx, r); err != nil {
				return err
			}
			_, err = s.Kernel.Confirm(tx, b, e, c)
		} else {
			_, err = s.Kernel.Cancel(tx, b, e, c)
		}
		if err == nil {
			r, err = signupByID(tx, uid)
		}
		return err
	})
	return r, err
}
