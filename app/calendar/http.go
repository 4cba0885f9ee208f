package calendar

import (
	"context"
	"net/http"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// Routes declares the calendar for programs.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/calendar", auth.CalendarRead, httpapi.Op{Tag: "calendar",
		Summary: "What occupies the halls, rooms and teams in one's scope", Errors: []*errs.Error{errs.ErrNotFound, ErrSpan}}, s.calendarJSON)
	httpapi.API(r, http.MethodPost, "/api/v1/calendar/:kind/:id/move", auth.CalendarMove, httpapi.Op{Tag: "calendar",
		Summary: "Give something on the calendar another time or place, by the rules of the feature whose it is",
		Errors:  []*errs.Error{errs.ErrNotFound, ErrNoMove, ErrTooLate, booking.ErrResourceTaken}}, s.moveJSON)
}

type moveBody struct {
	Kind       string         `path:"kind" json:"-" validate:"max=40"`
	ID         int64          `path:"id" json:"-"`
	ResourceID int64          `json:"resource_id"` // 0: where it is
	Start      models.Instant `json:"start" validate:"required"`
	End        models.Instant `json:"end" validate:"required"`
	Reason     string         `json:"reason" validate:"omitempty,plain,max=200"`
}

// moveView says where something was, for whoever wants it back there, and is now.
type moveView struct {
	Was relocationView `json:"was"`
	Now relocationView `json:"now"`
}

type relocationView struct {
	ResourceID int64          `json:"resource_id"`
	Start      models.Instant `json:"start"`
	End        models.Instant `json:"end"`
}

func (s *Service) moveJSON(ctx context.Context, a auth.Actor, in moveBody) (moveView, error) {
	to := models.Relocation{ResourceID: in.ResourceID, Span: models.Span{Start: in.Start, End: in.End}, Reason: in.Reason}
	was, err := s.Move(ctx, a, in.Kind, in.ID, in.ResourceID, to)
	if err != nil {
		return moveView{}, err
	}
	if to.ResourceID == 0 {
		to.ResourceID = was.ResourceID
	}
	view := func(r models.Relocation) relocationView {
		return relocationView{r.ResourceID, r.Span.Start, r.Span.End}
	}
	return moveView{view(was), view(to)}, nil
}

type calendarIn struct {
	From     string   `query:"from" validate:"required,max=40"` // a moment, or a date
	To       string   `query:"to" validate:"required,max=40"`   // a moment, or the last date
	Resource int64    `query:"resource"`
	Org      int64    `query:"org"`
	Venue    string   `query:"venue" validate:"max=100"`
	Kind     string   `query:"kind" validate:"max=40"`
	Stands   Standing `query:"state" validate:"omitempty,oneof=firm pending queued over"`
}

// span is what is asked for: of two dates, both whole days.
func (in calendarIn) span(zone *time.Location) (out models.Span, err error) {
	for _, x := range []struct {
		field, text string
		days        int // into which day a date leads
		at          *models.Instant
	}{{"from", in.From, 0, &out.Start}, {"to", in.To, 1, &out.End}} {
		if d, err := models.ParseDay(x.text); err == nil {
			*x.at = d.Add(x.days).At(0, zone)
		} else if *x.at, err = models.ParseInstant(x.text); err != nil {
			return out, errs.FieldFault(x.field, "type")
		}
	}
	return out, nil
}

type placeView struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Kind  string `json:"kind"` // hall, room, unit, equipment, team
	Venue string `json:"venue"`
	OrgID int64  `json:"org_id"`
	Org   string `json:"org"`
}

type entryView struct {
	ResourceID int64          `json:"resource_id"`
	Kind       string         `json:"kind"`
	ID         int64          `json:"id"`
	Start      models.Instant `json:"start"`
	End        models.Instant `json:"end"`
	HeldFrom   models.Instant `json:"held_from"`
	HeldUntil  models.Instant `json:"held_until"`
	Title      string         `json:"title"`
	Who        string         `json:"who"`
	State      Standing       `json:"state" validate:"oneof=firm pending queued over"`
	Status     string         `json:"status"` // the feature's own word
	Taken      int            `json:"taken"`
	Places     int            `json:"places"`
	Path       string         `json:"path"`
	Movable    bool           `json:"movable"`
}

type dayView struct {
	Date     string         `json:"date"`
	Kind     models.DayKind `json:"kind" validate:"oneof=work rest holiday makeup"`
	Known    bool           `json:"known"` // whether the year's holidays have been published
	Lunar    string         `json:"lunar"`
	Festival string         `json:"festival"`
}

type calendarView struct {
	From      models.Instant `json:"from"`
	To        models.Instant `json:"to"`
	Resources []placeView    `json:"resources"`
	Days      []dayView      `json:"days"`
	Items     []entryView    `json:"items"`
	Total     int            `json:"total"`
}

func (s *Service) calendarJSON(ctx context.Context, a auth.Actor, in calendarIn) (calendarView, error) {
	span, err := in.span(s.zone)
	if err != nil {
		return calendarView{}, err
	}
	w := Wish{Span: span, Resource: in.Resource, Org: in.Org, Venue: in.Venue, Kind: in.Kind, Stands: in.Stands}
	v, err := s.Look(ctx, a, w)
	if err != nil {
		return calendarView{}, err
	}
	out := calendarView{From: span.Start, To: span.End, Resources: make([]placeView, len(v.Places)), Days: []dayView{}, Items: make([]entryView, len(v.Entries)), Total: len(v.Entries)}
	for i, p := range v.Places {
		out.Resources[i] = placeView{p.ID, p.Title(), p.Kind, p.Venue, p.OrgID, p.Org}
	}
	for i, e := range v.Entries {
		out.Items[i] = entryView{e.PlaceID, e.Kind, e.ID, e.Span.Start, e.Span.End, e.Held.Start, e.Held.End, e.Title, e.Who, e.Stands, e.State,
			e.Taken, e.Places, e.Path, e.Movable}
	}
	l := httpapi.Lang(ctx)
	for d, last := models.DayOf(span.Start, s.zone), models.DayOf(span.End.Add(-1), s.zone); !last.Before(d); d = d.Add(1) {
		kind, known := v.Days.Kind(d)
		out.Days = append(out.Days, dayView{d.String(), kind, known, web.Lunar(d), web.Festival(l, d)})
	}
	return out, nil
}
