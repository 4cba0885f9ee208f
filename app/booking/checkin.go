package booking

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Scan is one check-in at a door: a code, and which of its seats came (all of
// them when none is named). The same nonce again is the same scan.
type Scan struct {
	Code    string
	Nonce   string
	Seats   []int64
	EventID int64  // the event at this door, 0 when the door does not say
	Door    string // which door, free text
}

// Arrival is one seat of a scan: checked in now, or when and where before.
type Arrival struct {
	SeatID int64          `json:"id"`
	Label  string         `json:"label"`
	At     models.Instant `json:"at"`
	Door   string         `json:"door"`
}

// Arrivals answers a scan.
type Arrivals struct {
	BookingID string    `json:"booking_id"`
	EventID   int64     `json:"screening_id"`
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Checked   []Arrival `json:"checked_in"` // by this scan
	Already   []Arrival `json:"already"`    // by an earlier one
	Missing   []SeatRef `json:"missing"`    // of this booking, not here yet
	Arrived   int64     `json:"arrived"`    // of the whole event
	Expected  int       `json:"expected"`   // of the whole event
}

// CheckIn records who came. A second scan is no fault: it is answered with the
// time and door of the first. It returns ErrUnknownCode, ErrOtherEvent,
// ErrNotBooked, ErrUnknownSeat.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in Scan) (Arrivals, error) {
	var out Arrivals
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := s.atDoor(tx, a, in)
		if err != nil {
			return err
		}
		out, err = s.checkIn(tx, a, in, b, e)
		return err
	})
	return out, err
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
	var path string
	if _, err := tx.One(&path, `SELECT path FROM orgs WHERE id = ?`, e.OrgID); err != nil {
		return b, e, err
	}
	switch {
	case !a.CanAt(auth.CheckIn, path):
		return b, e, ErrUnknownCode
	case in.EventID != 0 && in.EventID != e.ID:
		return b, e, ErrOtherEvent.With("title", e.Title).With("starts_at", e.StartsAt).Add("screening_id", e.ID)
	case b.Status == models.BookingHeld:
		return b, e, ErrHeld
	case b.Status != models.BookingBooked || e.State != models.EventOpen:
		return b, e, ErrNotBooked.With("status", string(b.Status))
	}
	return b, e, nil
}

type heldSeat struct {
	SeatID int64
	Label  string
	Nonce  string
	Door   string
	At     models.Instant
}

func (s *Service) checkIn(tx *db.Tx, a auth.Actor, in Scan, b models.Booking, e models.Event) (Arrivals, error) {
	var held []heldSeat
	err := tx.Scan(&held, `SELECT s.seat_id, s.label, COALESCE(c.nonce, '') AS nonce, COALESCE(c.door, '') AS door, c.at
		FROM booking_seats s LEFT JOIN checkins c ON c.booking_id = s.booking_id AND c.seat_id = s.seat_id AND c.undone_at IS NULL
		WHERE s.booking_id = ? AND s.released_at IS NULL ORDER BY s.seat_id`, b.ID)
	if err != nil {
		return Arrivals{}, err
	}
	for i, id := range in.Seats {
		if !slices.ContainsFunc(held, func(h heldSeat) bool { return h.SeatID == id }) {
			return Arrivals{}, ErrUnknownSeat.At(errs.Field{Name: fieldAt("seats", i), Code: "unknown_seat"})
		}
	}
	out := Arrivals{BookingID: b.ID, EventID: e.ID, Code: b.Code, Name: b.Name, Expected: e.Taken,
		Checked: []Arrival{}, Already: []Arrival{}, Missing: []SeatRef{}}
	var args []any
	for _, h := range held {
		wanted := len(in.Seats) == 0 || slices.Contains(in.Seats, h.SeatID)
		switch {
		case h.At.IsZero() && wanted:
			out.Checked = append(out.Checked, Arrival{h.SeatID, h.Label, tx.Now(), in.Door})
			args = append(args, e.ID, b.ID, h.SeatID, in.Nonce, in.Door, a.AccountID, tx.Now())
		case h.At.IsZero():
			out.Missing = append(out.Missing, SeatRef{h.SeatID, h.Label})
		case wanted && in.Nonce != "" && h.Nonce == in.Nonce:
			out.Checked = append(out.Checked, Arrival{h.SeatID, h.Label, h.At, h.Door})
		case wanted:
			out.Already = append(out.Already, Arrival{h.SeatID, h.Label, h.At, h.Door})
		}
	}
	if len(args) > 0 {
		_, err := tx.Exec(`INSERT INTO checkins (event_id, booking_id, seat_id, nonce, door, by_id, at) VALUES `+
			strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?),", len(args)/7), ","), args...)
		if err != nil {
			return out, fmt.Errorf("check in: %w", err)
		}
		line := audit.By(tx, a, models.ChannelVisit)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.check_in", "booking", b.ID, &e.OrgID
		line.After = strconv.Itoa(len(args)/7) + " at " + in.Door
		if err := audit.Write(tx, line); err != nil {
			return out, err
		}
	}
	out.Arrived, err = Arrived(tx, e.ID)
	return out, err
}

// Arrived counts the seats of an event that are checked in.
func Arrived(tx *db.Tx, eventID int64) (int64, error) {
	var n int64
	err := tx.Scan(&n, `SELECT COUNT(*) FROM checkins WHERE event_id = ? AND undone_at IS NULL`, eventID)
	return n, err
}

// UndoCheckIn takes a scan back with a reason; the scan stays on record. With no
// seats named it takes back the whole booking. ErrNotThere when nobody was in.
func (s *Service) UndoCheckIn(ctx context.Context, a auth.Actor, in Scan, reason string) (Arrivals, error) {
	var out Arrivals
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := s.atDoor(tx, a, in)
		if err != nil {
			return err
		}
		query, args := `UPDATE checkins SET undone_at = ?, undone_by = ?, undo_reason = ? WHERE booking_id = ? AND undone_at IS NULL`,
			[]any{tx.Now(), a.AccountID, reason, b.ID}
		if len(in.Seats) > 0 {
			query, args = query+` AND seat_id IN ?`, append(args, in.Seats)
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
		out, err = s.standing(tx, b, e)
		return err
	})
	return out, err
}

// standing says who of a booking is here, without changing anything.
func (s *Service) standing(tx *db.Tx, b models.Booking, e models.Event) (Arrivals, error) {
	out := Arrivals{BookingID: b.ID, EventID: e.ID, Code: b.Code, Name: b.Name, Expected: e.Taken,
		Checked: []Arrival{}, Already: []Arrival{}, Missing: []SeatRef{}}
	var held []heldSeat
	err := tx.Scan(&held, `SELECT s.seat_id, s.label, COALESCE(c.door, '') AS door, c.at
		FROM booking_seats s LEFT JOIN checkins c ON c.booking_id = s.booking_id AND c.seat_id = s.seat_id AND c.undone_at IS NULL
		WHERE s.booking_id = ? AND s.released_at IS NULL ORDER BY s.seat_id`, b.ID)
	if err != nil {
		return out, err
	}
	for _, h := range held {
		if h.At.IsZero() {
			out.Missing = append(out.Missing, SeatRef{h.SeatID, h.Label})
		} else {
			out.Already = append(out.Already, Arrival{h.SeatID, h.Label, h.At, h.Door})
		}
	}
	out.Arrived, err = Arrived(tx, e.ID)
	return out, err
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
	return s.standing(tx, b, e)
}
