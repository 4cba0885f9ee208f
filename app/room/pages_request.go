package room

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// rulingIn is a decision about one request.
type rulingIn struct {
	bookingByID
	Rivals []string `form:"rivals" validate:"max=500"` // that were named
	Usual  string   `form:"usual" validate:"max=100"`
	Reason string   `form:"reason" validate:"omitempty,plain,max=500"`
	To     string   `form:"to" validate:"max=120"` // "room start end", one of those offered
	Room   int64    `form:"room"`
	Date   string   `form:"date" validate:"max=20"`
	Time   string   `form:"time" validate:"max=20"`
	Until  string   `form:"until" validate:"max=20"`
}

type requestData struct {
	Row      requestRow
	Facts    []web.Fact
	Links    []web.Link
	Effect   string
	Decides  bool // the place's yes: may propose another time
	Usual    web.Choices
	To       web.Choices
	Rooms    []Room
	Form     web.Form
	Which    string // whose form the faults belong to
	Refusal  string
	Conflict []string
}

func (s *Service) requestPage(ctx context.Context, a auth.Actor, in bookingByID) (web.Page, error) {
	return s.requested(ctx, a, rulingIn{bookingByID: in}, "", nil)
}

var rulingLabels = map[string]string{"reason": "room.no_why", "date": "closure.day", "time": "closure.from", "until": "closure.to", "start": "closure.from", "end": "closure.to"}

// requested is one request with its decisions; bad is why one was not made.
func (s *Service) requested(ctx context.Context, a auth.Actor, in rulingIn, which string, bad *errs.Error) (web.Page, error) {
	r, err := s.Request(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := requestData{Row: w.row(r), Facts: w.askedFacts(r), Links: w.deskLinks(a, ""), Decides: r.Mine && r.runs(a, auth.RoomDecide), Usual: w.usual(in.Usual), Which: which}
	switch {
	case !r.Settles(a):
		d.Effect = w.t("room.yes_of_two")
	case len(r.Rivals) > 0:
		d.Effect = w.t("room.yes_declines", "n", len(r.Rivals))
	default:
		d.Effect = w.t("room.yes_alone")
	}
	if d.Decides {
		if err := s.offers(ctx, a, w, r, in, &d); err != nil {
			return web.Page{}, err
		}
	}
	if in.Date == "" {
		in.Date, in.Time, in.Until = s.formDay(r.StartsAt), s.formTime(r.StartsAt), s.formTime(r.EndsAt)
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, bad, rulingLabels), Values: map[string]string{"reason": in.Reason, "date": in.Date, "time": in.Time, "until": in.Until}}
	p := web.Page{Template: "room/request", Title: "room.request_title", TitleArgs: map[string]any{"room": r.Title()}, Layout: web.LayoutStaff,
		Styles: deskStyles}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, bad), nil
			d.Conflict = w.conflicts(bad)
		}
	}
	p.Data = d
	return p, nil
}

// offers are the times that can be proposed with one press, and the rooms for any
// other.
func (s *Service) offers(ctx context.Context, a auth.Actor, w words, r Request, in rulingIn, d *requestData) error {
	found, err := s.Instead(ctx, a, r.UID)
	if err != nil {
		return err
	}
	d.To = web.Choices{Name: "to", Legend: w.t("room.propose_what"), Value: in.To}
	for _, x := range found {
		d.To.Options = append(d.To.Options, web.Choice{Value: strconv.FormatInt(x.RoomID, 10) + " " + x.Start.String() + " " + x.End.String(),
			Label: w.span(models.Span{Start: x.Start, End: x.End}), Hint: x.Room})
	}
	d.To.Options = append(d.To.Options, web.Choice{Value: "other", Label: w.t("room.propose_other"), Hint: w.t("room.propose_other_hint")})
	if d.To.Value == "" {
		d.To.Value = d.To.Options[0].Value
	}
	all, err := s.Rooms(ctx, Filter{VenueID: r.VenueID})
	d.Rooms = all
	return err
}

func (w words) askedFacts(r Request) []web.Fact {
	facts := w.facts(r.Booking)
	if r.Guardian != "" {
		facts = append(facts, web.Fact{Label: w.t("room.guardian"), Text: r.Guardian})
	}
	if !r.Deadline.IsZero() {
		facts = append(facts, web.Fact{Label: w.t("room.held_until"), Text: w.frame.DateTime(r.Deadline)})
	}
	if r.Channel != models.ChannelOnline {
		facts = append(facts, web.Fact{Label: w.t("who.channel"), Text: w.t("channel." + string(r.Channel))})
	}
	return append(facts, web.Fact{Label: w.t("room.asked_at"), Text: w.frame.DateTime(r.CreatedAt)},
		web.Fact{Label: w.t("room.its_page"), Text: w.t("room.its_page_open"), Href: bookingPath(r.UID)})
}

// decidedOn answers a decision: on to the desk, or the request again with what was
// in the way.
func (s *Service) decidedOn(ctx context.Context, a auth.Actor, in rulingIn, which, flash string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther("/room-desk", flash, nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := s.requested(ctx, a, in, which, bad)
	return httpapi.Show(page), err
}

func (s *Service) approveForm(ctx context.Context, a auth.Actor, in rulingIn, bad *errs.Error) (httpapi.Answer, error) {
	err, flash := errs.OrNil(bad), "room.approved"
	if err == nil {
		var b Booking
		if b, err = s.Approve(ctx, a, in.ID, in.Rivals); err == nil && b.Status == models.RoomPending {
			flash = "room.approved_half"
		}
	}
	return s.decidedOn(ctx, a, in, "approve", flash, err)
}

func (s *Service) declineForm(ctx context.Context, a auth.Actor, in rulingIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Rule(ctx, a, Ruling{ID: in.ID, Reason: rulingsIn{Usual: in.Usual, Reason: in.Reason}.reason()})
	}
	return s.decidedOn(ctx, a, in, "decline", "room.declined_done", err)
}

// another reads the time that is proposed: one of those offered, or the fields.
func (s *Service) another(in rulingIn) (Another, *errs.Error) {
	n := Another{Reason: in.Reason}
	if in.To != "" && in.To != "other" {
		parts := strings.Fields(in.To)
		if len(parts) != 3 {
			return n, errs.FieldFault("to", "type")
		}
		id, err := strconv.ParseInt(parts[0], 10, 64)
		if err != nil {
			return n, errs.FieldFault("to", "type")
		}
		n.RoomID = id
		for i, at := range []*models.Instant{&n.Span.Start, &n.Span.End} {
			if err := at.UnmarshalText([]byte(parts[i+1])); err != nil {
				return n, errs.FieldFault("to", "type")
			}
		}
		return n, nil
	}
	var bad *errs.Error
	n.RoomID = in.Room
	n.Span, bad = s.formSpan(in.Date, in.Time, in.Date, in.Until)
	return n, bad
}

func (s *Service) proposeForm(ctx context.Context, a auth.Actor, in rulingIn, bad *errs.Error) (httpapi.Answer, error) {
	var n Another
	if bad == nil {
		n, bad = s.another(in)
	}
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Propose(ctx, a, in.ID, n)
	}
	return s.decidedOn(ctx, a, in, "propose", "room.proposed_done", err)
}
