package roster

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the two imports. Each shows first what it would do; the same
// form then does it. The workbooks hold what stands, in the columns that the
// import reads.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/roster/orgs", auth.OrgWrite, func(context.Context, auth.Actor, httpapi.None) (web.Page, error) {
		return page(kindOrgs, data{}), nil
	})
	httpapi.Page(r, "/roster/staff", auth.AccountWrite, func(context.Context, auth.Actor, httpapi.None) (web.Page, error) {
		return page(kindStaff, data{}), nil
	})
	httpapi.PageFile(r, "/roster/orgs.xlsx", auth.OrgWrite, s.orgsFile)
	httpapi.PageFile(r, "/roster/staff.xlsx", auth.AccountWrite, s.staffFile)
	httpapi.Form(r, "/roster/orgs", auth.OrgWrite, httpapi.LimitNone, func(ctx context.Context, a auth.Actor, in importIn, bad *errs.Error) (httpapi.Answer, error) {
		return s.form(ctx, kindOrgs, in, bad,
			func(text string) (Preview, error) { return s.PreviewOrgs(ctx, a, text) },
			func(text string) (Preview, []FirstPassword, error) {
				p, err := s.ImportOrgs(ctx, a, text, in.Digest)
				return p, nil, err
			})
	})
	httpapi.Form(r, "/roster/staff", auth.AccountWrite, httpapi.LimitNone, func(ctx context.Context, a auth.Actor, in importIn, bad *errs.Error) (httpapi.Answer, error) {
		return s.form(ctx, kindStaff, in, bad,
			func(text string) (Preview, error) { return s.PreviewStaff(ctx, a, text) },
			func(text string) (Preview, []FirstPassword, error) { return s.ImportStaff(ctx, a, text, in.Digest) })
	})
}

const (
	kindOrgs  = "orgs"
	kindStaff = "staff"
)

type importIn struct {
	File   httpapi.Upload `form:"file"`
	Text   string         `form:"text" validate:"max=400000"`
	Digest string         `form:"digest" validate:"max=64"` // of the preview that was looked at; empty: look
}

type data struct {
	Kind    string
	Columns []sheet.Column
	Text    string
	Looked  bool // Preview is there
	Preview Preview
	Faults  []string
	First   []FirstPassword
	Form    web.Form
}

func page(kind string, d data) web.Page {
	d.Kind, d.Columns = kind, OrgColumns()
	if kind == kindStaff {
		d.Columns = StaffColumns()
	}
	return web.Page{Template: "roster/import", Title: "roster.title." + kind, Layout: web.LayoutStaff, Data: d}
}

func (s *Service) form(ctx context.Context, kind string, in importIn, bad *errs.Error, look func(text string) (Preview, error),
	do func(text string) (Preview, []FirstPassword, error)) (httpapi.Answer, error) {
	d := data{Text: in.Text}
	show := func(e *errs.Error) (httpapi.Answer, error) {
		if e != nil && !httpapi.ShownAgain(e) {
			return httpapi.Answer{}, e
		}
		l := httpapi.Lang(ctx)
		for _, f := range d.Preview.Faults {
			d.Faults = append(d.Faults, f.Words(l))
		}
		d.Form.Errors = httpapi.Faults(ctx, e, map[string]string{"text": "roster.text", "file": "roster.file"})
		p := page(kind, d)
		if e != nil {
			p.Status = e.Kind.Status()
		}
		return httpapi.Show(p), nil
	}
	if bad != nil {
		return show(bad)
	}
	if !in.File.IsZero() {
		text, err := sheet.Text(in.File.Body)
		if err != nil {
			return show(errs.As(err))
		}
		d.Text, in.Digest = text, ""
	}
	if in.Digest == "" {
		var err error
		if d.Preview, err = look(d.Text); err != nil {
			return show(errs.As(err))
		}
		if d.Looked = true; len(d.Preview.Faults) > 0 {
			return show(ErrFaults.With("count", len(d.Preview.Faults)))
		}
		return show(nil)
	}
	p, first, err := do(d.Text)
	d.Preview, d.Looked = p, true
	switch {
	case err != nil:
		return show(errs.As(err))
	case len(first) > 0:
		d.First = first
		return show(nil)
	}
	return httpapi.SeeOther(map[string]string{kindOrgs: "/orgs", kindStaff: "/accounts"}[kind], "roster.done", map[string]any{"n": len(p.Changes)}), nil
}

func heads(columns []sheet.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Names[0]
	}
	return out
}

func (s *Service) orgsFile(ctx context.Context, a auth.Actor, _ httpapi.None) (httpapi.Blob, error) {
	all, err := s.orgs(ctx)
	if err != nil {
		return httpapi.Blob{}, err
	}
	l := httpapi.Lang(ctx)
	codes := map[int64]string{}
	out := sheet.Sheet{Name: locales.T(l, "roster.title.orgs", nil), Head: heads(OrgColumns()), Wide: []int{18, 34, 12, 18, 16, 36}}
	for _, o := range all {
		codes[o.ID] = o.Code
	}
	for _, o := range all {
		parent := ""
		if o.ParentID != nil {
			parent = codes[*o.ParentID]
		}
		if o.ArchivedAt.IsZero() && a.CanAt(auth.OrgWrite, o.Path) {
			out.Rows = append(out.Rows, []any{o.Code, o.Name, locales.T(l, "orgs.kind."+string(o.Kind), nil), parent, o.Phone, o.Address})
		}
	}
	return workbook(out)
}

func (s *Service) staffFile(ctx context.Context, a auth.Actor, _ httpapi.None) (httpapi.Blob, error) {
	all, err := s.orgs(ctx)
	if err != nil {
		return httpapi.Blob{}, err
	}
	staff, err := s.staff(ctx)
	if err != nil {
		return httpapi.Blob{}, err
	}
	l := httpapi.Lang(ctx)
	at := map[int64]models.Org{}
	for _, o := range all {
		at[o.ID] = o
	}
	out := sheet.Sheet{Name: locales.T(l, "roster.title.staff", nil), Head: heads(StaffColumns()), Wide: []int{18, 14, 14, 18}}
	for _, r := range staff {
		if o := at[r.OrgID]; r.Role != "" && !r.Disabled && o.ID != 0 && o.ArchivedAt.IsZero() && a.CanAt(auth.AccountWrite, o.Path) {
			out.Rows = append(out.Rows, []any{r.Login, r.Name, locales.T(l, "role."+r.Role, nil), o.Code})
		}
	}
	return workbook(out)
}

func workbook(s sheet.Sheet) (httpapi.Blob, error) {
	body, err := sheet.Write(s)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: s.Name + "_" + strconv.Itoa(len(s.Rows)) + ".xlsx"}, err
}
