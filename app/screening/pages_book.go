package screening

import (
	"context"
	"slices"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/web"
	"youyue/models"
)

// seatsForm is a booking as the forms of a screening send it.
type seatsForm struct {
	httpapi.Keyed
	httpapi.PathID
	seatWish
	Name     string         `form:"name" validate:"omitempty,plain,max=40"`
	Phone    string         `form:"phone" validate:"max=30"`
	Channel  models.Channel `form:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack bool           `form:"read_back"`
	Page     string         `form:"page" validate:"max=10"` // "seats" when sent from the map
}

// fromMap is the Page of the seat map's form.
const fromMap = "seats"

// bookLabels name the fields in the list of faults.
var bookLabels = map[string]string{
	"count": "show.count", "for": "who.for", "org_id": "who.branch", "name": "who.name", "phone": "who.phone", "channel": "who.channel",
	"wheelchairs": "show.wheelchairs", "companions": "show.companions",
}

// values is what was typed, for the form to show again.
func (in seatsForm) values() map[string]string {
	v := map[string]string{"name": in.Name, "phone": in.Phone}
	for name, n := range map[string]int{"wheelchairs": in.Wheelchairs, "companions": in.Companions} {
		if n > 0 {
			v[name] = strconv.Itoa(n)
		}
	}
	return v
}

// whom is for whom the form books, carried on by the one-button forms.
func (in seatsForm) whom() []web.Hidden {
	var out []web.Hidden
	add := func(name, value string) {
		if value != "" {
			out = append(out, web.Hidden{Name: name, Value: value})
		}
	}
	add("for", in.For)
	if in.OrgID != 0 {
		add("org_id", strconv.FormatInt(in.OrgID, 10))
	}
	add("name", in.Name)
	add("phone", in.Phone)
	add("channel", string(in.Channel))
	if in.ReadBack {
		add("read_back", "on")
	}
	return out
}

// wish is what the service is asked for.
func (in seatsForm) wish() (Wish, *errs.Error) {
	w := Wish{ScreeningID: in.ID, Seats: in.Seats, Channel: in.Channel, ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key}
	if len(in.Seats) == 0 && in.Page != fromMap {
		w.Party = in.party()
	}
	kind, id := target(in.For)
	switch kind {
	case "person":
		w.PersonID = id
	case forOrg:
		if w.OrgID = id; id == 0 {
			w.OrgID = in.OrgID
		}
		w.Caller = booking.Caller{Name: in.Name, Phone: in.Phone}
		if w.OrgID == 0 {
			return w, ErrWhichBranch.At(errs.Field{Name: "org_id", Code: "required"})
		}
	case forCaller:
		switch {
		case id != 0:
			w.PersonID = id
		case in.Name == "":
			return w, errs.FieldFault("name", "required")
		default:
			w.Caller = booking.Caller{Name: in.Name, Phone: in.Phone}
		}
		if w.Channel == "" {
			w.Channel = models.ChannelPhone
		}
	}
	if kind != forCaller && (kind != forOrg || id != 0) {
		w.Channel = models.ChannelOnline
	}
	return w, nil
}

// bookForm books at once: there is no step to validate first. A refusal shows
// the page again, in words, with the ways out as buttons.
func (s *Service) bookForm(ctx context.Context, a auth.Actor, in seatsForm, bad *errs.Error) (httpapi.Answer, error) {
	var placed booking.Placed
	var w Wish
	if bad == nil {
		if w, bad = in.wish(); bad == nil {
			p, err := s.Book(ctx, a, w)
			if placed = p; err != nil {
				bad = errs.As(err)
			}
		}
	}
	if bad == nil {
		key := ""
		if placed.Together != "" && len(placed.Seats) > 1 {
			key = "placed." + string(placed.Together)
		}
		to := ticketPath(placed.ID)
		if w.Channel != models.ChannelOnline {
			to += fromDesk
		}
		return httpapi.SeeOther(to, key, nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	if bad.Code == idem.ErrReused.Code {
		// The reader went back to a form that has already booked.
		bad = errAgain
	}
	v, err := s.Get(ctx, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	draw := s.showing
	if in.Page == fromMap {
		draw = s.choosing
	}
	page, err := draw(ctx, a, v, in, bad)
	return httpapi.Show(page), err
}

// errAgain: the same form was sent twice with different wishes.
var errAgain = errs.New(errs.Conflict, "screening.form_again")

// whoData is the part of a form that says for whom.
type whoData struct {
	Fixed    string // only one answer is possible; it is said, and sent hidden
	Value    string
	Choices  web.Choices
	Branches []models.Org // a desk's long list
	OrgID    int64
	Desk     bool
	Channels web.Choices
	Say      string // to be read aloud before the booking is made
	ReadBack bool
	Form     web.Form
}

// maxCards is how many entries a choice list has before it becomes a menu.
const maxCards = 7

// who offers for whom the actor may book at a screening.
func (s *Service) who(w web.Words, a auth.Actor, v Show, c Company, in seatsForm, form web.Form) whoData {
	d := whoData{Value: in.For, OrgID: in.OrgID, Desk: c.Desk, ReadBack: in.ReadBack, Form: form}
	if !a.SignedIn() {
		return d
	}
	var all []web.Choice
	if v.Audience != models.AudienceBranches {
		all = append(all, web.Choice{Value: forSelf, Label: w.T("who.self")})
		for _, p := range c.People {
			all = append(all, web.Choice{Value: "person:" + strconv.FormatInt(p.ID, 10), Label: p.Name})
		}
	}
	if c.Desk || len(c.Branches) > maxCards {
		if len(c.Branches) > 0 {
			d.Branches = c.Branches
			all = append(all, web.Choice{Value: forOrg, Label: w.T("who.some_branch"), Hint: w.T("who.some_branch_hint")})
		}
	} else {
		for _, o := range c.Branches {
			all = append(all, web.Choice{Value: "org:" + strconv.FormatInt(o.ID, 10), Label: o.Name})
		}
	}
	if c.Desk && v.Audience != models.AudienceBranches {
		if c.Caller.ID != 0 {
			all = append(all, web.Choice{Value: callerChoice(c.Caller.ID), Label: c.Caller.Name, Hint: w.T("who.known_hint")})
		}
		all = append(all, web.Choice{Value: forCaller, Label: w.T("who.caller"), Hint: w.T("who.caller_hint")})
	}
	if !slices.ContainsFunc(all, func(x web.Choice) bool { return x.Value == d.Value }) && d.Value != forOrg {
		d.Value = ""
	}
	if d.Value == "" && len(all) > 0 {
		d.Value = all[0].Value
		if c.Desk {
			d.Value = all[len(all)-1].Value
		}
	}
	switch {
	case len(all) == 1 && !c.Desk:
		if all[0].Value != forSelf {
			d.Fixed = all[0].Label
		}
	default:
		d.Choices = web.Choices{Name: "for", Legend: w.T("who.for"), Value: d.Value, Options: all, Error: form.Error("for")}
	}
	if c.Desk {
		d.Channels = deskChannels(w, in.Channel)
		d.Say = w.T("who.say_show", "title", v.FilmTitle, "at", v.StartsAt)
		if in.Count > 0 {
			d.Say = w.T("who.say_people", "show", d.Say, "n", in.Count)
		}
	}
	return d
}

// deskChannels asks a clerk by which way the wish came in.
func deskChannels(w web.Words, c models.Channel) web.Choices {
	if c == "" {
		c = models.ChannelPhone
	}
	return web.Choices{Name: "channel", Legend: w.T("who.channel"), Value: string(c), Options: []web.Choice{
		{Value: string(models.ChannelPhone), Label: w.T("channel.phone")}, {Value: string(models.ChannelWindow), Label: w.T("channel.window")},
		{Value: string(models.ChannelVisit), Label: w.T("channel.visit")}}}
}
