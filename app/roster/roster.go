// Package roster brings organisations and staff in from a table: what the
// district keeps in Excel. Nothing is written before the administrator has seen
// what would change, and nothing at all while one row is at fault.
package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"youyue/app/account"
	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/models"
)

// What an import is refused for.
var (
	ErrEmpty   = errs.New(errs.Invalid, "roster.empty")
	ErrFaults  = errs.New(errs.Invalid, "roster.faults")   // "count" rows are at fault; Preview says which
	ErrChanged = errs.New(errs.Conflict, "roster.changed") // what would be done is no longer what was looked at
)

// Service imports.
type Service struct {
	db       *db.DB
	accounts *account.Service
}

// New returns the service.
func New(d *db.DB, accounts *account.Service) *Service { return &Service{db: d, accounts: accounts} }

// Step is what is done with a row.
type Step string

// The steps. Who and what stands in no row is left as it is.
const (
	StepSame   Step = "same"
	StepAdd    Step = "add"
	StepChange Step = "change"
	StepMove   Step = "move"
	StepGrant  Step = "grant" // one more role for a known account
)

// Change is what one row would do.
type Change struct {
	Line int
	Step Step
	What string // the organisation or person
	From string // before, empty when new
	To   string
	Role auth.Role // that is given at To
}

// Preview is what an import would do, or what is wrong with it.
type Preview struct {
	Changes []Change // rows that change something, by line
	Same    int      // rows that change nothing
	Faults  []sheet.Fault
	Digest  string // of Changes: what was looked at
}

func (p *Preview) add(c Change) {
	if c.Step == StepSame {
		p.Same++
		return
	}
	p.Changes = append(p.Changes, c)
}

func (p *Preview) seal() {
	h := sha256.New()
	for _, c := range p.Changes {
		fmt.Fprintf(h, "%d|%s|%q|%q|%q|%s\n", c.Line, c.Step, c.What, c.From, c.To, c.Role)
	}
	p.Digest = hex.EncodeToString(h.Sum(nil)[:16])
}

// planned is a preview with what carries it out.
type planned struct {
	Preview
	do []func(tx *db.Tx) error
}

// agreed holds what would be done now to what was looked at.
func (p *planned) agreed(digest string) error {
	switch {
	case len(p.Faults) > 0:
		return ErrFaults.With("count", len(p.Faults))
	case p.Digest != digest:
		return ErrChanged
	}
	return nil
}

func (p *planned) run(tx *db.Tx, a auth.Actor, kind string) error {
	for i, do := range p.do {
		if err := do(tx); err != nil {
			return fmt.Errorf("import of %s, step %d: %w", kind, i+1, err)
		}
	}
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID = "roster.import", "roster", kind
	l.After = fmt.Sprintf("%d changes", len(p.Changes))
	return audit.Write(tx, l)
}

// PreviewOrgs says what the table of organisations would change.
func (s *Service) PreviewOrgs(ctx context.Context, a auth.Actor, text string) (p Preview, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		plan, err := planOrgs(tx, a, text)
		if err == nil {
			p = plan.Preview
		}
		return err
	})
	return p, err
}

// ImportOrgs does it, in one transaction, when it is still what was looked at.
// It returns ErrFaults or ErrChanged with the preview as it is now.
func (s *Service) ImportOrgs(ctx context.Context, a auth.Actor, text, digest string) (p Preview, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockTree(tx); err != nil {
			return err
		}
		plan, err := planOrgs(tx, a, text)
		if err != nil {
			return err
		}
		if p = plan.Preview; plan.agreed(digest) != nil {
			return plan.agreed(digest)
		}
		return plan.run(tx, a, "orgs")
	})
	return p, err
}

// FirstPassword is what a new member of staff signs in with the first time. It
// is told once, to the administrator who imports, and kept nowhere.
type FirstPassword struct{ Login, Name, Password string }

// PreviewStaff says what the table of staff would change.
func (s *Service) PreviewStaff(ctx context.Context, a auth.Actor, text string) (p Preview, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		plan, err := s.planStaff(tx, a, text, nil)
		if err == nil {
			p = plan.Preview
		}
		return err
	})
	return p, err
}

// ImportStaff makes the accounts and gives the roles, in one transaction, when
// it is still what was looked at; ErrFaults or ErrChanged otherwise.
func (s *Service) ImportStaff(ctx context.Context, a auth.Actor, text, digest string) (p Preview, first []FirstPassword, err error) {
	fresh, err := s.passwords(ctx, text) // before the transaction: hashing is slow on purpose
	if err != nil {
		return p, nil, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		plan, err := s.planStaff(tx, a, text, fresh)
		if err != nil {
			return err
		}
		if p = plan.Preview; plan.agreed(digest) != nil {
			return plan.agreed(digest)
		}
		if err := plan.run(tx, a, "staff"); err != nil {
			return err
		}
		first = nil
		for _, c := range plan.Changes {
			if f, ok := fresh[c.What]; ok && c.Step == StepAdd {
				first = append(first, FirstPassword{c.What, f.Name, f.Password})
			}
		}
		return nil
	})
	return p, first, err
}

// orgs lists every organisation, closed ones too.
func (s *Service) orgs(ctx context.Context) (all []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = everyOrg(tx); return err })
	return all, err
}

func (s *Service) staff(ctx context.Context) (all []staffRow, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = everyStaff(tx); return err })
	return all, err
}
