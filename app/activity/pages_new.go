package activity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// newIn is an activity as the form sends it: the first session, and by which rule
// the others follow.
type newIn struct {
	OrgID    int64    `form:"org_id" query:"org_id"`
	Kind     string   `form:"kind" query:"kind" validate:"max=20"`
	Title    string   `form:"title" query:"title" validate:"omitempty,plain,max=60"`
	Summary  string   `form:"summary" validate:"omitempty,plain,max=200"`
	Detail   string   `form:"detail" validate:"max=4000"`
	Teacher  string   `form:"teacher" validate:"omitempty,plain,max=60"`
	Place    string   `form:"place" validate:"omitempty,plain,max=80"`
	RoomID   int64    `form:"room_id"`
	Along    []int64  `form:"along" validate:"max=20"`
	TeamID   int64    `form:"team_id"`
	Audience string   `form:"audience" validate:"max=20"`
	MinAge   int      `form:"min_age" validate:"min=0,max=120"`
	MaxAge   int      `form:"max_age" validate:"min=0,max=120"`
	Date     string   `form:"date" validate:"max=10"`
	Start    string   `form:"start" validate:"max=5"`
	Minutes  int      `form:"minutes" validate:"min=0,max=720"`
	Repeat   string   `form:"repeat" query:"repeat" validate:"max=10"`
	Nth      int      `form:"nth" validate:"min=0,max=30"`
	Holiday  string   `form:"holiday" validate:"max=5"`
	Times    int      `form:"times" query:"times" validate:"min=0,max=60"`
	Signup   string   `form:"signup" validate:"max=10"`
	Capacity int      `form:"capacity" validate:"min=0,max=10000"`
	MaxParty int      `form:"max_party" validate:"min=0,max=200"`
	Desk     int      `form:"desk" validate:"min=0,max=10000"`
	New      int      `form:"newcomers" validate:"min=0,max=10000"`
	Back     int      `form:"returning" validate:"min=0,max=10000"`
	ShareOrg int64    `form:"share_org"`
	ShareN   int      `form:"share_places" validate:"min=0,max=10000"`
	ShareTo  string   `form:"share_until" validate:"max=10"`
	Choose   string   `form:"choose" validate:"max=10"`
	Until    string   `form:"until" validate:"max=10"`
	Approval bool     `form:"approval"`
	Home     bool     `form:"home"`
	Ask      []string `form:"ask" validate:"max=20,dive,max=80"`
	AskKind  []string `form:"ask_kind" validate:"max=20,dive,max=10"`
	AskFrom  []string `form:"ask_options" validate:"max=20,dive,max=400"`
	AskMust  []string `form:"ask_must" validate:"max=20,dive,max=3"`
	Cell     int64    `form:"cell" query:"cell"`
	From     int64    `form:"from" query:"from"` // the activity that is copied
}

// askRows is how many questions the form has room for.
const askRows = 3

// askRow is a question as the form has it.
type askRow struct {
	N                    int
	Label, Kind, Options string
	Must                 bool
}

func (in newIn) asks() []askRow {
	at := func(all []string, i int) string {
		if i < len(all) {
			return all[i]
		}
		return ""
	}
	out := make([]askRow, max(askRows, len(in.Ask)))
	for i := range out {
		out[i] = askRow{i + 1, at(in.Ask, i), orElse(at(in.AskKind, i), string(models.AskText)), at(in.AskFrom, i), at(in.AskMust, i) == "yes"}
	}
	return out
}

// repeats are the rules that the form offers, with the day that follows them.
var repeats = []struct{ key, rule string }{
	{"", ""}, {"slots", ""}, {"weekly", "FREQ=WEEKLY"}, {"fortnight", "FREQ=WEEKLY;INTERVAL=2"}, {"monthly", "FREQ=MONTHLY"},
	{"workday", "FREQ=MONTHLY;X-WORKDAY="}, {"lunar", "FREQ=MONTHLY;X-LUNAR="},
}

// repeat reads the rule of the form.
func (in newIn) repeat(first Time) Repeat {
	r := Repeat{First: first, Times: in.Times, Slots: in.Repeat == "slots"}
	for _, x := range repeats {
		if x.key == in.Repeat {
			r.Rule = x.rule
		}
	}
	if strings.HasSuffix(r.Rule, "=") {
		r.Rule += strconv.Itoa(max(in.Nth, 1))
	}
	if r.Rule != "" && in.Holiday != "" {
		r.Rule += ";X-HOLIDAY=" + in.Holiday
	}
	return r
}

type newData struct {
	Form     web.Form
	In       newIn
	Orgs     []option
	Kinds    []option
	Rooms    []option
	Along    []option
	Teams    []option
	ShareOrg []option
	Audience web.Choices
	Repeat   web.Choices
	Holiday  web.Choices
	Signup   web.Choices
	Choose   web.Choices
	Asks     []askRow
	AskKinds []models.QuestionKind
	Years    string // whose holidays are not published, why a rule was refused
}

var newLabels = map[string]string{"title": "activity.name", "summary": "activity.summary", "place": "activity.place", "capacity": "activity.capacity", "org_id": "activity.by",
	"kind": "activity.kind", "audience": "activity.for", "sessions": "activity.date", "date": "activity.date", "entries_until": "activity.until", "max_age": "activity.max_age", "room_id": "activity.room",
	"team_id": "activity.team", "times": "activity.times_n", "questions": "activity.ask", "nth": "activity.nth"}

func (s *Service) newPage(ctx context.Context, a auth.Actor, in newIn) (web.Page, error) {
	if in.From == 0 {
		return s.planning(ctx, a, in, nil)
	}
	v, err := s.Get(ctx, in.From)
	if err != nil {
		return web.Page{}, err
	}
	extras, err := along(v.Activity)
	if err != nil {
		return web.Page{}, err
	}
	m := v.Next(s.DB.Now())
	in = newIn{From: in.From, OrgID: v.OrgID, Kind: string(v.Kind), Title: v.Title, Summary: v.Summary, Detail: v.Detail, Teacher: v.Teacher, Place: v.Place, Audience: string(v.Audience),
		MinAge: v.MinAge, MaxAge: v.MaxAge, Capacity: v.Capacity, MaxParty: v.MaxParty, Start: m.StartsAt.In(s.Zone).Format("15:04"), Minutes: int(m.EndsAt.Sub(m.StartsAt).Minutes()),
		RoomID: orZero(v.RoomID), TeamID: orZero(v.TeamID), Along: extras, Times: len(v.Meetings), Signup: string(v.Signup), Approval: v.Approval, Home: v.Home}
	if len(v.Meetings) > 1 {
		in.Repeat = "weekly"
		if v.Meetings[1].StartsAt.Equal(v.Meetings[0].EndsAt) {
			in.Repeat = "slots"
		}
	}
	for _, q := range v.Questions {
		must := ""
		if q.Required {
			must = "yes"
		}
		in.Ask, in.AskKind, in.AskFrom, in.AskMust = append(in.Ask, q.Label), append(in.AskKind, string(q.Kind)), append(in.AskFrom, q.Options), append(in.AskMust, must)
	}
	in.shares(v.Shares)
	return s.planning(ctx, a, in, nil)
}

// shares puts what was kept for some into the form.
func (in *newIn) shares(all []models.EventShare) {
	for _, x := range all {
		switch x.Who {
		case models.ShareDesk:
			in.Desk = x.Places
		case models.ShareNewcomers:
			in.New = x.Places
		case models.ShareReturning:
			in.Back = x.Places
		case models.ShareOrg:
			in.ShareOrg, in.ShareN = orZero(x.OrgID), x.Places
		}
	}
}

func (s *Service) planning(ctx context.Context, a auth.Actor, in newIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	num := func(n int) string { return nonZero(int64(n)) }
	d := newData{In: in, Asks: in.asks(), AskKinds: []models.QuestionKind{models.AskText, models.AskNumber, models.AskYesNo, models.AskChoice}, Form: web.Form{Errors: httpapi.Faults(ctx, bad, newLabels),
		Values: map[string]string{"title": in.Title, "summary": in.Summary, "detail": in.Detail, "teacher": in.Teacher, "place": in.Place, "min_age": num(in.MinAge), "max_age": num(in.MaxAge),
			"capacity": num(in.Capacity), "max_party": num(in.MaxParty), "desk": num(in.Desk), "newcomers": num(in.New), "returning": num(in.Back), "share_places": num(in.ShareN), "share_until": in.ShareTo,
			"date": in.Date, "start": in.Start, "minutes": num(in.Minutes), "times": num(in.Times), "nth": num(in.Nth), "until": in.Until}}}
	if err := s.choices(ctx, w, a, &d); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "activity/new", Title: "activity.new", Styles: []string{"booking", "activity"}, Layout: web.LayoutStaff}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if len(d.Form.Errors) == 0 || d.Form.Errors[0].Field == "" {
			d.Form.Errors = []web.FieldError{{Text: httpapi.Say(ctx, bad)}}
		}
		if all, ok := bad.Extra["conflicts"].([]booking.Conflict); ok { // each date, so that a series is put right at once
			d.Form.Errors = nil
			for _, c := range all {
				d.Form.Errors = append(d.Form.Errors, web.FieldError{Field: "date", Text: w.t("activity.taken_then", "resource", c.Resource, "when", w.frame.Span(c.Start, c.End))})
			}
		}
	}
	p.Data = d
	return p, nil
}

// choices fills what the form offers.
func (s *Service) choices(ctx context.Context, w wordsIn, a auth.Actor, d *newData) error {
	in := d.In
	var orgs []models.Org
	var things []thing
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if orgs, err = stations(tx); err == nil {
			things, err = thingsToTake(tx)
		}
		return err
	})
	for _, o := range orgs {
		x := option{strconv.FormatInt(o.ID, 10), o.Name, o.ID == in.OrgID}
		if a.CanAt(auth.ActivityWrite, o.Path) {
			d.Orgs = append(d.Orgs, x)
		}
		x.Chosen = o.ID == in.ShareOrg
		d.ShareOrg = append(d.ShareOrg, x)
	}
	for _, x := range things {
		o := option{Value: strconv.FormatInt(x.ID, 10), Label: x.Name}
		switch {
		case x.Kind == "team":
			if o.Chosen = x.ID == in.TeamID; a.CanAt(auth.ActivityWrite, x.Path) {
				d.Teams = append(d.Teams, o)
			}
		case x.Kind == string(models.RoomEquipment):
			o.Chosen = slices.Contains(in.Along, x.ID)
			d.Along = append(d.Along, o)
		default:
			o.Chosen = x.ID == in.RoomID
			d.Rooms = append(d.Rooms, o)
		}
	}
	for _, x := range models.ActivityKinds() {
		d.Kinds = append(d.Kinds, option{string(x), w.t("activity.kind." + string(x)), string(x) == in.Kind})
	}
	d.Audience = web.Choices{Name: "audience", Legend: w.t("activity.for"), Value: orElse(in.Audience, string(models.ForAll))}
	for _, x := range models.ActivityAudiences() {
		d.Audience.Options = append(d.Audience.Options, web.Choice{Value: string(x), Label: w.t("activity.audience." + string(x))})
	}
	d.Repeat = web.Choices{Name: "repeat", Legend: w.t("activity.repeat"), Value: in.Repeat}
	for _, x := range repeats {
		d.Repeat.Options = append(d.Repeat.Options, web.Choice{Value: x.key, Label: w.t("activity.repeat." + orElse(x.key, "once"))})
	}
	d.Holiday = web.Choices{Name: "holiday", Legend: w.t("activity.holiday"), Value: in.Holiday, Options: []web.Choice{{Value: "NEXT", Label: w.t("activity.holiday.next")},
		{Value: "SKIP", Label: w.t("activity.holiday.skip")}, {Value: "", Label: w.t("activity.holiday.stays")}}}
	d.Signup = web.Choices{Name: "signup", Legend: w.t("activity.signup"), Value: orElse(in.Signup, "session"), Options: []web.Choice{
		{Value: "session", Label: w.t("activity.signup_session")}, {Value: "term", Label: w.t("activity.signup_term")}}}
	d.Choose = web.Choices{Name: "choose", Legend: w.t("activity.choose_how"), Value: orElse(in.Choose, "first"), Options: []web.Choice{
		{Value: "first", Label: w.t("activity.choose_first")}, {Value: "draw", Label: w.t("activity.choose_draw"), Hint: w.t("activity.choose_draw_hint")}}}
	return err
}

func (s *Service) newForm(ctx context.Context, a auth.Actor, in newIn, bad *errs.Error) (httpapi.Answer, error) {
	var v View
	if bad == nil {
		p, err := s.planOf(ctx, in)
		if err == nil {
			v, err = s.Create(ctx, a, p)
		}
		if err != nil {
			bad = errs.As(err)
		}
	}
	if bad == nil {
		return httpapi.SeeOther(activityPath(v.ID)+"/people", "activity.opened", nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.planning(ctx, a, in, bad)
	return httpapi.Show(page), err
}

// planOf reads the form.
func (s *Service) planOf(ctx context.Context, in newIn) (Plan, error) {
	p := Plan{Activity: models.Activity{OrgID: in.OrgID, Kind: models.ActivityKind(in.Kind), Title: in.Title, Summary: in.Summary, Detail: in.Detail, Teacher: in.Teacher,
		Place: in.Place, RoomID: some(in.RoomID), TeamID: some(in.TeamID), Audience: models.ActivityAudience(in.Audience), MinAge: in.MinAge, MaxAge: in.MaxAge, Capacity: in.Capacity,
		MaxParty: in.MaxParty, Signup: models.SignupFor(in.Signup), Choose: models.Choosing(in.Choose), Approval: in.Approval, Home: in.Home, CellID: some(in.Cell), CopiedFrom: some(in.From)},
		Along: in.Along}
	start, ok := models.LocalInstant(in.Date, in.Start, s.Zone)
	if !ok {
		return p, errs.FieldFault("date", "required")
	}
	var err error
	one := Time{start, start.Add(time.Duration(orElse(in.Minutes, 60)) * time.Minute)}
	if p.Sessions, err = s.Times(ctx, in.repeat(one)); err != nil {
		return p, err
	}
	if in.Until != "" {
		day, err := models.ParseDay(in.Until)
		if err != nil {
			return p, errs.FieldFault("entries_until", "other")
		}
		p.EntriesUntil = day.Add(1).At(0, s.Zone)
	}
	for _, x := range in.asks() {
		if label := strings.TrimSpace(x.Label); label != "" {
			p.Questions = append(p.Questions, models.ActivityQuestion{Kind: models.QuestionKind(x.Kind), Label: label, Options: strings.TrimSpace(x.Options), Required: x.Must})
		}
	}
	p.Shares, err = in.kept(s.Zone)
	return p, err
}

// kept lists the shares of the form; a community's is given back on a day.
func (in newIn) kept(zone *time.Location) (out []SharePlan, err error) {
	for _, x := range []SharePlan{{Who: models.ShareDesk, Places: in.Desk}, {Who: models.ShareNewcomers, Places: in.New}, {Who: models.ShareReturning, Places: in.Back},
		{Who: models.ShareOrg, OrgID: in.ShareOrg, Places: in.ShareN}} {
		if x.Places == 0 {
			continue
		}
		if x.Who == models.ShareOrg && in.ShareTo != "" {
			day, err := models.ParseDay(in.ShareTo)
			if err != nil {
				return nil, errs.FieldFault("share_until", "other")
			}
			x.Until = day.Add(1).At(0, zone)
		}
		out = append(out, x)
	}
	return out, nil
}

// some is nil for 0.
func some(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
