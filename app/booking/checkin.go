package booking

import (
	"context"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Scan is one check-in at a door: a code, and who of its party came: seats,
// members, or a Count of heads (the next seats); all of them when none is named.
// The same nonce again is the same scan, for ever.
type Scan struct {
	Code      string
	Nonce     string
	Seats     []int64
	Attendees []int64
	Count     int
	EventID   int64          // the event at this door, 0 when the door does not say
	Door      string         // which door, free text
	Came      models.Came    // from a list on paper
	At        models.Instant // when a device without a line saw it; zero: now
}

// Arrival is one seat of a scan: checked in now, or when and where before.
type Arrival struct {
	SeatID     int64          `json:"id"`
	Label      string         `json:"label"`
	At         models.Instant `json:"at"`
	Door       string         `json:"door"`
	Late       bool           `json:"late"` // after the start
	Came       models.Came    `json:"came,omitempty"`
	AttendeeID *int64         `json:"attendee_id,omitempty"`
	Name       string         `json:"name,omitempty"`
}

// Comer is a member of a party: the seat given to them, if any, and since when
// they are here.
type Comer struct {
	ID   int64    `json:"id"`
	Name string   `json:"name"`
	Seat *SeatRef `json:"seat"`
	Here *Arrival `json:"here"`
}

// Arrivals answers a scan.
type Arrivals struct {
	BookingID string    `json:"booking_id"`
	EventID   int64     `json:"screening_id"`
	Kind      string    `json:"kind,omitempty"` // "room" for a booking of a room; none for seats
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Checked   []Arrival `json:"checked_in"` // by this scan
	Already   []Arrival `json:"already"`    // by an earlier one
	TakenBack []Arrival `json:"taken_back"` // by this scan, and undone since
	Missing   []SeatRef `json:"missing"`    // of this booking, not here yet
	Released  []SeatRef `json:"released"`   // of this booking, let go as nobody came
	Attendees []Comer   `json:"attendees"`  // the members, as the booker named them
	DoorCount
}

// DoorCount is how full an event is. Version grows by every change of it.
type DoorCount struct {
	Arrived  int64 `json:"arrived"`
	Expected int   `json:"expected"`
	Late     int64 `json:"late"`
	Version  int64 `json:"version"`
}

// CheckIn records who came. A second scan is no fault: it is answered with the
// time and door of the first, and a scan sent again with what became of it. It
// returns ErrUnknownCode, ErrOtherEvent, ErrNotBooked, ErrHeld, ErrReleased,
// ErrDoorEarly, ErrDoorOver, ErrUnknownSeat, ErrUnknownAttendee, ErrSeatsOrCount, ErrFewerLeft.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in Scan) (Arrivals, error) {
	var out Arrivals
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := s.atDoor(tx, a, in)
		if err != nil {
			return err
		}
		if err := s.doorOpen(tx, b, e); err != nil {
			return err
		}
		out, err = s.checkIn(tx, a, in, b, e)
		return err
	})
	return out, err
}

// CheckInLater is CheckIn of what a device saw while it had no line, in a
// transaction of the feature whose device it is: it holds until the record is
// closed, and sets the outcomes of a finished event anew.
func (s *Service) CheckInLater(tx *db.Tx, a auth.Actor, in Scan) (Arrivals, error) {
	b, e, err := s.atDoor(tx, a, in)
	if err != nil {
		return Arrivals{}, err
	}
	if err := recordOpen(tx, b, e); err != nil {
		return Arrivals{}, err
	}
	if early := s.doorEarly(tx, e); early != nil {
		return Arrivals{}, early
	}
	out, err := s.checkIn(tx, a, in, b, e)
	if err != nil {
		return out, err
	}
	return out, s.recount(tx, a, &e, "offline")
}

// WalkInLater is WalkIn in a transaction of the feature.
func (s *Service) WalkInLater(tx *db.Tx, a auth.Actor, in WalkIn) (Placed, error) {
	return s.walkIn(tx, a, in)
}

// atDoor finds the booking of a code for staff of the place; a code of
// somewhere else is unknown here.
func (s *Service) atDoor(tx *db.Tx, a auth.Actor, in Scan) (models.Booking, models.Event, error) {
	var id string
	ok, err := tx.One(&id, `SELECT b.id FROM bookings b WHERE b.code = ?`, CleanCode(in.Code))
	if err != nil {
		return models.Booking{}, models.Event{}, err
	}
	if !ok {
		return models.Booking{}, models.Event{}, ErrUnknownCode
	}
	b, e, err := Locked(tx, id)
	if err != nil {
		return b, e, err
	}
	may, err := mayCheckIn(tx, a, e)
	switch {
	case err != nil:
		return b, e, err
	case !may:
		return b, e, ErrUnknownCode
	case in.EventID != 0 && in.EventID != e.ID:
		return b, e, ErrOtherEvent.With("title", e.Title).With("starts_at", e.StartsAt).Add("screening_id", e.ID)
	}
	return b, e, nil
}

// mayCheckIn reports whether the actor is staff at the door of an event.
func mayCheckIn(tx *db.Tx, a auth.Actor, e models.Event) (bool, error) {
	var path string
	_, err := tx.One(&path, `SELECT path FROM orgs WHERE id = ?`, e.OrgID)
	return a.CanAt(auth.CheckIn, path), err
}

// doorAhead is how long before the start the door is open at the latest, where
// the day begins later than that.
const doorAhead = time.Hour

// DoorFrom is from when people are checked in: all day, so that only a ticket for
// another day is turned away.
func (s *Service) DoorFrom(e models.Event) models.Instant {
	t := e.StartsAt.In(s.opts.Zone)
	day := models.InstantOf(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, s.opts.Zone))
	if ahead := e.StartsAt.Add(-doorAhead); ahead.Before(day) {
		return ahead
	}
	return day
}

// doorEarly refuses what belongs to the day of the event before that day.
func (s *Service) doorEarly(tx *db.Tx, e models.Event) *errs.Error {
	if from := s.DoorFrom(e); tx.Now().Before(from) {
		return ErrDoorEarly.With("starts_at", e.StartsAt).With("from", from).Add("from", from)
	}
	return nil
}

// doorOpen holds a scan to the state of its booking, the event's day and its
// end: latecomers are let in until then.
func (s *Service) doorOpen(tx *db.Tx, b models.Booking, e models.Event) error {
	switch {
	case b.Status == models.BookingHeld:
		return ErrHeld
	case b.Status == models.BookingNoShow && e.State == models.EventOpen:
		return ErrReleased.With("name", b.Name).With("free", e.Free()+e.Reserved).Add("free", e.Free()+e.Reserved)
	case b.Status != models.BookingBooked || e.State != models.EventOpen:
		return ErrNotBooked.With("status", string(b.Status))
	case !tx.Now().Before(e.EndsAt):
		return doorOver(e)
	}
	if early := s.doorEarly(tx, e); early != nil {
		return early
	}
	return nil
}

func doorOver(e models.Event) error {
	return ErrDoorOver.With("ends_at", e.EndsAt).With("until", e.EndsAt.Add(recordDays)).Add("ends_at", e.EndsAt)
}

var (
	scanRows    = db.RowsOf("scans", "booking_id text, nonce text, at timestamptz")
	checkinRows = db.RowsOf("checkins", `event_id bigint, booking_id text, seat_id bigint, nonce text, door text, by_id bigint,
		at timestamptz, attendee_id bigint, came text`)
)

// checkIn seats who came, with booking and event locked. A nonce that was
// answered before writes nothing any more, whatever was undone since.
func (s *Service) checkIn(tx *db.Tx, a auth.Actor, in Scan, b models.Booking, e models.Event) (Arrivals, error) {
	p, err := loadParty(tx, b, e)
	if err != nil {
		return Arrivals{}, err
	}
	fresh := int64(1)
	if in.Nonce != "" {
		if fresh, err = scanRows.Insert(tx, " ON CONFLICT DO NOTHING", []any{b.ID, in.Nonce, tx.Now()}); err != nil {
			return Arrivals{}, err
		}
	}
	if fresh == 0 {
		return p.answer(tx, in)
	}
	come, err := p.choose(in)
	if err != nil {
		return Arrivals{}, err
	}
	if len(come) > 0 {
		if err := s.seat(tx, a, in, p, come); err != nil {
			return Arrivals{}, err
		}
	}
	return p.answer(tx, in)
}

// seat writes the check-ins of a scan and notes them on the party. A head that
// gets its name keeps the time and door at which it came.
func (s *Service) seat(tx *db.Tx, a auth.Actor, in Scan, p *party, come []coming) error {
	var rows [][]any
	var err error
	at := in.At
	if at.IsZero() {
		at = tx.Now()
	}
	for _, c := range come {
		x := &p.seats[c.seat]
		if x.here() {
			x.AttendeeID = c.member
			if err = nameHead(tx, p.b.ID, x.SeatID, *c.member); err != nil {
				break
			}
			continue
		}
		x.Nonce, x.Door, x.At, x.Came, x.AttendeeID, x.now = in.Nonce, in.Door, at, in.Came, c.member, true
		rows = append(rows, []any{p.e.ID, p.b.ID, x.SeatID, in.Nonce, in.Door, a.AccountID, at, c.member, string(in.Came)})
	}
	p.settle()
	if err == nil && len(rows) > 0 {
		_, err = checkinRows.Insert(tx, "", rows...)
	}
	switch db.Constraint(err) {
	case "":
	case "checkins_event_id_seat_id_key", "checkins_booking_id_seat_id_key", "checkins_attendee_id_key":
		return db.ErrAgain
	}
	if err != nil {
		return err
	}
	line := audit.By(tx, a, models.ChannelVisit)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.check_in", "booking", p.b.ID, &p.e.OrgID
	line.After = strconv.Itoa(len(rows)) + " at " + in.Door
	if named := len(come) - len(rows); named > 0 {
		line.After += ", " + strconv.Itoa(named) + " named"
	}
	s.tell(tx, p.e)
	return audit.Write(tx, line)
}

// nameHead says whose a check-in is that counted a head.
func nameHead(tx *db.Tx, booking string, seat, member int64) error {
	n, err := tx.Exec(`UPDATE checkins SET attendee_id = ? WHERE booking_id = ? AND seat_id = ? AND attendee_id IS NULL AND undone_at IS NULL`,
		member, booking, seat)
	if err == nil && n == 0 {
		return db.ErrAgain
	}
	return err
}

// Arrived counts the seats of an event that are checked in.
func Arrived(tx *db.Tx, eventID int64) (int64, error) {
	var n int64
	err := tx.Scan(&n, `SELECT COUNT(*) FROM checkins WHERE event_id = ? AND undone_at IS NULL`, eventID)
	return n, err
}

// CountAtDoor is the live count of an event. Check-ins, their undoing and the
// event's own version only ever grow, so their sum tells which count is newer.
func CountAtDoor(tx *db.Tx, e models.Event) (DoorCount, error) {
	var n struct {
		Scans, Undone, Late int64
		Held                int // seats that somebody has yet to decide about: nobody of them comes
	}
	err := tx.Scan(&n, `SELECT COUNT(*) AS scans, COUNT(undone_at) AS undone,
		COUNT(CASE WHEN undone_at IS NULL AND (came IN (?, ?) OR (came = '' AND at > ?)) THEN 1 END) AS late,
		(SELECT COALESCE(SUM(b.party), 0) FROM bookings b WHERE b.event_id = ? AND b.status = 'held') AS held
		FROM checkins WHERE event_id = ?`, models.CameHalfHour, models.CameLater, e.StartsAt, e.ID, e.ID)
	return DoorCount{Arrived: n.Scans - n.Undone, Expected: e.Taken - n.Held, Late: n.Late, Version: e.Version + n.Scans + n.Undone}, err
}

// UndoCheckIn takes a scan back with a reason; the scan stays on record. With
// neither seats nor members named it takes back the whole booking. Until the
// record is closed it may, the outcomes of a finished event being set anew. It
// returns ErrNotThere when nobody was in, ErrNotBooked, ErrRecordClosed.
func (s *Service) UndoCheckIn(ctx context.Context, a auth.Actor, in Scan, reason string) (Arrivals, error) {
	var out Arrivals
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := s.atDoor(tx, a, in)
		if err != nil {
			return err
		}
		if err := recordOpen(tx, b, e); err != nil {
			return err
		}
		query, args := `UPDATE checkins SET undone_at = ?, undone_by = ?, undo_reason = ? WHERE booking_id = ? AND undone_at IS NULL`,
			[]any{tx.Now(), a.AccountID, reason, b.ID}
		if len(in.Seats)+len(in.Attendees) > 0 {
			query, args = query+` AND (seat_id IN ? OR attendee_id IN ?)`, append(args, some(in.Seats), some(in.Attendees))
		}
		n, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotThere
		}
		line := audit.By(tx, a, models.ChannelVisit)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.undo_check_in", "booking", b.ID, &e.OrgID
		line.After, line.Reason = strconv.FormatInt(n, 10), reason
		if err := audit.Write(tx, line); err != nil {
			return err
		}
		s.tell(tx, e)
		if err := s.recount(tx, a, &e, reason); err != nil {
			return err
		}
		out, err = standing(tx, b, e)
		return err
	})
	return out, err
}

// some is a list for IN that is never empty.
func some(ids []int64) []int64 {
	if len(ids) == 0 {
		return []int64{0}
	}
	return ids
}

// standing says who of a booking is here, without changing anything.
func standing(tx *db.Tx, b models.Booking, e models.Event) (Arrivals, error) {
	p, err := loadParty(tx, b, e)
	if err != nil {
		return Arrivals{}, err
	}
	return p.answer(tx, Scan{})
}

// Standing says who of a booking is here.
func (s *Service) Standing(tx *db.Tx, id string) (Arrivals, error) {
	var b models.Booking
	ok, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Arrivals{}, err
	}
	e, err := Event(tx, b.EventID)
	if err != nil {
		return Arrivals{}, err
	}
	return standing(tx, b, e)
}

// StandingByCode says who of the booking with a code is here, for staff of the
// place. It returns ErrUnknownCode, ErrOtherEvent, ErrNotBooked, ErrReleased,
// ErrDoorEarly, ErrDoorOver.
func (s *Service) StandingByCode(ctx context.Context, a auth.Actor, in Scan) (out Arrivals, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { // locks, so that it is of one moment
		b, e, err := s.atDoor(tx, a, in)
		if err != nil {
			return err
		}
		if err := s.doorOpen(tx, b, e); err != nil {
			return err
		}
		out, err = standing(tx, b, e)
		return err
	})
	return out, err
}
