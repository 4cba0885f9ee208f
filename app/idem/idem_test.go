package idem_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type answer struct {
	Org  int64  `json:"org"`
	Note string `json:"note"`
}

// order stands for any request that must take effect once: it makes an
// organisation and answers with its id.
func order(d *db.DB, t *testing.T, k idem.Key, code string) (answer, error) {
	t.Helper()
	var out answer
	err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		out, err = idem.Once(tx, k, func() (answer, error) {
			org := models.Org{Path: "/" + code + "/", Code: code, Name: code, Kind: models.OrgStation, CreatedAt: tx.Now()}
			err := tx.Insert(&org)
			if c := db.Constraint(err); c == "orgs_code_key" || c == "orgs_path_key" {
				return answer{}, errs.New(errs.Conflict, "code.taken")
			}
			return answer{org.ID, "开放 " + code}, err
		})
		return err
	})
	return out, err
}

func count(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&n, query) }))
	return n
}

func key(k string) idem.Key {
	return idem.Key{Scope: "account:5 POST /orders", Key: k, Body: "hash of " + k}
}

func TestThreeAtOnceHaveOneEffectAndOneAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for round := range 8 {
			code := fmt.Sprintf("round-%d", round)
			var answers [3]answer
			var failures [3]error
			var all sync.WaitGroup
			start := make(chan struct{})
			for i := range answers {
				all.Go(func() {
					<-start
					answers[i], failures[i] = order(d, t, key(code), code)
				})
			}
			close(start)
			all.Wait()
			require.NoError(t, errors.Join(failures[:]...))
			require.NotZero(t, answers[0].Org)
			require.Equal(t, answers[0], answers[1])
			require.Equal(t, answers[0], answers[2])
			require.Equal(t, round+1, count(t, d, `SELECT COUNT(*) FROM orgs`))
			require.Equal(t, round+1, count(t, d, `SELECT COUNT(*) FROM idempotency`))
		}
	})
}

func TestAKeyStandsForOneRequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		first, err := order(d, t, key("a"), "one")
		require.NoError(t, err)

		other := key("a")
		other.Body = "hash of something else"
		_, err = order(d, t, other, "two")
		require.ErrorIs(t, err, idem.ErrReused)

		elsewhere := key("a")
		elsewhere.Scope = "account:6 POST /orders"
		second, err := order(d, t, elsewhere, "two")
		require.NoError(t, err, "the same word of somebody else is another key")
		require.NotEqual(t, first.Org, second.Org)
	})
}

func TestARefusalIsEvaluatedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		_, err := order(d, t, key("first"), "one")
		require.NoError(t, err)
		_, err = order(d, t, key("second"), "one")
		require.ErrorIs(t, err, errs.New(errs.Conflict, "code.taken"))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM idempotency`))

		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM orgs`); return err }))
		got, err := order(d, t, key("second"), "one")
		require.NoError(t, err)
		require.NotZero(t, got.Org)
	})
}

// A read would vouch for what a new primary may have lost; a write cannot.
func TestAReplayIsConfirmedByAWrite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		first, err := order(d, t, key("a"), "one")
		require.NoError(t, err)
		clock.Advance(time.Hour)
		again, err := order(d, t, key("a"), "one")
		require.NoError(t, err)
		require.Equal(t, first, again)
		var row struct{ CreatedAt, SeenAt models.Instant }
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&row, `SELECT created_at, seen_at FROM idempotency`) }))
		require.Equal(t, clock.Instant(), row.SeenAt)
		require.Equal(t, time.Hour, row.SeenAt.Sub(row.CreatedAt))

		require.Error(t, d.Read(t.Context(), func(tx *db.Tx) error {
			if d.Engine() == db.Postgres {
				return errs.ErrForbidden // readers share the pool there
			}
			_, err := idem.Seen(tx, []idem.Key{key("a")})
			return err
		}))
	})
}

func TestWithoutAKeyEachRequestCounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for _, code := range []string{"one", "two"} {
			_, err := order(d, t, idem.Key{Scope: "s", Body: "b"}, code)
			require.NoError(t, err)
		}
		require.Equal(t, 2, count(t, d, `SELECT COUNT(*) FROM orgs`))
		require.Zero(t, count(t, d, `SELECT COUNT(*) FROM idempotency`))
	})
}

func TestManyKeysAreLookedUpAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var entries []idem.Entry
		var keys []idem.Key
		for i := range 128 {
			k := key(fmt.Sprintf("k%d", i))
			keys = append(keys, k, idem.Key{})
			if i%2 == 0 {
				entries = append(entries, idem.Entry{Key: k, Response: fmt.Sprint(i)})
			}
		}
		entries = append(entries, idem.Entry{Response: "of no key"})
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { return idem.Store(tx, entries) }))
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			seen, err := idem.Seen(tx, keys)
			require.NoError(t, err)
			for i := range 128 {
				text, found, err := seen.Find(key(fmt.Sprintf("k%d", i)))
				require.NoError(t, err)
				require.Equal(t, i%2 == 0, found)
				if found {
					require.Equal(t, fmt.Sprint(i), text)
				}
			}
			return nil
		}))
		err := d.Write(t.Context(), func(tx *db.Tx) error { return idem.Store(tx, entries[:1]) })
		require.ErrorIs(t, err, db.ErrAgain, "who comes second looks again")
	})
}
