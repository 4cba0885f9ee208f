package screening

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) waitPages(r *httpapi.Router) {
	httpapi.Form(r, "/screenings/:id/waitlist", auth.SignedIn, httpapi.LimitBooking, s.joinForm)
	httpapi.Page(r, "/screenings/:id/waitlist", auth.BookingRead, s.waitersPage)
	httpapi.Page(r, "/waitlist/:id", auth.SignedIn, s.waitPage)
	httpapi.Form(r, "/waitlist/:id/accept", auth.SignedIn, httpapi.LimitBooking, s.waitForm(ReplyAccept))
	httpapi.Form(r, "/waitlist/:id/decline", auth.SignedIn, httpapi.LimitNone, s.waitForm(ReplyDecline))
	httpapi.Form(r, "/waitlist/:id/leave", auth.SignedIn, httpapi.LimitNone, s.waitForm(ReplyLeave))
	httpapi.Form(r, "/waitlist/:id/count", auth.SignedIn, httpapi.LimitNone, s.fewerForm)
	httpapi.Form(r, "/waitlist/:id/move", auth.ScreeningWrite, httpapi.LimitNone, s.moveForm)
	// Who has the link of an offer need not sign in. Its GET changes nothing.
	httpapi.Page(r, "/offers/:token", auth.Public, s.offerPage)
	httpapi.Form(r, "/offers/:token/accept", auth.Public, httpapi.LimitBooking, s.offerForm(ReplyAccept))
	httpapi.Form(r, "/offers/:token/decline", auth.Public, httpapi.LimitBooking, s.offerForm(ReplyDecline))
}

func waitPath(id int64) string { return "/waitlist/" + strconv.FormatInt(id, 10) }

// joinData is the part of a screening's page that offers its waiting list.
type joinData struct {
	Shown  bool // nothing is left, or too little for the party that was asked for
	Open   bool // the list takes parties
	Number int  // how many wait
	Mine   []waitCard
	Staff  bool // may look at the whole list
}

// waitCard is an entry in a list.
type waitCard struct {
	Card
	Until models.Instant // of an offer
}

// joining says what a screening's page offers to who finds it full.
func (s *Service) joining(ctx context.Context, a auth.Actor, w web.Words, d showData) (joinData, error) {
	v := d.Show
	j := joinData{Open: v.BranchOrgID == nil && v.ListOpen(s.db.Now()) && (d.Why == ""), Number: v.Waiting}
	j.Shown = j.Open && !d.Open
	if !a.SignedIn() {
		return j, nil
	}
	j.Staff = a.CanAt(auth.BookingRead, v.OrgPath) && (j.Shown || v.Waiting > 0)
	mine, err := s.Waits(ctx, a, v.ID)
	for _, x := range mine {
		j.Mine = append(j.Mine, s.waitCard(w, a, x))
	}
	return j, err
}

func (s *Service) waitCard(w web.Words, a auth.Actor, x Wait) waitCard {
	c := waitCard{Card: Card{Href: waitPath(x.ID), Start: x.StartsAt, Title: x.Title, Place: w.T("waitlist.party", "n", x.Party), Chips: []web.Chip{s.waitChip(w, x)}}}
	if x.State == models.WaitOffered {
		c.Until = x.Deadline
		c.Place = SeatWords(w, x.Seats)
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneWarn, Text: w.T("waitlist.answer_by", "at", x.Deadline)})
	}
	if x.Name != a.Name {
		c.Place = w.T("bookings.for", "name", x.Name, "seats", c.Place)
	}
	return c
}

func (s *Service) waitChip(w web.Words, x Wait) web.Chip {
	switch x.State {
	case models.Waiting:
		if x.Ahead == 0 {
			return web.Chip{Tone: web.ToneInfo, Text: w.T("waitlist.first")}
		}
		return web.Chip{Tone: web.ToneInfo, Text: w.T("waitlist.ahead", "n", x.Ahead)}
	case models.WaitOffered:
		return web.Chip{Tone: web.ToneOK, Text: w.T("waitlist.state.offered")}
	}
	return web.Chip{Tone: web.ToneOff, Text: w.T("waitlist.state." + string(x.State))}
}

// waitInstead is the way out for a party that finds too few seats, and for one
// that wanted to wait and need not.
func waitInstead(w web.Words, in seatsForm, e *errs.Error) []wayOut {
	if seats, ok := e.Extra["seats"].([]booking.SeatRef); ok && e.Code == booking.ErrSeatsThere.Code {
		way := wayOut{Text: w.T("waitlist.book_now", "seats", SeatList(w, seats)), Action: "book", Hidden: in.whom()}
		for _, x := range seats {
			way.Hidden = append(way.Hidden, web.Hidden{Name: "seats", Value: strconv.FormatInt(x.ID, 10)})
		}
		return []wayOut{way}
	}
	if e.Code != booking.ErrFull.Code || in.Count == 0 || in.Page == fromMap {
		return nil
	}
	hidden := append(in.whom(), web.Hidden{Name: "count", Value: strconv.Itoa(in.Count)}, web.Hidden{Name: "preference", Value: string(in.Preference)})
	for name, n := range map[string]int{"wheelchairs": in.Wheelchairs, "companions": in.Companions} {
		if n > 0 {
			hidden = append(hidden, web.Hidden{Name: name, Value: strconv.Itoa(n)})
		}
	}
	return []wayOut{{Text: w.T("waitlist.join_n", "n", in.Count), Action: "waitlist", Hidden: hidden}}
}

// joinForm puts a party on the list. Who could be seated is shown the seats.
func (s *Service) joinForm(ctx context.Context, a auth.Actor, in seatsForm, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		var wish Wish
		if wish, bad = in.wish(); bad == nil {
			wish.Seats, wish.Party = nil, in.party()
			if wish.Party.Count == 0 {
				bad = errs.FieldFault("count", "required")
			}
		}
		if bad == nil {
			x, err := s.Join(ctx, a, wish)
			if err == nil {
				return httpapi.SeeOther(waitPath(x.ID), "waitlist.joined", nil), nil
			}
			bad = errs.As(err)
		}
	}
	switch {
	case !httpapi.ShownAgain(bad):
		return httpapi.Answer{}, bad
	case bad.Code == idem.ErrReused.Code:
		bad = errAgain
	}
	v, err := s.Get(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	page, err := s.showing(ctx, a, v, in, bad)
	return httpapi.Show(page), err
}

// waitData is the page of one entry: of the party's own, or by the link.
type waitData struct {
	Wait    Wait
	Base    string // where its forms post to
	Chip    web.Chip
	Next    string // what happens next, in words
	Facts   []web.Fact
	Seats   string
	Refusal string
	Answers bool // may answer
	ByLink  bool
	Fewer   web.Stepper
	Form    web.Form
	Outcome web.Outcome // once the seats are booked
}

func (s *Service) waitPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	x, err := s.Wait(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	own, desk := x.answers(a)
	return s.waitShown(ctx, x, waitData{Base: waitPath(x.ID), Answers: own || desk}, nil)
}

type offerIn struct {
	Token string `path:"token"`
}

func (s *Service) offerPage(ctx context.Context, _ auth.Actor, in offerIn) (web.Page, error) {
	x, err := s.Offer(ctx, in.Token)
	if err != nil {
		return web.Page{}, err
	}
	return s.waitShown(ctx, x, waitData{Base: "/offers/" + in.Token, Answers: true, ByLink: true}, nil)
}

// waitShown is the page of an entry, with the refusal of an answer.
func (s *Service) waitShown(ctx context.Context, x Wait, d waitData, refusal *errs.Error) (web.Page, error) {
	w, now := s.words(ctx), s.db.Now()
	d.Wait, d.Chip, d.Seats = x, s.waitChip(w, x), SeatWords(w, x.Seats)
	d.Facts = []web.Fact{{Label: w.T("fact.film"), Text: x.Title, Href: showPath(x.EventID)}, {Label: w.T("fact.time"), Text: w.DateTime(x.StartsAt)},
		{Label: w.T("fact.hall"), Text: x.HallName + " · " + x.Venue}, {Label: w.T("fact.address"), Text: x.Address},
		{Label: w.T("waitlist.who"), Text: w.T("waitlist.who_n", "name", x.Name, "n", x.Party)}}
	p := web.Page{Template: "waitlist/entry", Title: "waitlist.title", TitleArgs: map[string]any{"title": x.Title}, Styles: []string{"booking", "waitlist"}, Scripts: []string{"stepper"}}
	if refusal != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, refusal), refusal.Kind.Status()
	}
	if x.State == models.WaitOffered && !now.Before(x.Deadline) {
		d.Chip, d.Answers = web.Chip{Tone: web.ToneOff, Text: w.T("waitlist.state.expired")}, false
		x.State = models.WaitExpired
	}
	d.Next = w.T("waitlist.next."+string(x.State), "at", x.Deadline, "n", x.Ahead, "passed", x.Passed)
	switch {
	case x.State == models.Waiting && x.Passed == 0 && x.Ahead == 0:
		d.Next = w.T("waitlist.next.first")
	case x.State == models.Waiting && x.Passed > 0:
		d.Next = w.T("waitlist.next.passed", "n", x.Ahead, "passed", x.Passed, "party", x.Party)
	case x.State == models.WaitTaken:
		var err error
		if d.Outcome, err = s.takenOutcome(w, x, d); err != nil {
			return p, err
		}
	}
	if x.State == models.Waiting && x.Party > 1 {
		d.Fewer = web.Stepper{Name: "count", Label: w.T("waitlist.fewer"), Unit: w.T("show.people"), Value: x.Party - 1,
			Min: max(1, x.Wheelchairs+x.Companions), Max: x.Party, Hint: w.T("waitlist.fewer_hint")}
	}
	p.Data = d
	return p, nil
}

// takenOutcome is the ticket, for who has the link and no account here too.
func (s *Service) takenOutcome(w web.Words, x Wait, d waitData) (web.Outcome, error) {
	o := web.Outcome{Tone: web.ToneOff, Title: w.T("chip." + string(x.Booked)), Lead: d.Seats, Facts: d.Facts}
	if x.Booked == models.BookingBooked && x.EventState == models.EventOpen {
		qr, err := web.QR(s.TicketToken(x.Code), w.T("ticket.qr"))
		if err != nil {
			return o, err
		}
		o.Tone, o.Title, o.QR, o.Code, o.Note = web.ToneOK, w.T("ticket.booked"), qr, booking.ShowCode(x.Code), w.T("waitlist.next.taken")
	}
	if x.HolderID != nil || !d.ByLink {
		o.Links = []web.Link{{Href: ticketPath(*x.BookingID), Icon: "ticket", Text: w.T("show.to_ticket")}}
	}
	return o, nil
}

type replyEntry struct {
	httpapi.PathID
	Channel models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
	Back    string         `form:"back" validate:"omitempty,oneof=list"`
}

func (s *Service) waitForm(r Reply) func(context.Context, auth.Actor, replyEntry, *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, a auth.Actor, in replyEntry, bad *errs.Error) (httpapi.Answer, error) {
		if bad == nil {
			x, err := s.Answer(ctx, a, in.ID, r, in.Channel)
			if err == nil {
				to := waitPath(in.ID)
				if in.Back != "" {
					to = showPath(x.EventID) + "/waitlist"
				}
				return httpapi.SeeOther(to, "waitlist.done."+string(r), nil), nil
			}
			bad = errs.As(err)
		}
		return s.waitAgain(ctx, a, in.ID, bad)
	}
}

// waitAgain shows an entry as it is now, and why nothing was done.
func (s *Service) waitAgain(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (httpapi.Answer, error) {
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	x, err := s.Wait(ctx, a, id)
	if err != nil {
		return httpapi.Answer{}, err
	}
	own, desk := x.answers(a)
	page, err := s.waitShown(ctx, x, waitData{Base: waitPath(id), Answers: own || desk}, bad)
	return httpapi.Show(page), err
}

func (s *Service) offerForm(r Reply) func(context.Context, auth.Actor, offerIn, *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, _ auth.Actor, in offerIn, bad *errs.Error) (httpapi.Answer, error) {
		if bad == nil {
			_, err := s.AnswerOffer(ctx, in.Token, r)
			if err == nil {
				return httpapi.SeeOther("/offers/"+in.Token, "waitlist.done."+string(r), nil), nil
			}
			bad = errs.As(err)
		}
		if !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, bad
		}
		x, err := s.Offer(ctx, in.Token)
		if err != nil {
			return httpapi.Answer{}, err
		}
		page, err := s.waitShown(ctx, x, waitData{Base: "/offers/" + in.Token, Answers: true, ByLink: true}, bad)
		return httpapi.Show(page), err
	}
}

type fewerEntry struct {
	httpapi.PathID
	Count int `form:"count" validate:"required,min=1,max=400"`
}

func (s *Service) fewerForm(ctx context.Context, a auth.Actor, in fewerEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Fewer(ctx, a, in.ID, in.Count)
		if err == nil {
			return httpapi.SeeOther(waitPath(in.ID), "waitlist.done.fewer", nil), nil
		}
		bad = errs.As(err)
	}
	return s.waitAgain(ctx, a, in.ID, bad)
}
