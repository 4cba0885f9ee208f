package account

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// The slow-down counts wrong passwords per pair of log-in and address, and per
// address. It never counts per log-in alone: who types wrong passwords at one
// address cannot shut the owner out at another, and a session that is open
// never asks again.
const (
	failWindow  = time.Hour
	freeTries   = 5 // of a pair in the window, before waiting begins
	firstWait   = 30 * time.Second
	longestWait = 15 * time.Minute

	addressTries  = 50 // of one address in addressWindow, whatever the log-ins
	addressWindow = 15 * time.Minute
)

// SignIn checks a password. It returns ErrWrong for whatever does not fit,
// ErrSlowDown after too many of those from this address, ErrDisabled only to
// who knows the password, and ErrBusy when too many are checked at once.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (models.Account, error) {
	login, address = plainLogin(login), network(address)
	if len(login) > 40 {
		login = strings.ToValidUTF8(login[:40], "")
	}
	attempt, err := s.admit(ctx, login, address)
	if err != nil {
		return models.Account{}, err
	}
	var acc models.Account
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { acc, err = accountByLogin(tx, login); return })
	if err != nil && !errors.Is(err, errs.ErrNotFound) {
		return models.Account{}, err
	}
	fits, err := s.hash.check(ctx, acc.PasswordHash, password)
	switch {
	case errors.Is(err, ErrBusy):
		return models.Account{}, errors.Join(s.forgive(ctx, attempt), err)
	case err != nil:
		return models.Account{}, err
	case !fits || (acc.Demo && !bool(s.cfg.Demo)):
		return models.Account{}, ErrWrong
	case !acc.DisabledAt.IsZero():
		return models.Account{}, ErrDisabled
	}
	return acc, s.welcome(ctx, acc, password, login, address)
}

// admit counts this attempt as failed until it is known better, so that many at
// the same moment count as many; or refuses it.
func (s *Service) admit(ctx context.Context, login, address string) (attempt int64, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockWord(tx, "login "+address); err != nil {
			return err
		}
		n, err := failures(tx, login, address, tx.Now().Add(-failWindow), tx.Now().Add(-addressWindow))
		if err != nil {
			return err
		}
		if until := slowUntil(n); until.After(tx.Now()) {
			return wait(ErrSlowDown, tx.Now(), until)
		}
		attempt, err = insertFailure(tx, login, address)
		return err
	})
	return attempt, err
}

// slowUntil is the moment before which the next attempt is refused.
func slowUntil(n failureCount) models.Instant {
	var until models.Instant
	if over := n.Pair - freeTries; over >= 0 {
		until = n.PairLast.Add(min(firstWait<<min(over, 10), longestWait))
	}
	if n.Address >= addressTries {
		if u := n.AddressLast.Add(time.Minute); u.After(until) {
			until = u
		}
	}
	return until
}

func (s *Service) forgive(ctx context.Context, attempt int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return deleteFailure(tx, attempt) })
}

// welcome clears the pair's count, renews an old hash and writes the log.
func (s *Service) welcome(ctx context.Context, acc models.Account, password, login, address string) error {
	hash := ""
	if s.hash.stale(acc.PasswordHash) {
		var err error
		if hash, err = s.hash.make(ctx, password); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := clearFailures(tx, login, address); err != nil {
			return err
		}
		if hash != "" {
			if err := setPassword(tx, acc.ID, hash, Once(acc.PasswordOnce)); err != nil {
				return err
			}
		}
		return s.record(tx, auth.Actor{AccountID: acc.ID, Login: loginOf(acc)}, "account.sign_in", acc.ID, "", "password")
	})
}

// SignInDemo signs in as one of the demo people without a password;
// errs.ErrNotFound outside demo mode and for everybody else.
func (s *Service) SignInDemo(ctx context.Context, login string) (models.Account, error) {
	var acc models.Account
	if !s.cfg.Demo {
		return acc, errs.ErrNotFound
	}
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if acc, err = accountByLogin(tx, plainLogin(login)); err != nil {
			return err
		}
		if !acc.Demo || !acc.DisabledAt.IsZero() {
			return errs.ErrNotFound
		}
		return s.record(tx, auth.Actor{AccountID: acc.ID, Login: loginOf(acc)}, "account.sign_in", acc.ID, "", "demo")
	})
	return acc, err
}

// DemoLogins lists who can be signed in as in demo mode; nobody outside it.
func (s *Service) DemoLogins(ctx context.Context) ([]models.Account, error) {
	var out []models.Account
	if !s.cfg.Demo {
		return nil, nil
	}
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { out, err = demoAccounts(tx); return })
	return out, err
}

// network is what of an address one subscriber holds: all of IPv4, 64 bits of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return p.String()
}
