package room

import (
	"context"
	"net/url"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type bookingData struct {
	Booking Booking
	Outcome web.Outcome
	Accept  string // where the yes to another time is sent, "" when none is asked
	Refusal string
	Series  []Booking // the other dates
	Also    []string  // what else one has at that time
}

func (s *Service) bookingPage(ctx context.Context, a auth.Actor, in bookingByID) (web.Page, error) {
	return s.shown(ctx, a, in.ID, nil)
}

func (s *Service) shown(ctx context.Context, a auth.Actor, uid string, bad *errs.Error) (web.Page, error) {
	b, err := s.Get(ctx, a, uid)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := bookingData{Booking: b, Outcome: s.outcome(w, a, b)}
	if b.Status == models.RoomProposed && (b.own(a) || b.desks(a)) {
		d.Accept = bookingPath(b.UID) + "/accept"
	}
	if d.Series, err = s.Siblings(ctx, b); err != nil {
		return web.Page{}, err
	}
	if d.Also, err = s.also(ctx, w, b); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "room/booking", Title: "room.booking_title", TitleArgs: map[string]any{"room": b.Title()}, Styles: []string{"booking", "room"}}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

// also says what else the party of a booking to come has at that time.
func (s *Service) also(ctx context.Context, w words, b Booking) (out []string, err error) {
	if !b.Status.Living() || !b.EndsAt.After(s.db.Now()) {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		found, err := booking.Elsewhere(tx, s.diary, b.UID, b.HolderID, b.PersonID, b.Span())
		for _, e := range found {
			out = append(out, w.t("booking.also", "title", e.Title, "at", e.StartsAt))
		}
		return err
	})
	return out, err
}

// outcome says what, when and where, and what comes next.
func (s *Service) outcome(w words, a auth.Actor, b Booking) web.Outcome {
	o := web.Outcome{Tone: web.ToneOff, Title: w.t("room.state." + string(b.Status)), Lead: b.Title(), CodeName: w.t("room.code"), Facts: w.facts(b)}
	changes := b.own(a) || b.desks(a) || b.runs(a, auth.RoomDecide)
	path := bookingPath(b.UID)
	switch b.Status {
	case models.RoomBooked:
		o.Tone, o.Code, o.Note = web.ToneOK, booking.ShowCode(b.Code), w.t("room.next_booked", "until", b.CancelUntil)
	case models.RoomPending:
		o.Tone, o.Code, o.Note = web.ToneInfo, booking.ShowCode(b.Code), w.t("room.next_pending", "deadline", b.Deadline)
		if !b.Holds {
			o.Note = w.t("room.next_queued", "deadline", b.Deadline)
		}
	case models.RoomProposed:
		o.Tone, o.Note = web.ToneWarn, w.t("room.next_proposed", "deadline", b.Deadline, "reason", orDash(b.Reason))
	case models.RoomDeclined, models.RoomCancelled:
		o.Note = w.t("room.next_over", "reason", orDash(b.Reason))
	case models.RoomAttended:
		o.Tone = web.ToneOK
	case models.RoomExpired, models.RoomNoShow:
		o.Note = w.t("room.next_again")
	}
	if b.Status == models.RoomPending && b.mayDecide(a) {
		o.Links = append(o.Links, web.Link{Href: requestPath(b.UID), Icon: "check", Text: w.t("room.answer_it")})
	}
	if changes && (b.Status == models.RoomBooked || b.Status == models.RoomPending) {
		o.Links = append(o.Links, web.Link{Href: path + "/move", Icon: "clock", Text: w.t("room.move")})
	}
	if changes && b.Status.Living() {
		o.Links = append(o.Links, web.Link{Href: path + "/cancel", Icon: "undo", Text: w.t("room.cancel")})
	}
	o.Links = append(o.Links, web.Link{Href: roomPath(b.RoomID), Icon: "room", Text: w.t("room.again")}, web.Link{Href: "/bookings", Icon: "ticket", Text: w.t("ticket.all")})
	if b.desks(a) {
		o.Links = append(o.Links, web.Link{Href: "/desk", Icon: "phone", Text: w.t("ticket.next_call")})
	}
	return o
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func (w words) facts(b Booking) []web.Fact {
	facts := []web.Fact{{Label: w.t("fact.time"), Text: w.span(b.Span())}, {Label: w.t("room.venue"), Text: b.Venue}, {Label: w.t("fact.address"), Text: b.Address},
		{Label: w.t("room.for"), Text: b.Name}, {Label: w.t("room.people"), Text: w.t("room.people_n", "n", b.Attendees)}}
	if b.Status == models.RoomProposed {
		facts = append([]web.Fact{{Label: w.t("room.proposed"), Text: b.ProposedTitle() + " · " + w.span(models.Span{Start: b.ProposedStart, End: b.ProposedEnd})}}, facts...)
	}
	if b.Purpose != "" {
		facts = append(facts, web.Fact{Label: w.t("room.purpose"), Text: b.Purpose})
	}
	for _, x := range b.Extras {
		facts = append(facts, web.Fact{Label: w.t("room.extra"), Text: x.Name})
	}
	return facts
}

func (s *Service) acceptForm(ctx context.Context, a auth.Actor, in bookingByID, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.Accept(ctx, a, in.ID); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(bookingPath(in.ID), "room.accepted", nil), nil
	case !shownAgain(bad):
		return httpapi.Answer{}, bad
	}
	p, err := s.shown(ctx, a, in.ID, bad)
	return httpapi.Show(p), err
}

type cancelEntry struct {
	bookingByID
	Reason string `form:"reason" validate:"omitempty,plain,max=500"`
	Scope  string `form:"scope" validate:"omitempty,oneof=one following"`
}

type cancelData struct {
	Decision web.Decision
	Refusal  string
	Back     string
}

func (s *Service) cancelPage(ctx context.Context, a auth.Actor, in bookingByID) (web.Page, error) {
	return s.cancelling(ctx, a, cancelEntry{bookingByID: in}, nil)
}

func (s *Service) cancelling(ctx context.Context, a auth.Actor, in cancelEntry, bad *errs.Error) (web.Page, error) {
	b, err := s.Get(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w, path := s.words(ctx), bookingPath(b.UID)
	if bad == nil && !b.Status.CanBecome(models.RoomCancelled) {
		bad = booking.ErrNotBooked.With("status", string(b.Status)).Worded("room.decided")
	}
	d := cancelData{Back: path}
	p := web.Page{Template: "room/cancel", Title: "room.cancel"}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	} else {
		d.Decision = web.Decision{Title: w.t("room.cancel_ask"), Lead: b.Title(), Facts: w.facts(b), Effect: w.t("room.cancel_effect"), Action: path + "/cancel",
			Button: w.t("room.cancel_do"), Tone: web.ToneWarn, Back: path, BackTo: w.t("room.keep"),
			Fields: []web.Field{{Name: "reason", Label: w.t("cancel.reason"), Type: "text", Value: in.Reason, Max: 500}}}
		if b.SeriesID != nil {
			d.Decision.Asks = []web.Choices{{Name: "scope", Legend: w.t("room.scope"), Value: "one", Options: []web.Choice{
				{Value: "one", Label: w.t("room.scope_one")}, {Value: "following", Label: w.t("room.scope_following")}}}}
		}
	}
	p.Data = d
	return p, nil
}

func (s *Service) cancelForm(ctx context.Context, a auth.Actor, in cancelEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		var err error
		if in.Scope == string(ScopeFollowing) {
			_, err = s.EndSeries(ctx, a, in.ID, in.Reason)
		} else {
			_, err = s.Cancel(ctx, a, in.ID, in.Reason, "")
		}
		if err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(bookingPath(in.ID), "room.cancelled", nil), nil
	case !shownAgain(bad):
		return httpapi.Answer{}, bad
	}
	p, err := s.cancelling(ctx, a, in, bad)
	return httpapi.Show(p), err
}

type moveEntry struct {
	bookingByID
	Day     string         `query:"day" form:"day" validate:"max=10"`
	Start   models.Instant `form:"start"`
	End     models.Instant `form:"end"`
	To      string         `form:"to" validate:"max=80"` // a start and an end, as one button says them
	Scope   string         `form:"scope" validate:"omitempty,oneof=one following all"`
	Confirm bool           `form:"confirm"`
}

type moveData struct {
	Booking Booking
	Facts   []web.Fact
	Days    []dayLink
	Day     models.Instant
	Slots   []slotLink
	Scopes  web.Choices
	Refusal string
	Options []slotLink
	Titles  []string
	In      moveEntry
	Diff    []diffRow
}

type diffRow struct {
	Was, Will string
	Chip      web.Chip
}

func (s *Service) movePage(ctx context.Context, a auth.Actor, in moveEntry) (web.Page, error) {
	return s.moving(ctx, a, in, nil, nil)
}

// moving is the page on which another time is chosen: the free times of a day as
// buttons; of a series, first what the change would do to each date.
func (s *Service) moving(ctx context.Context, a auth.Actor, in moveEntry, diff []Difference, bad *errs.Error) (web.Page, error) {
	b, err := s.Get(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	today := models.DayOf(s.db.Now(), s.zone)
	day, err := s.day("day", in.Day, models.DayOf(b.StartsAt, s.zone))
	if err != nil || day.Before(today) {
		day = today
	}
	if in.Scope == "" {
		in.Scope = "one"
	}
	d := moveData{Booking: b, Facts: w.facts(b), Day: day.At(0, s.zone), In: in}
	slots, _, err := s.FreeTimes(ctx, b.RoomID, day, minutes(b.EndsAt.Sub(b.StartsAt)))
	if err != nil {
		return web.Page{}, err
	}
	for _, sl := range slots {
		d.Slots = append(d.Slots, slotLink{Start: sl.Start, End: sl.End})
	}
	if d.Days, err = s.strip(ctx, w, roomPageIn{byIDIn: byIDIn{b.RoomID}}, today, day); err != nil {
		return web.Page{}, err
	}
	for i := range d.Days {
		q := url.Values{"day": {models.DayOf(d.Days[i].At, s.zone).String()}}
		d.Days[i].Href = bookingPath(b.UID) + "/move?" + q.Encode()
	}
	if b.SeriesID != nil {
		d.Scopes = web.Choices{Name: "scope", Legend: w.t("room.scope"), Value: in.Scope, Options: []web.Choice{
			{Value: "one", Label: w.t("room.scope_one")}, {Value: "following", Label: w.t("room.scope_following")}, {Value: "all", Label: w.t("room.scope_all")}}}
	}
	for _, x := range diff {
		d.Diff = append(d.Diff, w.diff(x))
	}
	p := web.Page{Template: "room/move", Title: "room.move", Styles: []string{"booking", "room"}}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
		found, _ := bad.Extra["suggestions"].([]Suggestion)
		for _, x := range found {
			if x.RoomID == b.RoomID {
				d.Options = append(d.Options, slotLink{Start: x.Start, End: x.End})
			}
		}
	}
	p.Data = d
	return p, nil
}

func (w words) diff(x Difference) diffRow {
	row := diffRow{Was: "—", Will: "—", Chip: web.Chip{Tone: web.ToneInfo, Text: w.t("room.diff." + x.Change)}}
	if x.Was != nil {
		row.Was = w.span(models.Span(*x.Was))
	}
	if x.Will != nil {
		row.Will = w.span(models.Span(*x.Will))
	}
	switch x.Change {
	case "taken":
		row.Chip.Tone = web.ToneWarn
	case "kept", "same", "dropped":
		row.Chip.Tone = web.ToneOff
	}
	return row
}

func (s *Service) moveForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	if from, until, ok := strings.Cut(in.To, " "); ok && bad == nil {
		for text, at := range map[string]*models.Instant{from: &in.Start, until: &in.End} {
			if err := at.UnmarshalText([]byte(text)); err != nil {
				bad = errs.FieldFault("to", "type")
			}
		}
	}
	span := models.Span{Start: in.Start, End: in.End}
	var diff []Difference
	if bad == nil {
		var err error
		if in.Scope == "" || in.Scope == "one" {
			_, err = s.Move(ctx, a, in.ID, Moving{Another: Another{Span: span}})
		} else {
			diff, err = s.EditSeries(ctx, a, in.ID, Edit{Scope: Scope(in.Scope), Span: span, Only: !in.Confirm})
		}
		if err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil && (diff == nil || in.Confirm):
		return httpapi.SeeOther(bookingPath(in.ID), "room.moved", nil), nil
	case bad != nil && !shownAgain(bad):
		return httpapi.Answer{}, bad
	}
	p, err := s.moving(ctx, a, in, diff, bad)
	return httpapi.Show(p), err
}
