package models

import (
	"slices"
	"time"
)

// The days of opening hours that are no weekdays.
const (
	HoursHoliday = 8 // statutory holidays
	HoursMakeup  = 9 // weekends that are worked
)

// OpeningHours are hours at which a place is open, in minutes after midnight: on
// a weekday, 1 Monday … 7 Sunday, on HoursHoliday or on HoursMakeup.
type OpeningHours struct {
	ID      int64
	VenueID int64
	RoomID  *int64 // nil: of every room of the venue that has none of its own
	Day     int
	Opens   int
	Closes  int
}

// OpeningException is one day that is otherwise; Opens nil is closed.
type OpeningException struct {
	ID        int64
	VenueID   int64
	RoomID    *int64
	Day       Day
	Opens     *int
	Closes    *int
	Reason    string
	CreatedBy int64
	CreatedAt Instant
}

// Minutes is a part of a day, in minutes after midnight, the end excluded.
type Minutes struct{ From, To int }

// Opening is when a room is open.
type Opening struct {
	Hours      []OpeningHours
	Exceptions []OpeningException
}

// OpeningOf keeps what counts for a room (or for one of its tables: whole is then
// the room): its own hours, else the room's, else the venue's, and the exceptions
// of all three.
func OpeningOf(hours []OpeningHours, exceptions []OpeningException, room Room) Opening {
	of := func(id *int64) []OpeningHours {
		var out []OpeningHours
		for _, h := range hours {
			if h.VenueID == room.VenueID && same(h.RoomID, id) {
				out = append(out, h)
			}
		}
		return out
	}
	o := Opening{Hours: of(&room.ID)}
	if len(o.Hours) == 0 && room.WholeID != nil {
		o.Hours = of(room.WholeID)
	}
	if len(o.Hours) == 0 {
		o.Hours = of(nil)
	}
	for _, x := range exceptions {
		if x.VenueID == room.VenueID && (x.RoomID == nil || *x.RoomID == room.ID || same(x.RoomID, room.WholeID)) {
			o.Exceptions = append(o.Exceptions, x)
		}
	}
	return o
}

func same(a, b *int64) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// On lists when it is open on a date, in order and without touching pieces; none
// is closed. Exceptions of the date stand in for the usual hours, those of the
// room for those of the venue.
func (o Opening) On(d Day, kind DayKind) []Minutes {
	var out []Minutes
	if own, ok := o.exception(d); ok {
		out = own
	} else {
		out = o.usual(d, kind)
	}
	slices.SortFunc(out, func(a, b Minutes) int { return a.From - b.From })
	merged := out[:0]
	for _, m := range out {
		if n := len(merged); n > 0 && m.From <= merged[n-1].To {
			merged[n-1].To = max(merged[n-1].To, m.To)
			continue
		}
		merged = append(merged, m)
	}
	return merged
}

func (o Opening) exception(d Day) (out []Minutes, found bool) {
	room := slices.ContainsFunc(o.Exceptions, func(x OpeningException) bool { return x.Day == d && x.RoomID != nil })
	for _, x := range o.Exceptions {
		if x.Day != d || (x.RoomID != nil) != room {
			continue
		}
		found = true
		if x.Opens != nil && x.Closes != nil {
			out = append(out, Minutes{*x.Opens, *x.Closes})
		}
	}
	return out, found
}

func (o Opening) usual(d Day, kind DayKind) []Minutes {
	weekday := (int(d.Weekday())+6)%7 + 1
	day := weekday
	switch {
	case kind == DayHoliday:
		day = HoursHoliday
	case kind == DayMakeup && slices.ContainsFunc(o.Hours, func(h OpeningHours) bool { return h.Day == HoursMakeup }):
		day = HoursMakeup
	}
	var out []Minutes
	for _, h := range o.Hours {
		if h.Day == day {
			out = append(out, Minutes{h.Opens, h.Closes})
		}
	}
	return out
}

// Spans are the hours of a date as moments in a zone.
func (o Opening) Spans(d Day, kind DayKind, zone *time.Location) []Span {
	var out []Span
	for _, m := range o.On(d, kind) {
		out = append(out, Span{d.At(m.From, zone), d.At(m.To, zone)})
	}
	return out
}
