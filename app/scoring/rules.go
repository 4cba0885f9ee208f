package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// runs refuses who does not run the contest of a round: not found where they may
// not look at it either.
func runs(a auth.Actor, r Round) error {
	if a.CanAt(auth.ContestJury, r.OrgPath) {
		return nil
	}
	return errs.ErrForbidden.With("permission", string(auth.ContestJury))
}

func note(tx *db.Tx, a auth.Actor, r Round, action, before, after, reason string) error {
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "contest_round", strconv.FormatInt(r.ID, 10), &r.OrgID
	l.Before, l.After, l.Reason = before, after, reason
	return audit.Write(tx, l)
}

// Rules lists the versions of a contest's rule document, the last first.
func (s *Service) Rules(ctx context.Context, a auth.Actor, contestID int64) (out []models.RuleVersion, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := s.anyRound(tx, a, contestID, auth.ContestValues); err != nil {
			return err
		}
		out, err = rulesOf(tx, contestID)
		return err
	})
	return out, err
}

// anyRound is the first round of a contest, when the actor holds the permission
// for it; errs.ErrNotFound for a contest without rounds.
func (s *Service) anyRound(tx *db.Tx, a auth.Actor, contestID int64, p auth.Permission) (Round, error) {
	all, err := roundsOf(tx, contestID)
	switch {
	case err != nil:
		return Round{}, err
	case len(all) == 0:
		return Round{}, errs.ErrNotFound
	case !a.CanAt(p, all[0].OrgPath):
		return Round{}, errs.ErrForbidden.With("permission", string(p))
	}
	return all[0], nil
}

// SaveRule keeps a document as the contest's next version; what is there already
// is returned as it is. It returns ErrRule with every fault.
func (s *Service) SaveRule(ctx context.Context, a auth.Actor, contestID int64, text string) (v models.RuleVersion, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := s.anyRound(tx, a, contestID, auth.ContestJury)
		if err != nil {
			return err
		}
		all, err := rulesOf(tx, contestID)
		if err != nil {
			return err
		}
		next := 1
		if len(all) > 0 {
			next = all[0].Version + 1
		}
		rule, err := ParseRule(text, next)
		if err != nil {
			return err
		}
		if len(all) > 0 && FormatRule(rule) == all[0].Document {
			v = all[0]
			return nil
		}
		sum := sha256.Sum256([]byte(rule.Canonical()))
		v = models.RuleVersion{ContestID: contestID, Version: next, Name: rule.Name, Document: FormatRule(rule), Hash: hex.EncodeToString(sum[:]),
			CreatedBy: a.AccountID, CreatedAt: tx.Now()}
		if err := insertRule(tx, &v); err != nil {
			return err
		}
		return note(tx, a, r, "scoring.rule", "", fmt.Sprintf("version %d %s", v.Version, v.Hash[:12]), "")
	})
	return v, err
}
