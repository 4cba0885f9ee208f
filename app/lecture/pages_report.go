package lecture

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

type reportIn struct {
	From  string `query:"from" validate:"omitempty,datetime=2006-01-02"`
	Until string `query:"until" validate:"omitempty,datetime=2006-01-02"`
}

// period is what is asked for; without it the last ninety days.
func (s *Service) period(in reportIn) (from, until models.Day, err error) {
	until = models.DayOf(s.db.Now(), s.Zone)
	from = until.Add(-models.LectureLoadDays)
	if in.From != "" {
		from, err = models.ParseDay(in.From)
	}
	if in.Until != "" && err == nil {
		until, err = models.ParseDay(in.Until)
	}
	if err != nil || until.Before(from) {
		err = errs.FieldFault("until", "other")
	}
	return from, until, err
}

type reportData struct {
	Form   web.Form
	Total  string
	Score  string
	Tables []web.Table
	Mean   string
	Link   web.Link
}

func (s *Service) reportPage(ctx context.Context, a auth.Actor, in reportIn) (web.Page, error) {
	w := s.words(ctx)
	from, until, err := s.period(in)
	if err != nil {
		return web.Page{}, err
	}
	r, err := s.Report(ctx, a, from, until)
	if err != nil {
		return web.Page{}, err
	}
	d := reportData{Form: web.Form{Values: map[string]string{"from": from.String(), "until": until.String()}}, Score: w.score(r.Total.Score()),
		Total: w.T("lecture.report_total", "n", r.Total.Orders, "done", r.Total.Delivered, "cancelled", r.Total.Cancelled, "came", r.Total.Came),
		Mean:  w.T("lecture.report_mean", "n", fmt.Sprintf("%.1f", r.Mean)),
		Link:  web.Link{Href: "/lectures/report.xlsx?from=" + from.String() + "&until=" + until.String(), Icon: "download", Text: w.T("lecture.excel")}}
	for _, sh := range w.sheets(r) {
		t := web.Table{Caption: sh.Name, Columns: sh.Head}
		for _, row := range sh.Rows {
			var cells []web.Cell
			for i, v := range row {
				cells = append(cells, web.Cell{Text: fmt.Sprint(v), Number: i > 0})
			}
			t.Rows = append(t.Rows, web.Row{Cells: cells})
		}
		d.Tables = append(d.Tables, t)
	}
	return web.Page{Template: "lecture/report", Title: "lecture.report", Styles: []string{"lecture"}, Scripts: []string{"print"}, Layout: web.LayoutStaff, Data: &d}, nil
}

// sheets are the tables of a report, on the page and in the workbook.
func (w words) sheets(r Report) []sheet.Sheet {
	heads := func(keys ...string) []string {
		var out []string
		for _, k := range keys {
			out = append(out, w.T("lecture.col."+k))
		}
		return out
	}
	rated := func(t Tally) string {
		if s := t.Score(); s.Known {
			return fmt.Sprintf("%.1f", s.Average)
		}
		return "—"
	}
	answers := func(t Tally) string { s := t.Score(); return fmt.Sprintf("%d/%d", s.Rated, s.Asked) }
	tally := func(name string, first string, all []Tally) sheet.Sheet {
		out := sheet.Sheet{Name: w.T("lecture.by_" + name), Head: append([]string{w.T("lecture.f." + first)}, heads("orders", "delivered", "cancelled", "came", "answers", "unrated", "average")...), Wide: []int{28}, Zone: w.Zone}
		for _, t := range all {
			out.Rows = append(out.Rows, []any{t.Name, t.Orders, t.Delivered, t.Cancelled, t.Came, answers(t), t.Unrated(), rated(t)})
		}
		return out
	}
	teams := sheet.Sheet{Name: w.T("lecture.by_team"), Head: append([]string{w.T("lecture.f.team")}, heads("sessions", "beside", "asked", "accepted", "rate", "declined", "lapsed", "answers", "unrated", "average")...), Wide: []int{28}, Zone: w.Zone}
	for _, l := range r.Teams {
		rate := "—"
		if n := l.Answered(); n > 0 {
			rate = fmt.Sprintf("%d%%", 100*l.Accepted/n)
		}
		teams.Rows = append(teams.Rows, []any{l.Name, l.Sessions, fmt.Sprintf("%+.1f", float64(l.Sessions)-r.Mean), l.Asked, l.Accepted, rate, l.Declined, l.Lapsed, answers(l.Tally), l.Unrated(), rated(l.Tally)})
	}
	steps := sheet.Sheet{Name: w.T("lecture.by_step"), Head: append([]string{w.T("lecture.f.step")}, heads("number", "median", "most", "late")...), Wide: []int{28}, Zone: w.Zone}
	for _, x := range r.Steps {
		var late any = x.Late
		if x.Step == stepAccept || x.Step == stepRate {
			late = "—" // they have no deadline
		}
		median, most := w.worked(x.Median), w.worked(x.Most)
		if x.Number == 0 {
			median, most = "—", "—"
		}
		steps.Rows = append(steps.Rows, []any{w.T("lecture.step_name." + string(x.Step)), x.Number, median, most, late})
	}
	return []sheet.Sheet{tally("topic", "title", r.Topics), tally("org", "org", r.Orgs), teams, steps}
}

// worked is working time in hours and minutes.
func (w words) worked(minutes int) string {
	return w.T("lecture.worked", "h", minutes/60, "m", fmt.Sprintf("%02d", minutes%60))
}

func (s *Service) reportFile(ctx context.Context, a auth.Actor, in reportIn) (httpapi.Blob, error) {
	w := s.words(ctx)
	from, until, err := s.period(in)
	if err != nil {
		return httpapi.Blob{}, err
	}
	r, err := s.Report(ctx, a, from, until)
	if err != nil {
		return httpapi.Blob{}, err
	}
	b, err := sheet.Write(w.sheets(r)...)
	return httpapi.Blob{Body: b, ContentType: sheet.ContentType, Filename: w.T("lecture.report") + " " + from.String() + " " + until.String() + ".xlsx"}, err
}
