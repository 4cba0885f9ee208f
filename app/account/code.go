package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/secret"
	"youyue/models"
)

// codeTries is how often one code may be typed. With the default limits a
// guesser who has twenty addresses gets 100 tries an hour at a million codes.
const codeTries = 5

// strangersShare is how many times its hourly limit a number may get when every
// further code goes to an address that has had none for it in that hour.
const strangersShare = 4

// ticketPrefix keeps sealed tickets apart from whatever else is sealed.
const ticketPrefix = "login-code "

// SendCode makes a one-time code for a mobile number and sends it. The ticket
// that comes back stands for this code alone: somebody else who asks for codes
// for the same number, or types wrong ones, spends only their own.
//
// Of the PerNumberHour codes that a number may get in an hour, one address (of
// IPv6, one /64) gets at most half, rounded up. An address that has had none for
// the number in the hour is served beyond that, until the number has had four
// times the limit: whoever wants to keep somebody out has to ask from about
// three times the limit of addresses (with the default of 5: eighteen), and again every
// hour. Who commands that many can still do it; the help line books meanwhile.
// The limits of an address and of the day hold for all.
//
// It returns a field fault for what is no mobile number, ErrCodeLimit with
// "until", ErrCodesOff and ErrCodeUnsent.
func (s *Service) SendCode(ctx context.Context, phone, address, lang string) (ticket string, err error) {
	mobile, err := secret.Mobile(phone)
	if err != nil {
		return "", errs.FieldFault("phone", "mobile")
	}
	if s.cfg.Sender == nil {
		return "", ErrCodesOff
	}
	code, err := s.newCode()
	if err != nil {
		return "", err
	}
	row := loginCode{PhoneIndex: s.box.PhoneIndex(mobile), Address: network(address)}
	row.CodeHash = s.codeHash(row.PhoneIndex, code)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockWord(tx, "login codes"); err != nil {
			return err
		}
		n, err := codeCounts(tx, row.PhoneIndex, row.Address)
		if err != nil {
			return err
		}
		most := s.cfg.SMS.PerNumberHour
		if n.Pair == 0 {
			most *= strangersShare
		}
		turn, err := nthLatestCode(tx, row.PhoneIndex, most)
		if err != nil {
			return err
		}
		until := s.codeLimit(n)
		if !turn.IsZero() && turn.Add(time.Hour).After(until) {
			until = turn.Add(time.Hour)
		}
		if until.After(tx.Now()) {
			return wait(ErrCodeLimit, tx.Now(), until)
		}
		row.CreatedAt, row.ExpiresAt = tx.Now(), tx.Now().Add(s.cfg.Codes.TTL)
		return insertCode(tx, &row)
	})
	if err != nil {
		return "", err
	}
	if err := s.cfg.Sender.SendCode(ctx, mobile, code, lang); err != nil {
		s.cfg.Log.ErrorContext(ctx, "one-time code not sent", "phone", secret.MaskPhone(mobile), "cause", err)
		return "", ErrCodeUnsent.Because(err)
	}
	return s.box.Seal(ticketPrefix + strconv.FormatInt(row.ID, 10) + " " + mobile), nil
}

// codeLimit is the moment before which the address and the day allow no further code.
func (s *Service) codeLimit(n codeCount) models.Instant {
	limits := s.cfg.SMS
	var until models.Instant
	for _, l := range []struct {
		count, max int
		oldest     models.Instant
		window     time.Duration
	}{
		{n.Pair, (limits.PerNumberHour + 1) / 2, n.PairOldest, time.Hour},
		{n.Address, limits.PerAddressHour, n.AddressOldest, time.Hour},
		{n.Day, limits.PerDay, n.DayOldest, 24 * time.Hour},
	} {
		if l.count >= l.max {
			if u := l.oldest.Add(l.window); u.After(until) {
				until = u
			}
		}
	}
	return until
}

// TicketPhone is the masked number a ticket was made for; false for a ticket
// that is not ours.
func (s *Service) TicketPhone(ticket string) (masked string, ok bool) {
	_, phone, ok := s.readTicket(ticket)
	return secret.MaskPhone(phone), ok
}

func (s *Service) readTicket(ticket string) (id int64, phone string, ok bool) {
	text, err := s.box.Open(ticket)
	if err != nil {
		return 0, "", false
	}
	text, ok = strings.CutPrefix(text, ticketPrefix)
	word, phone, _ := strings.Cut(text, " ")
	id, err = strconv.ParseInt(word, 10, 64)
	return id, phone, ok && err == nil
}

// SignInByCode spends a code. The first time a number signs in, it gets an
// account, and agrees to the notice on personal data, as the form says. It returns ErrCodeWrong while tries are left, then ErrCodeOver, and
// ErrDisabled for an account that was closed.
func (s *Service) SignInByCode(ctx context.Context, ticket, code, lang string) (models.Account, error) {
	id, phone, ok := s.readTicket(ticket)
	if !ok {
		return models.Account{}, ErrCodeOver
	}
	var acc models.Account
	var refused error
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		refused = nil
		row, found, err := tryCode(tx, id, s.box.PhoneIndex(phone))
		switch {
		case err != nil:
			return err
		case !found:
			refused = ErrCodeOver
			return nil
		case row.CodeHash != s.codeHash(row.PhoneIndex, plainCode(code)):
			// The try is kept: the transaction commits, and then refuses.
			if refused = ErrCodeOver; row.Attempts < codeTries {
				refused = ErrCodeWrong.With("left", codeTries-row.Attempts).At(errs.Field{Name: "code", Code: "code"})
			}
			return nil
		}
		if err := useCode(tx, id); err != nil {
			return err
		}
		acc, err = s.holderOf(tx, phone, lang)
		if err == nil && (!acc.DisabledAt.IsZero() || (acc.Demo && !bool(s.cfg.Demo))) {
			refused = ErrDisabled
			return nil
		}
		if err != nil {
			return err
		}
		who := auth.Actor{AccountID: acc.ID, Login: loginOf(acc)}
		if err := agreed(tx, who, nil, models.ChannelOnline); err != nil {
			return err
		}
		return s.record(tx, who, "account.sign_in", acc.ID, "", "code "+secret.MaskPhone(phone))
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return models.Account{}, err
	}
	return acc, nil
}

// holderOf finds the account of a number, or makes it.
func (s *Service) holderOf(tx *db.Tx, phone, lang string) (models.Account, error) {
	acc, err := accountByPhone(tx, s.box.PhoneIndex(phone))
	if !errors.Is(err, errs.ErrNotFound) {
		return acc, err
	}
	acc, err = s.Create(tx, auth.Actor{Login: "sign-in"}, Entry{Phone: phone, Lang: lang})
	if errors.Is(err, ErrPhoneTaken) {
		return acc, db.ErrAgain // somebody with another code for it was first
	}
	return acc, err
}

func (s *Service) newCode() (string, error) {
	bound := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(s.cfg.Codes.Length)), nil)
	n, err := rand.Int(s.cfg.Random, bound)
	if err != nil {
		return "", fmt.Errorf("one-time code: %w", err)
	}
	return fmt.Sprintf("%0*d", s.cfg.Codes.Length, n), nil
}

// codeHash is keyed: six digits behind a plain hash would be tried in a second.
func (s *Service) codeHash(phoneIndex, code string) string {
	return s.box.Index("login code", phoneIndex+" "+code)
}

// plainCode takes full-width digits and spaces, as phones type them.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ' || r == '　':
			return -1
		}
		return r
	}, strings.TrimSpace(code))
}

// DemoCode is a code that the development page shows.
type DemoCode struct{ Phone, Code string }

// DemoCodes are the last codes, the newest first; none outside demo mode.
func (s *Service) DemoCodes() []DemoCode {
	if s.shown == nil {
		return nil
	}
	return s.shown.list()
}

// ring keeps the last codes of this process, for demo mode.
type ring struct {
	mu    sync.Mutex
	codes []DemoCode
}

// SendCode implements CodeSender by keeping the code to be looked at.
func (r *ring) SendCode(_ context.Context, phone, code, _ string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.codes = append([]DemoCode{{phone, code}}, r.codes[:min(len(r.codes), 19)]...)
	return nil
}

func (r *ring) list() []DemoCode {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]DemoCode(nil), r.codes...)
}
