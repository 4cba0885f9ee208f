package account_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func actorOf(acc models.Account) auth.Actor { return auth.Actor{AccountID: acc.ID, Name: acc.Name} }

// browser is a visitor with a cookie jar of one cookie.
type browser struct {
	w      *world
	cookie *http.Cookie
	set    int // cookies set so far
}

// visit runs a request through the session middleware.
func (b *browser) visit(do func(r *http.Request)) (who auth.Actor) {
	h := b.w.s.Sessions().Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who = b.w.s.Sessions().Actor(r.Context())
		if do != nil {
			do(r)
		}
		w.WriteHeader(http.StatusOK)
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		b.cookie, b.set = c, b.set+1
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return who
}

func (b *browser) signIn(acc models.Account) {
	b.visit(func(r *http.Request) { require.NoError(b.w.t, b.w.s.Sessions().Start(r.Context(), acc)) })
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.Read(w.ctx, func(tx *db.Tx) error { _, err := tx.One(&n, query, args...); return err }))
	return n
}

func TestVisitorsLeaveNoSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		b := &browser{w: w}
		require.False(t, b.visit(nil).SignedIn())
		require.Zero(t, b.set)
		b.cookie = &http.Cookie{Name: "session", Value: "made-up"}
		require.False(t, b.visit(nil).SignedIn())
		require.Zero(t, w.count(`SELECT count(*) FROM sessions`))
	})
}

func TestSessionCarriesAccountAndGrants(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.staff("clerk", [2]string{"clerk", "xinghua"}, [2]string{"branch", "fenyuan"})
		b := &browser{w: w}
		b.signIn(acc)
		a := b.visit(nil)
		require.Equal(t, acc.ID, a.AccountID)
		require.Equal(t, []string{w.orgs["xinghua"].Path, w.orgs["fenyuan"].Path}, a.Scope(auth.BookForBranch))
		require.True(t, a.CanAt(auth.CheckIn, w.orgs["fenyuan"].Path))
		require.Zero(t, w.count(`SELECT count(*) FROM sessions WHERE token_hash = ?`, b.cookie.Value), "only the hash is kept")
		require.True(t, b.cookie.HttpOnly)
	})
}

func TestSigningInTakesANewToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		one, two := w.staff("one"), w.staff("two")
		b := &browser{w: w}
		b.signIn(one)
		old := *b.cookie
		b.signIn(two)
		require.Equal(t, two.ID, b.visit(nil).AccountID)
		require.False(t, (&browser{w: w, cookie: &old}).visit(nil).SignedIn(), "a token known before is worth nothing after")
	})
}

func TestRevocationHoldsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(w *world, b *browser, acc models.Account){
		"Grant": func(w *world, _ *browser, _ models.Account) {
			require.NoError(w.t, w.s.RevokeByCode(w.ctx, "clerk", auth.Clerk, "xinghua"))
		},
		"Disabled": func(w *world, _ *browser, _ models.Account) { require.NoError(w.t, w.s.DisableLogin(w.ctx, "clerk")) },
		"Password": func(w *world, _ *browser, _ models.Account) {
			require.NoError(w.t, w.s.ResetPassword(w.ctx, "clerk", "another word 12"))
		},
		"Everywhere": func(w *world, _ *browser, acc models.Account) {
			require.NoError(w.t, w.s.SignOutEverywhere(w.ctx, actorOf(acc)))
		},
		"SignedOut": func(w *world, b *browser, _ models.Account) {
			kept := *b.cookie
			b.visit(func(r *http.Request) { require.NoError(w.t, w.s.Sessions().End(r.Context())) })
			b.cookie = &kept // a thief has the cookie still
		},
		"OrgClosed": func(w *world, _ *browser, _ models.Account) {
			require.NoError(w.t, w.db.Write(w.ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE orgs SET archived_at = ? WHERE code = 'xinghua'`, tx.Now())
				return err
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				w := newWorld(t, d, clock)
				acc := w.staff("clerk", [2]string{"clerk", "xinghua"})
				b := &browser{w: w}
				b.signIn(acc)
				require.True(t, b.visit(nil).Can(auth.CheckIn))
				revoke(w, b, acc)
				require.False(t, b.visit(nil).Can(auth.CheckIn))
			})
		})
	}
}

// A request that is under way when its session is revoked saves its data late.
func TestALateSaveBringsNothingBackToLife(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.staff("clerk")
		b := &browser{w: w}
		b.signIn(acc)
		token := b.cookie.Value
		require.NoError(t, w.s.SignOutEverywhere(w.ctx, actorOf(acc)))
		store := w.s.Sessions().Store()
		data := fmt.Appendf(nil, `{"deadline":"2027-01-01T00:00:00Z","values":{"account":"%d"}}`, acc.ID)
		require.NoError(t, store.CommitCtx(w.ctx, token, data, time.Time{}))
		require.False(t, b.visit(nil).SignedIn())
	})
}

func TestBearerTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.staff("clerk", [2]string{"clerk", "xinghua"})
		token, err := w.s.IssueToken(w.ctx, "clerk", "kiosk")
		require.NoError(t, err)
		check := func(token string) bool {
			a, ok, err := w.s.Sessions().Bearer(w.ctx, token)
			require.NoError(t, err)
			return ok && a.AccountID == acc.ID && a.Can(auth.CheckIn)
		}
		require.True(t, check(token))
		require.False(t, check(token+"x"))
		require.False(t, check(""))
		b := &browser{w: w}
		b.signIn(acc)
		require.False(t, check(b.cookie.Value), "a session is no token")
		require.False(t, (&browser{w: w, cookie: &http.Cookie{Name: "session", Value: token}}).visit(nil).SignedIn(), "a token is no session")
		clock.Advance(364 * 24 * time.Hour)
		require.True(t, check(token), "programs do not idle out")
		clock.Advance(2 * 24 * time.Hour)
		require.False(t, check(token))
	})
}

func TestLastSeenIsTouchedAtMostEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		b := &browser{w: w}
		b.signIn(w.staff("clerk"))
		touched := func() bool {
			return w.count(`SELECT count(*) FROM sessions WHERE last_seen_at = ?`, clock.Instant()) == 1
		}
		clock.Advance(4 * time.Minute)
		b.visit(nil)
		require.False(t, touched())
		clock.Advance(time.Minute)
		b.visit(nil)
		require.True(t, touched())
	})
}

func TestStaffIdleOutBeforeResidents(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		staff, home := &browser{w: w}, &browser{w: w}
		staff.signIn(w.staff("clerk", [2]string{"clerk", "qu"}))
		home.signIn(w.resident(mobile))
		require.Equal(t, "139****8826", home.visit(nil).Name, "until a name is told")
		clock.Advance(13 * time.Hour)
		require.False(t, staff.visit(nil).SignedIn())
		require.True(t, home.visit(nil).SignedIn())
		clock.Advance(31 * 24 * time.Hour)
		require.False(t, home.visit(nil).SignedIn())
	})
}
