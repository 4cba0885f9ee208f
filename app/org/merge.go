package org

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// What a merge is refused for.
var (
	ErrMergeSelf   = errs.New(errs.Conflict, "org.merge_self")  // into itself, or into what is below it
	ErrMergeKind   = errs.New(errs.Conflict, "org.merge_kind")  // a branch becomes part of a branch, a station of a station
	ErrMergeReason = errs.New(errs.Invalid, "org.merge_reason") // two units become one by somebody's decision, which is to be named
)

// reference is a column of any feature that names an organisation. All of them
// follow when two become one; a test holds the list to the schema. The audit log
// stays as it was written, and so do draws: whose they were is published. In only,
// {into} is the organisation that goes on.
type reference struct{ table, column, only string }

var references = []reference{
	{"people", "org_id", ""}, {"resources", "org_id", ""}, {"events", "org_id", ""}, {"bookings", "org_id", ""},
	{"screenings", "branch_org_id", ""}, {"hall_requests", "org_id", ""}, {"block_requests", "org_id", ""}, {"waitlist_entries", "org_id", ""},
	{"venues", "org_id", ""}, {"venues", "owner_id", ""}, {"room_bookings", "org_id", ""}, {"room_series", "org_id", ""},
	{"owner_asks", "owner_id", ""}, {"owner_asks", "org_id", ""},
	// An organisation has one team, and one service list a year: where both have, the
	// closed one keeps its own, to be looked up.
	{"lecture_teams", "org_id", " AND NOT EXISTS (SELECT 1 FROM lecture_teams x WHERE x.org_id = {into})"}, {"lecture_teams", "area_id", ""}, {"lecture_topics", "org_id", ""}, {"lecture_wishes", "org_id", ""},
	{"lecture_orders", "org_id", ""}, {"lecture_orders", "for_org_id", ""},
	{"contests", "org_id", ""}, {"contest_entries", "org_id", ""},
	{"judged_contests", "org_id", ""}, {"judged_acts", "org_id", ""}, {"judges", "org_id", ""},
	{"activities", "org_id", ""}, {"activity_signups", "org_id", ""}, {"pauses", "org_id", ""}, {"event_shares", "org_id", ""},
	{"service_lists", "org_id", " AND (ended_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM service_lists x WHERE x.org_id = {into} AND x.year = service_lists.year AND x.ended_at IS NULL))"},
	{"feeds", "target_id", " AND kind = 'branch'"}, // a calendar that is subscribed to goes on
}

// Merge makes an organisation part of another of its kind: what hangs below it,
// its people, roles, places, bookings and requests are the other's from now on,
// and it is closed. Closed under its code it still says where it went. The actor
// needs OrgWrite at both. It returns ErrMergeSelf, ErrMergeKind, ErrMergeReason,
// ErrRootMoves, ErrArchived or errs.ErrForbidden.
func (s *Service) Merge(ctx context.Context, a auth.Actor, id, into int64, reason string) (models.Org, error) {
	if reason == "" {
		return models.Org{}, ErrMergeReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	return s.on(ctx, a, id, func(tx *db.Tx, o *models.Org) error {
		to, err := mayMerge(tx, a, *o, into, tx.ForUpdate())
		if err != nil {
			return err
		}
		if err := s.absorb(tx, *o, to); err != nil {
			return fmt.Errorf("merge %s into %s: %w", o.Code, to.Code, err)
		}
		o.ArchivedAt, o.MergedInto = tx.Now(), &to.ID
		return record(tx, a, "org.merge", *o, o.Path, to.Path, reason)
	})
}

// mayMerge returns the organisation that o is to become part of, or why it cannot.
func mayMerge(tx *db.Tx, a auth.Actor, o models.Org, into int64, lock string) (models.Org, error) {
	to, err := byID(tx, into, lock)
	switch {
	case errors.Is(err, errs.ErrNotFound):
		err = errs.FieldFault("into_id", "unknown")
	case err != nil:
	case !a.CanAt(auth.OrgWrite, to.Path):
		err = errs.ErrForbidden
	case o.ParentID == nil:
		err = ErrRootMoves
	case !o.ArchivedAt.IsZero(), !to.ArchivedAt.IsZero():
		err = ErrArchived
	case strings.HasPrefix(to.Path, o.Path):
		err = ErrMergeSelf
	case o.Kind != to.Kind:
		err = ErrMergeKind
	}
	return to, err
}

// Belongings is what hangs on an organisation: what a merge hands over, and
// what closing it leaves as it is.
type Belongings struct {
	Children int // open organisations right below it
	Roles    int // living grants
	Records  int // rows of any feature that name it: people, places, bookings, requests
}

// Foresee says what a merge would hand over and to whom, by the rules of Merge
// and without changing anything.
func (s *Service) Foresee(ctx context.Context, a auth.Actor, id, into int64) (o, to models.Org, b Belongings, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if o, err = byID(tx, id, ""); err != nil {
			return err
		}
		if !a.CanAt(auth.OrgWrite, o.Path) {
			return errs.ErrForbidden
		}
		if to, err = mayMerge(tx, a, o, into, ""); err != nil {
			return err
		}
		b, err = belongings(tx, o)
		return err
	})
	return o, to, b, err
}

func (s *Service) absorb(tx *db.Tx, o, to models.Org) error {
	for _, r := range references {
		if err := refer(tx, r, o.ID, to.ID); err != nil {
			return err
		}
	}
	if err := joinGrants(tx, o.ID, to.ID); err != nil {
		return err
	}
	children, err := childrenOf(tx, o.ID)
	if err != nil {
		return err
	}
	for _, c := range children {
		if err := setParent(tx, c.ID, to.ID); err != nil {
			return err
		}
		if err := movePaths(tx, c.Path, to.Path+strconv.FormatInt(c.ID, 10)+"/"); err != nil {
			return err
		}
	}
	return setMerged(tx, o.ID, to.ID)
}
