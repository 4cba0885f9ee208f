package booking

import (
	"context"
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// Sweep holds every event to the invariant of the kernel: living claims, taken
// seats in the map and the counter are the same seats, each claimed once, and
// every living booking has as many seats as its party (one whose seats were all
// let go at the door has none), and attendees on no other seats and no more of
// them. Whoever is checked in sits on a living claim, alone, and the count of a
// finished event is of those. What is for sale is what is not blocked; at an
// event to come exactly the seats never sold and those out of order are blocked,
// but for those that a party still has. It returns the breaches in words; none is
// the only good answer.
func (s *Service) Sweep(ctx context.Context) ([]string, error) {
	var out []string
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var events []models.Event
		if err := tx.Scan(&events, `SELECT * FROM events ORDER BY id`); err != nil {
			return err
		}
		for _, e := range events {
			found, err := s.sweepEvent(tx, e)
			if err != nil {
				return err
			}
			out = append(out, found...)
		}
		var halves []struct {
			ID    string
			Party int
			N     int
		}
		err := tx.Scan(&halves, `SELECT b.id, b.party, COUNT(s.seat_id) AS n FROM bookings b
			LEFT JOIN booking_seats s ON s.booking_id = b.id AND s.released_at IS NULL
			WHERE b.status <> 'cancelled' AND NOT (b.status = 'no_show' AND s.seat_id IS NULL AND
				EXISTS (SELECT 1 FROM booking_seats l WHERE l.booking_id = b.id AND l.outcome = 'no_show'))
			GROUP BY b.id, b.party HAVING COUNT(s.seat_id) <> b.party`)
		for _, h := range halves {
			out = append(out, fmt.Sprintf("booking %s: %d of %d seats", h.ID, h.N, h.Party))
		}
		if err != nil {
			return err
		}
		found, err := sweepAttendees(tx)
		out = append(out, found...)
		return err
	})
	return out, err
}

func (s *Service) sweepEvent(tx *db.Tx, e models.Event) ([]string, error) {
	plan, err := s.PlanOf(tx, e)
	if err != nil {
		return nil, err
	}
	var claims []struct {
		SeatID int64
		Status models.BookingStatus
	}
	err = tx.Scan(&claims, `SELECT s.seat_id, b.status FROM booking_seats s JOIN bookings b ON b.id = s.booking_id
		WHERE s.event_id = ? AND s.released_at IS NULL`, e.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	claimed := make(map[int]int, len(claims))
	for _, c := range claims {
		o, ok := plan.Ord(c.SeatID)
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("event %d: seat %d of another plan is claimed", e.ID, c.SeatID))
		case c.Status == models.BookingCancelled:
			out = append(out, fmt.Sprintf("event %d: a cancelled booking still has %s", e.ID, plan.Seats[o].Label()))
		}
		claimed[o]++
	}
	broken, err := outOfOrder(tx, plan, e)
	if err != nil {
		return nil, err
	}
	coming := ahead(e, tx.Now())
	taken, reserved, blocked := 0, 0, 0
	for o, b := range []byte(e.SeatMap) {
		switch models.SeatState(b) {
		case models.SeatTaken:
			taken++
		case models.SeatBlocked:
			blocked++
		case models.SeatFree:
		case models.SeatReserved:
			reserved++
		default: // of a share
			reserved++
		}
		off := broken.has(o) || plan.Seats[o].Kind == models.SeatNotForSale
		if state := models.SeatState(b); coming && !plan.Numbered() && state != models.SeatTaken && off != (state == models.SeatBlocked) {
			out = append(out, fmt.Sprintf("event %d: %s is %q, and whether it is out of order says %t", e.ID, plan.Seats[o].Label(), b, off))
		}
		want := 0
		if models.SeatState(b) == models.SeatTaken {
			want = 1
		}
		if claimed[o] != want {
			out = append(out, fmt.Sprintf("event %d: %s is %q and has %d claims", e.ID, plan.Seats[o].Label(), b, claimed[o]))
		}
	}
	if e.ForSale != len(e.SeatMap)-blocked {
		out = append(out, fmt.Sprintf("event %d: %d seats are for sale, the map says %d", e.ID, e.ForSale, len(e.SeatMap)-blocked))
	}
	if taken != e.Taken || reserved != e.Reserved || len(claims) != e.Taken {
		out = append(out, fmt.Sprintf("event %d: counters say %d taken %d reserved, the map %d and %d, claims %d",
			e.ID, e.Taken, e.Reserved, taken, reserved, len(claims)))
	}
	list, err := s.sweepWaiting(tx, e, plan)
	if err != nil {
		return nil, err
	}
	seated, err := sweepDoor(tx, e)
	return append(append(out, list...), seated...), err
}

// sweepDoor compares who is checked in with who has a seat.
func sweepDoor(tx *db.Tx, e models.Event) ([]string, error) {
	if e.State == models.EventCancelled {
		return nil, nil // called off while people were coming in
	}
	var here []struct {
		SeatID int64
		N      int
		Claims int
	}
	err := tx.Scan(&here, `SELECT c.seat_id, COUNT(*) AS n, COUNT(s.seat_id) AS claims FROM checkins c
		LEFT JOIN booking_seats s ON s.booking_id = c.booking_id AND s.seat_id = c.seat_id AND s.released_at IS NULL
		WHERE c.event_id = ? AND c.undone_at IS NULL GROUP BY c.seat_id`, e.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	total := 0
	for _, h := range here {
		if h.N != 1 || h.Claims != 1 {
			out = append(out, fmt.Sprintf("event %d: seat %d has %d check-ins on %d claims", e.ID, h.SeatID, h.N, h.Claims))
		}
		total += h.N
	}
	if e.State == models.EventFinished && total != e.Attended {
		out = append(out, fmt.Sprintf("event %d: %d came, the record says %d", e.ID, total, e.Attended))
	}
	return out, nil
}

// sweepAttendees holds the lists of living bookings to the seats they have, or
// had until they were let go at the door.
func sweepAttendees(tx *db.Tx) (out []string, err error) {
	var lost []struct {
		BookingID string
		ID        int64
	}
	err = tx.Scan(&lost, `SELECT a.booking_id, a.id FROM attendees a JOIN bookings b ON b.id = a.booking_id
		WHERE b.status <> 'cancelled' AND a.seat_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking_seats s
			WHERE s.booking_id = a.booking_id AND s.seat_id = a.seat_id AND (s.released_at IS NULL OR s.outcome = 'no_show')) ORDER BY a.id`)
	if err != nil {
		return nil, err
	}
	for _, a := range lost {
		out = append(out, fmt.Sprintf("booking %s: attendee %d is on a seat that it does not have", a.BookingID, a.ID))
	}
	var many []struct {
		ID    string
		Party int
		N     int
	}
	err = tx.Scan(&many, `SELECT b.id, b.party, COUNT(*) AS n FROM bookings b JOIN attendees a ON a.booking_id = b.id
		GROUP BY b.id, b.party HAVING COUNT(*) > b.party + (SELECT COUNT(*) FROM booking_seats s
			WHERE s.booking_id = b.id AND s.released_at IS NOT NULL AND s.outcome = 'no_show') ORDER BY b.id`)
	for _, b := range many {
		out = append(out, fmt.Sprintf("booking %s: %d attendees on %d seats", b.ID, b.N, b.Party))
	}
	return out, err
}
