// Package cinema is a cinema's own side of its hall: the hours it releases for the
// district and those it keeps to itself, day by day, by a weekly pattern or from a
// list, previewed before they count; the rules of the hall; its week. What happens
// in released hours, and the cinema's yes to it, is app/screening's.
package cinema

import (
	"context"
	"fmt"
	"slices"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/screening"
	"youyue/app/sheet"
	"youyue/app/venue"
	"youyue/models"
)

// The refusals of this feature.
var (
	// ErrHoursUsed: hours that somebody has are neither taken back nor blocked;
	// "clashes" lists who.
	ErrHoursUsed = errs.New(errs.Conflict, "hours.used")
	// ErrHoursOutside: only released hours are to count, and something stands
	// outside them; "clashes" lists what.
	ErrHoursOutside = errs.New(errs.Conflict, "hours.outside")
	// ErrHoursChanged: what a list of hours comes to has changed since it was shown.
	ErrHoursChanged = errs.New(errs.Conflict, "hours.changed")
	// ErrHoursFaults: rows of a list of hours are wrong; "faults" names each.
	ErrHoursFaults = errs.New(errs.Invalid, "hours.faults")
	// ErrNoHours: nothing of these hours is released.
	ErrNoHours = errs.New(errs.Conflict, "hours.none")
)

// Service is the feature.
type Service struct {
	db    *db.DB
	shows *screening.Service
	zone  *time.Location
}

// New returns the feature; the zone is that of the halls.
func New(d *db.DB, shows *screening.Service, zone *time.Location) *Service {
	return &Service{db: d, shows: shows, zone: zone}
}

// HoursKind says what is done with hours.
type HoursKind string

// Hours are released for party lessons, or blocked by the cinema.
const (
	HoursRelease HoursKind = "release"
	HoursBlock   HoursKind = "block"
)

// HoursRow is one stretch of hours as it was entered; Line names it in a fault.
type HoursRow struct {
	models.Span
	Line          int
	Projectionist string
	Note          string
}

// HoursWish is what an operator wants done with a hall's hours.
type HoursWish struct {
	HallID  int64 // 0: the only hall
	Kind    HoursKind
	Rows    []HoursRow
	Period  Period
	Clashes Clashing
}

// Period says what becomes of released hours of those days that the rows do not name.
type Period string

// PeriodKeep leaves them; PeriodReplace takes them back, from the first day of
// the rows to the last.
const (
	PeriodKeep    Period = ""
	PeriodReplace Period = "replace"
)

// Clashing says what becomes of hours that cannot be blocked.
type Clashing string

// ClashRefuse refuses all; ClashSkip leaves those out and blocks the others.
const (
	ClashRefuse Clashing = ""
	ClashSkip   Clashing = "skip"
)

// Fate is what becomes of a row.
type Fate string

// The fates. FateClash is hours that somebody has.
const (
	FateAdded Fate = "added"
	FateThere Fate = "there"
	FateGone  Fate = "gone"
	FateClash Fate = "clash"
)

// PlannedHours is a row with what becomes of it.
type PlannedHours struct {
	HoursRow
	Fate    Fate
	Clashes []screening.BusyWith // by what it is held up, or which block it lies under
}

// HoursPlan is what a wish comes to at this moment. Digest stands for it: it is
// another one once anything has changed.
type HoursPlan struct {
	Hall   venue.Hall
	Rows   []PlannedHours // as entered, then what is taken back
	Faults []sheet.Fault
	Digest string
}

// Count is how many rows have a fate.
func (p HoursPlan) Count(f Fate) (n int) {
	for _, r := range p.Rows {
		if r.Fate == f {
			n++
		}
	}
	return n
}

// clashes lists what holds the plan up.
func (p HoursPlan) clashes() (out []screening.BusyWith) {
	for _, r := range p.Rows {
		if r.Fate == FateClash {
			out = append(out, r.Clashes...)
		}
	}
	return out
}

// maxHours bounds one wish: a year of days.
const maxHours = 400

// own returns a hall with its rules, locked, for somebody who holds the
// permission there. It returns errs.ErrNotFound or errs.ErrForbidden.
func own(tx *db.Tx, a auth.Actor, p auth.Permission, hallID int64) (venue.Hall, error) {
	if hallID == 0 {
		only, ok, err := venue.Only(tx)
		if err != nil {
			return venue.Hall{}, err
		}
		if !ok {
			return venue.Hall{}, screening.ErrWhichHall.At(errs.Field{Name: "hall_id", Code: "required"})
		}
		hallID = only
	}
	if _, err := venue.GetFor(tx, a, p, hallID); err != nil {
		return venue.Hall{}, err
	}
	if err := booking.LockResources(tx, hallID); err != nil {
		return venue.Hall{}, err
	}
	return venue.Get(tx, hallID)
}

// PlanHours says what a wish would come to; it changes nothing.
func (s *Service) PlanHours(ctx context.Context, a auth.Actor, w HoursWish) (p HoursPlan, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { // for the lock: all of it is seen at one moment
		hall, err := own(tx, a, auth.HallRelease, w.HallID)
		if err == nil {
			p, err = s.planHours(tx, hall, w)
		}
		return err
	})
	return p, err
}

// ApplyHours does what a wish comes to. seen, unless empty, is the digest of the
// plan that was shown; ErrHoursChanged when it is no longer that. It returns
// ErrHoursFaults with every faulty row named and ErrHoursUsed with what is in the
// way; then nothing was done.
func (s *Service) ApplyHours(ctx context.Context, a auth.Actor, w HoursWish, seen string) (p HoursPlan, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		hall, err := own(tx, a, auth.HallRelease, w.HallID)
		if err != nil {
			return err
		}
		if p, err = s.planHours(tx, hall, w); err != nil {
			return err
		}
		if len(p.Faults) > 0 {
			return ErrHoursFaults.With("count", len(p.Faults)).Add("faults", p.Faults)
		}
		if seen != "" && seen != p.Digest {
			return ErrHoursChanged
		}
		if busy := p.clashes(); len(busy) > 0 && (w.Kind != HoursBlock || w.Clashes != ClashSkip) {
			return usedError(w.Kind, busy)
		}
		for _, r := range p.Rows {
			if err := s.applyRow(tx, a, hall, w.Kind, r); err != nil {
				return err
			}
		}
		return s.shows.Promote(tx, hall.ID)
	})
	return p, err
}

func usedError(kind HoursKind, busy []screening.BusyWith) error {
	e := ErrHoursUsed.With("from", busy[0].StartsAt).With("to", busy[0].EndsAt).With("title", busy[0].Title).With("count", len(busy)).
		Add("clashes", busy)
	key := "hours.used"
	if kind == HoursBlock {
		key = "hours.used.block"
	}
	if busy[0].Kind == screening.SourceBlock {
		key = "hours.used.blocked"
	}
	return e.Worded(key)
}

func (s *Service) applyRow(tx *db.Tx, a auth.Actor, hall venue.Hall, kind HoursKind, r PlannedHours) error {
	action := "hall." + string(kind)
	switch {
	case r.Fate == FateGone:
		action = "hall.take_back"
		if _, err := venue.TakeBack(tx, a.AccountID, hall.ID, r.Span); err != nil {
			return err
		}
	case r.Fate != FateAdded:
		return nil
	case kind == HoursRelease:
		_, err := venue.AddRelease(tx, models.HallRelease{HallID: hall.ID, StartsAt: r.Start, EndsAt: r.End,
			Projectionist: r.Projectionist, Note: r.Note, CreatedBy: a.AccountID})
		if err != nil {
			return err
		}
	default:
		b := models.HallBlock{HallID: hall.ID, StartsAt: r.Start, EndsAt: r.End, Reason: r.Note, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
		if err := insertBlock(tx, &b); err != nil {
			return err
		}
		clashes, err := booking.Reserve(tx, booking.Source{Kind: screening.SourceBlock, ID: b.ID}, booking.Claim{ResourceID: hall.ID, Span: r.Span})
		if err == nil && len(clashes) > 0 {
			err = fmt.Errorf("block hall %d: the time was free under the lock and is not", hall.ID)
		}
		if err != nil {
			return err
		}
	}
	return noteHall(tx, a, hall, action, r.Start.String()+"–"+r.End.String(), r.Note)
}

func noteHall(tx *db.Tx, a auth.Actor, hall venue.Hall, action, after, reason string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "hall", fmt.Sprint(hall.ID), &hall.OrgID
	line.After, line.Reason = after, reason
	return audit.Write(tx, line)
}

// TakeBack withdraws what of a span is released. ErrHoursUsed when somebody
// needs some of it; ErrNoHours when nothing of it is released.
func (s *Service) TakeBack(ctx context.Context, a auth.Actor, hallID int64, cut models.Span, reason string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		hall, err := own(tx, a, auth.HallRelease, hallID)
		if err != nil {
			return err
		}
		gone, err := venue.TakeBack(tx, a.AccountID, hall.ID, cut)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			return ErrNoHours
		}
		var needed []booking.Clash
		for _, g := range gone {
			found, err := booking.Clashes(tx, booking.Claim{ResourceID: hall.ID, Span: g})
			if err != nil {
				return err
			}
			needed = append(needed, slices.DeleteFunc(found, func(c booking.Clash) bool { return c.Source.Kind == screening.SourceBlock })...)
		}
		if len(needed) > 0 {
			busy, err := screening.InTheWay(tx, needed)
			if err != nil {
				return err
			}
			return usedError(HoursRelease, busy)
		}
		return noteHall(tx, a, hall, "hall.take_back", cut.Start.String()+"–"+cut.End.String(), reason)
	})
}

// Lift ends a block; who queues for the time moves up.
func (s *Service) Lift(ctx context.Context, a auth.Actor, id int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := block(tx, id)
		if err != nil {
			return err
		}
		hall, err := own(tx, a, auth.HallRelease, b.HallID)
		if err != nil {
			return err
		}
		lifted, err := liftBlock(tx, a, id)
		if err != nil || !lifted {
			return err
		}
		if err := booking.Release(tx, booking.Source{Kind: screening.SourceBlock, ID: id}); err != nil {
			return err
		}
		if err := noteHall(tx, a, hall, "hall.lift_block", b.StartsAt.String()+"–"+b.EndsAt.String(), b.Reason); err != nil {
			return err
		}
		return s.shows.Promote(tx, hall.ID)
	})
}

// SetRules settles which hours of a hall can be had and who confirms. From the
// switch on nothing may lie outside released hours: ErrHoursOutside lists what does.
func (s *Service) SetRules(ctx context.Context, a auth.Actor, hallID int64, r venue.Rules) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		hall, err := own(tx, a, auth.HallRules, hallID)
		if err != nil {
			return err
		}
		if r.Hours == venue.OnlyReleased && !hall.ReleasedOnly {
			outside, err := screening.Unreleased(tx, hall.ID)
			if err != nil {
				return err
			}
			if len(outside) > 0 {
				busy, err := screening.InTheWay(tx, outside)
				if err != nil {
					return err
				}
				return ErrHoursOutside.With("from", busy[0].StartsAt).With("title", busy[0].Title).With("count", len(busy)).Add("clashes", busy)
			}
		}
		if r.LeadHours == venue.Unchanged {
			r.LeadHours = hall.LeadHours
		}
		if r.PersonSeats == venue.Unchanged {
			r.PersonSeats = hall.PersonSeats
		}
		if err := venue.SetRules(tx, hall.ID, r); err != nil {
			return err
		}
		return noteHall(tx, a, hall, "hall.rules", fmt.Sprintf("%s, %s, %d hours before, %d seats a person", r.Hours, r.Confirm, r.LeadHours, r.PersonSeats), "")
	})
}
