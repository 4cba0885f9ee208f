package jobs

import (
	"context"
	"log/slog"
	"time"

	"youyue/app/db"
	"youyue/models"
)

// lease is the right of one run to be the only one. It is a row that one
// compare-and-set gives to one owner until a moment; a dead owner's moment
// passes, a living one moves it on.
type lease struct {
	db    *db.DB
	job   string
	owner string
	span  time.Duration
}

// take makes the row and asks for it; false when another run has it.
func (l lease) take(ctx context.Context) (taken bool, err error) {
	err = l.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO jobs (name) VALUES (?) ON CONFLICT DO NOTHING`, l.job); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE jobs SET lease_owner = ?, lease_until = ?, started_at = ?
			WHERE name = ? AND (lease_owner = '' OR lease_until <= ?)`, l.owner, tx.Now().Add(l.span), tx.Now(), l.job, tx.Now())
		taken = n == 1
		return err
	})
	return taken, err
}

// extend moves the end on; false when the lease belongs to another run now.
func (l lease) extend(ctx context.Context) (mine bool, err error) {
	err = l.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE jobs SET lease_until = ? WHERE name = ? AND lease_owner = ?`, tx.Now().Add(l.span), l.job, l.owner)
		mine = n == 1
		return err
	})
	return mine, err
}

// keep extends the lease three times in its span until ctx ends. When it is
// lost, or could not be extended for a whole span, it ends the run: another
// node may have begun.
func (l lease) keep(ctx context.Context, log *slog.Logger, end context.CancelCauseFunc) {
	over := time.AfterFunc(l.span, func() { end(errLeaseLost) })
	defer over.Stop()
	beat := time.NewTicker(l.span / 3)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		switch mine, err := l.extend(ctx); {
		case err != nil:
			log.WarnContext(ctx, "lease not extended", "job", l.job, "cause", err)
		case !mine:
			end(errLeaseLost)
			return
		default:
			over.Reset(l.span)
		}
	}
}

// finish writes down how the run went and gives the lease back. A run that lost
// its lease leaves the row to its new owner.
func (l lease) finish(ctx context.Context, r Result, failure error) error {
	return l.db.Write(ctx, func(tx *db.Tx) error {
		set, args := ``, []any{r.Finished, r.Finished.Sub(r.Started).Milliseconds(), r.Done}
		if failure != nil {
			set, args = `, error = ?, failed_at = ?`, append(args, failure.Error(), r.Finished)
		}
		_, err := tx.Exec(`UPDATE jobs SET lease_owner = '', lease_until = NULL, finished_at = ?, duration_ms = ?, done = ?`+set+
			` WHERE name = ? AND lease_owner = ?`, append(args, l.job, l.owner)...)
		return err
	})
}

// row is a job's line in the table.
type row struct {
	Name       string
	LeaseOwner string
	LeaseUntil models.Instant
	StartedAt  models.Instant
	FinishedAt models.Instant
	DurationMs int64
	Done       int
	Error      string
	FailedAt   models.Instant
}

func readRows(ctx context.Context, d *db.DB) (map[string]row, error) {
	var rows []row
	err := d.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&rows, `SELECT * FROM jobs`) })
	out := make(map[string]row, len(rows))
	for _, r := range rows {
		out[r.Name] = r
	}
	return out, err
}
