package activity

import (
	"youyue/app/booking"
	"youyue/app/errs"
)

// The refusals of this feature.
var (
	// ErrFull: too few places are left, and the list takes nobody.
	ErrFull = errs.New(errs.Conflict, "activity.full")
	// ErrNotYet: sign-up opens later.
	ErrNotYet = errs.New(errs.Conflict, "activity.not_yet")
	// ErrOwner: the partner who lends the place has not agreed; "until" says by when it
	// answers. Without that member it has refused, and another time is looked for.
	ErrOwner = errs.New(errs.Conflict, "activity.owner_asked")
	// ErrClosed: sign-up is over.
	ErrClosed = errs.New(errs.Conflict, "activity.closed")
	// ErrOver: the activity or session has ended, or was cancelled.
	ErrOver = errs.New(errs.Conflict, "activity.over")
	// ErrOtherRoom: a session stays in the room of its activity.
	ErrOtherRoom = errs.New(errs.Conflict, "activity.other_room")
	// ErrTooMany: more people than one sign-up may have.
	ErrTooMany = errs.New(errs.Invalid, "activity.too_many")
	// ErrHousehold: an account with the people it keeps would have more than "max" of the
	// places of a session; it has "has".
	ErrHousehold = errs.New(errs.Conflict, "activity.household")
	// ErrAge: the activity is for another age.
	ErrAge = errs.New(errs.Invalid, "activity.age")
	// ErrGuardian: for a child under fourteen somebody agrees and fetches it.
	ErrGuardian = errs.New(errs.Invalid, "activity.guardian")
	// ErrAlready: whom it is for has a sign-up for that session, "signup_id".
	ErrAlready = errs.New(errs.Conflict, "activity.already")
	// ErrPaused: somebody did not come too often and may sign up again from "from" on.
	ErrPaused = errs.New(errs.Conflict, "activity.paused")
	// ErrTwoPeople: to somebody's home go two people at least, who are to be named first.
	ErrTwoPeople = errs.New(errs.Conflict, "activity.two_people")
	// ErrDrawn: the draw has been held, or waits for its value.
	ErrDrawn = errs.New(errs.Conflict, "activity.drawn")
	// ErrNoDraw: there is no draw to be held now.
	ErrNoDraw = errs.New(errs.Conflict, "activity.no_draw")
	// ErrDrawFirst: the session would begin before its draw is over; "from" is when it may.
	ErrDrawFirst = errs.New(errs.Conflict, "activity.draw_first")
	// ErrNotLeft: what is to be taken back was not given up, or too long ago.
	ErrNotLeft = errs.New(errs.Conflict, "activity.not_left")
	// ErrSignature: what a device sends was not signed with the key it lent places with.
	ErrSignature = errs.New(errs.Invalid, "activity.signature")
	// ErrCells: cells of a service list are at fault; "faults" names each by row and column.
	ErrCells = errs.New(errs.Invalid, "service.faults")
	// ErrCellsChanged: what an import would do is no longer what was looked at.
	ErrCellsChanged = errs.New(errs.Conflict, "service.changed")
	// ErrMonthOver: no day is left in the month of a cell.
	ErrMonthOver = errs.New(errs.Conflict, "service.month_over")
	// ErrNoEarlier: there is no earlier list to go back to.
	ErrNoEarlier = errs.New(errs.Conflict, "service.no_earlier")
)

// ours says a refusal of the kernel in the words of activities, with all that it
// carries. Others pass as they are.
func ours(err error) error {
	if err == nil {
		return nil
	}
	e := errs.As(err)
	for _, x := range []struct{ kernel, own *errs.Error }{
		{booking.ErrFull, ErrFull}, {booking.ErrNotYet, ErrNotYet}, {booking.ErrClosed, ErrClosed}, {booking.ErrOver, ErrOver},
		{booking.ErrTooMany, ErrTooMany}, {booking.ErrPersonLimit, ErrHousehold}, {booking.ErrNeverFits, ErrTooMany}, {booking.ErrListFull, ErrFull}, {booking.ErrListEnded, ErrFull},
	} {
		if e.Code == x.kernel.Code {
			c := *x.own
			c.Args, c.Extra = e.Args, e.Extra
			for _, f := range e.Fields {
				f.Name = "party"
				c.Fields = append(c.Fields, f)
			}
			return &c
		}
	}
	return err
}
