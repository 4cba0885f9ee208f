package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/live"
)

type watchIn struct {
	httpapi.PathID
	httpapi.Seen
}

func (s *Service) liveRoutes(r *httpapi.Router) {
	closed := []*errs.Error{live.ErrClosed}
	httpapi.Stream[watchIn, SeatsNow](r, "/api/v1/screenings/:id/events", auth.Public,
		httpapi.Op{Summary: "The state of every seat, told as it changes", Tag: "screenings", Errors: closed}, nil,
		func(ctx context.Context, _ auth.Actor, in watchIn) (httpapi.Feed, error) {
			return s.live.Watch(ctx, live.Topic{Kind: liveSeats, ID: in.ID}, in.Version)
		})
}
