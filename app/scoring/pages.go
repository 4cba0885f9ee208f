package scoring

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages: the judge's phone, the desk, paper, the board and the
// stage, results, protests and certificates.
func (s *Service) Pages(r *httpapi.Router) {
	s.judgePages(r)
	s.deskPages(r)
	s.lotPages(r)
	s.paperPages(r)
	s.publicPages(r)
	s.protestPages(r)
	s.awardPages(r)
}

// words is how pages say something in the reader's language.
type words struct{ web.Words }

func (s *Service) words(ctx context.Context) words {
	return words{httpapi.Words(ctx, s.Zone, s.db.Now())}
}

func (w words) state(p models.PanelState) web.Chip {
	tone := map[models.PanelState]web.Tone{models.PanelPreparing: web.ToneOff, models.PanelScoring: web.ToneInfo, models.PanelFrozen: web.ToneWarn,
		models.PanelReleasing: web.ToneInfo, models.PanelProvisional: web.ToneWarn, models.PanelFinal: web.ToneOK}[p]
	if tone == "" {
		return web.Chip{Tone: web.ToneOff, Text: w.T("scoring.state.none")}
	}
	return web.Chip{Tone: tone, Text: w.T("scoring.state." + string(p))}
}

// decided says which rung set an entry apart from its equals.
func (w words) decided(rung string, rule models.ScoringRule) string {
	if rung == "" {
		return ""
	}
	if code, ok := strings.CutPrefix(rung, models.TieCriterion); ok {
		for _, c := range rule.Criteria {
			if c.Code == code {
				return w.T("scoring.tie.criterion", "name", c.Name)
			}
		}
	}
	return w.T("scoring.tie." + rung)
}

// explain is a rule in sentences that people can check.
func (w words) explain(r models.ScoringRule) []string {
	var parts []string
	for _, c := range r.Criteria {
		parts = append(parts, w.T("scoring.rule.criterion", "name", c.Name, "share", share(c.Weight, r.Weight())))
	}
	out := []string{w.T("scoring.rule.marks", "low", models.Points(r.Low), "high", models.Points(r.High), "step", models.Points(r.Step),
		"list", strings.Join(parts, w.T("scoring.join")))}
	out = append(out, w.T("scoring.rule."+string(r.Method), "high", r.DropHigh, "low", r.DropLow), w.T("scoring.rule.recusal_"+string(r.Recusal), "keep", r.Keep))
	if o := r.OverTime; o.Points > 0 {
		out = append(out, w.T("scoring.rule.over_time", "grace", o.Grace, "seconds", o.Seconds, "points", models.Points(o.Points), "most", models.Points(o.Most)))
	}
	parts = nil
	for _, d := range r.Deductions {
		parts = append(parts, w.T("scoring.rule.deduction", "name", d.Name, "points", models.Points(d.Points)))
	}
	if len(parts) > 0 {
		out = append(out, w.T("scoring.rule.deductions", "list", strings.Join(parts, w.T("scoring.join"))))
	}
	parts = nil
	for _, t := range r.Ties {
		parts = append(parts, w.decided(t, r))
	}
	return append(out, w.T("scoring.rule.ties", "list", strings.Join(parts, w.T("scoring.then"))))
}

// share is a weight in per cent, as people write it: 40, 33.3.
func share(weight, all int) string {
	const percent = 100
	if weight*percent%all == 0 {
		return strconv.Itoa(weight * percent / all)
	}
	return strconv.FormatFloat(float64(weight*percent)/float64(all), 'f', 1, 64)
}

// parsePoints reads what people type as a mark, "9.5" or "10", in hundredths.
func parsePoints(s string) (int, bool) {
	whole, part, dotted := strings.Cut(strings.TrimSpace(strings.NewReplacer("。", ".", "．", ".").Replace(s)), ".")
	const digits = 2
	if whole == "" || len(whole) > 3 || len(part) > digits || (dotted && part == "") {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:digits], 10, 31)
	return int(n), err == nil
}

// marksOf reads the marks of a form, in the order of the rule's criteria.
func marksOf(r models.ScoringRule, typed []string) (models.MarkSheet, error) {
	m := models.MarkSheet{}
	if len(typed) != len(r.Criteria) {
		return m, errs.FieldFault("mark", "scoring_all_marks")
	}
	for i, c := range r.Criteria {
		n, ok := parsePoints(typed[i])
		if !ok {
			return m, errs.ErrInvalid.At(errs.Field{Name: "marks." + c.Code, Code: "scoring_scale",
				Args: map[string]any{"low": models.Points(r.Low), "high": models.Points(r.High), "step": models.Points(r.Step)}})
		}
		m[c.Code] = n
	}
	return m, nil
}

func roundPath(id int64, rest ...any) string {
	path := "/rounds/" + strconv.FormatInt(id, 10)
	for _, r := range rest {
		path += "/" + fmt.Sprint(r)
	}
	return path
}

// say is a refusal with all its faults, in the reader's language.
func say(ctx context.Context, bad *errs.Error) []string {
	if bad == nil {
		return nil
	}
	out := []string{httpapi.Say(ctx, bad)}
	if bad.Code == errs.ErrInvalid.Code && len(bad.Fields) > 0 {
		out = nil
	}
	for _, f := range bad.Fields {
		text := httpapi.SayField(ctx, f)
		if bad.Code == ErrRule.Code {
			text = f.Name + ": " + text
		}
		out = append(out, text)
	}
	return out
}

// acted sends the reader on after a change, or shows the page again with why not.
func (s *Service) acted(ctx context.Context, to, flash string, bad *errs.Error, do func() error, again func(*errs.Error) (web.Page, error)) (httpapi.Answer, error) {
	if bad == nil {
		err := do()
		if err == nil {
			return httpapi.SeeOther(to, flash, nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	p, err := again(bad)
	if err != nil { // not even the page may be seen
		return httpapi.Answer{}, bad
	}
	p.Status = bad.Kind.Status()
	return httpapi.Show(p), nil
}

// fieldsOf are a rule's criteria as fields of a form, filled with marks.
func (w words) fieldsOf(r models.ScoringRule, m models.MarkSheet) (out []markField) {
	for _, c := range r.Criteria {
		f := markField{Code: c.Code, Name: c.Name, Share: share(c.Weight, r.Weight()), Weight: c.Weight,
			Low: models.Points(r.Low), High: models.Points(r.High), Step: models.Points(r.Step)}
		if v, ok := m[c.Code]; ok {
			f.Value = models.Points(v)
		}
		out = append(out, f)
	}
	return out
}

type markField struct {
	Code, Name, Share, Value string
	Low, High, Step          string
	Weight                   int
}

// may reports whether a reader holds a permission at a round, for links.
func may(a auth.Actor, p auth.Permission, r Round) bool { return a.CanAt(p, r.OrgPath) }
