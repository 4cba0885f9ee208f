package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Walk-ins are seated from a quarter of an hour before the start: online booking
// is as good as over by then, whoever stands in the lobby wants in before the
// film, and nobody is tempted to queue for hours in place of booking.
const walkInsFrom = 15 * time.Minute

// walkInPrefix is how a walk-in without a name is called, with their number.
const walkInPrefix = "现场观众 "

// WalkIn is somebody at the door who has not booked: chosen Seats or a Party.
type WalkIn struct {
	EventID int64
	Seats   []int64
	Party   models.Party
	Name    string // empty: 现场观众 and a number
	Door    string
	Place   string
	Key     idem.Key
}

// walkInsOpen holds a walk-in to the hours of the door; that the event is not
// over has been seen to.
func walkInsOpen(e models.Event, now models.Instant) *errs.Error {
	if from := e.StartsAt.Add(-walkInsFrom); now.Before(from) {
		return ErrWalkInsLater.With("from", from).Add("from", from)
	}
	return nil
}

// WalkInsOpen reports whether walk-ins are seated at the moment, and from when.
func WalkInsOpen(e models.Event, now models.Instant) (from models.Instant, open bool) {
	from = e.StartsAt.Add(-walkInsFrom)
	return from, e.State == models.EventOpen && models.Span{Start: from, End: e.EndsAt}.Contains(now)
}

// WalkIn books free seats for somebody at the door and checks them in, in one
// transaction. Seats of parties that have not come are free only once staff let
// them go. It returns the kernel's refusals, ErrWalkInsLater, and ErrForbidden
// where the actor is not at the door.
func (s *Service) WalkIn(ctx context.Context, a auth.Actor, in WalkIn) (Arrivals, error) {
	var out Arrivals
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		p, err := idem.Once(tx, in.Key, func() (Placed, error) { return s.walkIn(tx, a, in) })
		if err != nil {
			return err
		}
		b, e, err := Locked(tx, p.ID)
		if err != nil {
			return err
		}
		// The booking has this one scan of its own: a replay finds it.
		out, err = s.checkIn(tx, a, Scan{Nonce: "walk-in", Door: in.Door}, b, e)
		return err
	})
	return out, err
}

func (s *Service) walkIn(tx *db.Tx, a auth.Actor, in WalkIn) (Placed, error) {
	e, err := s.lockAtDoor(tx, a, in.EventID)
	if err != nil {
		return Placed{}, err
	}
	name, err := s.walkInName(tx, e.ID, in.Name)
	if err != nil {
		return Placed{}, err
	}
	return s.BookIn(tx, Order{Ask: Ask{EventID: e.ID, Seats: in.Seats, Party: in.Party, Reach: ReachDoor},
		Actor: a, Name: name, Channel: models.ChannelVisit, Place: in.Place})
}

// walkInName is how a walk-in is called: by name, or 现场观众 and a number.
func (s *Service) walkInName(tx *db.Tx, event int64, name string) (string, error) {
	if name = strings.TrimSpace(name); name != "" {
		return name, nil
	}
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM bookings WHERE event_id = ? AND channel = ? AND holder_id IS NULL AND person_id IS NULL AND org_id IS NULL`,
		event, models.ChannelVisit)
	return fmt.Sprint(walkInPrefix, n+1), err
}

// lockAtDoor locks an event for its staff at the door: ErrNotFound when there
// is none, ErrForbidden for anybody else.
func (s *Service) lockAtDoor(tx *db.Tx, a auth.Actor, id int64) (models.Event, error) {
	events, err := LockEvents(tx, id)
	if err != nil {
		return models.Event{}, err
	}
	e, ok := events[id]
	if !ok {
		return e, errs.ErrNotFound
	}
	may, err := mayCheckIn(tx, a, e)
	if err == nil && !may {
		err = errs.ErrForbidden
	}
	return e, err
}
