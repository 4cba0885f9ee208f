package cinema

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/models"
)

// takeBackEntry names released hours that are to be taken back.
type takeBackEntry struct {
	HallID int64          `query:"hall" form:"hall"`
	From   models.Instant `query:"from" form:"from"`
	To     models.Instant `query:"to" form:"to"`
	Reason string         `form:"reason" validate:"omitempty,plain,max=200"`
}

func (s *Service) takeBackPath(hall int64, sp models.Span) string {
	from, _ := sp.Start.MarshalText() // an instant always has a text
	to, _ := sp.End.MarshalText()
	return "/cinema/take-back?" + url.Values{"hall": {strconv.FormatInt(hall, 10)}, "from": {string(from)}, "to": {string(to)}}.Encode()
}

func (s *Service) takeBackPage(ctx context.Context, _ auth.Actor, in takeBackEntry) (web.Page, error) {
	return s.takingBack(ctx, in, nil), nil
}

type takeBackData struct {
	Refusal  string
	Decision web.Decision
}

func (s *Service) takingBack(ctx context.Context, in takeBackEntry, bad *errs.Error) web.Page {
	w := s.words(ctx)
	from, _ := in.From.MarshalText()
	to, _ := in.To.MarshalText()
	d := takeBackData{Decision: web.Decision{Title: w.T("takeback.ask"), Lead: w.Date(in.From) + " " + models.Span{Start: in.From, End: in.To}.Clocks(s.zone),
		Effect: w.T("takeback.effect"), Action: "/cinema/take-back", Button: w.T("takeback.do"), Tone: web.ToneWarn,
		Back: screening.CinemaPath(in.HallID, in.From.In(s.zone).Format(time.DateOnly)), BackTo: w.T("takeback.keep"),
		Hidden: []web.Hidden{{Name: "hall", Value: strconv.FormatInt(in.HallID, 10)}, {Name: "from", Value: string(from)}, {Name: "to", Value: string(to)}},
		Fields: []web.Field{{Name: "reason", Label: w.T("request.reason"), Type: "text", Value: in.Reason, Max: 200}}}}
	p := web.Page{Template: "cinema/takeback", Title: "takeback.title", Layout: web.LayoutStaff, Data: &d}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	return p
}

func (s *Service) takeBackForm(ctx context.Context, a auth.Actor, in takeBackEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		err := s.TakeBack(ctx, a, in.HallID, models.Span{Start: in.From, End: in.To}, in.Reason)
		if err == nil {
			return httpapi.SeeOther(screening.CinemaPath(in.HallID, in.From.In(s.zone).Format(time.DateOnly)), "takeback.done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	return httpapi.Show(s.takingBack(ctx, in, bad)), nil
}

func (s *Service) liftBlockForm(ctx context.Context, a auth.Actor, in httpapi.PathID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return httpapi.SeeOther("/cinema", "cinema.lifted", nil), s.Lift(ctx, a, in.ID)
}

type rulesEntry struct {
	HallID  int64               `query:"hall" form:"hall"`
	Hours   venue.Hours         `form:"hours" validate:"omitempty,oneof=all released"`
	Confirm models.ConfirmOrder `form:"confirm" validate:"omitempty,oneof=none after_scheduler before_scheduler"`
	Lead    *int                `form:"lead_hours" validate:"omitempty,min=0,max=720"`
	Person  *int                `form:"person_seats" validate:"omitempty,min=0,max=400"`
}

func (in rulesEntry) rules() venue.Rules {
	return venue.Rules{Hours: in.Hours, Confirm: in.Confirm, LeadHours: or(in.Lead, venue.Unchanged), PersonSeats: or(in.Person, venue.Unchanged)}
}

var rulesLabels = map[string]string{"lead_hours": "rules.lead", "person_seats": "rules.person"}

type rulesData struct {
	Hall           venue.Hall
	Hours, Confirm web.Choices
	Form           web.Form
	Refusal        string
}

func (s *Service) rulesPage(ctx context.Context, a auth.Actor, in rulesEntry) (web.Page, error) {
	return s.settingRules(ctx, a, in, nil)
}

func (s *Service) settingRules(ctx context.Context, a auth.Actor, in rulesEntry, bad *errs.Error) (web.Page, error) {
	halls, err := s.shows.Halls(ctx, a, auth.HallRules)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := rulesData{}
	for _, h := range halls {
		if h.ID == in.HallID || d.Hall.ID == 0 {
			d.Hall = h
		}
	}
	if d.Hall.ID == 0 {
		return web.Page{}, errs.ErrNotFound
	}
	now := d.Hall.Rules()
	if in.Hours != "" {
		now.Hours, now.Confirm = in.Hours, in.Confirm
		now.LeadHours, now.PersonSeats = or(in.Lead, now.LeadHours), or(in.Person, now.PersonSeats)
	}
	d.Form.Values = map[string]string{"lead_hours": strconv.Itoa(now.LeadHours), "person_seats": strconv.Itoa(now.PersonSeats)}
	d.Hours = web.Choices{Name: "hours", Legend: w.T("rules.hours"), Value: string(now.Hours)}
	for _, h := range []venue.Hours{venue.AllHours, venue.OnlyReleased} {
		d.Hours.Options = append(d.Hours.Options, web.Choice{Value: string(h), Label: w.T("cinema.hours." + string(h))})
	}
	d.Confirm = web.Choices{Name: "confirm", Legend: w.T("rules.confirm"), Value: string(now.Confirm)}
	for _, c := range []models.ConfirmOrder{models.ConfirmNone, models.ConfirmAfter, models.ConfirmBefore} {
		d.Confirm.Options = append(d.Confirm.Options, web.Choice{Value: string(c), Label: w.T("cinema.confirm." + string(c))})
	}
	p := web.Page{Template: "cinema/rules", Title: "rules.title", Layout: web.LayoutStaff, Styles: []string{"booking"}, Data: &d}
	if bad != nil {
		d.Form.Errors = httpapi.Faults(ctx, bad, rulesLabels)
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) rulesForm(ctx context.Context, a auth.Actor, in rulesEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && (in.Hours == "" || in.Confirm == "") {
		bad = errs.FieldFault("hours", "required")
	}
	if bad == nil {
		err := s.SetRules(ctx, a, in.HallID, in.rules())
		if err == nil {
			return httpapi.SeeOther("/cinema", "rules.done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := s.settingRules(ctx, a, in, bad)
	return httpapi.Show(page), err
}

func or(v *int, usual int) int {
	if v == nil {
		return usual
	}
	return *v
}
