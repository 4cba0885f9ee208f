package audit

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

// lineView is a line of the log as programs see it.
type lineView struct {
	ID          int64          `json:"id"`
	At          models.Instant `json:"at"`
	ActorID     int64          `json:"actor_id"`
	Actor       string         `json:"actor"`
	PersonID    *int64         `json:"person_id"`
	Channel     models.Channel `json:"channel"`
	Action      string         `json:"action"`
	SubjectKind string         `json:"subject_kind"`
	SubjectID   string         `json:"subject_id"`
	OrgID       *int64         `json:"org_id"`
	Before      string         `json:"before"`
	After       string         `json:"after"`
	Reason      string         `json:"reason"`
	RequestID   string         `json:"request_id"`
}

type listIn struct {
	list.Query
	From        models.Instant `query:"from"`
	To          models.Instant `query:"to"`
	Actor       string         `query:"actor" validate:"max=80"`
	Action      string         `query:"action" validate:"max=80"`
	SubjectKind string         `query:"subject_kind" validate:"max=40"`
	SubjectID   string         `query:"subject_id" validate:"max=80"`
	PersonID    int64          `query:"person_id"`
}

// Routes declares the API of the log; there is none to change it.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/audit", auth.AuditRead,
		httpapi.Op{Summary: "The audit log, the newest line first; an action that ends in a dot means all of its kind", Tag: "audit"},
		func(ctx context.Context, a auth.Actor, in listIn) (list.Of[lineView], error) {
			l, err := s.List(ctx, a, Filter{Query: in.Query, From: in.From, To: in.To, Actor: in.Actor, Action: in.Action,
				SubjectKind: in.SubjectKind, SubjectID: in.SubjectID, Person: in.PersonID})
			return list.Map(l, view), err
		})
}

func view(l Line) lineView {
	return lineView{l.ID, l.At, l.ActorID, l.Actor, l.PersonID, l.Channel, l.Action, l.SubjectKind, l.SubjectID, l.OrgID,
		l.Before, l.After, l.Reason, l.RequestID}
}
