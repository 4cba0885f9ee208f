package outage

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type outageView struct {
	ID     int64          `json:"id"`
	Row    string         `json:"row"`
	Number string         `json:"number"`
	Label  string         `json:"label"`
	From   models.Instant `json:"from"`
	To     models.Instant `json:"to"`
	Reason string         `json:"reason"`
}

type movedView struct {
	BookingID string              `json:"booking_id"`
	From      []booking.SeatRef   `json:"from"`
	To        []booking.SeatRef   `json:"to"`
	Together  models.Togetherness `json:"together"`
}

type waitingView struct {
	BookingID string            `json:"booking_id"`
	Broken    []booking.SeatRef `json:"broken"`
	Why       booking.Stuck     `json:"why" validate:"oneof=full arrived"`
}

type mendedView struct {
	ScreeningID int64             `json:"screening_id"`
	Title       string            `json:"title"`
	StartsAt    models.Instant    `json:"starts_at"`
	Blocked     []booking.SeatRef `json:"blocked"`
	Freed       []booking.SeatRef `json:"freed"`
	Moved       []movedView       `json:"moved"`
	Waiting     []waitingView     `json:"waiting"`
}

type outcomeView struct {
	Outages    []outageView `json:"outages"`
	Screenings []mendedView `json:"screenings"`
}

type outageIn struct {
	httpapi.PathID
	Seats  []int64        `json:"seats" validate:"required,min=1,max=400"`
	From   models.Instant `json:"from" validate:"required"`
	To     models.Instant `json:"to" validate:"required"`
	Reason string         `json:"reason" validate:"required,plain,max=40"`
}

type liftIn struct {
	httpapi.PathID
	IDs []int64 `json:"ids" validate:"required,min=1,max=400"`
}

type gaveUpView struct {
	ID    string `json:"id"`
	Party int    `json:"party"`
}

func viewOutages(rows []models.SeatOutage) []outageView {
	out := make([]outageView, len(rows))
	for i, o := range rows {
		out[i] = outageView{o.ID, o.RowTag, o.Number, o.Label(), o.StartsAt, o.EndsAt, o.Reason}
	}
	return out
}

func viewOutcome(o Outcome) outcomeView {
	out := outcomeView{Outages: viewOutages(o.Outages), Screenings: []mendedView{}}
	for _, m := range o.Events {
		v := mendedView{ScreeningID: m.Event.ID, Title: m.Event.Title, StartsAt: m.Event.StartsAt, Blocked: m.Seats(m.Blocked), Freed: m.Seats(m.Freed),
			Moved: []movedView{}, Waiting: []waitingView{}}
		for _, h := range m.Hits {
			if h.Stuck != booking.StuckNowhere {
				v.Waiting = append(v.Waiting, waitingView{h.Booking.ID, m.Seats(h.Broken), h.Stuck})
				continue
			}
			v.Moved = append(v.Moved, movedView{h.Booking.ID, m.Seats(h.Ords), m.Seats(h.Now), h.Together})
		}
		out.Screenings = append(out.Screenings, v)
	}
	return out
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "halls"
	told := func(o Outcome, err error) (outcomeView, error) {
		if err != nil {
			return outcomeView{}, err
		}
		return viewOutcome(o), nil
	}
	httpapi.API(r, http.MethodGet, "/api/v1/halls/:id/outages", auth.HallCalendar,
		httpapi.Op{Summary: "Seats of a hall that are out of order, now or to come", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (list.Of[outageView], error) {
			_, rows, err := s.Outages(ctx, a, in.ID)
			return list.New(list.Query{}, viewOutages(rows), int64(len(rows))), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/outages", auth.PlanWrite,
		httpapi.Op{Summary: "Declare seats out of order; parties that have them get others and are told", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{ErrSpan, booking.ErrUnknownSeat}},
		func(ctx context.Context, a auth.Actor, in outageIn) (outcomeView, error) {
			return told(s.BreakSeats(ctx, a, Outage{in.ID, in.Seats, in.From, in.To, in.Reason}))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/outages/lift", auth.PlanWrite,
		httpapi.Op{Summary: "Say that seats are in order again", Tag: tag, Errors: []*errs.Error{ErrOver}},
		func(ctx context.Context, a auth.Actor, in liftIn) (outcomeView, error) {
			return told(s.LiftOutages(ctx, a, in.ID, in.IDs))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/outages/mend", auth.PlanWrite,
		httpapi.Op{Summary: "Look once more for seats for the parties that wait", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (outcomeView, error) {
			return told(s.MendHall(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/give-up-broken", auth.PlanWrite,
		httpapi.Op{Summary: "Have a party do without its broken seats", Tag: tag,
			Errors: []*errs.Error{booking.ErrNotBooked, booking.ErrNotBroken, booking.ErrArrived, booking.ErrNoneLeft}},
		func(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (gaveUpView, error) {
			b, err := s.GiveUpBroken(ctx, a, in.ID)
			return gaveUpView{b.ID, b.Party}, err
		})
}
