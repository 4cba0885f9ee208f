package account

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// The refusals of a change of one's own password.
var (
	// ErrFirstOver: the form for the first password of one's own has run out, or
	// has been used.
	ErrFirstOver = errs.New(errs.Conflict, "password.first_over")
	// ErrSamePassword: the new password is the old one.
	ErrSamePassword = errs.New(errs.Invalid, "password.same")
	// ErrOldPassword: the password so far does not fit.
	ErrOldPassword = errs.New(errs.Invalid, "password.old")
)

// firstLife is how long the form for the first password stands open.
const firstLife = 15 * time.Minute

const firstPrefix = "first-password "

// firstTicket lets whoever has signed in with a password for once set another.
// It names the hash that it replaces, so that it is spent by its use.
func (s *Service) firstTicket(acc models.Account) string {
	return s.box.Seal(fmt.Sprint(firstPrefix, acc.ID, " ", s.db.Now().Add(firstLife), " ", hashMark(acc.PasswordHash)))
}

// hashMark tells two hashes apart and says nothing of the password.
func hashMark(hash string) string { return hash[max(0, len(hash)-12):] }

func (s *Service) readFirst(ticket string) (id int64, mark string, ok bool) {
	text, err := s.box.Open(ticket)
	if err != nil {
		return 0, "", false
	}
	text, ok = strings.CutPrefix(text, firstPrefix)
	part := strings.Fields(text)
	if !ok || len(part) != 3 {
		return 0, "", false
	}
	id, err = strconv.ParseInt(part[0], 10, 64)
	until, bad := models.ParseInstant(part[1])
	return id, part[2], err == nil && bad == nil && s.db.Now().Before(until)
}

// SetFirstPassword replaces a password for once by one of the person's own. It
// returns ErrFirstOver, ErrSamePassword or a fault of "password".
func (s *Service) SetFirstPassword(ctx context.Context, ticket, password string) (acc models.Account, err error) {
	id, mark, ok := s.readFirst(ticket)
	if !ok {
		return acc, ErrFirstOver
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { acc, err = accountByID(tx, id, ""); return })
	if err != nil {
		return acc, err
	}
	return acc, s.ownPassword(ctx, acc, password, func(now models.Account) error {
		if !now.PasswordOnce || hashMark(now.PasswordHash) != mark || !now.DisabledAt.IsZero() {
			return ErrFirstOver
		}
		return nil
	})
}

// ChangePassword replaces one's own password and ends one's sessions and tokens,
// this one too. Wrong old ones are slowed down as at the log-in. It returns
// ErrOldPassword, ErrSamePassword, ErrSlowDown, ErrBusy or a fault of "password".
func (s *Service) ChangePassword(ctx context.Context, a auth.Actor, old, password, address string) (models.Account, error) {
	acc, err := s.SignIn(ctx, a.Login, old, address)
	if errs.As(err).Code == ErrWrong.Code {
		return acc, ErrOldPassword.At(errs.Field{Name: "old", Code: "other"})
	}
	if err != nil {
		return acc, err
	}
	return acc, s.ownPassword(ctx, acc, password, func(now models.Account) error {
		if now.PasswordHash != acc.PasswordHash && !s.hash.stale(acc.PasswordHash) {
			return ErrOldPassword.At(errs.Field{Name: "old", Code: "other"}) // somebody set another meanwhile
		}
		return nil
	})
}

func (s *Service) ownPassword(ctx context.Context, acc models.Account, password string, still func(models.Account) error) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	same, err := s.hash.check(ctx, acc.PasswordHash, password)
	switch {
	case err != nil:
		return err
	case same:
		return ErrSamePassword.At(errs.Field{Name: "password", Code: "other"})
	}
	hash, err := s.hash.make(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		now, err := accountByID(tx, acc.ID, tx.ForUpdate())
		if err != nil {
			return err
		}
		if err := still(now); err != nil {
			return err
		}
		return s.replacePassword(tx, auth.Actor{AccountID: acc.ID, Login: loginOf(acc)}, acc.ID, hash, false)
	})
}
