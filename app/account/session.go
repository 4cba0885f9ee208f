package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/secret"
	"youyue/models"

	"github.com/alexedwards/scs/v2"
)

// How long a sign-in lasts. Staff screens stand open in public rooms, so who
// holds a role is asked again after half a day without a click.
const (
	sessionLife  = 90 * 24 * time.Hour
	residentIdle = 30 * 24 * time.Hour
	staffIdle    = 12 * time.Hour
	tokenLife    = 365 * 24 * time.Hour
	touchEvery   = 5 * time.Minute
)

type sessionKind string

const (
	kindBrowser sessionKind = "browser"
	kindBearer  sessionKind = "bearer"
)

const keyAccount = "account"

// Sessions tells the HTTP edge who is asking. The session, its account and the
// live grants come in one query per request; nothing is cached, so whatever is
// revoked is revoked for the next request.
type Sessions struct {
	svc *Service
	m   *scs.SessionManager
}

func newSessions(s *Service) *Sessions {
	m := scs.New()
	m.Lifetime = sessionLife
	m.Codec = jsonCodec{}
	m.Store = sessionStore{s}
	m.ErrorFunc = s.sessionFault
	m.Cookie.Secure = strings.HasPrefix(s.cfg.BaseURL, "https://")
	if m.Cookie.Secure {
		m.Cookie.Name = "__Host-session"
	}
	return &Sessions{svc: s, m: m}
}

type seenKey struct{}

// seen is filled by the store when it finds the request's session.
type seen struct{ actor auth.Actor }

// Middleware loads the browser's session and, when it changed, saves it.
// Visitors who are not signed in have none.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	inner := s.m.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seenKey{}, &seen{})))
	})
}

// Actor is who the request's session belongs to; the zero Actor is a visitor.
func (s *Sessions) Actor(ctx context.Context) auth.Actor {
	if h, ok := ctx.Value(seenKey{}).(*seen); ok {
		return h.actor
	}
	return auth.Actor{}
}

// Again is who the request's session belongs to as of now; the zero Actor when
// it was revoked meanwhile, or lies idle. A page that stands open and is told
// news keeps no session alive.
func (s *Sessions) Again(ctx context.Context) (auth.Actor, error) {
	a, _, _, err := s.svc.known(ctx, s.m.Token(ctx), kindBrowser)
	return a, err
}

// Bearer is who a program's token belongs to; false when it is unknown, revoked
// or expired, or its account disabled.
func (s *Sessions) Bearer(ctx context.Context, token string) (auth.Actor, bool, error) {
	a, _, ok, err := s.svc.find(ctx, token, kindBearer)
	return a, ok, err
}

// Start signs the account in on this browser, under a new token.
func (s *Sessions) Start(ctx context.Context, acc models.Account) error {
	if err := s.m.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.m.Put(ctx, keyAccount, strconv.FormatInt(acc.ID, 10))
	return nil
}

// End signs this browser out.
func (s *Sessions) End(ctx context.Context) error {
	if err := s.m.Destroy(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// SignOutEverywhere revokes every session and token of the actor, this one too.
func (s *Service) SignOutEverywhere(ctx context.Context, a auth.Actor) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := revokeSessions(tx, a.AccountID)
		if err != nil {
			return err
		}
		return s.record(tx, a, "account.sign_out_everywhere", a.AccountID, "", fmt.Sprint(n))
	})
}

// IssueToken makes a bearer token for a program that acts as the account; it is
// shown once and lives a year. errs.ErrNotFound when there is no such log-in.
func (s *Service) IssueToken(ctx context.Context, login, label string) (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	token := "yy_" + base64.RawURLEncoding.EncodeToString(raw)
	return token, s.db.Write(ctx, func(tx *db.Tx) error {
		acc, err := accountByLogin(tx, plainLogin(login))
		if err != nil {
			return err
		}
		if err := insertSession(tx, hashToken(token), kindBearer, acc.ID, nil, label, tokenLife); err != nil {
			return err
		}
		return s.record(tx, operator, "account.token", acc.ID, "", label)
	})
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// lookup answers the tokens that requests ask for at the same moment.
func (s *Service) lookup(ctx context.Context, hashes []string) (rows map[string][]sessionRow, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { rows, err = findSessions(tx, hashes); return err })
	return rows, err
}

// find looks a token up with its account and grants, and notes at most every
// five minutes that it was seen.
func (s *Service) find(ctx context.Context, token string, kind sessionKind) (auth.Actor, []byte, bool, error) {
	a, row, ok, err := s.known(ctx, token, kind)
	if err != nil || !ok {
		return auth.Actor{}, nil, false, err
	}
	if s.db.Now().Sub(row.LastSeenAt) >= touchEvery {
		err := s.db.Write(ctx, func(tx *db.Tx) error { return touchSession(tx, hashToken(token), tx.Now().Add(-touchEvery)) })
		if err != nil { // of no consequence to the reader
			s.cfg.Log.DebugContext(ctx, "last seen not kept", "cause", err)
		}
	}
	return a, row.Data, true, nil
}

// known looks a token up with its account and grants, in one query that it may
// share with other requests.
func (s *Service) known(ctx context.Context, token string, kind sessionKind) (a auth.Actor, first sessionRow, ok bool, err error) {
	rows, err := s.lookups.Get(ctx, hashToken(token))
	if err != nil || len(rows) == 0 || rows[0].Kind != kind || (rows[0].Demo && !bool(s.cfg.Demo)) {
		return auth.Actor{}, sessionRow{}, false, err
	}
	first = rows[0]
	a = auth.Actor{AccountID: first.AccountID, Login: first.Login, Name: first.Name, Lang: first.Lang}
	for _, r := range rows {
		if r.Path != "" {
			a.Grants = append(a.Grants, auth.Grant{Role: auth.Role(r.Role), OrgID: r.OrgID, Path: r.Path})
		}
	}
	if a.Name == "" { // a number that signed in and was not yet asked
		phone, err := s.box.Open(first.PhoneEnc)
		if err != nil {
			return auth.Actor{}, sessionRow{}, false, fmt.Errorf("session: number of account %d: %w", first.AccountID, err)
		}
		a.Name = secret.MaskPhone(phone)
	}
	idle := s.db.Now().Sub(first.LastSeenAt)
	if kind == kindBrowser && (idle > residentIdle || (len(a.Grants) > 0 && idle > staffIdle)) {
		return auth.Actor{}, sessionRow{}, false, nil
	}
	return a, first, true, nil
}

// sessionFault answers when sessions cannot be read: the database is away.
func (s *Service) sessionFault(w http.ResponseWriter, r *http.Request, err error) {
	s.cfg.Log.ErrorContext(r.Context(), "session", "cause", err)
	w.Header().Set("Retry-After", "2")
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`{"type":"urn:youyue:problem:db.unavailable","title":"Service Unavailable","status":503,` +
		`"code":"db.unavailable","detail":"请过一会儿再试。 Please try again in a moment."}`))
}

// sessionStore is scs' view of the table: tokens are hashed before they get there.
type sessionStore struct{ s *Service }

var _ scs.CtxStore = sessionStore{}

// FindCtx implements scs.CtxStore and tells the request who is asking.
func (st sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	a, data, ok, err := st.s.find(ctx, token, kindBrowser)
	if h, in := ctx.Value(seenKey{}).(*seen); in && ok {
		h.actor = a
	}
	return data, ok, err
}

// CommitCtx implements scs.CtxStore. A session without an account is not kept.
func (st sessionStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	_, values, err := jsonCodec{}.Decode(data)
	if err != nil {
		return err
	}
	word, _ := values[keyAccount].(string)
	id, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // nobody is signed in: nothing to keep
	}
	return st.s.db.Write(ctx, func(tx *db.Tx) error {
		return insertSession(tx, hashToken(token), kindBrowser, id, data, "", sessionLife)
	})
}

// DeleteCtx implements scs.CtxStore; the row stays, revoked, until it is purged.
func (st sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return st.s.db.Write(ctx, func(tx *db.Tx) error { return revokeSession(tx, hashToken(token)) })
}

// Find, Commit and Delete serve scs' calls without a context.
func (st sessionStore) Find(token string) ([]byte, bool, error) {
	return st.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (st sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return st.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (st sessionStore) Delete(token string) error { return st.DeleteCtx(context.Background(), token) }

// jsonCodec keeps session data readable to an operator; only strings go in.
type jsonCodec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode implements scs.Codec.
func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	err := json.Unmarshal(b, &d)
	return d.Deadline, d.Values, err
}
