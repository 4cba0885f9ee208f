package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Occurrence is one date of a series, and what became of it. Day is the date that the
// rule gives, by which the occurrence is known for good.
type Occurrence struct {
	Day         models.Day         `json:"day"`
	Start       models.Instant     `json:"start"`
	End         models.Instant     `json:"end"`
	Fate        string             `json:"fate" validate:"oneof=free taken refused left_out unknown"`
	Shifted     bool               `json:"shifted"` // off its date, as that is a day off
	Code        string             `json:"code,omitempty"`
	Conflicts   []booking.Conflict `json:"conflicts,omitempty"`
	Suggestions []Suggestion       `json:"suggestions,omitempty"`
}

// The fates: it can be had; somebody has the time; a rule refuses it; it was asked to
// be left out, or falls on a day off; nobody can say before the year is published.
const (
	occFree    = "free"
	occTaken   = "taken"
	occRefused = "refused"
	occLeftOut = "left_out"
	occUnknown = "unknown"
)

// Preview says of each occurrence within the time that can be booked whether it can be
// had, and what is possible instead. Nothing is booked.
func (s *Service) Preview(ctx context.Context, a auth.Actor, w Wish) (out []Occurrence, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		b, st, err := s.begin(tx, a, w)
		if err != nil {
			return err
		}
		row, err := s.newSeries(tx, st, b, w)
		if err != nil {
			return err
		}
		if out, _, err = s.occur(tx, a, st, row, b, w); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return out, err
}

// bookSeries books every occurrence, or none.
func (s *Service) bookSeries(tx *db.Tx, a auth.Actor, w Wish) (Placed, error) {
	b, st, err := s.begin(tx, a, w)
	if err != nil {
		return Placed{}, err
	}
	row, err := s.newSeries(tx, st, b, w)
	if err != nil {
		return Placed{}, err
	}
	all, made, err := s.occur(tx, a, st, row, b, w)
	if err != nil {
		return Placed{}, err
	}
	if refusal := refusedOf(all); refusal != nil {
		return Placed{}, refusal
	}
	if len(made) == 0 {
		return Placed{}, ErrNoOccurrence.At(errs.Field{Name: "rrule", Code: "other"})
	}
	out := placed(st, made[0])
	out.SeriesID = row.UID
	for _, m := range made {
		one := placed(st, m)
		one.SeriesID = row.UID
		out.Occurrences = append(out.Occurrences, one)
	}
	return out, s.tellBooked(tx, st, made[0], w.ReadBack)
}

// refusedOf is the refusal of a series when some occurrence cannot be had: one
// explanation for all of them.
func refusedOf(all []Occurrence) error {
	n, taken := 0, true
	conflicts, found := []booking.Conflict{}, []Suggestion{}
	for _, o := range all {
		if o.Fate == occTaken || o.Fate == occRefused {
			n, taken = n+1, taken && o.Fate == occTaken
			conflicts, found = append(conflicts, o.Conflicts...), append(found, o.Suggestions...)
		}
	}
	switch {
	case n == 0:
		return nil
	case taken:
		return booking.ErrResourceTaken.With("count", n).Worded("room.occurrences").Add("conflicts", conflicts).Add("suggestions", found).Add("occurrences", all)
	}
	return ErrOccurrences.With("count", n).Add("occurrences", all)
}

// newSeries writes the series that a wish begins.
func (s *Service) newSeries(tx *db.Tx, st setting, b models.RoomBooking, w Wish) (models.RoomSeries, error) {
	var row models.RoomSeries
	rule, err := models.ParseRecurrence(w.Rule)
	if err != nil {
		return row, err
	}
	extras, err := json.Marshal(st.extraIDs())
	if err != nil {
		return row, err
	}
	skip, err := json.Marshal(append([]models.Day{}, w.Skip...))
	if err != nil {
		return row, err
	}
	day := models.DayOf(b.StartsAt, s.zone)
	row = models.RoomSeries{UID: s.newID(), RoomID: b.RoomID, Rule: rule.String(), FirstDay: day, Minute: minutes(b.StartsAt.Sub(day.At(0, s.zone))),
		LengthMin: minutes(b.EndsAt.Sub(b.StartsAt)), HolderID: b.HolderID, PersonID: b.PersonID, OrgID: b.OrgID, Name: b.Name, Purpose: b.Purpose,
		Attendees: b.Attendees, Guardian: b.Guardian, Extras: string(extras), LeftOut: string(skip), Channel: b.Channel, MadeUntil: s.horizon(tx, st, b),
		CreatedBy: b.CreatedBy, CreatedAt: tx.Now(), Version: 1}
	if row.LengthMin <= 0 {
		return row, ErrSpan.At(errs.Field{Name: "end", Code: "other"})
	}
	if err := tx.Insert(&row); err != nil {
		return row, fmt.Errorf("series: %w", err)
	}
	return row, nil
}

// horizon is the last day on which occurrences are made: as far as the rule lets book.
func (s *Service) horizon(tx *db.Tx, st setting, b models.RoomBooking) models.Day {
	who := asked{whom: booking.Bearer{OrgID: b.OrgID}}.booker()
	return models.DayOf(tx.Now(), s.zone).Add(st.rule(who).AheadDays)
}

// dates are the occurrences of a series up to a day.
func (st setting) dates(row models.RoomSeries, until models.Day) ([]models.Occurrence, error) {
	rule, err := models.ParseRecurrence(row.Rule)
	if err != nil {
		return nil, err
	}
	if !row.EndsOn.IsZero() && row.EndsOn.Before(until) {
		until = row.EndsOn
	}
	return rule.Days(row.FirstDay, until, 0, st.days), nil
}

// leftOut are the dates of a series that are not to be made.
func leftOut(row models.RoomSeries) (map[models.Day]bool, error) {
	var days []models.Day
	if err := json.Unmarshal([]byte(row.LeftOut), &days); err != nil {
		return nil, fmt.Errorf("series %d: %w", row.ID, err)
	}
	out := map[models.Day]bool{}
	for _, d := range days {
		out[d] = true
	}
	return out, nil
}

// occur makes the occurrences of a series that are not there yet, each a booking like
// b. What cannot be had is told with what is in the way; the others are made all the
// same, and whoever asked decides what that is worth.
func (s *Service) occur(tx *db.Tx, a auth.Actor, st setting, row models.RoomSeries, b models.RoomBooking, w Wish) ([]Occurrence, []models.RoomBooking, error) {
	st, err := s.setting(tx, row.RoomID, models.DayOf(tx.Now(), s.zone), row.MadeUntil.Add(31), st.extraIDs()...)
	if err != nil {
		return nil, nil, err
	}
	dates, err := st.dates(row, row.MadeUntil)
	if err != nil {
		return nil, nil, err
	}
	out, err := leftOut(row)
	if err != nil {
		return nil, nil, err
	}
	there, err := seriesDays(tx, row.ID)
	if err != nil {
		return nil, nil, err
	}
	var all []Occurrence
	var made []models.RoomBooking
	for _, d := range dates {
		if there[d.For] {
			continue
		}
		o, one := s.occurrence(row, b, d, w, out[d.For])
		if o.Fate == occFree && one.StartsAt.After(tx.Now()) {
			err := s.place(tx, a, st, s.asked(a, st, one), &one)
			if err == nil {
				made = append(made, one)
			} else if err := o.refused(err); err != nil {
				return nil, nil, err
			}
		}
		all = append(all, o)
	}
	return all, made, nil
}

// occurrence is the booking of one date of a series, and its fate as far as the
// calendar and the wish decide it.
func (s *Service) occurrence(row models.RoomSeries, b models.RoomBooking, d models.Occurrence, w Wish, skip bool) (Occurrence, models.RoomBooking) {
	span := row.SpanOn(d.Day, s.zone)
	o := Occurrence{Day: d.For, Fate: occFree, Shifted: d.Fate == models.Moved}
	switch {
	case d.Fate == models.Unknown:
		o.Fate, span = occUnknown, row.SpanOn(d.For, s.zone)
	case skip, d.Fate == models.Skipped, d.Fate == models.Merged:
		o.Fate, span = occLeftOut, row.SpanOn(d.For, s.zone)
	}
	one := b
	if at, ok := w.Instead[d.For]; ok {
		span = models.Span{Start: at, End: at.Add(minutesOf(row.LengthMin))}
		one.Changed = true
	}
	o.Start, o.End = span.Start, span.End
	one.ID, one.SeriesID, one.SeriesDay, one.StartsAt, one.EndsAt = 0, &row.ID, d.For, span.Start, span.End
	return o, one
}

// refused notes why an occurrence cannot be had; what is no refusal comes back.
func (o *Occurrence) refused(err error) error {
	refusal := errs.As(err)
	if refusal.Kind != errs.Conflict && refusal.Kind != errs.Invalid {
		return err
	}
	o.Fate, o.Code = occRefused, refusal.Code
	if errors.Is(refusal, booking.ErrResourceTaken) {
		o.Fate = occTaken
	}
	o.Conflicts, _ = refusal.Extra["conflicts"].([]booking.Conflict)
	o.Suggestions, _ = refusal.Extra["suggestions"].([]Suggestion)
	return nil
}

// template is a booking like those of a series, with the yes that they were given.
func template(row models.RoomSeries, like models.RoomBooking) models.RoomBooking {
	return models.RoomBooking{RoomID: row.RoomID, HolderID: row.HolderID, PersonID: row.PersonID, OrgID: row.OrgID, Name: row.Name, Purpose: row.Purpose,
		Attendees: row.Attendees, Guardian: row.Guardian, Channel: row.Channel, CreatedBy: row.CreatedBy, PlaceOK: granted(like.PlaceOK), OwnerOK: granted(like.OwnerOK)}
}

// granted keeps a yes that was given, and nothing else.
func granted(c models.Consent) models.Consent {
	if c == models.ConsentGiven {
		return c
	}
	return models.ConsentNone
}

// settingFor loads the room of a series with what goes along.
func (s *Service) settingFor(tx *db.Tx, row models.RoomSeries) (setting, error) {
	var extras []int64
	if err := json.Unmarshal([]byte(row.Extras), &extras); err != nil {
		return setting{}, fmt.Errorf("series %d: %w", row.ID, err)
	}
	today := models.DayOf(tx.Now(), s.zone)
	return s.setting(tx, row.RoomID, today, today, extras...)
}

// Materialise makes the occurrences of series ahead, as far as the rule of each room
// lets book. One that cannot be had is left out, and whoever it was for is told.
func (s *Service) Materialise(ctx context.Context, now models.Instant) (int, error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) {
		return seriesBefore(tx, models.DayOf(now, s.zone).Add(maxAheadDays), most, skip)
	}
	made := 0
	_, err := booking.EachDue(ctx, s.db, "series", page, func(id int64) (bool, error) {
		n := 0
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) { n, err = s.extend(tx, id); return err })
		if err == nil {
			made += n
		}
		return n > 0, err // one whose rule lets book no further yet is read past
	})
	return made, err
}

// maxAheadDays is the furthest that any rule lets book.
const maxAheadDays = 400

// extend makes the dates of a series ahead. One of an organisation that has been
// closed has no more: what was booked for it stays, for somebody to cancel.
func (s *Service) extend(tx *db.Tx, id int64) (int, error) {
	closed, err := seriesClosed(tx, id)
	if err != nil {
		return 0, err
	}
	row, last, err := lockSeries(tx, id)
	if err != nil || !row.EndedAt.IsZero() {
		return 0, err
	}
	if closed {
		row.EndedAt = tx.Now()
		return 0, saveSeries(tx, row)
	}
	st, err := s.settingFor(tx, row)
	if err != nil {
		return 0, err
	}
	b := template(row, last)
	until := s.horizon(tx, st, b)
	if !row.MadeUntil.Before(until) {
		return 0, nil
	}
	if err := lockBearer(tx, b); err != nil {
		return 0, err
	}
	if st, err = s.lockedSetting(tx, st.ID, models.Span{Start: tx.Now(), End: tx.Now()}, st.extraIDs()...); err != nil {
		return 0, err
	}
	row.MadeUntil = until
	all, made, err := s.occur(tx, robot, st, row, b, Wish{})
	if err != nil {
		return 0, err
	}
	out, err := leftOut(row)
	if err != nil {
		return 0, err
	}
	for _, o := range all {
		if o.Fate != occTaken && o.Fate != occRefused {
			continue
		}
		out[o.Day] = true
		missing := last
		missing.StartsAt = o.Start
		if err := s.tell(tx, st, missing, notify.RoomSkipped, nil); err != nil {
			return 0, err
		}
	}
	row.LeftOut, err = dayList(out)
	if err != nil {
		return 0, err
	}
	return len(made), saveSeries(tx, row)
}

// dayList writes dates as the row of a series keeps them.
func dayList(days map[models.Day]bool) (string, error) {
	text, err := json.Marshal(slices.SortedFunc(maps.Keys(days), func(a, b models.Day) int { return a.Sub(b) }))
	return string(text), err
}
