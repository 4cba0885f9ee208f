package activity

import (
	"context"
	"fmt"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// managed returns an activity that the actor organises: errs.ErrForbidden elsewhere.
func managed(tx *db.Tx, a auth.Actor, id int64) (row, error) {
	r, err := activityByID(tx, id)
	if err == nil && !a.CanAt(auth.ActivityWrite, r.OrgPath) {
		err = errs.ErrForbidden
	}
	return r, err
}

// CallOff cancels an activity with a reason: every sign-up ends and is told, rooms
// are free at once.
func (s *Service) CallOff(ctx context.Context, a auth.Actor, id int64, reason string) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		act, err := managed(tx, a, id)
		if err == nil {
			err = lockActivity(tx, id)
		}
		if err != nil {
			return err
		}
		if !act.State.CanBecome(models.ActivityCancelled) {
			return ErrOver.With("title", act.Title).With("starts_at", tx.Now())
		}
		all, err := meetingsOf(tx, id)
		if err == nil && s.Owners != nil {
			err = s.Owners.WithdrawAsks(tx, a, Kind, id) // the partner hears of all of them at once
		}
		if err != nil {
			return err
		}
		for _, m := range all[id] {
			if m.State == models.SessionPlanned && m.StartsAt.After(tx.Now()) {
				if err := s.endSession(tx, a, m, reason); err != nil {
					return err
				}
			}
		}
		if err := endActivity(tx, id, models.ActivityCancelled, reason); err != nil {
			return err
		}
		if err := s.log(tx, a, "activity.call_off", act.Activity, "", "", reason); err != nil {
			return err
		}
		v, err = s.view(tx, id)
		return err
	})
	return v, err
}

// CallOffSession cancels one session with a reason; of a term the others stand.
func (s *Service) CallOffSession(ctx context.Context, a auth.Actor, session int64, reason string) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		m, act, err := s.session(tx, a, session)
		if err != nil {
			return err
		}
		if err := s.endOne(tx, a, act, m, reason); err != nil {
			return err
		}
		v, err = s.view(tx, m.ActivityID)
		return err
	})
	return v, err
}

// session is a session to come of an activity that the actor organises. The activity is
// locked: a partner's answer about it comes before or after.
func (s *Service) session(tx *db.Tx, a auth.Actor, id int64) (Meeting, row, error) {
	m, err := meetingByID(tx, id)
	if err != nil {
		return m, row{}, err
	}
	act, err := managed(tx, a, m.ActivityID)
	if err != nil {
		return m, act, err
	}
	if err := lockActivity(tx, act.ID); err != nil {
		return m, act, err
	}
	if m, err = meetingByID(tx, id); err != nil {
		return m, act, err
	}
	if !m.State.CanBecome(models.SessionCancelled) || m.EventState != models.EventOpen || !m.StartsAt.After(tx.Now()) {
		return m, act, ErrOver.With("title", act.Title).With("starts_at", m.StartsAt)
	}
	return m, act, nil
}

// endSession frees the room and, when no other session shares its places, ends the
// event with all its sign-ups.
func (s *Service) endSession(tx *db.Tx, a auth.Actor, m Meeting, reason string) error {
	if err := booking.Release(tx, booking.Source{Kind: Kind, ID: m.ID}); err != nil {
		return err
	}
	if err := s.withdraw(tx, a, m); err != nil {
		return err
	}
	if err := cancelSession(tx, m.ID, reason); err != nil {
		return err
	}
	left, err := sessionsLeft(tx, m.EventID)
	if err != nil || left > 0 {
		return err
	}
	if _, err := booking.LockEvents(tx, m.EventID); err != nil {
		return err
	}
	c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason, Limit: booking.AtAnyTime}
	if _, err := s.Kernel.CancelAll(tx, m.EventID, c); err != nil {
		return err
	}
	if err := s.endEntries(tx, m, reason); err != nil {
		return err
	}
	return s.Kernel.CallOff(tx, m.EventID)
}

// endEntries ends what waits for a draw that has nothing to give any more: the kernel
// knows nothing of entries, and would tell nobody.
func (s *Service) endEntries(tx *db.Tx, m Meeting, reason string) error {
	entered, err := signupsWhere(tx, `g.event_id = ? AND g.entry = 'entered' ORDER BY g.created_at, g.uid`, m.EventID)
	if err != nil || len(entered) == 0 {
		return err
	}
	for _, r := range entered {
		if err := moveEntry(tx, r.UID, models.LotEntered, models.LotLeft, 0, ""); err != nil {
			return err
		}
	}
	return s.tell(tx, models.Activity{Title: entered[0].Title}, entered, m, notify.SessionCancelled, map[string]string{"reason": reason, "start": m.StartsAt.String()})
}

// Move puts a session at another time: its room is taken there or nothing changes.
// Everybody is told, and has one press to keep the place or leave. The partner who
// lends the room is asked for the new time.
func (s *Service) Move(ctx context.Context, a auth.Actor, session int64, to Time, reason string) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		m, act, err := s.session(tx, a, session)
		if err != nil {
			return err
		}
		from := m.StartsAt
		if m, err = s.retake(tx, act, m, to, reason); err != nil {
			return err
		}
		if err := moveSession(tx, m.ActivitySession); err != nil {
			return err
		}
		if err := s.withdraw(tx, a, m); err != nil { // a yes to one time is none to another
			return err
		}
		if err := s.askOwner(tx, a, act.Activity, m.ActivitySession); err != nil {
			return err
		}
		span, err := eventSpan(tx, m.EventID)
		if err != nil {
			return err
		}
		if err := s.Kernel.Reschedule(tx, m.EventID, span, span.Start, span.Start.Add(-cancelBefore)); err != nil {
			return err
		}
		if err := s.unremind(tx, m, from); err != nil {
			return err
		}
		err = s.tellAll(tx, act.Activity, m, notify.SessionMoved, map[string]string{"reason": reason, "start": from.String(), "proposed": to.Start.String()})
		if err != nil {
			return err
		}
		if err := s.log(tx, a, "activity.move_session", act.Activity, from.String(), to.Start.String(), reason); err != nil {
			return err
		}
		v, err = s.view(tx, m.ActivityID)
		return err
	})
	return v, err
}

// Message tells everybody who has a place or waits for one.
func (s *Service) Message(ctx context.Context, a auth.Actor, id int64, text string) (n int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		act, err := managed(tx, a, id)
		if err != nil {
			return err
		}
		all, err := meetingsOf(tx, id)
		if err != nil || len(all[id]) == 0 {
			return err
		}
		people, err := living(tx, id, 0)
		if err != nil {
			return err
		}
		n = len(people)
		if err := s.tell(tx, act.Activity, people, all[id][0], notify.OrganiserSays, map[string]string{"reason": text, "at": tx.Now().String()}); err != nil {
			return err
		}
		return s.log(tx, a, "activity.message", act.Activity, "", fmt.Sprintf("%d told", n), "")
	})
	return n, err
}

// unremind takes back reminders of a session at a time that is no longer true, where
// they wait to be sent.
func (s *Service) unremind(tx *db.Tx, m Meeting, was models.Instant) error {
	people, err := living(tx, m.ActivityID, m.EventID)
	if err != nil {
		return err
	}
	subjects := make([]string, len(people))
	for i, p := range people {
		subjects[i] = "booking:" + p.UID
	}
	var due []models.Instant
	for _, h := range models.RemindHours(remindHours) {
		due = append(due, was.Add(-time.Duration(h)*time.Hour))
	}
	return s.Notices.VoidDue(tx, subjects, notify.Reminder, due...)
}

// tellAll tells everybody of a session's event.
func (s *Service) tellAll(tx *db.Tx, act models.Activity, m Meeting, kind string, vars map[string]string) error {
	people, err := living(tx, act.ID, m.EventID)
	if err != nil {
		return err
	}
	return s.tell(tx, act, people, m, kind, vars)
}

func (s *Service) tell(tx *db.Tx, act models.Activity, people []SignupRow, m Meeting, kind string, vars map[string]string) error {
	notices := make([]notify.Notice, 0, len(people))
	for _, p := range people {
		n := notify.Notice{Kind: kind, Subject: p.subject(m.ID), Account: orZero(p.HolderID), Person: orZero(p.PersonID),
			Branch: orZero(p.OrgID), Important: notify.Important, DueAt: tx.Now(),
			Vars: map[string]string{"title": act.Title, "place": m.Place, "path": "/signups/" + p.UID}}
		for k, v := range vars {
			n.Vars[k] = v
		}
		if n.Account != 0 || n.Person != 0 || n.Branch != 0 {
			notices = append(notices, n)
		}
	}
	return s.Notices.Enqueue(tx, notices...)
}

func signupSubject(uid string, session int64) string {
	return fmt.Sprintf("signup:%s:%d", uid, session)
}

// Resize gives the sessions to come another number of places.
func (s *Service) Resize(ctx context.Context, a auth.Actor, id int64, places int) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		act, err := managed(tx, a, id)
		if err != nil {
			return err
		}
		all, err := meetingsOf(tx, id)
		if err != nil {
			return err
		}
		done := map[int64]bool{}
		for _, m := range all[id] {
			if done[m.EventID] || m.EventState != models.EventOpen {
				continue
			}
			done[m.EventID] = true
			events, err := booking.LockEvents(tx, m.EventID)
			if err != nil {
				return err
			}
			if err := s.Kernel.Resize(tx, a, events[m.EventID], places); err != nil {
				return err
			}
		}
		if err := setCapacity(tx, act.ID, places); err != nil {
			return err
		}
		v, err = s.view(tx, id)
		return err
	})
	return v, err
}

func (s *Service) log(tx *db.Tx, a auth.Actor, action string, act models.Activity, before, after, reason string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, Kind, fmt.Sprint(act.ID), &act.OrgID
	line.Before, line.After, line.Reason = before, after, reason
	return audit.Write(tx, line)
}

// Occupants tells what rooms are taken for by sessions. One that its partner has not
// answered for holds its time, and is not settled.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	return occupants(tx, ids)
}
