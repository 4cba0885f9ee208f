package booking

import (
	"fmt"
	"slices"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Changing is who changes the seats of a booking, and to what: chosen Seats, or
// a Party to be seated together. Either may be more or fewer people than
// before. A Party that names no zone stays about where it is.
type Changing struct {
	Actor    auth.Actor
	Channel  models.Channel
	ReadBack ReadBack
	Limit    CancelLimit // until when; the same limits as for giving seats back
	Reach    Reach
	Seats    []int64
	Party    models.Party
	Place    string // where it is, for the message
}

// Changed is a change as the one who asked is told of it: the booking with its
// seats as they are now, what it had before, and which attendees lost the seat
// that was theirs.
type Changed struct {
	Placed
	Before   []SeatRef `json:"before"`
	Unseated []string  `json:"unseated"`
}

// DecideChange answers a party that has the seats at the positions held and
// asks for others. What it has counts as free for it, so that it may shift by
// one; nothing is given back unless all of the new is there. Like Decide it is
// pure, marks what it did in st, and leaves no trace of a refusal. A reserved
// seat that is given back is plainly free.
func DecideChange(st *State, now models.Instant, held []int, ask Ask) Outcome {
	trial := &State{Event: st.Event, Plan: st.Plan, Map: slices.Clone(st.Map), held: held}
	trial.Event.MaxSeats = max(trial.Event.MaxSeats, len(held)) // an approved block may be larger than a booking
	if most := trial.Event.PersonSeats; most > 0 {
		trial.Event.PersonSeats = max(most, ask.Has+len(held)) // what they have is theirs, whatever the rule is now
	}
	for _, o := range held {
		trial.Map[o] = byte(st.givenBack(o))
	}
	ords, together, refusal := trial.decide(now, ask)
	if refusal != nil {
		return Outcome{Refusal: refusal}
	}
	for _, o := range held {
		if st.Map[o] = byte(st.givenBack(o)); st.broken.has(o) {
			st.Event.ForSale--
		}
	}
	for _, o := range ords {
		st.take(o)
	}
	st.Event.Taken += len(ords) - len(held)
	return Outcome{Ords: ords, Together: together}
}

// givenBack is what a seat becomes when its party leaves it: free, or blocked
// while it is out of order.
func (st *State) givenBack(o int) models.SeatState {
	if st.broken.has(o) {
		return models.SeatBlocked
	}
	return models.SeatFree
}

// choose seats a party: by its zone, or, when a party that has seats names
// none, near them. Whoever becomes fewer stays on seats they have.
func (st *State) choose(ask Ask) (models.Choice, bool) {
	if st.Plan.Numbered() {
		return st.numbers(ask)
	}
	free := st.available(ask.access())
	if len(st.held) == 0 || ask.Party.Zone != models.ZoneAny {
		return models.ChooseSeats(st.Plan, free, ask.Party)
	}
	if ask.Party.Count < len(st.held) {
		own := func(o int) bool { return slices.Contains(st.held, o) }
		if c, ok := models.ChooseNear(st.Plan, own, ask.Party, st.held); ok {
			return c, true
		}
	}
	return models.ChooseNear(st.Plan, free, ask.Party, st.held)
}

// numbers chooses among places without a plan. A party that has some keeps as
// many of them as it still needs.
func (st *State) numbers(ask Ask) (models.Choice, bool) {
	m, want := st.Map, ask.Party.Count
	keep := st.held[:min(want, len(st.held))]
	if len(keep) > 0 {
		m = slices.Clone(st.Map)
		for _, o := range keep {
			m[o] = byte(models.SeatTaken)
		}
	}
	if want == len(keep) {
		return models.Choice{Ords: slices.Clone(keep)}, want > 0
	}
	more, ok := models.ChooseNumbers(m, ask.access(), want-len(keep))
	ords := slices.Concat(keep, more)
	slices.Sort(ords)
	return models.Choice{Ords: ords}, ok
}

// Changeable holds a change to its limit; it returns ErrChangeLate or nil.
func Changeable(now models.Instant, e models.Event, l CancelLimit) *errs.Error {
	switch {
	case l == UntilStart && !now.Before(e.StartsAt):
		return ErrChangeLate.Worded("booking.change_late.started").With("change_until", e.StartsAt).Add("change_until", e.StartsAt)
	case l == UntilLimit && !now.Before(e.CancelUntil):
		return ErrChangeLate.With("change_until", e.CancelUntil).Add("change_until", e.CancelUntil)
	}
	return nil
}

// Change moves a booking to other seats, or to another number of them: the new
// ones are held before any of the old ones is given back, and a refusal leaves
// the old ones as they are. Seats that are old and new keep their rows.
//
// It returns ErrNotBooked, ErrChangeLate, ErrSeatHere or one of the refusals of
// Book; the caller has locked the booking by Locked and checked that the actor may.
func (s *Service) Change(tx *db.Tx, b models.Booking, e models.Event, c Changing) (Changed, error) {
	if b.Status != models.BookingBooked {
		return Changed{}, ErrNotBooked
	}
	if err := Changeable(tx.Now(), e, c.Limit); err != nil {
		return Changed{}, err
	}
	plan, err := s.PlanOf(tx, e)
	if err != nil {
		return Changed{}, err
	}
	broken, err := outOfOrder(tx, plan, e)
	if err != nil {
		return Changed{}, err
	}
	st := &State{Event: e, Plan: plan, Map: []byte(e.SeatMap), broken: broken}
	held, here, err := st.heldBy(tx, b)
	if err != nil {
		return Changed{}, err
	}
	ask := Ask{EventID: e.ID, Seats: c.Seats, Party: c.Party, Reach: c.Reach, ForBranch: b.OrgID != nil}
	had, err := seatsOf(tx, map[int64]*State{e.ID: st}, []Order{{Ask: ask, HolderID: b.HolderID, PersonID: b.PersonID}})
	if err != nil {
		return Changed{}, err
	}
	ask.Has = max(0, had[keyOf(e.ID, b.HolderID, b.PersonID)]-len(held))
	out := DecideChange(st, tx.Now(), held, ask)
	if out.Refusal != nil {
		return Changed{}, out.Refusal
	}
	dropped := without(held, out.Ords)
	if gone := slices.DeleteFunc(slices.Clone(here), func(o int) bool { return !slices.Contains(dropped, o) }); len(gone) > 0 {
		return Changed{}, ErrSeatHere.With("seats", st.labels(gone))
	}
	done := Changed{Placed: Placed{ID: b.ID, EventID: e.ID, Code: b.Code, Seats: st.refs(out.Ords), Status: b.Status, Together: out.Together},
		Before: st.refs(held), Unseated: []string{}}
	added := without(out.Ords, held)
	if len(added)+len(dropped) == 0 {
		return done, nil // nothing to do, nothing to tell
	}
	st.Event.SeatMap = string(st.Map)
	if err := s.saveSeats(tx, []models.Event{st.Event}); err != nil {
		return done, err
	}
	if err := moveSeats(tx, b, st.refs(added), st.refs(dropped)); err != nil {
		return done, err
	}
	if done.Unseated, err = unseat(tx, b.ID, st.refs(dropped)); err != nil {
		return done, err
	}
	if _, err := tx.Exec(`UPDATE bookings SET party = ? WHERE id = ?`, len(out.Ords), b.ID); err != nil {
		return done, fmt.Errorf("change party: %w", err)
	}
	line := audit.By(tx, c.Actor, c.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.change", "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After = b.PersonID, inShort(done.Before), inShort(done.Seats)
	if err := audit.Write(tx, line); err != nil {
		return done, err
	}
	return done, s.tellChanged(tx, b, e, done, c)
}

// heldBy lists the positions a booking has, and those of them whose holder has
// been checked in.
func (st *State) heldBy(tx *db.Tx, b models.Booking) (held, here []int, err error) {
	var rows []struct {
		SeatID int64
		Here   int64
	}
	err = tx.Scan(&rows, `SELECT s.seat_id, (SELECT COUNT(*) FROM checkins c WHERE c.booking_id = s.booking_id AND c.seat_id = s.seat_id
		AND c.undone_at IS NULL) AS here FROM booking_seats s WHERE s.booking_id = ? AND s.released_at IS NULL`, b.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		o, ok := st.Plan.Ord(r.SeatID)
		if !ok || models.SeatState(st.Map[o]) != models.SeatTaken {
			return nil, nil, fmt.Errorf("booking %s: seat %d is not taken in event %d", b.ID, r.SeatID, st.Event.ID)
		}
		if held = append(held, o); r.Here > 0 {
			here = append(here, o)
		}
	}
	slices.Sort(held)
	slices.Sort(here)
	return held, here, nil
}

// without lists what is in a and not in b.
func without(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(o int) bool { return slices.Contains(b, o) })
}

func seatIDs(seats []SeatRef) []int64 {
	ids := make([]int64, len(seats))
	for i, r := range seats {
		ids[i] = r.ID
	}
	return ids
}

// moveSeats takes the new seats and then lets go of the old ones. A seat that
// the booking had before and gave back comes to life again in its old row.
func moveSeats(tx *db.Tx, b models.Booking, added, dropped []SeatRef) error {
	rows := make([][]any, len(added))
	for i, r := range added {
		rows[i] = []any{b.ID, r.ID, b.EventID, r.Label}
	}
	_, err := seatRows.Insert(tx, " ON CONFLICT (booking_id, seat_id) DO UPDATE SET released_at = NULL", rows...)
	if db.Constraint(err) == "booking_seats_event_id_seat_id_key" {
		return db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("take %d other seats: %w", len(added), err)
	}
	among, list := tx.Among("seat_id", seatIDs(dropped))
	if _, err := tx.Exec(`UPDATE booking_seats SET released_at = ? WHERE booking_id = ? AND released_at IS NULL AND `+among, tx.Now(), b.ID, list); err != nil {
		return fmt.Errorf("give %d seats back: %w", len(dropped), err)
	}
	return nil
}

// unseat leaves attendees without a seat whose seat has gone, and names them.
func unseat(tx *db.Tx, id string, dropped []SeatRef) ([]string, error) {
	among, list := tx.Among("seat_id", seatIDs(dropped))
	names := []string{}
	if err := tx.Scan(&names, `SELECT name FROM attendees WHERE booking_id = ? AND `+among+` ORDER BY ord`, id, list); err != nil {
		return nil, fmt.Errorf("attendees of seats given back: %w", err)
	}
	if len(names) == 0 {
		return []string{}, nil
	}
	_, err := tx.Exec(`UPDATE attendees SET seat_id = NULL WHERE booking_id = ? AND `+among, id, list)
	return names, err
}

// tellChanged tells those concerned, unless a clerk has just told them. What
// still waits to be said of the old seats is not said any more: the new message
// has all of it.
func (s *Service) tellChanged(tx *db.Tx, b models.Booking, e models.Event, done Changed, c Changing) error {
	if err := s.notices.Void(tx, subject(b.ID), notify.Booked, notify.Changed, notify.Reminder); err != nil {
		return err
	}
	n := notify.Notice{Kind: notify.Changed, Subject: subject(b.ID), Vars: map[string]string{
		"title": e.Title, "start": e.StartsAt.String(), "seats": said(e, done.Seats), "code": ShowCode(b.Code), "place": c.Place, "path": s.bookingPath(e, b.ID)}}
	if b.HolderID != nil {
		n.Account = *b.HolderID
	}
	if b.PersonID != nil {
		n.Person = *b.PersonID
	}
	if b.OrgID != nil {
		n.Branch = *b.OrgID
	}
	told := bool(c.ReadBack) && c.Channel != models.ChannelOnline // by voice
	if told || n.Account == 0 && n.Person == 0 && n.Branch == 0 {
		return nil
	}
	n.Important = notify.Importance(c.Actor.AccountID != n.Account)
	return s.notices.Enqueue(tx, n)
}
