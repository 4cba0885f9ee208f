package venue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// planEntry is the editing form. Do is the button that was pressed; the helpers
// work on the text as it was sent and show it again.
type planEntry struct {
	byID
	Text   string `form:"text" validate:"max=40000"`
	Base   int    `form:"base"`
	Seen   string `form:"seen" validate:"max=64"` // of the text whose preview was shown
	Note   string `form:"note" validate:"omitempty,plain,max=200"`
	Do     string `form:"do" validate:"max=20"`
	Row    string `form:"row" validate:"max=20"`
	Number string `form:"numbering" validate:"max=20"`
	Col    int    `form:"col"`
}

type importEntry struct {
	byID
	File httpapi.Upload `form:"file"`
}

type planData struct {
	Hall      Hall
	Form      web.Form
	Base      int
	Numbering web.Choices
	Refusal   *web.FieldError
	Changes   []web.Fact // what somebody else changed meanwhile
	OnOld     []Remaining
	FileFault []web.FieldError
	Preview   previewData
}

// previewData is what the live preview shows anew.
type previewData struct {
	Seen     string
	Bad      []string
	Warnings []string
	Map      *web.SeatMap
	Counts   []web.Fact
	Diff     []web.Fact
	Same     bool
}

var planLabels = map[string]string{"text": "seatplan.text", "note": "seatplan.note"}

// planStyle is the form of the text that suits a language.
func planStyle(l locales.Lang) models.PlanStyle {
	if l == locales.ZhCN {
		return models.PlanChinese
	}
	return models.PlanPlain
}

func (s *Service) planPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	v, err := s.Current(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	text := models.PlanText(v.Plan.Specs(), planStyle(httpapi.Lang(ctx)))
	return s.editing(ctx, a, v, planEntry{byID: in, Text: text, Base: v.Plan.Version}, nil)
}

func (s *Service) editing(ctx context.Context, a auth.Actor, v Version, in planEntry, bad *errs.Error) (web.Page, error) {
	if !a.CanAt(auth.PlanWrite, v.Hall.OrgPath) {
		return web.Page{}, errs.ErrForbidden
	}
	t := texts(ctx)
	d := planData{Hall: v.Hall, Base: in.Base, Form: web.Form{Values: map[string]string{"text": in.Text, "note": in.Note, "row": in.Row}}}
	if in.Col > 0 {
		d.Form.Values["col"] = strconv.Itoa(in.Col)
	}
	d.Numbering = web.Choices{Name: "numbering", Legend: t("seatplan.numbering"), Value: in.Number, Options: []web.Choice{
		{Value: string(models.NumberMiddle), Label: t("seatplan.numbering.middle"), Hint: t("seatplan.numbering.middle_hint")},
		{Value: string(models.NumberLeft), Label: t("seatplan.numbering.left"), Hint: t("seatplan.numbering.left_hint")},
		{Value: string(models.NumberRight), Label: t("seatplan.numbering.right"), Hint: t("seatplan.numbering.right_hint")}}}
	if in.Number == "" {
		d.Numbering.Value = string(models.NumberMiddle)
	}
	p := web.Page{Template: "venue/plan", Title: "seatplan.title", TitleArgs: map[string]any{"name": v.Hall.Name}, Layout: web.LayoutStaff,
		Styles: []string{"seatmap", "booking", "venue"}, Scripts: []string{"plan"}}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if !errors.Is(bad, ErrPlan) { // its faults stand in the preview
			d.Form.Errors = httpapi.Faults(ctx, bad, planLabels)
		}
		if changes, ok := bad.Extra["changes"].(diffView); ok {
			d.Changes = diffFacts(ctx, models.PlanDiff{Added: changes.Added, Removed: changes.Removed, Kind: changes.Kind, Moved: changes.Moved})
		}
	}
	var err error
	if d.OnOld, err = s.OnOldPlans(ctx, v.Hall.ID); err != nil {
		return p, err
	}
	d.Preview, err = preview(ctx, v, in.Text)
	p.Data = &d
	return p, err
}

// preview shows a text: what is wrong with it, how it looks, what it changes.
func preview(ctx context.Context, v Version, text string) (previewData, error) {
	t := texts(ctx)
	specs, faults := models.ParsePlan(text)
	d := previewData{Seen: seenOf(text)}
	for _, f := range faults {
		words := httpapi.SayField(ctx, FaultField("text", f))
		if f.Line > 0 {
			words = t("seatplan.at_line", "line", f.Line, "fault", words)
		}
		if f.Warn {
			d.Warnings = append(d.Warnings, words)
		} else {
			d.Bad = append(d.Bad, words)
		}
	}
	plan := drawable(v.Hall.ID, specs)
	if plan == nil {
		return d, nil
	}
	m, err := web.NewSeatMap(plan, states(plan, nil, models.Instant{}), web.SeatMapOptions{Mode: web.SeatsShow, Field: "shown"})
	if err != nil {
		return d, err
	}
	d.Map = &m
	diff := models.DiffPlans(v.Plan.Specs(), specs)
	d.Same, d.Diff = diff.Same(), diffFacts(ctx, diff)
	for _, k := range []models.SeatKind{models.SeatStandard, models.SeatWheelchair, models.SeatCompanion, models.SeatNotForSale} {
		if diff.Before[k]+diff.After[k] > 0 {
			d.Counts = append(d.Counts, web.Fact{Label: t("seatplan.kind." + string(k)), Text: t("seatplan.count", "now", diff.After[k], "was", diff.Before[k])})
		}
	}
	d.Counts = append(d.Counts, web.Fact{Label: t("seatplan.for_sale"), Text: t("seatplan.count", "now", plan.ForSale(), "was", v.Plan.ForSale())})
	return d, nil
}

// drawable makes a plan of what was read, faults and all; nil when it cannot be
// drawn, and the faults say why.
func drawable(hallID int64, specs []models.SeatSpec) *models.SeatPlan {
	if len(specs) == 0 || len(specs) > models.MaxPlanSeats || tooWide(specs) {
		return nil
	}
	plan, err := models.PlanOf(0, hallID, 0, 1, specs)
	if err != nil {
		return nil
	}
	return plan
}

func tooWide(specs []models.SeatSpec) bool {
	for _, s := range specs {
		if s.Col > models.MaxPlanCols {
			return true
		}
	}
	return false
}

func seenOf(text string) string {
	h := sha256.Sum256([]byte(strings.ReplaceAll(text, "\r\n", "\n")))
	return hex.EncodeToString(h[:8])
}

// maxNamed is how many seats a list of changes names one by one.
const maxNamed = 24

func diffFacts(ctx context.Context, d models.PlanDiff) []web.Fact {
	t := texts(ctx)
	var out []web.Fact
	for _, part := range []struct {
		key  string
		list []string
	}{{"seatplan.added", d.Added}, {"seatplan.removed", d.Removed}, {"seatplan.kinds", d.Kind}, {"seatplan.moved", d.Moved}} {
		if len(part.list) == 0 {
			continue
		}
		text := web.SeatList(httpapi.Lang(ctx), part.list[:min(len(part.list), maxNamed)])
		if len(part.list) > maxNamed {
			text = t("seatplan.and_more", "seats", text, "n", len(part.list))
		}
		out = append(out, web.Fact{Label: t(part.key, "n", len(part.list)), Text: text})
	}
	return out
}

func (s *Service) planForm(ctx context.Context, a auth.Actor, in planEntry, bad *errs.Error) (httpapi.Answer, error) {
	v, err := s.Current(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if !a.CanAt(auth.PlanWrite, v.Hall.OrgPath) {
		return httpapi.Answer{}, errs.ErrForbidden
	}
	if bad == nil && in.Do == "save" {
		in, bad, err = s.trySave(ctx, a, in)
		if err != nil {
			return httpapi.Answer{}, err
		}
		if bad == nil {
			return httpapi.SeeOther(hallPath(in.ID), "seatplan.saved", nil), nil
		}
	} else if bad == nil {
		in.Text = helped(in, planStyle(httpapi.Lang(ctx)))
	}
	if bad != nil && !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.editing(ctx, a, v, in, bad)
	return httpapi.Show(page), err
}

// trySave saves what has been looked at. A refusal comes back with the form as
// it is to be shown again; after somebody else's version, on top of that.
func (s *Service) trySave(ctx context.Context, a auth.Actor, in planEntry) (planEntry, *errs.Error, error) {
	specs, faults := models.ParsePlan(in.Text)
	switch {
	case models.Bad(faults):
		return in, Faulty(faults), nil
	case in.Seen != seenOf(in.Text):
		return in, ErrUnseen, nil
	case strings.TrimSpace(in.Note) == "":
		return in, errs.FieldFault("note", "required"), nil
	}
	_, err := s.Save(ctx, a, Edit{in.ID, in.Base, in.Note, specs})
	if err == nil {
		return in, nil, nil
	}
	bad := errs.As(err)
	if errors.Is(bad, ErrPlanStale) {
		in.Base, _ = bad.Extra["version"].(int)
	}
	if !httpapi.ShownAgain(bad) {
		return in, nil, bad
	}
	return in, bad, nil
}

// ErrUnseen: the text was changed after its preview.
var ErrUnseen = errs.New(errs.Conflict, "venue.plan_unseen")

// helped is the text after the helper whose button was pressed. A text with
// faults stays as it is: the preview names them first.
func helped(in planEntry, style models.PlanStyle) string {
	specs, faults := models.ParsePlan(in.Text)
	if models.Bad(faults) {
		return in.Text
	}
	row := strings.TrimSuffix(strings.TrimSpace(in.Row), "排")
	switch in.Do {
	case "renumber":
		specs = models.Renumber(specs, row, models.Numbering(in.Number))
	case "add_row":
		specs = models.AddRow(specs)
	case "remove_row":
		specs = models.RemoveRow(specs, row)
	case "aisle":
		if in.Col < 1 {
			return in.Text
		}
		specs = models.AddAisle(specs, in.Col)
	case "tags":
		specs = models.TagRows(specs, models.RowNumbers)
	case "letters":
		specs = models.TagRows(specs, models.RowLetters)
	default:
		return in.Text
	}
	return models.PlanText(specs, style)
}

// importForm shows a file as the text it would become; nothing is saved yet.
func (s *Service) importForm(ctx context.Context, a auth.Actor, in importEntry, bad *errs.Error) (httpapi.Answer, error) {
	v, err := s.Current(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	style := planStyle(httpapi.Lang(ctx))
	entry := planEntry{byID: in.byID, Base: v.Plan.Version}
	specs, faults := ReadPretix(in.File.Body)
	if len(faults) == 0 {
		entry.Text = models.PlanText(specs, style)
	} else {
		entry.Text = models.PlanText(v.Plan.Specs(), style)
	}
	page, err := s.editing(ctx, a, v, entry, nil)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if len(faults) > 0 {
		d := page.Data.(*planData) //nolint:forcetypeassert // editing's own
		t := texts(ctx)
		for _, f := range faults {
			words := httpapi.SayField(ctx, f)
			if f.Name != "" {
				words = t("seatplan.at_pointer", "at", f.Name, "fault", words)
			}
			d.FileFault = append(d.FileFault, web.FieldError{Field: "file", Text: words})
		}
		page.Status = ErrPlan.Kind.Status()
	}
	return httpapi.Show(page), nil
}
