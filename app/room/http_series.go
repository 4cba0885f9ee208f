package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type occurrencesView struct {
	Items []Occurrence `json:"items"`
}

type editIn struct {
	bookingByID
	Scope   Scope                     `json:"scope" validate:"required,oneof=following all"`
	Start   models.Instant            `json:"start" validate:"required"` // of this occurrence; the others keep step
	End     models.Instant            `json:"end" validate:"required"`
	RRule   string                    `json:"rrule" validate:"max=300"` // left out: as it is
	Skip    []models.Day              `json:"skip" validate:"max=200"`
	Instead map[string]models.Instant `json:"instead" validate:"max=200"`
	DryRun  bool                      `json:"dry_run"` // shows the differences, and saves nothing
}

type differencesView struct {
	Items []Difference `json:"items"`
}

type endSeriesIn struct {
	bookingByID
	Reason string `json:"reason" validate:"omitempty,plain,max=500"`
}

type endedView struct {
	Cancelled int `json:"cancelled"`
}

// starts reads the other starts of occurrences by their dates.
func starts(in map[string]models.Instant) (map[models.Day]models.Instant, error) {
	out := map[models.Day]models.Instant{}
	for text, at := range in {
		d, err := models.ParseDay(text)
		if err != nil {
			return nil, errs.FieldFault("instead", "other")
		}
		out[d] = at
	}
	return out, nil
}

func (s *Service) seriesRoutes(r *httpapi.Router) {
	const tag = "room bookings"
	httpapi.API(r, http.MethodPost, "/api/v1/rooms/:id/bookings/preview", auth.SignedIn,
		httpapi.Op{Summary: "Which dates of a rule of recurrence can be had, and what is possible instead; books nothing", Tag: tag,
			Errors: []*errs.Error{models.ErrBadRule, ErrSpan, ErrHouseRules, ErrNotOrg, booking.ErrDeskOnly}},
		func(ctx context.Context, a auth.Actor, in bookIn) (occurrencesView, error) {
			w, err := in.wish()
			if err != nil {
				return occurrencesView{}, err
			}
			all, err := s.Preview(ctx, a, w)
			return occurrencesView{append([]Occurrence{}, all...)}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/series", auth.SignedIn,
		httpapi.Op{Summary: "Change a series from one occurrence on, or all to come; exceptions made before are kept", Tag: tag,
			Errors: refusals(models.ErrBadRule, ErrOccurrences, ErrBegun)},
		func(ctx context.Context, a auth.Actor, in editIn) (differencesView, error) {
			instead, err := starts(in.Instead)
			if err != nil {
				return differencesView{}, err
			}
			out, err := s.EditSeries(ctx, a, in.ID, Edit{in.Scope, models.Span{Start: in.Start, End: in.End}, in.RRule, in.Skip, instead, in.DryRun})
			return differencesView{append([]Difference{}, out...)}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/series/end", auth.SignedIn,
		httpapi.Op{Summary: "Cancel an occurrence and all that follow it", Tag: tag, Errors: []*errs.Error{booking.ErrCancelLate, booking.ErrNotBooked}},
		func(ctx context.Context, a auth.Actor, in endSeriesIn) (endedView, error) {
			n, err := s.EndSeries(ctx, a, in.ID, in.Reason)
			return endedView{n}, err
		})
}
