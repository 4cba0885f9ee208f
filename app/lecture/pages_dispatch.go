package lecture

import (
	"context"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/web"
	"youyue/models"
)

// staffData is what who dispatches has beside an order.
type staffData struct {
	Teams    []suggested // the best
	Others   []suggested // the rest, those that cannot come last
	Topics   []Named     // of a wish
	Proposed []proposal
	Similar  []likeCard
	Decides  bool
	Approves bool
	Returns  bool
	Callback bool
	Table    web.Table
}

// bestTeams are as many as a page shows before somebody asks for the rest.
const bestTeams = 5

// proposal is another time at which a team would come.
type proposal struct {
	Team             int64
	Text, Date, Time string
}

// likeCard is an order that another could be merged into, with what they have in
// common and what not.
type likeCard struct {
	card
	Same, Differs string
}

// suggested is a team with why it is where it is.
type suggested struct {
	ID      int64
	Name    string
	When    string
	Why     string
	Off     string
	Checked bool
}

// staffSide is what who dispatches sees and does.
func (s *Service) staffSide(ctx context.Context, w words, a auth.Actor, o Order) (*staffData, error) {
	d := &staffData{Decides: o.Staffed(a) && o.State.Open(), Callback: o.Callback && o.CalledAt.IsZero() && o.Staffed(a)}
	d.Approves = o.Staffed(a) && o.State == models.LectureSubmitted
	d.Returns = d.Decides && o.State != models.LectureDispatched
	offers, err := s.Offers(ctx, a, o.ID)
	if err != nil {
		return nil, err
	}
	d.Table = web.Table{Caption: w.T("lecture.offers"), Columns: []string{w.T("lecture.f.team"), w.T("lecture.f.when"), w.T("lecture.answer"), w.T("lecture.answer_by")}}
	for _, x := range offers {
		state := w.T("lecture.offer." + string(x.State))
		if x.State == models.OfferWaiting && !x.ProposedAt.IsZero() {
			state = w.T("lecture.proposes", "at", x.ProposedAt)
			at := x.ProposedAt.In(s.Zone)
			d.Proposed = append(d.Proposed, proposal{x.TeamID, w.T("lecture.ask_proposed", "team", x.TeamName, "at", x.ProposedAt), at.Format("2006-01-02"), at.Format("15:04")})
		}
		if x.Reason != "" {
			state = w.T("lecture.answer_why", "answer", state, "reason", x.Reason)
		}
		d.Table.Rows = append(d.Table.Rows, web.Row{Cells: []web.Cell{{Text: x.TeamName}, {Text: w.DateTime(x.StartsAt)}, {Text: state}, {Text: w.DateTime(x.Deadline)}}})
	}
	if !d.Decides {
		return d, nil
	}
	ranked, err := s.Suggestions(ctx, a, o.ID)
	if err != nil {
		return nil, err
	}
	for i, r := range ranked {
		if i < bestTeams {
			d.Teams = append(d.Teams, w.suggested(r, i == 0))
		} else {
			d.Others = append(d.Others, w.suggested(r, false))
		}
	}
	similar, err := s.Similar(ctx, a, o.ID)
	for _, x := range similar {
		c := w.like(x)
		c.Href = orderPath(o.ID) + "/merge?into=" + x.Order.ID
		d.Similar = append(d.Similar, c)
	}
	if err == nil && o.TopicID == nil {
		var menu []Topic
		if menu, err = s.menuOf(ctx, o.OrgID); err == nil {
			for _, t := range menu {
				d.Topics = append(d.Topics, Named{t.ID, t.Title})
			}
		}
	}
	return d, err
}

// suggested says in words why a team stands where it does.
func (w words) suggested(r models.LectureSuggestion, first bool) suggested {
	x := suggested{ID: r.Candidate.Team.ID, Name: r.Candidate.Name, Checked: first && r.Off == ""}
	if r.Off != "" {
		x.Off = w.T("lecture.off." + r.Off)
	}
	if !r.Start.IsZero() {
		x.When = w.DateTime(r.Start)
	}
	var all []string
	for _, y := range r.Why {
		var pairs []any
		for k, v := range y.Args {
			pairs = append(pairs, k, v)
		}
		all = append(all, w.T("lecture.why."+y.Code, pairs...))
	}
	x.Why = strings.Join(all, w.T("lecture.why_join"))
	return x
}

// like says what an order has in common with another one, and what not.
func (w words) like(x Similar) likeCard {
	say := func(key string, all []string) string {
		if len(all) == 0 {
			return ""
		}
		var out []string
		for _, c := range all {
			out = append(out, w.T("lecture.like."+c))
		}
		return w.T(key, "what", strings.Join(out, w.T("lecture.join")))
	}
	return likeCard{w.card(x.Order), say("lecture.like_same", x.Same), say("lecture.like_differs", x.Differs)}
}

type mergePageIn struct {
	pathID
	Into string `query:"into" validate:"required,max=40"`
}

// mergePage says what two orders have in common, what not, and what becomes of
// them, before they are one.
func (s *Service) mergePage(ctx context.Context, a auth.Actor, in mergePageIn) (web.Page, error) {
	w := s.words(ctx)
	o, err := s.Get(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	all, err := s.Similar(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	i := slices.IndexFunc(all, func(x Similar) bool { return x.Order.ID == in.Into })
	if i < 0 {
		return web.Page{}, errs.ErrNotFound
	}
	lead, like := all[i].Order, w.like(all[i])
	d := web.Decision{Title: w.T("lecture.merge_title"), Lead: w.T("lecture.merge_lead", "one", o.Title(), "other", lead.Title()),
		Effect: w.T("lecture.merge_effect", "title", lead.Title(), "n", max(lead.Guests, lead.Heads)+max(o.Guests, o.Heads)),
		Action: orderPath(o.ID) + "/merge", Hidden: []web.Hidden{{Name: "into", Value: lead.ID}}, Button: w.T("lecture.merge_do"), Back: orderPath(o.ID), BackTo: w.T("lecture.merge_keep")}
	for _, x := range []struct {
		key string
		of  Order
	}{{"lecture.merge_this", o}, {"lecture.merge_that", lead}} {
		d.Facts = append(d.Facts, web.Fact{Label: w.T(x.key), Text: w.T("lecture.merge_fact", "title", x.of.Title(), "org", x.of.OrgName, "n", max(x.of.Guests, x.of.Heads), "when", w.when(x.of), "where", w.where(x.of))})
	}
	for _, text := range []string{like.Same, like.Differs} {
		if text != "" {
			d.Facts = append(d.Facts, web.Fact{Label: w.T("lecture.like"), Text: text})
		}
	}
	return web.Page{Template: "lecture/confirm", Title: "lecture.merge_title", Layout: web.LayoutStaff, Data: decisionData{d}}, nil
}
