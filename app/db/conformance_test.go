package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// addOrg writes one organisation; its code says who wrote it.
func addOrg(tx *db.Tx, code string) error {
	_, err := tx.Exec(`INSERT INTO orgs (path, code, name, kind, created_at) VALUES (?, ?, ?, 'station', ?)`,
		"/"+code+"/", code, code, tx.Now())
	return err
}

func orgCodes(t *testing.T, d *db.DB) []string {
	t.Helper()
	codes := []string{}
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&codes, `SELECT code FROM orgs ORDER BY id`) }))
	return codes
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	require.NoError(t, d.Write(t.Context(), fn))
}

func TestACommitIsSeenAndARollbackIsNot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return addOrg(tx, "kept") })
		cause := errors.New("changed my mind")
		err := d.Write(t.Context(), func(tx *db.Tx) error { return errors.Join(addOrg(tx, "lost"), cause) })
		require.ErrorIs(t, err, cause)
		require.PanicsWithValue(t, "fell over", func() {
			_ = d.Write(t.Context(), func(tx *db.Tx) error {
				_ = addOrg(tx, "lost too")
				panic("fell over")
			})
		})
		require.Equal(t, []string{"kept"}, orgCodes(t, d))
		write(t, d, func(tx *db.Tx) error { return addOrg(tx, "later") }) // the connection is well again
		require.Equal(t, []string{"kept", "later"}, orgCodes(t, d))
	})
}

// What is left for the end sees all that the transaction did, is done once per
// key, may leave more for the end, and undoes everything when it fails.
func TestBeforeCommitIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var order []string
		note := func(what string) func() error {
			return func() error { order = append(order, what); return nil }
		}
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			tx.BeforeCommit("a", func() error {
				tx.BeforeCommit("a", note("a again"))
				tx.BeforeCommit("c", note("c"))
				return note("a")()
			})
			tx.BeforeCommit("a", note("a twice"))
			tx.BeforeCommit("b", note("b"))
			tx.AfterCommit(func() { order = append(order, "after") })
			return note("body")()
		}))
		require.Equal(t, []string{"body", "a", "b", "c", "after"}, order)

		failure := errors.New("not like this")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.BeforeCommit("a", func() error { return failure })
			_, err := tx.Exec(`INSERT INTO jobs (name) VALUES ('undone')`)
			return err
		})
		require.ErrorIs(t, err, failure)
		var n int
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&n, `SELECT COUNT(*) FROM jobs WHERE name = 'undone'`) }))
		require.Zero(t, n)
	})
}

func TestAfterCommitRunsOnceAndOnlyAfterACommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var told []string
		write(t, d, func(tx *db.Tx) error {
			tx.AfterCommit(func() { told = append(told, "first: "+orgCodes(t, d)[0]) }) // by a reader, so it is durable
			tx.AfterCommit(func() { told = append(told, "second") })
			require.Empty(t, told)
			return addOrg(tx, "kept")
		})
		require.Equal(t, []string{"first: kept", "second"}, told)

		told = nil
		_ = d.Write(t.Context(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { told = append(told, "rolled back") })
			return errs.ErrNotFound
		})
		n := 0
		write(t, d, func(tx *db.Tx) error {
			n++
			tx.AfterCommit(func() { told = append(told, "try") })
			if n < 3 {
				return db.ErrAgain
			}
			return nil
		})
		require.Equal(t, []string{"try"}, told, "a try that was given up tells nobody")
	})
}

func TestNowStandsStillWithinATransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for _, run := range []func(context.Context, func(*db.Tx) error) error{d.Write, d.Read} {
			start := clock.Instant()
			require.NoError(t, run(t.Context(), func(tx *db.Tx) error {
				clock.Advance(time.Hour)
				require.Equal(t, start, tx.Now())
				return nil
			}))
			require.Equal(t, start.Add(time.Hour), d.Now())
		}
		n := 0
		var seen []models.Instant
		write(t, d, func(tx *db.Tx) error {
			seen = append(seen, tx.Now())
			clock.Advance(time.Minute)
			if n++; n < 2 {
				return db.ErrAgain
			}
			return nil
		})
		require.Equal(t, time.Minute, seen[1].Sub(seen[0]), "another try has a moment of its own")
	})
}

func TestAWriteRunsAgainWhenAskedToAndNotForEver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		n := 0
		write(t, d, func(tx *db.Tx) error {
			if n++; n < 3 {
				return errors.Join(addOrg(tx, "early"), db.ErrAgain)
			}
			return addOrg(tx, "late")
		})
		require.Equal(t, 3, n)
		require.Equal(t, []string{"late"}, orgCodes(t, d))

		n = 0
		err := d.Write(t.Context(), func(*db.Tx) error { n++; return db.ErrAgain })
		require.ErrorIs(t, err, db.ErrAgain)
		require.ErrorIs(t, err, db.ErrUnavailable, "nothing was written, later it may be")
		require.Equal(t, db.Attempts, n)

		n = 0
		require.ErrorIs(t, d.Write(t.Context(), func(*db.Tx) error { n++; return errs.ErrForbidden }), errs.ErrForbidden)
		require.Equal(t, 1, n, "a refusal is final")
	})
}

// Many add one to a number they read before: none of it may get lost. On
// PostgreSQL the transactions are serializable here, so that it has reason to
// stop some of them; SQLite lets one after the other in.
func TestNoUpdateIsLostToARace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO jobs (name, done) VALUES ('count', 0)`)
			return err
		})
		var mu sync.Mutex
		tries := 0
		const writers = 5
		var all sync.WaitGroup
		failures := make(chan error, writers)
		for range writers {
			all.Go(func() {
				failures <- d.Write(t.Context(), func(tx *db.Tx) error {
					mu.Lock()
					tries++
					mu.Unlock()
					if d.Engine() == db.Postgres {
						if _, err := tx.Exec(`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`); err != nil {
							return err
						}
					}
					var n int
					if err := tx.Scan(&n, `SELECT done FROM jobs WHERE name = 'count'`); err != nil {
						return err
					}
					_, err := tx.Exec(`UPDATE jobs SET done = ? WHERE name = 'count'`, n+1)
					return err
				})
			})
		}
		all.Wait()
		close(failures)
		for err := range failures {
			require.NoError(t, err)
		}
		var n int
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&n, `SELECT done FROM jobs WHERE name = 'count'`) }))
		require.Equal(t, writers, n)
		t.Logf("%d tries for %d writers", tries, writers)
	})
}

// Two transactions take two rows in opposite order. PostgreSQL stops one of
// them and Write runs it again; on SQLite the second only begins when the
// first has ended, so it must not be waited for there.
func TestADeadLockIsResolvedByAnotherTry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return errors.Join(addOrg(tx, "a"), addOrg(tx, "b")) })
		var met sync.WaitGroup
		met.Add(2)
		tries := make(chan string, 12)
		rename := func(codes ...string) error {
			first := true
			return d.Write(t.Context(), func(tx *db.Tx) error {
				tries <- codes[0]
				for _, c := range codes {
					if _, err := tx.Exec(`UPDATE orgs SET name = name || ? WHERE code = ?`, codes[0], c); err != nil {
						return err
					}
					if first {
						first = false
						met.Done()
						if d.Engine() == db.Postgres {
							met.Wait()
						}
					}
				}
				return nil
			})
		}
		var all sync.WaitGroup
		var one, two error
		all.Go(func() { one = rename("a", "b") })
		all.Go(func() { two = rename("b", "a") })
		all.Wait()
		require.NoError(t, one)
		require.NoError(t, two)
		var names []string
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&names, `SELECT name FROM orgs ORDER BY code`) }))
		require.Len(t, names[0], 3, "both took effect on %v", names)
		require.Len(t, names[1], 3, "both took effect on %v", names)
		if d.Engine() == db.Postgres {
			require.Greater(t, len(tries), 2, "there was a dead-lock to resolve")
		}
	})
}

func TestAClientThatLeavesDoesNotEndAWrite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx, leave := context.WithCancel(t.Context())
		require.NoError(t, d.Write(ctx, func(tx *db.Tx) error {
			if err := addOrg(tx, "before"); err != nil {
				return err
			}
			leave()
			require.NoError(t, tx.Context().Err())
			return addOrg(tx, "after")
		}))
		require.NoError(t, d.Write(ctx, func(tx *db.Tx) error { return addOrg(tx, "gone") }))
		require.Equal(t, []string{"before", "after", "gone"}, orgCodes(t, d))
		require.Error(t, d.Read(ctx, func(tx *db.Tx) error { return tx.Scan(new(int), `SELECT 1`) }), "a read ends with who asked")
	})
}

func TestAReaderSeesOnlyWhatIsCommitted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error {
			require.NoError(t, addOrg(tx, "new"))
			require.Empty(t, orgCodes(t, d), "and does not wait for the writer")
			return nil
		})
		require.Equal(t, []string{"new"}, orgCodes(t, d))
	})
}

func TestSQLiteReadersCannotWrite(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite, dbtest.NewClock())
	require.Error(t, d.Read(t.Context(), func(tx *db.Tx) error { return addOrg(tx, "sneaked in") }))
	require.Empty(t, orgCodes(t, d))
}

func TestAnUnreachableDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), db.Config{URL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"})
	require.Error(t, err)
	_, err = db.Open(t.Context(), db.Config{URL: "mysql://u:secret@127.0.0.1/x"})
	require.ErrorContains(t, err, "sqlite:PATH or postgres://")
	require.NotContains(t, err.Error(), "127.0.0.1")

	clock := dbtest.NewClock()
	url := dbtest.URL(t, db.Postgres)
	d, admin := dbtest.OpenURL(t, url, clock), dbtest.OpenURL(t, url, clock)
	write(t, d, func(tx *db.Tx) error { return addOrg(tx, "one") })
	n := 0
	write(t, d, func(tx *db.Tx) error {
		if n++; n == 1 { // the server lets us go in the middle
			var pid int
			require.NoError(t, tx.Scan(&pid, `SELECT pg_backend_pid()`))
			write(t, admin, func(tx *db.Tx) error { return tx.Scan(new(bool), `SELECT pg_terminate_backend(?)`, pid) })
		}
		return addOrg(tx, "two")
	})
	require.Equal(t, 2, n)
	require.Equal(t, []string{"one", "two"}, orgCodes(t, d))
}
