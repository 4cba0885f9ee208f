package activity

import (
	"context"
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/app/notify"
	"youyue/models"
)

// After a session was moved or cancelled, whoever had signed up before keeps the place
// and is asked whether they come all the same. What they say is kept until the next
// change; giving the place up is a no.

// Coming is what a party has said of the last change of its sessions.
func (r SignupRow) Coming() models.Coming {
	c := r.After(r.ChangedAt)
	if c == models.ComingOpen && r.Stands() == models.SignupCancelled {
		return models.ComingUnasked // ended by somebody else
	}
	return c
}

// Keep takes a party's word that it comes all the same, and asks no more; the place is
// theirs in any case. Where nothing has changed, nothing is kept.
func (s *Service) Keep(ctx context.Context, a auth.Actor, uid string) (r SignupRow, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = s.visible(tx, a, uid); err != nil {
			return err
		}
		if _, err := r.limit(a); err != nil || r.Coming() != models.ComingOpen {
			return err
		}
		if err := s.says(tx, r, models.ComingYes); err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "signup.keep", "signup", uid, &r.OrgIDOf
		if err := audit.Write(tx, line); err != nil {
			return err
		}
		r, err = signupByID(tx, uid)
		return err
	})
	return r, err
}

// says keeps a party's word, and takes back what was still to be said of the change.
func (s *Service) says(tx *db.Tx, r SignupRow, c models.Coming) error {
	if err := setComes(tx, r.UID, c); err != nil {
		return err
	}
	all, err := meetingsOf(tx, r.ActivityID)
	if err != nil {
		return err
	}
	var subjects []string
	for _, m := range all[r.ActivityID] {
		if m.EventID == r.EventID && !m.ChangedAt.IsZero() {
			subjects = append(subjects, r.subject(m.ID))
		}
	}
	return s.Notices.VoidAll(tx, subjects, notify.SessionMoved, notify.SessionCancelled)
}

// subject is what a party's notices of a session are about.
func (r SignupRow) subject(session int64) string {
	return fmt.Sprintf("signup:%s:%d", r.UID, session)
}

// Said counts what parties have said of the last change of a session's time.
type Said struct{ Comes, Leaves, Open int }

// Asked reports whether anybody was asked.
func (x Said) Asked() bool { return x != Said{} }

func said(rows []SignupRow) (x Said) {
	for _, r := range rows {
		switch r.Coming() {
		case models.ComingYes:
			x.Comes++
		case models.ComingNo:
			x.Leaves++
		case models.ComingOpen:
			x.Open++
		case models.ComingUnasked:
		}
	}
	return x
}

// Signups pages through an activity's sign-ups for its staff, session by session in the
// order in which they came. It returns errs.ErrForbidden for anybody else.
func (s *Service) Signups(ctx context.Context, a auth.Actor, id int64, q list.Query) (out list.Of[SignupRow], err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := staffOf(tx, a, id); err != nil {
			return err
		}
		_, size, offset := q.Window()
		total, err := countSignups(tx, id)
		if err != nil {
			return err
		}
		rows, err := signupsWhere(tx, everybody+` LIMIT ? OFFSET ?`, id, size, offset)
		out = list.New(q, rows, total)
		return err
	})
	return out, err
}
