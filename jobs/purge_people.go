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
// the year before; a complaint that was settled is not asked about after half a
// year, and an order of a lecture that is over neither. Where somebody lives is
// known for the visit, and as long as an order can be opened again.
const (
	keepAttendees = 400 * day
	keepContacts  = 180 * day
	keepAddresses = 30 * day
)

// purges are what is taken away, a batch at a time: find names the rows by the
// moment and the batch, the steps take their ids. The rows that are counted stay:
// only who they were is gone.
var purges = []struct {
	what  string
	keep  time.Duration
	find  string
	steps []step
	words bool // its ids are words
}{
	{"attendees", keepAttendees, `SELECT a.id FROM events e JOIN bookings b ON b.event_id = e.id JOIN attendees a ON a.booking_id = b.id
		WHERE e.ends_at < ? ORDER BY a.id LIMIT ?`, []step{
		{`UPDATE checkins SET attendee_id = NULL WHERE `, "attendee_id"}, {`DELETE FROM attendees WHERE `, "id"}}, false},
	{"contacts", keepContacts, `SELECT id FROM feedback WHERE contact_enc <> '' AND done_at < ? ORDER BY id LIMIT ?`, []step{
		{`UPDATE feedback SET contact_enc = '' WHERE `, "id"}}, false},
	{"addresses of orders", keepAddresses, `SELECT id FROM lecture_orders WHERE address_enc <> '' AND closed_at < ? ORDER BY id LIMIT ?`, []step{
		{`UPDATE lecture_orders SET address_enc = '' WHERE `, "id"}}, true},
	{"contacts of orders", keepContacts, `SELECT id FROM lecture_orders WHERE closed_at < ? AND (contact <> '' OR phone_enc <> '' OR note <> '' OR called_note <> '') ORDER BY id LIMIT ?`, []step{
		{`UPDATE lecture_orders SET name = CASE WHEN for_org_id IS NULL THEN SUBSTR(name, 1, 1) || '**' ELSE name END, contact = '', phone_enc = '', note = '', called_note = '' WHERE `, "id"},
		{`UPDATE lecture_ratings SET text = '' WHERE `, "order_id"}}, true},
	{"wishers", keepContacts, `SELECT id FROM lecture_wishes WHERE name <> '' AND done_at < ? ORDER BY id LIMIT ?`, []step{
		{`UPDATE lecture_wishes SET name = '' WHERE `, "id"}}, false},
	{"members of teams", keepContacts, `SELECT id FROM lecture_members WHERE archived_at < ? ORDER BY id LIMIT ?`, []step{
		{`DELETE FROM lecture_members WHERE `, "id"}}, false},
	{"photos of sessions", keepAttendees, `SELECT p.id FROM lecture_photos p JOIN lecture_sessions s ON s.id = p.session_id WHERE s.ends_at < ? ORDER BY p.id LIMIT ?`, []step{
		{`DELETE FROM lecture_photos WHERE `, "id"}}, false},
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
				among, found, err := rowsOf(tx, p.find, before, p.words)
				if n = found; err != nil || n == 0 {
					return err
				}
				for _, x := range p.steps {
					among, list := among(x.column)
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

// rowsOf finds what is to be taken away, and returns the condition that a column
// is one of these, and how many they are.
func rowsOf(tx *db.Tx, find string, before models.Instant, words bool) (among func(column string) (string, any), n int, err error) {
	if words {
		var ids []string
		err = tx.Scan(&ids, find, before, purgeBatch)
		return func(column string) (string, any) { return tx.AmongWords(column, ids) }, len(ids), err
	}
	var ids []int64
	err = tx.Scan(&ids, find, before, purgeBatch)
	return func(column string) (string, any) { return tx.Among(column, ids) }, len(ids), err
}
