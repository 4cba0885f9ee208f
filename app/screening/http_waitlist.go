package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/models"
)

type joinIn struct {
	httpapi.Keyed
	httpapi.PathID
	Count       int            `json:"count" validate:"required,min=1,max=400"`
	Preference  models.Zone    `json:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool           `json:"aisle"`
	Wheelchairs int            `json:"wheelchairs" validate:"min=0,max=10"`
	Companions  int            `json:"companions" validate:"min=0,max=10"`
	PersonID    int64          `json:"person_id"`
	OrgID       int64          `json:"org_id"`
	Caller      callerIn       `json:"caller"`
	Channel     models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack    bool           `json:"read_back"`
}

func (in joinIn) wish() Wish {
	return bookIn{Keyed: in.Keyed, PathID: in.PathID, Count: in.Count, Preference: in.Preference, Aisle: in.Aisle, Wheelchairs: in.Wheelchairs,
		Companions: in.Companions, PersonID: in.PersonID, OrgID: in.OrgID, Caller: in.Caller, Channel: in.Channel, ReadBack: in.ReadBack}.wish()
}

type waitView struct {
	ID          int64             `json:"id"`
	ScreeningID int64             `json:"screening_id"`
	Title       string            `json:"title"`
	Hall        string            `json:"hall"`
	StartsAt    models.Instant    `json:"starts_at"`
	Count       int               `json:"count"`
	Name        string            `json:"name"`
	Channel     models.Channel    `json:"channel"`
	State       models.WaitState  `json:"state" validate:"oneof=waiting offered taken declined expired left closed"`
	Position    int               `json:"position"` // 1 is first; 0 when it waits no longer
	Ahead       int               `json:"ahead"`    // parties before it
	Passed      int               `json:"passed"`   // offers that went to later, smaller parties
	Seats       []booking.SeatRef `json:"seats"`    // offered, or taken
	Deadline    *models.Instant   `json:"deadline,omitempty"`
	BookingID   *string           `json:"booking_id,omitempty"` // once the offer is accepted
	Code        string            `json:"code,omitempty"`
	JoinedAt    models.Instant    `json:"joined_at"`
}

func viewWait(w Wait) waitView {
	v := waitView{ID: w.ID, ScreeningID: w.EventID, Title: w.Title, Hall: w.HallName, StartsAt: w.StartsAt, Count: w.Party, Name: w.Name,
		Channel: w.Channel, State: w.State, Ahead: w.Ahead, Passed: w.Passed, Seats: w.Seats, JoinedAt: w.CreatedAt}
	switch w.State {
	case models.Waiting:
		v.Position = w.Ahead + 1
	case models.WaitOffered:
		v.Deadline = &w.Deadline
	case models.WaitTaken:
		v.BookingID, v.Code = w.BookingID, w.Code
	case models.WaitDeclined, models.WaitExpired, models.WaitLeft, models.WaitClosed:
	}
	return v
}

func viewWaits(all []Wait) waitsView {
	out := waitsView{Items: make([]waitView, len(all))}
	for i, w := range all {
		out.Items[i] = viewWait(w)
	}
	return out
}

type waitsView struct {
	Items []waitView `json:"items"`
}

type answerIn struct {
	httpapi.PathID
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type fewerIn struct {
	httpapi.PathID
	Count int `json:"count" validate:"required,min=1,max=400"`
}

type moveIn struct {
	httpapi.PathID
	Direction booking.Direction `json:"direction" validate:"required,oneof=up down"`
	Reason    string            `json:"reason" validate:"required,plain,max=500"`
}

type byToken struct {
	Token string `path:"token" json:"-"`
}

func (s *Service) waitRoutes(r *httpapi.Router) {
	const tag = "waiting lists"
	answers := []*errs.Error{booking.ErrOfferLapsed, booking.ErrOfferOver, booking.ErrOfferTaken, booking.ErrNotWaiting, booking.ErrOver}
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/waitlist", auth.SignedIn,
		httpapi.Op{Summary: "Wait for seats for a whole party; who waits already gets that entry back", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrSeatsThere, booking.ErrNeverFits, booking.ErrListEnded, booking.ErrListFull, booking.ErrNotYet, booking.ErrClosed,
				booking.ErrOver, booking.ErrBranchesOnly, booking.ErrTooMany, ErrNoList, ErrWhichBranch, ErrNotBranch, booking.ErrDeskOnly, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in joinIn) (waitView, error) {
			w, err := s.Join(ctx, a, in.wish())
			return viewWait(w), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/screenings/:id/waitlist", auth.BookingRead,
		httpapi.Op{Summary: "Who waits, in order, then who has an offer; for the staff of the hall", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (waitsView, error) {
			_, all, err := s.List(ctx, a, in.ID)
			return viewWaits(all), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/waitlist", auth.SignedIn, httpapi.Op{Summary: "Where one waits, or has an offer", Tag: tag},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (waitsView, error) {
			all, err := s.Waits(ctx, a, 0)
			return viewWaits(all), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/waitlist/:id", auth.SignedIn, httpapi.Op{Summary: "One entry with its position", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (waitView, error) {
			w, err := s.Wait(ctx, a, in.ID)
			return viewWait(w), err
		})
	for _, x := range []struct {
		reply   Reply
		summary string
	}{{ReplyAccept, "Take the seats of an offer"}, {ReplyDecline, "Let the next in order have them"}, {ReplyLeave, "Wait no longer"}} {
		httpapi.API(r, http.MethodPost, "/api/v1/waitlist/:id/"+string(x.reply), auth.SignedIn, httpapi.Op{Summary: x.summary, Tag: tag, Errors: answers},
			func(ctx context.Context, a auth.Actor, in answerIn) (waitView, error) {
				w, err := s.Answer(ctx, a, in.ID, x.reply, in.Channel)
				return viewWait(w), err
			})
	}
	httpapi.API(r, http.MethodPost, "/api/v1/waitlist/:id/count", auth.SignedIn,
		httpapi.Op{Summary: "Make a waiting party smaller; it keeps its place", Tag: tag, Errors: []*errs.Error{booking.ErrOnlyFewer, booking.ErrNotWaiting}},
		func(ctx context.Context, a auth.Actor, in fewerIn) (waitView, error) {
			w, err := s.Fewer(ctx, a, in.ID, in.Count)
			return viewWait(w), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/waitlist/:id/move", auth.ScreeningWrite,
		httpapi.Op{Summary: "Change the order by hand, with the reason", Tag: tag, Errors: []*errs.Error{booking.ErrNoReason, booking.ErrNotWaiting}},
		func(ctx context.Context, a auth.Actor, in moveIn) (waitView, error) {
			w, err := s.MoveWait(ctx, a, in.ID, in.Direction, in.Reason)
			return viewWait(w), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/offers/:token", auth.Public, httpapi.Op{Summary: "What is offered, and until when; changes nothing", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byToken) (waitView, error) {
			w, err := s.Offer(ctx, in.Token)
			return viewWait(w), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/offers/:token/accept", auth.Public,
		httpapi.Op{Summary: "Take the seats; again it answers the same", Tag: tag, Limit: httpapi.LimitBooking, Errors: answers},
		func(ctx context.Context, _ auth.Actor, in byToken) (waitView, error) {
			w, err := s.AnswerOffer(ctx, in.Token, ReplyAccept)
			return viewWait(w), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/offers/:token/decline", auth.Public,
		httpapi.Op{Summary: "Let the next in order have the seats", Tag: tag, Limit: httpapi.LimitBooking, Errors: answers},
		func(ctx context.Context, _ auth.Actor, in byToken) (waitView, error) {
			w, err := s.AnswerOffer(ctx, in.Token, ReplyDecline)
			return viewWait(w), err
		})
}
