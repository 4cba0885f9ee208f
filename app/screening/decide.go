package screening

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
	"youyue/app/org"
	"youyue/app/web/locales"
	"youyue/models"
)

// locked returns a request with its hall's resource row locked, so that nobody
// else decides about the same hall meanwhile. ErrNotFound when not visible.
func locked(tx *db.Tx, a auth.Actor, id int64) (RequestView, error) {
	v, err := request(tx, a, id)
	if err != nil {
		return v, err
	}
	if err := booking.LockResources(tx, v.HallID); err != nil {
		return v, err
	}
	return request(tx, a, id)
}

func decidedError(v RequestView) error {
	return ErrDecided.With("status", string(v.Status)).With("at", v.DecidedAt).Add("status", v.Status)
}

// decide runs a move of the scheduler on a locked request.
func (s *Service) decide(ctx context.Context, a auth.Actor, id int64, to models.HallRequestStatus, move func(tx *db.Tx, v RequestView) error) (v RequestView, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = locked(tx, a, id); err != nil {
			return err
		}
		if !a.CanAt(auth.HallDecide, v.PlacePath) {
			return errs.ErrForbidden
		}
		if v.Status == models.HallApproved || !v.Status.CanBecome(to) {
			return decidedError(v)
		}
		if err := move(tx, v); err != nil {
			return err
		}
		v, err = request(tx, a, id)
		return err
	})
	return v, err
}

// Approve gives the hall to the branch, or, where the cinema confirms after the
// scheduler, leaves it to the cinema (see agree): the screening is opened, all its seats
// are the branch's, and the rivals are declined. seen, unless nil, is the list
// of rivals that was shown; ErrRivals when it is no longer that. A request that
// waits for the branch's answer cannot be approved over its head.
func (s *Service) Approve(ctx context.Context, a auth.Actor, id int64, seen []int64) (RequestView, error) {
	return s.decide(ctx, a, id, models.HallApproved, func(tx *db.Tx, v RequestView) error {
		switch v.Status {
		case models.HallProposed:
			return decidedError(v)
		case models.HallConfirming:
			return ErrUnconfirmed.With("deadline", v.Deadline).Add("deadline", v.Deadline)
		}
		if seen != nil {
			now := make([]int64, len(v.Rivals))
			for i, r := range v.Rivals {
				now[i] = r.ID
			}
			slices.Sort(seen)
			if !slices.Equal(now, slices.Compact(seen)) {
				return ErrRivals.With("count", len(now)).Add("rivals", v.Rivals)
			}
		}
		return s.agree(tx, a, v)
	})
}

// grant turns a locked request into a screening of the branch.
func (s *Service) grant(tx *db.Tx, a auth.Actor, v RequestView) error {
	if err := org.Standing(tx, v.OrgID); err != nil {
		if errs.As(err).Extra["merged_into"] != nil {
			err = db.ErrAgain // it was read just before; the request is the other branch's by now
		}
		return err
	}
	hall, film, err := s.place(tx, v.HallID, v.FilmID)
	if err != nil {
		return err
	}
	span, occupied := hallSpans(v.StartsAt, film, WithOath(v.Oath))
	if err := s.allowed(tx, film, span); err != nil {
		return err
	}
	if err := s.released(tx, v.HallID, film, occupied); err != nil {
		return err
	}
	for _, r := range v.Rivals {
		if err := s.declineRival(tx, a, r.ID); err != nil {
			return err
		}
	}
	e := models.Event{Audience: models.AudienceBranches, OpensAt: tx.Now(), ClosesAt: span.Start, MaxSeats: v.Headcount}
	sc := models.Screening{FilmID: film.ID, RuntimeMin: film.RuntimeMin, CleanupMin: models.DefaultCleanupMin, BranchOrgID: &v.OrgID,
		ConfirmedBy: v.ConfirmedBy, ConfirmedAt: v.ConfirmedAt, Projectionist: v.Projectionist, ProjectionistID: v.ProjectionistID, Cost: v.Cost}
	if v.Oath {
		sc.OathMin = models.DefaultOathMin
	}
	id, err := s.open(tx, a, hall, film, e, sc, span, 0)
	if err != nil {
		return err
	}
	if err := s.takeTime(tx, v, id, film, occupied); err != nil {
		return err
	}
	_, err = s.kernel.BookIn(tx, booking.Order{Ask: booking.Ask{EventID: id, Reach: booking.ReachWhole, ForBranch: true},
		Actor: a, HolderID: &v.HolderID, OrgID: &v.OrgID, Name: v.OrgName, Channel: v.Channel, Place: hall.Venue + hall.Name})
	if err != nil {
		return fmt.Errorf("whole hall: %w", err)
	}
	if err := s.settle(tx, a, v, models.HallApproved, "", &id); err != nil {
		return err
	}
	if err := s.Promote(tx, v.HallID); err != nil {
		return err
	}
	return s.tellBranch(tx, v, "hall_approved", map[string]string{})
}

// takeTime gives the screening the time: handed over by the request that held
// it, or taken now that the rivals are gone.
func (s *Service) takeTime(tx *db.Tx, v RequestView, event int64, film models.Film, occupied models.Span) error {
	to := booking.Source{Kind: kindScreening, ID: event}
	if v.Holds {
		return booking.HandOver(tx, source(v.ID), to)
	}
	clashes, err := booking.Reserve(tx, to, booking.Claim{ResourceID: v.HallID, Span: occupied})
	if err == nil && len(clashes) > 0 {
		err = s.busy(tx, v.HallID, film, occupied, clashes)
	}
	return err
}

func (s *Service) declineRival(tx *db.Tx, a auth.Actor, id int64) error {
	v, err := requestByID(tx, id)
	if err != nil {
		return err
	}
	if err := booking.Release(tx, source(id)); err != nil {
		return err
	}
	reason := locales.T(locales.ZhCN, "hall_request.rival_won", nil)
	if err := s.settle(tx, a, v, models.HallDeclined, reason, nil); err != nil {
		return err
	}
	return s.tellBranch(tx, v, "hall_declined", map[string]string{"reason": reason})
}

// settle writes where a request stands now.
func (s *Service) settle(tx *db.Tx, a auth.Actor, v RequestView, to models.HallRequestStatus, reason string, event *int64) error {
	if err := setDecided(tx, a, v.ID, to, reason, event); err != nil {
		return err
	}
	org, err := hallOrg(tx, v.HallID)
	if err != nil {
		return err
	}
	return s.note(tx, a, v.HallRequest, org, "hall_request."+string(to), string(v.Status), string(to), reason)
}

// Decline refuses with a reason; the time goes to the next in the queue.
func (s *Service) Decline(ctx context.Context, a auth.Actor, id int64, reason string) (RequestView, error) {
	if reason == "" {
		return RequestView{}, ErrReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	return s.decide(ctx, a, id, models.HallDeclined, func(tx *db.Tx, v RequestView) error {
		return s.drop(tx, a, v, models.HallDeclined, reason, "hall_declined")
	})
}

// drop ends a request without a screening.
func (s *Service) drop(tx *db.Tx, a auth.Actor, v RequestView, to models.HallRequestStatus, reason, kind string) error {
	if err := booking.Release(tx, source(v.ID)); err != nil {
		return err
	}
	if err := s.notices.Void(tx, requestSubject(v.ID), notify.HallToConfirm); err != nil {
		return err
	}
	if err := s.settle(tx, a, v, to, reason, nil); err != nil {
		return err
	}
	if err := s.Promote(tx, v.HallID); err != nil {
		return err
	}
	if kind == "" {
		return nil
	}
	return s.tellBranch(tx, v, kind, map[string]string{"reason": reason})
}

// Propose offers another time and holds it until the branch answers or the
// deadline passes; the time asked for is given up. ErrHallBusy when it is taken.
func (s *Service) Propose(ctx context.Context, a auth.Actor, id int64, start models.Instant, reason string) (RequestView, error) {
	return s.decide(ctx, a, id, models.HallProposed, func(tx *db.Tx, v RequestView) error {
		_, film, err := s.place(tx, v.HallID, v.FilmID)
		if err != nil {
			return err
		}
		span, occupied := hallSpans(start, film, WithOath(v.Oath))
		if err := s.allowed(tx, film, span); err != nil {
			return err
		}
		if err := s.released(tx, v.HallID, film, occupied); err != nil {
			return err
		}
		if err := booking.Release(tx, source(id)); err != nil {
			return err
		}
		clashes, err := booking.Reserve(tx, source(id), booking.Claim{ResourceID: v.HallID, Span: occupied})
		if err != nil {
			return err
		}
		if len(clashes) > 0 {
			return s.busy(tx, v.HallID, film, occupied, clashes)
		}
		until := deadline(tx.Now(), start, answerWithin)
		if err := setProposed(tx, a, id, start, occupied, until, reason); err != nil {
			return err
		}
		org, err := hallOrg(tx, v.HallID)
		if err != nil {
			return err
		}
		if err := s.note(tx, a, v.HallRequest, org, "hall_request.proposed", v.StartsAt.String(), start.String(), reason); err != nil {
			return err
		}
		if err := s.Promote(tx, v.HallID); err != nil {
			return err
		}
		v.StartsAt = start
		return s.tellBranch(tx, v, "hall_proposed", map[string]string{"reason": reason, "deadline": until.String()})
	})
}

// Accept is the branch's yes to the proposed time: the screening is opened, or
// the cinema asked.
func (s *Service) Accept(ctx context.Context, a auth.Actor, id int64) (v RequestView, err error) {
	err = s.answer(ctx, a, id, func(tx *db.Tx, q RequestView) error {
		if q.Status != models.HallProposed {
			return decidedError(q)
		}
		if err := takeProposed(tx, id); err != nil {
			return err
		}
		q.StartsAt, q.Rivals = q.ProposedAt, nil
		return s.agree(tx, a, q)
	}, &v)
	return v, err
}

// Withdraw is the branch's own end of its request.
func (s *Service) Withdraw(ctx context.Context, a auth.Actor, id int64, reason string) (v RequestView, err error) {
	err = s.answer(ctx, a, id, func(tx *db.Tx, q RequestView) error {
		if q.Status == models.HallApproved || !q.Status.CanBecome(models.HallWithdrawn) {
			return decidedError(q)
		}
		return s.drop(tx, a, q, models.HallWithdrawn, reason, "")
	}, &v)
	return v, err
}

// answer runs a move of the branch on its own request.
func (s *Service) answer(ctx context.Context, a auth.Actor, id int64, move func(tx *db.Tx, q RequestView) error, out *RequestView) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		q, err := locked(tx, a, id)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.HallAnswer, q.OrgPath) {
			return errs.ErrForbidden
		}
		if err := move(tx, q); err != nil {
			return err
		}
		*out, err = request(tx, a, id)
		return err
	})
}

// Promote gives time that has become free to the requests that queue for it,
// in the order they came in. The hall is locked by the caller.
func (s *Service) Promote(tx *db.Tx, hallID int64) error {
	queued, err := queuedFor(tx, hallID)
	if err != nil || len(queued) == 0 {
		return err
	}
	open, err := s.openFor(tx, hallID, queued)
	if err != nil {
		return err
	}
	for _, q := range queued {
		if !open(q.Span()) {
			continue
		}
		n, err := holding(tx, q.OrgID)
		if err != nil {
			return err
		}
		if n >= maxHolds {
			continue
		}
		clashes, err := booking.Reserve(tx, source(q.ID), booking.Claim{ResourceID: hallID, Span: q.Span()})
		if err != nil {
			return err
		}
		if len(clashes) > 0 {
			continue
		}
		if err := setHolds(tx, q.ID, true); err != nil {
			return err
		}
	}
	return nil
}

// ExpireDue ends the requests, for the hall and for blocks, whose deadline has
// passed and tells their branches; the time goes to the next in the queue.
func (s *Service) ExpireDue(ctx context.Context, now models.Instant) (int, error) {
	halls, err := s.expireHalls(ctx, now)
	blocks, failed := s.expireBlocks(ctx, now)
	return halls + blocks, errors.Join(err, failed)
}

func (s *Service) expireHalls(ctx context.Context, now models.Instant) (int, error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) { return overdue(tx, now, most, skip) }
	done, err := booking.EachDue(ctx, s.db, "hall request", page, func(id int64) (bool, error) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			v, err := requestByID(tx, id)
			if err != nil {
				return err
			}
			if err := booking.LockResources(tx, v.HallID); err != nil {
				return err
			}
			if v, err = requestByID(tx, id); err != nil {
				return err
			}
			if !v.Status.CanBecome(models.HallExpired) || v.Deadline.After(now) {
				return errMovedOn
			}
			if err := s.drop(tx, auth.Actor{Login: "job"}, v, models.HallExpired, "", "hall_expired"); err != nil || v.Status != models.HallConfirming {
				return err
			}
			return s.tellUnconfirmed(tx, v)
		})
		if errors.Is(err, errMovedOn) {
			return false, nil
		}
		return true, err
	})
	more, failed := s.expirePlanned(ctx, now)
	return done + more, errors.Join(err, failed)
}

// errMovedOn: somebody decided between the look and the lock.
var errMovedOn = errors.New("decided meanwhile")
