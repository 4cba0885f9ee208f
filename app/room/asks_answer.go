package room

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// AskRuling is a partner's answer to times of an ask: to those named, or with none to
// all that wait. Times never change, so that no answer is to one that was not shown.
type AskRuling struct {
	ID     int64
	Yes    bool
	Times  []int64
	Reason string // of a no
}

// AnswerAsk says yes or no for the partner who lends the place. Of what is refused the
// time is given back, and who asked is told which dates and why. It returns
// errs.ErrForbidden, a fault of "reason", and ErrDecided when one of the times was
// answered, moved or given up meanwhile: nothing has changed then.
func (s *Service) AnswerAsk(ctx context.Context, a auth.Actor, r AskRuling) (k Ask, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if k, err = visibleAsk(tx, a, r.ID); err != nil {
			return err
		}
		if !k.mayAnswer(a) {
			return errs.ErrForbidden
		}
		state := models.AskGiven
		if !r.Yes {
			if state = models.AskRefused; r.Reason == "" {
				return errs.FieldFault("reason", "required")
			}
		}
		if err := s.answerAsk(tx, a, k, r.Times, state, r.Reason); err != nil {
			return err
		}
		k, err = askByID(tx, r.ID)
		return err
	})
	return k, err
}

// answerAsk settles times of an ask, and tells the feature and whoever asked. The set
// is locked before the ask is looked at again: what is moved meanwhile is not there.
func (s *Service) answerAsk(tx *db.Tx, a auth.Actor, k Ask, named []int64, state models.AskState, reason string) error {
	asker, ok := s.askers[k.SourceKind]
	if !ok {
		return fmt.Errorf("ask %d: nobody asks as %q", k.ID, k.SourceKind)
	}
	if err := asker.LockAsked(tx, k.SourceID); err != nil {
		return err
	}
	k, err := lockAsk(tx, k.ID)
	if err != nil {
		return err
	}
	now := tx.Now()
	if state == models.AskLapsed {
		now = models.Instant{} // what has begun lapses too
	}
	times := k.Waiting(now)
	if len(named) > 0 {
		waiting := times
		times = nil
		for _, t := range waiting {
			if slices.Contains(named, t.ID) {
				times = append(times, t)
			}
		}
	}
	if len(times) == 0 || len(named) > 0 && len(times) < len(slices.Compact(slices.Sorted(slices.Values(named)))) {
		return ErrDecided.Worded("roomask.decided")
	}
	if err := settleTimes(tx, times, state, a, reason); err != nil {
		return err
	}
	x := models.OwnerAnswer{SetID: k.SourceID, State: state, Reason: reason}
	for _, t := range times {
		x.Times = append(x.Times, models.OwnerTime{ItemID: t.ItemID, RoomID: t.RoomID, Span: t.Span()})
	}
	if err := asker.OwnerAnswered(tx, a, x); err != nil {
		return err
	}
	if err := s.askLine(tx, a, k, string(state), times, reason); err != nil {
		return err
	}
	if len(k.Waiting(models.Instant{})) == len(times) {
		if err := s.notices.Void(tx, askSubject(k.ID), notify.OwnerAsked); err != nil {
			return err
		}
	}
	return s.tellAnswered(tx, k, state, times, reason)
}

// ExpireAsks ends what no partner answered in time: the time is given back, and who
// asked is told. It returns how many asks.
func (s *Service) ExpireAsks(ctx context.Context, now models.Instant) (int, error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) { return asksOver(tx, now, most, skip) }
	return booking.EachDue(ctx, s.db, "ask", page, func(id int64) (bool, error) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			k, err := askByID(tx, id)
			if err != nil {
				return err
			}
			return s.answerAsk(tx, robot, k, nil, models.AskLapsed, "")
		})
		if errors.Is(err, ErrDecided) { // answered meanwhile
			return false, nil
		}
		return true, err
	})
}
