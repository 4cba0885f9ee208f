package account_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/app/secret"
	"youyue/configs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

const (
	victimHome = "198.51.100.7"
	attacker   = "203.0.113.9"
	goodWord   = "correct horse battery"
	mobile     = "139 3510 8826"
)

// phones keeps what would have been sent.
type phones struct {
	mu    sync.Mutex
	codes []string
	fail  error
}

func (p *phones) SendCode(_ context.Context, phone, code, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes = append(p.codes, phone+" "+code)
	return p.fail
}

func (p *phones) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.codes[len(p.codes)-1]
	return c[len(c)-6:]
}

type world struct {
	t     *testing.T
	ctx   context.Context
	db    *db.DB
	clock *dbtest.Clock
	box   *secret.Box
	s     *account.Service
	sent  *phones
	log   *bytes.Buffer
	slog  *slog.Logger
	orgs  map[string]models.Org
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock, change ...func(*account.Config)) *world {
	t.Helper()
	box, err := secret.New(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	w := &world{t: t, ctx: context.Background(), db: d, clock: clock, box: box, sent: &phones{}, log: &bytes.Buffer{}, orgs: map[string]models.Org{}}
	w.slog = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := account.Config{
		Codes:  configs.OTP{TTL: 5 * time.Minute, Length: 6},
		SMS:    configs.SMS{PerNumberHour: 5, PerAddressHour: 20, PerDay: 5000},
		Sender: w.sent, Hash: account.HashCost{Memory: 64, Passes: 1, Threads: 1},
		Log: w.slog,
	}
	for _, c := range change {
		c(&cfg)
	}
	w.s = account.New(d, box, cfg)
	require.NoError(t, d.Write(w.ctx, func(tx *db.Tx) error {
		for _, o := range [][2]string{{"", "qu"}, {"qu", "xinghua"}, {"qu", "qianfeng"}, {"xinghua", "fenyuan"}} {
			in := org.Entry{Code: o[1], Name: o[1], Kind: models.OrgStation}
			if o[0] != "" {
				id := w.orgs[o[0]].ID
				in.ParentID = &id
			}
			made, err := org.Create(tx, auth.Actor{Login: "seed"}, in)
			if err != nil {
				return err
			}
			w.orgs[o[1]] = made
		}
		return nil
	}))
	return w
}

// staff makes an account with a password and roles "role@org".
func (w *world) staff(login string, grants ...[2]string) models.Account {
	w.t.Helper()
	acc, err := w.s.AddAccount(w.ctx, login, "王"+login, goodWord)
	require.NoError(w.t, err)
	for _, g := range grants {
		require.NoError(w.t, w.s.GrantByCode(w.ctx, login, auth.Role(g[0]), g[1]))
	}
	return acc
}

// actor is the account as a request sees it.
func (w *world) actor(login string) auth.Actor {
	w.t.Helper()
	token, err := w.s.IssueToken(w.ctx, login, "test")
	require.NoError(w.t, err)
	a, ok, err := w.s.Sessions().Bearer(w.ctx, token)
	require.NoError(w.t, err)
	require.True(w.t, ok)
	return a
}

// resident signs in by code and returns the account.
func (w *world) resident(phone string) models.Account {
	w.t.Helper()
	ticket, err := w.s.SendCode(w.ctx, phone, victimHome, "zh-CN")
	require.NoError(w.t, err)
	acc, err := w.s.SignInByCode(w.ctx, ticket, w.sent.last(), "zh-CN")
	require.NoError(w.t, err)
	return acc
}

func (w *world) guess(login, address string, times int) (slowed int) {
	w.t.Helper()
	for range times {
		_, err := w.s.SignIn(w.ctx, login, "wrong password", address)
		if errors.Is(err, account.ErrSlowDown) {
			slowed++
			continue
		}
		require.ErrorIs(w.t, err, account.ErrWrong)
	}
	return slowed
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		made := w.staff("scheduler")
		got, err := w.s.SignIn(w.ctx, " Scheduler ", goodWord, victimHome)
		require.NoError(t, err)
		require.Equal(t, made.ID, got.ID)
		for _, login := range []string{"scheduler", "nobody", "", "' OR 1=1 --"} {
			_, err := w.s.SignIn(w.ctx, login, "wrong password", victimHome)
			require.ErrorIs(t, err, account.ErrWrong, login)
		}
		_, err = w.s.AddAccount(w.ctx, "none", "没有密码", "")
		require.NoError(t, err)
		_, err = w.s.SignIn(w.ctx, "none", "", attacker)
		require.ErrorIs(t, err, account.ErrWrong, "no password is no empty password")
		require.NoError(t, w.s.DisableLogin(w.ctx, "scheduler"))
		_, err = w.s.SignIn(w.ctx, "scheduler", goodWord, "198.51.100.77")
		require.ErrorIs(t, err, account.ErrDisabled)
	})
}

func TestWrongPasswordsElsewhereDoNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("scheduler")
		open := w.actor("scheduler")
		require.Positive(t, w.guess("scheduler", attacker, 200), "the guesser is slowed down")
		_, err := w.s.SignIn(w.ctx, "scheduler", goodWord, attacker)
		require.ErrorIs(t, err, account.ErrSlowDown, "even with the right word from there")
		_, err = w.s.SignIn(w.ctx, "scheduler", goodWord, victimHome)
		require.NoError(t, err, "the owner comes in from home")
		_, _, err = w.s.Own(w.ctx, open)
		require.NoError(t, err, "an open session goes on")
	})
}

func TestSlowDownSaysUntilWhenAndEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("scheduler")
		require.Equal(t, 0, w.guess("scheduler", attacker, 5))
		_, err := w.s.SignIn(w.ctx, "scheduler", goodWord, attacker)
		require.ErrorIs(t, err, account.ErrSlowDown)
		e := errs.As(err)
		require.Equal(t, clock.Instant().Add(time.Minute), e.Args["until"], "rounded up to the minute")
		require.Equal(t, 31, e.Extra["retry_after"])
		clock.Advance(30 * time.Second)
		require.Equal(t, 1, w.guess("scheduler", attacker, 2), "one more try, then a longer wait")
		clock.Advance(30 * time.Second)
		require.Equal(t, 1, w.guess("scheduler", attacker, 1))
		clock.Advance(31 * time.Second)
		_, err = w.s.SignIn(w.ctx, "scheduler", goodWord, attacker)
		require.NoError(t, err)
		require.Equal(t, 0, w.guess("scheduler", attacker, 5), "success clears the pair")
	})
}

func TestManyGuessesAtTheSameMomentCountAsMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("scheduler")
		// The first round is for the pool: connections being made queue the guesses.
		for round, login := range []string{"nobody", "scheduler"} {
			var checked atomic.Int64
			var done sync.WaitGroup
			for range 40 {
				done.Go(func() {
					if _, err := w.s.SignIn(w.ctx, login, "wrong password", attacker); errors.Is(err, account.ErrWrong) {
						checked.Add(1)
					}
				})
			}
			done.Wait()
			require.EqualValues(t, 5, checked.Load(), "round %d", round)
		}
	})
}

func TestOneAddressTryingManyLoginsIsSlowedDown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("scheduler")
		slowed := 0
		for i := range 60 {
			slowed += w.guess("user"+string(rune('a'+i%26))+string(rune('a'+i/26)), "2001:db8:1:2::"+string(rune('1'+i%9)), 1)
		}
		require.Equal(t, 10, slowed, "the 64 bits of a subscriber are one address")
		_, err := w.s.SignIn(w.ctx, "scheduler", goodWord, "2001:db8:1:3::1")
		require.NoError(t, err)
	})
}

func TestAPasswordOfAnOlderCostIsRenewed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("scheduler")
		dearer := account.New(d, w.box, account.Config{Hash: account.HashCost{Memory: 128, Passes: 1, Threads: 1}})
		acc, err := dearer.SignIn(w.ctx, "scheduler", goodWord, victimHome)
		require.NoError(t, err)
		require.Contains(t, acc.PasswordHash, "m=64,")
		acc, err = dearer.SignIn(w.ctx, "scheduler", goodWord, victimHome)
		require.NoError(t, err)
		require.Contains(t, acc.PasswordHash, "m=128,")
	})
}

func TestDemoPeopleExistInDemoModeOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		demo := newWorld(t, d, clock, func(c *account.Config) { c.Demo = configs.On })
		demo.staff("real")
		require.NoError(t, d.Write(demo.ctx, func(tx *db.Tx) error {
			_, err := demo.s.Create(tx, auth.Actor{Login: "seed"}, account.Entry{Login: "clerk", Name: "代办员", Password: goodWord, Demo: true})
			return err
		}))
		_, err := demo.s.SignInDemo(demo.ctx, "clerk")
		require.NoError(t, err)
		_, err = demo.s.SignInDemo(demo.ctx, "real")
		require.ErrorIs(t, err, errs.ErrNotFound)
		who, err := demo.s.DemoLogins(demo.ctx)
		require.NoError(t, err)
		require.Len(t, who, 1)

		live := account.New(d, demo.box, account.Config{Hash: account.HashCost{Memory: 64, Passes: 1, Threads: 1}})
		token, err := demo.s.IssueToken(demo.ctx, "clerk", "")
		require.NoError(t, err)
		_, err = live.SignInDemo(demo.ctx, "clerk")
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = live.SignIn(demo.ctx, "clerk", goodWord, victimHome)
		require.ErrorIs(t, err, account.ErrWrong)
		_, ok, err := live.Sessions().Bearer(demo.ctx, token)
		require.NoError(t, err)
		require.False(t, ok)
		require.Empty(t, live.DemoCodes())
	})
}
