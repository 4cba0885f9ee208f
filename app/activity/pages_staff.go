package activity

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

// staffPages declares the organiser's side.
func (s *Service) staffPages(r *httpapi.Router) {
	httpapi.Page(r, "/activities/new", auth.ActivityWrite, s.newPage)
	httpapi.Form(r, "/activities", auth.ActivityWrite, httpapi.LimitNone, s.newForm)
	httpapi.Page(r, rulePath, auth.ActivityWrite, s.rulePage)
	httpapi.Form(r, rulePath, auth.ActivityWrite, httpapi.LimitNone, s.ruleForm)
	httpapi.Page(r, "/activities/:id/people", auth.BookingRead, s.peoplePage)
	httpapi.PageFile(r, "/activities/:id/people.xlsx", auth.BookingRead, s.peopleFile)
	httpapi.Form(r, "/activities/:id/message", auth.ActivityWrite, httpapi.LimitNone, s.messageForm)
	httpapi.Form(r, "/activities/:id/places", auth.ActivityWrite, httpapi.LimitNone, s.placesForm)
	httpapi.Form(r, "/activities/:id/cancel", auth.ActivityWrite, httpapi.LimitNone, s.callOffForm)
	httpapi.Form(r, "/activities/:id/draw", auth.ActivityWrite, httpapi.LimitNone, s.drawForm)
	httpapi.Form(r, "/signups/:id/decide", auth.ActivityWrite, httpapi.LimitNone, s.decideForm)
	httpapi.Form(r, "/sessions/:id/cancel", auth.ActivityWrite, httpapi.LimitNone, s.cancelSessionForm)
	httpapi.Form(r, "/sessions/:id/duty", auth.ActivityWrite, httpapi.LimitNone, s.dutyForm)
	httpapi.Form(r, "/sessions/:id/move", auth.ActivityWrite, httpapi.LimitNone, s.moveForm)
	httpapi.Page(r, "/services/import", auth.ActivityWrite, s.importPage)
	httpapi.Form(r, "/services/import", auth.ActivityWrite, httpapi.LimitNone, s.importForm)
	httpapi.Form(r, "/services/roll-back", auth.ActivityWrite, httpapi.LimitNone, s.rollBackForm)
	httpapi.Form(r, "/services/cells/:id", auth.ActivityWrite, httpapi.LimitNone, s.cellForm)
	httpapi.Form(r, "/services/cells/:id/talk", auth.ActivityWrite, httpapi.LimitBooking, s.talkForm)
}

type person struct {
	Row    SignupRow
	Status web.Chip
	Asked  bool
	Coming *web.Chip // what it says since a session was moved or cancelled
	Notes  []string
	Addr   string
}

type group struct {
	Meeting Meeting
	Left    web.Chip
	People  []person
	Future  bool
	Duty    []string // who goes to people's homes
	Mates   []option // who may
	Short   bool     // fewer go than have to
	Owner   note     // how the partner has answered who lends the place
	Said    Said     // what came back since a session was moved or cancelled
}

type peopleData struct {
	View    View
	Groups  []group
	Manages bool
	Alive   bool
	Door    bool // the reader may check people in
	Draw    bool
	Mate    string // looked for
	Refusal string
}

type peopleIn struct {
	pathID
	Mate string `query:"mate" validate:"max=40"` // who else may go to people's homes, by name
}

func (s *Service) peoplePage(ctx context.Context, a auth.Actor, in peopleIn) (web.Page, error) {
	return s.people(ctx, a, in, nil)
}

func (s *Service) people(ctx context.Context, a auth.Actor, in peopleIn, bad *errs.Error) (web.Page, error) {
	x, err := s.Everybody(ctx, a, in.ID, in.Mate)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := peopleData{View: x.View, Mate: in.Mate, Manages: x.Manages, Alive: x.View.State == models.ActivityOpen, Door: a.Can(auth.CheckIn), Draw: x.View.DrawUID != nil && x.View.DrawnAt.IsZero()}
	for _, m := range x.View.Meetings {
		g := group{Meeting: m, Left: s.left(w, x.View, m), Future: m.State == models.SessionPlanned && m.StartsAt.After(s.DB.Now())}
		if len(d.Groups) == 0 || x.View.Signup != models.SignupTerm {
			rows := slices.DeleteFunc(slices.Clone(x.Rows), func(r SignupRow) bool { return r.EventID != m.EventID })
			for _, r := range rows {
				g.People = append(g.People, s.person(w, x, r))
			}
			g.Said = said(rows)
		}
		g.duty(x, m.ID)
		g.Owner = ownerState(w, m)
		d.Groups = append(d.Groups, g)
	}
	p := web.Page{Template: "activity/people", Title: "activity.show", TitleArgs: map[string]any{"title": x.View.Title}, Styles: []string{"booking", "activity"}, Layout: web.LayoutStaff}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

// duty fills in who goes to people's homes.
func (g *group) duty(x People, session int64) {
	if !x.View.Home {
		return
	}
	g.Short = len(x.Duty[session]) < x.View.StaffMin
	for _, m := range x.Mates {
		on := slices.Contains(x.Duty[session], m.ID)
		if on {
			g.Duty = append(g.Duty, m.Name)
		}
		g.Mates = append(g.Mates, option{strconv.FormatInt(m.ID, 10), m.Name + " · " + m.Org, on})
	}
}

func (s *Service) person(w wordsIn, x People, r SignupRow) person {
	p := person{Row: r, Status: s.chip(w, r), Asked: r.Stands() == models.SignupAsked}
	p.Coming = coming(w, r)
	if r.Age > 0 {
		p.Notes = append(p.Notes, w.t("activity.aged", "n", r.Age))
	}
	if r.Guardian != "" {
		p.Notes = append(p.Notes, w.t("activity.guarded", "guardian", r.Guardian, "pick_up", r.PickUp))
	}
	for _, q := range x.View.Questions {
		if text := x.Answers[r.UID][q.ID]; text != "" {
			p.Notes = append(p.Notes, q.Label+"："+text)
		}
	}
	p.Addr = x.Homes[r.UID]
	return p
}

func coming(w wordsIn, r SignupRow) *web.Chip {
	tones := map[models.Coming]web.Tone{models.ComingYes: web.ToneOK, models.ComingNo: web.ToneOff, models.ComingOpen: web.ToneWarn}
	c := r.Coming()
	if c == models.ComingUnasked || c == models.ComingNo && r.Stands() == models.SignupCancelled {
		return nil // that it was given up is said already
	}
	return &web.Chip{Tone: tones[c], Text: w.t("signup.coming." + string(c))}
}

func (s *Service) peopleFile(ctx context.Context, a auth.Actor, in pathID) (httpapi.Blob, error) {
	w := s.words(ctx)
	body, err := s.Workbook(ctx, a, in.ID, func(key string) string { return w.t(key) })
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: "activity-" + strconv.FormatInt(in.ID, 10) + ".xlsx"}, err
}

// back answers a form of the organiser's page.
func (s *Service) back(ctx context.Context, a auth.Actor, id int64, flash string, bad *errs.Error, err error) (httpapi.Answer, error) {
	if err != nil {
		bad = errs.As(err)
	}
	if bad == nil {
		return httpapi.SeeOther(activityPath(id)+"/people", flash, nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.people(ctx, a, peopleIn{pathID: pathID{id}}, bad)
	return httpapi.Show(page), err
}

type messageIn struct {
	pathID
	Text string `form:"text" validate:"required,plain,max=300"`
}

func (s *Service) messageForm(ctx context.Context, a auth.Actor, in messageIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	if bad == nil {
		_, err = s.Message(ctx, a, in.ID, in.Text)
	}
	return s.back(ctx, a, in.ID, "activity.told", bad, err)
}

type placesIn struct {
	pathID
	Places int `form:"places" validate:"required,min=1,max=10000"`
}

func (s *Service) placesForm(ctx context.Context, a auth.Actor, in placesIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	if bad == nil {
		_, err = s.Resize(ctx, a, in.ID, in.Places)
	}
	return s.back(ctx, a, in.ID, "activity.resized", bad, err)
}

type reasonForm struct {
	pathID
	Reason string `form:"reason" validate:"required,plain,max=300"`
}

func (s *Service) callOffForm(ctx context.Context, a auth.Actor, in reasonForm, bad *errs.Error) (httpapi.Answer, error) {
	var err error
	if bad == nil {
		_, err = s.CallOff(ctx, a, in.ID, in.Reason)
	}
	return s.back(ctx, a, in.ID, "activity.called_off", bad, err)
}

func (s *Service) cancelSessionForm(ctx context.Context, a auth.Actor, in reasonForm, bad *errs.Error) (httpapi.Answer, error) {
	id, err := s.activityOf(ctx, in.ID)
	if err == nil && bad == nil {
		_, err = s.CallOffSession(ctx, a, in.ID, in.Reason)
	}
	return s.back(ctx, a, id, "activity.session_off", bad, err)
}

type moveFormIn struct {
	pathID
	Date   string `form:"date" validate:"required,max=10"`
	Start  string `form:"start" validate:"required,max=5"`
	Reason string `form:"reason" validate:"required,plain,max=300"`
}

func (s *Service) moveForm(ctx context.Context, a auth.Actor, in moveFormIn, bad *errs.Error) (httpapi.Answer, error) {
	id, err := s.activityOf(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		v, err := s.Get(ctx, id)
		if err != nil {
			return httpapi.Answer{}, err
		}
		m, _ := v.session(s.DB.Now(), in.ID)
		at, ok := models.LocalInstant(in.Date, in.Start, s.Zone)
		if !ok {
			bad = errs.FieldFault("date", "other")
		} else if _, err := s.Move(ctx, a, in.ID, Time{at, at.Add(m.EndsAt.Sub(m.StartsAt))}, in.Reason); err != nil {
			bad = errs.As(err)
		}
	}
	return s.back(ctx, a, id, "activity.session_moved", bad, nil)
}

type dutyIn struct {
	pathID
	Accounts []int64 `form:"account" validate:"max=50"`
}

func (s *Service) dutyForm(ctx context.Context, a auth.Actor, in dutyIn, bad *errs.Error) (httpapi.Answer, error) {
	id, err := s.activityOf(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		_, err = s.Duty(ctx, a, in.ID, in.Accounts)
	}
	return s.back(ctx, a, id, "activity.duty_set", bad, err)
}

type decideIn struct {
	pathUID
	Yes    string `form:"yes" validate:"required,oneof=on off"`
	Reason string `form:"reason" validate:"omitempty,plain,max=300"`
}

func (s *Service) decideForm(ctx context.Context, a auth.Actor, in decideIn, bad *errs.Error) (httpapi.Answer, error) {
	r, err := s.Signup(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		_, err = s.Decide(ctx, a, in.ID, in.Yes == "on", in.Reason)
	}
	return s.back(ctx, a, r.ActivityID, "activity.decided", bad, err)
}

type drawFormIn struct {
	pathID
	Value string `form:"value" validate:"required,max=100"`
}

func (s *Service) drawForm(ctx context.Context, a auth.Actor, in drawFormIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if err := s.Draw(ctx, a, in.ID, strings.TrimSpace(in.Value)); err != nil {
			bad = errs.As(err)
		}
	}
	if bad == nil {
		return httpapi.SeeOther(activityPath(in.ID)+"/draw", "", nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.drawing(ctx, a, in.ID, bad)
	return httpapi.Show(page), err
}
