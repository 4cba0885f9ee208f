package db_test

import (
	"path/filepath"
	"sync"
	"testing"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/db/pgtest"

	"github.com/stretchr/testify/require"
)

// blank returns the address of a database that nobody has migrated.
func blank(t *testing.T, e db.Engine) string {
	t.Helper()
	if e == db.Postgres {
		return pgtest.URL(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "blank.db")
}

func eachBlank(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			fn(t, blank(t, e))
		})
	}
}

func TestReadyOnlyWhenMigrated(t *testing.T) {
	t.Parallel()
	eachBlank(t, func(t *testing.T, url string) {
		d := dbtest.OpenURL(t, url, dbtest.NewClock())
		require.NoError(t, d.Ping(t.Context()))
		require.ErrorIs(t, d.Ready(t.Context()), db.ErrUnavailable)
		n, err := d.Migrate(t.Context())
		require.NoError(t, err)
		require.Positive(t, n)
		require.NoError(t, d.Ready(t.Context()))
		n, err = d.Migrate(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "a second time there is nothing to do")
		require.NoError(t, d.Close())
		require.Error(t, d.Ready(t.Context()))
	})
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		before := readSchema(t, d)
		require.NotEmpty(t, before)
		require.NoError(t, d.MigrateDown(t.Context()))
		require.Empty(t, readSchema(t, d), "nothing is left behind")
		require.ErrorIs(t, d.Ready(t.Context()), db.ErrUnavailable)
		_, err := d.Migrate(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, readSchema(t, d))
		require.NoError(t, d.Ready(t.Context()))
	})
}

func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	eachBlank(t, func(t *testing.T, url string) {
		const nodes = 4
		var all sync.WaitGroup
		var steps [nodes]int
		var failures [nodes]error
		for i := range nodes {
			d := dbtest.OpenURL(t, url, dbtest.NewClock())
			all.Go(func() { steps[i], failures[i] = d.Migrate(t.Context()) })
		}
		all.Wait()
		total := 0
		for i, err := range failures {
			require.NoError(t, err)
			total += steps[i]
		}
		d := dbtest.OpenURL(t, url, dbtest.NewClock())
		require.NoError(t, d.Ready(t.Context()))
		want, err := dbtest.OpenURL(t, blank(t, d.Engine()), dbtest.NewClock()).Migrate(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, total, "each step was taken by one of them")
		require.Equal(t, readSchema(t, dbtest.Open(t, d.Engine(), dbtest.NewClock())), readSchema(t, d))
	})
}
