package screening

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/models"
)

// RequestCard is a request for the hall or for a block in a list.
type RequestCard struct {
	Card
	Until models.Instant // the deadline, while it counts
}

func requestPath(id int64) string { return "/hall-requests/" + strconv.FormatInt(id, 10) }

func requestInList(w web.Words, q RequestView) RequestCard {
	c := RequestCard{Card: Card{Href: requestPath(q.ID), Start: q.StartsAt, Title: q.FilmTitle,
		Place: w.T("request.line", "org", q.OrgName, "n", q.Headcount), Chips: []web.Chip{requestChip(w, q)}}}
	if q.Status.Open() {
		c.Until = q.Deadline
	}
	return c
}

func requestChip(w web.Words, q RequestView) web.Chip {
	tone := map[models.HallRequestStatus]web.Tone{models.HallPending: web.ToneWarn, models.HallConfirming: web.ToneInfo, models.HallProposed: web.ToneInfo,
		models.HallApproved: web.ToneOK}[q.Status]
	if tone == "" {
		tone = web.ToneOff
	}
	key := "request.status." + string(q.Status)
	if q.Status == models.HallPending && !q.Holds {
		key = "request.status.queued"
	}
	return web.Chip{Tone: tone, Text: w.T(key)}
}

// askEntry is a request for the whole hall, in a link that fills the form or in
// the form itself.
type askEntry struct {
	httpapi.Keyed
	FilmID    int64          `query:"film_id" form:"film_id"`
	HallID    int64          `query:"hall_id" form:"hall_id"`
	OrgID     int64          `query:"org_id" form:"org_id"`
	Slot      string         `query:"slot" form:"slot" validate:"max=40"` // an offered start, "" for another time
	Date      string         `query:"date" form:"date" validate:"max=20"`
	Time      string         `query:"time" form:"time" validate:"max=20"`
	Headcount int            `query:"headcount" form:"headcount" validate:"min=0,max=2000"`
	Purpose   string         `query:"purpose" form:"purpose" validate:"omitempty,plain,max=500"`
	Oath      bool           `query:"oath" form:"oath"`
	Channel   models.Channel `query:"channel" form:"channel" validate:"omitempty,oneof=online phone window visit"`
}

var askLabels = map[string]string{"film_id": "ask.film", "hall_id": "ask.hall", "org_id": "ask.org", "slot": "ask.when", "date": "ask.date", "time": "ask.time",
	"headcount": "ask.headcount", "purpose": "ask.purpose"}

// link is the form's address with everything that was entered, at another start.
func (s *Service) link(in askEntry, at models.Instant) string {
	date, clock := at.Fields(s.zone)
	q := url.Values{"film_id": {strconv.FormatInt(in.FilmID, 10)}, "date": {date}, "time": {clock},
		"headcount": {strconv.Itoa(in.Headcount)}, "purpose": {in.Purpose}}
	if in.Oath {
		q.Set("oath", "on")
	}
	for name, id := range map[string]int64{"org_id": in.OrgID, "hall_id": in.HallID} {
		if id != 0 {
			q.Set(name, strconv.FormatInt(id, 10))
		}
	}
	return "/hall-requests/new?" + q.Encode()
}

type askData struct {
	Films    []models.Film // to choose one first
	Film     models.Film
	Entry    askEntry
	Form     web.Form
	Count    web.Stepper
	Branches []models.Org
	Orgs     web.Choices
	Halls    web.Choices // when there are several
	Channels web.Choices // at the desk
	Slots    web.Choices
	Instead  []web.Link
	Refusal  string
	Min      string // today, for the date field
}

func (s *Service) askPage(ctx context.Context, a auth.Actor, in askEntry) (web.Page, error) {
	return s.asking(ctx, a, in, nil)
}

func (s *Service) asking(ctx context.Context, a auth.Actor, in askEntry, refusal *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	p := web.Page{Template: "branch/ask", Title: "ask.title", Styles: []string{"booking"}, Scripts: []string{"stepper"}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
	}
	d := askData{Entry: in}
	if in.FilmID == 0 {
		films, err := s.Films(ctx, list.Query{PerPage: list.MaxPerPage})
		d.Films, p.Data = films.Items, &d
		return p, err
	}
	var err error
	if d.Film, err = s.Film(ctx, in.FilmID); err != nil {
		return p, err
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, atDate(refusal), askLabels),
		Values: map[string]string{"date": in.Date, "time": in.Time, "purpose": in.Purpose}}
	if refusal != nil && (refusal.Code == ErrHallBusy.Code || refusal.Code == ErrNotReleased.Code) {
		d.Refusal = httpapi.Say(ctx, refusal)
		if slots, ok := refusal.Extra["alternatives"].([]Slot); ok {
			for _, x := range slots {
				d.Instead = append(d.Instead, web.Link{Href: s.link(in, x.StartsAt), Icon: "clock", Text: w.T("ask.instead", "at", x.StartsAt)})
			}
		}
		d.Form.Errors = nil
	}
	d.Min, _ = s.db.Now().Fields(s.zone)
	d.Count = web.Stepper{Name: "headcount", Label: w.T("ask.headcount"), Unit: w.T("show.people"), Value: in.Headcount, Min: 1, Error: d.Form.Error("headcount")}
	if d.Count.Value == 0 {
		d.Count.Value = usualHeadcount
	}
	return s.askChoices(ctx, a, w, p, d)
}

// usualHeadcount is about a branch; the field is there to be changed.
const usualHeadcount = 40

func (s *Service) askChoices(ctx context.Context, a auth.Actor, w web.Words, p web.Page, d askData) (web.Page, error) {
	branches, err := s.Branches(ctx, a)
	if err != nil {
		return p, err
	}
	switch {
	case len(branchesOf(a)) == 1:
	case len(branches) > maxCards:
		d.Branches = branches
	default:
		d.Orgs = web.Choices{Name: "org_id", Legend: w.T("ask.org"), Error: d.Form.Error("org_id")}
		if d.Entry.OrgID != 0 {
			d.Orgs.Value = strconv.FormatInt(d.Entry.OrgID, 10)
		}
		for _, b := range branches {
			d.Orgs.Options = append(d.Orgs.Options, web.Choice{Value: strconv.FormatInt(b.ID, 10), Label: b.Name})
		}
	}
	halls, err := s.AllHalls(ctx)
	if err != nil {
		return p, err
	}
	d.Halls = hallChoices(w, halls, d.Entry.HallID, d.Form)
	if len(branchesOf(a)) == 0 && a.Can(auth.BookForOthers) {
		d.Channels = deskChannels(w, d.Entry.Channel)
	}
	offers, seats, err := s.Offers(ctx, d.Entry.HallID, d.Entry.FilmID, true)
	if err != nil && !errors.Is(err, ErrWhichHall) {
		return p, err
	}
	if d.Count.Max = maxHeadcount; seats > 0 {
		d.Count.Max, d.Count.Hint = seats, w.T("ask.headcount_hint", "n", seats)
	}
	d.Slots = web.Choices{Name: "slot", Legend: w.T("ask.when"), Value: d.Entry.Slot, Error: d.Form.Error("slot")}
	for _, x := range offers {
		at, _ := x.StartsAt.MarshalText() // an instant always has a text
		d.Slots.Options = append(d.Slots.Options, web.Choice{Value: string(at), Label: w.DateTime(x.StartsAt)})
	}
	d.Slots.Options = append(d.Slots.Options, web.Choice{Value: "", Label: w.T("ask.other_time"), Hint: w.T("ask.other_time_hint")})
	p.Data = &d
	return p, nil
}

// maxHeadcount bounds the field while no hall is chosen.
const maxHeadcount = 2000

// hallChoices asks which hall, where there are several.
func hallChoices(w web.Words, halls []venue.Hall, chosen int64, form web.Form) web.Choices {
	c := web.Choices{Name: "hall_id", Legend: w.T("ask.hall"), Value: strconv.FormatInt(chosen, 10), Error: form.Error("hall_id")}
	if len(halls) < 2 {
		return c
	}
	for _, h := range halls {
		c.Options = append(c.Options, web.Choice{Value: strconv.FormatInt(h.ID, 10), Label: h.Name, Hint: h.Venue})
	}
	return c
}

// start is when the form wants the hall: an offered start, or date and time.
func (s *Service) start(in askEntry) (models.Instant, *errs.Error) {
	if in.Slot != "" {
		at, err := models.ParseInstant(in.Slot)
		switch {
		case err != nil:
			return at, errs.FieldFault("slot", "type")
		case in.Date != "" || in.Time != "":
			return at, errTwoTimes.At(errs.Field{Name: "slot", Code: "other"})
		}
		return at, nil
	}
	return s.dateTime(in.Date, in.Time)
}

// dateTime reads the two fields of a start and says which is missing or misspelt.
func (s *Service) dateTime(date, clock string) (models.Instant, *errs.Error) {
	var bad []errs.Field
	for _, f := range []struct{ name, value, sample string }{{"date", date, date + " 00:00"}, {"time", clock, "2000-01-01 " + clock}} {
		day, at, _ := strings.Cut(f.sample, " ")
		if f.value == "" {
			bad = append(bad, errs.Field{Name: f.name, Code: "required"})
		} else if _, ok := models.LocalInstant(day, at, s.zone); !ok {
			bad = append(bad, errs.Field{Name: f.name, Code: "type"})
		}
	}
	if len(bad) > 0 {
		return models.Instant{}, errs.ErrInvalid.At(bad...)
	}
	at, _ := models.LocalInstant(date, clock, s.zone)
	return at, nil
}

// errTwoTimes: an offered start and another time, both.
var errTwoTimes = errs.New(errs.Invalid, "hall_request.two_times")

func (s *Service) askForm(ctx context.Context, a auth.Actor, in askEntry, bad *errs.Error) (httpapi.Answer, error) {
	var at models.Instant
	if bad == nil {
		at, bad = s.start(in)
	}
	if bad == nil && in.Headcount == 0 {
		bad = errs.FieldFault("headcount", "required")
	}
	if bad == nil && strings.TrimSpace(in.Purpose) == "" {
		bad = errs.FieldFault("purpose", "required")
	}
	if bad == nil {
		v, err := s.AskHall(ctx, a, HallWish{HallID: in.HallID, FilmID: in.FilmID, OrgID: in.OrgID, StartsAt: at, Headcount: in.Headcount,
			Purpose: strings.TrimSpace(in.Purpose), Oath: WithOath(in.Oath), Channel: in.Channel, Key: in.Key})
		if err == nil {
			return httpapi.SeeOther(requestPath(v.ID), "ask.done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	if bad.Code == idem.ErrReused.Code {
		bad = errAgain
	}
	page, err := s.asking(ctx, a, in, bad)
	return httpapi.Show(page), err
}
