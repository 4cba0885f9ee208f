package booking

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// The refusals of a list of attendees.
var (
	// ErrTooManyNames: more names than the booking has seats; it says how many too many.
	ErrTooManyNames = errs.New(errs.Invalid, "booking.too_many_names")
	// ErrNameIsIn: somebody left out of the list has been checked in already.
	ErrNameIsIn = errs.New(errs.Conflict, "booking.name_is_in")
)

// Guest is one line of a list of attendees: a name, and a seat of the booking
// or 0 for none in particular.
type Guest struct {
	Name   string
	SeatID int64
}

// Seating says what becomes of the seats that a list names.
type Seating string

// Seats are given as the list says; or in order, the first name the first seat;
// or to nobody. Who is in keeps the seat they sit on in any case.
const (
	SeatedAsNamed Seating = ""
	SeatedInOrder Seating = "in_order"
	SeatedFreely  Seating = "free"
)

// Attendee is one of those who come under a booking, as programs read it.
type Attendee struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	SeatID    *int64 `json:"seat_id"`
	SeatLabel string `json:"seat,omitempty"`
	CheckedIn bool   `json:"checked_in"`
}

// Roll is a list of attendees to be written, and who writes it by which way.
type Roll struct {
	Actor   auth.Actor
	Channel models.Channel
	Guests  []Guest
	Seating Seating
}

// SetAttendees replaces the list of a booking. Whoever stays keeps the id, for
// scans may name it. Names are held to models.PlainText; two of the same name
// are two people. The caller has locked the booking by Locked and checked that
// the actor may. It returns ErrNotBooked, ErrTooManyNames, ErrNameIsIn, or
// errs.ErrInvalid that points at "attendees[i].name" or "attendees[i].seat_id".
func (s *Service) SetAttendees(tx *db.Tx, b models.Booking, e models.Event, r Roll) ([]Attendee, error) {
	if !living(b.Status) || e.State != models.EventOpen {
		return nil, ErrNotBooked
	}
	if n := len(r.Guests); n > b.Party {
		return nil, ErrTooManyNames.With("names", n).With("seats", b.Party).With("over", n-b.Party).
			Add("over", n-b.Party).At(errs.Field{Name: "attendees", Code: "max", Args: map[string]any{"param": b.Party}})
	}
	held, err := SeatsOf(tx, b.ID)
	if err != nil {
		return nil, err
	}
	old, err := Attendees(tx, b.ID)
	if err != nil {
		return nil, err
	}
	l := &roll{booking: b, seats: held[b.ID], guests: slices.Clone(r.Guests), old: old[b.ID]}
	if err := l.check(); err != nil {
		return nil, err
	}
	l.match()
	if err := l.nobodyIn(); err != nil {
		return nil, err
	}
	l.seat(r.Seating)
	if err := l.write(tx); err != nil {
		return nil, fmt.Errorf("attendees of %s: %w", b.ID, err)
	}
	line := audit.By(tx, r.Actor, r.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.attendees", "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After = b.PersonID, tally(l.old), l.tally()
	if err := audit.Write(tx, line); err != nil {
		return nil, err
	}
	now, err := Attendees(tx, b.ID)
	return now[b.ID], err
}

// living says of a booking that it has its seats and is not over.
func living(s models.BookingStatus) bool {
	return s == models.BookingBooked || s == models.BookingHeld
}

// roll is a list being written.
type roll struct {
	booking models.Booking
	seats   []SeatRef
	guests  []Guest
	old     []Attendee
	ids     []int64 // of each guest, 0 for a new one
	gone    []Attendee
}

func (l *roll) check() error {
	var bad []errs.Field
	at := func(i int, field, code string, args map[string]any) {
		bad = append(bad, errs.Field{Name: fieldAt("attendees", i) + "." + field, Code: code, Args: args})
	}
	given := map[int64]bool{}
	for i, g := range l.guests {
		clean, ok := models.PlainText(g.Name)
		switch {
		case strings.TrimSpace(g.Name) == "":
			at(i, "name", "required", nil)
		case !ok:
			at(i, "name", "plain", nil)
		case utf8.RuneCountInString(clean) > models.MaxName:
			at(i, "name", "max", map[string]any{"param": models.MaxName})
		}
		l.guests[i].Name = clean
		switch {
		case g.SeatID == 0:
		case !slices.ContainsFunc(l.seats, func(s SeatRef) bool { return s.ID == g.SeatID }):
			at(i, "seat_id", "not_your_seat", nil)
		case given[g.SeatID]:
			at(i, "seat_id", "seat_twice", nil)
		}
		given[g.SeatID] = true
	}
	if len(bad) > 0 {
		return errs.ErrInvalid.At(bad...)
	}
	return nil
}

// match finds who stays: the same name on the same seat first, then the same
// name; of two of one name, the one who is in.
func (l *roll) match() {
	l.ids = make([]int64, len(l.guests))
	left := slices.Clone(l.old)
	slices.SortStableFunc(left, func(a, b Attendee) int {
		switch {
		case a.CheckedIn == b.CheckedIn:
			return 0
		case a.CheckedIn:
			return -1
		}
		return 1
	})
	for _, same := range []func(g Guest, a Attendee) bool{
		func(g Guest, a Attendee) bool { return a.Name == g.Name && a.SeatID != nil && *a.SeatID == g.SeatID },
		func(g Guest, a Attendee) bool { return a.Name == g.Name },
	} {
		for i, g := range l.guests {
			if l.ids[i] != 0 {
				continue
			}
			if j := slices.IndexFunc(left, func(a Attendee) bool { return same(g, a) }); j >= 0 {
				l.ids[i] = left[j].ID
				left = slices.Delete(left, j, j+1)
			}
		}
	}
	l.gone = left
}

func (l *roll) nobodyIn() error {
	var names []string
	for _, a := range l.gone {
		if a.CheckedIn {
			names = append(names, a.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return ErrNameIsIn.With("names", strings.Join(names, "、")).Add("names", names)
}

// seat gives the seats out.
func (l *roll) seat(how Seating) {
	if how == SeatedAsNamed {
		return
	}
	sits := map[int64]bool{}
	for i := range l.guests {
		l.guests[i].SeatID = 0
		j := slices.IndexFunc(l.old, func(a Attendee) bool { return a.ID == l.ids[i] && a.CheckedIn && a.SeatID != nil })
		if l.ids[i] != 0 && j >= 0 {
			l.guests[i].SeatID = *l.old[j].SeatID
			sits[l.guests[i].SeatID] = true
		}
	}
	if how == SeatedFreely {
		return
	}
	next := 0
	for i := range l.guests {
		if l.guests[i].SeatID != 0 {
			continue
		}
		for sits[l.seats[next].ID] {
			next++
		}
		l.guests[i].SeatID = l.seats[next].ID
		next++
	}
}

var attendeeRows = db.RowsOf("attendees", "booking_id text, ord bigint, name text, seat_id bigint, created_at timestamptz")

// write moves the rows that stay out of the way first: places and seats are
// unique within a booking, and two people may change theirs.
func (l *roll) write(tx *db.Tx) error {
	if _, err := tx.Exec(`UPDATE attendees SET ord = -ord, seat_id = NULL WHERE booking_id = ?`, l.booking.ID); err != nil {
		return err
	}
	if err := l.forget(tx); err != nil {
		return err
	}
	var stay, come [][]any
	for i, g := range l.guests {
		var seat *int64
		if g.SeatID != 0 {
			seat = &g.SeatID
		}
		if l.ids[i] != 0 {
			stay = append(stay, []any{l.ids[i], i + 1, g.SeatID})
		} else {
			come = append(come, []any{l.booking.ID, i + 1, g.Name, seat, tx.Now()})
		}
	}
	if len(stay) > 0 {
		table, list, err := tx.Table("v", "id bigint, ord bigint, seat_id bigint", stay)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE attendees SET ord = v.ord, seat_id = NULLIF(v.seat_id, 0) FROM `+table+` WHERE attendees.id = v.id`, list)
		if err != nil {
			return err
		}
	}
	_, err := attendeeRows.Insert(tx, "", come...)
	return err
}

// forget deletes who is gone. A scan of theirs that was taken back stays, and
// no longer says whose it was.
func (l *roll) forget(tx *db.Tx) error {
	if len(l.gone) == 0 {
		return nil
	}
	ids := make([]int64, len(l.gone))
	for i, a := range l.gone {
		ids[i] = a.ID
	}
	among, list := tx.Among("attendee_id", ids)
	if _, err := tx.Exec(`UPDATE checkins SET attendee_id = NULL WHERE booking_id = ? AND `+among, l.booking.ID, list); err != nil {
		return err
	}
	among, list = tx.Among("id", ids)
	_, err := tx.Exec(`DELETE FROM attendees WHERE `+among, list)
	return err
}

// tally is a list in numbers: the log names nobody.
func tally(list []Attendee) string {
	seated := 0
	for _, a := range list {
		if a.SeatID != nil {
			seated++
		}
	}
	return fmt.Sprintf("%d names, %d with a seat", len(list), seated)
}

func (l *roll) tally() string {
	seated := 0
	for _, g := range l.guests {
		if g.SeatID != 0 {
			seated++
		}
	}
	return fmt.Sprintf("%d names, %d with a seat", len(l.guests), seated)
}

// Attendees lists who comes under bookings, by booking, in the order of the list.
func Attendees(tx *db.Tx, ids ...string) (map[string][]Attendee, error) {
	out := make(map[string][]Attendee, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		BookingID string
		Attendee
	}
	among, list := tx.AmongWords("a.booking_id", ids)
	err := tx.Scan(&rows, `SELECT a.booking_id, a.id, a.name, a.seat_id, COALESCE(s.label, '') AS seat_label,
		EXISTS (SELECT 1 FROM checkins c WHERE c.attendee_id = a.id AND c.undone_at IS NULL) AS checked_in
		FROM attendees a LEFT JOIN booking_seats s ON s.booking_id = a.booking_id AND s.seat_id = a.seat_id
		WHERE `+among+` ORDER BY a.booking_id, a.ord`, list)
	for _, r := range rows {
		out[r.BookingID] = append(out[r.BookingID], r.Attendee)
	}
	return out, err
}
