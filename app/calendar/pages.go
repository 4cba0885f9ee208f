package calendar

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
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the month, its workbook, and the calendars by secret link.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/calendar", auth.HallCalendar, s.monthPage)
	httpapi.PageFile(r, "/calendar.xlsx", auth.HallCalendar, s.monthFile)
	httpapi.Page(r, "/calendar/feeds", auth.SignedIn, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return s.feedsPage(ctx, a, nil)
	})
	httpapi.Form(r, "/calendar/feeds", auth.SignedIn, httpapi.LimitNone, s.subscribeForm)
	httpapi.Form(r, "/calendar/feeds/:id/revoke", auth.SignedIn, httpapi.LimitNone, s.revokeForm)
	httpapi.PageFile(r, "/calendar/:secret", auth.Public, s.feedFile)
}

type monthIn struct {
	Month string `query:"month" validate:"max=10"` // 2026-12, or any day of it
	Place int64  `query:"place"`
}

type monthItem struct {
	Entry
	Href string
	Name string
	Tone string // the class: screening, branch, pending, other
}

type monthDay struct {
	At     models.Instant
	Number int
	Date   string
	Inside bool // of the month
	Today  bool
	Items  []monthItem
}

type monthData struct {
	Places           []Place
	Place            Place
	At               models.Instant // some day of the month
	Prev, Next, This string
	File             string
	Week             string
	Weeks            [][]monthDay
	Count            int
}

// month is the first day of the month asked for, or of this one.
func (s *Service) month(asked string) time.Time {
	now := s.db.Now().In(s.zone)
	if len(asked) >= 7 {
		if t, err := time.ParseInLocation("2006-01", asked[:7], s.zone); err == nil {
			now = t
		}
	}
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, s.zone)
}

// choose returns the places of the actor and the one asked for, else the first.
func (s *Service) choose(ctx context.Context, a auth.Actor, id int64) ([]Place, Place, error) {
	all, err := s.Places(ctx, a)
	if err != nil || len(all) == 0 {
		return all, Place{}, err
	}
	i := slices.IndexFunc(all, func(p Place) bool { return p.ID == id })
	switch {
	case i >= 0:
		return all, all[i], nil
	case id != 0:
		return all, Place{}, errs.ErrNotFound
	}
	return all, all[0], nil
}

func (s *Service) monthPage(ctx context.Context, a auth.Actor, in monthIn) (web.Page, error) {
	d := monthData{}
	p := web.Page{Template: "calendar/month", Title: "calendar.title", Layout: web.LayoutStaff, Styles: []string{"calendar"}, Data: &d}
	var err error
	if d.Places, d.Place, err = s.choose(ctx, a, in.Place); err != nil || len(d.Places) == 0 {
		return p, err
	}
	first := s.month(in.Month)
	link := func(path string, t time.Time) string {
		q := url.Values{"month": {t.Format("2006-01")}, "place": {strconv.FormatInt(d.Place.ID, 10)}}
		return path + "?" + q.Encode()
	}
	d.At, d.Prev, d.Next = models.InstantOf(first), link("/calendar", first.AddDate(0, -1, 0)), link("/calendar", first.AddDate(0, 1, 0))
	d.This, d.File = link("/calendar", s.db.Now().In(s.zone)), link("/calendar.xlsx", first)
	d.Week = "/hall?week=" + first.Format(time.DateOnly) + "&hall=" + strconv.FormatInt(d.Place.ID, 10)
	from := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	to := from
	for to.Before(first.AddDate(0, 1, 0)) {
		to = to.AddDate(0, 0, 7)
	}
	all, err := s.During(ctx, a, d.Place.ID, models.Span{Start: models.InstantOf(from), End: models.InstantOf(to)})
	if err != nil {
		return p, err
	}
	today := s.db.Now().In(s.zone).Format(time.DateOnly)
	l := httpapi.Lang(ctx)
	for t := from; t.Before(to); t = t.AddDate(0, 0, 1) {
		if t.Weekday() == time.Monday {
			d.Weeks = append(d.Weeks, nil)
		}
		day := monthDay{At: models.InstantOf(t), Number: t.Day(), Date: t.Format(time.DateOnly), Inside: t.Month() == first.Month()}
		day.Today = day.Date == today
		for _, e := range all {
			if e.Span.Start.In(s.zone).Format(time.DateOnly) == day.Date {
				day.Items = append(day.Items, item(l, e))
			}
		}
		if day.Inside {
			d.Count += len(day.Items)
		}
		week := &d.Weeks[len(d.Weeks)-1]
		*week = append(*week, day)
	}
	return p, nil
}

// item is an entry with the words and the link of its kind.
func item(l locales.Lang, e Entry) monthItem {
	x := monthItem{Entry: e, Name: e.Title, Tone: "other"}
	switch e.Kind {
	case "screening":
		x.Href, x.Tone = "/screenings/"+strconv.FormatInt(e.ID, 10), "screening"
		if e.Who != "" {
			x.Tone = "branch"
		}
	case "hall_request":
		x.Href, x.Tone = "/hall-requests/"+strconv.FormatInt(e.ID, 10), "pending"
	}
	if x.Name == "" {
		x.Name = kindWords(l, e.Kind)
	}
	return x
}

func kindWords(l locales.Lang, kind string) string {
	if key := "calendar.kind." + kind; locales.Has(l, key) {
		return locales.T(l, key, nil)
	}
	return locales.T(l, "calendar.kind.other", nil)
}

func (s *Service) monthFile(ctx context.Context, a auth.Actor, in monthIn) (httpapi.Blob, error) {
	_, place, err := s.choose(ctx, a, in.Place)
	if err != nil {
		return httpapi.Blob{}, err
	}
	if place.ID == 0 {
		return httpapi.Blob{}, errs.ErrNotFound
	}
	first := s.month(in.Month)
	all, err := s.During(ctx, a, place.ID, models.Span{Start: models.InstantOf(first), End: models.InstantOf(first.AddDate(0, 1, 0))})
	if err != nil {
		return httpapi.Blob{}, err
	}
	l := httpapi.Lang(ctx)
	t := func(key string) string { return locales.T(l, key, nil) }
	name := place.Name + " " + first.Format("2006-01")
	out := sheet.Sheet{Name: first.Format("2006-01"), Title: name, Wide: []int{12, 8, 8, 8, 12, 24, 28, 8},
		Head: []string{t("calendar.date"), t("calendar.weekday"), t("calendar.from"), t("calendar.to"), t("calendar.kind"), t("calendar.what"), t("calendar.who"), t("calendar.count")}}
	for _, e := range all {
		from := e.Span.Start.In(s.zone)
		out.Rows = append(out.Rows, []any{from.Format(time.DateOnly), t("calendar.day." + strconv.Itoa(int(from.Weekday()))), from.Format("15:04"), e.Span.End.In(s.zone).Format("15:04"),
			kindWords(l, e.Kind), e.Title, e.Who, e.Taken})
	}
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: name + ".xlsx"}, err
}

type feedsData struct {
	Feeds []feedCard
	What  web.Choices
	Form  web.Form
}

type feedCard struct {
	Feed
	Title string
}

func (s *Service) feedsPage(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	l := httpapi.Lang(ctx)
	branches, all, err := s.Targets(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	feeds, err := s.Feeds(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	d := feedsData{Form: web.Form{Errors: httpapi.Faults(ctx, bad, map[string]string{"what": "calendar.which"})}}
	for _, f := range feeds {
		c := feedCard{Feed: f, Title: f.Name}
		switch {
		case f.Kind == FeedMine:
			c.Title = locales.T(l, "calendar.feed.mine", nil)
		case f.Name == "":
			c.Title = locales.T(l, "calendar.feed.lost", nil)
		}
		d.Feeds = append(d.Feeds, c)
	}
	d.What = web.Choices{Name: "what", Legend: locales.T(l, "calendar.which", nil), Value: string(FeedMine), Error: d.Form.Error("what"),
		Options: []web.Choice{{Value: string(FeedMine), Label: locales.T(l, "calendar.feed.mine", nil)}}}
	for _, o := range branches {
		d.What.Options = append(d.What.Options, web.Choice{Value: string(FeedBranch) + ":" + strconv.FormatInt(o.ID, 10), Label: o.Name})
	}
	for _, p := range all {
		d.What.Options = append(d.What.Options, web.Choice{Value: string(FeedPlace) + ":" + strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	p := web.Page{Template: "calendar/feeds", Title: "calendar.feeds", Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

type subscribeIn struct {
	What string `form:"what" validate:"required,max=40"`
}

func (s *Service) subscribeForm(ctx context.Context, a auth.Actor, in subscribeIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		kind, digits, _ := strings.Cut(in.What, ":")
		target, _ := strconv.ParseInt(digits, 10, 64)
		if FeedKind(kind) == FeedMine {
			target = a.AccountID
		}
		_, err := s.Subscribe(ctx, a, FeedKind(kind), target)
		if err == nil {
			return httpapi.SeeOther("/calendar/feeds", "calendar.made", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	p, err := s.feedsPage(ctx, a, bad)
	return httpapi.Show(p), err
}

type feedIn struct {
	ID int64 `path:"id"`
}

func (s *Service) revokeForm(ctx context.Context, a auth.Actor, in feedIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return httpapi.SeeOther("/calendar/feeds", "calendar.revoked", nil), s.Revoke(ctx, a, in.ID)
}

type secretIn struct {
	Secret string `path:"secret"`
}

// feedFile is read by programs that keep no log-in: the secret is all they have.
func (s *Service) feedFile(ctx context.Context, _ auth.Actor, in secretIn) (httpapi.Blob, error) {
	token, ok := strings.CutSuffix(in.Secret, ".ics")
	if !ok || len(token) > 80 {
		return httpapi.Blob{}, errs.ErrNotFound
	}
	c, err := s.Read(ctx, token)
	if err != nil {
		return httpapi.Blob{}, err
	}
	body := c.Bytes()
	return httpapi.Blob{Body: body, ContentType: "text/calendar; charset=utf-8", ETag: `"` + hashOf(string(body))[:24] + `"`, CacheControl: "private, no-cache"}, nil
}
