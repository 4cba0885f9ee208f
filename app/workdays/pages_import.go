package workdays

import (
	"cmp"
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

type importIn struct {
	Year   int            `form:"year" validate:"min=1949,max=2100"`
	Source string         `form:"source" validate:"max=200"`
	File   httpapi.Upload `form:"file"`
	Text   string         `form:"text" validate:"max=100000"`
	Digest string         `form:"digest" validate:"max=64"` // of the preview that was looked at; empty: look
}

type changeRow struct {
	Days     string
	From, To string // locale keys
	Name     string
}

type importData struct {
	Year    int
	Columns []sheet.Column
	Shipped bool // the text is the list that comes with the program
	Text    string
	Looked  bool // Preview is there
	Preview Preview
	Changes []changeRow
	Faults  []string
	Form    web.Form
}

// importPage starts from the list that stands, or from the one that comes with
// the program.
func (s *Service) importPage(ctx context.Context, _ auth.Actor, in yearPageIn) (web.Page, error) {
	year := s.orThis(in.Year)
	if year < firstYear || year > lastYear {
		return web.Page{}, errs.ErrNotFound
	}
	y, err := s.Year(ctx, year)
	if err != nil {
		return web.Page{}, err
	}
	d := importData{Year: year, Form: web.Form{Values: map[string]string{"source": y.Source}}}
	if list, shipped := Published(year); !y.Known && shipped {
		y.WorkYear, d.Shipped = list, true
		d.Form.Values["source"] = list.Source
	}
	if len(y.Marks) > 0 {
		d.Text = rows(y.Marks)
	}
	return importView(d), nil
}

func importView(d importData) web.Page {
	d.Columns = Columns()
	return web.Page{Template: "workdays/import", Title: "workdays.import", Layout: web.LayoutStaff, Data: d}
}

func (s *Service) importForm(ctx context.Context, a auth.Actor, in importIn, bad *errs.Error) (httpapi.Answer, error) {
	d := importData{Year: in.Year, Text: in.Text, Form: web.Form{Values: map[string]string{"source": in.Source}}}
	if !in.File.IsZero() && bad == nil {
		text, err := fileText(in.File.Body)
		if err != nil {
			bad = errs.As(err)
		}
		d.Text, in.Digest = text, ""
	}
	e := Entry{Year: in.Year, Source: in.Source, Text: d.Text}
	var err error
	switch {
	case bad != nil:
		err = bad
	case in.Digest == "":
		d.Preview, err = s.PreviewYear(ctx, e)
		if err == nil && len(d.Preview.Faults) > 0 {
			err = ErrFaults.With("count", len(d.Preview.Faults))
		}
	default:
		d.Preview, _, err = s.PutYear(ctx, a, e, in.Digest)
		if err == nil {
			return httpapi.SeeOther("/workdays?year="+strconv.Itoa(in.Year), "workdays.done", map[string]any{"year": in.Year}), nil
		}
	}
	d.Looked = d.Preview.Digest != ""
	l := httpapi.Lang(ctx)
	for _, f := range d.Preview.Faults {
		d.Faults = append(d.Faults, f.Words(l))
	}
	for _, c := range together(d.Preview.Changes) {
		d.Changes = append(d.Changes, changeRow{Days: runWords(l, run{models.WorkdayMark{Day: c.Day}, c.until}), From: kindKey(c.From), To: kindKey(c.To),
			Name: cmp.Or(c.ToName, c.FromName)})
	}
	p := importView(d)
	if err != nil {
		refused := errs.As(err)
		if !httpapi.ShownAgain(refused) {
			return httpapi.Answer{}, err
		}
		d.Form.Errors = httpapi.Faults(ctx, refused, labels)
		p = importView(d)
		p.Status = refused.Kind.Status()
	}
	return httpapi.Show(p), nil
}

// kindKey is the word for a kind; a day without a mark is as its weekday says.
func kindKey(k models.DayKind) string {
	if k == models.DayHoliday || k == models.DayMakeup {
		return "workdays.kind." + string(k)
	}
	return "workdays.kind.plain"
}

// changeRun is days in a row that change alike.
type changeRun struct {
	Change
	until models.Day
}

func together(all []Change) []changeRun {
	var out []changeRun
	for _, c := range all {
		if n := len(out); n > 0 && out[n-1].until.Add(1) == c.Day && alike(out[n-1].Change, c) {
			out[n-1].until = c.Day
			continue
		}
		out = append(out, changeRun{c, c.Day})
	}
	return out
}

func alike(a, b Change) bool {
	return kindKey(a.From) == kindKey(b.From) && kindKey(a.To) == kindKey(b.To) && a.FromName == b.FromName && a.ToName == b.ToName
}
