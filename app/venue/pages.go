package venue

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the pages of the halls and their plans.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/halls", auth.HallCalendar, s.hallsPage)
	httpapi.Page(r, "/halls/:id", auth.HallCalendar, s.hallPage)
	httpapi.Page(r, "/halls/:id/plan", auth.PlanWrite, s.planPage)
	httpapi.Form(r, "/halls/:id/plan", auth.PlanWrite, httpapi.LimitNone, s.planForm)
	httpapi.Form(r, "/halls/:id/plan/import", auth.PlanWrite, httpapi.LimitNone, s.importForm)
	httpapi.PageFile(r, "/halls/:id/plan/pretix.json", auth.HallCalendar,
		func(ctx context.Context, _ auth.Actor, in byID) (httpapi.Blob, error) {
			return s.pretixFile(ctx, in.ID)
		})
}

// texts says something in the reader's language: a key, then name, value …
func texts(ctx context.Context) func(key string, pairs ...any) string {
	return func(key string, pairs ...any) string {
		args := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i].(string)] = pairs[i+1]
		}
		return locales.T(httpapi.Lang(ctx), key, args)
	}
}

func hallPath(id int64) string { return "/halls/" + strconv.FormatInt(id, 10) }

func (s *Service) hallsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	all, err := s.List(ctx)
	if err != nil {
		return web.Page{}, err
	}
	t := texts(ctx)
	table := web.Table{Caption: t("halls.caption"), Columns: []string{t("halls.name"), t("halls.venue"), t("halls.address"), t("halls.code")},
		Empty: &web.Empty{Icon: "seat", Title: t("halls.none"), Text: t("halls.none_text")}}
	for _, h := range all {
		if a.CanAt(auth.HallCalendar, h.OrgPath) {
			table.Rows = append(table.Rows, web.Row{Href: hallPath(h.ID), Cells: []web.Cell{{Text: h.Name}, {Text: h.Venue}, {Text: h.Address}, {Text: h.Code}}})
		}
	}
	return web.Page{Template: "venue/list", Title: "halls.title", Layout: web.LayoutStaff, Data: table}, nil
}

type hallData struct {
	Hall     Hall
	Facts    []web.Fact
	Map      web.SeatMap
	Outages  []models.SeatOutage
	Versions []PlanHead
	OnOld    []Remaining
	Edits    bool
}

func (s *Service) hallPage(ctx context.Context, a auth.Actor, in byID) (web.Page, error) {
	v, err := s.Current(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !a.CanAt(auth.HallCalendar, v.Hall.OrgPath) {
		return web.Page{}, errs.ErrForbidden
	}
	d := hallData{Hall: v.Hall, Edits: a.CanAt(auth.PlanWrite, v.Hall.OrgPath)}
	t := texts(ctx)
	counts := map[models.SeatKind]int{}
	for _, x := range v.Plan.Seats {
		counts[x.Kind]++
	}
	d.Facts = []web.Fact{{Label: t("halls.venue"), Text: v.Hall.Venue}, {Label: t("halls.address"), Text: v.Hall.Address}, {Label: t("halls.code"), Text: v.Hall.Code},
		{Label: t("halls.seats"), Text: t("halls.seats_of", "n", v.Plan.ForSale(), "w", counts[models.SeatWheelchair], "c", counts[models.SeatCompanion], "x", counts[models.SeatNotForSale])},
		{Label: t("halls.version"), Text: t("halls.version_of", "n", v.Plan.Version)}}
	if v.Hall.Phone != "" {
		d.Facts = append(d.Facts, web.Fact{Label: t("halls.phone"), Text: v.Hall.Phone, Href: "tel:" + v.Hall.Phone})
	}
	if d.Versions, err = s.Versions(ctx, in.ID); err != nil {
		return web.Page{}, err
	}
	if d.OnOld, err = s.OnOldPlans(ctx, in.ID); err != nil {
		return web.Page{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { d.Outages, err = Outages(tx, in.ID); return err })
	if err != nil {
		return web.Page{}, err
	}
	d.Map, err = web.NewSeatMap(v.Plan, states(v.Plan, d.Outages, s.db.Now()), web.SeatMapOptions{Mode: web.SeatsShow})
	return web.Page{Template: "venue/hall", Title: "halls.of", TitleArgs: map[string]any{"name": v.Hall.Name}, Layout: web.LayoutStaff,
		Styles: []string{"seatmap", "venue"}, Data: &d}, err
}

// states are the letters of a hall on a day without an event: what is never
// sold and what is out of order now is blocked.
func states(p *models.SeatPlan, outages []models.SeatOutage, now models.Instant) string {
	off := map[string]bool{}
	for _, o := range outages {
		if !o.StartsAt.After(now) {
			off[o.Label()] = true
		}
	}
	out := make([]byte, len(p.Seats))
	for i, seat := range p.Seats {
		out[i] = byte(models.SeatFree)
		if seat.Kind == models.SeatNotForSale || off[seat.Label()] {
			out[i] = byte(models.SeatBlocked)
		}
	}
	return string(out)
}
