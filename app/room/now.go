package room

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// Now is a room or a table at this moment, for the desk on the spot.
type Now struct {
	Room
	Busy  bool        // somebody has it
	Until models.Span // while nobody does: the first time that it can be had today; zero when there is none
	Ends  models.Instant
}

// Today is what a desk on the spot has before it: who is due to come, and what is
// free for whoever walks in.
type Today struct {
	Due   []Booking // booked, begun or about to begin, and not checked in
	Rooms []Now
}

// Today tells it for the places where the actor checks people in.
func (s *Service) Today(ctx context.Context, a auth.Actor) (out Today, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out.Due, err = dueNow(tx, a.Scope(auth.CheckIn), tx.Now().Add(doorAhead)); err != nil {
			return err
		}
		if out.Rooms, err = s.roomsNow(tx, a); err != nil {
			return err
		}
		return nil
	})
	return out, err
}

// roomsNow looks at all rooms of the actor's at once.
func (s *Service) roomsNow(tx *db.Tx, a auth.Actor) ([]Now, error) {
	all, err := rooms(tx, Filter{})
	if err != nil {
		return nil, err
	}
	var out []Now
	var ids []int64
	for _, r := range all {
		if a.CanAt(auth.CheckIn, r.OrgPath) || r.OwnerPath != "" && a.CanAt(auth.CheckIn, r.OwnerPath) {
			out, ids = append(out, Now{Room: r}), append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	now := tx.Now()
	today := models.DayOf(now, s.zone)
	places, days, err := s.places(tx, today, today, ids...)
	if err != nil {
		return nil, err
	}
	settings := make([]setting, len(out))
	var resources []int64
	for i, r := range out {
		settings[i] = setting{place: places[r.ID], days: days, zone: s.zone}
		resources = append(resources, settings[i].resources()...)
	}
	rows, err := busy(tx, resources, models.Span{Start: today.Add(-1).At(0, s.zone), End: today.Add(2).At(0, s.zone)})
	if err != nil {
		return nil, err
	}
	for i := range out {
		settings[i].at(&out[i], busyTimes(rows), now)
	}
	return out, nil
}

// at tells whether a room is taken now, and from when it can be had.
func (st setting) at(n *Now, b busyTimes, now models.Instant) {
	for _, r := range b.against(st.claims(models.Span{Start: now, End: now.Add(1)})) {
		n.Busy = true
		if n.Ends.Before(r.EndsAt) {
			n.Ends = r.EndsAt
		}
	}
	today := models.DayOf(now, st.zone)
	one := st.place
	length := one.SlotMin
	if length == 0 {
		length = usualSlot
	}
	for _, sp := range st.candidates(today, today, minutesOf(length)) {
		if sp.End.After(now) && b.free(st.claims(sp)) {
			n.Until = sp
			return
		}
	}
}

// greet checks a party in that has booked on the spot.
func (s *Service) greet(tx *db.Tx, a auth.Actor, st setting, uid string) error {
	b, err := byUID(tx, uid)
	if err != nil || b.Status != models.RoomBooked || !b.runs(a, auth.CheckIn) {
		return err
	}
	_, err = s.arrive(tx, a, b, st, booking.Scan{Code: b.Code})
	return err
}
