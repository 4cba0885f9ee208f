package screening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/app/venue"
	"youyue/models"
)

// kindBlock is the source of an occupancy by which a cinema keeps hours to itself.
const kindBlock = "hall_block"

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
	Clashes []BusyWith // by what it is held up, or which block it lies under
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
func (p HoursPlan) clashes() (out []BusyWith) {
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
			return venue.Hall{}, ErrWhichHall.At(errs.Field{Name: "hall_id", Code: "required"})
		}
		hallID = only
	}
	if err := mayAt(tx, a, p, hallID); err != nil {
		return venue.Hall{}, err
	}
	if err := booking.LockResources(tx, hallID); err != nil {
		return venue.Hall{}, err
	}
	return venue.Get(tx, hallID)
}

func mayAt(tx *db.Tx, a auth.Actor, p auth.Permission, hallID int64) error {
	h, err := venue.Get(tx, hallID)
	if err == nil && !a.CanAt(p, h.OrgPath) {
		err = errs.ErrForbidden
	}
	return err
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
		return s.promote(tx, hall.ID)
	})
	return p, err
}

func usedError(kind HoursKind, busy []BusyWith) error {
	e := ErrHoursUsed.With("from", busy[0].StartsAt).With("to", busy[0].EndsAt).With("title", busy[0].Title).With("count", len(busy)).
		Add("clashes", busy)
	key := "hours.used"
	if kind == HoursBlock {
		key = "hours.used.block"
	}
	if busy[0].Kind == kindBlock {
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
		if err := tx.Insert(&b); err != nil {
			return fmt.Errorf("block hall %d: %w", hall.ID, err)
		}
		clashes, err := booking.Reserve(tx, booking.Source{Kind: kindBlock, ID: b.ID}, booking.Claim{ResourceID: hall.ID, Span: r.Span})
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

// planHours works a wish out on a locked hall.
func (s *Service) planHours(tx *db.Tx, hall venue.Hall, w HoursWish) (HoursPlan, error) {
	p := HoursPlan{Hall: hall, Faults: hoursFaults(tx.Now(), w)}
	if len(w.Rows) == 0 {
		return p, nil
	}
	whole := w.Rows[0].Span
	for _, r := range w.Rows {
		if r.Start.Before(whole.Start) {
			whole.Start = r.Start
		}
		if r.End.After(whole.End) {
			whole.End = r.End
		}
	}
	whole = s.wholeDays(whole)
	there, err := venue.Released(tx, hall.ID, whole)
	if err != nil {
		return p, err
	}
	taken, err := booking.Clashes(tx, booking.Claim{ResourceID: hall.ID, Span: whole})
	if err != nil {
		return p, err
	}
	for _, r := range w.Rows {
		row, err := plannedRow(tx, w.Kind, r, there, taken)
		if err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, row)
	}
	if w.Kind == HoursRelease && w.Period == PeriodReplace {
		gone, err := takenBack(tx, w, whole, there, taken)
		if err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, gone...)
	}
	p.Digest = p.digest()
	return p, nil
}

// wholeDays widens a span to the days that it touches.
func (s *Service) wholeDays(sp models.Span) models.Span {
	day := func(t time.Time, add int) models.Instant {
		return models.InstantOf(time.Date(t.Year(), t.Month(), t.Day()+add, 0, 0, 0, 0, s.zone))
	}
	last := sp.End.Add(-time.Microsecond).In(s.zone)
	return models.Span{Start: day(sp.Start.In(s.zone), 0), End: day(last, 1)}
}

func plannedRow(tx *db.Tx, kind HoursKind, r HoursRow, there []models.Span, taken []booking.Clash) (PlannedHours, error) {
	out := PlannedHours{HoursRow: r, Fate: FateAdded}
	var here []booking.Clash
	for _, c := range taken {
		if c.Span.Overlaps(r.Span) && (kind == HoursBlock || c.Source.Kind == kindBlock) {
			here = append(here, c)
		}
	}
	var err error
	out.Clashes, err = occupants(tx, here)
	switch {
	case kind == HoursRelease && models.Covered(there, r.Span),
		kind == HoursBlock && len(here) == 1 && here[0].Source.Kind == kindBlock && models.Covered([]models.Span{here[0].Span}, r.Span):
		out.Fate = FateThere
	case kind == HoursBlock && len(here) > 0:
		out.Fate = FateClash
	}
	return out, err
}

// takenBack is what of the released hours of a period the rows do not name.
func takenBack(tx *db.Tx, w HoursWish, period models.Span, there []models.Span, taken []booking.Clash) ([]PlannedHours, error) {
	wanted := make([]models.Span, len(w.Rows))
	for i, r := range w.Rows {
		wanted[i] = r.Span
	}
	if now := tx.Now(); period.Start.Before(now) {
		period.Start = now // what is over stays as it was
	}
	var out []PlannedHours
	for _, u := range there {
		if !u.Overlaps(period) {
			continue
		}
		u.Start, u.End = later(u.Start, period.Start), earlier(u.End, period.End)
		for _, piece := range models.Without(u, wanted) {
			row := PlannedHours{HoursRow: HoursRow{Span: piece}, Fate: FateGone}
			needed := slices.DeleteFunc(slices.Clone(taken), func(c booking.Clash) bool {
				return c.Source.Kind == kindBlock || !c.Span.Overlaps(piece)
			})
			var err error
			if row.Clashes, err = occupants(tx, needed); err != nil {
				return nil, err
			}
			if len(needed) > 0 {
				row.Fate = FateClash
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func later(a, b models.Instant) models.Instant {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b models.Instant) models.Instant {
	if b.Before(a) {
		return b
	}
	return a
}

// hoursFaults lists what is wrong with the rows themselves.
func hoursFaults(now models.Instant, w HoursWish) []sheet.Fault {
	if len(w.Rows) == 0 {
		return []sheet.Fault{{Code: "hours_none"}}
	}
	if len(w.Rows) > maxHours {
		return []sheet.Fault{{Code: "hours_many", Args: map[string]any{"max": maxHours}}}
	}
	var out []sheet.Fault
	for i, r := range w.Rows {
		code, args := "", map[string]any{}
		switch {
		case !r.Valid():
			code = "hours_order"
		case !r.End.After(now):
			code = "hours_past"
		case r.Start.Sub(now) > maxAhead:
			code, args["days"] = "hours_far", int(maxAhead.Hours()/24)
		case w.Kind == HoursBlock && r.Note == "":
			code = "hours_reason"
		default:
			j := slices.IndexFunc(w.Rows[:i], func(o HoursRow) bool { return o.Valid() && o.Overlaps(r.Span) })
			if j >= 0 {
				code, args["line"] = "hours_twice", w.Rows[j].Line
			}
		}
		if code != "" {
			out = append(out, sheet.Fault{Line: r.Line, Code: code, Args: args})
		}
	}
	return out
}

func (p HoursPlan) digest() string {
	h := sha256.New()
	for _, r := range p.Rows {
		fmt.Fprintln(h, r.Start, r.End, r.Fate, r.Projectionist, r.Note, r.Clashes) //nolint:errcheck // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
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
			needed = append(needed, slices.DeleteFunc(found, func(c booking.Clash) bool { return c.Source.Kind == kindBlock })...)
		}
		if len(needed) > 0 {
			busy, err := occupants(tx, needed)
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
		var b models.HallBlock
		ok, err := tx.One(&b, `SELECT * FROM hall_blocks WHERE id = ? AND lifted_at IS NULL`, id)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		hall, err := own(tx, a, auth.HallRelease, b.HallID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE hall_blocks SET lifted_at = ?, lifted_by = ? WHERE id = ? AND lifted_at IS NULL`, tx.Now(), a.AccountID, id)
		if err != nil || n == 0 {
			return err
		}
		if err := booking.Release(tx, booking.Source{Kind: kindBlock, ID: id}); err != nil {
			return err
		}
		if err := noteHall(tx, a, hall, "hall.lift_block", b.StartsAt.String()+"–"+b.EndsAt.String(), b.Reason); err != nil {
			return err
		}
		return s.promote(tx, hall.ID)
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
			outside, err := unreleased(tx, hall.ID)
			if err != nil {
				return err
			}
			if len(outside) > 0 {
				busy, err := occupants(tx, outside)
				if err != nil {
					return err
				}
				return ErrHoursOutside.With("from", busy[0].StartsAt).With("title", busy[0].Title).With("count", len(busy)).Add("clashes", busy)
			}
		}
		if err := venue.SetRules(tx, hall.ID, r); err != nil {
			return err
		}
		return noteHall(tx, a, hall, "hall.rules", fmt.Sprintf("%s, %s", r.Hours, r.Confirm), "")
	})
}
