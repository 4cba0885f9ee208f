package account

import (
	"context"
	"net/url"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares log-in, one's own page, the people one keeps, and the staff's
// pages of accounts.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/login", auth.Public, s.loginPage)
	httpapi.Form(r, "/login/code", auth.Public, httpapi.LimitLogin, s.askCodeForm)
	httpapi.Page(r, "/login/code", auth.Public, s.codePage)
	httpapi.Form(r, "/login/check", auth.Public, httpapi.LimitLogin, s.checkCodeForm)
	httpapi.Page(r, "/login/password", auth.Public, s.passwordPage)
	httpapi.Form(r, "/login/password", auth.Public, httpapi.LimitLogin, s.passwordForm)
	httpapi.Form(r, "/login/demo", auth.Public, httpapi.LimitLogin, s.demoForm)
	httpapi.Form(r, "/logout", auth.Public, httpapi.LimitNone, s.logoutForm)
	httpapi.Page(r, "/dev/codes", auth.Public, s.codesPage)
	httpapi.Page(r, "/privacy", auth.Public, s.privacyPage)
	s.passwordPages(r)
	s.mePages(r)
	s.staffPages(r)
}

type loginIn struct {
	Next string `query:"next" form:"next"`
}

type askCodeIn struct {
	Next  string `query:"next" form:"next"`
	Phone string `form:"phone" validate:"required,max=40"`
}

type codeIn struct {
	Next   string `query:"next" form:"next"`
	Ticket string `query:"ticket" form:"ticket" validate:"max=300"`
	Code   string `form:"code" validate:"max=40"`
}

type signInIn struct {
	Next     string `query:"next" form:"next"`
	Login    string `form:"login" validate:"required,max=80"`
	Password string `form:"password" validate:"required,max=200"`
}

// loginData serves the three forms of the log-in.
type loginData struct {
	Form   web.Form
	Next   string
	Ticket string
	Masked string           // the number a code went to
	Demo   []models.Account // one-tap log-ins, in demo mode
	Codes  bool             // codes show on the development page
	ByCode bool             // codes can be sent
}

var loginLabels = map[string]string{"phone": "login.phone", "code": "login.code", "login": "login.login", "password": "login.password"}

// next is where to go on after the log-in: a path here that is not the log-in itself.
func next(target string) string {
	to := httpapi.LocalPath(target, "/")
	if u, err := url.Parse(to); err != nil || u.Path == "/login" || u.Path == "/logout" {
		return "/"
	}
	return to
}

func after(path, target string) string { return path + "?next=" + url.QueryEscape(next(target)) }

func (s *Service) loginPage(ctx context.Context, _ auth.Actor, in loginIn) (web.Page, error) {
	return s.login(ctx, s.firstForm(), loginData{Next: in.Next}, nil)
}

// firstForm asks for the number; where no text message can be sent, for the password.
func (s *Service) firstForm() string {
	if s.cfg.Sender == nil {
		return "account/login_password"
	}
	return "account/login"
}

func (s *Service) passwordPage(ctx context.Context, _ auth.Actor, in loginIn) (web.Page, error) {
	return s.login(ctx, "account/login_password", loginData{Next: in.Next}, nil)
}

func (s *Service) login(ctx context.Context, template string, d loginData, bad *errs.Error) (web.Page, error) {
	demo, err := s.DemoLogins(ctx)
	if err != nil {
		return web.Page{}, err
	}
	d.Demo, d.Codes, d.ByCode, d.Next = demo, s.shown != nil, s.cfg.Sender != nil, next(d.Next)
	d.Form.Errors = httpapi.Faults(ctx, bad, loginLabels)
	p := web.Page{Template: template, Title: "login.title", Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

// again shows a log-in form once more, with what was wrong.
func (s *Service) again(ctx context.Context, template string, d loginData, cause error) (httpapi.Answer, error) {
	bad := errs.As(cause)
	if bad.Kind == errs.Internal {
		return httpapi.Answer{}, cause
	}
	p, err := s.login(ctx, template, d, bad)
	return httpapi.Show(p), err
}

func (s *Service) askCodeForm(ctx context.Context, _ auth.Actor, in askCodeIn, bad *errs.Error) (httpapi.Answer, error) {
	d := loginData{Next: in.Next, Form: web.Form{Values: map[string]string{"phone": in.Phone}}}
	if s.cfg.Sender == nil {
		return s.again(ctx, s.firstForm(), d, ErrCodesOff)
	}
	if bad != nil {
		return s.again(ctx, "account/login", d, bad)
	}
	ticket, err := s.SendCode(ctx, in.Phone, httpapi.ClientAddress(ctx), string(httpapi.Lang(ctx)))
	if err != nil {
		return s.again(ctx, "account/login", d, err)
	}
	return httpapi.SeeOther(after("/login/code", in.Next)+"&ticket="+url.QueryEscape(ticket), "", nil), nil
}

func (s *Service) codePage(ctx context.Context, _ auth.Actor, in codeIn) (web.Page, error) {
	masked, ok := s.TicketPhone(in.Ticket)
	if !ok {
		return s.login(ctx, s.firstForm(), loginData{Next: in.Next}, ErrCodeOver)
	}
	return s.login(ctx, "account/login_code", loginData{Next: in.Next, Ticket: in.Ticket, Masked: masked}, nil)
}

func (s *Service) checkCodeForm(ctx context.Context, _ auth.Actor, in codeIn, bad *errs.Error) (httpapi.Answer, error) {
	masked, ok := s.TicketPhone(in.Ticket)
	d := loginData{Next: in.Next, Ticket: in.Ticket, Masked: masked}
	switch {
	case !ok:
		return s.again(ctx, s.firstForm(), d, ErrCodeOver)
	case bad != nil:
		return s.again(ctx, "account/login_code", d, bad)
	}
	acc, err := s.SignInByCode(ctx, in.Ticket, in.Code, string(httpapi.Lang(ctx)))
	if err != nil {
		return s.again(ctx, "account/login_code", d, err)
	}
	return s.start(ctx, acc, in.Next)
}

func (s *Service) passwordForm(ctx context.Context, _ auth.Actor, in signInIn, bad *errs.Error) (httpapi.Answer, error) {
	d := loginData{Next: in.Next, Form: web.Form{Values: map[string]string{"login": in.Login}}}
	if bad != nil {
		return s.again(ctx, "account/login_password", d, bad)
	}
	acc, err := s.SignIn(ctx, in.Login, in.Password, httpapi.ClientAddress(ctx))
	if err != nil {
		return s.again(ctx, "account/login_password", d, err)
	}
	if acc.PasswordOnce {
		return s.first(s.firstTicket(acc), in.Next), nil
	}
	return s.start(ctx, acc, in.Next)
}

type demoIn struct {
	Next  string `query:"next" form:"next"`
	Login string `form:"login" validate:"required,max=80"`
}

func (s *Service) demoForm(ctx context.Context, _ auth.Actor, in demoIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	acc, err := s.SignInDemo(ctx, in.Login)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return s.start(ctx, acc, in.Next)
}

func (s *Service) start(ctx context.Context, acc models.Account, target string) (httpapi.Answer, error) {
	if err := s.sessions.Start(ctx, acc); err != nil {
		return httpapi.Answer{}, err
	}
	if acc.Name == "" {
		return httpapi.SeeOther(next(target), "login.welcome_new", nil), nil
	}
	return httpapi.SeeOther(next(target), "login.welcome", map[string]any{"name": acc.Name}), nil
}

func (s *Service) logoutForm(ctx context.Context, _ auth.Actor, _ httpapi.None, _ *errs.Error) (httpapi.Answer, error) {
	return httpapi.SeeOther("/", "login.bye", nil), s.sessions.End(ctx)
}

func (s *Service) codesPage(context.Context, auth.Actor, httpapi.None) (web.Page, error) {
	if s.shown == nil {
		return web.Page{}, errs.ErrNotFound
	}
	return web.Page{Template: "account/codes", Title: "codes.title", Data: s.DemoCodes()}, nil
}

// notifyChoices asks who is told about a person's bookings.
func notifyChoices(l locales.Lang, value models.NotifyWho) web.Choices {
	c := web.Choices{Name: "notify", Legend: locales.T(l, "people.notify", nil), Value: string(value)}
	for _, w := range []models.NotifyWho{models.NotifyHelper, models.NotifyHolder, models.NotifyBoth} {
		c.Options = append(c.Options, web.Choice{Value: string(w), Label: locales.T(l, "people.notify."+string(w), nil)})
	}
	return c
}

func langChoices(l locales.Lang, value string) web.Choices {
	return web.Choices{Name: "lang", Legend: locales.T(l, "me.lang", nil), Value: value,
		Options: []web.Choice{{Value: "zh-CN", Label: "中文"}, {Value: "en", Label: "English"}}}
}

// Number is the person's number as people here write it.
func (p Person) Number() string { return localNumber(p.Phone) }

func localNumber(e164 string) string { return strings.TrimPrefix(e164, "+86") }
