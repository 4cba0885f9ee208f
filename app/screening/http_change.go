package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/models"
)

type changeIn struct {
	httpapi.Keyed
	bookingByID
	Seats       []int64        `json:"seats" validate:"max=400"`
	Count       int            `json:"count" validate:"min=0,max=400"`
	Preference  models.Zone    `json:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool           `json:"aisle"`
	Wheelchairs *int           `json:"wheelchairs" validate:"omitempty,min=0,max=10"`
	Companions  *int           `json:"companions" validate:"omitempty,min=0,max=10"`
	Channel     models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack    bool           `json:"read_back"`
}

func (in changeIn) wish() NewSeats {
	return NewSeats{Seats: in.Seats, Count: in.Count, Zone: in.Preference, Aisle: aisle(in.Aisle), Wheelchairs: in.Wheelchairs,
		Companions: in.Companions, Channel: in.Channel, ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key}
}

func aisle(wanted bool) models.Aisle {
	if wanted {
		return models.AisleWanted
	}
	return models.AisleAny
}

func (s *Service) changeRoutes(r *httpapi.Router) {
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/seats", auth.SignedIn,
		httpapi.Op{Summary: "Change to chosen seats, or to a number of people seated together; the old seats stay until the new are held", Tag: "bookings",
			Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrSeatTaken, booking.ErrFull, booking.ErrNotYet, booking.ErrClosed, booking.ErrOver, booking.ErrBranchesOnly, booking.ErrTooMany,
				booking.ErrUnknownSeat, booking.ErrNotForSale, booking.ErrSeatsOrCount, booking.ErrNotBooked, booking.ErrChangeLate,
				booking.ErrSeatHere, ErrWholeHall, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in changeIn) (booking.Changed, error) {
			return s.ChangeSeats(ctx, a, in.ID, in.wish())
		})
}
