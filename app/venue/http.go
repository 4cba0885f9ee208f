package venue

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
)

type hallView struct {
	ID      int64  `json:"id"`
	Code    string `json:"code"`
	Name    string `json:"name"`
	Venue   string `json:"venue"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Route   string `json:"route"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	s.planRoutes(r)
	httpapi.API(r, http.MethodGet, "/api/v1/halls", auth.Public, httpapi.Op{Summary: "The halls", Tag: "halls"},
		func(ctx context.Context, _ auth.Actor, q list.Query) (list.Of[hallView], error) {
			halls, err := s.List(ctx)
			views := make([]hallView, len(halls))
			for i, h := range halls {
				views[i] = hallView{h.ID, h.Code, h.Name, h.Venue, h.Address, h.Phone, h.Route}
			}
			_, per, off := q.Window()
			from := min(off, len(views))
			return list.New(q, views[from:min(from+per, len(views))], int64(len(views))), err
		})
}
