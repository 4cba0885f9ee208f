// Package db is the only one that knows which engine runs: PostgreSQL in
// production, SQLite embedded. Everything above it sees one behaviour.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"youyue/app/errs"
	"youyue/models"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the SQLite driver, "sqlite"
)

// Engine names the database behind a DB.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrUnavailable: the database cannot be reached, or no primary is there.
var ErrUnavailable = errs.New(errs.Unavailable, "db.unavailable")

// ErrUnknown: the connection broke while the commit was under way. Whether it
// took effect is unknown; the same Idempotency-Key finds out.
var ErrUnknown = errs.New(errs.Unavailable, "db.unknown")

// ErrAgain asks Write to run the transaction again from the start: somebody
// else was first at something that the next try will see.
var ErrAgain = errors.New("run the transaction again")

// Config says which database to open.
type Config struct {
	URL      string           // "sqlite:PATH" or "postgres://…"
	Clock    func() time.Time // nil is the machine's clock
	MaxConns int              // PostgreSQL connections, 0 is 24; a third of them is for readers
	Log      *slog.Logger     // nil is slog.Default
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	url    string // PostgreSQL's, for a connection beside the pools
	write  *gorm.DB
	read   *gorm.DB
	clock  func() time.Time
	log    *slog.Logger
	count  *counter
}

// counter counts statements; it sits where the mapper would log them.
type counter struct {
	logger.Interface
	n atomic.Int64
}

// Trace implements logger.Interface.
func (c *counter) Trace(context.Context, time.Time, func() (string, int64), error) { c.n.Add(1) }

const (
	writeLimit = 20 * time.Second // for the statements of one transaction
	attempts   = 6                // of a transaction that lost a race or its server
)

// Open connects; it does not migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	d := &DB{url: c.URL, clock: c.Clock, log: c.Log, count: &counter{Interface: logger.Discard}}
	if d.clock == nil {
		d.clock = time.Now
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	var err error
	switch {
	case strings.HasPrefix(c.URL, "sqlite:"):
		d.engine = SQLite
		err = d.openSQLite(strings.TrimPrefix(c.URL, "sqlite:"))
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		d.engine = Postgres
		err = d.openPostgres(c)
	default:
		return nil, fmt.Errorf("database url: want sqlite:PATH or postgres://…, got %q", strings.SplitN(c.URL, "@", 2)[0])
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := d.Ping(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

// openPostgres keeps a pool for transactions and one for readers, so that a rush
// of bookings never keeps a reader waiting for a connection. The statements of
// transactions go by keys and are planned once: planning them anew for every
// value was measured to cost more than running them. A plan that is kept must
// not depend on how small a table was at first, so it goes through an index
// wherever there is one. Readers' lists are left to the planner.
func (d *DB) openPostgres(c Config) error {
	n := c.MaxConns
	if n == 0 {
		n = 24
	}
	open := func(conns int, settings map[string]string) (*gorm.DB, error) {
		cfg, err := pgx.ParseConfig(c.URL)
		if err != nil {
			return nil, err
		}
		cfg.RuntimeParams["random_page_cost"] = "1.1" // what is read often is in memory; disks do not turn any more
		// A scan that enable_seqscan makes dear looks worth compiling, which takes
		// longer than any statement of ours runs.
		cfg.RuntimeParams["jit"] = "off"
		maps.Copy(cfg.RuntimeParams, settings)
		pool := stdlib.OpenDB(*cfg)
		pool.SetMaxOpenConns(conns)
		pool.SetMaxIdleConns(conns)
		pool.SetConnMaxLifetime(30 * time.Minute)
		return gorm.Open(postgres.New(postgres.Config{Conn: pool}), d.gormConfig())
	}
	readers := max(1, n/3)
	var err error
	if d.write, err = open(max(1, n-readers), map[string]string{"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}); err != nil {
		return err
	}
	d.read, err = open(readers, nil)
	return err
}

// openSQLite keeps one writer and a pool of readers. synchronous=FULL is the
// promise that an acknowledged booking survives a power cut.
func (d *DB) openSQLite(path string) error {
	dsn := "file:" + path + "?_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_timezone=UTC"
	open := func(extra string, conns int) (*gorm.DB, error) {
		pool, err := sql.Open("sqlite", dsn+extra)
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(conns)
		pool.SetMaxIdleConns(conns)
		return gorm.Open(&sqlite.Dialector{DriverName: "sqlite", Conn: pool}, d.gormConfig())
	}
	var err error
	if d.write, err = open("&_txlock=immediate", 1); err != nil {
		return err
	}
	d.read, err = open("&_txlock=deferred&_pragma=query_only(1)", 8)
	return err
}

func (d *DB) gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		Logger:                 d.count,
		NowFunc:                func() time.Time { return d.clock().UTC() },
		DisableAutomaticPing:   true,
	}
}

// Close waits for running statements and lets the database go.
func (d *DB) Close() error {
	var all []error
	for i, g := range []*gorm.DB{d.write, d.read} {
		if g == nil || (i == 1 && d.read == d.write) {
			continue
		}
		pool, err := g.DB()
		if err == nil {
			err = pool.Close()
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// Engine tells which engine runs; only tests and the bench ask.
func (d *DB) Engine() Engine { return d.engine }

// Statements is how many statements have been run since Open: a figure to watch,
// and what a page costs when nobody else asks.
func (d *DB) Statements() int64 { return d.count.n.Load() }

// Now is the moment by the injected clock.
func (d *DB) Now() models.Instant { return models.InstantOf(d.clock()) }

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	pool, err := d.write.DB()
	if err != nil {
		return err
	}
	return pool.PingContext(ctx)
}

// Read runs fn with a reader. It opens no transaction: each statement sees what
// is committed when it starts.
func (d *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	return public(fn(&Tx{ctx: ctx, g: d.read.WithContext(ctx), now: d.Now(), engine: d.engine}))
}

// Write runs fn in one transaction. It does not end when the client leaves: its
// statements have a deadline of their own, and the commit has none, so that no
// commit is ever left in doubt by a cancelled context. fn runs again from the
// start when the engine asks for it (serialisation, dead-lock, lost primary
// before the commit), so it must have no effect outside tx; what is to happen
// after the commit goes through tx.AfterCommit.
//
// ErrUnavailable says that nothing was written, ErrUnknown that it may have been.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	for n := 1; ; n++ {
		err := d.writeOnce(ctx, fn)
		switch {
		case err == nil || !retryable(err):
			return public(err)
		case n == attempts:
			return ErrUnavailable.Because(err)
		}
		d.log.DebugContext(ctx, "transaction runs again", "attempt", n, "cause", err)
		time.Sleep(time.Duration(n*n)*2*time.Millisecond + jitter())
	}
}

// jitter keeps two that met from meeting again; up to 5 ms.
func jitter() time.Duration {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails
	return time.Duration(b[0]) * 20 * time.Microsecond
}

func (d *DB) writeOnce(ctx context.Context, fn func(tx *Tx) error) (err error) {
	g := d.write.WithContext(ctx).Begin()
	if g.Error != nil {
		return beginError{g.Error}
	}
	done := false
	defer func() {
		if !done {
			_ = g.Rollback().Error
		}
	}()
	limited, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	tx := &Tx{ctx: limited, g: g.WithContext(limited), now: d.Now(), engine: d.engine}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.finish(); err != nil {
		return err
	}
	done = true
	if err := g.Commit().Error; err != nil {
		if code(err) == "" && d.engine == Postgres {
			return ErrUnknown.Because(err)
		}
		return err
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// public turns what the driver says of a lost server into ErrUnavailable.
func public(err error) error {
	if err == nil {
		return nil
	}
	var e *errs.Error
	if !errors.As(err, &e) && gone(err) {
		return ErrUnavailable.Because(err)
	}
	return err
}
