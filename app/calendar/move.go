package calendar

import (
	"context"
	"errors"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Placed is something on the calendar with everything it takes: a whole room is
// taken with its tables and with what goes along.
type Placed struct {
	Entry         // on the place that counts
	Takes []Entry // all of it
	At    Place
	Where []Place // where it could be instead, the place itself among them
}

// Find returns what a source has put on the calendar. place says which of what it
// takes is meant, 0 the room itself. It returns errs.ErrNotFound when nothing of
// it can be seen.
func (s *Service) Find(ctx context.Context, a auth.Actor, kind string, id, place int64) (p Placed, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { p, _, err = s.find(tx, a, kind, id, place); return err })
	return p, err
}

func (s *Service) find(tx *db.Tx, a auth.Actor, kind string, id, place int64) (Placed, []Place, error) {
	all, err := places(tx, a)
	if err != nil {
		return Placed{}, nil, err
	}
	rows, err := occupanciesOf(tx, kind, id)
	if err != nil {
		return Placed{}, nil, err
	}
	takes, err := s.told(tx, rows)
	if err != nil {
		return Placed{}, nil, err
	}
	p := Placed{Takes: takes}
	for _, at := range all {
		i := slices.IndexFunc(takes, func(e Entry) bool { return e.PlaceID == at.ID })
		// All that can be seen goes by venue, a room before its tables: the first is the room.
		if i >= 0 && (p.At.ID == 0 || at.ID == place) {
			p.Entry, p.At = takes[i], at
		}
	}
	if p.At.ID == 0 {
		return p, all, errs.ErrNotFound
	}
	for _, at := range all {
		if at.ID == p.At.ID || at.Kind == p.At.Kind && a.CanAt(auth.CalendarMove, at.Path) {
			p.Where = append(p.Where, at)
		}
	}
	s.movable(a, View{Places: []Place{p.At}, Entries: []Entry{p.Entry}})
	return p, all, nil
}

// Plan is what moving something would meet.
type Plan struct {
	Placed
	To        models.Relocation
	Conflicts []Entry     // what stands at that time, and what queues for it
	Refusal   *errs.Error // of the feature whose it is; nil when it can be done
}

// Plan says what moving something would meet; it changes nothing. It returns
// ErrNoMove when nothing of its kind moves, and errs.ErrForbidden where the actor
// does not plan.
func (s *Service) Plan(ctx context.Context, a auth.Actor, kind string, id, place int64, to models.Relocation) (p Plan, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		var all []Place
		if p.Placed, all, err = s.find(tx, a, kind, id, place); err != nil {
			return err
		}
		if p.To = to; p.To.ResourceID == 0 {
			p.To.ResourceID = p.At.ID
		}
		p.Conflicts, err = s.conflicts(tx, p, all)
		return err
	})
	if err != nil {
		return p, err
	}
	mover, err := s.moverFor(a, p.Placed, p.To)
	if err == nil {
		err = mover.CheckMove(ctx, a, id, p.To)
	}
	if errors.As(err, &p.Refusal) && p.Refusal.Kind != errs.Internal && p.Refusal.Kind != errs.Unavailable {
		err = nil
	}
	return p, err
}

// moverFor returns who moves something, or the refusal.
func (s *Service) moverFor(a auth.Actor, p Placed, to models.Relocation) (Mover, error) {
	mover := s.kinds[p.Kind].Mover
	i := slices.IndexFunc(p.Where, func(x Place) bool { return x.ID == to.ResourceID })
	switch {
	case mover == nil:
		return nil, ErrNoMove
	case !to.Span.Valid():
		return nil, errs.FieldFault("until", "other")
	case !p.Span.Start.After(s.db.Now()), !to.Span.Start.After(s.db.Now()):
		return nil, ErrTooLate
	case !a.CanAt(auth.CalendarMove, p.At.Path), i < 0:
		return nil, errs.ErrForbidden
	}
	return mover, nil
}

// conflicts lists what else has, or waits for, the time and the places that would
// be taken: buffers go along as they are.
func (s *Service) conflicts(tx *db.Tx, p Plan, all []Place) ([]Entry, error) {
	if !p.To.Span.Valid() {
		return nil, nil
	}
	held := models.Span{Start: p.To.Span.Start.Add(p.Held.Start.Sub(p.Span.Start)), End: p.To.Span.End.Add(p.Held.End.Sub(p.Span.End))}
	var at []Place
	for _, x := range all {
		own := slices.ContainsFunc(p.Takes, func(e Entry) bool { return e.PlaceID == x.ID })
		stays := own && (p.To.ResourceID == p.At.ID || x.Kind != p.At.Kind && x.WholeID != p.At.ID) // equipment goes along
		if x.ID == p.To.ResourceID || x.WholeID == p.To.ResourceID || stays {
			at = append(at, x)
		}
	}
	found, err := s.entries(tx, at, held)
	return slices.DeleteFunc(found, func(e Entry) bool { return e.Kind == p.Kind && e.ID == p.ID }), err
}

// Move gives something on the calendar another time or place through the feature
// whose it is, and returns where it was. Its refusals are the feature's, and
// those of Plan.
func (s *Service) Move(ctx context.Context, a auth.Actor, kind string, id, place int64, to models.Relocation) (was models.Relocation, err error) {
	to.Reason = strings.TrimSpace(to.Reason)
	var p Placed
	err = s.db.Read(ctx, func(tx *db.Tx) error { p, _, err = s.find(tx, a, kind, id, place); return err })
	if err != nil {
		return was, err
	}
	if to.ResourceID == 0 {
		to.ResourceID = p.At.ID
	}
	mover, err := s.moverFor(a, p, to)
	if err != nil {
		return was, err
	}
	return models.Relocation{ResourceID: p.At.ID, Span: p.Span}, mover.Move(ctx, a, id, to)
}
