// Package pgtest gives tests PostgreSQL: a throw-away server from the local
// binaries, started once per test process and gone with it, or the server
// that YOUYUE_TEST_POSTGRES names (URL of a superuser). Where neither can be
// had the test fails and says what to install; it never skips.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnvURL names the variable with the superuser URL of a server that several
// test processes share.
const EnvURL = "YOUYUE_TEST_POSTGRES"

// URL returns the address of a fresh, empty database, dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s := server(t)
	return s.create(t, "template0")
}

// Cloned returns the address of a fresh copy of the database that prepare
// filled, dropped when the test ends. prepare runs once per process and key,
// on an empty database; its connections must be closed when it returns.
func Cloned(t testing.TB, key string, prepare func(url string) error) string {
	t.Helper()
	s := server(t)
	once, _ := s.templates.LoadOrStore(key, sync.OnceValues(func() (string, error) { return s.template(prepare) }))
	name, err := once.(func() (string, error))()
	if err != nil {
		t.Fatalf("pgtest: template %q: %v", key, err)
	}
	return s.create(t, name)
}

// run is this process' share of a server: every database it makes is called
// youyue_test_<id>_<n>, and an advisory lock on id says that it still lives.
type run struct {
	admin     url.URL
	id        int64
	last      atomic.Int64
	templates sync.Map // key → func() (name string, err error)

	mu   sync.Mutex // guards conn
	conn *pgx.Conn  // holds the lock
}

const prefix = "youyue_test_"

// patience bounds one statement of the set-up; creating a database waits for
// the disk.
const patience = time.Minute

// ownCluster keeps the pipe to the keeper reachable: a collected pipe is a
// closed one, and would stop the server under running tests.
var ownCluster *Cluster

var open = sync.OnceValues(func() (*run, error) {
	admin := os.Getenv(EnvURL)
	if admin == "" {
		c, err := Start(Options{})
		if err != nil {
			return nil, err
		}
		ownCluster, admin = c, c.URL() // stopped by the end of this process
	}
	return join(admin)
})

func server(t testing.TB) *run {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// join takes a new id on a server and drops what dead processes left there.
func join(admin string) (*run, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	at, err := url.Parse(admin)
	if err != nil || at.Scheme != "postgres" && at.Scheme != "postgresql" {
		return nil, fmt.Errorf("pgtest: %s must be a URL postgres://…", EnvURL)
	}
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	r := &run{admin: *at, conn: conn, id: int64(binary.BigEndian.Uint64(random[:]) >> 1)}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", r.id); err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	for _, name := range names {
		hex, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
		owner, err := strconv.ParseInt(hex, 16, 64)
		if err != nil {
			continue
		}
		var dead bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", owner).Scan(&dead); err != nil {
			return nil, fmt.Errorf("pgtest: %w", err)
		}
		if dead {
			// Another process may be sweeping too; who comes second finds nothing.
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
			_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", owner)
		}
	}
	return r, nil
}

// create makes a database for one test.
func (r *run) create(t testing.TB, template string) string {
	t.Helper()
	name := r.name()
	if err := r.exec("CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template)); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := r.exec("DROP DATABASE IF EXISTS " + quote(name) + " WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return r.url(name)
}

// template makes the database that copies are taken of, and closes it: a
// database with sessions cannot be copied.
func (r *run) template(prepare func(url string) error) (string, error) {
	name := r.name()
	if err := r.exec("CREATE DATABASE " + quote(name) + " TEMPLATE template0"); err != nil {
		return "", err
	}
	if err := prepare(r.url(name)); err != nil {
		return "", err
	}
	return name, r.exec("ALTER DATABASE " + quote(name) + " ALLOW_CONNECTIONS false")
}

func (r *run) exec(sql string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := r.conn.Exec(ctx, sql)
	return err
}

func (r *run) name() string { return fmt.Sprintf("%s%x_%d", prefix, r.id, r.last.Add(1)) }

func (r *run) url(name string) string {
	u := r.admin
	u.Path = "/" + name
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
