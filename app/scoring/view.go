package scoring

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Desk is a round as who runs the contest sees it. It shows marks and the hidden
// places of a result to those alone who hold auth.ContestValues.
type Desk struct {
	Round     Round
	Panel     models.Panel
	Rule      models.ScoringRule
	RuleRow   models.RuleVersion
	Judges    []models.Judge
	Conflicts []models.Conflict
	Acts      []Act
	Slots     []Slot
	Turns     map[int64]models.Turn
	Penalties []models.Penalty
	Lines     []Line
	Waiting   [][]Act // equals that wait for lots
	Lots      []models.Draw
	Protests  []models.Protest
	Scores    []models.Score // every version
	Result    models.StoredResult
	MayRun    bool
}

// Desk returns a round's desk; errs.ErrForbidden without auth.ContestValues there.
func (s *Service) Desk(ctx context.Context, a auth.Actor, roundID int64) (out Desk, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ContestValues, r.OrgPath) {
			return errs.ErrForbidden.With("permission", string(auth.ContestValues))
		}
		out = Desk{Round: r.Round, Panel: r.Panel, Rule: r.Rule, Judges: r.Judges, Conflicts: r.Conflicts, Acts: r.Acts, Slots: r.slots(),
			Turns: r.Turns, Penalties: r.Penalties, MayRun: a.CanAt(auth.ContestJury, r.OrgPath)}
		if out.RuleRow, err = ruleByID(tx, r.RuleID); err != nil {
			return err
		}
		if out.Lines, err = s.lines(tx, r); err != nil {
			return err
		}
		if out.Result, _, err = lastResult(tx, roundID); err != nil {
			return err
		}
		if out.Lots, err = s.lotsOf(tx, roundID); err != nil {
			return err
		}
		if r.State == models.PanelFrozen || r.State == models.PanelProvisional {
			res, _ := models.ScoreRound(r.input())
			for _, equal := range res.Lots {
				var acts []Act
				for _, e := range equal {
					act, _ := r.act(e)
					acts = append(acts, act)
				}
				out.Waiting = append(out.Waiting, acts)
			}
		}
		if out.Protests, err = protestsOf(tx, roundID); err != nil {
			return err
		}
		out.Scores, err = scoreHistory(tx, roundID)
		return err
	})
	return out, err
}

// communities lists where a judge can be at home.
func (s *Service) communities(ctx context.Context) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = openOrgs(tx); return err })
	return out, err
}

// Overview is a round in the list of a contest's rounds; Panel has no state
// where none is set up.
type Overview struct {
	Round Round
	Panel models.Panel
}

// Overview lists a contest's rounds for who runs it.
func (s *Service) Overview(ctx context.Context, a auth.Actor, contestID int64) (out []Overview, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := s.anyRound(tx, a, contestID, auth.ContestValues); err != nil {
			return err
		}
		all, err := roundsOf(tx, contestID)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range all {
			p, _, err := panelOf(tx, r.ID)
			if err != nil {
				return err
			}
			out = append(out, Overview{r, p})
		}
		return nil
	})
	return out, err
}

// Results returns the boards of a contest's rounds as everybody may see them, in
// their order; rounds without a panel are left out.
func (s *Service) Results(ctx context.Context, contestID int64) (out []Board, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := s.judged(tx, contestID)
		out = []Board{}
		for _, r := range all {
			b, err := s.board(tx, r)
			if err != nil {
				return err
			}
			out = append(out, b)
		}
		return err
	})
	return out, err
}

// Printed is a public result with what a sheet says beside it.
type Printed struct {
	Board Board
	// ContestID is the contest that the round belongs to.
	ContestID int64
	Rule      models.RuleVersion
	Result    models.StoredResult
	Sheet     models.ScoringRule
}

// Public returns a round as everybody may see it, with the rule it is judged by.
func (s *Service) Public(ctx context.Context, roundID int64) (out Printed, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		out.ContestID = r.Round.ContestID
		if out.Board, err = s.board(tx, r); err != nil {
			return err
		}
		if out.Rule, err = ruleByID(tx, r.RuleID); err != nil {
			return err
		}
		out.Sheet = r.Rule
		if r.State.Released() {
			out.Result, _, err = lastResult(tx, roundID)
		}
		return err
	})
	return out, err
}

// Standings are the places of a round, the best first, once all of them are public;
// none before, and none of a round that is not judged here.
func (s *Service) Standings(tx *db.Tx, roundID int64) ([]models.ResultLine, error) {
	p, ok, err := panelOf(tx, roundID)
	if err != nil || !ok || (p.State != models.PanelProvisional && p.State != models.PanelFinal) {
		return nil, err
	}
	res, _, err := lastResult(tx, roundID)
	if err != nil {
		return nil, err
	}
	return linesOf(tx, res.ID)
}
