package room

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Another is another time, and perhaps another room, for a booking.
type Another struct {
	Span   models.Span
	RoomID int64 // 0: the same room
	Reason string
}

func (n Another) in(b Booking) int64 {
	if n.RoomID == 0 {
		return b.RoomID
	}
	return n.RoomID
}

// Propose offers another time and holds it until the booker answers or the deadline
// passes; the time asked for is given up.
func (s *Service) Propose(ctx context.Context, a auth.Actor, uid string, n Another) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if b, _, err = s.locked(tx, a, uid); err != nil {
			return err
		}
		if !b.runs(a, auth.RoomDecide) {
			return errs.ErrForbidden
		}
		if b.Status != models.RoomPending {
			return decided(b)
		}
		if err := s.offer(tx, a, b, n); err != nil {
			return err
		}
		b, err = byID(tx, b.ID)
		return err
	})
	return b, err
}

// offer gives a booking's time up for another one, which it holds until it is
// answered: instead of a yes, or because the room must be closed.
func (s *Service) offer(tx *db.Tx, a auth.Actor, b Booking, n Another) error {
	was, err := s.settingOf(tx, b)
	if err != nil {
		return err
	}
	st, err := s.lockedSetting(tx, n.in(b), n.Span, b.extraIDs()...)
	if err != nil {
		return err
	}
	ask := s.asked(a, st, b.RoomBooking)
	ask.span = n.Span
	if refusal := st.fits(ask); refusal != nil {
		return s.withSuggestions(tx, st, ask, refusal)
	}
	if !n.Span.Start.After(tx.Now()) {
		return ErrPast.At(errs.Field{Name: "start", Code: "other"})
	}
	if err := booking.Release(tx, source(b.ID)); err != nil {
		return err
	}
	if err := s.hold(tx, st, b.RoomBooking, n.Span, ask); err != nil {
		return err
	}
	before := b.Status
	b.Status, b.Holds, b.Reason, b.DecidedBy, b.DecidedAt = models.RoomProposed, true, n.Reason, &a.AccountID, tx.Now()
	if st.VenueID != was.VenueID { // a yes to one place is none to another
		b.PlaceOK, b.OwnerOK = models.ConsentNone, models.ConsentNone
	}
	s.consents(a, st, &b.RoomBooking)
	b.ProposedRoom, b.ProposedStart, b.ProposedEnd = &st.ID, n.Span.Start, n.Span.End
	b.Deadline = deadline(tx.Now(), n.Span.Start, answerWithin)
	if !before.CanBecome(b.Status) {
		return decided(b)
	}
	if err := saveProposal(tx, &b.RoomBooking); err != nil {
		return err
	}
	if err := s.line(tx, a, st, b.RoomBooking, "room_booking.propose", b.StartsAt.String(), fmt.Sprintf("%s %s", st.Title(), n.Span.Start), n.Reason); err != nil {
		return err
	}
	told := b.RoomBooking
	told.StartsAt = n.Span.Start
	if err := s.tell(tx, st, told, notify.RoomProposed, map[string]string{"reason": n.Reason, "deadline": b.Deadline.String()}); err != nil {
		return err
	}
	return s.promote(tx, was.resources())
}

// Accept is the booker's yes to the time proposed; the desk says it for whoever rang.
// A partner who lends the place, or who runs it when it is another's than that of
// whoever proposed it, may still have to agree.
func (s *Service) Accept(ctx context.Context, a auth.Actor, uid string) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if b, _, err = s.locked(tx, a, uid); err != nil {
			return err
		}
		if !b.own(a) && !b.desks(a) {
			return errs.ErrForbidden
		}
		if b.Status != models.RoomProposed || !b.Deadline.After(tx.Now()) {
			return decided(b)
		}
		span := models.Span{Start: b.ProposedStart, End: b.ProposedEnd}
		st, err := s.settingIn(tx, b, *b.ProposedRoom, span)
		if err != nil {
			return err
		}
		before := b.StartsAt
		b.RoomID, b.StartsAt, b.EndsAt, b.Changed = st.ID, span.Start, span.End, b.SeriesID != nil
		b.Status, b.Deadline = models.RoomBooked, models.Instant{}
		if !b.Settled() { // what is lent, or is not the place of who proposed it
			b.Status, b.Deadline = models.RoomPending, deadline(tx.Now(), span.Start, decideWithin)
		}
		b.Under(st.rule(s.asked(a, st, b.RoomBooking).booker()), tx.Now())
		if err := saveTime(tx, &b.RoomBooking, st.resources(), st.extraIDs()); err != nil {
			return err
		}
		if err := s.line(tx, a, st, b.RoomBooking, "room_booking.accept", before.String(), b.StartsAt.String(), ""); err != nil {
			return err
		}
		if err := s.tellBooked(tx, st, b.RoomBooking, false); err != nil {
			return err
		}
		b, err = byID(tx, b.ID)
		return err
	})
	return b, err
}

// Moving is a wish for another time of a booking that stands.
type Moving struct {
	Another
	Version int  // what was shown, 0: whatever there is
	Only    bool // whether it could be, without moving
}

// Move gives a booking another time, or another room. The booker is held to every
// rule, and where somebody must say yes, to that again; who runs the place moves it
// and the booker is told. It returns booking.ErrResourceTaken with all that is in
// the way, and nothing has changed.
func (s *Service) Move(ctx context.Context, a auth.Actor, uid string, m Moving) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { b, err = s.move(tx, a, uid, m); return err })
	if m.Only && err == errTried { //nolint:errorlint // our own mark, never wrapped
		err = nil
	}
	return b, err
}

// errTried undoes a move that was only tried.
var errTried = fmt.Errorf("room: tried")

func (s *Service) move(tx *db.Tx, a auth.Actor, uid string, m Moving) (Booking, error) {
	b, was, err := s.locked(tx, a, uid)
	staff := b.runs(a, auth.RoomDecide)
	switch {
	case err != nil:
		return b, err
	case !staff && !b.own(a) && !b.desks(a):
		return b, errs.ErrForbidden
	case b.Status != models.RoomBooked && b.Status != models.RoomPending:
		return b, decided(b)
	case !b.EndsAt.After(tx.Now()), !staff && !b.StartsAt.After(tx.Now()):
		return b, ErrBegun
	case !staff && !b.desks(a) && b.Status == models.RoomBooked && !tx.Now().Before(b.CancelUntil): // it gives the time back as late as cancelling would
		return b, booking.ErrCancelLate.With("cancel_until", b.CancelUntil).Add("cancel_until", b.CancelUntil).Worded("room.move_late")
	case m.Version != 0 && m.Version != b.Version:
		return b, ErrChanged
	}
	if err := lockBearer(tx, b.RoomBooking); err != nil {
		return b, err
	}
	st, err := s.lockedSetting(tx, m.in(b), m.Span, b.extraIDs()...)
	if err != nil {
		return b, err
	}
	before := b.RoomBooking
	b.RoomID, b.StartsAt, b.EndsAt, b.Changed = st.ID, m.Span.Start, m.Span.End, b.SeriesID != nil
	ask := s.asked(a, st, b.RoomBooking)
	if err := s.check(tx, st, ask); err != nil {
		return b, err
	}
	if err := booking.Release(tx, source(b.ID)); err != nil {
		return b, err
	}
	if err := s.hold(tx, st, b.RoomBooking, m.Span, ask); err != nil {
		return b, err
	}
	if m.Only {
		return b, errTried
	}
	if st.VenueID != was.VenueID {
		before.OwnerOK = models.ConsentNone
	}
	b.Holds = true
	s.renew(tx, a, st, before, &b.RoomBooking)
	b.Under(st.rule(ask.booker()), tx.Now())
	if err := saveTime(tx, &b.RoomBooking, st.resources(), st.extraIDs()); err != nil {
		return b, err
	}
	if err := s.moved(tx, a, st, before, b, m.Reason); err != nil {
		return b, err
	}
	if err := s.promote(tx, was.resources()); err != nil {
		return b, err
	}
	return byID(tx, b.ID)
}

// renew asks anew whose yes a booking at another time needs: it stands, or is pending.
// To the place itself a partner who lends it has agreed; whoever runs it sees to the
// time.
func (s *Service) renew(tx *db.Tx, a auth.Actor, st setting, before models.RoomBooking, b *models.RoomBooking) {
	b.Status, b.Deadline, b.PlaceOK, b.OwnerOK = models.RoomBooked, models.Instant{}, models.ConsentNone, models.ConsentNone
	if a.CanAt(auth.RoomDecide, st.OrgPath) && before.OwnerOK == models.ConsentGiven {
		b.OwnerOK = models.ConsentGiven
	}
	s.consents(a, st, b)
	if !b.Settled() {
		b.Status, b.Deadline = models.RoomPending, deadline(tx.Now(), b.StartsAt, decideWithin)
	}
}

// moved writes down and tells that a booking has another time.
func (s *Service) moved(tx *db.Tx, a auth.Actor, st setting, before models.RoomBooking, b Booking, reason string) error {
	err := s.line(tx, a, st, b.RoomBooking, "room_booking.move", fmt.Sprintf("%d %s–%s", before.RoomID, before.StartsAt, before.EndsAt),
		fmt.Sprintf("%d %s–%s", b.RoomID, b.StartsAt, b.EndsAt), reason)
	if err != nil {
		return err
	}
	if err := s.notices.Void(tx, subject(b.UID), notify.RoomReminder); err != nil {
		return err
	}
	if b.Status == models.RoomPending {
		return s.tellBooked(tx, st, b.RoomBooking, false)
	}
	return s.tell(tx, st, b.RoomBooking, notify.RoomMoved, map[string]string{"reason": reason})
}
