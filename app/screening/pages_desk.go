package screening

import (
	"context"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// deskIn is where a clerk stands: looking somebody up, with a known caller
// ("caller:7"), or with a new one.
type deskIn struct {
	Search string `query:"q" validate:"max=50"`
	For    string `query:"for" validate:"max=40"`
	New    bool   `query:"new"`
}

type deskData struct {
	Search   string
	Asked    bool // something was looked for, or somebody is on the line
	People   []knownCard
	Bookings []deskRow
	NewHref  string
	Caller   *callerData
	Calls    []deskRow
	Mine     int // of the calls
	Sheet    bool
}

// knownCard is a caller known to the desk, with the way to book again.
type knownCard struct {
	Key                     int
	Name, Phone, Href, Link string
}

// deskRow is a booking with what a clerk does about it.
type deskRow struct {
	Ticket Ticket
	Seats  string
	Code   string
	Chip   web.Chip
	Alive  bool
	Change bool
	Clerk  string
}

// deskPage is where a clerk begins when somebody calls. When the search finds
// one person alone, that person is on the line; when it finds nobody, a new one is.
func (s *Service) deskPage(ctx context.Context, a auth.Actor, in deskIn) (web.Page, error) {
	w := s.words(ctx)
	d := deskData{Search: in.Search, Asked: in.Search != "" || in.For != "" || in.New, Sheet: a.Can(auth.CallSheetRead)}
	d.NewHref = "/desk?new=true&q=" + template.URLQueryEscaper(in.Search)
	found, err := s.Desk(ctx, a, in.Search)
	if err != nil {
		return web.Page{}, err
	}
	form := deskEntry{For: in.For}
	switch _, id := target(in.For); {
	case in.For != "" && id == 0:
		return web.Page{}, errs.ErrNotFound
	case in.For == "" && (in.New || len(found.People)+len(found.Bookings) == 0 && d.Asked):
		form.For = forCaller
		switch digits := plainDigits(in.Search); {
		case len(digits) > shownDigits && isDigits(digits):
			form.Phone = in.Search
		case !strings.ContainsAny(in.Search, "0123456789"): // neither the end of a number nor a code
			form.Name = in.Search
		}
	case in.For == "" && len(found.People) == 1:
		form.For = callerChoice(found.People[0].ID)
	}
	if form.For != "" {
		if d.Caller, err = s.onTheLine(ctx, w, a, form); err != nil {
			return web.Page{}, err
		}
	} else {
		d.People = knownCards(w, found.People)
	}
	if !in.New && in.For == "" {
		d.Bookings = s.deskRows(w, a, slices.DeleteFunc(found.Bookings, func(t Ticket) bool {
			return d.Caller != nil && slices.ContainsFunc(d.Caller.Bookings, func(r deskRow) bool { return r.Ticket.ID == t.ID })
		}))
	}
	return s.deskView(ctx, w, a, d)
}

// deskView adds what stands beside every state of the desk.
func (s *Service) deskView(ctx context.Context, w web.Words, a auth.Actor, d deskData) (web.Page, error) {
	calls, err := s.Calls(ctx, a)
	for _, c := range calls {
		row := s.deskRow(w, a, c.Ticket)
		if row.Clerk = c.Clerk; c.CreatedBy == a.AccountID {
			row.Clerk = ""
			d.Mine++
		}
		d.Calls = append(d.Calls, row)
	}
	return web.Page{Template: "desk/desk", Title: "desk.title", Layout: web.LayoutStaff, Styles: []string{"booking", "desk"}, Scripts: []string{"keys"}, Data: d}, err
}

func knownCards(w web.Words, people []Known) (out []knownCard) {
	for i, p := range people {
		c := knownCard{Name: p.Name, Phone: knownPhone(w, p), Href: "/desk?for=" + callerChoice(p.ID), Link: w.T("desk.book_for", "name", p.Name)}
		if i < maxDeskShows {
			c.Key = i + 1
		}
		out = append(out, c)
	}
	return out
}

func knownPhone(w web.Words, p Known) string {
	if p.PhoneTail == "" {
		return w.T("desk.no_phone")
	}
	return w.T("desk.tail", "digits", p.PhoneTail)
}

func (s *Service) deskRows(w web.Words, a auth.Actor, ts []Ticket) (out []deskRow) {
	for _, t := range ts {
		out = append(out, s.deskRow(w, a, t))
	}
	return out
}

func (s *Service) deskRow(w web.Words, a auth.Actor, t Ticket) deskRow {
	r := deskRow{Ticket: t, Seats: SeatWords(w, t.Seats), Code: booking.ShowCode(t.Code), Alive: s.alive(t), Change: s.mayChange(a, t),
		Chip: web.Chip{Tone: web.ToneOff, Text: w.T("chip." + string(t.Status))}}
	if t.Status == models.BookingBooked || t.Status == models.BookingAttended {
		r.Chip.Tone = web.ToneOK
	}
	if t.EventState == models.EventCancelled {
		r.Chip = web.Chip{Tone: web.ToneWarn, Text: w.T("ticket.called_off")}
	}
	return r
}

type slipsData struct{ Slips []smallSlip }

type smallSlip struct {
	slipData
	Seats string
}

// slipsPage prints the seat slips of the day's calls, several to a sheet.
func (s *Service) slipsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	calls, err := s.Calls(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	var d slipsData
	for _, c := range calls {
		if !s.alive(c.Ticket) {
			continue
		}
		qr, err := web.QR(s.TicketToken(c.Code), w.T("ticket.qr"))
		if err != nil {
			return web.Page{}, err
		}
		d.Slips = append(d.Slips, smallSlip{slipData{c.Ticket, booking.ShowCode(c.Code), qr}, SeatWords(w, c.Seats)})
	}
	return web.Page{Template: "desk/slips", Title: "desk.slips", Layout: web.LayoutStaff, Styles: []string{"booking", "desk"}, Scripts: []string{"print"}, Data: d}, nil
}

// showChoice is a screening among those a clerk picks from by one key.
type showChoice struct {
	Show  Show
	Value string
	Key   int
	Left  web.Chip
	On    bool
}

func (s *Service) showChoices(ctx context.Context, w web.Words, chosen int64) ([]showChoice, error) {
	shows, err := s.DeskShows(ctx)
	out := make([]showChoice, len(shows))
	for i, v := range shows {
		out[i] = showChoice{Show: v, Value: strconv.FormatInt(v.ID, 10), Key: i + 1, Left: web.Availability(w.Lang, v.Free()+v.Reserved, v.ForSale),
			On: v.ID == chosen || chosen == 0 && i == 0}
	}
	return out, err
}
