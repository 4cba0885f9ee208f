package booking

import "youyue/app/errs"

// The refusals of the kernel. Each says which rule, until when, and what is
// possible instead; the words are in the locale files.
var (
	// ErrSeatTaken: a wanted seat is gone. Its member "alternatives" lists the
	// nearest equivalent seats.
	ErrSeatTaken = errs.New(errs.Conflict, "screening.seat_taken")
	// ErrFull: fewer seats are left than asked for.
	ErrFull = errs.New(errs.Conflict, "screening.full")
	// ErrNotYet: booking opens later.
	ErrNotYet = errs.New(errs.Conflict, "screening.not_open_yet")
	// ErrClosed: booking has closed.
	ErrClosed = errs.New(errs.Conflict, "screening.booking_closed")
	// ErrPlanned: who runs the place has not confirmed the event yet.
	ErrPlanned = errs.New(errs.Conflict, "screening.planned")
	// ErrOver: the event is finished or cancelled.
	ErrOver = errs.New(errs.Conflict, "screening.over")
	// ErrBranchesOnly: the event is for party branches.
	ErrBranchesOnly = errs.New(errs.Forbidden, "screening.branches_only")
	// ErrTooMany: more seats than one booking may have.
	ErrTooMany = errs.New(errs.Invalid, "screening.too_many")
	// ErrPersonLimit: more seats than one person may have in this event, in all of
	// their bookings together; "left" says how many more there can be.
	ErrPersonLimit = errs.New(errs.Conflict, "screening.person_limit")
	// ErrUnknownSeat: a seat that this event does not have.
	ErrUnknownSeat = errs.New(errs.Invalid, "screening.unknown_seat")
	// ErrNotForSale: a seat that is out of order or never sold.
	ErrNotForSale = errs.New(errs.Conflict, "screening.not_for_sale")
	// ErrSeatsOrCount: chosen seats or a head-count, one of the two.
	ErrSeatsOrCount = errs.New(errs.Invalid, "screening.seats_or_count")

	// ErrCancelLate: the limit for cancelling has passed.
	ErrCancelLate = errs.New(errs.Conflict, "booking.cancel_late")
	// ErrNotBooked: the booking is cancelled or its event is over.
	ErrNotBooked = errs.New(errs.Conflict, "booking.not_booked")
	// ErrArrived: a booking whose people have been checked in cannot be cancelled.
	ErrArrived = errs.New(errs.Conflict, "booking.arrived")
	// ErrNotBroken: no seat of the booking is out of order.
	ErrNotBroken = errs.New(errs.Conflict, "booking.not_broken")
	// ErrNoneLeft: all seats of the booking are out of order.
	ErrNoneLeft = errs.New(errs.Conflict, "booking.none_left")
	// ErrChangeLate: the limit for changing seats has passed.
	ErrChangeLate = errs.New(errs.Conflict, "booking.change_late")
	// ErrSeatHere: a seat whose holder has been checked in is not given up.
	ErrSeatHere = errs.New(errs.Conflict, "booking.seat_here")
	// ErrBusy: too many bookings wait at this moment.
	ErrBusy = errs.New(errs.Unavailable, "booking.busy")

	// ErrUnknownCode: no booking has this code.
	ErrUnknownCode = errs.New(errs.NotFound, "checkin.unknown_code")
	// ErrOtherEvent: the booking is for another event than the one at this door.
	ErrOtherEvent = errs.New(errs.Conflict, "checkin.other_event")
	// ErrNotThere: nothing to undo, nobody was checked in on that seat.
	ErrNotThere = errs.New(errs.Conflict, "checkin.not_there")
	// ErrUnknownAttendee: a member that this booking does not have.
	ErrUnknownAttendee = errs.New(errs.Invalid, "checkin.unknown_attendee")
	// ErrFewerLeft: fewer of the booking's seats wait for somebody than came.
	ErrFewerLeft = errs.New(errs.Conflict, "checkin.fewer_left")
	// ErrDoorEarly: the event is on another day, the door takes nobody in yet.
	ErrDoorEarly = errs.New(errs.Conflict, "checkin.early")
	// ErrNotBegun: nobody can have come after a start that is yet to come.
	ErrNotBegun = errs.New(errs.Invalid, "checkin.not_begun")
	// ErrDoorOver: the event has ended, the door takes nobody in any more.
	ErrDoorOver = errs.New(errs.Conflict, "checkin.over")
	// ErrReleased: the party had not come and its seats were let go.
	ErrReleased = errs.New(errs.Conflict, "checkin.released")
	// ErrWalkInsLater: walk-ins are seated from shortly before the start.
	ErrWalkInsLater = errs.New(errs.Conflict, "walkin.not_yet")
	// ErrReleaseLater: seats are let go only some time after the start.
	ErrReleaseLater = errs.New(errs.Conflict, "walkin.release_later")
	// ErrAllHere: nobody of the chosen parties is missing, so no seat can be let go.
	ErrAllHere = errs.New(errs.Conflict, "walkin.all_here")
	// ErrRecordClosed: the days in which a list on paper may be entered are over.
	ErrRecordClosed = errs.New(errs.Conflict, "checkin.record_closed")
)
