package door

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/live"
	"youyue/models"
)

type doorIn struct {
	httpapi.PathID
	Search string `query:"q" validate:"max=50"`
	Only   string `query:"only" validate:"omitempty,oneof=count"` // the count without the bookings, for a door that watches
}

type doorEntryView struct {
	ID        string               `json:"id"`
	Code      string               `json:"code"`
	Name      string               `json:"name"`
	Branch    string               `json:"branch,omitempty"`
	Status    models.BookingStatus `json:"status" validate:"oneof=booked attended no_show"`
	Party     int                  `json:"party"`
	Arrived   int                  `json:"arrived"`
	Seats     []booking.SeatRef    `json:"seats"`
	Attendees []booking.Comer      `json:"attendees"`
}

type doorView struct {
	Count booking.DoorCount `json:"count"`
	Items []doorEntryView   `json:"items"`
}

type watchIn struct {
	httpapi.PathID
	httpapi.Seen
}

func viewDoor(entries []Entry, n booking.DoorCount) doorView {
	out := doorView{Count: n, Items: make([]doorEntryView, len(entries))}
	for i, e := range entries {
		out.Items[i] = doorEntryView{e.ID, e.Code, e.Name, e.Branch, e.Status, e.Party, e.Arrived, e.Seats, e.Who.Attendees}
		if e.Seats == nil {
			out.Items[i].Seats = []booking.SeatRef{}
		}
		if e.Who.Attendees == nil {
			out.Items[i].Attendees = []booking.Comer{}
		}
	}
	return out
}

type scanIn struct {
	Code        string  `json:"code" validate:"required,max=300"`
	Nonce       string  `json:"nonce" validate:"required,max=100"`
	Seats       []int64 `json:"seats" validate:"max=400"`
	Attendees   []int64 `json:"attendees" validate:"max=400"`
	Count       int     `json:"count" validate:"min=0,max=400"` // heads: the next seats
	ScreeningID int64   `json:"screening_id"`
	Door        string  `json:"door" validate:"max=50"`
}

type undoIn struct {
	Code      string  `json:"code" validate:"required,max=300"`
	Seats     []int64 `json:"seats" validate:"max=400"`
	Attendees []int64 `json:"attendees" validate:"max=400"`
	Reason    string  `json:"reason" validate:"required,plain,max=500"`
}

type walkInIn struct {
	httpapi.Keyed
	httpapi.PathID
	Count       int     `json:"count" validate:"min=0,max=400"`
	Seats       []int64 `json:"seats" validate:"max=400"`
	Wheelchairs int     `json:"wheelchairs" validate:"min=0,max=10"`
	Name        string  `json:"name" validate:"omitempty,plain,max=40"`
	Door        string  `json:"door" validate:"max=50"`
}

type letGoIn struct {
	httpapi.Keyed
	httpapi.PathID
	Bookings []string `json:"bookings" validate:"required,min=1,max=400,dive,max=40"`
	Reason   string   `json:"reason" validate:"required,plain,max=500"`
}

type paperLineIn struct {
	BookingID string  `json:"booking_id" validate:"required,max=40"`
	Attendees []int64 `json:"attendees" validate:"max=400"`
	Count     int     `json:"count" validate:"min=0,max=400"`
	All       bool    `json:"all"`
}

type paperIn struct {
	httpapi.Keyed
	httpapi.PathID
	Lines   []paperLineIn   `json:"lines" validate:"required_without=WalkIns,max=400,dive"`
	WalkIns []paperWalkInIn `json:"walk_ins" validate:"max=100,dive"`
	Came    models.Came     `json:"came" validate:"required,oneof=before half_hour later"`
	Reason  string          `json:"reason" validate:"omitempty,plain,max=500"`
}

// paperWalkInIn is people whom the door let in without a booking.
type paperWalkInIn struct {
	Name  string `json:"name" validate:"omitempty,plain,max=40"`
	Count int    `json:"count" validate:"required,min=1,max=60"`
}

func (in paperIn) list() booking.PaperList {
	out := booking.PaperList{EventID: in.ID, Came: in.Came, Reason: in.Reason, Key: in.Key}
	for _, l := range in.Lines {
		out.Lines = append(out.Lines, booking.PaperLine{BookingID: l.BookingID, Attendees: l.Attendees, Count: l.Count, All: booking.Everybody(l.All)})
	}
	for _, x := range in.WalkIns {
		out.WalkIns = append(out.WalkIns, booking.PaperWalkIn(x))
	}
	return out
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "check-in"
	httpapi.API(r, http.MethodGet, "/api/v1/screenings/:id/door", auth.CheckIn,
		httpapi.Op{Summary: "Bookings and live count at the door, by code, name or phone tail; only=count leaves the bookings out", Tag: tag},
		func(ctx context.Context, a auth.Actor, in doorIn) (doorView, error) {
			if in.Only != "" {
				n, err := s.DoorCount(ctx, a, in.ID)
				return viewDoor(nil, n), err
			}
			_, entries, n, err := s.Door(ctx, a, in.ID, in.Search)
			return viewDoor(entries, n), err
		})
	httpapi.Stream[watchIn, booking.DoorCount](r, "/api/v1/screenings/:id/door/events", auth.CheckIn,
		httpapi.Op{Summary: "The count at the door, told as it changes", Tag: tag, Errors: []*errs.Error{live.ErrClosed}},
		func(ctx context.Context, a auth.Actor, in watchIn) error { return s.mayWatch(ctx, a, in.ID) },
		func(ctx context.Context, _ auth.Actor, in watchIn) (httpapi.Feed, error) {
			return s.live.Watch(ctx, live.Topic{Kind: liveDoor, ID: in.ID}, in.Version)
		})
	refusals := []*errs.Error{booking.ErrUnknownCode, booking.ErrOtherEvent, booking.ErrNotBooked, booking.ErrHeld, booking.ErrUnknownSeat,
		booking.ErrUnknownAttendee, booking.ErrFewerLeft, booking.ErrReleased, booking.ErrDoorEarly,
		booking.ErrDoorOver}
	httpapi.API(r, http.MethodPost, "/api/v1/checkins", auth.CheckIn,
		httpapi.Op{Summary: "Check a party in, or some of its seats, members or heads; a second scan says when and where the first was", Tag: tag, Errors: refusals},
		func(ctx context.Context, a auth.Actor, in scanIn) (booking.Arrivals, error) {
			return s.CheckIn(ctx, a, booking.Scan{Code: in.Code, Nonce: in.Nonce, Seats: in.Seats, Attendees: in.Attendees, Count: in.Count,
				EventID: in.ScreeningID, Door: in.Door})
		})
	httpapi.API(r, http.MethodPost, "/api/v1/checkins/undo", auth.CheckIn,
		httpapi.Op{Summary: "Take a check-in back, with the reason", Tag: tag,
			Errors: []*errs.Error{booking.ErrUnknownCode, booking.ErrNotBooked, booking.ErrNotThere, booking.ErrRecordClosed}},
		func(ctx context.Context, a auth.Actor, in undoIn) (booking.Arrivals, error) {
			return s.UndoCheckIn(ctx, a, booking.Scan{Code: in.Code, Seats: in.Seats, Attendees: in.Attendees}, in.Reason)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/walk-ins", auth.CheckIn,
		httpapi.Op{Summary: "Seat somebody at the door who has not booked, from a quarter of an hour before the start", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{booking.ErrWalkInsLater, booking.ErrFull, booking.ErrSeatTaken, booking.ErrOver, booking.ErrTooMany}},
		func(ctx context.Context, a auth.Actor, in walkInIn) (booking.Arrivals, error) {
			return s.WalkIn(ctx, a, booking.WalkIn{EventID: in.ID, Seats: in.Seats, Party: models.Party{Count: in.Count, Wheelchairs: in.Wheelchairs},
				Name: in.Name, Door: in.Door, Key: in.Key})
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/no-shows", auth.CheckIn,
		httpapi.Op{Summary: "Let the seats go of those who have not come, from ten minutes after the start", Tag: tag,
			Errors: []*errs.Error{booking.ErrReleaseLater, booking.ErrAllHere, booking.ErrDoorOver}},
		func(ctx context.Context, a auth.Actor, in letGoIn) (booking.LetGoes, error) {
			return s.ReleaseNoShows(ctx, a, booking.LettingGo{EventID: in.ID, Bookings: in.Bookings, Reason: in.Reason, Key: in.Key})
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/paper-list", auth.CheckIn,
		httpapi.Op{Summary: "Enter who came by a list on paper, all lines or none, until three days after the end", Tag: tag,
			Errors: []*errs.Error{booking.ErrRecordClosed, booking.ErrDoorEarly, booking.ErrNotBegun, booking.ErrNotBooked, booking.ErrFewerLeft,
				booking.ErrReleased, booking.ErrUnknownAttendee, booking.ErrFull}},
		func(ctx context.Context, a auth.Actor, in paperIn) (booking.PaperEntry, error) {
			return s.EnterPaper(ctx, a, in.list())
		})
}
