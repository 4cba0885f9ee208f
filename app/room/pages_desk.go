package room

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/pause"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// requestsPerPage is how many requests the desk shows at once: more than one sitting
// decides.
const requestsPerPage = 40

// deskStyles are those of the pages of staff.
var deskStyles = []string{"booking", "room", "desk", "roomdesk"}

// deskPages declares what staff see of rooms first: what waits for a yes.
func (s *Service) deskPages(r *httpapi.Router) {
	httpapi.Page(r, "/room-desk", auth.RoomRead, s.deskPage)
	httpapi.Form(r, "/room-desk", auth.RoomAnswer, httpapi.LimitNone, s.deskForm)
	httpapi.Page(r, "/room-requests/:id", auth.RoomRead, s.requestPage)
	httpapi.Form(r, "/room-requests/:id/approve", auth.RoomAnswer, httpapi.LimitNone, s.approveForm)
	httpapi.Form(r, "/room-requests/:id/decline", auth.RoomAnswer, httpapi.LimitNone, s.declineForm)
	httpapi.Form(r, "/room-requests/:id/propose", auth.RoomDecide, httpapi.LimitNone, s.proposeForm)
}

// deskLinks lead to the other pages of staff, for those who may go there.
func (w words) deskLinks(a auth.Actor, here string) []web.Link {
	var out []web.Link
	for _, x := range []struct {
		permission       auth.Permission
		href, icon, text string
	}{
		{auth.RoomRead, "/room-desk", "queue", "room.desk_title"},
		{auth.CheckIn, "/room-desk/now", "clock", "room.now_title"},
		{auth.RoomRead, "/closures", "off", "closure.title"},
		{auth.RoomRead, "/venues", "room", "venues.title"},
		{auth.PauseAnswer, pause.Path, "person", "pause.title"},
	} {
		if x.href != here && a.Can(x.permission) {
			out = append(out, web.Link{Href: x.href, Icon: x.icon, Text: w.t(x.text)})
		}
	}
	return out
}

// rulingsIn is what was ticked on the desk, and what the check of it brings.
type rulingsIn struct {
	list.Query
	Approve []string `form:"approve" validate:"max=100"`
	Decline []string `form:"decline" validate:"max=100"`
	Rivals  []string `form:"rivals" validate:"max=1000"` // "request rival": that were named
	Usual   string   `form:"usual" validate:"max=100"`
	Reason  string   `form:"reason" validate:"omitempty,plain,max=500"`
	Confirm bool     `form:"confirm"`
	Back    bool     `form:"back"`
}

// requestRow is a request in a list, or what a partner is asked for: then it is no
// Request.
type requestRow struct {
	Request
	Key     string // of its boxes
	Who     string
	What    string
	Due     models.Instant
	Each    []string // of an ask with several times
	Href    string
	Facts   string
	Chips   []web.Chip
	Until   string
	Behind  []string // those who want the same time, in words
	Ruled   string   // "approve" or "decline", as ticked
	Beside  bool     // ticked, and a rival of one that is approved before it
	Effect  string
	Refusal string
}

type deskData struct {
	Links   []web.Link
	Rows    []requestRow
	Answers bool
	Total   int64
	Pager   web.Pager
	Errors  []web.FieldError
}

func (s *Service) deskPage(ctx context.Context, a auth.Actor, in list.Query) (web.Page, error) {
	return s.desked(ctx, a, rulingsIn{Query: in}, nil)
}

// desked is the desk, with what was ticked before.
func (s *Service) desked(ctx context.Context, a auth.Actor, in rulingsIn, bad *errs.Error) (web.Page, error) {
	q := in.Query
	if q.PerPage == 0 {
		q.PerPage = requestsPerPage
	}
	found, err := s.Requests(ctx, a, q)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	asked, more, err := s.askRows(ctx, a, w)
	if err != nil {
		return web.Page{}, err
	}
	d := deskData{Links: w.deskLinks(a, "/room-desk"), Answers: a.Can(auth.RoomAnswer), Total: found.Total + more, Errors: httpapi.Faults(ctx, bad, nil),
		Pager: web.Pager{Page: found.Page, Pages: int((found.Total + int64(found.PerPage) - 1) / int64(found.PerPage)), Path: "/room-desk"}}
	if found.Page <= 1 { // they are few, and stand on the first page
		d.Rows = asked
	}
	for _, r := range found.Items {
		d.Rows = append(d.Rows, w.row(r))
	}
	slices.SortStableFunc(d.Rows, func(x, y requestRow) int { return cmp.Compare(x.Due.Sub(y.Due), 0) })
	for i, row := range d.Rows {
		switch {
		case slices.Contains(in.Decline, row.Key):
			d.Rows[i].Ruled = "decline"
		case slices.Contains(in.Approve, row.Key):
			d.Rows[i].Ruled = "approve"
		}
	}
	p := web.Page{Template: "room/desk", Title: "room.desk_title", Layout: web.LayoutStaff, Styles: deskStyles, Scripts: []string{"keys", "requests"}, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (w words) row(r Request) requestRow {
	row := requestRow{Request: r, Key: r.UID, Who: r.Name, What: r.Title() + " · " + w.frame.Span(r.StartsAt, r.EndsAt), Due: r.Deadline, Href: requestPath(r.UID), Facts: r.Venue + " · " + w.t("room.people_n", "n", r.Attendees)}
	for _, x := range append([]string{r.Purpose}, names(r.Extras)...) {
		if x != "" {
			row.Facts += " · " + x
		}
	}
	if r.Rule != "" {
		row.Facts += " · " + w.t("room.one_of_series")
	}
	row.Chips, row.Until = w.waiting(r), w.t("room.until_then", "at", r.Deadline)
	for _, x := range r.Rivals {
		row.Behind = append(row.Behind, w.rival(x))
	}
	return row
}

func names(all []Named) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = x.Name
	}
	return out
}

// rival is another request in a line.
func (w words) rival(r Rival) string {
	line := r.Name + " · " + w.frame.Span(r.Start, r.End) + " · " + r.Room
	if r.Purpose != "" {
		line += " · " + r.Purpose
	}
	if r.Holds {
		line += " · " + w.t("room.has_time")
	}
	return line
}

// waiting says how a request stands: whether it has its time, who is before and
// behind it, whose yes is wanted.
func (w words) waiting(r Request) []web.Chip {
	var out []web.Chip
	switch {
	case r.Status != models.RoomPending:
		return []web.Chip{{Tone: web.ToneOff, Text: w.t("room.state." + string(r.Status))}}
	case r.Holds:
		out = append(out, web.Chip{Tone: web.ToneInfo, Text: w.t("room.has_time")})
	case r.Ahead > 0:
		out = append(out, web.Chip{Tone: web.ToneWarn, Text: w.t("room.queues", "n", r.Ahead)})
	default:
		out = append(out, web.Chip{Tone: web.ToneWarn, Text: w.t("room.holds_enough")})
	}
	if n := len(r.Rivals) - r.Ahead; n > 0 {
		out = append(out, web.Chip{Tone: web.ToneWarn, Text: w.t("room.behind", "n", n)})
	}
	if r.PlaceOK == models.ConsentWanted && r.OwnerOK != models.ConsentNone {
		out = append(out, web.Chip{Tone: web.ToneInfo, Text: w.t("room.place_wanted")})
	}
	if r.OwnerOK == models.ConsentWanted {
		out = append(out, web.Chip{Tone: web.ToneInfo, Text: w.t("room.owner_wanted")})
	}
	if r.OwnerOK == models.ConsentGiven {
		out = append(out, web.Chip{Tone: web.ToneOK, Text: w.t("room.owner_given")})
	}
	return out
}

// usualReasons are the noes that are said most; the booker reads them in Chinese.
var usualReasons = []string{"room.no.other", "room.no.fit", "room.no.unclear"}

type checkData struct {
	In       rulingsIn
	Approve  []requestRow
	Decline  []requestRow
	Declines int // rivals that the yeses decline
	Gone     int // ticked, but decided meanwhile
	Usual    web.Choices
	Form     web.Form
}

// checked shows what the decisions would do, before they are made: every rival that a
// yes declines is named.
func (s *Service) checked(ctx context.Context, a auth.Actor, in rulingsIn, bad *errs.Error) (web.Page, error) {
	in.Approve = slices.DeleteFunc(slices.Clone(in.Approve), func(id string) bool { return slices.Contains(in.Decline, id) })
	found, err := s.RequestsByID(ctx, a, append(slices.Clone(in.Approve), in.Decline...))
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	asked, err := s.askRowsByKey(ctx, a, w, append(slices.Clone(in.Approve), in.Decline...))
	if err != nil {
		return web.Page{}, err
	}
	d := checkData{In: in, Gone: len(in.Approve) + len(in.Decline) - len(found) - len(asked), Form: web.Form{Values: map[string]string{"reason": in.Reason}, Errors: httpapi.Faults(ctx, bad, nil)}}
	beside := map[string]bool{} // declined by a yes before it
	for _, r := range found {
		row := w.row(r)
		if slices.Contains(in.Decline, r.UID) {
			d.Decline = append(d.Decline, row)
			continue
		}
		row.Beside = beside[r.UID]
		if !row.Beside && r.Settles(a) {
			for _, x := range r.Rivals {
				if !beside[x.ID] && !slices.Contains(in.Decline, x.ID) {
					d.Declines++
				}
				beside[x.ID] = true
			}
		}
		if !r.Settles(a) {
			row.Effect = w.t("room.yes_of_two")
		}
		d.Approve = append(d.Approve, row)
	}
	for _, row := range asked {
		if slices.Contains(in.Decline, row.Key) {
			d.Decline = append(d.Decline, row)
			continue
		}
		row.Effect = w.t("roomask.effect_yes")
		d.Approve = append(d.Approve, row)
	}
	d.Usual = w.usual(in.Usual)
	p := web.Page{Template: "room/check", Title: "room.check_title", Layout: web.LayoutStaff, Styles: deskStyles, Scripts: []string{"keys"}, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (w words) usual(chosen string) web.Choices {
	c := web.Choices{Name: "usual", Legend: w.t("room.no_why"), Value: chosen}
	for _, key := range usualReasons {
		c.Options = append(c.Options, web.Choice{Value: key, Label: w.t(key)})
	}
	if c.Value == "" {
		c.Value = usualReasons[0]
	}
	return c
}

// reason is what the booker is told: what was typed, else the usual reason chosen.
func (in rulingsIn) reason() string {
	if in.Reason != "" || !slices.Contains(usualReasons, in.Usual) {
		return in.Reason
	}
	return locales.T(locales.ZhCN, in.Usual, nil)
}

// rulings are the decisions, the noes first: what they free cannot be a rival then.
func (in rulingsIn) rulings() []Ruling {
	named := map[string][]string{}
	for _, pair := range in.Rivals {
		id, rival, _ := strings.Cut(pair, " ")
		named[id] = append(named[id], rival)
	}
	var out []Ruling
	for _, id := range in.Decline {
		out = append(out, Ruling{ID: id, Reason: in.reason()})
	}
	for _, id := range in.Approve {
		if !slices.Contains(in.Decline, id) {
			out = append(out, Ruling{ID: id, Yes: true, Named: named[id]})
		}
	}
	return out
}

// errNothing: nothing was ticked.
var errNothing = errs.New(errs.Invalid, "room.nothing_ticked")

func (s *Service) deskForm(ctx context.Context, a auth.Actor, in rulingsIn, bad *errs.Error) (httpapi.Answer, error) {
	switch {
	case bad == nil && in.Back:
		page, err := s.desked(ctx, a, in, nil)
		return httpapi.Show(page), err
	case bad == nil && len(in.Approve)+len(in.Decline) == 0:
		bad = errNothing.At(errs.Field{Name: "approve", Code: "required"})
		page, err := s.desked(ctx, a, in, bad)
		return httpapi.Show(page), err
	case bad == nil && in.Confirm && len(in.Decline) > 0 && in.reason() == "":
		bad = errs.FieldFault("reason", "required")
	}
	if bad != nil || !in.Confirm {
		page, err := s.checked(ctx, a, in, bad)
		return httpapi.Show(page), err
	}
	return s.ruled(ctx, a, in)
}

type ruledData struct {
	Done   int
	Failed []requestRow
}

// ruled makes the decisions and says what became of them. Each stands or falls by
// itself.
func (s *Service) ruled(ctx context.Context, a auth.Actor, in rulingsIn) (httpapi.Answer, error) {
	var d ruledData
	w := s.words(ctx)
	for _, r := range in.rulings() {
		err := s.rule(ctx, a, r)
		if err == nil {
			d.Done++
			continue
		}
		refusal := errs.As(err)
		if refusal.Kind == errs.Internal || refusal.Kind == errs.Unavailable {
			return httpapi.Answer{}, err
		}
		row, err := s.rowOf(ctx, a, w, r.ID)
		if err != nil {
			continue // nothing of the actor's
		}
		row.Refusal = httpapi.Say(ctx, refusal)
		d.Failed = append(d.Failed, row)
	}
	if len(d.Failed) == 0 {
		return httpapi.SeeOther("/room-desk", "room.ruled", map[string]any{"n": d.Done}), nil
	}
	return httpapi.Show(web.Page{Template: "room/ruled", Title: "room.ruled_title", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}), nil
}
