package room

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// A room, a table in one, a piece of equipment or a whole venue can be retired once
// nothing is to come there: it leaves every list, nobody takes it any more, and what was
// is read as before. It can be taken back.

// Use is something that is to come at a place, and in the way of its being retired.
type Use struct {
	Kind     string         `json:"kind"` // the kernel's source: "room_booking", "activity"; or "room_series", a booking that recurs
	Resource string         `json:"resource"`
	Who      string         `json:"who"` // of bookings of rooms
	Start    models.Instant `json:"start"`
	End      models.Instant `json:"end"`
	Path     string         `json:"path"` // of its page, "" where that is another feature's
}

// Retired is a place that was retired.
type Retired struct {
	Kind      models.RoomKind // "" for a venue
	ID        int64
	Name      string
	VenueID   int64
	Venue     string
	OrgPath   string
	RetiredAt models.Instant
}

// Target is what it is by.
func (r Retired) Target() Target {
	if r.Kind == "" {
		return Target{VenueID: r.ID}
	}
	return Target{VenueID: r.VenueID, RoomID: &r.ID}
}

// giving is a place that is to be retired, or taken back.
type giving struct {
	Retired
	orgID   int64
	wholeID *int64
}

// gives finds a place that stands, or with back one that is retired, for who runs it.
func (s *Service) gives(tx *db.Tx, a auth.Actor, t Target) (giving, error) {
	g, err := placeOf(tx, t)
	if err == nil && !a.CanAt(auth.RoomWrite, g.OrgPath) {
		err = errs.ErrForbidden
	}
	return g, err
}

// Uses lists what is in the way of retiring a place, the next first.
func (s *Service) Uses(ctx context.Context, a auth.Actor, t Target) (out []Use, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		g, err := s.gives(tx, a, t)
		if err != nil {
			return err
		}
		ids, err := takenBy(tx, g)
		if err == nil {
			out, err = s.uses(tx, g, ids)
		}
		return err
	})
	return out, err
}

// Retire gives a place up, with the tables of a room and all of a venue. It returns
// ErrInUse while anything is to come there: nothing is dropped silently.
func (s *Service) Retire(ctx context.Context, a auth.Actor, t Target, reason string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.retire(tx, a, t, reason) })
}

func (s *Service) retire(tx *db.Tx, a auth.Actor, t Target, reason string) error {
	g, err := s.gives(tx, a, t)
	if err != nil {
		return err
	}
	if err := lockVenue(tx, g.VenueID); err != nil { // nobody adds a room meanwhile
		return err
	}
	ids, err := takenBy(tx, g)
	if err != nil {
		return err
	}
	if err := booking.LockResources(tx, ids...); err != nil {
		return err
	}
	if g, err = s.gives(tx, a, t); err != nil {
		return err
	}
	if !g.RetiredAt.IsZero() {
		return errs.ErrNotFound
	}
	found, err := s.uses(tx, g, ids)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return ErrInUse.With("what", g.Name).With("count", len(found)).Add("uses", found)
	}
	if err := retirePlace(tx, g, ids); err != nil {
		return err
	}
	return s.note(tx, a, g.subject()+".retire", g.subject(), g.ID, g.orgID, pairs("name", g.Name, "reason", reason))
}

// Restore takes a place back that was retired, and what was retired with it. It returns
// ErrWholeRetired for a table in a room, or a room in a venue, that is not there, and
// ErrClosedApart for a table that could not be in what takes its room by now.
func (s *Service) Restore(ctx context.Context, a auth.Actor, t Target) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.restore(tx, a, t) })
}

func (s *Service) restore(tx *db.Tx, a auth.Actor, t Target) error {
	g, err := s.gives(tx, a, t)
	if err != nil {
		return err
	}
	if g.RetiredAt.IsZero() {
		return errs.ErrNotFound
	}
	if err := lockVenue(tx, g.VenueID); err != nil {
		return err
	}
	if g.wholeID != nil { // who takes all of the room takes the table too, or comes after
		if err := booking.LockResources(tx, g.ID, *g.wholeID); err != nil {
			return err
		}
	}
	if gone, err := standsInRetired(tx, g); err != nil || gone {
		return orElse(err, ErrWholeRetired.With("what", g.Name))
	}
	if g.wholeID != nil {
		if err := mayRejoin(tx, g); err != nil {
			return err
		}
	}
	if err := restorePlace(tx, g); err != nil {
		return err
	}
	return s.note(tx, a, g.subject()+".restore", g.subject(), g.ID, g.orgID, pairs("name", g.Name))
}

// mayRejoin holds a table that comes back to what takes all of its room: while it was
// away the room was given to others without it, at times that a closure of the table may
// have. It returns ErrClosedApart for the first of those closures.
func mayRejoin(tx *db.Tx, table giving) error {
	closed, taken, err := closedApart(tx, table.ID, *table.wholeID)
	if err != nil || closed == nil {
		return err
	}
	conflicts, err := booking.Conflicts(tx, taken)
	if err != nil {
		return err
	}
	return ErrClosedApart.With("what", table.Name).With("reason", closed.Reason).With("until", closed.EndsAt).
		With("room", conflicts[0].Resource).With("from", conflicts[0].Start).With("to", conflicts[0].End).
		Add("closure", closed.ID).Add("conflicts", conflicts)
}

// subject is the log's word for it.
func (r Retired) subject() string {
	if r.Kind == "" {
		return "venue"
	}
	return "room"
}

// Gone lists what was retired at the actor's places, the last first. What was retired
// with its room or its venue comes back with that.
func (s *Service) Gone(ctx context.Context, a auth.Actor) (out []Retired, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = retired(tx, a.Scope(auth.RoomWrite)); return err })
	return out, err
}

// uses lists the living bookings, those that queue too, the bookings that recur, and what
// other features have taken. A closure is no use; and what takes all of a room goes on
// without a table of it.
func (s *Service) uses(tx *db.Tx, g giving, ids []int64) ([]Use, error) {
	out := []Use{}
	if len(ids) == 0 {
		return out, nil
	}
	all, err := livingOn(tx, ids, g.wholeID)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		u := Use{Source, b.Title(), b.Name, b.StartsAt, b.EndsAt, bookingPath(b.UID)}
		if b.Status == models.RoomProposed {
			u.Resource, u.Start, u.End = b.ProposedTitle(), b.ProposedStart, b.ProposedEnd
		}
		out = append(out, u)
	}
	others, err := othersOn(tx, ids, g.wholeID)
	if err != nil {
		return nil, err
	}
	seen := map[booking.Source]bool{}
	for _, r := range others {
		src := booking.Source{Kind: r.SourceKind, ID: r.SourceID}
		if !seen[src] {
			out = append(out, Use{Kind: r.SourceKind, Resource: r.Name, Start: r.StartsAt, End: r.EndsAt})
		}
		seen[src] = true
	}
	series, err := seriesOn(tx, g.VenueID, models.DayOf(tx.Now(), s.zone))
	if err != nil {
		return nil, err
	}
	for _, row := range series {
		takes, err := row.takes()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(takes, func(id int64) bool { return slices.Contains(ids, id) }) {
			from := row.SpanOn(row.MadeUntil, s.zone)
			out = append(out, Use{Kind: "room_series", Resource: row.RoomName, Who: row.Name, Start: from.Start, End: from.End, Path: row.path()})
		}
	}
	slices.SortStableFunc(out, func(a, b Use) int { return a.Start.Time().Compare(b.Start.Time()) })
	return out, nil
}
