// Package activity is what residents join: reading clubs, yoga, classes, visits,
// the services of a station. Places are the kernel's to give: each session, or a
// whole term, is an event of numbered places, and a sign-up is a booking there, a
// place on its waiting list, or an entry until the draw.
package activity

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
	"youyue/app/notify"
	"youyue/models"
)

// Rooms gives the claims for a room with its tables, buffers and equipment, or
// refuses when it is not open then.
type Rooms interface {
	Claims(tx *db.Tx, roomID int64, span models.Span, extras ...int64) ([]booking.Claim, error)
}

// Draws holds the public draw: Commit freezes a list of entries and publishes a
// commitment, to be fulfilled with a named public value before a moment; Reveal takes
// that value and returns the entries in the drawn order.
type Draws interface {
	Commit(tx *db.Tx, a auth.Actor, d Drawing) (id int64, err error)
	Reveal(tx *db.Tx, a auth.Actor, id int64, value string) (order []string, err error)
}

// Drawing is a draw to be committed to. Entries and labels are public.
type Drawing struct {
	ActivityID int64
	OrgID      int64
	Title      string
	Entries    []DrawingEntry
	Value      string // which public value it will be
	Due        models.Instant
}

// DrawingEntry is one party, as the public reads it.
type DrawingEntry struct{ ID, Label string }

// Sealer keeps addresses unreadable in the database.
type Sealer interface {
	Seal(text string) string
	Open(sealed string) (string, error)
}

// Signer seals what a QR picture holds.
type Signer interface {
	Sign(purpose, payload string) string
	Verify(purpose, token string) (payload string, ok bool)
}

// Service is the feature. It is safe for concurrent use.
type Service struct {
	Config
}

// Config is what the feature is built from.
type Config struct {
	DB      *db.DB
	Kernel  *booking.Service
	Notices *notify.Service
	Desk    booking.Desk
	Rooms   Rooms // nil: activities take no rooms
	Draws   Draws // nil: first come alone
	Sealer  Sealer
	Signer  Signer
	BaseURL string
	Zone    *time.Location
}

// Kind is the kernel's word for our events, and for what rooms are taken by.
const Kind = "activity"

// New returns the feature.
func New(c Config) *Service {
	c.Kernel.SetPages(Kind, booking.Pages{List: "/activities", Event: "/activities/of/", Booking: "/signups/"})
	return &Service{c}
}

// CanDraw reports whether places can be drawn here.
func (s *Service) CanDraw() bool { return s.Draws != nil }

// Usual values, ours; a plan may say otherwise where a field does.
const (
	maxAhead     = 400 * 24 * time.Hour
	maxSessions  = 60
	cancelBefore = 2 * time.Hour  // a party may cancel until
	shareUntil   = 24 * time.Hour // before the start, when the desk's share is free
	usualParty   = 10
)

// Time is when a session is.
type Time struct{ Start, End models.Instant }

// SharePlan is a number of places kept for some, until so long before the first session.
type SharePlan struct {
	Who    models.ShareWho
	OrgID  int64
	Name   string
	Places int
	Until  models.Instant // zero: a day before
}

// Plan is an activity as an organiser enters it.
type Plan struct {
	models.Activity
	Sessions  []Time
	Shares    []SharePlan
	Questions []models.ActivityQuestion
}

// Create opens an activity with its sessions, in one transaction: the rooms are
// taken, the places can be had from OpensAt on. It returns field faults, ErrPast,
// booking.ErrResourceTaken, errs.ErrForbidden.
func (s *Service) Create(ctx context.Context, a auth.Actor, p Plan) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := s.create(tx, a, p)
		if err == nil {
			v, err = s.view(tx, id)
		}
		return err
	})
	return v, err
}

func (s *Service) create(tx *db.Tx, a auth.Actor, p Plan) (int64, error) {
	path, err := orgPath(tx, p.OrgID)
	if err != nil {
		return 0, err
	}
	if !a.CanAt(auth.ActivityWrite, path) {
		return 0, errs.ErrForbidden
	}
	if err := s.check(&p, tx.Now()); err != nil {
		return 0, err
	}
	act := p.Activity
	act.ID, act.State, act.CreatedBy, act.CreatedAt = 0, models.ActivityOpen, a.AccountID, tx.Now()
	if err := tx.Insert(&act); err != nil {
		return 0, fmt.Errorf("create activity: %w", err)
	}
	if err := insertQuestions(tx, act.ID, p.Questions); err != nil {
		return 0, err
	}
	var term int64
	for i, t := range p.Sessions {
		event := term
		if event == 0 {
			span := models.Span{Start: t.Start, End: t.End}
			if act.Signup == models.SignupTerm {
				span.End = p.Sessions[len(p.Sessions)-1].End
			}
			if event, err = s.openEvent(tx, a, act, span, p.Shares); err != nil {
				return 0, err
			}
			if act.Signup == models.SignupTerm {
				term = event
			}
		}
		if err := s.addSession(tx, act, event, i+1, t); err != nil {
			return 0, err
		}
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "activity.create", Kind, fmt.Sprint(act.ID), &act.OrgID
	line.After = fmt.Sprintf("%s, %d sessions, %d places", act.Title, len(p.Sessions), act.Capacity)
	return act.ID, audit.Write(tx, line)
}

// openEvent is where the places of a session or a term are.
func (s *Service) openEvent(tx *db.Tx, a auth.Actor, act models.Activity, span models.Span, shares []SharePlan) (int64, error) {
	e := models.Event{Kind: Kind, OrgID: act.OrgID, Title: act.Title, Audience: models.AudiencePublic, StartsAt: span.Start, EndsAt: span.End,
		OpensAt: act.OpensAt, ClosesAt: span.Start, CancelUntil: span.Start.Add(-cancelBefore), RemindHours: "24,2", MaxSeats: act.MaxParty, CreatedBy: &a.AccountID}
	rows := make([]models.EventShare, len(shares))
	for i, x := range shares {
		until := x.Until
		if until.IsZero() {
			until = span.Start.Add(-shareUntil)
		}
		rows[i] = models.EventShare{Who: x.Who, Name: x.Name, Places: x.Places, UntilAt: until}
		if x.OrgID != 0 {
			rows[i].OrgID = &x.OrgID
		}
	}
	if err := s.Kernel.OpenPlaces(tx, &e, act.Capacity, rows...); err != nil {
		return 0, err
	}
	return e.ID, nil
}

// addSession stores a session and takes its room.
func (s *Service) addSession(tx *db.Tx, act models.Activity, event int64, ord int, t Time) error {
	x := models.ActivitySession{ActivityID: act.ID, EventID: event, Ord: ord, StartsAt: t.Start, EndsAt: t.End, Place: act.Place, State: models.SessionPlanned}
	if err := tx.Insert(&x); err != nil {
		return fmt.Errorf("add session: %w", err)
	}
	return s.takeRoom(tx, act, x)
}

func (s *Service) takeRoom(tx *db.Tx, act models.Activity, x models.ActivitySession) error {
	if act.RoomID == nil || s.Rooms == nil {
		return nil
	}
	claims, err := s.Rooms.Claims(tx, *act.RoomID, x.Span())
	if err != nil {
		return err
	}
	clashes, err := booking.Reserve(tx, booking.Source{Kind: Kind, ID: x.ID}, claims...)
	if err != nil {
		return err
	}
	if len(clashes) == 0 {
		return nil
	}
	taken, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	return taken.At(errs.Field{Name: fmt.Sprintf("sessions[%d].start", x.Ord-1), Code: "other"})
}

// check fills the usual values in and names every fault at once.
func (s *Service) check(p *Plan, now models.Instant) error {
	var faults []errs.Field
	bad := func(name, code string) { faults = append(faults, errs.Field{Name: name, Code: code}) }
	for _, x := range []struct {
		name     string
		text     *string
		required bool
	}{{"title", &p.Title, true}, {"summary", &p.Summary, true}, {"place", &p.Place, true}, {"detail", &p.Detail, false},
		{"teacher", &p.Teacher, false}, {"address", &p.Address, false}} {
		if *x.text = strings.TrimSpace(*x.text); x.required && *x.text == "" {
			bad(x.name, "required")
		}
	}
	if !models.ValidActivityKind(p.Kind) {
		bad("kind", "unknown")
	}
	if !slices.Contains(models.ActivityAudiences(), p.Audience) {
		bad("audience", "unknown")
	}
	p.Signup, p.Choose = orElse(p.Signup, models.SignupSession), orElse(p.Choose, models.ChooseFirst)
	if p.MaxParty == 0 {
		p.MaxParty = min(usualParty, max(p.Capacity, 1))
	}
	if p.Capacity < 1 || p.Capacity > models.MaxPlaces {
		bad("capacity", "other")
	}
	if p.OpensAt.IsZero() {
		p.OpensAt = now
	}
	if len(p.Sessions) == 0 || len(p.Sessions) > maxSessions {
		bad("sessions", "required")
	}
	slices.SortFunc(p.Sessions, func(x, y Time) int { return int(x.Start.Sub(y.Start)) })
	for i, t := range p.Sessions {
		if !t.Start.Before(t.End) || !t.Start.After(now) || t.Start.Sub(now) > maxAhead {
			bad(fmt.Sprintf("sessions[%d].start", i), "other")
		}
	}
	if p.Choose == models.ChooseDraw && (!p.EntriesUntil.After(now) || len(p.Sessions) > 0 && !p.EntriesUntil.Before(p.Sessions[0].Start)) {
		bad("entries_until", "other")
	}
	if p.Choose == models.ChooseDraw && s.Draws == nil {
		bad("choose", "other")
	}
	if p.MaxAge > 0 && p.MaxAge < p.MinAge {
		bad("max_age", "other")
	}
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

func orElse[T comparable](v, usual T) T {
	var zero T
	if v == zero {
		return usual
	}
	return v
}
