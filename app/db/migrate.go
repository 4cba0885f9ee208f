package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

func (d *DB) provider() (*goose.Provider, error) {
	tree, err := fs.Sub(migrations, "migrations/"+string(d.engine))
	if err != nil {
		return nil, err
	}
	pool, err := d.write.DB()
	if err != nil {
		return nil, err
	}
	if d.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, pool, tree)
	}
	// Asking every second instead of goose's five: a node that starts beside
	// another should not stand idle after the other is done.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, tree, goose.WithSessionLocker(locker))
}

// Migrate brings the schema up to date; nodes that start together wait for each
// other. It returns the number of steps taken.
func (d *DB) Migrate(ctx context.Context) (int, error) {
	p, err := d.provider()
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	steps := 0
	for n := 1; ; n++ {
		err := d.onceEach(ctx, p)
		var done []*goose.MigrationResult
		if err == nil {
			done, err = p.Up(ctx)
		}
		var part *goose.PartialError
		if errors.As(err, &part) {
			done = part.Applied
		}
		steps += len(done)
		if err == nil {
			return steps, nil
		}
		// SQLite has no lock that outlives a transaction: the node that comes
		// second finds a step done under its hands. Its own try was rolled
		// back, so it looks again.
		if d.engine == Postgres || n == attempts {
			return steps, fmt.Errorf("migrate: %w", err)
		}
		time.Sleep(time.Duration(n) * 50 * time.Millisecond)
	}
}

// onceEach makes a step that another node has taken meanwhile fail, also one whose
// statements could run twice: on SQLite each version is written down once. PostgreSQL
// has its lock.
func (d *DB) onceEach(ctx context.Context, p *goose.Provider) error {
	if d.engine != SQLite {
		return nil
	}
	if _, err := p.GetDBVersion(ctx); err != nil { // makes the table of versions
		return err
	}
	return d.write.WithContext(ctx).Exec(`CREATE UNIQUE INDEX IF NOT EXISTS goose_once ON goose_db_version (version_id)`).Error
}

// Ready reports whether the database answers and its schema is this program's.
func (d *DB) Ready(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return ErrUnavailable.Because(err)
	}
	if current != target {
		return ErrUnavailable.Because(fmt.Errorf("schema is at version %d, this program wants %d", current, target))
	}
	return nil
}
