package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type byToken struct {
	Token string `path:"token"`
}

type offerData struct {
	Title   string
	Chip    web.Chip
	Next    string
	Facts   []web.Fact
	Refusal string
	Team    teamSide
	Album   album
}

// offerPage is what a team sees behind its link: what is asked, one button that
// says yes, and once it has said so, the way through the session.
func (s *Service) offerPage(ctx context.Context, _ auth.Actor, in byToken) (web.Page, error) {
	l, err := s.Behind(ctx, in.Token)
	if err != nil {
		return web.Page{}, err
	}
	return s.offerShown(ctx, in.Token, l, nil, nil)
}

func (s *Service) offerShown(ctx context.Context, token string, l Linked, bad *errs.Error, typed map[string]string) (web.Page, error) {
	w := s.words(ctx)
	photos, err := s.LinkPhotos(ctx, l)
	if err != nil {
		return web.Page{}, err
	}
	o, x := l.Order, l.Offer
	duty := x.serves(o)
	if !duty { // of the session itself only its own team hears
		o.TeamName, o.BegunAt, o.EndedAt, o.Came, o.SessionNote = "", models.Instant{}, models.Instant{}, nil, ""
		o.StartsAt, o.EndsAt = x.StartsAt, x.EndsAt
	}
	o.Who = ""
	now := s.db.Now()
	state := x.State
	if state == models.OfferWaiting && !now.Before(x.Deadline) {
		state = models.OfferLapsed
	}
	waits := state == models.OfferWaiting && o.State == models.LectureDispatched
	d := offerData{Title: o.Title(), Facts: w.facts(o), Chip: web.Chip{Tone: web.ToneInfo, Text: w.T("lecture.offer." + string(state))}}
	d.Next = w.T("lecture.offer_next."+string(state), "at", x.Deadline, "team", x.TeamName)
	if duty {
		d.Chip = w.chip(o)
		d.Next = w.T("lecture.duty_next."+string(o.State), "start", o.StartsAt)
	}
	d.Album = w.album(offerPath(token), photos, l.pictured() == nil)
	d.Team = teamSide{Base: offerPath(token), Answers: waits, HandBack: duty && o.State == models.LectureAccepted,
		Starts: duty && o.State == models.LectureAccepted && !now.Before(o.StartsAt.Add(-beginEarly)), Finishes: duty && o.State.Agreed() && !now.Before(o.StartsAt.Add(-beginEarly)), Form: web.Form{Values: typed}}
	p := web.Page{Template: "lecture/offer", Title: "lecture.offer_title", TitleArgs: map[string]any{"title": o.Title()}, Styles: []string{"lecture"}, Scripts: []string{"stepper"}}
	if bad != nil {
		p.Status, d.Refusal = bad.Kind.Status(), httpapi.Say(ctx, bad)
		if bad.Code == errs.ErrInvalid.Code && len(bad.Fields) > 0 {
			d.Refusal = httpapi.SayField(ctx, bad.Fields[0])
		}
	}
	p.Data = &d
	return p, nil
}

func offerPath(token string) string { return "/lecture-offers/" + token }

type linkEntry struct {
	byToken
	Reason string `form:"reason" validate:"max=500"`
	Date   string `form:"date"`
	Time   string `form:"time"`
	Heads  *int   `form:"heads" validate:"omitempty,min=0,max=2000"`
	Note   string `form:"note" validate:"max=500"`
}

func (s *Service) linkForm(act string) func(context.Context, auth.Actor, linkEntry, *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, _ auth.Actor, in linkEntry, bad *errs.Error) (httpapi.Answer, error) {
		var err error = bad
		if bad == nil {
			err = s.doLink(ctx, act, in)
		}
		return s.linkAnswer(ctx, in.Token, "", "lecture.done."+act, err, map[string]string{"reason": in.Reason, "date": in.Date, "time": in.Time, "note": in.Note})
	}
}

// linkAnswer goes back to the page of a link, or shows it again with what was in
// the way.
func (s *Service) linkAnswer(ctx context.Context, token, at, flash string, err error, typed map[string]string) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(offerPath(token)+at, flash, nil), nil
	}
	bad, again := shownAgain(err)
	if !again {
		return httpapi.Answer{}, err
	}
	l, err := s.Behind(ctx, token)
	if err != nil {
		return httpapi.Answer{}, err
	}
	page, err := s.offerShown(ctx, token, l, bad, typed)
	return httpapi.Show(page), err
}

func (s *Service) doLink(ctx context.Context, act string, in linkEntry) (err error) {
	switch act {
	case "accept":
		_, err = s.AcceptLink(ctx, in.Token)
	case "decline":
		_, err = s.DeclineLink(ctx, in.Token, in.Reason)
	case "propose":
		at, ok := s.clock(in.Date, in.Time)
		if !ok || at.IsZero() {
			return errs.FieldFault("date", "type")
		}
		_, err = s.ProposeLink(ctx, in.Token, at, in.Reason)
	case "start":
		_, err = s.StartLink(ctx, in.Token)
	case "finish":
		_, err = s.FinishLink(ctx, in.Token, finishIn{Heads: in.Heads, Note: in.Note}.delivered())
	}
	return err
}

type ratingData struct {
	Title   string
	Line    string
	Open    bool
	Why     string
	Refusal string
	Action  string
	Text    string
}

// ratingPage asks with three faces, none of them chosen beforehand.
func (s *Service) ratingPage(ctx context.Context, _ auth.Actor, in byToken) (web.Page, error) {
	o, err := s.Rating(ctx, in.Token)
	if err != nil {
		return web.Page{}, err
	}
	return s.ratingShown(ctx, in.Token, o, nil, ""), nil
}

func (s *Service) ratingShown(ctx context.Context, token string, o Order, bad *errs.Error, text string) web.Page {
	w := s.words(ctx)
	d := ratingData{Title: o.Title(), Line: w.T("lecture.rate_line", "team", o.TeamName, "start", o.StartsAt), Action: "/lecture-ratings/" + token, Text: text}
	switch {
	case o.Face != nil:
		d.Why = w.T("lecture.rate_thanks")
	case o.State == models.LectureToRate && s.db.Now().Before(o.RateUntil):
		d.Open = true
	default:
		d.Why = w.T("lecture.rate_over")
	}
	p := web.Page{Template: "lecture/rating", Title: "lecture.rate_title", Styles: []string{"lecture"}}
	if bad != nil {
		p.Status, d.Refusal = bad.Kind.Status(), httpapi.Say(ctx, bad)
		if bad.Code == errs.ErrInvalid.Code {
			d.Refusal = w.T("lecture.rate_choose")
		}
	}
	p.Data = &d
	return p
}

type ratingEntry struct {
	byToken
	Face int    `form:"face"`
	Text string `form:"text" validate:"max=500"`
}

func (s *Service) ratingForm(ctx context.Context, _ auth.Actor, in ratingEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.RateLink(ctx, in.Token, Opinion{in.Face, in.Text})
		if err == nil {
			return httpapi.SeeOther("/lecture-ratings/"+in.Token, "", nil), nil
		}
		var again bool
		if bad, again = shownAgain(err); !again {
			return httpapi.Answer{}, err
		}
	}
	o, err := s.Rating(ctx, in.Token)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.Show(s.ratingShown(ctx, in.Token, o, bad, in.Text)), nil
}
