package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type requestIn struct {
	httpapi.PathID
	Date string `query:"date" validate:"max=20"`
	Time string `query:"time" validate:"max=20"`
}

// moveEntry is what a decision about a request brings.
type moveEntry struct {
	httpapi.PathID
	Rivals []int64 `form:"rivals" validate:"max=500"` // what was shown
	Reason string  `form:"reason" validate:"omitempty,plain,max=500"`
	Date   string  `form:"date" validate:"max=20"`
	Time   string  `form:"time" validate:"max=20"`
}

type requestData struct {
	Request RequestView
	Chip    web.Chip
	Next    string
	Facts   []web.Fact
	History []web.Moment
	Decides bool // may decide and it is to be decided
	Answers bool // the branch may answer or withdraw
	Booking string
	Back    web.Link
	Form    web.Form
	Which   string // whose form the faults belong to: decline or propose
	Refusal string
	Instead []web.Link
}

func (s *Service) requestPage(ctx context.Context, a auth.Actor, in requestIn) (web.Page, error) {
	return s.requested(ctx, a, moveEntry{PathID: in.PathID, Date: in.Date, Time: in.Time}, "", nil)
}

var moveLabels = map[string]string{"reason": "request.reason", "date": "ask.date", "time": "ask.time"}

func (s *Service) requested(ctx context.Context, a auth.Actor, in moveEntry, which string, refusal *errs.Error) (web.Page, error) {
	v, err := s.Request(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	open := v.Status.Open()
	decider := a.CanAt(auth.HallDecide, v.PlacePath)
	asker := v.HolderID == a.AccountID || (a.CanAt(auth.HallAsk, v.OrgPath) && !decider)
	d := requestData{Request: v, Chip: requestChip(w, v), Facts: append(requestFacts(w, v), s.shownFacts(w, v.Shown)...), History: history(w, v), Next: next(w, v, "request.next."), Which: which,
		Decides: decider && open, Answers: open && asker}
	d.Back = web.Link{Href: "/branch", Text: w.T("branch.title")}
	if !a.Can(auth.HallAsk) || decider {
		d.Back = web.Link{Href: "/hall", Text: w.T("week.title")}
	}
	if v.EventID != nil {
		if d.Booking, err = s.BookingOf(ctx, *v.EventID, v.OrgID); err != nil {
			return web.Page{}, err
		}
	}
	if in.Date == "" {
		in.Date, in.Time = v.StartsAt.Fields(s.zone)
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, atDate(refusal), moveLabels),
		Values: map[string]string{"reason": in.Reason, "date": in.Date, "time": in.Time}}
	p := web.Page{Template: "branch/request", Title: "request.title", TitleArgs: map[string]any{"title": v.FilmTitle}, Styles: []string{"booking", "hall"}}
	if decider || !asker {
		p.Layout, d.Next = web.LayoutStaff, next(w, v, "request.decide.")
	}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
		if refusal.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, refusal), nil
		}
		if slots, ok := refusal.Extra["alternatives"].([]Slot); ok {
			for _, x := range slots {
				date, clock := x.StartsAt.Fields(s.zone)
				d.Instead = append(d.Instead, web.Link{Href: requestPath(v.ID) + "?date=" + date + "&time=" + clock + "#propose", Icon: "clock",
					Text: w.T("ask.instead", "at", x.StartsAt)})
			}
		}
	}
	p.Data = &d
	return p, nil
}

func requestFacts(w web.Words, v RequestView) []web.Fact {
	oath := "request.no_oath"
	if v.Oath {
		oath = "request.oath"
	}
	facts := []web.Fact{{Label: w.T("fact.film"), Text: v.FilmTitle}, {Label: w.T("request.start"), Text: w.DateTime(v.StartsAt)},
		{Label: w.T("fact.hall"), Text: v.HallName}, {Label: w.T("request.org"), Text: v.OrgName},
		{Label: w.T("ask.headcount"), Text: w.T("request.people", "n", v.Headcount)}, {Label: w.T("ask.purpose"), Text: v.Purpose},
		{Label: w.T("ask.oath"), Text: w.T(oath)}}
	if v.Status == models.HallProposed {
		facts = append(facts, web.Fact{Label: w.T("request.proposed_start"), Text: w.DateTime(v.ProposedAt)})
	}
	if v.Reason != "" {
		facts = append(facts, web.Fact{Label: w.T("request.reason"), Text: v.Reason})
	}
	return facts
}

// ahead counts the rivals that came before a request.
func ahead(v RequestView) int {
	n := 0
	for _, r := range v.Rivals {
		if r.ID < v.ID {
			n++
		}
	}
	return n
}

// next says what happens now, to the branch or to who decides: keys begins the
// locale keys.
func next(w web.Words, v RequestView, keys string) string {
	switch v.Status {
	case models.HallPending:
		if v.Holds {
			return w.T(keys+"held", "deadline", v.Deadline)
		}
		if n := ahead(v); n > 0 {
			return w.T(keys+"queued", "n", n, "deadline", v.Deadline)
		}
		return w.T(keys+"many_held", "deadline", v.Deadline)
	case models.HallConfirming:
		if !v.Holds {
			return w.T(keys+"confirming_queued", "n", ahead(v), "deadline", v.Deadline)
		}
		return w.T(keys+"confirming", "deadline", v.Deadline)
	case models.HallProposed:
		return w.T(keys+"proposed", "at", v.ProposedAt, "deadline", v.Deadline)
	default:
		return w.T(keys + string(v.Status))
	}
}

func history(w web.Words, v RequestView) []web.Moment {
	var out []web.Moment
	if !v.DecidedAt.IsZero() {
		c := requestChip(w, v)
		out = append(out, web.Moment{At: v.DecidedAt, Title: c.Text, Text: v.Reason, Tone: c.Tone})
	}
	return append(out, web.Moment{At: v.CreatedAt, Title: w.T("request.asked"), Who: v.OrgName, Tone: web.ToneInfo})
}

// moved answers a move: on with it, or the page again with what was in the way.
func (s *Service) moved(ctx context.Context, a auth.Actor, in moveEntry, which, flash string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(requestPath(in.ID), flash, nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := s.requested(ctx, a, in, which, bad)
	return httpapi.Show(page), err
}

func (s *Service) approveForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		if in.Rivals == nil {
			in.Rivals = []int64{} // shown none
		}
		var v RequestView
		if v, err = s.Approve(ctx, a, in.ID, in.Rivals); err == nil && v.Status == models.HallConfirming {
			return s.moved(ctx, a, in, "approve", "request.to_cinema", nil)
		}
	}
	return s.moved(ctx, a, in, "approve", "request.approved", err)
}

func (s *Service) declineForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Decline(ctx, a, in.ID, in.Reason)
	}
	return s.moved(ctx, a, in, "decline", "request.declined", err)
}

func (s *Service) proposeForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		var at models.Instant
		if at, bad = s.dateTime(in.Date, in.Time); bad == nil {
			_, err = s.Propose(ctx, a, in.ID, at, in.Reason)
		} else {
			err = bad
		}
	}
	return s.moved(ctx, a, in, "propose", "request.proposed", err)
}

func (s *Service) acceptForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		var v RequestView
		if v, err = s.Accept(ctx, a, in.ID); err == nil && v.Status == models.HallConfirming {
			return s.moved(ctx, a, in, "accept", "request.to_cinema", nil)
		}
	}
	return s.moved(ctx, a, in, "accept", "request.accepted", err)
}

func (s *Service) withdrawPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	v, err := s.Request(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !v.Status.CanBecome(models.HallWithdrawn) {
		return web.Page{}, decidedError(v)
	}
	w := s.words(ctx)
	return web.Page{Template: "branch/withdraw", Title: "withdraw.title", Data: web.Decision{Title: w.T("withdraw.ask"), Facts: requestFacts(w, v),
		Effect: w.T("withdraw.effect"), Action: requestPath(v.ID) + "/withdraw", Button: w.T("withdraw.do"), Tone: web.ToneWarn,
		Back: requestPath(v.ID), BackTo: w.T("withdraw.keep"), Fields: []web.Field{{Name: "reason", Label: w.T("cancel.reason"), Type: "text", Max: 500}}}}, nil
}

func (s *Service) withdrawForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Withdraw(ctx, a, in.ID, in.Reason)
	}
	return s.moved(ctx, a, in, "withdraw", "request.withdrawn", err)
}
