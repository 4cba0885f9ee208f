package booking

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// Retime writes the times of an event that its feature has locked and moved: when
// it is, when it can be booked and given back, and when its reserved seats are free.
// Bookings and the waiting list stand; no offer outlives the start. It returns
// ErrOver for an event that is neither planned nor open.
func (s *Service) Retime(tx *db.Tx, e models.Event) error {
	n, err := tx.Exec(`UPDATE events SET starts_at = ?, ends_at = ?, opens_at = ?, closes_at = ?, cancel_until = ?, release_at = ?, version = version + 1
		WHERE id = ? AND state IN ('planned', 'open')`, e.StartsAt, e.EndsAt, e.OpensAt, e.ClosesAt, e.CancelUntil, e.ReleaseAt, e.ID)
	if err == nil && n != 1 {
		return ErrOver.With("title", e.Title)
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE waitlist_entries SET deadline = ? WHERE event_id = ? AND state = 'offered' AND deadline > ?`, e.StartsAt, e.ID, e.StartsAt)
	}
	if err != nil {
		return fmt.Errorf("retime event %d: %w", e.ID, err)
	}
	s.tell(tx, e)
	return nil
}
