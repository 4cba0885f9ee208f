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
	"youyue/app/notify"
	"youyue/app/venue"
	"youyue/models"
)

// The refusals of a move.
var (
	// ErrOtherHall: seats are those of a hall, and go nowhere else with their people.
	ErrOtherHall = errs.New(errs.Conflict, "screening.other_hall")
	// ErrLength: a film is as long as it is; "until" is when it would end.
	ErrLength = errs.New(errs.Invalid, "screening.length")
	// ErrAgreed: the cinema has said yes to one time, and has released no hours that
	// would say so of another.
	ErrAgreed = errs.New(errs.Conflict, "screening.agreed")
)

// shortNotice is how late before the start a move is news at short notice: whoever
// hears of it then may give seats back until it begins. Ours.
const shortNotice = 24 * time.Hour

// Moving is a wish to have a screening at another time.
type Moving struct {
	models.Relocation
	Only bool // whether it could be, without moving
}

// errTried undoes a move that was only tried.
var errTried = errors.New("screening: tried")

// Move puts a screening that has not begun at another time in its hall. Seats keep
// their people, and everybody with seats or waiting for some is told, once, the old
// and the new time. The windows for booking and giving back, the share for phone
// and window and the cinema's deadline go along. Hours that the cinema has released
// are its yes, so that a confirmed screening stays confirmed inside them; one that
// waits for the cinema is asked for anew. Moved back, it is as it was.
// It returns ErrOtherHall, ErrLength, ErrAgreed, booking.ErrOver,
// booking.ErrResourceTaken with "conflicts" and "suggestions", and what Schedule
// refuses of a time.
func (s *Service) Move(ctx context.Context, a auth.Actor, id int64, m Moving) (v Show, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { v, err = s.move(tx, a, id, m); return err })
	if m.Only && errors.Is(err, errTried) {
		err = nil
	}
	return v, err
}

func (s *Service) move(tx *db.Tx, a auth.Actor, id int64, m Moving) (Show, error) {
	was, err := s.movable(tx, a, id, m)
	if err != nil || m.Span.Start.Equal(was.StartsAt) {
		return was, err
	}
	if err := s.retake(tx, was, m); err != nil {
		return was, err
	}
	if m.Only {
		return was, errTried
	}
	if err := s.kernel.Retime(tx, retimed(tx.Now(), was.Event, m.Span)); err != nil {
		return was, err
	}
	if err := s.follow(tx, was, m); err != nil {
		return was, err
	}
	if _, err := s.kernel.MendEvent(tx, a, id); err != nil { // what is out of order then is not what was
		return was, err
	}
	now, err := ByID(tx, id)
	if err != nil {
		return was, err
	}
	if err := s.tellMoved(tx, was, now, m.Reason); err != nil {
		return was, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.Reason = "screening.move", kindScreening, fmt.Sprint(id), &was.OrgID, m.Reason
	line.Before, line.After = was.StartsAt.String(), now.StartsAt.String()
	if err := audit.Write(tx, line); err != nil {
		return was, err
	}
	return now, s.Promote(tx, was.ResourceID)
}

// movable locks a screening with its hall, and says why it cannot be at a time
// whatever else stands there.
func (s *Service) movable(tx *db.Tx, a auth.Actor, id int64, m Moving) (Show, error) {
	v, err := ByID(tx, id)
	switch {
	case err != nil:
		return v, err
	case !a.CanAt(auth.ScreeningWrite, v.OrgPath):
		return v, errs.ErrForbidden
	case m.ResourceID != 0 && m.ResourceID != v.ResourceID:
		return v, ErrOtherHall.With("hall", v.HallName)
	}
	if err := booking.LockResources(tx, v.ResourceID); err != nil {
		return v, err
	}
	if _, err := booking.LockEvents(tx, id); err != nil {
		return v, err
	}
	if v, err = ByID(tx, id); err != nil { // as it stands under the locks
		return v, err
	}
	length := v.EndsAt.Sub(v.StartsAt)
	switch {
	case v.State != models.EventPlanned && v.State != models.EventOpen, !v.StartsAt.After(tx.Now()):
		return v, booking.ErrOver.With("title", v.FilmTitle)
	case m.Span.End.Sub(m.Span.Start) != length:
		return v, ErrLength.With("title", v.FilmTitle).With("from", m.Span.Start).With("until", m.Span.Start.Add(length)).
			Add("until", m.Span.Start.Add(length)).At(errs.Field{Name: "end", Code: "other"})
	}
	hall, err := venue.Get(tx, v.ResourceID)
	if err == nil && v.State == models.EventOpen && hall.Confirm != models.ConfirmNone && !hall.ReleasedOnly {
		err = ErrAgreed.With("hall", v.HallName).With("at", v.StartsAt)
	}
	return v, err
}

// retake gives the old time back and takes the new one, or says what is in the way.
func (s *Service) retake(tx *db.Tx, v Show, m Moving) error {
	film, err := getFilm(tx, v.FilmID)
	if err != nil {
		return err
	}
	span, occupied := models.ScreeningSpans(m.Span.Start, v.OathMin, v.RuntimeMin, v.CleanupMin)
	if err := s.allowed(tx, film, span); err != nil {
		return err
	}
	src := booking.Source{Kind: kindScreening, ID: v.ID}
	if err := booking.Release(tx, src); err != nil {
		return err
	}
	if err := s.released(tx, v.ResourceID, film, occupied); err != nil {
		return err
	}
	clashes, err := booking.Reserve(tx, src, booking.Claim{ResourceID: v.ResourceID, Span: occupied})
	if err != nil || len(clashes) == 0 {
		return err
	}
	free, err := s.slots(tx, v.ResourceID, film, occupied)
	if err != nil {
		return err
	}
	taken, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	if taken = taken.Add("suggestions", free); len(free) > 0 {
		return taken.With("instead", free[0].StartsAt).Worded("screening.move_meets")
	}
	return taken
}

// retimed is an event at another time: what is reckoned from its start goes along.
// Booking opens no later than it did.
func retimed(now models.Instant, e models.Event, to models.Span) models.Event {
	by := to.Start.Sub(e.StartsAt)
	e.StartsAt, e.EndsAt, e.ClosesAt, e.CancelUntil = to.Start, to.End, e.ClosesAt.Add(by), to.Start.Add(-cancelBefore)
	if by < 0 {
		e.OpensAt = e.OpensAt.Add(by)
	}
	if !e.ReleaseAt.IsZero() {
		e.ReleaseAt = e.ReleaseAt.Add(by)
	}
	if to.Start.Sub(now) < shortNotice {
		e.CancelUntil = to.Start
	}
	return e
}

// follow puts at the new time whatever hangs on a screening besides its event: the
// cinema's deadline, the request it was opened for, blocks of seats that wait.
func (s *Service) follow(tx *db.Tx, was Show, m Moving) error {
	from, err := movedFrom(tx, was.ID)
	if err != nil {
		return err
	}
	to := Moved{From: was.StartsAt, Why: m.Reason, At: tx.Now()}
	if from.From.Equal(m.Span.Start) { // taken back
		to = Moved{}
	}
	until := was.ConfirmUntil
	if was.State == models.EventPlanned {
		until = deadline(tx.Now(), m.Span.Start, confirmWithin)
	}
	_, occupied := models.ScreeningSpans(m.Span.Start, was.OathMin, was.RuntimeMin, was.CleanupMin)
	return saveMoved(tx, was.ID, to, until, m.Span.Start, occupied)
}

// Moved says when a screening was to begin before it was moved, and why and when it
// was; zero for one that was not.
type Moved struct {
	From models.Instant `gorm:"column:moved_from"`
	Why  string         `gorm:"column:moved_why"`
	At   models.Instant `gorm:"column:moved_at"`
}

// tellMoved tells everybody whom a moved screening concerns: who has seats, who
// waits for some, the cinema and who shows the film. What was written for the old
// time and has not gone out is taken back.
func (s *Service) tellMoved(tx *db.Tx, was, now Show, reason string) error {
	people, err := concerned(tx, was.ID)
	if err != nil {
		return err
	}
	vars := func(path string) map[string]string {
		return map[string]string{"title": now.FilmTitle, "start": was.StartsAt.String(), "proposed": now.StartsAt.String(), "place": now.Venue + now.HallName,
			"reason": reason, "path": path}
	}
	subjects, notices := []string{showSubject(now.ID)}, []notify.Notice{}
	for _, p := range people {
		n := notify.Notice{Account: p.HolderID, Person: p.PersonID, Branch: p.OrgID, Kind: notify.ScreeningMoved, Subject: "booking:" + p.ID,
			Important: notify.Important, Vars: vars(ticketPath(p.ID))}
		if p.Waits {
			n.Kind, n.Subject, n.Vars = notify.ScreeningMovedWaiting, "waitlist:"+p.ID, vars("/bookings")
		}
		subjects, notices = append(subjects, n.Subject), append(notices, n)
	}
	err = s.notices.VoidAll(tx, subjects, notify.ScreeningMoved, notify.ScreeningMovedWaiting, notify.ScreeningMovedStaff, notify.ScreeningToConfirm,
		notify.ProjectionistDay, notify.Reminder)
	if err != nil {
		return err
	}
	if err := s.notices.Enqueue(tx, notices...); err != nil {
		return err
	}
	if now.State == models.EventPlanned {
		return s.tellOperatorsOf(tx, now)
	}
	staff := notify.Notice{Kind: notify.ScreeningMovedStaff, Subject: showSubject(now.ID), Important: notify.Important,
		Vars: vars(CinemaPath(now.ResourceID, now.StartsAt.In(s.zone).Format(time.DateOnly)))}
	if err := s.tellRole(tx, auth.Cinema, now.OrgPath, staff); err != nil {
		return err
	}
	shows, err := projectionistOf(tx, now.ID)
	if err == nil && shows != 0 {
		staff.Person, staff.Vars = shows, vars("")
		err = s.notices.Enqueue(tx, staff)
	}
	return err
}

// Keep notes that a party comes all the same after its screening was moved; the
// seats are theirs in any case.
func (s *Service) Keep(ctx context.Context, a auth.Actor, id string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := ticket(tx, a, id)
		if err != nil {
			return err
		}
		switch {
		case !owns(a, t) && !desksFor(a, t):
			return errs.ErrForbidden
		case !s.alive(t):
			return booking.ErrNotBooked
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.PersonID = "booking.keep", "booking", id, t.PersonID
		return audit.Write(tx, line)
	})
}
