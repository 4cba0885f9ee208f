package room

import (
	"context"
	"errors"
	"slices"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// How far and how many slots are suggested. Ours.
const (
	suggestDays  = 14
	suggestSlots = 3
	suggestRooms = 3
)

// Suggestion is a time that is free: in the same room, or the same time in a room
// like it.
type Suggestion struct {
	RoomID int64          `json:"room_id"`
	Room   string         `json:"room"`
	Start  models.Instant `json:"start"`
	End    models.Instant `json:"end"`
}

// withSuggestions adds to a refusal about time what is possible instead.
func (s *Service) withSuggestions(tx *db.Tx, st setting, w asked, refusal *errs.Error) error {
	for _, beside := range []*errs.Error{ErrCapacity, ErrGuardian, ErrSpan, ErrTooEarly} {
		if errors.Is(refusal, beside) {
			return refusal
		}
	}
	if w.later != nil {
		*w.later = &instead{st, w, refusal}
		return refusal
	}
	found, err := s.suggest(tx, st, w)
	if err != nil {
		return err
	}
	return refusal.Add("suggestions", found)
}

// instead is a refusal whose suggestions are still to be found.
type instead struct {
	st      setting
	ask     asked
	refusal *errs.Error
}

// complete adds the suggestions to a refusal when its locks are gone: in a rush for one room those
// who come next need not wait for the calendars that are read for it.
func (s *Service) complete(ctx context.Context, x instead) error {
	x.ask.later = nil
	var refusal error
	if err := s.db.Read(ctx, func(tx *db.Tx) error { refusal = s.withSuggestions(tx, x.st, x.ask, x.refusal); return nil }); err != nil {
		return err
	}
	return refusal
}

// suggest lists the nearest slots of the room and the like rooms that are free then.
// The list may be empty, never nil.
func (s *Service) suggest(tx *db.Tx, st setting, w asked) ([]Suggestion, error) {
	out := []Suggestion{}
	slots, err := s.nearest(tx, st, w, suggestSlots)
	if err != nil {
		return nil, err
	}
	for _, sp := range slots {
		out = append(out, Suggestion{st.ID, st.Title(), sp.Start, sp.End})
	}
	alike, err := s.alike(tx, st, w)
	return append(out, alike...), err
}

// nearest lists free times of the wanted length, the nearest to the wanted first,
// that the rules of hours, grid and time ahead allow.
func (s *Service) nearest(tx *db.Tx, st setting, w asked, most int) ([]models.Span, error) {
	day, today := models.DayOf(w.span.Start, st.zone), models.DayOf(tx.Now(), st.zone)
	from, to := day.Add(-suggestDays), day.Add(suggestDays)
	if from.Before(today) {
		from = today
	}
	if last := today.Add(st.rule(w.booker()).AheadDays); !w.decides && last.Before(to) {
		to = last
	}
	if to.Before(from) {
		return nil, nil
	}
	st, err := s.setting(tx, st.ID, from, to, st.extraIDs()...)
	if err != nil {
		return nil, err
	}
	b, err := s.busyTimes(tx, st, models.Span{Start: from.At(0, st.zone), End: to.Add(1).At(0, st.zone)}, w.except)
	if err != nil {
		return nil, err
	}
	length := w.span.End.Sub(w.span.Start)
	var all []models.Span
	for _, sp := range st.candidates(from, to, length) {
		try := w
		try.span = sp
		if st.timely(tx.Now(), try) == nil && sp.Start.After(tx.Now()) && st.open(sp) == nil && b.free(st.claims(sp)) {
			all = append(all, sp)
		}
	}
	away := func(sp models.Span) time.Duration { return sp.Start.Sub(w.span.Start).Abs() }
	slices.SortStableFunc(all, func(a, b models.Span) int { return int(away(a) - away(b)) })
	return all[:min(most, len(all))], nil
}

// candidates are the times of a length, on the room's grid, within its hours.
func (st setting) candidates(from, to models.Day, length time.Duration) []models.Span {
	var out []models.Span
	step := minutesOf(st.Step())
	if st.SlotMin > 0 {
		length = roundUp(length, step)
	}
	for _, open := range st.hours(st.place, from, to) {
		at := open.Start
		if st.SlotMin == 0 {
			midnight := models.DayOf(open.Start, st.zone).At(0, st.zone)
			at = midnight.Add(roundUp(open.Start.Sub(midnight), step))
		}
		for ; !at.Add(length).After(open.End); at = at.Add(step) {
			out = append(out, models.Span{Start: at, End: at.Add(length)})
		}
	}
	return out
}

// roundUp is the least multiple of step that is not less.
func roundUp(d, step time.Duration) time.Duration {
	if over := d % step; over > 0 {
		return d + step - over
	}
	return d
}

// alike lists the rooms of the same use that hold as many and are free at the wanted
// time: those of the same venue first.
func (s *Service) alike(tx *db.Tx, st setting, w asked) ([]Suggestion, error) {
	out := []Suggestion{}
	if st.Use == "" || !w.span.Valid() {
		return out, nil
	}
	rows, err := rooms(tx, Filter{Use: st.Use, Kind: st.Kind, Capacity: w.attendees})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, r := range rows {
		if r.ID != st.ID && r.Audience == st.Audience {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	day := models.DayOf(w.span.Start, st.zone)
	places, days, err := s.places(tx, day, models.DayOf(w.span.End, st.zone), ids...)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(ids, func(a, b int64) int { return away(places[a], st) - away(places[b], st) })
	for _, id := range ids {
		like := setting{place: places[id], days: days, zone: st.zone}
		if like.fits(w) != nil || like.timely(tx.Now(), w) != nil {
			continue
		}
		b, err := s.busyTimes(tx, like, w.span, w.except)
		if err != nil {
			return nil, err
		}
		if b.free(like.claims(w.span)) {
			out = append(out, Suggestion{like.ID, like.Title(), w.span.Start, w.span.End})
		}
		if len(out) == suggestRooms {
			break
		}
	}
	return out, nil
}

// away orders rooms: the same room's tables, the same venue, others.
func away(p place, st setting) int {
	switch {
	case p.WholeID != nil && st.WholeID != nil && *p.WholeID == *st.WholeID:
		return 0
	case p.VenueID == st.VenueID:
		return 1
	default:
		return 2
	}
}

// busyTimes is what occupies the resources of a setting around a time.
type busyTimes []busyRow

// busyTimes reads what is in the way of a setting during a time, widened by its
// buffers, less what a booking itself has.
func (s *Service) busyTimes(tx *db.Tx, st setting, span models.Span, except int64) (busyTimes, error) {
	for _, p := range st.all() {
		held := p.Held(span)
		if held.Start.Before(span.Start) {
			span.Start = held.Start
		}
		if held.End.After(span.End) {
			span.End = held.End
		}
	}
	rows, err := busy(tx, st.resources(), span)
	return slices.DeleteFunc(rows, func(r busyRow) bool { return except != 0 && r.SourceKind == Source && r.SourceID == except }), err
}

// free reports whether nothing is in the way of claims.
func (b busyTimes) free(claims []booking.Claim) bool { return len(b.against(claims)) == 0 }

// against lists what is in the way of claims.
func (b busyTimes) against(claims []booking.Claim) []busyRow {
	var out []busyRow
	for _, r := range b {
		if slices.ContainsFunc(claims, func(c booking.Claim) bool { return c.ResourceID == r.ResourceID && c.Span.Overlaps(r.span()) }) {
			out = append(out, r)
		}
	}
	return out
}

func (r busyRow) span() models.Span { return models.Span{Start: r.StartsAt, End: r.EndsAt} }

func (r busyRow) clash() booking.Clash {
	return booking.Clash{ResourceID: r.ResourceID, Span: r.span(), Source: booking.Source{Kind: r.SourceKind, ID: r.SourceID}}
}

// waits reports whether it only holds its time until somebody decides.
func (r busyRow) waits() bool {
	return r.SourceKind == Source && (r.Status == models.RoomPending || r.Status == models.RoomProposed)
}
