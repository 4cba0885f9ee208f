package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Roll is who comes under a booking.
type Roll struct {
	Ticket    Ticket
	Attendees []booking.Attendee
	Writes    bool // the reader may write it
}

// rollOf returns the list of a booking the actor may see; ErrNotFound otherwise.
func rollOf(tx *db.Tx, a auth.Actor, id string) (r Roll, err error) {
	if r.Ticket, err = ticket(tx, a, id); err != nil {
		return r, err
	}
	_, r.Writes = writesRoll(a, r.Ticket)
	all, err := booking.Attendees(tx, id)
	if r.Attendees = all[id]; r.Attendees == nil {
		r.Attendees = []booking.Attendee{}
	}
	return r, err
}

// writesRoll says whether the actor may write a booking's list, and by which
// way: its holder, its branch, and the desk on their behalf.
func writesRoll(a auth.Actor, t Ticket) (models.Channel, bool) {
	switch {
	case t.OrgID == nil && t.HolderID != nil && *t.HolderID == a.AccountID, t.OrgID != nil && a.CanAt(auth.BookForBranch, t.BranchPath):
		return models.ChannelOnline, true
	case a.CanAt(auth.BookForOthers, t.PlacePath), t.DeskPath != "" && a.CanAt(auth.BookForOthers, t.DeskPath):
		return models.ChannelPhone, true
	}
	return "", false
}

// Roll returns who comes under a booking.
func (s *Service) Roll(ctx context.Context, a auth.Actor, id string) (r Roll, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { r, err = rollOf(tx, a, id); return err })
	return r, err
}

// Enrol replaces the list of who comes under a booking, all or nothing. Besides
// the kernel's refusals it returns errs.ErrForbidden to who may only look.
func (s *Service) Enrol(ctx context.Context, a auth.Actor, id string, guests []booking.Guest, how booking.Seating) (r Roll, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := ticket(tx, a, id)
		if err != nil {
			return err
		}
		channel, ok := writesRoll(a, t)
		if !ok {
			return errs.ErrForbidden
		}
		b, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		_, err = s.kernel.SetAttendees(tx, b, e, booking.Roll{Actor: a, Channel: channel, Guests: guests, Seating: how})
		if err != nil {
			return err
		}
		r, err = rollOf(tx, a, id)
		return err
	})
	return r, err
}
