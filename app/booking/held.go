package booking

import (
	"fmt"

	"youyue/app/audit"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// ErrHeld: the booking still waits for somebody's decision.
var ErrHeld = errs.New(errs.Conflict, "booking.held")

// A booking may be held: it has its seats, and nobody else can take them, until
// somebody decides. The feature that asks for it (Order.Status) keeps until when
// and by whom, tells the people in words of its own, and ends every hold by
// Confirm or LetGo.

// Confirm turns a held booking into a plain one. The caller has locked it by
// Locked. It returns ErrNotBooked when it is held no longer, ErrOver when its
// event is.
func (s *Service) Confirm(tx *db.Tx, b models.Booking, e models.Event, c Cancelling) (models.Booking, error) {
	switch {
	case b.Status != models.BookingHeld:
		return b, ErrNotBooked
	case e.State != models.EventOpen, !tx.Now().Before(e.EndsAt):
		return b, ErrOver.With("title", e.Title).With("starts_at", e.StartsAt)
	}
	b.Status = models.BookingBooked
	if _, err := tx.Exec(`UPDATE bookings SET status = ? WHERE id = ?`, b.Status, b.ID); err != nil {
		return b, fmt.Errorf("confirm: %w", err)
	}
	return b, s.heldLine(tx, b, e, "booking.confirm", "", c)
}

// LetGo gives the seats of a held booking back at once, at any time, also of an
// event that is over. The caller has locked it by Locked. It returns
// ErrNotBooked when it is held no longer.
func (s *Service) LetGo(tx *db.Tx, b models.Booking, e models.Event, c Cancelling) (models.Booking, error) {
	if b.Status != models.BookingHeld {
		return b, ErrNotBooked
	}
	labels, err := s.giveBack(tx, b, e)
	if err != nil {
		return b, err
	}
	b.Status, b.CancelledAt, b.CancelReason = models.BookingCancelled, tx.Now(), c.Reason
	_, err = tx.Exec(`UPDATE bookings SET status = ?, cancelled_at = ?, cancel_reason = ? WHERE id = ?`,
		b.Status, b.CancelledAt, b.CancelReason, b.ID)
	if err != nil {
		return b, fmt.Errorf("let go: %w", err)
	}
	return b, s.heldLine(tx, b, e, "booking.let_go", labels, c)
}

func (s *Service) heldLine(tx *db.Tx, b models.Booking, e models.Event, action, before string, c Cancelling) error {
	line := audit.By(tx, c.Actor, c.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After, line.Reason = b.PersonID, before, string(b.Status), c.Reason
	return audit.Write(tx, line)
}

// HeldIn counts the seats of events that somebody has yet to decide about: they
// are taken, and not booked. Events without any are left out.
func HeldIn(tx *db.Tx, events ...int64) (map[int64]int, error) {
	out := map[int64]int{}
	if len(events) == 0 {
		return out, nil
	}
	var rows []struct {
		EventID int64
		Held    int
	}
	among, list := tx.Among("event_id", events)
	err := tx.Scan(&rows, `SELECT event_id, SUM(party) AS held FROM bookings WHERE `+among+` AND status = 'held' GROUP BY event_id`, list)
	if err != nil {
		return nil, fmt.Errorf("held seats: %w", err)
	}
	for _, r := range rows {
		out[r.EventID] = r.Held
	}
	return out, nil
}
