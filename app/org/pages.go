package org

import (
	"context"
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the pages of the tree: administrators change it, auditors read it.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/orgs", auth.OrgRead, s.treePage)
	httpapi.Page(r, "/orgs/new", auth.OrgWrite, func(ctx context.Context, a auth.Actor, in newIn) (web.Page, error) {
		return s.newPage(ctx, a, createIn{ParentID: in.Parent, Kind: models.OrgStation}, nil)
	})
	httpapi.Form(r, "/orgs", auth.OrgWrite, httpapi.LimitNone, s.newForm)
	httpapi.Page(r, "/orgs/:id", auth.OrgRead, func(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
		return s.onePage(ctx, a, in.ID, nil, nil)
	})
	httpapi.Form(r, "/orgs/:id", auth.OrgWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in changeIn, bad *errs.Error) (httpapi.Answer, error) {
			typed := map[string]string{"name": in.Name, "phone": in.Phone, "address": in.Address}
			return s.onOne(ctx, a, in.ID, typed, bad, "orgs.kept", func() error {
				_, err := s.Change(ctx, a, in.ID, in.details())
				return err
			})
		})
	httpapi.Form(r, "/orgs/:id/move", auth.OrgWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in moveIn, bad *errs.Error) (httpapi.Answer, error) {
			return s.onOne(ctx, a, in.ID, nil, bad, "orgs.moved", func() error { _, err := s.Move(ctx, a, in.ID, in.ParentID); return err })
		})
	s.endPages(r)
}

type newIn struct {
	Parent int64 `query:"parent"`
}

// branch is an organisation with its depth below the top of what is shown.
type branch struct {
	models.Org
	Depth string // full-width spaces, for lists and selects
}

// tree lists the open organisations for which the actor holds the permission.
func (s *Service) tree(ctx context.Context, a auth.Actor, p auth.Permission) ([]branch, error) {
	var out []branch
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		seen := map[int64]bool{}
		for _, path := range a.Scope(p) {
			rows, err := below(tx, path)
			if err != nil {
				return err
			}
			for _, o := range rows {
				if !seen[o.ID] {
					seen[o.ID] = true
					out = append(out, branch{o, strings.Repeat("　", strings.Count(o.Path, "/")-2)})
				}
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) treePage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	all, err := s.tree(ctx, a, auth.OrgRead)
	if err != nil {
		return web.Page{}, err
	}
	shut, err := s.shut(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	table := web.Table{Caption: t("orgs.caption"), Columns: []string{t("orgs.name"), t("orgs.kind"), t("orgs.code"), t("orgs.phone")}}
	for _, o := range all {
		table.Rows = append(table.Rows, web.Row{Href: fmt.Sprintf("/orgs/%d", o.ID),
			Cells: []web.Cell{{Text: o.Depth + o.Name}, {Text: t("orgs.kind." + string(o.Kind))}, {Text: o.Code}, {Text: o.Phone}}})
	}
	return web.Page{Template: "org/list", Title: "orgs.title", Layout: web.LayoutStaff, Data: listData{table, shut, a.Can(auth.OrgWrite)}}, nil
}

type listData struct {
	Table    web.Table
	Closed   []models.Org
	MayWrite bool
}

type orgData struct {
	Form     web.Form
	Org      models.Org
	MayWrite bool
	Places   []branch // where it can hang
	Likes    []branch // of its kind, that it can become part of
	Parent   int64
	Kinds    []models.OrgKind
	Kind     models.OrgKind
	Into     string // what a closed one has become part of, "" for nothing
}

var labels = map[string]string{"name": "orgs.name", "code": "orgs.code", "kind": "orgs.kind", "phone": "orgs.phone", "address": "orgs.address", "parent_id": "orgs.parent", "into_id": "orgs.into", "reason": "orgs.reason"}

func (s *Service) page(ctx context.Context, a auth.Actor, template, title string, d orgData, bad *errs.Error) (web.Page, error) {
	var err error
	if d.Places, err = s.tree(ctx, a, auth.OrgWrite); err != nil {
		return web.Page{}, err
	}
	for _, o := range d.Places {
		if o.Kind == d.Org.Kind && o.ID != d.Org.ID && !strings.HasPrefix(o.Path, d.Org.Path) {
			d.Likes = append(d.Likes, o)
		}
	}
	d.Kinds = models.OrgKinds()
	d.Form.Errors = httpapi.Faults(ctx, bad, labels)
	p := web.Page{Template: template, Title: title, Layout: web.LayoutStaff, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) newPage(ctx context.Context, a auth.Actor, in createIn, bad *errs.Error) (web.Page, error) {
	return s.page(ctx, a, "org/new", "orgs.new", orgData{Parent: in.ParentID, Kind: in.Kind, Form: web.Form{
		Values: map[string]string{"name": in.Name, "code": in.Code, "phone": in.Phone, "address": in.Address}}}, bad)
}

func (s *Service) newForm(ctx context.Context, a auth.Actor, in createIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		o, err := s.Create(ctx, a, in.entry())
		if err == nil {
			return httpapi.SeeOther("/orgs", "orgs.added", map[string]any{"name": o.Name}), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.newPage(ctx, a, in, bad)
	return httpapi.Show(p), err
}

func (s *Service) onePage(ctx context.Context, a auth.Actor, id int64, typed map[string]string, bad *errs.Error) (web.Page, error) {
	o, err := s.Get(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	if !a.CanAt(auth.OrgRead, o.Path) {
		return web.Page{}, errs.ErrForbidden
	}
	d := orgData{Org: o, MayWrite: a.CanAt(auth.OrgWrite, o.Path), Form: web.Form{Values: map[string]string{"name": o.Name, "phone": o.Phone, "address": o.Address}}}
	if o.ParentID != nil {
		d.Parent = *o.ParentID
	}
	if o.MergedInto != nil {
		to, err := s.Get(ctx, *o.MergedInto)
		if err != nil {
			return web.Page{}, err
		}
		d.Into = to.Name
	}
	for field, v := range typed {
		d.Form.Values[field] = v
	}
	return s.page(ctx, a, "org/one", "orgs.one", d, bad)
}

// onOne does something to an organisation and goes back to its page, or shows
// it again with what was wrong.
func (s *Service) onOne(ctx context.Context, a auth.Actor, id int64, typed map[string]string, bad *errs.Error, done string, do func() error) (httpapi.Answer, error) {
	if bad == nil {
		err := do()
		if err == nil {
			return httpapi.SeeOther("/orgs", done, nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.onePage(ctx, a, id, typed, bad)
	return httpapi.Show(p), err
}
