package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type byIDIn struct {
	ID int64 `path:"id" json:"-"`
}

type venueRef struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Route   string `json:"route"`
	Owned   bool   `json:"owned"` // a partner lends it, whose yes every booking needs
}

type roomView struct {
	ID         int64               `json:"id"`
	Name       string              `json:"name"`
	Title      string              `json:"title"` // with the room a table stands in
	Kind       models.RoomKind     `json:"kind" validate:"oneof=room unit equipment"`
	WholeID    *int64              `json:"whole_id"`
	Venue      venueRef            `json:"venue"`
	Use        string              `json:"use"`
	Capacity   int                 `json:"capacity"`
	Audience   models.RoomAudience `json:"audience" validate:"oneof=all elderly children"`
	Accessible bool                `json:"accessible"`
	AccessNote string              `json:"access_note"`
	Floor      string              `json:"floor"`
	Contact    string              `json:"contact"`
	HouseRules string              `json:"house_rules"`
	SlotMin    int                 `json:"slot_min"` // 0: any time on the grid of step_min
	StepMin    int                 `json:"step_min"`
	SetupMin   int                 `json:"setup_min"`
	CleanupMin int                 `json:"cleanup_min"`
	Units      int                 `json:"units"` // tables in it, which can be had alone
}

func viewRoom(r Room) roomView {
	return roomView{ID: r.ID, Name: r.Name, Title: r.Title(), Kind: r.Kind, WholeID: r.WholeID,
		Venue: venueRef{r.VenueID, r.Venue, r.Address, r.Phone, r.Route, r.OwnerID != nil}, Use: r.Use, Capacity: r.Capacity, Audience: r.Audience,
		Accessible: r.Accessible, AccessNote: r.AccessNote, Floor: r.Floor, Contact: r.Contact, HouseRules: r.HouseRules,
		SlotMin: r.SlotMin, StepMin: r.StepMin, SetupMin: r.SetupMin, CleanupMin: r.CleanupMin, Units: r.Units}
}

func viewRooms(all []Room) []roomView {
	out := make([]roomView, len(all))
	for i, r := range all {
		out[i] = viewRoom(r)
	}
	return out
}

type ruleView struct {
	Who         models.RoomBooker `json:"who" validate:"oneof=resident org"`
	AheadDays   int               `json:"ahead_days"`
	AheadMin    int               `json:"ahead_min"`
	LongestMin  int               `json:"longest_min"`
	PerWeek     int               `json:"per_week"` // 0: any number
	Approve     bool              `json:"approve"`
	DeskPercent int               `json:"desk_percent"`
	CancelMin   int               `json:"cancel_min"`
	GraceMin    int               `json:"grace_min"` // 0: kept until the end
	Strikes     int               `json:"strikes"`   // 0: nobody is paused
	StrikeDays  int               `json:"strike_days"`
	PauseDays   int               `json:"pause_days"`
}

func viewRule(r models.RoomRule) ruleView {
	return ruleView{r.Who, r.AheadDays, r.AheadMin, r.LongestMin, r.PerWeek, r.Approve, r.DeskPercent, r.CancelMin, r.GraceMin,
		r.Strikes, r.StrikeDays, r.PauseDays}
}

type detailView struct {
	roomView
	Tables    []roomView `json:"tables"`
	Equipment []roomView `json:"equipment"` // of the venue, to take along
	Rules     []ruleView `json:"rules"`
}

func viewDetail(d Detail) detailView {
	out := detailView{roomView: viewRoom(d.Room), Tables: viewRooms(d.Tables), Equipment: viewRooms(d.Equipment), Rules: []ruleView{}}
	for _, r := range d.Rules {
		out.Rules = append(out.Rules, viewRule(r))
	}
	return out
}

type roomsIn struct {
	list.Query
	VenueID  int64               `query:"venue_id"`
	Use      string              `query:"use" validate:"max=40"`
	Kind     models.RoomKind     `query:"kind" validate:"omitempty,oneof=room unit equipment"`
	Audience models.RoomAudience `query:"audience" validate:"omitempty,oneof=all elderly children"`
	Capacity int                 `query:"capacity" validate:"min=0,max=10000"`
	Search   string              `query:"q" validate:"max=50"`
}

func (in roomsIn) filter() Filter {
	return Filter{VenueID: in.VenueID, Use: in.Use, Kind: in.Kind, Audience: in.Audience, Capacity: in.Capacity, Query: in.Search}
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	s.readRoutes(r)
	s.searchRoutes(r)
	s.bookingRoutes(r)
	s.seriesRoutes(r)
	s.closureRoutes(r)
	s.askRoutes(r)
	s.adminRoutes(r)
}

func (s *Service) readRoutes(r *httpapi.Router) {
	const tag = "rooms"
	httpapi.API(r, http.MethodGet, "/api/v1/rooms", auth.Public,
		httpapi.Op{Summary: "Rooms and their tables by venue; equipment with kind=equipment", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in roomsIn) (list.Of[roomView], error) {
			all, err := s.Rooms(ctx, in.filter())
			return list.Map(pageOf(in.Query, all), viewRoom), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/rooms/:id", auth.Public,
		httpapi.Op{Summary: "A room with its tables, what can go along, and the rules of each kind of booker", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byIDIn) (detailView, error) {
			d, err := s.Detail(ctx, in.ID)
			return viewDetail(d), err
		})
}

// pageOf cuts a page out of a list that is whole.
func pageOf[T any](q list.Query, all []T) list.Of[T] {
	_, per, off := q.Window()
	from := min(off, len(all))
	return list.New(q, all[from:min(from+per, len(all))], int64(len(all)))
}
