package venue

import (
	"context"
	"encoding/json"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type byID struct {
	ID int64 `path:"id" json:"-"`
}

type seatView struct {
	Row    string          `json:"row"`
	Number string          `json:"number"`
	RowAt  int             `json:"row_at"` // physical row, 1 is nearest the screen
	ColAt  int             `json:"col_at"` // physical column, from the left
	Joined bool            `json:"joined"`
	Aisle  bool            `json:"aisle"`
	Kind   models.SeatKind `json:"kind" validate:"oneof=standard wheelchair companion not_for_sale"`
	Reason string          `json:"reason,omitempty"`
}

type planView struct {
	HallID  int64                   `json:"hall_id"`
	Version int                     `json:"version"`
	Note    string                  `json:"note"`
	Text    string                  `json:"text"`
	Counts  map[models.SeatKind]int `json:"counts"`
	Seats   []seatView              `json:"seats"`
}

type diffView struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Kind    []string `json:"kind"`
	Moved   []string `json:"moved"`
}

type savedView struct {
	planView
	Changes  diffView               `json:"changes"`
	Warnings []httpapi.FieldProblem `json:"warnings"`
}

type saveIn struct {
	byID
	Version int    `json:"version" validate:"required,min=1"`
	Note    string `json:"note" validate:"required,plain,max=200"`
	Text    string `json:"text" validate:"required,max=40000"`
}

type pretixIn struct {
	byID
	Version int            `json:"version" validate:"required,min=1"`
	Note    string         `json:"note" validate:"required,plain,max=200"`
	Plan    map[string]any `json:"plan" validate:"required"`
}

func viewPlan(v Version) planView {
	specs := v.Plan.Specs()
	out := planView{HallID: v.Hall.ID, Version: v.Plan.Version, Note: v.Note, Text: models.PlanText(specs, models.PlanPlain),
		Counts: map[models.SeatKind]int{}, Seats: make([]seatView, len(specs))}
	for i, s := range specs {
		out.Seats[i] = seatView{s.RowTag, s.Number, s.Row, s.Col, s.Left >= 0, s.Aisle, s.Kind, s.Reason}
		out.Counts[s.Kind]++
	}
	return out
}

func viewDiff(d models.PlanDiff) diffView {
	all := func(s []string) []string { return append([]string{}, s...) }
	return diffView{all(d.Added), all(d.Removed), all(d.Kind), all(d.Moved)}
}

func viewSaved(ctx context.Context, s Saved) savedView {
	out := savedView{planView: viewPlan(s.Version), Changes: viewDiff(s.Diff), Warnings: []httpapi.FieldProblem{}}
	for _, f := range s.Warnings {
		field := FaultField("text", f)
		out.Warnings = append(out.Warnings, httpapi.FieldProblem{Field: field.Name, Code: field.Code, Detail: httpapi.SayField(ctx, field)})
	}
	return out
}

func (s *Service) planRoutes(r *httpapi.Router) {
	const tag = "halls"
	refusals := []*errs.Error{ErrPlan, ErrPlanStale, ErrPlanSame}
	httpapi.API(r, http.MethodGet, "/api/v1/halls/:id/plan", auth.Public,
		httpapi.Op{Summary: "The seat plan in use, as text and seat by seat", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (planView, error) {
			v, err := s.Current(ctx, in.ID)
			if err != nil {
				return planView{}, err
			}
			return viewPlan(v), nil
		})
	httpapi.API(r, http.MethodPut, "/api/v1/halls/:id/plan", auth.PlanWrite,
		httpapi.Op{Summary: "Save a new version of the plan from its text; events already open keep theirs", Tag: tag, Errors: refusals},
		func(ctx context.Context, a auth.Actor, in saveIn) (savedView, error) {
			if err := s.mayEdit(ctx, a, in.ID); err != nil {
				return savedView{}, err
			}
			specs, faults := models.ParsePlan(in.Text)
			if models.Bad(faults) {
				return savedView{}, Faulty(faults)
			}
			return s.saved(ctx, a, Edit{in.ID, in.Version, in.Note, specs})
		})
	httpapi.Raw[byID, PretixPlan](r, http.MethodGet, "/api/v1/halls/:id/plan/pretix", auth.Public,
		httpapi.Op{Summary: "The seat plan in use in the pretix seating-plan format", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (httpapi.Blob, error) {
			return s.pretixFile(ctx, in.ID)
		})
	httpapi.API(r, http.MethodPut, "/api/v1/halls/:id/plan/pretix", auth.PlanWrite,
		httpapi.Op{Summary: "Save a new version from a pretix seating plan; every fault is named with its JSON pointer", Tag: tag, Errors: refusals},
		func(ctx context.Context, a auth.Actor, in pretixIn) (savedView, error) {
			if err := s.mayEdit(ctx, a, in.ID); err != nil {
				return savedView{}, err
			}
			specs, faults := FromPretix(in.Plan)
			if len(faults) > 0 {
				return savedView{}, ErrPlan.At(faults...)
			}
			return s.saved(ctx, a, Edit{in.ID, in.Version, in.Note, specs})
		})
}

func (s *Service) saved(ctx context.Context, a auth.Actor, e Edit) (savedView, error) {
	out, err := s.Save(ctx, a, e)
	if err != nil {
		return savedView{}, err
	}
	return viewSaved(ctx, out), nil
}

// mayEdit says no before the faults of a plan are told to somebody who may not.
func (s *Service) mayEdit(ctx context.Context, a auth.Actor, hallID int64) error {
	v, err := s.Current(ctx, hallID)
	if err != nil {
		return err
	}
	if !a.CanAt(auth.PlanWrite, v.Hall.OrgPath) {
		return errs.ErrForbidden
	}
	return nil
}

func (s *Service) pretixFile(ctx context.Context, hallID int64) (httpapi.Blob, error) {
	v, err := s.Current(ctx, hallID)
	if err != nil {
		return httpapi.Blob{}, err
	}
	body, err := json.MarshalIndent(ToPretix(v.Hall.Name, v.Hall.Code, v.Plan), "", "  ")
	return httpapi.Blob{Body: body, ContentType: "application/json", Filename: v.Hall.Code + "-seats.json"}, err
}
