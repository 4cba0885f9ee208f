package calendar

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the calendar in its four looks, on paper and as a workbook; the
// moving of what is on it; and the calendars by secret link.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/calendar", auth.CalendarRead, s.calendarPage)
	httpapi.PageFile(r, "/calendar.xlsx", auth.CalendarRead, s.calendarFile)
	httpapi.Page(r, "/calendar/sheet", auth.CalendarRead, s.sheetPage)
	httpapi.Page(r, "/venues/:id/calendar", auth.Public, s.venuePage)
	httpapi.Page(r, "/calendar/move/:kind/:id", auth.CalendarMove, s.movePage)
	httpapi.Form(r, "/calendar/move/:kind/:id", auth.CalendarMove, httpapi.LimitNone, s.moveForm)
	httpapi.Page(r, "/calendar/feeds", auth.SignedIn, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return s.feedsPage(ctx, a, nil)
	})
	httpapi.Form(r, "/calendar/feeds", auth.SignedIn, httpapi.LimitNone, s.subscribeForm)
	httpapi.Form(r, "/calendar/feeds/:id/revoke", auth.SignedIn, httpapi.LimitNone, s.revokeForm)
	httpapi.PageFile(r, "/calendar/:secret", auth.Public, s.feedFile)
}

// The looks of the calendar.
const (
	lookDay      = "day"
	lookWeek     = "week"
	lookMonth    = "month"
	lookTimeline = "timeline"
)

type lookIn struct {
	View  string   `query:"view" validate:"omitempty,oneof=day week month timeline"`
	Date  string   `query:"date" validate:"max=10"`  // any day of it
	Month string   `query:"month" validate:"max=10"` // 2026-12, short for the month's look
	Place int64    `query:"place"`
	Org   int64    `query:"org"`
	Venue string   `query:"venue" validate:"max=100"`
	Kind  string   `query:"kind" validate:"max=40"`
	State Standing `query:"state" validate:"omitempty,oneof=firm pending queued over"`
	Moved string   `query:"moved" validate:"max=120"` // what was moved a moment ago
}

// look is what is looked at: the days from First on, and how.
type look struct {
	lookIn
	At    models.Day // the day asked for
	First models.Day
	Days  int
}

// look reads what was asked for: no view is the timeline, no date is today.
func (s *Service) look(in lookIn) look {
	l := look{lookIn: in, At: models.DayOf(s.db.Now(), s.zone), Days: 1}
	if d, err := models.ParseDay(in.Date); err == nil {
		l.At = d
	}
	if len(in.Month) >= len("2006-01") {
		if d, err := models.ParseDay(in.Month[:7] + "-01"); err == nil {
			l.At = d
		}
		if l.View == "" {
			l.View = lookMonth
		}
	}
	switch l.First = l.At; l.View {
	case lookWeek:
		l.First, l.Days = monday(l.At), 7
	case lookMonth:
		first := models.Day{Year: l.At.Year, Month: l.At.Month, Day: 1}
		l.First = monday(first)
		for l.Days = 0; l.First.Add(l.Days).Before(next(first)); {
			l.Days += 7
		}
	case "":
		l.View = lookTimeline
	}
	return l
}

// monday is the first day of the week of a date.
func monday(d models.Day) models.Day { return d.Add(-(int(d.Weekday()) + 6) % 7) }

// next is the first day of the month after a date's.
func next(d models.Day) models.Day {
	y, m, day := time.Date(d.Year, d.Month+1, 1, 0, 0, 0, 0, time.UTC).Date()
	return models.Day{Year: y, Month: m, Day: day}
}

func (l look) wish(zone *time.Location) Wish {
	return Wish{Span: models.Span{Start: l.First.At(0, zone), End: l.First.Add(l.Days).At(0, zone)},
		Resource: l.Place, Org: l.Org, Venue: l.Venue, Kind: l.Kind, Stands: l.State}
}

// link is the address of a look at a day, with the filters as they are.
func (l look) link(path, view string, d models.Day) string {
	q := url.Values{"view": {view}, "date": {d.String()}}
	for name, v := range map[string]string{"place": id(l.Place), "org": id(l.Org), "venue": l.Venue, "kind": l.Kind, "state": string(l.State)} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return path + "?" + q.Encode()
}

// api is the address of the same as JSON.
func (l look) api(sp models.Span) string {
	q := url.Values{"from": {sp.Start.Time().Format(time.RFC3339)}, "to": {sp.End.Time().Format(time.RFC3339)}}
	for name, v := range map[string]string{"resource": id(l.Place), "org": id(l.Org), "venue": l.Venue, "kind": l.Kind, "state": string(l.State)} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return "/api/v1/calendar?" + q.Encode()
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// step is the day one look before or after.
func (l look) step(n int) models.Day {
	switch l.View {
	case lookWeek:
		return l.First.Add(7 * n)
	case lookMonth:
		y, m, d := time.Date(l.At.Year, l.At.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC).Date()
		return models.Day{Year: y, Month: m, Day: d}
	}
	return l.At.Add(n)
}

// words says things in the reader's language.
type words struct{ frame *web.Frame }

func (s *Service) words(ctx context.Context) words {
	return words{&web.Frame{Lang: httpapi.Lang(ctx), Zone: s.zone, Now: s.db.Now()}}
}

func (w words) t(key string, pairs ...any) string { return web.Words{Frame: w.frame}.T(key, pairs...) }

func (w words) kind(kind string) string {
	if key := "calendar.kind." + kind; locales.Has(w.frame.Lang, key) {
		return w.t(key)
	}
	return w.t("calendar.kind.other")
}

// item is an entry in words, with its links.
type item struct {
	Entry
	Place string
	Name  string // what, or the word for its kind
	Word  string // of its kind
	State string // in words, "" when it is settled
	Tone  string // the class of its kind
	Move  string // address of the dialog that moves it, "" when it stays
	How   string // address of the dialog that says what to do instead
}

func (w words) item(e Entry, places map[int64]Place) item {
	x := item{Entry: e, Place: places[e.PlaceID].Title(), Name: e.Title, Word: w.kind(e.Kind), Tone: e.Kind}
	if x.Name == "" {
		x.Name = x.Word
	}
	if e.Stands != Firm {
		x.State = w.t("calendar.state." + string(e.Stands))
	}
	if e.Movable {
		x.Move = movePath(e)
	} else if e.Stands == Firm || e.Stands == Pending {
		x.How = movePath(e)
	}
	return x
}

// movePath is the dialog that moves an entry.
func movePath(e Entry) string {
	return "/calendar/move/" + e.Kind + "/" + strconv.FormatInt(e.ID, 10) + "?place=" + strconv.FormatInt(e.PlaceID, 10)
}

// mark is a day with what the calendars say of it.
type mark struct {
	At     models.Instant
	Date   string
	Number int
	Note   web.DayNote
	Today  bool
	Inside bool // of the month looked at
	Href   string
}

func (s *Service) marks(w words, l look, days models.WorkCalendar) []mark {
	out := make([]mark, l.Days)
	today := models.DayOf(s.db.Now(), s.zone)
	for i := range out {
		d := l.First.Add(i)
		out[i] = mark{At: d.At(0, s.zone), Date: d.String(), Number: d.Day, Note: web.NewDayNote(w.frame.Lang, d, days), Today: d == today,
			Inside: d.Month == l.At.Month, Href: l.link("/calendar", lookTimeline, d)}
		if w.frame.Lang == locales.ZhCN { // the whole lunar date, and the festival with it
			out[i].Note.Hint = strings.TrimSpace(web.Festival(w.frame.Lang, d) + " " + web.Lunar(d))
		}
	}
	return out
}

// option is one choice of a filter.
type option struct {
	Value, Label string
	On           bool
}

// filter is one menu of the filters.
type filter struct {
	Name, Label string
	Options     []option
}

func (s *Service) filters(w words, l look, all []Place) []filter {
	orgs, venues, places := []option{}, []option{}, []option{}
	add := func(to *[]option, o option) {
		if !slices.ContainsFunc(*to, func(x option) bool { return x.Value == o.Value }) {
			*to = append(*to, o)
		}
	}
	for _, p := range all {
		add(&orgs, option{id(p.OrgID), p.Org, p.OrgID == l.Org})
		add(&venues, option{p.Venue, p.Venue, p.Venue == l.Venue})
		if l.Venue == "" || p.Venue == l.Venue {
			add(&places, option{id(p.ID), p.Title(), p.ID == l.Place})
		}
	}
	kinds, states := []option{}, []option{}
	for k := range s.kinds {
		add(&kinds, option{k, w.kind(k), k == l.Kind})
	}
	slices.SortFunc(kinds, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	for _, k := range Standings() {
		add(&states, option{string(k), w.t("calendar.state." + string(k)), k == l.State})
	}
	return []filter{{"venue", w.t("calendar.venue"), venues}, {"place", w.t("calendar.place"), places}, {"org", w.t("calendar.org"), orgs},
		{"kind", w.t("calendar.kind"), kinds}, {"state", w.t("calendar.state"), states}}
}

// tab leads to another look at the same day.
type tab struct {
	Href, Text string
	On         bool
}

// board is what every look has.
type board struct {
	Look      look
	Heading   string
	Unknown   string // years whose holidays are not yet published
	Tabs      []tab
	Filters   []filter
	Narrowed  bool
	Prev      string
	Next      string
	Today     string
	File      string
	Paper     string
	Empty     bool // nothing can be seen
	Count     int
	Marks     []mark
	Undo      *web.Undo
	Moves     bool
	ByID      map[int64]Place
	Items     []item
	PlaceList []Place
}

func (s *Service) board(w words, a auth.Actor, l look, v View) board {
	b := board{Look: l, Filters: s.filters(w, l, v.All), Empty: len(v.All) == 0, Moves: a.Can(auth.CalendarMove), PlaceList: v.Places, ByID: map[int64]Place{},
		Narrowed: l.Place != 0 || l.Org != 0 || l.Venue != "" || l.Kind != "" || l.State != "",
		Prev:     l.link("/calendar", l.View, l.step(-1)), Next: l.link("/calendar", l.View, l.step(1)),
		Today: l.link("/calendar", l.View, models.DayOf(s.db.Now(), s.zone)), File: l.link("/calendar.xlsx", l.View, l.At),
		Paper: l.link("/calendar/sheet", l.View, l.At), Marks: s.marks(w, l, v.Days)}
	if b.Moves {
		b.Undo = s.undo(w, l.Moved)
	}
	for _, view := range []string{lookTimeline, lookDay, lookWeek, lookMonth} {
		b.Tabs = append(b.Tabs, tab{l.link("/calendar", view, l.At), w.t("calendar.view." + view), view == l.View})
	}
	b.Heading = w.heading(l, s.zone)
	for _, d := range []models.Day{l.First, l.First.Add(l.Days - 1)} {
		if !v.Days.Years[d.Year] && !strings.Contains(b.Unknown, strconv.Itoa(d.Year)) {
			b.Unknown = strings.TrimLeft(b.Unknown+"、"+strconv.Itoa(d.Year), "、")
		}
	}
	for _, p := range v.All {
		b.ByID[p.ID] = p
	}
	for _, e := range v.Entries {
		b.Items = append(b.Items, w.item(e, b.ByID))
	}
	b.Count = len(b.Items)
	return b
}

// heading names the days looked at.
func (w words) heading(l look, zone *time.Location) string {
	switch l.View {
	case lookWeek:
		return w.t("calendar.days", "from", w.frame.Date(l.First.At(0, zone)), "to", w.frame.Date(l.First.Add(6).At(0, zone)))
	case lookMonth:
		return w.frame.Month(l.At.At(0, zone))
	}
	return w.frame.FullDate(l.At.At(0, zone))
}

func (s *Service) calendarPage(ctx context.Context, a auth.Actor, in lookIn) (web.Page, error) {
	l := s.look(in)
	v, err := s.Look(ctx, a, l.wish(s.zone))
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	b := s.board(w, a, l, v)
	p := web.Page{Template: "calendar/" + l.View, Title: "calendar.title", Layout: web.LayoutStaff, Styles: []string{"calendar"}, Scripts: []string{"undo"}}
	switch l.View {
	case lookMonth:
		p.Data = s.month(b)
	case lookWeek:
		p.Data = s.week(b)
	case lookDay:
		p.Data = b
	default:
		p.Data, p.Scripts = s.timeline(b), append(p.Scripts, "timeline")
	}
	return p, nil
}
