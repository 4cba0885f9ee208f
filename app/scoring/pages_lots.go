package scoring

import (
	"context"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) lotPages(r *httpapi.Router) {
	httpapi.Form(r, "/rounds/:id/lots", auth.ContestJury, httpapi.LimitNone, s.lotsForm)
	httpapi.Page(r, "/rounds/:id/lots/:draw", auth.ContestJury, func(ctx context.Context, a auth.Actor, in lotIn) (web.Page, error) {
		return s.lotPage(ctx, a, in, nil)
	})
	httpapi.Form(r, "/rounds/:id/lots/:draw", auth.ContestJury, httpapi.LimitNone, s.lotForm)
}

type lotsIn struct {
	byID
	Value  models.DrawValue `form:"value"`
	Note   string           `form:"note"`
	Hours  int              `form:"due_hours"`
	Reason string           `form:"reason"`
}

// longestWait is how many hours a draw waits for its value at most; ours.
const longestWait = 30 * 24

func (s *Service) lotsForm(ctx context.Context, a auth.Actor, in lotsIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		wait := time.Duration(min(max(in.Hours, 1), longestWait)) * time.Hour
		d, err := s.DrawLots(ctx, a, in.ID, LotsPlan{Value: in.Value, Note: in.Note, Due: s.db.Now().Add(wait), Reason: in.Reason})
		if err == nil {
			return httpapi.SeeOther(roundPath(in.ID, "lots", d.ID), "contest.draw_published", nil), nil
		}
		bad = errs.As(err)
	}
	return s.acted(ctx, "", "", bad, nil, s.again(ctx, a, in.ID))
}

type lotIn struct {
	byID
	Draw  int64    `path:"draw"`
	Value string   `form:"value"`
	Names []string `form:"name"`
	Parts []string `form:"part"`
}

type lotData struct {
	Title     string
	Desk      string
	Draw      draw.Draw
	Action    string
	Public    string
	Witnesses []models.DrawWitness
	Form      web.Form
}

// lotPage stands on the screen while the public value of a draw of lots is read out.
func (s *Service) lotPage(ctx context.Context, a auth.Actor, in lotIn, bad *errs.Error) (web.Page, error) {
	desk, err := s.Desk(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	x, err := s.Draws.Get(ctx, in.Draw)
	if err == nil && (x.SubjectKind != DrawSubject || x.SubjectID != in.ID || x.Purpose != models.DrawTie) {
		err = errs.ErrNotFound
	}
	if err != nil {
		return web.Page{}, err
	}
	d := lotData{Title: desk.Round.Contest + " " + desk.Round.Title, Desk: roundPath(in.ID, "desk"), Draw: x, Action: roundPath(in.ID, "lots", x.ID),
		Public: draw.Path(x.ID), Witnesses: draw.WitnessRows(in.Names, in.Parts, true), Form: web.Form{Values: map[string]string{"value": in.Value}}}
	p := web.Page{Template: "scoring/lots", Title: "draw.title", TitleArgs: map[string]any{"title": x.Title}, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status, d.Form.Errors = bad.Kind.Status(), httpapi.Faults(ctx, bad, map[string]string{"value": "draw.beacon"})
	}
	return p, nil
}

func (s *Service) lotForm(ctx context.Context, a auth.Actor, in lotIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, draw.Path(in.Draw), "", bad, func() error {
		_, err := s.OpenLots(ctx, a, in.ID, in.Draw, draw.Value{Text: in.Value, Witnesses: draw.WitnessRows(in.Names, in.Parts, false)})
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.lotPage(ctx, a, in, bad) })
}

// lots are the groups of equals as the desk reads them, and the draws among them.
func (w words) lots(desk Desk, d *deskData) {
	for _, equal := range desk.Waiting {
		d.LotsText = append(d.LotsText, names(equal, w.T("scoring.join")))
	}
	if len(d.LotsText) > 0 {
		d.Next = w.T("scoring.desk.next_lots")
	}
	for i := range desk.Lots {
		x := desk.Lots[i]
		d.LotsLast = true
		link := web.Link{Href: draw.Path(x.ID), Icon: "queue", Text: w.T("scoring.lots") + " · " + w.T("contest.draw_link", "n", x.Number, "state", w.T("draw.state."+string(x.State)))}
		if x.State == models.DrawOpen {
			d.LotsOpen = true
			link.Href, link.Text = d.Path+"/lots/"+strconv.FormatInt(x.ID, 10), link.Text+" · "+w.T("contest.to_stage")
		}
		d.LotLinks = append(d.LotLinks, link)
	}
}
