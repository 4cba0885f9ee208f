package scoring

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) paperPages(r *httpapi.Router) {
	httpapi.Page(r, "/rounds/:id/paper", auth.ContestPaper, s.paperPage)
	httpapi.Form(r, "/rounds/:id/paper", auth.ContestPaper, httpapi.LimitNone, s.paperForm)
	httpapi.Form(r, "/rounds/:id/paper/:sheet", auth.ContestPaper, httpapi.LimitNone, s.settleForm)
	httpapi.Page(r, "/rounds/:id/sheets", auth.ContestPaper, s.sheetsPage)
}

type paperRow struct {
	models.PaperSheet
	Judge, Act string
	Marks      []markField
	Total      string
	Own        bool // entered by the reader, who cannot confirm it
}

type paperData struct {
	PaperDesk
	Path    string
	Desk    bool
	Waits   []paperRow
	Choose  []web.Choice // judge and entry, "3,7"
	Chosen  string
	Fields  []markField
	Refusal []string
}

type paperIn struct {
	byID
	Pair string `query:"pair"`
}

func (s *Service) paperPage(ctx context.Context, a auth.Actor, in paperIn) (web.Page, error) {
	return s.paper(ctx, a, in.ID, in.Pair, nil, nil)
}

func (s *Service) paper(ctx context.Context, a auth.Actor, id int64, pair string, typed []string, bad *errs.Error) (web.Page, error) {
	desk, err := s.Paper(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := paperData{PaperDesk: desk, Path: roundPath(id, "paper"), Desk: may(a, auth.ContestValues, desk.Round), Chosen: pair, Fields: w.fieldsOf(desk.Rule, nil), Refusal: say(ctx, bad)}
	judges, acts := map[int64]string{}, map[int64]string{}
	for _, j := range desk.Judges {
		judges[j.ID] = j.Name
	}
	for _, x := range desk.Acts {
		acts[x.EntryID] = strconv.Itoa(x.Number) + " " + x.Team
	}
	for _, p := range desk.Waiting {
		m := models.ParseMarks(p.Marks)
		d.Waits = append(d.Waits, paperRow{p, judges[p.JudgeID], acts[p.EntryID], w.fieldsOf(desk.Rule, m), m.Total(desk.Rule), p.EnteredBy == a.AccountID})
	}
	for _, o := range desk.Open {
		d.Choose = append(d.Choose, web.Choice{Value: strconv.FormatInt(o.Judge, 10) + "," + strconv.FormatInt(o.Entry, 10), Label: judges[o.Judge] + " · " + acts[o.Entry]})
	}
	for i := range typed {
		if i < len(d.Fields) {
			d.Fields[i].Value = typed[i]
		}
	}
	return web.Page{Template: "scoring/paper", Title: "scoring.paper.title", TitleArgs: map[string]any{"round": desk.Round.Title}, Layout: web.LayoutStaff,
		Styles: []string{"scoring"}, Data: &d}, nil
}

type paperFormIn struct {
	byID
	Pair  string   `form:"pair"`
	Marks []string `form:"mark"`
}

func (s *Service) paperForm(ctx context.Context, a auth.Actor, in paperFormIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "paper"), "scoring.paper.entered", bad, func() error {
		desk, err := s.Paper(ctx, a, in.ID)
		if err != nil {
			return err
		}
		judge, entry, err := pairOf(in.Pair)
		if err != nil {
			return err
		}
		m, err := marksOf(desk.Rule, in.Marks)
		if err != nil {
			return err
		}
		_, err = s.EnterPaper(ctx, a, Sent{RoundID: in.ID, JudgeID: judge, EntryID: entry, Marks: m})
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.paper(ctx, a, in.ID, in.Pair, in.Marks, bad) })
}

type settleIn struct {
	byID
	Sheet  int64             `path:"sheet"`
	To     models.PaperState `form:"to"`
	Reason string            `form:"reason"`
}

func (s *Service) settleForm(ctx context.Context, a auth.Actor, in settleIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "paper"), "scoring.paper.settled", bad, func() error {
		return s.SettlePaper(ctx, a, in.ID, in.Sheet, in.To, in.Reason)
	}, func(bad *errs.Error) (web.Page, error) { return s.paper(ctx, a, in.ID, "", nil, bad) })
}

type sheetsData struct {
	Round  Round
	Judges []models.Judge
	Acts   []Act
	Fields []markField
	Back   string
}

// sheetsPage is a sheet of paper per judge, to be marked by hand.
func (s *Service) sheetsPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	desk, err := s.Paper(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	d := sheetsData{desk.Round, desk.Judges, desk.Acts, s.words(ctx).fieldsOf(desk.Rule, nil), roundPath(in.ID, "paper")}
	return web.Page{Template: "scoring/sheets", Title: "scoring.sheets", TitleArgs: map[string]any{"round": desk.Round.Title}, Styles: []string{"scoring"}, Scripts: []string{"print"}, Data: &d}, nil
}

// pairOf reads a judge and an entry as the form names them, "3,7".
func pairOf(s string) (judge, entry int64, err error) {
	j, e, ok := strings.Cut(s, ",")
	judge, err1 := strconv.ParseInt(j, 10, 64)
	entry, err2 := strconv.ParseInt(e, 10, 64)
	if !ok || errors.Join(err1, err2) != nil {
		return 0, 0, errs.FieldFault("pair", "required")
	}
	return judge, entry, nil
}
