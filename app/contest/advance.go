package contest

import (
	"context"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Qualifier is an entry of a heat with its place, and whether it goes on.
type Qualifier struct {
	Appearance
	Rank    int
	GoesOn  bool
	Dropped bool // it would go on and has left
}

// Qualifying is who goes on from a heat to the final of its division.
type Qualifying struct {
	Contest Contest
	Heat    models.ContestRound
	Final   models.ContestRound
	All     []Qualifier // the best first
	Stands  bool        // the list of the final is this one
}

// Qualifiers tells who goes on from a heat by its public result: the first of the
// places that the heat gives, by the rungs of its rule. Whoever has left is passed
// over and the next goes on; who shares the last place that goes on, goes on too. It
// returns errs.ErrNotFound, ErrNoFinal, ErrNoResult.
func (s *Service) Qualifiers(ctx context.Context, a auth.Actor, contest, heat int64) (q Qualifying, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, err := s.seen(tx, a, contest)
		if err == nil {
			q, err = s.qualifying(tx, c, heat)
		}
		return err
	})
	return q, err
}

// Advance makes them the list of the final, which is drawn next, and tells their
// leaders. Done again after a protest it says anew who is in; nobody is told twice. It
// returns what Qualifiers does, ErrOver, errs.ErrForbidden, and ErrOrdered once the
// final has its order.
func (s *Service) Advance(ctx context.Context, a auth.Actor, contest, heat int64) (q Qualifying, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := s.staffed(tx, a, auth.ContestDraw, contest)
		if err != nil {
			return err
		}
		if q, err = s.qualifying(tx, c, heat); err != nil {
			return err
		}
		final, err := lockRound(tx, q.Final.ID)
		if err != nil {
			return err
		}
		switch {
		case q.Stands:
			return nil
		case final.State != models.RoundPlanned:
			return ErrOrdered.With("round", final.Name)
		}
		if err := s.promote(tx, c, q); err != nil {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID = "contest.advance", "contest", strconv.FormatInt(c.ID, 10), &c.OrgID
		l.After = "from round " + strconv.FormatInt(q.Heat.ID, 10) + " to " + strconv.FormatInt(final.ID, 10) + ", " + strconv.Itoa(len(q.ids()))
		q.Stands = true
		return audit.Write(tx, l)
	})
	return q, err
}

func (q Qualifying) ids() (out []int64) {
	for _, x := range q.All {
		if x.GoesOn {
			out = append(out, x.EntryID)
		}
	}
	return out
}

func (s *Service) qualifying(tx *db.Tx, c Contest, heat int64) (q Qualifying, err error) {
	q.Contest = c
	for _, r := range c.Rounds {
		if r.ID == heat {
			q.Heat = r
		}
	}
	if q.Heat.ID == 0 {
		return q, errs.ErrNotFound
	}
	for _, r := range c.Rounds {
		if r.DivisionID == q.Heat.DivisionID && r.Ord == q.Heat.Ord+1 {
			q.Final = r
		}
	}
	if q.Final.ID == 0 {
		return q, ErrNoFinal.With("round", q.Heat.Name)
	}
	var places []Standing
	if s.judging != nil {
		if places, err = s.judging.Standings(tx, heat); err != nil {
			return q, err
		}
	}
	if len(places) == 0 {
		return q, ErrNoResult.With("round", q.Heat.Name)
	}
	line, err := appearances(tx, heat)
	if err != nil {
		return q, err
	}
	q.All = qualify(places, line, q.Heat.Advance)
	now, err := appearances(tx, q.Final.ID)
	in := map[int64]bool{}
	for _, x := range now {
		in[x.EntryID] = true
	}
	q.Stands = len(in) == len(q.ids())
	for _, id := range q.ids() {
		q.Stands = q.Stands && in[id]
	}
	return q, err
}

// qualify applies the rule of Qualifiers.
func qualify(places []Standing, line []Appearance, n int) (out []Qualifier) {
	of := map[int64]Appearance{}
	for _, x := range line {
		of[x.EntryID] = x
	}
	taken, last := 0, 0
	for _, p := range places {
		x, ok := of[p.EntryID]
		if !ok {
			continue
		}
		q := Qualifier{Appearance: x, Rank: p.Place}
		within := taken < n || p.Place == last
		switch {
		case within && x.State == models.EntryApproved:
			q.GoesOn, last = true, p.Place
			taken++
		case within:
			q.Dropped = true
		}
		out = append(out, q)
	}
	return out
}

// promote writes the list of the final and tells who is new on it.
func (s *Service) promote(tx *db.Tx, c Contest, q Qualifying) error {
	before, err := appearances(tx, q.Final.ID)
	if err != nil {
		return err
	}
	told := map[int64]bool{}
	for _, x := range before {
		told[x.EntryID] = true
	}
	if err := setList(tx, q.Final, q.ids()); err != nil {
		return err
	}
	teams, err := entries(tx, "e.division_id = ? AND e.state = 'approved' ORDER BY e.number", q.Final.DivisionID)
	if err != nil {
		return err
	}
	in := map[int64]bool{}
	for _, id := range q.ids() {
		in[id] = true
	}
	slot := c.Slot(q.Final.SlotID)
	for _, e := range teams {
		if !in[e.ID] || told[e.ID] {
			continue
		}
		if err := s.tell(tx, e, notify.ContestAdvanced, map[string]string{"start": slot.StartsAt.String(), "place": slot.Place}); err != nil {
			return err
		}
	}
	return nil
}
