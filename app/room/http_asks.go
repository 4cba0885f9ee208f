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

type askTimeView struct {
	ID        int64           `json:"id"`
	RoomID    int64           `json:"room_id"`
	Room      string          `json:"room"`
	Start     models.Instant  `json:"start"`
	End       models.Instant  `json:"end"`
	State     models.AskState `json:"state" validate:"oneof=wanted given refused lapsed withdrawn"`
	Reason    string          `json:"reason,omitempty"`
	DecidedAt *models.Instant `json:"decided_at"`
}

type askView struct {
	ID       int64          `json:"id"`
	Kind     string         `json:"kind"` // the kernel's source: "activity", "contest"
	Title    string         `json:"title"`
	OrgID    int64          `json:"org_id"` // who asks
	Org      string         `json:"org"`
	VenueID  int64          `json:"venue_id"`
	Venue    string         `json:"venue"`
	OwnerID  int64          `json:"owner_id"` // the partner
	Owner    string         `json:"owner"`
	Deadline models.Instant `json:"deadline"`
	Waiting  int            `json:"waiting"` // how many times still wait
	Times    []askTimeView  `json:"times"`
}

func (s *Service) viewAsk(k Ask) askView {
	out := askView{ID: k.ID, Kind: k.SourceKind, Title: k.Title, OrgID: k.OrgID, Org: k.Org, VenueID: k.VenueID, Venue: k.Venue, OwnerID: k.OwnerID, Owner: k.Owner,
		Deadline: k.Deadline, Waiting: len(k.Waiting(s.db.Now())), Times: make([]askTimeView, len(k.Times))}
	for i, t := range k.Times {
		out.Times[i] = askTimeView{t.ID, t.RoomID, t.Title(), t.StartsAt, t.EndsAt, t.State, t.Reason, moment(t.DecidedAt)}
	}
	return out
}

type asksIn struct {
	list.Query
	Whose string `query:"whose" validate:"omitempty,oneof=decide all"`
}

type approveAskIn struct {
	byIDIn
	Times []int64 `json:"times" validate:"max=500"` // by id; left out: all that wait
}

type declineAskIn struct {
	byIDIn
	Times  []int64 `json:"times" validate:"max=500"`
	Reason string  `json:"reason" validate:"required,plain,max=500"`
}

func (s *Service) askRoutes(r *httpapi.Router) {
	const tag = "room asks"
	one := func(k Ask, err error) (askView, error) { return s.viewAsk(k), err }
	httpapi.API(r, http.MethodGet, "/api/v1/room-asks", auth.RoomRead,
		httpapi.Op{Summary: "What partners are asked for who lend their places to activities and contests: what waits for one's answer, or all that one may see with whose=all", Tag: tag},
		func(ctx context.Context, a auth.Actor, in asksIn) (list.Of[askView], error) {
			out, err := s.Asks(ctx, a, AskQuery{in.Query, in.Whose == "all"})
			return list.Map(out, s.viewAsk), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/room-asks/:id", auth.RoomRead, httpapi.Op{Summary: "One ask with its times", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byIDIn) (askView, error) { return one(s.Ask(ctx, a, in.ID)) })
	httpapi.API(r, http.MethodPost, "/api/v1/room-asks/:id/approve", auth.RoomAnswer,
		httpapi.Op{Summary: "The partner's yes, to all times that wait or to some", Tag: tag, Errors: []*errs.Error{ErrDecided}},
		func(ctx context.Context, a auth.Actor, in approveAskIn) (askView, error) {
			return one(s.AnswerAsk(ctx, a, AskRuling{ID: in.ID, Yes: true, Times: in.Times}))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/room-asks/:id/decline", auth.RoomAnswer,
		httpapi.Op{Summary: "The partner's no with the reason, to all times that wait or to some; the time is given back", Tag: tag, Errors: []*errs.Error{ErrDecided}},
		func(ctx context.Context, a auth.Actor, in declineAskIn) (askView, error) {
			return one(s.AnswerAsk(ctx, a, AskRuling{ID: in.ID, Times: in.Times, Reason: in.Reason}))
		})
}
