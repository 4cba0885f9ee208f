package activity

import (
	"context"
	"net/http"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type callerIn struct {
	Name  string `json:"name" validate:"omitempty,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
}

type signupIn struct {
	httpapi.Keyed
	byID
	Party     int               `json:"party" validate:"required,min=1,max=200"`
	SessionID int64             `json:"session_id"` // nothing said: the next that can be joined
	PersonID  int64             `json:"person_id"`
	Caller    callerIn          `json:"caller"`
	Channel   models.Channel    `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack  bool              `json:"read_back"`
	Age       int               `json:"age" validate:"min=0,max=120"`
	Guardian  string            `json:"guardian" validate:"omitempty,plain,max=40"` // who agrees, for a child under fourteen
	PickUp    string            `json:"pick_up" validate:"omitempty,plain,max=40"`  // who fetches it
	Address   string            `json:"address" validate:"omitempty,plain,max=120"`
	Answers   map[string]string `json:"answers"` // by question id
}

func (in signupIn) wish() Wish {
	w := Wish{ActivityID: in.ID, SessionID: in.SessionID, Party: in.Party, Age: in.Age, Guardian: in.Guardian, PickUp: in.PickUp, Address: in.Address,
		Whom:     booking.Whom{PersonID: in.PersonID, Caller: booking.Caller(in.Caller), Channel: in.Channel},
		ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key, Answers: map[int64]string{}}
	for k, v := range in.Answers {
		if id, err := strconv.ParseInt(k, 10, 64); err == nil {
			w.Answers[id] = v
		}
	}
	return w
}

type overlapView struct {
	Title    string         `json:"title"`
	Place    string         `json:"place"`
	StartsAt models.Instant `json:"starts_at"`
	EndsAt   models.Instant `json:"ends_at"`
}

type signedView struct {
	ID       string              `json:"id"`
	Status   models.SignupStatus `json:"status" validate:"oneof=confirmed waiting offered entered asked cancelled attended no_show"`
	Party    int                 `json:"party"`
	Code     string              `json:"code,omitempty"` // read out at the door, once confirmed
	Ahead    int                 `json:"ahead"`          // parties before it, while it waits
	Overlaps []overlapView       `json:"overlaps"`       // what its party has at the same time
}

func viewSigned(x Signed) signedView {
	v := signedView{ID: x.ID, Status: x.Status, Party: x.Party, Code: x.Code, Ahead: x.Ahead, Overlaps: []overlapView{}}
	for _, c := range x.Overlaps {
		v.Overlaps = append(v.Overlaps, overlapView{c.Title, c.Place, c.StartsAt, c.EndsAt})
	}
	return v
}

type signupView struct {
	ID         string              `json:"id"`
	ActivityID int64               `json:"activity_id"`
	Title      string              `json:"title"`
	StartsAt   models.Instant      `json:"starts_at"`
	EndsAt     models.Instant      `json:"ends_at"`
	Place      string              `json:"place"`
	Status     models.SignupStatus `json:"status" validate:"oneof=confirmed waiting offered entered asked cancelled attended no_show"`
	Party      int                 `json:"party"`
	Name       string              `json:"name"`
	PersonID   *int64              `json:"person_id"`
	Code       string              `json:"code,omitempty"`
	Ahead      int                 `json:"ahead"`
	Deadline   *models.Instant     `json:"deadline"`                                                      // of an offer
	Coming     models.Coming       `json:"coming,omitempty" validate:"omitempty,oneof=open comes leaves"` // what its party says since a session was moved or cancelled; nothing: not asked
	CreatedAt  models.Instant      `json:"created_at"`
}

func viewSignup(r SignupRow) signupView {
	v := signupView{ID: r.UID, ActivityID: r.ActivityID, Title: r.Title, StartsAt: r.StartsAt, EndsAt: r.EndsAt, Place: r.Place, Status: r.Stands(), Party: r.Party,
		Name: r.Name, PersonID: r.PersonID, Code: r.Code, Ahead: r.Ahead, Coming: r.Coming(), CreatedAt: r.CreatedAt}
	if v.Status == models.SignupOffered {
		v.Deadline = &r.Deadline
	}
	return v
}

type signupsView struct {
	Items []signupView `json:"items"`
}

type signupsIn struct {
	list.Query
	byID
}

type cancelIn struct {
	byUID
	Reason  string         `json:"reason" validate:"omitempty,plain,max=500"`
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

func (s *Service) signupRoutes(r *httpapi.Router) {
	const tag = "sign-ups"
	late := []*errs.Error{booking.ErrCancelLate, booking.ErrNotBooked, booking.ErrArrived, booking.ErrOfferTaken}
	httpapi.API(r, http.MethodGet, "/api/v1/signups", auth.SignedIn, httpapi.Op{Summary: "One's own sign-ups, the next first", Tag: tag},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (signupsView, error) {
			all, err := s.Mine(ctx, a, false)
			out := signupsView{Items: make([]signupView, len(all))}
			for i, x := range all {
				out.Items[i] = viewSignup(x)
			}
			return out, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/signups/:id", auth.SignedIn, httpapi.Op{Summary: "One sign-up", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byUID) (signupView, error) {
			x, err := s.Signup(ctx, a, in.ID)
			return viewSignup(x), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/signups/:id/cancel", auth.SignedIn,
		httpapi.Op{Summary: "Give a sign-up back; its places go to who waits", Tag: tag, Errors: late},
		func(ctx context.Context, a auth.Actor, in cancelIn) (signupView, error) {
			x, err := s.Cancel(ctx, a, in.ID, in.Reason, in.Channel)
			return viewSignup(x), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/signups/:id/keep", auth.SignedIn,
		httpapi.Op{Summary: "Say that one comes all the same after a session was moved or cancelled", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byUID) (signupView, error) {
			x, err := s.Keep(ctx, a, in.ID)
			return viewSignup(x), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/activities/:id/signups", auth.BookingRead,
		httpapi.Op{Summary: "Who signed up, session by session in the order in which they came, for its staff", Tag: tag},
		func(ctx context.Context, a auth.Actor, in signupsIn) (list.Of[signupView], error) {
			all, err := s.Signups(ctx, a, in.ID, in.Query)
			return list.Map(all, viewSignup), err
		})
	for _, x := range []struct {
		reply   Reply
		summary string
	}{{Accept, "Take the places that are offered"}, {Decline, "Let the next in order have them"}} {
		httpapi.API(r, http.MethodPost, "/api/v1/signups/:id/"+string(x.reply), auth.SignedIn,
			httpapi.Op{Summary: x.summary, Tag: tag, Errors: []*errs.Error{booking.ErrOfferLapsed, booking.ErrOfferOver, booking.ErrOfferTaken, booking.ErrNotWaiting, booking.ErrOver}},
			func(ctx context.Context, a auth.Actor, in byUID) (signupView, error) {
				r, err := s.Answer(ctx, a, in.ID, x.reply)
				return viewSignup(r), err
			})
	}
}
