package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// whomEntry says in a form for whom something is asked, and the number to ring.
type whomEntry struct {
	For     string         `form:"for" validate:"omitempty,oneof=self org caller"`
	ForOrg  int64          `form:"for_org_id"`
	Name    string         `form:"caller_name" validate:"max=40"`
	Phone   string         `form:"phone" validate:"max=30"`
	Channel models.Channel `form:"channel" validate:"omitempty,oneof=phone window visit"`
}

func (e whomEntry) whom() Whom {
	switch e.For {
	case "caller":
		return Whom{Caller: booking.Caller{Name: e.Name, Phone: e.Phone}, Channel: e.Channel}
	case "org":
		return Whom{OrgID: e.ForOrg}
	}
	return Whom{}
}

// askEntry is the form of an order as it was filled in.
type askEntry struct {
	httpapi.Keyed
	whomEntry
	Topic    int64                  `form:"topic"`
	Wish     string                 `form:"wish" validate:"max=200"`
	WishID   int64                  `form:"wish_id"`
	OrgID    int64                  `form:"org_id"`
	Audience models.LectureAudience `form:"audience" validate:"omitempty,oneof=old young party resident worker"`
	Heads    int                    `form:"heads" validate:"min=0,max=2000"`
	Date1    string                 `form:"date1"`
	Time1    string                 `form:"time1"`
	Date2    string                 `form:"date2"`
	Time2    string                 `form:"time2"`
	Place    models.LecturePlace    `form:"place_kind" validate:"omitempty,oneof=own room address"`
	PlaceAt  string                 `form:"place" validate:"max=100"`
	RoomID   int64                  `form:"room_id"`
	Address  string                 `form:"address" validate:"max=200"`
	Contact  string                 `form:"contact" validate:"max=40"`
	Note     string                 `form:"note" validate:"max=500"`
	ReadBack bool                   `form:"read_back"`
	Draft    bool                   `form:"draft"`
}

type askIn struct {
	Topic  int64  `query:"topic"`
	WishID int64  `query:"wish_id"`
	Wish   string `query:"wish" validate:"max=200"`
}

type askData struct {
	Entry    askEntry
	Action   string
	Back     web.Link
	Of       string // whose wish it was, "" for none
	Title    string
	Line     string
	Material string // what has to be there
	Form     web.Form
	Refusal  string
	Stations web.Choices
	Select   []Named // stations, where they are too many for cards
	Audience web.Choices
	Places   web.Choices
	Rooms    []Named
	Whom     web.Choices
	Channels web.Choices
	Branches []Named
	Any      string // what no time means
	Promise  string
	Say      string
}

var askLabels = map[string]string{"org_id": "lecture.f.org", "heads": "lecture.f.heads", "audience": "lecture.f.audience", "wish": "lecture.f.wish", "topic_id": "lecture.f.wish",
	"first_at": "lecture.f.first", "second_at": "lecture.f.second", "date1": "lecture.f.first", "date2": "lecture.f.second", "until": "lecture.f.first", "place": "lecture.f.place",
	"room_id": "lecture.f.room", "address": "lecture.f.address", "phone": "lecture.f.phone", "contact": "lecture.f.contact", "caller_name": "lecture.f.caller", "note": "lecture.f.note"}

// anyDays is what "any day" means: from three days ahead, for three weeks.
const (
	anyFrom  = 3
	anyUntil = 24
)

func (s *Service) askPage(ctx context.Context, a auth.Actor, in askIn) (web.Page, error) {
	e := askEntry{Topic: in.Topic, Wish: in.Wish, WishID: in.WishID}
	if in.WishID != 0 {
		x, err := s.Wish(ctx, a, in.WishID)
		if err != nil {
			return web.Page{}, err
		}
		e.Wish, e.OrgID, e.Audience = x.Text, x.OrgID, x.Audience
	}
	return s.askShown(ctx, a, "", e, nil)
}

// editPage is the form again for a draft, or for an order that was returned.
func (s *Service) editPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	o, err := s.Get(ctx, a, in.ID)
	switch {
	case err != nil:
		return web.Page{}, err
	case !o.Own(a):
		return web.Page{}, errs.ErrNotFound
	}
	e := askEntry{Wish: o.Wish, OrgID: o.OrgID, Audience: o.Audience, Heads: o.Heads, Place: o.PlaceKind, PlaceAt: o.Place, Address: o.Address, Contact: o.Contact, Note: o.Note, whomEntry: whomEntry{Phone: o.Phone}}
	if o.TopicID != nil {
		e.Topic = *o.TopicID
	}
	if o.RoomID != nil {
		e.RoomID = *o.RoomID
	}
	e.Date1, e.Time1 = s.fields(o.FirstAt)
	e.Date2, e.Time2 = s.fields(o.SecondAt)
	return s.askShown(ctx, a, o.ID, e, nil)
}

// fields are a moment as the fields of a date and of a time hold it.
func (s *Service) fields(at models.Instant) (date, clock string) {
	if at.IsZero() {
		return "", ""
	}
	t := at.In(s.Zone)
	return t.Format("2006-01-02"), t.Format("15:04")
}

// askShown is the form of an order, a new one or that of an id, again with what is
// wrong with it.
func (s *Service) askShown(ctx context.Context, a auth.Actor, id string, e askEntry, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := askData{Entry: e, Action: "/lectures/order", Back: web.Link{Href: "/lectures", Text: w.T("lecture.title")}}
	if id != "" {
		d.Action, d.Back = orderPath(id)+"/edit", web.Link{Href: orderPath(id), Text: w.T("lecture.back_order")}
	}
	p := web.Page{Template: "lecture/ask", Title: "lecture.ask", Styles: []string{"lecture"}, Scripts: []string{"stepper"}}
	first, menu := models.AudienceResident, "/"
	if e.Topic != 0 {
		t, err := s.Topic(ctx, e.Topic)
		if err != nil {
			return p, err
		}
		d.Title, d.Line = t.Title, w.T("lecture.menu_line", "n", t.LengthMin, "who", w.audiences(t.Audiences))
		d.Material, menu = t.Material, t.OrgPath
		if all := t.Audiences.List(); len(all) > 0 {
			first = all[0]
		}
	} else {
		d.Title, d.Line = w.T("lecture.ask_wish"), w.T("lecture.ask_wish_line")
	}
	if e.WishID != 0 {
		x, err := s.Wish(ctx, a, e.WishID)
		if err != nil {
			return p, err
		}
		d.Of = w.T("lecture.wish_of", "who", x.Name, "n", x.Same+1)
	}
	if e.Audience == "" {
		e.Audience = first
	}
	stationList, err := s.choices(ctx, a, menu, &d, &e)
	if err != nil {
		return p, err
	}
	promise, err := s.Promise(ctx)
	if err != nil {
		return p, err
	}
	d.Promise = w.T("lecture.promise_unknown")
	if !promise.Dispatch.IsZero() {
		d.Promise = w.T("lecture.promise", "review", promise.Review, "dispatch", promise.Dispatch)
	}
	today := models.DayOf(s.db.Now(), s.Zone)
	d.Any = w.T("lecture.any_day", "from", w.day(today.Add(anyFrom)), "until", w.day(today.Add(anyUntil)))
	heads := ""
	if e.Heads > 0 {
		heads = itoa(int64(e.Heads))
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, bad, askLabels), Values: map[string]string{"heads": heads, "wish": e.Wish, "date1": e.Date1, "time1": e.Time1, "date2": e.Date2,
		"time2": e.Time2, "place": e.PlaceAt, "address": e.Address, "contact": e.Contact, "phone": e.Phone, "note": e.Note, "caller_name": e.Name}}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	s.askChoices(w, a, &d, e, stationList)
	if id != "" || e.WishID != 0 { // whose it is, is settled
		d.Whom = web.Choices{}
	}
	p.Data = &d
	return p, nil
}

// choices reads what can be chosen by the menu of the organisation at a path, and
// what was chosen the last time.
func (s *Service) choices(ctx context.Context, a auth.Actor, menu string, d *askData, e *askEntry) (all []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if all, err = stations(tx, menu); err != nil {
			return err
		}
		if e.OrgID == 0 {
			if e.OrgID, err = lastStation(tx, a); err != nil {
				return err
			}
		}
		if d.Rooms, err = bookable(tx); err != nil {
			return err
		}
		d.Branches, err = branchesOf(tx, a.OrgsWith(auth.BookForBranch))
		return err
	})
	return all, err
}

func (s *Service) askChoices(w words, a auth.Actor, d *askData, e askEntry, all []Named) {
	d.Entry = e
	if len(all) < 8 {
		d.Stations = web.Choices{Name: "org_id", Legend: w.T("lecture.f.org"), Value: itoa(e.OrgID), Error: d.Form.Error("org_id")}
		for _, x := range all {
			d.Stations.Options = append(d.Stations.Options, web.Choice{Value: itoa(x.ID), Label: x.Name})
		}
	} else {
		d.Select = all
	}
	d.Audience = web.Choices{Name: "audience", Legend: w.T("lecture.f.audience"), Value: string(e.Audience)}
	for _, x := range models.LectureAudienceList() {
		d.Audience.Options = append(d.Audience.Options, web.Choice{Value: string(x), Label: w.T("lecture.audience." + string(x))})
	}
	place := e.Place
	if place == "" {
		place = models.PlaceOwn
	}
	d.Places = web.Choices{Name: "place_kind", Legend: w.T("lecture.f.where"), Value: string(place)}
	for _, x := range []models.LecturePlace{models.PlaceOwn, models.PlaceRoom, models.PlaceAddress} {
		if x != models.PlaceRoom || len(d.Rooms) > 0 {
			d.Places.Options = append(d.Places.Options, web.Choice{Value: string(x), Label: w.T("lecture.place." + string(x)), Hint: w.T("lecture.place_hint." + string(x))})
		}
	}
	whom := e.For
	if whom == "" {
		whom = "self"
	}
	if a.Can(auth.BookForOthers) {
		d.Whom.Options = append(d.Whom.Options, web.Choice{Value: "caller", Label: w.T("lecture.for.caller")})
	}
	if len(d.Branches) > 0 && len(d.Branches) < 8 {
		d.Whom.Options = append(d.Whom.Options, web.Choice{Value: "org", Label: w.T("lecture.for.org")})
	}
	if len(d.Whom.Options) > 0 {
		d.Whom.Name, d.Whom.Legend, d.Whom.Value = "for", w.T("lecture.f.for"), whom
		d.Whom.Options = append([]web.Choice{{Value: "self", Label: w.T("lecture.for.self")}}, d.Whom.Options...)
	}
	channel := e.Channel
	if channel == "" {
		channel = models.ChannelPhone
	}
	d.Channels = web.Choices{Name: "channel", Legend: w.T("lecture.f.channel"), Value: string(channel)}
	for _, x := range []models.Channel{models.ChannelPhone, models.ChannelWindow, models.ChannelVisit} {
		d.Channels.Options = append(d.Channels.Options, web.Choice{Value: string(x), Label: w.T("lecture.channel." + string(x))})
	}
	d.Say = w.T("lecture.say", "title", d.Title, "promise", d.Promise)
}

func (s *Service) askForm(ctx context.Context, a auth.Actor, e askEntry, bad *errs.Error) (httpapi.Answer, error) {
	return s.placed(ctx, a, "", e, bad, func(in Ask) (Order, error) { return s.Place(ctx, a, in) })
}

type editEntry struct {
	pathID
	askEntry
}

func (s *Service) editForm(ctx context.Context, a auth.Actor, e editEntry, bad *errs.Error) (httpapi.Answer, error) {
	return s.placed(ctx, a, e.ID, e.askEntry, bad, func(in Ask) (Order, error) { return s.Revise(ctx, a, e.ID, in) })
}

// placed reads the form, does what it is for, and shows it again with what was in
// the way.
func (s *Service) placed(ctx context.Context, a auth.Actor, id string, e askEntry, bad *errs.Error, do func(Ask) (Order, error)) (httpapi.Answer, error) {
	if bad == nil {
		in, fault := s.asked(e)
		if bad = fault; bad == nil {
			o, err := do(in)
			if err == nil {
				flash := "lecture.done.placed"
				if in.Draft {
					flash = "lecture.done.draft"
				}
				return httpapi.SeeOther(orderPath(o.ID), flash, nil), nil
			}
			var again bool
			if bad, again = shownAgain(err); !again {
				return httpapi.Answer{}, err
			}
		}
	}
	page, err := s.askShown(ctx, a, id, e, bad)
	return httpapi.Show(page), err
}

// asked reads the form; what is missing is named by the fields of the page.
func (s *Service) asked(e askEntry) (Ask, *errs.Error) {
	in := Ask{OrgID: e.OrgID, TopicID: e.Topic, Wish: e.Wish, WishID: e.WishID, Audience: e.Audience, Heads: e.Heads, PlaceKind: e.Place, Place: e.PlaceAt, RoomID: e.RoomID,
		Address: e.Address, Contact: e.Contact, Phone: e.Phone, Note: e.Note, Draft: e.Draft, Key: e.Key}
	var faults []errs.Field
	for name, empty := range map[string]bool{"org_id": e.OrgID == 0, "heads": e.Heads == 0, "wish": e.Topic == 0 && e.Wish == "", "caller_name": e.For == "caller" && e.Name == ""} {
		if empty {
			faults = append(faults, errs.Field{Name: name, Code: "required"})
		}
	}
	first, ok1 := s.clock(e.Date1, e.Time1)
	second, ok2 := s.clock(e.Date2, e.Time2)
	if !ok1 {
		faults = append(faults, errs.Field{Name: "date1", Code: "type"})
	}
	if !ok2 {
		faults = append(faults, errs.Field{Name: "date2", Code: "type"})
	}
	if len(faults) > 0 {
		return in, errs.ErrInvalid.At(faults...)
	}
	in.Times = Times{First: first, Second: second}
	if first.IsZero() {
		today := models.DayOf(s.db.Now(), s.Zone)
		in.Times = Times{From: today.Add(anyFrom), Until: today.Add(anyUntil)}
	}
	in.Whom = e.whom()
	in.Whom.ReadBack = e.ReadBack
	return in, nil
}
