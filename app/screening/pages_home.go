package screening

import (
	"context"
	"net/url"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// door is a large way in on the home page.
type door struct {
	Href, Icon, Title, Line string
	Count                   int
}

type homeData struct {
	Doors []door
	Next  []Card
}

// Card is a screening in a list.
type Card struct {
	Href  string
	Start models.Instant
	Title string
	Place string
	Left  *web.Chip
	Chips []web.Chip
}

const homeCards = 3

func (s *Service) homePage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	ask := Programme{Query: list.Query{PerPage: homeCards}, Open: true}
	if !a.Can(auth.BookForBranch) {
		ask.Audience = models.AudiencePublic // what this reader could book
	}
	next, err := s.Programme(ctx, ask)
	if err != nil {
		return web.Page{}, err
	}
	d := homeData{Doors: []door{
		{"/screenings", "film", w.T("home.films"), w.T("home.films_line"), 0},
		{"/rooms", "room", w.T("home.rooms"), w.T("home.rooms_line"), 0},
		{"/lectures", "service", w.T("home.lectures"), w.T("home.lectures_line"), 0},
		{"/contests", "drum", w.T("home.contests"), w.T("home.contests_line"), 0},
		{"/activities", "activity", w.T("home.activities"), w.T("home.activities_line"), 0},
	}}
	for _, v := range next.Items {
		d.Next = append(d.Next, s.Card(w, v))
	}
	if a.SignedIn() {
		mine, err := s.Bookings(ctx, a, Shelf{Query: list.Query{PerPage: 1}, When: WhenUpcoming})
		if err != nil {
			return web.Page{}, err
		}
		n := mine.Total
		for _, o := range s.others {
			more, err := o.Records(ctx, a, booking.RecordQuery{Query: list.Query{PerPage: 1}, When: string(WhenUpcoming)})
			if err != nil {
				return web.Page{}, err
			}
			n += more.Total
		}
		d.Doors = append(d.Doors, door{"/bookings", "ticket", w.T("home.bookings"), w.T("home.bookings_line"), int(n)})
	} else {
		d.Doors = append(d.Doors, door{"/me", "person", w.T("home.me"), w.T("home.me_line"), 0})
	}
	for _, x := range []struct {
		permission           auth.Permission
		href, icon, key, sub string
	}{
		{auth.BookForOthers, "/desk", "phone", "home.desk", "home.desk_line"},
		{auth.HallAsk, "/branch", "people", "home.branch", "home.branch_line"},
		{auth.HallCalendar, "/hall", "calendar", "home.hall", "home.hall_line"},
		{auth.RoomRead, "/room-desk", "queue", "home.room_desk", "home.room_desk_line"},
		{auth.HallRelease, "/cinema", "film", "home.cinema", "home.cinema_line"},
		{auth.CheckIn, "/door", "door", "home.door", "home.door_line"},
	} {
		if a.Can(x.permission) {
			d.Doors = append(d.Doors, door{x.href, x.icon, w.T(x.key), w.T(x.sub), 0})
		}
	}
	return web.Page{Template: "home/home", Title: "home.title", Data: d}, nil
}

// Card shows a screening in a list.
func (s *Service) Card(w web.Words, v Show) Card {
	c := Card{Href: showPath(v.ID), Start: v.StartsAt, Title: v.FilmTitle, Place: v.HallName + " · " + v.Venue}
	if v.Audience == models.AudienceBranches {
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.T("show.branches")})
	}
	if left := s.left(w, v); left.Text != "" {
		c.Left = &left
	}
	return c
}

// left says in a word how many places there are, or why there are none to have.
func (s *Service) left(w web.Words, v Show) web.Chip {
	now := s.db.Now()
	switch {
	case v.State == models.EventCancelled:
		return web.Chip{Tone: web.ToneOff, Text: w.T("show.cancelled")}
	case v.State == models.EventFinished || !now.Before(v.EndsAt):
		return web.Chip{Tone: web.ToneOff, Text: w.T("show.over")}
	case v.State == models.EventPlanned:
		return web.Chip{Tone: web.ToneWarn, Text: w.T("show.planned")}
	case v.BranchOrgID != nil:
		return web.Chip{Tone: web.ToneOff, Text: w.T("show.whole_hall")}
	case now.Before(v.OpensAt):
		return web.Chip{Tone: web.ToneInfo, Text: w.T("show.opens", "at", v.OpensAt)}
	case !v.Bookable(now):
		return web.Chip{Tone: web.ToneOff, Text: w.T("show.closed")}
	default:
		return web.Availability(w.Lang, v.Free(), v.ForSale)
	}
}

// day is the screenings of one day.
type programmeDay struct {
	At    models.Instant
	Cards []Card
}

type programmeData struct {
	Days  []programmeDay
	Pager web.Pager
	Ask   bool // a branch may ask for another time
	Plan  bool // may put a film on
}

const programmePerPage = 30

type listPageIn struct {
	list.Query
	For string `query:"for" validate:"max=40"` // carried on to the screening, see seatWish
}

func (s *Service) programmePage(ctx context.Context, a auth.Actor, in listPageIn) (web.Page, error) {
	q, keep := in.Query, url.Values{}
	if q.PerPage == 0 {
		q.PerPage = programmePerPage
	}
	if in.For != "" {
		keep.Set("for", in.For)
	}
	w := s.words(ctx)
	all, err := s.Programme(ctx, Programme{Query: q})
	if err != nil {
		return web.Page{}, err
	}
	d := programmeData{Pager: web.NewPager(all.Total, q, "/screenings", keep), Ask: a.Can(auth.HallAsk), Plan: a.Can(auth.ScreeningWrite)}
	last := ""
	for _, v := range all.Items {
		if day := v.StartsAt.In(s.zone).Format("2006-01-02"); day != last {
			d.Days, last = append(d.Days, programmeDay{At: v.StartsAt}), day
		}
		today := &d.Days[len(d.Days)-1]
		c := s.Card(w, v)
		if len(keep) > 0 {
			c.Href += "?" + keep.Encode()
		}
		today.Cards = append(today.Cards, c)
	}
	return web.Page{Template: "screening/list", Title: "list.title", Data: d}, nil
}
