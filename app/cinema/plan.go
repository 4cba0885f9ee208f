package cinema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/screening"
	"youyue/app/sheet"
	"youyue/app/venue"
	"youyue/models"
)

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
		if c.Span.Overlaps(r.Span) && (kind == HoursBlock || c.Source.Kind == screening.SourceBlock) {
			here = append(here, c)
		}
	}
	var err error
	out.Clashes, err = screening.InTheWay(tx, here)
	switch {
	case kind == HoursRelease && models.Covered(there, r.Span),
		kind == HoursBlock && len(here) == 1 && here[0].Source.Kind == screening.SourceBlock && models.Covered([]models.Span{here[0].Span}, r.Span):
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
		u.Start, u.End = models.Later(u.Start, period.Start), models.Earlier(u.End, period.End)
		for _, piece := range models.Without(u, wanted) {
			row := PlannedHours{HoursRow: HoursRow{Span: piece}, Fate: FateGone}
			needed := slices.DeleteFunc(slices.Clone(taken), func(c booking.Clash) bool {
				return c.Source.Kind == screening.SourceBlock || !c.Span.Overlaps(piece)
			})
			var err error
			if row.Clashes, err = screening.InTheWay(tx, needed); err != nil {
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
		case r.Start.Sub(now) > venue.MaxAhead:
			code, args["days"] = "hours_far", int(venue.MaxAhead.Hours()/24)
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
		fmt.Fprintln(h, r.Start, r.End, r.Fate, r.Projectionist, r.Note, r.Clashes)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
