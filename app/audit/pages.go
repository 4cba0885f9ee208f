package audit

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the auditors' page.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/audit", auth.AuditRead, s.page)
	httpapi.PageFile(r, "/audit.xlsx", auth.AuditRead, s.file)
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
	File  string // the same as a workbook
	Pager web.Pager
}

func (s *Service) page(ctx context.Context, a auth.Actor, in pageIn) (web.Page, error) {
	if in.PerPage == 0 {
		in.PerPage = perPage
	}
	l, err := s.List(ctx, a, s.filter(in))
	if err != nil {
		return web.Page{}, err
	}
	say := newTeller(httpapi.Lang(ctx), s.zone, s.db.Now())
	for i, x := range l.Items {
		l.Items[i].Before, l.Items[i].After = say.say(x.Before), say.say(x.After)
	}
	q := in.query()
	pages := max(1, (int(l.Total)+l.PerPage-1)/l.PerPage)
	file := "/audit.xlsx"
	if len(q) > 0 {
		file += "?" + q.Encode()
	}
	return web.Page{Template: "audit/list", Title: "audit.title", Layout: web.LayoutStaff,
		Data: pageData{in, l.Items, l.Total, file, web.Pager{Page: l.Page, Pages: pages, Path: "/audit", Query: q}}}, nil
}

func (s *Service) filter(in pageIn) Filter {
	f := Filter{Query: in.Query, From: s.day(in.From, 0), To: s.day(in.To, 1), Actor: strings.TrimSpace(in.Actor), Action: strings.TrimSpace(in.Action)}
	f.SubjectKind, f.SubjectID, _ = strings.Cut(strings.TrimSpace(in.Subject), ":")
	return f
}

func (in pageIn) query() url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"from": in.From, "to": in.To, "actor": in.Actor, "action": in.Action, "subject": in.Subject} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// file is what the page shows, as an Excel workbook.
func (s *Service) file(ctx context.Context, a auth.Actor, in pageIn) (httpapi.Blob, error) {
	lines, total, err := s.Export(ctx, a, s.filter(in))
	if err != nil {
		return httpapi.Blob{}, err
	}
	l := httpapi.Lang(ctx)
	say := newTeller(l, s.zone, s.db.Now())
	t := func(key string) string { return locales.T(l, key, nil) }
	words := func(prefix, code string) string {
		if locales.Has(l, prefix+"."+code) {
			return t(prefix + "." + code)
		}
		return code
	}
	out := sheet.Sheet{Name: t("audit.title"), Title: locales.T(l, "audit.caption", map[string]any{"n": total}), Zone: s.zone,
		Head: []string{t("audit.at"), t("audit.actor"), t("audit.channel"), t("audit.action"), t("audit.code"), t("audit.subject"), t("audit.person"), t("audit.org"), t("audit.before"), t("audit.after"), t("audit.reason")},
		Wide: []int{17, 14, 8, 16, 22, 40, 8, 22, 30, 40, 30}}
	if int(total) > len(lines) {
		out.Title = locales.T(l, "audit.cut", map[string]any{"n": total, "max": len(lines)})
	}
	for _, x := range lines {
		person := ""
		if x.PersonID != nil {
			person = strconv.FormatInt(*x.PersonID, 10)
		}
		out.Rows = append(out.Rows, []any{x.At, x.Actor, t("audit.channel." + string(x.Channel)), words("audit.action", x.Action), x.Action,
			words("audit.subject", x.SubjectKind) + " " + x.SubjectID, person, x.OrgName, say.say(x.Before), say.say(x.After), x.Reason})
	}
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: t("audit.title") + ".xlsx"}, err
}

// day is the start of a day in the reader's zone, some days later; zero for no day.
func (s *Service) day(date string, later int) models.Instant {
	t, err := time.ParseInLocation(time.DateOnly, date, s.zone)
	if err != nil {
		return models.Instant{}
	}
	return models.InstantOf(t.AddDate(0, 0, later))
}
