package lecture

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type wishView struct {
	ID        int64                  `json:"id"`
	OrgID     int64                  `json:"org_id"`
	Org       string                 `json:"org"`
	Text      string                 `json:"text"`
	Audience  models.LectureAudience `json:"audience"`
	Name      string                 `json:"name"`
	Channel   models.Channel         `json:"channel" validate:"oneof=online phone window visit"`
	State     models.WishState       `json:"state" validate:"oneof=open ordered merged closed"`
	Same      int                    `json:"same"` // wishes that were merged into it
	CreatedAt models.Instant         `json:"created_at"`
}

func viewWish(w Wish) wishView {
	return wishView{w.ID, w.OrgID, w.OrgName, w.Text, w.Audience, w.Name, w.Channel, w.State, w.Same, w.CreatedAt}
}

type wishIn struct {
	OrgID    int64                  `json:"org_id" validate:"required"`
	Text     string                 `json:"text" validate:"required,plain,max=200"`
	Audience models.LectureAudience `json:"audience" validate:"required,oneof=old young party resident worker"`
	Caller   *callerIn              `json:"caller"`
	Channel  models.Channel         `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type pathWish struct {
	ID int64 `path:"id" json:"-"`
}

type mergeWishIn struct {
	pathWish
	Into int64 `json:"into" validate:"required"`
}

type closeWishIn struct {
	pathWish
	Reason string `json:"reason" validate:"required,plain,max=500"`
}

func (s *Service) wishRoutes(r *httpapi.Router, tag string) {
	httpapi.API(r, http.MethodGet, "/api/v1/lecture-wishes", auth.LectureRead,
		httpapi.Op{Summary: "The wish list: what is on no menu and waits, the oldest first", Tag: tag},
		func(ctx context.Context, a auth.Actor, q list.Query) (list.Of[wishView], error) {
			all, err := s.Wishes(ctx, a)
			for i := range all {
				if !a.CanAt(auth.LectureDispatch, all[i].OrgPath) {
					all[i].Name = s.Mask(all[i].Name)
				}
			}
			return pageOf(q, all, viewWish), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-wishes", auth.SignedIn,
		httpapi.Op{Summary: "Wish for something that is on no menu. Staff turn it into an order with wish_id of POST /lecture-orders, merge it or end it", Tag: tag,
			Status: http.StatusCreated, Limit: httpapi.LimitBooking, Errors: []*errs.Error{booking.ErrDeskOnly}},
		func(ctx context.Context, a auth.Actor, in wishIn) (wishView, error) {
			x := WishAsk{OrgID: in.OrgID, Text: in.Text, Audience: in.Audience, Whom: Whom{Channel: in.Channel}}
			if in.Caller != nil {
				x.Whom.Caller = booking.Caller{Name: in.Caller.Name, Phone: in.Caller.Phone}
			}
			w, err := s.AddWish(ctx, a, x)
			return viewWish(w), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-wishes/:id/merge", auth.LectureDispatch,
		httpapi.Op{Summary: "Put a wish to one that asks for the same; what becomes of that one is told to both", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrNotNow}},
		func(ctx context.Context, a auth.Actor, in mergeWishIn) (httpapi.None, error) {
			return httpapi.None{}, s.MergeWish(ctx, a, in.ID, in.Into)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-wishes/:id/close", auth.LectureDispatch,
		httpapi.Op{Summary: "End a wish that cannot be met, with the reason, which who wished hears", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrNotNow, ErrReason}},
		func(ctx context.Context, a auth.Actor, in closeWishIn) (httpapi.None, error) {
			return httpapi.None{}, s.CloseWish(ctx, a, in.ID, in.Reason)
		})
}
