package scoring

import (
	"context"
	"slices"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) protestPages(r *httpapi.Router) {
	httpapi.Page(r, "/rounds/:id/protest", auth.SignedIn, s.protestPage)
	httpapi.Form(r, "/rounds/:id/protest", auth.SignedIn, httpapi.LimitBooking, s.protestForm)
	httpapi.Page(r, "/rounds/:id/protests/:protest", auth.ContestValues, s.decidePage)
	httpapi.Form(r, "/rounds/:id/protests/:protest", auth.ContestJury, httpapi.LimitNone, s.decideForm)
}

type protestData struct {
	Board   Board
	Path    string
	Entries web.Choices
	Form    web.Form
	Until   string
	Refusal []string
}

// leads lists the entries of a round that the account leads.
func (s *Service) leads(ctx context.Context, a auth.Actor, b Board) ([]Slot, error) {
	own, err := s.ledBy(ctx, a, b.RoundID)
	return slices.DeleteFunc(slices.Clone(b.Slots), func(x Slot) bool { return !slices.Contains(own, x.EntryID) }), err
}

func (s *Service) protestPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	return s.protesting(ctx, a, in.ID, protestForm{}, nil)
}

func (s *Service) protesting(ctx context.Context, a auth.Actor, id int64, typed protestForm, bad *errs.Error) (web.Page, error) {
	b, err := s.Board(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	own, err := s.leads(ctx, a, b)
	switch {
	case err != nil:
		return web.Page{}, err
	case len(own) == 0:
		return web.Page{}, ErrNotYourEntry
	case b.Until == nil || b.State != models.PanelProvisional || !s.db.Now().Before(*b.Until):
		return web.Page{}, ErrNoProtest
	}
	w := s.words(ctx)
	d := protestData{Board: b, Path: roundPath(id, "protest"), Until: w.T("scoring.board.until", "at", *b.Until), Refusal: say(ctx, bad),
		Entries: web.Choices{Name: "entry", Legend: w.T("scoring.protest.entry"), Value: strconv.FormatInt(own[0].EntryID, 10)},
		Form:    web.Form{Values: map[string]string{"text": typed.Text}}}
	for _, x := range own {
		d.Entries.Options = append(d.Entries.Options, web.Choice{Value: strconv.FormatInt(x.EntryID, 10), Label: x.Team, Hint: x.Piece})
	}
	return web.Page{Template: "scoring/protest", Title: "scoring.protest.title", Styles: []string{"scoring"}, Data: &d}, nil
}

type protestForm struct {
	byID
	httpapi.Keyed
	Entry int64  `form:"entry"`
	Text  string `form:"text"`
}

func (s *Service) protestForm(ctx context.Context, a auth.Actor, in protestForm, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID), "scoring.protest.filed", bad, func() error {
		_, err := s.Protest(ctx, a, Filing{RoundID: in.ID, EntryID: in.Entry, Text: in.Text, Key: in.Key})
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.protesting(ctx, a, in.ID, in, bad) })
}

var protestTones = map[models.ProtestState]web.Tone{models.ProtestFiled: web.ToneWarn, models.ProtestUpheld: web.ToneOK, models.ProtestDismissed: web.ToneOff}

// objections are the protests as everybody reads them.
func (w words) objections(all []Objection) web.Table {
	t := web.Table{Caption: w.T("scoring.protests"), Columns: []string{w.T("scoring.col.team"), w.T("scoring.col.when"), w.T("scoring.col.state"), w.T("scoring.col.effect")}}
	for _, p := range all {
		effect := ""
		switch {
		case p.Applied:
			effect = w.T("scoring.protest.applied")
		case p.State != models.ProtestFiled:
			effect = w.T("scoring.protest.unapplied")
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: p.Team}, {Text: w.DateTime(p.FiledAt)},
			{Chip: &web.Chip{Tone: protestTones[p.State], Text: w.T("scoring.protest." + string(p.State))}}, {Text: effect}}})
	}
	return t
}

// protests is the desk's list of them.
func (w words) protests(desk Desk, numbers map[int64]string) web.Table {
	t := web.Table{Caption: w.T("scoring.protests"), Columns: []string{w.T("scoring.col.team"), w.T("scoring.col.when"), w.T("scoring.col.state")},
		Empty: &web.Empty{Icon: "chat", Title: w.T("scoring.protests_none")}}
	for _, p := range desk.Protests {
		t.Rows = append(t.Rows, web.Row{Href: roundPath(desk.Round.ID, "protests", p.ID),
			Cells: []web.Cell{{Text: numbers[p.EntryID]}, {Text: w.DateTime(p.FiledAt)}, {Chip: &web.Chip{Tone: protestTones[p.State], Text: w.T("scoring.protest." + string(p.State))}}}})
	}
	return t
}

type decideIn struct {
	byID
	Protest  int64               `path:"protest"`
	To       models.ProtestState `form:"to" query:"to"`
	Kind     ChangeKind          `form:"change" query:"change"`
	Entry    int64               `form:"entry" query:"entry"`
	Judge    int64               `form:"judge" query:"judge"`
	Penalty  int64               `form:"penalty" query:"penalty"`
	Code     string              `form:"code" query:"code"`
	Marks    []string            `form:"mark" query:"mark"`
	Decision string              `form:"decision" query:"decision"`
}

// change is the effect that the form names; an empty one changes nothing.
func (in decideIn) change(rule models.ScoringRule) (Change, error) {
	c := Change{Kind: in.Kind, EntryID: in.Entry, JudgeID: in.Judge, PenaltyID: in.Penalty, Code: in.Code}
	if c.Kind == "" {
		c.Kind = ChangeNothing
	}
	var err error
	if c.Kind == ChangeMarks {
		c.Marks, err = marksOf(rule, in.Marks)
	}
	return c, err
}

type decideData struct {
	Desk
	Protest   models.Protest
	Path      string
	Back      string
	Team      string
	In        decideIn
	Changes   web.Choices
	Options   []web.Choice // entries
	JudgeName map[int64]string
	Fields    []markField
	Penalties []web.Choice
	Codes     []web.Choice
	Diff      web.Table
	Asked     bool // a change was previewed
	Open      bool // it is still to be decided
	Refusal   []string
}

// decidePage shows a protest; with a change in its address it shows what that
// would do to the result, before anything is written.
func (s *Service) decidePage(ctx context.Context, a auth.Actor, in decideIn) (web.Page, error) {
	return s.deciding(ctx, a, in, nil)
}

func (s *Service) deciding(ctx context.Context, a auth.Actor, in decideIn, bad *errs.Error) (web.Page, error) {
	desk, err := s.Desk(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	i := slices.IndexFunc(desk.Protests, func(p models.Protest) bool { return p.ID == in.Protest })
	if i < 0 {
		return web.Page{}, errs.ErrNotFound
	}
	w := s.words(ctx)
	d := decideData{Desk: desk, Protest: desk.Protests[i], Path: roundPath(in.ID, "protests", in.Protest), Back: roundPath(in.ID, "desk"), In: in, JudgeName: map[int64]string{},
		Fields: w.fieldsOf(desk.Rule, nil), Open: desk.Protests[i].State == models.ProtestFiled && desk.MayRun}
	d.choices(w, in)
	if in.Kind != "" && in.Kind != ChangeNothing && bad == nil && d.Open {
		c, err := in.change(desk.Rule)
		var diff []Diff
		if err == nil {
			diff, err = s.Preview(ctx, a, in.ID, c)
		}
		if err != nil {
			bad = errs.As(err)
		} else {
			d.Asked, d.Diff = true, w.diff(diff)
		}
	}
	d.Refusal = say(ctx, bad)
	return web.Page{Template: "scoring/decide", Title: "scoring.protest.decide", Layout: web.LayoutStaff, Styles: []string{"scoring"}, Data: &d}, nil
}

func (d *decideData) choices(w words, in decideIn) {
	d.Changes = web.Choices{Name: "change", Legend: w.T("scoring.change"), Value: string(in.Kind)}
	for _, k := range []ChangeKind{ChangeNothing, ChangeForgive, ChangePenalty, ChangeMarks, ChangeAbsent} {
		d.Changes.Options = append(d.Changes.Options, web.Choice{Value: string(k), Label: w.T("scoring.change." + string(k))})
	}
	if d.Changes.Value == "" {
		d.Changes.Value = string(ChangeNothing)
	}
	for _, j := range d.Judges {
		d.JudgeName[j.ID] = j.Name
	}
	teams := map[int64]string{}
	for _, act := range d.Acts {
		teams[act.EntryID] = act.Team
		d.Options = append(d.Options, web.Choice{Value: strconv.FormatInt(act.EntryID, 10), Label: strconv.Itoa(act.Number) + " " + act.Team})
	}
	d.Team = teams[d.Protest.EntryID]
	if d.In.Entry == 0 {
		d.In.Entry = d.Protest.EntryID
	}
	for _, p := range d.Desk.Penalties {
		if p.VoidAt.IsZero() {
			d.Penalties = append(d.Penalties, web.Choice{Value: strconv.FormatInt(p.ID, 10), Label: teams[p.EntryID] + " −" + models.Points(p.Points) + " " + p.Note})
		}
	}
	for _, x := range d.Rule.Deductions {
		d.Codes = append(d.Codes, web.Choice{Value: x.Code, Label: x.Name + " −" + models.Points(x.Points)})
	}
	for i := range in.Marks {
		if i < len(d.Fields) {
			d.Fields[i].Value = in.Marks[i]
		}
	}
}

// diff is what a decision changes, as a table.
func (w words) diff(all []Diff) web.Table {
	t := web.Table{Caption: w.T("scoring.diff"), Columns: []string{w.T("scoring.col.team"), w.T("scoring.diff.was"), w.T("scoring.diff.is")},
		Empty: &web.Empty{Icon: "check", Title: w.T("scoring.diff.none")}}
	for _, x := range all {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: x.Act.Team}, {Text: w.place(x.Was, x.WasPt)}, {Text: w.place(x.Is, x.IsPt)}}})
	}
	return t
}

func (w words) place(n int, value string) string {
	if n == 0 {
		return w.T("scoring.diff.no_place")
	}
	return w.T("scoring.diff.place", "n", n, "value", value)
}

func (s *Service) decideForm(ctx context.Context, a auth.Actor, in decideIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk"), "scoring.protest.decided", bad, func() error {
		desk, err := s.Desk(ctx, a, in.ID)
		if err != nil {
			return err
		}
		c, err := in.change(desk.Rule)
		if err != nil {
			return err
		}
		return s.Decide(ctx, a, in.ID, in.Protest, in.To, in.Decision, c)
	}, func(bad *errs.Error) (web.Page, error) { return s.deciding(ctx, a, in, bad) })
}
