package account

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

func (s *Service) mePages(r *httpapi.Router) {
	httpapi.Page(r, "/me", auth.SignedIn, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return s.mePage(ctx, a, nil, nil)
	})
	httpapi.Form(r, "/me", auth.SignedIn, httpapi.LimitNone, s.meForm)
	httpapi.Page(r, "/me/sign-out", auth.SignedIn, s.signOutPage)
	httpapi.Form(r, "/me/sign-out", auth.SignedIn, httpapi.LimitNone, s.signOutForm)
	httpapi.Page(r, "/people/new", auth.SignedIn, func(ctx context.Context, _ auth.Actor, _ httpapi.None) (web.Page, error) {
		return personPage(ctx, Person{Person: models.Person{Notify: models.NotifyHelper}}, nil, nil), nil
	})
	httpapi.Form(r, "/people", auth.SignedIn, httpapi.LimitNone, s.addPersonForm)
	httpapi.Page(r, "/people/:id", auth.SignedIn, s.editPersonPage)
	httpapi.Form(r, "/people/:id", auth.SignedIn, httpapi.LimitNone, s.editPersonForm)
	httpapi.Page(r, "/people/:id/archive", auth.SignedIn, s.archivePersonPage)
	httpapi.Form(r, "/people/:id/archive", auth.SignedIn, httpapi.LimitNone, s.archivePersonForm)
}

type meData struct {
	Form   web.Form
	Me     Staff
	Number string
	Langs  web.Choices
	People []Person
	Full   bool // ten are kept
	Agreed *models.NoticeConsent
}

var meLabels = map[string]string{"name": "me.name", "lang": "me.lang"}

func (s *Service) mePage(ctx context.Context, a auth.Actor, typed map[string]string, bad *errs.Error) (web.Page, error) {
	me, phone, err := s.Own(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	people, err := s.People(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	d := meData{Me: me, Number: localNumber(phone), Langs: langChoices(httpapi.Lang(ctx), me.Lang)}
	if d.Agreed, err = s.consent(ctx, a); err != nil {
		return web.Page{}, err
	}
	for _, p := range people {
		if p.Relation != self {
			d.People = append(d.People, p)
		}
	}
	d.Full = len(d.People) >= maxPeople
	d.Form = web.Form{Values: map[string]string{"name": me.Name}, Errors: httpapi.Faults(ctx, bad, meLabels)}
	if typed != nil {
		d.Form.Values = typed
	}
	page := web.Page{Template: "account/me", Title: "me.title", Data: d}
	if bad != nil {
		page.Status = bad.Kind.Status()
	}
	return page, nil
}

func (s *Service) meForm(ctx context.Context, a auth.Actor, in meIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		p, err := s.mePage(ctx, a, map[string]string{"name": in.Name}, bad)
		return httpapi.Show(p), err
	}
	return httpapi.SeeOther("/me", "me.kept", nil), s.Change(ctx, a, in.Name, in.Lang)
}

func (s *Service) signOutPage(ctx context.Context, _ auth.Actor, _ httpapi.None) (web.Page, error) {
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	return web.Page{Template: "account/confirm", Title: "me.everywhere", Data: web.Decision{
		Title: t("me.everywhere"), Lead: t("me.everywhere_lead"), Action: "/me/sign-out", Button: t("me.everywhere"),
		Tone: web.ToneWarn, Back: "/me", BackTo: t("me.back")}}, nil
}

func (s *Service) signOutForm(ctx context.Context, a auth.Actor, _ httpapi.None, _ *errs.Error) (httpapi.Answer, error) {
	if err := s.SignOutEverywhere(ctx, a); err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.SeeOther("/", "me.everywhere_done", nil), s.sessions.End(ctx)
}

type personData struct {
	Form   web.Form
	Person Person
	Notify web.Choices
	Self   bool
}

var personLabels = map[string]string{"name": "people.name", "relation": "people.relation", "phone": "people.phone", "notify": "people.notify"}

// personPage is the form of somebody kept; a person without id is a new one.
func personPage(ctx context.Context, p Person, typed *personIn, bad *errs.Error) web.Page {
	d := personData{Person: p, Self: p.Relation == self, Form: web.Form{
		Values: map[string]string{"name": p.Name, "relation": p.Relation, "phone": localNumber(p.Phone)},
		Errors: httpapi.Faults(ctx, bad, personLabels)}}
	d.Notify = notifyChoices(httpapi.Lang(ctx), p.Notify)
	if typed != nil {
		d.Form.Values = map[string]string{"name": typed.Name, "relation": typed.Relation, "phone": typed.Phone}
		d.Notify.Value = string(typed.Notify)
	}
	d.Notify.Error = d.Form.Error("notify")
	page := web.Page{Template: "account/person", Title: "people.new", Data: d}
	if p.ID != 0 {
		page.Title = "people.edit"
	}
	if bad != nil {
		page.Status = bad.Kind.Status()
	}
	return page
}

func (s *Service) addPersonForm(ctx context.Context, a auth.Actor, in personIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		p, err := s.AddPerson(ctx, a, in.entry())
		if err == nil {
			return httpapi.SeeOther("/me", "people.added", map[string]any{"name": p.Name}), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	return httpapi.Show(personPage(ctx, Person{}, &in, bad)), nil
}

// kept is one of the actor's people; errs.ErrNotFound for anybody else.
func (s *Service) kept(ctx context.Context, a auth.Actor, id int64) (Person, error) {
	all, err := s.People(ctx, a)
	if err != nil {
		return Person{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return Person{}, errs.ErrNotFound
}

func (s *Service) editPersonPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	p, err := s.kept(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return personPage(ctx, p, nil, nil), nil
}

func (s *Service) editPersonForm(ctx context.Context, a auth.Actor, in personIn, bad *errs.Error) (httpapi.Answer, error) {
	p, err := s.kept(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		_, err := s.ChangePerson(ctx, a, in.ID, in.entry())
		if err == nil {
			return httpapi.SeeOther("/me", "people.kept", map[string]any{"name": in.Name}), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	return httpapi.Show(personPage(ctx, p, &in, bad)), nil
}

func (s *Service) archivePersonPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	p, err := s.kept(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, map[string]any{"name": p.Name}) }
	return web.Page{Template: "account/confirm", Title: "people.archive", Data: web.Decision{
		Title: t("people.archive_title"), Lead: t("people.archive_lead"), Action: fmt.Sprintf("/people/%d/archive", p.ID),
		Button: t("people.archive"), Tone: web.ToneWarn, Back: fmt.Sprintf("/people/%d", p.ID), BackTo: t("people.keep")}}, nil
}

func (s *Service) archivePersonForm(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return httpapi.SeeOther("/me", "people.gone", nil), s.ArchivePerson(ctx, a, in.ID)
}

// privacyPage is the notice itself, for everybody.
func (s *Service) privacyPage(context.Context, auth.Actor, httpapi.None) (web.Page, error) {
	return web.Page{Template: "account/privacy", Title: "privacy.title", Data: models.NoticeVersion}, nil
}
