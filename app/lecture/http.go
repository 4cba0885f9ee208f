package lecture

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

type pathID struct {
	ID string `path:"id" json:"-"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "lectures"
	httpapi.API(r, http.MethodGet, "/api/v1/teams", auth.Public,
		httpapi.Op{Summary: "Lecture and volunteer teams with their topics, audiences and hours", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in teamsIn) (list.Of[teamView], error) {
			all, err := s.Teams(ctx, TeamFilter{Kind: in.Kind, Category: in.Category, Topic: in.Topic})
			return pageOf(in.Query, all, viewTeam), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/topics", auth.Public,
		httpapi.Op{Summary: "The menu: what can be ordered, of one community when org_id is given; q in Chinese or in pinyin initials", Tag: tag, Errors: []*errs.Error{errs.ErrInvalid}},
		func(ctx context.Context, _ auth.Actor, in topicsIn) (list.Of[topicView], error) {
			l, err := s.Topics(ctx, Menu{Query: in.Query, Search: in.Search, Audience: in.Audience, OrgID: in.OrgID, Category: in.Category})
			return list.Map(l, viewTopic), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders", auth.SignedIn,
		httpapi.Op{Summary: "Order a topic, or a wish that is on no menu; the answer says until when it is reviewed", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrNoTopic, ErrPast, booking.ErrDeskOnly, idem.ErrReused, ErrNotNow, errs.ErrNotFound, errRoomClosed, ErrRoomLent}},
		func(ctx context.Context, a auth.Actor, in placeIn) (orderView, error) {
			o, err := s.Place(ctx, a, in.ask())
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/lecture-orders", auth.SignedIn,
		httpapi.Op{Summary: "The orders that the caller may see, the last first; mine: the caller's own alone", Tag: tag},
		func(ctx context.Context, a auth.Actor, in ordersIn) (list.Of[orderView], error) {
			l, err := s.Orders(ctx, a, Shelf(in))
			return list.Map(l, func(o Order) orderView { return viewOrder(a, o) }), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/lecture-orders/:id", auth.SignedIn,
		httpapi.Op{Summary: "One order. The address is there for the team on duty and whoever gave it, for nobody else", Tag: tag},
		func(ctx context.Context, a auth.Actor, in pathID) (orderView, error) {
			o, err := s.Get(ctx, a, in.ID)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/lecture-orders/:id/suggestions", auth.LectureRead,
		httpapi.Op{Summary: "The teams for an order, the best first, with the reasons; then those that cannot come, with what hinders them", Tag: tag},
		func(ctx context.Context, a auth.Actor, in pathID) (suggestionsView, error) {
			all, err := s.Suggestions(ctx, a, in.ID)
			out := suggestionsView{Items: make([]suggestionView, len(all))}
			for i, x := range all {
				out.Items[i] = viewSuggestion(x)
			}
			return out, err
		})
	s.staffRoutes(r, tag)
	s.teamRoutes(r, tag)
	s.ownerRoutes(r, tag)
	s.wishRoutes(r, tag)
	s.keeperRoutes(r, tag)
}

// errRoomClosed is what the rooms refuse with; see their ErrClosedThen. Features do
// not import one another, and the document names it all the same.
var errRoomClosed = errs.New(errs.Conflict, "room.closed_then")

func (s *Service) staffRoutes(r *httpapi.Router, tag string) {
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/dispatch", auth.LectureDispatch,
		httpapi.Op{Summary: "Ask a team, all that could come, or the one whose turn it is; what was only handed in is reviewed by it", Tag: tag,
			Errors: []*errs.Error{ErrNotNow, ErrNoTeam, ErrTeamCannot, ErrNoTopic, ErrPast}},
		func(ctx context.Context, a auth.Actor, in dispatchIn) (orderView, error) {
			o, err := s.Dispatch(ctx, a, in.ID, Dispatching{Mode: in.Mode, TeamID: in.TeamID, Start: in.StartsAt, Topic: in.TopicID})
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/return", auth.LectureDispatch,
		httpapi.Op{Summary: "Give an order back to whoever ordered, with the reason; its clock stands meanwhile", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrReason}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (orderView, error) {
			o, err := s.Return(ctx, a, in.ID, in.Reason)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/approve", auth.LectureDispatch,
		httpapi.Op{Summary: "End the review; topic_id is the line of the menu that a wish turns out to be", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrNoTopic}},
		func(ctx context.Context, a auth.Actor, in approveIn) (orderView, error) {
			o, err := s.Approve(ctx, a, in.ID, in.TopicID)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/lecture-orders/:id/similar", auth.LectureDispatch,
		httpapi.Op{Summary: "The orders that one could be merged into, with what they have in common and what not", Tag: tag},
		func(ctx context.Context, a auth.Actor, in pathID) (similarView, error) {
			all, err := s.Similar(ctx, a, in.ID)
			return viewSimilar(a, all), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/merge", auth.LectureDispatch,
		httpapi.Op{Summary: "Put an order to another that is judged alike: one session for both, with the topic, time and place of that one; everybody concerned is told", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrNotSimilar}},
		func(ctx context.Context, a auth.Actor, in mergeIn) (orderView, error) {
			o, err := s.Merge(ctx, a, in.ID, in.Into)
			return viewOrder(a, o), err
		})
}

func (s *Service) teamRoutes(r *httpapi.Router, tag string) {
	offers := []*errs.Error{ErrOfferLost, ErrOfferLapsed, ErrOfferOver, ErrTeamCannot, booking.ErrResourceTaken, errRoomClosed}
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/accept", auth.LectureServe,
		httpapi.Op{Summary: "The team's yes: team, room and time are taken together, or none; of an open offer the first has it", Tag: tag, Limit: httpapi.LimitBooking, Errors: offers},
		func(ctx context.Context, a auth.Actor, in pathID) (orderView, error) {
			o, err := s.Accept(ctx, a, in.ID)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/decline", auth.LectureServe,
		httpapi.Op{Summary: "The team's no, and the next is asked; of what it had accepted, giving back with the reason", Tag: tag, Errors: append([]*errs.Error{ErrReason}, offers...)},
		func(ctx context.Context, a auth.Actor, in maybeReasonIn) (orderView, error) {
			o, err := s.Decline(ctx, a, in.ID, in.Reason)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/propose", auth.LectureServe,
		httpapi.Op{Summary: "Another time at which the team would come; staff decide", Tag: tag, Errors: append([]*errs.Error{ErrPast}, offers...)},
		func(ctx context.Context, a auth.Actor, in proposeIn) (orderView, error) {
			o, err := s.Propose(ctx, a, in.ID, in.StartsAt, in.Reason)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/start", auth.LectureServe,
		httpapi.Op{Summary: "Mark the begin of the session", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrTooEarly}},
		func(ctx context.Context, a auth.Actor, in pathID) (orderView, error) {
			o, err := s.Start(ctx, a, in.ID)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/finish", auth.LectureServe,
		httpapi.Op{Summary: "Mark its end, with how many came; whoever ordered is asked to rate", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrTooEarly}},
		func(ctx context.Context, a auth.Actor, in finishIn) (orderView, error) {
			o, err := s.Finish(ctx, a, in.ID, in.delivered())
			return viewOrder(a, o), err
		})
}

func (s *Service) ownerRoutes(r *httpapi.Router, tag string) {
	httpapi.API(r, http.MethodPut, "/api/v1/lecture-orders/:id", auth.SignedIn,
		httpapi.Op{Summary: "Change a draft or a returned order and hand it in, unless draft; an address and a number that are left out stay", Tag: tag,
			Errors: []*errs.Error{ErrNotNow, ErrNoTopic, ErrPast, errRoomClosed, ErrRoomLent}},
		func(ctx context.Context, a auth.Actor, in reviseIn) (orderView, error) {
			o, err := s.Revise(ctx, a, in.ID, in.ask())
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/submit", auth.SignedIn,
		httpapi.Op{Summary: "Hand a draft in, or a returned order again, with other times if they are given", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrPast}},
		func(ctx context.Context, a auth.Actor, in submitIn) (orderView, error) {
			o, err := s.Send(ctx, a, in.ID, in.times())
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/rate", auth.SignedIn,
		httpapi.Op{Summary: "One of three faces, and words if one likes: 3 good, 2 so-so, 1 not good", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrRateOver, ErrRated}},
		func(ctx context.Context, a auth.Actor, in rateIn) (orderView, error) {
			o, err := s.Rate(ctx, a, in.ID, Opinion{in.Face, in.Text})
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/cancel", auth.SignedIn,
		httpapi.Op{Summary: "End an order before it is delivered; staff give a reason", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrReason}},
		func(ctx context.Context, a auth.Actor, in cancelIn) (orderView, error) {
			o, err := s.Cancel(ctx, a, in.ID, in.Reason, in.Channel)
			return viewOrder(a, o), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/lecture-orders/:id/reopen", auth.SignedIn,
		httpapi.Op{Summary: "Open a closed order again within seven days, with a reason and new times", Tag: tag, Errors: []*errs.Error{ErrNotNow, ErrReason, ErrReopenOver, ErrPast}},
		func(ctx context.Context, a auth.Actor, in reopenIn) (orderView, error) {
			o, err := s.Reopen(ctx, a, in.ID, in.Reason, in.times())
			return viewOrder(a, o), err
		})
}

// pageOf cuts a short list that was read whole into its page.
func pageOf[A, B any](q list.Query, all []A, view func(A) B) list.Of[B] {
	_, size, offset := q.Window()
	from := min(offset, len(all))
	part := all[from:min(from+size, len(all))]
	out := make([]B, len(part))
	for i, x := range part {
		out[i] = view(x)
	}
	return list.New(q, out, int64(len(all)))
}

type ordersIn struct {
	list.Query
	Mine  bool                `query:"mine"`
	State models.LectureState `query:"state" validate:"omitempty,oneof=draft submitted returned merged to_dispatch dispatched escalated accepted in_service to_rate closed cancelled"`
}

type teamsIn struct {
	list.Query
	Kind     models.LectureTeamKind `query:"kind" validate:"omitempty,oneof=lecture volunteer"`
	Category string                 `query:"category" validate:"max=40"`
	Topic    int64                  `query:"topic_id"`
}

type topicsIn struct {
	list.Query
	Search   string                 `query:"q" validate:"max=50"`
	Audience models.LectureAudience `query:"audience" validate:"omitempty,oneof=old young party resident worker"`
	OrgID    int64                  `query:"org_id"`
	Category string                 `query:"category" validate:"max=40"`
}
