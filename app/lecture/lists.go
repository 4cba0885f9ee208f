package lecture

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Shelf narrows the list of orders.
type Shelf struct {
	list.Query
	Mine  bool // the actor's own alone
	State models.LectureState
}

// Orders lists the orders that the actor may see, the last first.
func (s *Service) Orders(ctx context.Context, a auth.Actor, f Shelf) (out list.Of[Order], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := listOrders(tx, a, f)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := s.reveal(tx, a, &rows[i]); err != nil {
				return err
			}
		}
		out = list.New(f.Query, rows, total)
		return nil
	})
	return out, err
}

// Board is what dispatchers have before them.
type Board struct {
	Overdue  []Order // the step should have been taken by now, the most overdue first
	Due      []Order // to review or to dispatch, the next due first
	Asked    []Order // teams are asked and have not answered
	Returned []Order // whoever ordered has to answer
	Ahead    []Order // agreed, by start
	Unmarked []Order // held within a week, and nobody marked the end: was it?
	Wishes   int     // open lines of the wish list
}

// Board sorts the living orders of the communities that the actor reads.
func (s *Service) Board(ctx context.Context, a auth.Actor) (b Board, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := living(tx, a)
		now := tx.Now()
		for _, o := range all {
			switch {
			case o.State == models.LectureReturned:
				b.Returned = append(b.Returned, o)
			case o.State == models.LectureDispatched:
				b.Asked = append(b.Asked, o)
			case o.State.Agreed():
				b.Ahead = append(b.Ahead, o)
			case o.State == models.LectureEscalated || o.Overdue(now):
				b.Overdue = append(b.Overdue, o)
			default:
				b.Due = append(b.Due, o)
			}
		}
		if err != nil {
			return err
		}
		slices.SortStableFunc(b.Ahead, func(x, y Order) int { return x.StartsAt.Time().Compare(y.StartsAt.Time()) })
		where, args := db.Below("g.path", a.Scope(auth.LectureRead))
		if b.Unmarked, err = orders(tx, "s.flagged AND o.merged_into IS NULL AND s.ended_at > ? AND "+where+" ORDER BY s.ended_at, o.id", append([]any{now.Add(-7 * day)}, args...)...); err != nil {
			return err
		}
		b.Wishes, err = countWishes(tx, where, args)
		return err
	})
	return b, err
}

// Duty is what a team has before it: offers that wait, and sessions to come.
type Duty struct {
	Offers   []Linked
	Sessions []Order
}

// Duty lists what the teams that the actor leads have before them.
func (s *Service) Duty(ctx context.Context, a auth.Actor) (d Duty, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		orgs := a.OrgsWith(auth.LectureServe)
		if len(orgs) == 0 {
			return nil
		}
		waiting, err := waitingFor(tx, orgs)
		if err != nil {
			return err
		}
		for _, x := range waiting {
			o, err := oneOrder(tx, "o.id = ?", x.OrderID)
			if err != nil {
				return err
			}
			d.Offers = append(d.Offers, Linked{x, o})
		}
		if d.Sessions, err = orders(tx, "tm.org_id IN ? AND o.merged_into IS NULL AND o.state IN ('accepted', 'in_service') ORDER BY s.starts_at, o.id", orgs); err != nil {
			return err
		}
		for i := range d.Sessions {
			if err := s.reveal(tx, a, &d.Sessions[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return d, err
}

// Asked is the offer of an order that waits for the actor's own answer; none when
// nothing does.
func (s *Service) Asked(ctx context.Context, a auth.Actor, id string) (x Offer, ok bool, err error) {
	own := a.OrgsWith(auth.LectureServe)
	if len(own) == 0 {
		return x, false, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := offersOf(tx, id)
		i := slices.IndexFunc(all, func(x Offer) bool { return x.State == models.OfferWaiting && slices.Contains(own, x.TeamOrgID) })
		if ok = i >= 0; ok {
			x = all[i]
		}
		return err
	})
	return x, ok, err
}

// Offers lists the offers of an order for staff of its community.
func (s *Service) Offers(ctx context.Context, a auth.Actor, id string) (out []Offer, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		o, err := s.visible(tx, a, id)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.LectureRead, o.OrgPath) {
			return errs.ErrForbidden
		}
		out, err = offersOf(tx, id)
		return err
	})
	return out, err
}

// Callbacks lists the orders that were drawn to be called back and were not yet,
// the oldest first.
func (s *Service) Callbacks(ctx context.Context, a auth.Actor) (out []Order, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := db.Below("g.path", a.Scope(auth.LectureRead))
		out, err = orders(tx, "o.callback AND o.called_at IS NULL AND o.state = 'closed' AND "+where+" ORDER BY o.closed_at, o.id LIMIT 200", args...)
		for i := range out {
			if err := s.unseal(&out[i], false, out[i].Staffed(a)); err != nil {
				return err
			}
		}
		return err
	})
	return out, err
}

// Called notes that an order's people were called back, and what they said.
func (s *Service) Called(ctx context.Context, a auth.Actor, id, said string) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if !o.Callback || !o.CalledAt.IsZero() {
			return notNow(o)
		}
		if err := setCalled(tx, id, said); err != nil {
			return err
		}
		return note(tx, by{a, models.ChannelPhone, ""}, *o, "called", "")
	})
}
