package app

import (
	"cmp"
	"errors"
	"slices"

	"youyue/app/auth"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/scoring"
	"youyue/models"
)

// jury hands the rounds of contests over to be judged, under the contest's ids.
type jury struct{ scoring *scoring.Service }

// Take numbers the acts through all groups, in the order in which they appear.
func (j jury) Take(tx *db.Tx, c contest.Contest, r models.ContestRound, line []contest.Appearance) error {
	line = slices.Clone(line)
	slices.SortStableFunc(line, func(a, b contest.Appearance) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Place, b.Place))
	})
	division, _ := c.Division(r.DivisionID)
	acts := make([]scoring.Act, len(line))
	for i, x := range line {
		acts[i] = scoring.Act{EntryID: x.EntryID, Number: i + 1, Team: x.Team, Piece: x.Piece, Place: x.Org, OrgID: x.OrgID,
			Limit: division.MaxLength, Withdrawn: x.State != models.EntryApproved} // whoever left the order, in whatever way
		if x.LeaderID != nil {
			acts[i].LeaderID = *x.LeaderID
		}
	}
	return j.scoring.Hand(tx, judgedRound(c, r), acts)
}

// judgedRound is a round as judging knows it; its sitting is the contest's slot.
func judgedRound(c contest.Contest, r models.ContestRound) scoring.Round {
	division, _ := c.Division(r.DivisionID)
	slot := c.Slot(r.SlotID)
	return scoring.Round{ID: r.ID, ContestID: c.ID, Contest: c.Title, Title: division.Name + " · " + r.Name, OrgID: c.OrgID, OrgPath: c.OrgPath,
		StartsAt: slot.StartsAt, EndsAt: slot.EndsAt, SittingID: slot.ID}
}

// Move has marks that are taken read as a round that has begun.
func (j jury) Move(tx *db.Tx, c contest.Contest, r models.ContestRound) error {
	err := j.scoring.Move(tx, judgedRound(c, r))
	if errors.Is(err, scoring.ErrLineFixed) {
		return contest.ErrBegun.With("at", c.Slot(r.SlotID).StartsAt)
	}
	return err
}

func (j jury) Drop(tx *db.Tx, id int64) error { return j.scoring.Drop(tx, id) }

func (j jury) Standings(tx *db.Tx, round int64) ([]contest.Standing, error) {
	lines, err := j.scoring.Standings(tx, round)
	out := make([]contest.Standing, len(lines))
	for i, l := range lines {
		out[i] = contest.Standing{EntryID: l.EntryID, Place: l.Place}
	}
	return out, err
}

func (j jury) CommitLots(tx *db.Tx, a auth.Actor, p contest.DrawPlan) (draw.Draw, error) {
	d, err := j.scoring.CommitLots(tx, a, p.RoundID, scoring.LotsPlan{Value: p.Value, Note: p.Note, Due: p.Due, Reason: p.Reason})
	return d, notNow(tx, p.RoundID, err)
}

func (j jury) RevealLots(tx *db.Tx, a auth.Actor, round, id int64, v draw.Value) (draw.Draw, error) {
	d, err := j.scoring.RevealLots(tx, a, round, id, v)
	return d, notNow(tx, round, err)
}

// notNow says in the contest's words that a round has nobody to draw lots for.
func notNow(tx *db.Tx, round int64, err error) error {
	if !errors.Is(err, scoring.ErrNoLots) && !errors.Is(err, scoring.ErrState) && !errors.Is(err, errs.ErrNotFound) {
		return err
	}
	r, _, failed := contest.RoundIn(tx, round)
	if failed != nil {
		return failed
	}
	return contest.ErrRoundState.With("round", r.Name)
}
