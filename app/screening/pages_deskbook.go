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

// What a clerk does with the form: have the seats found, to read them out; book
// what was read out, or without having read it out; go back and correct.
const (
	deskCheck   = "check"
	deskHeard   = "heard"
	deskUnheard = "unheard"
	deskEdit    = "edit"
)

// deskEntry is a call as the clerk takes it down. Seats are those that were
// found and read out: they, and no others, are booked.
type deskEntry struct {
	httpapi.Keyed
	Do          string         `form:"do" validate:"omitempty,oneof=check heard unheard edit"`
	For         string         `form:"for" validate:"max=40"`
	Name        string         `form:"name" validate:"omitempty,plain,max=40"`
	Phone       string         `form:"phone" validate:"max=30"`
	ScreeningID int64          `form:"screening"`
	Count       int            `form:"count" validate:"min=0,max=400"`
	Preference  models.Zone    `form:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool           `form:"aisle"`
	Wheelchairs int            `form:"wheelchairs" validate:"min=0,max=10"`
	Companions  int            `form:"companions" validate:"min=0,max=10"`
	Seats       []int64        `form:"seats" validate:"max=400"`
	Channel     models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
}

var deskLabels = map[string]string{"name": "who.name", "phone": "who.phone", "count": "show.count", "screening": "desk.show", "channel": "who.channel",
	"wheelchairs": "show.wheelchairs", "companions": "show.companions"}

func (in deskEntry) party() models.Party {
	return models.Party{Count: in.Count, Zone: in.Preference, Aisle: aisle(in.Aisle), Wheelchairs: in.Wheelchairs, Companions: in.Companions}
}

// whole reports what is missing before anything can be looked up.
func (in deskEntry) whole() *errs.Error {
	_, id := target(in.For)
	switch {
	case in.ScreeningID == 0:
		return errs.FieldFault("screening", "required")
	case id == 0 && strings.TrimSpace(in.Name) == "":
		return errs.FieldFault("name", "required")
	case in.Count == 0 && len(in.Seats) == 0:
		return errs.FieldFault("count", "required")
	}
	return nil
}

// kept is the call, carried on by the page that reads it out.
func (in deskEntry) kept() []web.Hidden {
	out := []web.Hidden{{Name: "for", Value: in.For}, {Name: "name", Value: in.Name}, {Name: "phone", Value: in.Phone},
		{Name: "screening", Value: strconv.FormatInt(in.ScreeningID, 10)}, {Name: "count", Value: strconv.Itoa(in.Count)},
		{Name: "preference", Value: string(in.Preference)}, {Name: "wheelchairs", Value: strconv.Itoa(in.Wheelchairs)},
		{Name: "companions", Value: strconv.Itoa(in.Companions)}, {Name: "channel", Value: string(in.Channel)}}
	if in.Aisle {
		out = append(out, web.Hidden{Name: "aisle", Value: "on"})
	}
	return out
}

// callerData is the person on the line: who, what they have, and the form for
// what they want.
type callerData struct {
	Known    bool
	Name     string
	Phone    string
	Bookings []deskRow
	In       deskEntry
	Shows    []showChoice
	Zones    web.Choices
	Channels web.Choices
	Max      int
	More     bool
	Refusal  string
	Errors   []web.FieldError
	Form     web.Form
	Focus    string // the field that is typed into next
}

// onTheLine is the panel of a caller, known or new.
func (s *Service) onTheLine(ctx context.Context, w web.Words, a auth.Actor, in deskEntry) (*callerData, error) {
	d := &callerData{Focus: "count", Max: defaultMaxSeats, More: in.Aisle || in.Wheelchairs+in.Companions > 0}
	kind, id := target(in.For)
	if kind != forCaller {
		return nil, errs.ErrNotFound
	}
	if id != 0 {
		p, err := s.Caller(ctx, a, id)
		if err != nil {
			return nil, err
		}
		d.Known, d.Name = true, p.Name
		d.Phone = knownPhone(w, s.known(p))
		had, err := s.CallerBookings(ctx, a, id)
		if err != nil {
			return nil, err
		}
		d.Bookings = s.deskRows(w, a, had)
	} else if d.Focus = "name"; in.Name != "" {
		d.Focus = "phone"
	}
	if in.Count == 0 {
		in.Count = usualParty
	}
	if in.Preference == "" {
		in.Preference = models.ZoneMiddle
	}
	d.In = in
	d.Form = web.Form{Values: map[string]string{"name": in.Name, "phone": in.Phone}}
	if in.Wheelchairs+in.Companions > 0 {
		d.Form.Values["wheelchairs"], d.Form.Values["companions"] = strconv.Itoa(in.Wheelchairs), strconv.Itoa(in.Companions)
	}
	d.Zones = web.Choices{Name: "preference", Legend: w.T("show.zone"), Value: string(in.Preference), Options: []web.Choice{
		{Value: string(models.ZoneFront), Label: w.T("show.front")}, {Value: string(models.ZoneMiddle), Label: w.T("show.middle")},
		{Value: string(models.ZoneBack), Label: w.T("show.back")}}}
	d.Channels = deskChannels(w, in.Channel)
	var err error
	d.Shows, err = s.showChoices(ctx, w, in.ScreeningID)
	for _, c := range d.Shows {
		d.Max = max(d.Max, c.Show.MaxSeats)
	}
	return d, err
}

type deskCheckData struct {
	Say      string
	Seats    string
	Together string
	Refusal  string
	Options  []wayOut
	Hidden   []web.Hidden
	Taken    []web.Hidden // the seats that were read out
}

// deskForm takes a call down in two steps: the seats are found and read out,
// and then those very seats are booked.
func (s *Service) deskForm(ctx context.Context, a auth.Actor, in deskEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && in.Do != deskEdit {
		bad = in.whole()
	}
	if bad == nil && (in.Do == deskHeard || in.Do == deskUnheard) {
		p, err := s.Book(ctx, a, in.wish())
		if err == nil {
			return httpapi.SeeOther(ticketPath(p.ID)+fromDesk, "", nil), nil
		}
		if bad = errs.As(err); bad.Code == booking.ErrSeatTaken.Code {
			return s.readOut(ctx, a, in, bad)
		}
		if bad.Code == idem.ErrReused.Code {
			bad = errAgain
		}
	}
	if bad == nil && in.Do != deskEdit {
		return s.readOut(ctx, a, in, nil)
	}
	if bad != nil && !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	return s.deskAgain(ctx, a, in, bad)
}

// wish is what the service is asked for.
func (in deskEntry) wish() Wish {
	w := Wish{ScreeningID: in.ScreeningID, Seats: in.Seats, Channel: in.Channel, ReadBack: booking.ReadBack(in.Do == deskHeard), Key: in.Key}
	if len(in.Seats) == 0 {
		w.Party = in.party()
	}
	if w.Channel == "" {
		w.Channel = models.ChannelPhone
	}
	if _, id := target(in.For); id != 0 {
		w.PersonID = id
	} else {
		w.Caller = booking.Caller{Name: in.Name, Phone: in.Phone}
	}
	return w
}

// deskAgain is the desk with the call as it was typed, and what is wrong with it.
func (s *Service) deskAgain(ctx context.Context, a auth.Actor, in deskEntry, bad *errs.Error) (httpapi.Answer, error) {
	w := s.words(ctx)
	if in.For == "" {
		in.For = forCaller
	}
	c, err := s.onTheLine(ctx, w, a, in)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad != nil {
		c.Errors = httpapi.Faults(ctx, bad, deskLabels)
		c.Form.Errors = c.Errors
		if !bad.OfFields() {
			c.Refusal, c.Errors = refused(ctx, w, bad), nil
		} else if f := c.Errors[0].Field; f == "name" || f == "phone" || f == "count" {
			c.Focus = f
		}
	}
	page, err := s.deskView(ctx, w, a, deskData{Asked: true, NewHref: "/desk?new=true", Caller: c, Sheet: a.Can(auth.CallSheetRead)})
	if bad != nil {
		page.Status = bad.Kind.Status()
	}
	return httpapi.Show(page), err
}

// readOut is the page that says what the clerk reads to the caller before
// anything is booked. taken is why the seats that were read out could not be had.
func (s *Service) readOut(ctx context.Context, a auth.Actor, in deskEntry, taken *errs.Error) (httpapi.Answer, error) {
	w := s.words(ctx)
	v, err := s.Get(ctx, in.ScreeningID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	name := in.Name
	if _, id := target(in.For); id != 0 {
		p, err := s.Caller(ctx, a, id)
		if err != nil {
			return httpapi.Answer{}, err
		}
		name = p.Name
	}
	party := in.party()
	if len(in.Seats) > 0 {
		party = models.Party{}
	}
	p := web.Page{Template: "desk/check", Title: "desk.check", Layout: web.LayoutStaff, Styles: []string{"booking", "desk"}, Scripts: []string{"keys"}}
	d := deskCheckData{Hidden: in.kept()}
	var refs []booking.SeatRef
	var together models.Togetherness
	if taken == nil {
		if refs, together, err = s.OfferDesk(ctx, v, in.Seats, party); err != nil {
			taken = errs.As(err)
		}
	}
	if taken != nil && taken.Code != booking.ErrSeatTaken.Code {
		if !httpapi.ShownAgain(taken) {
			return httpapi.Answer{}, taken
		}
		return s.deskAgain(ctx, a, in, taken)
	}
	if taken != nil {
		d.Refusal, p.Status = refused(ctx, w, taken), taken.Kind.Status()
		d.Options = waysOut(w, seatsForm{}, taken)
		p.Data = d
		return httpapi.Show(p), nil
	}
	d.Seats = SeatList(w, refs)
	d.Say = w.T("desk.say", "name", name, "title", v.FilmTitle, "at", v.StartsAt, "hall", v.Venue+v.HallName, "n", len(refs), "seats", d.Seats)
	if len(refs) > 1 && together != "" {
		d.Together = w.T("together." + string(together))
	}
	for _, r := range refs {
		d.Taken = append(d.Taken, web.Hidden{Name: "seats", Value: strconv.FormatInt(r.ID, 10)})
	}
	p.Data = d
	return httpapi.Show(p), nil
}
