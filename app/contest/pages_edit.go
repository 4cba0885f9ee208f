package contest

import (
	"context"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) editPages(r *httpapi.Router) {
	httpapi.Page(r, "/contests/:id/edit", auth.ContestWrite, func(ctx context.Context, a auth.Actor, in byContest) (web.Page, error) {
		return s.changePage(ctx, a, in.ID, nil, nil)
	})
	httpapi.Form(r, "/contests/:id/edit", auth.ContestWrite, httpapi.LimitNone, s.changeForm)
	httpapi.Form(r, "/contests/:id/slots", auth.ContestWrite, httpapi.LimitNone, s.slotForm)
	httpapi.Form(r, "/contests/:id/slots/:slot/drop", auth.ContestWrite, httpapi.LimitNone, s.dropForm)
	httpapi.Page(r, "/contests/:id/rounds/:round/advance", auth.ContestRead, func(ctx context.Context, a auth.Actor, in byRound) (web.Page, error) {
		return s.advancePage(ctx, a, in, nil)
	})
	httpapi.Form(r, "/contests/:id/rounds/:round/advance", auth.ContestDraw, httpapi.LimitNone, s.advanceForm)
}

// editForm is the form of an announced contest.
type editForm struct {
	byContest
	Title    string  `form:"title"`
	Summary  string  `form:"summary"`
	Detail   string  `form:"detail"`
	Phone    string  `form:"phone"`
	ClosesOn string  `form:"closes_on"`
	ClosesAt string  `form:"closes_at"`
	IDs      []int64 `form:"division_id"`
	divisionColumns
}

// asTyped is a contest as its form is filled in.
func (c Contest) asTyped(zone *time.Location) editForm {
	end := c.ClosesAt.In(zone)
	in := editForm{Title: c.Title, Summary: c.Summary, Detail: c.Detail, Phone: c.Phone, ClosesOn: end.Format("2006-01-02"), ClosesAt: end.Format("15:04")}
	blank := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for _, d := range c.Divisions {
		in.IDs, in.Names, in.Places = append(in.IDs, d.ID), append(in.Names, d.Name), append(in.Places, strconv.Itoa(d.Places))
		in.MinMembers, in.MaxMembers = append(in.MinMembers, strconv.Itoa(d.MinMembers)), append(in.MaxMembers, strconv.Itoa(d.MaxMembers))
		in.Substitutes, in.PerTeam = append(in.Substitutes, strconv.Itoa(d.Substitutes)), append(in.PerTeam, strconv.Itoa(d.PerTeam))
		in.MinAges, in.MaxAges = append(in.MinAges, blank(d.MinAge)), append(in.MaxAges, blank(d.MaxAge))
		in.Minutes, in.Advances = append(in.Minutes, blank(d.MaxLength/60)), append(in.Advances, blank(c.heat(d.ID).Advance))
	}
	return in
}

// changes reads the form.
func (in editForm) changes(zone *time.Location) (Changes, faults) {
	r := &reading{zone: zone}
	p := Changes{Title: in.Title, Summary: in.Summary, Detail: in.Detail, Phone: in.Phone, ClosesAt: r.at("closes_at", in.ClosesOn, in.ClosesAt)}
	for i, id := range in.IDs {
		field := "divisions[" + strconv.Itoa(i) + "]."
		n := func(name string, column []string, missing int) int {
			return r.number(field+name, cell(column, i), missing)
		}
		p.Divisions = append(p.Divisions, DivisionChange{ID: id, Name: cell(in.Names, i), Places: n("places", in.Places, 0), MinMembers: n("min_members", in.MinMembers, 0),
			MaxMembers: n("max_members", in.MaxMembers, 0), Substitutes: n("substitutes", in.Substitutes, 0), MinAge: n("min_age", in.MinAges, 0), MaxAge: n("max_age", in.MaxAges, 0),
			MaxLength: n("max_length", in.Minutes, 0) * 60, PerTeam: n("per_team", in.PerTeam, 1), Advance: n("advance", in.Advances, 0)})
	}
	return p, r.faults
}

type editData struct {
	Contest   Contest
	Form      web.Form
	Refusal   []string
	Divisions []editRow
}

type editRow struct {
	divisionFields
	ID      int64
	HasHeat bool
}

func (s *Service) changePage(ctx context.Context, a auth.Actor, id int64, typed *editForm, bad *errs.Error) (web.Page, error) {
	c, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return web.Page{}, err
	case !a.CanAt(auth.ContestWrite, c.OrgPath):
		return web.Page{}, errs.ErrForbidden
	case typed == nil:
		in := c.asTyped(s.zone)
		typed = &in
	}
	labels := rowLabels(0, len(typed.IDs))
	d := editData{Contest: c, Form: web.Form{Errors: httpapi.Faults(ctx, bad, labels), Values: map[string]string{"title": typed.Title, "summary": typed.Summary, "detail": typed.Detail,
		"phone": typed.Phone, "closes_on": typed.ClosesOn, "closes_at": typed.ClosesAt}}}
	for i, id := range typed.IDs {
		d.Divisions = append(d.Divisions, editRow{typed.row(i), id, c.heat(id).Kind == models.RoundHeat})
	}
	p := web.Page{Template: "contest/edit", Title: "contest.edit_contest", Layout: web.LayoutStaff, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Form.Errors, d.Refusal = nil, []string{httpapi.Say(ctx, bad)}
			for _, f := range bad.Fields {
				d.Refusal = append(d.Refusal, httpapi.SayField(ctx, f))
			}
		}
	}
	return p, nil
}

func (s *Service) changeForm(ctx context.Context, a auth.Actor, in editForm, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		p, faults := in.changes(s.zone)
		err := faults.err()
		if err == nil {
			_, err = s.Change(ctx, a, in.ID, p)
		}
		if err == nil {
			return httpapi.SeeOther(staffPath(in.ID), "contest.changed", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.changePage(ctx, a, in.ID, &in, bad)
	return httpapi.Show(p), err
}

// slotFormIn is one more time.
type slotFormIn struct {
	httpapi.Keyed
	byContest
	Kind      models.SlotKind `form:"slot_kind"`
	Date      string          `form:"slot_date"`
	From      string          `form:"slot_from"`
	To        string          `form:"slot_to"`
	Place     string          `form:"slot_place"`
	Setup     string          `form:"slot_setup"`
	Clear     string          `form:"slot_clear"`
	Resources []int64         `form:"slot_takes"`
	Entry     string          `form:"slot_entry"`
}

func (s *Service) slotForm(ctx context.Context, a auth.Actor, in slotFormIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		r := &reading{zone: s.zone}
		p := SlotPlan{Kind: in.Kind, Place: in.Place, Span: models.Span{Start: r.at("starts_at", in.Date, in.From), End: r.at("ends_at", in.Date, in.To)},
			SetupMin: r.number("setup_min", in.Setup, 0), ClearMin: r.number("clear_min", in.Clear, 0), Resources: in.Resources, Entry: in.Entry}
		if err = r.err(); err == nil {
			_, err = s.AddSlot(ctx, a, in.ID, p, in.Key)
		}
	}
	return s.again(ctx, a, staffIn{byContest: in.byContest, Slot: in}, err, staffPath(in.ID)+"#times", "contest.slot_added")
}

type dropFormIn struct {
	byContest
	Slot   int64  `path:"slot"`
	Reason string `form:"reason"`
}

func (s *Service) dropForm(ctx context.Context, a auth.Actor, in dropFormIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.DropSlot(ctx, a, in.ID, in.Slot, in.Reason)
	}
	return s.again(ctx, a, staffIn{byContest: in.byContest}, err, staffPath(in.ID)+"#times", "contest.slot_dropped")
}

type advanceData struct {
	Contest Contest
	Title   string
	Lead    string
	Table   web.Table
	Action  string
	Refusal string
	Result  string
}

// advancePage shows who goes on to the final before it is made so.
func (s *Service) advancePage(ctx context.Context, a auth.Actor, in byRound, bad *errs.Error) (web.Page, error) {
	q, err := s.Qualifiers(ctx, a, in.ID, in.Round)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	division, _ := q.Contest.Division(q.Heat.DivisionID)
	d := advanceData{Contest: q.Contest, Title: w.t("contest.advance_title", "division", division.Name), Result: roundPath(q.Heat.ID),
		Lead: w.t("contest.advance_lead", "n", q.Heat.Advance, "in", len(q.ids()))}
	d.Table = web.Table{Caption: w.t("contest.advance_table"), Columns: []string{w.t("contest.advance_place"), w.t("contest.team"), w.t("contest.home"), w.t("contest.state_word")}}
	for _, x := range q.All {
		chip := web.Chip{Tone: web.ToneOff, Text: w.t("contest.stays")}
		switch {
		case x.GoesOn:
			chip = web.Chip{Tone: web.ToneOK, Text: w.t("contest.goes_on")}
		case x.Dropped:
			chip = web.Chip{Tone: web.ToneWarn, Text: w.t("contest.out")}
		}
		d.Table.Rows = append(d.Table.Rows, web.Row{Cells: []web.Cell{{Text: strconv.Itoa(x.Rank), Number: true}, {Text: x.Team}, {Text: x.Org}, {Chip: &chip}}})
	}
	switch {
	case q.Stands:
		d.Lead += w.t("contest.advance_stands")
	case q.Final.State != models.RoundPlanned:
		d.Refusal = httpapi.Say(ctx, ErrOrdered.With("round", q.Final.Name))
	case a.CanAt(auth.ContestDraw, q.Contest.OrgPath) && q.Contest.State == models.ContestOn:
		d.Action = advancePath(q.Contest.ID, q.Heat.ID)
	}
	p := web.Page{Template: "contest/advance", Title: "contest.advance", Layout: web.LayoutStaff, Data: &d}
	if bad != nil {
		p.Status, d.Refusal = bad.Kind.Status(), httpapi.Say(ctx, bad)
	}
	return p, nil
}

func advancePath(contest, round int64) string {
	return path(contest) + "/rounds/" + strconv.FormatInt(round, 10) + "/advance"
}

// roundPath is where a round that is judged shows its board and its result.
func roundPath(id int64) string { return "/rounds/" + strconv.FormatInt(id, 10) }

func (s *Service) advanceForm(ctx context.Context, a auth.Actor, in byRound, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Advance(ctx, a, in.ID, in.Round)
		if err == nil {
			return httpapi.SeeOther(staffPath(in.ID)+"#rounds", "contest.advanced", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.advancePage(ctx, a, in, bad)
	return httpapi.Show(p), err
}
