package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// A secretary is reminded of a record so long after the lesson; ours.
var recordDue = []time.Duration{7 * day, 2 * day}

const (
	recordBatch = 200
	// recordPast ends the looking back. It is shorter than sent messages are
	// kept, or a reminder would go out anew once its row is purged.
	recordPast = 30 * day
)

// RemindRecord tells the secretary of a branch whose screening is over that its
// record is not signed: after two days and after seven, each once. When both
// moments have passed only the last counts.
func RemindRecord(d *db.DB, n Notifier) Job {
	return Job{Name: "remind_record", Spec: "10 * * * *", Lease: time.Minute,
		Run: func(ctx context.Context, now models.Instant) (done int, err error) {
			from := now.Add(-recordPast)
			for _, after := range recordDue {
				to := now.Add(-after)
				more, err := remindRecords(ctx, d, n, from, to, after)
				done += more
				if err != nil {
					return done, fmt.Errorf("records after %s: %w", after, err)
				}
				from = to
			}
			return done, nil
		}}
}

// lessonOver is a branch's booking without a signed record.
type lessonOver struct {
	ID       string
	OrgID    int64
	HolderID int64
	Title    string
	StartsAt models.Instant
	EndsAt   models.Instant
	Place    string
}

// remindRecords writes the reminders of lessons that ended after from and not
// after to.
func remindRecords(ctx context.Context, d *db.DB, n Notifier, from, to models.Instant, after time.Duration) (done int, err error) {
	last, more := "", true
	for more && ctx.Err() == nil {
		var ids []string
		var due []notify.Notice
		err := d.Write(ctx, func(tx *db.Tx) error {
			ids, due = nil, nil
			if err := tx.Scan(&ids, `SELECT b.id FROM events e JOIN screenings s ON s.id = e.id JOIN bookings b ON b.event_id = e.id
				WHERE e.ends_at > ? AND e.ends_at <= ? AND e.state <> 'cancelled' AND b.org_id IS NOT NULL AND b.id > ?
				ORDER BY b.id LIMIT ?`, from, to, last, recordBatch); err != nil || len(ids) == 0 {
				return err
			}
			all, err := unsigned(tx, ids)
			if err != nil {
				return err
			}
			told, err := remindedOf(tx, all)
			if err != nil {
				return err
			}
			for _, l := range all {
				if at := l.EndsAt.Add(after); !told[l.ID+at.String()] {
					due = append(due, l.notice(at))
				}
			}
			return n.Enqueue(tx, due...)
		})
		if err != nil {
			return done, err
		}
		done += len(due)
		if more = len(ids) == recordBatch; more {
			last = ids[len(ids)-1]
		}
	}
	return done, ctx.Err()
}

// unsigned are those of the bookings whose record nobody has signed. Their rows
// are locked, as a signature locks them: who signs at this moment is not
// reminded after it.
func unsigned(tx *db.Tx, ids []string) ([]lessonOver, error) {
	var living []string
	if err := tx.Scan(&living, `SELECT id FROM bookings WHERE id IN ? AND status <> 'cancelled' ORDER BY id`+tx.ForUpdate(), ids); err != nil || len(living) == 0 {
		return nil, err
	}
	var out []lessonOver
	err := tx.Scan(&out, `SELECT b.id, b.org_id, COALESCE(b.holder_id, 0) AS holder_id, e.title, e.starts_at, e.ends_at,
		COALESCE(h.venue || ' ', '') || r.name AS place
		FROM bookings b JOIN events e ON e.id = b.event_id JOIN resources r ON r.id = e.resource_id LEFT JOIN halls h ON h.id = r.id
		WHERE b.id IN ? AND NOT EXISTS (SELECT 1 FROM lesson_records l WHERE l.booking_id = b.id AND l.state <> 'draft') ORDER BY b.id`, living)
	return out, err
}

// remindedOf tells which reminders stand in the outbox, by booking and moment.
func remindedOf(tx *db.Tx, all []lessonOver) (map[string]bool, error) {
	out := map[string]bool{}
	if len(all) == 0 {
		return out, nil
	}
	subjects := make([]string, len(all))
	for i, l := range all {
		subjects[i] = l.subject()
	}
	var rows []struct {
		Subject string
		DueAt   models.Instant
	}
	err := tx.Scan(&rows, `SELECT subject, due_at FROM outbox WHERE subject IN ? AND kind = ?`, subjects, notify.RecordDue)
	for _, r := range rows {
		out[strings.TrimPrefix(r.Subject, subjectBooking)+r.DueAt.String()] = true
	}
	return out, err
}

const subjectBooking = "booking:"

func (l lessonOver) subject() string { return subjectBooking + l.ID }

func (l lessonOver) notice(due models.Instant) notify.Notice {
	return notify.Notice{Account: l.HolderID, Branch: l.OrgID, Kind: notify.RecordDue, Subject: l.subject(), DueAt: due,
		Vars: map[string]string{"title": l.Title, "start": l.StartsAt.Time().Format(time.RFC3339), "place": l.Place, "path": "/bookings/" + l.ID + "/record"}}
}
