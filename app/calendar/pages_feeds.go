package calendar

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
)

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
