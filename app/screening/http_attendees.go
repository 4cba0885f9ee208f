package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
)

type guestIn struct {
	Name   string `json:"name" validate:"required,plain,max=40"`
	SeatID int64  `json:"seat_id"`
}

type enrolIn struct {
	bookingByID
	Attendees []guestIn       `json:"attendees" validate:"max=400,dive"`
	Seating   booking.Seating `json:"seating" validate:"omitempty,oneof=in_order free"`
}

func (in enrolIn) guests() []booking.Guest {
	out := make([]booking.Guest, len(in.Attendees))
	for i, g := range in.Attendees {
		out[i] = booking.Guest(g)
	}
	return out
}

type rollView struct {
	BookingID string             `json:"booking_id"`
	Party     int                `json:"party"`
	Attendees []booking.Attendee `json:"attendees"`
	Seats     []booking.SeatRef  `json:"seats"`
	SameNames []string           `json:"same_names"` // names that stand there more than once
}

func viewRoll(r Roll) rollView {
	v := rollView{BookingID: r.Ticket.ID, Party: r.Ticket.Party, Attendees: r.Attendees, Seats: r.Ticket.Seats, SameNames: []string{}}
	times := map[string]int{}
	for _, a := range r.Attendees {
		if times[a.Name]++; times[a.Name] == 2 {
			v.SameNames = append(v.SameNames, a.Name)
		}
	}
	return v
}

func (s *Service) attendeeRoutes(r *httpapi.Router) {
	const tag = "bookings"
	httpapi.API(r, http.MethodGet, "/api/v1/bookings/:id/attendees", auth.SignedIn,
		httpapi.Op{Summary: "Who comes under a booking, and on which seat", Tag: tag},
		func(ctx context.Context, a auth.Actor, in bookingByID) (rollView, error) {
			out, err := s.Roll(ctx, a, in.ID)
			return viewRoll(out), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/attendees", auth.SignedIn,
		httpapi.Op{Summary: "Replace the list of who comes; seats as named, in order, or free; all or nothing", Tag: tag,
			Errors: []*errs.Error{booking.ErrTooManyNames, booking.ErrNameIsIn, booking.ErrNotBooked}},
		func(ctx context.Context, a auth.Actor, in enrolIn) (rollView, error) {
			out, err := s.Enrol(ctx, a, in.ID, in.guests(), in.Seating)
			return viewRoll(out), err
		})
}
