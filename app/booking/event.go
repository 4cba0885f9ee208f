package booking

import (
	"fmt"
	"slices"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/venue"
	"youyue/models"
)

// OpenEvent stores a new event with the seats of its plan: those not for sale
// and those out of order at its time are blocked, and share percent of the rest
// are reserved for phone and window, as concrete seats. It fills in ID, SeatMap
// and the counters. The event is open unless its state says that it is planned.
// The resource stays locked until the transaction ends: an outage declared
// meanwhile either is seen here or sees this event.
func (s *Service) OpenEvent(tx *db.Tx, e *models.Event, share int) error {
	plan, err := s.Plan(tx, e.PlanID) // a hall's; see OpenPlaces for events without
	if err != nil {
		return err
	}
	if err := LockResources(tx, e.ResourceID); err != nil {
		return err
	}
	broken, err := outOfOrder(tx, plan, *e)
	if err != nil {
		return err
	}
	m, forSale, reserved := freshMap(plan, broken, share)
	e.SeatMap, e.ForSale, e.Reserved = string(m), forSale, reserved
	return insertEvent(tx, e)
}

func insertEvent(tx *db.Tx, e *models.Event) error {
	if e.State != models.EventPlanned {
		e.State = models.EventOpen
	}
	e.Version, e.CreatedAt = 1, tx.Now()
	var none []string // a zero id is no id
	if e.ResourceID == 0 {
		none = append(none, "ResourceID")
	}
	if e.PlanID == 0 {
		none = append(none, "PlanID")
	}
	if err := tx.InsertWithout(e, none...); err != nil {
		return fmt.Errorf("open event: %w", err)
	}
	return nil
}

// freshMap reserves the share in whole unbroken pieces, the shortest first, from
// all over the hall: they seat no large party, which finds the long ones whole,
// and lie at the aisles, where those who phone like to sit.
func freshMap(p *models.SeatPlan, broken Broken, share int) (m []byte, forSale, reserved int) {
	m = make([]byte, len(p.Seats))
	var pieces [][]int
	for _, run := range p.Runs() {
		var piece []int
		for _, o := range run {
			m[o] = byte(models.SeatBlocked)
			if k := p.Seats[o].Kind; k != models.SeatNotForSale && !broken.has(o) {
				m[o] = byte(models.SeatFree)
				forSale++
				if k == models.SeatStandard {
					piece = append(piece, o)
				}
			}
		}
		if len(piece) > 0 {
			pieces = append(pieces, piece)
		}
	}
	want := forSale * min(max(share, 0), 100) / 100
	slices.SortStableFunc(pieces, func(a, b []int) int { return len(a) - len(b) })
	for len(pieces) > 0 && reserved < want {
		same := 1
		for same < len(pieces) && len(pieces[same]) == len(pieces[0]) {
			same++
		}
		need := min((want-reserved+len(pieces[0])-1)/len(pieces[0]), same)
		for i := range need {
			for _, o := range pieces[i*same/need] {
				if reserved < want {
					m[o] = byte(models.SeatReserved)
					reserved++
				}
			}
		}
		pieces = pieces[same:]
	}
	return m, forSale, reserved
}

// Event returns one event; ErrNotFound when there is none.
func Event(tx *db.Tx, id int64) (models.Event, error) {
	var e models.Event
	ok, err := tx.One(&e, `SELECT * FROM events WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return e, err
}

// LockEvents returns events by id, locked until the transaction ends, in id order.
func LockEvents(tx *db.Tx, ids ...int64) (map[int64]models.Event, error) {
	var rows []models.Event
	among, list := tx.Among("id", ids)
	err := tx.Scan(&rows, `SELECT * FROM events WHERE `+among+` ORDER BY id`+tx.ForUpdate(), list)
	if err != nil {
		return nil, fmt.Errorf("lock events: %w", err)
	}
	out := make(map[int64]models.Event, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}

// saveSeats writes the seat maps and counters of decided events, set-wise. The
// version that was read is compared once more: a lost update becomes another
// try, never a lost booking.
func (s *Service) saveSeats(tx *db.Tx, events []models.Event) error {
	if len(events) == 0 {
		return nil
	}
	rows, ids := make([][]any, len(events)), make([]int64, len(events))
	for i, e := range events {
		ids[i] = e.ID
		rows[i] = []any{e.ID, e.SeatMap, e.ForSale, e.Taken, e.Reserved, e.Version}
	}
	table, list, err := tx.Table("v", "id bigint, seat_map text, for_sale bigint, taken bigint, reserved bigint, version bigint", rows)
	if err != nil {
		return err
	}
	among, idList := tx.Among("events.id", ids) // again, for the index
	n, err := tx.Exec(`UPDATE events SET seat_map = v.seat_map, for_sale = v.for_sale, taken = v.taken, reserved = v.reserved, version = events.version + 1
		FROM `+table+` WHERE events.id = v.id AND events.version = v.version AND `+among, list, idList)
	if err != nil {
		return fmt.Errorf("save seats: %w", err)
	}
	if n != int64(len(events)) {
		return db.ErrAgain
	}
	s.tell(tx, events...)
	s.promoteLater(tx, events...)
	return nil
}

// OpenPlanned opens a locked event that was planned.
func (s *Service) OpenPlanned(tx *db.Tx, id int64) error {
	n, err := tx.Exec(`UPDATE events SET state = ?, version = version + 1 WHERE id = ? AND state = ?`, models.EventOpen, id, models.EventPlanned)
	if err == nil && n != 1 {
		err = fmt.Errorf("open event %d: it is not planned", id)
	}
	s.tell(tx, models.Event{ID: id})
	return err
}

// CallOff marks a locked event as cancelled, after its bookings.
func (s *Service) CallOff(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE events SET state = ?, version = version + 1 WHERE id = ?`, models.EventCancelled, id)
	s.tell(tx, models.Event{ID: id})
	return err
}

// PlanOf returns the places of an event: those of its plan, or as many numbers as
// it has letters.
func (s *Service) PlanOf(tx *db.Tx, e models.Event) (*models.SeatPlan, error) {
	if !e.Numbered() {
		return s.Plan(tx, e.PlanID)
	}
	n := int64(len(e.SeatMap))
	if p, ok := s.plans.Load(-n); ok {
		return p.(*models.SeatPlan), nil //nolint:forcetypeassert // only plans are stored
	}
	p := models.NumberedPlan(int(n))
	s.plans.Store(-n, p)
	return p, nil
}

// Plan returns a seat plan. Plans never change, so they are kept in memory.
func (s *Service) Plan(tx *db.Tx, id int64) (*models.SeatPlan, error) {
	if p, ok := s.plans.Load(id); ok {
		return p.(*models.SeatPlan), nil //nolint:forcetypeassert // only plans are stored
	}
	p, err := venue.LoadPlan(tx, id)
	if err != nil {
		return nil, err
	}
	s.plans.Store(id, p)
	return p, nil
}
