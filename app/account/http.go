package account

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/secret"
	"youyue/models"
)

// meView is one's own account as programs see it.
type meView struct {
	ID     int64       `json:"id"`
	Login  string      `json:"login"`
	Name   string      `json:"name"`
	Phone  string      `json:"phone"`
	Lang   string      `json:"lang"`
	Grants []grantView `json:"grants"`
}

type grantView struct {
	ID      int64     `json:"id"`
	Role    auth.Role `json:"role"`
	OrgID   int64     `json:"org_id"`
	OrgCode string    `json:"org_code"`
	OrgName string    `json:"org_name"`
	From    string    `json:"from,omitempty"` // of who stands in: the days of it, both included
	Until   string    `json:"until,omitempty"`
}

// accountView is an account as administrators see it; the number is masked.
type accountView struct {
	ID         int64           `json:"id"`
	Login      string          `json:"login"`
	Name       string          `json:"name"`
	Phone      string          `json:"phone"`
	Grants     []grantView     `json:"grants"`
	CreatedAt  models.Instant  `json:"created_at"`
	DisabledAt *models.Instant `json:"disabled_at"`
}

// personView is somebody the asker keeps.
type personView struct {
	ID       int64            `json:"id"`
	Name     string           `json:"name"`
	Relation string           `json:"relation"`
	Phone    string           `json:"phone"`
	Notify   models.NotifyWho `json:"notify"`
}

// deskPersonView is a caller as the desk sees them, masked.
type deskPersonView struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Phone      string `json:"phone"`
	OrgID      *int64 `json:"org_id"`
	HasAccount bool   `json:"has_account"`
}

type byID struct {
	ID int64 `path:"id" json:"-"`
}

type meIn struct {
	Name string `json:"name" form:"name" validate:"required,plain,max=40"`
	Lang string `json:"lang" form:"lang" validate:"required,oneof=zh-CN en"`
}

type personIn struct {
	byID
	Name     string           `json:"name" form:"name" validate:"required,plain,max=40"`
	Relation string           `json:"relation" form:"relation" validate:"omitempty,plain,max=20"`
	Phone    string           `json:"phone" form:"phone" validate:"max=40"`
	Notify   models.NotifyWho `json:"notify" form:"notify" validate:"omitempty,oneof=holder helper both"`
}

type newPersonIn struct {
	Name     string           `json:"name" validate:"required,plain,max=40"`
	Relation string           `json:"relation" validate:"omitempty,plain,max=20"`
	Phone    string           `json:"phone" validate:"max=40"`
	Notify   models.NotifyWho `json:"notify" validate:"omitempty,oneof=holder helper both"`
}

type findIn struct {
	Q string `query:"q" validate:"required,max=40"`
}

type deskIn struct {
	OrgID int64  `json:"org_id" validate:"required,min=1"`
	Name  string `json:"name" validate:"required,plain,max=40"`
	Phone string `json:"phone" validate:"max=40"`
	// Channel is the way on which the notice on personal data was read out.
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=phone window visit"`
}

type accountsIn struct {
	list.Query
	Q string `query:"q" validate:"max=40"`
}

type newAccountIn struct {
	Login    string    `json:"login" form:"login" validate:"required,max=40"`
	Name     string    `json:"name" form:"name" validate:"required,plain,max=40"`
	Password string    `json:"password" form:"password" validate:"omitempty,min=10,max=200"`
	Role     auth.Role `json:"role" form:"role" validate:"omitempty,oneof=branch clerk scheduler cinema partner leader judge admin auditor"`
	OrgID    int64     `json:"org_id" form:"org_id" validate:"required_with=Role,omitempty,min=1"`
}

type passwordIn struct {
	byID
	Password string `json:"password" form:"password" validate:"required,min=10,max=200"`
}

type grantIn struct {
	byID
	Role  auth.Role `json:"role" form:"role" validate:"required,oneof=branch clerk scheduler cinema partner leader judge admin auditor"`
	OrgID int64     `json:"org_id" form:"org_id" validate:"required,min=1"`
	From  string    `json:"from" form:"from" validate:"max=10"` // of who stands in during a leave; left out: until it is taken back
	Until string    `json:"until" form:"until" validate:"max=10"`
}

// term reads the days, which are given both or neither.
func (in grantIn) term() (t Term, err error) {
	for _, d := range []struct {
		name, text string
		at         *models.Day
	}{{"from", in.From, &t.From}, {"until", in.Until, &t.Until}} {
		switch {
		case in.From+in.Until == "":
		case d.text == "":
			return t, errs.FieldFault(d.name, "required")
		default:
			if *d.at, err = models.ParseDay(d.text); err != nil {
				return t, errs.FieldFault(d.name, "type")
			}
		}
	}
	return t, nil
}

type grantByID struct {
	byID
	Grant int64 `path:"grant" json:"-"`
}

// Routes declares the API of one's own account, of the people one keeps, of the
// desk's callers, and of accounts and grants.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/me", auth.SignedIn,
		httpapi.Op{Summary: "One's own account and roles", Tag: "account"},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (meView, error) { return s.me(ctx, a) })
	httpapi.API(r, http.MethodPut, "/api/v1/me", auth.SignedIn,
		httpapi.Op{Summary: "Change one's own name and the language of messages", Tag: "account"},
		func(ctx context.Context, a auth.Actor, in meIn) (meView, error) {
			if err := s.Change(ctx, a, in.Name, in.Lang); err != nil {
				return meView{}, err
			}
			return s.me(ctx, a)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/me/sign-out-everywhere", auth.SignedIn,
		httpapi.Op{Summary: "End all sessions and tokens of one's account, this one too", Tag: "account", Status: http.StatusNoContent},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (httpapi.None, error) {
			return httpapi.None{}, s.SignOutEverywhere(ctx, a)
		})
	s.peopleRoutes(r)
	s.accountRoutes(r)
}

func (s *Service) peopleRoutes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/people", auth.SignedIn,
		httpapi.Op{Summary: "The people one books for, oneself first", Tag: "people"},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (list.Of[personView], error) {
			all, err := s.People(ctx, a)
			return whole(all, viewPerson), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/people", auth.SignedIn,
		httpapi.Op{Summary: "Keep somebody under one's account", Tag: "people", Status: http.StatusCreated, Errors: []*errs.Error{ErrTooMany}},
		func(ctx context.Context, a auth.Actor, in newPersonIn) (personView, error) {
			p, err := s.AddPerson(ctx, a, PersonEntry(in))
			return viewPerson(p), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/people/:id", auth.SignedIn,
		httpapi.Op{Summary: "Change somebody one keeps", Tag: "people"},
		func(ctx context.Context, a auth.Actor, in personIn) (personView, error) {
			p, err := s.ChangePerson(ctx, a, in.ID, in.entry())
			return viewPerson(p), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/people/:id/archive", auth.SignedIn,
		httpapi.Op{Summary: "Let somebody go; their bookings stay", Tag: "people", Status: http.StatusNoContent},
		func(ctx context.Context, a auth.Actor, in byID) (httpapi.None, error) {
			return httpapi.None{}, s.ArchivePerson(ctx, a, in.ID)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/desk/people", auth.BookForOthers,
		httpapi.Op{Summary: "Find a caller by name, by the last digits of a number, or by the whole number", Tag: "people"},
		func(ctx context.Context, a auth.Actor, in findIn) (list.Of[deskPersonView], error) {
			all, err := s.FindPeople(ctx, a, in.Q)
			return whole(all, viewDeskPerson), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/desk/people", auth.BookForOthers,
		httpapi.Op{Summary: "Keep a caller who has no account; the same name and number find the same person", Tag: "people", Status: http.StatusCreated},
		func(ctx context.Context, a auth.Actor, in deskIn) (deskPersonView, error) {
			if in.Channel == "" {
				in.Channel = models.ChannelPhone
			}
			p, err := s.AddDeskPerson(ctx, a, in.OrgID, in.Name, in.Phone, in.Channel)
			return viewDeskPerson(p), err
		})
}

func (s *Service) accountRoutes(r *httpapi.Router) {
	shown := func(st Staff, err error) (accountView, error) {
		if err != nil {
			return accountView{}, err
		}
		return s.viewAccount(st), nil
	}
	op := func(summary string, errors ...*errs.Error) httpapi.Op {
		return httpapi.Op{Summary: summary, Tag: "accounts", Errors: errors}
	}
	httpapi.API(r, http.MethodGet, "/api/v1/accounts", auth.AccountRead, op("Accounts that hold a role in one's scope"),
		func(ctx context.Context, a auth.Actor, in accountsIn) (list.Of[accountView], error) {
			l, err := s.Accounts(ctx, a, Filter{Query: in.Query, Text: in.Q})
			return list.Map(l, s.viewAccount), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/accounts/:id", auth.AccountRead, op("One account"),
		func(ctx context.Context, a auth.Actor, in byID) (accountView, error) {
			return shown(s.Account(ctx, a, in.ID))
		})
	create := op("Make an account with its first role", ErrLoginTaken)
	create.Status = http.StatusCreated
	httpapi.API(r, http.MethodPost, "/api/v1/accounts", auth.AccountWrite, create,
		func(ctx context.Context, a auth.Actor, in newAccountIn) (accountView, error) {
			return shown(s.Add(ctx, a, in.entry(), FirstGrant{in.Role, in.OrgID}))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/accounts/:id/password", auth.AccountWrite,
		op("Set a password; ends the account's sessions and tokens", ErrBeyondScope),
		func(ctx context.Context, a auth.Actor, in passwordIn) (accountView, error) {
			return shown(s.SetPassword(ctx, a, in.ID, in.Password))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/accounts/:id/disable", auth.AccountWrite,
		op("Close an account; ends its sessions and tokens", ErrBeyondScope, ErrSelf),
		func(ctx context.Context, a auth.Actor, in byID) (accountView, error) {
			return shown(s.Disable(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/accounts/:id/enable", auth.AccountWrite, op("Open a closed account", ErrBeyondScope),
		func(ctx context.Context, a auth.Actor, in byID) (accountView, error) {
			return shown(s.Enable(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/accounts/:id/grants", auth.AccountWrite, op("Give a role for an organisation, for good or for the days of a leave"),
		func(ctx context.Context, a auth.Actor, in grantIn) (accountView, error) {
			return shown(s.grant(ctx, a, in))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/accounts/:id/grants/:grant/revoke", auth.AccountWrite,
		op("Take a role back; it holds from the next request", ErrSelf),
		func(ctx context.Context, a auth.Actor, in grantByID) (accountView, error) {
			return shown(s.Revoke(ctx, a, in.ID, in.Grant))
		})
}

func (s *Service) me(ctx context.Context, a auth.Actor) (meView, error) {
	st, phone, err := s.Own(ctx, a)
	if err != nil {
		return meView{}, err
	}
	return meView{ID: st.ID, Login: loginOf(st.Account), Name: st.Name, Phone: phone, Lang: st.Lang, Grants: s.viewGrants(st.Grants)}, nil
}

// grant gives a role for good, or for the days that are named.
func (s *Service) grant(ctx context.Context, a auth.Actor, in grantIn) (Staff, error) {
	t, err := in.term()
	if err != nil {
		return Staff{}, err
	}
	if t == (Term{}) {
		return s.Grant(ctx, a, in.ID, in.Role, in.OrgID)
	}
	return s.StandIn(ctx, a, in.ID, in.Role, in.OrgID, t)
}

func (s *Service) viewAccount(st Staff) accountView {
	phone, err := s.box.Open(st.PhoneEnc)
	if err != nil { // sealed under another secret: the account is still to be seen
		phone = "?"
	}
	v := accountView{ID: st.ID, Login: loginOf(st.Account), Name: st.Name, Phone: secret.MaskPhone(phone),
		Grants: s.viewGrants(st.Grants), CreatedAt: st.CreatedAt}
	if st.Login == nil {
		v.Name = secret.MaskName(st.Name) // a resident's, not a colleague's
	}
	if !st.DisabledAt.IsZero() {
		v.DisabledAt = &st.DisabledAt
	}
	return v
}

func (s *Service) viewGrants(rows []GrantRow) []grantView {
	out := make([]grantView, len(rows))
	for i, g := range rows {
		out[i] = grantView{ID: g.ID, Role: g.Role, OrgID: g.OrgID, OrgCode: g.OrgCode, OrgName: g.OrgName}
		if !g.EndsAt.IsZero() {
			out[i].From, out[i].Until = models.DayOf(g.StartsAt, s.cfg.Zone).String(), models.DayOf(g.EndsAt, s.cfg.Zone).Add(-1).String()
		}
	}
	return out
}

func viewPerson(p Person) personView {
	return personView{p.ID, p.Name, p.Relation, p.Phone, p.Notify}
}

func viewDeskPerson(p Person) deskPersonView {
	return deskPersonView{p.ID, p.Masked(), secret.MaskPhone(p.Phone), p.OrgID, p.AccountID != nil}
}

// whole is a list that always fits one page.
func whole[A, B any](all []A, view func(A) B) list.Of[B] {
	return list.Map(list.New(list.Query{PerPage: list.MaxPerPage}, all, int64(len(all))), view)
}

func (in personIn) entry() PersonEntry { return PersonEntry{in.Name, in.Relation, in.Phone, in.Notify} }

func (in newAccountIn) entry() Entry {
	return Entry{Login: in.Login, Name: in.Name, Password: in.Password}
}
