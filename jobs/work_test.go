package jobs

import (
	"fmt"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/configs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// hall is a place with one event "《1921》" that starts in 30 hours.
func hall(t *testing.T, d *db.DB, now models.Instant) (start models.Instant) {
	t.Helper()
	start = now.Add(30 * time.Hour)
	execute(t, d, `INSERT INTO orgs (id, path, code, name, kind, created_at) VALUES (1, '/1/', 'c', '中心', 'centre', ?)`, now)
	execute(t, d, `INSERT INTO resources (id, kind, org_id, name, created_at) VALUES (1, 'hall', 1, '4号厅', ?)`, now)
	execute(t, d, `INSERT INTO halls (id, code, venue, address) VALUES (1, 'h4', '奥斯卡影城', '路')`)
	execute(t, d, `INSERT INTO seat_plans (id, hall_id, version, created_at) VALUES (1, 1, 1, ?)`, now)
	for i := range 2 {
		execute(t, d, `INSERT INTO seats (id, plan_id, ord, row, row_tag, number, col, kind) VALUES (?, 1, ?, 5, '5', ?, ?, 'standard')`, i+1, 1-i, fmt.Sprint(8-i), i)
	}
	execute(t, d, `INSERT INTO events (id, kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at, cancel_until, max_seats, seat_map, for_sale, created_at)
		VALUES (1, 'screening', 1, 1, '《1921》', 1, 'public', 'open', ?, ?, ?, ?, ?, 6, 'ff', 2, ?)`, start, start.Add(2*time.Hour), now, start, start, now)
	execute(t, d, `INSERT INTO accounts (id, name, created_at) VALUES (1, '刘明', ?)`, now)
	execute(t, d, `INSERT INTO people (id, org_id, name, created_at) VALUES (1, 1, '张建华', ?)`, now)
	return start
}

func book(t *testing.T, d *db.DB, id string, status models.BookingStatus, at models.Instant) {
	t.Helper()
	execute(t, d, `INSERT INTO bookings (id, event_id, code, holder_id, name, party, status, channel, created_by, created_at) VALUES (?, 1, ?, 1, '刘明', 1, ?, 'online', 1, ?)`,
		id, "C"+id, status, at)
}

func TestRemindersGoOutOnceAtTheirHours(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start := hall(t, d, clock.Instant())
		book(t, d, "early", models.BookingBooked, clock.Instant())
		book(t, d, "gone", models.BookingCancelled, clock.Instant())
		execute(t, d, `INSERT INTO bookings (id, event_id, code, person_id, name, party, status, channel, created_by, created_at) VALUES ('caller', 1, 'x', 1, '张建华', 1, 'booked', 'phone', 1, ?)`, clock.Instant())
		for seat := range 2 {
			execute(t, d, `INSERT INTO booking_seats (booking_id, seat_id, event_id, label) VALUES ('early', ?, 1, ?)`, seat+1, fmt.Sprintf("5排%d座", 8-seat))
		}
		s := newNotify(d, configs.SMTP{})
		r := runner(t, d, RemindUpcoming(d, s, ticketPage))
		run := func() int {
			t.Helper()
			res, err := r.RunOnce(t.Context(), "remind_upcoming")
			require.NoError(t, err)
			return res.Done
		}
		clock.Set(start.Add(-24*time.Hour - time.Microsecond).Time())
		require.Zero(t, run(), "a moment too early")
		clock.Advance(time.Microsecond)
		require.Equal(t, 2, run())
		require.Zero(t, run(), "once")
		var rows []models.Outbox
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&rows, `SELECT * FROM outbox ORDER BY id`) }))
		require.Len(t, rows, 2)
		require.Equal(t, []any{"person:1", models.NoticeCall, "booking:caller"}, []any{rows[0].Recipient, rows[0].Channel, rows[0].Subject})
		require.Equal(t, []any{"account:1", models.NoticeInbox, "booking:early", start.Add(-24 * time.Hour)},
			[]any{rows[1].Recipient, rows[1].Channel, rows[1].Subject, rows[1].DueAt})
		require.JSONEq(t, fmt.Sprintf(`{"title":"《1921》","start":%q,"place":"奥斯卡影城 4号厅","code":"Cearly","seats":"5排7座、5排8座","path":"/bookings/early"}`,
			start.Time().Format(time.RFC3339)), rows[1].Vars)

		clock.Advance(time.Hour)
		book(t, d, "late", models.BookingBooked, clock.Instant())
		require.Zero(t, run(), "who books after the day before knows")
		clock.Set(start.Add(-2 * time.Hour).Time())
		require.Equal(t, 3, run())
		require.Zero(t, run())
		book(t, d, "last", models.BookingBooked, clock.Instant().Add(time.Minute))
		clock.Set(start.Time())
		require.Zero(t, run(), "nothing once it has begun")
	})
}

func TestAMissedHourIsMadeUpForUntilTheNext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start := hall(t, d, clock.Instant())
		const n = 2*remindBatch + 50
		for i := range n {
			book(t, d, fmt.Sprintf("b%04d", i), models.BookingBooked, clock.Instant())
		}
		r := runner(t, d, RemindUpcoming(d, newNotify(d, configs.SMTP{}), ticketPage))
		clock.Set(start.Add(-90 * time.Minute).Time())
		res, err := r.RunOnce(t.Context(), "remind_upcoming")
		require.NoError(t, err)
		require.Equal(t, n, res.Done, "one reminder each, not two at once")
		execute(t, d, `UPDATE events SET state = 'cancelled'`)
		execute(t, d, `DELETE FROM outbox`)
		res, err = r.RunOnce(t.Context(), "remind_upcoming")
		require.NoError(t, err)
		require.Zero(t, res.Done)
	})
}

func TestWhatHasExpiredIsPurged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		now := clock.Instant()
		ago := func(days int) models.Instant { return now.Add(-time.Duration(days)*day - time.Minute) }
		session := `INSERT INTO sessions (token_hash, kind, created_at, last_seen_at, expires_at, revoked_at) VALUES (?, 'web', ?, ?, ?, ?)`
		execute(t, d, session, "expired", ago(9), ago(9), ago(0), nil)
		execute(t, d, session, "revoked", ago(9), ago(9), now.Add(day), ago(7))
		execute(t, d, session, "living", ago(9), ago(9), now.Add(day), nil)
		for i, at := range []models.Instant{ago(2), ago(1)} {
			execute(t, d, `INSERT INTO login_codes (phone_index, code_hash, address, created_at, expires_at) VALUES ('p', 'h', 'a', ?, ?)`, at, at)
			execute(t, d, `INSERT INTO login_failures (login, address, at) VALUES ('l', 'a', ?)`, at)
			execute(t, d, `INSERT INTO idempotency (scope, key, body_hash, response, created_at, seen_at) VALUES ('s', ?, '', '', ?, ?)`, fmt.Sprint(i), at, at)
		}
		outbox := `INSERT INTO outbox (recipient, channel, kind, subject, due_at, vars, state, next_at, created_at) VALUES ('account:1', 'inbox', 'booked', ?, ?, '{}', ?, ?, ?)`
		for i := range purgeBatch + 3 {
			execute(t, d, outbox, fmt.Sprint("booking:", i), ago(90), "sent", ago(90), ago(90))
		}
		execute(t, d, outbox, "booking:waiting", ago(90), "waiting", ago(90), ago(90))
		execute(t, d, outbox, "booking:fresh", ago(89), "sent", ago(89), ago(89))
		r := runner(t, d, PurgeExpired(d))
		res, err := r.RunOnce(t.Context(), "purge_expired")
		require.NoError(t, err)
		require.Equal(t, 2+3+purgeBatch+3, res.Done)
		for table, left := range map[string]int{"sessions": 1, "login_codes": 1, "login_failures": 1, "idempotency": 1, "outbox": 2} {
			require.Equal(t, left, count(t, d, `SELECT count(*) FROM `+table), table)
		}
	})
}

func ticketPage(_, id string) string { return "/bookings/" + id }

// Who came a year and more ago is forgotten, that so many came is not; the audit
// log says how much was taken away.
func TestPeopleAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start := hall(t, d, clock.Instant())
		execute(t, d, `DELETE FROM people`) // the hall's caller has no booking
		book(t, d, "b", models.BookingAttended, clock.Instant())
		for i := range purgeBatch + 2 {
			execute(t, d, `INSERT INTO attendees (id, booking_id, ord, name, created_at) VALUES (?, 'b', ?, '王芳', ?)`, i+1, i+1, clock.Instant())
		}
		execute(t, d, `INSERT INTO checkins (event_id, booking_id, seat_id, nonce, by_id, at, attendee_id) VALUES (1, 'b', 1, 'n', 1, ?, 1)`, clock.Instant())
		for i, settled := range []any{clock.Instant(), nil} {
			execute(t, d, `INSERT INTO feedback (id, kind, text, contact_enc, created_at, done_at) VALUES (?, 'complaint', '太冷', 'sealed', ?, ?)`, i+1, clock.Instant(), settled)
		}
		run := func(at models.Instant) int {
			t.Helper()
			clock.Set(at.Time())
			n, err := purgePeople(t.Context(), d, clock.Instant())
			require.NoError(t, err)
			return n
		}
		over := start.Add(2 * time.Hour)
		require.Equal(t, 1, run(over.Add(keepAttendees)), "the settled complaint's contact; the list is kept to its last moment")
		require.Equal(t, purgeBatch+2, run(over.Add(keepAttendees+time.Second)))
		require.Zero(t, run(over.Add(keepAttendees+time.Hour)))
		require.Zero(t, count(t, d, `SELECT COUNT(*) FROM attendees`))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM checkins WHERE attendee_id IS NULL`), "somebody came")
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM feedback WHERE contact_enc <> ''`), "nobody has answered it yet")
		require.Equal(t, 3, count(t, d, `SELECT COUNT(*) FROM audit_log WHERE action = 'privacy.purge'`), "one line a batch")
	})
}

// A caller whom a desk knew is forgotten four hundred days after their last booking,
// by name and number; that somebody booked is not. Who came again, and whom an
// account keeps, is still known.
func TestCallersAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		start := hall(t, d, clock.Instant())
		execute(t, d, `DELETE FROM people`)
		for i, name := range []string{"打过一次", "后来又来", "家人", "放下的家人"} {
			execute(t, d, `INSERT INTO people (id, org_id, name, phone_enc, phone_index, notify, created_at) VALUES (?, 1, ?, 'sealed', ?, 'holder', ?)`,
				i+1, name, name, clock.Instant())
		}
		execute(t, d, `UPDATE people SET org_id = NULL, account_id = 1 WHERE id > 2`)
		execute(t, d, `UPDATE people SET archived_at = ? WHERE id = 4`, clock.Instant())
		for id, who := range map[string]int{"once": 1, "again": 2, "kept": 3, "let go": 4} {
			book(t, d, id, models.BookingAttended, clock.Instant())
			execute(t, d, `UPDATE bookings SET person_id = ?, name = '本人' WHERE id = ?`, who, id)
		}
		execute(t, d, `INSERT INTO lecture_wishes (org_id, text, audience, person_id, name, channel, state, created_by, created_at) VALUES (1, '防骗', '', 2, '后来又来', 'phone', 'open', 1, ?)`,
			start.Add(30*day))
		over := start.Add(2 * time.Hour)
		known := func(at models.Instant) int {
			t.Helper()
			clock.Set(at.Time())
			_, err := purgePeople(t.Context(), d, clock.Instant())
			require.NoError(t, err)
			return count(t, d, `SELECT COUNT(*) FROM people WHERE name <> '' AND phone_enc <> '' AND phone_index IS NOT NULL`)
		}
		require.Equal(t, 4, known(over.Add(keepCallers)), "to the last moment")
		require.Equal(t, 2, known(over.Add(keepCallers+time.Second)), "the caller of one booking, and the relative who was let go")
		require.Equal(t, 2, count(t, d, `SELECT COUNT(*) FROM bookings WHERE name = '—' AND person_id IN (1, 4)`), "the bookings stay, without the name")
		require.Equal(t, 1, known(start.Add(30*day+keepCallers+time.Second)), "who came again, later")
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_wishes WHERE name = '—'`))
		require.Equal(t, 1, known(start.Add(10*keepCallers)), "whom an account keeps")
	})
}

// Every column that names a person is known to the purge, and no other.
func TestThePurgeKnowsWhereAPersonIsNamed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if d.Engine() != db.SQLite {
			return // the two schemas are the same, which another test holds
		}
		var want, have []string
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&want, `SELECT m.name || '.' || f."from" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'people'`)
		}))
		for _, u := range uses {
			have = append(have, u.table+"."+u.column)
		}
		require.ElementsMatch(t, want, have)
	})
}

// Of an order of a lecture that is over the address goes after a month, who and
// which number after half a year; what was ordered and how it was rated stays.
func TestOrdersForgetWhoAskedAfterTheirTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		over := clock.Instant()
		execute(t, d, `INSERT INTO orgs (id, code, name, kind, path, created_at) VALUES (1, 's', '社区', 'station', '/1/', ?)`, over)
		order := `INSERT INTO lecture_orders (id, org_id, name, contact, phone_enc, channel, wish, audience, heads, length_min, first_at, place_kind, address_enc, note, state, created_by, created_at, changed_at, closed_at)
			VALUES (?, 1, '王芳', '王芳', 'sealed', 'phone', '教太极', 'old', 1, 60, ?, 'address', 'sealed', '敲门轻一点', ?, 1, ?, ?, ?)`
		execute(t, d, order, "018f-over", over, "closed", over, over, over)
		execute(t, d, order, "018f-open", over, "submitted", over, over, nil)
		execute(t, d, `INSERT INTO lecture_ratings (order_id, face, text, rated_at) VALUES ('018f-over', 3, '王医生很好', ?)`, over)
		execute(t, d, `INSERT INTO lecture_wishes (org_id, text, audience, name, channel, state, created_by, created_at, done_at) VALUES (1, '教太极', 'old', '王芳', 'phone', 'ordered', 1, ?, ?)`, over, over)
		run := func(at models.Instant) int {
			t.Helper()
			clock.Set(at.Time())
			n, err := purgePeople(t.Context(), d, clock.Instant())
			require.NoError(t, err)
			return n
		}
		require.Zero(t, run(over.Add(keepAddresses)))
		require.Equal(t, 1, run(over.Add(keepAddresses+time.Second)), "the address")
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_orders WHERE address_enc = ''`), "an order that is not over keeps its own")
		require.Equal(t, 2, run(over.Add(keepContacts+time.Second)), "the contact of the order, the name beside the wish")
		require.Zero(t, run(over.Add(keepContacts+time.Hour)))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_orders WHERE id = '018f-over' AND name = '王**' AND contact || phone_enc || address_enc || note = '' AND wish = '教太极'`))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_orders WHERE id = '018f-open' AND name = '王芳' AND phone_enc <> '' AND note <> ''`))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_ratings WHERE face = 3 AND text = ''`))
		require.Equal(t, 1, count(t, d, `SELECT COUNT(*) FROM lecture_wishes WHERE name = '' AND text = '教太极'`))
		require.Zero(t, count(t, d, `SELECT COUNT(*) FROM audit_log WHERE after LIKE '%王%'`), "the log says how many, never who")
	})
}
