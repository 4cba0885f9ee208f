package screening

import (
	"context"
	"errors"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type callerIn struct {
	Name  string `json:"name" validate:"omitempty,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
}

type bookIn struct {
	httpapi.Keyed
	httpapi.PathID
	Seats       []int64        `json:"seats" validate:"max=400"`
	Count       int            `json:"count" validate:"min=0,max=400"`
	Preference  models.Zone    `json:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool           `json:"aisle"`
	Wheelchairs int            `json:"wheelchairs" validate:"min=0,max=10"`
	Companions  int            `json:"companions" validate:"min=0,max=10"`
	PersonID    int64          `json:"person_id"`
	OrgID       int64          `json:"org_id"`
	Caller      callerIn       `json:"caller"`
	Channel     models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack    bool           `json:"read_back"`
}

func (in bookIn) wish() Wish {
	p := models.Party{Count: in.Count, Zone: in.Preference, Wheelchairs: in.Wheelchairs, Companions: in.Companions}
	if in.Aisle {
		p.Aisle = models.AisleWanted
	}
	return Wish{ScreeningID: in.ID, Seats: in.Seats, Party: p, PersonID: in.PersonID, OrgID: in.OrgID,
		Caller: booking.Caller(in.Caller), Channel: in.Channel, ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key}
}

type ticketView struct {
	ID          string               `json:"id"`
	Kind        string               `json:"kind,omitempty"` // "room" for a booking of a room; none for seats
	Code        string               `json:"code"`
	ScreeningID int64                `json:"screening_id"`
	Title       string               `json:"title"`
	Hall        string               `json:"hall"`
	Address     string               `json:"address"`
	StartsAt    models.Instant       `json:"starts_at"`
	EndsAt      models.Instant       `json:"ends_at"`
	CancelUntil models.Instant       `json:"cancel_until"`
	Seats       []booking.SeatRef    `json:"seats"`
	Party       int                  `json:"party"`
	Status      models.BookingStatus `json:"status" validate:"oneof=held pending proposed booked declined expired cancelled attended no_show"`
	Name        string               `json:"name"`
	PersonID    *int64               `json:"person_id"`
	OrgID       *int64               `json:"org_id"`
	Channel     models.Channel       `json:"channel"`
	ReadBack    bool                 `json:"read_back"`
	Cancelled   *cancelledView       `json:"cancelled"` // null unless the booking was given up
	CreatedAt   models.Instant       `json:"created_at"`
	Ticket      string               `json:"ticket"` // what the QR picture holds; empty while the booking is held
}

// cancelledView is when and how a booking was given up.
type cancelledView struct {
	At       models.Instant `json:"at"`
	Channel  models.Channel `json:"channel"`
	ReadBack bool           `json:"read_back"`
	Reason   string         `json:"reason"`
}

func (s *Service) viewTicket(t Ticket) ticketView {
	token := s.TicketToken(t.Code)
	if t.Status == models.BookingHeld {
		token = ""
	}
	var gone *cancelledView
	if t.Status == models.BookingCancelled {
		gone = &cancelledView{t.CancelledAt, t.CancelChannel, t.CancelReadBack, t.CancelReason}
	}
	return ticketView{ID: t.ID, Code: t.Code, ScreeningID: t.EventID, Title: t.Title, Hall: t.HallName, Address: t.Address,
		StartsAt: t.StartsAt, EndsAt: t.EndsAt, CancelUntil: t.CancelUntil, Seats: t.Seats, Party: t.Party, Status: t.Status,
		Name: t.Name, PersonID: t.PersonID, OrgID: t.OrgID, Channel: t.Channel, ReadBack: t.ReadBack, CreatedAt: t.CreatedAt,
		Cancelled: gone, Ticket: token}
}

type bookingsIn struct {
	list.Query
	Whose       Whose                `query:"whose" validate:"omitempty,oneof=mine all"`
	ScreeningID int64                `query:"screening_id"`
	Status      models.BookingStatus `query:"status" validate:"omitempty,oneof=held pending proposed booked declined expired cancelled attended no_show"`
	When        When                 `query:"when" validate:"omitempty,oneof=upcoming past"`
	OrgID       int64                `query:"org_id"`
}

type bookingByID struct {
	ID string `path:"id" json:"-"`
}

type cancelIn struct {
	bookingByID
	Reason  string         `json:"reason" validate:"omitempty,plain,max=500"`
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`

	ReadBack bool `json:"read_back"`
}

func (s *Service) bookingRoutes(r *httpapi.Router) {
	const tag = "bookings"
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/bookings", auth.SignedIn,
		httpapi.Op{Summary: "Book chosen seats, or a party to be seated together; all or none", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrSeatTaken, booking.ErrFull, booking.ErrPlanned, booking.ErrNotYet, booking.ErrClosed, booking.ErrOver, booking.ErrBranchesOnly,
				booking.ErrTooMany, booking.ErrPersonLimit, booking.ErrUnknownSeat, booking.ErrNotForSale, booking.ErrSeatsOrCount, ErrWhichBranch, ErrNotBranch, booking.ErrDeskOnly, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in bookIn) (booking.Placed, error) {
			return s.Book(ctx, a, in.wish())
		})
	httpapi.API(r, http.MethodGet, "/api/v1/bookings", auth.SignedIn,
		httpapi.Op{Summary: "One's own bookings and those of one's branches, of seats and of rooms; all visible ones with whose=all", Tag: tag},
		func(ctx context.Context, a auth.Actor, in bookingsIn) (list.Of[ticketView], error) {
			return s.every(ctx, a, Shelf(in))
		})
	httpapi.API(r, http.MethodGet, "/api/v1/bookings/:id", auth.SignedIn, httpapi.Op{Summary: "One booking", Tag: tag},
		func(ctx context.Context, a auth.Actor, in bookingByID) (ticketView, error) {
			t, err := s.Ticket(ctx, a, in.ID)
			if errors.Is(err, errs.ErrNotFound) {
				return elsewhere(s.others, err, func(o Others) (ticketView, error) {
					r, err := o.Record(ctx, a, in.ID)
					return s.viewRecord(r), err
				})
			}
			return s.viewTicket(t), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/cancel", auth.SignedIn,
		httpapi.Op{Summary: "Give a booking back; its seats, or its room, are free at once", Tag: tag, Errors: []*errs.Error{booking.ErrCancelLate, booking.ErrNotBooked, booking.ErrArrived}},
		func(ctx context.Context, a auth.Actor, in cancelIn) (ticketView, error) {
			t, err := s.Cancel(ctx, a, in.ID, GivingUp{in.Reason, in.Channel, booking.ReadBack(in.ReadBack)})
			if errors.Is(err, errs.ErrNotFound) {
				return elsewhere(s.others, err, func(o Others) (ticketView, error) {
					r, err := o.CancelRecord(ctx, a, in.ID, in.Reason, in.Channel)
					return s.viewRecord(r), err
				})
			}
			return s.viewTicket(t), err
		})
}
