package activity

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type pauseView struct {
	ID         int64           `json:"id"`
	Org        string          `json:"org"`
	Name       string          `json:"name"`
	SignupID   string          `json:"signup_id"` // for which nobody came
	Activity   string          `json:"activity"`
	Until      models.Instant  `json:"until"`
	Appeal     string          `json:"appeal"`
	AppealedAt *models.Instant `json:"appealed_at"`
	Answer     string          `json:"answer"`
	AnsweredAt *models.Instant `json:"answered_at"`
	Lifted     bool            `json:"lifted"`
}

func viewPause(p Pause) pauseView {
	return pauseView{p.ID, p.OrgName, p.Name, p.SignupUID, p.Title, p.EndsAt, p.Appeal, optional(p.AppealedAt), p.Answer, optional(p.AnsweredAt), !p.LiftedAt.IsZero()}
}

type pausesView struct {
	Items []pauseView `json:"items"`
}

type appealIn struct {
	byID
	Why string `json:"why" validate:"required,plain,max=500"`
}

type verdictIn struct {
	byID
	Verdict Verdict `json:"verdict" validate:"required,oneof=lift keep"`
	Words   string  `json:"words" validate:"omitempty,plain,max=500"`
}

func (s *Service) pauseRoutes(r *httpapi.Router) {
	const tag = "activity pauses"
	httpapi.API(r, http.MethodGet, "/api/v1/activity-pauses", auth.SignedIn,
		httpapi.Op{Summary: "Pauses that count still: one's own, and those one may lift, appeals first", Tag: tag},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (pausesView, error) {
			all, err := s.Pauses(ctx, a)
			out := pausesView{Items: make([]pauseView, len(all))}
			for i, p := range all {
				out.Items[i] = viewPause(p)
			}
			return out, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activity-pauses/:id/appeal", auth.SignedIn,
		httpapi.Op{Summary: "Ask for a pause to be lifted", Tag: tag, Errors: []*errs.Error{ErrNotPaused}},
		func(ctx context.Context, a auth.Actor, in appealIn) (pauseView, error) {
			p, err := s.Appeal(ctx, a, in.ID, in.Why)
			return viewPause(p), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activity-pauses/:id/answer", auth.ActivityWrite,
		httpapi.Op{Summary: "Lift a pause, or keep it", Tag: tag, Errors: []*errs.Error{ErrNotPaused}},
		func(ctx context.Context, a auth.Actor, in verdictIn) (pauseView, error) {
			p, err := s.Judge(ctx, a, in.ID, in.Verdict, in.Words)
			return viewPause(p), err
		})
}

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
