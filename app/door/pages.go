package door

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/screening"
	"youyue/app/web"
	"youyue/models"
)

// doorPath is the page of a door; its name goes along, so that a device that
// was told once which door it stands at need not be told again.
func doorPath(id int64, more, door string) string {
	p := "/door/" + strconv.FormatInt(id, 10) + more
	if door != "" {
		p += "?" + url.Values{"door": {door}}.Encode()
	}
	return p
}

// Pages declares the pages.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/door", auth.CheckIn, s.doorsPage)
	httpapi.Page(r, "/door/:id", auth.CheckIn, s.doorPage)
	httpapi.Form(r, "/door/:id", auth.CheckIn, httpapi.LimitNone, s.scanForm)
	httpapi.Form(r, "/door/:id/undo", auth.CheckIn, httpapi.LimitNone, s.undoScanForm)
	httpapi.Form(r, "/door/:id/walk-in", auth.CheckIn, httpapi.LimitNone, s.walkInForm)
	httpapi.Page(r, "/door/:id/no-shows", auth.CheckIn, s.noShowsPage)
	httpapi.Form(r, "/door/:id/no-shows", auth.CheckIn, httpapi.LimitNone, s.noShowsForm)
	httpapi.Page(r, "/door/:id/sheet", auth.CheckIn, s.sheetPage)
	httpapi.Page(r, "/door/:id/paper", auth.CheckIn, s.paperPage)
	httpapi.Form(r, "/door/:id/paper", auth.CheckIn, httpapi.LimitNone, s.paperForm)
}

func (s *Service) words(ctx context.Context) web.Words { return httpapi.Words(ctx, s.zone, s.db.Now()) }

type doorsData struct{ Cards, Over []screening.Card }

func (s *Service) doorsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	shows, err := s.Tonight(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	over, err := s.Unclosed(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	var d doorsData
	for _, v := range shows {
		c := s.shows.Card(w, v)
		c.Href, c.Left = doorPath(v.ID, "", ""), nil
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.T("door.booked", "n", v.Taken-v.Held)})
		d.Cards = append(d.Cards, c)
	}
	for _, v := range over {
		c := s.shows.Card(w, v)
		c.Href, c.Left = doorPath(v.ID, "/paper", ""), nil
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.T("door.came_of", "n", v.Attended, "of", v.Taken)})
		d.Over = append(d.Over, c)
	}
	return web.Page{Template: "door/list", Title: "door.title", Layout: web.LayoutStaff, Data: d}, nil
}

type doorPageIn struct {
	httpapi.PathID
	Search string `query:"q" validate:"max=300"`
	Door   string `query:"door" validate:"max=50"`
}

// scanEntry is a scan as the forms send it; the form's key is its nonce, so a
// form sent twice is one scan.
type scanEntry struct {
	httpapi.PathID
	Nonce     string  `form:"idempotency_key" validate:"max=100"`
	Code      string  `form:"code" validate:"required,max=300"`
	Seats     []int64 `form:"seats" validate:"max=400"`
	Attendees []int64 `form:"attendees" validate:"max=400"`
	Count     int     `form:"count" validate:"min=0,max=400"`
	How       scanHow `form:"how" validate:"omitempty,oneof=all ticked count"`
	Door      string  `form:"door" validate:"max=50"`
	Reason    string  `form:"reason" validate:"omitempty,plain,max=500"`
}

// scanHow says what a scan takes in. A bare code takes a family in at once, and
// shows the list of a party whose members come one by one.
type scanHow string

// All is everybody who is missing, ticked the ticked ones, count a number of heads.
const (
	scanCode   scanHow = ""
	scanAll    scanHow = "all"
	scanTicked scanHow = "ticked"
	scanCount  scanHow = "count"
)

// bigParty is from how many on a party without a list of names is asked who of
// it came, before it is taken in: no family has more, and one press on 全部签到
// says so.
const bigParty = 12

var scanLabels = map[string]string{"code": "door.code", "reason": "request.reason", "door": "door.which", "count": "door.heads"}

// scanResult is what the last scan did, in words.
type scanResult struct {
	Tone  web.Tone
	Title string
	Lines []string
	Code  string // to take it back
	Seats []int64
}

type doorData struct {
	Show    screening.Show
	Count   booking.DoorCount
	Free    int
	Search  string
	Door    string
	Parties []doorParty
	Result  *scanResult
	Rest    *doorParty // of the party that was scanned, who is still missing
	Form    web.Form
	Open    bool // the door lets people in
	WalkIn  doorHours
	Release doorHours
	People  web.Stepper
	Paper   bool // a list on paper may be entered
}

// doorHours says whether something is done at the door now, and else from when.
type doorHours struct {
	Open bool
	From models.Instant
	Wait bool // its time is yet to come
}

// Path is a page of this door, with the door's name.
func (d doorData) Path(more string) string { return doorPath(d.Show.ID, more, d.Door) }

func (s *Service) doorPage(ctx context.Context, a auth.Actor, in doorPageIn) (web.Page, error) {
	return s.atDoor(ctx, a, doorState{scanEntry: scanEntry{PathID: in.PathID, Door: in.Door}, search: in.Search})
}

// doorState is what the page of a door is to show.
type doorState struct {
	scanEntry
	search string
	result *scanResult
	rest   string // the booking whose missing people are shown
	bad    *errs.Error
}

func (s *Service) atDoor(ctx context.Context, a auth.Actor, in doorState) (web.Page, error) {
	v, entries, count, err := s.Door(ctx, a, in.ID, in.search)
	if err != nil {
		return web.Page{}, err
	}
	w, now := s.words(ctx), s.db.Now()
	d := doorData{Show: v, Count: count, Free: v.Free() + v.Reserved, Search: in.search, Door: strings.TrimSpace(in.Door), Result: in.result,
		Form: web.Form{Errors: httpapi.Faults(ctx, in.bad, scanLabels), Values: map[string]string{"door": in.Door}},
		Open: v.State == models.EventOpen && now.Before(v.EndsAt), Paper: now.Before(booking.RecordUntil(v.Event))}
	d.WalkIn.From, d.WalkIn.Open = booking.WalkInsOpen(v.Event, now)
	d.Release.From, d.Release.Open = booking.ReleaseOpen(v.Event, now)
	d.WalkIn.Wait, d.Release.Wait = now.Before(d.WalkIn.From), now.Before(d.Release.From)
	d.People = web.Stepper{Name: "people", Label: w.T("door.walk_in_people"), Unit: w.T("door.people"), Value: 1, Min: 1, Max: max(1, min(d.Free, v.MaxSeats))}
	for _, e := range entries {
		p := s.doorParty(w, e)
		if e.ID == in.rest && p.Left > 0 {
			d.Rest = &p
		}
		d.Parties = append(d.Parties, p)
	}
	page := web.Page{Template: "door/door", Title: "door.at", TitleArgs: map[string]any{"title": v.FilmTitle}, Layout: web.LayoutStaff,
		Styles: []string{"booking", "hall"}, Scripts: []string{"checkin", "live", "door", "stepper"}, Data: &d}
	if in.bad != nil {
		page.Status = in.bad.Kind.Status()
		if !in.bad.OfFields() {
			d.Result, d.Form.Errors = &scanResult{Tone: web.ToneWarn, Title: httpapi.Say(ctx, in.bad)}, nil
		}
	}
	return page, nil
}

func (s *Service) scanForm(ctx context.Context, a auth.Actor, in scanEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && in.How == scanTicked && len(in.Seats)+len(in.Attendees) == 0 {
		bad = errNobody
	}
	view := doorState{scanEntry: in, bad: bad}
	if bad == nil {
		if err := s.scan(ctx, a, in, &view); err != nil {
			view.bad = errs.As(err)
		}
	}
	if bad := view.bad; bad != nil && !httpapi.ShownAgain(bad) && bad.Code != booking.ErrUnknownCode.Code {
		return httpapi.Answer{}, bad
	}
	page, err := s.atDoor(ctx, a, view)
	return httpapi.Show(page), err
}

func (s *Service) scan(ctx context.Context, a auth.Actor, in scanEntry, view *doorState) error {
	scan := booking.Scan{Code: in.Code, Nonce: in.Nonce, EventID: in.ID, Door: strings.TrimSpace(in.Door)}
	switch in.How {
	case scanTicked:
		scan.Seats, scan.Attendees = in.Seats, in.Attendees
	case scanCount:
		scan.Count = in.Count
	case scanCode:
		got, err := s.Look(ctx, a, scan)
		if err != nil {
			return err
		}
		if len(got.Missing) > 1 && len(got.Missing)+len(got.Attendees) > bigParty || len(got.Missing) > 0 && len(got.Attendees) > 0 {
			w := s.words(ctx)
			view.rest = got.BookingID
			view.result = &scanResult{Tone: web.ToneInfo, Title: w.T("door.who_of", "name", got.Name, "n", len(got.Missing)), Lines: s.before(w, got)}
			return nil
		}
	case scanAll:
	}
	got, err := s.CheckIn(ctx, a, scan)
	if err != nil {
		return err
	}
	r := s.scanned(ctx, got)
	view.result, view.rest = &r, got.BookingID
	return nil
}

// errNobody: a list entry was sent with no seat ticked.
var errNobody = errs.New(errs.Invalid, "checkin.nobody")

// scanned puts a scan into words: who came just now, who was in already since
// when and by which door, who is missing, what was taken back.
func (s *Service) scanned(ctx context.Context, got booking.Arrivals) scanResult {
	w := s.words(ctx)
	r := scanResult{Tone: web.ToneOK, Code: got.Code}
	r.Title = w.T("door.just_now", "n", len(got.Checked), "name", got.Name)
	if len(got.Checked) > 0 {
		r.Lines = append(r.Lines, whoAndWhere(w, got.Checked))
		if got.Checked[0].Late {
			r.Lines = append(r.Lines, w.T("door.late_at", "at", got.Checked[0].At))
		}
		for _, x := range got.Checked {
			r.Seats = append(r.Seats, x.SeatID)
		}
	}
	switch {
	case len(got.Checked) > 0:
	case len(got.TakenBack) > 0:
		r.Tone, r.Title, r.Code = web.ToneWarn, w.T("door.taken_back", "name", got.Name), ""
		r.Lines = append(r.Lines, w.T("door.taken_back_at", "seats", screening.SeatWords(w, seatsOf(got.TakenBack)), "at", got.TakenBack[0].At))
	case len(got.Already) > 0:
		r.Tone, r.Title = web.ToneWarn, w.T("door.second", "name", got.Name)
		for _, x := range got.Already {
			r.Seats = append(r.Seats, x.SeatID)
		}
	}
	r.Lines = append(r.Lines, s.before(w, got)...)
	if len(got.Missing) > 0 {
		r.Lines = append(r.Lines, w.T("door.missing", "seats", screening.SeatWords(w, got.Missing)))
	}
	if len(got.Released) > 0 {
		r.Lines = append(r.Lines, w.T("door.released_seats", "seats", screening.SeatWords(w, got.Released)))
	}
	return r
}

// before says who was in before a scan: by each time and door.
func (s *Service) before(w web.Words, got booking.Arrivals) (lines []string) {
	type moment struct {
		at   models.Instant
		door string
	}
	var order []moment
	by := map[moment][]booking.Arrival{}
	for _, x := range got.Already {
		m := moment{x.At, x.Door}
		if by[m] == nil {
			order = append(order, m)
		}
		by[m] = append(by[m], x)
	}
	slices.SortFunc(order, func(a, b moment) int { return a.at.Time().Compare(b.at.Time()) })
	for _, m := range order {
		key := "door.already"
		if m.door != "" {
			key = "door.already_by"
		}
		lines = append(lines, w.T(key, "seats", whoAndWhere(w, by[m]), "at", m.at, "door", m.door))
	}
	return lines
}

func seatsOf(all []booking.Arrival) []booking.SeatRef {
	out := make([]booking.SeatRef, len(all))
	for i, x := range all {
		out[i] = booking.SeatRef{ID: x.SeatID, Label: x.Label}
	}
	return out
}

// maxNames is how many people are named one by one.
const maxNames = 24

// whoAndWhere names the members that are known, then the seats.
func whoAndWhere(w web.Words, all []booking.Arrival) string {
	var names []string
	for _, x := range all {
		if x.Name != "" {
			names = append(names, x.Name)
		}
	}
	seats := screening.SeatWords(w, seatsOf(all))
	switch {
	case len(names) == 0:
		return seats
	case len(names) > maxNames:
		names = append(names[:maxNames], "…")
	}
	return w.T("door.names_seats", "names", strings.Join(names, w.T("door.name_join")), "seats", seats)
}

func (s *Service) undoScanForm(ctx context.Context, a auth.Actor, in scanEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && strings.TrimSpace(in.Reason) == "" {
		bad = errs.FieldFault("reason", "required")
	}
	if bad == nil && len(in.Seats) == 0 {
		bad = errNobody
	}
	view := doorState{scanEntry: in}
	if bad != nil && bad.Code != errNobody.Code {
		view.result = &scanResult{Tone: web.ToneWarn, Title: s.words(ctx).T("door.undo_again"), Code: in.Code, Seats: in.Seats}
	} else if bad == nil {
		got, err := s.UndoCheckIn(ctx, a, booking.Scan{Code: in.Code, Seats: in.Seats, EventID: in.ID}, in.Reason)
		if err != nil {
			bad = errs.As(err)
		} else {
			view.result = &scanResult{Tone: web.ToneInfo, Title: s.words(ctx).T("door.undone", "name", got.Name)}
		}
	}
	if bad != nil && !httpapi.ShownAgain(bad) && bad.Code != booking.ErrUnknownCode.Code {
		return httpapi.Answer{}, bad
	}
	view.bad = bad
	page, err := s.atDoor(ctx, a, view)
	return httpapi.Show(page), err
}
