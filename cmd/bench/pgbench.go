package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"youyue/app/db/pgtest"

	"github.com/jackc/pgx/v5"
)

// The bare minimum of a booking, in one statement: a row per seat that a unique
// key guards, and a counter. No session, no rules, no audit, no notice, no
// idempotency, no HTTP.
const (
	rawTables = `DROP TABLE IF EXISTS raw_bookings, raw_events;
DROP SEQUENCE IF EXISTS raw_seats;
CREATE SEQUENCE raw_seats CACHE 1;
CREATE TABLE raw_events (id bigint PRIMARY KEY, taken bigint NOT NULL DEFAULT 0);
CREATE TABLE raw_bookings (event_id bigint NOT NULL REFERENCES raw_events (id), seat_id bigint NOT NULL, holder bigint NOT NULL,
	at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (event_id, seat_id));
INSERT INTO raw_events (id) SELECT generate_series(1, %d);`
	rawAnywhere = `\set e random(1, %d)
\set s random(1, 172)
WITH b AS (INSERT INTO raw_bookings (event_id, seat_id, holder) VALUES (:e, :s, :client_id) ON CONFLICT DO NOTHING RETURNING event_id)
UPDATE raw_events SET taken = taken + 1 FROM b WHERE raw_events.id = b.event_id;
`
	rawRush = `WITH n AS (SELECT nextval('raw_seats') AS v),
b AS (INSERT INTO raw_bookings (event_id, seat_id, holder) SELECT 1 + (v / 172) %% %d, v %% 172, :client_id FROM n ON CONFLICT DO NOTHING RETURNING event_id)
UPDATE raw_events SET taken = taken + 1 FROM b WHERE raw_events.id = b.event_id;
`
	rawClients = 32
)

// pgbench returns the bookings a second of raw pgbench with prepared statements.
func (l *lab) pgbench(ctx context.Context, script string) (float64, error) {
	bin, err := pgtest.BinDir()
	if err != nil {
		return 0, err
	}
	file := filepath.Join(l.dir, "raw.sql")
	if err := os.WriteFile(file, fmt.Appendf(nil, script, screenings), 0o600); err != nil {
		return 0, err
	}
	if _, err := l.admin.Exec(ctx, fmt.Sprintf(rawTables, screenings), pgx.QueryExecModeSimpleProtocol); err != nil {
		return 0, err
	}
	if err := l.calm(ctx); err != nil {
		return 0, err
	}
	at, err := url.Parse(l.cluster.URL())
	if err != nil {
		return 0, err
	}
	password, _ := at.User.Password()
	run := func(seconds int) error {
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "pgbench"), "-n", "-M", "prepared", "-c", strconv.Itoa(rawClients), //nolint:gosec // our own arguments
			"-j", "2", "-T", strconv.Itoa(seconds), "-f", file, "-h", at.Hostname(), "-p", at.Port(), "-U", at.User.Username(), "postgres")
		cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
		return err
	}
	var before, after int
	count := func(n *int) error {
		return l.admin.QueryRow(ctx, "SELECT count(*) FROM raw_bookings").Scan(n)
	}
	if err := run(max(1, int(l.plan.warm.Seconds()))); err != nil {
		return 0, err
	}
	if err := count(&before); err != nil {
		return 0, err
	}
	seconds := max(1, int(l.plan.length.Seconds()))
	if err := run(seconds); err != nil {
		return 0, err
	}
	if err := count(&after); err != nil {
		return 0, err
	}
	return float64(after-before) / float64(seconds), nil
}
