package account_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/account"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/configs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestFirstSignInByCodeMakesTheAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		one := w.resident(mobile)
		require.Equal(t, "+8613935108826 "+w.sent.last(), w.sent.codes[0])
		clock.Advance(time.Hour)
		two := w.resident("+86 139-3510-8826")
		require.Equal(t, one.ID, two.ID, "the number is found by its blind index, however it is written")
		require.NotContains(t, one.PhoneEnc, "8826")
		phone, err := w.box.Open(one.PhoneEnc)
		require.NoError(t, err)
		require.Equal(t, "+8613935108826", phone)
		require.NotEqual(t, one.ID, w.resident("13935108827").ID)
	})
}

func TestACodeIsSpentOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		ticket, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		var done sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 8 {
			done.Go(func() {
				_, err := w.s.SignInByCode(w.ctx, ticket, w.sent.last(), "zh-CN")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else {
					require.ErrorIs(t, err, account.ErrCodeOver)
				}
			})
		}
		done.Wait()
		require.Equal(t, 1, won)
	})
}

func TestTwoCodesAtOnceMakeOneAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		var tickets, codes []string
		for range 3 {
			ticket, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
			require.NoError(t, err)
			tickets, codes = append(tickets, ticket), append(codes, w.sent.last())
		}
		ids := make([]int64, 3)
		var done sync.WaitGroup
		for i := range tickets {
			done.Go(func() {
				acc, err := w.s.SignInByCode(w.ctx, tickets[i], codes[i], "zh-CN")
				require.NoError(t, err)
				ids[i] = acc.ID
			})
		}
		done.Wait()
		require.Equal(t, ids[0], ids[1])
		require.Equal(t, ids[0], ids[2])
	})
}

func TestACodeEndsAfterFiveWrongTries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		ticket, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		for left := 4; left >= 1; left-- {
			_, err = w.s.SignInByCode(w.ctx, ticket, "abc", "zh-CN")
			require.ErrorIs(t, err, account.ErrCodeWrong)
			require.Equal(t, left, errs.As(err).Args["left"])
		}
		_, err = w.s.SignInByCode(w.ctx, ticket, "abc", "zh-CN")
		require.ErrorIs(t, err, account.ErrCodeOver)
		_, err = w.s.SignInByCode(w.ctx, ticket, w.sent.last(), "zh-CN")
		require.ErrorIs(t, err, account.ErrCodeOver, "the right one comes too late")
	})
}

func TestACodeExpires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		ticket, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		clock.Advance(5 * time.Minute)
		_, err = w.s.SignInByCode(w.ctx, ticket, w.sent.last(), "zh-CN")
		require.ErrorIs(t, err, account.ErrCodeOver)
	})
}

func TestOthersTriesSpendOnlyTheirOwnCode(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		mine, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		code := w.sent.last()
		for range 3 { // as many as one address gets
			theirs, err := w.s.SendCode(w.ctx, mobile, attacker, "zh-CN")
			require.NoError(t, err)
			for range 6 {
				_, err = w.s.SignInByCode(w.ctx, theirs, "000000x", "zh-CN")
				require.Error(t, err)
			}
		}
		_, err = w.s.SendCode(w.ctx, mobile, attacker, "zh-CN")
		require.ErrorIs(t, err, account.ErrCodeLimit)
		_, err = w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err, "an allowance is left for the owner")
		_, err = w.s.SignInByCode(w.ctx, mine, code, "zh-CN")
		require.NoError(t, err)
	})
}

func TestAForgedTicketIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		_, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		for name, bad := range map[string]string{
			"Empty": "", "Plain": "login-code 1 +8613935108826",
			"SealedForSomethingElse": w.box.Seal("1 +8613935108826"),
			"OtherNumber":            w.box.Seal("login-code 1 +8613935108827"),
		} {
			_, err := w.s.SignInByCode(w.ctx, bad, w.sent.last(), "zh-CN")
			require.ErrorIs(t, err, account.ErrCodeOver, name)
		}
	})
}

func TestCodeLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock, func(c *account.Config) {
			c.SMS = configs.SMS{PerNumberHour: 4, PerAddressHour: 6, PerDay: 9}
		})
		ask := func(phone, address string) error {
			_, err := w.s.SendCode(w.ctx, phone, address, "zh-CN")
			return err
		}
		for _, from := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"} {
			require.NoError(t, ask(mobile, from))
			clock.Advance(time.Minute)
		}
		err := ask(mobile, "192.0.2.2")
		require.ErrorIs(t, err, account.ErrCodeLimit, "per number")
		require.Equal(t, models.InstantOf(dbtest.Start.Add(time.Hour+2*time.Minute)), errs.As(err).Args["until"])
		for i := range 4 {
			require.NoError(t, ask("1393510000"+string(rune('0'+i)), "192.0.2.1"))
		}
		require.ErrorIs(t, ask("13935100009", "192.0.2.1"), account.ErrCodeLimit, "per address")
		require.NoError(t, ask("13935100010", "192.0.2.9"))
		require.ErrorIs(t, ask("13935100011", "192.0.2.10"), account.ErrCodeLimit, "per day")
		require.Len(t, w.sent.codes, 9)
		clock.Advance(24 * time.Hour)
		require.NoError(t, ask(mobile, "192.0.2.1"))
	})
}

// Whoever uses up a number's codes does not lock its owner out.
func TestAnAddressWithoutACodeIsServedBeyondTheNumbersLimit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		ask := func(address string) error {
			_, err := w.s.SendCode(w.ctx, mobile, address, "zh-CN")
			clock.Advance(time.Minute)
			return err
		}
		from := func(i int) string { return fmt.Sprint("198.51.100.", i) }
		for i := range 5 {
			require.NoError(t, ask(from(i)))
		}
		require.ErrorIs(t, ask(from(4)), account.ErrCodeLimit, "has had its one, and the number five")
		require.NoError(t, ask(victimHome))
		require.ErrorIs(t, ask(victimHome), account.ErrCodeLimit)
		for i := range 14 {
			require.NoError(t, ask(from(100+i)))
		}
		err := ask("203.0.113.200")
		require.ErrorIs(t, err, account.ErrCodeLimit, "twenty are the most")
		require.Len(t, w.sent.codes, 20)
		until := errs.As(err).Args["until"].(models.Instant)
		require.Equal(t, models.InstantOf(dbtest.Start.Add(time.Hour)), until)
		clock.Advance(until.Sub(models.InstantOf(clock.Now())))
		require.NoError(t, ask("203.0.113.200"), "who comes back when told is served")

		err = ask(from(113))
		require.ErrorIs(t, err, account.ErrCodeLimit)
		until = errs.As(err).Args["until"].(models.Instant)
		clock.Advance(until.Sub(models.InstantOf(clock.Now())))
		require.NoError(t, ask(from(113)), "so is who had one before")
	})
}

func TestLimitsHoldWhenAllAskAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				_, err := w.s.SendCode(w.ctx, mobile, attacker, "zh-CN")
				require.True(t, err == nil || errors.Is(err, account.ErrCodeLimit))
			})
		}
		done.Wait()
		require.Len(t, w.sent.codes, 3)
	})
}

func TestWithoutAChannel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock, func(c *account.Config) { c.Sender = nil })
		_, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.ErrorIs(t, err, account.ErrCodesOff)
		_, err = w.s.SendCode(w.ctx, "0351-6061234", victimHome, "zh-CN")
		require.ErrorIs(t, err, errs.ErrInvalid, "no text reaches a land line")
	})
}

func TestDemoModeShowsCodesInsteadOfSending(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock, func(c *account.Config) { c.Demo = configs.On })
		ticket, err := w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.NoError(t, err)
		require.Empty(t, w.sent.codes)
		_, err = w.s.SignInByCode(w.ctx, ticket, w.s.DemoCodes()[0].Code, "zh-CN")
		require.NoError(t, err)
	})
}

// What is written down about people is masked: logs, and the audit log.
func TestNothingWrittenDownNamesAnybody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.resident(mobile)
		a := actorOf(acc)
		require.NoError(t, w.s.Change(w.ctx, a, "张建华", "en"))
		p, err := w.s.AddPerson(w.ctx, a, account.PersonEntry{Name: "刘淑芬", Relation: "母亲", Phone: "13703510001"})
		require.NoError(t, err)
		_, err = w.s.ChangePerson(w.ctx, a, p.ID, account.PersonEntry{Name: "刘淑芳", Relation: "母亲", Phone: "13703510002"})
		require.NoError(t, err)
		w.sent.fail = errors.New("gateway away")
		_, err = w.s.SendCode(w.ctx, mobile, victimHome, "zh-CN")
		require.ErrorIs(t, err, account.ErrCodeUnsent)
		var lines []string
		require.NoError(t, d.Read(w.ctx, func(tx *db.Tx) error {
			return tx.Scan(&lines, `SELECT actor || ' ' || action || ' ' || before || ' ' || after || ' ' || reason FROM audit_log`)
		}))
		text := w.log.String() + strings.Join(lines, "\n")
		require.Contains(t, text, "139****8826")
		require.Contains(t, text, "刘*芬")
		for _, open := range []string{"13935108826", "3510001", "3510002", "张建华", "刘淑芬", "刘淑芳", w.sent.last()} {
			require.NotContains(t, text, open)
		}
	})
}
