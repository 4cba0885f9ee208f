package pause

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type byID struct {
	ID int64 `path:"id" json:"-"`
}

type view struct {
	ID         int64           `json:"id"`
	Kind       string          `json:"kind" validate:"oneof=room activity"`
	Place      string          `json:"place"`
	Name       string          `json:"name"`
	Title      string          `json:"title"`
	SourceID   string          `json:"source_id"` // the booking of a room, or the sign-up, to which nobody came
	Until      models.Instant  `json:"until"`
	Appeal     string          `json:"appeal"`
	AppealedAt *models.Instant `json:"appealed_at"`
	Answer     string          `json:"answer"`
	AnsweredAt *models.Instant `json:"answered_at"`
	Lifted     bool            `json:"lifted"`
}

func viewOf(p Row) view {
	return view{p.ID, p.Kind, p.Place, p.Name, p.Title, p.Source, p.EndsAt, p.Appeal, moment(p.AppealedAt), p.Answer, moment(p.AnsweredAt), !p.LiftedAt.IsZero()}
}

func moment(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
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

// Routes declares the JSON API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "pauses"
	httpapi.API(r, http.MethodGet, "/api/v1"+Path, auth.SignedIn,
		httpapi.Op{Summary: "Pauses that count still: one's own, and those whose appeals one brings or answers, appeals first", Tag: tag},
		func(ctx context.Context, a auth.Actor, in list.Query) (list.Of[view], error) {
			all, err := s.List(ctx, a)
			_, per, off := in.Window()
			from := min(off, len(all))
			return list.Map(list.New(in, all[from:min(from+per, len(all))], int64(len(all))), viewOf), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1"+Path+"/:id/appeal", auth.SignedIn,
		httpapi.Op{Summary: "Ask for a pause to be lifted", Tag: tag, Errors: []*errs.Error{ErrNotPaused}},
		func(ctx context.Context, a auth.Actor, in appealIn) (view, error) {
			p, err := s.Appeal(ctx, a, in.ID, in.Why)
			return viewOf(p), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1"+Path+"/:id/answer", auth.PauseAnswer,
		httpapi.Op{Summary: "Lift a pause, or keep it", Tag: tag, Errors: []*errs.Error{ErrNotPaused}},
		func(ctx context.Context, a auth.Actor, in verdictIn) (view, error) {
			p, err := s.Answer(ctx, a, in.ID, in.Verdict, in.Words)
			return viewOf(p), err
		})
}
