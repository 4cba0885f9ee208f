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
	"youyue/models"
)

// ErrClosurePlace: a closure is of one place; another place is closed by itself.
var ErrClosurePlace = errs.New(errs.Conflict, "room.closure_place")

// MoveClosure gives a closure that has not begun another time, or does not do it:
// bookings that it would hit are never pushed aside here, for which there is
// ApproveClosure. Who queues for the time that becomes free moves up. It returns
// ErrClosurePlace, ErrDecided, ErrBegun, ErrPast, and booking.ErrResourceTaken with
// what is in the way.
func (s *Service) MoveClosure(ctx context.Context, a auth.Actor, id int64, to models.Relocation) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := s.reshut(tx, a, id, to)
		if err != nil {
			return err
		}
		if err := s.note(tx, a, "room_closure.moved", "room_closure", id, c.OrgID, fmt.Sprintf("%s–%s → %s–%s", c.StartsAt, c.EndsAt, to.Span.Start, to.Span.End)); err != nil {
			return err
		}
		ids, err := closedResources(tx, c.RoomClosure)
		if err != nil {
			return err
		}
		return s.promote(tx, ids)
	})
}

// CheckMoveClosure returns the refusal that MoveClosure would meet, nil for none; it
// changes nothing.
func (s *Service) CheckMoveClosure(ctx context.Context, a auth.Actor, id int64, to models.Relocation) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.reshut(tx, a, id, to); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return err
}

// reshut gives the time of a closure back and takes another. The closure comes back
// as it was.
func (s *Service) reshut(tx *db.Tx, a auth.Actor, id int64, to models.Relocation) (Closure, error) {
	c, err := s.lockClosure(tx, a, id)
	if err != nil {
		return c, err
	}
	ids, err := closedResources(tx, c.RoomClosure)
	switch {
	case err != nil:
		return c, err
	case to.ResourceID != 0 && !slices.Contains(ids, to.ResourceID):
		return c, ErrClosurePlace
	case c.Status != models.ClosureClosed:
		return c, ErrDecided.With("status", string(c.Status)).Add("status", c.Status)
	case !c.StartsAt.After(tx.Now()):
		return c, ErrBegun
	case !to.Span.Start.After(tx.Now()):
		return c, ErrPast.At(errs.Field{Name: "start", Code: "other"})
	}
	if err := booking.Release(tx, booking.Source{Kind: ClosureSource, ID: id}); err != nil {
		return c, err
	}
	moved := c.RoomClosure
	moved.StartsAt, moved.EndsAt = to.Span.Start, to.Span.End
	if err := setClosureTime(tx, moved); err != nil {
		return c, err
	}
	clashes, err := s.shut(tx, moved)
	if err != nil || len(clashes) == 0 {
		return c, err
	}
	taken, err := booking.Taken(tx, clashes)
	if err != nil {
		return c, err
	}
	return c, taken.Add("suggestions", []Suggestion{}).Worded("room.closure_meets")
}
