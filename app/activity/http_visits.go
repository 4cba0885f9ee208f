package activity

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type dutyAPIIn struct {
	byID
	Accounts []int64 `json:"accounts" validate:"max=50"`
}

type visitView struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Name     string         `json:"name"`
	Party    int            `json:"party"`
	StartsAt models.Instant `json:"starts_at"`
	EndsAt   models.Instant `json:"ends_at"`
	With     []string       `json:"with"`
	Address  string         `json:"address"` // empty before the day
}

type visitsView struct {
	Items []visitView `json:"items"`
}

func (s *Service) visitRoutes(r *httpapi.Router) {
	const tag = "visits at home"
	httpapi.API(r, http.MethodPut, "/api/v1/sessions/:id/duty", auth.ActivityWrite,
		httpapi.Op{Summary: "Name who goes to the homes of a session's visits, two at least", Tag: tag, Errors: []*errs.Error{ErrTwoPeople, ErrOver}},
		func(ctx context.Context, a auth.Actor, in dutyAPIIn) (activityView, error) {
			v, err := s.Duty(ctx, a, in.ID, in.Accounts)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/visits", auth.SignedIn,
		httpapi.Op{Summary: "Visits at home to which one goes, from today on; the address is told on the day", Tag: tag},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (visitsView, error) {
			all, err := s.Visits(ctx, a)
			out := visitsView{Items: make([]visitView, len(all))}
			for i, v := range all {
				out.Items[i] = visitView{v.UID, v.Title, v.Name, v.Party, v.StartsAt, v.EndsAt, append([]string{}, v.With...), v.Address}
			}
			return out, err
		})
}
