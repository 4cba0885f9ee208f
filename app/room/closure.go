package room

import (
	"context"
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// Closing is a wish to close a room, or with no room all of a venue, for a time.
type Closing struct {
	VenueID int64
	RoomID  int64
	Span    models.Span
	Reason  string
	Key     idem.Key
}

// Hit is a booking in the way of a closure, with the slot that is proposed for it;
// none was found when Proposed is nil.
type Hit struct {
	ID       string                   `json:"id"`
	Version  int                      `json:"version"`
	Name     string                   `json:"name"`
	Room     string                   `json:"room"`
	Purpose  string                   `json:"purpose"`
	Start    models.Instant           `json:"start"`
	End      models.Instant           `json:"end"`
	Status   models.RoomBookingStatus `json:"status" validate:"oneof=pending proposed booked attended"`
	Proposed *Suggestion              `json:"proposed"`
}

// Closure is a closure as it is read, with what it hits while it is a draft.
type Closure struct {
	models.RoomClosure
	Venue    string
	OrgID    int64
	OrgPath  string
	RoomName string
	Hits     []Hit              `gorm:"-"`
	Others   []booking.Conflict `gorm:"-"` // uses of other kinds, whose people decide about them
}

// Close closes a place at once when nothing is in the way; else it makes a draft that
// shows every booking it would hit, with a new slot proposed for each. It returns
// errs.ErrForbidden outside the actor's scope.
func (s *Service) Close(ctx context.Context, a auth.Actor, c Closing) (out Closure, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, c.Key, func() (int64, error) { return s.draft(tx, a, c) })
		if err != nil {
			return err
		}
		out, err = s.closure(tx, a, id)
		return err
	})
	return out, err
}

func (s *Service) draft(tx *db.Tx, a auth.Actor, c Closing) (int64, error) {
	row := models.RoomClosure{VenueID: c.VenueID, StartsAt: c.Span.Start, EndsAt: c.Span.End, Reason: c.Reason, Status: models.ClosureDraft, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if c.RoomID != 0 {
		r, err := room(tx, c.RoomID)
		if err != nil {
			return 0, errs.FieldFault("room_id", "unknown")
		}
		row.VenueID, row.RoomID = r.VenueID, &r.ID
	}
	v, err := venueByID(tx, row.VenueID)
	switch {
	case err != nil:
		return 0, errs.FieldFault("venue_id", "unknown")
	case !a.CanAt(auth.RoomDecide, v.OrgPath):
		return 0, errs.ErrForbidden
	case !c.Span.Valid():
		return 0, ErrSpan.At(errs.Field{Name: "end", Code: "other"})
	case !c.Span.End.After(tx.Now()):
		return 0, ErrPast.At(errs.Field{Name: "end", Code: "other"})
	}
	if err := lockVenue(tx, row.VenueID); err != nil { // nothing comes to it, or is taken back, meanwhile
		return 0, err
	}
	if err := tx.Insert(&row); err != nil {
		return 0, fmt.Errorf("closure: %w", err)
	}
	clashes, err := s.shut(tx, row)
	if err != nil {
		return 0, err
	}
	after := string(models.ClosureDraft)
	if len(clashes) == 0 {
		after = string(models.ClosureClosed)
	}
	return row.ID, s.note(tx, a, "room_closure."+after, "room_closure", row.ID, v.OrgID, fmt.Sprintf("%s–%s %s", row.StartsAt, row.EndsAt, row.Reason))
}

// shut takes the time of a closure, or says what is in the way.
func (s *Service) shut(tx *db.Tx, c models.RoomClosure) ([]booking.Clash, error) {
	ids, err := closedResources(tx, c)
	if err != nil {
		return nil, err
	}
	claims := make([]booking.Claim, len(ids))
	for i, id := range ids {
		claims[i] = booking.Claim{ResourceID: id, Span: c.Span()}
	}
	clashes, err := booking.Reserve(tx, booking.Source{Kind: ClosureSource, ID: c.ID}, claims...)
	if err != nil || len(clashes) > 0 {
		return clashes, err
	}
	return nil, setClosure(tx, c.ID, models.ClosureClosed)
}

// closure reads a closure at a place where the actor reads bookings.
func (s *Service) closure(tx *db.Tx, a auth.Actor, id int64) (Closure, error) {
	c, err := closureByID(tx, id)
	if err == nil && !a.CanAt(auth.BookingRead, c.OrgPath) {
		err = errs.ErrNotFound
	}
	if err != nil || c.Status != models.ClosureDraft {
		c.Hits, c.Others = []Hit{}, []booking.Conflict{}
		return c, err
	}
	c.Hits, c.Others, err = s.hits(tx, a, c.RoomClosure)
	return c, err
}

// Closure returns one closure.
func (s *Service) Closure(ctx context.Context, a auth.Actor, id int64) (out Closure, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = s.closure(tx, a, id); return err })
	return out, err
}

// ClosuresAt lists the closures and drafts from now on at the actor's places.
func (s *Service) ClosuresAt(ctx context.Context, a auth.Actor) (out []Closure, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = closures(tx, a.Scope(auth.BookingRead)); return err })
	return out, err
}

// hits lists the bookings in the way of a closure, each with the nearest slot that is
// free for it and not proposed to another, and the uses of other kinds.
func (s *Service) hits(tx *db.Tx, a auth.Actor, c models.RoomClosure) ([]Hit, []booking.Conflict, error) {
	ids, err := closedResources(tx, c)
	if err != nil {
		return nil, nil, err
	}
	rows, err := busy(tx, ids, c.Span())
	if err != nil {
		return nil, nil, err
	}
	hits, others, seen := []Hit{}, []booking.Clash{}, map[int64]bool{}
	var promised []booking.Claim
	for _, r := range rows {
		switch {
		case r.SourceKind != Source:
			others = append(others, r.clash())
		case !seen[r.SourceID]:
			seen[r.SourceID] = true
			h, err := s.hit(tx, a, c, ids, r.SourceID, &promised)
			if err != nil {
				return nil, nil, err
			}
			hits = append(hits, h)
		}
	}
	conflicts, err := booking.Conflicts(tx, others)
	return hits, conflicts, err
}

// hit proposes another slot for one booking: the nearest in its room outside the
// closure, else the same time in a room like it.
func (s *Service) hit(tx *db.Tx, a auth.Actor, c models.RoomClosure, closed []int64, id int64, promised *[]booking.Claim) (Hit, error) {
	b, err := byID(tx, id)
	if err != nil {
		return Hit{}, err
	}
	h := Hit{ID: b.UID, Version: b.Version, Name: b.Name, Room: b.Title(), Purpose: b.Purpose, Start: b.StartsAt, End: b.EndsAt, Status: b.Status}
	st, err := s.settingOf(tx, b)
	if err != nil {
		return h, err
	}
	ask := s.asked(a, st, b.RoomBooking)
	free := func(st setting, sp models.Span) bool {
		claims := st.claims(sp)
		return !overlap(claims, *promised) && !slices.ContainsFunc(claims, func(x booking.Claim) bool {
			return slices.Contains(closed, x.ResourceID) && x.Span.Overlaps(c.Span())
		})
	}
	take := func(st setting, sp models.Span) {
		h.Proposed = &Suggestion{st.ID, st.Title(), sp.Start, sp.End}
		*promised = append(*promised, st.claims(sp)...)
	}
	alike, err := s.alike(tx, st, ask)
	if err != nil {
		return h, err
	}
	for _, x := range alike { // the same time is least trouble
		sp := models.Span{Start: x.Start, End: x.End}
		other, err := s.settingIn(tx, b, x.RoomID, sp)
		if err != nil {
			continue // what goes along belongs to this venue
		}
		if free(other, sp) {
			take(other, sp)
			return h, nil
		}
	}
	const tries = 400
	near, err := s.nearest(tx, st, ask, tries)
	if err != nil {
		return h, err
	}
	for _, sp := range near {
		if free(st, sp) {
			take(st, sp)
			break
		}
	}
	return h, nil
}

// Resolution is what is decided about one hit: another slot, or an end.
type Resolution struct {
	ID      string
	Version int
	RoomID  int64
	Span    models.Span // zero: it is cancelled
}

// ApproveClosure closes a place in one step: every booking that is hit is offered its
// slot, which is held until the booker answers, or is cancelled; all are told.
// Without resolutions the proposals of this moment are taken. It returns
// ErrClosureHits when the bookings are no longer those that were resolved, and
// booking.ErrResourceTaken when a use of another kind is in the way.
func (s *Service) ApproveClosure(ctx context.Context, a auth.Actor, id int64, all []Resolution) (out Closure, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := s.lockClosure(tx, a, id)
		if err != nil {
			return err
		}
		if c.Status != models.ClosureDraft {
			return ErrDecided.With("status", string(c.Status)).Add("status", c.Status)
		}
		hits, _, err := s.hits(tx, a, c.RoomClosure)
		if err != nil {
			return err
		}
		if all == nil {
			all = proposals(hits)
		}
		if !resolved(hits, all) {
			return ErrClosureHits.Add("hits", hits)
		}
		if err := s.resolve(tx, a, c, all); err != nil {
			return err
		}
		clashes, err := s.shut(tx, c.RoomClosure)
		if err != nil {
			return err
		}
		if len(clashes) > 0 {
			e, err := booking.Taken(tx, clashes)
			if err != nil {
				return err
			}
			return e.Add("suggestions", []Suggestion{})
		}
		if err := s.note(tx, a, "room_closure.closed", "room_closure", id, c.OrgID, fmt.Sprintf("%d bookings", len(all))); err != nil {
			return err
		}
		out, err = s.closure(tx, a, id)
		return err
	})
	return out, err
}

func (s *Service) lockClosure(tx *db.Tx, a auth.Actor, id int64) (Closure, error) {
	c, err := closureByID(tx, id)
	if err != nil {
		return c, err
	}
	if !a.CanAt(auth.RoomDecide, c.OrgPath) {
		return c, errs.ErrNotFound
	}
	if err := lockVenue(tx, c.VenueID); err != nil { // nothing comes to it, or is taken back, meanwhile
		return c, err
	}
	ids, err := closedResources(tx, c.RoomClosure)
	if err != nil {
		return c, err
	}
	if err := booking.LockResources(tx, ids...); err != nil {
		return c, err
	}
	return closureByID(tx, id)
}

func proposals(hits []Hit) []Resolution {
	out := make([]Resolution, len(hits))
	for i, h := range hits {
		out[i] = Resolution{ID: h.ID, Version: h.Version}
		if h.Proposed != nil {
			out[i].RoomID, out[i].Span = h.Proposed.RoomID, models.Span{Start: h.Proposed.Start, End: h.Proposed.End}
		}
	}
	return out
}

// resolved reports whether every hit was resolved as it stands now, and nothing else.
func resolved(hits []Hit, all []Resolution) bool {
	return len(hits) == len(all) && !slices.ContainsFunc(hits, func(h Hit) bool {
		return !slices.ContainsFunc(all, func(r Resolution) bool { return r.ID == h.ID && (r.Version == 0 || r.Version == h.Version) })
	})
}

func (s *Service) resolve(tx *db.Tx, a auth.Actor, c Closure, all []Resolution) error {
	for _, r := range all {
		b, err := byUID(tx, r.ID)
		if err != nil {
			return err
		}
		if b.Status == models.RoomAttended { // they are there: who closes the place sees them out, and the rest is free
			if err := booking.Release(tx, source(b.ID)); err != nil {
				return err
			}
			continue
		}
		if r.Span == (models.Span{}) || b.Status == models.RoomProposed {
			if err := s.end(tx, a, b, models.RoomCancelled, c.Reason, notify.RoomCancelled); err != nil {
				return err
			}
			continue
		}
		if err := s.offer(tx, a, b, Another{Span: r.Span, RoomID: r.RoomID, Reason: c.Reason}); err != nil {
			return err
		}
	}
	return nil
}

// Reopen ends a closure, or drops a draft.
func (s *Service) Reopen(ctx context.Context, a auth.Actor, id int64) (out Closure, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		c, err := s.lockClosure(tx, a, id)
		if err != nil {
			return err
		}
		if !c.Status.CanBecome(models.ClosureLifted) {
			return ErrDecided.With("status", string(c.Status)).Add("status", c.Status)
		}
		if err := booking.Release(tx, booking.Source{Kind: ClosureSource, ID: id}); err != nil {
			return err
		}
		if err := setClosure(tx, id, models.ClosureLifted); err != nil {
			return err
		}
		if err := s.note(tx, a, "room_closure.lifted", "room_closure", id, c.OrgID, c.Reason); err != nil {
			return err
		}
		ids, err := closedResources(tx, c.RoomClosure)
		if err != nil {
			return err
		}
		if err := s.promote(tx, ids); err != nil {
			return err
		}
		out, err = s.closure(tx, a, id)
		return err
	})
	return out, err
}
