package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/venue"
	"youyue/models"
)

// DoorEntry is one booking as the staff at the door sees it.
type DoorEntry struct {
	ID      string
	Code    string
	Name    string
	Party   int
	Arrived int
	Seats   []booking.SeatRef `gorm:"-"`
}

// DoorCount is how full the hall is.
type DoorCount struct {
	Arrived  int64 `json:"arrived"`
	Expected int   `json:"expected"`
}

// Tails finds people by the last digits of their number; the numbers are sealed,
// so only those of one event are opened.
type Tails interface {
	PhoneTail(sealed string) string
}

// maxDoor bounds the list; a hall has 172 seats.
const maxDoor = 200

// Door lists the bookings of a screening for its staff: all, or those whose
// code or name contains the search, or whose number ends in it.
func (s *Service) Door(ctx context.Context, a auth.Actor, id int64, search string) (v Show, out []DoorEntry, n DoorCount, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if v, err = get(tx, id); err != nil {
			return err
		}
		if !a.CanAt(auth.CheckIn, v.OrgPath) {
			return errs.ErrForbidden
		}
		var rows []struct {
			DoorEntry
			AccountPhone string
			PersonPhone  string
		}
		err := tx.Scan(&rows, `SELECT b.id, b.code, b.name, b.party,
			(SELECT COUNT(*) FROM checkins c WHERE c.booking_id = b.id AND c.undone_at IS NULL) AS arrived,
			COALESCE(acc.phone_enc, '') AS account_phone, COALESCE(p.phone_enc, '') AS person_phone
			FROM bookings b LEFT JOIN accounts acc ON acc.id = b.holder_id LEFT JOIN people p ON p.id = b.person_id
			WHERE b.event_id = ? AND b.status IN ('booked','attended','no_show') ORDER BY b.name, b.id LIMIT 2000`, id)
		if err != nil {
			return err
		}
		search = strings.TrimSpace(search)
		digits, code := plainDigits(search), s.CodeOf(search)
		for _, r := range rows {
			if search == "" || strings.Contains(r.Name, search) || r.Code == code ||
				(isDigits(digits) && (s.tail(r.AccountPhone, digits) || s.tail(r.PersonPhone, digits))) {
				out = append(out, r.DoorEntry)
			}
			if len(out) == maxDoor {
				break
			}
		}
		if err := doorSeats(tx, out); err != nil {
			return err
		}
		n.Expected = v.Taken
		n.Arrived, err = booking.Arrived(tx, id)
		return err
	})
	return v, out, n, err
}

func isDigits(s string) bool {
	return len(s) >= 3 && strings.Trim(s, "0123456789") == ""
}

func (s *Service) tail(sealed, digits string) bool {
	if sealed == "" {
		return false
	}
	return strings.HasSuffix(s.phones.PhoneTail(sealed), digits)
}

func doorSeats(tx *db.Tx, out []DoorEntry) error {
	ids := make([]string, len(out))
	for i, d := range out {
		ids[i] = d.ID
	}
	seats, err := booking.SeatsOf(tx, ids...)
	for i := range out {
		out[i].Seats = seats[out[i].ID]
	}
	return err
}

// CheckIn records who came; what was scanned may be a ticket's token or a code.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in booking.Scan) (booking.Arrivals, error) {
	in.Code = s.CodeOf(in.Code)
	return s.kernel.CheckIn(ctx, a, in)
}

// UndoCheckIn takes a check-in back with its reason.
func (s *Service) UndoCheckIn(ctx context.Context, a auth.Actor, in booking.Scan, reason string) (booking.Arrivals, error) {
	in.Code = s.CodeOf(in.Code)
	return s.kernel.UndoCheckIn(ctx, a, in, reason)
}

// Tonight lists the screenings at whose door the actor stands: those that began
// at most half a day ago or begin within two weeks.
func (s *Service) Tonight(ctx context.Context, a auth.Actor) (out []Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := below("o.path", a.Scope(auth.CheckIn))
		return tx.Scan(&out, showQuery+` WHERE e.state = 'open' AND e.starts_at > ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at LIMIT 60`,
			append([]any{tx.Now().Add(-halfDay), tx.Now().Add(28 * halfDay)}, args...)...)
	})
	return out, err
}

// Week is what occupies a hall in a span: screenings and open requests.
type Week struct {
	Shows    []Show
	Requests []RequestView
	Blocks   []models.HallBlock
}

// Week returns the hall's calendar for those who plan it.
func (s *Service) Week(ctx context.Context, a auth.Actor, hallID int64, span models.Span) (w Week, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := below("o.path", a.Scope(auth.HallCalendar))
		err := tx.Scan(&w.Shows, showQuery+` WHERE e.resource_id = ? AND e.state <> 'cancelled' AND e.starts_at >= ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at`,
			append([]any{hallID, span.Start, span.End}, args...)...)
		if err != nil {
			return err
		}
		if a.Can(auth.HallCalendar) {
			if w.Blocks, err = venue.Blocks(tx, hallID, span); err != nil {
				return err
			}
		}
		visibleHere, more := below("po.path", a.Scope(auth.HallCalendar))
		return tx.Scan(&w.Requests, requestQuery+` WHERE q.hall_id = ? AND q.status IN ('pending','proposed','confirming') AND q.span_start >= ? AND q.span_start < ? AND `+visibleHere+` ORDER BY q.span_start, q.id`,
			append([]any{hallID, span.Start, span.End}, more...)...)
	})
	return w, err
}
