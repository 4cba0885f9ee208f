package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type venueIn struct {
	byIDIn
	Code    string `json:"code" validate:"required,plain,max=40"`
	Name    string `json:"name" validate:"required,plain,max=80"`
	OrgID   int64  `json:"org_id" validate:"required"`
	OwnerID *int64 `json:"owner_id"` // the partner who lends it
	Address string `json:"address" validate:"omitempty,plain,max=200"`
	Phone   string `json:"phone" validate:"max=30"`
	Route   string `json:"route" validate:"omitempty,plain,max=500"`
}

type venueView struct {
	ID      int64  `json:"id"`
	Code    string `json:"code"`
	Name    string `json:"name"`
	OrgID   int64  `json:"org_id"`
	Org     string `json:"org"`
	OwnerID *int64 `json:"owner_id"`
	Owner   string `json:"owner"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Route   string `json:"route"`
	Rooms   int    `json:"rooms"`
}

func viewVenue(v Venue) venueView {
	return venueView{v.ID, v.Code, v.Name, v.OrgID, v.OrgName, v.OwnerID, v.OwnerName, v.Address, v.Phone, v.Route, v.Rooms}
}

type roomIn struct {
	byIDIn
	VenueID    int64               `json:"venue_id" validate:"required"`
	WholeID    *int64              `json:"whole_id"` // the room that a table stands in
	Kind       models.RoomKind     `json:"kind" validate:"required,oneof=room unit equipment"`
	Name       string              `json:"name" validate:"required,plain,max=80"`
	Use        string              `json:"use" validate:"omitempty,plain,max=40"`
	Capacity   int                 `json:"capacity" validate:"min=0,max=10000"`
	Audience   models.RoomAudience `json:"audience" validate:"omitempty,oneof=all elderly children"`
	Accessible bool                `json:"accessible"`
	AccessNote string              `json:"access_note" validate:"omitempty,plain,max=200"`
	Floor      string              `json:"floor" validate:"omitempty,plain,max=40"`
	Contact    string              `json:"contact" validate:"omitempty,plain,max=80"`
	HouseRules string              `json:"house_rules" validate:"max=2000"`
	SlotMin    int                 `json:"slot_min" validate:"min=0,max=1440"`
	StepMin    int                 `json:"step_min" validate:"omitempty,min=5,max=1440"`
	SetupMin   int                 `json:"setup_min" validate:"min=0,max=480"`
	CleanupMin int                 `json:"cleanup_min" validate:"min=0,max=480"`
	Ord        int                 `json:"ord"`
}

func (in roomIn) entry() Entry {
	return Entry{VenueID: in.VenueID, WholeID: in.WholeID, Kind: in.Kind, Name: in.Name, Use: in.Use, Capacity: in.Capacity, Audience: in.Audience,
		Accessible: in.Accessible, AccessNote: in.AccessNote, Floor: in.Floor, Contact: in.Contact, HouseRules: in.HouseRules,
		SlotMin: in.SlotMin, StepMin: in.StepMin, SetupMin: in.SetupMin, CleanupMin: in.CleanupMin, Ord: in.Ord}
}

// targetIn is a venue, or with a room one of it, whose hours or rules are set.
type targetIn struct {
	byIDIn
	RoomID int64 `json:"room_id" query:"room_id"` // left out: of the venue
}

func (in targetIn) target() Target {
	t := Target{VenueID: in.ID}
	if in.RoomID != 0 {
		t.RoomID = &in.RoomID
	}
	return t
}

type hourView struct {
	Day    int `json:"day" validate:"min=1,max=9"` // 1 Monday … 7 Sunday, 8 statutory holidays, 9 weekends that are worked
	Opens  int `json:"opens" validate:"min=0,max=1439"`
	Closes int `json:"closes" validate:"min=1,max=1440"` // minutes after midnight
}

type exceptionView struct {
	Day    models.Day    `json:"day"`
	Hours  []minutesView `json:"hours"` // none: closed
	Reason string        `json:"reason"`
}

type minutesView struct {
	Opens  int `json:"opens" validate:"min=0,max=1439"`
	Closes int `json:"closes" validate:"min=1,max=1440"`
}

type hoursView struct {
	Hours      []hourView      `json:"hours"`
	Exceptions []exceptionView `json:"exceptions"` // from today on
	Rules      []ruleView      `json:"rules"`
}

type hoursIn struct {
	targetIn
	Hours []hourView `json:"hours" validate:"max=100,dive"`
}

type exceptionIn struct {
	targetIn
	Day    models.Day    `json:"day"`
	Hours  []minutesView `json:"hours" validate:"max=20,dive"` // none: closed
	Reason string        `json:"reason" validate:"omitempty,plain,max=200"`
	Drop   bool          `json:"drop"` // the usual hours count again
}

type ruleIn struct {
	targetIn
	ruleView
	Drop bool `json:"drop"` // what counts for the venue counts again
}

func (s *Service) viewHours(h Hours) hoursView {
	out := hoursView{Hours: []hourView{}, Exceptions: []exceptionView{}, Rules: []ruleView{}}
	for _, x := range h.Hours {
		out.Hours = append(out.Hours, hourView{x.Day, x.Opens, x.Closes})
	}
	for _, x := range h.Exceptions {
		n := len(out.Exceptions)
		if n == 0 || out.Exceptions[n-1].Day != x.Day {
			out.Exceptions = append(out.Exceptions, exceptionView{x.Day, []minutesView{}, x.Reason})
			n++
		}
		if x.Opens != nil && x.Closes != nil {
			out.Exceptions[n-1].Hours = append(out.Exceptions[n-1].Hours, minutesView{*x.Opens, *x.Closes})
		}
	}
	for _, r := range h.Rules {
		out.Rules = append(out.Rules, viewRule(r))
	}
	return out
}

func (s *Service) adminRoutes(r *httpapi.Router) {
	const tag = "venues"
	httpapi.API(r, http.MethodGet, "/api/v1/venues", auth.Public, httpapi.Op{Summary: "The venues", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in list.Query) (list.Of[venueView], error) {
			all, err := s.Venues(ctx)
			return list.Map(pageOf(in, all), viewVenue), err
		})
	saveVenue := func(ctx context.Context, a auth.Actor, in venueIn) (venueView, error) {
		v, err := s.SaveVenue(ctx, a, in.ID, VenueEntry{in.Code, in.Name, in.OrgID, in.OwnerID, in.Address, in.Phone, in.Route})
		return viewVenue(v), err
	}
	httpapi.API(r, http.MethodPost, "/api/v1/venues", auth.RoomWrite, httpapi.Op{Summary: "Add a venue", Tag: tag, Status: http.StatusCreated}, saveVenue)
	httpapi.API(r, http.MethodPut, "/api/v1/venues/:id", auth.RoomWrite, httpapi.Op{Summary: "Change a venue", Tag: tag}, saveVenue)
	saveRoom := func(ctx context.Context, a auth.Actor, in roomIn) (roomView, error) {
		v, err := s.SaveRoom(ctx, a, in.ID, in.entry())
		return viewRoom(v), err
	}
	httpapi.API(r, http.MethodPost, "/api/v1/rooms", auth.RoomWrite, httpapi.Op{Summary: "Add a room, a table in one, or equipment", Tag: tag, Status: http.StatusCreated}, saveRoom)
	httpapi.API(r, http.MethodPut, "/api/v1/rooms/:id", auth.RoomWrite, httpapi.Op{Summary: "Change a room", Tag: tag}, saveRoom)
	hours := func(ctx context.Context, t Target) (hoursView, error) {
		h, err := s.HoursOf(ctx, t)
		return s.viewHours(h), err
	}
	httpapi.API(r, http.MethodGet, "/api/v1/venues/:id/hours", auth.Public, httpapi.Op{Summary: "Hours, exceptions and rules of a venue, or of one room's own", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in targetIn) (hoursView, error) {
			return hours(ctx, in.target())
		})
	httpapi.API(r, http.MethodPut, "/api/v1/venues/:id/hours", auth.RoomWrite,
		httpapi.Op{Summary: "Set the hours of the week; a room without has its venue's. Bookings that stand stay", Tag: tag},
		func(ctx context.Context, a auth.Actor, in hoursIn) (hoursView, error) {
			rows := make([]models.OpeningHours, len(in.Hours))
			for i, h := range in.Hours {
				rows[i] = models.OpeningHours{Day: h.Day, Opens: h.Opens, Closes: h.Closes}
			}
			if err := s.SetHours(ctx, a, in.target(), rows); err != nil {
				return hoursView{}, err
			}
			return hours(ctx, in.target())
		})
	httpapi.API(r, http.MethodPut, "/api/v1/venues/:id/exceptions", auth.RoomWrite, httpapi.Op{Summary: "Other hours on one day, or closed; or the usual ones again", Tag: tag},
		func(ctx context.Context, a auth.Actor, in exceptionIn) (hoursView, error) {
			if err := s.exception(ctx, a, in); err != nil {
				return hoursView{}, err
			}
			return hours(ctx, in.target())
		})
	httpapi.API(r, http.MethodPut, "/api/v1/venues/:id/rules", auth.RoomWrite, httpapi.Op{Summary: "Set what a kind of booker may do, or take a rule back", Tag: tag},
		func(ctx context.Context, a auth.Actor, in ruleIn) (hoursView, error) {
			var err error
			if in.Drop {
				err = s.DropRule(ctx, a, in.target(), in.Who)
			} else {
				err = s.SetRule(ctx, a, in.target(), in.rule())
			}
			if err != nil {
				return hoursView{}, err
			}
			return hours(ctx, in.target())
		})
}

func (s *Service) exception(ctx context.Context, a auth.Actor, in exceptionIn) error {
	if in.Day.IsZero() {
		return errs.FieldFault("day", "required")
	}
	if in.Drop {
		return s.DropException(ctx, a, in.target(), in.Day)
	}
	x := Exception{Day: in.Day, Reason: in.Reason}
	for _, h := range in.Hours {
		x.Hours = append(x.Hours, models.Minutes{From: h.Opens, To: h.Closes})
	}
	return s.SetException(ctx, a, in.target(), x)
}

func (in ruleIn) rule() models.RoomRule {
	return models.RoomRule{Who: in.Who, AheadDays: in.AheadDays, AheadMin: in.AheadMin, LongestMin: in.LongestMin, PerWeek: in.PerWeek, Approve: in.Approve,
		DeskPercent: in.DeskPercent, CancelMin: in.CancelMin, GraceMin: in.GraceMin, Strikes: in.Strikes, StrikeDays: max(in.StrikeDays, 1), PauseDays: max(in.PauseDays, 1)}
}
