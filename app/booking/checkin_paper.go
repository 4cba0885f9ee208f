package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// recordDays is how long after its end an event's record can still be
// completed: a weekend, and the Monday on which somebody types the list in.
const recordDays = 3 * 24 * time.Hour

// PaperDoor is the door of everybody whom a list on paper names.
const PaperDoor = "纸质名单"

// PaperLine is one party on a list on paper: members who came, a number of
// heads, or All that were still missing.
type PaperLine struct {
	BookingID string
	Attendees []int64
	Count     int
	All       Everybody
}

// PaperWalkIn is Count people whom the door let in without a booking and noted
// on the paper.
type PaperWalkIn struct {
	Name  string // empty: 现场观众 and a number
	Count int
}

// Everybody says that the whole rest of a party came.
type Everybody bool

// PaperList is what is entered at once from a list on paper.
type PaperList struct {
	EventID int64
	Lines   []PaperLine
	WalkIns []PaperWalkIn
	Came    models.Came
	Reason  string // needed once the event is finished
	Key     idem.Key
}

// PaperEntry answers a list on paper.
type PaperEntry struct {
	Checked int `json:"checked_in"` // seats checked in by this list
	Already int `json:"already"`    // that were checked in before
	DoorCount
}

// RecordUntil is until when the record of an event can be completed.
func RecordUntil(e models.Event) models.Instant { return e.EndsAt.Add(recordDays) }

// recordOpen holds a correction to the days after the event.
func recordOpen(tx *db.Tx, b models.Booking, e models.Event) error {
	switch {
	case b.Status == models.BookingCancelled || b.Status == models.BookingHeld || e.State == models.EventCancelled:
		return ErrNotBooked.With("status", string(b.Status))
	case !tx.Now().Before(RecordUntil(e)):
		return ErrRecordClosed.With("until", RecordUntil(e)).Add("until", RecordUntil(e))
	}
	return nil
}

// EnterPaper checks in everybody whom a list on paper names, in one transaction:
// one faulty line, and nothing is entered. On a finished event the outcomes and
// counts are set anew, which needs a reason. It returns ErrRecordClosed,
// ErrDoorEarly, ErrNotBegun, ErrNotBooked, ErrReleased, ErrFewerLeft, ErrUnknownAttendee, ErrForbidden.
func (s *Service) EnterPaper(ctx context.Context, a auth.Actor, in PaperList) (PaperEntry, error) {
	var out PaperEntry
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = idem.Once(tx, in.Key, func() (PaperEntry, error) { return s.enterPaper(tx, a, in) })
		return err
	})
	return out, err
}

func (s *Service) enterPaper(tx *db.Tx, a auth.Actor, in PaperList) (PaperEntry, error) {
	var out PaperEntry
	e, err := s.lockAtDoor(tx, a, in.EventID)
	if err != nil {
		return out, err
	}
	if err := recordOpen(tx, models.Booking{}, e); err != nil {
		return out, err
	}
	if early := s.doorEarly(tx, e); early != nil {
		return out, early.Worded("checkin.early_list")
	}
	if in.Came != models.CameBefore && tx.Now().Before(e.StartsAt) {
		return out, ErrNotBegun.With("starts_at", e.StartsAt).At(errs.Field{Name: "came", Code: "other"})
	}
	if e.State == models.EventFinished && strings.TrimSpace(in.Reason) == "" {
		return out, errs.FieldFault("reason", "required")
	}
	for i, l := range in.Lines {
		got, err := s.enterLine(tx, a, in, l, e)
		if err != nil {
			return out, atLine(err, i)
		}
		out.Checked, out.Already = out.Checked+len(got.Checked), out.Already+len(got.Already)
	}
	seated, err := s.enterWalkIns(tx, a, in, e)
	if err != nil {
		return out, err
	}
	out.Checked += seated
	line := audit.By(tx, a, models.ChannelVisit)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "event.enter_paper", "event", fmt.Sprint(e.ID), &e.OrgID
	line.After, line.Reason = fmt.Sprintf("%d lines, %d walk-ins, %d checked in, %s", len(in.Lines), seated, out.Checked, in.Came), in.Reason
	if err := audit.Write(tx, line); err != nil {
		return out, err
	}
	if err := s.recount(tx, a, &e, in.Reason); err != nil {
		return out, err
	}
	out.DoorCount, err = CountAtDoor(tx, e)
	return out, err
}

func (s *Service) enterLine(tx *db.Tx, a auth.Actor, in PaperList, l PaperLine, e models.Event) (Arrivals, error) {
	var b models.Booking
	ok, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ? AND event_id = ?`, l.BookingID, e.ID)
	if err != nil {
		return Arrivals{}, err
	}
	if !ok {
		return Arrivals{}, errs.FieldFault("booking_id", "unknown")
	}
	if err := recordOpen(tx, b, e); err != nil {
		return Arrivals{}, err
	}
	scan := Scan{Attendees: l.Attendees, Count: l.Count, Door: PaperDoor, Came: in.Came}
	if l.All {
		scan.Attendees, scan.Count = nil, 0
	} else if len(l.Attendees)+l.Count == 0 {
		return Arrivals{}, nil
	}
	got, err := s.checkIn(tx, a, scan, b, e)
	if err == nil && len(got.Checked)+len(got.Already) == 0 && len(got.Released) > 0 {
		err = ErrReleased.With("name", b.Name).With("free", e.Free()+e.Reserved)
	}
	return got, err
}

// atLine points a refusal at the line it is about.
func atLine(err error, i int) error {
	bad := errs.As(err)
	if bad.Kind == errs.Internal || bad.Kind == errs.Unavailable {
		return err
	}
	c := *bad
	name := fieldAt("lines", i)
	if len(bad.Fields) > 0 {
		name += "." + bad.Fields[0].Name
	}
	c.Fields = nil
	return c.At(errs.Field{Name: name, Code: "other"}).Add("line", i)
}

// recount sets the outcomes and counts of a finished event anew after its
// record was completed, and reads it again. An event that still runs is left to
// the job that closes it.
func (s *Service) recount(tx *db.Tx, a auth.Actor, e *models.Event, reason string) error {
	if e.State != models.EventFinished {
		return nil
	}
	if err := s.settle(tx, *e); err != nil {
		return err
	}
	was := e.Attended
	now, err := Event(tx, e.ID)
	if err != nil {
		return err
	}
	*e = now
	line := audit.By(tx, a, models.ChannelVisit)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "event.recount", "event", fmt.Sprint(e.ID), &e.OrgID
	line.Before, line.After, line.Reason = fmt.Sprint(was), fmt.Sprint(now.Attended), reason
	return audit.Write(tx, line)
}
