package scoring

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// protestWindow is how long a provisional result can be protested against; ours.
const protestWindow = 24 * time.Hour

// podium are the places that are released one by one.
const podium = 3

// Freeze ends the giving of marks and makes the result, which nobody sees yet.
// It returns ErrIncomplete with whose marks are missing, ErrFew, ErrState.
func (s *Service) Freeze(ctx context.Context, a auth.Actor, roundID int64) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		res, err := s.result(tx, a, r, "freeze")
		if err != nil {
			return err
		}
		p := r.Panel
		p.State, p.FrozenAt = models.PanelFrozen, tx.Now()
		if err := savePanel(tx, p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.freeze", string(r.State), res.ResultHash[:12], "")
	})
}

// result applies the rule to the round as it stands and keeps what comes out.
func (s *Service) result(tx *db.Tx, a auth.Actor, r *round, why string) (models.StoredResult, error) {
	in := r.input()
	out, faults := models.ScoreRound(in)
	if len(faults) > 0 {
		return models.StoredResult{}, r.refuse(in, faults)
	}
	res := models.StoredResult{RoundID: r.RoundID, RuleID: r.RuleID, Why: why, Input: in.Canonical(), InputHash: out.Input,
		Document: out.Canonical(), ResultHash: out.Hash(), MadeBy: a.AccountID, MadeAt: tx.Now()}
	return res, insertResult(tx, &res, storedLines(out))
}

func storedLines(out models.Result) (lines []models.ResultLine) {
	for _, x := range out.Standings {
		lines = append(lines, models.ResultLine{EntryID: x.Entry, Place: x.Place, Value: x.Value.RatString(), Deducted: x.Deducted,
			Decided: x.Decided, Why: strings.Join(x.Why, " ")})
	}
	return lines
}

// refuse tells in people's words what keeps the rule from being applied.
func (r *round) refuse(in models.ScoringInput, faults []models.ScoringFault) error {
	if len(in.Entries) == 0 {
		return ErrNoActs
	}
	var missing []errs.Field
	for _, m := range in.Missing() {
		j, _ := r.judge(m.Judge)
		act, _ := r.act(m.Entry)
		missing = append(missing, errs.Field{Name: fmt.Sprintf("scores[%d,%d]", m.Judge, m.Entry), Code: "scoring_missing",
			Args: map[string]any{"judge": j.Name, "team": act.Team}})
	}
	if len(missing) > 0 {
		return ErrIncomplete.With("n", len(missing)).At(missing...)
	}
	return or(r.enough(in), ErrRule.At(fields(faults)...))
}

// Thaw takes marks again, with the reason, as long as nothing was released.
func (s *Service) Thaw(ctx context.Context, a auth.Actor, roundID int64, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelFrozen {
			return ErrState.With("state", string(r.State))
		}
		reason, ok := models.PlainText(why)
		if !ok {
			return errs.FieldFault("reason", "required")
		}
		p := r.Panel
		if err := dropLots(tx, roundID); err != nil { // they were of a list that may change
			return err
		}
		p.State, p.FrozenAt = models.PanelScoring, models.Instant{}
		if err := savePanel(tx, p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.thaw", string(r.State), string(p.State), reason)
	})
}

// Pace says how much of a result is released.
type Pace string

// The paces: the next step (all places but the first three, then the third, the
// second, the first), or all at once.
const (
	PaceNext Pace = "next"
	PaceAll  Pace = "all"
)

// Release shows the next places of a frozen result. With the first place the
// result is provisional, and the time for protests begins. It returns ErrState,
// ErrWaitsForLots.
func (s *Service) Release(ctx context.Context, a auth.Actor, roundID int64, pace Pace) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelFrozen && r.State != models.PanelReleasing {
			return ErrState.With("state", string(r.State))
		}
		if r.waitsForLots() {
			return ErrWaitsForLots
		}
		res, _, err := lastResult(tx, roundID)
		if err != nil {
			return err
		}
		rows, err := linesOf(tx, res.ID)
		if err != nil {
			return err
		}
		p := r.Panel
		p.PublicFrom = nextPublic(rows, p.PublicFrom)
		if pace == PaceAll {
			p.PublicFrom = 1
		}
		p.State = models.PanelReleasing
		if p.PublicFrom == 1 {
			p.State, p.ProvisionalAt, p.ProtestUntil = models.PanelProvisional, tx.Now(), tx.Now().Add(protestWindow)
			if err := s.tellLeaders(tx, r, notify.ContestProvisional, p.ProtestUntil); err != nil {
				return err
			}
		}
		if err := savePanel(tx, p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.release", fmt.Sprintf("from %d", r.PublicFrom), fmt.Sprintf("from %d", p.PublicFrom), "")
	})
}

// nextPublic is the best place that is shown after one more step: first all but
// the podium, then place by place.
func nextPublic(rows []models.ResultLine, shown int) int {
	next := 0
	for _, l := range rows { // the best place comes first
		switch {
		case shown > 0 && l.Place < shown, shown == 0 && l.Place <= podium:
			next = l.Place
		case shown == 0 && next <= podium:
			return l.Place
		}
	}
	return max(next, 1)
}

// tellLeaders writes a notice to who leads each entry of the round; people without
// an account come to the call sheet.
func (s *Service) tellLeaders(tx *db.Tx, r *round, kind string, deadline models.Instant) error {
	var all []notify.Notice
	for _, act := range r.appearing() {
		account, person, err := s.leader(tx, r, act)
		if err != nil {
			return err
		}
		if account == 0 && person == 0 {
			continue
		}
		vars := map[string]string{"title": r.Contest + " " + r.Title, "org": act.Team, "path": resultsPath(r.RoundID)}
		if !deadline.IsZero() {
			vars["deadline"] = deadline.Time().Format(time.RFC3339)
		}
		all = append(all, notify.Notice{Account: account, Person: person, Kind: kind, Subject: fmt.Sprintf("contest_round:%d", r.RoundID), Vars: vars})
	}
	return s.Notices.Enqueue(tx, all...)
}

func resultsPath(roundID int64) string { return fmt.Sprintf("/rounds/%d", roundID) }

// line is a stored line as people read it.
func (r *round) line(l models.ResultLine) Line {
	act, _ := r.act(l.EntryID)
	out := Line{EntryID: l.EntryID, Place: l.Place, Number: act.Number, Team: act.Team, Exact: l.Value, Deducted: models.Points(l.Deducted), Decided: l.Decided, Why: l.Why}
	v, ok := new(big.Rat).SetString(l.Value)
	switch {
	case !ok:
	case r.Rule.Method == models.ScoreMean || r.Rule.Method == models.ScoreTrimmed:
		out.Value = models.ShowPoints(v, r.Rule.Decimals)
	case v.IsInt():
		out.Value = v.RatString()
	default:
		out.Value = v.FloatString(1)
	}
	return out
}

// Checked is what a recomputation found of one stored result.
type Checked struct {
	RoundID    int64
	Title      string
	Number     int
	Why        string
	InputHash  string
	ResultHash string
	Same       bool
	Difference string // "" when the same
}

// Recompute computes every result of a contest again from the input it keeps; the
// input of the one that counts must be what the marks as they are stored now make.
func (s *Service) Recompute(ctx context.Context, contestID int64) (out []Checked, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = s.recompute(tx, contestID); return err })
	return out, err
}

func (s *Service) recompute(tx *db.Tx, contestID int64) (out []Checked, err error) {
	all, err := s.judged(tx, contestID)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		stored, err := resultsOf(tx, r.RoundID)
		if err != nil {
			return nil, err
		}
		for i, res := range stored {
			out = append(out, r.check(res, i == len(stored)-1))
		}
	}
	return out, nil
}

// judged are a contest's rounds that have a panel.
func (s *Service) judged(tx *db.Tx, contestID int64) (out []*round, err error) {
	all, err := roundsOf(tx, contestID)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		r, err := s.open(tx, x.ID)
		switch {
		case errors.Is(err, errs.ErrNotFound):
		case err != nil:
			return nil, err
		default:
			out = append(out, r)
		}
	}
	return out, nil
}

// check computes a stored result again from its input; the one that counts also
// from what the tables hold now.
func (r *round) check(res models.StoredResult, counts bool) Checked {
	c := again(Checked{RoundID: r.RoundID, Title: r.Title, Number: res.Number, Why: res.Why, InputHash: res.InputHash, ResultHash: res.ResultHash},
		res.Input, res.Document)
	if !c.Same || !counts {
		return c
	}
	if in := r.input(); in.Hash() != res.InputHash {
		c.Difference = "marks, rule or panel are not what they were: input " + in.Hash()
	}
	c.Same = c.Difference == ""
	return c
}

// again applies the rule of an input to it, and compares what comes out with the
// result that was kept.
func again(c Checked, input, document string) Checked {
	in, err := models.ParseScoringInput(input)
	switch {
	case models.ScoringHash(input) != c.InputHash:
		c.Difference = "the stored input is not what was hashed"
	case models.ScoringHash(document) != c.ResultHash:
		c.Difference = "the stored result is not what was hashed"
	case err != nil:
		c.Difference = "the stored input cannot be read"
	default:
		out, faults := models.ScoreRound(in)
		switch {
		case len(faults) > 0:
			c.Difference = "the rule cannot be applied: " + faults[0].String()
		case out.Hash() != c.ResultHash:
			c.Difference = "another result: " + out.Hash()
		}
	}
	c.Same = c.Difference == ""
	return c
}
