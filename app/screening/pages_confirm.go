package screening

import (
	"context"
	"slices"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// answerEntry is the cinema's answer as the forms send it.
type answerEntry struct {
	httpapi.PathID
	Projectionist string `form:"projectionist" validate:"omitempty,plain,max=40"`
	Phone         string `form:"phone" validate:"max=30"`
	Cost          string `form:"cost" validate:"omitempty,plain,max=200"`
	Reason        string `form:"reason" validate:"omitempty,plain,max=500"`
}

func (in answerEntry) answer() Answer { return Answer{in.Projectionist, in.Phone, in.Cost} }

var answerLabels = map[string]string{"projectionist": "cinema.projectionist", "name": "cinema.projectionist", "phone": "cinema.phone", "cost": "cinema.cost",
	"reason": "request.reason"}

type confirmData struct {
	Title   string
	Start   models.Instant
	Chip    web.Chip
	Next    string
	Facts   []web.Fact
	Action  string // the address of the thing, "/confirm" and "/refuse" below it
	Answers bool   // the cinema's answer is awaited
	Names   bool   // confirmed: what was named can be changed
	Form    web.Form
	Which   string
	Refusal string
	Show    string // where a request that became a screening is seen to
}

func (s *Service) confirmPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.confirmingPage(ctx, a, answerEntry{PathID: in}, "", nil)
}

func (s *Service) confirmingPage(ctx context.Context, a auth.Actor, in answerEntry, which string, bad *errs.Error) (web.Page, error) {
	v, err := s.Request(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !a.CanAt(auth.HallConfirm, v.PlacePath) {
		return web.Page{}, errs.ErrForbidden
	}
	w := s.words(ctx)
	d := confirmData{Title: v.FilmTitle, Start: v.StartsAt, Chip: requestChip(w, v), Action: confirmPath("requests", v.ID), Which: which,
		Next: next(w, v, "cinema.next."), Answers: v.Status == models.HallConfirming, Facts: append(requestFacts(w, v), s.shownFacts(w, v.Shown)...)}
	if v.EventID != nil {
		d.Show = confirmPath("screenings", *v.EventID)
	}
	if bad == nil && d.Answers {
		if in.Projectionist, in.Phone, err = s.usualShowing(ctx, v.HallID, v.Span()); err != nil {
			return web.Page{}, err
		}
	}
	return s.answerPage(ctx, d, in, bad), nil
}

func (s *Service) answerPage(ctx context.Context, d confirmData, in answerEntry, bad *errs.Error) web.Page {
	p := web.Page{Template: "cinema/confirm", Title: "cinema.confirm_title", TitleArgs: map[string]any{"title": d.Title}, Layout: web.LayoutStaff,
		Styles: []string{"booking", "hall", "cinema"}}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, bad, answerLabels),
		Values: map[string]string{"projectionist": in.Projectionist, "phone": in.Phone, "cost": in.Cost, "reason": in.Reason}}
	for i := range d.Form.Errors {
		if d.Form.Errors[i].Field == "name" { // of the person that the projectionist is
			d.Form.Errors[i].Field = "projectionist"
		}
	}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, bad), nil
		}
	}
	p.Data = &d
	return p
}

func (s *Service) confirmForm(ctx context.Context, a auth.Actor, in answerEntry, bad *errs.Error) (httpapi.Answer, error) {
	var v RequestView
	err := errs.OrNil(bad)
	if err == nil {
		v, err = s.Confirm(ctx, a, in.ID, in.answer())
	}
	if err == nil {
		flash := "cinema.confirmed"
		if v.Status == models.HallPending {
			flash = "cinema.confirmed_first"
		}
		return httpapi.SeeOther("/cinema", flash, nil), nil
	}
	return s.answerAgain(err, func(bad *errs.Error) (web.Page, error) { return s.confirmingPage(ctx, a, in, "confirm", bad) })
}

func (s *Service) refuseForm(ctx context.Context, a auth.Actor, in answerEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Refuse(ctx, a, in.ID, in.Reason)
	}
	if err == nil {
		return httpapi.SeeOther("/cinema", "cinema.refused", nil), nil
	}
	return s.answerAgain(err, func(bad *errs.Error) (web.Page, error) { return s.confirmingPage(ctx, a, in, "refuse", bad) })
}

func (s *Service) answerAgain(err error, again func(bad *errs.Error) (web.Page, error)) (httpapi.Answer, error) {
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := again(bad)
	return httpapi.Show(page), err
}

func (s *Service) confirmShowPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.confirmingShow(ctx, a, answerEntry{PathID: in}, "", nil)
}

func (s *Service) confirmingShow(ctx context.Context, a auth.Actor, in answerEntry, which string, bad *errs.Error) (web.Page, error) {
	v, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !a.CanAt(auth.HallConfirm, v.OrgPath) {
		return web.Page{}, errs.ErrForbidden
	}
	w := s.words(ctx)
	d := confirmData{Title: v.FilmTitle, Start: v.StartsAt, Chip: s.left(w, v), Action: confirmPath("screenings", v.ID), Which: which,
		Answers: v.State == models.EventPlanned, Names: v.State == models.EventOpen && s.db.Now().Before(v.EndsAt)}
	d.Facts = []web.Fact{{Label: w.T("fact.time"), Text: w.DateTime(v.StartsAt)}, {Label: w.T("cinema.until"), Text: w.DateTime(v.EndsAt)},
		{Label: w.T("fact.hall"), Text: v.HallName}, {Label: w.T("plan.audience"), Text: w.T("show." + string(v.Audience))}}
	if v.BranchName != "" {
		d.Facts = append(d.Facts, web.Fact{Label: w.T("request.org"), Text: v.BranchName})
	}
	d.Facts = append(d.Facts, s.shownFacts(w, v.Shown)...)
	switch {
	case d.Answers:
		d.Next = w.T("cinema.next.confirming", "deadline", v.ConfirmUntil)
		if bad == nil {
			in.Projectionist, in.Phone, err = s.usualShowing(ctx, v.ResourceID, v.Span())
		}
	case d.Names:
		d.Next = w.T("cinema.next.approved")
		if bad == nil {
			in.Projectionist, in.Phone, in.Cost = v.Shown.ShownBy, s.ShownPhone(v.Shown), v.Shown.ShownCost
		}
	default:
		d.Next = httpapi.Say(ctx, booking.ErrOver.With("title", v.FilmTitle))
	}
	return s.answerPage(ctx, d, in, bad), err
}

func (s *Service) confirmShowForm(ctx context.Context, a auth.Actor, in answerEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.ConfirmScreening(ctx, a, in.ID, in.answer())
	}
	if err == nil {
		return httpapi.SeeOther("/cinema", "cinema.confirmed", nil), nil
	}
	return s.answerAgain(err, func(bad *errs.Error) (web.Page, error) { return s.confirmingShow(ctx, a, in, "confirm", bad) })
}

func (s *Service) refuseShowForm(ctx context.Context, a auth.Actor, in answerEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.RefuseScreening(ctx, a, in.ID, in.Reason)
	}
	if err == nil {
		return httpapi.SeeOther("/cinema", "cinema.refused", nil), nil
	}
	return s.answerAgain(err, func(bad *errs.Error) (web.Page, error) { return s.confirmingShow(ctx, a, in, "refuse", bad) })
}

func confirmPath(kind string, id int64) string {
	return "/cinema/" + kind + "/" + strconv.FormatInt(id, 10)
}

// ToConfirm lists what waits for the actor's answer, the most urgent first.
func (s *Service) ToConfirm(ctx context.Context, a auth.Actor, w web.Words) ([]RequestCard, error) {
	qs, err := s.Requests(ctx, a, list.Query{PerPage: list.MaxPerPage, Sort: "deadline"}, models.HallConfirming)
	if err != nil {
		return nil, err
	}
	var out []RequestCard
	for _, q := range qs.Items {
		if a.CanAt(auth.HallConfirm, q.PlacePath) {
			c := requestInList(w, q)
			c.Href = confirmPath("requests", q.ID)
			out = append(out, c)
		}
	}
	shows, err := s.Planned(ctx, a)
	for _, v := range shows {
		c := RequestCard{Card: s.Card(w, v), Until: v.ConfirmUntil}
		c.Href = confirmPath("screenings", v.ID)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(x, y RequestCard) int { return x.Until.Time().Compare(y.Until.Time()) })
	return out, err
}

// shownFacts is what the cinema has named, for staff and for the branch.
func (s *Service) shownFacts(w web.Words, sh Showing) (facts []web.Fact) {
	if sh.ShownBy != "" {
		f := web.Fact{Label: w.T("cinema.projectionist"), Text: sh.ShownBy}
		if phone := s.ShownPhone(sh); phone != "" {
			f.Text, f.Href = sh.ShownBy+" "+phone, "tel:"+phone
		}
		facts = append(facts, f)
	}
	if sh.ShownCost != "" {
		facts = append(facts, web.Fact{Label: w.T("cinema.cost"), Text: sh.ShownCost})
	}
	return facts
}

// CinemaItems is a week as the cinema has it: what it answers leads to its answer,
// and a screening names who projects it. Blocks are left out.
func (s *Service) CinemaItems(w web.Words, week Week) []WeekItem {
	out := s.weekItems(w, Week{Shows: week.Shows, Requests: week.Requests})
	for i := range out {
		for _, v := range week.Shows {
			if out[i].Href == showPath(v.ID) {
				out[i].Href = confirmPath("screenings", v.ID)
				if v.Shown.ShownBy != "" {
					out[i].Line += w.T("week.sep") + w.T("cinema.projectionist_is", "name", v.Shown.ShownBy) + " " + s.ShownPhone(v.Shown)
				}
			}
		}
		for _, q := range week.Requests {
			if q.Status == models.HallConfirming && out[i].Href == requestPath(q.ID) {
				out[i].Href = confirmPath("requests", q.ID)
			}
		}
	}
	return out
}
