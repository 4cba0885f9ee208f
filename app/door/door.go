// Package door is what happens where people come in: who is expected and who is
// here, tickets scanned, walk-ins seated, the seats of those who stay away let go,
// a list on paper entered. Who may come in is the kernel's to decide.
package door

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/app/screening"
	"youyue/models"
)

// Others are doors of bookings that are not of seats: whoever scans a code need not
// know what it is of.
type Others interface {
	CheckIn(ctx context.Context, a auth.Actor, in booking.Scan) (out booking.Arrivals, found bool, err error)
}

// Service is the feature.
type Service struct {
	db     *db.DB
	kernel *booking.Service
	shows  *screening.Service
	others []Others
	live   *live.Hub
	zone   *time.Location
}

// Config is what the feature is built from.
type Config struct {
	DB     *db.DB
	Kernel *booking.Service
	Shows  *screening.Service
	Others []Others
	Live   *live.Hub
	Zone   *time.Location
}

// New returns the feature.
func New(c Config) *Service {
	s := &Service{db: c.DB, kernel: c.Kernel, shows: c.Shows, others: c.Others, live: c.Live, zone: c.Zone}
	s.goLive()
	return s
}

// Entry is one booking as the staff at the door sees it.
type Entry struct {
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
func (d Entry) Missing() int { return len(d.Who.Missing) }

// maxDoor bounds the list. A hall has 172 seats and each party that has one comes
// first: those whose seats were all let go may be many more.
const maxDoor = 200

// Door lists the bookings of a screening for its staff: all, or those whose
// code or name contains the search, or whose number ends in it.
func (s *Service) Door(ctx context.Context, a auth.Actor, id int64, search string) (v screening.Show, out []Entry, n booking.DoorCount, err error) {
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
		code := s.shows.CodeOf(search)
		for _, r := range rows {
			who := parties[r.ID]
			if search == "" || strings.Contains(r.Name, search) || r.Code == code || hasMember(who, search) ||
				s.shows.EndsIn(r.AccountPhone, search) || s.shows.EndsIn(r.PersonPhone, search) {
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
func (d Entry) with(who booking.Arrivals) Entry {
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

func doorCount(tx *db.Tx, a auth.Actor, id int64) (screening.Show, booking.DoorCount, error) {
	v, err := screening.ByID(tx, id)
	if err != nil {
		return v, booking.DoorCount{}, err
	}
	if !a.CanAt(auth.CheckIn, v.OrgPath) {
		return v, booking.DoorCount{}, errs.ErrForbidden
	}
	n, err := booking.CountAtDoor(tx, v.Event)
	return v, n, err
}

// CheckIn records who came; what was scanned may be a ticket's token or a code.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in booking.Scan) (booking.Arrivals, error) {
	in.Code = s.shows.CodeOf(in.Code)
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
	in.Code = s.shows.CodeOf(in.Code)
	return s.kernel.UndoCheckIn(ctx, a, in, reason)
}

// Look says who of the party with a code is here, and changes nothing.
func (s *Service) Look(ctx context.Context, a auth.Actor, in booking.Scan) (booking.Arrivals, error) {
	in.Code = s.shows.CodeOf(in.Code)
	return s.kernel.StandingByCode(ctx, a, in)
}

// WalkIn seats somebody at the door who has not booked.
func (s *Service) WalkIn(ctx context.Context, a auth.Actor, in booking.WalkIn) (booking.Arrivals, error) {
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		in.Place, err = s.shows.PlaceOf(tx, in.EventID)
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

const halfDay = 12 * time.Hour

// Tonight lists the screenings at whose door the actor stands: those that began
// at most half a day ago or begin within two weeks.
func (s *Service) Tonight(ctx context.Context, a auth.Actor) (out []screening.Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = screening.OpenBetween(tx, a.Scope(auth.CheckIn), models.Span{Start: tx.Now().Add(-halfDay), End: tx.Now().Add(28 * halfDay)})
		return err
	})
	return out, err
}

// maxUnclosed bounds the list of screenings whose record may be completed.
const maxUnclosed = 30

// Unclosed lists the finished screenings whose record the actor may still
// complete from a list on paper, the last first.
func (s *Service) Unclosed(ctx context.Context, a auth.Actor) (out []screening.Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = screening.FinishedSince(tx, a.Scope(auth.CheckIn), tx.Now().Add(-14*halfDay), maxUnclosed)
		out = slices.DeleteFunc(out, func(v screening.Show) bool { return !tx.Now().Before(booking.RecordUntil(v.Event)) })
		return err
	})
	return out, err
}
