package activity

import (
	"context"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/pause"
	"youyue/models"
)

// Who has a place and does not come keeps it from somebody else. What follows is the rule
// of the organisation whose activity it is, as it stood when the session ended (see
// Rule): warnings, then a pause with an end, at that station alone. It is about whoever
// did not come: for others they can be signed up and sign up as before, also by whoever
// is paused.

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
	page := func(tx *db.Tx, most, skip int) ([]string, error) {
		return missed(tx, now.Add(-strikeAfter-strikeWithin), now.Add(-strikeAfter), most, skip)
	}
	return booking.EachDue(ctx, s.DB, "missed", page, func(uid string) (bool, error) {
		return true, s.DB.Write(ctx, func(tx *db.Tx) error { return s.strike(tx, uid) })
	})
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
	rule, n, err := counted(tx, r)
	if err != nil {
		return err
	}
	if rule.Strikes == 0 {
		return excuse(tx, uid) // nothing follows now, nor when another rule counts what was before
	}
	p, err := s.Pauses.Strike(tx, missOf(r), rule.NoShowRule, n)
	switch {
	case err != nil:
		return err
	case p == nil:
		return s.tellOne(tx, r, notify.ActivityWarned, map[string]string{"n": strconv.Itoa(n)})
	}
	return s.tellOne(tx, r, notify.ActivityPaused, map[string]string{"n": strconv.Itoa(n), "deadline": p.EndsAt.String(), "path": pause.Path})
}

// counted is the rule that a sign-up to which nobody came goes by, and which time it is.
func counted(tx *db.Tx, r SignupRow) (rule Rule, n int, err error) {
	if rule, err = ruleAt(tx, r.OrgIDOf, r.OrgPath, r.EndsAt); err == nil {
		n, err = strikes(tx, r, rule.Since(tx.Now()))
	}
	return rule, n, err
}

// justified reports whether the times that are left suffice for a pause by the rule that
// it was given by.
func justified(tx *db.Tx, last string) (bool, error) {
	r, err := signupByID(tx, last)
	if err != nil {
		return false, err
	}
	rule, n, err := counted(tx, r)
	return rule.Pauses(n), err
}

// cameAfterAll takes back what strike did about a sign-up, when a device brings its scans
// back later than that: the warning, or the pause that other times do not justify.
func (s *Service) cameAfterAll(tx *db.Tx, a auth.Actor, uid string) error {
	struck, err := unstrike(tx, uid)
	if err != nil || !struck {
		return err
	}
	r, err := signupByID(tx, uid)
	if err != nil {
		return err
	}
	rule, _, err := counted(tx, r)
	if err != nil || rule.Strikes == 0 {
		return err
	}
	until, err := s.Pauses.Came(tx, a, missOf(r), func(last string) (bool, error) { return justified(tx, last) })
	if err != nil {
		return err
	}
	if err := s.Notices.Void(tx, signupSubject(r.UID, r.SessionID), notify.ActivityWarned, notify.ActivityPaused); err != nil {
		return err
	}
	if until.IsZero() {
		return s.tellOne(tx, r, notify.AbsenceUndone, map[string]string{})
	}
	return s.tellOne(tx, r, notify.AbsencePaused, map[string]string{"deadline": until.String(), "path": pause.Path})
}

// pauseKind is the word for pauses of this feature.
const pauseKind = "activity"

// missOf is a sign-up as a time to which nobody came: it counts at its station.
func missOf(r SignupRow) pause.Miss {
	return pause.Miss{Kind: pauseKind, Source: r.UID, OrgID: r.OrgIDOf, AccountID: r.HolderID, PersonID: r.PersonID}
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
	until, err := pause.Until(tx, pause.Miss{Kind: pauseKind, OrgID: org, AccountID: holder, PersonID: person})
	if err == nil && !until.IsZero() {
		err = ErrPaused.With("from", until).Add("from", until)
	}
	return err
}

// missedSignups says what sign-ups were that somebody is paused for.
func missedSignups(tx *db.Tx, uids []string) (map[string]pause.About, error) {
	all, err := signupsWhere(tx, "g.uid IN ?", uids)
	out := make(map[string]pause.About, len(all))
	for _, r := range all {
		out[r.UID] = pause.About{Name: r.Name, Title: r.Title, Path: signupPath(r.UID)}
	}
	return out, err
}
