package screening

import (
	"context"
	"html/template"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

func ticketPath(id string) string { return "/bookings/" + id }

// fromDesk marks the way of a clerk, who goes on with the next caller.
const fromDesk = "?from=desk"

type ticketIn struct {
	httpapi.PathUUID
	From string `query:"from" validate:"max=10"`
}

type ticketData struct {
	Ticket  Ticket
	Outcome web.Outcome
	Say     string // what a clerk reads back to the caller
	Desk    bool   // the reader is the clerk of this booking
	Next    bool   // and comes from the desk
	Moved   *ticketMove
	Also    []string // what else one has at that time
}

func (s *Service) ticketPage(ctx context.Context, a auth.Actor, in ticketIn) (web.Page, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	o, err := s.outcome(w, a, t)
	if err != nil {
		return web.Page{}, err
	}
	d := ticketData{Ticket: t, Outcome: o, Desk: onBehalf(a, t)}
	d.Next = d.Desk && in.From != ""
	if d.Moved, err = s.movedText(ctx, w, a, t); err != nil {
		return web.Page{}, err
	}
	if d.Also, err = s.also(ctx, w, t); err != nil {
		return web.Page{}, err
	}
	switch {
	case !d.Desk:
	case t.Status == models.BookingCancelled:
		d.Say = w.T("ticket.say_cancelled", "name", t.Name, "title", t.Title, "at", t.StartsAt)
	case s.alive(t):
		d.Say = w.T("ticket.say", "name", t.Name, "title", t.Title, "at", t.StartsAt, "seats", SeatWords(w, t.Seats), "code", booking.ShowCode(t.Code))
	}
	return web.Page{Template: "booking/ticket", Title: "ticket.title", TitleArgs: map[string]any{"title": t.Title}, Data: d}, nil
}

// alive reports whether a ticket still leads into a hall.
func (s *Service) alive(t Ticket) bool {
	return t.Status == models.BookingBooked && t.EventState == models.EventOpen && s.db.Now().Before(t.EndsAt)
}

// fewSeats is how many seats are read one by one; of a block the ends are told,
// and what is larger than any block is a whole hall: a number.
const (
	fewSeats  = 24
	someSeats = 150
)

// SeatWords names seats one by one, a block by its ends, more by their number.
func SeatWords(w web.Words, seats []booking.SeatRef) string {
	switch n := len(seats); {
	case n > someSeats:
		return w.T("ticket.many_seats", "n", n)
	case n > fewSeats:
		one := func(i int) string { return SeatList(w, seats[i:i+1]) }
		return w.T("ticket.some_seats", "n", n, "first", one(0), "last", one(n-1))
	}
	return SeatList(w, seats)
}

// SeatList names seats one by one.
func SeatList(w web.Words, seats []booking.SeatRef) string {
	labels := make([]string, len(seats))
	for i, x := range seats {
		labels[i] = x.Label
	}
	return web.SeatList(w.Lang, labels)
}

func (s *Service) outcome(w web.Words, a auth.Actor, t Ticket) (web.Outcome, error) {
	o := web.Outcome{Tone: web.ToneOff, Lead: SeatWords(w, t.Seats), Facts: s.ticketFacts(w, t)}
	path, alive := ticketPath(t.ID), s.alive(t)
	switch {
	case alive:
		qr, err := web.QR(s.TicketToken(t.Code), w.T("ticket.qr"))
		if err != nil {
			return o, err
		}
		o.Tone, o.Title, o.QR, o.Code = web.ToneOK, w.T("ticket.booked"), qr, booking.ShowCode(t.Code)
		o.Note = w.T("ticket.next", "until", t.CancelUntil)
		if !s.db.Now().Before(t.CancelUntil) {
			o.Note = w.T("ticket.next_late")
		}
		if s.mayChange(a, t) {
			o.Links = append(o.Links, web.Link{Href: changePath(t.ID), Icon: "seat", Text: w.T("ticket.change")})
		}
		o.Links = append(o.Links, web.Link{Href: path + "/calendar.ics", Icon: "calendar", Text: w.T("ticket.calendar")},
			web.Link{Href: rollPath(t.ID), Icon: "people", Text: w.T("roll.write")}, web.Link{Href: path + "/slip", Icon: "printer", Text: w.T("ticket.print")},
			web.Link{Href: path + "/cancel", Icon: "undo", Text: w.T("ticket.cancel")})
	case t.Status == models.BookingHeld:
		o.Tone, o.Title, o.Note = web.ToneInfo, w.T("ticket.held"), w.T("ticket.held_next")
		o.Links = []web.Link{{Href: rollPath(t.ID), Icon: "people", Text: w.T("roll.write")}}
	case t.EventState == models.EventCancelled:
		o.Tone, o.Title, o.Note = web.ToneWarn, w.T("ticket.called_off"), w.T("ticket.called_off_next")
	case t.Status == models.BookingCancelled:
		o.Title, o.Note = w.T("ticket.cancelled"), w.T("ticket.cancelled_next", "at", t.CancelledAt)
	case t.Status == models.BookingAttended:
		o.Tone, o.Title = web.ToneOK, w.T("ticket.attended")
	case t.Status == models.BookingNoShow:
		o.Title, o.Note = w.T("ticket.no_show"), w.T("ticket.no_show_next")
	default:
		o.Title = w.T("ticket.over")
	}
	o.Links = append(o.Links, web.Link{Href: "/screenings", Icon: "film", Text: w.T("ticket.more")},
		web.Link{Href: "/bookings", Icon: "ticket", Text: w.T("ticket.all")})
	return o, nil
}

func (s *Service) ticketFacts(w web.Words, t Ticket) []web.Fact {
	facts := []web.Fact{{Label: w.T("fact.film"), Text: t.Title, Href: showPath(t.EventID)},
		{Label: w.T("fact.time"), Text: w.DateTime(t.StartsAt)},
		{Label: w.T("fact.hall"), Text: t.HallName + " · " + t.Venue}, {Label: w.T("fact.address"), Text: t.Address}}
	if t.Route != "" {
		facts = append(facts, web.Fact{Label: w.T("fact.route"), Text: t.Route})
	}
	facts = append(facts, web.Fact{Label: w.T("fact.for"), Text: t.Name})
	return append(facts, s.shownFacts(w, t.Shown)...)
}

func (s *Service) calendarFile(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (httpapi.Blob, error) {
	body, err := s.TicketCalendar(ctx, a, in.ID)
	return httpapi.Blob{Body: body, ContentType: "text/calendar; charset=utf-8", Filename: "youyue.ics"}, err
}

type slipData struct {
	Ticket Ticket
	Code   string
	QR     template.HTML
}

func (s *Service) slipPage(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (web.Page, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !s.alive(t) {
		return web.Page{}, booking.ErrNotBooked
	}
	qr, err := web.QR(s.TicketToken(t.Code), s.words(ctx).T("ticket.qr"))
	return web.Page{Template: "booking/slip", Title: "slip.title", TitleArgs: map[string]any{"title": t.Title}, Styles: []string{"booking"}, Scripts: []string{"print"},
		Data: slipData{t, booking.ShowCode(t.Code), qr}}, err
}

type cancelEntry struct {
	httpapi.PathUUID
	Reason   string         `form:"reason" validate:"omitempty,plain,max=500"`
	Channel  models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
	ReadBack bool           `form:"read_back"`
}

type cancelData struct {
	Decision web.Decision
	Refusal  string
	Back     string
}

func (s *Service) cancelPage(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (web.Page, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return s.cancelling(ctx, a, t, cancelEntry{}, nil), nil
}

func (s *Service) cancelling(ctx context.Context, a auth.Actor, t Ticket, in cancelEntry, refusal *errs.Error) web.Page {
	w := s.words(ctx)
	desk := desksFor(a, t)
	switch {
	case refusal != nil:
	case !s.alive(t):
		refusal = booking.ErrNotBooked
	case !desk && !s.db.Now().Before(t.CancelUntil):
		refusal = booking.ErrCancelLate.With("cancel_until", t.CancelUntil)
	}
	d := cancelData{Back: ticketPath(t.ID)}
	p := web.Page{Template: "booking/cancel", Title: "cancel.title"}
	if refusal != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, refusal), refusal.Kind.Status()
	} else {
		atDesk := onBehalf(a, t)
		d.Decision = web.Decision{Title: w.T("cancel.ask", "n", len(t.Seats)), Lead: SeatWords(w, t.Seats), Facts: s.ticketFacts(w, t),
			Effect: w.T("cancel.effect"), Action: ticketPath(t.ID) + "/cancel", Button: w.T("cancel.do"), Tone: web.ToneWarn,
			Back: ticketPath(t.ID), BackTo: w.T("cancel.keep"), Fields: []web.Field{{Name: "reason", Label: w.T("cancel.reason"), Type: "text", Value: in.Reason, Max: 500, Autofocus: atDesk}}}
		if atDesk {
			d.Decision.Say = w.T("cancel.say", "name", t.Name, "title", t.Title, "at", t.StartsAt, "seats", SeatWords(w, t.Seats))
			d.Decision.Asks, d.Decision.Key = []web.Choices{deskChannels(w, in.Channel)}, "F2"
			d.Decision.Button, d.Decision.Unheard = w.T("cancel.heard"), w.T("cancel.unheard")
			p.Styles, p.Scripts = []string{"booking", "desk"}, []string{"keys"}
		}
	}
	p.Data = d
	return p
}

func (s *Service) cancelForm(ctx context.Context, a auth.Actor, in cancelEntry, bad *errs.Error) (httpapi.Answer, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		if _, err := s.Cancel(ctx, a, in.ID, GivingUp{in.Reason, in.Channel, booking.ReadBack(in.ReadBack)}); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		to := ticketPath(in.ID)
		if onBehalf(a, t) {
			to += fromDesk
		}
		return httpapi.SeeOther(to, "cancel.done", map[string]any{"n": len(t.Seats)}), nil
	case !httpapi.ShownAgain(bad):
		return httpapi.Answer{}, bad
	}
	return httpapi.Show(s.cancelling(ctx, a, t, in, bad)), nil
}

type shelfIn struct{ list.Query }

type ticketCard struct {
	Card
	Seats string
	Code  string
	Name  string // for whom, when not oneself
}

type bookingsData struct {
	Waits  []waitCard // on waiting lists, and offers
	Coming []ticketCard
	Past   []ticketCard
	Pager  web.Pager
}

const comingAtMost = 50

func (s *Service) bookingsPage(ctx context.Context, a auth.Actor, in shelfIn) (web.Page, error) {
	coming, err := s.Bookings(ctx, a, Shelf{Query: list.Query{PerPage: comingAtMost}, When: WhenUpcoming})
	if err != nil {
		return web.Page{}, err
	}
	past, err := s.Bookings(ctx, a, Shelf{Query: in.Query, When: WhenPast})
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := bookingsData{Pager: web.NewPager(past.Total, in.Query, "/bookings", nil)}
	waiting, err := s.Waits(ctx, a, 0)
	if err != nil {
		return web.Page{}, err
	}
	for _, x := range waiting {
		d.Waits = append(d.Waits, s.waitCard(w, a, x))
	}
	for _, t := range coming.Items {
		d.Coming = append(d.Coming, s.ticketCard(w, a, t))
	}
	for _, t := range past.Items {
		d.Past = append(d.Past, s.ticketCard(w, a, t))
	}
	if err := s.besides(ctx, w, a, in, &d); err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "booking/list", Title: "bookings.title", Data: d}, nil
}

func (s *Service) ticketCard(w web.Words, a auth.Actor, t Ticket) ticketCard {
	o := web.Chip{Tone: web.ToneOff, Text: w.T("chip." + string(t.Status))}
	switch {
	case t.EventState == models.EventCancelled:
		o = web.Chip{Tone: web.ToneWarn, Text: w.T("ticket.called_off")}
	case t.Status == models.BookingBooked, t.Status == models.BookingAttended:
		o.Tone = web.ToneOK
	}
	c := ticketCard{Card: Card{Href: ticketPath(t.ID), Start: t.StartsAt, Title: t.Title, Place: SeatWords(w, t.Seats), Chips: []web.Chip{o}}}
	if s.alive(t) {
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.T("bookings.code", "code", booking.ShowCode(t.Code))})
	}
	if t.Name != a.Name {
		c.Name = t.Name
		c.Place = w.T("bookings.for", "name", t.Name, "seats", c.Place)
	}
	return c
}
