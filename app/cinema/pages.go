package cinema

import (
	"context"
	"slices"
	"time"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of the cinema's operator.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/cinema", auth.HallRelease, s.cinemaPage)
	httpapi.Page(r, "/cinema/hours", auth.HallRelease, s.hoursPage)
	httpapi.Form(r, "/cinema/hours", auth.HallRelease, httpapi.LimitNone, s.hoursForm)
	httpapi.Page(r, "/cinema/list", auth.HallRelease, s.hoursListPage)
	httpapi.Form(r, "/cinema/list", auth.HallRelease, httpapi.LimitNone, s.hoursListForm)
	httpapi.Form(r, "/cinema/hours/apply", auth.HallRelease, httpapi.LimitNone, s.hoursApplyForm)
	httpapi.PageFile(r, "/cinema/releases.xlsx", auth.HallRelease, s.releasesFile)
	httpapi.Page(r, "/cinema/take-back", auth.HallRelease, s.takeBackPage)
	httpapi.Form(r, "/cinema/take-back", auth.HallRelease, httpapi.LimitNone, s.takeBackForm)
	httpapi.Form(r, "/cinema/blocks/:id/lift", auth.HallRelease, httpapi.LimitNone, s.liftBlockForm)
	httpapi.Page(r, "/cinema/rules", auth.HallRules, s.rulesPage)
	httpapi.Form(r, "/cinema/rules", auth.HallRules, httpapi.LimitNone, s.rulesForm)
}

func (s *Service) words(ctx context.Context) web.Words { return httpapi.Words(ctx, s.zone, s.db.Now()) }

const days = 7

type weekIn struct {
	Week string `query:"week" validate:"max=20"` // any day of it
	Hall int64  `query:"hall"`
}

// hourItem is a line in a day of the cinema's week.
type hourItem struct {
	screening.WeekItem
	Lift     int64  // the block that can be ended
	TakeBack string // where released hours are taken back
}

type cinemaDay struct {
	At    models.Instant
	Date  string
	Today bool
	Past  bool
	Items []hourItem
}

type cinemaData struct {
	Halls            []venue.Hall
	Hall             venue.Hall
	From, To         models.Instant
	Prev, Next, This string
	Waiting          []screening.RequestCard
	Days             []cinemaDay
	Rules            bool // may change them
	RuleWords        []string
}

func (s *Service) cinemaPage(ctx context.Context, a auth.Actor, in weekIn) (web.Page, error) {
	w := s.words(ctx)
	halls, err := s.shows.Halls(ctx, a, auth.HallRelease)
	if err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "cinema/week", Title: "cinema.title", Layout: web.LayoutStaff, Styles: []string{"hall", "cinema"}}
	d := cinemaData{Halls: halls, Rules: a.Can(auth.HallRules)}
	p.Data = &d
	if len(halls) == 0 {
		return p, nil
	}
	d.Hall = halls[max(0, slices.IndexFunc(halls, func(h venue.Hall) bool { return h.ID == in.Hall }))]
	d.RuleWords = []string{w.T("cinema.hours." + string(d.Hall.Rules().Hours)), w.T("cinema.confirm." + string(d.Hall.Confirm))}
	now := s.db.Now().In(s.zone)
	from := models.Monday(now)
	if at, ok := models.LocalInstant(in.Week, "00:00", s.zone); ok {
		from = models.Monday(at.In(s.zone))
	}
	link := func(t time.Time) string { return screening.CinemaPath(d.Hall.ID, t.Format(time.DateOnly)) }
	d.Prev, d.Next, d.This = link(from.AddDate(0, 0, -days)), link(from.AddDate(0, 0, days)), link(now)
	span := models.Span{Start: models.InstantOf(from), End: models.InstantOf(from.AddDate(0, 0, days))}
	d.From, d.To = span.Start, models.InstantOf(from.AddDate(0, 0, days-1))
	if d.Waiting, err = s.shows.ToConfirm(ctx, a, w); err != nil {
		return p, err
	}
	items, err := s.hourItems(ctx, a, w, d.Hall, span)
	for n := range days {
		at := from.AddDate(0, 0, n)
		day := cinemaDay{At: models.InstantOf(at), Date: at.Format(time.DateOnly)}
		today := now.Format(time.DateOnly)
		day.Today, day.Past = day.Date == today, day.Date < today
		whole := models.Span{Start: day.At, End: models.InstantOf(at.AddDate(0, 0, 1))}
		for _, x := range items {
			if whole.Overlaps(models.Span{Start: x.From, End: x.To}) {
				day.Items = append(day.Items, x)
			}
		}
		d.Days = append(d.Days, day)
	}
	return p, err
}

// hourItems lists what a week of the hall holds for its cinema, by start.
func (s *Service) hourItems(ctx context.Context, a auth.Actor, w web.Words, hall venue.Hall, span models.Span) ([]hourItem, error) {
	week, err := s.shows.Week(ctx, a, hall.ID, span)
	if err != nil {
		return nil, err
	}
	rows, err := s.ReleasesOf(ctx, a, hall.ID, span)
	if err != nil {
		return nil, err
	}
	var out []hourItem
	now := s.db.Now()
	for _, r := range rows {
		x := hourItem{WeekItem: screening.WeekItem{From: r.StartsAt, To: r.EndsAt, Kind: "released", Title: w.T("cinema.released"), Line: r.Note}}
		if r.Projectionist != "" {
			x.Line = w.T("cinema.projectionist_is", "name", r.Projectionist) + " " + r.Note
		}
		if r.EndsAt.After(now) {
			x.TakeBack = s.takeBackPath(hall.ID, r.Span())
		}
		out = append(out, x)
	}
	for _, x := range s.shows.CinemaItems(w, week) {
		out = append(out, hourItem{WeekItem: x})
	}
	for _, b := range week.Blocks {
		x := hourItem{WeekItem: screening.WeekItem{From: b.StartsAt, To: b.EndsAt, Kind: "blocked", Title: w.T("cinema.blocked"), Line: b.Reason}}
		if b.EndsAt.After(now) {
			x.Lift = b.ID
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(x, y hourItem) int { return x.From.Time().Compare(y.From.Time()) })
	return out, nil
}
