// Package activity is what residents join: reading clubs, yoga, classes, visits,
// the services of a station. Places are the kernel's to give: each session, or a
// whole term, is an event of numbered places, and a sign-up is a booking there, a
// place on its waiting list, or an entry until the draw.
package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/app/pause"
	"youyue/models"
)

// Rooms gives the claims for a room with its tables, buffers and equipment, or
// refuses when it is not open then.
type Rooms interface {
	Claims(tx *db.Tx, roomID int64, span models.Span, extras ...int64) ([]booking.Claim, error)
}

// Draws holds the public draw: Commit freezes a list of entries and publishes a
// commitment, to be fulfilled with a named public value before a moment; Reveal takes
// that value and returns the entries in the drawn order; Void reports whether the
// value did not come in time; Due is until when it may come, while the draw is open.
type Draws interface {
	Commit(tx *db.Tx, a auth.Actor, d Drawing) (id int64, err error)
	Reveal(tx *db.Tx, a auth.Actor, id int64, value string) (order []string, err error)
	Void(tx *db.Tx, id int64) (bool, error)
	Due(tx *db.Tx, id int64) (due models.Instant, open bool, err error)
}

// Drawing is a draw to be committed to. Entries and labels are public.
type Drawing struct {
	ActivityID int64
	OrgID      int64
	Title      string
	Reason     string // why again; of the second draw of an activity on
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
	Pauses  *pause.Service
	Desk    booking.Desk
	Rooms   Rooms                                        // nil: activities take no rooms
	Owners  Owners                                       // nil: nobody lends rooms
	Days    func(tx *db.Tx) (models.WorkCalendar, error) // the working calendar
	Draws   Draws                                        // nil: first come alone
	Talks   Talks                                        // nil: service lists order no lectures
	Diary   booking.Diary                                // nil: nobody is told what else they have then
	Sealer  Sealer
	Signer  Signer
	BaseURL string
	Zone    *time.Location
}

// Kind is the kernel's word for our events, and for what rooms are taken by.
const Kind = "activity"

// New returns the feature.
func New(c Config) *Service {
	c.Kernel.SetPages(Kind, booking.Pages{List: "/activities", Event: "/activities/of/", Booking: "/signups/", Words: "signup"})
	c.Kernel.SetAsks(Kind, asks)
	c.Pauses.Add(pauseKind, pause.Side{Decides: auth.ActivityWrite, Appeal: notify.ActivityAppeal, Appealed: notify.ActivityAppealed, About: missedSignups, Excuse: excuse})
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
	remindHours  = "24,2" // before each session
)

// Create opens an activity with its sessions, in one transaction: the rooms are
// taken, partners who lend them are asked, and the places can be had from OpensAt on or
// when the partner has agreed. It returns field faults, ErrPast,
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
	if err := mayTake(tx, a, p.TeamID); err != nil {
		return 0, err
	}
	act := p.Activity
	if act.RoomID != nil {
		ids, err := json.Marshal(append([]int64{}, p.Along...))
		if err != nil {
			return 0, err
		}
		act.Extras = string(ids)
	}
	act.ID, act.State, act.CreatedBy, act.CreatedAt = 0, models.ActivityOpen, a.AccountID, tx.Now()
	if err := tx.Insert(&act); err != nil {
		return 0, fmt.Errorf("create activity: %w", err)
	}
	if err := insertQuestions(tx, act.ID, p.Questions); err != nil {
		return 0, err
	}
	var term int64
	var all blocked
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
		if err := s.addSession(tx, act, event, i+1, t, &all); err != nil {
			return 0, err
		}
	}
	if err := all.refusal(tx); err != nil {
		return 0, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "activity.create", Kind, fmt.Sprint(act.ID), &act.OrgID
	line.After = fmt.Sprintf("%s, %d sessions, %d places", act.Title, len(p.Sessions), act.Capacity)
	if err := audit.Write(tx, line); err != nil {
		return 0, err
	}
	return act.ID, s.askOwner(tx, a, act)
}

// openEvent is where the places of a session or a term are.
func (s *Service) openEvent(tx *db.Tx, a auth.Actor, act models.Activity, span models.Span, shares []SharePlan) (int64, error) {
	e := models.Event{Kind: Kind, OrgID: act.OrgID, Title: act.Title, Audience: models.AudiencePublic, StartsAt: span.Start, EndsAt: span.End,
		OpensAt: act.OpensAt, ClosesAt: span.Start, CancelUntil: span.Start.Add(-cancelBefore), RemindHours: remindHours, MaxSeats: act.MaxParty, PersonSeats: act.PerAccount(), CreatedBy: &a.AccountID}
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

// addSession stores a session and takes what it needs, or adds what is in its way.
func (s *Service) addSession(tx *db.Tx, act models.Activity, event int64, ord int, t Time, all *blocked) error {
	x := models.ActivitySession{ActivityID: act.ID, EventID: event, Ord: ord, StartsAt: t.Start, EndsAt: t.End, Place: act.Place, State: models.SessionPlanned}
	if err := tx.Insert(&x); err != nil {
		return fmt.Errorf("add session: %w", err)
	}
	clashes, err := s.take(tx, act, x)
	all.add(ord, clashes)
	return err
}

// blocked is what stands in the way of sessions. All of a series are looked at, so that
// a refusal names each date.
type blocked struct {
	clashes []booking.Clash
	fields  []errs.Field
}

func (b *blocked) add(ord int, clashes []booking.Clash) {
	if len(clashes) > 0 {
		b.clashes = append(b.clashes, clashes...)
		b.fields = append(b.fields, errs.Field{Name: fmt.Sprintf("sessions[%d].start", ord-1), Code: "other"})
	}
}

// refusal is nil when nothing stands in the way.
func (b *blocked) refusal(tx *db.Tx) error {
	if len(b.clashes) == 0 {
		return nil
	}
	taken, err := booking.Taken(tx, b.clashes)
	if err != nil {
		return err
	}
	return taken.At(b.fields...)
}

// take reserves the room of a session with what goes along, and its team: all of
// them, or nothing and what is in the way.
func (s *Service) take(tx *db.Tx, act models.Activity, x models.ActivitySession) ([]booking.Clash, error) {
	claims, err := s.claims(tx, act, x.Span())
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	return booking.Reserve(tx, booking.Source{Kind: Kind, ID: x.ID}, claims...)
}

func (s *Service) claims(tx *db.Tx, act models.Activity, span models.Span) (out []booking.Claim, err error) {
	if act.RoomID != nil && s.Rooms != nil {
		extras, err := along(act)
		if err != nil {
			return nil, fmt.Errorf("activity %d: %w", act.ID, err)
		}
		if out, err = s.Rooms.Claims(tx, *act.RoomID, span, extras...); err != nil {
			return nil, err
		}
	}
	if act.TeamID != nil {
		out = append(out, booking.Claim{ResourceID: *act.TeamID, Span: span})
	}
	return out, nil
}

// along lists what goes along with an activity's room.
func along(act models.Activity) (ids []int64, err error) {
	if act.Extras == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(act.Extras), &ids)
	return ids, err
}

// mayTake holds a plan to a team that the actor may send: one of theirs.
func mayTake(tx *db.Tx, a auth.Actor, team *int64) error {
	if team == nil {
		return nil
	}
	path, err := teamPath(tx, *team)
	if err == nil && (path == "" || !a.CanAt(auth.ActivityWrite, path)) {
		err = errs.FieldFault("team_id", "unknown")
	}
	return err
}
