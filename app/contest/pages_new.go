package contest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// newIn is the form of a new contest: one day on stage, perhaps a rehearsal, up to
// three divisions. More than that is for the API.
type newIn struct {
	httpapi.Keyed
	Date       string   `query:"date" form:"date" validate:"max=10"`
	Org        int64    `form:"org"`
	Title      string   `form:"title"`
	Summary    string   `form:"summary"`
	Phone      string   `form:"phone"`
	From       string   `form:"from"`
	To         string   `form:"to"`
	Place      string   `form:"place"`
	Resources  []int64  `form:"resources"`
	Rehearsal  string   `form:"rehearsal"`
	OpensOn    string   `form:"opens_on"`
	ClosesOn   string   `form:"closes_on"`
	Divisions  []string `form:"division"`
	Places     []string `form:"places"`
	MinMembers []string `form:"min_members"`
	MaxMembers []string `form:"max_members"`
	MinAge     []string `form:"min_age"`
	MaxAge     []string `form:"max_age"`
	Minutes    []string `form:"max_minutes"`
}

type newData struct {
	Form      web.Form
	Refusal   string
	Orgs      []models.Org
	Org       int64
	Festivals []web.Link
	Resources []lendable
	Rows      []divisionFields
}

type divisionFields struct{ No, Name, Places, MinMembers, MaxMembers, MinAge, MaxAge, Minutes string }

const newRows = 3

var newLabels = map[string]string{"title": "contest.name", "summary": "contest.summary", "phone": "contest.phone", "date": "contest.date", "closes_at": "contest.closes_on",
	"org_id": "contest.org", "slots[0].place": "contest.place", "slots[0].starts_at": "contest.date", "slots[0].ends_at": "contest.to", "divisions": "contest.division"}

func (s *Service) newPage(ctx context.Context, a auth.Actor, in newIn) (web.Page, error) {
	return s.announcing(ctx, a, in, nil)
}

func (s *Service) announcing(ctx context.Context, a auth.Actor, in newIn, bad *errs.Error) (web.Page, error) {
	d := newData{Org: in.Org, Form: web.Form{Errors: httpapi.Faults(ctx, bad, newLabels), Values: map[string]string{"title": in.Title, "summary": in.Summary, "phone": in.Phone,
		"date": in.Date, "from": in.From, "to": in.To, "place": in.Place, "rehearsal": in.Rehearsal, "opens_on": in.OpensOn, "closes_on": in.ClosesOn}}}
	var err error
	if d.Orgs, err = s.orgsWith(ctx, a, auth.ContestWrite); err != nil {
		return web.Page{}, err
	}
	all, err := s.resources(ctx)
	if err != nil {
		return web.Page{}, err
	}
	for _, r := range all {
		on := false
		for _, id := range in.Resources {
			on = on || id == r.ID
		}
		d.Resources = append(d.Resources, lendable{r, on})
	}
	for i := range newRows {
		at := func(v []string) string {
			if i < len(v) {
				return v[i]
			}
			return ""
		}
		d.Rows = append(d.Rows, divisionFields{strconv.Itoa(i + 1), at(in.Divisions), at(in.Places), at(in.MinMembers), at(in.MaxMembers), at(in.MinAge), at(in.MaxAge), at(in.Minutes)})
	}
	d.Festivals = s.words(ctx).festivals(s.zone)
	p := web.Page{Template: "contest/new", Title: "contest.new", Layout: web.LayoutStaff, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, bad), nil
		}
	}
	return p, nil
}

// festivals offers the next days of the moon calendar on which contests are held.
func (w words) festivals(zone *time.Location) []web.Link {
	var out []web.Link
	today := models.DayOf(w.frame.Now, zone)
	for i := range 400 {
		day := today.Add(i)
		name := w.frame.Lunar(day.At(12*60, zone))
		for _, key := range []string{"lantern", "dragon_boat", "mid_autumn", "double_ninth"} {
			if name == w.t("festival."+key) {
				out = append(out, web.Link{Href: "/contests/new?date=" + day.String(), Icon: "calendar", Text: name + " " + w.t("contest.lunar."+key) + " · " + w.frame.FullDate(day.At(12*60, zone))})
			}
		}
	}
	return out
}

func (s *Service) newForm(ctx context.Context, a auth.Actor, in newIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		p, faults := s.planOf(in)
		var err error
		if len(faults) > 0 {
			err = errs.ErrInvalid.At(faults...)
		} else {
			var c Contest
			if c, err = s.Create(ctx, a, p, in.Key); err == nil {
				return httpapi.SeeOther(staffPath(c.ID), "contest.created", nil), nil
			}
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.announcing(ctx, a, in, bad)
	return httpapi.Show(p), err
}

// planOf reads the form; what it cannot read are faults.
func (s *Service) planOf(in newIn) (Plan, faults) {
	var bad faults
	at := func(field, day, clock string) models.Instant {
		t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, s.zone)
		if err != nil {
			bad.add(field, "required")
			return models.Instant{}
		}
		return models.InstantOf(t)
	}
	number := func(v []string, i, missing int) int {
		if i >= len(v) || strings.TrimSpace(v[i]) == "" {
			return missing
		}
		n, err := strconv.Atoi(strings.TrimSpace(v[i]))
		if err != nil {
			bad.add("divisions", "type")
		}
		return n
	}
	p := Plan{OrgID: in.Org, Title: in.Title, Summary: in.Summary, Phone: in.Phone, OpensAt: at("opens_at", in.OpensOn, "09:00"), ClosesAt: at("closes_at", in.ClosesOn, "18:00"),
		Slots: []SlotPlan{{Kind: models.SlotStage, Place: in.Place, Span: models.Span{Start: at("date", in.Date, in.From), End: at("date", in.Date, in.To)}, SetupMin: 60, ClearMin: 30, Resources: in.Resources}}}
	if in.Rehearsal != "" {
		p.Slots = append(p.Slots, SlotPlan{Kind: models.SlotRehearsal, Place: in.Place, Span: models.Span{Start: at("rehearsal", in.Rehearsal, in.From), End: at("rehearsal", in.Rehearsal, in.To)}, Resources: in.Resources})
	}
	for i, name := range in.Divisions {
		if strings.TrimSpace(name) == "" {
			continue
		}
		least := number(in.MinMembers, i, 1)
		p.Divisions = append(p.Divisions, DivisionPlan{Name: name, Places: number(in.Places, i, 20), MinMembers: least, MaxMembers: number(in.MaxMembers, i, max(least, 30)), Substitutes: 3,
			MinAge: number(in.MinAge, i, 0), MaxAge: number(in.MaxAge, i, 0), MaxLength: number(in.Minutes, i, 0) * 60, PerTeam: 1, Heat: 0, Final: -1})
	}
	return p, bad
}
