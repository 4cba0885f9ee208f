package account

import (
	"context"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// agreed notes that somebody agreed to the notice on personal data as it stands. It
// is noted once a version; p is nil for the account that is signing in itself. The
// law on personal data (PIPL, art. 14 and 17) asks for a consent that is informed,
// and anew when the purpose changes.
func agreed(tx *db.Tx, a auth.Actor, p *models.Person, ch models.Channel) error {
	c := models.NoticeConsent{Version: models.NoticeVersion, Channel: ch, ByAccount: a.AccountID, CreatedAt: tx.Now()}
	l := audit.By(tx, a, ch)
	l.Action, l.After = "privacy.consent", models.NoticeVersion
	if p == nil {
		c.AccountID = &a.AccountID
		l.SubjectKind, l.SubjectID = "account", strconv.FormatInt(a.AccountID, 10)
	} else {
		c.PersonID = &p.ID
		l.SubjectKind, l.SubjectID, l.PersonID, l.OrgID = "person", strconv.FormatInt(p.ID, 10), &p.ID, p.OrgID
	}
	fresh, err := insertConsent(tx, c)
	if err != nil || !fresh {
		return err
	}
	return audit.Write(tx, l)
}

// consent is what the actor agreed to last; nil for who was given an account by
// others and signs in for work.
func (s *Service) consent(ctx context.Context, a auth.Actor) (out *models.NoticeConsent, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, ok, err := consentOf(tx, a.AccountID)
		if ok {
			out = &c
		}
		return err
	})
	return out, err
}
