// Package dbtest gives tests a migrated database of their own on either engine.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/pgtest"
	"youyue/models"
)

// Start is where every test clock begins: Monday 23 November 2026, 09:00 in Taiyuan.
var Start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// Clock is a clock that stands until it is moved. It is safe for concurrent use.
type Clock struct{ at atomic.Int64 }

// NewClock stands at Start.
func NewClock() *Clock {
	c := &Clock{}
	c.Set(Start)
	return c
}

// Now is the moment it stands at.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }

// Instant is Now as the models have it.
func (c *Clock) Instant() models.Instant { return models.InstantOf(c.Now()) }

// Set moves it to t.
func (c *Clock) Set(t time.Time) { c.at.Store(t.UnixMicro()) }

// Advance moves it by d.
func (c *Clock) Advance(d time.Duration) { c.at.Add(d.Microseconds()) }

// Engines lists both, for tests that go through them by hand.
func Engines() []db.Engine { return []db.Engine{db.SQLite, db.Postgres} }

// Each runs fn as a parallel subtest on SQLite and on PostgreSQL, each with a
// migrated, empty database and a clock of its own.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	for _, e := range Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			clock := NewClock()
			fn(t, Open(t, e, clock), clock)
		})
	}
}

// Open returns a migrated, empty database that goes with the test.
func Open(t testing.TB, e db.Engine, clock *Clock) *db.DB {
	t.Helper()
	return OpenURL(t, URL(t, e), clock)
}

// OpenURL opens one more handle, as a second node would.
func OpenURL(t testing.TB, url string, clock *Clock) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Config{URL: url, Clock: clock.Now, MaxConns: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// URL returns the address of a migrated, empty database that goes with the test.
func URL(t testing.TB, e db.Engine) string {
	t.Helper()
	if e == db.Postgres {
		return pgtest.Cloned(t, "migrated", migrate)
	}
	path := filepath.Join(t.TempDir(), "youyue.db")
	template, err := sqliteTemplate()
	if err == nil {
		err = os.WriteFile(path, template, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

func migrate(url string) error {
	d, err := db.Open(context.Background(), db.Config{URL: url})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_, err = d.Migrate(context.Background())
	return err
}

// sqliteTemplate migrates once per process and returns the file's bytes.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "youyue-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "t.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // a path made two lines above
})
