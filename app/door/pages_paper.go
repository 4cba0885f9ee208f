package door

import (
	"cmp"
	"context"
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

// byUnit sorts parties as they are looked for on a list: by branch, then by name.
func byUnit(entries []Entry) []Entry {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Branch, b.Branch), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return entries
}

type sheetRow struct {
	No     int
	Name   string
	Branch string
	Seats  string
	Code   string
	People int
	Here   int
	Member bool // a person of the party above
	In     bool
}

type sheetData struct {
	Show    screening.Show
	Back    string
	Rows    []sheetRow
	Total   int
	Printed models.Instant
}

// sheetPage is the list for the door when there is no current or no network.
func (s *Service) sheetPage(ctx context.Context, a auth.Actor, in doorPageIn) (web.Page, error) {
	v, entries, count, err := s.Door(ctx, a, in.ID, "")
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := sheetData{Show: v, Back: doorPath(v.ID, "", in.Door), Total: count.Expected, Printed: s.db.Now()}
	for _, e := range byUnit(entries) {
		if len(e.Seats) == 0 {
			continue
		}
		p := s.doorParty(w, e)
		d.Rows = append(d.Rows, sheetRow{No: len(d.Rows) + 1, Name: e.Name, Branch: unit(e), Seats: screening.SeatWords(w, e.Seats),
			Code: p.Show, People: len(e.Seats), Here: e.Arrived, In: p.All})
		for _, l := range p.Lines {
			if l.Field == "attendees" {
				d.Rows = append(d.Rows, sheetRow{No: len(d.Rows) + 1, Name: l.Text, Seats: l.Seat, Member: true, In: l.In})
			}
		}
	}
	return web.Page{Template: "door/sheet", Title: "sheet.title", TitleArgs: map[string]any{"title": v.FilmTitle}, Layout: web.LayoutStaff,
		Styles: []string{"hall"}, Scripts: []string{"print"}, Data: d}, nil
}

// unit is the branch where it is not the name itself.
func unit(e Entry) string {
	if e.Branch == e.Name {
		return ""
	}
	return e.Branch
}

// paperEntry is a whole list at once. Parties and Heads belong together by
// their order; a number that was wiped out is not sent, and then they do not.
type paperEntry struct {
	httpapi.Keyed
	httpapi.PathID
	Door      string      `form:"door" validate:"max=50"`
	Whole     []string    `form:"whole" validate:"max=400,dive,max=40"`
	Parties   []string    `form:"party" validate:"max=400,dive,max=40"`
	Heads     []string    `form:"heads" validate:"max=400,dive,max=3"`
	Attendees []int64     `form:"attendees" validate:"max=1000"`
	WalkIns   int         `form:"walk_ins" validate:"min=0,max=60"`
	Came      models.Came `form:"came" validate:"required,oneof=before half_hour later"`
	Reason    string      `form:"reason" validate:"omitempty,plain,max=500"`
}

type paperParty struct {
	doorParty
	Unit  string
	Heads string
	Whole bool
	Marks map[int64]bool
}

type paperData struct {
	Show    screening.Show
	Door    string
	Back    string
	Count   booking.DoorCount
	Until   models.Instant
	Closed  string // why nothing can be entered any more
	After   bool   // the event is finished: a reason is needed
	Parties []paperParty
	WalkIns int // let in without a booking
	Bands   web.Choices
	Form    web.Form
}

var paperLabels = map[string]string{"reason": "request.reason", "came": "paper.came", "walk_ins": "paper.walk_ins", "walk_ins[0]": "paper.walk_ins"}

func (s *Service) paperPage(ctx context.Context, a auth.Actor, in doorPageIn) (web.Page, error) {
	return s.onPaper(ctx, a, paperEntry{PathID: in.PathID, Door: in.Door, Came: models.CameBefore}, nil)
}

func (s *Service) onPaper(ctx context.Context, a auth.Actor, in paperEntry, bad *errs.Error) (web.Page, error) {
	v, entries, count, err := s.Door(ctx, a, in.ID, "")
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	until := booking.RecordUntil(v.Event)
	d := paperData{Show: v, WalkIns: in.WalkIns, Door: in.Door, Back: doorPath(v.ID, "", in.Door), Count: count, Until: until, After: v.State == models.EventFinished,
		Form: web.Form{Errors: httpapi.Faults(ctx, bad, paperLabels), Values: map[string]string{"reason": in.Reason}},
		Bands: web.Choices{Name: "came", Legend: w.T("paper.came"), Value: string(in.Came), Options: []web.Choice{
			{Value: string(models.CameBefore), Label: w.T("door.came_before")},
			{Value: string(models.CameHalfHour), Label: w.T("door.came_half_hour")},
			{Value: string(models.CameLater), Label: w.T("door.came_later")}}}}
	switch {
	case v.State == models.EventCancelled:
		d.Closed = httpapi.Say(ctx, booking.ErrNotBooked)
	case s.db.Now().Before(s.kernel.DoorFrom(v.Event)):
		d.Closed = httpapi.Say(ctx, booking.ErrDoorEarly.With("starts_at", v.StartsAt).With("from", s.kernel.DoorFrom(v.Event)).Worded("checkin.early_list"))
	case !s.db.Now().Before(until):
		d.Closed = httpapi.Say(ctx, booking.ErrRecordClosed.With("until", until))
	}
	heads := in.heads()
	for _, e := range byUnit(entries) {
		if len(e.Seats) == 0 {
			continue
		}
		p := paperParty{doorParty: s.doorParty(w, e), Unit: unit(e), Heads: heads[e.ID], Whole: slices.Contains(in.Whole, e.ID), Marks: map[int64]bool{}}
		for _, id := range in.Attendees {
			p.Marks[id] = true
		}
		d.Parties = append(d.Parties, p)
	}
	page := web.Page{Template: "door/paper", Title: "paper.title", Layout: web.LayoutStaff, Styles: []string{"booking", "hall"}, Data: d}
	if bad != nil {
		page.Status = bad.Kind.Status()
	}
	return page, nil
}

func (in paperEntry) heads() map[string]string {
	out := make(map[string]string, len(in.Parties))
	if len(in.Parties) == len(in.Heads) {
		for i, id := range in.Parties {
			out[id] = strings.TrimSpace(in.Heads[i])
		}
	}
	return out
}

// lines puts the ticks of a form together, party by party.
func (in paperEntry) lines(entries []Entry) ([]booking.PaperLine, *errs.Error) {
	if len(in.Parties) != len(in.Heads) {
		return nil, errHeads
	}
	var out []booking.PaperLine
	heads := in.heads()
	for _, e := range entries {
		l := booking.PaperLine{BookingID: e.ID, All: booking.Everybody(slices.Contains(in.Whole, e.ID))}
		for _, c := range e.Who.Attendees {
			if slices.Contains(in.Attendees, c.ID) {
				l.Attendees = append(l.Attendees, c.ID)
			}
		}
		if h := heads[e.ID]; h != "" {
			n, err := strconv.Atoi(h)
			if err != nil || n < 0 {
				return nil, errHeads
			}
			l.Count = n
		}
		if !bool(l.All) && l.Count > 0 && len(l.Attendees) > 0 {
			return nil, errNamesOrHeads.With("name", e.Name)
		}
		if bool(l.All) || l.Count > 0 || len(l.Attendees) > 0 {
			out = append(out, l)
		}
	}
	if len(out) == 0 && in.WalkIns == 0 {
		return nil, errNobodyOnPaper
	}
	return out, nil
}

// The faults of a list on paper as it is typed in.
var (
	errHeads         = errs.New(errs.Invalid, "paper.heads")
	errNamesOrHeads  = errs.New(errs.Invalid, "paper.names_or_heads")
	errNobodyOnPaper = errs.New(errs.Invalid, "paper.nobody")
)

func (s *Service) paperForm(ctx context.Context, a auth.Actor, in paperEntry, bad *errs.Error) (httpapi.Answer, error) {
	_, entries, _, err := s.Door(ctx, a, in.ID, "")
	if err != nil {
		return httpapi.Answer{}, err
	}
	var lines []booking.PaperLine
	if bad == nil {
		lines, bad = in.lines(entries)
	}
	if bad == nil {
		list := booking.PaperList{EventID: in.ID, Lines: lines, Came: in.Came, Reason: strings.TrimSpace(in.Reason), Key: in.Key}
		if in.WalkIns > 0 {
			list.WalkIns = []booking.PaperWalkIn{{Count: in.WalkIns}}
		}
		got, err := s.EnterPaper(ctx, a, list)
		if err == nil {
			return httpapi.SeeOther(doorPath(in.ID, "/paper", in.Door), "paper.done",
				map[string]any{"n": got.Checked, "arrived": got.Arrived, "of": got.Expected}), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.onPaper(ctx, a, in, bad)
	return httpapi.Show(page), err
}
