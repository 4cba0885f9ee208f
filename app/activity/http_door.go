package activity

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type passIn struct {
	Nonce string             `json:"nonce" validate:"required,max=80"`
	Kind  models.ScanOutcome `json:"kind" validate:"omitempty,oneof=in out walk_in"` // nothing said: in
	Code  string             `json:"code" validate:"max=20"`
	Heads int                `json:"heads" validate:"min=0,max=200"` // nothing said: all of the party
	At    *models.Instant    `json:"at"`
}

type batchIn struct {
	Device    string   `json:"device" validate:"required,max=80"`
	SessionID int64    `json:"session_id" validate:"required"`
	Scans     []passIn `json:"scans" validate:"required,max=500,dive"`
	Signature string   `json:"signature" validate:"max=200"` // of a device that has taken a list along
}

func (in batchIn) batch() Batch {
	b := Batch{Device: in.Device, SessionID: in.SessionID, Signature: in.Signature}
	for _, p := range in.Scans {
		b.Passes = append(b.Passes, Pass{Nonce: p.Nonce, Kind: orElse(p.Kind, models.ScanIn), Code: p.Code, Heads: p.Heads, At: or(p.At)})
	}
	return b
}

type scanView struct {
	Nonce   string             `json:"nonce"`
	Outcome models.ScanOutcome `json:"outcome" validate:"oneof=in out again double walk_in full late unknown"`
	Name    string             `json:"name,omitempty"`
	Party   int                `json:"party"`
	Heads   int                `json:"heads"` // counted by this scan
	Device  string             `json:"device"`
	At      models.Instant     `json:"at"`
	First   *firstView         `json:"first"` // the scan that came before, of a double one
}

type firstView struct {
	Nonce  string         `json:"nonce"`
	Device string         `json:"device"`
	At     models.Instant `json:"at"`
}

type batchView struct {
	Items    []scanView `json:"items"`
	Arrived  int        `json:"arrived"`
	Expected int        `json:"expected"`
}

type lendIn struct {
	Device    string `json:"device" validate:"required,max=80"`
	SessionID int64  `json:"session_id" validate:"required"`
	PublicKey string `json:"public_key" validate:"required,max=400"` // SPKI, base64, P-256
	Places    int    `json:"places" validate:"min=0,max=50"`
}

type expectedView struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Party int    `json:"party"`
	In    int    `json:"in"`
}

type lentView struct {
	SessionID int64          `json:"session_id"`
	Title     string         `json:"title"`
	Until     models.Instant `json:"until"`
	Places    int            `json:"places"` // for people who come without a sign-up
	Used      int            `json:"used"`
	People    []expectedView `json:"people"`
	Arrived   int            `json:"arrived"`
	Expected  int            `json:"expected"`
}

func (s *Service) doorRoutes(r *httpapi.Router) {
	const tag = "check-in"
	httpapi.API(r, http.MethodPost, "/api/v1/checkins/batch", auth.CheckIn,
		httpapi.Op{Summary: "Scans of a device, also long after they were made; each counts once by its nonce", Tag: tag,
			Errors: []*errs.Error{ErrSignature, booking.ErrDoorEarly, booking.ErrRecordClosed}},
		func(ctx context.Context, a auth.Actor, in batchIn) (batchView, error) {
			seen, n, err := s.Admit(ctx, a, in.batch())
			out := batchView{Items: make([]scanView, len(seen)), Arrived: n.Arrived, Expected: n.Expected}
			for i, x := range seen {
				out.Items[i] = scanView{Nonce: x.Nonce, Outcome: x.Outcome, Name: x.Name, Party: x.Party, Heads: x.Heads, Device: x.Device, At: x.At}
				if x.First != nil {
					out.Items[i].First = &firstView{x.First.Nonce, x.First.Device, x.First.At}
				}
			}
			return out, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/checkins/leases", auth.CheckIn,
		httpapi.Op{Summary: "Take the list of a session along for two hours, with some places for walk-ins", Tag: tag, Errors: []*errs.Error{ErrSignature}},
		func(ctx context.Context, a auth.Actor, in lendIn) (lentView, error) {
			l, err := s.Lend(ctx, a, in.SessionID, in.Device, in.PublicKey, in.Places)
			out := lentView{SessionID: in.SessionID, Title: l.Title, Until: l.Lease.UntilAt, Places: l.Lease.Places, Used: l.Lease.Used, People: []expectedView{},
				Arrived: l.Count.Arrived, Expected: l.Count.Expected}
			for _, p := range l.People {
				out.People = append(out.People, expectedView{p.Code, p.Name, p.Party, p.In})
			}
			return out, err
		})
}
