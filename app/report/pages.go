package report

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the report and its workbook.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/reports/occupancy", auth.ReportRead, s.occupancyPage)
	httpapi.PageFile(r, "/reports/occupancy.xlsx", auth.ReportRead, s.occupancyFile)
}

type occupancyIn struct {
	From  string `query:"from" validate:"max=10"`
	To    string `query:"to" validate:"max=10"`
	Org   int64  `query:"org"`
	Venue string `query:"venue" validate:"max=100"`
}

// wish reads the days asked for: without them, the four weeks until yesterday.
func (s *Service) wish(in occupancyIn) Wish {
	yesterday := models.DayOf(s.db.Now(), s.zone).Add(-1)
	w := Wish{From: yesterday.Add(-27), To: yesterday, Org: in.Org, Venue: in.Venue}
	if d, err := models.ParseDay(in.From); err == nil {
		w.From = d
	}
	if d, err := models.ParseDay(in.To); err == nil {
		w.To = d
	}
	return w
}

// bar is one line of the chart.
type bar struct {
	Y, Width int
	Name     string
	Text     string
}

// square is one hour of one weekday.
type square struct {
	X, Y    int
	Percent int // -1: never open
	Depth   int // 0 to 4, how dark
}

// The measures of the charts, in their own units.
const (
	barStep    = 30
	barFull    = 360 // 100 %
	squareWide = 34
	squareHigh = 28
	chartLeft  = 60
	maxBars    = 60 // a longer list is told by its table
)

type occupancyData struct {
	Wish    Wish
	Report  Occupancy
	Errors  []web.FieldError
	File    string
	Bars    []bar
	Tall    int
	Hours   []hourHead
	Squares []square
	Days    []dayHead
	Wide    int
}

type hourHead struct {
	X    int
	Hour int
}

type dayHead struct {
	Y   int
	Day string
}

func percent(n int) string {
	if n < 0 {
		return "—"
	}
	return strconv.Itoa(n) + "%"
}

// Share is the percentage in words.
func (u Use) Share() string { return percent(u.Percent()) }

// Rate is the percentage in words.
func (s Shows) Rate() string { return percent(s.Percent()) }

// OpenHours is 12.5.
func (u Use) OpenHours() string { return hours(u.Open) }

// UsedHours is 12.5.
func (u Use) UsedHours() string { return hours(u.Used) }

func hours(minutes int) string {
	return strconv.FormatFloat(float64(minutes/6)/10, 'f', -1, 64)
}

func (s *Service) occupancyPage(ctx context.Context, a auth.Actor, in occupancyIn) (web.Page, error) {
	d := occupancyData{Wish: s.wish(in)}
	p := web.Page{Template: "report/occupancy", Title: "report.title", Layout: web.LayoutStaff, Styles: []string{"report"}, Data: &d}
	q := url.Values{"from": {d.Wish.From.String()}, "to": {d.Wish.To.String()}, "org": {strconv.FormatInt(in.Org, 10)}, "venue": {in.Venue}}
	d.File = "/reports/occupancy.xlsx?" + q.Encode()
	var err error
	if d.Report, err = s.Occupancy(ctx, a, d.Wish); err != nil {
		bad := errs.As(err)
		if bad.Code != ErrSpan.Code {
			return p, err
		}
		p.Status, d.Errors = bad.Kind.Status(), httpapi.Faults(ctx, bad, map[string]string{"to": "report.to"})
		return p, nil
	}
	d.draw(httpapi.Lang(ctx))
	return p, nil
}

// draw lays the two charts out.
func (d *occupancyData) draw(l locales.Lang) {
	for _, p := range d.Report.Places {
		if len(d.Bars) == maxBars {
			break
		}
		d.Bars = append(d.Bars, bar{Y: len(d.Bars) * barStep, Width: max(0, min(p.Use.Percent(), 100)) * barFull / 100, Name: p.Name, Text: p.Share()})
	}
	d.Tall = len(d.Bars) * barStep
	first, last := 24, 0
	for _, day := range d.Report.Hours {
		for h, u := range day {
			if u.Open+u.Used > 0 {
				first, last = min(first, h), max(last, h)
			}
		}
	}
	for h := first; h <= last; h++ {
		d.Hours = append(d.Hours, hourHead{chartLeft + (h-first)*squareWide, h})
	}
	d.Wide = chartLeft + len(d.Hours)*squareWide
	for i, day := range d.Report.Hours {
		y := (i + 1) * squareHigh
		d.Days = append(d.Days, dayHead{y, locales.T(l, "calendar.day."+strconv.Itoa((i+1)%7), nil)})
		for _, h := range d.Hours {
			n := day[h.Hour].Percent()
			d.Squares = append(d.Squares, square{X: h.X, Y: y, Percent: n, Depth: min(max(n, 0)/20, 4)})
		}
	}
}

func (s *Service) occupancyFile(ctx context.Context, a auth.Actor, in occupancyIn) (httpapi.Blob, error) {
	w := s.wish(in)
	o, err := s.Occupancy(ctx, a, w)
	if err != nil {
		return httpapi.Blob{}, err
	}
	l := httpapi.Lang(ctx)
	t := func(key string) string { return locales.T(l, "report."+key, nil) }
	title := fmt.Sprintf("%s %s – %s", t("title"), w.From, w.To)
	figures := []string{t("open"), t("used"), t("share"), t("came"), t("missed"), t("rate")}
	line := func(u Use, sh Shows) []any {
		return []any{float64(u.Open) / 60, float64(u.Used) / 60, u.Share(), sh.Came, sh.Missed, sh.Rate()}
	}
	rooms := sheet.Sheet{Name: t("by_place"), Title: title, Wide: []int{28, 28, 28}, Head: append([]string{t("place"), t("venue"), t("org")}, figures...)}
	for _, p := range o.Places {
		rooms.Rows = append(rooms.Rows, append([]any{p.Name, p.Venue, p.Org}, line(p.Use, p.Shows)...))
	}
	orgs := sheet.Sheet{Name: t("by_org"), Title: title, Wide: []int{28}, Head: append([]string{t("org")}, figures...)}
	for _, x := range o.Orgs {
		orgs.Rows = append(orgs.Rows, append([]any{x.Org}, line(x.Use, x.Shows)...))
	}
	grid := sheet.Sheet{Name: t("by_hour"), Title: title, Head: []string{t("weekday"), t("hour"), t("open"), t("used"), t("share")}}
	for i, day := range o.Hours {
		for h, u := range day {
			if u.Open+u.Used > 0 {
				grid.Rows = append(grid.Rows, []any{locales.T(l, "calendar.day."+strconv.Itoa((i+1)%7), nil), fmt.Sprintf("%02d:00", h), float64(u.Open) / 60, float64(u.Used) / 60, u.Share()})
			}
		}
	}
	body, err := sheet.Write(rooms, orgs, grid)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: title + ".xlsx"}, err
}
