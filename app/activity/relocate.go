package activity

import (
	"context"
	"errors"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// errTried undoes a move that was only tried.
var errTried = errors.New("activity: tried")

// Relocate is Move for the calendar: a session keeps its room, which is that of the
// whole activity. Where it is already, nothing is done and nobody told.
func (s *Service) Relocate(ctx context.Context, a auth.Actor, session int64, to models.Relocation) error {
	stays := false
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { stays, err = s.staysPut(tx, session, to); return err })
	if err != nil || stays {
		return err
	}
	_, err = s.Move(ctx, a, session, Time{to.Span.Start, to.Span.End}, to.Reason)
	return err
}

// CheckMove returns the refusal that Relocate would meet, nil for none; it changes nothing.
func (s *Service) CheckMove(ctx context.Context, a auth.Actor, session int64, to models.Relocation) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		m, act, err := s.session(tx, a, session)
		if err != nil {
			return err
		}
		if _, err := s.staysPut(tx, session, to); err != nil {
			return err
		}
		if _, err := s.retake(tx, act, m, Time{to.Span.Start, to.Span.End}, to.Reason); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return err
}

// staysPut reports whether a session is where it is wanted; ErrOtherRoom for a place
// that it has not.
func (s *Service) staysPut(tx *db.Tx, session int64, to models.Relocation) (bool, error) {
	m, err := meetingByID(tx, session)
	if err != nil || to.ResourceID == 0 {
		return m.Span() == to.Span, err
	}
	has, err := takes(tx, session, to.ResourceID)
	if err == nil && !has {
		err = ErrOtherRoom.With("place", m.Place)
	}
	return m.Span() == to.Span, err
}

// retake gives a session's time back and takes another, or says what is in the way.
// One that is moved back was never elsewhere.
func (s *Service) retake(tx *db.Tx, act row, m Meeting, to Time, reason string) (Meeting, error) {
	if !to.Start.Before(to.End) || !to.Start.After(tx.Now()) {
		return m, errs.FieldFault("start", "other")
	}
	if err := s.drawnFirst(tx, act.Activity, to.Start); err != nil {
		return m, err
	}
	if err := booking.Release(tx, booking.Source{Kind: Kind, ID: m.ID}); err != nil {
		return m, err
	}
	from := m.StartsAt
	if to.Start.Equal(m.MovedFrom) {
		from, reason = models.Instant{}, ""
	}
	m.StartsAt, m.EndsAt, m.MovedFrom, m.Reason = to.Start, to.End, from, reason
	clashes, err := s.take(tx, act.Activity, m.ActivitySession)
	if err != nil {
		return m, err
	}
	var way blocked
	way.add(m.Ord, clashes)
	return m, way.refusal(tx)
}
