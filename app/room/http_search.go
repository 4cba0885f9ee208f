package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type availabilityIn struct {
	byIDIn
	From      string  `query:"from" validate:"max=40"` // a date or a moment; left out: today
	To        string  `query:"to" validate:"max=40"`   // left out: a week on
	Resources []int64 `query:"resources" validate:"max=20"`
}

type availabilityView struct {
	Room roomView  `json:"room"`
	Days []DayPlan `json:"days"`
}

// day reads a date or a moment; usual when nothing was said.
func (s *Service) day(field, text string, usual models.Day) (models.Day, error) {
	if text == "" {
		return usual, nil
	}
	if d, err := models.ParseDay(text); err == nil {
		return d, nil
	}
	i, err := models.ParseInstant(text)
	if err != nil {
		return usual, errs.FieldFault(field, "type")
	}
	return models.DayOf(i, s.zone), nil
}

// days reads a range of days; the week from today when nothing was said.
func (s *Service) dayRange(from, to string) (models.Day, models.Day, error) {
	first, err := s.day("from", from, models.DayOf(s.db.Now(), s.zone))
	if err != nil {
		return first, first, err
	}
	last, err := s.day("to", to, first.Add(6))
	return first, last, err
}

type wantedIn struct {
	ID      int64  `json:"id"` // a certain resource: a room, a hall, a team
	Use     string `json:"use" validate:"max=40"`
	VenueID int64  `json:"venue_id"`
}

type searchIn struct {
	Resources []wantedIn `json:"resources" validate:"required,min=1,max=8,dive"`
	Minutes   int        `json:"duration_min" validate:"required,min=5,max=1440"`
	From      string     `json:"from" validate:"max=40"`
	To        string     `json:"to" validate:"max=40"`
	Limit     int        `json:"limit" validate:"min=0,max=20"`
	Attendees int        `json:"attendees" validate:"min=0,max=10000"`
}

type foundView struct {
	Times []Together  `json:"times"`
	Days  []SearchDay `json:"days"`
}

func (s *Service) searchRoutes(r *httpapi.Router) {
	const tag = "rooms"
	httpapi.API(r, http.MethodGet, "/api/v1/rooms/:id/availability", auth.Public,
		httpapi.Op{Summary: "Day by day: when a room is open, in use and free; no names", Tag: tag, Errors: []*errs.Error{ErrDays}},
		func(ctx context.Context, _ auth.Actor, in availabilityIn) (availabilityView, error) {
			from, to, err := s.dayRange(in.From, in.To)
			if err != nil {
				return availabilityView{}, err
			}
			out, err := s.Availability(ctx, in.ID, from, to, in.Resources...)
			return availabilityView{viewRoom(out.Room), out.Days}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/availability/search", auth.Public,
		httpapi.Op{Summary: "The first times at which all of some resources are free together, and why not on the days before", Tag: tag, Errors: []*errs.Error{ErrTooWide, ErrDays, ErrCapacity}},
		func(ctx context.Context, _ auth.Actor, in searchIn) (foundView, error) {
			from, to, err := s.dayRange(in.From, in.To)
			if err != nil {
				return foundView{}, err
			}
			q := Search{Minutes: in.Minutes, From: from, To: to, Most: in.Limit, Capacity: in.Attendees}
			for _, w := range in.Resources {
				q.Wanted = append(q.Wanted, Wanted(w))
			}
			out, err := s.FirstFree(ctx, q)
			return foundView(out), err
		})
}
