package scoring

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func entersPaper(a auth.Actor, r Round) error {
	if a.CanAt(auth.ContestPaper, r.OrgPath) {
		return nil
	}
	return errs.ErrForbidden.With("permission", string(auth.ContestPaper))
}

// EnterPaper keeps what stands on a judge's sheet of paper, for a second person
// to confirm. It returns ErrPaperTaken, and what Put returns of the same marks.
func (s *Service) EnterPaper(ctx context.Context, a auth.Actor, in Sent) (p models.PaperSheet, err error) {
	err = s.change(ctx, in.RoundID, func(tx *db.Tx, r *round) error {
		if err := entersPaper(a, r.Round); err != nil {
			return err
		}
		j, ok := r.judge(in.JudgeID)
		if !ok || !j.Sits() {
			return errs.ErrNotFound
		}
		if _, err := r.target(j, in); err != nil {
			return err
		}
		if _, had := r.score(in.JudgeID, in.EntryID); had {
			return ErrPaperTaken
		}
		p = models.PaperSheet{RoundID: in.RoundID, JudgeID: in.JudgeID, EntryID: in.EntryID, Marks: in.Marks.String(), State: models.PaperEntered,
			EnteredBy: a.AccountID, EnteredAt: tx.Now()}
		if err := insertPaper(tx, &p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.paper", "", fmt.Sprintf("judge %d, entry %d", p.JudgeID, p.EntryID), "")
	})
	return p, err
}

// SettlePaper confirms a sheet, which makes its marks count, or rejects it with
// a reason, so that it is entered anew. It returns ErrSecondPerson for who
// entered it, ErrPaperDone, ErrPaperTaken when the judge's phone was faster.
func (s *Service) SettlePaper(ctx context.Context, a auth.Actor, roundID, id int64, to models.PaperState, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := entersPaper(a, r.Round); err != nil {
			return err
		}
		p, err := paperByID(tx, roundID, id)
		if err != nil {
			return err
		}
		switch {
		case !p.State.CanBecome(to):
			return ErrPaperDone
		case p.EnteredBy == a.AccountID:
			return ErrSecondPerson
		}
		reason, ok := models.PlainText(why)
		if to == models.PaperRejected && !ok {
			return errs.FieldFault("reason", "required")
		}
		if to == models.PaperConfirmed {
			if err := r.confirm(tx, p); err != nil {
				return err
			}
		}
		p.State, p.SecondBy, p.SecondAt, p.Reason = to, &a.AccountID, tx.Now(), reason
		if err := savePaper(tx, p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.paper_"+string(to), "", fmt.Sprintf("judge %d, entry %d", p.JudgeID, p.EntryID), reason)
	})
}

func (r *round) confirm(tx *db.Tx, p models.PaperSheet) error {
	j, ok := r.judge(p.JudgeID)
	if !ok || !j.Sits() {
		return errs.ErrNotFound
	}
	if _, err := r.target(j, Sent{EntryID: p.EntryID, Marks: models.ParseMarks(p.Marks)}); err != nil {
		return err
	}
	if _, had := r.score(p.JudgeID, p.EntryID); had {
		return ErrPaperTaken
	}
	return insertScore(tx, models.Score{JudgeID: p.JudgeID, EntryID: p.EntryID, RoundID: r.RoundID, Version: 1, Marks: p.Marks,
		Channel: models.ChannelWindow, By: fmt.Sprintf("paper:%d", p.ID), SentAt: tx.Now()})
}

// PaperDesk is what is needed to enter and confirm sheets: those that wait, and
// whose are still missing. It shows no other marks.
type PaperDesk struct {
	Round   Round
	Panel   models.Panel
	Rule    models.ScoringRule
	Judges  []models.Judge
	Acts    []Act
	Waiting []models.PaperSheet
	Open    []models.Recusal // judge and entry without marks and without a sheet
}

// Paper returns the desk for sheets of paper.
func (s *Service) Paper(ctx context.Context, a auth.Actor, roundID int64) (out PaperDesk, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		if err := entersPaper(a, r.Round); err != nil {
			return err
		}
		out = PaperDesk{Round: r.Round, Panel: r.Panel, Rule: r.Rule, Judges: r.sitting(), Acts: r.appearing()}
		all, err := papersOf(tx, roundID)
		if err != nil {
			return err
		}
		waits := map[models.Recusal]bool{}
		for _, p := range all {
			if p.State == models.PaperEntered {
				out.Waiting = append(out.Waiting, p)
				waits[models.Recusal{Judge: p.JudgeID, Entry: p.EntryID}] = true
			}
		}
		for _, m := range r.input().Missing() {
			if !waits[m] {
				out.Open = append(out.Open, m)
			}
		}
		return nil
	})
	return out, err
}
