package lecture

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// shelf is one part of the board.
type shelf struct {
	ID    string
	Title string
	Cards []card
	None  string
}

type boardData struct {
	Shelves []shelf
	Links   []web.Link
	Printed string
}

// boardPage is what dispatchers work at: what is overdue, due, unanswered. The
// first nine orders open by a digit.
func (s *Service) boardPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	b, err := s.Board(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	d := boardData{Printed: w.T("lecture.printed", "when", s.db.Now())}
	key := 0
	for _, x := range []struct {
		id   string
		rows []Order
	}{{"overdue", b.Overdue}, {"due", b.Due}, {"asked", b.Asked}, {"returned", b.Returned}, {"ahead", b.Ahead}, {"unmarked", b.Unmarked}} {
		sh := shelf{ID: x.id, Title: w.T("lecture.board."+x.id, "n", len(x.rows)), None: w.T("lecture.board_none." + x.id)}
		for _, o := range x.rows {
			c := w.card(o)
			if key++; key < 10 {
				c.Key = strconv.Itoa(key)
			}
			sh.Cards = append(sh.Cards, c)
		}
		d.Shelves = append(d.Shelves, sh)
	}
	d.Links = []web.Link{{Href: "/lectures/wishes", Icon: "edit", Text: w.T("lecture.wishes_n", "n", b.Wishes)}, {Href: "/lectures/all", Icon: "queue", Text: w.T("lecture.all")}, {Href: "/lectures/callbacks", Icon: "phone", Text: w.T("lecture.callbacks")},
		{Href: "/lectures/report", Icon: "chart", Text: w.T("lecture.report")}, {Href: "/lectures/teams", Icon: "people", Text: w.T("lecture.teams")}}
	if a.Can(auth.LectureMenu) {
		d.Links = append(d.Links, web.Link{Href: "/lectures/topics", Icon: "edit", Text: w.T("lecture.topics")})
	}
	return web.Page{Template: "lecture/board", Title: "lecture.board", Styles: []string{"lecture"}, Scripts: []string{"keys", "print"}, Layout: web.LayoutStaff, Data: &d}, nil
}

type dutyData struct {
	Offers   []card
	Sessions []card
	Teams    []web.Link
}

// dutyPage is what a team has before it.
func (s *Service) dutyPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.Duty(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	var d dutyData
	for _, l := range all.Offers {
		o := l.Order
		o.StartsAt, o.TeamName = l.Offer.StartsAt, l.Offer.TeamName
		c := w.card(o)
		c.More = w.T("lecture.offer_card", "at", l.Offer.StartsAt, "until", l.Offer.Deadline)
		d.Offers = append(d.Offers, c)
	}
	for _, o := range all.Sessions {
		d.Sessions = append(d.Sessions, w.card(o))
	}
	teams, err := s.Teams(ctx, TeamFilter{})
	for _, t := range teams {
		if t.Kept(a) && !a.CanAt(auth.LectureMenu, t.OrgPath) {
			d.Teams = append(d.Teams, web.Link{Href: "/lectures/teams/" + itoa(t.ID), Icon: "people", Text: w.T("lecture.team_of", "team", t.Name)})
		}
	}
	return web.Page{Template: "lecture/duty", Title: "lecture.duty", Styles: []string{"lecture"}, Data: &d}, err
}

type wishEntry struct {
	OrgID    int64                  `form:"org_id"`
	Text     string                 `form:"text" validate:"max=200"`
	Audience models.LectureAudience `form:"audience" validate:"omitempty,oneof=old young party resident worker"`
	whomEntry
}

var wishLabels = map[string]string{"org_id": "lecture.f.org", "text": "lecture.f.wish", "caller.name": "lecture.f.caller", "caller_name": "lecture.f.caller", "phone": "lecture.f.phone"}

func (s *Service) wishPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.wishShown(ctx, a, wishEntry{}, nil)
}

func (s *Service) wishShown(ctx context.Context, a auth.Actor, e wishEntry, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := askData{Form: web.Form{Errors: httpapi.Faults(ctx, bad, wishLabels), Values: map[string]string{"text": e.Text, "caller_name": e.Name, "phone": e.Phone}}}
	entry := askEntry{OrgID: e.OrgID, Audience: e.Audience, whomEntry: e.whomEntry}
	if entry.Audience == "" {
		entry.Audience = models.AudienceResident
	}
	all, err := s.choices(ctx, a, "/", &d, &entry)
	if err != nil {
		return web.Page{}, err
	}
	s.askChoices(w, a, &d, entry, all)
	d.Say = "" // nothing is promised yet
	p := web.Page{Template: "lecture/wish", Title: "lecture.wish", Styles: []string{"lecture"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) wishForm(ctx context.Context, a auth.Actor, e wishEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.AddWish(ctx, a, WishAsk{OrgID: e.OrgID, Text: e.Text, Audience: e.Audience, Whom: e.whom()})
		if err == nil {
			return httpapi.SeeOther("/lectures", "lecture.done.wish", nil), nil
		}
		var again bool
		if bad, again = shownAgain(err); !again {
			return httpapi.Answer{}, err
		}
	}
	page, err := s.wishShown(ctx, a, e, bad)
	return httpapi.Show(page), err
}

// wishRow is a line of the wish list with what staff do about it.
type wishRow struct {
	Wish   Wish
	Line   string
	Others []Named
}

type wishesData struct {
	Rows    []wishRow
	Decides bool
	Refusal string
}

func (s *Service) wishesPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.wishesShown(ctx, a, nil)
}

func (s *Service) wishesShown(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.Wishes(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	d := wishesData{Decides: a.Can(auth.LectureDispatch)}
	for _, x := range all {
		row := wishRow{Wish: x, Line: w.T("lecture.wish_line", "org", x.OrgName, "who", w.T("lecture.audience."+string(x.Audience)), "at", x.CreatedAt, "n", x.Same+1)}
		for _, y := range all {
			if y.ID != x.ID {
				row.Others = append(row.Others, Named{y.ID, y.Text})
			}
		}
		d.Rows = append(d.Rows, row)
	}
	p := web.Page{Template: "lecture/wishes", Title: "lecture.wishes", Styles: []string{"lecture"}, Layout: web.LayoutStaff, Data: &d}
	if bad != nil {
		p.Status, d.Refusal = bad.Kind.Status(), httpapi.Say(ctx, bad)
	}
	return p, nil
}

type wishActIn struct {
	ID     int64  `path:"id"`
	Into   int64  `form:"into"`
	Reason string `form:"reason" validate:"max=500"`
}

func (s *Service) wishAct(act string) func(context.Context, auth.Actor, wishActIn, *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, a auth.Actor, in wishActIn, bad *errs.Error) (httpapi.Answer, error) {
		if bad == nil {
			var err error
			if act == "merge" {
				err = s.MergeWish(ctx, a, in.ID, in.Into)
			} else {
				err = s.CloseWish(ctx, a, in.ID, in.Reason)
			}
			if err == nil {
				return httpapi.SeeOther("/lectures/wishes", "lecture.done.wish_"+act, nil), nil
			}
			var again bool
			if bad, again = shownAgain(err); !again {
				return httpapi.Answer{}, err
			}
		}
		page, err := s.wishesShown(ctx, a, bad)
		return httpapi.Show(page), err
	}
}

// callRow is an order whose people are to be called back.
type callRow struct {
	Order Order
	Card  card
	Phone string
}

type callbacksData struct{ Rows []callRow }

func (s *Service) callbacksPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.Callbacks(ctx, a)
	var d callbacksData
	for _, o := range all {
		d.Rows = append(d.Rows, callRow{Order: o, Card: w.card(o), Phone: o.Phone})
	}
	return web.Page{Template: "lecture/callbacks", Title: "lecture.callbacks", Styles: []string{"lecture"}, Layout: web.LayoutStaff, Data: &d}, err
}
