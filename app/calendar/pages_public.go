package calendar

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/web"
	"youyue/models"
)

type venueIn struct {
	ID   int64  `path:"id"`
	Date string `query:"date" validate:"max=10"`
}

type publicTake struct {
	PublicEntry
	Word string
}

type publicPlace struct {
	PublicPlace
	Takes []publicTake
}

type venueData struct {
	Venue  PublicVenue
	Mark   mark
	Days   []tab // this day and the next ones
	Prev   string
	Next   string
	Places []publicPlace
}

// venuePage is a day of a venue for residents: when each room is open and taken,
// and by nobody's name.
func (s *Service) venuePage(ctx context.Context, _ auth.Actor, in venueIn) (web.Page, error) {
	l := s.look(lookIn{View: lookDay, Date: in.Date})
	v, err := s.Venue(ctx, in.ID, l.At)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	link := func(d models.Day) string {
		return "/venues/" + strconv.FormatInt(in.ID, 10) + "/calendar?date=" + d.String()
	}
	d := venueData{Venue: v, Mark: s.marks(w, l, v.Days)[0], Prev: link(l.At.Add(-1)), Next: link(l.At.Add(1))}
	first := monday(l.At)
	for i := range 7 {
		day := first.Add(i)
		d.Days = append(d.Days, tab{link(day), w.frame.ShortDate(day.At(0, s.zone)), day == l.At})
	}
	for _, p := range v.Places {
		x := publicPlace{PublicPlace: p}
		for _, e := range p.Takes {
			word := w.t("calendar.public.taken")
			if e.Kind == "room_closure" {
				word = w.t("calendar.public.closed")
			}
			x.Takes = append(x.Takes, publicTake{e, word})
		}
		d.Places = append(d.Places, x)
	}
	return web.Page{Template: "calendar/venue", Title: "calendar.public.title", TitleArgs: map[string]any{"venue": v.Name}, Styles: []string{"calendar"}, Data: d}, nil
}
