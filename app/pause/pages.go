package pause

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
)

// Pages declares the HTML pages.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, Path, auth.SignedIn, s.listPage)
	httpapi.Moved(r, "/room-pauses", Path) // notices of before link there
	httpapi.Moved(r, "/activity-pauses", Path)
	httpapi.Form(r, Path+"/:id/appeal", auth.SignedIn, httpapi.LimitNone, s.appealForm)
	httpapi.Form(r, Path+"/:id/answer", auth.PauseAnswer, httpapi.LimitNone, s.verdictForm)
}

// card is a pause as its page shows it: one may appeal once against one's own, and who
// runs the place lifts it or keeps it.
type card struct {
	Row
	Action  string
	Appeals bool
	Decides bool
	Waits   bool // an appeal that nobody has answered
	Chip    web.Chip
}

type listData struct {
	Cards   []card
	Links   []web.Link
	Refusal string
}

func (s *Service) listPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.shown(ctx, a, nil)
}

// shown lists the pauses that count still; bad is why one could not be appealed against
// or answered.
func (s *Service) shown(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	all, err := s.List(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	t := func(key string) string { return locales.T(httpapi.Lang(ctx), key, nil) }
	var d listData
	for _, p := range all {
		c := card{Row: p, Action: Path + "/" + strconv.FormatInt(p.ID, 10), Decides: s.decides(a, p), Chip: web.Chip{Tone: web.ToneWarn, Text: t("pause.on")}}
		c.Waits = p.Appeal != "" && p.AnsweredAt.IsZero()
		c.Appeals = p.Appeal == "" && (p.Own(a) || p.keeps(a) && !c.Decides)
		switch {
		case c.Waits:
			c.Chip = web.Chip{Tone: web.ToneInfo, Text: t("pause.waits")}
		case !p.AnsweredAt.IsZero():
			c.Chip = web.Chip{Tone: web.ToneOff, Text: t("pause.kept")}
		}
		d.Cards = append(d.Cards, c)
	}
	page := web.Page{Template: "pause/list", Title: "pause.title", Styles: []string{"booking"}}
	d.Links = []web.Link{{Href: "/bookings", Icon: "ticket", Text: t("nav.bookings")}, {Href: "/signups", Icon: "activity", Text: t("activity.mine")}}
	if a.Can(auth.PauseAnswer) {
		page.Layout = web.LayoutStaff
		d.Links = []web.Link{{Href: "/room-desk", Icon: "queue", Text: t("room.desk_title")}, {Href: "/activities", Icon: "activity", Text: t("nav.activities")}}
	}
	if bad != nil {
		d.Refusal, page.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	page.Data = d
	return page, nil
}

// done answers what was done about a pause.
func (s *Service) done(ctx context.Context, a auth.Actor, flash string, bad *errs.Error) (httpapi.Answer, error) {
	switch {
	case bad == nil:
		return httpapi.SeeOther(Path, flash, nil), nil
	case !httpapi.ShownAgain(bad):
		return httpapi.Answer{}, bad
	}
	page, err := s.shown(ctx, a, bad)
	return httpapi.Show(page), err
}

type appealEntry struct {
	byID
	Why string `form:"why" validate:"required,plain,max=500"`
}

func (s *Service) appealForm(ctx context.Context, a auth.Actor, in appealEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.Appeal(ctx, a, in.ID, in.Why); err != nil {
			bad = errs.As(err)
		}
	}
	return s.done(ctx, a, "pause.appealed", bad)
}

type verdictEntry struct {
	byID
	Verdict Verdict `form:"verdict" validate:"required,oneof=lift keep"`
	Words   string  `form:"words" validate:"omitempty,plain,max=500"`
}

func (s *Service) verdictForm(ctx context.Context, a auth.Actor, in verdictEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.Answer(ctx, a, in.ID, in.Verdict, in.Words); err != nil {
			bad = errs.As(err)
		}
	}
	flash := "pause.kept_done"
	if in.Verdict == Lift {
		flash = "pause.lifted"
	}
	return s.done(ctx, a, flash, bad)
}
