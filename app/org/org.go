// Package org keeps the tree of organisations: district centre, sub-districts
// and stations, and the branches, partners, schools and teams that hang on it.
package org

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// What the tree refuses.
var (
	ErrCodeTaken  = errs.New(errs.Conflict, "org.code_taken")
	ErrSecondRoot = errs.New(errs.Conflict, "org.second_root")  // one installation, one district
	ErrCycle      = errs.New(errs.Conflict, "org.cycle")        // below itself
	ErrRootMoves  = errs.New(errs.Conflict, "org.root_moves")   // the district stays on top
	ErrArchived   = errs.New(errs.Conflict, "org.archived")     // nothing is hung on what is closed
	ErrChildren   = errs.New(errs.Conflict, "org.has_children") // close what is below first
	ErrMergedAway = errs.New(errs.Conflict, "org.merged_away")  // what became part of another does not come back
	ErrClosedOrg  = errs.New(errs.Conflict, "org.closed")       // nothing is booked for what is closed
)

// Service is the tree.
type Service struct{ db *db.DB }

// New returns the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Entry is what a new organisation is made of. ParentID nil makes a root, which
// only the tx function may do.
type Entry struct {
	ParentID *int64
	Code     string
	Name     string
	Kind     models.OrgKind
	Phone    string
	Address  string
}

// Details are what may change about an organisation in its place.
type Details struct {
	Name    string
	Phone   string
	Address string
}

// Filter chooses organisations; the zero value means all that are open.
type Filter struct {
	list.Query
	Below   int64          // this one and all below it
	Kind    models.OrgKind // empty: every kind
	Text    string         // part of the name or the code
	History bool           // archived ones too
}

// UpperPath is the end of the range of paths below path: path <= p < UpperPath.
func UpperPath(path string) string { return path[:len(path)-1] + "0" } // '0' follows '/'

// Get returns one organisation; errs.ErrNotFound when there is none.
func (s *Service) Get(ctx context.Context, id int64) (models.Org, error) {
	var o models.Org
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { o, err = byID(tx, id, ""); return })
	return o, err
}

// ByCode returns the organisation with a code; errs.ErrNotFound when there is none.
func ByCode(tx *db.Tx, code string) (models.Org, error) { return byCode(tx, code) }

// List returns organisations in tree order, unless another order is asked for.
func (s *Service) List(ctx context.Context, f Filter) (list.Of[models.Org], error) {
	var out list.Of[models.Org]
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if f.Below != 0 {
			if _, err := byID(tx, f.Below, ""); err != nil {
				return err
			}
		}
		rows, total, err := find(tx, f)
		out = list.New(f.Query, rows, total)
		return err
	})
	return out, err
}

// Below lists the open organisations at path and below it, in tree order.
func Below(tx *db.Tx, path string) ([]models.Org, error) { return below(tx, path) }

// Create hangs an organisation on the tree. The actor needs OrgWrite at the
// parent. It returns ErrCodeTaken, ErrArchived, errs.ErrForbidden or, for an
// unknown parent, a field fault.
func (s *Service) Create(ctx context.Context, a auth.Actor, in Entry) (models.Org, error) {
	var o models.Org
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if in.ParentID == nil {
			return errs.FieldFault("parent_id", "required")
		}
		if err := lockTree(tx); err != nil {
			return err
		}
		parent, err := parentOf(tx, a, *in.ParentID)
		if err != nil {
			return err
		}
		o, err = createUnder(tx, a, in, parent.Path)
		return err
	})
	return o, err
}

// Create joins a transaction that is trusted to build the tree, such as the
// seed: it asks for no permission and makes the root. There is one root, the
// district: who may act at it may act everywhere. ErrSecondRoot otherwise.
func Create(tx *db.Tx, by auth.Actor, in Entry) (models.Org, error) {
	if err := lockTree(tx); err != nil {
		return models.Org{}, err
	}
	path := "/"
	if in.ParentID == nil {
		rooted, err := hasRoot(tx)
		if err != nil {
			return models.Org{}, err
		}
		if rooted {
			return models.Org{}, ErrSecondRoot
		}
	} else {
		parent, err := byID(tx, *in.ParentID, "")
		if err != nil {
			return models.Org{}, err
		}
		path = parent.Path
	}
	return createUnder(tx, by, in, path)
}

func parentOf(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	p, err := byID(tx, id, "")
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return p, errs.FieldFault("parent_id", "unknown")
	case err != nil:
		return p, err
	case !a.CanAt(auth.OrgWrite, p.Path):
		return p, errs.ErrForbidden
	case !p.ArchivedAt.IsZero():
		return p, ErrArchived
	}
	return p, nil
}

// codeWord is what a code may look like: it is typed on the command line.
var codeWord = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// ValidCode reports whether a code may be given.
func ValidCode(code string) bool { return codeWord.MatchString(code) }

func createUnder(tx *db.Tx, a auth.Actor, in Entry, parentPath string) (models.Org, error) {
	name, ok := models.PlainText(in.Name)
	if !ok {
		return models.Org{}, errs.FieldFault("name", "plain")
	}
	if !ValidCode(in.Code) {
		return models.Org{}, errs.FieldFault("code", "org_code")
	}
	o := models.Org{
		ParentID: in.ParentID, Code: in.Code, Name: name, Kind: in.Kind, Phone: in.Phone, Address: in.Address,
		Path: parentPath + "+" + in.Code + "/", CreatedAt: tx.Now(), // until the id is known
	}
	if err := insert(tx, &o); err != nil {
		return o, err
	}
	o.Path = parentPath + strconv.FormatInt(o.ID, 10) + "/"
	if err := setPath(tx, o.ID, o.Path); err != nil {
		return o, err
	}
	return o, record(tx, a, "org.create", o, "", o.Code+" "+o.Name+" "+o.Path, "")
}

// Change renames or re-addresses an organisation; the code stays.
func (s *Service) Change(ctx context.Context, a auth.Actor, id int64, d Details) (o models.Org, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { o, err = Change(tx, a, id, d); return err })
	return o, err
}

// Change joins a transaction.
func Change(tx *db.Tx, a auth.Actor, id int64, d Details) (models.Org, error) {
	return on(tx, a, id, func(o *models.Org) error {
		name, ok := models.PlainText(d.Name)
		if !ok {
			return errs.FieldFault("name", "plain")
		}
		before := fmt.Sprint(o.Name, " ", o.Phone, " ", o.Address)
		o.Name, o.Phone, o.Address = name, d.Phone, d.Address
		if err := setDetails(tx, *o); err != nil {
			return err
		}
		return record(tx, a, "org.change", *o, before, fmt.Sprint(o.Name, " ", o.Phone, " ", o.Address), "")
	})
}

// Archive closes an organisation with nothing open below it (ErrChildren); the
// district stays (ErrRootMoves).
// Closing it again changes nothing.
func (s *Service) Archive(ctx context.Context, a auth.Actor, id int64) (models.Org, error) {
	return s.on(ctx, a, id, func(tx *db.Tx, o *models.Org) error {
		switch {
		case !o.ArchivedAt.IsZero():
			return nil
		case o.ParentID == nil:
			return ErrRootMoves
		}
		open, err := below(tx, o.Path)
		if err != nil {
			return err
		}
		if len(open) > 1 {
			return ErrChildren.With("n", len(open)-1)
		}
		o.ArchivedAt = tx.Now()
		if err := setArchived(tx, o.ID, o.ArchivedAt); err != nil {
			return err
		}
		return record(tx, a, "org.archive", *o, "", "", "")
	})
}

// Reopen opens a closed organisation again, in its old place. Opening it again
// changes nothing. It returns ErrArchived while its parent is closed, and
// ErrMergedAway for what became part of another: there is nothing left to open.
func (s *Service) Reopen(ctx context.Context, a auth.Actor, id int64) (models.Org, error) {
	return s.on(ctx, a, id, func(tx *db.Tx, o *models.Org) error {
		switch {
		case o.ArchivedAt.IsZero():
			return nil
		case o.MergedInto != nil:
			to, err := byID(tx, *o.MergedInto, "")
			if err != nil {
				return err
			}
			return ErrMergedAway.With("name", to.Name)
		}
		if _, err := parentOf(tx, a, *o.ParentID); err != nil {
			return err
		}
		o.ArchivedAt = models.Instant{}
		if err := setArchived(tx, o.ID, o.ArchivedAt); err != nil {
			return err
		}
		return record(tx, a, "org.reopen", *o, "", "", "")
	})
}

// Standing holds an organisation to be open until the transaction ends: who
// closes or merges it meanwhile waits, and finds what was written. It returns
// ErrClosedOrg, which says what it has become part of, for what is closed.
func Standing(tx *db.Tx, id int64) error { return standing(tx, id, tx.ForShare()) }

// StandingAlone is Standing for who counts what an organisation has before it
// gets more: one such transaction waits for the other.
func StandingAlone(tx *db.Tx, id int64) error { return standing(tx, id, tx.ForUpdate()) }

func standing(tx *db.Tx, id int64, lock string) error {
	o, err := byID(tx, id, lock)
	if err != nil || o.ArchivedAt.IsZero() {
		return err
	}
	if o.MergedInto == nil {
		return ErrClosedOrg.With("name", o.Name)
	}
	to, err := byID(tx, *o.MergedInto, "")
	if err != nil {
		return err
	}
	return ErrClosedOrg.Worded("org.closed.merged").With("name", o.Name).With("into", to.Name).Add("merged_into", to.ID)
}

// Move hangs an organisation, with all below it, on another parent; scopes
// follow at once. The actor needs OrgWrite at both. It returns ErrCycle,
// ErrRootMoves, ErrArchived or errs.ErrForbidden.
func (s *Service) Move(ctx context.Context, a auth.Actor, id, parentID int64) (o models.Org, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { o, err = Move(tx, a, id, parentID); return err })
	return o, err
}

// Move joins a transaction.
func Move(tx *db.Tx, a auth.Actor, id, parentID int64) (models.Org, error) {
	return on(tx, a, id, func(o *models.Org) error {
		parent, err := parentOf(tx, a, parentID)
		switch {
		case err != nil:
			return err
		case o.ParentID == nil:
			return ErrRootMoves
		case strings.HasPrefix(parent.Path, o.Path):
			return ErrCycle
		case *o.ParentID == parentID:
			return nil
		}
		from := o.Path
		o.Path, o.ParentID = parent.Path+strconv.FormatInt(o.ID, 10)+"/", &parentID
		if err := setParent(tx, o.ID, parentID); err != nil {
			return err
		}
		if err := movePaths(tx, from, o.Path); err != nil {
			return err
		}
		return record(tx, a, "org.move", *o, from, o.Path, "")
	})
}

// on runs fn with one organisation while nobody else changes the tree.
func (s *Service) on(ctx context.Context, a auth.Actor, id int64, fn func(tx *db.Tx, o *models.Org) error) (o models.Org, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		o, err = on(tx, a, id, func(o *models.Org) error { return fn(tx, o) })
		return err
	})
	return o, err
}

func on(tx *db.Tx, a auth.Actor, id int64, fn func(o *models.Org) error) (models.Org, error) {
	if err := lockTree(tx); err != nil {
		return models.Org{}, err
	}
	o, err := byID(tx, id, tx.ForUpdate())
	switch {
	case err != nil:
		return o, err
	case !a.CanAt(auth.OrgWrite, o.Path):
		return o, errs.ErrForbidden
	}
	return o, fn(&o)
}

func record(tx *db.Tx, a auth.Actor, action string, o models.Org, before, after, reason string) error {
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "org", strconv.FormatInt(o.ID, 10), &o.ID
	l.Before, l.After, l.Reason = before, after, reason
	return audit.Write(tx, l)
}
