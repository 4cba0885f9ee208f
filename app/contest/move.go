package contest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Move is a day that is moved to another, as rain asks for: the hours stay. Place
// and Resources, when they are given, stand in for those of every slot of the day:
// the hall instead of the square.
type Move struct {
	From      models.Day
	To        models.Day
	Place     string
	Resources []int64
	Reason    string
}

// MoveDay moves all slots of a day in one step, or none, tells every team that is in,
// and asks partners who lend the places for the new times. It returns ErrNothingThere, ErrBegun, field faults and
// booking.ErrResourceTaken.
func (s *Service) MoveDay(ctx context.Context, a auth.Actor, contest int64, m Move) (c Contest, err error) {
	var bad faults
	bad.line("reason", &m.Reason, 300, true)
	bad.line("place", &m.Place, 120, false)
	if m.To.IsZero() || m.To == m.From && m.Place == "" && len(m.Resources) == 0 {
		bad.add("to", "contest_other_day")
	}
	if err := bad.err(); err != nil {
		return Contest{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.staffed(tx, a, auth.ContestWrite, contest)
		if err != nil {
			return err
		}
		if err := takeable(tx, a, "resources", m.Resources); err != nil {
			return err
		}
		moved, err := s.moveSlots(tx, before, m)
		if err != nil {
			return err
		}
		if err := s.askAnew(tx, a, contest, moved); err != nil {
			return err
		}
		if c, err = s.read(tx, contest); err != nil {
			return err
		}
		if err := s.tellMoved(tx, c, moved, m.Reason); err != nil {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID = "contest.move", "contest", strconv.FormatInt(c.ID, 10), &c.OrgID
		l.Before, l.After, l.Reason = m.From.String(), m.To.String(), m.Reason
		return audit.Write(tx, l)
	})
	return c, err
}

// moveSlots gives the times of a day back and takes the new ones: all or none.
func (s *Service) moveSlots(tx *db.Tx, c Contest, m Move) (map[int64]bool, error) {
	moved := map[int64]bool{}
	days := time.Duration(m.To.Sub(m.From)) * 24 * time.Hour
	var slots []Slot
	for _, x := range c.Slots {
		if models.DayOf(x.StartsAt, s.zone) != m.From {
			continue
		}
		if !x.StartsAt.After(tx.Now()) {
			return nil, ErrBegun.With("at", x.StartsAt)
		}
		if err := booking.Release(tx, booking.Source{Kind: Source, ID: x.ID}); err != nil {
			return nil, err
		}
		x.MovedFrom, x.MovedWhy = x.StartsAt, m.Reason
		x.StartsAt, x.EndsAt = x.StartsAt.Add(days), x.EndsAt.Add(days)
		if m.Place != "" {
			x.Place = m.Place
		}
		slots, moved[x.ID] = append(slots, x), true
	}
	switch {
	case len(slots) == 0:
		return nil, ErrNothingThere.At(errs.Field{Name: "from", Code: "contest_no_slot"})
	case !slots[0].StartsAt.After(tx.Now()):
		return nil, errs.FieldFault("to", "contest_other_day")
	}
	for _, x := range slots {
		resources := x.ids()
		if len(m.Resources) > 0 {
			resources = slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Resources, x.Lent))))
			if err := exchange(tx, x.ID, m.Resources); err != nil {
				return nil, err
			}
		}
		if err := moveSlot(tx, x.ContestSlot); err != nil {
			return nil, err
		}
		if err := wantAgain(tx, x.ID); err != nil {
			return nil, err
		}
		if err := reserve(tx, x.ContestSlot, resources); err != nil {
			return nil, err
		}
	}
	return moved, s.follow(tx, c, slots)
}

// follow puts what hangs on moved slots at their new time: the places of divisions
// that begin in them, and the judges of rounds that are judged. The teams of a round
// are told of the move; a reminder that is due by then would only say it again.
func (s *Service) follow(tx *db.Tx, c Contest, slots []Slot) error {
	at := map[int64]Slot{}
	for _, x := range slots {
		at[x.ID] = x
	}
	for i, x := range c.Slots {
		if moved, ok := at[x.ID]; ok {
			c.Slots[i] = moved
		}
	}
	told := map[int64]bool{} // of a division's first round that is moved, see concerns
	for _, r := range c.Rounds {
		x, ok := at[r.SlotID]
		if !ok {
			continue
		}
		if due := x.StartsAt.Add(-dayBefore); !told[r.DivisionID] && !due.After(tx.Now()) {
			if err := reminded(tx, r.ID, due); err != nil {
				return err
			}
		}
		told[r.DivisionID] = true
		if r.Ord == 1 {
			d, _ := c.Division(r.DivisionID)
			if err := s.kernel.Reschedule(tx, d.EventID, x.Span(), c.ClosesAt, x.StartsAt); err != nil {
				return err
			}
		}
		if s.judging != nil {
			if err := s.judging.Move(tx, c, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellMoved tells every team whose time on stage or rehearsal was moved, once, of
// the stage before the rehearsal; what was written for the old time and has not gone
// out is taken back.
func (s *Service) tellMoved(tx *db.Tx, c Contest, moved map[int64]bool, reason string) error {
	teams, err := entries(tx, "e.contest_id = ? AND e.state IN ('waiting', 'submitted', 'returned', 'approved') ORDER BY e.id", c.ID)
	if err != nil {
		return err
	}
	for _, e := range teams {
		slot, ok := c.concerns(e, moved)
		if !e.State.Living() || !ok {
			continue
		}
		if err := s.notices.Void(tx, "contest_entry:"+e.UID, notify.ContestReminder, notify.ContestMoved, notify.ContestRehearsal); err != nil {
			return err
		}
		err := s.tell(tx, e, notify.ContestMoved, map[string]string{"start": slot.StartsAt.String(), "place": slot.Place, "reason": reason})
		if err != nil {
			return err
		}
	}
	return nil
}

// concerns finds the moved slot that an entry hears of.
func (c Contest) concerns(e Entry, moved map[int64]bool) (Slot, bool) {
	for _, r := range c.Rounds {
		if r.DivisionID == e.DivisionID && moved[r.SlotID] {
			return c.Slot(r.SlotID), true
		}
	}
	for _, x := range c.Slots {
		if moved[x.ID] && x.Kind == models.SlotRehearsal && (x.EntryID == nil || *x.EntryID == e.ID) {
			return x, true
		}
	}
	return Slot{}, false
}

// CallOff ends a contest: its times are free, its teams are told. A fault of
// "reason", ErrOver.
func (s *Service) CallOff(ctx context.Context, a auth.Actor, contest int64, reason string) (c Contest, err error) {
	var bad faults
	bad.line("reason", &reason, 300, true)
	if err := bad.err(); err != nil {
		return Contest{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.staffed(tx, a, auth.ContestWrite, contest)
		if err != nil {
			return err
		}
		if err := s.withdraw(tx, a, contest); err != nil {
			return err
		}
		for _, x := range before.Slots {
			if err := booking.Release(tx, booking.Source{Kind: Source, ID: x.ID}); err != nil {
				return err
			}
		}
		by := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason, Limit: booking.AtAnyTime}
		for _, d := range before.Divisions {
			if _, err := s.kernel.CancelAll(tx, d.EventID, by); err != nil {
				return err
			}
			if err := s.kernel.CallOff(tx, d.EventID); err != nil {
				return err
			}
		}
		if s.judging != nil {
			if err := s.judging.Drop(tx, contest); err != nil {
				return err
			}
		}
		if err := endContest(tx, contest, models.ContestCancelled, reason); err != nil {
			return err
		}
		if c, err = byID(tx, contest); err != nil {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.Reason = "contest.call_off", "contest", strconv.FormatInt(c.ID, 10), &c.OrgID, reason
		return audit.Write(tx, l)
	})
	return c, err
}

// Occupants tells what the kernel's occupancies under Source are for. A slot that a
// partner has not answered for holds its time, and is not settled.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	return occupants(tx, ids)
}
