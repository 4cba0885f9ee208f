package room

import "youyue/app/errs"

// The refusals of rooms. Each says which rule, until when, and what is possible
// instead; "suggestions" lists the nearest slots and the like rooms where there are
// some.
var (
	// ErrClosedThen: the room is not open all that time. Its member "open" lists the
	// hours of that day.
	ErrClosedThen = errs.New(errs.Conflict, "room.closed_then")
	// ErrPast: the time has begun or is over.
	ErrPast = errs.New(errs.Conflict, "room.past")
	// ErrTooEarly: this day cannot be booked yet; "from" says from when.
	ErrTooEarly = errs.New(errs.Conflict, "room.too_early")
	// ErrTooLate: so short before the start nobody can book any more.
	ErrTooLate = errs.New(errs.Conflict, "room.too_late")
	// ErrTooLong: longer than one booking may last.
	ErrTooLong = errs.New(errs.Invalid, "room.too_long")
	// ErrGrid: the time does not keep to the room's slots, or to its grid.
	ErrGrid = errs.New(errs.Invalid, "room.grid")
	// ErrSpan: the end is not after the start.
	ErrSpan = errs.New(errs.Invalid, "room.span")
	// ErrCapacity: more people than the room holds.
	ErrCapacity = errs.New(errs.Invalid, "room.capacity")
	// ErrPerWeek: the booker has as many bookings this week as the rule allows.
	ErrPerWeek = errs.New(errs.Conflict, "room.per_week")
	// ErrDeskShare: what is left of the day is kept for phone and window until "from".
	ErrDeskShare = errs.New(errs.Conflict, "room.desk_share")
	// ErrPaused: the booker did not come too often and may book again from "from" on.
	ErrPaused = errs.New(errs.Conflict, "room.paused")
	// ErrGuardian: children come with somebody who looks after them.
	ErrGuardian = errs.New(errs.Invalid, "room.guardian")
	// ErrHouseRules: the house rules were not accepted.
	ErrHouseRules = errs.New(errs.Invalid, "room.house_rules")
	// ErrAlone: equipment goes along with a room of its venue; who decides there books it
	// alone. Its member "rooms" lists those rooms.
	ErrAlone = errs.New(errs.Invalid, "room.alone")
	// ErrNotOrg: not an organisation that the actor books for.
	ErrNotOrg = errs.New(errs.Invalid, "room.not_org")

	// ErrDecided: somebody has decided already, or the booking is at an end.
	ErrDecided = errs.New(errs.Conflict, "room.decided")
	// ErrRivals: other requests for the same time would be declined, and were not
	// named. Its member "rivals" lists them.
	ErrRivals = errs.New(errs.Conflict, "room.rivals")
	// ErrChanged: somebody changed it since it was shown.
	ErrChanged = errs.New(errs.Conflict, "room.changed")
	// ErrBegun: it has begun, or is over.
	ErrBegun = errs.New(errs.Conflict, "room.begun")
	// ErrNoPlace: no other time was found.
	ErrNoPlace = errs.New(errs.Conflict, "room.no_place")

	// ErrInUse: something is to come at a place that would be retired. Its member "uses"
	// lists it.
	ErrInUse = errs.New(errs.Conflict, "room.in_use")
	// ErrWholeRetired: what it stands in is retired itself.
	ErrWholeRetired = errs.New(errs.Conflict, "room.whole_retired")
	// ErrClosedApart: a table that would come back is closed by a closure of its own while
	// all of its room is taken. "until" is the end of that closure, its member "closure" the
	// number, and "conflicts" lists what takes the room.
	ErrClosedApart = errs.New(errs.Conflict, "room.closed_apart")
	// ErrClosureHits: the bookings that a closure hits are no longer those shown. Its
	// member "hits" lists them.
	ErrClosureHits = errs.New(errs.Conflict, "room.closure_hits")
	// ErrOccurrences: some occurrences cannot be had. Its member "occurrences" lists
	// all of them, with what is in the way and what is possible instead.
	ErrOccurrences = errs.New(errs.Conflict, "room.occurrences")
	// ErrNoOccurrence: the rule has no day within the time that can be booked.
	ErrNoOccurrence = errs.New(errs.Invalid, "room.no_occurrence")
	// ErrDays: a stretch of days that ends before it begins, or has more than "max".
	ErrDays = errs.New(errs.Invalid, "room.days")
	// ErrTooWide: a search for so many at once has too many ways to be looked through.
	ErrTooWide = errs.New(errs.Invalid, "room.too_wide")
)
