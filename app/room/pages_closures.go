package room

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) closurePages(r *httpapi.Router) {
	httpapi.Page(r, "/closures", auth.RoomRead, s.closuresPage)
	httpapi.Page(r, "/closures/new", auth.RoomDecide, s.newClosurePage)
	httpapi.Form(r, "/closures/new", auth.RoomDecide, httpapi.LimitNone, s.newClosureForm)
	httpapi.Page(r, "/closures/:id", auth.RoomRead, s.closurePage)
	httpapi.Form(r, "/closures/:id/approve", auth.RoomDecide, httpapi.LimitNone, s.approveClosureForm)
	httpapi.Page(r, "/closures/:id/lift", auth.RoomDecide, s.liftPage)
	httpapi.Form(r, "/closures/:id/lift", auth.RoomDecide, httpapi.LimitNone, s.liftForm)
}

// Place is what a closure closes: the room, or all of the venue.
func (c Closure) Place() string {
	if c.RoomID == nil {
		return c.Venue
	}
	return c.Venue + " · " + c.RoomName
}

func (w words) closureChip(c Closure) web.Chip {
	tone := map[models.ClosureStatus]web.Tone{models.ClosureDraft: web.ToneWarn, models.ClosureClosed: web.ToneInfo, models.ClosureLifted: web.ToneOff}[c.Status]
	return web.Chip{Tone: tone, Text: w.t("closure.state." + string(c.Status))}
}

type closuresData struct {
	Links []web.Link
	Table web.Table
	May   bool
}

func (s *Service) closuresPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	all, err := s.ClosuresAt(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := closuresData{Links: w.deskLinks(a, "/closures"), May: a.Can(auth.RoomDecide), Table: web.Table{Caption: w.t("closure.title"),
		Columns: []string{w.t("closure.place"), w.t("fact.time"), w.t("closure.reason"), w.t("closure.state")},
		Empty:   &web.Empty{Icon: "check", Title: w.t("closure.none"), Text: w.t("closure.none_text")}}}
	for _, c := range all {
		chip := w.closureChip(c)
		d.Table.Rows = append(d.Table.Rows, web.Row{Href: closurePath(c.ID), Cells: []web.Cell{{Text: c.Place()}, {Text: w.frame.Span(c.StartsAt, c.EndsAt)}, {Text: c.Reason}, {Chip: &chip}}})
	}
	return web.Page{Template: "room/closures", Title: "closure.title", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}, nil
}

// closureEntry is a new closure as its form says it.
type closureEntry struct {
	httpapi.Keyed
	Place  string `query:"place" form:"place" validate:"max=40"` // "venue 3" or "room 12"
	Date   string `query:"date" form:"date" validate:"max=20"`
	Time   string `form:"time" validate:"max=20"`
	Date2  string `form:"date2" validate:"max=20"`
	Until  string `form:"until" validate:"max=20"`
	Reason string `form:"reason" validate:"omitempty,plain,max=200"`
}

type newClosureData struct {
	Form   web.Form
	Venues []closable
	Place  string
}

// closable is a venue with what of it can be closed.
type closable struct {
	Name  string
	Value string
	Rooms []Room
}

func (s *Service) newClosurePage(ctx context.Context, a auth.Actor, in closureEntry) (web.Page, error) {
	if in.Date == "" {
		in.Date = models.DayOf(s.db.Now(), s.zone).Add(1).String()
	}
	in.Time, in.Until = "08:00", "22:00"
	return s.closing(ctx, a, in, nil)
}

var closureLabels = map[string]string{"place": "closure.place", "date": "closure.day", "time": "closure.from", "date2": "closure.day2", "until": "closure.to",
	"end": "closure.to", "reason": "closure.reason"}

func (s *Service) closing(ctx context.Context, a auth.Actor, in closureEntry, bad *errs.Error) (web.Page, error) {
	venues, err := s.Venues(ctx)
	if err != nil {
		return web.Page{}, err
	}
	rooms, err := s.Rooms(ctx, Filter{})
	if err != nil {
		return web.Page{}, err
	}
	d := newClosureData{Place: in.Place, Form: web.Form{Errors: httpapi.Faults(ctx, bad, closureLabels), Values: map[string]string{"date": in.Date, "time": in.Time,
		"date2": in.Date2, "until": in.Until, "reason": in.Reason}}}
	for _, v := range venues {
		if !a.CanAt(auth.RoomDecide, v.OrgPath) {
			continue
		}
		c := closable{Name: v.Name, Value: "venue " + strconv.FormatInt(v.ID, 10)}
		for _, r := range rooms {
			if r.VenueID == v.ID {
				c.Rooms = append(c.Rooms, r)
			}
		}
		d.Venues = append(d.Venues, c)
	}
	p := web.Page{Template: "room/closing", Title: "closure.new", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) newClosureForm(ctx context.Context, a auth.Actor, in closureEntry, bad *errs.Error) (httpapi.Answer, error) {
	var c Closure
	if bad == nil {
		span, fault := s.formSpan(in.Date, in.Time, in.Date2, in.Until)
		closing := Closing{Span: span, Reason: in.Reason, Key: in.Key}
		kind, digits, _ := strings.Cut(in.Place, " ")
		id, _ := strconv.ParseInt(digits, 10, 64) // no number is no place: 0
		switch {
		case fault != nil:
			bad = fault
		case id == 0:
			bad = errs.FieldFault("place", "required")
		case in.Reason == "":
			bad = errs.FieldFault("reason", "required")
		case kind == "room":
			closing.RoomID = id
		default:
			closing.VenueID = id
		}
		if bad == nil {
			made, err := s.Close(ctx, a, closing)
			if c = made; err != nil {
				bad = errs.As(err)
			}
		}
	}
	switch {
	case bad == nil && c.Status == models.ClosureClosed:
		return httpapi.SeeOther(closurePath(c.ID), "closure.closed_now", nil), nil
	case bad == nil:
		return httpapi.SeeOther(closurePath(c.ID), "", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	page, err := s.closing(ctx, a, in, bad)
	return httpapi.Show(page), err
}

// hitRow is a booking in the way with what can be decided about it.
type hitRow struct {
	Hit
	Href    string
	State   string
	Options []web.Choice
	Value   string
}

type closureData struct {
	Closure Closure
	Links   []web.Link
	Chip    web.Chip
	Hits    []hitRow
	Others  []string
	May     bool
	Lift    bool
	Refusal string
}

func (s *Service) closurePage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	return s.closed(ctx, a, in.ID, nil, nil)
}

// closed is one closure: of a draft, the bookings that it hits with the slot that is
// proposed for each; chosen are the decisions as they were ticked.
func (s *Service) closed(ctx context.Context, a auth.Actor, id int64, chosen []string, bad *errs.Error) (web.Page, error) {
	c, err := s.Closure(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	may := a.CanAt(auth.RoomDecide, c.OrgPath)
	d := closureData{Closure: c, Links: w.deskLinks(a, ""), Chip: w.closureChip(c), May: may && c.Status == models.ClosureDraft, Lift: may && c.Status.CanBecome(models.ClosureLifted)}
	for _, h := range c.Hits {
		d.Hits = append(d.Hits, w.hit(h, chosen))
	}
	for _, x := range c.Others {
		d.Others = append(d.Others, x.Resource+" · "+w.frame.Span(x.Start, x.End)+" · "+w.t("calendar.kind."+x.Kind))
	}
	p := web.Page{Template: "room/closure", Title: "closure.one", TitleArgs: map[string]any{"place": c.Place()}, Layout: web.LayoutStaff, Styles: deskStyles}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

// hit is a booking in the way, with the other slots that it can be offered, or its end.
func (w words) hit(h Hit, chosen []string) hitRow {
	row := hitRow{Hit: h, Href: bookingPath(h.ID), State: w.t("room.state." + string(h.Status))}
	key := h.ID + " " + strconv.Itoa(h.Version)
	if h.Proposed != nil {
		x := *h.Proposed
		row.Options = append(row.Options, web.Choice{Value: key + " " + strconv.FormatInt(x.RoomID, 10) + " " + x.Start.String() + " " + x.End.String(),
			Label: x.Room + " · " + w.frame.Span(x.Start, x.End)})
	}
	row.Options = append(row.Options, web.Choice{Value: key, Label: w.t("closure.cancel_it")})
	row.Value = row.Options[0].Value
	for _, o := range row.Options {
		if slices.Contains(chosen, o.Value) {
			row.Value = o.Value
		}
	}
	return row
}

// resolutionsIn is what was decided about the bookings that a closure hits: "booking
// version room start end", or "booking version" for its end.
type resolutionsIn struct {
	byIDIn
	Hits []string `form:"hits" validate:"max=500"`
}

func (in resolutionsIn) resolutions() ([]Resolution, *errs.Error) {
	out := []Resolution{}
	for _, line := range in.Hits {
		f := strings.Fields(line)
		if len(f) != 2 && len(f) != 5 {
			return nil, errs.FieldFault("hits", "type")
		}
		version, err := strconv.Atoi(f[1])
		if err != nil {
			return nil, errs.FieldFault("hits", "type")
		}
		r := Resolution{ID: f[0], Version: version}
		if len(f) == 5 {
			if r.RoomID, err = strconv.ParseInt(f[2], 10, 64); err != nil {
				return nil, errs.FieldFault("hits", "type")
			}
			if r.Span.Start.UnmarshalText([]byte(f[3])) != nil || r.Span.End.UnmarshalText([]byte(f[4])) != nil {
				return nil, errs.FieldFault("hits", "type")
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *Service) approveClosureForm(ctx context.Context, a auth.Actor, in resolutionsIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		var all []Resolution
		if all, bad = in.resolutions(); bad == nil {
			if _, err := s.ApproveClosure(ctx, a, in.ID, all); err != nil {
				bad = errs.As(err)
			}
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(closurePath(in.ID), "closure.closed_all", map[string]any{"n": len(in.Hits)}), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	page, err := s.closed(ctx, a, in.ID, in.Hits, bad)
	return httpapi.Show(page), err
}

func (s *Service) liftPage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	c, err := s.Closure(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !c.Status.CanBecome(models.ClosureLifted) {
		return web.Page{}, ErrDecided.With("status", s.words(ctx).t("closure.state."+string(c.Status))).Add("status", c.Status)
	}
	w, kind := s.words(ctx), string(c.Status)
	return web.Page{Template: "room/lift", Title: "closure.lift", Layout: web.LayoutStaff, Data: web.Decision{Title: w.t("closure.lift_ask." + kind), Lead: c.Place(),
		Facts:  []web.Fact{{Label: w.t("fact.time"), Text: w.span(c.Span())}, {Label: w.t("closure.reason"), Text: c.Reason}},
		Effect: w.t("closure.lift_effect." + kind), Action: closurePath(c.ID) + "/lift", Button: w.t("closure.lift_do." + kind), Tone: web.ToneWarn,
		Back: closurePath(c.ID), BackTo: w.t("closure.keep")}}, nil
}

func (s *Service) liftForm(ctx context.Context, a auth.Actor, in byIDIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	if _, err := s.Reopen(ctx, a, in.ID); err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.SeeOther("/closures", "closure.lifted", nil), nil
}

// conflicts says what is in the way of a time.
func (w words) conflicts(bad *errs.Error) []string {
	found, _ := bad.Extra["conflicts"].([]booking.Conflict)
	var out []string
	for _, c := range found {
		out = append(out, c.Resource+" · "+w.frame.Span(c.Start, c.End))
	}
	return out
}
