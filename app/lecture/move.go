package lecture

import (
	"errors"
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// auditKind is what the log calls an order.
const auditKind = "lecture_order"

// by is who moves an order, which way they came, and why.
type by struct {
	auth.Actor
	Channel models.Channel
	Reason  string
}

// online is somebody at a screen.
func online(a auth.Actor, reason string) by { return by{a, models.ChannelOnline, reason} }

// job is one of ours.
func job(name, reason string) by {
	return by{auth.Actor{Login: "job:" + name}, models.ChannelJob, reason}
}

// byLink is who holds a link; who that is nobody knows.
func byLink(reason string) by { return by{auth.Actor{Login: "link"}, models.ChannelOnline, reason} }

// move takes an order to its next state: checked against the table of moves,
// written, noted in the log, its clocks set. It returns ErrNotNow for what is no
// move. Each feature of a move (sessions, offers, notices) is its caller's.
func (s *Service) move(tx *db.Tx, w by, o *Order, to models.LectureState) error {
	from := o.State
	if !from.CanBecome(to) {
		return notNow(o)
	}
	o.State, o.ChangedAt = to, tx.Now()
	if to == models.LectureReturned || to == models.LectureCancelled || to == models.LectureEscalated {
		o.Reason = w.Reason
	}
	switch to {
	case models.LectureSubmitted:
		o.SubmittedAt = tx.Now()
	case models.LectureClosed, models.LectureCancelled:
		o.ClosedAt = tx.Now()
	default:
		o.ClosedAt = models.Instant{}
	}
	if err := saveOrder(tx, o.LectureOrder); err != nil {
		return err
	}
	if err := s.setClock(tx, o, from); err != nil {
		return err
	}
	return note(tx, w, *o, string(to), string(from))
}

// notNow says in which state an order is that an act does not fit.
func notNow(o *Order) error {
	return ErrNotNow.Worded("lecture.not_now."+string(o.State)).Add("state", o.State)
}

// note appends a line about an order to the log; it names people by id alone.
func note(tx *db.Tx, w by, o Order, action, before string) error {
	line := audit.By(tx, w.Actor, w.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "lecture."+action, auditKind, o.ID, &o.OrgID
	line.PersonID, line.Before, line.After, line.Reason = o.PersonID, before, string(o.State), w.Reason
	return audit.Write(tx, line)
}

// setClock starts, stops and pauses the clocks of an order that has moved. Only
// an order that waits for its orderer stands still; its step goes on with what was
// left.
func (s *Service) setClock(tx *db.Tx, o *Order, from models.LectureState) error {
	last, running, err := lastClock(tx, o.ID)
	if err != nil {
		return err
	}
	if running {
		if last, err = s.stopClock(tx, last, o.State == models.LectureReturned); err != nil {
			return err
		}
	}
	switch o.State {
	case models.LectureSubmitted:
		return s.goOn(tx, o, models.StepReview, models.LectureReviewMin)
	case models.LectureToDispatch:
		return s.goOn(tx, o, models.StepDispatch, models.LectureMoveMin)
	case models.LectureEscalated:
		step := models.StepDispatch
		if from == models.LectureSubmitted || from == models.LectureEscalated && last.Step == models.StepReview {
			step = models.StepReview
		}
		return s.startClock(tx, o, step, models.LectureMoveMin)
	}
	return nil
}

// goOn starts the clock of a step, with what was left of it where it was paused.
func (s *Service) goOn(tx *db.Tx, o *Order, step models.LectureStep, minutes int) error {
	last, err := clockOf(tx, o.ID, step)
	if err != nil {
		return err
	}
	if last.Paused && last.SpentMin != nil {
		minutes = max(0, last.Minutes-*last.SpentMin)
	}
	return s.startClock(tx, o, step, minutes)
}

func (s *Service) startClock(tx *db.Tx, o *Order, step models.LectureStep, minutes int) error {
	c := models.LectureClock{OrderID: o.ID, Step: step, Minutes: minutes, StartedAt: tx.Now()}
	var err error
	if c.DueAt, c.Calendar, err = s.due(tx, tx.Now(), minutes); err != nil {
		return err
	}
	o.Step, o.DueAt = step, c.DueAt
	if err := tx.Insert(&c); err != nil {
		return fmt.Errorf("lecture clock: %w", err)
	}
	return nil
}

// due is when so many working minutes after a moment are over, and the version
// of the calendar that says so; nothing when they run into a year whose holidays
// are not published, which nobody guesses.
func (s *Service) due(tx *db.Tx, from models.Instant, minutes int) (models.Instant, int64, error) {
	calendar, err := s.Days(tx)
	if err != nil {
		return models.Instant{}, 0, err
	}
	at, err := calendar.AddWorkMinutes(from, minutes, s.Zone)
	if errors.Is(err, models.ErrUnknownYear) {
		return models.Instant{}, 0, nil
	}
	return at, calendar.Version, err
}

func (s *Service) stopClock(tx *db.Tx, c models.LectureClock, paused bool) (models.LectureClock, error) {
	c.StoppedAt, c.Paused = tx.Now(), paused
	calendar, err := s.Days(tx)
	if err != nil {
		return c, err
	}
	spent, err := calendar.WorkMinutesBetween(c.StartedAt, c.StoppedAt, s.Zone)
	switch {
	case err == nil:
		c.SpentMin = &spent
	case !errors.Is(err, models.ErrUnknownYear):
		return c, err
	}
	return c, endClock(tx, c)
}
