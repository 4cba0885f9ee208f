package screening

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// Pages declares the pages of the cinema hall.
func (s *Service) Pages(r *httpapi.Router) {
	// Everybody: what is on.
	httpapi.Page(r, "/", auth.Public, s.homePage)
	httpapi.Page(r, "/screenings", auth.Public, s.programmePage)
	httpapi.Page(r, "/screenings/:id", auth.Public, s.showPage)
	httpapi.Page(r, "/screenings/:id/seats", auth.Public, s.seatsPage)
	// Signed in: book, keep the ticket, give it back. The GET of /book is where a
	// visitor lands after the log-in, with the choice made before it.
	httpapi.Page(r, "/screenings/:id/book", auth.SignedIn, s.showPage)
	httpapi.Form(r, "/screenings/:id/book", auth.SignedIn, httpapi.LimitBooking, s.bookForm)
	httpapi.Page(r, "/bookings", auth.SignedIn, s.bookingsPage)
	httpapi.Page(r, "/desk", auth.BookForOthers, s.deskPage)
	httpapi.Form(r, "/desk/book", auth.BookForOthers, httpapi.LimitBooking, s.deskForm)
	httpapi.Page(r, "/desk/slips", auth.BookForOthers, s.slipsPage)
	httpapi.Page(r, "/bookings/:id", auth.SignedIn, s.ticketPage)
	httpapi.Page(r, "/bookings/:id/slip", auth.SignedIn, s.slipPage)
	httpapi.PageFile(r, "/bookings/:id/calendar.ics", auth.SignedIn, s.calendarFile)
	httpapi.Page(r, "/bookings/:id/seats", auth.SignedIn, s.changePage)
	httpapi.Form(r, "/bookings/:id/seats", auth.SignedIn, httpapi.LimitBooking, s.changeForm)
	httpapi.Page(r, "/bookings/:id/cancel", auth.SignedIn, s.cancelPage)
	httpapi.Form(r, "/bookings/:id/cancel", auth.SignedIn, httpapi.LimitNone, s.cancelForm)
	httpapi.Form(r, "/bookings/:id/keep", auth.SignedIn, httpapi.LimitNone, s.keepForm)
	s.attendeePages(r)
	s.blockPages(r)
	// Branches: the whole hall.
	httpapi.Page(r, "/branch", auth.HallAsk, s.branchPage)
	httpapi.Page(r, "/hall-requests/new", auth.HallAsk, s.askPage)
	httpapi.Form(r, "/hall-requests", auth.HallAsk, httpapi.LimitBooking, s.askForm)
	httpapi.Page(r, "/hall-requests/:id", auth.SignedIn, s.requestPage)
	httpapi.Form(r, "/hall-requests/:id/accept", auth.HallAnswer, httpapi.LimitNone, s.acceptForm)
	httpapi.Page(r, "/hall-requests/:id/withdraw", auth.HallAnswer, s.withdrawPage)
	httpapi.Form(r, "/hall-requests/:id/withdraw", auth.HallAnswer, httpapi.LimitNone, s.withdrawForm)
	// Schedulers: decide, plan, keep the films.
	httpapi.Page(r, "/hall", auth.HallCalendar, s.weekPage)
	httpapi.Form(r, "/hall-requests/:id/approve", auth.HallDecide, httpapi.LimitNone, s.approveForm)
	httpapi.Form(r, "/hall-requests/:id/decline", auth.HallDecide, httpapi.LimitNone, s.declineForm)
	httpapi.Form(r, "/hall-requests/:id/propose", auth.HallDecide, httpapi.LimitNone, s.proposeForm)
	httpapi.Page(r, "/screenings/new", auth.ScreeningWrite, s.planPage)
	httpapi.Form(r, "/screenings", auth.ScreeningWrite, httpapi.LimitNone, s.planForm)
	httpapi.Page(r, "/screenings/:id/call-off", auth.ScreeningWrite, s.callOffPage)
	httpapi.Form(r, "/screenings/:id/call-off", auth.ScreeningWrite, httpapi.LimitNone, s.callOffForm)
	httpapi.Page(r, "/films", auth.FilmWrite, s.filmsPage)
	httpapi.Form(r, "/films", auth.FilmWrite, httpapi.LimitNone, s.filmForm)
	httpapi.Page(r, "/films/:id", auth.FilmWrite, s.filmPage)
	httpapi.Form(r, "/films/:id", auth.FilmWrite, httpapi.LimitNone, s.filmForm)
	s.waitPages(r)
	// The cinema: its answers.
	httpapi.Page(r, "/cinema/requests/:id", auth.HallConfirm, s.confirmPage)
	httpapi.Form(r, "/cinema/requests/:id/confirm", auth.HallConfirm, httpapi.LimitNone, s.confirmForm)
	httpapi.Form(r, "/cinema/requests/:id/refuse", auth.HallConfirm, httpapi.LimitNone, s.refuseForm)
	httpapi.Page(r, "/cinema/screenings/:id", auth.HallConfirm, s.confirmShowPage)
	httpapi.Form(r, "/cinema/screenings/:id/confirm", auth.HallConfirm, httpapi.LimitNone, s.confirmShowForm)
	httpapi.Form(r, "/cinema/screenings/:id/refuse", auth.HallConfirm, httpapi.LimitNone, s.refuseShowForm)
}

func (s *Service) words(ctx context.Context) web.Words { return httpapi.Words(ctx, s.zone, s.db.Now()) }

// atDate points a rule's fault about a start at the date field of a form.
func atDate(bad *errs.Error) *errs.Error {
	if bad == nil {
		return nil
	}
	c := *bad
	c.Fields = slices.Clone(bad.Fields)
	for i := range c.Fields {
		if c.Fields[i].Name == "starts_at" {
			c.Fields[i].Name = "date"
		}
	}
	return &c
}
