package lecture

import (
	"context"
	"net/url"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Pages declares the pages of lectures and services.
func (s *Service) Pages(r *httpapi.Router) {
	// Everybody: the menu, the teams, and what links lead to. Opening a link
	// changes nothing: scanners of mail and chat open them too.
	httpapi.Page(r, "/lectures", auth.Public, s.menuPage)
	httpapi.Page(r, "/lectures/teams", auth.Public, s.teamsPage)
	httpapi.Page(r, "/lecture-offers/:token", auth.Public, s.offerPage)
	httpapi.Form(r, "/lecture-offers/:token/accept", auth.Public, httpapi.LimitBooking, s.linkForm("accept"))
	httpapi.Form(r, "/lecture-offers/:token/decline", auth.Public, httpapi.LimitBooking, s.linkForm("decline"))
	httpapi.Form(r, "/lecture-offers/:token/propose", auth.Public, httpapi.LimitBooking, s.linkForm("propose"))
	httpapi.Form(r, "/lecture-offers/:token/start", auth.Public, httpapi.LimitBooking, s.linkForm("start"))
	httpapi.Form(r, "/lecture-offers/:token/finish", auth.Public, httpapi.LimitBooking, s.linkForm("finish"))
	httpapi.PageFile(r, "/lecture-offers/:token/photos/:photo", auth.Public, s.linkPhotoFile)
	httpapi.Form(r, "/lecture-offers/:token/photos", auth.Public, httpapi.LimitBooking, s.linkPhotoForm)
	r.Admit("/lecture-offers/:token/photos", func(token string) bool { _, ok := s.genuine(linkOffer, token); return ok })
	httpapi.Form(r, "/lecture-offers/:token/photos/:photo/remove", auth.Public, httpapi.LimitBooking, s.linkPhotoRemoveForm)
	httpapi.Page(r, "/lecture-ratings/:token", auth.Public, s.ratingPage)
	httpapi.Form(r, "/lecture-ratings/:token", auth.Public, httpapi.LimitBooking, s.ratingForm)
	// Signed in: order, wish, follow.
	httpapi.Page(r, "/lectures/order", auth.SignedIn, s.askPage)
	httpapi.Form(r, "/lectures/order", auth.SignedIn, httpapi.LimitBooking, s.askForm)
	httpapi.Page(r, "/lectures/wish", auth.SignedIn, s.wishPage)
	httpapi.Form(r, "/lectures/wish", auth.SignedIn, httpapi.LimitBooking, s.wishForm)
	httpapi.Page(r, "/lectures/orders", auth.SignedIn, s.minePage)
	httpapi.Page(r, "/lectures/orders/:id", auth.SignedIn, s.orderPage)
	httpapi.Page(r, "/lectures/orders/:id/cancel", auth.SignedIn, s.cancelPage)
	httpapi.Form(r, "/lectures/orders/:id/cancel", auth.SignedIn, httpapi.LimitNone, s.orderForm("cancel"))
	httpapi.Page(r, "/lectures/orders/:id/edit", auth.SignedIn, s.editPage)
	httpapi.Form(r, "/lectures/orders/:id/edit", auth.SignedIn, httpapi.LimitBooking, s.editForm)
	httpapi.Form(r, "/lectures/orders/:id/submit", auth.SignedIn, httpapi.LimitNone, s.orderForm("submit"))
	httpapi.Form(r, "/lectures/orders/:id/reopen", auth.SignedIn, httpapi.LimitNone, s.orderForm("reopen"))
	httpapi.Form(r, "/lectures/orders/:id/rate", auth.SignedIn, httpapi.LimitNone, s.orderForm("rate"))
	// Teams.
	httpapi.Page(r, "/lectures/duty", auth.LectureServe, s.dutyPage)
	for _, act := range []string{"accept", "decline", "propose", "start", "finish"} {
		httpapi.Form(r, "/lectures/orders/:id/"+act, auth.LectureServe, httpapi.LimitNone, s.orderForm(act))
	}
	httpapi.PageFile(r, "/lectures/orders/:id/photos/:photo", auth.SignedIn, s.photoFile)
	httpapi.Form(r, "/lectures/orders/:id/photos", auth.LectureServe, httpapi.LimitBooking, s.addPhotoForm)
	httpapi.Form(r, "/lectures/orders/:id/photos/:photo/remove", auth.LectureServe, httpapi.LimitNone, s.removePhotoForm)
	httpapi.Page(r, "/lectures/teams/new", auth.LectureMenu, s.foundPage)
	httpapi.Form(r, "/lectures/teams", auth.LectureMenu, httpapi.LimitNone, s.foundForm)
	httpapi.Page(r, "/lectures/teams/:id", auth.SignedIn, s.teamPage)
	httpapi.Form(r, "/lectures/teams/:id/members", auth.SignedIn, httpapi.LimitNone, s.memberForm)
	httpapi.Form(r, "/lectures/teams/:id/members/:member/remove", auth.SignedIn, httpapi.LimitNone, s.memberRemoveForm)
	httpapi.Form(r, "/lectures/teams/:id/retire", auth.LectureMenu, httpapi.LimitNone, s.retireForm)
	httpapi.Form(r, "/lectures/teams/:id", auth.SignedIn, httpapi.LimitNone, s.teamForm)
	httpapi.Form(r, "/lectures/teams/:id/off", auth.SignedIn, httpapi.LimitNone, s.offForm)
	httpapi.Form(r, "/lectures/teams/:id/off/:off/remove", auth.SignedIn, httpapi.LimitNone, s.onForm)
	// Staff.
	httpapi.Page(r, "/lectures/board", auth.LectureRead, s.boardPage)
	for _, act := range []string{"dispatch", "return", "approve", "merge", "called"} {
		httpapi.Form(r, "/lectures/orders/:id/"+act, auth.LectureDispatch, httpapi.LimitNone, s.orderForm(act))
	}
	httpapi.Page(r, "/lectures/all", auth.LectureRead, s.allPage)
	httpapi.Page(r, "/lectures/orders/:id/merge", auth.LectureDispatch, s.mergePage)
	httpapi.Page(r, "/lectures/wishes", auth.LectureRead, s.wishesPage)
	httpapi.Form(r, "/lectures/wishes/:id/merge", auth.LectureDispatch, httpapi.LimitNone, s.wishAct("merge"))
	httpapi.Form(r, "/lectures/wishes/:id/close", auth.LectureDispatch, httpapi.LimitNone, s.wishAct("close"))
	httpapi.Page(r, "/lectures/callbacks", auth.LectureRead, s.callbacksPage)
	httpapi.Page(r, "/lectures/report", auth.LectureRead, s.reportPage)
	httpapi.PageFile(r, "/lectures/report.xlsx", auth.LectureRead, s.reportFile)
	httpapi.Page(r, "/lectures/topics", auth.LectureMenu, s.topicsPage)
	httpapi.Page(r, "/lectures/topics/:id", auth.LectureMenu, s.topicPage)
	httpapi.Form(r, "/lectures/topics", auth.LectureMenu, httpapi.LimitNone, s.topicForm)
}

// words is how pages say something in the reader's language.
type words struct{ web.Words }

func (s *Service) words(ctx context.Context) words {
	return words{httpapi.Words(ctx, s.Zone, s.db.Now())}
}

// word is the text of a code of ours, or a word that staff chose themselves.
func (w words) word(prefix, code string) string {
	if key := prefix + "." + code; locales.Has(w.Lang, key) {
		return w.T(key)
	}
	return code
}

func (w words) audiences(a models.LectureAudiences) string {
	if a == "" {
		return w.T("lecture.audience.all")
	}
	var out []string
	for _, x := range a.List() {
		out = append(out, w.T("lecture.audience."+string(x)))
	}
	return strings.Join(out, w.T("lecture.join"))
}

func (w words) chip(o Order) web.Chip {
	tone := web.ToneInfo
	switch o.State {
	case models.LectureAccepted, models.LectureInService, models.LectureToRate:
		tone = web.ToneOK
	case models.LectureReturned, models.LectureEscalated, models.LectureDraft:
		tone = web.ToneWarn
	case models.LectureClosed, models.LectureCancelled, models.LectureMerged:
		tone = web.ToneOff
	case models.LectureSubmitted, models.LectureToDispatch, models.LectureDispatched:
	}
	if o.Overdue(w.Now) {
		return web.Chip{Tone: web.ToneWarn, Text: w.T("lecture.overdue")}
	}
	return web.Chip{Tone: tone, Text: w.T("lecture.state." + string(o.State))}
}

// wanted are the wanted times in words.
func (w words) wanted(o Order) string {
	if o.Flexible() {
		return w.T("lecture.any_day", "from", w.day(o.FromDay), "until", w.day(o.UntilDay))
	}
	if o.SecondAt.IsZero() {
		return w.DateTime(o.FirstAt)
	}
	return w.T("lecture.either", "first", o.FirstAt, "second", o.SecondAt)
}

func (w words) day(d models.Day) string { return w.Date(d.At(0, w.Zone)) }

// clock reads a date field and a time field; the zero instant when both are empty
// and false when they are misspelt.
func (s *Service) clock(date, hour string) (models.Instant, bool) {
	if date == "" && hour == "" {
		return models.Instant{}, true
	}
	return models.LocalInstant(date, hour, s.Zone)
}

// hour writes minutes after midnight as 8:30; ParseHour reads it.
func hour(minutes int) string {
	if minutes == 24*60 {
		return "23:59"
	}
	return (time.Time{}).Add(time.Duration(minutes) * time.Minute).Format("15:04")
}

func parseHour(text string) (int, bool) {
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}

// menuItem is a topic as the menu shows it.
type menuItem struct {
	Href, Title, Line, Summary, Teams string
}

type menuData struct {
	Search    string
	Audience  string
	OrgID     int64
	Audiences []web.Link
	Items     []menuItem
	Pager     web.Pager
	Signed    bool
	Links     []web.Link
	Empty     *web.Empty
}

const menuPerPage = 30

type menuIn struct {
	list.Query
	Search   string                 `query:"q" validate:"max=50"`
	Audience models.LectureAudience `query:"audience" validate:"omitempty,oneof=old young party resident worker"`
}

func (s *Service) menuPage(ctx context.Context, a auth.Actor, in menuIn) (web.Page, error) {
	w := s.words(ctx)
	in.PerPage = menuPerPage
	l, err := s.Topics(ctx, Menu{Query: in.Query, Search: in.Search, Audience: in.Audience})
	if err != nil {
		return web.Page{}, err
	}
	d := menuData{Search: in.Search, Audience: string(in.Audience), Signed: a.SignedIn()}
	keep := url.Values{}
	if in.Search != "" {
		keep.Set("q", in.Search)
	}
	for _, x := range append([]models.LectureAudience{""}, models.LectureAudienceList()...) {
		q := url.Values{}
		for k, v := range keep {
			q[k] = v
		}
		link := web.Link{Text: w.T("lecture.audience.all")}
		if x != "" {
			q.Set("audience", string(x))
			link.Text = w.T("lecture.audience." + string(x))
		}
		if x == in.Audience {
			link.Icon = "check"
		}
		link.Href = "/lectures?" + q.Encode()
		d.Audiences = append(d.Audiences, link)
	}
	if in.Audience != "" {
		keep.Set("audience", string(in.Audience))
	}
	for _, t := range l.Items {
		item := menuItem{Href: "/lectures/order?topic=" + itoa(t.ID), Title: t.Title, Summary: t.Summary,
			Line: w.T("lecture.menu_line", "n", t.LengthMin, "who", w.audiences(t.Audiences))}
		var names []string
		for _, x := range t.Teams {
			names = append(names, x.Name)
		}
		item.Teams = strings.Join(names, w.T("lecture.join"))
		d.Items = append(d.Items, item)
	}
	page, size, _ := in.Window()
	d.Pager = web.Pager{Page: page, Pages: max(1, (int(l.Total)+size-1)/size), Path: "/lectures", Query: keep}
	d.Empty = &web.Empty{Icon: "search", Title: w.T("lecture.menu_none"), Text: w.T("lecture.menu_none_text"), Href: "/lectures/wish", Link: w.T("lecture.wish")}
	d.Links = []web.Link{{Href: "/lectures/wish", Icon: "edit", Text: w.T("lecture.wish_link")}, {Href: "/lectures/orders", Icon: "queue", Text: w.T("lecture.mine")},
		{Href: "/lectures/teams", Icon: "people", Text: w.T("lecture.teams")}}
	for _, x := range []struct {
		p               auth.Permission
		href, icon, key string
	}{{auth.LectureServe, "/lectures/duty", "flag", "lecture.duty"}, {auth.LectureRead, "/lectures/board", "service", "lecture.board"}, {auth.LectureMenu, "/lectures/topics", "edit", "lecture.topics"}} {
		if a.Can(x.p) {
			d.Links = append(d.Links, web.Link{Href: x.href, Icon: x.icon, Text: w.T(x.key)})
		}
	}
	return web.Page{Template: "lecture/menu", Title: "lecture.title", Styles: []string{"lecture"}, Data: &d}, nil
}

// card is an order in a list.
type card struct {
	Href, Title, Line, More string
	Chip                    web.Chip
	Key                     string // of the keyboard
}

func (w words) card(o Order) card {
	c := card{Href: orderPath(o.ID), Title: o.Title(), Chip: w.chip(o), Line: w.T("lecture.card_line", "org", o.OrgName, "n", max(o.Guests, o.Heads))}
	switch {
	case o.State == models.LectureCancelled:
	case !o.StartsAt.IsZero():
		c.More = w.T("lecture.card_when", "at", o.StartsAt, "team", o.TeamName)
	case o.Proposed > 0:
		c.More, c.Chip = w.T("lecture.card_proposed"), web.Chip{Tone: web.ToneWarn, Text: w.T("lecture.state.dispatched")}
	case !o.DueAt.IsZero():
		c.More = w.T("lecture.step."+string(o.Step), "at", o.DueAt)
	default:
		c.More = w.wanted(o)
	}
	return c
}

type mineData struct {
	Title string
	Back  web.Link
	Cards []card
	Pager web.Pager
}

// minePage lists the reader's own orders.
func (s *Service) minePage(ctx context.Context, a auth.Actor, q list.Query) (web.Page, error) {
	return s.ordersShown(ctx, a, Shelf{Query: q, Mine: true}, "/lectures/orders", "lecture.mine", web.Link{Href: "/lectures", Text: s.words(ctx).T("lecture.title")})
}

// allPage lists the orders of the communities that staff read, those that are over too.
func (s *Service) allPage(ctx context.Context, a auth.Actor, q list.Query) (web.Page, error) {
	p, err := s.ordersShown(ctx, a, Shelf{Query: q}, "/lectures/all", "lecture.all", web.Link{Href: "/lectures/board", Text: s.words(ctx).T("lecture.board")})
	p.Layout = web.LayoutStaff
	return p, err
}

func (s *Service) ordersShown(ctx context.Context, a auth.Actor, f Shelf, path, title string, back web.Link) (web.Page, error) {
	w := s.words(ctx)
	l, err := s.Orders(ctx, a, f)
	if err != nil {
		return web.Page{}, err
	}
	d := mineData{Title: w.T(title), Back: back, Pager: web.Pager{Page: l.Page, Pages: max(1, (int(l.Total)+l.PerPage-1)/l.PerPage), Path: path}}
	for _, o := range l.Items {
		d.Cards = append(d.Cards, w.card(o))
	}
	return web.Page{Template: "lecture/mine", Title: title, Styles: []string{"lecture"}, Data: &d}, nil
}

// shownAgain tells refusals that are shown on the page from those that are none
// of its reader's business.
func shownAgain(err error) (*errs.Error, bool) {
	bad := errs.As(err)
	return bad, httpapi.ShownAgain(bad) && bad.Code != errs.ErrForbidden.Code
}
