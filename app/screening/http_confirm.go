package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
)

type confirmIn struct {
	httpapi.PathID
	Projectionist string `json:"projectionist" validate:"omitempty,plain,max=40"`
	Phone         string `json:"phone" validate:"max=30"`
	Cost          string `json:"cost" validate:"omitempty,plain,max=200"`
}

func (s *Service) confirmRoutes(r *httpapi.Router) {
	const tag = "cinema"
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/confirm", auth.HallConfirm,
		httpapi.Op{Summary: "The cinema's yes to a request, with projectionist and cost", Tag: tag, Errors: []*errs.Error{ErrDecided, ErrHallBusy, ErrNotReleased, ErrLicence, ErrPast}},
		func(ctx context.Context, a auth.Actor, in confirmIn) (requestView, error) {
			v, err := s.Confirm(ctx, a, in.ID, Answer{in.Projectionist, in.Phone, in.Cost})
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/refuse", auth.HallConfirm,
		httpapi.Op{Summary: "The cinema's no to a request, with the reason", Tag: tag, Errors: []*errs.Error{ErrDecided, ErrReason}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (requestView, error) {
			v, err := s.Refuse(ctx, a, in.ID, in.Reason)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/confirm", auth.HallConfirm,
		httpapi.Op{Summary: "The cinema's yes to a screening; on one confirmed already, another projectionist or cost", Tag: tag},
		func(ctx context.Context, a auth.Actor, in confirmIn) (showView, error) {
			v, err := s.ConfirmScreening(ctx, a, in.ID, Answer{in.Projectionist, in.Phone, in.Cost})
			return s.view(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/refuse", auth.HallConfirm,
		httpapi.Op{Summary: "The cinema's no to a screening that waits for it, with the reason", Tag: tag, Errors: []*errs.Error{ErrNothingToConfirm, ErrReason}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (showView, error) {
			v, err := s.RefuseScreening(ctx, a, in.ID, in.Reason)
			return s.view(v), err
		})
}
