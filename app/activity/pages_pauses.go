package activity

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// fairPages declares what follows when people do not come, and the visits at home.
func (s *Service) fairPages(r *httpapi.Router) {
	httpapi.Page(r, pausesPath, auth.SignedIn, s.pausesPage)
	httpapi.Form(r, pausesPath+"/:id/appeal", auth.SignedIn, httpapi.LimitNone, s.appealForm)
	httpapi.Form(r, pausesPath+"/:id/answer", auth.ActivityWrite, httpapi.LimitNone, s.verdictForm)
	httpapi.Page(r, visitsPath, auth.SignedIn, s.visitsPage)
}

type pauseCard struct {
	Pause
	Own, May bool
}

type pausesData struct {
	Cards   []pauseCard
	Refusal string
}

func (s *Service) pausesPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.pausesShown(ctx, a, nil)
}

func (s *Service) pausesShown(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	all, err := s.Pauses(ctx, a)
	var d pausesData
	for _, p := range all {
		d.Cards = append(d.Cards, pauseCard{p, p.own(a) || a.CanAt(auth.BookForOthers, p.OrgPath), a.CanAt(auth.ActivityWrite, p.OrgPath)})
	}
	p := web.Page{Template: "activity/pauses", Title: "activity.pauses", Styles: []string{"booking", "activity"}}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, err
}

type appealFormIn struct {
	pathID
	Why string `form:"why" validate:"required,plain,max=500"`
}

func (s *Service) appealForm(ctx context.Context, a auth.Actor, in appealFormIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	if bad == nil {
		_, err = s.Appeal(ctx, a, in.ID, in.Why)
	}
	return s.afterPause(ctx, a, "activity.appealed", bad, err)
}

type verdictFormIn struct {
	pathID
	Verdict Verdict `form:"verdict" validate:"required,oneof=lift keep"`
	Words   string  `form:"words" validate:"omitempty,plain,max=500"`
}

func (s *Service) verdictForm(ctx context.Context, a auth.Actor, in verdictFormIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	if bad == nil {
		_, err = s.Judge(ctx, a, in.ID, in.Verdict, in.Words)
	}
	return s.afterPause(ctx, a, "activity.judged", bad, err)
}

func (s *Service) afterPause(ctx context.Context, a auth.Actor, flash string, bad *errs.Error, err error) (httpapi.Answer, error) {
	if err != nil {
		bad = errs.As(err)
	}
	if bad == nil {
		return httpapi.SeeOther(pausesPath, flash, nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.pausesShown(ctx, a, bad)
	return httpapi.Show(page), err
}

type visitCard struct {
	Visit
	Facts []web.Fact
}

// visitsPage is where somebody who goes to people's homes reads where to, on the day.
func (s *Service) visitsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.Visits(ctx, a)
	cards := make([]visitCard, len(all))
	for i, v := range all {
		address := v.Address
		if address == "" {
			address = w.t("visit.on_the_day")
		}
		cards[i] = visitCard{v, []web.Fact{{Label: w.t("fact.time"), Text: w.frame.DateTime(v.StartsAt)}, {Label: w.t("activity.party"), Text: w.t("activity.n_people", "n", v.Party)},
			{Label: w.t("visit.where"), Text: address}, {Label: w.t("visit.with"), Text: orElse(v.together(), w.t("visit.nobody"))}}}
	}
	return web.Page{Template: "activity/visits", Title: "visit.title", Styles: []string{"booking", "activity"}, Data: cards}, err
}
