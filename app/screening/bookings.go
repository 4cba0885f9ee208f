package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Ticket is a booking with what a reader needs to know of its screening.
type Ticket struct {
	models.Booking
	Title        string
	StartsAt     models.Instant
	EndsAt       models.Instant
	CancelUntil  models.Instant
	EventState   models.EventState
	EventVersion int64
	HallName     string
	Venue        string
	Address      string
	HallPhone    string
	Route        string
	BranchName   string // of the booking's branch
	BranchPath   string
	PlacePath    string            // of who runs the hall
	Shown        Showing           `gorm:"embedded"`
	Whole        bool              // the branch has the whole hall
	DeskPath     string            // of the desk that keeps the person, "" for account holders
	Seats        []booking.SeatRef `gorm:"-"`
}

// Shelf narrows a list of bookings.
type Shelf struct {
	list.Query
	Whose       Whose
	ScreeningID int64
	Status      models.BookingStatus
	When        When
	OrgID       int64 // the branch they belong to
}

// Whose says how widely a list looks.
type Whose string

// WhoseMine is one's own and one's branches'; WhoseAll everything visible.
const (
	WhoseMine Whose = "mine"
	WhoseAll  Whose = "all"
)

// When narrows a list by time.
type When string

// Upcoming bookings are those whose screening is not over. What is held for
// somebody's decision is in neither list: it stands with what was asked for.
const (
	WhenAny      When = ""
	WhenUpcoming When = "upcoming"
	WhenPast     When = "past"
)

// Bookings lists bookings, the next screening first; past ones last first.
func (s *Service) Bookings(ctx context.Context, a auth.Actor, sh Shelf) (out list.Of[Ticket], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := tickets(tx, a, sh)
		if err != nil {
			return err
		}
		out = list.New(sh.Query, rows, total)
		return withSeats(tx, out.Items)
	})
	return out, err
}

func withSeats(tx *db.Tx, ts []Ticket) error {
	ids := make([]string, len(ts))
	for i, t := range ts {
		ids[i] = t.ID
	}
	seats, err := booking.SeatsOf(tx, ids...)
	for i := range ts {
		if ts[i].Seats = seats[ts[i].ID]; ts[i].Seats == nil {
			ts[i].Seats = []booking.SeatRef{}
		}
	}
	return err
}

// Ticket returns one booking.
func (s *Service) Ticket(ctx context.Context, a auth.Actor, id string) (t Ticket, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { t, err = ticket(tx, a, id); return err })
	return t, err
}

// GivingUp is why a booking is given up, by which way, and whether the clerk
// read that back.
type GivingUp struct {
	Reason   string
	Channel  models.Channel
	ReadBack booking.ReadBack
}

// Cancel gives a booking back: its holder and its branch until the limit, the
// desk until the start. The desk must say by which way it was asked to.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, id string, in GivingUp) (t Ticket, err error) {
	channel := in.Channel
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if t, err = ticket(tx, a, id); err != nil {
			return err
		}
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: in.Reason, Limit: booking.UntilLimit}
		own := owns(a, t)
		if desksFor(a, t) {
			c.Limit = booking.UntilStart
			if channel == "" && onBehalf(a, t) {
				channel = models.ChannelPhone
			}
		} else if !own {
			return errs.ErrForbidden
		}
		if channel != "" && c.Limit == booking.UntilStart {
			c.Channel = channel
			c.ReadBack = in.ReadBack && channel != models.ChannelOnline
		}
		if err := s.giveUp(tx, t.EventID, id, c); err != nil {
			return err
		}
		t, err = ticket(tx, a, id)
		return err
	})
	return t, err
}

// giveUp cancels a booking. When a branch gives the whole hall back, the
// screening that was opened for it is called off with it: its time is free again.
func (s *Service) giveUp(tx *db.Tx, event int64, id string, c booking.Cancelling) error {
	v, err := ByID(tx, event)
	if err != nil {
		return err
	}
	if v.BranchOrgID != nil {
		if err := booking.LockResources(tx, v.ResourceID); err != nil {
			return err
		}
	}
	b, e, err := booking.Locked(tx, id)
	if err != nil {
		return err
	}
	was := b.Status
	if b, err = s.kernel.Cancel(tx, b, e, c); err != nil || was == b.Status {
		return err
	}
	if was == models.BookingHeld {
		return s.endBlocks(tx, e, models.BlockWithdrawn, c)
	}
	if v.BranchOrgID == nil {
		return nil
	}
	return s.end(tx, c.Actor, v, models.HallWithdrawn, c.Reason)
}
