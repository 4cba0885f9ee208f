package scoring

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/live"
	"youyue/models"
)

type byID struct {
	ID int64 `path:"id" json:"-"`
}

type putIn struct {
	byID
	RoundID int64          `json:"round_id" validate:"required"`
	EntryID int64          `json:"entry_id" validate:"required"`
	Marks   map[string]int `json:"marks" validate:"required,max=8"`
	JudgeID int64          `json:"judge_id"`                                  // the chief's correction of another judge
	Version int            `json:"version" validate:"min=0"`                  // that was read, for a correction
	Reason  string         `json:"reason" validate:"omitempty,plain,max=200"` // of a correction
}

type scoreView struct {
	RoundID int64          `json:"round_id"`
	EntryID int64          `json:"entry_id"`
	JudgeID int64          `json:"judge_id"`
	Version int            `json:"version"`
	Marks   map[string]int `json:"marks"`
	Total   string         `json:"total"`
	SentAt  models.Instant `json:"sent_at"`
	Outcome Outcome        `json:"outcome" validate:"oneof=saved same older"`
}

type resultsView struct {
	ContestID int64   `json:"contest_id"`
	Rounds    []Board `json:"rounds"`
}

type protestIn struct {
	byID
	httpapi.Keyed
	RoundID int64  `json:"round_id" validate:"required"`
	EntryID int64  `json:"entry_id" validate:"required"`
	Text    string `json:"text" validate:"required,max=1000"`
}

type protestView struct {
	ID      int64               `json:"id"`
	RoundID int64               `json:"round_id"`
	EntryID int64               `json:"entry_id"`
	State   models.ProtestState `json:"state" validate:"oneof=filed upheld dismissed"`
	FiledAt models.Instant      `json:"filed_at"`
}

type ruleIn struct {
	byID
	Document string `json:"document" validate:"required,max=20000"`
}

type ruleView struct {
	ID       int64  `json:"id"`
	Version  int    `json:"version"`
	Name     string `json:"name"`
	Document string `json:"document"`
	Hash     string `json:"hash"`
}

type watchIn struct {
	byID
	httpapi.Seen
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "scoring"
	httpapi.API(r, http.MethodPut, "/api/v1/contests/:id/scores", auth.ContestScore,
		httpapi.Op{Summary: "Marks of one entry, in hundredths by criterion, from a seat on the panel (the private link's token as bearer). " +
			"Sent again they are answered as they stand; other marks are a correction, which the chief alone sends, with reason and version", Tag: tag,
			Errors: []*errs.Error{ErrNoSeat, ErrNotOpen, ErrFrozen, ErrForeignEntry, ErrRecused, ErrSent, ErrStale, ErrOnlyChief, ErrMarkFirst}}, s.putScore)
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/results", auth.Public,
		httpapi.Op{Summary: "The rounds of a contest: how many judges have scored each entry, and the places that are released", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (resultsView, error) {
			all, err := s.Results(ctx, in.ID)
			return resultsView{in.ID, all}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/protests", auth.SignedIn,
		httpapi.Op{Summary: "Protest against a provisional result, for an entry that one leads", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrNoProtest, ErrNotYourEntry, ErrForeignEntry, ErrProtestWaits, idem.ErrReused}}, s.postProtest)
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/rules", auth.ContestJury,
		httpapi.Op{Summary: "Keep a rule document as the contest's next version; every fault is named", Tag: tag, Status: http.StatusCreated, Errors: []*errs.Error{ErrRule}},
		func(ctx context.Context, a auth.Actor, in ruleIn) (ruleView, error) {
			v, err := s.SaveRule(ctx, a, in.ID, in.Document)
			return ruleView{v.ID, v.Version, v.Name, v.Document, v.Hash}, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/rounds/:id/board", auth.Public,
		httpapi.Op{Summary: "The board of a round: who is on the stage, who is next, how late it is, how many have scored", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (Board, error) { return s.Board(ctx, in.ID) })
	s.recountRoute(r)
	httpapi.Stream[watchIn, Board](r, "/api/v1/rounds/:id/events", auth.Public,
		httpapi.Op{Summary: "The board of a round, told as it changes", Tag: tag, Errors: []*errs.Error{live.ErrClosed}}, nil,
		func(ctx context.Context, _ auth.Actor, in watchIn) (httpapi.Feed, error) {
			return s.Live.Watch(ctx, live.Topic{Kind: liveBoard, ID: in.ID}, in.Version)
		})
}

func (s *Service) putScore(ctx context.Context, a auth.Actor, in putIn) (scoreView, error) {
	x, err := s.take(ctx, a, Sent{ContestID: in.ID, RoundID: in.RoundID, EntryID: in.EntryID, JudgeID: in.JudgeID, Version: in.Version, Marks: in.Marks, Reason: in.Reason})
	return scoreView{x.RoundID, x.EntryID, x.JudgeID, x.Version, x.Sheet(), x.Total, x.SentAt, x.Outcome}, err
}

func (s *Service) postProtest(ctx context.Context, a auth.Actor, in protestIn) (protestView, error) {
	p, err := s.Protest(ctx, a, Filing{ContestID: in.ID, RoundID: in.RoundID, EntryID: in.EntryID, Text: in.Text, Key: in.Key})
	return protestView{p.ID, p.RoundID, p.EntryID, p.State, p.FiledAt}, err
}
