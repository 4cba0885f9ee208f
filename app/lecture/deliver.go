package lecture

import (
	"context"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// beginEarly is how long before its start a session may be begun.
const beginEarly = time.Hour

// Delivered is what a team tells at the end of a session.
type Delivered struct {
	Heads int // -1: nobody counted
	Note  string
}

// Start marks the begin of a session; the actor leads its team. Again it answers
// the same. It returns ErrTooEarly, ErrNotNow.
func (s *Service) Start(ctx context.Context, a auth.Actor, id string) (Order, error) {
	return s.onDuty(ctx, a, id, func(tx *db.Tx, o *Order) error { return s.start(tx, online(a, ""), o) })
}

// Finish marks its end, with how many came and a note. Whoever ordered is asked to
// rate. It returns ErrTooEarly, ErrNotNow.
func (s *Service) Finish(ctx context.Context, a auth.Actor, id string, d Delivered) (Order, error) {
	return s.onDuty(ctx, a, id, func(tx *db.Tx, o *Order) error { return s.finish(tx, online(a, ""), o, d) })
}

// onDuty is act for the team of the session.
func (s *Service) onDuty(ctx context.Context, a auth.Actor, id string, fn func(tx *db.Tx, o *Order) error) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if o.TeamID == 0 {
			return notNow(o)
		}
		duty, err := inTeam(tx, a, o.TeamID, o.TeamOrgID)
		if err != nil {
			return err
		}
		if !duty {
			return errs.ErrForbidden
		}
		return fn(tx, o)
	})
}

// StartLink and FinishLink are Start and Finish by the link of the accepted offer.
func (s *Service) StartLink(ctx context.Context, word string) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error {
		if !x.serves(*o) {
			return ErrOfferOver
		}
		return s.start(tx, byLink(""), o)
	})
}

// FinishLink is Finish by the link of the accepted offer.
func (s *Service) FinishLink(ctx context.Context, word string, d Delivered) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error {
		if !x.serves(*o) {
			return ErrOfferOver
		}
		return s.finish(tx, byLink(""), o, d)
	})
}

func (s *Service) start(tx *db.Tx, w by, o *Order) error {
	if o.State == models.LectureInService {
		return nil
	}
	if o.State != models.LectureAccepted || o.MergedInto != nil {
		return notNow(o)
	}
	if from := o.StartsAt.Add(-beginEarly); tx.Now().Before(from) {
		return ErrTooEarly.With("from", from).Add("from", from)
	}
	session, err := sessionOf(tx, *o.SessionID)
	if err != nil {
		return err
	}
	session.State, session.BegunAt = models.LectureRunning, tx.Now()
	if err := saveSession(tx, session); err != nil {
		return err
	}
	return s.move(tx, w, o, models.LectureInService)
}

func (s *Service) finish(tx *db.Tx, w by, o *Order, d Delivered) error {
	if o.State == models.LectureToRate {
		return nil
	}
	if o.State == models.LectureAccepted {
		if err := s.start(tx, w, o); err != nil {
			return err
		}
	}
	if o.State != models.LectureInService {
		return notNow(o)
	}
	session, err := sessionOf(tx, *o.SessionID)
	if err != nil {
		return err
	}
	if d.Heads >= 0 {
		session.Heads = &d.Heads
	}
	session.Note = strings.TrimSpace(d.Note)
	return s.over(tx, w, o, session)
}

// over ends a session, marked or not, and asks everybody who ordered it to rate.
func (s *Service) over(tx *db.Tx, w by, o *Order, session models.LectureSession) error {
	session.State, session.EndedAt = models.LectureDone, tx.Now()
	if err := saveSession(tx, session); err != nil {
		return err
	}
	followers, err := mergedInto(tx, o.ID)
	if err != nil {
		return err
	}
	for _, each := range slices.Concat([]Order{*o}, followers) {
		word, hash := s.link(linkRating)
		each.RateHash, each.RateUntil = &hash, tx.Now().Add(models.LectureRateFor)
		if err := s.move(tx, w, &each, models.LectureToRate); err != nil {
			return err
		}
		if err := s.askRating(tx, each, word); err != nil {
			return err
		}
		if each.ID == o.ID {
			*o = each
		}
	}
	return nil
}
