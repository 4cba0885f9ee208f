package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	msqlite "modernc.org/sqlite"
)

// SQLite's extended result codes that we tell apart.
const (
	sqliteBusy       = 5
	sqliteCheck      = 275
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteTrigger    = 1811
	sqliteUnique     = 2067
)

// beginError: no transaction was begun, so nothing can have been written.
type beginError struct{ error }

func (b beginError) Unwrap() error { return b.error }

// Constraint names the constraint that err ran into, the same on both engines;
// empty when it is about something else. Unique indexes are named
// <table>_<columns>_key and primary keys <table>_pkey, so SQLite's list of
// columns gives the name; a foreign key is only "foreign_key" there.
func Constraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if pg.Code == "23503" {
			return "foreign_key"
		}
		return pg.ConstraintName
	}
	var lite *msqlite.Error
	if !errors.As(err, &lite) {
		return ""
	}
	text := lite.Error()
	switch lite.Code() {
	case sqliteForeignKey:
		return "foreign_key"
	case sqliteUnique, sqlitePrimaryKey:
		return uniqueName(after(text, "UNIQUE constraint failed: "), lite.Code() == sqlitePrimaryKey)
	case sqliteCheck:
		return after(text, "CHECK constraint failed: ")
	case sqliteTrigger:
		return after(text, "constraint failed: ")
	}
	return ""
}

func uniqueName(columns string, primary bool) string {
	var table string
	var names []string
	for c := range strings.SplitSeq(columns, ", ") {
		t, col, _ := strings.Cut(c, ".")
		table, names = t, append(names, col)
	}
	if primary {
		return table + "_pkey"
	}
	return table + "_" + strings.Join(names, "_") + "_key"
}

func after(text, mark string) string {
	i := strings.LastIndex(text, mark)
	if i < 0 {
		return ""
	}
	text = text[i+len(mark):]
	if j := strings.LastIndex(text, " ("); j >= 0 {
		text = text[:j]
	}
	return text
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// retryable: the engine promises that nothing of the transaction remains and
// another try may succeed.
func retryable(err error) bool {
	if errors.Is(err, ErrUnknown) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if errors.Is(err, ErrAgain) {
		return true
	}
	switch code(err) {
	case "40001", "40P01", "25006", "57P01", "57P03":
		return true
	case "":
	default:
		return false
	}
	var lite *msqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqliteBusy
	}
	return gone(err)
}

// gone: the server is not there or the connection broke.
func gone(err error) bool {
	var b beginError
	var n net.Error
	var c *pgconn.ConnectError
	switch c5 := code(err); {
	case c5 == "57P01", c5 == "57P03", c5 == "25006", strings.HasPrefix(c5, "08"), c5 == "53300":
		return true
	case errors.As(err, &c), errors.As(err, &n), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	case errors.As(err, &b):
		return code(err) == ""
	}
	return false
}
