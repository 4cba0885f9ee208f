package org

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

// orgView is an organisation as programs see it.
type orgView struct {
	ID         int64           `json:"id"`
	ParentID   *int64          `json:"parent_id"`
	Path       string          `json:"path"`
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	Kind       models.OrgKind  `json:"kind"`
	Phone      string          `json:"phone"`
	Address    string          `json:"address"`
	ArchivedAt *models.Instant `json:"archived_at"`
	MergedInto *int64          `json:"merged_into"`
}

type byIDIn struct {
	ID int64 `path:"id" json:"-"`
}

type listIn struct {
	list.Query
	Below int64          `query:"below" validate:"omitempty,min=1"`
	Kind  models.OrgKind `query:"kind" validate:"omitempty,oneof=centre subdistrict station branch partner school team"`
	Q     string         `query:"q" validate:"max=40"`
}

type createIn struct {
	ParentID int64          `json:"parent_id" form:"parent_id" validate:"required,min=1"`
	Code     string         `json:"code" form:"code" validate:"required,max=40"`
	Name     string         `json:"name" form:"name" validate:"required,plain,max=80"`
	Kind     models.OrgKind `json:"kind" form:"kind" validate:"required,oneof=centre subdistrict station branch partner school team"`
	Phone    string         `json:"phone" form:"phone" validate:"max=40"`
	Address  string         `json:"address" form:"address" validate:"max=200"`
}

type changeIn struct {
	byIDIn
	Name    string `json:"name" form:"name" validate:"required,plain,max=80"`
	Phone   string `json:"phone" form:"phone" validate:"max=40"`
	Address string `json:"address" form:"address" validate:"max=200"`
}

type moveIn struct {
	byIDIn
	ParentID int64 `json:"parent_id" form:"parent_id" validate:"required,min=1"`
}

type mergeIn struct {
	byIDIn
	IntoID int64  `json:"into_id" form:"into_id" validate:"required,min=1"`
	Reason string `json:"reason" form:"reason" validate:"required,plain,max=200"`
}

// Routes declares the API of the tree.
func (s *Service) Routes(r *httpapi.Router) {
	op := func(summary string, errors ...*errs.Error) httpapi.Op {
		return httpapi.Op{Summary: summary, Tag: "orgs", Errors: errors}
	}
	httpapi.API(r, http.MethodGet, "/api/v1/orgs", auth.SignedIn, op("Organisations, in tree order"),
		func(ctx context.Context, _ auth.Actor, in listIn) (list.Of[orgView], error) {
			l, err := s.List(ctx, Filter{Query: in.Query, Below: in.Below, Kind: in.Kind, Text: in.Q})
			return list.Map(l, view), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/orgs/:id", auth.SignedIn, op("One organisation"),
		func(ctx context.Context, _ auth.Actor, in byIDIn) (orgView, error) { return shown(s.Get(ctx, in.ID)) })
	create := op("Hang an organisation on the tree", ErrCodeTaken, ErrArchived)
	create.Status = http.StatusCreated
	httpapi.API(r, http.MethodPost, "/api/v1/orgs", auth.OrgWrite, create,
		func(ctx context.Context, a auth.Actor, in createIn) (orgView, error) {
			return shown(s.Create(ctx, a, in.entry()))
		})
	httpapi.API(r, http.MethodPut, "/api/v1/orgs/:id", auth.OrgWrite, op("Rename or re-address an organisation"),
		func(ctx context.Context, a auth.Actor, in changeIn) (orgView, error) {
			return shown(s.Change(ctx, a, in.ID, in.details()))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/orgs/:id/move", auth.OrgWrite,
		op("Move an organisation with all below it; scopes follow at once", ErrCycle, ErrRootMoves, ErrArchived),
		func(ctx context.Context, a auth.Actor, in moveIn) (orgView, error) {
			return shown(s.Move(ctx, a, in.ID, in.ParentID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/orgs/:id/merge", auth.OrgWrite,
		op("Make an organisation part of another of its kind, with all that is its", ErrMergeSelf, ErrMergeKind, ErrRootMoves, ErrArchived),
		func(ctx context.Context, a auth.Actor, in mergeIn) (orgView, error) {
			return shown(s.Merge(ctx, a, in.ID, in.IntoID, in.Reason))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/orgs/:id/archive", auth.OrgWrite, op("Close an organisation with nothing open below it", ErrChildren),
		func(ctx context.Context, a auth.Actor, in byIDIn) (orgView, error) {
			return shown(s.Archive(ctx, a, in.ID))
		})
	s.reopenRoute(r)
}

func (s *Service) reopenRoute(r *httpapi.Router) {
	httpapi.API(r, http.MethodPost, "/api/v1/orgs/:id/reopen", auth.OrgWrite,
		httpapi.Op{Summary: "Open a closed organisation again", Tag: "orgs", Errors: []*errs.Error{ErrArchived, ErrMergedAway}},
		func(ctx context.Context, a auth.Actor, in byIDIn) (orgView, error) {
			return shown(s.Reopen(ctx, a, in.ID))
		})
}

func shown(o models.Org, err error) (orgView, error) {
	if err != nil {
		return orgView{}, err
	}
	return view(o), nil
}

func view(o models.Org) orgView {
	v := orgView{ID: o.ID, ParentID: o.ParentID, Path: o.Path, Code: o.Code, Name: o.Name, Kind: o.Kind, Phone: o.Phone, Address: o.Address, MergedInto: o.MergedInto}
	if !o.ArchivedAt.IsZero() {
		v.ArchivedAt = &o.ArchivedAt
	}
	return v
}

func (in createIn) entry() Entry {
	return Entry{ParentID: &in.ParentID, Code: in.Code, Name: in.Name, Kind: in.Kind, Phone: in.Phone, Address: in.Address}
}

func (in changeIn) details() Details {
	return Details{Name: in.Name, Phone: in.Phone, Address: in.Address}
}
