package screening

import "youyue/app/errs"

// The refusals of this feature.
var (
	// ErrLicence: the film may not be shown then; the licence window is named.
	ErrLicence = errs.New(errs.Invalid, "screening.licence")
	// ErrHallBusy: the hall is taken. "clashes" says by what, "alternatives"
	// lists the next starts that are free.
	ErrHallBusy = errs.New(errs.Conflict, "screening.hall_busy")
	// ErrPast: the start lies in the past.
	ErrPast = errs.New(errs.Invalid, "screening.past")
	// ErrFar: the start lies too far ahead.
	ErrFar = errs.New(errs.Invalid, "screening.far")
	// ErrWindow: booking must open before it closes, and close by the start.
	ErrWindow = errs.New(errs.Invalid, "screening.window")
	// ErrFilmTitle: there is a film of this title.
	ErrFilmTitle = errs.New(errs.Conflict, "film.title")
	// ErrFilmDates: the licence must begin before it ends.
	ErrFilmDates = errs.New(errs.Invalid, "film.dates")
	// ErrWhichHall: there is more than one hall, so one must be named.
	ErrWhichHall = errs.New(errs.Invalid, "screening.which_hall")
	// ErrWhichBranch: the actor acts for several branches, so one must be named.
	ErrWhichBranch = errs.New(errs.Invalid, "screening.which_branch")
	// ErrNotBranch: only a party branch can have this.
	ErrNotBranch = errs.New(errs.Forbidden, "screening.not_branch")

	// ErrNotReleased: the cinema has not released these hours. "released" lists
	// the hours of that day that it has, "alternatives" the next starts that work.
	ErrNotReleased = errs.New(errs.Conflict, "hall.not_released")
	// ErrUnconfirmed: the cinema's answer comes first.
	ErrUnconfirmed = errs.New(errs.Conflict, "hall_request.unconfirmed")
	// ErrNothingToConfirm: a screening that does not wait for the cinema.
	ErrNothingToConfirm = errs.New(errs.Conflict, "screening.nothing_to_confirm")

	// ErrLead: the hall is asked for too late; "earliest" is the first start that
	// can still be asked for, "alternatives" lists starts that work.
	ErrLead = errs.New(errs.Conflict, "hall_request.lead")
	// ErrHeadcount: more people than the hall has seats.
	ErrHeadcount = errs.New(errs.Invalid, "hall_request.headcount")
	// ErrDecided: the request was decided before; it says how.
	ErrDecided = errs.New(errs.Conflict, "hall_request.decided")
	// ErrRivals: the list of requests that this approval would decline has
	// changed since it was shown; "rivals" is the new list.
	ErrRivals = errs.New(errs.Conflict, "hall_request.rivals")
	// ErrReason: a decision against somebody needs its reason.
	ErrReason = errs.New(errs.Invalid, "hall_request.reason")
)
