package soak_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/pgtest"
	"youyue/app/soak"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if dir := built.dir; dir != "" {
		_ = os.RemoveAll(dir)
	}
	if err := errors.Join(writeReport(), writeWatchReport()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// built is the program as it is in this tree, compiled once.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "youyue-soak-"); built.err == nil {
			built.path, built.err = soak.Build(context.Background(), built.dir)
		}
	})
	require.NoError(t, built.err)
	return built.path
}

// durable is a PostgreSQL server that keeps its promises, as in production.
// The whole process shares it; it goes with the process.
var durable = sync.OnceValues(func() (*pgtest.Cluster, error) {
	return pgtest.Start(pgtest.Options{Durability: pgtest.Durable})
})

var databases atomic.Int64

// postgresURL makes a database on a cluster.
func postgresURL(t *testing.T, c *pgtest.Cluster) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	name := "soak_" + strconv.FormatInt(databases.Add(1), 10)
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0")
	require.NoError(t, err)
	at, err := url.Parse(c.URL())
	require.NoError(t, err)
	at.Path = "/" + name
	return at.String()
}

// each runs fn on both engines, side by side.
func each(t *testing.T, fn func(t *testing.T, p *place)) {
	t.Helper()
	t.Parallel()
	bin := binary(t)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, newPlace(t, bin, db.SQLite, "sqlite:"+filepath.Join(t.TempDir(), "youyue.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		c, err := durable()
		require.NoError(t, err)
		fn(t, newPlace(t, bin, db.Postgres, postgresURL(t, c)))
	})
}

// place is a demo installation: a database, the program on it, and our own look
// into the database beside the program.
type place struct {
	engine  db.Engine
	program soak.Program
	server  *soak.Server
	db      *db.DB
	kernel  *booking.Service
	tokens  map[string]string // by log-in
	http    *http.Client
	days    int // where the last screening was put, days from now
	slot    int
}

// newPlace starts the program on an empty database and opens the database too.
func newPlace(t *testing.T, bin string, e db.Engine, database string) *place {
	t.Helper()
	p := &place{engine: e, tokens: map[string]string{}, days: 40}
	p.program = soak.Program{Binary: bin, Log: filepath.Join(t.TempDir(), "server.log"), Env: []string{
		"YOUYUE_DEMO=on", "YOUYUE_RATE_LIMIT=off", "YOUYUE_DATABASE_URL=" + database}}
	p.http = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 4096, DisableCompression: true}}
	t.Cleanup(p.http.CloseIdleConnections)
	p.start(t)
	t.Cleanup(func() { p.kill(t) })
	var err error
	if e == db.Postgres {
		database += "&application_name=" + ourName
	}
	p.db, err = db.Open(t.Context(), db.Config{URL: database, MaxConns: 4, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.db.Close() })
	p.kernel = booking.New(p.db, nil, booking.Options{GroupCommit: booking.Single})
	for _, login := range []string{"resident", "branch", "branch2", "branch3", "clerk", "scheduler", "cinema"} {
		p.tokens[login], err = p.program.Run(t.Context(), "user", "token", login)
		require.NoError(t, err)
	}
	// These tests want the hall at any hour and with nobody's confirmation.
	own := p.send(t.Context(), http.MethodPut, "/api/v1/halls/1/rules", p.tokens["cinema"], "", []byte(`{"confirm":"none"}`))
	require.Equal(t, http.StatusNoContent, own.status, own.body)
	return p
}

func (p *place) start(t *testing.T) {
	t.Helper()
	s, err := p.program.Start(t.Context())
	require.NoError(t, err)
	p.server = s
}

// kill is kill -9.
func (p *place) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.server.Kill())
	p.http.CloseIdleConnections()
}

// ourName tells our sessions in PostgreSQL from those of the program.
const ourName = "soak"

// alone waits until PostgreSQL has noticed that the program is dead: a commit
// that it was given may still be under way, and a look at several tables would
// meet it halfway.
func (p *place) alone(t *testing.T) {
	t.Helper()
	if p.engine != db.Postgres {
		return
	}
	await(t, func() bool {
		var n int
		p.scan(t, &n, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> ?`, ourName)
		return n == 0
	})
}

// booker is the token of one of those who book for themselves, in turn.
func (p *place) booker(n int) string {
	return p.tokens[[]string{"resident", "branch", "branch2", "branch3"}[n%4]]
}

// open puts a film on at a time of its own and returns the screening; every
// seat is for sale online.
func (p *place) open(t *testing.T) int64 {
	t.Helper()
	for {
		a := p.post(t.Context(), "/api/v1/screenings", p.tokens["scheduler"], "", map[string]any{
			"film_id": 1 + rand.IntN(7), "starts_at": p.nextStart(), "audience": "public", "reserved_percent": 0, "max_seats": 20})
		if a.code == "screening.hall_busy" { // the demo's own programme
			continue
		}
		require.Equal(t, http.StatusCreated, a.status, "%s %v", a.body, a.err)
		return decode[struct{ ID int64 }](t, a).ID
	}
}

// nextStart walks through the hall's calendar, five films a day.
func (p *place) nextStart() time.Time {
	if p.slot++; p.slot == 5 {
		p.slot, p.days = 0, p.days+1
	}
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, p.days).Add(time.Duration(p.slot) * 280 * time.Minute)
}

// sweep holds the whole database to the kernel's invariants.
func (p *place) sweep(t *testing.T) []string {
	t.Helper()
	found, err := p.kernel.Sweep(t.Context())
	require.NoError(t, err)
	return found
}

func (p *place) scan(t *testing.T, dest any, query string, args ...any) {
	t.Helper()
	require.NoError(t, p.db.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(dest, query, args...) }))
}

// rounds is how many rounds a test gets of the soak that was asked for: 20 in
// the ordinary run, else the number in YOUYUE_SOAK, shared between its parts.
func rounds(t *testing.T, parts int) int {
	t.Helper()
	n := 20
	if text := os.Getenv("YOUYUE_SOAK"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	return max(1, n/parts)
}

// await polls until ok; require.Eventually would look too seldom.
func await(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(100 * time.Microsecond) {
		require.True(t, time.Now().Before(deadline), "waited for a minute")
	}
}
