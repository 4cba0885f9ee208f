package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/web"
)

type deskIn struct {
	Search string `query:"q" validate:"max=50"`
}

type deskData struct {
	Search string
	Found  []ticketCard
	People []knownCard
}

// knownCard is a caller known to the desk, with the way to book again.
type knownCard struct {
	Name, Phone, Href, Link string
}

// deskPage is where a clerk begins when somebody calls.
func (s *Service) deskPage(ctx context.Context, a auth.Actor, in deskIn) (web.Page, error) {
	found, err := s.Desk(ctx, a, in.Search)
	w := s.words(ctx)
	d := deskData{Search: in.Search}
	for _, t := range found {
		d.Found = append(d.Found, s.ticketCard(w, a, t))
	}
	if err != nil {
		return web.Page{}, err
	}
	known, err := s.Callers(ctx, a, in.Search)
	for _, p := range known {
		c := knownCard{Name: p.Name, Phone: w.t("desk.no_phone"), Href: "/screenings?for=" + callerChoice(p.ID), Link: w.t("desk.book_for", "name", p.Name)}
		if p.PhoneTail != "" {
			c.Phone = w.t("desk.tail", "digits", p.PhoneTail)
		}
		d.People = append(d.People, c)
	}
	return web.Page{Template: "desk/desk", Title: "desk.title", Layout: web.LayoutStaff, Data: d}, err
}
