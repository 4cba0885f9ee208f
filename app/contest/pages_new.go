package contest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// newIn is the form of a new contest. Times and divisions are rows: the n-th value
// of each column is the n-th row's. Takes and Kept name the row, from 0, before the
// colon: "0:12" is that the first time takes resource 12. More asks for one row more
// of "time" or "division".
type newIn struct {
	httpapi.Keyed
	Day      string `query:"date" form:"-" validate:"max=10"` // a festival that was chosen
	More     string `form:"more" validate:"omitempty,oneof=time division"`
	Org      int64  `form:"org"`
	Title    string `form:"title"`
	Summary  string `form:"summary"`
	Detail   string `form:"detail"`
	Phone    string `form:"phone"`
	OpensOn  string `form:"opens_on"`
	ClosesOn string `form:"closes_on"`
	BackOn   string `form:"back_on"`

	Kinds  []string `form:"slot_kind"`
	Dates  []string `form:"slot_date"`
	Starts []string `form:"slot_from"`
	Ends   []string `form:"slot_to"`
	Spots  []string `form:"slot_place"`
	Setups []string `form:"slot_setup"`
	Clears []string `form:"slot_clear"`
	Takes  []string `form:"takes"`

	divisionColumns
	Heats  []string `form:"heat"`  // the number of a time, from 1; empty: the final decides alone
	Finals []string `form:"final"` // likewise; required
	Kept   []string `form:"kept"`  // "row:organisation", beside the number in Quotas
	Quotas []string `form:"quota"`
}

// divisionColumns are the divisions of a form, of a new contest and of an announced one.
type divisionColumns struct {
	Names       []string `form:"division"`
	Places      []string `form:"places"`
	MinMembers  []string `form:"min_members"`
	MaxMembers  []string `form:"max_members"`
	Substitutes []string `form:"substitutes"`
	MinAges     []string `form:"min_age"`
	MaxAges     []string `form:"max_age"`
	Minutes     []string `form:"max_minutes"`
	PerTeam     []string `form:"per_team"`
	Advances    []string `form:"advance"`
}

// cell is the n-th value of a column, cleaned; empty when there is none.
func cell(column []string, n int) string {
	if n < len(column) {
		return strings.TrimSpace(column[n])
	}
	return ""
}

// keyed is the key of a row in Takes and Kept.
func keyed(row int, id int64) string { return strconv.Itoa(row) + ":" + strconv.FormatInt(id, 10) }

type newData struct {
	Form      web.Form
	Refusal   string
	Orgs      []models.Org
	Org       int64
	Festivals []web.Link
	Times     []timeFields
	Divisions []divisionFields
}

// timeFields is a row of the times of a contest.
type timeFields struct {
	No                                        int
	At                                        string // the prefix of its fields' ids
	Kind, Date, From, To, Place, Setup, Clear string
	Takes                                     []lendable
	Key                                       []string
	Any                                       bool
}

// divisionFields is a row of the divisions.
type divisionFields struct {
	No                                                     int
	At                                                     string
	Name, Places, MinMembers, MaxMembers, Substitutes      string
	MinAge, MaxAge, Minutes, PerTeam, Heat, Final, Advance string
	Times                                                  []web.Choice
	Kept                                                   []quotaFields
	HasKept                                                bool
}

type quotaFields struct{ Key, Name, N string }

// What a new form has room for.
const (
	newTimes     = 2
	newDivisions = 1
)

var newLabels = map[string]string{"title": "contest.name", "summary": "contest.summary", "detail": "contest.detail", "phone": "contest.phone", "opens_at": "contest.opens_on",
	"closes_at": "contest.closes_on", "give_back_at": "contest.back_on", "org_id": "contest.org", "slots": "contest.times", "divisions": "contest.divisions"}

// rowLabels are newLabels with those of every row of so many times and divisions.
func rowLabels(times, divisions int) map[string]string {
	out := map[string]string{}
	for k, v := range newLabels {
		out[k] = v
	}
	for i := range times {
		at := "slots[" + strconv.Itoa(i) + "]."
		out[at+"place"], out[at+"starts_at"], out[at+"ends_at"] = "contest.place", "contest.date", "contest.to"
		out[at+"setup_min"], out[at+"clear_min"] = "contest.setup", "contest.clear"
	}
	for i := range divisions {
		at := "divisions[" + strconv.Itoa(i) + "]."
		for name, key := range map[string]string{"name": "contest.division_name", "places": "contest.division_places", "min_members": "contest.division_min",
			"max_members": "contest.division_max", "substitutes": "contest.division_spare", "min_age": "contest.division_from", "max_age": "contest.division_to",
			"max_length": "contest.division_minutes", "per_team": "contest.division_per_team", "heat": "contest.division_heat", "advance": "contest.division_advance",
			"quotas": "contest.quotas"} {
			out[at+name] = key
		}
	}
	return out
}

func (s *Service) newPage(ctx context.Context, a auth.Actor, in newIn) (web.Page, error) {
	if len(in.Dates) == 0 {
		in.Dates, in.Kinds = []string{in.Day}, []string{string(models.SlotStage)}
	}
	return s.announcing(ctx, a, in, nil)
}

func (s *Service) announcing(ctx context.Context, a auth.Actor, in newIn, bad *errs.Error) (web.Page, error) {
	d := newData{Org: in.Org, Form: web.Form{Errors: httpapi.Faults(ctx, bad, rowLabels(len(in.Dates), len(in.Names))), Values: map[string]string{"title": in.Title, "summary": in.Summary,
		"detail": in.Detail, "phone": in.Phone, "opens_on": in.OpensOn, "closes_on": in.ClosesOn, "back_on": in.BackOn}}}
	var err error
	if d.Orgs, err = s.orgsWith(ctx, a, auth.ContestWrite); err != nil {
		return web.Page{}, err
	}
	all, err := s.resources(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	offices, err := s.offices(ctx)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	for i := range max(len(in.Dates)+more(in.More, "time"), newTimes) {
		d.Times = append(d.Times, in.timeRow(i, all))
	}
	for i := range max(len(in.Names)+more(in.More, "division"), newDivisions) {
		d.Divisions = append(d.Divisions, in.divisionRow(i, w.timeChoices(d.Times), offices))
	}
	d.Festivals = w.festivals(s.zone)
	p := web.Page{Template: "contest/new", Title: "contest.new", Layout: web.LayoutStaff, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, bad), nil
		}
	}
	return p, nil
}

func more(asked, of string) int {
	if asked == of {
		return 1
	}
	return 0
}

func (in newIn) timeRow(i int, all []Named) timeFields {
	r := timeFields{No: i + 1, At: "slots[" + strconv.Itoa(i) + "].", Kind: cell(in.Kinds, i), Date: cell(in.Dates, i), From: cell(in.Starts, i), To: cell(in.Ends, i),
		Place: cell(in.Spots, i), Setup: cell(in.Setups, i), Clear: cell(in.Clears, i)}
	if r.Kind == "" {
		r.Kind = string(models.SlotRehearsal)
	}
	for _, x := range all {
		on := slices.Contains(in.Takes, keyed(i, x.ID))
		r.Takes, r.Any = append(r.Takes, lendable{x, on}), r.Any || on
		r.Key = append(r.Key, keyed(i, x.ID))
	}
	return r
}

// row is the i-th division as its form shows it.
func (in divisionColumns) row(i int) divisionFields {
	return divisionFields{No: i + 1, At: "divisions[" + strconv.Itoa(i) + "].", Name: cell(in.Names, i), Places: cell(in.Places, i), MinMembers: cell(in.MinMembers, i),
		MaxMembers: cell(in.MaxMembers, i), Substitutes: cell(in.Substitutes, i), MinAge: cell(in.MinAges, i), MaxAge: cell(in.MaxAges, i), Minutes: cell(in.Minutes, i),
		PerTeam: cell(in.PerTeam, i), Advance: cell(in.Advances, i)}
}

func (in newIn) divisionRow(i int, times []web.Choice, offices []models.Org) divisionFields {
	r := in.row(i)
	r.Heat, r.Final, r.Times = cell(in.Heats, i), cell(in.Finals, i), times
	for _, o := range offices {
		q := quotaFields{Key: keyed(i, o.ID), Name: o.Name}
		if n := slices.Index(in.Kept, q.Key); n >= 0 {
			q.N = cell(in.Quotas, n)
		}
		r.HasKept = r.HasKept || q.N != ""
		r.Kept = append(r.Kept, q)
	}
	return r
}

// timeChoices are the times of the form as a division chooses among them.
func (w words) timeChoices(rows []timeFields) []web.Choice {
	var out []web.Choice
	for _, r := range rows {
		label := w.t("contest.time_no", "n", r.No)
		if r.Date != "" {
			label += " · " + strings.Join(strings.Fields(r.Date+" "+r.From+" "+r.Place), " ")
		}
		out = append(out, web.Choice{Value: strconv.Itoa(r.No), Label: label})
	}
	return out
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
	in.dropBlank()
	if bad == nil && in.More == "" {
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

// dropBlank leaves out rows in which nothing was written, so that a row's number is
// that of the plan. Rows that divisions refer to stay.
func (in *newIn) dropBlank() {
	for n := len(in.Dates); n > 1 && cell(in.Dates, n-1) == "" && cell(in.Spots, n-1) == "" && !slices.Contains(in.Heats, strconv.Itoa(n)) && !slices.Contains(in.Finals, strconv.Itoa(n)); n = len(in.Dates) {
		in.Dates = in.Dates[:n-1]
	}
	for n := len(in.Names); n > 1 && cell(in.Names, n-1) == ""; n = len(in.Names) {
		in.Names = in.Names[:n-1]
	}
}
