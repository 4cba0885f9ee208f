package room

import (
	"context"
	"net/url"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) nowPages(r *httpapi.Router) {
	httpapi.Page(r, "/room-desk/now", auth.CheckIn, s.nowPage)
	httpapi.Form(r, "/room-desk/checkin", auth.CheckIn, httpapi.LimitNone, s.checkInForm)
}

// nowRow is a room at this moment.
type nowRow struct {
	Title string
	Chip  web.Chip
	Line  string
	Href  string // where it is booked on the spot, "" when it cannot be had today
}

type nowVenue struct {
	Name string
	Rows []nowRow
}

type dueRow struct {
	Booking
	Line string
	Late bool
}

type nowData struct {
	Links   []web.Link
	Venues  []nowVenue
	Due     []dueRow
	Form    web.Form
	Refusal string
}

type codeEntry struct {
	Code string `form:"code" validate:"max=40"`
}

func (s *Service) nowPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.now(ctx, a, codeEntry{}, nil)
}

// now is the desk on the spot: who is due, and what is free for whoever walks in.
func (s *Service) now(ctx context.Context, a auth.Actor, in codeEntry, bad *errs.Error) (web.Page, error) {
	t, err := s.Today(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := nowData{Links: w.deskLinks(a, "/room-desk/now"), Form: web.Form{Values: map[string]string{"code": in.Code}}}
	for _, b := range t.Due {
		d.Due = append(d.Due, dueRow{b, w.t("room.people_n", "n", b.Attendees), b.StartsAt.Before(s.db.Now())})
	}
	for _, n := range t.Rooms {
		if i := len(d.Venues); i == 0 || d.Venues[i-1].Name != n.Venue {
			d.Venues = append(d.Venues, nowVenue{Name: n.Venue})
		}
		v := &d.Venues[len(d.Venues)-1]
		v.Rows = append(v.Rows, w.nowRow(a, n, s.db.Now()))
	}
	p := web.Page{Template: "room/now", Title: "room.now_title", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
		p.Data = d
	}
	return p, nil
}

func (w words) nowRow(a auth.Actor, n Now, now models.Instant) nowRow {
	row := nowRow{Title: n.Title(), Chip: web.Chip{Tone: web.ToneOff, Text: w.t("room.now_none")}}
	if n.Busy {
		row.Chip = web.Chip{Tone: web.ToneWarn, Text: w.t("room.now_busy", "at", clockTime(n.Ends, w.frame.Zone))}
	}
	if n.Until == (models.Span{}) {
		return row
	}
	row.Line = w.t("room.now_later", "span", clock([]models.Span{n.Until}, w.frame.Zone))
	if !n.Until.Start.After(now) {
		row.Line = clock([]models.Span{n.Until}, w.frame.Zone)
		row.Chip = web.Chip{Tone: web.ToneOK, Text: w.t("room.now_free")}
	} else if !n.Busy {
		row.Chip = web.Chip{Tone: web.ToneInfo, Text: w.t("room.now_soon")}
	}
	if a.CanAt(auth.BookForOthers, n.OrgPath) {
		q := url.Values{"start": {n.Until.Start.String()}, "end": {n.Until.End.String()}, "for": {forCaller}, "here": {"on"}}
		row.Href = roomPath(n.ID) + "/book?" + q.Encode()
	}
	return row
}

// checkInForm checks a party in by the code that is said or scanned, or by its row.
func (s *Service) checkInForm(ctx context.Context, a auth.Actor, in codeEntry, bad *errs.Error) (httpapi.Answer, error) {
	var got booking.Arrivals
	if bad == nil {
		out, found, err := s.CheckIn(ctx, a, booking.Scan{Code: in.Code})
		switch got = out; {
		case err != nil:
			bad = errs.As(err)
		case !found:
			bad = booking.ErrUnknownCode
		}
	}
	switch {
	case bad == nil && len(got.Checked) == 0:
		return httpapi.SeeOther("/room-desk/now", "room.came_already", map[string]any{"name": got.Name}), nil
	case bad == nil:
		return httpapi.SeeOther("/room-desk/now", "room.came", map[string]any{"name": got.Name, "room": got.Checked[0].Label}), nil
	case !httpapi.ShownAgain(bad) && bad.Kind != errs.NotFound:
		return httpapi.Answer{}, bad
	}
	page, err := s.now(ctx, a, in, bad)
	return httpapi.Show(page), err
}
