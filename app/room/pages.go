package room

import (
	"context"
	"net/url"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of residents and of the desk.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/rooms", auth.Public, s.listPage)
	httpapi.Page(r, "/rooms/find", auth.Public, s.findPage)
	httpapi.Page(r, "/rooms/:id", auth.Public, s.roomPage)
	httpapi.Page(r, "/rooms/:id/book", auth.SignedIn, s.bookPage)
	httpapi.Form(r, "/rooms/:id/book", auth.SignedIn, httpapi.LimitBooking, s.bookForm)
	httpapi.Page(r, "/room-bookings/:id", auth.SignedIn, s.bookingPage)
	httpapi.Form(r, "/room-bookings/:id/accept", auth.SignedIn, httpapi.LimitNone, s.acceptForm)
	httpapi.Page(r, "/room-bookings/:id/cancel", auth.SignedIn, s.cancelPage)
	httpapi.Form(r, "/room-bookings/:id/cancel", auth.SignedIn, httpapi.LimitNone, s.cancelForm)
	httpapi.Page(r, "/room-bookings/:id/move", auth.SignedIn, s.movePage)
	httpapi.Form(r, "/room-bookings/:id/move", auth.SignedIn, httpapi.LimitBooking, s.moveForm)
	s.deskPages(r)
	s.askPages(r)
	s.nowPages(r)
	s.closurePages(r)
	s.venuePages(r)
}

// words is how pages say something in the reader's language.
type words struct{ frame *web.Frame }

func (s *Service) words(ctx context.Context) words {
	return words{&web.Frame{Lang: httpapi.Lang(ctx), Zone: s.zone, Now: s.db.Now()}}
}

// t is the text of key, with name, value, name, value … in its placeholders; instants
// are written as date and time.
func (w words) t(key string, pairs ...any) string { return web.Words{Frame: w.frame}.T(key, pairs...) }

// span is a time in words: 11月25日（周三）9:00–10:00.
func (w words) span(sp models.Span) string { return w.frame.FullSpan(sp.Start, sp.End) }

type roomCard struct {
	Href  string
	Title string
	Place string
	Chips []web.Chip
}

type listPageIn struct {
	list.Query
	Search   string              `query:"q" validate:"max=50"`
	Use      string              `query:"use" validate:"max=40"`
	Audience models.RoomAudience `query:"audience" validate:"omitempty,oneof=all elderly children"`
	For      string              `query:"for" validate:"max=40"` // carried on to the booking
}

type useLink struct {
	Href string
	Text string
	On   bool
}

type listData struct {
	In     listPageIn
	Uses   []useLink
	Venues []venueCards
	Found  int
}

type venueCards struct {
	Name    string
	Address string
	Cards   []roomCard
}

func (s *Service) listPage(ctx context.Context, _ auth.Actor, in listPageIn) (web.Page, error) {
	all, err := s.Rooms(ctx, Filter{Use: in.Use, Audience: in.Audience, Query: in.Search, Kind: models.RoomWhole})
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := listData{In: in, Found: len(all), Uses: w.uses(in)}
	for _, r := range all {
		if n := len(d.Venues); n == 0 || d.Venues[n-1].Name != r.Venue {
			d.Venues = append(d.Venues, venueCards{Name: r.Venue, Address: r.Address})
		}
		at := &d.Venues[len(d.Venues)-1]
		at.Cards = append(at.Cards, w.card(r, in.For))
	}
	return web.Page{Template: "room/list", Title: "room.list_title", Styles: []string{"booking", "room"}, Data: d}, nil
}

// uses are the kinds of use to choose among, and all of them.
func (w words) uses(in listPageIn) []useLink {
	link := func(use, text string) useLink {
		q := url.Values{}
		for k, v := range map[string]string{"use": use, "q": in.Search, "for": in.For} {
			if v != "" {
				q.Set(k, v)
			}
		}
		return useLink{"/rooms?" + q.Encode(), text, in.Use == use}
	}
	out := []useLink{link("", w.t("room.use_all"))}
	for _, u := range models.RoomUses() {
		if u != "equipment" {
			out = append(out, link(u, w.t("room.use."+u)))
		}
	}
	return out
}

func (w words) card(r Room, forWhom string) roomCard {
	return roomCard{Href: withFor(roomPath(r.ID), forWhom), Title: r.Title(), Place: w.t("room.holds", "n", r.Capacity), Chips: w.chips(r)}
}

// withFor carries on for whom a booking is.
func withFor(path, forWhom string) string {
	if forWhom == "" {
		return path
	}
	return path + "?" + url.Values{"for": {forWhom}}.Encode()
}

func (w words) chips(r Room) []web.Chip {
	var out []web.Chip
	if r.Units > 0 {
		out = append(out, web.Chip{Tone: web.ToneInfo, Text: w.t("room.tables_n", "n", r.Units)})
	}
	if r.Audience != models.RoomForAll {
		out = append(out, web.Chip{Tone: web.ToneInfo, Text: w.t("room.audience." + string(r.Audience))})
	}
	if r.Accessible {
		out = append(out, web.Chip{Tone: web.ToneOK, Text: w.t("room.accessible")})
	}
	if r.OwnerID != nil {
		out = append(out, web.Chip{Tone: web.ToneWarn, Text: w.t("room.owned")})
	}
	return out
}

type roomPageIn struct {
	byIDIn
	Day     string `query:"day" validate:"max=10"`
	Minutes int    `query:"minutes" validate:"min=0,max=1440"`
	For     string `query:"for" validate:"max=40"`
}

type slotLink struct {
	Start models.Instant
	End   models.Instant
	Href  string
}

type dayLink struct {
	At   models.Instant
	Href string
	On   bool
	Note string // 休, 班
}

type roomData struct {
	Room    Detail
	Chips   []web.Chip
	Facts   []web.Fact
	Tables  []useLink
	Lengths []useLink
	Days    []dayLink
	Day     models.Instant
	Date    string
	Known   bool
	Hours   string
	Slots   []slotLink
	Waiting []Slot // held until somebody decides
	Free    web.Link
	Rule    string
}

// daysShown is how many days the strip of a room page has.
const daysShown = 14

func (s *Service) roomPage(ctx context.Context, _ auth.Actor, in roomPageIn) (web.Page, error) {
	d, err := s.Detail(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	today := models.DayOf(s.db.Now(), s.zone)
	day, err := s.day("day", in.Day, today)
	if err != nil || day.Before(today) {
		day = today
	}
	w := s.words(ctx)
	out := roomData{Room: d, Chips: w.chips(d.Room), Facts: w.roomFacts(d.Room), Day: day.At(0, s.zone), Date: day.String(), Rule: w.rule(d.Rules[0])}
	minutes := in.Minutes
	if minutes == 0 {
		minutes = max(d.SlotMin, 0)
	}
	if minutes == 0 {
		minutes = usualSlot
	}
	out.Lengths = w.lengths(d, in, minutes, day)
	out.Tables, err = s.tables(ctx, w, d, in, day)
	if err != nil {
		return web.Page{}, err
	}
	slots, plan, err := s.FreeTimes(ctx, in.ID, day, minutes)
	if err != nil {
		return web.Page{}, err
	}
	for _, sl := range slots {
		out.Slots = append(out.Slots, slotLink{sl.Start, sl.End, bookHref(in.ID, sl, in.For)})
	}
	for _, b := range plan.Busy {
		if b.Waits {
			out.Waiting = append(out.Waiting, Slot{b.Start, b.End})
		}
	}
	open := make([]models.Span, len(plan.Open))
	for i, o := range plan.Open {
		open[i] = models.Span(o)
	}
	out.Known, out.Hours = plan.Known, clock(open, s.zone)
	if out.Days, err = s.strip(ctx, w, in, today, day); err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "room/show", Title: "room.title", TitleArgs: map[string]any{"room": d.Title()}, Styles: []string{"booking", "room"}, Data: out}, nil
}

func bookHref(id int64, sl Slot, forWhom string) string {
	q := url.Values{"start": {sl.Start.String()}, "end": {sl.End.String()}}
	if forWhom != "" {
		q.Set("for", forWhom)
	}
	return roomPath(id) + "/book?" + q.Encode()
}

func dayHref(in roomPageIn, id int64, day models.Day, minutes int) string {
	q := url.Values{"day": {day.String()}}
	if minutes > 0 {
		q.Set("minutes", strconv.Itoa(minutes))
	}
	if in.For != "" {
		q.Set("for", in.For)
	}
	return roomPath(id) + "?" + q.Encode()
}

// lengths are the lengths of stay to choose among.
func (w words) lengths(d Detail, in roomPageIn, now int, day models.Day) []useLink {
	step := max(d.SlotMin, 30)
	var out []useLink
	for n := step; n <= d.Rules[0].LongestMin && len(out) < 6; n += step {
		out = append(out, useLink{dayHref(in, d.ID, day, n), w.t("room.minutes", "n", n), n == now})
	}
	return out
}

// tables leads from a room to its tables and back.
func (s *Service) tables(ctx context.Context, w words, d Detail, in roomPageIn, day models.Day) ([]useLink, error) {
	whole := d
	if d.WholeID != nil {
		var err error
		if whole, err = s.Detail(ctx, *d.WholeID); err != nil {
			return nil, err
		}
	}
	if len(whole.Tables) == 0 {
		return nil, nil
	}
	out := []useLink{{dayHref(in, whole.ID, day, 0), w.t("room.whole"), d.ID == whole.ID}}
	for _, t := range whole.Tables {
		out = append(out, useLink{dayHref(in, t.ID, day, 0), t.Name, d.ID == t.ID})
	}
	return out, nil
}

// strip is the days to choose among, with what the calendar says of each.
func (s *Service) strip(ctx context.Context, w words, in roomPageIn, today, day models.Day) ([]dayLink, error) {
	plans, err := s.Availability(ctx, in.ID, today, today.Add(daysShown-1))
	if err != nil {
		return nil, err
	}
	var out []dayLink
	for _, p := range plans.Days {
		l := dayLink{At: p.Day.At(0, s.zone), Href: dayHref(in, in.ID, p.Day, in.Minutes), On: p.Day == day}
		switch p.Kind {
		case models.DayHoliday:
			l.Note = w.t("room.day_off")
		case models.DayMakeup:
			l.Note = w.t("room.day_worked")
		case models.DayWork, models.DayRest:
		}
		if len(p.Slots) == 0 {
			l.Note += w.t("room.day_full")
		}
		out = append(out, l)
	}
	return out, nil
}

func (w words) roomFacts(r Room) []web.Fact {
	facts := []web.Fact{{Label: w.t("room.venue"), Text: r.Venue}, {Label: w.t("fact.address"), Text: r.Address}}
	for _, x := range []struct{ key, text string }{{"room.floor", r.Floor}, {"fact.route", r.Route}, {"room.access", r.AccessNote}, {"room.contact", r.Contact}, {"room.phone", r.Phone}} {
		if x.text != "" {
			facts = append(facts, web.Fact{Label: w.t(x.key), Text: x.text})
		}
	}
	return append(facts, web.Fact{Label: w.t("room.capacity"), Text: w.t("room.holds", "n", r.Capacity)})
}

// rule says what a resident may book, in a sentence.
func (w words) rule(r models.RoomRule) string {
	text := w.t("room.rule", "days", r.AheadDays, "minutes", r.LongestMin)
	if r.PerWeek > 0 {
		text += w.t("room.rule_week", "n", r.PerWeek)
	}
	if r.GraceMin > 0 {
		text += w.t("room.rule_grace", "n", r.GraceMin)
	}
	return text
}

// shownAgain reports whether a refusal belongs on the form's own page.
func shownAgain(bad *errs.Error) bool {
	return httpapi.ShownAgain(bad) && bad.Code != booking.ErrDeskOnly.Code
}
