package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
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
	watch := func(kind live.Kind) func(context.Context, auth.Actor, watchIn) (httpapi.Feed, error) {
		return func(ctx context.Context, _ auth.Actor, in watchIn) (httpapi.Feed, error) {
			return s.live.Watch(ctx, live.Topic{Kind: kind, ID: in.ID}, in.Version)
		}
	}
	httpapi.Stream[watchIn, SeatsNow](r, "/api/v1/screenings/:id/events", auth.Public,
		httpapi.Op{Summary: "The state of every seat, told as it changes", Tag: "screenings", Errors: closed}, nil, watch(liveSeats))
	httpapi.Stream[watchIn, booking.DoorCount](r, "/api/v1/screenings/:id/door/events", auth.CheckIn,
		httpapi.Op{Summary: "The count at the door, told as it changes", Tag: "check-in", Errors: closed},
		func(ctx context.Context, a auth.Actor, in watchIn) error { return s.mayWatchDoor(ctx, a, in.ID) }, watch(liveDoor))
}
