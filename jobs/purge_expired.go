package jobs

import (
	"context"
	"fmt"
	"time"

	"youyue/app/db"
	"youyue/models"
)

// purgeBatch keeps each transaction short: bookings go on while we tidy up.
const purgeBatch = 500

const day = 24 * time.Hour

// outdated lists what is kept for how long after the moment in its column.
// Idempotency keys are promised for 24 hours; codes and failures are counted
// for a day; the outbox is the proof that people were told.
var outdated = []struct {
	table, key, when string
	keep             time.Duration
}{
	{"sessions", "token_hash", "expires_at < ?", 0},
	{"sessions", "token_hash", "revoked_at < ?", 7 * day},
	{"login_codes", "id", "created_at < ?", 2 * day},
	{"login_failures", "id", "at < ?", 2 * day},
	{"idempotency", "(scope, key)", "created_at < ?", 2 * day},
	{"outbox", "id", "state = 'sent' AND next_at < ?", 90 * day},
	{"outbox", "id", "state = 'void' AND next_at < ?", 90 * day},
	{"outbox", "id", "state = 'failed' AND next_at < ?", 90 * day},
}

// PurgeExpired deletes what is no longer needed, and who people were that nobody
// needs to know any more.
func PurgeExpired(d *db.DB) Job {
	return Job{Name: "purge_expired", Spec: "20 3 * * *", Lease: time.Minute,
		Run: func(ctx context.Context, now models.Instant) (done int, err error) {
			for _, o := range outdated {
				column := o.key
				if column[0] == '(' {
					column = column[1 : len(column)-1]
				}
				query := `DELETE FROM ` + o.table + ` WHERE ` + o.key + ` IN (SELECT ` + column + ` FROM ` + o.table + ` WHERE ` + o.when + ` LIMIT ?)`
				for n := int64(purgeBatch); n == purgeBatch; done += int(n) {
					if ctx.Err() != nil {
						return done, ctx.Err()
					}
					err := d.Write(ctx, func(tx *db.Tx) (err error) {
						n, err = tx.Exec(query, now.Add(-o.keep), purgeBatch)
						return err
					})
					if err != nil {
						return done, fmt.Errorf("%s: %w", o.table, err)
					}
				}
			}
			people, err := purgePeople(ctx, d, now)
			return done + people, err
		}}
}
