package activity

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of activities.
func (s *Service) Pages(r *httpapi.Router) {
	// Everybody: what there is, and how a draw came about.
	httpapi.Page(r, "/activities", auth.Public, s.listPage)
	httpapi.Page(r, "/activities/:id", auth.Public, s.showPage)
	httpapi.Page(r, "/activities/:id/draw", auth.Public, s.drawPage)
	httpapi.Page(r, "/activities/of/:id", auth.Public, s.eventPage)
	httpapi.Page(r, "/services", auth.Public, s.boardPage)
	httpapi.Page(r, "/services/cells/:id", auth.Public, s.cellPage)
	// Signed in: join, keep the sign-up, give it back. The GET of /join is where a
	// visitor lands after the log-in.
	httpapi.Page(r, "/activities/:id/join", auth.SignedIn, s.showPage)
	httpapi.Form(r, "/activities/:id/join", auth.SignedIn, httpapi.LimitBooking, s.joinForm)
	httpapi.Page(r, "/signups", auth.SignedIn, s.minePage)
	httpapi.Page(r, "/signups/:id", auth.SignedIn, s.signupPage)
	httpapi.Form(r, "/signups/:id/quit", auth.SignedIn, httpapi.LimitNone, s.quitForm)
	httpapi.Form(r, "/signups/:id/keep", auth.SignedIn, httpapi.LimitNone, s.keepForm)
	httpapi.Form(r, "/signups/:id/stay", auth.SignedIn, httpapi.LimitNone, s.stayForm)
	httpapi.Form(r, "/signups/:id/accept", auth.SignedIn, httpapi.LimitNone, s.answerForm(Accept))
	httpapi.Form(r, "/signups/:id/decline", auth.SignedIn, httpapi.LimitNone, s.answerForm(Decline))
	s.staffPages(r)
	s.doorPages(r)
	httpapi.Page(r, visitsPath, auth.SignedIn, s.visitsPage)
}

type pathID struct {
	ID int64 `path:"id"`
}

type pathUID struct {
	ID string `path:"id"`
}

// words is how handlers say something in the reader's language.
type wordsIn struct{ frame *web.Frame }

func (s *Service) words(ctx context.Context) wordsIn {
	return wordsIn{&web.Frame{Lang: httpapi.Lang(ctx), Zone: s.Zone, Now: s.DB.Now()}}
}

// t is the text of key, with name, value, name, value … in its placeholders.
func (w wordsIn) t(key string, pairs ...any) string {
	return web.Words{Frame: w.frame}.T(key, pairs...)
}

func (w wordsIn) status(x models.SignupStatus) string { return w.t("signup." + string(x)) }

func activityPath(id int64) string { return "/activities/" + strconv.FormatInt(id, 10) }
func signupPath(uid string) string { return "/signups/" + uid }

type listPageIn struct {
	list.Query
	When     When                    `query:"when" validate:"omitempty,oneof=today week past"`
	Audience models.ActivityAudience `query:"audience" validate:"omitempty,oneof=all elders children families adults schools"`
	Kind     models.ActivityKind     `query:"kind" validate:"max=20"`
	Near     int64                   `query:"near"`
	For      string                  `query:"for" validate:"max=40"` // at the desk: for whom, see joinIn
}

type card struct {
	Href  string
	Start models.Instant
	Title string
	Place string
	Left  *web.Chip
	Chips []web.Chip
	Key   int // at the desk: the digit that opens it, 0 for none
}

type option struct {
	Value, Label string
	Chosen       bool
}

type listData struct {
	Cards                 []card
	Pager                 web.Pager
	Tabs                  []web.Link
	Tab                   string
	When                  When
	Audience, Kind, Near  []option
	Filtered, May, Signed bool
	For                   string // at the desk, for whom
}

// perPage is how many activities a page has; lastKey is the last digit that opens one.
const (
	perPage = 30
	lastKey = 9
)

func (s *Service) listPage(ctx context.Context, a auth.Actor, in listPageIn) (web.Page, error) {
	w := s.words(ctx)
	q := Programme{in.Query, in.When, in.Audience, in.Kind, in.Near}
	if q.PerPage == 0 {
		q.PerPage = perPage
	}
	all, err := s.List(ctx, q)
	if err != nil {
		return web.Page{}, err
	}
	d := listData{When: in.When, Filtered: in.Audience != "" || in.Kind != "" || in.Near != 0, May: a.Can(auth.ActivityWrite), Signed: a.SignedIn()}
	if a.Can(auth.BookForOthers) {
		d.For = in.For
	}
	for i, v := range all.Items {
		c := s.card(w, v)
		if d.For != "" {
			c.Href += "?for=" + url.QueryEscape(d.For)
			if i < lastKey {
				c.Key = i + 1
			}
		}
		d.Cards = append(d.Cards, c)
	}
	keep := url.Values{}
	for name, v := range map[string]string{"audience": string(in.Audience), "kind": string(in.Kind), "near": nonZero(in.Near), "for": d.For} {
		if v != "" {
			keep.Set(name, v)
		}
	}
	d.Tab = activitiesPath(keep, in.When)
	for _, when := range []When{Upcoming, Today, Week} {
		d.Tabs = append(d.Tabs, web.Link{Href: activitiesPath(keep, when), Text: w.t("activity.when." + orElse(string(when), "all"))})
	}
	for _, x := range models.ActivityAudiences() {
		d.Audience = append(d.Audience, option{string(x), w.t("activity.audience." + string(x)), x == in.Audience})
	}
	for _, x := range models.ActivityKinds() {
		d.Kind = append(d.Kind, option{string(x), w.t("activity.kind." + string(x)), x == in.Kind})
	}
	orgs, err := s.near(ctx)
	for _, o := range orgs {
		d.Near = append(d.Near, option{strconv.FormatInt(o.ID, 10), o.Name, o.ID == in.Near})
	}
	if in.When != "" {
		keep.Set("when", string(in.When))
	}
	page, size, _ := q.Window()
	d.Pager = web.Pager{Page: page, Pages: max(1, (int(all.Total)+size-1)/size), Path: "/activities", Query: keep}
	p := web.Page{Template: "activity/list", Title: "activity.title", Styles: []string{"activity"}, Data: d}
	if d.For != "" {
		p.Scripts, p.Styles = []string{"keys"}, []string{"desk", "activity"}
	}
	return p, err
}

func (s *Service) near(ctx context.Context) (out []models.Org, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { out, err = stations(tx); return err })
	return out, err
}

func nonZero(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func activitiesPath(keep url.Values, when When) string {
	q := url.Values{}
	for k, v := range keep {
		q[k] = v
	}
	if when != "" {
		q.Set("when", string(when))
	}
	if len(q) == 0 {
		return "/activities"
	}
	return "/activities?" + q.Encode()
}

func (s *Service) card(w wordsIn, v View) card {
	m := v.Next(s.DB.Now())
	c := card{Href: activityPath(v.ID), Start: m.StartsAt, Title: v.Title, Place: v.Place + " · " + v.OrgName}
	left := s.left(w, v, m)
	c.Left = &left
	if v.Audience != models.ForAll {
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.t("activity.audience." + string(v.Audience))})
	}
	if len(v.Meetings) > 1 {
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.t("activity.times", "n", len(v.Meetings))})
	}
	return c
}

// left says in a word how many places there are, or why there are none to have.
func (s *Service) left(w wordsIn, v View, m Meeting) web.Chip {
	now := s.DB.Now()
	unplaced, waits := v.awaits(m)
	switch {
	case v.State == models.ActivityCancelled || m.State == models.SessionCancelled:
		return web.Chip{Tone: web.ToneOff, Text: w.t("activity.cancelled")}
	case !now.Before(m.EndsAt):
		return web.Chip{Tone: web.ToneOff, Text: w.t("activity.over")}
	case waits && unplaced.Owner.State == models.AskWanted:
		return web.Chip{Tone: web.ToneInfo, Text: w.t("activity.owner_waits")}
	case waits:
		return web.Chip{Tone: web.ToneWarn, Text: w.t("activity.owner_moves")}
	case v.Draws(now) && v.DrawUID == nil && now.Before(v.EntriesUntil):
		return web.Chip{Tone: web.ToneInfo, Text: w.t("activity.draws", "until", v.EntriesUntil)}
	case v.Draws(now):
		return web.Chip{Tone: web.ToneInfo, Text: w.t("activity.drawing")}
	case now.Before(m.OpensAt):
		return web.Chip{Tone: web.ToneInfo, Text: w.t("activity.opens", "at", m.OpensAt)}
	case !now.Before(m.ClosesAt):
		return web.Chip{Tone: web.ToneOff, Text: w.t("activity.closed")}
	case m.Free() == 0:
		return web.Chip{Tone: web.ToneWarn, Text: w.t("activity.wait", "n", m.Waiting)}
	case m.Free()*10 <= m.Capacity:
		return web.Chip{Tone: web.ToneWarn, Text: w.t("activity.few", "n", m.Free())}
	}
	return web.Chip{Tone: web.ToneOK, Text: w.t("activity.free", "n", m.Free())}
}

// joinIn is a sign-up as its form sends it.
type joinIn struct {
	httpapi.Keyed
	pathID
	Party     int            `form:"party" query:"party" validate:"min=0,max=200"`
	SessionID int64          `form:"session_id" query:"session_id"`
	For       string         `form:"for" query:"for" validate:"max=40"`
	Name      string         `form:"name" validate:"omitempty,plain,max=40"`
	Phone     string         `form:"phone" validate:"max=30"`
	Channel   models.Channel `form:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack  bool           `form:"read_back"`
	Age       int            `form:"age" validate:"min=0,max=120"`
	Guardian  string         `form:"guardian" validate:"omitempty,plain,max=40"`
	PickUp    string         `form:"pick_up" validate:"omitempty,plain,max=40"`
	Address   string         `form:"address" validate:"omitempty,plain,max=120"`
	Questions []int64        `form:"question" validate:"max=20"`
	Answers   []string       `form:"answer" validate:"max=20,dive,max=300"`
}

// For whom a sign-up is, as the form says it: "self", "person:7", and at the desk
// "caller", or "caller:7" for one who has called before.
const (
	forSelf   = "self"
	forCaller = "caller"
)

func (in joinIn) wish() (Wish, *errs.Error) {
	w := Wish{ActivityID: in.ID, SessionID: in.SessionID, Party: in.Party, Age: in.Age, Guardian: in.Guardian, PickUp: in.PickUp, Address: in.Address,
		ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key, Answers: map[int64]string{}}
	for i, q := range in.Questions {
		if i < len(in.Answers) {
			w.Answers[q] = in.Answers[i]
		}
	}
	if id, ok := strings.CutPrefix(in.For, "person:"); ok {
		w.Whom.PersonID, _ = strconv.ParseInt(id, 10, 64)
	}
	if id, ok := strings.CutPrefix(in.For, forCaller+":"); ok {
		w.Whom.PersonID, _ = strconv.ParseInt(id, 10, 64)
		w.Whom.Channel = orElse(in.Channel, models.ChannelPhone)
	}
	if in.For == forCaller {
		if in.Name == "" {
			return w, errs.FieldFault("name", "required")
		}
		w.Whom.Caller, w.Whom.Channel = booking.Caller{Name: in.Name, Phone: in.Phone}, orElse(in.Channel, models.ChannelPhone)
	}
	return w, nil
}

var joinLabels = map[string]string{"party": "activity.party", "age": "activity.age", "guardian": "activity.guardian", "pick_up": "activity.pick_up",
	"address": "activity.address", "name": "who.name", "session_id": "activity.session"}

// joinForm signs up at once. A refusal shows the page again, in words.
func (s *Service) joinForm(ctx context.Context, a auth.Actor, in joinIn, bad *errs.Error) (httpapi.Answer, error) {
	var got Signed
	if bad == nil {
		var w Wish
		if w, bad = in.wish(); bad == nil {
			x, err := s.SignUp(ctx, a, w)
			if got = x; err != nil {
				bad = errs.As(err)
			}
		}
	}
	if bad == nil {
		to := signupPath(got.ID)
		if strings.HasPrefix(in.For, forCaller) {
			to += "?from=desk"
		}
		return httpapi.SeeOther(to, "", nil), nil
	}
	if had, ok := bad.Extra["signup_id"].(string); ok && bad.Code == ErrAlready.Code {
		return httpapi.SeeOther(signupPath(had), "err."+ErrAlready.Code, nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	if bad.Code == idem.ErrReused.Code {
		bad = errAgain
	}
	page, err := s.showing(ctx, a, in, bad)
	return httpapi.Show(page), err
}

// errAgain: the same form was sent twice with different wishes.
var errAgain = errs.New(errs.Conflict, "activity.form_again")

func (s *Service) showPage(ctx context.Context, a auth.Actor, in joinIn) (web.Page, error) {
	return s.showing(ctx, a, in, nil)
}

// eventPage leads from the kernel's word for a session to its activity.
func (s *Service) eventPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	var id int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		ok, err := tx.One(&id, `SELECT activity_id FROM activity_sessions WHERE event_id = ? ORDER BY id LIMIT 1`, in.ID)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
	if err != nil {
		return web.Page{}, err
	}
	return s.showing(ctx, a, joinIn{pathID: pathID{id}}, nil)
}

// asking is a question with what was typed.
type asking struct {
	models.ActivityQuestion
	Choices []string
	Value   string
	Error   string
}

type showData struct {
	View      View
	Facts     []web.Fact
	Left      web.Chip
	Sessions  []option    // of many to choose from
	Choose    web.Choices // of few
	Times     []web.Link  // of a term
	Whom      web.Choices
	Desk      bool
	Focus     bool // on the caller's name
	Party     web.Stepper
	Form      web.Form
	Refusal   string
	Visitor   bool
	Open      bool
	Owner     note   // why it is not: a partner has not agreed to lend the place
	Rule      string // what follows when somebody does not come
	Waits     bool
	Draw      bool
	Drawn     bool
	Staff     bool
	Door      int64
	Ask       []asking
	Channels  web.Choices
	Paras     []string
	Child     bool // a guardian is asked for
	Entering  bool // for the draw
	Asks      bool // something is asked that is forgotten later
	DrawLinks []web.Link
}
