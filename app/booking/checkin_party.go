package booking

import (
	"errors"
	"slices"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// party is a booking at the door: its seats with their living check-ins, in the
// order of the plan, and its members.
type party struct {
	b       models.Booking
	e       models.Event
	seats   []partySeat
	members []member

	released []releasedSeat
	sits     map[int64]int // member → position of their seat
	given    []*int64      // position → member who is expected there
	claims   map[int64]int // member → position of their own seat, where somebody came whose name was not taken
}

type releasedSeat struct {
	BookingID string
	SeatRef
}

type partySeat struct {
	BookingID  string
	SeatID     int64
	Label      string
	Nonce      string
	Door       string
	At         models.Instant // zero: nobody is here yet
	AttendeeID *int64
	Came       models.Came
	now        bool // by the scan at hand
}

func (x partySeat) here() bool { return !x.At.IsZero() }

// member is a row of attendees.
type member struct {
	BookingID string
	ID        int64
	Name      string
	SeatID    *int64
}

// coming is a seat of the party, by position, and which member takes it: a seat
// that waits, or one where a head was counted that now gets its name.
type coming struct {
	seat   int
	member *int64
}

const (
	partySeats = `SELECT s.booking_id, s.seat_id, s.label, COALESCE(c.nonce, '') AS nonce, COALESCE(c.door, '') AS door, c.at,
		c.attendee_id, COALESCE(c.came, '') AS came
		FROM booking_seats s LEFT JOIN checkins c ON c.booking_id = s.booking_id AND c.seat_id = s.seat_id AND c.undone_at IS NULL
		WHERE s.released_at IS NULL AND `
	partyMembers  = `SELECT a.booking_id, a.id, a.name, a.seat_id FROM attendees a WHERE `
	partyReleased = `SELECT s.booking_id, s.seat_id AS id, s.label FROM booking_seats s WHERE s.released_at IS NOT NULL AND s.outcome = 'no_show' AND `
)

func loadParty(tx *db.Tx, b models.Booking, e models.Event) (*party, error) {
	p := &party{b: b, e: e}
	if err := tx.Scan(&p.seats, partySeats+`s.booking_id = ? ORDER BY s.seat_id`, b.ID); err != nil {
		return nil, err
	}
	if err := tx.Scan(&p.members, partyMembers+`a.booking_id = ? ORDER BY a.ord`, b.ID); err != nil {
		return nil, err
	}
	p.settle()
	return p, tx.Scan(&p.released, partyReleased+`s.booking_id = ? ORDER BY s.seat_id`, b.ID)
}

// Parties says who is here of every booking of an event that was not
// cancelled, by booking; the counts of the event are left out.
func Parties(tx *db.Tx, e models.Event) (map[string]Arrivals, error) {
	var seats []partySeat
	var members []member
	var released []releasedSeat
	of := ` (SELECT b.id FROM bookings b WHERE b.event_id = ? AND b.status <> 'cancelled')`
	err := errors.Join(tx.Scan(&seats, partySeats+`s.event_id = ? ORDER BY s.seat_id`, e.ID),
		tx.Scan(&members, partyMembers+`a.booking_id IN`+of+` ORDER BY a.ord`, e.ID),
		tx.Scan(&released, partyReleased+`s.event_id = ? ORDER BY s.seat_id`, e.ID))
	if err != nil {
		return nil, err
	}
	all := map[string]*party{}
	at := func(id string) *party {
		if all[id] == nil {
			all[id] = &party{e: e, b: models.Booking{ID: id}}
		}
		return all[id]
	}
	for _, x := range seats {
		at(x.BookingID).seats = append(at(x.BookingID).seats, x)
	}
	for _, m := range members {
		at(m.BookingID).members = append(at(m.BookingID).members, m)
	}
	for _, x := range released {
		at(x.BookingID).released = append(at(x.BookingID).released, x)
	}
	out := make(map[string]Arrivals, len(all))
	for id, p := range all {
		p.settle()
		out[id] = p.standing(Scan{})
	}
	return out, nil
}

// settle works out who sits where: those who came by name on the seat they took,
// the others on the seat given to them, unless somebody came to sit there. Who
// was counted there as a head is nobody's until the member claims it by name.
func (p *party) settle() {
	p.sits, p.claims, p.given = map[int64]int{}, map[int64]int{}, make([]*int64, len(p.seats))
	at := make(map[int64]int, len(p.seats))
	for i, x := range p.seats {
		at[x.SeatID] = i
		if x.AttendeeID != nil {
			p.sits[*x.AttendeeID] = i
		}
	}
	for _, m := range p.members {
		if _, sits := p.sits[m.ID]; sits || m.SeatID == nil {
			continue
		}
		i, ok := at[*m.SeatID]
		switch {
		case !ok || p.seats[i].AttendeeID != nil:
		case p.seats[i].here():
			p.claims[m.ID] = i
		default:
			p.sits[m.ID], p.given[i] = i, &m.ID
		}
	}
}

// seat is the position of a living seat, -1 when the party does not hold it.
func (p *party) seat(id int64) int {
	return slices.IndexFunc(p.seats, func(x partySeat) bool { return x.SeatID == id })
}

func (p *party) member(id int64) *member {
	if i := slices.IndexFunc(p.members, func(m member) bool { return m.ID == id }); i >= 0 {
		return &p.members[i]
	}
	return nil
}

// seatOf is the position at which a member sits, or which is given to them; -1
// when they have none.
func (p *party) seatOf(m member) int {
	if i, ok := p.sits[m.ID]; ok {
		return i
	}
	return -1
}

// choose says who takes which seat by a scan. Who is here already is left out.
func (p *party) choose(in Scan) ([]coming, error) {
	named := len(in.Seats) + len(in.Attendees)
	if in.Count > 0 && named > 0 {
		return nil, ErrSeatsOrCount.At(errs.Field{Name: "count", Code: "other"})
	}
	var come []coming
	taken := map[int]bool{}
	take := func(i int, m *int64) {
		if i >= 0 && !taken[i] && !p.seats[i].here() {
			taken[i] = true
			come = append(come, coming{i, m})
		}
	}
	for n, id := range in.Seats {
		i := p.seat(id)
		if i < 0 {
			return nil, ErrUnknownSeat.At(errs.Field{Name: fieldAt("seats", n), Code: "unknown_seat"})
		}
		take(i, p.given[i])
	}
	var standing []member // members with no seat of their own
	for n, id := range in.Attendees {
		m := p.member(id)
		if m == nil {
			return nil, ErrUnknownAttendee.At(errs.Field{Name: fieldAt("attendees", n), Code: "unknown"})
		}
		i := p.seatOf(*m)
		take(i, &m.ID)
		if own, ok := p.claims[m.ID]; ok && !taken[own] {
			taken[own] = true
			come = append(come, coming{own, &m.ID})
		} else if i < 0 && !ok && !slices.Contains(standing, *m) {
			standing = append(standing, *m)
		}
	}
	free, kept := p.waiting(taken)
	switch {
	case in.Count > 0:
		if all := slices.Concat(free, kept); in.Count < len(all) {
			for _, i := range all[:in.Count] {
				take(i, nil) // heads, not names: nobody knows whose
			}
			return come, nil
		} else if in.Count > len(all) {
			return nil, p.fewer(len(all), "count")
		}
		p.takeAll(take, free, kept)
	case named == 0:
		p.takeAll(take, free, kept)
	default:
		if len(standing) > len(free) {
			return nil, p.fewer(len(free), "attendees")
		}
		for n, m := range standing {
			take(free[n], &m.ID)
		}
	}
	return come, nil
}

// waiting lists the seats that nobody has come for yet: those given to no
// member, and those that are.
func (p *party) waiting(taken map[int]bool) (free, kept []int) {
	for i, x := range p.seats {
		switch {
		case x.here() || taken[i]:
		case p.given[i] == nil:
			free = append(free, i)
		default:
			kept = append(kept, i)
		}
	}
	return free, kept
}

// takeAll seats the whole rest of the party: everybody with a seat on it, the
// other members on what is left, in the order of the list. Whose seat a head was
// counted on gets no second one.
func (p *party) takeAll(take func(int, *int64), free, kept []int) {
	for _, i := range kept {
		take(i, p.given[i])
	}
	n := 0
	for _, m := range p.members {
		if _, own := p.claims[m.ID]; !own && p.seatOf(m) < 0 && n < len(free) {
			take(free[n], &m.ID)
			n++
		}
	}
	for _, i := range free[n:] {
		take(i, nil)
	}
}

func (p *party) fewer(left int, field string) error {
	return ErrFewerLeft.With("name", p.b.Name).With("left", left).Add("left", left).At(errs.Field{Name: field, Code: "other"})
}

// wanted reports whether a scan is about a seat.
func (p *party) wanted(in Scan, i int) bool {
	if len(in.Seats)+len(in.Attendees)+in.Count == 0 || slices.Contains(in.Seats, p.seats[i].SeatID) {
		return true
	}
	for _, id := range in.Attendees {
		if m := p.member(id); m != nil && p.seatOf(*m) == i {
			return true
		}
	}
	return false
}

func (p *party) arrival(x partySeat) Arrival {
	a := Arrival{SeatID: x.SeatID, Label: x.Label, At: x.At, Door: x.Door, Came: x.Came, AttendeeID: x.AttendeeID, Late: late(p.e, x.At, x.Came)}
	if x.AttendeeID != nil {
		if m := p.member(*x.AttendeeID); m != nil {
			a.Name = m.Name
		}
	}
	return a
}

// late reports whether a check-in was after the start, by its own time or by
// what a list on paper says.
func late(e models.Event, at models.Instant, came models.Came) bool {
	if came != "" {
		return came != models.CameBefore
	}
	return at.After(e.StartsAt)
}

// answer says what became of a scan, and who of the party is here.
func (p *party) answer(tx *db.Tx, in Scan) (Arrivals, error) {
	out := p.standing(in)
	if in.Nonce != "" {
		var back []partySeat
		err := tx.Scan(&back, `SELECT c.seat_id, s.label, c.door, c.undone_at AS at, c.attendee_id, c.came FROM checkins c
			JOIN booking_seats s ON s.booking_id = c.booking_id AND s.seat_id = c.seat_id
			WHERE c.booking_id = ? AND c.nonce = ? AND c.undone_at IS NOT NULL ORDER BY c.seat_id`, p.b.ID, in.Nonce)
		if err != nil {
			return out, err
		}
		for _, x := range back {
			if i := p.seat(x.SeatID); i >= 0 && !p.seats[i].here() {
				out.TakenBack = append(out.TakenBack, p.arrival(x))
			}
		}
	}
	var err error
	out.DoorCount, err = CountAtDoor(tx, p.e)
	return out, err
}

// standing is the part of an answer that the party itself knows.
func (p *party) standing(in Scan) Arrivals {
	out := Arrivals{BookingID: p.b.ID, EventID: p.e.ID, Code: p.b.Code, Name: p.b.Name,
		Checked: []Arrival{}, Already: []Arrival{}, TakenBack: []Arrival{}, Missing: []SeatRef{}, Released: []SeatRef{}, Attendees: []Comer{}}
	for i, x := range p.seats {
		switch {
		case !x.here():
			out.Missing = append(out.Missing, SeatRef{x.SeatID, x.Label})
		case x.now || (in.Nonce != "" && x.Nonce == in.Nonce):
			out.Checked = append(out.Checked, p.arrival(x))
		case p.wanted(in, i):
			out.Already = append(out.Already, p.arrival(x))
		}
	}
	for _, m := range p.members {
		out.Attendees = append(out.Attendees, p.comer(m))
	}
	for _, x := range p.released {
		out.Released = append(out.Released, x.SeatRef)
	}
	return out
}

// comer is a member with what is known of them at the door.
func (p *party) comer(m member) Comer {
	c := Comer{ID: m.ID, Name: m.Name}
	i := p.seatOf(m)
	own, claimed := p.claims[m.ID]
	if claimed {
		i = own
	}
	if i < 0 {
		return c
	}
	x := p.seats[i]
	c.Seat = &SeatRef{x.SeatID, x.Label}
	if x.here() && !claimed {
		a := p.arrival(x)
		c.Here = &a
	}
	return c
}
