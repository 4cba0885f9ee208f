package contest

import (
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// Owners asks the partners who lend places. A slot in such a place has its time at
// once; the entries of a division open when the partners have agreed to the slots of
// all of its rounds. Rehearsals keep nobody waiting.
type Owners interface {
	AskOwners(tx *db.Tx, a auth.Actor, q models.OwnerQuestion) error
	WithdrawAsks(tx *db.Tx, a auth.Actor, source string, set int64, items ...int64) error
	Standings(tx *db.Tx, source string, sets ...int64) (map[int64]models.OwnerStandings, error)
}

// askOwners asks the partners, where there are some, for what slots take for the
// contest, set-up and clearing included. What teams borrow is not asked for.
func (s *Service) askOwners(tx *db.Tx, a auth.Actor, c models.Contest, slots ...Slot) error {
	if s.owners == nil {
		return nil
	}
	q := models.OwnerQuestion{Source: Source, SetID: c.ID, OrgID: c.OrgID, Title: c.Title, Path: staffPath(c.ID)}
	for _, x := range slots {
		for _, r := range x.ids() {
			if !slices.Contains(x.Lent, r) {
				q.Times = append(q.Times, models.OwnerTime{ItemID: x.ID, RoomID: r, Span: x.Taken()})
			}
		}
	}
	return s.owners.AskOwners(tx, a, q)
}

// askAnew asks for slots that were moved: a yes to one time is none to another.
func (s *Service) askAnew(tx *db.Tx, a auth.Actor, contest int64, moved map[int64]bool) error {
	var ids []int64
	for id := range moved {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if err := s.withdraw(tx, a, contest, ids...); err != nil {
		return err
	}
	c, err := byID(tx, contest)
	if err != nil {
		return err
	}
	var slots []Slot
	for _, id := range ids {
		slots = append(slots, c.Slot(id))
	}
	return s.askOwners(tx, a, c.Contest, slots...)
}

// withdraw takes back what was asked for some slots of a contest, or for all.
func (s *Service) withdraw(tx *db.Tx, a auth.Actor, contest int64, slots ...int64) error {
	if s.owners == nil {
		return nil
	}
	return s.owners.WithdrawAsks(tx, a, Source, contest, slots...)
}

// read is a contest with how partners have answered for its slots.
func (s *Service) read(tx *db.Tx, id int64) (Contest, error) {
	c, err := byID(tx, id)
	if err != nil {
		return c, err
	}
	all := []Contest{c}
	err = s.stand(tx, all)
	return all[0], err
}

func (s *Service) stand(tx *db.Tx, all []Contest) error {
	if s.owners == nil {
		return nil
	}
	ids := make([]int64, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	found, err := s.owners.Standings(tx, Source, ids...)
	if err != nil {
		return err
	}
	for _, c := range all {
		for i, x := range c.Slots {
			c.Slots[i].Owner = found[c.ID].Of(x.ID)
		}
	}
	return nil
}

// awaits is the first slot of a division's rounds to whose place a partner has not
// agreed.
func (c Contest) awaits(division int64) (Slot, bool) {
	for _, r := range c.Rounds {
		if x := c.Slot(r.SlotID); r.DivisionID == division && !x.Owner.State.Settled() {
			return x, true
		}
	}
	return Slot{}, false
}

// awaitsAll reports whether no division can be entered, for want of a place.
func (c Contest) awaitsAll() bool {
	for _, d := range c.Divisions {
		if _, waits := c.awaits(d.ID); !waits {
			return false
		}
	}
	return len(c.Divisions) > 0
}

// placed holds an entry to places that partners have agreed to lend: ErrOwner says
// until when they answer, or that another time is looked for.
func (c Contest) placed(division int64) error {
	x, waits := c.awaits(division)
	switch {
	case !waits:
		return nil
	case x.Owner.State == models.AskWanted:
		return ErrOwner.With("owner", x.Owner.Owner).With("until", x.Owner.Deadline).Add("until", x.Owner.Deadline)
	}
	return ErrOwner.With("owner", x.Owner.Owner).Worded("contest.owner_refused")
}

// ownerUntil is by when the partner answers for a slot, nil when it is not asked.
func (s Slot) ownerUntil() *models.Instant {
	if s.Owner.State != models.AskWanted {
		return nil
	}
	return optional(s.Owner.Deadline)
}

// LockAsked keeps other writers of a contest out; see room.Asker.
func (s *Service) LockAsked(tx *db.Tx, set int64) error { return lockContest(tx, set) }

// OwnerAnswered gives back the time of places that a partner does not lend. The slots
// stay, without them, until they are moved; what else they take they keep.
func (s *Service) OwnerAnswered(tx *db.Tx, _ auth.Actor, x models.OwnerAnswer) error {
	if x.State == models.AskGiven {
		return nil
	}
	for _, t := range x.Times {
		if err := refuseClaim(tx, t.ItemID, t.RoomID); err != nil {
			return err
		}
	}
	c, err := byID(tx, x.SetID)
	if err != nil {
		return err
	}
	for i, t := range x.Times {
		if slices.ContainsFunc(x.Times[:i], func(y models.OwnerTime) bool { return y.ItemID == t.ItemID }) {
			continue
		}
		slot := c.Slot(t.ItemID)
		if slot.ID == 0 {
			return fmt.Errorf("contest %d: slot %d is gone, and was asked for", c.ID, t.ItemID)
		}
		if err := retake(tx, slot); err != nil {
			return err
		}
	}
	return nil
}

// retake gives the time of a slot back and takes again what it may have.
func retake(tx *db.Tx, x Slot) error {
	if err := booking.Release(tx, booking.Source{Kind: Source, ID: x.ID}); err != nil {
		return err
	}
	return reserve(tx, x.ContestSlot, x.held())
}

// held are the resources of a slot but for those that a partner has refused.
func (s Slot) held() []int64 {
	return slices.DeleteFunc(s.ids(), func(id int64) bool { return slices.Contains(s.Refused, id) })
}
