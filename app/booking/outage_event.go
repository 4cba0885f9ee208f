package booking

import (
	"fmt"
	"slices"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Mended tells what outages did, or would do, to one event.
type Mended struct {
	Event models.Event
	Plan  *models.SeatPlan
	Repair
}

// Seats names positions of the plan.
func (m Mended) Seats(ords []int) []SeatRef { return (&State{Plan: m.Plan}).refs(ords) }

// Foresee tells what outages would do to an event that still can be mended,
// those that stand and more besides. It changes nothing.
func (s *Service) Foresee(tx *db.Tx, eventID int64, more ...models.SeatOutage) (Mended, error) {
	e, err := Event(tx, eventID)
	if err != nil {
		return Mended{}, err
	}
	m, _, err := s.mend(tx, e, more)
	return m, err
}

// MendEvent puts an event right with the outages that stand, in one go under
// its lock: broken seats are blocked and those in order again freed; every party
// that has a broken seat gets others before it gives its own up, and is told. A
// party for which nothing is free keeps its seats and comes back as stuck. An
// event that is over stays as it was.
func (s *Service) MendEvent(tx *db.Tx, a auth.Actor, eventID int64) (Mended, error) {
	events, err := LockEvents(tx, eventID)
	if err != nil {
		return Mended{}, err
	}
	e, ok := events[eventID]
	if !ok {
		return Mended{}, errs.ErrNotFound
	}
	m, broken, err := s.mend(tx, e, nil)
	if err != nil || !m.Changes() {
		return m, err
	}
	if err := s.saveSeats(tx, []models.Event{m.Event}); err != nil {
		return m, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "event.mend", "event", fmt.Sprint(e.ID), &e.OrgID
	line.Before, line.After = "blocked: "+inShort(m.Seats(m.Blocked)), "free again: "+inShort(m.Seats(m.Freed))
	lines := []models.Audit{line}
	for _, h := range m.Hits {
		if len(h.Moves) == 0 {
			continue
		}
		if err := s.moveParty(tx, m, h); err != nil {
			return m, err
		}
		reason := reasonOf(broken, h.Broken)
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.reseat", "booking", h.Booking.ID, &e.OrgID
		line.PersonID, line.Before, line.After, line.Reason = h.Booking.PersonID, inShort(m.Seats(h.Ords)), inShort(m.Seats(h.Now)), reason
		lines = append(lines, line)
		kind := notify.Reseated
		if h.Booking.Status == models.BookingHeld {
			kind = notify.HeldMoved
		}
		if err := s.tellSeats(tx, kind, m, h.Booking, h.Now, reason); err != nil {
			return m, err
		}
	}
	return m, audit.Write(tx, lines...)
}

// mend decides, on what is true now, without writing.
func (s *Service) mend(tx *db.Tx, e models.Event, more []models.SeatOutage) (Mended, Broken, error) {
	plan, err := s.PlanOf(tx, e)
	if err != nil {
		return Mended{}, nil, err
	}
	m := Mended{Event: e, Plan: plan}
	if !ahead(e, tx.Now()) {
		return m, nil, nil
	}
	broken, err := outOfOrder(tx, plan, e)
	if err != nil {
		return m, nil, err
	}
	for o, reason := range brokenIn(plan, during(more, e.Span())) {
		if broken == nil {
			broken = Broken{}
		}
		broken[o] = reason
	}
	parties, err := sittings(tx, plan, e.ID)
	if err != nil {
		return m, nil, err
	}
	st := &State{Event: e, Plan: plan, Map: []byte(e.SeatMap)}
	m.Repair = Mend(st, broken, parties)
	m.Event = st.Event
	m.Event.SeatMap = string(st.Map)
	return m, broken, nil
}

func during(rows []models.SeatOutage, s models.Span) []models.SeatOutage {
	return slices.DeleteFunc(slices.Clone(rows), func(o models.SeatOutage) bool { return !o.Span().Overlaps(s) })
}

// sittings reads the living parties of an event, by booking id: those that are
// booked, and those whose seats are held for them.
func sittings(tx *db.Tx, plan *models.SeatPlan, eventID int64) ([]Sitting, error) {
	var bookings []models.Booking
	if err := tx.Scan(&bookings, `SELECT * FROM bookings WHERE event_id = ? AND status IN ('booked','held') ORDER BY id`, eventID); err != nil {
		return nil, fmt.Errorf("sittings of event %d: %w", eventID, err)
	}
	var claims []struct {
		BookingID string
		SeatID    int64
		Here      int
	}
	err := tx.Scan(&claims, `SELECT s.booking_id, s.seat_id, CASE WHEN c.id IS NULL THEN 0 ELSE 1 END AS here FROM booking_seats s
		LEFT JOIN checkins c ON c.booking_id = s.booking_id AND c.seat_id = s.seat_id AND c.undone_at IS NULL
		WHERE s.event_id = ? AND s.released_at IS NULL ORDER BY s.seat_id`, eventID)
	if err != nil {
		return nil, fmt.Errorf("sittings of event %d: %w", eventID, err)
	}
	out := make([]Sitting, len(bookings))
	at := make(map[string]int, len(bookings))
	for i, b := range bookings {
		out[i].Booking, at[b.ID] = b, i
	}
	for _, c := range claims {
		i, ok := at[c.BookingID]
		o, known := plan.Ord(c.SeatID)
		if !ok || !known {
			return nil, fmt.Errorf("event %d: seat %d is claimed by no living booking of its plan", eventID, c.SeatID)
		}
		out[i].Ords = append(out[i].Ords, o)
		out[i].Arrived += c.Here
	}
	return out, nil
}

// moveParty takes the new seats of a booking, then gives the old ones up, and
// lets its people come along. The unique index is the referee here too.
func (s *Service) moveParty(tx *db.Tx, m Mended, h Hit) error {
	for _, mv := range h.Moves {
		to := m.Plan.Seats[mv.To]
		// A seat that this booking had before has its row still.
		n, err := tx.Exec(`UPDATE booking_seats SET released_at = NULL, outcome = '' WHERE booking_id = ? AND seat_id = ? AND released_at IS NOT NULL`, h.Booking.ID, to.ID)
		if err == nil && n == 0 {
			_, err = seatRows.Insert(tx, "", []any{h.Booking.ID, to.ID, m.Event.ID, to.Label()})
		}
		if db.Constraint(err) == "booking_seats_event_id_seat_id_key" {
			return db.ErrAgain
		}
		if err != nil {
			return fmt.Errorf("move booking %s: %w", h.Booking.ID, err)
		}
	}
	for _, mv := range h.Moves {
		from, to := m.Plan.Seats[mv.From].ID, m.Plan.Seats[mv.To].ID
		if err := releaseSeat(tx, h.Booking.ID, from); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE attendees SET seat_id = ? WHERE booking_id = ? AND seat_id = ?`, to, h.Booking.ID, from); err != nil {
			return fmt.Errorf("move booking %s: %w", h.Booking.ID, err)
		}
	}
	return nil
}

func releaseSeat(tx *db.Tx, bookingID string, seatID int64) error {
	n, err := tx.Exec(`UPDATE booking_seats SET released_at = ? WHERE booking_id = ? AND seat_id = ? AND released_at IS NULL`, tx.Now(), bookingID, seatID)
	if err == nil && n != 1 {
		err = db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("booking %s: release seat %d: %w", bookingID, seatID, err)
	}
	return nil
}

// GiveUpBroken has a stuck party do without its broken seats, when people have
// decided so: the party is smaller from then on, and is told. It returns
// ErrNotBooked, ErrNotBroken when none of its seats is out of order, ErrArrived
// when somebody of it is in, or ErrNoneLeft when all its seats are broken; then
// only cancelling is left.
func (s *Service) GiveUpBroken(tx *db.Tx, a auth.Actor, b models.Booking, e models.Event) (models.Booking, error) {
	if b.Status != models.BookingBooked || e.State != models.EventOpen {
		return b, ErrNotBooked
	}
	m, broken, err := s.mend(tx, e, nil)
	if err != nil {
		return b, err
	}
	i := slices.IndexFunc(m.Hits, func(h Hit) bool { return h.Booking.ID == b.ID })
	switch {
	case i < 0:
		return b, ErrNotBroken
	case m.Hits[i].Arrived > 0:
		return b, ErrArrived.With("count", m.Hits[i].Arrived)
	case len(m.Hits[i].Broken) == len(m.Hits[i].Ords):
		return b, ErrNoneLeft
	}
	h := m.Hits[i]
	st := &State{Event: e, Plan: m.Plan, Map: []byte(e.SeatMap)}
	for _, o := range h.Broken {
		st.block(o)
		st.Event.Taken--
		if err := releaseSeat(tx, b.ID, m.Plan.Seats[o].ID); err != nil {
			return b, err
		}
		if _, err := tx.Exec(`UPDATE attendees SET seat_id = NULL WHERE booking_id = ? AND seat_id = ?`, b.ID, m.Plan.Seats[o].ID); err != nil {
			return b, err
		}
	}
	st.Event.SeatMap = string(st.Map)
	if err := s.saveSeats(tx, []models.Event{st.Event}); err != nil {
		return b, err
	}
	b.Party -= len(h.Broken)
	if _, err := tx.Exec(`UPDATE bookings SET party = ? WHERE id = ?`, b.Party, b.ID); err != nil {
		return b, fmt.Errorf("give up: %w", err)
	}
	kept := slices.DeleteFunc(slices.Clone(h.Ords), func(o int) bool { return slices.Contains(h.Broken, o) })
	reason := reasonOf(broken, h.Broken)
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.fewer_seats", "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After, line.Reason = b.PersonID, inShort(m.Seats(h.Ords)), inShort(m.Seats(kept)), reason
	if err := audit.Write(tx, line); err != nil {
		return b, err
	}
	return b, s.tellSeats(tx, notify.FewerSeats, m, b, kept, reason)
}

func reasonOf(broken Broken, ords []int) string {
	var out []string
	for _, o := range ords {
		if r := broken[o]; r != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return strings.Join(out, "、")
}

func (s *Service) tellSeats(tx *db.Tx, kind string, m Mended, b models.Booking, ords []int, reason string) error {
	n := notify.Notice{Kind: kind, Subject: subject(b.ID), Important: notify.Important, Vars: map[string]string{
		"title": m.Event.Title, "start": m.Event.StartsAt.String(), "seats": joinLabels(m.Seats(ords)), "reason": reason,
		"code": ShowCode(b.Code), "path": s.bookingPath(m.Event, b.ID)}}
	if !addressed(&n, b) {
		return nil
	}
	return s.notices.Enqueue(tx, n)
}

// ahead says of an event that its places are still to be given or sat on.
func ahead(e models.Event, now models.Instant) bool {
	return (e.State == models.EventOpen || e.State == models.EventPlanned) && e.EndsAt.After(now)
}
