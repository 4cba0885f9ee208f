package notify

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

// letterView is a message as programs see it, in the account's language.
type letterView struct {
	ID        int64           `json:"id"`
	Kind      string          `json:"kind"`
	Subject   string          `json:"subject"`
	Title     string          `json:"title"`
	Text      string          `json:"text"`
	Path      string          `json:"path"`
	CreatedAt models.Instant  `json:"created_at"`
	ReadAt    *models.Instant `json:"read_at"`
}

// callView is a line of the call sheet as programs see it.
type callView struct {
	ID     int64           `json:"id"`
	Kind   string          `json:"kind"`
	Name   string          `json:"name"`
	Phone  string          `json:"phone"`
	Org    string          `json:"org"`
	Text   string          `json:"text"`
	Since  models.Instant  `json:"since"`
	DoneAt *models.Instant `json:"done_at"`
	DoneBy string          `json:"done_by"`
}

type byID struct {
	ID int64 `path:"id" json:"-" validate:"min=1"`
}

type callsIn struct {
	list.Query
	State CallState `query:"state" validate:"omitempty,oneof=waiting done"`
}

// Routes declares the API of inbox and call sheet.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/inbox", auth.SignedIn,
		httpapi.Op{Summary: "One's own messages, the newest first", Tag: "notices"},
		func(ctx context.Context, a auth.Actor, in list.Query) (list.Of[letterView], error) {
			l, err := s.Inbox(ctx, a, in)
			return list.Map(l, func(l Letter) letterView { return s.letterView(a, l) }), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/inbox/:id/read", auth.SignedIn,
		httpapi.Op{Summary: "Mark a message as read", Tag: "notices"},
		func(ctx context.Context, a auth.Actor, in byID) (letterView, error) {
			l, err := s.MarkRead(ctx, a, in.ID)
			return s.letterView(a, l), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/callsheet", auth.CallSheetRead,
		httpapi.Op{Summary: "People whom no channel reaches, to be told by phone", Tag: "notices"},
		func(ctx context.Context, a auth.Actor, in callsIn) (list.Of[callView], error) {
			l, err := s.Calls(ctx, a, in.State, in.Query)
			return list.Map(l, func(c Call) callView { return s.callView(a, c) }), err
		})
	// Readers of the sheet include auditors, who change nothing.
	httpapi.API(r, http.MethodPost, "/api/v1/callsheet/:id/done", auth.BookForOthers,
		httpapi.Op{Summary: "Write down that somebody was told by phone", Tag: "notices"},
		func(ctx context.Context, a auth.Actor, in byID) (callView, error) {
			c, err := s.TickCall(ctx, a, in.ID)
			return s.callView(a, c), err
		})
}

func (s *Service) letterView(a auth.Actor, l Letter) letterView {
	w := l.Words(s.frameOf(a))
	return letterView{l.ID, l.Kind, l.Subject, w.Title, w.Text, w.Path, l.CreatedAt, optional(l.ReadAt)}
}

func (s *Service) callView(a auth.Actor, c Call) callView {
	return callView{c.ID, c.Kind, c.Name, c.Phone, c.Org, c.Words(s.frameOf(a)).Text, c.DueAt, optional(c.SentAt), c.DoneBy}
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}
