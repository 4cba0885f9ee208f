package activity

import (
	"context"
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Rule is what follows at an organisation's activities when somebody does not come.
type Rule struct {
	models.NoShowRule
	OrgID int64
	From  models.Org // whose it is; none: the usual one
}

// Own reports whether the organisation has said it itself.
func (r Rule) Own() bool { return r.From.ID == r.OrgID }

// Rule returns the rule of an organisation as it stands: its own, or that of the nearest
// above it that has one, or models.UsualNoShows. It returns errs.ErrNotFound.
func (s *Service) Rule(ctx context.Context, org int64) (r Rule, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		path, err := ruledOrg(tx, org)
		if err == nil {
			r, err = ruleAt(tx, org, path, tx.Now())
		}
		return err
	})
	return r, err
}

// SetRule says what follows at an organisation's activities, and at those below that say
// nothing themselves, for sessions that end from now on: what has been counted by another
// rule stays. It returns errs.ErrNotFound, errs.ErrForbidden, and errs.ErrInvalid for
// numbers out of bounds.
func (s *Service) SetRule(ctx context.Context, a auth.Actor, org int64, r models.NoShowRule) (Rule, error) {
	return s.setRule(ctx, a, models.ActivityRule{OrgID: org, Strikes: r.Strikes, StrikeDays: r.StrikeDays, PauseDays: r.PauseDays}, "activity.rule", ruleWords(r))
}

// DropRule takes an organisation's own rule back: from now on it has that of the nearest
// above it. It returns errs.ErrNotFound, errs.ErrForbidden.
func (s *Service) DropRule(ctx context.Context, a auth.Actor, org int64) (Rule, error) {
	return s.setRule(ctx, a, models.ActivityRule{OrgID: org, Inherits: true, StrikeDays: 1, PauseDays: 1}, "activity.rule_drop", "")
}

func (s *Service) setRule(ctx context.Context, a auth.Actor, x models.ActivityRule, action, words string) (r Rule, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		path, err := ruledOrg(tx, x.OrgID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ActivityWrite, path) {
			return errs.ErrForbidden
		}
		was, err := ruleAt(tx, x.OrgID, path, tx.Now())
		if err != nil {
			return err
		}
		x.SetBy, x.SetAt = a.AccountID, tx.Now()
		if err := insertRule(tx, x); err != nil {
			return err
		}
		if r, err = ruleAt(tx, x.OrgID, path, tx.Now()); err != nil {
			return err
		}
		if words == "" {
			words = ruleWords(r.NoShowRule)
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "org", fmt.Sprint(x.OrgID), &x.OrgID
		line.Before, line.After = ruleWords(was.NoShowRule), words
		return audit.Write(tx, line)
	})
	return r, err
}

// ruleWords says a rule in the log.
func ruleWords(r models.NoShowRule) string {
	if r.Strikes == 0 {
		return "no pause"
	}
	return fmt.Sprintf("%d times in %d days, paused %d days", r.Strikes, r.StrikeDays, r.PauseDays)
}
