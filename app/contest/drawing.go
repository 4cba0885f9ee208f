package contest

import (
	"context"
	"fmt"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// DrawPlan is a draw of a round's order of appearance, in groups or in one, or, with
// Tie, of lots among those whom the rule leaves level.
type DrawPlan struct {
	RoundID   int64
	Tie       bool
	Groups    int // 0 and 1: none
	Community bool
	Team      bool
	Value     models.DrawValue
	Note      string
	Due       models.Instant
	Reason    string // from the second draw of a round on
}

// Draw freezes the list of a round and publishes the draw of its order. The first
// round of a division takes the approved entries; nobody may wait for their yes. It
// returns ErrUndecided, ErrNoList, ErrRoundState and the refusals of draw.Commit.
func (s *Service) Draw(ctx context.Context, a auth.Actor, contest int64, p DrawPlan, key idem.Key) (d draw.Draw, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, key, func() (int64, error) {
			d, err := s.commit(tx, a, contest, p)
			return d.ID, err
		})
		if err != nil {
			return err
		}
		d, err = s.draws.Find(tx, id)
		return err
	})
	return d, err
}

func (s *Service) commit(tx *db.Tx, a auth.Actor, contest int64, p DrawPlan) (draw.Draw, error) {
	c, err := s.staffed(tx, a, auth.ContestDraw, contest)
	if err != nil {
		return draw.Draw{}, err
	}
	r, err := lockRound(tx, p.RoundID)
	switch {
	case err != nil || r.ContestID != c.ID:
		return draw.Draw{}, errs.FieldFault("round_id", "unknown")
	case p.Tie && s.judging == nil:
		return draw.Draw{}, ErrRoundState.With("round", r.Name)
	case p.Tie:
		return s.judging.CommitLots(tx, a, p)
	case !r.State.CanBecome(models.RoundOrdered):
		return draw.Draw{}, ErrRoundState.With("round", r.Name)
	}
	if r.Ord == 1 {
		if err := s.freeze(tx, r); err != nil {
			return draw.Draw{}, err
		}
	}
	list, err := appearances(tx, r.ID)
	if err != nil {
		return draw.Draw{}, err
	}
	division, _ := c.Division(r.DivisionID)
	plan := draw.Plan{Subject: draw.Subject{Kind: DrawSubject, ID: r.ID}, Purpose: models.DrawAppearance, Title: c.Title + " " + division.Name + " " + r.Name,
		OrgID: c.OrgID, Reason: p.Reason, Parts: p.Groups, Community: p.Community, Team: p.Team, Value: p.Value, Note: p.Note, Due: p.Due}
	if p.Groups > 1 {
		plan.Purpose = models.DrawGrouping
	}
	for _, x := range list {
		if x.State != models.EntryApproved {
			continue
		}
		e := models.ContestEntry{ContestID: c.ID, Number: x.Number}
		plan.Entries = append(plan.Entries, models.DrawEntry{EntryID: e.DrawID(), Label: x.Team + "《" + x.Piece + "》", Community: x.Org, Team: x.Org + " " + x.Team})
	}
	if len(plan.Entries) < 2 {
		return draw.Draw{}, ErrNoList.With("round", r.Name)
	}
	return s.draws.Commit(tx, a, plan)
}

// freeze makes the approved entries of a division the list of its first round.
func (s *Service) freeze(tx *db.Tx, r models.ContestRound) error {
	all, err := entries(tx, "e.division_id = ? ORDER BY e.number", r.DivisionID)
	if err != nil {
		return err
	}
	var ids []int64
	open := 0
	for _, e := range all {
		switch e.State {
		case models.EntryApproved:
			ids = append(ids, e.ID)
		case models.EntrySubmitted, models.EntryReturned:
			open++
		case models.EntryWaiting, models.EntryDeclined, models.EntryWithdrawn:
		}
	}
	if open > 0 {
		return ErrUndecided.With("n", open)
	}
	return setList(tx, r, ids)
}

// Reveal takes the public value of a draw of this contest; the order is written in
// the same transaction, and the teams are told. It returns errs.ErrNotFound and the
// refusals of draw.Reveal.
func (s *Service) Reveal(ctx context.Context, a auth.Actor, contest, id int64, v draw.Value) (d draw.Draw, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := s.staffed(tx, a, auth.ContestDraw, contest)
		if err != nil {
			return err
		}
		before, r, err := s.drawIn(tx, c, id)
		if err != nil {
			return err
		}
		if before.Purpose == models.DrawTie && s.judging != nil {
			d, err = s.judging.RevealLots(tx, a, r.ID, id, v)
			return err
		}
		if d, err = s.draws.Reveal(tx, a, id, v); err != nil {
			return err
		}
		if before.State != models.DrawOpen || d.State != models.DrawDrawn {
			return nil
		}
		return s.order(tx, a, c, r, d)
	})
	return d, err
}

// DrawOf returns a draw of this contest; errs.ErrNotFound for any other.
func (s *Service) DrawOf(ctx context.Context, contest, id int64) (d draw.Draw, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, err := byID(tx, contest)
		if err == nil {
			d, _, err = s.drawIn(tx, c, id)
		}
		return err
	})
	return d, err
}

func (s *Service) drawIn(tx *db.Tx, c Contest, id int64) (draw.Draw, models.ContestRound, error) {
	d, err := s.draws.Find(tx, id)
	if err != nil {
		return d, models.ContestRound{}, err
	}
	for _, r := range c.Rounds {
		if d.SubjectKind == DrawSubject && d.SubjectID == r.ID {
			return d, r, nil
		}
	}
	return draw.Draw{}, models.ContestRound{}, errs.ErrNotFound
}

// order writes what was drawn into the round and tells the teams their number.
func (s *Service) order(tx *db.Tx, a auth.Actor, c Contest, r models.ContestRound, d draw.Draw) error {
	all, err := entries(tx, "e.division_id = ? ORDER BY e.number", r.DivisionID)
	if err != nil {
		return err
	}
	of := map[string]Entry{}
	for _, e := range all {
		of[e.DrawID()] = e
	}
	slot := c.Slot(r.SlotID)
	for part, group := range d.Groups() {
		for _, x := range group {
			e, ok := of[x.EntryID]
			if !ok {
				return fmt.Errorf("draw %d: no entry %s", d.ID, x.EntryID)
			}
			place := models.ContestPlace{RoundID: r.ID, EntryID: e.ID, Place: x.Place}
			if d.Parts > 1 {
				place.Part = part + 1
			}
			if err := setPlace(tx, place); err != nil {
				return err
			}
			err := s.tell(tx, e, notify.ContestOrder, map[string]string{"n": strconv.Itoa(x.Place), "start": slot.StartsAt.String(), "place": slot.Place})
			if err != nil {
				return err
			}
		}
	}
	if err := setRoundState(tx, r.ID, models.RoundOrdered, &d.ID); err != nil {
		return err
	}
	if err := s.handOver(tx, c, r); err != nil {
		return err
	}
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID = "contest.order", "contest", strconv.FormatInt(c.ID, 10), &c.OrgID
	l.After = "round " + strconv.FormatInt(r.ID, 10) + ", draw " + strconv.FormatInt(d.ID, 10)
	return audit.Write(tx, l)
}

// handOver gives a round to the judges as it stands.
func (s *Service) handOver(tx *db.Tx, c Contest, r models.ContestRound) error {
	if s.judging == nil {
		return nil
	}
	line, err := appearances(tx, r.ID)
	if err != nil {
		return err
	}
	return s.judging.Take(tx, c, r, line)
}

// Round is a round with who appears in it and its draws.
type Round struct {
	models.ContestRound
	Slot        Slot
	Division    Division
	Appearances []Appearance
	Draws       []models.Draw // of order and groups, the first first
	Out         bool          // its result is public
}

// RoundsOf reads the rounds of a contest with their lists and draws; all of it is
// public.
func (s *Service) RoundsOf(ctx context.Context, contest int64) (c Contest, out []Round, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if c, err = s.read(tx, contest); err != nil {
			return err
		}
		for _, r := range c.Rounds {
			x := Round{ContestRound: r, Slot: c.Slot(r.SlotID)}
			x.Division, _ = c.Division(r.DivisionID)
			if x.Appearances, err = appearances(tx, r.ID); err != nil {
				return err
			}
			for _, p := range []models.DrawPurpose{models.DrawAppearance, models.DrawGrouping, models.DrawTie} {
				more, err := s.draws.Of(tx, draw.Subject{Kind: DrawSubject, ID: r.ID}, p)
				if err != nil {
					return err
				}
				x.Draws = append(x.Draws, more...)
			}
			if s.judging != nil {
				places, err := s.judging.Standings(tx, r.ID)
				if err != nil {
					return err
				}
				x.Out = len(places) > 0
			}
			out = append(out, x)
		}
		return nil
	})
	return c, out, err
}
