package calendar

import (
	"context"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
)

// calendarFile is what is looked at as a workbook, a line an entry.
func (s *Service) calendarFile(ctx context.Context, a auth.Actor, in lookIn) (httpapi.Blob, error) {
	l := s.look(in)
	wish := l.wish(s.zone)
	if l.View == lookMonth { // the month alone, not the weeks around it
		first := l.At.Add(1 - l.At.Day)
		wish.Span.Start, wish.Span.End = first.At(0, s.zone), next(first).At(0, s.zone)
	}
	v, err := s.Look(ctx, a, wish)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	places := map[int64]Place{}
	for _, p := range v.Places {
		places[p.ID] = p
	}
	name := w.t("calendar.title") + " " + w.heading(l, s.zone)
	if l.Place != 0 {
		name = places[l.Place].Title() + " " + w.heading(l, s.zone)
	}
	out := sheet.Sheet{Name: l.First.String(), Title: name, Wide: []int{12, 8, 8, 8, 12, 24, 28, 8, 20, 24, 8}}
	for _, key := range []string{"date", "weekday", "from", "to", "kind", "what", "who", "count", "place", "venue", "state"} {
		out.Head = append(out.Head, w.t("calendar."+key))
	}
	for _, e := range v.Entries {
		from, p := e.Span.Start.In(s.zone), places[e.PlaceID]
		out.Rows = append(out.Rows, []any{from.Format(time.DateOnly), w.t("calendar.day." + strconv.Itoa(int(from.Weekday()))), from.Format("15:04"),
			e.Span.End.In(s.zone).Format("15:04"), w.kind(e.Kind), e.Title, e.Who, e.Taken, p.Title(), p.Venue, w.t("calendar.state." + string(e.Stands))})
	}
	body, err := sheet.Write(out)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: name + ".xlsx"}, err
}

// paperDay is a day on paper.
type paperDay struct {
	mark
	Groups []group[paperRow]
	Count  int
}

type paperRow struct {
	Place Place
	Items []item
}

type paperData struct {
	board
	Door bool // one room alone: its door sheet names nobody
	Room Place
	Days []paperDay
}

// sheetPage is a day or a week on A4; of one room, the sheet for its door.
func (s *Service) sheetPage(ctx context.Context, a auth.Actor, in lookIn) (web.Page, error) {
	l := s.look(in)
	if l.View != lookDay && l.View != lookTimeline || l.Place != 0 { // a month and a door go by weeks
		l.View = lookWeek
		l.First, l.Days = monday(l.At), 7
	}
	v, err := s.Look(ctx, a, l.wish(s.zone))
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := paperData{board: s.board(w, a, l, v), Door: l.Place != 0}
	d.Room = d.ByID[l.Place]
	for _, m := range d.Marks {
		day := paperDay{mark: m}
		of := map[int64][]item{}
		for _, x := range s.on(m, d.Items) {
			of[x.PlaceID] = append(of[x.PlaceID], x)
			day.Count++
		}
		var busy []Place
		for _, p := range d.PlaceList {
			if len(of[p.ID]) > 0 {
				busy = append(busy, p)
			}
		}
		day.Groups = byGroup(busy, func(p Place) paperRow { return paperRow{p, of[p.ID]} })
		d.Days = append(d.Days, day)
	}
	return web.Page{Template: "calendar/sheet", Title: "calendar.sheet", Layout: web.LayoutStaff, Styles: []string{"calendar"}, Scripts: []string{"print"}, Data: d}, nil
}
