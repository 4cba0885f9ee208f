package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	keepCallers   = 400 * day
	keepAddresses = 30 * day
)

// use is where a person may be named: how long a row there counts as one of theirs,
// and what of it is emptied when they are not to be known any more, but in rows that
// are an organisation's (of).
type use struct{ table, column, counts, of, blank string }

// uses has all of them; a test holds the list to the schema.
var uses = []use{
	{"bookings", "person_id", "EXISTS (SELECT 1 FROM events e WHERE e.id = x.event_id AND e.ends_at >= ?)", "org_id", "name = '—'"},
	{"waitlist_entries", "person_id", "x.created_at >= ?", "org_id", "name = '—'"},
	{"room_bookings", "person_id", "x.ends_at >= ?", "org_id", "name = '—', guardian = ''"},
	{"room_series", "person_id", "(x.ended_at IS NULL OR x.ended_at >= ?)", "org_id", "name = '—', guardian = ''"},
	{"contest_entries", "person_id", "x.created_at >= ?", "", "phone_enc = ''"}, // a result names its team's leader
	{"lecture_members", "person_id", "(x.archived_at IS NULL OR x.archived_at >= ?)", "", ""},
	{"lecture_wishes", "person_id", "x.created_at >= ?", "", "name = '—'"},
	{"lecture_orders", "person_id", "x.changed_at >= ?", "for_org_id", "name = '—', contact = '', phone_enc = '', address_enc = ''"},
	{"activity_signups", "person_id", "x.created_at >= ?", "org_id", "name = '—', guardian = '', address_enc = ''"},
	{"pauses", "person_id", "x.ends_at >= ?", "", ""},
	{"screenings", "projectionist_id", "EXISTS (SELECT 1 FROM events e WHERE e.id = x.id AND e.ends_at >= ?)", "", ""},
	{"hall_requests", "projectionist_id", "x.created_at >= ?", "", ""},
	{"consents", "person_id", "", "", ""}, // says only that somebody agreed, and when
}

// callers are those known to a desk, and those whom the account that kept them has
// let go, who have had nothing here since.
func callers() purge {
	p := purge{what: "callers", keep: keepCallers, find: `SELECT p.id FROM people p
		WHERE p.name <> '' AND (p.account_id IS NULL AND p.created_at < ? OR p.archived_at < ?)`}
	for _, u := range uses {
		if u.counts != "" {
			p.find += ` AND NOT EXISTS (SELECT 1 FROM ` + u.table + ` x WHERE x.` + u.column + ` = p.id AND ` + u.counts + `)`
		}
		if u.blank != "" {
			where := ""
			if u.of != "" {
				where = u.of + " IS NULL AND "
			}
			p.steps = append(p.steps, step{`UPDATE ` + u.table + ` SET ` + u.blank + ` WHERE ` + where, u.column})
		}
	}
	p.find += ` ORDER BY p.id LIMIT ?`
	p.steps = append(p.steps, step{`UPDATE people SET name = '', relation = '', phone_enc = '', phone_index = NULL,
		archived_at = COALESCE(archived_at, created_at) WHERE `, "id"})
	return p
}

// purges are what is taken away, a batch at a time: find names the rows by the
// moment, as often as it asks, and the batch; the steps take their ids. The rows that
// are counted stay: only who they were is gone.
var purges = []purge{
	callers(),
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

type purge struct {
	what  string
	keep  time.Duration
	find  string
	steps []step
	words bool // its ids are words
}

type step struct{ query, column string }

// purgePeople takes away what purges lists, and leaves a line in the audit log of
// how much of what it was, and from before when.
func purgePeople(ctx context.Context, d *db.DB, now models.Instant) (done int, err error) {
	for _, p := range purges {
		before := now.Add(-p.keep)
		args := append(slices.Repeat([]any{before}, strings.Count(p.find, "?")-1), purgeBatch)
		for n := purgeBatch; n == purgeBatch; done += n {
			if ctx.Err() != nil {
				return done, ctx.Err()
			}
			err := d.Write(ctx, func(tx *db.Tx) error {
				among, found, err := rowsOf(tx, p.find, args, p.words)
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
func rowsOf(tx *db.Tx, find string, args []any, words bool) (among func(column string) (string, any), n int, err error) {
	if words {
		var ids []string
		err = tx.Scan(&ids, find, args...)
		return func(column string) (string, any) { return tx.AmongWords(column, ids) }, len(ids), err
	}
	var ids []int64
	err = tx.Scan(&ids, find, args...)
	return func(column string) (string, any) { return tx.Among(column, ids) }, len(ids), err
}
