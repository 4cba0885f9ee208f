package lecture

import (
	"context"
	"errors"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Why the clock ends an order, as the log and the page say it.
const (
	reasonExpired    = "expired"    // its wanted times have gone by
	reasonUnanswered = "unanswered" // it waited a month for whoever ordered
)

// each runs fn in a transaction of its own for every order that where names, and
// counts those about which something was done. An order that meanwhile moved on is
// passed over; one that fails keeps no other waiting.
func (s *Service) each(ctx context.Context, fn func(tx *db.Tx, o *Order) (bool, error), where string, args ...any) (done int, err error) {
	page := func(tx *db.Tx, most, skip int) ([]string, error) { return dueOrders(tx, most, skip, where, args...) }
	return booking.EachDue(ctx, s.db, "order", page, func(id string) (did bool, err error) {
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			o, err := lockOrder(tx, id)
			if err != nil {
				return err
			}
			did, err = fn(tx, &o)
			return err
		})
		if errors.Is(err, ErrNotNow) || errors.Is(err, errs.ErrNotFound) {
			return false, nil
		}
		return did, err
	})
}

// EscalateDue asks the next level up about orders whose step is overdue, tells
// deadlines that could not be told before, and ends what nobody can deliver any
// more: orders whose wanted times have gone by, and those that waited a month for
// whoever ordered. It returns how many orders moved.
func (s *Service) EscalateDue(ctx context.Context, now models.Instant) (done int, err error) {
	if err := s.db.Write(ctx, func(tx *db.Tx) error { _, err := s.tellDue(tx); return err }); err != nil {
		return 0, err
	}
	var failed []error
	for _, step := range []struct {
		fn    func(tx *db.Tx, o *Order) (bool, error)
		where string
		args  []any
	}{
		{s.endPast, `o.state IN ('submitted', 'to_dispatch', 'dispatched', 'escalated')
			AND ((o.first_at <= ? AND (o.second_at IS NULL OR o.second_at <= ?)) OR o.until_day < ?)`, []any{now, now, models.DayOf(now, s.Zone)}},
		{s.endWaiting, `o.state IN ('draft', 'returned') AND o.changed_at <= ?`, []any{now.Add(-models.LectureWaitFor)}},
		{s.overdue, `o.state IN ('submitted', 'to_dispatch', 'escalated')
			AND EXISTS (SELECT 1 FROM lecture_clocks c WHERE c.order_id = o.id AND c.stopped_at IS NULL AND c.due_at <= ?)`, []any{now}},
	} {
		n, err := s.each(ctx, step.fn, step.where, step.args...)
		done, failed = done+n, append(failed, err)
	}
	return done, errors.Join(failed...)
}

func (s *Service) endPast(tx *db.Tx, o *Order) (bool, error) {
	if !o.State.Open() || tx.Now().Before(o.LastStart(s.Zone)) {
		return false, nil
	}
	return true, s.cancel(tx, job("escalate_orders", reasonExpired), o)
}

func (s *Service) endWaiting(tx *db.Tx, o *Order) (bool, error) {
	if o.State != models.LectureDraft && o.State != models.LectureReturned {
		return false, nil
	}
	return true, s.cancel(tx, job("escalate_orders", reasonUnanswered), o)
}

func (s *Service) overdue(tx *db.Tx, o *Order) (bool, error) {
	if o.DueAt.IsZero() || o.DueAt.After(tx.Now()) {
		return false, nil
	}
	if o.State == models.LectureEscalated && o.Level >= top(o.OrgPath) {
		return false, s.restClock(tx, o.ID) // nobody stands above; the board keeps showing it
	}
	return true, s.escalate(tx, job("escalate_orders", ""), o)
}

func (s *Service) restClock(tx *db.Tx, id string) error {
	c, running, err := lastClock(tx, id)
	if err != nil || !running {
		return err
	}
	_, err = s.stopClock(tx, c, false)
	return err
}

// OfferNext lets offers lapse after a day, and asks the next team. It returns how
// many orders were sent on.
func (s *Service) OfferNext(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, func(tx *db.Tx, o *Order) (bool, error) {
		if o.State != models.LectureDispatched {
			return false, nil
		}
		all, err := offersOf(tx, o.ID)
		if err != nil {
			return false, err
		}
		waiting := 0
		for _, x := range all {
			switch {
			case x.State != models.OfferWaiting:
			case tx.Now().Before(x.Deadline):
				waiting++
			default:
				if err := settle(tx, x.ID, models.OfferLapsed, ""); err != nil {
					return false, err
				}
				if err := s.voidOffers(tx, []Offer{x}); err != nil {
					return false, err
				}
			}
		}
		if waiting > 0 {
			return false, nil
		}
		return true, s.next(tx, job("offer_next_team", ""), o)
	}, `o.state = 'dispatched' AND EXISTS (SELECT 1 FROM lecture_offers w WHERE w.order_id = o.id AND w.state = 'waiting' AND w.deadline <= ?)`, now)
}

// FinishDue ends sessions that nobody marked as ended, two hours after they should
// have, and flags them. Whoever ordered is asked to rate all the same.
func (s *Service) FinishDue(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, func(tx *db.Tx, o *Order) (bool, error) {
		if !o.State.Agreed() || o.SessionID == nil || tx.Now().Before(o.EndsAt.Add(models.LectureEndGrace)) {
			return false, nil
		}
		session, err := sessionOf(tx, *o.SessionID)
		if err != nil {
			return false, err
		}
		session.Flagged = true
		return true, s.over(tx, job("close_finished", "unmarked"), o, session)
	}, `o.state IN ('accepted', 'in_service') AND EXISTS (SELECT 1 FROM lecture_sessions s WHERE s.id = o.session_id AND s.ends_at <= ?)`, now.Add(-models.LectureEndGrace))
}

// CloseUnrated closes orders that nobody rated within a week. They are 未评:
// counted apart, and never as good.
func (s *Service) CloseUnrated(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, func(tx *db.Tx, o *Order) (bool, error) {
		if o.State != models.LectureToRate || tx.Now().Before(o.RateUntil) {
			return false, nil
		}
		return true, s.close(tx, job("close_unrated", "unrated"), o)
	}, `o.state = 'to_rate' AND o.rate_until <= ?`, now)
}
