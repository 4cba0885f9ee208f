package screening

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/web"
	"youyue/models"
)

// changeWish is what a reader asks for instead of their seats, in a link or in
// a form; Page is "seats" on the map.
type changeWish struct {
	Count       int         `query:"count" form:"count" validate:"min=0,max=400"`
	Preference  models.Zone `query:"preference" form:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool        `query:"aisle" form:"aisle"`
	Wheelchairs *int        `query:"wheelchairs" form:"wheelchairs" validate:"omitempty,min=0,max=10"`
	Companions  *int        `query:"companions" form:"companions" validate:"omitempty,min=0,max=10"`
	Seats       []int64     `query:"seats" form:"seats" validate:"max=400"`
	Page        string      `query:"page" form:"page" validate:"max=10"`
}

type changeLink struct {
	httpapi.PathUUID
	changeWish
}

type changeForm struct {
	httpapi.Keyed
	httpapi.PathUUID
	changeWish
	Channel  models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
	ReadBack bool           `form:"read_back"`
}

func (in changeForm) wish() NewSeats {
	w := NewSeats{Seats: in.Seats, Zone: in.Preference, Aisle: aisle(in.Aisle), Wheelchairs: in.Wheelchairs, Companions: in.Companions,
		Channel: in.Channel, ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key}
	if len(in.Seats) == 0 && in.Page != fromMap {
		w.Count = in.Count
	}
	return w
}

// changeLabels name the fields in the list of faults.
var changeLabels = map[string]string{"count": "show.count", "wheelchairs": "show.wheelchairs", "companions": "show.companions", "channel": "who.channel"}

type changeData struct {
	Ticket   Ticket
	Now      string // the seats as they are
	Path     string
	Closed   string // why nothing can be changed
	Refusal  string
	Options  []wayOut
	Errors   []web.FieldError
	Form     web.Form
	OnMap    bool
	Map      web.SeatMap
	Count    web.Stepper
	Zones    web.Choices
	Aisle    bool
	More     bool
	Offer    string
	Together string
	Same     bool // the offer is what they have
	Desk     bool
	Channels web.Choices
	Say      string // to be read aloud before the change
	ReadBack bool
}

func changePath(id string) string { return ticketPath(id) + "/seats" }

func (s *Service) changePage(ctx context.Context, a auth.Actor, in changeLink) (web.Page, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return s.changingPage(ctx, a, t, changeForm{PathUUID: in.PathUUID, changeWish: in.changeWish}, nil)
}

// changeForm changes at once; a refusal shows the page again, with the ways out.
func (s *Service) changeForm(ctx context.Context, a auth.Actor, in changeForm, bad *errs.Error) (httpapi.Answer, error) {
	t, err := s.Ticket(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	var done booking.Changed
	if bad == nil {
		if done, err = s.ChangeSeats(ctx, a, in.ID, in.wish()); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return s.changed(ctx, a, t, done), nil
	case !httpapi.ShownAgain(bad):
		return httpapi.Answer{}, bad
	case bad.Code == idem.ErrReused.Code:
		bad = errChangedAgain // the reader went back to a form that was sent before
	}
	page, err := s.changingPage(ctx, a, t, in, bad)
	return httpapi.Show(page), err
}

// errChangedAgain: the same form was sent twice with different wishes.
var errChangedAgain = errs.New(errs.Conflict, "booking.form_changed_again")

// maxUnseated is how many attendees without a seat are named in one sentence.
const maxUnseated = 6

func (s *Service) changed(ctx context.Context, a auth.Actor, t Ticket, done booking.Changed) httpapi.Answer {
	w := s.words(ctx)
	to, key := ticketPath(t.ID), "change.done"
	args := map[string]any{"before": SeatWords(w, done.Before), "seats": SeatWords(w, done.Seats)}
	if n := len(done.Unseated); n > 0 {
		key = "change.done_unseated"
		args = map[string]any{"seats": args["seats"], "names": strings.Join(done.Unseated[:min(n, maxUnseated)], w.T("form.and")), "n": n}
	}
	if onBehalf(a, t) {
		to += fromDesk
	}
	return httpapi.SeeOther(to, key, args)
}

// changingPage is the page for changing seats; refusal is why it was not done.
func (s *Service) changingPage(ctx context.Context, a auth.Actor, t Ticket, in changeForm, refusal *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := changeData{Ticket: t, Now: SeatWords(w, t.Seats), Path: changePath(t.ID), OnMap: in.Page == fromMap || len(in.Seats) > 0, ReadBack: in.ReadBack}
	p := web.Page{Template: "booking/change", Title: "change.title", TitleArgs: map[string]any{"title": t.Title}, Styles: []string{"booking"}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
	}
	if closed := s.unchangeable(a, t); closed != nil {
		d.Closed, p.Status = httpapi.Say(ctx, closed), closed.Kind.Status()
		p.Data = d
		return p, nil
	}
	d.Errors = httpapi.Faults(ctx, refusal, changeLabels)
	d.Form = web.Form{Values: map[string]string{}, Errors: d.Errors}
	if refusal != nil && !refusal.OfFields() {
		d.Refusal, d.Options, d.Errors = refused(ctx, w, refusal), changeWaysOut(w, in, refusal), nil
	}
	v, err := s.Get(ctx, t.EventID)
	if err != nil {
		return p, err
	}
	plan, err := s.Plan(ctx, v)
	if err != nil {
		return p, err
	}
	if d.Desk = onBehalf(a, t); d.Desk {
		d.Channels = deskChannels(w, in.Channel)
	}
	if d.OnMap {
		p.Styles, p.Scripts = []string{"seatmap", "booking"}, []string{"seatmap"}
		d.Say = w.T("change.say_map", "name", t.Name, "title", t.Title, "at", t.StartsAt, "before", d.Now)
		d.Map, err = s.changeMap(a, t, v, plan, in)
	} else {
		p.Scripts = []string{"stepper", "preview"}
		err = s.changeOffer(w, a, t, v, plan, in, &d)
	}
	if d.Desk {
		p.Styles, p.Scripts = append(p.Styles, "desk"), append(p.Scripts, "keys")
	}
	p.Data = d
	return p, err
}

// unchangeable is why a booking cannot be changed now, nil when it can.
func (s *Service) unchangeable(a auth.Actor, t Ticket) *errs.Error {
	c, err := changing(a, t, "")
	switch {
	case err != nil:
		return errs.As(err)
	case t.Whole:
		return ErrWholeHall
	case !s.alive(t):
		return booking.ErrNotBooked
	}
	return booking.Changeable(s.db.Now(), models.Event{StartsAt: t.StartsAt, CancelUntil: t.CancelUntil}, c.Limit)
}

// changeMap shows the party's own seats as chosen ones: what stays ticked stays theirs.
func (s *Service) changeMap(a auth.Actor, t Ticket, v Show, plan *models.SeatPlan, in changeForm) (web.SeatMap, error) {
	states := []byte(v.SeatMap)
	chosen := in.Seats
	for _, o := range ordsOf(plan, t.Seats) {
		states[o] = byte(models.SeatFree)
		if len(in.Seats) == 0 {
			chosen = append(chosen, plan.Seats[o].ID)
		}
	}
	// No poll: it would call the party's own seats taken.
	return web.NewSeatMap(plan, string(states), web.SeatMapOptions{Mode: web.SeatsChoose, Limit: max(v.MaxSeats, len(t.Seats)), Chosen: chosen,
		Reserved: desksFor(a, t), Door: web.DoorNone, Version: strconv.FormatInt(v.Version, 10)})
}

// changeOffer fills in the form that leaves the choice to the system, with what
// it would give.
func (s *Service) changeOffer(w web.Words, a auth.Actor, t Ticket, v Show, plan *models.SeatPlan, in changeForm, d *changeData) error {
	if in.Count == 0 {
		in.Count = len(t.Seats)
	}
	limit := max(v.MaxSeats, len(t.Seats))
	d.Count = web.Stepper{Name: "count", Label: w.T("show.count"), Unit: w.T("show.people"), Value: in.Count, Min: 1, Max: limit,
		Hint: w.T("change.count_hint", "now", len(t.Seats), "n", limit), Error: d.Form.Error("count"), Autofocus: d.Desk}
	d.Zones = web.Choices{Name: "preference", Legend: w.T("show.zone"), Value: string(in.Preference), Options: []web.Choice{
		{Value: string(models.ZoneAny), Label: w.T("change.near")}, {Value: string(models.ZoneFront), Label: w.T("show.front")},
		{Value: string(models.ZoneMiddle), Label: w.T("show.middle")}, {Value: string(models.ZoneBack), Label: w.T("show.back")}}}
	c, err := changing(a, t, in.Channel)
	if err != nil {
		return err
	}
	c.Party = NewSeats{Count: in.Count, Zone: in.Preference, Aisle: aisle(in.Aisle), Wheelchairs: in.Wheelchairs, Companions: in.Companions}.party(plan, t.Seats)
	d.Aisle, d.More = in.Aisle, in.Aisle || c.Party.Wheelchairs+c.Party.Companions > 0
	d.Form.Values["wheelchairs"], d.Form.Values["companions"] = strconv.Itoa(c.Party.Wheelchairs), strconv.Itoa(c.Party.Companions)
	d.Together = w.T("show.no_offer", "n", in.Count)
	if out := s.offerChange(plan, v, t, c); out.Refusal == nil {
		refs := make([]booking.SeatRef, len(out.Ords))
		for i, o := range out.Ords {
			refs[i] = booking.SeatRef{ID: plan.Seats[o].ID, Label: plan.Seats[o].Label()}
		}
		d.Offer, d.Together = SeatList(w, refs), ""
		d.Same = d.Offer == SeatList(w, t.Seats)
		if len(refs) > 1 {
			d.Together = w.T("together." + string(out.Together))
		}
		d.Say = w.T("change.say", "name", t.Name, "title", t.Title, "at", t.StartsAt, "before", d.Now, "seats", d.Offer)
	}
	return nil
}

// changeWaysOut turns what a refusal offers into forms of one button.
func changeWaysOut(w web.Words, in changeForm, e *errs.Error) []wayOut {
	var out []wayOut
	kept := []web.Hidden{}
	if in.Channel != "" {
		kept = append(kept, web.Hidden{Name: "channel", Value: string(in.Channel)})
	}
	if options, ok := e.Extra["alternatives"].([]booking.Option); ok {
		for _, o := range options {
			way := wayOut{Text: w.T("show.take", "seats", SeatList(w, o.Seats)), Hidden: kept}
			for _, seat := range o.Seats {
				way.Hidden = append(way.Hidden, web.Hidden{Name: "seats", Value: strconv.FormatInt(seat.ID, 10)})
			}
			out = append(out, way)
		}
	}
	return out
}
