package room

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) venuePages(r *httpapi.Router) {
	httpapi.Page(r, "/venues", auth.RoomRead, s.venuesPage)
	httpapi.Page(r, "/venues/new", auth.RoomWrite, s.newVenuePage)
	httpapi.Form(r, "/venues/new", auth.RoomWrite, httpapi.LimitNone, s.saveVenueForm)
	httpapi.Page(r, "/venues/:id", auth.RoomRead, s.venuePage)
	httpapi.Page(r, "/venues/:id/edit", auth.RoomWrite, s.editVenuePage)
	httpapi.Form(r, "/venues/:id/edit", auth.RoomWrite, httpapi.LimitNone, s.saveVenueForm)
	httpapi.Page(r, "/venues/:id/rooms/new", auth.RoomWrite, s.newRoomPage)
	httpapi.Form(r, "/venues/:id/rooms/new", auth.RoomWrite, httpapi.LimitNone, s.saveRoomForm)
	httpapi.Page(r, "/venues/:id/rooms/:room", auth.RoomWrite, s.editRoomPage)
	httpapi.Form(r, "/venues/:id/rooms/:room", auth.RoomWrite, httpapi.LimitNone, s.saveRoomForm)
	httpapi.Page(r, "/venues/:id/retire", auth.RoomWrite, s.retirePage)
	httpapi.Form(r, "/venues/:id/retire", auth.RoomWrite, httpapi.LimitNone, s.retireForm)
	httpapi.Form(r, "/venues/:id/restore", auth.RoomWrite, httpapi.LimitNone, s.restoreForm)
	httpapi.Page(r, "/venues/:id/hours", auth.RoomWrite, s.hoursPage)
	httpapi.Form(r, "/venues/:id/hours", auth.RoomWrite, httpapi.LimitNone, s.hoursForm)
	httpapi.Form(r, "/venues/:id/exceptions", auth.RoomWrite, httpapi.LimitNone, s.exceptionForm)
	httpapi.Page(r, "/venues/:id/rules", auth.RoomWrite, s.rulesPage)
	httpapi.Form(r, "/venues/:id/rules", auth.RoomWrite, httpapi.LimitNone, s.rulesForm)
}

func venuePath(id int64) string { return "/venues/" + strconv.FormatInt(id, 10) }

// ofRoom adds to the address of a venue's page of which room it is, 0 for none.
func ofRoom(path string, room int64) string {
	if room == 0 {
		return path
	}
	return path + "?room=" + strconv.FormatInt(room, 10)
}

// pick is a choice among many.
type pick struct {
	Name, Label, Value, Error string
	Options                   []web.Choice
}

// entryData is a plain form of staff: what is typed, what is chosen, what is ticked.
type entryData struct {
	Title  string
	Lead   string
	Back   web.Link
	Links  []web.Link
	Action string
	Hidden []web.Hidden
	Picks  []pick
	Fields []web.Field
	Ticks  []tickBox
	Errors []web.FieldError
	Button string
	Drop   string // the words of a button that takes it back, "" for none
}

type tickBox struct {
	Name, Label string
	On          bool
}

func entryPage(key string, d entryData, bad *errs.Error) web.Page {
	p := web.Page{Template: "room/entry", Title: key, Layout: web.LayoutStaff, Styles: deskStyles, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p
}

// text is a field of a form with what was typed.
func (w words) text(form web.Form, name, label, value string, most int) web.Field {
	return web.Field{Name: name, Label: w.t(label), Type: "text", Value: value, Error: form.Error(name), Max: most}
}

// number is a field for whole numbers.
func (w words) number(form web.Form, name, label string, value int) web.Field {
	f := w.text(form, name, label, strconv.Itoa(value), 5)
	f.Type, f.Inputmode, f.Required = "number", "numeric", true
	return f
}

func hinted(f web.Field, hint string) web.Field { f.Hint = hint; return f }

func must(f web.Field) web.Field { f.Required = true; return f }

type venuesData struct {
	Links []web.Link
	May   bool
	Table web.Table
	Gone  []goneRow
}

func (s *Service) venuesPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	all, err := s.Venues(ctx)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := venuesData{Links: w.deskLinks(a, "/venues"), May: a.Can(auth.RoomWrite), Table: web.Table{Caption: w.t("venues.all"),
		Columns: []string{w.t("venues.name"), w.t("venues.org"), w.t("venues.owner"), w.t("venues.room_n")},
		Empty:   &web.Empty{Icon: "room", Title: w.t("venues.none"), Text: w.t("venues.none_text")}}}
	for _, v := range all {
		d.Table.Rows = append(d.Table.Rows, web.Row{Href: venuePath(v.ID), Cells: []web.Cell{{Text: v.Name}, {Text: v.OrgName}, {Text: orDash(v.OwnerName)}, {Text: strconv.Itoa(v.Rooms), Number: true}}})
	}
	if d.Gone, err = s.gone(ctx, a, 0); err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "room/venues", Title: "venues.title", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}, nil
}

type venueData struct {
	Venue      Venue
	Path       string
	May        bool
	Closes     bool
	Facts      []web.Fact
	Rooms      web.Table
	Equipment  web.Table
	Hours      []web.Fact
	Exceptions []web.Fact
	Rules      []web.Fact
	Gone       []goneRow
	Refusal    string
	Closure    string // the page of what is in the way, "" for none
}

func (s *Service) venuePage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	return s.venueShown(ctx, a, in.ID, nil)
}

// venueShown shows a venue; bad is why something of it could not be taken back.
func (s *Service) venueShown(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (web.Page, error) {
	v, err := s.Venue(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	rooms, err := s.Rooms(ctx, Filter{VenueID: v.ID, Kind: "any"})
	if err != nil {
		return web.Page{}, err
	}
	h, err := s.HoursOf(ctx, Target{VenueID: v.ID})
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := venueData{Venue: v, Path: venuePath(v.ID), May: a.CanAt(auth.RoomWrite, v.OrgPath), Closes: a.CanAt(auth.RoomDecide, v.OrgPath), Hours: w.week(h.Hours), Exceptions: w.exceptions(h.Exceptions, s)}
	for _, x := range []struct{ key, text string }{{"venues.org", v.OrgName}, {"venues.owner", v.OwnerName}, {"fact.address", v.Address}, {"room.phone", v.Phone}, {"fact.route", v.Route}, {"venues.code", v.Code}} {
		if x.text != "" {
			d.Facts = append(d.Facts, web.Fact{Label: w.t(x.key), Text: x.text})
		}
	}
	for _, who := range []models.RoomBooker{models.ByResident, models.ByOrg} {
		d.Rules = append(d.Rules, web.Fact{Label: w.t("roomrule.who." + string(who)), Text: w.ruleLine(models.RuleFor(h.Rules, models.Room{VenueID: v.ID}, who))})
	}
	d.Rooms, d.Equipment = w.roomTable(d, rooms)
	if d.Gone, err = s.gone(ctx, a, v.ID); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "room/venue", Title: "venues.one", TitleArgs: map[string]any{"venue": v.Name}, Layout: web.LayoutStaff, Styles: deskStyles}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
		if id, ok := bad.Extra["closure"].(int64); ok {
			d.Closure = closurePath(id)
		}
	}
	p.Data = d
	return p, nil
}

// roomTable lists the rooms of a venue with their tables, and its equipment.
func (w words) roomTable(d venueData, rooms []Room) (out, equipment web.Table) {
	out = web.Table{Caption: w.t("venues.rooms"), Columns: []string{w.t("venues.name"), w.t("rooms.use"), w.t("room.capacity"), w.t("rooms.audience")},
		Empty: &web.Empty{Icon: "room", Title: w.t("rooms.none")}}
	equipment = web.Table{Caption: w.t("rooms.equipment"), Columns: []string{w.t("venues.name")}, Empty: &web.Empty{Icon: "room", Title: w.t("rooms.no_equipment")}}
	for _, r := range rooms {
		href := roomPath(r.ID)
		if d.May {
			href = d.Path + "/rooms/" + strconv.FormatInt(r.ID, 10)
		}
		if r.Kind == models.RoomEquipment {
			equipment.Rows = append(equipment.Rows, web.Row{Href: href, Cells: []web.Cell{{Text: r.Name}}})
			continue
		}
		out.Rows = append(out.Rows, web.Row{Href: href, Cells: []web.Cell{{Text: r.Title()}, {Text: w.useWord(r.Use)}, {Text: w.t("room.holds", "n", r.Capacity)},
			{Text: w.t("rooms.audience." + string(r.Audience))}}})
	}
	return out, equipment
}

func (w words) useWord(use string) string {
	if use == "" {
		return "—"
	}
	return w.t("room.use." + use)
}

// venueEntry is a venue as its form says it.
type venueEntry struct {
	byIDIn
	Code    string `form:"code" validate:"required,plain,max=40"`
	Name    string `form:"name" validate:"required,plain,max=80"`
	OrgID   int64  `form:"org_id" validate:"required"`
	OwnerID int64  `form:"owner_id"`
	Address string `form:"address" validate:"omitempty,plain,max=200"`
	Phone   string `form:"phone" validate:"max=30"`
	Route   string `form:"route" validate:"omitempty,plain,max=500"`
}

var venueLabels = map[string]string{"code": "venues.code", "name": "venues.name", "org_id": "venues.org", "owner_id": "venues.owner", "address": "fact.address",
	"phone": "room.phone", "route": "fact.route"}

func (s *Service) newVenuePage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.venueEntered(ctx, a, venueEntry{}, nil)
}

func (s *Service) editVenuePage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	v, err := s.Venue(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	e := venueEntry{byIDIn: in, Code: v.Code, Name: v.Name, OrgID: v.OrgID, Address: v.Address, Phone: v.Phone, Route: v.Route}
	if v.OwnerID != nil {
		e.OwnerID = *v.OwnerID
	}
	return s.venueEntered(ctx, a, e, nil)
}

func (s *Service) venueEntered(ctx context.Context, a auth.Actor, in venueEntry, bad *errs.Error) (web.Page, error) {
	runs, lends, err := s.hosts(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w, form := s.words(ctx), web.Form{Errors: httpapi.Faults(ctx, bad, venueLabels)}
	d := entryData{Title: w.t("venues.new"), Action: "/venues/new", Back: web.Link{Href: "/venues", Text: w.t("venues.title")}, Errors: form.Errors, Button: w.t("venues.save"),
		Fields: []web.Field{must(w.text(form, "name", "venues.name", in.Name, 80)), hinted(must(w.text(form, "code", "venues.code", in.Code, 40)), w.t("venues.code_hint")),
			w.text(form, "address", "fact.address", in.Address, 200), w.text(form, "phone", "room.phone", in.Phone, 30), w.text(form, "route", "fact.route", in.Route, 500)},
		Picks: []pick{orgPick("org_id", w.t("venues.org"), in.OrgID, runs, ""), orgPick("owner_id", w.t("venues.owner"), in.OwnerID, lends, w.t("venues.no_owner"))}}
	for i := range d.Picks {
		d.Picks[i].Error = form.Error(d.Picks[i].Name)
	}
	key := "venues.new"
	if in.ID != 0 {
		key, d.Title, d.Action, d.Back = "venues.edit", w.t("venues.edit"), venuePath(in.ID)+"/edit", web.Link{Href: venuePath(in.ID), Text: in.Name}
	}
	return entryPage(key, d, bad), nil
}

// orgPick chooses an organisation; none says what no choice means, "" when there
// must be one.
func orgPick(name, label string, value int64, orgs []models.Org, none string) pick {
	p := pick{Name: name, Label: label, Value: strconv.FormatInt(value, 10)}
	if none != "" {
		p.Options = append(p.Options, web.Choice{Value: "0", Label: none})
	}
	for _, o := range orgs {
		p.Options = append(p.Options, web.Choice{Value: strconv.FormatInt(o.ID, 10), Label: o.Name})
	}
	return p
}

func (s *Service) saveVenueForm(ctx context.Context, a auth.Actor, in venueEntry, bad *errs.Error) (httpapi.Answer, error) {
	var v Venue
	if bad == nil {
		e := VenueEntry{in.Code, in.Name, in.OrgID, nil, in.Address, in.Phone, in.Route}
		if in.OwnerID != 0 {
			e.OwnerID = &in.OwnerID
		}
		saved, err := s.SaveVenue(ctx, a, in.ID, e)
		if v = saved; err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(venuePath(v.ID), "venues.saved", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	if in.ID != 0 {
		if _, err := s.Venue(ctx, in.ID); err != nil {
			return httpapi.Answer{}, err
		}
	}
	page, err := s.venueEntered(ctx, a, in, bad)
	return httpapi.Show(page), err
}
