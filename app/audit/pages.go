package audit

import (
	"context"
	"net/url"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the auditors' page.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/audit", auth.AuditRead, s.page)
}

type pageIn struct {
	list.Query
	From    string `query:"from" validate:"omitempty,datetime=2006-01-02"`
	To      string `query:"to" validate:"omitempty,datetime=2006-01-02"`
	Actor   string `query:"actor" validate:"max=80"`
	Action  string `query:"action" validate:"max=80"`
	Subject string `query:"subject" validate:"max=120"` // "booking" or "booking:0192…"
}

// perPage: lines are tall.
const perPage = 25

type pageData struct {
	In    pageIn
	Lines []Line
	Total int64
	Pager web.Pager
}

func (s *Service) page(ctx context.Context, a auth.Actor, in pageIn) (web.Page, error) {
	if in.PerPage == 0 {
		in.PerPage = perPage
	}
	f := Filter{Query: in.Query, From: s.day(in.From, 0), To: s.day(in.To, 1), Actor: strings.TrimSpace(in.Actor), Action: strings.TrimSpace(in.Action)}
	f.SubjectKind, f.SubjectID, _ = strings.Cut(strings.TrimSpace(in.Subject), ":")
	l, err := s.List(ctx, a, f)
	if err != nil {
		return web.Page{}, err
	}
	q := url.Values{}
	for name, v := range map[string]string{"from": in.From, "to": in.To, "actor": in.Actor, "action": in.Action, "subject": in.Subject} {
		if v != "" {
			q.Set(name, v)
		}
	}
	pages := max(1, (int(l.Total)+l.PerPage-1)/l.PerPage)
	return web.Page{Template: "audit/list", Title: "audit.title", Layout: web.LayoutStaff,
		Data: pageData{in, l.Items, l.Total, web.Pager{Page: l.Page, Pages: pages, Path: "/audit", Query: q}}}, nil
}

// day is the start of a day in the reader's zone, some days later; zero for no day.
func (s *Service) day(date string, later int) models.Instant {
	t, err := time.ParseInLocation(time.DateOnly, date, s.zone)
	if err != nil {
		return models.Instant{}
	}
	return models.InstantOf(t.AddDate(0, 0, later))
}
