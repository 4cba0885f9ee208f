package contest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// change runs fn on an entry under its lock and answers with the entry after it.
func (s *Service) change(ctx context.Context, a auth.Actor, uid string, fn func(tx *db.Tx, e Entry) error) (out Entry, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.visible(tx, a, uid); err != nil {
			return err
		}
		e, err := lockEntry(tx, uid)
		if err != nil {
			return err
		}
		if err := fn(tx, e); err != nil {
			return err
		}
		out, err = s.visible(tx, a, uid)
		return err
	})
	return out, err
}

// Decide is the staff's answer to an entry: approved, returned to be mended, or
// declined, the last two with a reason. An approval books what the team borrows for
// the times in which it appears, once for all teams of the contest; a decline gives
// the place to the waiting list. It returns ErrEntryState, ErrOver, a fault of
// "reason", booking.ErrResourceTaken.
func (s *Service) Decide(ctx context.Context, a auth.Actor, uid string, to models.EntryState, reason string) (Entry, error) {
	return s.change(ctx, a, uid, func(tx *db.Tx, e Entry) error {
		var bad faults
		bad.line("reason", &reason, 300, to != models.EntryApproved)
		switch {
		case !a.CanAt(auth.ContestDecide, e.ContestPath):
			return errs.ErrForbidden
		case e.ContestState != models.ContestOn:
			return ErrOver.With("title", e.Contest)
		case len(bad) > 0:
			return bad.err()
		case to != models.EntryApproved && to != models.EntryReturned && to != models.EntryDeclined, !e.State.CanBecome(to),
			e.State == models.EntryWaiting && to != models.EntryDeclined:
			return ErrEntryState.Worded("contest.entry_is_" + string(e.State))
		}
		was := e.State
		if was == models.EntryApproved {
			if err := s.undrawn(tx, e); err != nil {
				return err
			}
		}
		if to == models.EntryApproved {
			if err := s.lend(tx, e); err != nil {
				return err
			}
		}
		e.State, e.Reason, e.DecidedBy, e.DecidedAt = to, reason, &a.AccountID, tx.Now()
		if err := saveEntry(tx, e.ContestEntry); err != nil {
			return err
		}
		if to == models.EntryDeclined {
			if err := s.giveBack(tx, a, e, reason); err != nil {
				return err
			}
		}
		if was == models.EntryApproved {
			if err := unlend(tx, e); err != nil {
				return err
			}
		}
		if err := s.told(tx, a, e, "contest."+string(to), was, reason); err != nil {
			return err
		}
		kind := map[models.EntryState]string{models.EntryApproved: notify.ContestApproved, models.EntryReturned: notify.ContestReturned, models.EntryDeclined: notify.ContestDeclined}[to]
		return s.tell(tx, e, kind, map[string]string{"reason": reason})
	})
}

// undrawn refuses what would take an entry out of an order that has been drawn behind
// the back of its judges: such a team withdraws, or is withdrawn.
func (s *Service) undrawn(tx *db.Tx, e Entry) error {
	c, err := byID(tx, e.ContestID)
	if err != nil {
		return err
	}
	listed, _, err := listedIn(tx, c, e)
	for _, r := range listed {
		if r.State != models.RoundPlanned {
			return ErrEntryState.Worded("contest.entry_is_drawn")
		}
	}
	return err
}

func (s *Service) told(tx *db.Tx, a auth.Actor, e Entry, action string, was models.EntryState, reason string) error {
	c, err := byID(tx, e.ContestID)
	if err != nil {
		return err
	}
	return log(tx, a, models.ChannelOnline, action, e.ContestEntry, c.OrgID, string(was), string(e.State), reason)
}

// lend books what an entry borrows for the slots of its division.
func (s *Service) lend(tx *db.Tx, e Entry) error {
	if len(e.Lent) == 0 {
		return nil
	}
	c, err := byID(tx, e.ContestID)
	if err != nil {
		return err
	}
	for _, r := range c.Rounds {
		slot := c.Slot(r.SlotID)
		if r.DivisionID != e.DivisionID || slot.ID == 0 {
			continue
		}
		var more []int64
		for _, x := range e.Lent {
			if !slot.takes(x.ID) {
				more = append(more, x.ID)
			}
		}
		if len(more) == 0 {
			continue
		}
		if err := claim(tx, slot.ID, lentClaim, more); err != nil {
			return err
		}
		if err := reserve(tx, slot.ContestSlot, more); err != nil {
			return err
		}
		if c, err = byID(tx, c.ID); err != nil { // two rounds may lie in one slot
			return err
		}
	}
	return nil
}

// unlend gives back what was booked for an entry that is not in any more, unless
// another team borrows it too.
func unlend(tx *db.Tx, e Entry) error {
	if len(e.Lent) == 0 {
		return nil
	}
	c, err := byID(tx, e.ContestID)
	if err != nil {
		return err
	}
	for _, x := range c.Slots {
		n, err := unclaim(tx, x.ID)
		switch {
		case err != nil:
			return err
		case n == 0 || !x.StartsAt.After(tx.Now()):
			continue
		}
		after, err := byID(tx, c.ID)
		if err != nil {
			return err
		}
		if err := retake(tx, after.Slot(x.ID)); err != nil {
			return err
		}
	}
	return nil
}

// ids are the resources that a slot takes.
func (s Slot) ids() []int64 {
	out := make([]int64, len(s.Resources))
	for i, r := range s.Resources {
		out[i] = r.ID
	}
	return out
}

func (s Slot) takes(resource int64) bool {
	for _, r := range s.Resources {
		if r.ID == resource {
			return true
		}
	}
	return false
}

// Mend puts what is filled in anew in the place of what was: by the leader while
// the entry is not approved, until entries close; what was returned waits for the
// yes again. Division and home stay.
func (s *Service) Mend(ctx context.Context, a auth.Actor, uid string, f Form) (Entry, error) {
	return s.change(ctx, a, uid, func(tx *db.Tx, e Entry) error {
		c, err := byID(tx, e.ContestID)
		if err != nil {
			return err
		}
		d, _ := c.Division(e.DivisionID)
		f.DivisionID, f.OrgID = e.DivisionID, e.OrgID
		switch {
		case !e.mayEdit(a):
			return errs.ErrForbidden
		case c.Phase(tx.Now()) != models.EntryOpen:
			return ErrClosed.With("until", c.ClosesAt).With("phone", c.Phone)
		case e.State != models.EntryReturned && e.State != models.EntrySubmitted && e.State != models.EntryWaiting:
			return ErrEntryState.Worded("contest.entry_is_" + string(e.State))
		}
		if err := f.check(c, d, s.zone); err != nil {
			return err
		}
		if err := f.borrows(tx); err != nil {
			return err
		}
		_, n, err := standing(tx, e.UID, d.ID, e.OrgID, f.Team)
		if err != nil {
			return err
		}
		if n >= d.PerTeam {
			return ErrPerTeam.With("team", f.Team).With("n", d.PerTeam).With("division", d.Name)
		}
		was := e.State
		e.Team, e.Piece, e.Length, e.Brings = f.Team, f.Piece, f.Length, f.Brings
		if e.State == models.EntryReturned {
			e.State, e.Reason = models.EntrySubmitted, ""
		}
		if err := s.keepWaiting(tx, &e); err != nil {
			return err
		}
		if err := saveEntry(tx, e.ContestEntry); err != nil {
			return err
		}
		if err := replaceTeam(tx, e.ID, f.Members, f.Lent); err != nil {
			return err
		}
		return s.told(tx, a, e, "contest.mend", was, "")
	})
}

// keepWaiting leaves an entry that waits as it is stored: what it is read as
// follows from the kernel.
func (s *Service) keepWaiting(_ *db.Tx, e *Entry) error {
	if e.WaitID != 0 && e.BookingStatus != models.BookingBooked {
		e.State = models.EntryWaiting
	}
	return nil
}

// Substitute sends a member's stand-in on instead, by their places in the roster,
// until the round begins; the two change places. It is for entries of every state
// that live, approved ones above all. ErrRoster when the team would not be fit.
func (s *Service) Substitute(ctx context.Context, a auth.Actor, uid string, out, in int) (Entry, error) {
	return s.change(ctx, a, uid, func(tx *db.Tx, e Entry) error {
		c, err := byID(tx, e.ContestID)
		if err != nil {
			return err
		}
		d, _ := c.Division(e.DivisionID)
		switch {
		case !e.mayEdit(a):
			return errs.ErrForbidden
		case !e.State.Living() || c.State != models.ContestOn:
			return ErrEntryState.Worded("contest.entry_is_" + string(e.State))
		case !tx.Now().Before(c.Slot(c.heat(d.ID).SlotID).StartsAt):
			return ErrBegun.With("at", c.Slot(c.heat(d.ID).SlotID).StartsAt)
		}
		if out < 1 || out > len(e.Members) || e.Members[out-1].Substitute {
			return errs.FieldFault("out", "unknown")
		}
		if in < 1 || in > len(e.Members) || !e.Members[in-1].Substitute {
			return errs.FieldFault("in", "unknown")
		}
		e.Members[out-1].Substitute, e.Members[in-1].Substitute = true, false
		if err := d.faults(c.Day(s.zone).Year, e.Members, e.Length); err != nil {
			return err
		}
		var lent []int64
		for _, l := range e.Lent {
			lent = append(lent, l.ID)
		}
		if err := replaceTeam(tx, e.ID, e.Members, lent); err != nil {
			return err
		}
		return s.told(tx, a, e, "contest.substitute", e.State, "member "+strconv.Itoa(in)+" for "+strconv.Itoa(out))
	})
}

// Withdraw takes an entry back, at any time before its last round begins; its place
// goes to the waiting list. Withdrawing twice is no fault. In a round that has its
// order the place stays, and nobody appears in it; its judges hear of it. It returns
// ErrBegun, ErrEntryState, errs.ErrForbidden.
func (s *Service) Withdraw(ctx context.Context, a auth.Actor, uid, reason string) (Entry, error) {
	return s.change(ctx, a, uid, func(tx *db.Tx, e Entry) error {
		switch {
		case !e.mayEdit(a) && !a.CanAt(auth.ContestDecide, e.ContestPath):
			return errs.ErrForbidden
		case e.State == models.EntryWithdrawn:
			return nil
		case !e.State.CanBecome(models.EntryWithdrawn):
			return ErrEntryState.Worded("contest.entry_is_" + string(e.State))
		}
		c, err := byID(tx, e.ContestID)
		if err != nil {
			return err
		}
		listed, slot, err := listedIn(tx, c, e)
		if err != nil {
			return err
		}
		if !slot.StartsAt.IsZero() && !tx.Now().Before(slot.StartsAt) {
			return ErrBegun.With("at", slot.StartsAt)
		}
		was := e.State
		e.State, e.Reason = models.EntryWithdrawn, strings.TrimSpace(reason)
		if err := saveEntry(tx, e.ContestEntry); err != nil {
			return err
		}
		if err := s.giveBack(tx, a, e, reason); err != nil {
			return err
		}
		if was == models.EntryApproved {
			if err := unlend(tx, e); err != nil {
				return err
			}
		}
		for _, r := range listed {
			if r.State == models.RoundOrdered {
				if err := s.handOver(tx, c, r); err != nil {
					return err
				}
			}
		}
		return s.told(tx, a, e, "contest.withdraw", was, reason)
	})
}

// listedIn are the rounds on whose list an entry is, and the slot of the last one;
// that of the first round of its division while it is on none.
func listedIn(tx *db.Tx, c Contest, e Entry) (out []models.ContestRound, last Slot, err error) {
	last = c.Slot(c.heat(e.DivisionID).SlotID)
	ids, err := roundsWith(tx, e.ID)
	for _, r := range c.Rounds {
		if slices.Contains(ids, r.ID) {
			out, last = append(out, r), c.Slot(r.SlotID)
		}
	}
	return out, last, err
}

// giveBack frees an entry's place, or takes it off the waiting list.
func (s *Service) giveBack(tx *db.Tx, a auth.Actor, e Entry, reason string) error {
	by := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason, Limit: booking.AtAnyTime}
	if e.BookingStatus == models.BookingBooked {
		b, event, err := booking.Locked(tx, e.UID)
		if err != nil {
			return err
		}
		if _, err = s.kernel.Cancel(tx, b, event, by); err != nil {
			return err
		}
		return s.notices.Void(tx, "booking:"+e.UID) // the contest says it in its own words
	}
	if e.WaitID != 0 {
		_, err := s.kernel.Leave(tx, e.WaitID, by)
		return err
	}
	return nil
}

// tell leaves a notice for who leads an entry.
func (s *Service) tell(tx *db.Tx, e Entry, kind string, more map[string]string) error {
	n := notify.Notice{Kind: kind, Subject: "contest_entry:" + e.UID, Important: notify.Important,
		Vars: map[string]string{"title": e.Contest + " " + e.Division, "list": e.Team, "path": entryPath(e.UID)}}
	for k, v := range more {
		n.Vars[k] = v
	}
	if at, err := models.ParseInstant(more["due"]); err == nil {
		n.DueAt = at
	}
	if e.LeaderID != nil {
		n.Account = *e.LeaderID
	}
	if e.PersonID != nil {
		n.Person = *e.PersonID
	}
	return s.notices.Enqueue(tx, n)
}

// dayBefore is when teams are reminded of a slot.
const dayBefore = 24 * time.Hour
