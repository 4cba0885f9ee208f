// Package apitest gives tests the whole product on a database of their own,
// filled with the demo district, and holds every answer of its API to the
// document.
package apitest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"youyue/app"
	"youyue/app/account"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/db/pgtest"
	"youyue/app/demo"
	"youyue/app/httpapi"
	"youyue/app/web"
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
	url      string
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
	w.url = seeded(t, e)
	a, r, err := open(w.url, w.Clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	w.App, w.Runner = a, r
	made.Do(func() { made.doc, made.paths, made.err = document(a) })
	if made.err != nil {
		t.Fatal(made.err)
	}
	w.Doc, w.paths = made.doc, made.paths
	return w
}

// made is what every world of the process shares: the routes of each are the same.
var made struct {
	sync.Once
	doc   *openapi3.T
	paths routers.Router
	err   error
}

func document(a *app.App) (*openapi3.T, routers.Router, error) {
	doc, err := a.Edge.Document()
	if err != nil {
		return nil, nil, err
	}
	closeObjects(doc)
	paths, err := legacy.NewRouter(doc)
	return doc, paths, err
}

// pages are parsed once for all worlds.
var pages = sync.OnceValues(func() (*web.Renderer, error) { return web.New(web.Config{}) })

// Node is one more server on the same database.
func (w *World) Node() *app.App {
	w.t.Helper()
	a, _, err := open(w.url, w.Clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = a.Close() })
	return a
}

// open builds the product on a migrated database, in demo mode, with no limit
// on requests and no log.
func open(url string, clock *dbtest.Clock) (*app.App, *jobs.Runner, error) {
	cfg, err := configs.Load("", []string{"YOUYUE_DEMO=on", "YOUYUE_RATE_LIMIT=off", "YOUYUE_DATABASE_URL=" + url})
	if err != nil {
		return nil, nil, err
	}
	render, err := pages()
	if err != nil {
		return nil, nil, err
	}
	a, err := app.New(context.Background(), cfg, app.Options{Pages: render, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock.Now, MaxConn: 12,
		Hash: account.HashCost{Memory: 64, Passes: 1, Threads: 1}, Streams: httpapi.StreamLimits{Beat: 50 * time.Millisecond}})
	if err != nil {
		return nil, nil, err
	}
	r, err := jobs.All(a)
	if err != nil {
		_ = a.Close()
	}
	return a, r, err
}

// prepare migrates an empty database and fills it with the demo district. The hall
// is the district's own there; tests of the cinema's side switch its rules on.
func prepare(url string) error {
	a, _, err := open(url, dbtest.NewClock())
	if err != nil {
		return err
	}
	if _, err = a.DB.Migrate(context.Background()); err == nil {
		_, _, err = demo.Seed(context.Background(), a)
	}
	if err == nil {
		err = demo.WithoutCinema(context.Background(), a)
	}
	return errors.Join(err, a.Close())
}

// seeded returns the address of a fresh copy of the prepared database. The
// original is made once per process and engine.
func seeded(t testing.TB, e db.Engine) string {
	t.Helper()
	if e == db.Postgres {
		return pgtest.Cloned(t, "demo", prepare)
	}
	path := filepath.Join(t.TempDir(), "youyue.db")
	file, err := sqliteOriginal()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var sqliteOriginal = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "youyue-demo-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "demo.db")
	if err := prepare("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // a path made a few lines above
})

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
