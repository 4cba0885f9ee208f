package scoring

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type judgedRow struct {
	Round Round
	Href  string
}

type judgedData struct {
	Rows    []judgedRow
	Orgs    []models.Org // where the reader may register a round
	Form    web.Form
	Chosen  int64
	Contest int64
	Refusal []string
}

type registerIn struct {
	Org     int64  `form:"org"`
	Contest int64  `form:"contest" query:"contest"`
	Name    string `form:"name"`
	Title   string `form:"title"`
	Date    string `form:"date"`
	Time    string `form:"time"`
	Minutes int    `form:"minutes" validate:"min=0,max=60"`
	Lines   string `form:"lines"`
}

var lineLabels = map[string]string{"name": "scoring.register.name", "title": "scoring.register.round", "date": "scoring.register.date", "time": "scoring.register.time",
	"minutes": "scoring.register.minutes", "lines": "scoring.register.lines"}

func (s *Service) judgedPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.judgedList(ctx, a, registerIn{}, nil)
}

func (s *Service) judgedList(ctx context.Context, a auth.Actor, typed registerIn, bad *errs.Error) (web.Page, error) {
	rounds, orgs, err := s.Judged(ctx, a)
	d := judgedData{Orgs: orgs, Chosen: typed.Org, Form: web.Form{Errors: httpapi.Faults(ctx, bad, lineLabels), Values: map[string]string{
		"name": typed.Name, "title": typed.Title, "date": typed.Date, "time": typed.Time, "lines": typed.Lines}}}
	if typed.Minutes > 0 {
		d.Form.Values["minutes"] = strconv.Itoa(typed.Minutes)
	}
	for _, r := range rounds {
		d.Rows = append(d.Rows, judgedRow{r, scoringPath(r.ContestID)})
	}
	return web.Page{Template: "scoring/judged", Title: "scoring.judged", Layout: web.LayoutStaff, Styles: []string{"scoring"}, Data: &d}, err
}

func (s *Service) registerForm(ctx context.Context, a auth.Actor, in registerIn, bad *errs.Error) (httpapi.Answer, error) {
	var r Round
	if bad == nil {
		start, _ := models.LocalInstant(in.Date, in.Time, s.Zone) // the rule of the field says that it is missing
		var err error
		if r, err = s.Register(ctx, a, Registration{OrgID: in.Org, ContestID: in.Contest, Name: in.Name, Title: in.Title, StartsAt: start, LimitMinutes: in.Minutes, Lines: in.Lines}); err != nil {
			bad = errs.As(err)
		}
	}
	if bad == nil {
		return httpapi.SeeOther(scoringPath(r.ContestID), "scoring.register.done", nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	p, err := s.judgedList(ctx, a, in, bad)
	p.Status = bad.Kind.Status()
	return httpapi.Show(p), err
}
