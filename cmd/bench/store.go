package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// oldEvents makes screenings that are over, full to the last seat.
const oldEvents = `INSERT INTO events (kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at,
		cancel_until, remind_hours, max_seats, for_sale, created_at, seat_map, taken, attended, version)
	SELECT kind, resource_id, org_id, title, plan_id, audience, 'finished', starts_at - interval '90 days', ends_at - interval '90 days',
		opens_at - interval '90 days', closes_at - interval '90 days', cancel_until - interval '90 days', remind_hours, max_seats, for_sale,
		created_at, replace(replace(seat_map, 'f', 't'), 'r', 't'), for_sale, for_sale, for_sale
	FROM events, generate_series(1, $2) WHERE id = $1 RETURNING id`

// Each seat of them is a booking with all that a booking leaves behind; its
// Idempotency-Key alone is gone, for those are kept for a day or two.
var oldBookings = []string{
	`CREATE TEMP TABLE old ON COMMIT DROP AS
	SELECT '01900000-0000-7000-8000-' || lpad((e.id * 1000 + s.ord)::text, 12, '0') AS id, e.id AS event_id, e.org_id,
		upper(lpad(to_hex(e.id * 1000 + s.ord), 8, '0')) AS code, s.id AS seat_id, s.row_tag || '排' || s.number || '座' AS label,
		e.ends_at AS at, a.id AS account_id
	FROM events e JOIN seats s ON s.plan_id = e.plan_id AND s.kind <> 'not_for_sale'
	JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS nr, count(*) OVER () AS n FROM accounts) a ON a.nr = (e.id * 172 + s.ord) % a.n
	WHERE e.id BETWEEN $1 AND $2 ORDER BY e.id, s.ord`,
	`INSERT INTO bookings (id, event_id, code, holder_id, name, party, status, channel, created_by, created_at)
	SELECT id, event_id, code, account_id, '压测', 1, 'attended', 'online', account_id, at FROM old`,
	`INSERT INTO booking_seats (booking_id, seat_id, event_id, label, outcome) SELECT id, seat_id, event_id, label, 'attended' FROM old`,
	`INSERT INTO audit_log (at, actor_id, actor, channel, action, subject_kind, subject_id, org_id, after, request_id)
	SELECT at, account_id, 'bench', 'online', 'booking.book', 'booking', id, org_id, 'event ' || event_id || ': ' || label, id FROM old`,
	`INSERT INTO outbox (recipient, channel, kind, subject, due_at, vars, state, attempts, next_at, sent_at, created_at)
	SELECT 'account:' || account_id, 'inbox', 'booked', 'booking:' || id, at, '{"code":"' || code || '","seats":"' || label || '"}', 'sent', 1, at, at, at FROM old`,
	`INSERT INTO inbox (outbox_id, account_id, kind, subject, vars, created_at)
	SELECT o.id, old.account_id, o.kind, o.subject, o.vars, o.created_at FROM old JOIN outbox o ON o.subject = 'booking:' || old.id`,
}

// store adds n bookings, a few more to fill the last hall, and tidies up as
// autovacuum would have over the months.
func store(ctx context.Context, url string, n int) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	const perCommit = 500 // halls
	for halls := (n + 171) / 172; halls > 0; halls -= perCommit {
		if err := storeHalls(ctx, c, min(halls, perCommit)); err != nil {
			return err
		}
	}
	_, err = c.Exec(ctx, "VACUUM ANALYZE")
	return err
}

func storeHalls(ctx context.Context, c *pgx.Conn, n int) error {
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var model int64
	if err := tx.QueryRow(ctx, "SELECT max(id) FROM events WHERE state = 'open' AND audience = 'public' AND reserved = 0").Scan(&model); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, oldEvents, model, n)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for i, q := range oldBookings {
		args := []any{ids[0], ids[len(ids)-1]}
		if i > 0 {
			args = nil
		}
		if _, err := tx.Exec(ctx, q, args...); err != nil {
			return fmt.Errorf("stored bookings, step %d: %w", i, err)
		}
		if i == 0 {
			if _, err := tx.Exec(ctx, "ANALYZE old"); err != nil {
				return err
			}
		}
	}
	return tx.Commit(ctx)
}

// stored counts the bookings of a database.
func stored(ctx context.Context, url string) (n int, err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	return n, c.QueryRow(ctx, "SELECT count(*) FROM bookings").Scan(&n)
}
