// Package apitest gives tests the whole product on a database of their own,
// filled with the demo district, and holds every answer of its API to the
// document.
package apitest

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"youyue/app"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/db/pgtest"
	"youyue/app/demo"
	"youyue/configs"
	"youyue/jobs"
	"youyue/models"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// World is the product on the demo district at dbtest.Start: a Monday morning.
type World struct {
	App    *app.App
	Runner *jobs.Runner
	Clock  *dbtest.Clock
	Doc    *openapi3.T

	t        testing.TB
	paths    routers.Router
	mu       sync.Mutex
	tokens   map[string]string
	browsers map[string]string
}

// Each runs fn as a parallel subtest on SQLite and on PostgreSQL.
func Each(t *testing.T, fn func(t *testing.T, w *World)) {
	t.Helper()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			fn(t, New(t, e))
		})
	}
}

// New opens a world that goes with the test.
func New(t testing.TB, e db.Engine) *World {
	t.Helper()
	w := &World{t: t, Clock: dbtest.NewClock(), tokens: map[string]string{}, browsers: map[string]string{}}
	a, r, err := open(seeded(t, e), w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	w.App, w.Runner = a, r
	if w.Doc, err = a.Edge.Document(); err != nil {
		t.Fatal(err)
	}
	closeObjects(w.Doc)
	if w.paths, err = legacy.NewRouter(w.Doc); err != nil {
		t.Fatal(err)
	}
	return w
}

// open builds the product on a migrated database, in demo mode, with no limit
// on requests and no log.
func open(url string, clock *dbtest.Clock) (*app.App, *jobs.Runner, error) {
	cfg, err := configs.Load("", []string{"YOUYUE_DEMO=on", "YOUYUE_RATE_LIMIT=off", "YOUYUE_DATABASE_URL=" + url})
	if err != nil {
		return nil, nil, err
	}
	a, err := app.New(context.Background(), cfg, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock.Now, MaxConn: 12})
	if err != nil {
		return nil, nil, err
	}
	r, err := jobs.All(a)
	if err != nil {
		_ = a.Close()
	}
	return a, r, err
}

// seed fills a migrated database with the demo district.
func seed(url string) error {
	a, _, err := open(url, dbtest.NewClock())
	if err != nil {
		return err
	}
	_, err = demo.Seed(context.Background(), a)
	if closed := a.Close(); err == nil {
		err = closed
	}
	return err
}

// seeded returns the address of a fresh copy of the seeded database. The
// original is made once per process and engine.
func seeded(t testing.TB, e db.Engine) string {
	t.Helper()
	if e == db.Postgres {
		return pgtest.Cloned(t, "demo", func(url string) error {
			d, err := db.Open(context.Background(), db.Config{URL: url})
			if err != nil {
				return err
			}
			_, err = d.Migrate(context.Background())
			if closed := d.Close(); err == nil {
				err = closed
			}
			if err != nil {
				return err
			}
			return seed(url)
		})
	}
	sqlite.Do(func() {
		url := dbtest.URL(t, db.SQLite)
		if sqliteErr = seed(url); sqliteErr == nil {
			sqliteFile, sqliteErr = os.ReadFile(url[len("sqlite:"):])
		}
	})
	path := filepath.Join(t.TempDir(), "youyue.db")
	if sqliteErr == nil {
		sqliteErr = os.WriteFile(path, sqliteFile, 0o600)
	}
	if sqliteErr != nil {
		t.Fatal(sqliteErr)
	}
	return "sqlite:" + path
}

var (
	sqlite     sync.Once
	sqliteFile []byte
	sqliteErr  error
)

// Now is the moment of the world.
func (w *World) Now() models.Instant { return w.Clock.Instant() }

// closeObjects makes the document strict for the tests: a member that it does
// not name is a fault of the document, though clients must bear it.
func closeObjects(doc *openapi3.T) {
	no := false
	for name, s := range doc.Components.Schemas {
		if name != "Problem" && len(s.Value.Properties) > 0 {
			s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
	}
}
