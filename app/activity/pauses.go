package activity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Who has a place and does not come keeps it from somebody else. The rule is that of
// rooms (models.UsualNoShows): a warning, and the third time within ninety days a pause
// with an end, at that station alone. It is about whoever did not come: for others they
// can be signed up and sign up as before, also by whoever is paused.

// strikeAfter is how long after the end a device may bring scans back: only then is it
// known who came. strikeWithin keeps old times from being told of all at once.
const (
	strikeAfter  = models.OfflineFor + leaseGrace
	strikeWithin = 7 * 24 * time.Hour
)

// Strike looks at whom nobody saw: each of them is told what follows. A session at
// which nobody at all was checked in had no door, and nothing follows. It returns for
// how many sign-ups it did; one that fails keeps no other waiting.
func (s *Service) Strike(ctx context.Context, now models.Instant) (done int, err error) {
	var due []string
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		due, err = missed(tx, now.Add(-strikeAfter-strikeWithin), now.Add(-strikeAfter))
		return err
	})
	failed := []error{err}
	for _, uid := range due {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.strike(tx, uid) }); err != nil {
			failed = append(failed, fmt.Errorf("missed %s: %w", uid, err))
			continue
		}
		done++
	}
	return done, errors.Join(failed...)
}

func (s *Service) strike(tx *db.Tx, uid string) error {
	first, err := markStruck(tx, uid)
	if err != nil || !first {
		return err
	}
	r, err := signupByID(tx, uid)
	if err != nil {
		return err
	}
	rule := models.UsualNoShows()
	n, err := strikes(tx, r, rule.Since(tx.Now()))
	if err != nil {
		return err
	}
	if !rule.Pauses(n) {
		return s.tellOne(tx, r, notify.ActivityWarned, map[string]string{"n": strconv.Itoa(n)})
	}
	p := models.ActivityPause{OrgID: r.OrgIDOf, SignupUID: uid, Pause: rule.Pause(r.HolderID, r.PersonID, tx.Now(), s.Zone)}
	if err := tx.Insert(&p); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	if err := s.note(tx, auth.Actor{Login: "job"}, "activity_pause.begin", p, fmt.Sprintf("%d times, until %s", n, p.EndsAt)); err != nil {
		return err
	}
	return s.tellOne(tx, r, notify.ActivityPaused, map[string]string{"n": strconv.Itoa(n), "deadline": p.EndsAt.String(), "path": pausesPath})
}

// tellOne tells a party something about its sign-up.
func (s *Service) tellOne(tx *db.Tx, r SignupRow, kind string, vars map[string]string) error {
	m := Meeting{ActivitySession: models.ActivitySession{ID: r.SessionID, Place: r.Place}}
	vars["start"] = r.StartsAt.String()
	return s.tell(tx, models.Activity{Title: r.Title}, []SignupRow{r}, m, kind, vars)
}

// unpaused holds whoever a sign-up is for to a pause of theirs at the station.
func unpaused(tx *db.Tx, org int64, holder, person, branch *int64) error {
	if branch != nil {
		return nil // a branch or a class is no person
	}
	until, err := pausedUntil(tx, org, holder, person)
	if err == nil && !until.IsZero() {
		err = ErrPaused.With("from", until).Add("from", until)
	}
	return err
}

// Pause is a pause as it is read.
type Pause struct {
	models.ActivityPause
	OrgName string
	OrgPath string
	Name    string
	Title   string // of the activity that was the last straw
}

// own reports whether a pause is of the actor, or of somebody the actor keeps.
func (p Pause) own(a auth.Actor) bool { return p.AccountID != nil && *p.AccountID == a.AccountID }

// Pauses lists the actor's own pauses that count still, and with all those at stations
// whose activities the actor runs, the ones with an open appeal first.
func (s *Service) Pauses(ctx context.Context, a auth.Actor) (out []Pause, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { out, err = pauses(tx); return err })
	return slices.DeleteFunc(out, func(p Pause) bool {
		return !p.own(a) && !a.CanAt(auth.ActivityWrite, p.OrgPath) && !a.CanAt(auth.BookForOthers, p.OrgPath)
	}), err
}

// Appeal asks for a pause to be lifted; ErrNotPaused when it is over.
func (s *Service) Appeal(ctx context.Context, a auth.Actor, id int64, why string) (p Pause, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if p, err = lockPause(tx, id); err != nil {
			return err
		}
		switch {
		case !p.own(a) && !a.CanAt(auth.BookForOthers, p.OrgPath):
			return errs.ErrNotFound
		case !p.Counts(tx.Now()):
			return ErrNotPaused
		}
		p.Appeal, p.AppealedAt = why, tx.Now()
		if err := savePause(tx, p.ActivityPause); err != nil {
			return err
		}
		if err := s.note(tx, a, "activity_pause.appeal", p.ActivityPause, ""); err != nil {
			return err
		}
		return s.Notices.TellRole(tx, auth.Scheduler, p.OrgPath, notify.Notice{Kind: notify.ActivityAppeal, Subject: pauseSubject(p),
			Vars: map[string]string{"title": p.Title, "org": p.Name, "reason": p.Appeal, "path": pausesPath}})
	})
	return p, err
}

// Verdict answers an appeal.
type Verdict string

// Lift ends the pause, and the time behind it counts for nothing; Keep keeps it.
const (
	Lift Verdict = "lift"
	Keep Verdict = "keep"
)

// Judge answers an appeal, or lifts a pause without one; ErrNotPaused when it is over.
func (s *Service) Judge(ctx context.Context, a auth.Actor, id int64, v Verdict, words string) (p Pause, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if p, err = lockPause(tx, id); err != nil {
			return err
		}
		switch {
		case !a.CanAt(auth.ActivityWrite, p.OrgPath):
			return errs.ErrNotFound
		case !p.Counts(tx.Now()):
			return ErrNotPaused
		}
		from := p.EndsAt
		p.Answer, p.AnsweredBy, p.AnsweredAt = words, &a.AccountID, tx.Now()
		if v == Lift {
			p.LiftedAt, from = tx.Now(), tx.Now()
			if err := excuse(tx, p.SignupUID); err != nil {
				return err
			}
		}
		if err := savePause(tx, p.ActivityPause); err != nil {
			return err
		}
		if err := s.note(tx, a, "activity_pause."+string(v), p.ActivityPause, ""); err != nil {
			return err
		}
		n := notify.Notice{Kind: notify.ActivityAppealed, Subject: pauseSubject(p), Account: orZero(p.AccountID), Person: orZero(p.PersonID), Important: notify.Important,
			Vars: map[string]string{"title": p.Title, "reason": orElse(words, "—"), "deadline": from.String(), "path": pausesPath}}
		if n.Account == 0 && n.Person == 0 {
			return nil
		}
		return s.Notices.Enqueue(tx, n)
	})
	return p, err
}

const pausesPath = "/activity-pauses"

func pauseSubject(p Pause) string { return "activity_pause:" + strconv.FormatInt(p.ID, 10) }

// note writes to the log, which keeps everything: what somebody says of themselves, an
// illness perhaps, stands with the pause alone.
func (s *Service) note(tx *db.Tx, a auth.Actor, action string, p models.ActivityPause, after string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	if a.AccountID == 0 {
		line.Channel = models.ChannelJob
	}
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = action, "activity_pause", strconv.FormatInt(p.ID, 10), &p.OrgID, after
	return audit.Write(tx, line)
}
