package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type closureIn struct {
	httpapi.Keyed
	VenueID int64          `json:"venue_id"`
	RoomID  int64          `json:"room_id"` // left out: all of the venue
	Start   models.Instant `json:"start" validate:"required"`
	End     models.Instant `json:"end" validate:"required"`
	Reason  string         `json:"reason" validate:"required,plain,max=200"`
}

type closureView struct {
	ID      int64                `json:"id"`
	VenueID int64                `json:"venue_id"`
	Venue   string               `json:"venue"`
	RoomID  *int64               `json:"room_id"`
	Room    string               `json:"room"`
	Start   models.Instant       `json:"start"`
	End     models.Instant       `json:"end"`
	Reason  string               `json:"reason"`
	Status  models.ClosureStatus `json:"status" validate:"oneof=draft closed lifted"`
	Hits    []Hit                `json:"hits"`   // of a draft: the bookings it would hit, with the slot proposed for each
	Others  []booking.Conflict   `json:"others"` // of a draft: other uses that are in the way
}

func viewClosure(c Closure) closureView {
	v := closureView{ID: c.ID, VenueID: c.VenueID, Venue: c.Venue, RoomID: c.RoomID, Room: c.RoomName, Start: c.StartsAt, End: c.EndsAt, Reason: c.Reason,
		Status: c.Status, Hits: c.Hits, Others: c.Others}
	if v.Hits == nil {
		v.Hits = []Hit{}
	}
	if v.Others == nil {
		v.Others = []booking.Conflict{}
	}
	return v
}

type resolutionIn struct {
	ID      string         `json:"id" validate:"required,max=40"`
	Version int            `json:"version"`
	RoomID  int64          `json:"room_id"`
	Start   models.Instant `json:"start"` // left out: the booking is cancelled
	End     models.Instant `json:"end"`
}

type approveClosureIn struct {
	byIDIn
	Hits []resolutionIn `json:"hits" validate:"max=500,dive"` // left out: the proposals as they stand
}

func (in approveClosureIn) resolutions() []Resolution {
	if in.Hits == nil {
		return nil
	}
	out := make([]Resolution, len(in.Hits))
	for i, h := range in.Hits {
		out[i] = Resolution{h.ID, h.Version, h.RoomID, models.Span{Start: h.Start, End: h.End}}
	}
	return out
}

func (s *Service) closureRoutes(r *httpapi.Router) {
	const tag = "closures"
	one := func(c Closure, err error) (closureView, error) { return viewClosure(c), err }
	httpapi.API(r, http.MethodPost, "/api/v1/closures", auth.RoomDecide,
		httpapi.Op{Summary: "Close a room or a venue for a time; a draft shows every booking it hits, with a slot proposed for each", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{ErrSpan, ErrPast, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in closureIn) (closureView, error) {
			return one(s.Close(ctx, a, Closing{in.VenueID, in.RoomID, models.Span{Start: in.Start, End: in.End}, in.Reason, in.Key}))
		})
	httpapi.API(r, http.MethodGet, "/api/v1/closures", auth.BookingRead, httpapi.Op{Summary: "Closures and drafts from now on", Tag: tag},
		func(ctx context.Context, a auth.Actor, in list.Query) (list.Of[closureView], error) {
			all, err := s.ClosuresAt(ctx, a)
			return list.Map(pageOf(in, all), viewClosure), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/closures/:id", auth.BookingRead, httpapi.Op{Summary: "One closure; of a draft, what it hits", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byIDIn) (closureView, error) {
			return one(s.Closure(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/closures/:id/approve", auth.RoomDecide,
		httpapi.Op{Summary: "Close it in one step: every hit is offered its slot, held until answered, or is cancelled", Tag: tag,
			Errors: refusals(ErrDecided, ErrClosureHits)},
		func(ctx context.Context, a auth.Actor, in approveClosureIn) (closureView, error) {
			return one(s.ApproveClosure(ctx, a, in.ID, in.resolutions()))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/closures/:id/lift", auth.RoomDecide,
		httpapi.Op{Summary: "Open again, or drop a draft", Tag: tag, Errors: []*errs.Error{ErrDecided}},
		func(ctx context.Context, a auth.Actor, in byIDIn) (closureView, error) {
			return one(s.Reopen(ctx, a, in.ID))
		})
}
