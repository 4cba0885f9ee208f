package room

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
	"youyue/app/web"
	"youyue/models"
)

// bookEntry is a booking as its page and its form say it.
type bookEntry struct {
	httpapi.Keyed
	byIDIn
	Start    models.Instant `query:"start" form:"start"`
	End      models.Instant `query:"end" form:"end"`
	For      string         `query:"for" form:"for" validate:"max=40"`
	Purpose  string         `form:"purpose" validate:"omitempty,plain,max=200"`
	People   int            `form:"attendees" validate:"min=0,max=10000"`
	Guardian string         `form:"guardian" validate:"omitempty,plain,max=40"`
	Extras   []int64        `query:"resources" form:"resources" validate:"max=20"`
	Repeat   string         `form:"repeat" validate:"max=60"` // a key of repeats, or one of the rules of ownRules
	DayOff   string         `form:"day_off" validate:"omitempty,oneof=NEXT SKIP"`
	Until    string         `form:"until" validate:"max=10"`
	Resolve  []string       `form:"resolve" validate:"max=200"` // "2026-12-08 skip", or "2026-12-08 " and another start
	Accept   bool           `form:"accept"`
	Name     string         `form:"name" validate:"omitempty,plain,max=40"`
	Phone    string         `form:"phone" validate:"max=30"`
	Channel  models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
	ReadBack bool           `form:"read_back"`
	Here     bool           `query:"here" form:"here"`
}

// For whom a booking is, as the form says it: "" oneself, "person:7", "org:12", and
// at the desk "caller", or "caller:7" for one who has called before.
const forCaller = "caller"

var repeats = []struct{ key, rule string }{{"", ""}, {"weekly", "FREQ=WEEKLY"}, {"fortnightly", "FREQ=WEEKLY;INTERVAL=2"}, {"monthly", "FREQ=MONTHLY"}}

// ownRule is how the rules begin that the RFC has no word for.
const ownRule = "FREQ=MONTHLY;X-"

// ownRules are those that a day suggests: its place among the working days of the
// month, where that is known, and its day of the lunar month.
func ownRules(d models.Day, days models.WorkCalendar) []string {
	var out []string
	for n := 1; n <= 23; n++ {
		if at, ok, err := days.NthWorkday(d.Year, d.Month, n); err == nil && ok && at == d {
			out = append(out, fmt.Sprintf("%sWORKDAY=%d", ownRule, n))
		}
	}
	return append(out, fmt.Sprintf("%sLUNAR=%d", ownRule, d.Lunar().Day))
}

// repeatChoices are the rules to choose among, and what becomes of a date on a
// holiday.
func (s *Service) repeatChoices(ctx context.Context, w words, in bookEntry) (repeat, dayOff web.Choices, err error) {
	repeat = web.Choices{Name: "repeat", Legend: w.t("room.repeat"), Value: in.Repeat}
	for _, r := range repeats {
		repeat.Options = append(repeat.Options, web.Choice{Value: r.key, Label: w.t("room.repeat." + r.key)})
	}
	dayOff = web.Choices{Name: "day_off", Legend: w.t("room.day_off_what"), Value: in.DayOff}
	for _, x := range []string{"", "NEXT", "SKIP"} {
		dayOff.Options = append(dayOff.Options, web.Choice{Value: x, Label: w.t("room.day_off_what." + x)})
	}
	if in.Start.IsZero() {
		return repeat, dayOff, nil
	}
	var days models.WorkCalendar
	err = s.db.Read(ctx, func(tx *db.Tx) error { days, err = s.days(tx); return err })
	for _, text := range ownRules(models.DayOf(in.Start, s.zone), days) {
		if r, err := models.ParseRecurrence(text); err == nil {
			repeat.Options = append(repeat.Options, web.Choice{Value: text, Label: web.RecurrenceWords(w.frame.Lang, r)})
		}
	}
	return repeat, dayOff, err
}

// wish is what the service is asked for.
func (in bookEntry) wish() (Wish, *errs.Error) {
	w := Wish{RoomID: in.ID, Span: models.Span{Start: in.Start, End: in.End}, Purpose: in.Purpose, Attendees: max(in.People, 1), Guardian: in.Guardian,
		Extras: in.Extras, Key: in.Key, Instead: map[models.Day]models.Instant{}}
	if !in.Accept {
		w.Rules = RulesUnread
	}
	kind, digits, _ := strings.Cut(in.For, ":")
	id, _ := strconv.ParseInt(digits, 10, 64) // no number is nobody: 0
	switch kind {
	case "person":
		w.PersonID = id
	case "org":
		w.OrgID = id
	case forCaller:
		w.PersonID, w.Channel, w.ReadBack, w.Here = id, in.Channel, booking.ReadBack(in.ReadBack), in.Here
		if w.Channel == "" {
			w.Channel = models.ChannelPhone
		}
		if id == 0 && in.Name == "" {
			return w, errs.FieldFault("name", "required")
		}
		if id == 0 {
			w.Caller = booking.Caller{Name: in.Name, Phone: in.Phone}
		}
	}
	for _, r := range repeats {
		if r.key == in.Repeat {
			w.Rule = r.rule
		}
	}
	if strings.HasPrefix(in.Repeat, ownRule) {
		w.Rule = in.Repeat
	}
	if w.Rule != "" && in.DayOff != "" {
		w.Rule += ";X-HOLIDAY=" + in.DayOff
	}
	if d, err := models.ParseDay(in.Until); w.Rule != "" && err == nil {
		w.Rule += ";UNTIL=" + strings.ReplaceAll(d.String(), "-", "")
	}
	for _, line := range in.Resolve {
		day, what, _ := strings.Cut(line, " ")
		d, err := models.ParseDay(day)
		if err != nil {
			continue
		}
		if at, err := models.ParseInstant(what); err == nil {
			w.Instead[d] = at
		} else {
			w.Skip = append(w.Skip, d)
		}
	}
	return w, nil
}

var bookLabels = map[string]string{"purpose": "room.purpose", "attendees": "room.people", "guardian": "room.guardian", "name": "who.name",
	"phone": "who.phone", "accept_rules": "room.accept"}

// clashRow is one date of a series that cannot be had, and what can be done about it.
type clashRow struct {
	At      models.Instant
	Why     string
	Options []web.Choice
	Value   string
}

type bookData struct {
	Room    Detail
	In      bookEntry
	Facts   []web.Fact
	People  web.Stepper
	Whom    web.Choices
	Repeat  web.Choices
	DayOff  web.Choices
	Extras  []extraBox
	Clashes []clashRow
	Desk    bool
	Now     bool // about to begin: who stands at the desk can be checked in at once
	Paused  bool // refused by a pause, against which one may appeal
	Channel web.Choices
	Form    web.Form
	Refusal string
	Options []slotLink
	Titles  []string
	Back    web.Link
	Waits   bool // somebody must say yes
}

type extraBox struct {
	ID   int64
	Name string
	On   bool
}

// timed reports whether a time has been chosen; a link by hand, or an old one, may have none.
func (in bookEntry) timed() bool { return !in.Start.IsZero() && in.End.After(in.Start) }

// bookPage is where a chosen time is booked; without one it is the room's page, to choose.
func (s *Service) bookPage(ctx context.Context, a auth.Actor, in bookEntry) (web.Page, error) {
	if !in.timed() {
		return s.roomPage(ctx, a, roomPageIn{byIDIn: in.byIDIn, For: in.For})
	}
	return s.booking(ctx, a, in, nil)
}

// booking is the page on which a booking is made; bad is why it was not made yet.
func (s *Service) booking(ctx context.Context, a auth.Actor, in bookEntry, bad *errs.Error) (web.Page, error) {
	d, err := s.Detail(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if d.goesAlong(a) {
		return s.alonePage(ctx, d, in.For, bad)
	}
	w := s.words(ctx)
	if in.People == 0 {
		in.People = min(2, max(d.Capacity, 1))
	}
	out := bookData{Room: d, In: in, Desk: a.Can(auth.BookForOthers), Waits: d.OwnerID != nil || d.Rules[0].Approve,
		Back: web.Link{Href: withFor(roomPath(d.ID), in.For), Text: d.Title()}}
	out.Facts = []web.Fact{{Label: w.t("room.what"), Text: d.Title()}, {Label: w.t("fact.time"), Text: w.span(models.Span{Start: in.Start, End: in.End})},
		{Label: w.t("room.venue"), Text: d.Venue}}
	faults := httpapi.Faults(ctx, bad, bookLabels)
	out.Form = web.Form{Values: map[string]string{"purpose": in.Purpose, "guardian": in.Guardian, "name": in.Name, "phone": in.Phone, "until": in.Until}, Errors: faults}
	out.People = web.Stepper{Name: "attendees", Label: w.t("room.people"), Unit: w.t("show.people"), Value: in.People, Min: 1, Max: max(d.Capacity, 1),
		Hint: w.t("room.holds", "n", d.Capacity), Error: out.Form.Error("attendees")}
	for _, e := range d.Equipment {
		out.Extras = append(out.Extras, extraBox{e.ID, e.Name, slices.Contains(in.Extras, e.ID)})
	}
	if out.Whom, err = s.whomChoices(ctx, w, a, in); err != nil {
		return web.Page{}, err
	}
	if out.Repeat, out.DayOff, err = s.repeatChoices(ctx, w, in); err != nil {
		return web.Page{}, err
	}
	out.Channel = web.Choices{Name: "channel", Legend: w.t("who.channel"), Value: string(in.Channel)}
	for _, c := range []models.Channel{models.ChannelPhone, models.ChannelWindow, models.ChannelVisit} {
		out.Channel.Options = append(out.Channel.Options, web.Choice{Value: string(c), Label: w.t("channel." + string(c))})
	}
	if out.Channel.Value == "" {
		out.Channel.Value = string(models.ChannelPhone)
		if in.Here {
			out.Channel.Value = string(models.ChannelWindow)
		}
	}
	out.Now = out.Desk && !in.Start.After(s.db.Now().Add(doorAhead))
	p := web.Page{Template: "room/book", Title: "room.book_title", TitleArgs: map[string]any{"room": d.Title()}, Styles: []string{"booking", "room"}, Scripts: []string{"stepper"}}
	if bad != nil {
		p.Status, out.Paused = bad.Kind.Status(), bad.Code == ErrPaused.Code
		if len(faults) == 0 || faults[0].Field == "" {
			out.Refusal, out.Form.Errors = httpapi.Say(ctx, bad), nil
		}
		out.waysOut(w, bad)
	}
	p.Data = out
	return p, nil
}

// waysOut turns the suggestions of a refusal into links, and the dates of a series
// that cannot be had into choices.
func (d *bookData) waysOut(w words, bad *errs.Error) {
	if all, ok := bad.Extra["occurrences"].([]Occurrence); ok {
		for _, o := range all {
			if o.Fate != occTaken && o.Fate != occRefused {
				continue
			}
			day := o.Day.String()
			c := clashRow{At: o.Start, Value: day + " skip", Options: []web.Choice{{Value: day + " skip", Label: w.t("room.skip")}}}
			for _, x := range o.Suggestions {
				if x.RoomID == d.Room.ID {
					c.Options = append(c.Options, web.Choice{Value: day + " " + x.Start.String(), Label: w.t("room.instead", "at", x.Start)})
				}
			}
			d.Clashes = append(d.Clashes, c)
		}
		return
	}
	found, _ := bad.Extra["suggestions"].([]Suggestion)
	for _, x := range found {
		d.Options = append(d.Options, slotLink{x.Start, x.End, bookHref(x.RoomID, Slot{x.Start, x.End}, d.In.For)})
		d.Titles = append(d.Titles, x.Room)
	}
}

// whomChoices is for whom the reader may book.
func (s *Service) whomChoices(ctx context.Context, w words, a auth.Actor, in bookEntry) (web.Choices, error) {
	c := web.Choices{Name: "for", Legend: w.t("who.for"), Value: in.For, Options: []web.Choice{{Value: "", Label: w.t("who.self")}}}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		people, orgs, err := bookedFor(tx, a)
		for _, p := range people {
			c.Options = append(c.Options, web.Choice{Value: "person:" + strconv.FormatInt(p.ID, 10), Label: p.Name})
		}
		for _, o := range orgs {
			c.Options = append(c.Options, web.Choice{Value: "org:" + strconv.FormatInt(o.ID, 10), Label: o.Name})
		}
		if strings.HasPrefix(in.For, forCaller+":") && a.Can(auth.BookForOthers) {
			id, _ := strconv.ParseInt(strings.TrimPrefix(in.For, forCaller+":"), 10, 64) // no number is nobody: 0
			p, path, err := booking.PersonAt(tx, id)
			if err != nil || !a.CanAt(auth.BookForOthers, path) {
				return err
			}
			c.Options = append(c.Options, web.Choice{Value: in.For, Label: p.Name})
		}
		return err
	})
	if a.Can(auth.BookForOthers) {
		c.Options = append(c.Options, web.Choice{Value: forCaller, Label: w.t("room.for_caller")})
		if in.For == "" {
			c.Value = forCaller
		}
	}
	if len(c.Options) == 1 {
		c.Options = nil
	}
	return c, err
}

func (s *Service) bookForm(ctx context.Context, a auth.Actor, in bookEntry, bad *errs.Error) (httpapi.Answer, error) {
	if !in.timed() {
		return httpapi.SeeOther(withFor(roomPath(in.ID), in.For), "", nil), nil
	}
	var p Placed
	if bad == nil {
		var w Wish
		if w, bad = in.wish(); bad == nil {
			placed, err := s.Book(ctx, a, w)
			if p = placed; err != nil {
				bad = errs.As(err)
			}
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(bookingPath(p.ID), "", nil), nil
	case !shownAgain(bad):
		return httpapi.Answer{}, bad
	}
	page, err := s.booking(ctx, a, in, bad)
	return httpapi.Show(page), err
}
