package org

import (
	"context"
	"fmt"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// endPages declares how an organisation ends and comes back. What cannot be
// taken back, or takes roles away, is confirmed on a page of its own.
func (s *Service) endPages(r *httpapi.Router) {
	httpapi.Page(r, "/orgs/:id/merge", auth.OrgWrite, s.mergePage)
	httpapi.Form(r, "/orgs/:id/merge", auth.OrgWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in mergeIn, bad *errs.Error) (httpapi.Answer, error) {
			typed := map[string]string{"reason": in.Reason}
			return s.onOne(ctx, a, in.ID, typed, bad, "orgs.merged", func() error { _, err := s.Merge(ctx, a, in.ID, in.IntoID, in.Reason); return err })
		})
	httpapi.Page(r, "/orgs/:id/archive", auth.OrgWrite, s.archivePage)
	httpapi.Form(r, "/orgs/:id/archive", auth.OrgWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byIDIn, bad *errs.Error) (httpapi.Answer, error) {
			return s.onOne(ctx, a, in.ID, nil, bad, "orgs.archived", func() error { _, err := s.Archive(ctx, a, in.ID); return err })
		})
	httpapi.Form(r, "/orgs/:id/reopen", auth.OrgWrite, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in byIDIn, bad *errs.Error) (httpapi.Answer, error) {
			return s.onOne(ctx, a, in.ID, nil, bad, "orgs.reopened", func() error { _, err := s.Reopen(ctx, a, in.ID); return err })
		})
}

// mergeLook is a merge as it is looked at before it is done; what is missing is
// said on the organisation's page.
type mergeLook struct {
	byIDIn
	IntoID int64  `query:"into_id" validate:"omitempty,min=1"`
	Reason string `query:"reason" validate:"omitempty,plain,max=200"`
}

func (s *Service) mergePage(ctx context.Context, a auth.Actor, in mergeLook) (web.Page, error) {
	var missing []errs.Field
	if in.IntoID == 0 {
		missing = append(missing, errs.Field{Name: "into_id", Code: "required"})
	}
	if in.Reason == "" {
		missing = append(missing, errs.Field{Name: "reason", Code: "required"})
	}
	typed := map[string]string{"reason": in.Reason}
	if len(missing) > 0 {
		return s.onePage(ctx, a, in.ID, typed, errs.ErrInvalid.At(missing...))
	}
	o, to, b, err := s.Foresee(ctx, a, in.ID, in.IntoID)
	if err != nil {
		if bad := errs.As(err); httpapi.ShownAgain(bad) && bad.Code != errs.ErrForbidden.Code {
			return s.onePage(ctx, a, in.ID, typed, bad)
		}
		return web.Page{}, err
	}
	t := words(ctx)
	return decide(web.Decision{Title: t("orgs.merge_ask", "name", o.Name, "into", to.Name), Effect: t("orgs.merge_lead"), Tone: web.ToneWarn,
		Facts: []web.Fact{{Label: t("orgs.goes"), Text: named(o)}, {Label: t("orgs.into"), Text: named(to)}, {Label: t("orgs.reason"), Text: in.Reason},
			{Label: t("orgs.hands_over"), Text: b.say(t)}},
		Action: orgPath(o.ID) + "/merge", Hidden: []web.Hidden{{Name: "into_id", Value: strconv.FormatInt(to.ID, 10)}, {Name: "reason", Value: in.Reason}},
		Button: t("orgs.merge_sure", "into", to.Name), Back: orgPath(o.ID), BackTo: t("orgs.leave")}), nil
}

func (s *Service) archivePage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	var o models.Org
	var b Belongings
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if o, err = byID(tx, in.ID, ""); err != nil {
			return err
		}
		if !a.CanAt(auth.OrgWrite, o.Path) {
			return errs.ErrForbidden
		}
		b, err = belongings(tx, o)
		return err
	})
	if err != nil {
		return web.Page{}, err
	}
	t := words(ctx)
	return decide(web.Decision{Title: t("orgs.archive_sure", "name", o.Name), Effect: t("orgs.archive_lead"), Tone: web.ToneWarn,
		Facts:  []web.Fact{{Label: t("orgs.name"), Text: named(o)}, {Label: t("orgs.has"), Text: b.say(t)}},
		Action: orgPath(o.ID) + "/archive", Button: t("orgs.archive_sure", "name", o.Name), Back: orgPath(o.ID), BackTo: t("orgs.leave")}), nil
}

func decide(d web.Decision) web.Page {
	return web.Page{Template: "org/decide", Title: "orgs.one", Layout: web.LayoutStaff, Data: d}
}

// say counts what hangs on an organisation.
func (b Belongings) say(t func(key string, pairs ...any) string) string {
	return t("orgs.belongings", "children", b.Children, "roles", b.Roles, "records", b.Records)
}

func named(o models.Org) string { return o.Name + "（" + o.Code + "）" }

func orgPath(id int64) string { return fmt.Sprintf("/orgs/%d", id) }

// words says texts in the reader's language.
func words(ctx context.Context) func(key string, pairs ...any) string {
	l := httpapi.Lang(ctx)
	return func(key string, pairs ...any) string {
		args := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			args[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return locales.T(l, key, args)
	}
}

// shut lists the closed organisations in the actor's scope.
func (s *Service) shut(ctx context.Context, a auth.Actor) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		seen := map[int64]bool{}
		for _, path := range a.Scope(auth.OrgRead) {
			rows, err := closed(tx, path)
			if err != nil {
				return err
			}
			for _, o := range rows {
				if !seen[o.ID] {
					seen[o.ID] = true
					out = append(out, o)
				}
			}
		}
		return nil
	})
	return out, err
}
