// Package outage is seats of a hall that are out of order: they are said to be
// broken for a while, every screening of that time is mended at once (broken seats
// blocked, parties given others and told), and whoever finds no other seat waits
// for people to decide. The decision itself is the kernel's; what is shown in the
// hall is of no concern here.
package outage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/venue"
	"youyue/models"
)

// The refusals of this feature.
var (
	// ErrSpan: an outage must begin before it ends, end in the future, and
	// last no longer than the hall is planned ahead.
	ErrSpan = errs.New(errs.Invalid, "outage.span")
	// ErrOver: none of the outages named stands any more.
	ErrOver = errs.New(errs.Conflict, "outage.over")
)

// Service is the feature.
type Service struct {
	db     *db.DB
	kernel *booking.Service
	zone   *time.Location
}

// New returns the feature; the zone is that of the halls.
func New(d *db.DB, kernel *booking.Service, zone *time.Location) *Service {
	return &Service{db: d, kernel: kernel, zone: zone}
}

// maxMended bounds the events that one outage reaches.
const maxMended = 500

// Outage is what somebody says of seats that broke. The seats are those of the
// hall's plan in use.
type Outage struct {
	HallID int64
	Seats  []int64
	From   models.Instant
	To     models.Instant
	Reason string
}

// Outcome is what an outage, or its end, did to the screenings it reaches.
type Outcome struct {
	Outages []models.SeatOutage
	Events  []booking.Mended
}

// Moved counts the parties that got other seats, Waiting those that people must
// decide about.
func (o Outcome) Moved() (n int) {
	o.each(func(h booking.Hit) {
		if h.Stuck == booking.StuckNowhere {
			n++
		}
	})
	return n
}

// Waiting counts the parties that keep a broken seat until people decide.
func (o Outcome) Waiting() (n int) {
	o.each(func(h booking.Hit) {
		if h.Stuck != booking.StuckNowhere {
			n++
		}
	})
	return n
}

func (o Outcome) each(f func(booking.Hit)) {
	for _, m := range o.Events {
		for _, h := range m.Hits {
			f(h)
		}
	}
}

// Outages lists what stands of a hall's outages and what comes.
func (s *Service) Outages(ctx context.Context, a auth.Actor, hallID int64) (h venue.Hall, out []models.SeatOutage, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if h, err = venue.GetFor(tx, a, auth.HallCalendar, hallID); err != nil {
			return err
		}
		out, err = venue.Outages(tx, hallID)
		return err
	})
	return h, out, err
}

// rowsOf holds an outage to its rules and names its seats.
func (s *Service) rowsOf(tx *db.Tx, a auth.Actor, in Outage) (venue.Hall, []models.SeatOutage, error) {
	h, err := venue.GetFor(tx, a, auth.PlanWrite, in.HallID)
	if err != nil {
		return h, nil, err
	}
	if !in.From.Before(in.To) || !in.To.After(tx.Now()) || in.To.Sub(in.From) > venue.MaxAhead {
		return h, nil, ErrSpan.With("days", int(venue.MaxAhead/(24*time.Hour))).At(errs.Field{Name: "to", Code: "other"})
	}
	if len(in.Seats) == 0 {
		return h, nil, errs.FieldFault("seats", "required")
	}
	plan, err := s.kernel.Plan(tx, *h.PlanID)
	if err != nil {
		return h, nil, err
	}
	var rows []models.SeatOutage
	for i, id := range in.Seats {
		o, ok := plan.Ord(id)
		if !ok || slices.Contains(in.Seats[:i], id) {
			return h, nil, booking.ErrUnknownSeat.At(errs.Field{Name: fmt.Sprintf("seats[%d]", i), Code: "unknown_seat"})
		}
		seat := plan.Seats[o]
		rows = append(rows, models.SeatOutage{HallID: h.ID, RowTag: seat.RowTag, Number: seat.Number, StartsAt: in.From, EndsAt: in.To,
			Reason: in.Reason, CreatedBy: a.AccountID, CreatedAt: tx.Now()})
	}
	return h, rows, nil
}

// Foresee tells which parties an outage would hit, and the seats they would get.
// It changes nothing; BreakSeats decides again on what is true then.
func (s *Service) Foresee(ctx context.Context, a auth.Actor, in Outage) (out Outcome, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		h, rows, err := s.rowsOf(tx, a, in)
		if err != nil {
			return err
		}
		ids, err := reached(tx, h.ID, models.Span{Start: in.From, End: in.To})
		if err != nil {
			return err
		}
		out = Outcome{Outages: rows}
		for _, id := range ids {
			m, err := s.kernel.Foresee(tx, id, rows...)
			if err != nil {
				return err
			}
			out.Events = append(out.Events, m)
		}
		return nil
	})
	return out, err
}

// BreakSeats declares seats out of order, then mends one screening after the
// other, each in one go: broken seats are blocked, parties get others and are
// told. A party for which nothing is free keeps its seats and comes back as
// stuck. Screenings opened later have the seats blocked from the first. When it
// fails half-way, MendHall goes on.
func (s *Service) BreakSeats(ctx context.Context, a auth.Actor, in Outage) (Outcome, error) {
	var rows []models.SeatOutage
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		h, found, err := s.rowsOf(tx, a, in)
		if err != nil {
			return err
		}
		rows = found
		// Whoever opens a screening holds this lock too.
		if err := booking.LockResources(tx, h.ID); err != nil {
			return err
		}
		if err := insertOutages(tx, rows); err != nil {
			return err
		}
		return note(tx, a, h, "outage.add", rows, in.Reason)
	})
	if err != nil {
		return Outcome{}, err
	}
	events, err := s.mendAll(ctx, a, in.HallID, models.Span{Start: in.From, End: in.To})
	return Outcome{rows, events}, err
}

// LiftOutages says that seats are in order again: they can be sold at once, in
// every screening to come. ErrOver when none of them stands any more.
func (s *Service) LiftOutages(ctx context.Context, a auth.Actor, hallID int64, ids []int64) (Outcome, error) {
	var rows []models.SeatOutage
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := venue.GetFor(tx, a, auth.PlanWrite, hallID)
		if err != nil {
			return err
		}
		if err := booking.LockResources(tx, h.ID); err != nil {
			return err
		}
		rows = nil
		if rows, err = livingOutages(tx, h.ID, ids); err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrOver
		}
		for i := range rows {
			rows[i].LiftedAt, rows[i].LiftedBy = tx.Now(), &a.AccountID
			if err := liftOutage(tx, a, rows[i].ID); err != nil {
				return err
			}
		}
		return note(tx, a, h, "outage.lift", rows, "")
	})
	if err != nil {
		return Outcome{}, err
	}
	span := rows[0].Span()
	for _, r := range rows {
		if r.StartsAt.Before(span.Start) {
			span.Start = r.StartsAt
		}
		if r.EndsAt.After(span.End) {
			span.End = r.EndsAt
		}
	}
	events, err := s.mendAll(ctx, a, hallID, span)
	return Outcome{rows, events}, err
}

func note(tx *db.Tx, a auth.Actor, h venue.Hall, action string, rows []models.SeatOutage, reason string) error {
	labels := make([]string, len(rows))
	for i, r := range rows {
		labels[i] = r.Label()
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "hall", fmt.Sprint(h.ID), &h.OrgID
	line.After, line.Reason = fmt.Sprintf("%s, %s–%s", strings.Join(labels, "、"), rows[0].StartsAt, rows[0].EndsAt), reason
	return audit.Write(tx, line)
}

// MendHall tries again for every screening to come: parties that waited for a
// free seat get one if there is one now.
func (s *Service) MendHall(ctx context.Context, a auth.Actor, hallID int64) (Outcome, error) {
	var now models.Instant
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		_, err := venue.GetFor(tx, a, auth.PlanWrite, hallID)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	events, err := s.mendAll(ctx, a, hallID, models.Span{Start: now, End: now.Add(venue.MaxAhead)})
	return Outcome{Events: events}, err
}

// mendAll mends the screenings that a span meets, each in a transaction of its
// own, and returns those where something was to be done.
func (s *Service) mendAll(ctx context.Context, a auth.Actor, hallID int64, span models.Span) ([]booking.Mended, error) {
	var ids []int64
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) { ids, err = reached(tx, hallID, span); return err }); err != nil {
		return nil, err
	}
	var out []booking.Mended
	for _, id := range ids {
		var m booking.Mended
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) { m, err = s.kernel.MendEvent(tx, a, id); return err })
		if err != nil {
			return out, fmt.Errorf("screening %d: %w", id, err)
		}
		if m.Changes() || len(m.Hits) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// Undecided lists the screenings of a hall where outages have left something to
// do: parties that keep a broken seat, and what a failure left half-way.
func (s *Service) Undecided(ctx context.Context, a auth.Actor, hallID int64) (out Outcome, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := venue.GetFor(tx, a, auth.HallCalendar, hallID); err != nil {
			return err
		}
		if out.Outages, err = venue.Outages(tx, hallID); err != nil || len(out.Outages) == 0 {
			return err
		}
		ids, err := reached(tx, hallID, models.Span{Start: tx.Now(), End: tx.Now().Add(venue.MaxAhead)})
		if err != nil {
			return err
		}
		for _, id := range ids {
			e, err := booking.Event(tx, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(out.Outages, func(o models.SeatOutage) bool { return o.Span().Overlaps(e.Span()) }) {
				continue
			}
			m, err := s.kernel.Foresee(tx, id)
			if err != nil {
				return err
			}
			if m.Changes() || len(m.Hits) > 0 {
				out.Events = append(out.Events, m)
			}
		}
		return nil
	})
	return out, err
}

// GiveUpBroken has a stuck party do without its broken seats. It returns the
// kernel's refusals, and errs.ErrNotFound for a booking of a hall elsewhere.
func (s *Service) GiveUpBroken(ctx context.Context, a auth.Actor, id string) (b models.Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		old, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		if _, err := venue.GetFor(tx, a, auth.PlanWrite, e.ResourceID); err != nil {
			return errs.ErrNotFound
		}
		b, err = s.kernel.GiveUpBroken(tx, a, old, e)
		return err
	})
	return b, err
}
