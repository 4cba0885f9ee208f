package contest

import (
	"context"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// AddSlot gives a contest one more time: a rehearsal of everybody's, or of one
// entry, or a time on stage. Whom it concerns is told of a rehearsal. It returns field
// faults, errs.ErrForbidden, ErrOver, booking.ErrResourceTaken.
func (s *Service) AddSlot(ctx context.Context, a auth.Actor, contest int64, p SlotPlan, key idem.Key) (c Contest, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.staffed(tx, a, auth.ContestWrite, contest)
		if err != nil {
			return err
		}
		if _, err := idem.Once(tx, key, func() (int64, error) { return s.addSlot(tx, a, before, p) }); err != nil {
			return err
		}
		c, err = s.read(tx, contest)
		return err
	})
	return c, err
}

func (s *Service) addSlot(tx *db.Tx, a auth.Actor, c Contest, p SlotPlan) (int64, error) {
	var bad faults
	p.check(&bad, "", c.ClosesAt)
	if !p.Span.Start.IsZero() && !p.Span.Start.After(tx.Now()) {
		bad.add("starts_at", "contest_past")
	}
	if len(c.Slots) >= maxSlots {
		bad.add("slots", "max", "param", maxSlots)
	}
	if err := bad.err(); err != nil {
		return 0, err
	}
	if err := takeable(tx, a, "resources", p.Resources); err != nil {
		return 0, err
	}
	slot := models.ContestSlot{ContestID: c.ID, Kind: p.Kind, Place: p.Place, StartsAt: p.Span.Start, EndsAt: p.Span.End, SetupMin: p.SetupMin, ClearMin: p.ClearMin}
	if p.Entry != "" {
		e, ok, err := teamOf(tx, p.Entry)
		if err != nil {
			return 0, err
		}
		if !ok || e.ContestID != c.ID || p.Kind != models.SlotRehearsal {
			return 0, errs.FieldFault("entry", "unknown")
		}
		slot.EntryID = &e.ID
	}
	if err := insertSlot(tx, &slot, p.Resources); err != nil {
		return 0, err
	}
	if err := reserve(tx, slot, p.Resources); err != nil {
		return 0, err
	}
	if err := s.askAnew(tx, a, c.ID, map[int64]bool{slot.ID: true}); err != nil {
		return 0, err
	}
	if slot.Kind == models.SlotRehearsal {
		if err := s.tellSlot(tx, c, slot, notify.ContestRehearsal, ""); err != nil {
			return 0, err
		}
	}
	return slot.ID, noteSlot(tx, a, c, "contest.slot", slot, "")
}

// DropSlot gives the time of a slot back in which no round is held; whom it
// concerned is told. It returns ErrSlotUsed, ErrBegun, a fault of "reason".
func (s *Service) DropSlot(ctx context.Context, a auth.Actor, contest, slot int64, reason string) (c Contest, err error) {
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
		x := before.Slot(slot)
		if x.ID == 0 {
			return errs.ErrNotFound
		}
		for _, r := range before.Rounds {
			if r.SlotID == slot {
				return ErrSlotUsed.With("round", r.Name)
			}
		}
		if !x.StartsAt.After(tx.Now()) {
			return ErrBegun.With("at", x.StartsAt)
		}
		if err := booking.Release(tx, booking.Source{Kind: Source, ID: slot}); err != nil {
			return err
		}
		if err := s.withdraw(tx, a, contest, slot); err != nil {
			return err
		}
		if err := deleteSlot(tx, slot); err != nil {
			return err
		}
		if err := s.tellSlot(tx, before, x.ContestSlot, notify.ContestRehearsalOff, reason); err != nil {
			return err
		}
		if err := noteSlot(tx, a, before, "contest.slot_drop", x.ContestSlot, reason); err != nil {
			return err
		}
		c, err = s.read(tx, contest)
		return err
	})
	return c, err
}

func noteSlot(tx *db.Tx, a auth.Actor, c Contest, action string, x models.ContestSlot, reason string) error {
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "contest", strconv.FormatInt(c.ID, 10), &c.OrgID
	l.After, l.Reason = string(x.Kind)+" "+x.StartsAt.String(), reason
	return audit.Write(tx, l)
}

// tellSlot tells the teams that a slot is for.
func (s *Service) tellSlot(tx *db.Tx, c Contest, x models.ContestSlot, kind, reason string) error {
	teams, err := entries(tx, "e.contest_id = ? AND e.state IN ('waiting', 'submitted', 'returned', 'approved') ORDER BY e.id", c.ID)
	if err != nil {
		return err
	}
	for _, e := range teams {
		if !e.State.Living() || x.EntryID != nil && *x.EntryID != e.ID {
			continue
		}
		if err := s.tell(tx, e, kind, map[string]string{"start": x.StartsAt.String(), "place": x.Place, "reason": reason}); err != nil {
			return err
		}
	}
	return nil
}
