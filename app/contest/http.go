package contest

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
)

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "contests"
	httpapi.API(r, http.MethodGet, "/api/v1/contests", auth.Public, httpapi.Op{Summary: "Contests that are on, the next first; all with all=true", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in listIn) (list.Of[contestView], error) {
			l, err := s.List(ctx, Filter{Query: in.Query, History: in.All})
			return list.Map(l, s.view), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id", auth.Public, httpapi.Op{Summary: "A contest with divisions, places, times and rounds", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byContest) (contestView, error) {
			c, err := s.Get(ctx, in.ID)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests", auth.ContestWrite,
		httpapi.Op{Summary: "Announce a contest; its times are taken and its places opened, or nothing", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrResourceTaken, errs.ErrForbidden, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in createIn) (contestView, error) {
			c, err := s.Create(ctx, a, in.plan(), in.Key)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/move", auth.ContestWrite,
		httpapi.Op{Summary: "Move a day in one step, to another place if need be; every team is told, and a partner who lends the place is asked anew", Tag: tag, Errors: []*errs.Error{booking.ErrResourceTaken, ErrNothingThere, ErrBegun, ErrOver, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in moveIn) (contestView, error) {
			c, err := s.MoveDay(ctx, a, in.ID, Move{in.From, in.To, in.Place, in.Resources, in.Reason})
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/cancel", auth.ContestWrite, httpapi.Op{Summary: "Call a contest off; every team is told", Tag: tag, Errors: []*errs.Error{ErrOver, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in callOffIn) (contestView, error) {
			c, err := s.CallOff(ctx, a, in.ID, in.Reason)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/order", auth.Public, httpapi.Op{Summary: "The rounds with who appears in them, in order", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byContest) (ordersView, error) {
			_, rounds, err := s.RoundsOf(ctx, in.ID)
			v := ordersView{Items: []orderView{}}
			for _, x := range rounds {
				v.Items = append(v.Items, viewOrder(x))
			}
			return v, err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/contests/:id", auth.ContestWrite,
		httpapi.Op{Summary: "Write an announced contest anew: texts, end of entries, places and bounds of its divisions", Tag: tag,
			Errors: []*errs.Error{ErrOver, ErrBreaks, booking.ErrPlaces, errs.ErrForbidden, errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in changeIn) (contestView, error) {
			c, err := s.Change(ctx, a, in.ID, in.changes())
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/slots", auth.ContestWrite,
		httpapi.Op{Summary: "One more time: on stage, or a rehearsal of everybody's or of one entry; what it needs is taken, whom it concerns is told", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{booking.ErrResourceTaken, ErrOver, errs.ErrForbidden, errs.ErrNotFound, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in addSlotIn) (contestView, error) {
			c, err := s.AddSlot(ctx, a, in.ID, in.plan(in.Entry), in.Key)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/slots/:slot/cancel", auth.ContestWrite,
		httpapi.Op{Summary: "Give a time back in which no round is held", Tag: tag, Errors: []*errs.Error{ErrSlotUsed, ErrBegun, ErrOver, errs.ErrForbidden, errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in dropSlotIn) (contestView, error) {
			c, err := s.DropSlot(ctx, a, in.ID, in.Slot, in.Reason)
			return s.view(c), err
		})
	s.entryRoutes(r)
	s.drawRoutes(r)
}

func (s *Service) advanceRoutes(r *httpapi.Router) {
	const tag = "contests"
	faults := []*errs.Error{ErrNoFinal, ErrNoResult, errs.ErrForbidden, errs.ErrNotFound}
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/rounds/:round/qualifiers", auth.ContestRead,
		httpapi.Op{Summary: "Who goes on from a heat by its public result", Tag: tag, Errors: faults},
		func(ctx context.Context, a auth.Actor, in byRound) (qualifiersView, error) {
			q, err := s.Qualifiers(ctx, a, in.ID, in.Round)
			return viewQualifying(q), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/rounds/:round/advance", auth.ContestDraw,
		httpapi.Op{Summary: "Make them the list of the final; their leaders are told", Tag: tag, Errors: append(faults, ErrOrdered, ErrOver)},
		func(ctx context.Context, a auth.Actor, in byRound) (qualifiersView, error) {
			q, err := s.Advance(ctx, a, in.ID, in.Round)
			return viewQualifying(q), err
		})
}

func (s *Service) entryRoutes(r *httpapi.Router) {
	const tag = "contest entries"
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/entries", auth.SignedIn,
		httpapi.Op{Summary: "Enter a team; it has a place, to be approved, or joins the waiting list", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrNotYet, ErrOwner, ErrClosed, ErrRoster, ErrPerTeam, ErrWaits, booking.ErrDeskOnly, booking.ErrListFull, booking.ErrListEnded, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in enterIn) (entryView, error) {
			e, err := s.Enter(ctx, a, in.ID, in.form(), in.Key)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/entries", auth.ContestRead, httpapi.Op{Summary: "All entries by number, for the staff of the contest", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in byContest) (entriesView, error) {
			_, all, err := s.Entries(ctx, a, in.ID)
			v := entriesView{Items: []entryView{}}
			for _, e := range all {
				v.Items = append(v.Items, viewEntry(e))
			}
			return v, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/entries/:entry", auth.SignedIn, httpapi.Op{Summary: "One entry, for its leader, the desk and the staff of the contest", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in byUID) (entryView, error) {
			e, err := s.Entry(ctx, a, in.UID)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/entries/:entry", auth.SignedIn,
		httpapi.Op{Summary: "Mend an entry before entries close; one that was returned waits for the yes again", Tag: tag, Errors: []*errs.Error{ErrClosed, ErrEntryState, ErrRoster, ErrPerTeam, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in mendIn) (entryView, error) {
			e, err := s.Mend(ctx, a, in.UID, in.form())
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/decide", auth.ContestDecide,
		httpapi.Op{Summary: "Approve, return or decline, the last two with a reason; an approval books what the team borrows", Tag: tag, Errors: []*errs.Error{ErrEntryState, ErrOver, booking.ErrResourceTaken, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in decideIn) (entryView, error) {
			e, err := s.Decide(ctx, a, in.UID, in.To, in.Reason)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/substitute", auth.SignedIn,
		httpapi.Op{Summary: "A substitute appears instead of a member, until the round begins", Tag: tag, Errors: []*errs.Error{ErrBegun, ErrEntryState, ErrRoster, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in substituteIn) (entryView, error) {
			e, err := s.Substitute(ctx, a, in.UID, in.Out, in.In)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/withdraw", auth.SignedIn,
		httpapi.Op{Summary: "Take an entry back; its place goes to the waiting list", Tag: tag, Errors: []*errs.Error{ErrEntryState, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in withdrawIn) (entryView, error) {
			e, err := s.Withdraw(ctx, a, in.UID, in.Reason)
			return viewEntry(e), err
		})
}

func (s *Service) drawRoutes(r *httpapi.Router) {
	const tag = "draws"
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/draws", auth.ContestDraw,
		httpapi.Op{Summary: "Freeze a round's list and publish list hash, commitment and conditions", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{ErrUndecided, ErrNoList, ErrRoundState, ErrOver, draw.ErrOpen, draw.ErrAgain, draw.ErrImpossible, draw.ErrRare, draw.ErrCrossing, errs.ErrForbidden, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in drawIn) (draw.File, error) {
			d, err := s.Draw(ctx, a, in.ID, DrawPlan{in.RoundID, in.Tie, in.Groups, in.Community, in.Team, in.Value, in.Note, in.Due, in.Reason}, in.Key)
			return d.File(), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/draws/:draw/reveal", auth.ContestDraw,
		httpapi.Op{Summary: "Enter the public value; the secret is revealed and the order computed in the same step", Tag: tag,
			Errors: []*errs.Error{draw.ErrEnded, draw.ErrLate, ErrRoundState, ErrOver, errs.ErrForbidden, errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in revealIn) (draw.File, error) {
			d, err := s.Reveal(ctx, a, in.ID, in.Draw, in.value())
			return d.File(), err
		})
	s.advanceRoutes(r)
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/draws/:draw", auth.Public, httpapi.Op{Summary: "All that a replay needs", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byDraw) (draw.File, error) {
			d, err := s.DrawOf(ctx, in.ID, in.Draw)
			return d.File(), err
		})
}
