package jobs

import (
	"context"
	"fmt"
	"time"

	"youyue/app/audit"
	"youyue/app/db"
	"youyue/models"
)

// How long personal data is kept that nobody needs to be known any more; the
// README names the same terms. A branch writes its yearly sheet from the lists of
// the year before; a complaint that was settled is not asked about after half a year.
const (
	keepAttendees = 400 * day
	keepContacts  = 180 * day
)

// purges are what is taken away, a batch at a time: find names the rows by the
// moment and the batch, the steps take their ids. The rows that are counted stay:
// only who they were is gone.
var purges = []struct {
	what  string
	keep  time.Duration
	find  string
	steps []step
}{
	{"attendees", keepAttendees, `SELECT a.id FROM events e JOIN bookings b ON b.event_id = e.id JOIN attendees a ON a.booking_id = b.id
		WHERE e.ends_at < ? ORDER BY a.id LIMIT ?`, []step{
		{`UPDATE checkins SET attendee_id = NULL WHERE `, "attendee_id"}, {`DELETE FROM attendees WHERE `, "id"}}},
	{"contacts", keepContacts, `SELECT id FROM feedback WHERE contact_enc <> '' AND done_at < ? ORDER BY id LIMIT ?`, []step{
		{`UPDATE feedback SET contact_enc = '' WHERE `, "id"}}},
}

type step struct{ query, column string }

// purgePeople takes away what purges lists, and leaves a line in the audit log of
// how much of what it was, and from before when.
func purgePeople(ctx context.Context, d *db.DB, now models.Instant) (done int, err error) {
	for _, p := range purges {
		before := now.Add(-p.keep)
		for n := purgeBatch; n == purgeBatch; done += n {
			if ctx.Err() != nil {
				return done, ctx.Err()
			}
			err := d.Write(ctx, func(tx *db.Tx) error {
				var ids []int64
				if err := tx.Scan(&ids, p.find, before, purgeBatch); err != nil {
					return err
				}
				if n = len(ids); n == 0 {
					return nil
				}
				for _, x := range p.steps {
					among, list := tx.Among(x.column, ids)
					if _, err := tx.Exec(x.query+among, list); err != nil {
						return err
					}
				}
				return audit.Write(tx, models.Audit{At: tx.Now(), Actor: "job", Channel: models.ChannelJob, Action: "privacy.purge",
					SubjectKind: "job", SubjectID: "purge_expired", After: fmt.Sprintf("%d %s from before %s", n, p.what, before)})
			})
			if err != nil {
				return done, fmt.Errorf("purge %s: %w", p.what, err)
			}
		}
	}
	return done, nil
}
