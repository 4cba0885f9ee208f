// Package screening is the cinema hall: films, screenings, their seats, and
// requests for the whole hall. Times and seats are the kernel's to give.
package screening

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/app/notify"
	"youyue/app/venue"
	"youyue/models"
)

// Desk keeps the people that a clerk books for, and those whom a cinema names.
type Desk interface {
	booking.Desk
	EnsureContact(tx *db.Tx, a auth.Actor, orgID int64, name, phone string) (models.Person, error)
}

// Tails finds people by the last digits of their number; the numbers are sealed,
// so only those of one event are opened.
type Tails interface {
	PhoneTail(sealed string) string
}

// Signer seals the code of a ticket for its QR picture.
type Signer interface {
	Sign(purpose, payload string) string
	Verify(purpose, token string) (payload string, ok bool)
}

// Service is the feature.
type Service struct {
	db      *db.DB
	kernel  *booking.Service
	notices *notify.Service
	desk    Desk
	signer  Signer
	phones  Tails
	seats   *seatCache
	fixed   *fixedCache
	live    *live.Hub
	others  []Others
	diary   booking.Diary
	baseURL string
	zone    *time.Location
}

// Config is what the feature is built from.
type Config struct {
	DB      *db.DB
	Kernel  *booking.Service
	Notices *notify.Service
	Desk    Desk
	Signer  Signer
	Phones  Tails
	Live    *live.Hub
	Diary   booking.Diary // nil: nobody is told what else they have then
	BaseURL string
	Zone    *time.Location
}

// New returns the feature.
func New(c Config) *Service {
	s := &Service{db: c.DB, kernel: c.Kernel, notices: c.Notices, desk: c.Desk, signer: c.Signer, phones: c.Phones, live: c.Live, diary: c.Diary,
		baseURL: c.BaseURL, zone: c.Zone}
	s.seats = newSeatCache(s)
	s.fixed = &fixedCache{all: map[int64]fixed{}}
	c.Kernel.OnChange(s.seats.forget)
	s.goLive()
	return s
}

// The bounds and usual values of a screening; ours, editable per screening
// where a field says so.
const (
	defaultShare    = 20                  // percent kept for phone and window
	defaultMaxSeats = 20                  // per booking, for the public
	branchMaxSeats  = 60                  // per booking, where branches bring their members
	releaseBefore   = 24 * time.Hour      // reserved seats become free
	cancelBefore    = 2 * time.Hour       // the booker may cancel until
	slotStep        = 15 * time.Minute    // the grid of offered starts
	slotHorizon     = 21 * 24 * time.Hour // how far offers look
	maxSlots        = 3                   // offers in a refusal
)

// Show is a screening as it is read: event, film and hall in one row.
type Show struct {
	models.Event
	FilmID      int64
	FilmTitle   string
	Theme       string
	Synopsis    string
	OathMin     int
	RuntimeMin  int
	CleanupMin  int
	BranchOrgID *int64
	BranchName  string
	HallName    string
	Venue       string
	Address     string
	HallPhone   string
	Route       string
	OrgPath     string // of who runs the hall

	ConfirmUntil models.Instant // while the cinema's yes is awaited
	Shown        Showing        `gorm:"embedded"`

	Held int `gorm:"-"` // of Taken, those that wait for an answer; where staff counts (withHeld)
}

// withHeld adds what staff tells apart: of the taken seats, those that a block or
// an offer holds until somebody answers.
func withHeld(tx *db.Tx, shows []Show) error {
	ids := make([]int64, len(shows))
	for i, v := range shows {
		ids[i] = v.ID
	}
	held, err := booking.HeldIn(tx, ids...)
	for i := range shows {
		shows[i].Held = held[shows[i].ID]
	}
	return err
}

// FilmStart is when the film itself begins, after the oath.
func (s Show) FilmStart() models.Instant {
	return s.StartsAt.Add(time.Duration(s.OathMin) * time.Minute)
}

// Get returns one screening.
func (s *Service) Get(ctx context.Context, id int64) (v Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = ByID(tx, id); return err })
	return v, err
}

// counted is Get with the seats that wait for an answer.
func (s *Service) counted(ctx context.Context, id int64) (v Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if v, err = ByID(tx, id); err != nil {
			return err
		}
		one := []Show{v}
		err = withHeld(tx, one)
		v = one[0]
		return err
	})
	return v, err
}

// Plans is what a scheduler enters to put a film on.
type Plans struct {
	FilmID     int64
	HallID     int64 // 0: the only hall
	StartsAt   models.Instant
	Audience   models.Audience
	OathMin    *int // nil: the usual
	CleanupMin *int
	MaxSeats   int            // 0: the usual
	Share      *int           // percent for phone and window; nil: the usual
	OpensAt    models.Instant // zero: now
	ClosesAt   models.Instant // zero: at the start
	Note       string
}

// Schedule puts a screening on. It returns ErrLicence, ErrHallBusy, ErrPast,
// ErrFar, ErrWindow, or errs.ErrForbidden at a hall outside the actor's scope.
func (s *Service) Schedule(ctx context.Context, a auth.Actor, in Plans) (v Show, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { v, err = s.schedule(tx, a, in); return err })
	return v, err
}

func (s *Service) schedule(tx *db.Tx, a auth.Actor, in Plans) (Show, error) {
	hall, film, err := s.place(tx, in.HallID, in.FilmID)
	if err != nil {
		return Show{}, err
	}
	if !a.CanAt(auth.ScreeningWrite, hall.OrgPath) {
		return Show{}, errs.ErrForbidden
	}
	span, occupied := models.ScreeningSpans(in.StartsAt, or(in.OathMin, models.DefaultOathMin), film.RuntimeMin, or(in.CleanupMin, models.DefaultCleanupMin))
	if err := s.allowed(tx, film, span); err != nil {
		return Show{}, err
	}
	if err := booking.LockResources(tx, hall.ID); err != nil {
		return Show{}, err
	}
	if err := s.released(tx, hall.ID, film, occupied); err != nil {
		return Show{}, err
	}
	if hall, err = venue.Get(tx, hall.ID); err != nil { // under the lock: who confirms
		return Show{}, err
	}
	e := models.Event{OpensAt: in.OpensAt, ClosesAt: in.ClosesAt, Audience: in.Audience, MaxSeats: in.MaxSeats}
	if e.OpensAt.IsZero() {
		e.OpensAt = tx.Now()
	}
	if e.ClosesAt.IsZero() {
		e.ClosesAt = in.StartsAt
	}
	if e.MaxSeats == 0 {
		e.MaxSeats = defaultMaxSeats
		if e.Audience == models.AudienceBranches {
			e.MaxSeats = branchMaxSeats
		}
	}
	if e.Audience == models.AudiencePublic {
		e.PersonSeats = hall.PersonSeats
	}
	if !e.OpensAt.Before(e.ClosesAt) || e.ClosesAt.After(in.StartsAt) {
		return Show{}, ErrWindow.At(errs.Field{Name: "closes_at", Code: "other"})
	}
	sc := models.Screening{FilmID: film.ID, OathMin: or(in.OathMin, models.DefaultOathMin), RuntimeMin: film.RuntimeMin,
		CleanupMin: or(in.CleanupMin, models.DefaultCleanupMin), Note: in.Note}
	if hall.Confirm != models.ConfirmNone {
		e.State, sc.ConfirmUntil = models.EventPlanned, deadline(tx.Now(), in.StartsAt, confirmWithin)
	}
	id, err := s.open(tx, a, hall, film, e, sc, span, or(in.Share, defaultShare))
	if err != nil {
		return Show{}, err
	}
	clashes, err := booking.Reserve(tx, booking.Source{Kind: kindScreening, ID: id}, booking.Claim{ResourceID: hall.ID, Span: occupied})
	if err != nil {
		return Show{}, err
	}
	if len(clashes) > 0 {
		return Show{}, s.busy(tx, hall.ID, film, occupied, clashes)
	}
	v, err := ByID(tx, id)
	if err != nil || v.State != models.EventPlanned {
		return v, err
	}
	return v, s.tellOperatorsOf(tx, v)
}

// The kinds of source that occupy a hall.
const (
	kindScreening = "screening"
	kindRequest   = "hall_request"
	kindHallBlock = "hall_block" // by which a cinema keeps hours to itself
)

func or(v *int, usual int) int {
	if v == nil {
		return usual
	}
	return *v
}

// place loads hall and film, the hall being the only one when none is named.
func (s *Service) place(tx *db.Tx, hallID, filmID int64) (venue.Hall, models.Film, error) {
	if hallID == 0 {
		only, ok, err := venue.Only(tx)
		if err != nil {
			return venue.Hall{}, models.Film{}, err
		}
		if !ok {
			return venue.Hall{}, models.Film{}, ErrWhichHall.At(errs.Field{Name: "hall_id", Code: "required"})
		}
		hallID = only
	}
	hall, err := venue.Get(tx, hallID)
	if errors.Is(err, errs.ErrNotFound) {
		err = errs.FieldFault("hall_id", "unknown")
	}
	if err != nil {
		return hall, models.Film{}, err
	}
	film, err := getFilm(tx, filmID)
	return hall, film, err
}

// allowed holds a time to the calendar and the film's licence.
func (s *Service) allowed(tx *db.Tx, film models.Film, span models.Span) error {
	switch {
	case !span.Start.After(tx.Now()):
		return ErrPast.At(errs.Field{Name: "starts_at", Code: "other"})
	case span.Start.Sub(tx.Now()) > venue.MaxAhead:
		return ErrFar.With("days", int(venue.MaxAhead.Hours()/24)).At(errs.Field{Name: "starts_at", Code: "other"})
	case !film.Licensed(span):
		return ErrLicence.With("title", film.Title).With("from", film.LicenceFrom).With("to", film.LicenceTo).
			Add("licence_from", film.LicenceFrom).Add("licence_to", film.LicenceTo).At(errs.Field{Name: "starts_at", Code: "other"})
	}
	return nil
}

// open stores event and screening; the caller takes the hall's time.
func (s *Service) open(tx *db.Tx, a auth.Actor, hall venue.Hall, film models.Film, e models.Event, sc models.Screening, span models.Span, share int) (int64, error) {
	e.Kind, e.ResourceID, e.OrgID, e.Title, e.PlanID = kindScreening, hall.ID, hall.OrgID, film.Title, *hall.PlanID
	e.StartsAt, e.EndsAt, e.CancelUntil = span.Start, span.End, span.Start.Add(-cancelBefore)
	if share > 0 {
		e.ReleaseAt = span.Start.Add(-releaseBefore)
	}
	if e.RemindHours == "" {
		e.RemindHours = "24,2"
	}
	e.CreatedBy = &a.AccountID
	if err := s.kernel.OpenEvent(tx, &e, share); err != nil {
		return 0, err
	}
	sc.ID = e.ID
	if err := insertScreening(tx, sc); err != nil {
		return 0, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "screening.schedule", kindScreening, fmt.Sprint(e.ID), &e.OrgID
	line.After = fmt.Sprintf("film %d, %s–%s, %s", film.ID, e.StartsAt, e.EndsAt, e.Audience)
	return e.ID, audit.Write(tx, line)
}

// CallOff cancels a screening with a reason: every booking is cancelled and
// told, and the hall's time is free at once.
func (s *Service) CallOff(ctx context.Context, a auth.Actor, id int64, reason string) (v Show, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = ByID(tx, id); err != nil {
			return err
		}
		if !a.CanAt(auth.ScreeningWrite, v.OrgPath) {
			return errs.ErrForbidden
		}
		if err := booking.LockResources(tx, v.ResourceID); err != nil {
			return err
		}
		locked, err := booking.LockEvents(tx, id)
		if err != nil {
			return err
		}
		if st := locked[id].State; st != models.EventOpen && st != models.EventPlanned {
			return booking.ErrOver.With("title", v.FilmTitle)
		}
		_, err = s.kernel.CancelAll(tx, id, booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason, Limit: booking.AtAnyTime})
		if err != nil {
			return err
		}
		if err := s.endBlocks(tx, locked[id], models.BlockDeclined, booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason}); err != nil {
			return err
		}
		if err := s.end(tx, a, v, models.HallDeclined, reason); err != nil {
			return err
		}
		v, err = ByID(tx, id)
		return err
	})
	return v, err
}

// end takes a screening without bookings off the calendar, with the hall and the
// event locked: the time is free and goes to who queues for it, and a request it
// was opened for stands where to says.
func (s *Service) end(tx *db.Tx, a auth.Actor, v Show, to models.HallRequestStatus, reason string) error {
	if err := booking.Release(tx, booking.Source{Kind: kindScreening, ID: v.ID}); err != nil {
		return err
	}
	if err := s.kernel.CallOff(tx, v.ID); err != nil {
		return err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "screening.call_off", kindScreening, fmt.Sprint(v.ID), &v.OrgID
	line.Reason = reason
	if err := audit.Write(tx, line); err != nil {
		return err
	}
	if err := setEnded(tx, a, v.ID, to, reason); err != nil {
		return err
	}
	return s.Promote(tx, v.ResourceID)
}
