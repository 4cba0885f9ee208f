package booking

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// What an entry's booking must be in each of its states.
var waitBookings = map[models.WaitState][]models.BookingStatus{
	models.Waiting:      nil,
	models.WaitLeft:     nil,
	models.WaitOffered:  {models.BookingHeld},
	models.WaitTaken:    {models.BookingHeld, models.BookingBooked, models.BookingCancelled, models.BookingAttended, models.BookingNoShow},
	models.WaitDeclined: {models.BookingCancelled},
	models.WaitExpired:  {models.BookingCancelled},
	models.WaitClosed:   {models.BookingCancelled},
}

// sweepWaiting holds the list of an event to its own invariant: the counter is
// the number that wait; each entry stands where its booking does; nobody has two
// living entries; an event that is over has none; and while the list is open,
// nobody waits who could be seated on what is free.
func (s *Service) sweepWaiting(tx *db.Tx, e models.Event, plan *models.SeatPlan) ([]string, error) {
	var all []struct {
		models.WaitEntry
		Status       *models.BookingStatus
		BookedEvent  int64
		BookedHolder *int64
		BookedParty  int
	}
	err := tx.Scan(&all, `SELECT w.*, b.status, COALESCE(b.event_id, 0) AS booked_event, b.holder_id AS booked_holder, COALESCE(b.party, 0) AS booked_party
		FROM waitlist_entries w LEFT JOIN bookings b ON b.id = w.booking_id WHERE w.event_id = ? ORDER BY w.rank, w.id`, e.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	breach := func(w models.WaitEntry, format string, args ...any) {
		out = append(out, fmt.Sprintf("event %d: entry %d, %s, ", e.ID, w.ID, w.State)+fmt.Sprintf(format, args...))
	}
	n, living, offers := 0, map[string]bool{}, map[string]bool{}
	for _, x := range all {
		w := x.WaitEntry
		if w.State == models.Waiting {
			n++
		}
		if w.State.Living() {
			if living[w.Holder] {
				breach(w, "is a second one of %s", w.Holder)
			}
			living[w.Holder] = true
			if e.State != models.EventOpen {
				breach(w, "outlived its event")
			}
		}
		if !allowed(waitBookings[w.State], x.Status) {
			breach(w, "has a booking that is %s", orNone(x.Status))
		}
		if w.BookingID != nil {
			if offers[*w.BookingID] {
				breach(w, "shares the booking %s", *w.BookingID)
			}
			offers[*w.BookingID] = true
			if x.BookedEvent != e.ID || (w.State == models.WaitOffered && (x.BookedParty != w.Party || w.Deadline.IsZero())) {
				breach(w, "was offered %d seats of event %d for %d", x.BookedParty, x.BookedEvent, w.Party)
			}
		}
		if w.State == models.Waiting && e.ListOpen(tx.Now()) && w.Fits(plan, []byte(e.SeatMap)) {
			breach(w, "could be seated")
		}
	}
	if n != e.Waiting {
		out = append(out, fmt.Sprintf("event %d: the counter says that %d wait, the list %d", e.ID, e.Waiting, n))
	}
	return out, nil
}

func allowed(want []models.BookingStatus, is *models.BookingStatus) bool {
	if is == nil {
		return len(want) == 0 || want[0] == models.BookingCancelled // closed before an offer
	}
	for _, s := range want {
		if s == *is {
			return true
		}
	}
	return false
}

func orNone(s *models.BookingStatus) string {
	if s == nil {
		return "none"
	}
	return string(*s)
}
