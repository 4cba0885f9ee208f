package account

import (
	"context"
	"net/url"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// passwordPages declares how people set a password of their own: at the first
// log-in with one that somebody gave them, and whenever they like.
func (s *Service) passwordPages(r *httpapi.Router) {
	httpapi.Page(r, "/login/first", auth.Public, func(ctx context.Context, _ auth.Actor, in firstIn) (web.Page, error) {
		if _, _, ok := s.readFirst(in.Ticket); !ok {
			return s.login(ctx, "account/login_password", loginData{Next: in.Next}, ErrFirstOver)
		}
		return s.login(ctx, "account/login_first", loginData{Next: in.Next, Ticket: in.Ticket}, nil)
	})
	httpapi.Form(r, "/login/first", auth.Public, httpapi.LimitLogin, s.firstPasswordForm)
	httpapi.Page(r, "/me/password", auth.SignedIn, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return ownPasswordPage(ctx, a, nil)
	})
	httpapi.Form(r, "/me/password", auth.SignedIn, httpapi.LimitLogin, s.ownPasswordForm)
}

type firstIn struct {
	Next     string `query:"next" form:"next"`
	Ticket   string `query:"ticket" form:"ticket" validate:"max=400"`
	Password string `form:"password" validate:"max=200"`
}

// first leads who signed in with a password for once to the form for another.
func (s *Service) first(ticket, target string) httpapi.Answer {
	return httpapi.SeeOther(after("/login/first", target)+"&ticket="+url.QueryEscape(ticket), "", nil)
}

func (s *Service) firstPasswordForm(ctx context.Context, _ auth.Actor, in firstIn, bad *errs.Error) (httpapi.Answer, error) {
	d := loginData{Next: in.Next, Ticket: in.Ticket}
	if bad != nil {
		return s.again(ctx, "account/login_first", d, bad)
	}
	acc, err := s.SetFirstPassword(ctx, in.Ticket, in.Password)
	switch {
	case err == nil:
		return s.start(ctx, acc, in.Next)
	case errs.As(err).Code == ErrFirstOver.Code:
		return s.again(ctx, "account/login_password", d, err)
	}
	return s.again(ctx, "account/login_first", d, err)
}

type ownPasswordIn struct {
	Old      string `form:"old" validate:"required,max=200"`
	Password string `form:"password" validate:"required,max=200"`
}

var ownPasswordLabels = map[string]string{"old": "me.old_password", "password": "accounts.new_password"}

func ownPasswordPage(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	if a.Login == "" {
		return web.Page{}, errs.ErrNotFound // who signs in by codes has none
	}
	p := web.Page{Template: "account/password", Title: "me.password", Data: web.Form{Errors: httpapi.Faults(ctx, bad, ownPasswordLabels)}}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) ownPasswordForm(ctx context.Context, a auth.Actor, in ownPasswordIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		acc, err := s.ChangePassword(ctx, a, in.Old, in.Password, httpapi.ClientAddress(ctx))
		if err == nil {
			return httpapi.SeeOther("/me", "me.password_set", nil), s.sessions.Start(ctx, acc)
		}
		if bad = errs.As(err); bad.Kind == errs.Internal {
			return httpapi.Answer{}, err
		}
	}
	p, err := ownPasswordPage(ctx, a, bad)
	return httpapi.Show(p), err
}
