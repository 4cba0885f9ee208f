package room

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Request is a booking that waits for a yes, as who decides about it sees it.
type Request struct {
	Booking
	Rivals []Rival // the other requests for some of the same time, the first come first
	Ahead  int     // how many of them came before it
	Mine   bool    // it waits for the actor's yes
}

// Settles reports whether the actor's yes is the last that is missing.
func (r Request) Settles(a auth.Actor) bool {
	return (r.PlaceOK != models.ConsentWanted || r.runs(a, auth.RoomDecide)) && (r.OwnerOK != models.ConsentWanted || r.owns(a, auth.RoomOwn))
}

// Requests lists what waits for the actor's yes, the next deadline first; for one who
// says yes to nothing, what waits at the places where the actor reads bookings.
func (s *Service) Requests(ctx context.Context, a auth.Actor, q list.Query) (out list.Of[Request], err error) {
	sh := Shelf{RecordQuery: booking.RecordQuery{Query: q, When: "upcoming", Status: string(models.RoomPending)}, Decides: a.Can(auth.RoomAnswer)}
	if !sh.Decides {
		sh.All = true
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := listBookings(tx, a, sh)
		if err != nil {
			return err
		}
		all, err := s.requests(tx, a, rows)
		out = list.New(q, all, total)
		return err
	})
	return out, err
}

// RequestsByID returns those of some bookings that wait for the actor's yes, in the
// order they came in.
func (s *Service) RequestsByID(ctx context.Context, a auth.Actor, uids []string) (out []Request, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := pendingByUID(tx, uids)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(b Booking) bool { return !b.mayDecide(a) })
		out, err = s.requests(tx, a, rows)
		return err
	})
	return out, err
}

// Request returns a booking that waits, or waited, for somebody's yes.
func (s *Service) Request(ctx context.Context, a auth.Actor, uid string) (r Request, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := visible(tx, a, uid)
		if err != nil {
			return err
		}
		if !b.mayDecide(a) && !b.runs(a, auth.BookingRead) && !b.owns(a, auth.BookingRead) {
			return errs.ErrNotFound
		}
		all, err := s.requests(tx, a, []Booking{b})
		r = all[0]
		return err
	})
	return r, err
}

// requests adds to some bookings who else wants their time, in a number of queries
// that does not grow with theirs.
func (s *Service) requests(tx *db.Tx, a auth.Actor, rows []Booking) ([]Request, error) {
	out := make([]Request, len(rows))
	claims, err := s.claimsOf(tx, rows)
	if err != nil {
		return nil, err
	}
	var resources []int64
	for _, c := range claims {
		for _, x := range c {
			resources = append(resources, x.ResourceID)
		}
	}
	near, err := pendingOn(tx, resources, 0)
	if err != nil {
		return nil, err
	}
	theirs, err := s.claimsOf(tx, near)
	if err != nil {
		return nil, err
	}
	for i, b := range rows {
		out[i] = Request{Booking: b, Rivals: []Rival{}, Mine: b.Status == models.RoomPending && b.mayDecide(a) && b.EndsAt.After(tx.Now())}
		if b.Status != models.RoomPending {
			continue
		}
		for _, r := range near {
			if r.ID == b.ID || !overlap(claims[b.ID], theirs[r.ID]) {
				continue
			}
			out[i].Rivals = append(out[i].Rivals, viewRival(r))
			if r.ID < b.ID {
				out[i].Ahead++
			}
		}
	}
	return out, nil
}

// claimsOf is what some bookings take, or would.
func (s *Service) claimsOf(tx *db.Tx, rows []Booking) (map[int64][]booking.Claim, error) {
	out := make(map[int64][]booking.Claim, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	var ids []int64
	for _, b := range rows {
		ids = append(ids, b.RoomID)
		for _, x := range b.Extras {
			ids = append(ids, x.ID)
		}
	}
	day := models.DayOf(tx.Now(), s.zone) // hours do not matter to what is taken
	places, _, err := s.places(tx, day, day, slices.Compact(slices.Sorted(slices.Values(ids)))...)
	if err != nil {
		return nil, err
	}
	for _, b := range rows {
		st := setting{place: places[b.RoomID], zone: s.zone}
		for _, x := range b.Extras {
			if p, ok := places[x.ID]; ok {
				st.extras = append(st.extras, p)
			}
		}
		out[b.ID] = st.claims(b.Span())
	}
	return out, nil
}

// Instead lists what could be proposed in place of a request: the nearest free times
// of its room, and the like rooms that are free then.
func (s *Service) Instead(ctx context.Context, a auth.Actor, uid string) (out []Suggestion, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := visible(tx, a, uid)
		if err != nil {
			return err
		}
		st, err := s.settingOf(tx, b)
		if err != nil {
			return err
		}
		found, err := s.suggest(tx, st, s.asked(a, st, b.RoomBooking))
		out = slices.DeleteFunc(found, func(x Suggestion) bool { return x.RoomID == b.RoomID && x.Start == b.StartsAt })
		return err
	})
	return out, err
}

// Ruling is one decision of many. A yes names the rivals that it declines.
type Ruling struct {
	ID     string
	Yes    bool
	Named  []string
	Reason string // of a no
}

// Rule makes one decision; see Approve and Decline.
func (s *Service) Rule(ctx context.Context, a auth.Actor, r Ruling) (Booking, error) {
	switch {
	case r.Yes:
		return s.Approve(ctx, a, r.ID, r.Named)
	case r.Reason == "":
		return Booking{}, errs.FieldFault("reason", "required")
	}
	return s.Decline(ctx, a, r.ID, r.Reason)
}
