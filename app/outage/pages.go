package outage

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of broken seats.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/halls/:id/outages", auth.HallCalendar, s.outagesPage)
	httpapi.Page(r, "/halls/:id/outages/new", auth.PlanWrite, s.outagePage)
	httpapi.Form(r, "/halls/:id/outages", auth.PlanWrite, httpapi.LimitNone, s.outageForm)
	httpapi.Form(r, "/halls/:id/outages/lift", auth.PlanWrite, httpapi.LimitNone, s.liftForm)
	httpapi.Form(r, "/halls/:id/outages/mend", auth.PlanWrite, httpapi.LimitNone, s.mendForm)
	httpapi.Form(r, "/bookings/:id/give-up-broken", auth.PlanWrite, httpapi.LimitNone, s.giveUpForm)
}

func (s *Service) words(ctx context.Context) web.Words { return httpapi.Words(ctx, s.zone, s.db.Now()) }

// outageEntry is an outage as the form sends it: first to look, then to do.
type outageEntry struct {
	httpapi.PathID
	Seats    []int64 `query:"seats" form:"seats" validate:"max=400"`
	FromDate string  `query:"from_date" form:"from_date" validate:"max=20"`
	FromTime string  `query:"from_time" form:"from_time" validate:"max=20"`
	ToDate   string  `query:"to_date" form:"to_date" validate:"max=20"`
	ToTime   string  `query:"to_time" form:"to_time" validate:"max=20"`
	Reason   string  `query:"reason" form:"reason" validate:"omitempty,plain,max=40"`
	Check    bool    `query:"check"`
}

var outageLabels = map[string]string{"seats": "outage.seats", "from_date": "outage.from", "to_date": "outage.to", "reason": "outage.reason"}

// hitLine is a party that an outage hits, in words.
type hitLine struct {
	BookingID string
	Who       string
	From, To  string
	How       string
	Stuck     bool
	GiveUp    bool // doing without is possible
}

type eventHits struct {
	ID       int64
	Title    string
	StartsAt models.Instant
	Blocked  string
	Hits     []hitLine
}

type outageData struct {
	Hall   venue.Hall
	Form   web.Form
	Map    web.SeatMap
	Entry  outageEntry
	Facts  []web.Fact
	Events []eventHits
	Moved  int
	Stuck  int
	Others int // screenings that it reaches without hitting anybody
}

type outagesData struct {
	Hall   venue.Hall
	Rows   []models.SeatOutage
	Events []eventHits
	Edits  bool
	Errors []web.FieldError
}

func (s *Service) outagesPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.outagesShown(ctx, a, in.ID, nil)
}

func (s *Service) outagesShown(ctx context.Context, a auth.Actor, hallID int64, bad *errs.Error) (web.Page, error) {
	h, rows, err := s.Outages(ctx, a, hallID)
	if err != nil {
		return web.Page{}, err
	}
	d := outagesData{Hall: h, Rows: rows, Edits: a.CanAt(auth.PlanWrite, h.OrgPath), Errors: httpapi.Faults(ctx, bad, nil)}
	left, err := s.Undecided(ctx, a, hallID)
	d.Events = s.hitsIn(ctx, left)
	p := web.Page{Template: "venue/outages", Title: "outage.title", Layout: web.LayoutStaff, Styles: []string{"venue"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, err
}

// hitsIn puts what an outage does into words.
func (s *Service) hitsIn(ctx context.Context, o Outcome) []eventHits {
	w, lang := s.words(ctx), httpapi.Lang(ctx)
	seats := func(refs []booking.SeatRef) string {
		labels := make([]string, len(refs))
		for i, r := range refs {
			labels[i] = r.Label
		}
		return web.SeatList(lang, labels)
	}
	var out []eventHits
	for _, m := range o.Events {
		e := eventHits{ID: m.Event.ID, Title: m.Event.Title, StartsAt: m.Event.StartsAt, Blocked: seats(m.Seats(m.Blocked))}
		for _, h := range m.Hits {
			x := hitLine{BookingID: h.Booking.ID, Who: w.T("outage.party", "name", h.Booking.Name, "n", len(h.Ords), "code", booking.ShowCode(h.Booking.Code)),
				From: seats(m.Seats(h.Broken)), Stuck: h.Stuck != booking.StuckNowhere}
			switch h.Stuck {
			case booking.StuckFull:
				x.How = w.T("outage.stuck.full")
				x.GiveUp = len(h.Broken) < len(h.Ords) && h.Booking.Status == models.BookingBooked // what is only held is decided first
			case booking.StuckArrived:
				x.How = w.T("outage.stuck.arrived")
			case booking.StuckNowhere:
				x.From, x.To = seats(m.Seats(h.Ords)), seats(m.Seats(h.Now))
				how := string(h.Together)
				if len(h.Ords) == 1 {
					how = "alone"
				}
				x.How = w.T("outage.together."+how, "n", len(h.Moves))
			}
			e.Hits = append(e.Hits, x)
		}
		out = append(out, e)
	}
	return out
}

func (s *Service) outagePage(ctx context.Context, a auth.Actor, in outageEntry) (web.Page, error) {
	if !in.Check {
		return s.outaging(ctx, a, in, nil)
	}
	o, bad := s.outageOf(in)
	if bad == nil {
		found, err := s.Foresee(ctx, a, o)
		if err == nil {
			return s.outageAsk(ctx, a, in, found)
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) || bad.Code == errs.ErrForbidden.Code {
			return web.Page{}, bad
		}
	}
	return s.outaging(ctx, a, in, bad)
}

// outageOf reads the form; all that is missing comes back at once.
func (s *Service) outageOf(in outageEntry) (Outage, *errs.Error) {
	o := Outage{HallID: in.ID, Seats: in.Seats, Reason: strings.TrimSpace(in.Reason)}
	var faults []errs.Field
	var ok bool
	if len(in.Seats) == 0 {
		faults = append(faults, errs.Field{Name: "seats", Code: "required"})
	}
	if o.From, ok = models.LocalInstant(in.FromDate, in.FromTime, s.zone); !ok {
		faults = append(faults, errs.Field{Name: "from_date", Code: "type"})
	}
	if o.To, ok = models.LocalInstant(in.ToDate, in.ToTime, s.zone); !ok {
		faults = append(faults, errs.Field{Name: "to_date", Code: "type"})
	}
	if o.Reason == "" {
		faults = append(faults, errs.Field{Name: "reason", Code: "required"})
	}
	if len(faults) > 0 {
		return o, errs.ErrInvalid.At(faults...)
	}
	return o, nil
}

const usualOutageDays = 14

func (s *Service) outaging(ctx context.Context, a auth.Actor, in outageEntry, bad *errs.Error) (web.Page, error) {
	d := outageData{Entry: in}
	var plan *models.SeatPlan
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if d.Hall, err = venue.GetFor(tx, a, auth.PlanWrite, in.ID); err != nil {
			return err
		}
		plan, err = s.kernel.Plan(tx, *d.Hall.PlanID)
		return err
	})
	if err != nil {
		return web.Page{}, err
	}
	states := make([]byte, len(plan.Seats))
	for i, seat := range plan.Seats {
		states[i] = byte(models.SeatFree)
		if seat.Kind == models.SeatNotForSale {
			states[i] = byte(models.SeatBlocked)
		}
	}
	if d.Map, err = web.NewSeatMap(plan, string(states), web.SeatMapOptions{Mode: web.SeatsChoose, Chosen: in.Seats}); err != nil {
		return web.Page{}, err
	}
	if in.FromDate == "" && in.ToDate == "" {
		in.FromDate, in.FromTime = s.db.Now().Fields(s.zone)
		in.ToDate, _ = models.InstantOf(s.db.Now().In(s.zone).AddDate(0, 0, usualOutageDays)).Fields(s.zone)
		in.ToTime = "23:59"
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, bad, outageLabels), Values: map[string]string{"from_date": in.FromDate, "from_time": in.FromTime,
		"to_date": in.ToDate, "to_time": in.ToTime, "reason": in.Reason}}
	p := web.Page{Template: "venue/outage", Title: "outage.new", Layout: web.LayoutStaff, Styles: []string{"seatmap", "booking", "venue"}, Scripts: []string{"seatmap"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

// outageAsk is the confirm page: whom it hits, and where they would sit.
func (s *Service) outageAsk(ctx context.Context, a auth.Actor, in outageEntry, found Outcome) (web.Page, error) {
	w := s.words(ctx)
	h, _, err := s.Outages(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	labels := make([]string, len(found.Outages))
	for i, o := range found.Outages {
		labels[i] = o.Label()
	}
	o := found.Outages[0]
	d := outageData{Hall: h, Entry: in, Events: s.hitsIn(ctx, found), Moved: found.Moved(), Stuck: found.Waiting(), Facts: []web.Fact{
		{Label: w.T("outage.seats"), Text: web.SeatList(httpapi.Lang(ctx), labels)},
		{Label: w.T("outage.from"), Text: w.DateTime(o.StartsAt)}, {Label: w.T("outage.to"), Text: w.DateTime(o.EndsAt)},
		{Label: w.T("outage.reason"), Text: o.Reason}, {Label: w.T("outage.screenings"), Text: strconv.Itoa(len(found.Events))}}}
	d.Events = slices.DeleteFunc(d.Events, func(e eventHits) bool { return len(e.Hits) == 0 })
	d.Others = len(found.Events) - len(d.Events)
	return web.Page{Template: "venue/outage_ask", Title: "outage.ask", Layout: web.LayoutStaff, Styles: []string{"venue"}, Data: &d}, nil
}

func outagesPath(hallID int64) string { return fmt.Sprintf("/halls/%d/outages", hallID) }

func (s *Service) outageForm(ctx context.Context, a auth.Actor, in outageEntry, bad *errs.Error) (httpapi.Answer, error) {
	var o Outage
	if bad == nil {
		o, bad = s.outageOf(in)
	}
	if bad == nil {
		done, err := s.BreakSeats(ctx, a, o)
		if err == nil {
			return httpapi.SeeOther(outagesPath(in.ID), "outage.done", map[string]any{"seats": len(done.Outages), "moved": done.Moved(), "waiting": done.Waiting()}), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.outaging(ctx, a, in, bad)
	return httpapi.Show(page), err
}

type liftEntry struct {
	httpapi.PathID
	IDs []int64 `form:"outages" validate:"max=400"`
}

func (s *Service) liftForm(ctx context.Context, a auth.Actor, in liftEntry, bad *errs.Error) (httpapi.Answer, error) {
	return s.onOutages(ctx, a, in.ID, bad, func() (string, map[string]any, error) {
		done, err := s.LiftOutages(ctx, a, in.ID, in.IDs)
		return "outage.lifted", map[string]any{"n": len(done.Outages)}, err
	})
}

func (s *Service) mendForm(ctx context.Context, a auth.Actor, in httpapi.PathID, bad *errs.Error) (httpapi.Answer, error) {
	return s.onOutages(ctx, a, in.ID, bad, func() (string, map[string]any, error) {
		done, err := s.MendHall(ctx, a, in.ID)
		return "outage.mended", map[string]any{"moved": done.Moved(), "waiting": done.Waiting()}, err
	})
}

// onOutages does something on the page of a hall's outages and shows it again.
func (s *Service) onOutages(ctx context.Context, a auth.Actor, hallID int64, bad *errs.Error, do func() (string, map[string]any, error)) (httpapi.Answer, error) {
	if bad == nil {
		flash, args, err := do()
		if err == nil {
			return httpapi.SeeOther(outagesPath(hallID), flash, args), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) || bad.Code == errs.ErrForbidden.Code {
		return httpapi.Answer{}, bad
	}
	page, err := s.outagesShown(ctx, a, hallID, bad)
	return httpapi.Show(page), err
}

type giveUpEntry struct {
	httpapi.PathUUID
	Hall int64 `form:"hall"`
}

func (s *Service) giveUpForm(ctx context.Context, a auth.Actor, in giveUpEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	b, err := s.GiveUpBroken(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	to := "/bookings/" + b.ID
	if in.Hall > 0 {
		to = outagesPath(in.Hall)
	}
	return httpapi.SeeOther(to, "outage.gave_up", map[string]any{"n": b.Party}), nil
}
