package screening

import (
	"context"
	"errors"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/app/venue"
	"youyue/models"
)

// confirmWithin is how long the cinema has for its answer. Ours.
const confirmWithin = 48 * time.Hour

// Showing is what the cinema names of a screening: who projects it, and what it
// costs and who pays, in words. The number is sealed.
type Showing struct {
	ShownBy       string
	ShownPhoneEnc string
	ShownCost     string
}

// ShownPhone opens the projectionist's number, "" when none is known.
func (s *Service) ShownPhone(sh Showing) string {
	if sh.ShownPhoneEnc == "" || s.phones == nil {
		return ""
	}
	return s.phones.PhoneTail(sh.ShownPhoneEnc)
}

// Answer is the cinema's yes with what it names.
type Answer struct {
	Projectionist string
	Phone         string
	Cost          string
}

// agree is the scheduler's yes, or the branch's to what the scheduler offered:
// the hall is granted, or the cinema's yes is awaited. The request holds its time
// meanwhile; rivals that held some of it queue behind, and are declined only when
// the hall is granted.
func (s *Service) agree(tx *db.Tx, a auth.Actor, v RequestView) error {
	hall, err := venue.Get(tx, v.HallID)
	if err != nil {
		return err
	}
	if hall.Confirm == models.ConfirmNone || !v.ConfirmedAt.IsZero() {
		return s.grant(tx, a, v)
	}
	_, film, err := s.place(tx, v.HallID, v.FilmID)
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
	if !v.Holds {
		if err := s.holdOver(tx, v, film, occupied); err != nil {
			return err
		}
	}
	until := deadline(tx.Now(), v.StartsAt, confirmWithin)
	if err := setAgreed(tx, a, v.ID, until); err != nil {
		return err
	}
	err = s.note(tx, a, v.HallRequest, hall.OrgID, "hall_request.confirming", string(v.Status), string(models.HallConfirming), "")
	if err != nil {
		return err
	}
	v.Deadline = until
	return s.tellOperators(tx, v.HallRequest, v.FilmTitle, v.OrgName, hall)
}

// holdOver gives a queued request the time that its rivals hold; they queue from now on.
func (s *Service) holdOver(tx *db.Tx, v RequestView, film models.Film, occupied models.Span) error {
	for _, r := range v.Rivals {
		if !r.Holds {
			continue
		}
		if err := booking.Release(tx, source(r.ID)); err != nil {
			return err
		}
		if err := setHolds(tx, r.ID, false); err != nil {
			return err
		}
	}
	clashes, err := booking.Reserve(tx, source(v.ID), booking.Claim{ResourceID: v.HallID, Span: v.Span()})
	if err == nil && len(clashes) > 0 {
		err = s.busy(tx, v.HallID, film, occupied, clashes)
	}
	return err
}

// openFor is openHours around some requests.
func (s *Service) openFor(tx *db.Tx, hallID int64, qs []models.HallRequest) (func(models.Span) bool, error) {
	hall, err := venue.Get(tx, hallID)
	if err != nil {
		return nil, err
	}
	around := qs[0].Span()
	for _, q := range qs {
		around.Start, around.End = models.Earlier(around.Start, q.SpanStart), models.Later(around.End, q.SpanEnd)
	}
	return openHours(tx, hall, around)
}

// Confirm is the cinema's yes to a request. Where the scheduler has agreed the
// screening is opened and the rivals are declined; else the scheduler decides now.
func (s *Service) Confirm(ctx context.Context, a auth.Actor, id int64, in Answer) (v RequestView, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = s.confirming(tx, a, id); err != nil {
			return err
		}
		hall, err := venue.Get(tx, v.HallID)
		if err != nil {
			return err
		}
		if v.ProjectionistID, err = s.projectionist(tx, a, hall, in); err != nil {
			return err
		}
		v.ConfirmedBy, v.ConfirmedAt, v.Projectionist, v.Cost = &a.AccountID, tx.Now(), in.Projectionist, in.Cost
		agreed := !v.AgreedAt.IsZero()
		until := v.Deadline
		if !agreed {
			until = deadline(tx.Now(), v.StartsAt, decideWithin)
		}
		if err := setConfirmed(tx, a, v, until); err != nil {
			return err
		}
		if err := s.note(tx, a, v.HallRequest, hall.OrgID, "hall_request.confirmed", string(v.Status), "", in.Cost); err != nil {
			return err
		}
		if agreed {
			if err := s.grant(tx, a, v); err != nil {
				return err
			}
			err = s.tellScheduler(tx, v, hall, notify.CinemaConfirmed, "")
		} else {
			v.Deadline = until
			err = s.tellSchedulers(tx, v.HallRequest, models.Film{Title: v.FilmTitle}, models.Org{Name: v.OrgName}, hall)
		}
		if err != nil {
			return err
		}
		v, err = request(tx, a, id)
		return err
	})
	return v, err
}

// Refuse is the cinema's no to a request, with its reason: the time is free and
// goes to the next in the queue, the branch and the scheduler are told.
func (s *Service) Refuse(ctx context.Context, a auth.Actor, id int64, reason string) (v RequestView, err error) {
	if reason == "" {
		return v, ErrReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = s.confirming(tx, a, id); err != nil {
			return err
		}
		hall, err := venue.Get(tx, v.HallID)
		if err != nil {
			return err
		}
		if err := s.drop(tx, a, v, models.HallDeclined, reason, notify.HallDeclined); err != nil {
			return err
		}
		if err := s.tellScheduler(tx, v, hall, notify.CinemaRefused, reason); err != nil {
			return err
		}
		v, err = request(tx, a, id)
		return err
	})
	return v, err
}

// confirming returns a locked request that waits for the cinema.
func (s *Service) confirming(tx *db.Tx, a auth.Actor, id int64) (RequestView, error) {
	v, err := locked(tx, a, id)
	switch {
	case err != nil:
		return v, err
	case !a.CanAt(auth.HallConfirm, v.PlacePath):
		return v, errs.ErrForbidden
	case v.Status != models.HallConfirming:
		return v, decidedError(v)
	}
	return v, s.notices.Void(tx, requestSubject(id), notify.HallToConfirm)
}

// projectionist is the person whose number the cinema named, nil without one.
func (s *Service) projectionist(tx *db.Tx, a auth.Actor, hall venue.Hall, in Answer) (*int64, error) {
	if strings.TrimSpace(in.Phone) == "" {
		return nil, nil //nolint:nilnil // nobody to send a message to
	}
	if in.Projectionist == "" {
		return nil, errs.FieldFault("projectionist", "required")
	}
	p, err := s.desk.EnsureContact(tx, a, hall.OrgID, in.Projectionist, in.Phone)
	if err != nil {
		return nil, err
	}
	return &p.ID, nil
}

// ConfirmScreening is the cinema's yes to a screening that a scheduler put on:
// it can be booked from now on. On one that is confirmed already it changes what
// the cinema named.
func (s *Service) ConfirmScreening(ctx context.Context, a auth.Actor, id int64, in Answer) (v Show, err error) {
	return s.answered(ctx, a, id, func(tx *db.Tx, v Show) error {
		hall, err := venue.Get(tx, v.ResourceID)
		if err != nil {
			return err
		}
		person, err := s.projectionist(tx, a, hall, in)
		if err != nil {
			return err
		}
		if err := setShown(tx, a, id, in, person); err != nil {
			return err
		}
		if err := s.noteShow(tx, a, v, "screening.confirm", in.Cost); err != nil || v.State == models.EventOpen {
			return err
		}
		if err := s.kernel.OpenPlanned(tx, id); err != nil {
			return err
		}
		return s.tellPlanner(tx, v, notify.CinemaConfirmed, "")
	})
}

// RefuseScreening is the cinema's no to a screening that waits for it, with its
// reason: the time is free, the scheduler is told.
func (s *Service) RefuseScreening(ctx context.Context, a auth.Actor, id int64, reason string) (v Show, err error) {
	if reason == "" {
		return v, ErrReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	return s.answered(ctx, a, id, func(tx *db.Tx, v Show) error {
		if v.State != models.EventPlanned {
			return ErrNothingToConfirm.With("title", v.FilmTitle)
		}
		if err := s.end(tx, a, v, models.HallDeclined, reason); err != nil {
			return err
		}
		return s.tellPlanner(tx, v, notify.CinemaRefused, reason)
	})
}

// answered runs an answer of the cinema on a screening with hall and event locked.
func (s *Service) answered(ctx context.Context, a auth.Actor, id int64, do func(tx *db.Tx, v Show) error) (v Show, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = ByID(tx, id); err != nil {
			return err
		}
		if !a.CanAt(auth.HallConfirm, v.OrgPath) {
			return errs.ErrForbidden
		}
		if err := booking.LockResources(tx, v.ResourceID); err != nil {
			return err
		}
		events, err := booking.LockEvents(tx, id)
		if err != nil {
			return err
		}
		if v, err = ByID(tx, id); err != nil {
			return err
		}
		if v.State = events[id].State; v.State != models.EventPlanned && v.State != models.EventOpen {
			return booking.ErrOver.With("title", v.FilmTitle)
		}
		if err := s.notices.Void(tx, showSubject(id), notify.ScreeningToConfirm); err != nil {
			return err
		}
		if err := do(tx, v); err != nil {
			return err
		}
		v, err = ByID(tx, id)
		return err
	})
	return v, err
}

// expirePlanned ends the screenings that the cinema did not answer in time, and
// tells the scheduler and the cinema.
func (s *Service) expirePlanned(ctx context.Context, now models.Instant) (done int, err error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) { return unconfirmed(tx, now, most, skip) }
	return booking.EachDue(ctx, s.db, "screening", page, func(id int64) (bool, error) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			v, err := ByID(tx, id)
			if err != nil {
				return err
			}
			if err := booking.LockResources(tx, v.ResourceID); err != nil {
				return err
			}
			events, err := booking.LockEvents(tx, id)
			if err != nil {
				return err
			}
			if events[id].State != models.EventPlanned {
				return errMovedOn
			}
			if err := s.end(tx, auth.Actor{Login: "job"}, v, models.HallDeclined, ""); err != nil {
				return err
			}
			if err := s.tellPlanner(tx, v, notify.CinemaUnanswered, ""); err != nil {
				return err
			}
			return s.tellRole(tx, auth.Cinema, v.OrgPath, showNotice(v, notify.CinemaUnanswered, ""))
		})
		if errors.Is(err, errMovedOn) {
			return false, nil
		}
		return true, err
	})
}

// Planned lists the screenings that wait for the cinema's yes in the actor's scope.
func (s *Service) Planned(ctx context.Context, a auth.Actor) (out []Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = plannedIn(tx, a.Scope(auth.HallConfirm)); return err })
	return out, err
}

// usualShowing is who shows films then: the projectionist named with the released
// hours, else the one of the hall's last screening, with the number where known.
func (s *Service) usualShowing(ctx context.Context, hallID int64, span models.Span) (name, phone string, err error) {
	var last []Showing
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := venue.Releases(tx, hallID, span)
		for _, r := range rows {
			if r.Projectionist != "" {
				name = r.Projectionist
			}
		}
		if err != nil {
			return err
		}
		last, err = shownLast(tx, hallID)
		return err
	})
	for _, l := range last {
		if name == "" || name == l.ShownBy {
			return l.ShownBy, s.ShownPhone(l), err
		}
	}
	return name, "", err
}
