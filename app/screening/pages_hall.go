package screening

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/models"
)

type weekIn struct {
	Week string `query:"week" validate:"max=20"` // any day of it
	Hall int64  `query:"hall"`
}

// WeekItem is a screening or a request in a day of the week.
type WeekItem struct {
	Href  string
	From  models.Instant
	To    models.Instant
	Title string
	Line  string
	Chip  web.Chip
	Kind  string // screening, branch, pending, queued
}

type weekDay struct {
	At    models.Instant
	Date  string
	Today bool
	Past  bool
	Items []WeekItem
}

type weekData struct {
	Halls            []venue.Hall
	Hall             venue.Hall
	From, To         models.Instant
	Prev, Next, This string
	Days             []weekDay
	Waiting          []RequestCard
	Decides          bool
	Plans            bool
	Films            bool
}

const days = 7

func (s *Service) weekPage(ctx context.Context, a auth.Actor, in weekIn) (web.Page, error) {
	w := s.words(ctx)
	halls, err := s.Halls(ctx, a, auth.HallCalendar)
	if err != nil {
		return web.Page{}, err
	}
	i := max(0, slices.IndexFunc(halls, func(h venue.Hall) bool { return h.ID == in.Hall }))
	now := s.db.Now().In(s.zone)
	from := models.Monday(now)
	if at, ok := models.LocalInstant(in.Week, "00:00", s.zone); ok {
		from = models.Monday(at.In(s.zone))
	}
	d := weekData{Halls: halls, Decides: a.Can(auth.HallDecide), Plans: a.Can(auth.ScreeningWrite), Films: a.Can(auth.FilmWrite)}
	p := web.Page{Template: "hall/week", Title: "week.title", Layout: web.LayoutStaff, Styles: []string{"hall", "cinema"}}
	if len(halls) == 0 {
		p.Data = &d
		return p, nil
	}
	d.Hall = halls[i]
	link := func(t time.Time) string {
		return "/hall?week=" + t.Format("2006-01-02") + "&hall=" + strconv.FormatInt(d.Hall.ID, 10)
	}
	d.Prev, d.Next, d.This = link(from.AddDate(0, 0, -days)), link(from.AddDate(0, 0, days)), link(now)
	span := models.Span{Start: models.InstantOf(from), End: models.InstantOf(from.AddDate(0, 0, days))}
	d.From, d.To = span.Start, models.InstantOf(from.AddDate(0, 0, days-1))
	week, err := s.Week(ctx, a, d.Hall.ID, span)
	if err != nil {
		return web.Page{}, err
	}
	items := s.weekItems(w, week)
	for n := range days {
		at := from.AddDate(0, 0, n)
		day := weekDay{At: models.InstantOf(at), Date: at.Format("2006-01-02")}
		today := now.Format("2006-01-02")
		day.Today, day.Past = day.Date == today, day.Date < today
		for _, x := range items {
			if x.From.In(s.zone).Format("2006-01-02") == day.Date {
				day.Items = append(day.Items, x)
			}
		}
		d.Days = append(d.Days, day)
	}
	waiting, err := s.Requests(ctx, a, list.Query{PerPage: list.MaxPerPage, Sort: "deadline"}, models.HallPending)
	for _, q := range waiting.Items {
		d.Waiting = append(d.Waiting, requestInList(w, q))
	}
	if err != nil {
		return p, err
	}
	blocks, err := s.Blocks(ctx, a, BlockShelf{Query: list.Query{PerPage: list.MaxPerPage, Sort: "deadline"}, Status: models.BlockPending, HallID: d.Hall.ID})
	for _, q := range blocks.Items {
		d.Waiting = append(d.Waiting, blockInList(w, q))
	}
	slices.SortStableFunc(d.Waiting, undecidedFirst)
	p.Data = &d
	return p, err
}

// seatCount is how many seats are booked, and apart from them how many wait for
// an answer.
func seatCount(w web.Words, v Show) string {
	if v.Held == 0 {
		return w.T("week.seats", "taken", v.Taken, "all", v.ForSale)
	}
	return w.T("week.seats_held", "taken", v.Taken-v.Held, "held", v.Held, "all", v.ForSale)
}

// weekItems lists what a week holds, by start.
func (s *Service) weekItems(w web.Words, week Week) []WeekItem {
	var out []WeekItem
	for _, v := range week.Shows {
		x := WeekItem{Href: showPath(v.ID), From: v.StartsAt, To: v.EndsAt, Title: v.FilmTitle, Kind: kindScreening, Chip: s.left(w, v),
			Line: seatCount(w, v)}
		if v.BranchName != "" {
			x.Kind, x.Line = "branch", v.BranchName
		} else if v.Audience == models.AudienceBranches {
			x.Line += w.T("week.sep") + w.T("show.branches")
		}
		out = append(out, x)
	}
	for _, q := range week.Requests {
		x := WeekItem{Href: requestPath(q.ID), From: q.SpanStart, To: q.SpanEnd, Title: q.FilmTitle, Kind: "pending", Chip: requestChip(w, q),
			Line: w.T("request.line", "org", q.OrgName, "n", q.Headcount)}
		if !q.Holds {
			x.Kind = "queued"
		}
		out = append(out, x)
	}
	for _, b := range week.Blocks {
		out = append(out, WeekItem{From: b.StartsAt, To: b.EndsAt, Title: w.T("cinema.blocked"), Kind: "blocked"})
	}
	slices.SortStableFunc(out, func(x, y WeekItem) int { return x.From.Time().Compare(y.From.Time()) })
	return out
}

// planEntry is a screening as the form sends it.
type planEntry struct {
	FilmID   int64           `query:"film_id" form:"film_id"`
	HallID   int64           `query:"hall_id" form:"hall_id"`
	Date     string          `query:"date" form:"date" validate:"max=20"`
	Time     string          `query:"time" form:"time" validate:"max=20"`
	Audience models.Audience `query:"audience" form:"audience" validate:"omitempty,oneof=public branches"`
	Oath     *int            `query:"oath" form:"oath" validate:"omitempty,min=0,max=120"`
	Share    *int            `query:"share" form:"share" validate:"omitempty,min=0,max=100"`
	MaxSeats int             `query:"max_seats" form:"max_seats" validate:"omitempty,min=1,max=200"`
	Note     string          `query:"note" form:"note" validate:"max=500"`
}

var planLabels = map[string]string{"film_id": "plan.film", "hall_id": "ask.hall", "date": "ask.date", "time": "ask.time", "audience": "plan.audience",
	"oath": "plan.oath", "share": "plan.share", "max_seats": "plan.max_seats", "note": "plan.note"}

type planData struct {
	Entry    planEntry
	Films    web.Choices
	Halls    web.Choices // when there are several
	Audience web.Choices
	Form     web.Form
	Refusal  string
	Instead  []web.Link
}

func (s *Service) planPage(ctx context.Context, a auth.Actor, in planEntry) (web.Page, error) {
	return s.planning(ctx, a, in, nil)
}

func (s *Service) planning(ctx context.Context, a auth.Actor, in planEntry, refusal *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	films, err := s.Films(ctx, list.Query{PerPage: list.MaxPerPage})
	if err != nil {
		return web.Page{}, err
	}
	halls, err := s.Halls(ctx, a, auth.ScreeningWrite)
	if err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "hall/plan", Title: "plan.title", Layout: web.LayoutStaff, Styles: []string{"booking"}}
	d := planData{Entry: in, Form: web.Form{Errors: httpapi.Faults(ctx, atDate(refusal), planLabels)}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
		if slots, ok := refusal.Extra["alternatives"].([]Slot); ok {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, refusal), nil
			for _, x := range slots {
				d.Instead = append(d.Instead, web.Link{Href: s.planLink(in, x.StartsAt), Icon: "clock", Text: w.T("ask.instead", "at", x.StartsAt)})
			}
		}
	}
	d.Films = web.Choices{Name: "film_id", Legend: w.T("plan.film"), Value: strconv.FormatInt(in.FilmID, 10), Error: d.Form.Error("film_id")}
	for _, f := range films.Items {
		d.Films.Options = append(d.Films.Options, web.Choice{Value: strconv.FormatInt(f.ID, 10), Label: f.Title, Hint: w.T("film.minutes", "n", f.RuntimeMin)})
	}
	d.Halls = hallChoices(w, halls, in.HallID, d.Form)
	d.Audience = web.Choices{Name: "audience", Legend: w.T("plan.audience"), Value: string(in.Audience), Error: d.Form.Error("audience"), Options: []web.Choice{
		{Value: string(models.AudiencePublic), Label: w.T("show.public"), Hint: w.T("plan.public_hint")},
		{Value: string(models.AudienceBranches), Label: w.T("show.branches"), Hint: w.T("plan.branches_hint")}}}
	if in.Audience == "" {
		d.Audience.Value = string(models.AudiencePublic)
	}
	d.Form.Values = map[string]string{"date": in.Date, "time": in.Time, "note": in.Note, "oath": number(in.Oath, models.DefaultOathMin),
		"share": number(in.Share, defaultShare), "max_seats": strconv.Itoa(defaultMaxSeats)}
	if in.MaxSeats != 0 {
		d.Form.Values["max_seats"] = strconv.Itoa(in.MaxSeats)
	}
	p.Data = &d
	return p, nil
}

func number(n *int, usual int) string { return strconv.Itoa(or(n, usual)) }

func (s *Service) planLink(in planEntry, at models.Instant) string {
	date, clock := at.Fields(s.zone)
	q := []string{"film_id=" + strconv.FormatInt(in.FilmID, 10), "date=" + date, "time=" + clock, "audience=" + string(in.Audience),
		"oath=" + number(in.Oath, models.DefaultOathMin), "share=" + number(in.Share, defaultShare)}
	if in.HallID != 0 {
		q = append(q, "hall_id="+strconv.FormatInt(in.HallID, 10))
	}
	if in.MaxSeats != 0 {
		q = append(q, "max_seats="+strconv.Itoa(in.MaxSeats))
	}
	return "/screenings/new?" + strings.Join(q, "&")
}

func (s *Service) planForm(ctx context.Context, a auth.Actor, in planEntry, bad *errs.Error) (httpapi.Answer, error) {
	var at models.Instant
	if bad == nil {
		at, bad = s.dateTime(in.Date, in.Time)
	}
	if bad == nil && in.FilmID == 0 {
		bad = errs.FieldFault("film_id", "required")
	}
	if bad == nil {
		v, err := s.Schedule(ctx, a, Plans{HallID: in.HallID, FilmID: in.FilmID, StartsAt: at, Audience: in.Audience, OathMin: in.Oath, Share: in.Share,
			MaxSeats: in.MaxSeats, Note: in.Note})
		if err == nil {
			if v.State == models.EventPlanned {
				return httpapi.SeeOther(showPath(v.ID), "plan.done_planned", nil), nil
			}
			return httpapi.SeeOther(showPath(v.ID), "plan.done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.planning(ctx, a, in, bad)
	return httpapi.Show(page), err
}

type callOffEntry struct {
	httpapi.PathID
	Reason string `form:"reason" validate:"required,plain,max=500"`
}

type callOffData struct {
	Errors   []web.FieldError
	Decision web.Decision
}

func (s *Service) callOffPage(ctx context.Context, _ auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.callingOff(ctx, callOffEntry{PathID: in}, nil)
}

func (s *Service) callingOff(ctx context.Context, in callOffEntry, bad *errs.Error) (web.Page, error) {
	v, err := s.counted(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if v.State != models.EventOpen && v.State != models.EventPlanned {
		return web.Page{}, booking.ErrOver.With("title", v.FilmTitle)
	}
	w := s.words(ctx)
	form := web.Form{Errors: httpapi.Faults(ctx, bad, moveLabels)}
	p := web.Page{Template: "hall/calloff", Title: "calloff.title", Layout: web.LayoutStaff}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	p.Data = callOffData{form.Errors, web.Decision{Title: w.T("calloff.ask", "title", v.FilmTitle), Effect: w.T("calloff.effect", "n", v.Taken),
		Facts: []web.Fact{{Label: w.T("fact.time"), Text: w.DateTime(v.StartsAt)}, {Label: w.T("fact.hall"), Text: v.HallName},
			{Label: w.T("calloff.booked"), Text: seatCount(w, v)}},
		Action: showPath(v.ID) + "/call-off", Button: w.T("calloff.do"), Tone: web.ToneWarn, Back: showPath(v.ID), BackTo: w.T("calloff.keep"),
		Fields: []web.Field{{Name: "reason", Label: w.T("request.reason"), Hint: w.T("calloff.reason_hint"), Type: "text", Required: true, Max: 500,
			Value: in.Reason, Error: form.Error("reason")}}}}
	return p, nil
}

func (s *Service) callOffForm(ctx context.Context, a auth.Actor, in callOffEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.CallOff(ctx, a, in.ID, in.Reason); err != nil {
			return httpapi.Answer{}, err
		}
		return httpapi.SeeOther(showPath(in.ID), "calloff.done", nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.callingOff(ctx, in, bad)
	return httpapi.Show(page), err
}
