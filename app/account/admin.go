package account

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// operator is who the command line acts as: whoever can run it owns the database.
var operator = auth.Actor{Login: "cli"}

// ErrSelf: an administrator does not close or lower the own account.
var ErrSelf = errs.New(errs.Conflict, "account.self")

// GrantRow is a live grant with its organisation.
type GrantRow struct {
	ID        int64
	AccountID int64
	Role      auth.Role
	OrgID     int64
	OrgName   string
	OrgCode   string
	Path      string
	StartsAt  models.Instant // both zero: until it is taken back
	EndsAt    models.Instant
}

// Term is from when until when a role counts, for who stands in during a leave: two
// days, both included. The zero Term is until it is taken back.
type Term struct{ From, Until models.Day }

// Staff is an account with its live grants.
type Staff struct {
	models.Account
	Grants []GrantRow
}

// Filter chooses accounts.
type Filter struct {
	list.Query
	Text string // part of the log-in or the name
}

// Accounts lists the accounts that hold a role in the actor's scope; an
// administrator of a whole tree sees everybody.
func (s *Service) Accounts(ctx context.Context, a auth.Actor, f Filter) (list.Of[Staff], error) {
	var out list.Of[Staff]
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := findAccounts(tx, f, scopeOf(a, auth.AccountRead))
		if err != nil {
			return err
		}
		all, err := withGrants(tx, rows)
		out = list.New(f.Query, all, total)
		return err
	})
	return out, err
}

// Account returns one account; errs.ErrNotFound when the actor may not see it.
func (s *Service) Account(ctx context.Context, a auth.Actor, id int64) (Staff, error) {
	var out Staff
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { out, err = visible(tx, a, auth.AccountRead, id, ""); return })
	return out, err
}

// scopeOf is nil for who sees everybody.
func scopeOf(a auth.Actor, p auth.Permission) []string {
	if a.Everywhere(p) {
		return nil
	}
	return append([]string{}, a.Scope(p)...)
}

func visible(tx *db.Tx, a auth.Actor, p auth.Permission, id int64, lock string) (Staff, error) {
	acc, err := accountByID(tx, id, lock)
	if err != nil {
		return Staff{}, err
	}
	all, err := withGrants(tx, []models.Account{acc})
	if err != nil {
		return Staff{}, err
	}
	if a.Everywhere(p) {
		return all[0], nil
	}
	for _, g := range all[0].Grants {
		if a.CanAt(p, g.Path) {
			return all[0], nil
		}
	}
	return Staff{}, errs.ErrNotFound
}

func withGrants(tx *db.Tx, rows []models.Account) ([]Staff, error) {
	ids, at := make([]int64, len(rows)), map[int64]int{}
	out := make([]Staff, len(rows))
	for i, r := range rows {
		ids[i], at[r.ID], out[i].Account = r.ID, i, r
	}
	grants, err := grantsOf(tx, ids)
	for _, g := range grants {
		out[at[g.AccountID]].Grants = append(out[at[g.AccountID]].Grants, g)
	}
	return out, err
}

// FirstGrant is the role a new account begins with; the zero value is none.
type FirstGrant struct {
	Role  auth.Role
	OrgID int64
}

// Add makes an account with its first role. Only an administrator of a whole
// tree may leave the role out: others would not see what they made.
func (s *Service) Add(ctx context.Context, a auth.Actor, in Entry, first FirstGrant) (Staff, error) {
	if first == (FirstGrant{}) && !a.Everywhere(auth.AccountWrite) {
		return Staff{}, errs.FieldFault("role", "required")
	}
	if in.Password != "" {
		var err error
		if in, err = s.Prepare(ctx, in); err != nil {
			return Staff{}, err
		}
	}
	in.Demo, in.Once = false, true // the administrator knows it
	var out Staff
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		acc, err := s.Create(tx, a, in)
		if err != nil {
			return err
		}
		if first != (FirstGrant{}) {
			if err := s.give(tx, a, acc.ID, first.Role, first.OrgID, Term{}); err != nil {
				return err
			}
		}
		out, err = visible(tx, a, auth.AccountWrite, acc.ID, "")
		return err
	})
	return out, err
}

// Grant gives a role for an organisation in the actor's scope; giving it twice
// changes nothing.
func (s *Service) Grant(ctx context.Context, a auth.Actor, account int64, role auth.Role, orgID int64) (Staff, error) {
	return s.on(ctx, a, account, func(tx *db.Tx, _ Staff) error { return s.give(tx, a, account, role, orgID, Term{}) })
}

// StandIn is Grant for a time. Given again it has the new days; who holds the role
// without an end keeps it so. It returns a fault of "until" for a term that is over
// or upside down.
func (s *Service) StandIn(ctx context.Context, a auth.Actor, account int64, role auth.Role, orgID int64, t Term) (Staff, error) {
	return s.on(ctx, a, account, func(tx *db.Tx, _ Staff) error {
		switch {
		case t.From.IsZero():
			return errs.FieldFault("from", "required")
		case t.Until.Before(t.From), t.Until.Before(models.DayOf(tx.Now(), s.cfg.Zone)):
			return errs.FieldFault("until", "other")
		}
		return s.give(tx, a, account, role, orgID, t)
	})
}

func (s *Service) give(tx *db.Tx, a auth.Actor, account int64, role auth.Role, orgID int64, t Term) error {
	path, err := orgPath(tx, orgID)
	if err != nil {
		return err
	}
	if !a.CanAt(auth.AccountWrite, path) {
		return errs.ErrForbidden
	}
	if account == a.AccountID {
		return ErrSelf // another administrator must
	}
	return s.giveFor(tx, a, account, role, orgID, t)
}

// Give grants in the caller's transaction and asks for no permission: it is for
// the command line and the seed. ErrRoleUnknown when the role cannot be granted.
func (s *Service) Give(tx *db.Tx, by auth.Actor, account int64, role auth.Role, orgID int64) error {
	return s.giveFor(tx, by, account, role, orgID, Term{})
}

func (s *Service) giveFor(tx *db.Tx, by auth.Actor, account int64, role auth.Role, orgID int64, t Term) error {
	if !auth.ValidRole(role) {
		return ErrRoleUnknown.With("role", string(role)).At(errs.Field{Name: "role", Code: "oneof", Args: map[string]any{"param": roleWords()}})
	}
	g := models.Grant{AccountID: account, Role: string(role), OrgID: orgID, CreatedAt: tx.Now()}
	after := fmt.Sprint(role, " @", orgID)
	if by.AccountID != 0 {
		g.GrantedBy = &by.AccountID
	}
	if t != (Term{}) {
		g.StartsAt, g.EndsAt = t.From.At(0, s.cfg.Zone), t.Until.Add(1).At(0, s.cfg.Zone)
		after += fmt.Sprint(" ", t.From, "–", t.Until)
	}
	added, err := insertGrant(tx, g)
	if err != nil || !added {
		return err
	}
	return recordGrant(tx, by, "account.grant", account, orgID, "", after)
}

// roleWords lists the roles that can be granted.
func roleWords() string {
	var words []string
	for _, r := range auth.Roles() {
		if auth.ValidRole(r) {
			words = append(words, string(r))
		}
	}
	return strings.Join(words, " ")
}

// Revoke takes a grant back; it holds from the next request of that account.
func (s *Service) Revoke(ctx context.Context, a auth.Actor, account, grant int64) (Staff, error) {
	return s.on(ctx, a, account, func(tx *db.Tx, st Staff) error {
		for _, g := range st.Grants {
			switch {
			case g.ID != grant:
				continue
			case !a.CanAt(auth.AccountWrite, g.Path):
				return errs.ErrForbidden
			case account == a.AccountID && g.Role == auth.Admin:
				return ErrSelf
			}
			return s.revoke(tx, a, g)
		}
		return errs.ErrNotFound
	})
}

func (s *Service) revoke(tx *db.Tx, by auth.Actor, g GrantRow) error {
	if err := revokeGrant(tx, g.ID); err != nil {
		return err
	}
	return recordGrant(tx, by, "account.revoke", g.AccountID, g.OrgID, fmt.Sprint(g.Role, " @", g.OrgID), "")
}

func recordGrant(tx *db.Tx, by auth.Actor, action string, account, orgID int64, before, after string) error {
	l := audit.By(tx, by, channelOf(by))
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "account", strconv.FormatInt(account, 10), &orgID
	l.Before, l.After = before, after
	return audit.Write(tx, l)
}

// SetPassword sets somebody's password, good for one log-in that sets another,
// and ends their sessions and tokens.
// ErrBeyondScope when they hold a role outside the actor's scope: else the
// administrator of a station could become the district's.
func (s *Service) SetPassword(ctx context.Context, a auth.Actor, account int64, password string) (Staff, error) {
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return Staff{}, err
	}
	return s.on(ctx, a, account, func(tx *db.Tx, st Staff) error {
		if err := whollyInScope(a, st); err != nil {
			return err
		}
		return s.replacePassword(tx, a, account, hash, true)
	})
}

func (s *Service) hashOf(ctx context.Context, password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	return s.hash.make(ctx, password)
}

func (s *Service) replacePassword(tx *db.Tx, by auth.Actor, account int64, hash string, once Once) error {
	if err := setPassword(tx, account, hash, once); err != nil {
		return err
	}
	if _, err := revokeSessions(tx, account); err != nil {
		return err
	}
	return s.record(tx, by, "account.password", account, "", "")
}

// Disable closes an account and ends its sessions and tokens; Enable opens it again.
func (s *Service) Disable(ctx context.Context, a auth.Actor, account int64) (Staff, error) {
	return s.on(ctx, a, account, func(tx *db.Tx, st Staff) error {
		if account == a.AccountID {
			return ErrSelf
		}
		if err := whollyInScope(a, st); err != nil {
			return err
		}
		return s.disable(tx, a, account)
	})
}

func (s *Service) disable(tx *db.Tx, by auth.Actor, account int64) error {
	if err := setDisabled(tx, account, tx.Now()); err != nil {
		return err
	}
	if _, err := revokeSessions(tx, account); err != nil {
		return err
	}
	return s.record(tx, by, "account.disable", account, "", "")
}

// Enable opens a disabled account; its old sessions stay ended.
func (s *Service) Enable(ctx context.Context, a auth.Actor, account int64) (Staff, error) {
	return s.on(ctx, a, account, func(tx *db.Tx, st Staff) error {
		if err := whollyInScope(a, st); err != nil {
			return err
		}
		return s.enable(tx, a, account)
	})
}

func (s *Service) enable(tx *db.Tx, by auth.Actor, account int64) error {
	if err := setDisabled(tx, account, models.Instant{}); err != nil {
		return err
	}
	return s.record(tx, by, "account.enable", account, "", "")
}

func whollyInScope(a auth.Actor, st Staff) error {
	if a.Everywhere(auth.AccountWrite) {
		return nil
	}
	for _, g := range st.Grants {
		if !a.CanAt(auth.AccountWrite, g.Path) {
			return ErrBeyondScope
		}
	}
	return nil
}

// on runs fn with an account the actor may see, locked, and returns it as it is then.
func (s *Service) on(ctx context.Context, a auth.Actor, account int64, fn func(tx *db.Tx, st Staff) error) (Staff, error) {
	var out Staff
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		st, err := visible(tx, a, auth.AccountWrite, account, tx.ForUpdate())
		if err != nil {
			return err
		}
		if err := fn(tx, st); err != nil {
			return err
		}
		out.Account, err = accountByID(tx, account, "")
		if err != nil {
			return err
		}
		all, err := withGrants(tx, []models.Account{out.Account})
		if err == nil {
			out = all[0]
		}
		return err
	})
	return out, err
}
