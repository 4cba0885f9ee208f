package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type retireIn struct {
	byIDIn
	Reason string `json:"reason" validate:"omitempty,plain,max=200"`
}

type retiredView struct {
	Kind      string         `json:"kind" validate:"oneof=venue room unit equipment"`
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	VenueID   int64          `json:"venue_id"`
	Venue     string         `json:"venue"`
	RetiredAt models.Instant `json:"retired_at"`
}

func viewRetired(r Retired) retiredView {
	kind := string(r.Kind)
	if kind == "" {
		kind = "venue"
	}
	return retiredView{kind, r.ID, r.Name, r.VenueID, r.Venue, r.RetiredAt}
}

type usesView struct {
	Items []Use `json:"items"`
}

func (s *Service) retireRoutes(r *httpapi.Router) {
	const tag = "venues"
	httpapi.API(r, http.MethodGet, "/api/v1/retired", auth.RoomWrite, httpapi.Op{Summary: "Venues, rooms, tables and equipment that were retired at one's places, the last first", Tag: tag},
		func(ctx context.Context, a auth.Actor, in list.Query) (list.Of[retiredView], error) {
			all, err := s.Gone(ctx, a)
			return list.Map(pageOf(in, all), viewRetired), err
		})
	for _, x := range []struct {
		path, what string
		target     func(id int64) Target
	}{
		{"/api/v1/rooms/:id", "a room, a table or a piece of equipment", func(id int64) Target { return Target{RoomID: &id} }},
		{"/api/v1/venues/:id", "a venue with all in it", func(id int64) Target { return Target{VenueID: id} }},
	} {
		httpapi.API(r, http.MethodGet, x.path+"/uses", auth.RoomWrite, httpapi.Op{Summary: "What is to come, and in the way of retiring " + x.what, Tag: tag},
			func(ctx context.Context, a auth.Actor, in byIDIn) (usesView, error) {
				all, err := s.Uses(ctx, a, x.target(in.ID))
				return usesView{all}, err
			})
		httpapi.API(r, http.MethodPost, x.path+"/retire", auth.RoomWrite,
			httpapi.Op{Summary: "Retire " + x.what + ": it leaves every list, its past stays. Refused while anything is to come there, which “uses” lists", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrInUse}},
			func(ctx context.Context, a auth.Actor, in retireIn) (httpapi.None, error) {
				return httpapi.None{}, s.Retire(ctx, a, x.target(in.ID), in.Reason)
			})
		httpapi.API(r, http.MethodPost, x.path+"/restore", auth.RoomWrite,
			httpapi.Op{Summary: "Take back " + x.what + " that was retired", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrWholeRetired, ErrClosedApart}},
			func(ctx context.Context, a auth.Actor, in byIDIn) (httpapi.None, error) {
				return httpapi.None{}, s.Restore(ctx, a, x.target(in.ID))
			})
	}
}
