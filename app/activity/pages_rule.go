package activity

import (
	"context"
	"net/url"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// rulePath is where organisers say what follows when somebody does not come.
const rulePath = "/activities/rule"

func rulePathOf(org int64) string {
	return rulePath + "?" + url.Values{"org": {strconv.FormatInt(org, 10)}}.Encode()
}

// ruleLine says a rule in a sentence, for everybody.
func (w wordsIn) ruleLine(r models.NoShowRule) string {
	key := "activity.rule.line"
	switch r.Strikes {
	case 0:
		key = "activity.rule.line_none"
	case 1:
		key = "activity.rule.line_once"
	}
	return w.t(key, "n", r.Strikes, "days", r.StrikeDays, "pause", r.PauseDays)
}

type rulePageIn struct {
	Org int64 `query:"org"` // 0: the first that is the reader's
}

type ruleEntry struct {
	Org        int64 `form:"org" validate:"required"`
	Strikes    int   `form:"strikes" validate:"min=0,max=20"`
	StrikeDays int   `form:"strike_days" validate:"min=1,max=400"`
	PauseDays  int   `form:"pause_days" validate:"min=1,max=400"`
	Drop       bool  `form:"drop"`
}

var ruleLabels = map[string]string{"strikes": "activity.rule.strikes", "strike_days": "activity.rule.strike_days", "pause_days": "activity.rule.pause_days"}

type ruleData struct {
	Orgs   []option
	Org    string // the id of the chosen one
	Name   string
	Line   string // what holds there
	From   string // whose rule it is
	Own    bool
	Form   web.Form
	Fields []web.Field
}

func (s *Service) rulePage(ctx context.Context, a auth.Actor, in rulePageIn) (web.Page, error) {
	return s.ruling(ctx, a, ruleEntry{Org: in.Org}, nil)
}

// ruling is the form for one of the actor's organisations: with what holds there, or,
// when that could not be, with what was typed.
func (s *Service) ruling(ctx context.Context, a auth.Actor, in ruleEntry, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.near(ctx)
	if err != nil {
		return web.Page{}, err
	}
	d := ruleData{Form: web.Form{Errors: httpapi.Faults(ctx, bad, ruleLabels)}}
	for _, o := range all {
		if !a.CanAt(auth.ActivityWrite, o.Path) {
			continue
		}
		if in.Org == 0 {
			in.Org = o.ID
		}
		x := option{strconv.FormatInt(o.ID, 10), o.Name, o.ID == in.Org}
		if d.Orgs = append(d.Orgs, x); x.Chosen {
			d.Org, d.Name = x.Value, o.Name
		}
	}
	if d.Org == "" {
		return web.Page{}, errs.ErrNotFound
	}
	r, err := s.Rule(ctx, in.Org)
	if err != nil {
		return web.Page{}, err
	}
	d.Line, d.Own, d.From = w.ruleLine(r.NoShowRule), r.Own(), w.t("activity.rule.usual")
	switch {
	case r.Own():
		d.From = w.t("activity.rule.own")
	case r.From.ID != 0:
		d.From = w.t("activity.rule.from", "org", r.From.Name)
	}
	if bad == nil {
		in.Strikes, in.StrikeDays, in.PauseDays = r.Strikes, r.StrikeDays, r.PauseDays
	}
	for _, x := range []struct {
		name string
		n    int
	}{{"strikes", in.Strikes}, {"strike_days", in.StrikeDays}, {"pause_days", in.PauseDays}} {
		d.Fields = append(d.Fields, web.Field{Name: x.name, Label: w.t(ruleLabels[x.name]), Hint: w.t(ruleLabels[x.name] + "_hint"), Type: "number", Inputmode: "numeric",
			Required: true, Value: strconv.Itoa(x.n), Error: d.Form.Error(x.name)})
	}
	p := web.Page{Template: "activity/rule", Title: "activity.rule.title", Styles: []string{"booking", "activity"}, Layout: web.LayoutStaff, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) ruleForm(ctx context.Context, a auth.Actor, in ruleEntry, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	switch {
	case bad != nil && !in.Drop: // what stands in the fields is of no matter to who takes the rule back
		err = bad
	case in.Drop:
		_, err = s.DropRule(ctx, a, in.Org)
	default:
		_, err = s.SetRule(ctx, a, in.Org, models.NoShowRule{Strikes: in.Strikes, StrikeDays: in.StrikeDays, PauseDays: in.PauseDays})
	}
	if err == nil {
		return httpapi.SeeOther(rulePathOf(in.Org), "activity.rule.saved", nil), nil
	}
	bad = errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := s.ruling(ctx, a, in, bad)
	return httpapi.Show(page), err
}
