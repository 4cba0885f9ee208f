package activity

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/models"
)

type ruleView struct {
	OrgID      int64  `json:"org_id"`
	Strikes    int    `json:"strikes"` // 0: nothing follows
	StrikeDays int    `json:"strike_days"`
	PauseDays  int    `json:"pause_days"`
	FromID     int64  `json:"from_id"` // the organisation that has said so; 0: the usual rule
	From       string `json:"from"`
}

func viewRule(r Rule) ruleView {
	return ruleView{r.OrgID, r.Strikes, r.StrikeDays, r.PauseDays, r.From.ID, r.From.Name}
}

type ruleIn struct {
	byID
	Strikes    int  `json:"strikes" validate:"min=0,max=20"` // 0: nothing follows
	StrikeDays int  `json:"strike_days" validate:"min=0,max=400"`
	PauseDays  int  `json:"pause_days" validate:"min=0,max=400"`
	Drop       bool `json:"drop"` // the rule of the organisation above counts again
}

func (in ruleIn) rule() models.NoShowRule {
	return models.NoShowRule{Strikes: in.Strikes, StrikeDays: max(in.StrikeDays, 1), PauseDays: max(in.PauseDays, 1)}
}

// ruleRoutes declares what follows when somebody does not come.
func (s *Service) ruleRoutes(r *httpapi.Router) {
	const tag = "activities"
	httpapi.API(r, http.MethodGet, "/api/v1/orgs/:id/activity-rule", auth.Public, httpapi.Op{Summary: "What follows at an organisation's activities when somebody does not come", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (ruleView, error) {
			rule, err := s.Rule(ctx, in.ID)
			return viewRule(rule), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/orgs/:id/activity-rule", auth.ActivityWrite,
		httpapi.Op{Summary: "Set what follows when somebody does not come, here and below, for sessions that end from now on; or take it back", Tag: tag},
		func(ctx context.Context, a auth.Actor, in ruleIn) (ruleView, error) {
			if in.Drop {
				rule, err := s.DropRule(ctx, a, in.ID)
				return viewRule(rule), err
			}
			rule, err := s.SetRule(ctx, a, in.ID, in.rule())
			return viewRule(rule), err
		})
}
