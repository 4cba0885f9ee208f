package screening

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// ErrWholeHall: a branch that has the whole hall has no seats to change to.
var ErrWholeHall = errs.New(errs.Conflict, "booking.whole_hall")

// NewSeats is what a party wants instead of its seats: chosen Seats, or so many
// people, more or fewer than before. Without a Zone they stay near where they
// are; wheelchairs and companions nil are as many places as they have now.
type NewSeats struct {
	Seats       []int64
	Count       int
	Zone        models.Zone
	Aisle       models.Aisle
	Wheelchairs *int
	Companions  *int
	Channel     models.Channel // at the desk
	ReadBack    booking.ReadBack
	Key         idem.Key
}

// owns reports whether a booking is the actor's own, or of a branch of theirs.
func owns(a auth.Actor, t Ticket) bool {
	return t.OrgID == nil && t.HolderID != nil && *t.HolderID == a.AccountID || t.OrgID != nil && a.CanAt(auth.BookForBranch, t.BranchPath)
}

// desksFor reports whether the actor's desk acts for the party of a booking: the
// desk of the place, or the one that keeps the caller.
func desksFor(a auth.Actor, t Ticket) bool {
	return a.CanAt(auth.BookForOthers, t.PlacePath) || t.DeskPath != "" && a.CanAt(auth.BookForOthers, t.DeskPath)
}

// onBehalf reports whether the actor is the clerk of somebody else's booking, and
// not one of those it belongs to.
func onBehalf(a auth.Actor, t Ticket) bool {
	if t.OrgID != nil {
		return desksFor(a, t) && !slices.Contains(branchesOf(a), *t.OrgID)
	}
	return desksFor(a, t) && !owns(a, t)
}

// mayChange reports whether the actor is offered to change the seats of a booking.
func (s *Service) mayChange(a auth.Actor, t Ticket) bool {
	return s.alive(t) && !t.Whole && (owns(a, t) || desksFor(a, t))
}

// changing is what the kernel is told of a change by the actor: its holder and
// its branch may until the limit, on free seats; the desk until the start, on
// the share kept for it too.
func changing(a auth.Actor, t Ticket, channel models.Channel) (booking.Changing, error) {
	c := booking.Changing{Actor: a, Channel: models.ChannelOnline, Limit: booking.UntilLimit}
	switch {
	case desksFor(a, t):
		c.Limit, c.Reach = booking.UntilStart, booking.ReachDesk
		if channel == "" && onBehalf(a, t) {
			channel = models.ChannelPhone
		}
		if channel != "" {
			c.Channel = channel
		}
	case !owns(a, t):
		return c, errs.ErrForbidden
	}
	return c, nil
}

// ChangeSeats gives a booking other seats, or another number of them, in one
// transaction: until the new ones are held the old ones stay. Besides the
// kernel's refusals it returns ErrWholeHall.
func (s *Service) ChangeSeats(ctx context.Context, a auth.Actor, id string, in NewSeats) (done booking.Changed, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := ticket(tx, a, id)
		if err != nil {
			return err
		}
		c, err := changing(a, t, in.Channel)
		if err != nil {
			return err
		}
		if t.Whole {
			return ErrWholeHall
		}
		at, err := s.fixed.get(tx, t.EventID)
		if err != nil {
			return err
		}
		done, err = idem.Once(tx, in.Key, func() (booking.Changed, error) {
			b, e, err := booking.Locked(tx, id)
			if err != nil {
				return booking.Changed{}, err
			}
			plan, err := s.kernel.Plan(tx, e.PlanID)
			if err != nil {
				return booking.Changed{}, err
			}
			seats, err := booking.SeatsOf(tx, id)
			if err != nil {
				return booking.Changed{}, err
			}
			c.Seats, c.Party, c.ReadBack, c.Place = in.Seats, in.party(plan, seats[id]), in.ReadBack, at.place
			return s.kernel.Change(tx, b, e, c)
		})
		return err
	})
	return done, err
}

// party is the wish for a head-count; the zero Party when seats are chosen.
func (in NewSeats) party(plan *models.SeatPlan, now []booking.SeatRef) models.Party {
	if in.Count == 0 {
		return models.Party{}
	}
	p := models.Party{Count: in.Count, Zone: in.Zone, Aisle: in.Aisle}
	p.Wheelchairs, p.Companions = wheels(plan, now)
	p.Wheelchairs = min(p.Wheelchairs, p.Count)
	p.Companions = min(p.Companions, p.Count-p.Wheelchairs)
	if in.Wheelchairs != nil {
		p.Wheelchairs = *in.Wheelchairs
	}
	if in.Companions != nil {
		p.Companions = *in.Companions
	}
	return p
}

// wheels counts the wheelchair places among seats, and the companions' seats
// beside them; without a wheelchair nobody sits there as a companion.
func wheels(plan *models.SeatPlan, seats []booking.SeatRef) (wheelchairs, companions int) {
	for _, r := range seats {
		o, ok := plan.Ord(r.ID)
		switch {
		case ok && plan.Seats[o].Kind == models.SeatWheelchair:
			wheelchairs++
		case ok && plan.Seats[o].Kind == models.SeatCompanion:
			companions++
		}
	}
	if wheelchairs == 0 {
		companions = 0
	}
	return wheelchairs, companions
}

// offerChange says what a change would give at this moment, by the kernel's own
// decision on a copy.
func (s *Service) offerChange(plan *models.SeatPlan, v Show, t Ticket, c booking.Changing) booking.Outcome {
	st := &booking.State{Event: v.Event, Plan: plan, Map: []byte(v.SeatMap)}
	return booking.DecideChange(st, s.db.Now(), ordsOf(plan, t.Seats),
		booking.Ask{EventID: v.ID, Seats: c.Seats, Party: c.Party, Reach: c.Reach, ForBranch: t.OrgID != nil})
}

func ordsOf(plan *models.SeatPlan, seats []booking.SeatRef) []int {
	var out []int
	for _, r := range seats {
		if o, ok := plan.Ord(r.ID); ok {
			out = append(out, o)
		}
	}
	slices.Sort(out)
	return out
}
