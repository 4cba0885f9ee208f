package room

import (
	"context"
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// ruleEntry is what a kind of booker may do, as its form says it.
type ruleEntry struct {
	byIDIn
	Room        int64             `form:"room"`
	Who         models.RoomBooker `form:"who" validate:"omitempty,oneof=resident org"`
	AheadDays   int               `form:"ahead_days" validate:"min=1,max=400"`
	AheadMin    int               `form:"ahead_min" validate:"min=0,max=100000"`
	LongestMin  int               `form:"longest_min" validate:"min=1,max=10080"`
	PerWeek     int               `form:"per_week" validate:"min=0,max=100"`
	Approve     bool              `form:"approve"`
	DeskPercent int               `form:"desk_percent" validate:"min=0,max=100"`
	CancelMin   int               `form:"cancel_min" validate:"min=0,max=100000"`
	GraceMin    int               `form:"grace_min" validate:"min=0,max=1440"`
	Strikes     int               `form:"strikes" validate:"min=0,max=20"`
	StrikeDays  int               `form:"strike_days" validate:"min=1,max=400"`
	PauseDays   int               `form:"pause_days" validate:"min=1,max=400"`
	Drop        bool              `form:"drop"`
}

// numbers are the whole numbers of a rule in the order of the form, each with the
// name of its field.
func (in *ruleEntry) numbers() []struct {
	name string
	n    *int
} {
	return []struct {
		name string
		n    *int
	}{{"ahead_days", &in.AheadDays}, {"ahead_min", &in.AheadMin}, {"longest_min", &in.LongestMin}, {"per_week", &in.PerWeek}, {"desk_percent", &in.DeskPercent},
		{"cancel_min", &in.CancelMin}, {"grace_min", &in.GraceMin}, {"strikes", &in.Strikes}, {"strike_days", &in.StrikeDays}, {"pause_days", &in.PauseDays}}
}

func (in ruleEntry) rule() models.RoomRule {
	v := ruleView{Who: in.Who, AheadDays: in.AheadDays, AheadMin: in.AheadMin, LongestMin: in.LongestMin, PerWeek: in.PerWeek, Approve: in.Approve,
		DeskPercent: in.DeskPercent, CancelMin: in.CancelMin, GraceMin: in.GraceMin, Strikes: in.Strikes, StrikeDays: in.StrikeDays, PauseDays: in.PauseDays}
	return ruleIn{ruleView: v}.rule()
}

// ruleLine says a rule in a sentence or two, for staff.
func (w words) ruleLine(r models.RoomRule) string {
	line := w.t("roomrule.line", "days", r.AheadDays, "minutes", r.LongestMin)
	if r.PerWeek > 0 {
		line += w.t("room.rule_week", "n", r.PerWeek)
	}
	if r.Approve {
		line += w.t("roomrule.line_approve")
	}
	if r.DeskPercent > 0 {
		line += w.t("roomrule.line_desk", "n", r.DeskPercent)
	}
	if r.GraceMin > 0 {
		line += w.t("room.rule_grace", "n", r.GraceMin)
	}
	if r.Strikes > 0 && r.Who == models.ByResident {
		line += w.t("roomrule.line_strikes", "n", r.Strikes, "days", r.PauseDays)
	}
	return line
}

// ruleOf says whose rule is looked at.
type ruleOf struct {
	byIDIn
	Room int64             `query:"room"`
	Who  models.RoomBooker `query:"who" validate:"omitempty,oneof=resident org"`
}

func (s *Service) rulesPage(ctx context.Context, _ auth.Actor, of ruleOf) (web.Page, error) {
	in := ruleEntry{byIDIn: of.byIDIn, Room: of.Room, Who: of.Who}
	if in.Who == "" {
		in.Who = models.ByResident
	}
	r, _, err := s.ruleAt(ctx, in)
	if err != nil {
		return web.Page{}, err
	}
	in.AheadDays, in.AheadMin, in.LongestMin, in.PerWeek, in.Approve, in.DeskPercent = r.AheadDays, r.AheadMin, r.LongestMin, r.PerWeek, r.Approve, r.DeskPercent
	in.CancelMin, in.GraceMin, in.Strikes, in.StrikeDays, in.PauseDays = r.CancelMin, r.GraceMin, r.Strikes, r.StrikeDays, r.PauseDays
	return s.ruleEntered(ctx, in, nil)
}

// ruleAt is the rule that counts for a venue or a room of it, and whether it is its
// own.
func (s *Service) ruleAt(ctx context.Context, in ruleEntry) (r models.RoomRule, own bool, err error) {
	h, err := s.HoursOf(ctx, target(in.ID, in.Room))
	if err != nil {
		return r, false, err
	}
	own = slices.ContainsFunc(h.Rules, func(r models.RoomRule) bool { return r.Who == in.Who })
	if in.Room == 0 {
		return models.RuleFor(h.Rules, models.Room{VenueID: in.ID}, in.Who), own, nil
	}
	if _, err := s.roomOf(ctx, in.ID, in.Room); err != nil {
		return r, false, err
	}
	d, err := s.Detail(ctx, in.Room)
	for _, x := range d.Rules {
		if x.Who == in.Who {
			r = x
		}
	}
	return r, own, err
}

func (s *Service) ruleEntered(ctx context.Context, in ruleEntry, bad *errs.Error) (web.Page, error) {
	v, err := s.Venue(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	_, own, err := s.ruleAt(ctx, in)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	labels := map[string]string{}
	for _, x := range in.numbers() {
		labels[x.name] = "roomrule." + x.name
	}
	form := web.Form{Errors: httpapi.Faults(ctx, bad, labels)}
	path := venuePath(v.ID)
	d := entryData{Title: w.t("roomrule.title") + " · " + v.Name + " · " + w.t("roomrule.who."+string(in.Who)), Lead: w.t("roomrule.text"), Action: path + "/rules", Back: web.Link{Href: path, Text: v.Name}, Errors: form.Errors,
		Button: w.t("venues.save"), Ticks: []tickBox{{"approve", w.t("roomrule.approve"), in.Approve}},
		Hidden: []web.Hidden{{Name: "room", Value: fmt.Sprint(in.Room)}, {Name: "who", Value: string(in.Who)}}}
	if in.Room != 0 {
		r, err := s.roomOf(ctx, in.ID, in.Room)
		if err != nil {
			return web.Page{}, err
		}
		d.Title, d.Back = r.Title()+" · "+w.t("roomrule.who."+string(in.Who)), web.Link{Href: path + "/rooms/" + fmt.Sprint(r.ID), Text: r.Title()}
		if own {
			d.Drop = w.t("roomrule.drop")
		} else {
			d.Lead = w.t("roomrule.not_own")
		}
	}
	for _, who := range []models.RoomBooker{models.ByResident, models.ByOrg} {
		if who != in.Who {
			d.Links = append(d.Links, web.Link{Href: path + "/rules?who=" + string(who) + "&room=" + fmt.Sprint(in.Room), Icon: "people", Text: w.t("roomrule.who." + string(who))})
		}
	}
	for _, x := range in.numbers() {
		f := w.number(form, x.name, "roomrule."+x.name, *x.n)
		f.Hint = w.t("roomrule." + x.name + "_hint")
		d.Fields = append(d.Fields, f)
	}
	return entryPage("roomrule.title", d, bad), nil
}

func (s *Service) rulesForm(ctx context.Context, a auth.Actor, in ruleEntry, bad *errs.Error) (httpapi.Answer, error) {
	if in.Who == "" {
		in.Who = models.ByResident
	}
	if bad == nil {
		var err error
		if in.Drop {
			err = s.DropRule(ctx, a, target(in.ID, in.Room), in.Who)
		} else {
			err = s.SetRule(ctx, a, target(in.ID, in.Room), in.rule())
		}
		if err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(venuePath(in.ID)+"/rules?who="+string(in.Who)+"&room="+fmt.Sprint(in.Room), "venues.saved", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	page, err := s.ruleEntered(ctx, in, bad)
	return httpapi.Show(page), err
}
