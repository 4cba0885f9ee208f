package workdays

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the year, which everybody may look at, and its import, which
// shows first what a list would change; the same form then does it.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/workdays", auth.Public, s.yearPage)
	httpapi.PageFile(r, "/workdays.xlsx", auth.Public, s.yearFile)
	httpapi.Page(r, "/workdays/import", auth.WorkdaysWrite, s.importPage)
	httpapi.Form(r, "/workdays/import", auth.WorkdaysWrite, httpapi.LimitNone, s.importForm)
	httpapi.Form(r, "/workdays/hours", auth.WorkdaysWrite, httpapi.LimitNone, s.hoursForm)
}

// The years that can be asked for: as far as the lunar calendar is reckoned well.
const (
	firstYear = 1949
	lastYear  = 2100
)

func (s *Service) orThis(year int) int {
	if year == 0 {
		return s.db.Now().In(s.zone).Year()
	}
	return year
}

type yearPageIn struct {
	Year int `query:"year"`
}

type dayCell struct {
	Number int
	Date   string
	Label  string // 2026年10月1日
	Note   web.DayNote
	Today  bool
}

type monthView struct {
	Name  string
	Weeks [][7]dayCell // a cell with no number lies outside
}

type runRow struct {
	Days string // 2月15日（周日）–23日（周一）
	Kind models.DayKind
	Name string
	N    int
}

type yearData struct {
	Year       int
	Known      bool
	Source     string
	Shipped    bool // the program has a list of a year that is not entered
	Prev, Next int
	Runs       []runRow
	Months     []monthView
	Workdays   int
	Hours      string
	Version    int64
	Versions   []Version
	May        bool // change it
	Form       web.Form
}

func (s *Service) yearPage(ctx context.Context, a auth.Actor, in yearPageIn) (web.Page, error) {
	return s.year(ctx, a, s.orThis(in.Year), "", nil)
}

func (s *Service) year(ctx context.Context, a auth.Actor, year int, hours string, bad *errs.Error) (web.Page, error) {
	if year < firstYear || year > lastYear {
		return web.Page{}, errs.ErrNotFound
	}
	y, err := s.Year(ctx, year)
	if err != nil {
		return web.Page{}, err
	}
	l := httpapi.Lang(ctx)
	d := yearData{Year: year, Known: y.Known, Source: y.Source, Prev: year - 1, Next: year + 1, Version: y.Calendar.Version,
		Hours: y.Calendar.WorkHours().String(), Versions: y.Versions, May: a.Can(auth.WorkdaysWrite)}
	d.Form = web.Form{Values: map[string]string{"hours": d.Hours}, Errors: httpapi.Faults(ctx, bad, labels)}
	if bad != nil {
		d.Form.Values["hours"] = hours
	}
	_, d.Shipped = Published(year)
	for _, r := range runs(y.Marks) {
		d.Runs = append(d.Runs, runRow{Days: runWords(l, r), Kind: r.Kind, Name: r.Name, N: r.Until.Sub(r.Day) + 1})
	}
	today := models.DayOf(s.db.Now(), s.zone)
	for m := time.January; m <= time.December; m++ {
		d.Months = append(d.Months, monthOf(l, year, m, today, y.Calendar))
	}
	for day := (models.Day{Year: year, Month: 1, Day: 1}); d.Known && day.Year == year; day = day.Add(1) {
		if k, _ := y.Calendar.Kind(day); k.Works() {
			d.Workdays++
		}
	}
	p := web.Page{Template: "workdays/year", Title: "workdays.title", Styles: []string{"workdays"}, Layout: web.LayoutStaff, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func monthOf(l locales.Lang, year int, m time.Month, today models.Day, c models.WorkCalendar) monthView {
	v := monthView{Name: locales.T(l, "recurrence.month_name."+strconv.Itoa(int(m)), nil)}
	for d := (models.Day{Year: year, Month: m, Day: 1}); d.Month == m; d = d.Add(1) {
		weekday := (int(d.Weekday()) + 6) % 7
		if d.Day == 1 || weekday == 0 {
			v.Weeks = append(v.Weeks, [7]dayCell{})
		}
		v.Weeks[len(v.Weeks)-1][weekday] = dayCell{Number: d.Day, Date: d.String(), Label: web.FullDay(l, d), Note: web.NewDayNote(l, d, c), Today: d == today}
	}
	return v
}

func runWords(l locales.Lang, r run) string {
	words := func(d models.Day) string {
		return locales.T(l, "workdays.day", map[string]any{"name": locales.T(l, "recurrence.month_name."+strconv.Itoa(int(d.Month)), nil),
			"day": d.Day, "weekday": locales.T(l, "recurrence.weekday."+strconv.Itoa(int(d.Weekday())), nil)})
	}
	if r.Until == r.Day {
		return words(r.Day)
	}
	return words(r.Day) + " – " + words(r.Until)
}

func (s *Service) yearFile(ctx context.Context, _ auth.Actor, in yearPageIn) (httpapi.Blob, error) {
	y, err := s.Year(ctx, s.orThis(in.Year))
	if err != nil {
		return httpapi.Blob{}, err
	}
	out := sheet.Sheet{Name: strconv.Itoa(y.Year), Head: heads(), Wide: []int{14, 14, 10, 20}}
	for _, r := range runs(y.Marks) {
		until := ""
		if r.Until != r.Day {
			until = r.Until.String()
		}
		out.Rows = append(out.Rows, []any{r.Day.String(), until, kindWord(r.Kind), r.Name})
	}
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: fmt.Sprintf("workdays_%d.xlsx", y.Year)}, err
}

type hoursIn struct {
	Year  int    `form:"year"`
	Hours string `form:"hours" validate:"required,max=100"`
}

var labels = map[string]string{"hours": "workdays.hours", "text": "workdays.text", "file": "workdays.file", "source": "workdays.source", "year": "workdays.which"}

func (s *Service) hoursForm(ctx context.Context, a auth.Actor, in hoursIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		err := s.PutHours(ctx, a, in.Hours)
		if err == nil {
			return httpapi.SeeOther("/workdays?year="+strconv.Itoa(s.orThis(in.Year)), "workdays.hours_done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	p, err := s.year(ctx, a, s.orThis(in.Year), in.Hours, bad)
	return httpapi.Show(p), err
}
