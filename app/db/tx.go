package db

import (
	"context"
	"database/sql"
	"errors"

	"youyue/models"

	"gorm.io/gorm"
)

// Tx is a transaction, or a reader inside Read. It carries its context, one
// fixed moment, and what to do after the commit.
type Tx struct {
	ctx    context.Context //nolint:containedctx // a Tx lives as long as its context
	g      *gorm.DB
	now    models.Instant
	engine Engine
	before []func() error
	once   map[string]bool // the keys of before
	after  []func()
}

// Pair is one statement in the words of both engines.
type Pair struct{ Postgres, SQLite string }

// Context is the transaction's own.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Now is the moment of the transaction; it does not move while it runs.
func (tx *Tx) Now() models.Instant { return tx.now }

// G is the mapper bound to the transaction, for stores.
func (tx *Tx) G() *gorm.DB { return tx.g }

// AfterCommit runs f once the transaction is durable; never after a rollback.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// BeforeCommit runs f as the last part of the transaction, once per key. It is
// for what must be true of everything the transaction did, whoever did it; an
// error of f undoes the transaction.
func (tx *Tx) BeforeCommit(key string, f func() error) {
	if tx.once[key] {
		return
	}
	if tx.once == nil {
		tx.once = map[string]bool{}
	}
	tx.once[key] = true
	tx.before = append(tx.before, f)
}

// finish runs what was left for the end; it may leave more.
func (tx *Tx) finish() error {
	for i := 0; i < len(tx.before); i++ {
		if err := tx.before[i](); err != nil {
			return err
		}
	}
	return nil
}

// ForUpdate is the lock clause. It keeps other writers of the row out, but not
// those who only refer to it by a foreign key: against these a full FOR UPDATE
// would dead-lock. SQLite has none and needs none: its write transaction
// is the only one from the first statement on.
func (tx *Tx) ForUpdate() string {
	if tx.engine == Postgres {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// ForShare is the lock clause that keeps writers of the row out and lets others
// share it: what it says must stay true until the transaction ends.
func (tx *Tx) ForShare() string {
	if tx.engine == Postgres {
		return " FOR SHARE"
	}
	return ""
}

// SkipLocked is the lock clause that passes over rows another node holds.
func (tx *Tx) SkipLocked() string {
	if tx.engine == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	r := tx.g.Exec(query, args...)
	return r.RowsAffected, r.Error
}

// ExecPair runs the text of the running engine.
func (tx *Tx) ExecPair(p Pair, args ...any) (int64, error) { return tx.Exec(tx.Pick(p), args...) }

// Pick returns the text for the running engine.
func (tx *Tx) Pick(p Pair) string {
	if tx.engine == Postgres {
		return p.Postgres
	}
	return p.SQLite
}

// Scan reads all rows of a query into dest, a pointer to a slice, struct or value.
func (tx *Tx) Scan(dest any, query string, args ...any) error {
	return tx.g.Raw(query, args...).Scan(dest).Error
}

// Versions runs a query of ids with their versions.
func (tx *Tx) Versions(query string, args ...any) (map[int64]int64, error) {
	var rows []struct{ ID, Version int64 }
	if err := tx.Scan(&rows, query, args...); err != nil {
		return nil, err
	}
	out := make(map[int64]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, nil
}

// One reads the one row of a query into dest; false when there is none.
func (tx *Tx) One(dest any, query string, args ...any) (bool, error) {
	r := tx.g.Raw(query, args...).Scan(dest)
	return r.RowsAffected > 0, r.Error
}

// Missing reports whether err says that a wanted row does not exist.
func Missing(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}

// InsertWithout is Insert that leaves some fields to what the columns are without.
func (tx *Tx) InsertWithout(rows any, fields ...string) error {
	return tx.g.Omit(fields...).Create(rows).Error
}

// Insert writes rows (a pointer to a struct or a slice); ids come back in them.
func (tx *Tx) Insert(rows any) error { return tx.g.Create(rows).Error }
