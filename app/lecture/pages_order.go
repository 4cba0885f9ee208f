package lecture

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type orderData struct {
	Order   Order
	Path    string
	Back    web.Link
	Chip    web.Chip
	Next    string
	Facts   []web.Fact
	Refusal string
	Errors  []web.FieldError
	History []web.Moment
	Form    web.Form

	Own     bool
	Cancels bool
	Sends   bool // may hand it in (again)
	Reopens bool
	Rates   bool
	Staff   *staffData
	Team    *teamSide
	Album   album
}

// teamSide is what a team does about an order, logged in or by link.
type teamSide struct {
	Base     string
	Answers  bool // accept, decline, propose
	HandBack bool
	Starts   bool
	Finishes bool
	Form     web.Form
}

func (s *Service) orderPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.orderShown(ctx, a, in.ID, nil, nil)
}

// orderShown is the page of an order, with what was in the way of an act about it.
func (s *Service) orderShown(ctx context.Context, a auth.Actor, id string, bad *errs.Error, typed map[string]string) (web.Page, error) {
	w := s.words(ctx)
	o, err := s.Get(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	past, err := s.History(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	offer, asked, err := s.Asked(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	asked = asked && o.State == models.LectureDispatched && !o.Own(a)
	if asked { // a team says yes to one time, not to those that were wanted
		o.StartsAt, o.EndsAt = offer.StartsAt, offer.EndsAt
	}
	d := orderData{Order: o, Path: orderPath(id), Chip: w.chip(o), Next: w.next(o), Facts: w.facts(o), History: w.history(past), Own: o.Own(a),
		Back: web.Link{Href: "/lectures/orders", Text: w.T("lecture.mine")}, Form: web.Form{Values: typed}}
	before := o.State != models.LectureInService && o.State != models.LectureToRate && !o.State.Ended()
	d.Cancels = before && (d.Own || o.Staffed(a))
	d.Sends = d.Own && (o.State == models.LectureDraft || o.State == models.LectureReturned)
	d.Reopens = o.State == models.LectureClosed && (d.Own || o.Staffed(a)) && s.db.Now().Before(o.ClosedAt.Add(models.LectureReopenFor))
	d.Rates = d.Own && o.State == models.LectureToRate && s.db.Now().Before(o.RateUntil)
	if a.CanAt(auth.LectureRead, o.OrgPath) {
		d.Back = web.Link{Href: "/lectures/board", Text: w.T("lecture.board")}
		if d.Staff, err = s.staffSide(ctx, w, a, o); err != nil {
			return web.Page{}, err
		}
	}
	if len(a.OrgsWith(auth.LectureServe)) > 0 && !d.Own {
		d.Back = web.Link{Href: "/lectures/duty", Text: w.T("lecture.duty")}
		d.Team = &teamSide{Base: d.Path, Answers: asked, HandBack: o.Leads(a) && o.State == models.LectureAccepted,
			Starts: o.Leads(a) && o.State == models.LectureAccepted, Finishes: o.Leads(a) && o.State.Agreed(), Form: d.Form}
	}
	if asked {
		d.Next = w.T("lecture.offer_next.waiting", "at", offer.Deadline, "team", offer.TeamName)
	}
	photos, err := s.Photos(ctx, a, o)
	if err != nil {
		return web.Page{}, err
	}
	d.Album = w.album(d.Path, photos, d.Team != nil && o.Leads(a) && pictured(&o) == nil)
	p := web.Page{Template: "lecture/order", Title: "lecture.order_title", TitleArgs: map[string]any{"title": o.Title()}, Styles: []string{"lecture"}, Scripts: []string{"keys", "print"}}
	if d.Staff != nil {
		p.Layout = web.LayoutStaff
	}
	if bad != nil {
		p.Status, d.Refusal = bad.Kind.Status(), httpapi.Say(ctx, bad)
		for _, f := range bad.Fields {
			if bad.Code == errs.ErrInvalid.Code {
				d.Refusal = httpapi.SayField(ctx, f)
			}
		}
	}
	p.Data = &d
	return p, nil
}

// next says what happens next, and until when.
func (w words) next(o Order) string {
	key := "lecture.next." + string(o.State)
	switch {
	case o.State == models.LectureSubmitted && o.DueAt.IsZero():
		key += "_unknown"
	case o.State == models.LectureEscalated && o.DueAt.IsZero(), o.State == models.LectureToDispatch && o.DueAt.IsZero():
		key = "lecture.next.looking"
	case o.State == models.LectureClosed && o.Face == nil:
		key += "_unrated"
	}
	reason := w.word("lecture.reason", o.Reason)
	if reason == "" {
		reason = w.T("lecture.no_reason")
	}
	return w.T(key, "at", o.DueAt, "team", o.TeamName, "start", o.StartsAt, "reason", reason, "until", o.RateUntil)
}

func (w words) facts(o Order) []web.Fact {
	out := []web.Fact{{Label: w.T("lecture.f.when"), Text: w.when(o)}}
	if o.TeamName != "" && !o.StartsAt.IsZero() && o.State != models.LectureCancelled {
		out = append(out, web.Fact{Label: w.T("lecture.f.team"), Text: o.TeamName})
	}
	add := func(key, text string) {
		if text != "" {
			out = append(out, web.Fact{Label: w.T(key), Text: text})
		}
	}
	add("lecture.f.org", o.OrgName)
	if o.Address == "" {
		add("lecture.f.where", w.where(o))
	}
	add("lecture.f.address", o.Address)
	add("lecture.f.who", w.T("lecture.who_n", "who", w.T("lecture.audience."+string(o.Audience)), "n", max(o.Guests, o.Heads)))
	add("lecture.f.for", o.Who)
	if o.Phone != "" {
		out = append(out, web.Fact{Label: w.T("lecture.f.contact"), Text: o.Contact + " " + strings.TrimPrefix(o.Phone, "+86"), Href: "tel:" + o.Phone})
	}
	add("lecture.f.note", o.Note)
	if o.Came != nil {
		add("lecture.f.came", w.T("lecture.people", "n", *o.Came))
	}
	add("lecture.f.said", o.SessionNote)
	if o.Flagged {
		add("lecture.f.flag", w.T("lecture.flagged"))
	}
	return out
}

func (w words) history(all []Moment) []web.Moment {
	out := make([]web.Moment, len(all))
	for i, m := range all {
		out[i] = web.Moment{At: m.At, Title: w.word("audit.action", m.Action), Text: w.word("lecture.reason", m.Reason), Tone: web.ToneInfo}
		if m.Channel == models.ChannelJob {
			out[i].Who = w.T("lecture.by_job")
		}
	}
	return out
}

type decisionData struct{ Decision web.Decision }

func (s *Service) cancelPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	w := s.words(ctx)
	o, err := s.Get(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	d := web.Decision{Title: w.T("lecture.cancel_title"), Lead: o.Title(), Facts: w.facts(o)[:1], Action: orderPath(o.ID) + "/cancel", Button: w.T("lecture.cancel_do"),
		Tone: web.ToneWarn, Back: orderPath(o.ID), BackTo: w.T("lecture.keep"), Fields: []web.Field{{Name: "reason", Label: w.T("lecture.f.reason"), Required: !o.Own(a), Max: 500}}}
	if o.State.Agreed() {
		d.Effect = w.T("lecture.cancel_effect", "team", o.TeamName)
	}
	return web.Page{Template: "lecture/confirm", Title: "lecture.cancel_title", Data: decisionData{d}}, nil
}

// when is the agreed time of an order, or the wanted ones.
func (w words) when(o Order) string {
	if !o.StartsAt.IsZero() && o.State != models.LectureCancelled {
		return w.FullSpan(o.StartsAt, o.EndsAt)
	}
	return w.wanted(o)
}

// where is the place as everybody may read it who may see the order.
func (w words) where(o Order) string {
	if o.PlaceKind == models.PlaceAddress {
		return w.T("lecture.address_hidden")
	}
	return o.Where()
}

// actEntry is what the forms of an order's page send; each act takes what it needs.
type actEntry struct {
	pathID
	Reason string              `form:"reason" validate:"max=500"`
	Mode   models.DispatchMode `form:"mode" validate:"omitempty,oneof=direct open rotation"`
	Team   int64               `form:"team"`
	Topic  int64               `form:"topic"`
	Into   string              `form:"into" validate:"max=40"`
	Date   string              `form:"date"`
	Time   string              `form:"time"`
	Heads  *int                `form:"heads" validate:"omitempty,min=0,max=2000"`
	Note   string              `form:"note" validate:"max=500"`
	Face   int                 `form:"face"`
	Text   string              `form:"text" validate:"max=500"`
}

func (in actEntry) typed() map[string]string {
	return map[string]string{"reason": in.Reason, "date": in.Date, "time": in.Time, "note": in.Note, "text": in.Text}
}

func (in actEntry) delivered() Delivered { return finishIn{Heads: in.Heads, Note: in.Note}.delivered() }

// orderForm does one act about an order, and shows its page again with what was in
// the way.
func (s *Service) orderForm(act string) func(context.Context, auth.Actor, actEntry, *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, a auth.Actor, in actEntry, bad *errs.Error) (httpapi.Answer, error) {
		if bad == nil {
			err := s.do(ctx, a, act, in)
			if err == nil {
				to := orderPath(in.ID)
				if act == "decline" { // it is another team's now
					to = "/lectures/duty"
				}
				return httpapi.SeeOther(to, "lecture.done."+act, nil), nil
			}
			var again bool
			if bad, again = shownAgain(err); !again {
				return httpapi.Answer{}, err
			}
		}
		page, err := s.orderShown(ctx, a, in.ID, bad, in.typed())
		return httpapi.Show(page), err
	}
}

func (s *Service) do(ctx context.Context, a auth.Actor, act string, in actEntry) error {
	at, ok := s.clock(in.Date, in.Time)
	if !ok {
		return errs.FieldFault("date", "type")
	}
	times := Times{First: at}
	var err error
	switch act {
	case "cancel":
		_, err = s.Cancel(ctx, a, in.ID, in.Reason, "")
	case "submit":
		_, err = s.Send(ctx, a, in.ID, times)
	case "reopen":
		if at.IsZero() {
			today := models.DayOf(s.db.Now(), s.Zone)
			times = Times{From: today.Add(anyFrom), Until: today.Add(anyUntil)}
		}
		_, err = s.Reopen(ctx, a, in.ID, in.Reason, times)
	case "rate":
		_, err = s.Rate(ctx, a, in.ID, Opinion{in.Face, in.Text})
	case "accept":
		_, err = s.Accept(ctx, a, in.ID)
	case "decline":
		_, err = s.Decline(ctx, a, in.ID, in.Reason)
	case "propose":
		_, err = s.Propose(ctx, a, in.ID, at, in.Reason)
	case "start":
		_, err = s.Start(ctx, a, in.ID)
	case "finish":
		_, err = s.Finish(ctx, a, in.ID, in.delivered())
	case "dispatch":
		_, err = s.Dispatch(ctx, a, in.ID, Dispatching{Mode: in.Mode, TeamID: in.Team, Start: at, Topic: in.Topic})
	case "return":
		_, err = s.Return(ctx, a, in.ID, in.Reason)
	case "approve":
		_, err = s.Approve(ctx, a, in.ID, in.Topic)
	case "merge":
		_, err = s.Merge(ctx, a, in.ID, in.Into)
	case "called":
		_, err = s.Called(ctx, a, in.ID, in.Note)
	}
	return err
}
