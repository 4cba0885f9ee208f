package scoring

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) publicPages(r *httpapi.Router) {
	httpapi.Page(r, "/rounds/:id", auth.Public, s.roundPage)
	httpapi.Page(r, "/rounds/:id/stage", auth.Public, s.stagePage)
	httpapi.Page(r, "/rounds/:id/print", auth.Public, s.printPage)
	httpapi.PageFile(r, "/rounds/:id/result.xlsx", auth.Public, s.resultFile)
}

// shown is a board in the reader's words.
type shown struct {
	Board
	Path    string
	Events  string
	Chip    web.Chip
	Now     *Slot
	Next    []Slot
	Late    string
	Told    string // how many of whom have scored the present one
	Lines   web.Table
	Podium  []Line // the best first, as far as released
	Top     bool   // the first place is out
	Explain []string
	Rule    string
	Hash    string
	Until   string
	Protest bool
	Against web.Table // the protests, and where they stand
	Awards  bool
	Home    *web.Link // the contest's own page
	Staff   string
	Print   string
	Excel   string
	File    string // all that computing the result again needs
	Open    bool   // something is released
	Going   bool   // the round is still to come, or under way
	Value   string
	Decided map[int64]string
}

// shownNext is how many of those who come next a board names.
const shownNext = 3

func (s *Service) shown(ctx context.Context, a auth.Actor, id int64) (*shown, error) {
	p, err := s.Public(ctx, id)
	if err != nil {
		return nil, err
	}
	w := s.words(ctx)
	b := p.Board
	d := &shown{Board: b, Path: roundPath(id), Events: "/api/v1/rounds/" + strconv.FormatInt(id, 10) + "/events", Chip: w.state(b.State),
		Lines: w.lines(b.Lines, p.Sheet), Explain: w.explain(p.Sheet), Rule: w.T("scoring.rule.version", "name", p.Rule.Name, "n", p.Rule.Version),
		Hash: p.Result.InputHash, Open: len(b.Lines) > 0, Value: w.T("scoring.value." + b.Method), Decided: map[int64]string{},
		Going: b.State == models.PanelPreparing || b.State == models.PanelScoring}
	for i := range b.Slots {
		x := b.Slots[i]
		switch {
		case !d.Going:
		case x.Stage == StageNow:
			d.Now = &x
			d.Told = w.T("scoring.board.scored", "n", x.Scored, "all", x.Judges)
		case x.Stage == StageWaiting && len(d.Next) < shownNext:
			d.Next = append(d.Next, x)
		}
	}
	if b.Late > 0 && d.Going {
		d.Late = w.T("scoring.board.late", "n", b.Late)
	}
	for _, l := range b.Lines {
		d.Decided[l.EntryID] = w.decided(l.Decided, p.Sheet)
		if l.Place <= podium {
			d.Podium = append(d.Podium, l)
		}
		d.Top = d.Top || l.Place == 1
	}
	d.Against = w.objections(b.Protests)
	if b.State == models.PanelProvisional && b.Until != nil {
		d.Until = w.T("scoring.board.until", "at", *b.Until)
		d.Protest = s.db.Now().Before(*b.Until)
	}
	d.Awards = b.State == models.PanelFinal
	if id < byHand {
		d.Home = &web.Link{Href: "/contests/" + strconv.FormatInt(p.ContestID, 10), Text: b.Contest}
	}
	if s.mayDesk(ctx, a, id) {
		d.Staff = roundPath(id, "desk")
	}
	if b.State == models.PanelProvisional || b.State == models.PanelFinal {
		d.File = "/api/v1/rounds/" + strconv.FormatInt(id, 10) + "/result"
	}
	if d.Top {
		d.Print, d.Excel = roundPath(id, "print"), roundPath(id, "result.xlsx")
	}
	return d, nil
}

func (s *Service) mayDesk(ctx context.Context, a auth.Actor, id int64) bool {
	if !a.Can(auth.ContestValues) {
		return false
	}
	_, err := s.Desk(ctx, a, id)
	return err == nil
}

func (s *Service) roundPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	d, err := s.shown(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "scoring/round", Title: "scoring.board.title", TitleArgs: map[string]any{"round": d.Title}, Styles: []string{"scoring"}, Scripts: []string{"board"}, Data: d}, nil
}

// stagePage is for the big screen: 1920 × 1080, to be read from ten metres.
func (s *Service) stagePage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	d, err := s.shown(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "scoring/stage", Title: "scoring.board.title", TitleArgs: map[string]any{"round": d.Title}, Layout: web.LayoutBare,
		Styles: []string{"scoring", "stage"}, Scripts: []string{"board"}, Data: d}, nil
}

func (s *Service) printPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	d, err := s.shown(ctx, a, in.ID)
	if err == nil && !d.Top {
		err = ErrState.With("state", string(d.State))
	}
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "scoring/print", Title: "scoring.board.title", TitleArgs: map[string]any{"round": d.Title}, Styles: []string{"scoring"}, Scripts: []string{"print"}, Data: d}, nil
}

// resultFile is the released result as a workbook.
func (s *Service) resultFile(ctx context.Context, _ auth.Actor, in byID) (httpapi.Blob, error) {
	p, err := s.Public(ctx, in.ID)
	if err != nil {
		return httpapi.Blob{}, err
	}
	b := p.Board
	if len(b.Lines) == 0 || b.Hidden > 0 {
		return httpapi.Blob{}, ErrState.With("state", string(b.State))
	}
	w := s.words(ctx)
	out := sheet.Sheet{Name: b.Title, Title: b.Contest + " " + b.Title + " " + w.state(b.State).Text, Zone: s.Zone, Wide: []int{8, 10, 28, 14, 12, 24, 24},
		Head: []string{w.T("scoring.col.place"), w.T("scoring.col.number"), w.T("scoring.col.team"), w.T("scoring.value." + b.Method), w.T("scoring.col.deducted"), w.T("scoring.col.decided"), w.T("scoring.col.exact")}}
	for _, l := range b.Lines {
		out.Rows = append(out.Rows, []any{l.Place, l.Number, l.Team, l.Value, l.Deducted, w.decided(l.Decided, p.Sheet), l.Exact})
	}
	out.Rows = append(out.Rows, []any{""}, []any{w.T("scoring.rule.version", "name", p.Rule.Name, "n", p.Rule.Version)}, []any{w.T("scoring.board.hash", "hash", p.Result.InputHash)})
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: b.Contest + " " + b.Title + ".xlsx"}, err
}
