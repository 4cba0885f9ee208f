package notify

import (
	"context"
	"net/url"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/secret"
	"youyue/app/web"
	"youyue/models"
)

type inboxPage struct {
	Letters []Letter
	Newest  int64 // what "all read" reaches up to
	Unread  int
	Pager   web.Pager
}

type callsPage struct {
	Calls []Call
	Done  bool
	Now   models.Instant
	Pager web.Pager
}

type readAll struct {
	UpTo int64 `form:"up_to" validate:"min=1"`
}

// Pages declares the pages of inbox and call sheet.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/inbox", auth.SignedIn, s.inboxPage)
	httpapi.Form(r, "/inbox/read", auth.SignedIn, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in readAll, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				return httpapi.Answer{}, bad
			}
			return httpapi.SeeOther("/inbox", "inbox.done", nil), s.MarkAllRead(ctx, a, in.UpTo)
		})
	httpapi.Form(r, "/inbox/:id/read", auth.SignedIn, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				return httpapi.Answer{}, bad
			}
			_, err := s.MarkRead(ctx, a, in.ID)
			return httpapi.SeeOther("/inbox", "inbox.done", nil), err
		})
	httpapi.Page(r, "/callsheet", auth.CallSheetRead, s.callsPage)
	httpapi.Form(r, "/callsheet/:id/done", auth.BookForOthers, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				return httpapi.Answer{}, bad
			}
			c, err := s.TickCall(ctx, a, in.ID)
			return httpapi.SeeOther("/callsheet", "callsheet.ticked", map[string]any{"name": secret.MaskName(c.Name)}), err
		})
}

func (s *Service) inboxPage(ctx context.Context, a auth.Actor, in list.Query) (web.Page, error) {
	l, err := s.Inbox(ctx, a, in)
	p := inboxPage{Letters: l.Items, Unread: s.Unread(ctx, a.AccountID), Pager: web.NewPager(l.Total, in, "/inbox", nil)}
	for _, x := range l.Items {
		p.Newest = max(p.Newest, x.ID)
	}
	return web.Page{Template: "notify/inbox", Title: "inbox.title", Data: p}, err
}

func (s *Service) callsPage(ctx context.Context, a auth.Actor, in callsIn) (web.Page, error) {
	if in.PerPage == 0 {
		in.PerPage = list.MaxPerPage // one sheet to print
	}
	l, err := s.Calls(ctx, a, in.State, in.Query)
	q := url.Values{}
	if in.State != "" {
		q.Set("state", string(in.State))
	}
	return web.Page{Template: "notify/callsheet", Title: "callsheet.title", Layout: web.LayoutStaff, Data: callsPage{
		Calls: l.Items, Done: in.State == CallsDone, Now: s.DB.Now(), Pager: web.NewPager(l.Total, in.Query, "/callsheet", q)}}, err
}
