package activity

import (
	"context"
	"errors"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// Owners asks the partners who lend places. A session in such a place has its time at
// once, and is open for sign-up when the partner has said yes to that very time; of a
// term every session must have been agreed to.
type Owners interface {
	AskOwners(tx *db.Tx, a auth.Actor, q models.OwnerQuestion) error
	WithdrawAsks(tx *db.Tx, a auth.Actor, source string, set int64, items ...int64) error
	Standings(tx *db.Tx, source string, sets ...int64) (map[int64]models.OwnerStandings, error)
	Unplaced(tx *db.Tx, source string, until models.Instant) (models.OwnerStandings, error)
}

// unplacedUntil is how long before its start a session that a partner has refused, and
// that was not moved, is called off. Ours: people plan their day.
const unplacedUntil = 24 * time.Hour

// askOwner asks the partner, where there is one, for the room of some sessions of an
// activity, or with none of all.
func (s *Service) askOwner(tx *db.Tx, a auth.Actor, act models.Activity, sessions ...models.ActivitySession) error {
	if s.Owners == nil || act.RoomID == nil {
		return nil
	}
	if len(sessions) == 0 {
		all, err := meetingsOf(tx, act.ID)
		if err != nil {
			return err
		}
		for _, m := range all[act.ID] {
			sessions = append(sessions, m.ActivitySession)
		}
	}
	q := models.OwnerQuestion{Source: Kind, SetID: act.ID, OrgID: act.OrgID, Title: act.Title, Path: activityPath(act.ID) + "/people"}
	for _, x := range sessions {
		q.Times = append(q.Times, models.OwnerTime{ItemID: x.ID, RoomID: *act.RoomID, Span: x.Span()})
	}
	return s.Owners.AskOwners(tx, a, q)
}

// withdraw takes back what was asked for a session.
func (s *Service) withdraw(tx *db.Tx, a auth.Actor, m Meeting) error {
	if s.Owners == nil {
		return nil
	}
	return s.Owners.WithdrawAsks(tx, a, Kind, m.ActivityID, m.ID)
}

// stand fills in how partners have answered to the sessions of some activities.
func (s *Service) stand(tx *db.Tx, all map[int64][]Meeting, ids ...int64) error {
	if s.Owners == nil {
		return nil
	}
	found, err := s.Owners.Standings(tx, Kind, ids...)
	if err != nil {
		return err
	}
	for id, answers := range found {
		for i, m := range all[id] {
			all[id][i].Owner = answers.Of(m.ID)
		}
	}
	return nil
}

// awaits is the session whose place a sign-up for m waits for: m itself, or of a term
// the first that is not agreed to.
func (v View) awaits(m Meeting) (Meeting, bool) {
	for _, x := range v.Meetings {
		if x.EventID == m.EventID && (x.ID == m.ID || v.Signup == models.SignupTerm) && x.State == models.SessionPlanned && !x.Owner.State.Settled() {
			return x, true
		}
	}
	return m, false
}

// ownerUntil is by when the partner answers for a session, nil when it is not asked.
func (m Meeting) ownerUntil() *models.Instant {
	if m.Owner.State != models.AskWanted {
		return nil
	}
	return optional(m.Owner.Deadline)
}

// placed holds a wish to a place that the partner has agreed to lend: ErrOwner says
// until when it answers, or that another time is looked for.
func (v View) placed(m Meeting) error {
	x, waits := v.awaits(m)
	switch {
	case !waits:
		return nil
	case x.Owner.State == models.AskWanted:
		return ErrOwner.With("owner", x.Owner.Owner).With("until", x.Owner.Deadline).Add("until", x.Owner.Deadline)
	}
	return ErrOwner.With("owner", x.Owner.Owner).Worded("activity.owner_refused")
}

// LockAsked keeps other writers of an activity's sessions out; see room.Asker.
func (s *Service) LockAsked(tx *db.Tx, set int64) error { return lockActivity(tx, set) }

// OwnerAnswered gives back the time of sessions that a partner does not lend its place
// for. They stay, closed for sign-up, until they are moved or called off.
func (s *Service) OwnerAnswered(tx *db.Tx, _ auth.Actor, x models.OwnerAnswer) error {
	if x.State == models.AskGiven {
		return nil
	}
	for _, t := range x.Times {
		if err := booking.Release(tx, booking.Source{Kind: Kind, ID: t.ItemID}); err != nil {
			return err
		}
	}
	return nil
}

// ownerSilent is why a session is called off for which no partner has answered; who
// signed up before it was moved reads it.
const ownerSilent = "场馆方没有答复，借不到场地"

// CallOffUnplaced calls off sessions that begin within a day without a place, because
// the partner has refused or not answered and nobody has moved them. It returns how many.
func (s *Service) CallOffUnplaced(ctx context.Context, now models.Instant) (done int, err error) {
	if s.Owners == nil {
		return 0, nil
	}
	var due models.OwnerStandings
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = s.Owners.Unplaced(tx, Kind, now.Add(unplacedUntil))
		return err
	})
	if err != nil {
		return 0, err
	}
	of := map[int64]models.OwnerStanding{}
	var sessions []int64
	for _, x := range due {
		if _, known := of[x.ItemID]; !known {
			of[x.ItemID], sessions = x, append(sessions, x.ItemID)
		}
	}
	return booking.Each(ctx, "session", sessions, func(id int64) (bool, error) {
		err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.callOffUnplaced(tx, of[id]) })
		if errors.Is(err, ErrOver) {
			return false, nil
		}
		return true, err
	})
}

func (s *Service) callOffUnplaced(tx *db.Tx, x models.OwnerStanding) error {
	if err := lockActivity(tx, x.SetID); err != nil {
		return err
	}
	answers, err := s.Owners.Standings(tx, Kind, x.SetID)
	if err != nil {
		return err
	}
	now := answers[x.SetID].Of(x.ItemID)
	if now.State != models.AskRefused && now.State != models.AskLapsed {
		return ErrOver // moved meanwhile, and asked for anew
	}
	m, err := meetingByID(tx, x.ItemID)
	if err != nil {
		return err
	}
	act, err := activityByID(tx, m.ActivityID)
	if err != nil {
		return err
	}
	robot := auth.Actor{Login: "job"}
	if m.State != models.SessionPlanned || !m.StartsAt.After(tx.Now()) {
		return s.withdraw(tx, robot, m)
	}
	return s.endOne(tx, robot, act, m, orElse(now.Reason, ownerSilent))
}

// endOne calls one session off; of a term everybody is told that the others stand.
func (s *Service) endOne(tx *db.Tx, a auth.Actor, act row, m Meeting, reason string) error {
	if err := s.endSession(tx, a, m, reason); err != nil {
		return err
	}
	if act.Signup == models.SignupTerm {
		if err := s.unremind(tx, m, m.StartsAt); err != nil {
			return err
		}
		if err := s.tellAll(tx, act.Activity, m, notify.SessionCancelled, map[string]string{"reason": reason, "start": m.StartsAt.String()}); err != nil {
			return err
		}
	}
	return s.log(tx, a, "activity.cancel_session", act.Activity, m.StartsAt.String(), "", reason)
}
