package activity

import (
	"context"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/web"
)

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
