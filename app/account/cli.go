package account

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// The functions below serve the command line. They name accounts by log-in and
// organisations by code, ask for no permission, and are audited as "cli".

// AddAccount makes an account; an empty password leaves it without one.
func (s *Service) AddAccount(ctx context.Context, login, name, password string) (models.Account, error) {
	in := Entry{Login: login, Name: name, Password: password}
	var err error
	if password != "" {
		if in.hash, err = s.hashOf(ctx, password); err != nil {
			return models.Account{}, err
		}
	}
	var acc models.Account
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) { acc, err = s.Create(tx, operator, in); return })
	return acc, err
}

// ResetPassword sets a password and ends the account's sessions and tokens.
func (s *Service) ResetPassword(ctx context.Context, login, password string) error {
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return err
	}
	return s.named(ctx, login, func(tx *db.Tx, acc models.Account) error {
		return s.replacePassword(tx, operator, acc.ID, hash, false) // who types it here is asked by nobody else
	})
}

// GrantByCode gives a role at the organisation with a code.
func (s *Service) GrantByCode(ctx context.Context, login string, role auth.Role, orgCode string) error {
	return s.named(ctx, login, func(tx *db.Tx, acc models.Account) error {
		id, err := orgIDByCode(tx, orgCode)
		if err != nil {
			return fmt.Errorf("organisation %q: %w", orgCode, err)
		}
		return s.Give(tx, operator, acc.ID, role, id)
	})
}

// RevokeByCode takes a role back; errs.ErrNotFound when it was not held.
func (s *Service) RevokeByCode(ctx context.Context, login string, role auth.Role, orgCode string) error {
	return s.named(ctx, login, func(tx *db.Tx, acc models.Account) error {
		grants, err := grantsOf(tx, []int64{acc.ID})
		if err != nil {
			return err
		}
		for _, g := range grants {
			if g.Role == role && g.OrgCode == orgCode {
				return s.revoke(tx, operator, g)
			}
		}
		return errs.ErrNotFound
	})
}

// DisableLogin closes an account, EnableLogin opens it.
func (s *Service) DisableLogin(ctx context.Context, login string) error {
	return s.named(ctx, login, func(tx *db.Tx, acc models.Account) error { return s.disable(tx, operator, acc.ID) })
}

// EnableLogin opens an account that was closed.
func (s *Service) EnableLogin(ctx context.Context, login string) error {
	return s.named(ctx, login, func(tx *db.Tx, acc models.Account) error { return s.enable(tx, operator, acc.ID) })
}

func (s *Service) named(ctx context.Context, login string, fn func(tx *db.Tx, acc models.Account) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		acc, err := accountByLogin(tx, plainLogin(login))
		if err != nil {
			return fmt.Errorf("log-in %q: %w", login, err)
		}
		return fn(tx, acc)
	})
}
