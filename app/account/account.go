// Package account knows who signs in: residents by mobile number and one-time
// code, staff by password; their sessions and tokens; the people they keep
// (a mother, a child); and the roles they were granted.
package account

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/secret"
	"youyue/configs"
	"youyue/models"
)

// What accounts refuse.
var (
	ErrWrong       = errs.New(errs.Unauthenticated, "login.wrong") // login unknown or password wrong: not told which
	ErrSlowDown    = errs.New(errs.TooMany, "login.slow_down")     // "until" says until when
	ErrBusy        = errs.New(errs.Unavailable, "login.busy")      // too many passwords are being checked
	ErrCodeLimit   = errs.New(errs.TooMany, "login.code_limit")    // "until" says until when
	ErrCodeWrong   = errs.New(errs.Invalid, "login.code_wrong")    // "left" says how many tries remain
	ErrCodeOver    = errs.New(errs.Invalid, "login.code_over")     // expired, used, or tried too often
	ErrCodeUnsent  = errs.New(errs.Unavailable, "login.code_unsent")
	ErrCodesOff    = errs.New(errs.Conflict, "login.codes_off") // no text message channel is set up
	ErrDisabled    = errs.New(errs.Forbidden, "login.disabled")
	ErrLoginTaken  = errs.New(errs.Conflict, "account.login_taken")
	ErrPhoneTaken  = errs.New(errs.Conflict, "account.phone_taken")
	ErrBeyondScope = errs.New(errs.Forbidden, "account.beyond_scope") // holds roles outside the administrator's scope
	ErrRoleUnknown = errs.New(errs.Invalid, "account.role_unknown")
	ErrTooMany     = errs.New(errs.Conflict, "people.too_many")
)

// CodeSender brings a one-time code to a mobile number (E.164).
type CodeSender interface {
	SendCode(ctx context.Context, phone, code, lang string) error
}

// Config is what the service may be told; Codes and SMS hold the limits.
type Config struct {
	Codes   configs.OTP
	SMS     configs.SMS
	Sender  CodeSender // nil: no text messages
	Demo    configs.Switch
	BaseURL string         // "https://…" makes the session's cookie secure
	Hash    HashCost       // zero is DefaultCost
	Random  io.Reader      // nil is crypto/rand
	Log     *slog.Logger   // nil is slog.Default
	Zone    *time.Location // in which days of leave are counted; nil is UTC
}

// Service is accounts, sessions and people.
type Service struct {
	db       *db.DB
	box      *secret.Box
	cfg      Config
	hash     *hasher
	sessions *Sessions
	lookups  *db.Gather[string, []sessionRow]
	shown    *ring
}

// New returns the service. In demo mode codes are not sent but shown on a
// development page.
func New(d *db.DB, box *secret.Box, cfg Config) *Service {
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Hash == (HashCost{}) {
		cfg.Hash = DefaultCost
	}
	s := &Service{db: d, box: box, cfg: cfg, hash: newHasher(cfg.Hash, cfg.Random)}
	s.lookups = db.NewGather(s.lookup)
	if cfg.Demo {
		s.shown = &ring{}
		s.cfg.Sender = s.shown
	}
	s.sessions = newSessions(s)
	return s
}

// Sessions is what the HTTP edge asks who is there.
func (s *Service) Sessions() *Sessions { return s.sessions }

// Entry is what a new account is made of. Login or Phone may be missing, not both.
type Entry struct {
	Login    string // lower case, for staff
	Name     string
	Phone    string // as people write it, for residents
	Password string // empty: signs in by code alone
	Lang     string // empty is zh-CN
	Demo     bool   // signs in only in demo mode
	Once     Once   // of Password

	hash string // of Password, when it was made before the transaction
}

// Once says that a password was made or told by somebody else, so that the first
// log-in with it must set another.
type Once bool

var loginWord = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

func plainLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// ValidLogin reports whether a log-in may be given.
func ValidLogin(login string) bool { return loginWord.MatchString(login) }

// ByLogin joins a transaction; errs.ErrNotFound when nobody has the log-in.
func ByLogin(tx *db.Tx, login string) (models.Account, error) { return accountByLogin(tx, login) }

// Prepare hashes the password of an account to be created, which takes long on
// purpose, before the transaction that creates it.
func (s *Service) Prepare(ctx context.Context, in Entry) (Entry, error) {
	var err error
	in.hash, err = s.hashOf(ctx, in.Password)
	return in, err
}

// Create adds an account in the caller's transaction and asks for no
// permission: it is for the command line, the seed and the service itself. It
// returns ErrLoginTaken, ErrPhoneTaken or field faults.
func (s *Service) Create(tx *db.Tx, by auth.Actor, in Entry) (models.Account, error) {
	acc := models.Account{Lang: in.Lang, Demo: in.Demo, CreatedAt: tx.Now()}
	if in.Name != "" || in.Login != "" { // who first signs in by code has not told a name yet
		var faults []errs.Field
		if acc.Name, faults = plainName("name", in.Name); faults != nil {
			return acc, errs.ErrInvalid.At(faults...)
		}
	}
	if acc.Lang == "" {
		acc.Lang = "zh-CN"
	}
	if in.Login != "" || in.Phone == "" {
		login := plainLogin(in.Login)
		if !loginWord.MatchString(login) {
			return acc, errs.FieldFault("login", "login")
		}
		acc.Login = &login
	}
	if in.Phone != "" {
		phone, err := secret.Mobile(in.Phone)
		if err != nil {
			return acc, errs.FieldFault("phone", "mobile")
		}
		index := s.box.PhoneIndex(phone)
		acc.PhoneEnc, acc.PhoneIndex = s.box.Seal(phone), &index
	}
	if in.Password != "" && in.hash == "" {
		hashed := s.hashOf
		if in.Demo { // a demo password is the log-in itself, however short: nothing to make dear
			hashed = newHasher(demoCost, s.cfg.Random).make
		}
		hash, err := hashed(tx.Context(), in.Password)
		if err != nil {
			return acc, err
		}
		in.hash = hash
	}
	acc.PasswordHash, acc.PasswordOnce = in.hash, bool(in.Once) && in.hash != ""
	if err := insertAccount(tx, &acc); err != nil {
		return acc, err
	}
	if _, err := ensureSelf(tx, acc.ID, acc.Name); err != nil {
		return acc, err
	}
	return acc, s.record(tx, by, "account.create", acc.ID, "", loginOf(acc)+" "+secret.MaskName(acc.Name))
}

// Own returns the actor's account with its roles, and its number, opened.
func (s *Service) Own(ctx context.Context, a auth.Actor) (st Staff, phone string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		acc, err := accountByID(tx, a.AccountID, "")
		if err != nil {
			return err
		}
		all, err := withGrants(tx, []models.Account{acc})
		if err != nil {
			return err
		}
		st = all[0]
		phone, err = s.box.Open(acc.PhoneEnc)
		return err
	})
	return st, phone, err
}

// Change sets the actor's own name and the language of messages to them.
func (s *Service) Change(ctx context.Context, a auth.Actor, name, lang string) error {
	name, faults := plainName("name", name)
	if faults != nil {
		return errs.ErrInvalid.At(faults...)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := accountByID(tx, a.AccountID, tx.ForUpdate())
		if err != nil {
			return err
		}
		if err := setProfile(tx, a.AccountID, name, lang); err != nil {
			return err
		}
		return s.record(tx, a, "account.change", a.AccountID,
			secret.MaskName(before.Name)+" "+before.Lang, secret.MaskName(name)+" "+lang)
	})
}

// record writes an audit line about an account; texts are masked by the caller.
func (s *Service) record(tx *db.Tx, by auth.Actor, action string, account int64, before, after string) error {
	l := audit.By(tx, by, channelOf(by))
	l.Action, l.SubjectKind, l.SubjectID, l.Before, l.After = action, "account", strconv.FormatInt(account, 10), before, after
	return audit.Write(tx, l)
}

// channelOf tells what people do from what the command line does.
func channelOf(a auth.Actor) models.Channel {
	if a.AccountID == 0 {
		return models.ChannelJob
	}
	return models.ChannelOnline
}

func loginOf(a models.Account) string {
	if a.Login == nil {
		return ""
	}
	return *a.Login
}

// wait is a refusal that says until when, in words and for programs.
func wait(e *errs.Error, now, until models.Instant) error {
	// Rounded up to the minute: who comes back at the time told is let in.
	shown := models.InstantOf(until.Time().Add(time.Minute - time.Microsecond).Truncate(time.Minute))
	return e.With("until", shown).Add("until", shown).Add("retry_after", int(until.Sub(now)/time.Second)+1)
}
