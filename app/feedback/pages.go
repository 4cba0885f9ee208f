package feedback

import (
	"context"
	"fmt"
	"net/url"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/app/web/locales"
)

// Pages declares the form that stands behind every page's footer, and the list
// of who answers.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/feedback", auth.Public, func(ctx context.Context, _ auth.Actor, in fromIn) (web.Page, error) {
		return s.form(ctx, sendIn{Kind: Suggestion, Page: httpapi.LocalPath(in.Page, "")}, nil), nil
	})
	httpapi.Form(r, "/feedback", auth.Public, httpapi.LimitLogin, s.sendForm)
	httpapi.Page(r, "/feedback/thanks", auth.Public, s.thanks)
	httpapi.Page(r, "/feedback/list", auth.FeedbackRead, s.listPage)
	// Readers include auditors, who change nothing.
	httpapi.Form(r, "/feedback/:id/done", auth.FeedbackWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				return httpapi.Answer{}, bad
			}
			return httpapi.SeeOther("/feedback/list", "feedback.ticked", nil), s.Done(ctx, a, in.ID)
		})
}

type byID struct {
	ID int64 `path:"id"`
}

type fromIn struct {
	Page string `query:"page"`
}

type sendIn struct {
	httpapi.Keyed
	Kind    Kind   `form:"kind"`
	Text    string `form:"text"`
	Contact string `form:"contact"`
	Page    string `form:"page"`
}

type formData struct {
	Form  web.Form
	Kinds web.Choices
	Page  string
}

var labels = map[string]string{"kind": "feedback.kind", "text": "feedback.text", "contact": "feedback.contact"}

func (s *Service) form(ctx context.Context, in sendIn, bad *errs.Error) web.Page {
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	d := formData{Page: in.Page, Form: web.Form{Values: map[string]string{"text": in.Text, "contact": in.Contact}, Errors: httpapi.Faults(ctx, bad, labels)}}
	d.Kinds = web.Choices{Name: "kind", Legend: t("feedback.kind"), Value: string(in.Kind), Error: d.Form.Error("kind"), Options: []web.Choice{
		{Value: string(Suggestion), Label: t("feedback.suggestion")}, {Value: string(Complaint), Label: t("feedback.complaint")}}}
	p := web.Page{Template: "feedback/form", Title: "feedback.title", Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p
}

func (s *Service) sendForm(ctx context.Context, a auth.Actor, in sendIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Send(ctx, a, Message{Kind: in.Kind, Text: in.Text, Contact: in.Contact, Page: httpapi.LocalPath(in.Page, "")}, in.Key)
		if err == nil {
			return httpapi.SeeOther("/feedback/thanks", "", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	return httpapi.Show(s.form(ctx, in, bad)), nil
}

func (s *Service) thanks(ctx context.Context, _ auth.Actor, _ httpapi.None) (web.Page, error) {
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	return web.Page{Template: "feedback/thanks", Title: "feedback.thanks", Data: web.Outcome{Tone: web.ToneOK,
		Title: t("feedback.thanks"), Lead: t("feedback.thanks_lead"), Links: []web.Link{{Href: "/", Icon: "home", Text: t("feedback.home")}}}}, nil
}

type listPageIn struct {
	list.Query
	State string `query:"state" validate:"omitempty,oneof=waiting done"`
}

type listData struct {
	Messages []Message
	Done     bool
	MayTick  bool
	Pager    web.Pager
}

func (s *Service) listPage(ctx context.Context, a auth.Actor, in listPageIn) (web.Page, error) {
	done := in.State == "done"
	l, err := s.List(ctx, Filter{Query: in.Query, Done: done})
	if err != nil {
		return web.Page{}, err
	}
	q := url.Values{}
	if done {
		q.Set("state", in.State)
	}
	pages := max(1, (int(l.Total)+l.PerPage-1)/l.PerPage)
	return web.Page{Template: "feedback/list", Title: "feedback.list", Layout: web.LayoutStaff,
		Data: listData{l.Items, done, a.Can(auth.FeedbackWrite), web.Pager{Page: l.Page, Pages: pages, Path: "/feedback/list", Query: q}}}, nil
}

// Path is where a tick of the message is posted to.
func (m Message) Path() string { return fmt.Sprintf("/feedback/%d/done", m.ID) }
