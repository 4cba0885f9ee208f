package room

import (
	"context"
	"errors"
	"fmt"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Scope says how much of a series a change is about; this occurrence alone is Move.
type Scope string

// From one occurrence on, or all that are still to come.
const (
	ScopeFollowing Scope = "following"
	ScopeAll       Scope = "all"
)

// Edit is a change of a series, seen from one of its occurrences.
type Edit struct {
	Scope   Scope
	Span    models.Span // of that occurrence from now on; the others keep step
	Rule    string      // "": as it is
	Skip    []models.Day
	Instead map[models.Day]models.Instant
	Only    bool // show the differences, and save nothing
}

// Difference is what a change does to one date. An exception that was made before is
// kept: a date that was cancelled stays so, one that was moved by itself stays there.
type Difference struct {
	Day    models.Day  `json:"day"`
	Was    *Slot       `json:"was"`
	Will   *Slot       `json:"will"`
	Change string      `json:"change" validate:"oneof=moved added dropped kept same taken"`
	Clash  *Occurrence `json:"clash,omitempty"`
}

// EditSeries changes a series from one occurrence on, or all that is to come, every
// occurrence in one transaction. The differences come back; with Only they are all
// that comes of it. It returns booking.ErrResourceTaken or ErrOccurrences, with the
// list, when some date cannot be had and was not asked to be left out or moved.
func (s *Service) EditSeries(ctx context.Context, a auth.Actor, uid string, e Edit) (out []Difference, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if out, err = s.editSeries(tx, a, uid, e); err != nil {
			return err
		}
		if e.Only {
			return errTried
		}
		return nil
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return out, err
}

// ofSeries returns an occurrence that the actor may change, and its series, locked.
func (s *Service) ofSeries(tx *db.Tx, a auth.Actor, uid string) (Booking, models.RoomSeries, setting, error) {
	var row models.RoomSeries
	b, st, err := s.locked(tx, a, uid)
	switch {
	case err != nil:
		return b, row, st, err
	case b.SeriesID == nil:
		return b, row, st, errs.ErrNotFound
	case !b.own(a) && !b.desks(a) && !b.runs(a, auth.RoomDecide):
		return b, row, st, errs.ErrForbidden
	}
	row, _, err = lockSeries(tx, *b.SeriesID)
	return b, row, st, err
}

func (s *Service) editSeries(tx *db.Tx, a auth.Actor, uid string, e Edit) ([]Difference, error) {
	b, row, st, err := s.ofSeries(tx, a, uid)
	if err != nil {
		return nil, err
	}
	if !b.StartsAt.After(tx.Now()) {
		return nil, ErrBegun
	}
	if !e.Span.Valid() {
		return nil, ErrSpan.At(errs.Field{Name: "end", Code: "other"})
	}
	from := b.SeriesDay
	if e.Scope == ScopeAll {
		from = models.DayOf(tx.Now(), s.zone)
	}
	old, err := occurrencesFrom(tx, row.ID, from)
	if err != nil {
		return nil, err
	}
	changed, err := s.rewrite(tx, row, b, from, e)
	if err != nil {
		return nil, err
	}
	if err := lockBearer(tx, b.RoomBooking); err != nil {
		return nil, err
	}
	if (changed.Rule != row.Rule || changed.Minute != row.Minute || changed.LengthMin != row.LengthMin) && !b.runs(a, auth.RoomDecide) {
		b.PlaceOK, b.OwnerOK = models.ConsentNone, models.ConsentNone // a yes to these dates is none to others
	}
	return s.replace(tx, a, st, changed, old, b, e)
}

// rewrite saves the series as it is from now on. From one occurrence on it is a
// series of its own, and the old one ends the day before.
func (s *Service) rewrite(tx *db.Tx, row models.RoomSeries, b Booking, from models.Day, e Edit) (models.RoomSeries, error) {
	next := row
	day := models.DayOf(e.Span.Start, s.zone)
	next.Minute, next.LengthMin = minutes(e.Span.Start.Sub(day.At(0, s.zone))), minutes(e.Span.End.Sub(e.Span.Start))
	if e.Rule != "" {
		rule, err := models.ParseRecurrence(e.Rule)
		if err != nil {
			return next, err
		}
		next.Rule = rule.String()
	}
	if shift := day.Sub(models.DayOf(b.StartsAt, s.zone)); shift != 0 && e.Rule == "" {
		rule, err := models.ParseRecurrence(row.Rule)
		if err != nil {
			return next, err
		}
		next.Rule = rule.Shifted(shift).String()
		next.FirstDay = next.FirstDay.Add(shift)
	}
	if e.Scope == ScopeAll {
		return next, saveSeries(tx, next)
	}
	row.EndsOn = from.Add(-1)
	if err := saveSeries(tx, row); err != nil {
		return next, err
	}
	next.ID, next.UID, next.FirstDay, next.CreatedAt, next.Version = 0, s.newID(), day, tx.Now(), 1
	if err := tx.Insert(&next); err != nil {
		return next, fmt.Errorf("series: %w", err)
	}
	return next, nil
}

// replace puts the occurrences of a changed series in place of the old ones: those
// that stay are moved, with their codes; exceptions made before are kept; what the
// rule no longer has is cancelled, and what it has anew is made.
func (s *Service) replace(tx *db.Tx, a auth.Actor, st setting, row models.RoomSeries, old []models.RoomBooking, like Booking, e Edit) ([]Difference, error) {
	dates, err := st.dates(row, row.MadeUntil)
	if err != nil {
		return nil, err
	}
	out, err := leftOut(row)
	if err != nil {
		return nil, err
	}
	for _, d := range e.Skip {
		out[d] = true
	}
	pairs := pair(old, dates, tx.Now(), s.zone)
	var diffs []Difference
	for _, p := range pairs { // first everything that goes elsewhere lets go, so that two may change places
		if p.old != nil && p.old.Status.Living() && !p.old.Changed {
			if err := booking.Release(tx, source(p.old.ID)); err != nil {
				return nil, err
			}
		}
	}
	var all []Occurrence
	for _, p := range pairs {
		d, o, err := s.settle(tx, a, st, row, p, like, Wish{Instead: e.Instead}, out)
		if err != nil {
			return nil, err
		}
		diffs = append(diffs, d)
		if o != nil {
			all = append(all, *o)
		}
	}
	if refusal := refusedOf(all); refusal != nil && !e.Only {
		return diffs, refusal
	}
	if row.LeftOut, err = dayList(out); err != nil {
		return nil, err
	}
	if err := saveSeries(tx, row); err != nil {
		return nil, err
	}
	if e.Only {
		return diffs, nil
	}
	if err := s.line(tx, a, st, like.RoomBooking, "room_series.edit", "", fmt.Sprintf("%s from %s, %d dates", row.Rule, like.SeriesDay, len(diffs)), ""); err != nil {
		return nil, err
	}
	told, err := byID(tx, like.ID)
	if err != nil {
		return nil, err
	}
	told.StartsAt = e.Span.Start
	if told.Status == models.RoomPending {
		err = s.tellBooked(tx, st, told.RoomBooking, false)
	} else {
		err = s.tell(tx, st, told.RoomBooking, notify.RoomMoved, nil)
	}
	if err != nil {
		return nil, err
	}
	return diffs, s.promote(tx, st.resources())
}

// settle does to one date what the change asks for.
func (s *Service) settle(tx *db.Tx, a auth.Actor, st setting, row models.RoomSeries, p paired, like Booking, w Wish, out map[models.Day]bool) (Difference, *Occurrence, error) {
	d := Difference{Day: p.day(), Change: "same"}
	if p.old != nil {
		d.Was = &Slot{p.old.StartsAt, p.old.EndsAt}
	}
	switch {
	case p.old != nil && (!p.old.Status.Living() || p.old.Changed): // an exception made before
		d.Change, d.Will = "kept", d.Was
		if !p.old.Status.Living() {
			d.Will = nil
		}
		day := p.old.SeriesDay
		if p.date != nil {
			day = p.date.For
		}
		return d, nil, adopt(tx, p.old.ID, row.ID, day)
	case p.date == nil, out[p.date.For], p.date.Day.IsZero():
		d.Change = "dropped"
		if p.old == nil {
			d.Change = "kept"
			return d, nil, nil
		}
		b, err := byID(tx, p.old.ID)
		if err != nil {
			return d, nil, err
		}
		_, err = s.drop(tx, a, b, models.RoomCancelled, "", "")
		return d, nil, err
	}
	o, one := s.occurrence(row, template(row, like.RoomBooking), *p.date, w, false)
	d.Will = &Slot{o.Start, o.End}
	var err error
	if p.old == nil {
		d.Change = "added"
		err = s.place(tx, a, st, s.asked(a, st, one), &one)
	} else {
		if o.Start != p.old.StartsAt || o.End != p.old.EndsAt {
			d.Change = "moved"
		}
		err = s.shift(tx, a, st, *p.old, one)
	}
	if err == nil {
		return d, nil, nil
	}
	if err := o.refused(err); err != nil {
		return d, nil, err
	}
	d.Change, d.Clash = "taken", &o
	return d, &o, nil
}

// shift gives an occurrence that holds no time another one, by every rule, and where
// somebody must say yes, to that again. Another time that was proposed is off.
func (s *Service) shift(tx *db.Tx, a auth.Actor, st setting, b, to models.RoomBooking) error {
	anew, before := b.StartsAt != to.StartsAt || b.EndsAt != to.EndsAt || b.Status == models.RoomProposed, b
	b.SeriesID, b.SeriesDay, b.StartsAt, b.EndsAt, b.Changed = to.SeriesID, to.SeriesDay, to.StartsAt, to.EndsAt, to.Changed
	ask := s.asked(a, st, b)
	if err := s.check(tx, st, ask); err != nil {
		return err
	}
	found, err := s.busyTimes(tx, st, b.Span(), b.ID)
	if err != nil {
		return err
	}
	if against := found.against(st.claims(b.Span())); len(against) > 0 {
		return s.taken(tx, st, ask, against)
	}
	if err := s.hold(tx, st, b, b.Span(), ask); err != nil {
		return err
	}
	b.Holds = true
	if anew {
		s.renew(tx, a, st, before, &b)
	}
	b.Under(st.rule(ask.booker()), tx.Now())
	if err := adopt(tx, b.ID, *b.SeriesID, b.SeriesDay); err != nil {
		return err
	}
	if err := s.notices.Void(tx, subject(b.UID), notify.RoomReminder); err != nil {
		return err
	}
	return saveTime(tx, &b, st.resources(), st.extraIDs())
}

// EndSeries cancels one occurrence and all that follow it.
func (s *Service) EndSeries(ctx context.Context, a auth.Actor, uid, reason string) (n int, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		b, row, _, err := s.ofSeries(tx, a, uid)
		if err != nil {
			return err
		}
		rest, err := occurrencesFrom(tx, row.ID, b.SeriesDay)
		if err != nil {
			return err
		}
		n = 0
		for _, r := range rest {
			if !r.Status.Living() || !r.StartsAt.After(tx.Now()) {
				continue
			}
			one, err := byID(tx, r.ID)
			if err != nil {
				return err
			}
			if err := s.cancel(tx, a, one, reason, ""); err != nil {
				return err
			}
			n++
		}
		row.EndsOn, row.EndedAt = b.SeriesDay.Add(-1), tx.Now()
		return saveSeries(tx, row)
	})
	return n, err
}
