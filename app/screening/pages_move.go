package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// ticketMove is what the page of a ticket says of a screening that was moved: its
// people come all the same, or give their seats back, in one press.
type ticketMove struct {
	Text  string
	Keep  string // where one press says so; "" when the reader cannot
	Leave string // where one press gives back; "" when it is too late
	Ask   bool   // giving back is asked about first: a whole hall, or for somebody else
}

// movedText tells of a move; nil for a screening that was not moved, or is over.
func (s *Service) movedText(ctx context.Context, w web.Words, a auth.Actor, t Ticket) (*ticketMove, error) {
	var m Moved
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { m, err = movedFrom(tx, t.EventID); return err })
	if err != nil || m.From.IsZero() || t.CreatedAt.After(m.At) || !s.alive(t) || !t.StartsAt.After(s.db.Now()) {
		return nil, err
	}
	key := "ticket.moved"
	if m.Why == "" {
		key += ".no_reason"
	}
	out := &ticketMove{Text: w.T(key, "from", m.From, "to", t.StartsAt, "reason", m.Why), Ask: t.Whole || onBehalf(a, t)}
	if owns(a, t) || desksFor(a, t) {
		out.Keep = ticketPath(t.ID) + "/keep"
		if desksFor(a, t) || s.db.Now().Before(t.CancelUntil) {
			out.Leave = ticketPath(t.ID) + "/cancel"
		}
	}
	return out, nil
}

func (s *Service) keepForm(ctx context.Context, a auth.Actor, in httpapi.PathUUID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	if err := s.Keep(ctx, a, in.ID); err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.SeeOther(ticketPath(in.ID), "ticket.kept", nil), nil
}

// also says what else the party of a ticket has at that time.
func (s *Service) also(ctx context.Context, w web.Words, t Ticket) (out []string, err error) {
	if !s.alive(t) {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		found, err := booking.Elsewhere(tx, s.diary, t.ID, t.HolderID, t.PersonID, models.Span{Start: t.StartsAt, End: t.EndsAt})
		for _, e := range found {
			out = append(out, w.T("booking.also", "title", e.Title, "at", e.StartsAt))
		}
		return err
	})
	return out, err
}
