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
}

// deskPage is where a clerk begins when somebody calls.
func (s *Service) deskPage(ctx context.Context, a auth.Actor, in deskIn) (web.Page, error) {
	found, err := s.Desk(ctx, a, in.Search)
	w := s.words(ctx)
	d := deskData{Search: in.Search}
	for _, t := range found {
		d.Found = append(d.Found, s.ticketCard(w, a, t))
	}
	return web.Page{Template: "desk/desk", Title: "desk.title", Layout: web.LayoutStaff, Data: d}, err
}
