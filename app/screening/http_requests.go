package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type hallWishIn struct {
	httpapi.Keyed
	FilmID    int64          `json:"film_id" validate:"required"`
	HallID    int64          `json:"hall_id"`
	OrgID     int64          `json:"org_id"`
	StartsAt  models.Instant `json:"starts_at" validate:"required"`
	Headcount int            `json:"headcount" validate:"required,min=1,max=2000"`
	Purpose   string         `json:"purpose" validate:"required,plain,max=500"`
	Oath      bool           `json:"oath"`
	Channel   models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type requestView struct {
	ID         int64                    `json:"id"`
	FilmID     int64                    `json:"film_id"`
	Film       string                   `json:"film"`
	Hall       string                   `json:"hall"`
	OrgID      int64                    `json:"org_id"`
	Org        string                   `json:"org"`
	StartsAt   models.Instant           `json:"starts_at"`
	OccupiedTo models.Instant           `json:"occupied_until"`
	Headcount  int                      `json:"headcount"`
	Purpose    string                   `json:"purpose"`
	Oath       bool                     `json:"oath"`
	Status     models.HallRequestStatus `json:"status" validate:"oneof=pending confirming proposed approved declined expired withdrawn"`
	Holds      bool                     `json:"holds"`
	Deadline   models.Instant           `json:"deadline"`
	ProposedAt *models.Instant          `json:"proposed_starts_at"`
	Reason     string                   `json:"reason"`
	Screening  *int64                   `json:"screening_id"`
	Rivals     []Rival                  `json:"rivals"`

	Projectionist string `json:"projectionist"`
	Phone         string `json:"projectionist_phone"`
	Cost          string `json:"cost"` // what the cinema charges and who pays, in words
}

func (s *Service) viewRequest(v RequestView) requestView {
	out := requestView{ID: v.ID, FilmID: v.FilmID, Film: v.FilmTitle, Hall: v.HallName, OrgID: v.OrgID, Org: v.OrgName,
		StartsAt: v.StartsAt, OccupiedTo: v.SpanEnd, Headcount: v.Headcount, Purpose: v.Purpose, Oath: v.Oath, Status: v.Status,
		Holds: v.Holds, Deadline: v.Deadline, Reason: v.Reason, Screening: v.EventID, Rivals: v.Rivals,
		Projectionist: v.Shown.ShownBy, Phone: s.ShownPhone(v.Shown), Cost: v.Shown.ShownCost}
	if !v.ProposedAt.IsZero() {
		out.ProposedAt = &v.ProposedAt
	}
	if out.Rivals == nil {
		out.Rivals = []Rival{}
	}
	return out
}

type requestsIn struct {
	list.Query
	Status models.HallRequestStatus `query:"status" validate:"omitempty,oneof=pending confirming proposed approved declined expired withdrawn"`
}

type approveIn struct {
	httpapi.PathID
	Rivals []int64 `json:"rivals" validate:"max=500"` // what was shown; left out: whatever there is
}

type proposeIn struct {
	httpapi.PathID
	StartsAt models.Instant `json:"starts_at" validate:"required"`
	Reason   string         `json:"reason" validate:"omitempty,plain,max=500"`
}

type whyIn struct {
	httpapi.PathID
	Reason string `json:"reason" validate:"omitempty,plain,max=500"`
}

func (s *Service) requestRoutes(r *httpapi.Router) {
	const tag = "hall requests"
	move := func(summary string, more ...*errs.Error) httpapi.Op {
		return httpapi.Op{Summary: summary, Tag: tag, Errors: append([]*errs.Error{ErrDecided}, more...)}
	}
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests", auth.HallAsk,
		httpapi.Op{Summary: "Ask for the whole hall; the time is held until the deadline shown", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrHallBusy, ErrNotReleased, ErrLicence, ErrPast, ErrFar, ErrHeadcount, ErrWhichBranch, ErrNotBranch, ErrWhichHall, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in hallWishIn) (requestView, error) {
			v, err := s.AskHall(ctx, a, HallWish{in.HallID, in.FilmID, in.OrgID, in.StartsAt, in.Headcount, in.Purpose, WithOath(in.Oath), in.Channel, in.Key})
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/hall-requests", auth.SignedIn, httpapi.Op{Summary: "The requests one may see, newest first", Tag: tag},
		func(ctx context.Context, a auth.Actor, in requestsIn) (list.Of[requestView], error) {
			out, err := s.Requests(ctx, a, in.Query, in.Status)
			return list.Map(out, s.viewRequest), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/hall-requests/:id", auth.SignedIn, httpapi.Op{Summary: "One request and its rivals", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (requestView, error) {
			v, err := s.Request(ctx, a, in.ID)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/approve", auth.HallDecide,
		move("Give the hall to the branch; the rivals are declined. Where the cinema confirms afterwards, it is asked now", ErrRivals, ErrUnconfirmed, ErrHallBusy, ErrNotReleased, ErrLicence, ErrPast),
		func(ctx context.Context, a auth.Actor, in approveIn) (requestView, error) {
			v, err := s.Approve(ctx, a, in.ID, in.Rivals)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/decline", auth.HallDecide,
		move("Refuse, with the reason", ErrReason),
		func(ctx context.Context, a auth.Actor, in reasonIn) (requestView, error) {
			v, err := s.Decline(ctx, a, in.ID, in.Reason)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/propose", auth.HallDecide,
		move("Offer another time, held until the branch answers", ErrHallBusy, ErrNotReleased, ErrLicence, ErrPast, ErrFar),
		func(ctx context.Context, a auth.Actor, in proposeIn) (requestView, error) {
			v, err := s.Propose(ctx, a, in.ID, in.StartsAt, in.Reason)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/accept", auth.HallAnswer,
		move("The branch's yes to the time proposed", ErrHallBusy, ErrNotReleased, ErrLicence, ErrPast),
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (requestView, error) {
			v, err := s.Accept(ctx, a, in.ID)
			return s.viewRequest(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-requests/:id/withdraw", auth.HallAnswer,
		move("The branch ends its own request"),
		func(ctx context.Context, a auth.Actor, in whyIn) (requestView, error) {
			v, err := s.Withdraw(ctx, a, in.ID, in.Reason)
			return s.viewRequest(v), err
		})
}
