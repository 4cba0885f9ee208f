package room

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// place is a room with what a booking of it needs to know.
type place struct {
	Room
	units   []int64 // the tables of a whole room
	opening models.Opening
	rules   []models.RoomRule // of its venue
}

// rule is what a kind of booker may do here.
func (p place) rule(who models.RoomBooker) models.RoomRule {
	return models.RuleFor(p.rules, p.Room.Room, who)
}

// takes lists the resources that it takes: itself, and its tables.
func (p place) takes() []int64 { return append([]int64{p.ID}, p.units...) }

// setting is a room with all that goes along, and when each is open.
type setting struct {
	place
	extras []place
	days   models.WorkCalendar
	zone   *time.Location
}

// all lists the room and what goes along.
func (st setting) all() []place { return append([]place{st.place}, st.extras...) }

// claims are the kernel's claims for a time, buffers included, ordered by
// resource. What is claimed twice, as a table of the room that goes along, counts once.
func (st setting) claims(span models.Span) []booking.Claim {
	var out []booking.Claim
	for _, p := range st.all() {
		held := p.Held(span)
		for _, id := range p.takes() {
			if !slices.ContainsFunc(out, func(c booking.Claim) bool { return c.ResourceID == id }) {
				out = append(out, booking.Claim{ResourceID: id, Span: held})
			}
		}
	}
	slices.SortFunc(out, func(a, b booking.Claim) int { return int(a.ResourceID - b.ResourceID) })
	return out
}

// resources lists what a booking takes.
func (st setting) resources() []int64 {
	var out []int64
	for _, c := range st.claims(models.Span{}) {
		out = append(out, c.ResourceID)
	}
	return out
}

// extraIDs lists what was asked to go along.
func (st setting) extraIDs() []int64 {
	out := make([]int64, len(st.extras))
	for i, p := range st.extras {
		out[i] = p.ID
	}
	return out
}

// hours are when a place is open from one date to another, both included, in order
// and without touching pieces.
func (st setting) hours(p place, from, to models.Day) []models.Span {
	var out []models.Span
	for d := from; !to.Before(d); d = d.Add(1) {
		kind, _ := st.days.Kind(d)
		for _, s := range p.opening.Spans(d, kind, st.zone) {
			if n := len(out); n > 0 && !out[n-1].End.Before(s.Start) {
				out[n-1].End = s.End
				continue
			}
			out = append(out, s)
		}
	}
	return out
}

// longestDays is the longest that anything may last, in a place that never closes. Ours.
const longestDays = 62

// within returns the opening that has all of a time in it. A time may go on past
// midnight where the place does.
func (st setting) within(p place, span models.Span) (models.Span, bool) {
	from, to := models.DayOf(span.Start, st.zone), models.DayOf(span.End, st.zone)
	if to.Sub(from) > longestDays { // thousands of years are not worth looking at day by day
		return models.Span{}, false
	}
	for _, o := range st.hours(p, from, to) {
		if !span.Start.Before(o.Start) && !span.End.After(o.End) {
			return o, true
		}
	}
	return models.Span{}, false
}

// open holds a time to the opening hours of the room, and of the rooms that go
// along; equipment is where its venue is. It returns ErrClosedThen.
func (st setting) open(span models.Span) *errs.Error {
	for _, p := range st.all() {
		if p.Kind == models.RoomEquipment {
			continue
		}
		if _, ok := st.within(p, span); !ok {
			return st.closed(p, span)
		}
	}
	return nil
}

func (st setting) closed(p place, span models.Span) *errs.Error {
	day := models.DayOf(span.Start, st.zone)
	open := st.hours(p, day, day)
	views := make([]Slot, len(open))
	for i, o := range open {
		views[i] = Slot{o.Start, o.End}
	}
	e := ErrClosedThen.With("room", p.Title()).With("day", span.Start).With("hours", clock(open, st.zone)).
		Add("open", views).At(errs.Field{Name: "start", Code: "other"})
	if len(open) == 0 {
		return e.Worded("room.closed_day")
	}
	return e
}

// Slot is a time by its start and end.
type Slot struct {
	Start models.Instant `json:"start"`
	End   models.Instant `json:"end"`
}

// clock writes times of one day: 9:00–12:00, 14:00–24:00.
func clock(spans []models.Span, zone *time.Location) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		end := s.End.In(zone).Format("15:04")
		if end == "00:00" {
			end = "24:00"
		}
		parts[i] = strings.TrimPrefix(s.Start.In(zone).Format("15:04"), "0") + "–" + strings.TrimPrefix(end, "0")
	}
	return strings.Join(parts, ", ")
}

// setting loads a room, what goes along, and the hours from one date to another.
// A room that does not exist is a fault of "room_id"; so is what goes along and is
// not of the same venue, of "resources[i]".
func (s *Service) setting(tx *db.Tx, roomID int64, from, to models.Day, extras ...int64) (setting, error) {
	all, days, err := s.places(tx, from, to, append([]int64{roomID}, extras...)...)
	if err != nil {
		return setting{}, err
	}
	st := setting{days: days, zone: s.zone}
	main, ok := all[roomID]
	if !ok {
		return st, errs.FieldFault("room_id", "unknown")
	}
	st.place = main
	for i, id := range extras {
		p, ok := all[id]
		if !ok || p.VenueID != main.VenueID {
			return st, errs.FieldFault(fmt.Sprintf("resources[%d]", i), "unknown")
		}
		if id != roomID && !slices.ContainsFunc(st.extras, func(x place) bool { return x.ID == id }) {
			st.extras = append(st.extras, p)
		}
	}
	return st, nil
}

// places loads living rooms by id with their hours and rules; those that do not
// exist are left out.
func (s *Service) places(tx *db.Tx, from, to models.Day, ids ...int64) (map[int64]place, models.WorkCalendar, error) {
	rows, err := roomsByID(tx, ids...)
	if err != nil {
		return nil, models.WorkCalendar{}, err
	}
	days, err := s.days(tx)
	if err != nil || len(rows) == 0 {
		return nil, days, err
	}
	open, err := openings(tx, from.Add(-1), to.Add(1), rows...)
	if err != nil {
		return nil, days, err
	}
	var venues, wholes []int64
	for _, r := range rows {
		venues = append(venues, r.VenueID)
		if r.Units > 0 {
			wholes = append(wholes, r.ID)
		}
	}
	rules, err := rulesOf(tx, venues...)
	if err != nil {
		return nil, days, err
	}
	units, err := unitIDs(tx, wholes...)
	out := make(map[int64]place, len(rows))
	for _, r := range rows {
		out[r.ID] = place{Room: r, units: units[r.ID], opening: open[r.ID], rules: rules}
	}
	return out, days, err
}

// Claims are the kernel's claims for a room with its tables, buffers and what goes
// along, for a feature that reserves under a source of its own. A room that does
// not exist is a fault of "room_id"; it returns ErrClosedThen when one of them is
// not open then.
func (s *Service) Claims(tx *db.Tx, roomID int64, span models.Span, extras ...int64) ([]booking.Claim, error) {
	if !span.Valid() {
		return nil, ErrSpan.At(errs.Field{Name: "end", Code: "other"})
	}
	st, err := s.setting(tx, roomID, models.DayOf(span.Start, s.zone), models.DayOf(span.End, s.zone), extras...)
	if err != nil {
		return nil, err
	}
	if refusal := st.open(span); refusal != nil {
		return nil, refusal
	}
	return st.claims(span), nil
}

// Occupants tells what rooms are taken for by bookings of this feature.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	all, err := bookingOccupants(tx, ids, nil, models.Span{})
	out := make([]models.Occupant, len(all))
	for i, o := range all {
		out[i] = o.Occupant
	}
	return out, err
}

// Closures tells what rooms are taken for by closures.
func (s *Service) Closures(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	return closureOccupants(tx, ids)
}
