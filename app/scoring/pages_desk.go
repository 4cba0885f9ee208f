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

func (s *Service) deskPages(r *httpapi.Router) {
	httpapi.Page(r, "/scoring", auth.ContestValues, s.judgedPage)
	httpapi.Form(r, "/scoring", auth.ContestJury, httpapi.LimitNone, s.registerForm)
	httpapi.Page(r, "/contests/:id/scoring", auth.ContestValues, s.overviewPage)
	httpapi.Form(r, "/contests/:id/scoring/rules", auth.ContestJury, httpapi.LimitNone, s.ruleForm)
	httpapi.Form(r, "/contests/:id/scoring/panels", auth.ContestJury, httpapi.LimitNone, s.setUpForm)
	httpapi.Page(r, "/rounds/:id/desk", auth.ContestValues, s.deskPage)
	httpapi.Form(r, "/rounds/:id/judges", auth.ContestJury, httpapi.LimitNone, s.inviteForm)
	httpapi.Form(r, "/rounds/:id/judges/:judge/link", auth.ContestJury, httpapi.LimitNone, s.relinkForm)
	httpapi.Form(r, "/rounds/:id/judges/:judge/leave", auth.ContestJury, httpapi.LimitNone, s.leaveForm)
	httpapi.Form(r, "/rounds/:id/conflicts", auth.ContestJury, httpapi.LimitNone, s.conflictForm)
	httpapi.Form(r, "/rounds/:id/moves", auth.ContestJury, httpapi.LimitNone, s.moveForm)
	httpapi.Form(r, "/rounds/:id/turns", auth.ContestJury, httpapi.LimitNone, s.turnForm)
	httpapi.Form(r, "/rounds/:id/penalties", auth.ContestJury, httpapi.LimitNone, s.penaltyForm)
	httpapi.Form(r, "/rounds/:id/penalties/:penalty/void", auth.ContestJury, httpapi.LimitNone, s.forgiveForm)
}

type overviewRow struct {
	Overview
	Chip  web.Chip
	Href  string
	SetUp bool
}

type overviewData struct {
	ID       int64
	Contest  string
	Rows     []overviewRow
	Rules    []models.RuleVersion
	Document string
	Explain  []string
	MayRun   bool
	Refusal  []string
}

func (s *Service) overviewPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	return s.overview(ctx, a, in.ID, "", nil)
}

func (s *Service) overview(ctx context.Context, a auth.Actor, id int64, typed string, bad *errs.Error) (web.Page, error) {
	all, err := s.Overview(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	rules, err := s.Rules(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := overviewData{ID: id, Rules: rules, Document: typed, Refusal: say(ctx, bad)}
	for _, o := range all {
		d.Contest, d.MayRun = o.Round.Contest, may(a, auth.ContestJury, o.Round)
		row := overviewRow{Overview: o, Chip: w.state(o.Panel.State)}
		if o.Panel.State != "" {
			row.Href = roundPath(o.Round.ID, "desk")
		}
		row.SetUp = d.MayRun && len(rules) > 0 && (o.Panel.State == "" || o.Panel.State == models.PanelPreparing)
		d.Rows = append(d.Rows, row)
	}
	switch {
	case len(rules) > 0:
		if r, err := ParseRule(rules[0].Document, rules[0].Version); err == nil {
			d.Explain = w.explain(r)
		}
		if typed == "" {
			d.Document = rules[0].Document
		}
	case typed == "":
		d.Document = FormatRule(UsualRule(d.Contest))
	}
	return web.Page{Template: "scoring/overview", Title: "scoring.overview", TitleArgs: map[string]any{"contest": d.Contest}, Layout: web.LayoutStaff,
		Styles: []string{"scoring"}, Data: &d}, nil
}

func scoringPath(contest int64) string {
	return "/contests/" + strconv.FormatInt(contest, 10) + "/scoring"
}

type ruleFormIn struct {
	byID
	Document string `form:"document"`
}

func (s *Service) ruleForm(ctx context.Context, a auth.Actor, in ruleFormIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, scoringPath(in.ID), "scoring.rule.saved", bad, func() error {
		_, err := s.SaveRule(ctx, a, in.ID, strings.ReplaceAll(in.Document, "\r\n", "\n"))
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.overview(ctx, a, in.ID, in.Document, bad) })
}

type setUpIn struct {
	byID
	Round   int64 `form:"round"`
	Rule    int64 `form:"rule"`
	Minutes int   `form:"minutes" validate:"min=0,max=120"`
}

func (s *Service) setUpForm(ctx context.Context, a auth.Actor, in setUpIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.Round, "desk"), "scoring.set_up.done", bad, func() error {
		return s.SetUp(ctx, a, in.Round, in.Rule, in.Minutes*60)
	}, func(bad *errs.Error) (web.Page, error) { return s.overview(ctx, a, in.ID, "", bad) })
}

type judgeRow struct {
	models.Judge
	Recused []string
	Seen    string
	Scored  int
}

type slotRow struct {
	Slot
	Chip      web.Chip
	Taken     string // the time of the piece
	Penalties []penaltyRow
	Over      string // points for over time
}

type penaltyRow struct {
	ID   int64
	Text string
}

type deskData struct {
	Desk
	Path      string
	Chip      web.Chip
	Judges    []judgeRow
	Slots     []slotRow
	Explain   []string
	Next      string
	Codes     web.Choices
	Kinds     web.Choices
	Table     web.Table
	Protests  web.Table
	History   web.Table
	Refusal   []string
	Link      *Invited
	MaySetUp  bool // judges can still come and go
	MayPaper  bool
	LotsText  []string // who is level, a group a line
	LotsOpen  bool     // a draw of lots waits for its value
	LotsLast  bool     // there was a draw before
	LotLinks  []web.Link
	Orgs      []models.Org
	Numbers   map[int64]string
	JudgeName map[int64]string
}

func (s *Service) deskPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	return s.desk(ctx, a, in.ID, nil, nil)
}

func (s *Service) desk(ctx context.Context, a auth.Actor, id int64, bad *errs.Error, link *Invited) (web.Page, error) {
	desk, err := s.Desk(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := deskData{Desk: desk, Path: roundPath(id), Chip: w.state(desk.Panel.State), Explain: w.explain(desk.Rule), Refusal: say(ctx, bad), Link: link,
		Next: w.T("scoring.desk.next_" + string(desk.Panel.State)), MayPaper: may(a, auth.ContestPaper, desk.Round),
		MaySetUp: desk.MayRun && (desk.Panel.State == models.PanelPreparing || desk.Panel.State == models.PanelScoring),
		Numbers:  map[int64]string{}, JudgeName: map[int64]string{}}
	for _, act := range desk.Acts {
		d.Numbers[act.EntryID] = strconv.Itoa(act.Number) + " " + act.Team
	}
	for _, j := range desk.Judges {
		d.JudgeName[j.ID] = j.Name
		d.Judges = append(d.Judges, w.judgeRow(desk, j, d.Numbers))
	}
	for _, x := range desk.Slots {
		d.Slots = append(d.Slots, w.slotRow(desk, x))
	}
	d.Codes = web.Choices{Name: "code", Legend: w.T("scoring.penalty.what")}
	for _, x := range desk.Rule.Deductions {
		d.Codes.Options = append(d.Codes.Options, web.Choice{Value: x.Code, Label: x.Name, Hint: "−" + models.Points(x.Points)})
	}
	d.Kinds = w.kinds()
	w.lots(desk, &d)
	if d.MaySetUp {
		if d.Orgs, err = s.communities(ctx); err != nil {
			return web.Page{}, err
		}
	}
	d.Table = w.lines(desk.Lines, desk.Rule)
	d.Protests = w.protests(desk, d.Numbers)
	d.History = w.history(desk, d)
	return web.Page{Template: "scoring/desk", Title: "scoring.desk.title", TitleArgs: map[string]any{"round": desk.Round.Title}, Layout: web.LayoutStaff,
		Styles: []string{"scoring"}, Data: &d}, nil
}

func (w words) judgeRow(desk Desk, j models.Judge, numbers map[int64]string) judgeRow {
	row := judgeRow{Judge: j}
	for _, c := range desk.Conflicts {
		if c.JudgeID == j.ID {
			row.Recused = append(row.Recused, numbers[c.EntryID]+w.T("scoring.recuse.short", "kind", w.T("scoring.recuse."+string(c.Kind))))
		}
	}
	for _, x := range desk.Scores {
		if x.JudgeID == j.ID && x.Version == 1 {
			row.Scored++
		}
	}
	if !j.SeenAt.IsZero() {
		row.Seen = w.DateTime(j.SeenAt)
	}
	return row
}

func (w words) slotRow(desk Desk, x Slot) slotRow {
	tone := map[string]web.Tone{StageNow: web.ToneInfo, StageDone: web.ToneOK, StageAbsent: web.ToneOff, StageWaiting: web.ToneWarn}[x.Stage]
	row := slotRow{Slot: x, Chip: web.Chip{Tone: tone, Text: w.T("scoring.stage." + x.Stage)}}
	t := desk.Turns[x.EntryID]
	if t.Seconds > 0 {
		row.Taken = strconv.Itoa(t.Seconds/60) + ":" + strconv.Itoa(t.Seconds%60/10) + strconv.Itoa(t.Seconds%10)
	}
	for _, act := range desk.Acts {
		if over := desk.Rule.Over(act.Limit, t.Seconds); act.EntryID == x.EntryID && over > 0 {
			row.Over = models.Points(over)
		}
	}
	for _, p := range desk.Penalties {
		if p.EntryID == x.EntryID && p.VoidAt.IsZero() {
			d, _ := desk.Rule.Deduction(p.Code)
			row.Penalties = append(row.Penalties, penaltyRow{p.ID, strings.TrimSpace(d.Name + " −" + models.Points(p.Points) + " " + p.Note)})
		}
	}
	return row
}

// lines is a result as a table.
func (w words) lines(all []Line, rule models.ScoringRule) web.Table {
	t := web.Table{Caption: w.T("scoring.lines"), Columns: []string{w.T("scoring.col.place"), w.T("scoring.col.team"), w.T("scoring.value." + string(rule.Method)),
		w.T("scoring.col.deducted"), w.T("scoring.col.decided")}, Empty: &web.Empty{Icon: "clock", Title: w.T("scoring.lines_none"), Text: w.T("scoring.lines_none_text")}}
	for _, l := range all {
		deducted := ""
		if l.Deducted != models.Points(0) {
			deducted = "−" + l.Deducted
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: strconv.Itoa(l.Place), Number: true}, {Text: l.Team}, {Text: l.Value, Number: true},
			{Text: deducted, Number: true}, {Text: w.decided(l.Decided, rule)}}})
	}
	return t
}

func (w words) history(desk Desk, d deskData) web.Table {
	t := web.Table{Caption: w.T("scoring.history"), Columns: []string{w.T("scoring.col.team"), w.T("scoring.col.judge"), w.T("scoring.col.total"), w.T("scoring.col.version"), w.T("scoring.col.when"), w.T("scoring.col.reason")},
		Empty: &web.Empty{Icon: "edit", Title: w.T("scoring.correct.none"), Text: w.T("scoring.correct.none_text")}}
	for _, x := range desk.Scores {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: d.Numbers[x.EntryID]}, {Text: d.JudgeName[x.JudgeID]}, {Text: x.Sheet().Total(desk.Rule), Number: true},
			{Text: w.T("scoring.correct.version", "n", x.Version)}, {Text: w.DateTime(x.SentAt)}, {Text: x.Reason}}})
	}
	return t
}

// again shows the desk with a refusal.
func (s *Service) again(ctx context.Context, a auth.Actor, id int64) func(*errs.Error) (web.Page, error) {
	return func(bad *errs.Error) (web.Page, error) { return s.desk(ctx, a, id, bad, nil) }
}

type inviteIn struct {
	byID
	Name  string `form:"name"`
	Login string `form:"login"`
	Org   int64  `form:"org"`
	Chief bool   `form:"chief"`
}

// inviteForm shows the private link on the page it answers with, and nowhere else.
func (s *Service) inviteForm(ctx context.Context, a auth.Actor, in inviteIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.linked(ctx, a, in.ID, bad, func() (Invited, error) {
		return s.Invite(ctx, a, in.ID, Invitation{Name: in.Name, Login: in.Login, OrgID: in.Org, Chief: in.Chief})
	})
}

type judgeFormIn struct {
	byID
	Judge  int64  `path:"judge"`
	Reason string `form:"reason"`
}

func (s *Service) relinkForm(ctx context.Context, a auth.Actor, in judgeFormIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.linked(ctx, a, in.ID, bad, func() (Invited, error) { return s.Relink(ctx, a, in.ID, in.Judge) })
}

func (s *Service) linked(ctx context.Context, a auth.Actor, id int64, bad *errs.Error, do func() (Invited, error)) (httpapi.Answer, error) {
	var link *Invited
	if bad == nil {
		out, err := do()
		if err == nil {
			link = &out
		} else {
			bad = errs.As(err)
		}
	}
	if bad != nil && !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	p, err := s.desk(ctx, a, id, bad, link)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return httpapi.Show(p), nil
}

func (s *Service) leaveForm(ctx context.Context, a auth.Actor, in judgeFormIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk"), "scoring.left", bad, func() error { return s.Leave(ctx, a, in.ID, in.Judge, in.Reason) }, s.again(ctx, a, in.ID))
}

type conflictIn struct {
	byID
	Judge int64               `form:"judge"`
	Entry int64               `form:"entry"`
	Kind  models.ConflictKind `form:"kind"`
}

func (s *Service) conflictForm(ctx context.Context, a auth.Actor, in conflictIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk"), "scoring.recuse.done", bad, func() error {
		return s.Recuse(ctx, a, models.Conflict{RoundID: in.ID, JudgeID: in.Judge, EntryID: in.Entry, Kind: in.Kind})
	}, s.again(ctx, a, in.ID))
}

type moveIn struct {
	byID
	Move   string `form:"move"`
	Reason string `form:"reason"`
}

// moveForm takes a round from one state to the next.
func (s *Service) moveForm(ctx context.Context, a auth.Actor, in moveIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk"), "scoring.moved", bad, func() error {
		switch in.Move {
		case "open":
			return s.Open(ctx, a, in.ID)
		case "freeze":
			return s.Freeze(ctx, a, in.ID)
		case "thaw":
			return s.Thaw(ctx, a, in.ID, in.Reason)
		case "release":
			return s.Release(ctx, a, in.ID, PaceNext)
		case "release_all":
			return s.Release(ctx, a, in.ID, PaceAll)
		}
		return errs.FieldFault("move", "required")
	}, s.again(ctx, a, in.ID))
}

type turnIn struct {
	byID
	Entry  int64  `form:"entry"`
	Move   Move   `form:"move"`
	Time   string `form:"time"`
	Reason string `form:"reason"`
}

// seconds reads a time as it stands on a stopwatch: "4:35", or whole seconds.
func seconds(s string) (int, error) {
	m, rest, ok := strings.Cut(strings.TrimSpace(strings.ReplaceAll(s, "：", ":")), ":")
	if !ok {
		m, rest = "0", m
	}
	if rest == "" {
		return 0, nil
	}
	a, err1 := strconv.Atoi(m)
	b, err2 := strconv.Atoi(rest)
	if errors.Join(err1, err2) != nil || a < 0 || b < 0 || (ok && b > 59) || a > 120 {
		return 0, errs.FieldFault("time", "scoring_time")
	}
	return a*60 + b, nil
}

func (s *Service) turnForm(ctx context.Context, a auth.Actor, in turnIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk")+"#stage", "", bad, func() error {
		n, err := seconds(in.Time)
		if err != nil {
			return err
		}
		return s.Stage(ctx, a, in.ID, in.Entry, in.Move, n, in.Reason)
	}, s.again(ctx, a, in.ID))
}

type penaltyIn struct {
	byID
	Penalty int64  `path:"penalty"`
	Entry   int64  `form:"entry"`
	Code    string `form:"code"`
	Reason  string `form:"reason"`
}

func (s *Service) penaltyForm(ctx context.Context, a auth.Actor, in penaltyIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk")+"#stage", "scoring.penalty.done", bad, func() error {
		return s.Penalise(ctx, a, in.ID, in.Entry, in.Code, in.Reason)
	}, s.again(ctx, a, in.ID))
}

func (s *Service) forgiveForm(ctx context.Context, a auth.Actor, in penaltyIn, bad *errs.Error) (httpapi.Answer, error) {
	return s.acted(ctx, roundPath(in.ID, "desk")+"#stage", "scoring.penalty.voided", bad, func() error {
		return s.Forgive(ctx, a, in.ID, in.Penalty, in.Reason)
	}, s.again(ctx, a, in.ID))
}
