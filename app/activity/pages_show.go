package activity

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) showing(ctx context.Context, a auth.Actor, in joinIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	var v View
	var kept []models.Person
	var called models.Person
	var entered Entered
	var rule Rule
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v, err = s.view(tx, in.ID); err != nil {
			return err
		}
		if v.Draws(tx.Now()) {
			if entered, err = enteredFor(tx, v.ID); err != nil {
				return err
			}
		}
		if rule, err = ruleAt(tx, v.OrgID, v.OrgPath, tx.Now()); err != nil {
			return err
		}
		if called, err = callerOf(tx, a, in.For); err != nil {
			return err
		}
		kept, err = keptBy(tx, a.AccountID)
		return err
	})
	if err != nil {
		return web.Page{}, err
	}
	now := s.DB.Now()
	m, err := v.session(now, in.SessionID)
	if err != nil {
		m = v.Next(now)
	}
	d := showData{View: v, Facts: s.facts(w, v, m, entered), Left: s.left(w, v, m), Desk: a.Can(auth.BookForOthers), Visitor: !a.SignedIn(), Paras: strings.Split(v.Detail, "\n"),
		Staff: a.CanAt(auth.BookingRead, v.OrgPath), Draw: v.Choose == models.ChooseDraw, Drawn: !v.DrawnAt.IsZero(),
		Form: web.Form{Values: map[string]string{"name": in.Name, "phone": in.Phone, "guardian": in.Guardian, "pick_up": in.PickUp, "address": in.Address}, Errors: httpapi.Faults(ctx, bad, joinLabels)}}
	if in.Age > 0 {
		d.Form.Values["age"] = strconv.Itoa(in.Age)
	}
	if a.CanAt(auth.CheckIn, v.OrgPath) {
		d.Door = m.ID
	}
	d.Owner = ownerNotice(w, v, m)
	if v.State == models.ActivityOpen {
		d.Rule = w.ruleLine(rule.NoShowRule)
	}
	d.Open = d.Owner.Text == "" && v.State == models.ActivityOpen && m.State == models.SessionPlanned && !now.Before(v.OpensAt) && now.Before(m.ClosesAt) &&
		(!v.Draws(now) || v.DrawUID == nil && now.Before(v.EntriesUntil))
	d.Child = v.Audience == models.ForChildren || v.AsksAge() && v.MinAge < models.GuardedUnder
	d.Entering = v.Draws(now)
	d.Asks = v.AsksAge() || v.Home || len(v.Questions) > 0
	if d.Draw {
		d.DrawLinks = []web.Link{{Href: activityPath(v.ID) + "/draw", Icon: "shield", Text: w.t("activity.draw_how")}}
	}
	d.Focus = in.For == forCaller && bad == nil
	d.Waits = !v.Draws(now) && m.Free() == 0
	s.sessions(w, v, m, &d)
	d.Whom = whomChoices(w, kept, called, d.Desk, in.For)
	d.Party = web.Stepper{Name: "party", Label: w.t("activity.party"), Unit: w.t("activity.people"), Value: orElse(in.Party, 1), Min: 1, Max: v.MaxParty, Error: d.Form.Error("party")}
	for _, q := range v.Questions {
		x := asking{ActivityQuestion: q, Error: d.Form.Error("answers[" + strconv.FormatInt(q.ID, 10) + "]")}
		if q.Kind == models.AskChoice {
			x.Choices = strings.Split(q.Options, "\n")
		}
		for i, id := range in.Questions {
			if id == q.ID && i < len(in.Answers) {
				x.Value = in.Answers[i]
			}
		}
		d.Ask = append(d.Ask, x)
	}
	if d.Desk {
		d.Channels = web.Choices{Name: "channel", Legend: w.t("who.channel"), Value: string(orElse(in.Channel, models.ChannelPhone)), Options: []web.Choice{
			{Value: "phone", Label: w.t("channel.phone")}, {Value: "window", Label: w.t("channel.window")}, {Value: "visit", Label: w.t("channel.visit")}}}
	}
	p := web.Page{Template: "activity/show", Title: "activity.show", TitleArgs: map[string]any{"title": v.Title}, Styles: []string{"booking", "activity"}, Scripts: []string{"stepper"}, Data: d,
		Share: &web.Share{Title: v.Title, Description: v.Summary, URL: s.BaseURL + activityPath(v.ID), Base: s.BaseURL}}
	if d.Desk {
		p.Scripts, p.Styles = append(p.Scripts, "keys"), append(p.Styles, "desk")
	}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

// fewSessions is how many sessions are shown as cards to choose from.
const fewSessions = 7

// sessions offers the sessions that can be chosen; of a term it only lists them.
func (s *Service) sessions(w wordsIn, v View, chosen Meeting, d *showData) {
	now := s.DB.Now()
	for _, m := range v.Meetings {
		text := w.frame.DateTime(m.StartsAt)
		if m.State == models.SessionCancelled {
			text += " · " + w.t("activity.cancelled")
		}
		if v.Signup == models.SignupTerm {
			d.Times = append(d.Times, web.Link{Text: text})
			continue
		}
		if m.State == models.SessionPlanned && now.Before(m.ClosesAt) {
			d.Sessions = append(d.Sessions, option{strconv.FormatInt(m.ID, 10), text + " · " + s.left(w, v, m).Text, m.ID == chosen.ID})
			d.Choose.Options = append(d.Choose.Options, web.Choice{Value: strconv.FormatInt(m.ID, 10), Label: text, Hint: s.left(w, v, m).Text})
		}
	}
	if n := len(d.Sessions); n < 2 || n > fewSessions {
		d.Choose.Options = nil
		return
	}
	d.Choose.Name, d.Choose.Legend, d.Choose.Value, d.Sessions = "session_id", w.t("activity.session"), strconv.FormatInt(chosen.ID, 10), nil
}

func (s *Service) facts(w wordsIn, v View, m Meeting, entered Entered) []web.Fact {
	place := v.Place
	if v.Address != "" {
		place += "（" + v.Address + "）"
	}
	facts := []web.Fact{{Label: w.t("fact.time"), Text: s.fromTo(w, m.Span())}, {Label: w.t("activity.place"), Text: place}}
	if !m.MovedFrom.IsZero() {
		facts = append(facts, web.Fact{Label: w.t("activity.moved"), Text: w.frame.DateTime(m.MovedFrom) + " · " + m.Reason})
	}
	facts = append(facts, web.Fact{Label: w.t("activity.for"), Text: w.t("activity.audience."+string(v.Audience)) + ages(w, v.Activity)})
	if v.Teacher != "" {
		facts = append(facts, web.Fact{Label: w.t("activity.teacher"), Text: v.Teacher})
	}
	places := w.t("activity.places_of", "taken", m.Taken, "capacity", m.Capacity)
	if v.Draws(s.DB.Now()) {
		places = w.t("activity.entered_of", "parties", entered.Parties, "people", entered.People, "capacity", m.Capacity)
	}
	facts = append(facts, web.Fact{Label: w.t("activity.places"), Text: places})
	for _, x := range v.Shares {
		if x.ReleasedAt.IsZero() {
			facts = append(facts, web.Fact{Label: w.t("activity.kept"), Text: w.t("activity.share."+string(x.Who), "n", x.Places, "name", x.Name, "until", x.UntilAt)})
		}
	}
	return append(facts, web.Fact{Label: w.t("activity.by"), Text: v.OrgName})
}

// fromTo is a time as it is read: its day, and from when until when.
func (s *Service) fromTo(w wordsIn, x models.Span) string {
	return w.frame.DateTime(x.Start) + "–" + x.End.In(s.Zone).Format("15:04")
}

func ages(w wordsIn, a models.Activity) string {
	switch {
	case a.MinAge > 0 && a.MaxAge > 0:
		return " · " + w.t("activity.ages", "min", a.MinAge, "max", a.MaxAge)
	case a.MinAge > 0:
		return " · " + w.t("activity.age_from", "min", a.MinAge)
	case a.MaxAge > 0:
		return " · " + w.t("activity.age_to", "max", a.MaxAge)
	}
	return ""
}

func whomChoices(w wordsIn, kept []models.Person, called models.Person, desk bool, value string) web.Choices {
	c := web.Choices{Name: "for", Legend: w.t("activity.whom"), Value: value, Options: []web.Choice{{Value: forSelf, Label: w.t("activity.self")}}}
	for _, p := range kept {
		c.Options = append(c.Options, web.Choice{Value: "person:" + strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	if called.ID != 0 {
		c.Options = append(c.Options, web.Choice{Value: value, Label: called.Name})
	}
	if desk {
		c.Options = append(c.Options, web.Choice{Value: forCaller, Label: w.t("who.caller"), Hint: w.t("who.caller_hint")})
	}
	if c.Value == "" {
		c.Value = c.Options[0].Value
		if desk {
			c.Value = forCaller
		}
	}
	if len(c.Options) == 1 {
		c.Options = nil // only oneself: nothing to choose
	}
	return c
}

// callerOf is the caller that a desk has on the line, "caller:7"; nobody for any other value.
func callerOf(tx *db.Tx, a auth.Actor, value string) (models.Person, error) {
	digits, _ := strings.CutPrefix(value, forCaller+":")
	id, _ := strconv.ParseInt(digits, 10, 64) // no number is nobody: 0
	if id == 0 {
		return models.Person{}, nil
	}
	p, path, err := booking.PersonAt(tx, id)
	if err == nil && !a.CanAt(auth.BookForOthers, path) {
		err = errs.ErrNotFound
	}
	return p, err
}

type drawData struct {
	Drawn   Drawn
	Lines   []DrawnLine
	May     bool
	Places  int
	In      int
	Left    bool // some of the entries have no place
	Refusal string
}

// drawPage shows every resident how the places came about.
func (s *Service) drawPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.drawing(ctx, a, in.ID, nil)
}

func (s *Service) drawing(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (web.Page, error) {
	x, err := s.Drawing(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	d := drawData{Drawn: x, Lines: x.Lines, May: x.Waiting && a.CanAt(auth.ActivityWrite, x.View.OrgPath), Places: x.View.Capacity}
	for _, l := range x.Lines {
		if l.Note == "in" {
			d.In += l.Party
		}
		d.Left = d.Left || l.Note == "waits" || l.Note == "out"
	}
	p := web.Page{Template: "activity/draw", Title: "activity.draw_title", TitleArgs: map[string]any{"title": x.View.Title}, Styles: []string{"activity"}}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}
