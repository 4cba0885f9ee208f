package cinema

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/screening"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

// hoursEntry is one day or a weekly pattern as the form sends it.
type hoursEntry struct {
	HallID        int64     `query:"hall" form:"hall"`
	Kind          HoursKind `query:"kind" form:"kind" validate:"omitempty,oneof=release block"`
	From          string    `query:"from" form:"from" validate:"max=20"`
	To            string    `query:"to" form:"to" validate:"max=20"`
	Weekdays      []int     `query:"weekdays" form:"weekdays" validate:"max=7,dive,min=1,max=7"`
	Start         string    `query:"start" form:"start" validate:"max=20"`
	End           string    `query:"end" form:"end" validate:"max=20"`
	Projectionist string    `query:"projectionist" form:"projectionist" validate:"omitempty,plain,max=40"`
	Note          string    `query:"note" form:"note" validate:"omitempty,plain,max=200"`
}

var hoursLabels = map[string]string{"kind": "hours.kind", "from": "hours.from", "to": "hours.to", "weekdays": "hours.weekdays", "start": "hours.start",
	"end": "hours.end", "projectionist": "cinema.projectionist", "note": "hours.note", "text": "hours.text", "file": "hours.file"}

type weekdayBox struct {
	N       int
	Label   string
	Checked bool
}

type hoursData struct {
	Hall  int64
	Kinds web.Choices
	Days  []weekdayBox
	Form  web.Form
	Back  string
}

func hoursKinds(w web.Words, kind HoursKind) web.Choices {
	if kind == "" {
		kind = HoursRelease
	}
	return web.Choices{Name: "kind", Legend: w.T("hours.kind"), Value: string(kind), Options: []web.Choice{
		{Value: string(HoursRelease), Label: w.T("hours.release"), Hint: w.T("hours.release_hint")},
		{Value: string(HoursBlock), Label: w.T("hours.block"), Hint: w.T("hours.block_hint")}}}
}

func (s *Service) hoursPage(ctx context.Context, _ auth.Actor, in hoursEntry) (web.Page, error) {
	return s.enteringHours(ctx, in, nil), nil
}

// Monday and Sunday as the calendar of the page counts.
const sunday = 7

func (s *Service) enteringHours(ctx context.Context, in hoursEntry, bad *errs.Error) web.Page {
	w := s.words(ctx)
	d := hoursData{Hall: in.HallID, Kinds: hoursKinds(w, in.Kind), Back: screening.CinemaPath(in.HallID, in.From),
		Form: web.Form{Errors: httpapi.Faults(ctx, bad, hoursLabels), Values: map[string]string{"from": in.From, "to": in.To, "start": in.Start, "end": in.End,
			"projectionist": in.Projectionist, "note": in.Note}}}
	for n := 1; n <= sunday; n++ {
		box := weekdayBox{N: n, Label: w.T("hours.weekday." + strconv.Itoa(n))}
		for _, x := range in.Weekdays {
			box.Checked = box.Checked || x == n
		}
		d.Days = append(d.Days, box)
	}
	p := web.Page{Template: "cinema/hours", Title: "hours.title", Layout: web.LayoutStaff, Styles: []string{"booking", "hall", "cinema"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p
}

func (s *Service) hoursForm(ctx context.Context, a auth.Actor, in hoursEntry, bad *errs.Error) (httpapi.Answer, error) {
	var rows []HoursRow
	if bad == nil && in.Kind == HoursBlock && strings.TrimSpace(in.Note) == "" {
		bad = errs.FieldFault("note", "hours_reason")
	}
	if bad == nil {
		p := patternEntry{From: in.From, To: in.To, Start: in.Start, End: in.End, Projectionist: in.Projectionist, Note: strings.TrimSpace(in.Note)}
		for _, d := range in.Weekdays {
			p.Weekdays = append(p.Weekdays, time.Weekday(d%sunday))
		}
		rows, bad = s.patternRows(p)
	}
	if bad != nil {
		if !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, bad
		}
		return httpapi.Show(s.enteringHours(ctx, in, bad)), nil
	}
	back := url.Values{"hall": {strconv.FormatInt(in.HallID, 10)}, "kind": {string(in.Kind)}, "from": {in.From}, "to": {in.To}, "start": {in.Start},
		"end": {in.End}, "note": {in.Note}, "projectionist": {in.Projectionist}}
	for _, d := range in.Weekdays {
		back.Add("weekdays", strconv.Itoa(d))
	}
	page, err := s.previewHours(ctx, a, listEntry{HallID: in.HallID, Kind: in.Kind, Text: s.hoursText(rows), Back: "/cinema/hours?" + back.Encode()}, rows, nil)
	return httpapi.Show(page), err
}

// listEntry is a table of hours: pasted, from a file, or carried by a preview.
type listEntry struct {
	HallID  int64          `query:"hall" form:"hall"`
	Kind    HoursKind      `query:"kind" form:"kind" validate:"omitempty,oneof=release block"`
	Text    string         `form:"text" validate:"max=100000"`
	File    httpapi.Upload `form:"file"`
	Replace bool           `form:"replace"`
	Skip    bool           `form:"skip"`
	Seen    string         `form:"seen" validate:"max=64"`
	Back    string         `form:"back" validate:"max=2000"`
}

func (in listEntry) wish(rows []HoursRow) HoursWish {
	w := HoursWish{HallID: in.HallID, Kind: in.Kind, Rows: rows}
	if w.Kind == "" {
		w.Kind = HoursRelease
	}
	if in.Replace {
		w.Period = PeriodReplace
	}
	if in.Skip {
		w.Clashes = ClashSkip
	}
	return w
}

type listData struct {
	Hall    int64
	Kinds   web.Choices
	Text    string
	Replace bool
	Faults  []string
	Errors  []web.FieldError
}

func (s *Service) hoursListPage(ctx context.Context, _ auth.Actor, in listEntry) (web.Page, error) {
	return s.enteringList(ctx, in, nil, nil), nil
}

func (s *Service) enteringList(ctx context.Context, in listEntry, faults []sheet.Fault, bad *errs.Error) web.Page {
	w := s.words(ctx)
	d := listData{Hall: in.HallID, Kinds: hoursKinds(w, in.Kind), Text: in.Text, Replace: in.Replace, Errors: httpapi.Faults(ctx, bad, hoursLabels)}
	for _, f := range faults {
		d.Errors = append(d.Errors, web.FieldError{Field: "text", Text: f.Words(w.Lang)})
	}
	p := web.Page{Template: "cinema/list", Title: "hours.list_title", Layout: web.LayoutStaff, Styles: []string{"booking", "hall", "cinema"}, Data: &d}
	if len(d.Errors) > 0 {
		p.Status = errs.Invalid.Status()
	}
	return p
}

func (s *Service) hoursListForm(ctx context.Context, a auth.Actor, in listEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && !in.File.IsZero() {
		text, err := sheet.Text(in.File.Body)
		if err != nil {
			bad = errs.As(err)
		} else {
			in.Text = text
		}
	}
	if bad == nil && strings.TrimSpace(in.Text) == "" {
		bad = errs.FieldFault("text", "required")
	}
	if bad != nil {
		if !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, bad
		}
		return httpapi.Show(s.enteringList(ctx, in, nil, bad)), nil
	}
	rows, faults, err := s.hoursRows(in.Text)
	if err != nil {
		return httpapi.Show(s.enteringList(ctx, in, nil, errs.As(err))), nil
	}
	if faults = append(faults, hoursFaults(s.db.Now(), in.wish(rows))...); len(faults) > 0 {
		slices.SortStableFunc(faults, func(x, y sheet.Fault) int { return x.Line - y.Line })
		return httpapi.Show(s.enteringList(ctx, in, faults, nil)), nil
	}
	in.Back = ""
	page, err := s.previewHours(ctx, a, in, rows, nil)
	return httpapi.Show(page), err
}

// previewRow is a row of the preview.
type previewRow struct {
	When string
	More string
	Chip web.Chip
	With []string
}

type previewData struct {
	Entry   listEntry
	Rows    []previewRow
	Counts  []string
	Digest  string
	Refusal string
	Button  string // "" when nothing can be done
	Skip    bool
	Note    string
}

// previewHours shows what a list comes to, and asks before it is done.
func (s *Service) previewHours(ctx context.Context, a auth.Actor, in listEntry, rows []HoursRow, refusal *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	plan, err := s.PlanHours(ctx, a, in.wish(rows))
	if err != nil {
		return web.Page{}, err
	}
	if len(plan.Faults) > 0 {
		return s.enteringList(ctx, in, plan.Faults, nil), nil
	}
	d := previewData{Entry: in, Digest: plan.Digest}
	for _, r := range plan.Rows {
		d.Rows = append(d.Rows, s.previewRow(w, in.wish(nil).Kind, r))
	}
	for _, f := range []Fate{FateAdded, FateThere, FateGone, FateClash} {
		if n := plan.Count(f); n > 0 {
			d.Counts = append(d.Counts, w.T("hours.count."+string(f), "n", n))
		}
	}
	added, gone, clash := plan.Count(FateAdded), plan.Count(FateGone), plan.Count(FateClash)
	switch kind := in.wish(nil).Kind; {
	case clash > 0 && kind == HoursRelease:
		d.Note = w.T("hours.cannot_replace")
	case added+gone == 0:
		d.Note = w.T("hours.nothing")
	case kind == HoursRelease:
		d.Button = w.T("hours.apply_release")
	case clash > 0:
		d.Button, d.Skip = w.T("hours.apply_rest", "n", added), true
	default:
		d.Button = w.T("hours.apply_block")
	}
	p := web.Page{Template: "cinema/preview", Title: "hours.preview_title", Layout: web.LayoutStaff, Styles: []string{"booking", "hall", "cinema"}, Data: &d}
	if refusal != nil {
		p.Status, d.Refusal = refusal.Kind.Status(), httpapi.Say(ctx, refusal)
	}
	return p, nil
}

func (s *Service) previewRow(w web.Words, kind HoursKind, r PlannedHours) previewRow {
	tones := map[Fate]web.Tone{FateAdded: web.ToneOK, FateThere: web.ToneOff, FateGone: web.ToneWarn, FateClash: web.ToneWarn}
	out := previewRow{When: w.Date(r.Start) + " " + r.Clocks(s.zone), Chip: web.Chip{Tone: tones[r.Fate], Text: w.T("hours.fate." + string(r.Fate))},
		More: strings.TrimSpace(r.Projectionist + " " + r.Note)}
	for _, c := range r.Clashes {
		key := "hours.with." + c.Kind
		if kind == HoursRelease && c.Kind == screening.SourceBlock {
			key = "hours.with.still_blocked"
		}
		out.With = append(out.With, w.T(key, "title", c.Title, "when", models.Span{Start: c.StartsAt, End: c.EndsAt}.Clocks(s.zone)))
	}
	return out
}

func (s *Service) hoursApplyForm(ctx context.Context, a auth.Actor, in listEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	rows, faults, err := s.hoursRows(in.Text)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if len(faults) > 0 {
		return httpapi.Show(s.enteringList(ctx, in, faults, nil)), nil
	}
	plan, err := s.ApplyHours(ctx, a, in.wish(rows), in.Seen)
	if err == nil {
		return httpapi.SeeOther(screening.CinemaPath(plan.Hall.ID, rows[0].Start.In(s.zone).Format(time.DateOnly)), "hours.done."+string(in.wish(nil).Kind),
			map[string]any{"n": plan.Count(FateAdded)}), nil
	}
	if bad = errs.As(err); bad.Kind != errs.Conflict {
		return httpapi.Answer{}, bad
	}
	page, err := s.previewHours(ctx, a, in, rows, bad)
	return httpapi.Show(page), err
}

// aheadInFile is how far the file of released hours reaches.
const aheadInFile = 120 * 24 * time.Hour

// releasesFile is the released hours from today on, in the columns of the list.
func (s *Service) releasesFile(ctx context.Context, a auth.Actor, in weekIn) (httpapi.Blob, error) {
	now := s.db.Now()
	rows, err := s.ReleasesOf(ctx, a, in.Hall, models.Span{Start: now, End: now.Add(aheadInFile)})
	if err != nil {
		return httpapi.Blob{}, err
	}
	out := sheet.Sheet{Name: hoursColumns[0].Names[0], Wide: []int{14, 10, 10, 14, 30}}
	for _, c := range hoursColumns {
		out.Head = append(out.Head, c.Names[0])
	}
	for _, r := range rows {
		var cells []any
		for _, c := range s.hoursCells(HoursRow{Span: r.Span(), Projectionist: r.Projectionist, Note: r.Note}) {
			cells = append(cells, c)
		}
		out.Rows = append(out.Rows, cells)
	}
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: "放出时段.xlsx"}, err
}
