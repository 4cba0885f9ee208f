package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// How the listening connection is kept: a look every so often whether it still
// stands, and pauses that grow between the tries to get it back.
const (
	listenCheck    = 20 * time.Second
	listenRetry    = 250 * time.Millisecond
	listenRetryMax = 5 * time.Second
	notifyLimit    = 5 * time.Second
)

// maxPayload is what a notification can carry; PostgreSQL's own bound is 8,000 bytes.
const maxPayload = 7500

// Hears says whether nodes of this engine can hear each other. SQLite's cannot:
// there one process has the file, and what it does it knows.
func (d *DB) Hears() bool { return d.engine == Postgres }

// Notify says payload to every node that listens on the channel, this one too.
// It is a transaction of its own, never part of one that books: PostgreSQL lets
// only one transaction at a time commit with a notification. What is said may be
// lost (nobody connected at the moment); whoever listens must also look by itself.
func (d *DB) Notify(ctx context.Context, channel, payload string) error {
	if !d.Hears() {
		return nil
	}
	if len(payload) > maxPayload {
		return fmt.Errorf("notify %s: %d bytes", channel, len(payload))
	}
	ctx, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	if err := d.write.WithContext(ctx).Exec(`SELECT pg_notify(?, ?)`, channel, payload).Error; err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}

// Listen has heard called with each payload of the channel, on a connection of
// its own, until ctx ends. A lost connection is made anew.
// Every time it stands, up is called: what was said before has not been heard.
// On SQLite it only waits for ctx.
func (d *DB) Listen(ctx context.Context, channel string, up func(), heard func(payload string)) {
	if !d.Hears() {
		<-ctx.Done()
		return
	}
	pause := listenRetry
	for ctx.Err() == nil {
		err := d.listenOnce(ctx, channel, func() { pause = listenRetry; up() }, heard)
		if ctx.Err() != nil {
			return
		}
		d.log.WarnContext(ctx, "listening connection lost", "channel", channel, "again_in", pause, "cause", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, listenRetryMax)
	}
}

func (d *DB) listenOnce(ctx context.Context, channel string, up func(), heard func(payload string)) error {
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	up()
	for {
		n, err := waitFor(ctx, conn)
		switch {
		case err != nil:
			return err
		case n == "":
		default:
			heard(n)
		}
	}
}

// waitFor returns the next payload, or "" when there was none for a while and
// the connection has been seen to stand.
func waitFor(ctx context.Context, conn *pgx.Conn) (string, error) {
	limited, cancel := context.WithTimeout(ctx, listenCheck)
	defer cancel()
	n, err := conn.WaitForNotification(limited)
	if err == nil {
		return n.Payload, nil
	}
	if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) || conn.IsClosed() {
		return "", err
	}
	check, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	return "", conn.Ping(check)
}
