package room

import (
	"context"
	"fmt"
	"slices"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// maxRange is how many days one question may span.
const maxRange = 62

// Busy is a time that cannot be had, and why: a kind of use, never for whom. Waits
// says that it is held until somebody decides, and that one can queue behind it.
type Busy struct {
	Start models.Instant `json:"start"`
	End   models.Instant `json:"end"`
	Kind  string         `json:"kind"`
	Waits bool           `json:"waits"`
}

// DayPlan is one day of a room: its hours, what is in use, what is free. Known is
// false in a year whose working calendar has not been published: the hours of that
// day then go by the weekday.
type DayPlan struct {
	Day   models.Day     `json:"day"`
	Kind  models.DayKind `json:"kind" validate:"oneof=work rest holiday makeup"`
	Known bool           `json:"known"`
	Open  []Slot         `json:"open"`
	Busy  []Busy         `json:"busy"`
	Free  []Slot         `json:"free"`
	Slots []Slot         `json:"slots"` // bookable pieces: slots of the room, else of an hour
}

// Availability is when a room can be had from one date to another.
type Availability struct {
	Room Room
	Days []DayPlan
}

// Availability tells day by day when a room, with what goes along, can be had.
// Buffers count as in use. It returns ErrDays when the range is empty or
// longer than 62 days.
func (s *Service) Availability(ctx context.Context, id int64, from, to models.Day, extras ...int64) (out Availability, err error) {
	if to.Before(from) || to.Sub(from) >= maxRange {
		return out, ErrDays.With("max", maxRange).At(errs.Field{Name: "to", Code: "other"})
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		st, err := s.setting(tx, id, from, to, extras...)
		if err != nil {
			return notHere(err)
		}
		b, err := s.busyTimes(tx, st, models.Span{Start: from.At(0, s.zone), End: to.Add(1).At(0, s.zone)}, 0)
		if err != nil {
			return err
		}
		out.Room = st.Room
		for d := from; !to.Before(d); d = d.Add(1) {
			out.Days = append(out.Days, st.plan(d, b, tx.Now()))
		}
		return nil
	})
	return out, err
}

// usualSlot is the piece in which the free time of a free-form room is offered, in
// minutes.
const usualSlot = 60

func (st setting) plan(d models.Day, b busyTimes, now models.Instant) DayPlan {
	p := DayPlan{Day: d, Open: []Slot{}, Busy: []Busy{}, Free: []Slot{}, Slots: []Slot{}}
	p.Kind, p.Known = st.days.Kind(d)
	day := models.Span{Start: d.At(0, st.zone), End: d.Add(1).At(0, st.zone)}
	for _, r := range b {
		if r.span().Overlaps(day) {
			p.Busy = append(p.Busy, Busy{r.StartsAt, r.EndsAt, r.SourceKind, r.waits()})
		}
	}
	for _, open := range st.hours(st.place, d, d) {
		p.Open = append(p.Open, Slot{open.Start, open.End})
		at := open.Start
		for _, r := range b { // by start
			if r.span().Overlaps(open) {
				if at.Before(r.StartsAt) {
					p.Free = append(p.Free, Slot{at, r.StartsAt})
				}
				if at.Before(r.EndsAt) {
					at = r.EndsAt
				}
			}
		}
		if at.Before(open.End) {
			p.Free = append(p.Free, Slot{at, open.End})
		}
	}
	for _, sp := range st.pieces(d) {
		if sp.Start.After(now) && b.free(st.claims(sp)) {
			p.Slots = append(p.Slots, Slot{sp.Start, sp.End})
		}
	}
	return p
}

// pieces are the slots of a day: the room's, or of an hour.
func (st setting) pieces(d models.Day) []models.Span {
	one := st.place
	if one.SlotMin == 0 {
		one.SlotMin = usualSlot
	}
	try := st
	try.place = one
	return try.candidates(d, d, minutesOf(one.SlotMin))
}

// Wanted is one of the resources of a joint search: a certain one, or any room of a
// use.
type Wanted struct {
	ID      int64
	Use     string
	VenueID int64 // only rooms of this venue
}

// Search is a wish for the first times at which several resources are free together.
type Search struct {
	Wanted   []Wanted
	Minutes  int
	From, To models.Day
	Most     int // how many times, 0: three
	Capacity int // how many people the rooms must hold
}

// Together is a time at which all are free, with the one chosen for each wish.
type Together struct {
	Start     models.Instant `json:"start"`
	End       models.Instant `json:"end"`
	Resources []Named        `json:"resources"`
}

// Hindrance says why a day has no such time.
type Hindrance struct {
	Resource string         `json:"resource"` // "" when each is free, but never all at once
	Code     string         `json:"code" validate:"oneof=closed taken never_together past"`
	From     models.Instant `json:"from"`
	Until    models.Instant `json:"until"`
}

// SearchDay is one day of a search: the first time that was found, or why there is none.
type SearchDay struct {
	Day   models.Day  `json:"day"`
	Found bool        `json:"found"`
	Why   []Hindrance `json:"why"`
}

// Found is what a search came to.
type Found struct {
	Times []Together
	Days  []SearchDay
}

// step of a joint search, how many resources it takes, and how many choices it looks
// at: anybody may ask, and what suits badly could be combined without end. Ours.
const (
	searchStep  = 30
	searchMost  = 8
	searchTimes = 3
	searchTries = 300_000
)

// FirstFree finds the first times at which all wanted resources are free, at most
// one a day, and says of each rejected day why. A resource that is no room, as a
// team or the cinema hall, has no hours of its own here: it is free when nothing
// occupies it. It returns ErrDays, ErrTooWide, ErrCapacity for a room that is too
// small, or a fault of the resource that does not exist.
func (s *Service) FirstFree(ctx context.Context, q Search) (out Found, err error) {
	if q.To.Before(q.From) || q.To.Sub(q.From) >= maxRange {
		return out, ErrDays.With("max", maxRange).At(errs.Field{Name: "to", Code: "other"})
	}
	if q.Most == 0 {
		q.Most = searchTimes
	}
	out = Found{Times: []Together{}, Days: []SearchDay{}}
	var j *joint
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { j, err = s.join(tx, q); return err })
	if err != nil {
		return out, err
	}
	now := s.db.Now()
	for d := q.From; !q.To.Before(d) && len(out.Times) < q.Most; d = d.Add(1) { // beside no transaction: it may take a while
		if err := ctx.Err(); err != nil {
			return out, err // nobody waits for it any more
		}
		day := SearchDay{Day: d, Why: []Hindrance{}}
		if t, ok := j.on(d, now); ok {
			day.Found, out.Times = true, append(out.Times, t)
		} else {
			day.Why = j.why(d, now)
		}
		if *j.tries > searchTries {
			return out, ErrTooWide.At(errs.Field{Name: "resources", Code: "other"})
		}
		out.Days = append(out.Days, day)
	}
	return out, nil
}

// option is a resource that may serve a wish.
type option struct {
	setting
	name string
	room bool
}

// joint is a search with all it needs to know.
type joint struct {
	q     Search
	wants [][]option
	busy  busyTimes
	tries *int // choices looked at so far
	s     *Service
}

func (s *Service) join(tx *db.Tx, q Search) (*joint, error) {
	j := &joint{q: q, s: s, tries: new(int)}
	var all []int64
	for i, w := range q.Wanted {
		ids := []int64{w.ID}
		if w.ID == 0 {
			rows, err := rooms(tx, Filter{Use: w.Use, VenueID: w.VenueID, Capacity: q.Capacity})
			if err != nil {
				return nil, err
			}
			ids = nil
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
		}
		options, err := s.options(tx, q, ids)
		if err != nil {
			return nil, err
		}
		if len(options) == 0 || w.ID == 0 && w.Use == "" {
			return nil, errs.FieldFault(fmt.Sprintf("resources[%d]", i), "unknown")
		}
		j.wants = append(j.wants, options)
		for _, o := range options {
			all = append(all, o.resources()...)
		}
	}
	var err error
	j.busy, err = busy(tx, all, models.Span{Start: q.From.Add(-1).At(0, s.zone), End: q.To.Add(2).At(0, s.zone)})
	return j, err
}

func (s *Service) options(tx *db.Tx, q Search, ids []int64) ([]option, error) {
	places, days, err := s.places(tx, q.From, q.To, ids...)
	if err != nil {
		return nil, err
	}
	var out []option
	for _, id := range ids {
		if p, ok := places[id]; ok {
			if p.Kind != models.RoomEquipment && q.Capacity > p.Capacity {
				return nil, ErrCapacity.With("room", p.Title()).With("max", p.Capacity).
					At(errs.Field{Name: "attendees", Code: "max", Args: map[string]any{"param": p.Capacity}})
			}
			out = append(out, option{setting{place: p, days: days, zone: s.zone}, p.Title(), p.Kind != models.RoomEquipment})
			continue
		}
		name, ok, err := resourceName(tx, id)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, option{setting{place: place{Room: Room{Room: models.Room{ID: id}, Name: name}}, days: days, zone: s.zone}, name, false})
		}
	}
	return out, nil
}

// on finds the first time of a day.
func (j *joint) on(d models.Day, now models.Instant) (Together, bool) {
	near := j.near(d)
	for m := 0; m < 24*60 && *j.tries <= searchTries; m += searchStep {
		sp := models.Span{Start: d.At(m, j.s.zone), End: d.At(m+j.q.Minutes, j.s.zone)}
		if !sp.Start.After(now) {
			continue
		}
		if t, ok := j.at(sp, near); ok {
			return t, true
		}
	}
	return Together{}, false
}

// near is what is in the way of anything that begins on a day, buffers included.
func (j *joint) near(d models.Day) busyTimes {
	span := models.Span{Start: d.Add(-1).At(0, j.s.zone), End: d.Add(3).At(0, j.s.zone)}
	var out busyTimes
	for _, r := range j.busy {
		if r.span().Overlaps(span) {
			out = append(out, r)
		}
	}
	return out
}

// choice is a resource that is open and free at a time, with what it would take.
type choice struct {
	Named
	claims []booking.Claim
}

// at chooses a resource for each wish that is free then, none of them twice.
func (j *joint) at(sp models.Span, near busyTimes) (Together, bool) {
	free := make([][]choice, len(j.wants))
	for i, options := range j.wants {
		if j.again(i) {
			free[i] = free[i-1]
			continue
		}
		for _, o := range options {
			if !o.opens(sp) {
				continue
			}
			if claims := o.claims(sp); near.free(claims) {
				free[i] = append(free[i], choice{Named{o.ID, o.name}, claims})
			}
		}
		if len(free[i]) == 0 {
			return Together{}, false
		}
	}
	chosen, ok := j.choose(free, 0, 0, nil)
	return Together{sp.Start, sp.End, chosen}, ok
}

// again reports whether a wish is the one before once more.
func (j *joint) again(i int) bool {
	return i > 0 && len(j.wants) > i && j.q.Wanted[i] == j.q.Wanted[i-1]
}

// choose serves the wishes from the ith on, beside what is taken by those before. Of
// like wishes the later takes a later choice: which of them has which is all one.
func (j *joint) choose(free [][]choice, i, from int, taken []booking.Claim) ([]Named, bool) {
	if i == len(free) {
		return nil, true
	}
	for k := from; k < len(free[i]); k++ {
		if *j.tries++; *j.tries > searchTries {
			return nil, false
		}
		c := free[i][k]
		if overlap(taken, c.claims) {
			continue
		}
		next := 0
		if j.again(i + 1) {
			next = k + 1
		}
		if rest, ok := j.choose(free, i+1, next, append(slices.Clone(taken), c.claims...)); ok {
			return append([]Named{c.Named}, rest...), true
		}
	}
	return nil, false
}

func (o option) opens(sp models.Span) bool { return !o.room || o.open(sp) == nil }

// why explains a day: each wish that has no time of its own on it, with the last
// reason; or that they have, but never at once.
func (j *joint) why(d models.Day, now models.Instant) []Hindrance {
	day := models.Span{Start: d.At(0, j.s.zone), End: d.Add(1).At(0, j.s.zone)}
	if !day.End.After(now) {
		return []Hindrance{{Code: "past", From: day.Start, Until: day.End}}
	}
	out := []Hindrance{}
	for _, options := range j.wants {
		if j.ever(options, d, now) {
			continue
		}
		for _, o := range options {
			h := Hindrance{Resource: o.name, Code: "closed", From: day.Start, Until: day.End}
			for _, r := range j.busy {
				if r.span().Overlaps(day) && overlap(o.claims(day), []booking.Claim{{ResourceID: r.ResourceID, Span: r.span()}}) && (!o.room || len(o.hours(o.place, d, d)) > 0) {
					h.Code, h.From, h.Until = "taken", r.StartsAt, r.EndsAt
					break
				}
			}
			out = append(out, h)
		}
	}
	if len(out) == 0 {
		out = append(out, Hindrance{Code: "never_together", From: day.Start, Until: day.End})
	}
	return out
}

// ever reports whether one of some options has a free time on a day.
func (j *joint) ever(options []option, d models.Day, now models.Instant) bool {
	alone := &joint{q: j.q, wants: [][]option{options}, busy: j.busy, tries: j.tries, s: j.s}
	_, ok := alone.on(d, now)
	return ok
}

// FreeTimes lists the times of a length on one day at which a room is free, with the
// plan of that day.
func (s *Service) FreeTimes(ctx context.Context, id int64, day models.Day, length int) (out []Slot, p DayPlan, err error) {
	out = []Slot{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		st, err := s.setting(tx, id, day, day)
		if err != nil {
			return notHere(err)
		}
		b, err := s.busyTimes(tx, st, models.Span{Start: day.At(0, s.zone), End: day.Add(1).At(0, s.zone)}, 0)
		if err != nil {
			return err
		}
		p = st.plan(day, b, tx.Now())
		for _, sp := range st.candidates(day, day, minutesOf(length)) {
			if sp.Start.After(tx.Now()) && b.free(st.claims(sp)) {
				out = append(out, Slot{sp.Start, sp.End})
			}
		}
		return nil
	})
	return out, p, err
}
