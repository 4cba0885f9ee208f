package screening

import (
	"cmp"
	"context"
	"errors"
	"slices"
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
	Branch  string // of whom it is, "" for residents
	Party   int
	Status  models.BookingStatus
	Channel models.Channel
	Arrived int               `gorm:"-"`
	Seats   []booking.SeatRef `gorm:"-"`
	Who     booking.Arrivals  `gorm:"-"` // who of it is here
}

// Missing counts those of a party who are not here yet.
func (d DoorEntry) Missing() int { return len(d.Who.Missing) }

// Tails finds people by the last digits of their number; the numbers are sealed,
// so only those of one event are opened.
type Tails interface {
	PhoneTail(sealed string) string
}

// maxDoor bounds the list. A hall has 172 seats and each party that has one comes
// first: those whose seats were all let go may be many more.
const maxDoor = 200

// Door lists the bookings of a screening for its staff: all, or those whose
// code or name contains the search, or whose number ends in it.
func (s *Service) Door(ctx context.Context, a auth.Actor, id int64, search string) (v Show, out []DoorEntry, n booking.DoorCount, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if v, n, err = doorCount(tx, a, id); err != nil {
			return err
		}
		rows, err := atDoor(tx, id)
		if err != nil {
			return err
		}
		parties, err := booking.Parties(tx, v.Event)
		if err != nil {
			return err
		}
		search = strings.TrimSpace(search)
		digits, code := plainDigits(search), s.CodeOf(search)
		for _, r := range rows {
			who := parties[r.ID]
			if search == "" || strings.Contains(r.Name, search) || r.Code == code || hasMember(who, search) ||
				(isDigits(digits) && (s.tail(r.AccountPhone, digits) || s.tail(r.PersonPhone, digits))) {
				out = append(out, r.with(who))
			}
			if len(out) == maxDoor {
				break
			}
		}
		return nil
	})
	return v, out, n, err
}

// with adds who of a party is here; its seats are those it still has.
func (d DoorEntry) with(who booking.Arrivals) DoorEntry {
	d.Who, d.Arrived = who, len(who.Already)
	for _, x := range who.Already {
		d.Seats = append(d.Seats, booking.SeatRef{ID: x.SeatID, Label: x.Label})
	}
	d.Seats = append(d.Seats, who.Missing...)
	slices.SortFunc(d.Seats, func(a, b booking.SeatRef) int { return cmp.Compare(a.ID, b.ID) })
	return d
}

func hasMember(who booking.Arrivals, search string) bool {
	return slices.ContainsFunc(who.Attendees, func(c booking.Comer) bool { return strings.Contains(c.Name, search) })
}

// DoorCount is the live count alone, for the doors that watch it.
func (s *Service) DoorCount(ctx context.Context, a auth.Actor, id int64) (n booking.DoorCount, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { _, n, err = doorCount(tx, a, id); return err })
	return n, err
}

func doorCount(tx *db.Tx, a auth.Actor, id int64) (Show, booking.DoorCount, error) {
	v, err := get(tx, id)
	if err != nil {
		return v, booking.DoorCount{}, err
	}
	if !a.CanAt(auth.CheckIn, v.OrgPath) {
		return v, booking.DoorCount{}, errs.ErrForbidden
	}
	n, err := booking.CountAtDoor(tx, v.Event)
	return v, n, err
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

// CheckIn records who came; what was scanned may be a ticket's token or a code.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in booking.Scan) (booking.Arrivals, error) {
	in.Code = s.CodeOf(in.Code)
	out, err := s.kernel.CheckIn(ctx, a, in)
	if !errors.Is(err, booking.ErrUnknownCode) {
		return out, err
	}
	for _, o := range s.others {
		if other, found, err := o.CheckIn(ctx, a, in); found || err != nil {
			return other, err
		}
	}
	return out, err
}

// UndoCheckIn takes a check-in back with its reason.
func (s *Service) UndoCheckIn(ctx context.Context, a auth.Actor, in booking.Scan, reason string) (booking.Arrivals, error) {
	in.Code = s.CodeOf(in.Code)
	return s.kernel.UndoCheckIn(ctx, a, in, reason)
}

// Look says who of the party with a code is here, and changes nothing.
func (s *Service) Look(ctx context.Context, a auth.Actor, in booking.Scan) (booking.Arrivals, error) {
	in.Code = s.CodeOf(in.Code)
	return s.kernel.StandingByCode(ctx, a, in)
}

// WalkIn seats somebody at the door who has not booked.
func (s *Service) WalkIn(ctx context.Context, a auth.Actor, in booking.WalkIn) (booking.Arrivals, error) {
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		at, err := s.fixed.get(tx, in.EventID)
		in.Place = at.place
		return err
	})
	if err != nil {
		return booking.Arrivals{}, err
	}
	return s.kernel.WalkIn(ctx, a, in)
}

// ReleaseNoShows lets the seats go on which nobody of the chosen parties came.
func (s *Service) ReleaseNoShows(ctx context.Context, a auth.Actor, in booking.LettingGo) (booking.LetGoes, error) {
	return s.kernel.ReleaseNoShows(ctx, a, in)
}

// EnterPaper checks in whom a list on paper names.
func (s *Service) EnterPaper(ctx context.Context, a auth.Actor, in booking.PaperList) (booking.PaperEntry, error) {
	return s.kernel.EnterPaper(ctx, a, in)
}

// Tonight lists the screenings at whose door the actor stands: those that began
// at most half a day ago or begin within two weeks.
func (s *Service) Tonight(ctx context.Context, a auth.Actor) (out []Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = openBetween(tx, a.Scope(auth.CheckIn), models.Span{Start: tx.Now().Add(-halfDay), End: tx.Now().Add(28 * halfDay)})
		if err != nil {
			return err
		}
		return withHeld(tx, out)
	})
	return out, err
}

// maxUnclosed bounds the list of screenings whose record may be completed.
const maxUnclosed = 30

// Unclosed lists the finished screenings whose record the actor may still
// complete from a list on paper, the last first.
func (s *Service) Unclosed(ctx context.Context, a auth.Actor) (out []Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = finishedSince(tx, a.Scope(auth.CheckIn), tx.Now().Add(-14*halfDay))
		out = slices.DeleteFunc(out, func(v Show) bool { return !tx.Now().Before(booking.RecordUntil(v.Event)) })
		return err
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
		scope := a.Scope(auth.HallCalendar)
		if w.Shows, err = showsOf(tx, scope, hallID, span); err != nil {
			return err
		}
		if err := withHeld(tx, w.Shows); err != nil {
			return err
		}
		if a.Can(auth.HallCalendar) {
			if w.Blocks, err = venue.Blocks(tx, hallID, span); err != nil {
				return err
			}
		}
		w.Requests, err = requestsFor(tx, scope, hallID, span)
		return err
	})
	return w, err
}
