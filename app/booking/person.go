package booking

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// An event may limit the seats of one person, in all of their bookings together:
// whoever keeps the booking, with the people kept under the account, or at the
// desk the caller it is for. They are counted under the event's lock.

// limitsPerson says whether the limit holds for an ask: not for branches, whose
// members come, and not for what staff decides or seats at the door.
func limitsPerson(e models.Event, ask Ask) bool {
	return e.PersonSeats > 0 && !ask.ForBranch && (ask.Reach == ReachOnline || ask.Reach == ReachDesk)
}

func personLimit(has, asked, most int) *errs.Error {
	e := ErrPersonLimit.With("max", most).With("has", has).With("left", max(0, most-has)).With("asked", asked).
		Add("max", most).Add("has", has).Add("left", max(0, most-has)).At(errs.Field{Name: "seats", Code: "other"})
	switch {
	case has >= most:
		return e.Worded("screening.person_limit.none_left")
	case has == 0:
		return e.Worded("screening.person_limit.at_once")
	}
	return e
}

// bearerKey names one person at one event; zero when nobody is limited.
type bearerKey struct{ event, holder, person int64 }

func keyOf(event int64, holder, person *int64) bearerKey {
	switch {
	case holder != nil:
		return bearerKey{event: event, holder: *holder}
	case person != nil:
		return bearerKey{event: event, person: *person}
	}
	return bearerKey{}
}

// limitedKey is who an order counts for, false when no limit holds for it. What
// a waiting list offers was held to the limit when its party joined.
func limitedKey(st *State, o Order) (bearerKey, bool) {
	if st == nil || !limitsPerson(st.Event, o.Ask) || o.Actor.Login == byItself {
		return bearerKey{}, false
	}
	k := keyOf(o.EventID, o.HolderID, o.PersonID)
	return k, k != bearerKey{}
}

// seatsOf counts the seats that the people of some orders have at locked events;
// no query where no event limits them.
func seatsOf(tx *db.Tx, states map[int64]*State, orders []Order) (map[bearerKey]int, error) {
	var events, holders, people []int64
	for _, o := range orders {
		k, ok := limitedKey(states[o.EventID], o)
		if !ok {
			continue
		}
		events, holders, people = append(events, k.event), append(holders, k.holder), append(people, k.person)
	}
	if len(events) == 0 {
		return nil, nil
	}
	var rows []struct {
		EventID  int64
		HolderID *int64
		PersonID *int64
		Seats    int
	}
	atEvents, e := tx.Among("event_id", events)
	byHolders, h := tx.Among("holder_id", holders)
	ofPeople, p := tx.Among("person_id", people)
	err := tx.Scan(&rows, `SELECT event_id, holder_id, CASE WHEN holder_id IS NULL THEN person_id END AS person_id, SUM(party) AS seats FROM bookings
		WHERE `+atEvents+` AND org_id IS NULL AND status IN ('booked','held') AND (`+byHolders+` OR holder_id IS NULL AND `+ofPeople+`)
		GROUP BY event_id, holder_id, CASE WHEN holder_id IS NULL THEN person_id END`, e, h, p)
	if err != nil {
		return nil, fmt.Errorf("seats of a person: %w", err)
	}
	out := make(map[bearerKey]int, len(rows))
	for _, r := range rows {
		out[keyOf(r.EventID, r.HolderID, r.PersonID)] = r.Seats
	}
	return out, nil
}
