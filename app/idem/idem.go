// Package idem makes a request with an Idempotency-Key take effect once.
//
// Successes are stored with their answer in the transaction that made them;
// refusals are not, and are evaluated again. A replay is confirmed by a write
// of its own: after a failover, an answer from a plain read was measured to
// vouch for bookings that the new primary had lost.
package idem

import (
	"encoding/json"
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
)

// ErrReused: the key was used before for another request.
var ErrReused = errs.New(errs.Invalid, "idempotency.reused")

// Key identifies a request: who and which route, the caller's key, and what was
// asked. The zero Key asks for no protection.
type Key struct {
	Scope string // "account:5 POST /api/v1/hall-requests"
	Key   string // the caller's, at most 200 bytes
	Body  string // hash of path and body
}

// IsZero reports that the caller sent no key.
func (k Key) IsZero() bool { return k.Key == "" }

type row struct {
	Scope    string
	Key      string
	BodyHash string
	Response string
}

// Entry is an answer to be kept.
type Entry struct {
	Key      Key
	Response string // JSON
}

// Answers are the stored answers among some keys.
type Answers map[[2]string]row

// Find returns the answer stored for the key; ErrReused when the key stands for
// another request.
func (a Answers) Find(k Key) (response string, found bool, err error) {
	r, ok := a[[2]string{k.Scope, k.Key}]
	switch {
	case !ok:
		return "", false, nil
	case r.BodyHash != k.Body:
		return "", false, ErrReused
	}
	return r.Response, true, nil
}

// Seen looks keys up, set-wise, by a write. Zero keys are passed over.
func Seen(tx *db.Tx, keys []Key) (Answers, error) {
	var wanted [][]any
	for _, k := range keys {
		if !k.IsZero() {
			wanted = append(wanted, []any{k.Scope, k.Key})
		}
	}
	wanted, err := known(tx, wanted)
	if err != nil || len(wanted) == 0 {
		return nil, err
	}
	table, list, err := tx.Table("v", "scope text, key text", wanted)
	if err != nil {
		return nil, fmt.Errorf("idempotency: keys: %w", err)
	}
	var rows []row
	err = tx.Scan(&rows, `UPDATE idempotency SET seen_at = ? WHERE (scope, key) IN (SELECT v.scope, v.key FROM `+table+`)
		RETURNING scope, key, body_hash, response`, tx.Now(), list)
	if err != nil {
		return nil, fmt.Errorf("idempotency: look up: %w", err)
	}
	out := make(Answers, len(rows))
	for _, r := range rows {
		out[[2]string{r.Scope, r.Key}] = r
	}
	return out, nil
}

// known narrows keys down to those that are stored, by a read that goes through
// the index whatever the planner believes of the table's size: nearly always
// nothing is left, and nothing vouches for anything yet. A key that is stored a
// moment later is met by Store. SQLite has no need of it.
func known(tx *db.Tx, wanted [][]any) ([][]any, error) {
	if len(wanted) == 0 || tx.Pick(db.Pair{Postgres: "look first"}) == "" {
		return wanted, nil
	}
	table, list, err := tx.Table("v", "scope text, key text", wanted)
	if err != nil {
		return nil, fmt.Errorf("idempotency: keys: %w", err)
	}
	var found []row
	err = tx.Scan(&found, `SELECT v.scope, v.key FROM `+table+` CROSS JOIN LATERAL
		(SELECT 1 FROM idempotency i WHERE i.scope = v.scope AND i.key = v.key OFFSET 0) AS x`, list)
	if err != nil {
		return nil, fmt.Errorf("idempotency: look up: %w", err)
	}
	out := make([][]any, len(found))
	for i, f := range found {
		out[i] = []any{f.Scope, f.Key}
	}
	return out, nil
}

var answerRows = db.RowsOf("idempotency", "scope text, key text, body_hash text, response text, created_at timestamptz, seen_at timestamptz")

// Store keeps answers, set-wise. When another transaction stored one of the keys
// first it returns db.ErrAgain, so that the next try finds that answer.
func Store(tx *db.Tx, entries []Entry) error {
	var rows [][]any
	for _, e := range entries {
		if !e.Key.IsZero() {
			rows = append(rows, []any{e.Key.Scope, e.Key.Key, e.Key.Body, e.Response, tx.Now(), tx.Now()})
		}
	}
	_, err := answerRows.Insert(tx, "", rows...)
	if db.Constraint(err) == "idempotency_pkey" {
		return db.ErrAgain
	}
	return err
}

// queue makes requests with one key wait for each other. Else the second could
// meet the effect of the first, not yet its key, and be refused on account of
// itself. SQLite lets in one writer at a time anyway.
func queue(tx *db.Tx, k Key) error {
	lock := tx.Pick(db.Pair{Postgres: `SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`})
	if k.IsZero() || lock == "" {
		return nil
	}
	if _, err := tx.Exec(lock, k.Scope+"\n"+k.Key); err != nil {
		return fmt.Errorf("idempotency: wait: %w", err)
	}
	return nil
}

// Once runs fn unless its key was answered before; then it returns that answer.
func Once[T any](tx *db.Tx, k Key, fn func() (T, error)) (T, error) {
	var zero T
	if err := queue(tx, k); err != nil {
		return zero, err
	}
	seen, err := Seen(tx, []Key{k})
	if err != nil {
		return zero, err
	}
	text, found, err := seen.Find(k)
	if err != nil {
		return zero, err
	}
	if found {
		var out T
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			return zero, fmt.Errorf("idempotency: stored answer: %w", err)
		}
		return out, nil
	}
	out, err := fn()
	if err != nil || k.IsZero() {
		return out, err
	}
	b, err := json.Marshal(out)
	if err != nil {
		return zero, fmt.Errorf("idempotency: answer: %w", err)
	}
	return out, Store(tx, []Entry{{Key: k, Response: string(b)}})
}
