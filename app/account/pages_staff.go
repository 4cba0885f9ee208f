package account

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
)

func (s *Service) staffPages(r *httpapi.Router) {
	httpapi.Page(r, "/accounts", auth.AccountRead, s.accountsPage)
	httpapi.Page(r, "/accounts/new", auth.AccountWrite, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return s.newAccountPage(ctx, a, newAccountIn{}, nil)
	})
	httpapi.Form(r, "/accounts", auth.AccountWrite, httpapi.LimitNone, s.newAccountForm)
	httpapi.Page(r, "/accounts/:id", auth.AccountRead, func(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
		return s.accountPage(ctx, a, in.ID, nil)
	})
	httpapi.Form(r, "/accounts/:id/grants", auth.AccountWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in grantIn, bad *errs.Error) (httpapi.Answer, error) {
			return s.onAccount(ctx, a, in.ID, bad, "accounts.granted", func() error {
				_, err := s.grant(ctx, a, in)
				return err
			})
		})
	httpapi.Form(r, "/accounts/:id/grants/:grant/revoke", auth.AccountWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in grantByID, bad *errs.Error) (httpapi.Answer, error) {
			return s.onAccount(ctx, a, in.ID, bad, "accounts.revoked", func() error {
				_, err := s.Revoke(ctx, a, in.ID, in.Grant)
				return err
			})
		})
	httpapi.Form(r, "/accounts/:id/password", auth.AccountWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in passwordIn, bad *errs.Error) (httpapi.Answer, error) {
			return s.onAccount(ctx, a, in.ID, bad, "accounts.password_set", func() error {
				_, err := s.SetPassword(ctx, a, in.ID, in.Password)
				return err
			})
		})
	httpapi.Page(r, "/accounts/:id/disable", auth.AccountWrite, s.disablePage)
	httpapi.Form(r, "/accounts/:id/disable", auth.AccountWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
			return s.onAccount(ctx, a, in.ID, bad, "accounts.disabled", func() error { _, err := s.Disable(ctx, a, in.ID); return err })
		})
	httpapi.Form(r, "/accounts/:id/enable", auth.AccountWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byID, bad *errs.Error) (httpapi.Answer, error) {
			return s.onAccount(ctx, a, in.ID, bad, "accounts.enabled", func() error { _, err := s.Enable(ctx, a, in.ID); return err })
		})
}

// onAccount does something to an account and goes back to its page, or shows it
// again with what was wrong.
func (s *Service) onAccount(ctx context.Context, a auth.Actor, id int64, bad *errs.Error, done string, do func() error) (httpapi.Answer, error) {
	if bad == nil {
		err := do()
		if err == nil {
			return httpapi.SeeOther(fmt.Sprintf("/accounts/%d", id), done, nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.accountPage(ctx, a, id, bad)
	return httpapi.Show(p), err
}

type accountsData struct {
	Q        string
	Table    web.Table
	Pager    web.Pager
	MayWrite bool
}

func (s *Service) accountsPage(ctx context.Context, a auth.Actor, in accountsIn) (web.Page, error) {
	l, err := s.Accounts(ctx, a, Filter{Query: in.Query, Text: in.Q})
	if err != nil {
		return web.Page{}, err
	}
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	table := web.Table{Caption: t("accounts.caption"), Columns: []string{t("accounts.name"), t("accounts.login"), t("accounts.roles"), t("accounts.state")},
		Empty: &web.Empty{Icon: "search", Title: t("accounts.none"), Text: t("accounts.none_text")}}
	for _, st := range l.Items {
		v := s.viewAccount(st)
		roles := ""
		if len(v.Grants) > 0 {
			roles = rolesInWords(ctx, v.Grants)
		}
		login := v.Login
		if login == "" {
			login = v.Phone
		}
		state := web.Chip{Tone: web.ToneOK, Text: t("accounts.open")}
		if v.DisabledAt != nil {
			state = web.Chip{Tone: web.ToneOff, Text: t("accounts.closed")}
		}
		name := v.Name
		if name == "" {
			name = t("accounts.nameless")
		}
		table.Rows = append(table.Rows, web.Row{Href: fmt.Sprintf("/accounts/%d", v.ID),
			Cells: []web.Cell{{Text: name}, {Text: login}, {Text: roles}, {Chip: &state}}})
	}
	q := url.Values{}
	if in.Q != "" {
		q.Set("q", in.Q)
	}
	return web.Page{Template: "account/accounts", Title: "accounts.title", Layout: web.LayoutStaff,
		Data: accountsData{Q: in.Q, Table: table, Pager: web.NewPager(l.Total, in.Query, "/accounts", q), MayWrite: a.Can(auth.AccountWrite)}}, nil
}

// orgChoice is an organisation to grant a role at.
type orgChoice struct {
	ID   int64
	Name string
	Code string
}

type accountData struct {
	Form     web.Form
	Account  accountView
	Roles    []auth.Role
	Role     auth.Role
	Orgs     []orgChoice
	OrgID    int64
	MayWrite bool
}

var accountLabels = map[string]string{"login": "accounts.login", "name": "accounts.name", "password": "accounts.password", "role": "accounts.role", "org_id": "accounts.org", "from": "accounts.from", "until": "accounts.until"}

func (s *Service) accountPage(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (web.Page, error) {
	st, err := s.Account(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	d := accountData{Account: s.viewAccount(st), MayWrite: a.Can(auth.AccountWrite)}
	return s.accountForms(ctx, a, "account/account", "accounts.one", d, bad)
}

// disablePage is the confirm page before an account is closed.
func (s *Service) disablePage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	st, err := s.Account(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	v := s.viewAccount(st)
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, map[string]any{"name": v.Name}) }
	facts := []web.Fact{{Label: t("accounts.name"), Text: v.Name}}
	if who := v.Login + v.Phone; who != "" {
		facts = append(facts, web.Fact{Label: t("accounts.login"), Text: who})
	}
	facts = append(facts, web.Fact{Label: t("accounts.roles"), Text: rolesInWords(ctx, v.Grants)})
	path := fmt.Sprintf("/accounts/%d", v.ID)
	return web.Page{Template: "account/confirm", Title: "accounts.one", Layout: web.LayoutStaff, Data: web.Decision{
		Title: t("accounts.disable_ask"), Facts: facts, Effect: t("accounts.disable_hint"), Tone: web.ToneWarn,
		Action: path + "/disable", Button: t("accounts.disable"), Back: path, BackTo: t("accounts.disable_not")}}, nil
}

// rolesInWords lists grants in the reader's language.
func rolesInWords(ctx context.Context, grants []grantView) string {
	l := httpapi.Lang(ctx)
	parts := make([]string, len(grants))
	for i, g := range grants {
		parts[i] = locales.T(l, "accounts.role_at", map[string]any{"role": locales.T(l, "role."+string(g.Role), nil), "org": g.OrgName})
		if g.Until != "" {
			parts[i] += " " + locales.T(l, "accounts.term", map[string]any{"from": g.From, "until": g.Until})
		}
	}
	if len(parts) == 0 {
		return locales.T(l, "accounts.no_roles", nil)
	}
	return strings.Join(parts, locales.T(l, "seatmap.js.join", nil))
}

func (s *Service) newAccountPage(ctx context.Context, a auth.Actor, in newAccountIn, bad *errs.Error) (web.Page, error) {
	d := accountData{Role: in.Role, OrgID: in.OrgID, MayWrite: true,
		Form: web.Form{Values: map[string]string{"login": in.Login, "name": in.Name}}}
	return s.accountForms(ctx, a, "account/account_new", "accounts.new", d, bad)
}

// accountForms adds what the forms choose from.
func (s *Service) accountForms(ctx context.Context, a auth.Actor, template, title string, d accountData, bad *errs.Error) (web.Page, error) {
	if d.MayWrite {
		d.Roles = auth.Roles()[1:] // every account is a resident
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) { d.Orgs, err = orgChoices(tx, a.Scope(auth.AccountWrite)); return })
		if err != nil {
			return web.Page{}, err
		}
	}
	d.Form.Errors = httpapi.Faults(ctx, bad, accountLabels)
	p := web.Page{Template: template, Title: title, Layout: web.LayoutStaff, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) newAccountForm(ctx context.Context, a auth.Actor, in newAccountIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		st, err := s.Add(ctx, a, in.entry(), FirstGrant{in.Role, in.OrgID})
		if err == nil {
			return httpapi.SeeOther(fmt.Sprintf("/accounts/%d", st.ID), "accounts.added", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.newAccountPage(ctx, a, in, bad)
	return httpapi.Show(p), err
}
