package booking

import (
	"context"
	"errors"
	"slices"

	"youyue/app/db"
	"youyue/app/idem"
	"youyue/models"
)

// errRefereed: the unique index refused what a careless program wanted to write.
var errRefereed = errors.New("refereed")

// BookUnguarded is Book as a careless program does it, from the kernel's own
// parts: it reads without a lock and outside its transaction, decides, and
// writes whatever the version is by then. meet is called between reading and
// writing. Tests of the guards need something for them to stop.
func (s *Service) BookUnguarded(ctx context.Context, o Order, meet func()) (Placed, error) {
	for range 2 {
		p, err := s.bookUnguarded(ctx, o, meet)
		if !errors.Is(err, errRefereed) {
			return p, err
		}
	}
	return Placed{}, ErrSeatTaken
}

func (s *Service) bookUnguarded(ctx context.Context, o Order, meet func()) (Placed, error) {
	var e models.Event
	var plan *models.SeatPlan
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if e, err = Event(tx, o.EventID); err == nil {
			plan, err = s.PlanOf(tx, e)
		}
		return err
	})
	if err != nil {
		return Placed{}, err
	}
	meet()
	var r result
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		now, err := LockEvents(tx, e.ID)
		if err != nil {
			return err
		}
		stale := e
		stale.Version = now[e.ID].Version
		b := &batch{svc: s, tx: tx, results: make([]result, 1), first: map[idem.Key]int{},
			states: map[int64]*State{e.ID: {Event: stale, Plan: plan, Map: []byte(e.SeatMap)}}}
		r = b.one(0, o)
		if err := b.write(); !errors.Is(err, db.ErrAgain) {
			return err
		}
		return errRefereed
	})
	if err != nil {
		return Placed{}, err
	}
	return r.placed, r.err
}

// SaveStale writes the places of an event as somebody read them some time ago.
func (s *Service) SaveStale(ctx context.Context, e models.Event) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.saveSeats(tx, []models.Event{e}) })
}

// Commit books a list in one commit, as a lane does.
func (s *Service) Commit(ctx context.Context, orders []Order) ([]Placed, []error) {
	rs := s.commit(ctx, slices.Clone(orders))
	placed, failed := make([]Placed, len(rs)), make([]error, len(rs))
	for i, r := range rs {
		placed[i], failed[i] = r.placed, r.err
	}
	return placed, failed
}

// ChangeCareless changes seats as a careless program does it: it gives the old
// ones back, commits, and then asks for the new ones. between is called when
// the party has neither.
func (s *Service) ChangeCareless(ctx context.Context, id string, seats []int64, between func()) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := Locked(tx, id)
		if err != nil {
			return err
		}
		_, err = s.giveBack(tx, b, e)
		return err
	})
	if err != nil {
		return err
	}
	between()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, e, err := Locked(tx, id)
		if err != nil {
			return err
		}
		plan, err := s.PlanOf(tx, e)
		if err != nil {
			return err
		}
		st := &State{Event: e, Plan: plan, Map: []byte(e.SeatMap)}
		out := Decide(st, tx.Now(), []Ask{{EventID: e.ID, Seats: seats}})[0]
		if out.Refusal != nil {
			return out.Refusal
		}
		st.Event.SeatMap = string(st.Map)
		return errors.Join(s.saveSeats(tx, []models.Event{st.Event}), moveSeats(tx, b, st.refs(out.Ords), nil))
	})
}
