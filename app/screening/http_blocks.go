package screening

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

type blockIn struct {
	httpapi.Keyed
	ScreeningID int64          `json:"screening_id" validate:"required"`
	Count       int            `json:"count" validate:"required,min=1,max=400"`
	Preference  models.Zone    `json:"preference" validate:"omitempty,oneof=front middle back"`
	OrgID       int64          `json:"org_id"`
	Note        string         `json:"note" validate:"omitempty,plain,max=500"`
	Channel     models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type blockView struct {
	ID          int64              `json:"id"`
	ScreeningID int64              `json:"screening_id"`
	Film        string             `json:"film"`
	Hall        string             `json:"hall"`
	StartsAt    models.Instant     `json:"starts_at"`
	OrgID       int64              `json:"org_id"`
	Org         string             `json:"org"`
	Count       int                `json:"count"`
	Seats       []booking.SeatRef  `json:"seats"` // held, or what was held
	Note        string             `json:"note"`
	Status      models.BlockStatus `json:"status" validate:"oneof=pending approved declined expired withdrawn"`
	Deadline    models.Instant     `json:"deadline"`
	Reason      string             `json:"reason"`
	BookingID   string             `json:"booking_id"`
}

func viewBlock(v BlockView) blockView {
	if v.Held == nil {
		v.Held = []booking.SeatRef{}
	}
	return blockView{ID: v.ID, ScreeningID: v.EventID, Film: v.FilmTitle, Hall: v.HallName, StartsAt: v.StartsAt, OrgID: v.OrgID, Org: v.OrgName,
		Count: v.Seats, Seats: v.Held, Note: v.Note, Status: v.Status, Deadline: v.Deadline, Reason: v.Reason, BookingID: v.BookingID}
}

type blocksIn struct {
	list.Query
	Status models.BlockStatus `query:"status" validate:"omitempty,oneof=pending approved declined expired withdrawn"`
}

func (s *Service) blockRoutes(r *httpapi.Router) {
	const tag = "block requests"
	httpapi.API(r, http.MethodPost, "/api/v1/block-requests", auth.HallAsk,
		httpapi.Op{Summary: "Ask for many seats together; they are held until the deadline shown", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrFull, booking.ErrNotYet, booking.ErrClosed, booking.ErrOver, ErrBlockCap, ErrWhichBranch, ErrNotBranch, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in blockIn) (blockView, error) {
			v, err := s.AskBlock(ctx, a, BlockWish{in.ScreeningID, in.Count, in.Preference, in.OrgID, in.Note, in.Channel, in.Key})
			return viewBlock(v), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/block-requests", auth.SignedIn, httpapi.Op{Summary: "The block requests one may see, newest first", Tag: tag},
		func(ctx context.Context, a auth.Actor, in blocksIn) (list.Of[blockView], error) {
			out, err := s.Blocks(ctx, a, BlockShelf{Query: in.Query, Status: in.Status})
			return list.Map(out, viewBlock), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/block-requests/:id", auth.SignedIn, httpapi.Op{Summary: "One block request and its seats", Tag: tag},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (blockView, error) {
			v, err := s.Block(ctx, a, in.ID)
			return viewBlock(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/block-requests/:id/approve", auth.HallDecide,
		httpapi.Op{Summary: "The held seats become a booking of the branch", Tag: tag, Errors: []*errs.Error{ErrBlockDecided, booking.ErrOver}},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (blockView, error) {
			v, err := s.ApproveBlock(ctx, a, in.ID)
			return viewBlock(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/block-requests/:id/decline", auth.HallDecide,
		httpapi.Op{Summary: "Refuse, with the reason; the seats are free at once", Tag: tag, Errors: []*errs.Error{ErrBlockDecided, ErrReason}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (blockView, error) {
			v, err := s.DeclineBlock(ctx, a, in.ID, in.Reason)
			return viewBlock(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/block-requests/:id/withdraw", auth.HallAnswer,
		httpapi.Op{Summary: "The branch ends its own request; the seats are free at once", Tag: tag, Errors: []*errs.Error{ErrBlockDecided}},
		func(ctx context.Context, a auth.Actor, in whyIn) (blockView, error) {
			v, err := s.WithdrawBlock(ctx, a, in.ID, in.Reason)
			return viewBlock(v), err
		})
}
