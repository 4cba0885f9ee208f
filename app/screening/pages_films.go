package screening

import (
	"context"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// filmEntry is a film as the form sends it; both days of the licence count.
type filmEntry struct {
	httpapi.PathID
	Title      string `form:"title" validate:"required,plain,max=100"`
	RuntimeMin int    `form:"runtime_min" validate:"required,min=1,max=600"`
	Theme      string `form:"theme" validate:"omitempty,plain,max=200"`
	Synopsis   string `form:"synopsis" validate:"max=2000"`
	From       string `form:"licence_from" validate:"required,max=20"`
	To         string `form:"licence_to" validate:"required,max=20"`
}

var filmLabels = map[string]string{"title": "film.title", "runtime_min": "film.runtime", "theme": "film.theme", "synopsis": "film.synopsis",
	"licence_from": "film.from", "licence_to": "film.to"}

type filmsData struct {
	ID    int64 // 0 adds one
	Table web.Table
	Form  web.Form
}

func (s *Service) filmsPage(ctx context.Context, _ auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.filming(ctx, 0, web.Form{})
}

func (s *Service) filmPage(ctx context.Context, _ auth.Actor, in httpapi.PathID) (web.Page, error) {
	f, err := s.Film(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	from, _ := f.LicenceFrom.Fields(s.zone)
	to, _ := lastDay(f).Fields(s.zone)
	return s.filming(ctx, f.ID, web.Form{Values: map[string]string{"title": f.Title, "runtime_min": strconv.Itoa(f.RuntimeMin), "theme": f.Theme,
		"synopsis": f.Synopsis, "licence_from": from, "licence_to": to}})
}

// lastDay lies in the last day of a licence, whose end is the midnight after.
func lastDay(f models.Film) models.Instant { return f.LicenceTo.Add(-time.Second) }

func (s *Service) filming(ctx context.Context, id int64, form web.Form) (web.Page, error) {
	w := s.words(ctx)
	p := web.Page{Template: "hall/films", Title: "films.title", Layout: web.LayoutStaff, Styles: []string{"booking"}}
	d := filmsData{ID: id, Form: form}
	if id == 0 {
		films, err := s.Films(ctx, list.Query{PerPage: list.MaxPerPage})
		if err != nil {
			return p, err
		}
		d.Table = web.Table{Caption: w.T("films.caption"), Columns: []string{w.T("film.title"), w.T("film.runtime"), w.T("film.licence"), w.T("film.theme")}}
		for _, f := range films.Items {
			from, _ := f.LicenceFrom.Fields(s.zone)
			to, _ := lastDay(f).Fields(s.zone)
			d.Table.Rows = append(d.Table.Rows, web.Row{Href: "/films/" + strconv.FormatInt(f.ID, 10), Cells: []web.Cell{{Text: f.Title},
				{Text: w.T("film.minutes", "n", f.RuntimeMin), Number: true}, {Text: from + " – " + to}, {Text: f.Theme}}})
		}
	} else {
		p.Title = "films.edit"
	}
	p.Data = d
	return p, nil
}

func (s *Service) filmForm(ctx context.Context, a auth.Actor, in filmEntry, bad *errs.Error) (httpapi.Answer, error) {
	e := FilmEntry{Title: strings.TrimSpace(in.Title), RuntimeMin: in.RuntimeMin, Theme: in.Theme, Synopsis: in.Synopsis}
	var ok bool
	if bad == nil {
		if e.LicenceFrom, ok = models.LocalInstant(in.From, "00:00", s.zone); !ok {
			bad = errs.FieldFault("licence_from", "type")
		}
	}
	if bad == nil {
		if e.LicenceTo, ok = models.LocalInstant(in.To, "00:00", s.zone); !ok {
			bad = errs.FieldFault("licence_to", "type")
		}
		e.LicenceTo = models.InstantOf(e.LicenceTo.In(s.zone).AddDate(0, 0, 1))
	}
	if bad == nil {
		_, err := s.SaveFilm(ctx, a, in.ID, e)
		if err == nil {
			return httpapi.SeeOther("/films", "films.saved", map[string]any{"title": e.Title}), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	form := web.Form{Errors: httpapi.Faults(ctx, bad, filmLabels), Values: map[string]string{"title": in.Title, "theme": in.Theme,
		"synopsis": in.Synopsis, "licence_from": in.From, "licence_to": in.To}}
	if in.RuntimeMin != 0 {
		form.Values["runtime_min"] = strconv.Itoa(in.RuntimeMin)
	}
	page, err := s.filming(ctx, in.ID, form)
	page.Status = bad.Kind.Status()
	return httpapi.Show(page), err
}
