package activity

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type moveIn struct {
	byID
	Start  models.Instant `json:"start" validate:"required"`
	End    models.Instant `json:"end" validate:"required"`
	Reason string         `json:"reason" validate:"required,plain,max=300"`
}

type drawIn struct {
	byID
	Value string `json:"value" validate:"required,max=100"`
}

type drawnView struct {
	DrawID int64        `json:"draw_id"` // see /api/v1/draws/{id}
	State  string       `json:"state"`
	Lines  []drawnEntry `json:"lines"`
}

type drawnEntry struct {
	Entry string `json:"entry"`
	Party int    `json:"party"`
	Place int    `json:"place"`
	Note  string `json:"note"` // "in", "waits", "out"
}

func (s *Service) sessionRoutes(r *httpapi.Router) {
	const tag = "activities"
	httpapi.API(r, http.MethodPost, "/api/v1/sessions/:id/cancel", auth.ActivityWrite, httpapi.Op{Summary: "Cancel one session; everybody is told", Tag: tag, Errors: []*errs.Error{ErrOver}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (activityView, error) {
			v, err := s.CallOffSession(ctx, a, in.ID, in.Reason)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/sessions/:id/move", auth.ActivityWrite,
		httpapi.Op{Summary: "Put a session at another time; everybody is told and may leave, and a partner who lends the place is asked anew", Tag: tag, Errors: []*errs.Error{ErrOver, ErrDrawFirst, booking.ErrResourceTaken}},
		func(ctx context.Context, a auth.Actor, in moveIn) (activityView, error) {
			v, err := s.Move(ctx, a, in.ID, Time{in.Start, in.End}, in.Reason)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities/:id/draw", auth.ActivityWrite,
		httpapi.Op{Summary: "Enter the public value: the order is computed, and the places are given in it", Tag: tag, Errors: []*errs.Error{ErrNoDraw, draw.ErrEnded, draw.ErrLate}},
		func(ctx context.Context, a auth.Actor, in drawIn) (drawnView, error) {
			if err := s.Draw(ctx, a, in.ID, in.Value); err != nil {
				return drawnView{}, err
			}
			return s.drawn(ctx, a, in.ID)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/activities/:id/draw", auth.Public, httpapi.Op{Summary: "What came of the draw, entry by entry", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byID) (drawnView, error) { return s.drawn(ctx, a, in.ID) })
}

func (s *Service) drawn(ctx context.Context, a auth.Actor, id int64) (drawnView, error) {
	d, err := s.Drawing(ctx, a, id)
	out := drawnView{DrawID: d.DrawID, State: "entries", Lines: []drawnEntry{}}
	switch {
	case d.Waiting:
		out.State = "committed"
	case !d.View.DrawnAt.IsZero():
		out.State = "drawn"
	}
	for _, l := range d.Lines {
		out.Lines = append(out.Lines, drawnEntry{l.Entry, l.Party, l.Ord, l.Note})
	}
	return out, err
}
