package scoring

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/models"
)

// DrawSubject is whose draws lots are; a contest's draws of order share it.
const DrawSubject = "contest_round"

// LotsPlan is a draw of lots among equals, as its public page announces it.
type LotsPlan struct {
	Value  models.DrawValue
	Note   string
	Due    models.Instant
	Reason string // from the second draw of a round on
}

// CommitLots publishes the draw of lots among all whom the rule leaves level: one
// list, one draw, like any other of the product. It returns ErrNoLots when nobody
// waits for lots, ErrState before the result is frozen and once it is final, and the
// refusals of draw.Commit.
func (s *Service) CommitLots(tx *db.Tx, a auth.Actor, roundID int64, p LotsPlan) (d draw.Draw, err error) {
	err = s.changeIn(tx, roundID, func(r *round) error {
		level, err := s.level(tx, a, r)
		if err != nil {
			return err
		}
		plan := draw.Plan{Subject: draw.Subject{Kind: DrawSubject, ID: roundID}, Purpose: models.DrawTie, Title: r.Contest + " " + r.Title,
			OrgID: r.OrgID, Reason: p.Reason, Value: p.Value, Note: p.Note, Due: p.Due}
		for _, act := range level {
			plan.Entries = append(plan.Entries, models.DrawEntry{EntryID: lotID(roundID, act), Label: lotLabel(act), Community: act.Place, Team: act.Team})
		}
		d, err = s.Draws.Commit(tx, a, plan)
		return err
	})
	return d, err
}

// lotID is an act's id in a draw of lots: "R7-03", its round and its number in it.
func lotID(round int64, act Act) string { return fmt.Sprintf("R%d-%02d", round, act.Number) }

func lotLabel(act Act) string {
	if act.Piece == "" {
		return act.Team
	}
	return act.Team + "《" + act.Piece + "》"
}

// level are the acts that wait for lots, in the order of appearance.
func (s *Service) level(tx *db.Tx, a auth.Actor, r *round) (out []Act, err error) {
	if err := runs(a, r.Round); err != nil {
		return nil, err
	}
	if r.State != models.PanelFrozen && r.State != models.PanelProvisional {
		return nil, ErrState.With("state", string(r.State))
	}
	res, _ := models.ScoreRound(r.input())
	waits := slices.Concat(res.Lots...)
	for _, act := range r.Acts {
		if slices.Contains(waits, act.EntryID) {
			out = append(out, act)
		}
	}
	if len(out) == 0 {
		return nil, ErrNoLots
	}
	return out, nil
}

// RevealLots takes the public value of a draw of lots; the server reveals the secret,
// and the result is made anew by the lots in the same transaction. It returns
// errs.ErrNotFound for another draw, ErrState, and the refusals of draw.Reveal.
func (s *Service) RevealLots(tx *db.Tx, a auth.Actor, roundID, id int64, v draw.Value) (d draw.Draw, err error) {
	err = s.changeIn(tx, roundID, func(r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		before, err := s.Draws.Find(tx, id)
		switch {
		case err != nil:
			return err
		case before.SubjectKind != DrawSubject || before.SubjectID != roundID || before.Purpose != models.DrawTie:
			return errs.ErrNotFound
		case before.State == models.DrawOpen && r.State != models.PanelFrozen && r.State != models.PanelProvisional:
			return ErrState.With("state", string(r.State))
		}
		if d, err = s.Draws.Reveal(tx, a, id, v); err != nil {
			return err
		}
		if before.State != models.DrawOpen || d.State != models.DrawDrawn {
			return nil
		}
		return s.drawn(tx, a, r, d)
	})
	return d, err
}

// drawn keeps the lots and makes the result anew.
func (s *Service) drawn(tx *db.Tx, a auth.Actor, r *round, d draw.Draw) error {
	of := map[string]Act{}
	for _, act := range r.Acts {
		of[lotID(r.RoundID, act)] = act
	}
	where := fmt.Sprintf("draw %d", d.ID)
	for i, e := range d.Order() {
		act, ok := of[e.EntryID]
		if !ok {
			return fmt.Errorf("draw %d: no entry %s", d.ID, e.EntryID)
		}
		if err := saveLot(tx, r.RoundID, act.EntryID, i+1, where); err != nil {
			return err
		}
		r.Lots[act.EntryID] = i + 1
	}
	res, err := s.result(tx, a, r, "lots")
	if err != nil {
		return err
	}
	return note(tx, a, r.Round, "scoring.lots", "", res.ResultHash[:12], where)
}

// waitsForLots reports whether the rule leaves somebody level.
func (r *round) waitsForLots() bool {
	out, _ := models.ScoreRound(r.input())
	return len(out.Lots) > 0
}

// DrawLots is CommitLots in a write of its own, for the desk.
func (s *Service) DrawLots(ctx context.Context, a auth.Actor, roundID int64, p LotsPlan) (d draw.Draw, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { d, err = s.CommitLots(tx, a, roundID, p); return err })
	return d, err
}

// OpenLots is RevealLots in a write of its own.
func (s *Service) OpenLots(ctx context.Context, a auth.Actor, roundID, id int64, v draw.Value) (d draw.Draw, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { d, err = s.RevealLots(tx, a, roundID, id, v); return err })
	return d, err
}

// lotsOf lists the draws of lots of a round, the first first.
func (s *Service) lotsOf(tx *db.Tx, roundID int64) ([]models.Draw, error) {
	return s.Draws.Of(tx, draw.Subject{Kind: DrawSubject, ID: roundID}, models.DrawTie)
}

// names are the teams of some acts in one line.
func names(acts []Act, between string) string {
	out := make([]string, len(acts))
	for i, a := range acts {
		out[i] = a.Team
	}
	return strings.Join(out, between)
}
