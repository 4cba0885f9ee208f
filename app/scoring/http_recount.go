package scoring

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

// Recount is a round's results with all that computing them again needs, as the API
// gives it and "youyue contest verify" reads it. Entries and judges are numbers in
// it; entries have them on the board too.
type Recount struct {
	RoundID int64           `json:"round_id"`
	Contest string          `json:"contest"`
	Title   string          `json:"title"`
	State   string          `json:"state" validate:"oneof=provisional final"`
	Results []RecountResult `json:"results"` // the last one counts
}

// RecountResult is a result beside what it was made from: the canonical texts, and
// the SHA-256 of each in lower-case hex.
type RecountResult struct {
	Number     int            `json:"number"`
	Why        string         `json:"why"` // freeze, lots, protest:12
	MadeAt     models.Instant `json:"made_at"`
	Input      string         `json:"input"` // the rule, then judges, entries, recusals and marks, one fact a line
	InputHash  string         `json:"input_hash"`
	Result     string         `json:"result"`
	ResultHash string         `json:"result_hash"`
}

func (s *Service) recountRoute(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/rounds/:id/result", auth.Public,
		httpapi.Op{Summary: "The results of a round once they are provisional, with the input that anyone can compute them from again", Tag: "scoring",
			Errors: []*errs.Error{ErrState, errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byID) (Recount, error) { return s.Recount(ctx, in.ID) })
}

// Recount returns a round's results from the freezing of the marks on; ErrState until
// the first place is released.
func (s *Service) Recount(ctx context.Context, roundID int64) (f Recount, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		if r.State != models.PanelProvisional && r.State != models.PanelFinal {
			return ErrState.With("state", string(r.State))
		}
		f = Recount{RoundID: r.RoundID, Contest: r.Contest, Title: r.Title, State: string(r.State), Results: []RecountResult{}}
		all, err := resultsOf(tx, roundID)
		for _, x := range all {
			if !x.MadeAt.Before(r.FrozenAt) { // one that was thawed was never released
				f.Results = append(f.Results, RecountResult{x.Number, x.Why, x.MadeAt, x.Input, x.InputHash, x.Document, x.ResultHash})
			}
		}
		return err
	})
	return f, err
}

// Verify computes every result of a file again.
func (f Recount) Verify() (out []Checked) {
	for _, x := range f.Results {
		out = append(out, again(Checked{RoundID: f.RoundID, Title: f.Title, Number: x.Number, Why: x.Why, InputHash: x.InputHash, ResultHash: x.ResultHash},
			x.Input, x.Result))
	}
	return out
}
