package activity

import (
	"context"
	"encoding/base64"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/models"
)

type importIn struct {
	OrgID  int64  `json:"org_id" validate:"required"`
	Year   int    `json:"year" validate:"required,min=2000,max=2100"`
	Text   string `json:"text" validate:"max=200000"`  // pasted from a sheet: tabs and lines
	File   string `json:"file" validate:"max=3000000"` // or a workbook, base64
	Digest string `json:"digest" validate:"max=64"`    // what the preview said; empty only looks
	Note   string `json:"note" validate:"omitempty,plain,max=120"`
}

type cellFault struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Fault  string `json:"fault"`
}

type cellChange struct {
	Service string `json:"service"`
	Month   int    `json:"month"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

type importView struct {
	ListID   int64        `json:"list_id"` // 0: nothing was written
	Written  bool         `json:"written"`
	Services int          `json:"services"`
	Cells    int          `json:"cells"`
	Changes  []cellChange `json:"changes"`
	Faults   []cellFault  `json:"faults"`
	Digest   string       `json:"digest"`
}

type boardIn struct {
	OrgID int64 `query:"org_id" validate:"required"`
	Year  int   `query:"year" validate:"required,min=2000,max=2100"`
}

type boardCell struct {
	ID         int64            `json:"id"`
	Month      int              `json:"month"`
	What       string           `json:"what"`
	Times      int              `json:"times"`
	State      models.CellState `json:"state" validate:"oneof=planned due done slipping"`
	Activities []int64          `json:"activities"`
}

type boardRow struct {
	Service string              `json:"service"`
	Kind    models.ActivityKind `json:"kind"`
	Cells   []boardCell         `json:"cells"`
}

type boardView struct {
	ListID int64      `json:"list_id"`
	Org    string     `json:"org"`
	Year   int        `json:"year"`
	Rows   []boardRow `json:"rows"`
}

func (s *Service) serviceRoutes(r *httpapi.Router) {
	const tag = "service lists"
	httpapi.API(r, http.MethodPost, "/api/v1/service-lists/import", auth.ActivityWrite,
		httpapi.Op{Summary: "A year's service list: without a digest a preview, with it all or nothing", Tag: tag, Errors: []*errs.Error{ErrCells, ErrCellsChanged}},
		func(ctx context.Context, a auth.Actor, in importIn) (importView, error) {
			return s.importing(ctx, a, in)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/service-lists", auth.Public, httpapi.Op{Summary: "The board of a station's services for a year", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in boardIn) (boardView, error) {
			b, err := s.ServiceBoard(ctx, in.OrgID, in.Year)
			out := boardView{ListID: b.ListID, Org: b.OrgName, Year: b.Year, Rows: []boardRow{}}
			for _, x := range b.Rows {
				row := boardRow{Service: x.Service, Kind: x.Kind, Cells: []boardCell{}}
				for _, c := range x.Months {
					if c != nil {
						row.Cells = append(row.Cells, boardCell{c.ID, c.Month, c.What, c.Times, c.State, append([]int64{}, c.Activities...)})
					}
				}
				out.Rows = append(out.Rows, row)
			}
			return out, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/service-lists/roll-back", auth.ActivityWrite,
		httpapi.Op{Summary: "Bring the list before the current one to life again", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrNoEarlier}},
		func(ctx context.Context, a auth.Actor, in rollBackIn) (httpapi.None, error) {
			return httpapi.None{}, s.RollBack(ctx, a, in.OrgID, in.Year)
		})
}

type talkIn struct {
	httpapi.Keyed
	byID
	Heads int `json:"heads" validate:"required,min=1,max=1000"`
}

type talkView struct {
	ID    string `json:"id"` // of the order, see /api/v1/lecture-orders/{id}
	Title string `json:"title"`
	Held  bool   `json:"held"`
}

type cellView struct {
	ID         int64            `json:"id"`
	Service    string           `json:"service"`
	Month      int              `json:"month"`
	What       string           `json:"what"`
	Times      int              `json:"times"`
	Held       int              `json:"held"` // how often it has been done
	State      models.CellState `json:"state" validate:"oneof=planned due done slipping"`
	Activities []int64          `json:"activities"`
	Talks      []talkView       `json:"talks"`
}

func (s *Service) viewCell(c Cell) cellView {
	v := cellView{ID: c.ID, Service: c.Service, Month: c.Month, What: c.What, Times: c.Times, Held: c.Held, Activities: []int64{}, Talks: []talkView{},
		State: c.State(c.Year, models.DayOf(s.DB.Now(), s.Zone), c.Held)}
	for _, x := range c.Activities {
		v.Activities = append(v.Activities, x.ID)
	}
	for _, x := range c.Talks {
		v.Talks = append(v.Talks, talkView{x.ID, x.Title, x.Held})
	}
	return v
}

// cellRoutes declares what becomes of a month of a service.
func (s *Service) cellRoutes(r *httpapi.Router) {
	const tag = "service lists"
	httpapi.API(r, http.MethodGet, "/api/v1/service-cells/:id", auth.Public, httpapi.Op{Summary: "A month of a service with what was made of it", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (cellView, error) {
			c, err := s.Cell(ctx, in.ID)
			return s.viewCell(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/service-cells/:id/talks", auth.ActivityWrite,
		httpapi.Op{Summary: "Order a lecture for it, on any day that is left of the month", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrMonthOver, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in talkIn) (cellView, error) {
			if _, err := s.OrderTalk(ctx, a, in.ID, in.Heads, in.Key); err != nil {
				return cellView{}, err
			}
			c, err := s.Cell(ctx, in.ID)
			return s.viewCell(c), err
		})
}

type rollBackIn struct {
	OrgID int64 `json:"org_id" validate:"required"`
	Year  int   `json:"year" validate:"required,min=2000,max=2100"`
}

// importing reads a sheet in either form. Faults are an answer while looking, a
// refusal when it was to be written.
func (s *Service) importing(ctx context.Context, a auth.Actor, in importIn) (importView, error) {
	text := in.Text
	if in.File != "" {
		raw, err := base64.StdEncoding.DecodeString(in.File)
		if err != nil {
			return importView{}, errs.FieldFault("file", "other")
		}
		if text, err = sheetText(raw); err != nil {
			return importView{}, err
		}
	}
	got, err := s.ImportServices(ctx, a, Import{OrgID: in.OrgID, Year: in.Year, Text: text, Digest: in.Digest, Note: in.Note})
	out := importView{ListID: got.ListID, Written: got.ListID != 0, Services: got.Services, Cells: got.Cells, Changes: []cellChange{}, Faults: []cellFault{}, Digest: got.Digest}
	for _, c := range got.Changes {
		out.Changes = append(out.Changes, cellChange(c))
	}
	for _, f := range got.Faults {
		out.Faults = append(out.Faults, cellFault{f.Line, f.Column, f.Words(httpapi.Lang(ctx))})
	}
	if err == nil && in.Digest != "" && len(out.Faults) > 0 {
		err = ErrCells.With("count", len(out.Faults)).Add("faults", out.Faults)
	}
	return out, err
}
