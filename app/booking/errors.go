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
	// ErrOver: the event is finished or cancelled.
	ErrOver = errs.New(errs.Conflict, "screening.over")
	// ErrBranchesOnly: the event is for party branches.
	ErrBranchesOnly = errs.New(errs.Forbidden, "screening.branches_only")
	// ErrTooMany: more seats than one booking may have.
	ErrTooMany = errs.New(errs.Invalid, "screening.too_many")
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
)
