package booking

import (
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
}

type partySeat struct {
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
	ID     int64
	Name   string
	SeatID *int64
}

// coming is a seat of the party, by position, and which member takes it.
type coming struct {
	seat   int
	member *int64
}

func loadParty(tx *db.Tx, b models.Booking, e models.Event) (*party, error) {
	p := &party{b: b, e: e}
	err := tx.Scan(&p.seats, `SELECT s.seat_id, s.label, COALESCE(c.nonce, '') AS nonce, COALESCE(c.door, '') AS door, c.at,
		c.attendee_id, COALESCE(c.came, '') AS came
		FROM booking_seats s LEFT JOIN checkins c ON c.booking_id = s.booking_id AND c.seat_id = s.seat_id AND c.undone_at IS NULL
		WHERE s.booking_id = ? AND s.released_at IS NULL ORDER BY s.seat_id`, b.ID)
	if err != nil {
		return nil, err
	}
	return p, tx.Scan(&p.members, `SELECT id, name, seat_id FROM attendees WHERE booking_id = ? ORDER BY ord`, b.ID)
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

// seatOf is the position at which a member sits, or which is given to them and
// taken by nobody else; -1 when they have none.
func (p *party) seatOf(m member) int {
	for i, x := range p.seats {
		if x.AttendeeID != nil && *x.AttendeeID == m.ID {
			return i
		}
	}
	if m.SeatID == nil {
		return -1
	}
	i := p.seat(*m.SeatID)
	if i >= 0 && p.seats[i].AttendeeID != nil { // somebody else sits there
		return -1
	}
	return i
}

// given is to whom a seat is given, nil when to nobody.
func (p *party) given(i int) *int64 {
	for _, m := range p.members {
		if m.SeatID != nil && *m.SeatID == p.seats[i].SeatID && p.seatOf(m) == i {
			return &m.ID
		}
	}
	return nil
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
		take(i, p.given(i))
	}
	var standing []member // members with no seat of their own
	for n, id := range in.Attendees {
		m := p.member(id)
		if m == nil {
			return nil, ErrUnknownAttendee.At(errs.Field{Name: fieldAt("attendees", n), Code: "unknown"})
		}
		i := p.seatOf(*m)
		take(i, &m.ID)
		if i < 0 && !slices.Contains(standing, *m) {
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
		case p.given(i) == nil:
			free = append(free, i)
		default:
			kept = append(kept, i)
		}
	}
	return free, kept
}

// takeAll seats the whole rest of the party: everybody with a seat on it, the
// other members on what is left, in the order of the list.
func (p *party) takeAll(take func(int, *int64), free, kept []int) {
	for _, i := range kept {
		take(i, p.given(i))
	}
	n := 0
	for _, m := range p.members {
		if p.seatOf(m) < 0 && n < len(free) {
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
	err := tx.Scan(&out.Released, `SELECT seat_id AS id, label FROM booking_seats
		WHERE booking_id = ? AND released_at IS NOT NULL AND outcome = 'no_show' ORDER BY seat_id`, p.b.ID)
	if err != nil {
		return out, err
	}
	out.DoorCount, err = CountAtDoor(tx, p.e)
	return out, err
}

// comer is a member with what is known of them at the door.
func (p *party) comer(m member) Comer {
	c := Comer{ID: m.ID, Name: m.Name}
	i := p.seatOf(m)
	if i < 0 {
		return c
	}
	x := p.seats[i]
	c.Seat = &SeatRef{x.SeatID, x.Label}
	if x.here() {
		a := p.arrival(x)
		a.AttendeeID, a.Name = &m.ID, m.Name
		c.Here = &a
	}
	return c
}
