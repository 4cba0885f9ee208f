package booking

import (
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Cancelling is who cancels a booking and why.
type Cancelling struct {
	Actor   auth.Actor
	Channel models.Channel
	Reason  string
	Limit   CancelLimit

	ReadBack ReadBack // at the desk: what is given up was read out, and the caller agreed
}

// CancelLimit says until when the canceller may.
type CancelLimit string

// The booker may until the event's limit; the desk until the event begins, for
// a caller who cannot come; staff that calls the event off at any time.
const (
	UntilLimit CancelLimit = "limit"
	UntilStart CancelLimit = "start"
	AtAnyTime  CancelLimit = "any"
)

// Locked returns a booking with its event, the event's row locked. ErrNotFound
// when there is no such booking.
func Locked(tx *db.Tx, id string) (models.Booking, models.Event, error) {
	var b models.Booking
	ok, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return b, models.Event{}, err
	}
	events, err := LockEvents(tx, b.EventID)
	if err != nil {
		return b, models.Event{}, err
	}
	// Read again: what was true before the lock may have changed meanwhile.
	if _, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, id); err != nil {
		return b, models.Event{}, err
	}
	return b, events[b.EventID], nil
}

// Cancel gives a booking's seats back at once. Cancelling twice is no fault.
// It returns ErrCancelLate, ErrArrived or ErrNotBooked; the caller has locked
// the booking by Locked and checked that the actor may.
func (s *Service) Cancel(tx *db.Tx, b models.Booking, e models.Event, c Cancelling) (models.Booking, error) {
	switch {
	case b.Status == models.BookingCancelled:
		return b, nil
	case !b.Status.CanBecome(models.BookingCancelled), e.State != models.EventOpen && c.Limit != AtAnyTime:
		return b, ErrNotBooked
	}
	if err := within(tx.Now(), e, c.Limit); err != nil {
		return b, err
	}
	var here int64
	if err := tx.Scan(&here, `SELECT COUNT(*) FROM checkins WHERE booking_id = ? AND undone_at IS NULL`, b.ID); err != nil {
		return b, err
	}
	if here > 0 && c.Limit != AtAnyTime {
		return b, ErrArrived.With("count", here)
	}
	labels, err := s.giveBack(tx, b, e)
	if err != nil {
		return b, err
	}
	was := b
	b.Status, b.CancelledAt, b.CancelReason = models.BookingCancelled, tx.Now(), c.Reason
	b.CancelChannel, b.CancelReadBack = c.Channel, bool(c.ReadBack)
	_, err = tx.Exec(`UPDATE bookings SET status = ?, cancelled_at = ?, cancel_reason = ?, cancel_channel = ?, cancel_read_back = ? WHERE id = ?`,
		b.Status, b.CancelledAt, b.CancelReason, b.CancelChannel, b.CancelReadBack, b.ID)
	if err != nil {
		return b, fmt.Errorf("cancel: %w", err)
	}
	if err := s.offerCancelled(tx, was, c); err != nil {
		return b, err
	}
	line := audit.By(tx, c.Actor, c.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.cancel", "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After, line.Reason = b.PersonID, labels, string(b.Status), c.Reason
	if err := audit.Write(tx, line); err != nil {
		return b, err
	}
	if err := s.notices.Void(tx, subject(b.ID)); err != nil {
		return b, err
	}
	if c.ReadBack && b.HolderID == nil && b.OrgID == nil {
		return b, nil // told by voice; whoever keeps an account or a branch reads it there too
	}
	return b, s.tellCancelled(tx, b, e, labels, c)
}

func within(now models.Instant, e models.Event, l CancelLimit) error {
	until := e.CancelUntil
	switch l {
	case AtAnyTime:
		return nil
	case UntilStart:
		until = e.StartsAt
	case UntilLimit:
	}
	if !now.Before(until) {
		return ErrCancelLate.With("cancel_until", until).Add("cancel_until", until)
	}
	return nil
}

// giveBack frees the seats in the map, but for those out of order, and turns the
// claims into history.
func (s *Service) giveBack(tx *db.Tx, b models.Booking, e models.Event) (labels string, err error) {
	var held []SeatRef
	if err := tx.Scan(&held, `SELECT seat_id AS id, label FROM booking_seats WHERE booking_id = ? AND released_at IS NULL ORDER BY seat_id`, b.ID); err != nil {
		return "", err
	}
	ids := make([]int64, len(held))
	for i, h := range held {
		ids[i] = h.ID
	}
	if err := s.free(tx, &e, ids); err != nil {
		return "", fmt.Errorf("booking %s: %w", b.ID, err)
	}
	_, err = tx.Exec(`UPDATE booking_seats SET released_at = ? WHERE booking_id = ? AND released_at IS NULL`, tx.Now(), b.ID)
	if e.Numbered() {
		return said(e, held), err
	}
	return inShort(held), err
}

func (s *Service) tellCancelled(tx *db.Tx, b models.Booking, e models.Event, labels string, c Cancelling) error {
	n := notify.Notice{Kind: "cancelled", Subject: subject(b.ID), Vars: map[string]string{
		"title": e.Title, "start": e.StartsAt.String(), "seats": labels, "reason": c.Reason, "path": s.bookingPath(e, b.ID)}}
	if !addressed(&n, b) {
		return nil
	}
	if c.Actor.AccountID != n.Account {
		n.Kind, n.Important = "cancelled_by_staff", notify.Important
	}
	return s.notices.Enqueue(tx, s.worded(e, n))
}

// addressed puts on a notice for whom the booking is; false when that is nobody
// we could write to.
func addressed(n *notify.Notice, b models.Booking) bool {
	if b.HolderID != nil {
		n.Account = *b.HolderID
	}
	if b.PersonID != nil {
		n.Person = *b.PersonID
	}
	if b.OrgID != nil {
		n.Branch = *b.OrgID
	}
	return n.Account != 0 || n.Person != 0 || n.Branch != 0
}

// CancelAll cancels every living booking of an event that staff calls off, with
// the event locked by the caller. It returns how many there were.
func (s *Service) CancelAll(tx *db.Tx, eventID int64, c Cancelling) (int, error) {
	if err := s.CloseList(tx, eventID, c); err != nil {
		return 0, err
	}
	var ids []string
	if err := tx.Scan(&ids, `SELECT id FROM bookings WHERE event_id = ? AND status IN ('booked','held') ORDER BY id`, eventID); err != nil {
		return 0, err
	}
	for _, id := range ids {
		b, e, err := Locked(tx, id)
		if err != nil {
			return 0, err
		}
		if _, err := s.Cancel(tx, b, e, c); err != nil {
			return 0, fmt.Errorf("booking %s: %w", id, err)
		}
	}
	return len(ids), nil
}

// SeatsOf lists the seats of bookings, by booking; those given back are left
// out unless the booking is cancelled, when they say what it had.
func SeatsOf(tx *db.Tx, ids ...string) (map[string][]SeatRef, error) {
	if len(ids) == 0 {
		return map[string][]SeatRef{}, nil
	}
	var rows []struct {
		BookingID string
		SeatID    int64
		Label     string
	}
	err := tx.Scan(&rows, `SELECT s.booking_id, s.seat_id, s.label FROM booking_seats s
		JOIN bookings b ON b.id = s.booking_id
		WHERE s.booking_id IN ? AND (s.released_at IS NULL OR b.status = 'cancelled' AND s.released_at = b.cancelled_at) ORDER BY s.booking_id, s.seat_id`, ids)
	out := make(map[string][]SeatRef, len(ids))
	for _, r := range rows {
		out[r.BookingID] = append(out[r.BookingID], SeatRef{r.SeatID, r.Label})
	}
	return out, err
}

// JoinLabels is 5排7座、8座.
func JoinLabels(seats []SeatRef) string { return joinLabels(seats) }
