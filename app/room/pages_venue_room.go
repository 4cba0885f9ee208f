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

// roomEntry is a room, a table or a piece of equipment as its form says it.
type roomEntry struct {
	byIDIn
	Room       int64               `path:"room"`
	Kind       models.RoomKind     `query:"kind" form:"kind" validate:"omitempty,oneof=room unit equipment"`
	Whole      int64               `query:"whole" form:"whole"`
	Name       string              `form:"name" validate:"required,plain,max=80"`
	Use        string              `form:"use" validate:"omitempty,plain,max=40"`
	Capacity   int                 `form:"capacity" validate:"min=0,max=10000"`
	Audience   models.RoomAudience `form:"audience" validate:"omitempty,oneof=all elderly children"`
	Accessible bool                `form:"accessible"`
	AccessNote string              `form:"access_note" validate:"omitempty,plain,max=200"`
	Floor      string              `form:"floor" validate:"omitempty,plain,max=40"`
	Contact    string              `form:"contact" validate:"omitempty,plain,max=80"`
	HouseRules string              `form:"house_rules" validate:"max=2000"`
	SlotMin    int                 `form:"slot_min" validate:"min=0,max=1440"`
	StepMin    int                 `form:"step_min" validate:"omitempty,min=5,max=1440"`
	SetupMin   int                 `form:"setup_min" validate:"min=0,max=480"`
	CleanupMin int                 `form:"cleanup_min" validate:"min=0,max=480"`
	Ord        int                 `form:"ord" validate:"min=0,max=1000"`
}

func (in roomEntry) entry() Entry {
	e := Entry{VenueID: in.ID, Kind: in.Kind, Name: in.Name, Use: in.Use, Capacity: in.Capacity, Audience: in.Audience, Accessible: in.Accessible,
		AccessNote: in.AccessNote, Floor: in.Floor, Contact: in.Contact, HouseRules: in.HouseRules, SlotMin: in.SlotMin, StepMin: in.StepMin,
		SetupMin: in.SetupMin, CleanupMin: in.CleanupMin, Ord: in.Ord}
	if in.Whole != 0 {
		e.WholeID = &in.Whole
	}
	if in.Kind == models.RoomEquipment {
		e.Use = "equipment"
	}
	return e
}

var roomLabels = map[string]string{"name": "venues.name", "use": "rooms.use", "capacity": "room.capacity", "access_note": "rooms.access_note", "floor": "room.floor",
	"contact": "room.contact", "house_rules": "room.house_rules", "slot_min": "rooms.slot", "step_min": "rooms.step", "setup_min": "rooms.setup", "cleanup_min": "rooms.cleanup", "ord": "rooms.ord"}

// newRoomIn says what is added, and for a table to which room.
type newRoomIn struct {
	byIDIn
	Kind  models.RoomKind `query:"kind" validate:"omitempty,oneof=room unit equipment"`
	Whole int64           `query:"whole"`
}

func (s *Service) newRoomPage(ctx context.Context, _ auth.Actor, in newRoomIn) (web.Page, error) {
	e := roomEntry{byIDIn: in.byIDIn, Kind: in.Kind, Whole: in.Whole, StepMin: 30, Audience: models.RoomForAll, Capacity: 20}
	if e.Kind == "" {
		e.Kind = models.RoomWhole
	}
	if in.Whole != 0 { // a table is like its room
		r, err := s.Room(ctx, in.Whole)
		if err != nil {
			return web.Page{}, err
		}
		e.Kind = models.RoomUnit
		e.Use, e.Audience, e.Accessible, e.Floor, e.HouseRules, e.SlotMin, e.StepMin, e.Capacity, e.Ord = r.Use, r.Audience, r.Accessible, r.Floor, r.HouseRules, r.SlotMin, r.StepMin, 4, r.Units+1
		e.Name = s.words(ctx).t("rooms.table_n", "n", r.Units+1)
	}
	return s.roomEntered(ctx, e, nil)
}

type roomOfVenue struct {
	byIDIn
	Room int64 `path:"room"`
}

// roomOf is a room of a venue by the two ids of its address.
func (s *Service) roomOf(ctx context.Context, venue, id int64) (Room, error) {
	r, err := s.Room(ctx, id)
	if err == nil && r.VenueID != venue {
		err = errs.ErrNotFound
	}
	return r, err
}

func (s *Service) editRoomPage(ctx context.Context, _ auth.Actor, in roomOfVenue) (web.Page, error) {
	r, err := s.roomOf(ctx, in.ID, in.Room)
	if err != nil {
		return web.Page{}, err
	}
	e := roomEntry{byIDIn: in.byIDIn, Room: r.ID, Kind: r.Kind, Name: r.Name, Use: r.Use, Capacity: r.Capacity, Audience: r.Audience, Accessible: r.Accessible,
		AccessNote: r.AccessNote, Floor: r.Floor, Contact: r.Contact, HouseRules: r.HouseRules, SlotMin: r.SlotMin, StepMin: r.StepMin, SetupMin: r.SetupMin,
		CleanupMin: r.CleanupMin, Ord: r.Ord}
	if r.WholeID != nil {
		e.Whole = *r.WholeID
	}
	return s.roomEntered(ctx, e, nil)
}

func (s *Service) roomEntered(ctx context.Context, in roomEntry, bad *errs.Error) (web.Page, error) {
	v, err := s.Venue(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w, form := s.words(ctx), web.Form{Errors: httpapi.Faults(ctx, bad, roomLabels)}
	path := venuePath(v.ID)
	d := entryData{Title: w.t("rooms.new." + string(in.Kind)), Lead: v.Name, Action: path + "/rooms/new", Back: web.Link{Href: path, Text: v.Name}, Errors: form.Errors,
		Button: w.t("venues.save"), Hidden: []web.Hidden{{Name: "kind", Value: string(in.Kind)}, {Name: "whole", Value: strconv.FormatInt(in.Whole, 10)}}}
	if in.Whole != 0 {
		whole, err := s.roomOf(ctx, in.ID, in.Whole)
		if err != nil {
			return web.Page{}, err
		}
		d.Lead += " · " + whole.Name
	}
	key := "rooms.new." + string(in.Kind)
	if in.Room != 0 {
		id := strconv.FormatInt(in.Room, 10)
		key, d.Title, d.Action = "rooms.edit", in.Name, path+"/rooms/"+id
		if in.Kind != models.RoomEquipment {
			d.Links = []web.Link{{Href: roomPath(in.Room), Icon: "room", Text: w.t("rooms.see")}, {Href: ofRoom(path+"/hours", in.Room), Icon: "clock", Text: w.t("roomhours.title")},
				{Href: ofRoom(path+"/rules", in.Room), Icon: "flag", Text: w.t("roomrule.title")}}
		}
		d.Links = append(d.Links, web.Link{Href: ofRoom(path+"/retire", in.Room), Icon: "off", Text: w.t("retire.link")})
		if in.Kind == models.RoomWhole {
			d.Links = append(d.Links, web.Link{Href: path + "/rooms/new?whole=" + id, Icon: "plus", Text: w.t("rooms.new.unit")})
		}
	}
	d.Fields = []web.Field{must(w.text(form, "name", "venues.name", in.Name, 80))}
	if in.Kind != models.RoomEquipment {
		w.roomFields(&d, form, in)
	}
	return entryPage(key, d, bad), nil
}

// roomFields are what is asked of a room or a table, but not of equipment.
func (w words) roomFields(d *entryData, form web.Form, in roomEntry) {
	use := pick{Name: "use", Label: w.t("rooms.use"), Value: in.Use, Error: form.Error("use"), Options: []web.Choice{{Label: w.t("rooms.no_use")}}}
	for _, u := range models.RoomUses() {
		if u != "equipment" {
			use.Options = append(use.Options, web.Choice{Value: u, Label: w.t("room.use." + u)})
		}
	}
	audience := pick{Name: "audience", Label: w.t("rooms.audience"), Value: string(in.Audience)}
	for _, x := range []models.RoomAudience{models.RoomForAll, models.RoomForElderly, models.RoomForChildren} {
		audience.Options = append(audience.Options, web.Choice{Value: string(x), Label: w.t("rooms.audience." + string(x))})
	}
	d.Picks = []pick{use, audience}
	d.Fields = append(d.Fields, w.number(form, "capacity", "room.capacity", in.Capacity), w.text(form, "floor", "room.floor", in.Floor, 40),
		w.text(form, "contact", "room.contact", in.Contact, 80), w.text(form, "access_note", "rooms.access_note", in.AccessNote, 200),
		web.Field{Name: "house_rules", Label: w.t("room.house_rules"), Type: "textarea", Value: in.HouseRules, Hint: w.t("rooms.house_hint"), Error: form.Error("house_rules"), Max: 2000},
		hinted(w.number(form, "slot_min", "rooms.slot", in.SlotMin), w.t("rooms.slot_hint")), hinted(w.number(form, "step_min", "rooms.step", in.StepMin), w.t("rooms.step_hint")),
		hinted(w.number(form, "setup_min", "rooms.setup", in.SetupMin), w.t("rooms.buffer_hint")), w.number(form, "cleanup_min", "rooms.cleanup", in.CleanupMin),
		w.number(form, "ord", "rooms.ord", in.Ord))
	d.Ticks = []tickBox{{Name: "accessible", Label: w.t("rooms.accessible"), On: in.Accessible}}
}

func (s *Service) saveRoomForm(ctx context.Context, a auth.Actor, in roomEntry, bad *errs.Error) (httpapi.Answer, error) {
	if in.Kind == "" {
		in.Kind = models.RoomWhole
	}
	if _, err := s.Venue(ctx, in.ID); err != nil {
		return httpapi.Answer{}, err
	}
	if in.Room != 0 {
		if _, err := s.roomOf(ctx, in.ID, in.Room); err != nil {
			return httpapi.Answer{}, err
		}
	}
	if bad == nil {
		if _, err := s.SaveRoom(ctx, a, in.Room, in.entry()); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(venuePath(in.ID), "venues.saved", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	page, err := s.roomEntered(ctx, in, bad)
	return httpapi.Show(page), err
}
