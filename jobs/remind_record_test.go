package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/configs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// lessons is the hall with a branch (2), its secretary (2), and the time at
// which its film is over.
func lessons(t *testing.T, d *db.DB, now models.Instant) (end models.Instant) {
	t.Helper()
	start := hall(t, d, now)
	execute(t, d, `INSERT INTO orgs (id, parent_id, path, code, name, kind, created_at) VALUES (2, 1, '/1/2/', 'b', '第一党支部', 'branch', ?)`, now)
	execute(t, d, `INSERT INTO accounts (id, name, created_at) VALUES (2, '陈书记', ?)`, now)
	execute(t, d, `INSERT INTO grants (account_id, role, org_id, created_at) VALUES (2, 'branch', 2, ?)`, now)
	execute(t, d, `INSERT INTO films (id, title, runtime_min, licence_from, licence_to, created_at) VALUES (1, '1921', 120, ?, ?, ?)`, now, start, now)
	execute(t, d, `INSERT INTO screenings (id, film_id, oath_min, runtime_min, cleanup_min) VALUES (1, 1, 15, 120, 20)`)
	return start.Add(2 * time.Hour)
}

func bookForBranch(t *testing.T, d *db.DB, id string, status models.BookingStatus, at models.Instant) {
	t.Helper()
	execute(t, d, `INSERT INTO bookings (id, event_id, code, holder_id, org_id, name, party, status, channel, created_by, created_at) VALUES (?, 1, ?, 1, 2, '第一党支部', 1, ?, 'online', 1, ?)`,
		id, "C"+id, status, at)
}

func record(t *testing.T, d *db.DB, id string, state models.LessonState, at models.Instant) {
	t.Helper()
	var signed any
	if state != models.LessonDraft {
		signed = at
	}
	execute(t, d, `INSERT INTO lesson_records (booking_id, revision, version, state, branch, film, starts_at, ends_at, place, expected, arrived, saved_by, saved_name, saved_at, signed_at)
		VALUES (?, 1, 1, ?, 'b', 'f', ?, ?, 'p', 1, 1, 1, 's', ?, ?)`, id, state, at, at, at, signed)
}

func TestTheSecretaryIsRemindedOfARecordTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		now := clock.Instant()
		end := lessons(t, d, now)
		bookForBranch(t, d, "none", models.BookingAttended, now)
		bookForBranch(t, d, "draft", models.BookingAttended, now)
		bookForBranch(t, d, "signed", models.BookingAttended, now)
		bookForBranch(t, d, "gone", models.BookingCancelled, now)
		book(t, d, "resident", models.BookingAttended, now)
		record(t, d, "draft", models.LessonDraft, end)
		record(t, d, "signed", models.LessonSigned, end)
		r := runner(t, d, RemindRecord(d, newNotify(d, configs.SMTP{})))
		run := func() int {
			t.Helper()
			res, err := r.RunOnce(t.Context(), "remind_record")
			require.NoError(t, err)
			return res.Done
		}
		clock.Set(end.Add(2*day - time.Microsecond).Time())
		require.Zero(t, run(), "a moment too early")
		clock.Advance(time.Microsecond)
		require.Equal(t, 2, run())
		require.Zero(t, run(), "once")
		clock.Advance(day)
		execute(t, d, `INSERT INTO accounts (id, name, created_at) VALUES (3, '新书记', ?)`, now)
		execute(t, d, `INSERT INTO grants (account_id, role, org_id, created_at) VALUES (3, 'branch', 2, ?)`, now)
		require.Zero(t, run(), "a new secretary does not make it due again")
		execute(t, d, `UPDATE outbox SET state = 'sent'`)

		clock.Set(end.Add(7 * day).Time())
		record(t, d, "none", models.LessonSigned, end)
		require.Equal(t, 1, run(), "the other one was signed in between")
		require.Zero(t, run())
		var rows []models.Outbox
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&rows, `SELECT * FROM outbox WHERE kind = 'record_due' ORDER BY due_at, subject, recipient`)
		}))
		var got []string
		for _, o := range rows {
			got = append(got, fmt.Sprint(o.Recipient, " ", o.Channel, " ", o.Subject, " ", int(o.DueAt.Sub(end)/day)))
		}
		require.Equal(t, []string{"account:2 inbox booking:draft 2", "account:2 inbox booking:none 2",
			"account:2 inbox booking:draft 7", "account:3 inbox booking:draft 7"}, got, "whoever is secretary then")
		require.JSONEq(t, fmt.Sprintf(`{"title":"《1921》","start":%q,"place":"奥斯卡影城 4号厅","path":"/bookings/draft/record"}`,
			end.Add(-2*time.Hour).Time().Format(time.RFC3339)), rows[0].Vars)

		clock.Set(end.Add(40 * day).Time())
		execute(t, d, `DELETE FROM outbox`)
		require.Zero(t, run(), "what is long past is left alone")
	})
}

// When nobody ran for a week there is one reminder, not two at once; several
// batches are all told.
func TestAMissedReminderOfARecordIsOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		now := clock.Instant()
		end := lessons(t, d, now)
		const n = recordBatch + 30
		for i := range n {
			bookForBranch(t, d, fmt.Sprintf("b%04d", i), models.BookingAttended, now)
		}
		r := runner(t, d, RemindRecord(d, newNotify(d, configs.SMTP{})))
		clock.Set(end.Add(8 * day).Time())
		res, err := r.RunOnce(t.Context(), "remind_record")
		require.NoError(t, err)
		require.Equal(t, n, res.Done)
		execute(t, d, `UPDATE events SET state = 'cancelled'`)
		execute(t, d, `DELETE FROM outbox`)
		res, err = r.RunOnce(t.Context(), "remind_record")
		require.NoError(t, err)
		require.Zero(t, res.Done)
	})
}

// Two nodes at once, past the lease even: each reminder stands there once.
func TestTwoNodesRemindOfARecordOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		first, second := openAt(t, url, clock.Now), openAt(t, url, clock.Now)
		now := clock.Instant()
		end := lessons(t, first, now)
		const n = 60
		for i := range n {
			bookForBranch(t, first, fmt.Sprintf("b%04d", i), models.BookingAttended, now)
		}
		clock.Set(end.Add(2 * day).Time())
		var all sync.WaitGroup
		for _, d := range []*db.DB{first, second} {
			job := RemindRecord(d, newNotify(d, configs.SMTP{}))
			r := runner(t, d, job)
			all.Go(func() {
				if _, err := r.RunOnce(context.WithoutCancel(t.Context()), "remind_record"); err != nil && !errors.Is(err, ErrRunning) {
					t.Error(err)
				}
			})
			all.Go(func() { // without the lease
				if _, err := job.Run(context.WithoutCancel(t.Context()), clock.Instant()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, n, count(t, first, `SELECT COUNT(*) FROM outbox WHERE kind = 'record_due'`))
		require.Equal(t, n, count(t, first, `SELECT COUNT(DISTINCT subject) FROM outbox WHERE kind = 'record_due'`))
	})
}
