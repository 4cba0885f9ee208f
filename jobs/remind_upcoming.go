package jobs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// Notifier writes notices in a transaction.
type Notifier interface {
	Enqueue(tx *db.Tx, notices ...notify.Notice) error
}

// remindBatch is how many bookings one transaction reminds of.
const remindBatch = 200

// remindAhead is the longest notice that an event can ask for.
const remindAhead = 14 * day

// RemindUpcoming writes reminders as many hours before each event as its rule
// says; of a term of an activity, before each of its sessions. A booking made after
// that moment gets no reminder of that hour: its confirmation is fresh, and so is the
// notice of a session that was moved after it. When several moments have passed only
// the last counts.
// page is where a booking of an event of some kind is told more about.
func RemindUpcoming(d *db.DB, n Notifier, page func(kind, id string) string) Job {
	return Job{Name: "remind_upcoming", Spec: "* * * * *", Lease: time.Minute,
		Run: func(ctx context.Context, now models.Instant) (done int, err error) {
			var events []upcoming
			err = d.Read(ctx, func(tx *db.Tx) error {
				return tx.Scan(&events, `SELECT e.id, e.kind, e.plan_id IS NULL AS numbered, e.title, COALESCE(x.starts_at, e.starts_at) AS starts_at, x.changed_at, e.remind_hours,
					COALESCE(h.venue || ' ', '') || COALESCE(r.name, x.place, '') AS place
					FROM events e LEFT JOIN resources r ON r.id = e.resource_id LEFT JOIN halls h ON h.id = r.id
					LEFT JOIN activity_sessions x ON x.event_id = e.id AND x.state = 'planned'
					WHERE e.state = 'open' AND e.starts_at <= ? AND COALESCE(x.starts_at, e.starts_at) > ? AND COALESCE(x.starts_at, e.starts_at) <= ?
					ORDER BY 5, e.id`, now.Add(remindAhead), now, now.Add(remindAhead))
			})
			if err != nil {
				return 0, fmt.Errorf("upcoming events: %w", err)
			}
			for _, e := range events {
				due, ok := e.due(now)
				if !ok {
					continue
				}
				n, err := e.remind(ctx, d, n, page, due)
				done += n
				if err != nil {
					return done, fmt.Errorf("event %d: %w", e.ID, err)
				}
			}
			return done, nil
		}}
}

// upcoming is an event ahead of us.
type upcoming struct {
	ID          int64
	Kind        string
	Numbered    bool
	Title       string
	StartsAt    models.Instant
	ChangedAt   models.Instant // of a session, when it was moved to that time
	RemindHours string
	Place       string
}

// due returns the last moment of reminding that has come.
func (e upcoming) due(now models.Instant) (models.Instant, bool) {
	for _, h := range models.RemindHours(e.RemindHours) {
		if due := e.StartsAt.Add(-time.Duration(h) * time.Hour); !due.After(now) {
			return due, !due.Before(e.ChangedAt)
		}
	}
	return models.Instant{}, false
}

// guest is a booking to remind of.
type guest struct {
	ID       string
	Code     string
	HolderID int64
	PersonID int64
	OrgID    int64
	Party    int
}

// remind walks the event's bookings that have no reminder of this moment yet.
func (e upcoming) remind(ctx context.Context, d *db.DB, n Notifier, page func(kind, id string) string, due models.Instant) (done int, err error) {
	last, more := "", true
	for more && ctx.Err() == nil {
		var guests []guest
		err := d.Write(ctx, func(tx *db.Tx) error {
			guests = nil
			err := tx.Scan(&guests, `SELECT b.id, b.code, b.party, COALESCE(b.holder_id, 0) AS holder_id, COALESCE(b.person_id, 0) AS person_id, COALESCE(b.org_id, 0) AS org_id
				FROM bookings b WHERE b.event_id = ? AND b.status = 'booked' AND b.created_at <= ? AND b.id > ?
				AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.subject = 'booking:' || b.id AND o.kind = 'reminder' AND o.due_at = ?)
				ORDER BY b.id LIMIT ?`+tx.ForUpdate(), e.ID, due, last, due, remindBatch)
			if err != nil || len(guests) == 0 {
				return err
			}
			labels, err := e.seatLabels(tx, guests)
			if err != nil {
				return err
			}
			notices := make([]notify.Notice, len(guests))
			for i, g := range guests {
				notices[i] = notify.Notice{Account: g.HolderID, Person: g.PersonID, Branch: g.OrgID, Kind: notify.Reminder,
					Subject: "booking:" + g.ID, DueAt: due, Important: notify.Important,
					Vars: map[string]string{"title": e.Title, "start": e.StartsAt.Time().Format(time.RFC3339), "place": e.Place,
						"code": booking.ShowCode(g.Code), "seats": notify.Seats(labels[g.ID]), "path": page(e.Kind, g.ID)}}
			}
			return n.Enqueue(tx, notices...)
		})
		if err != nil {
			return done, err
		}
		done += len(guests)
		if more = len(guests) == remindBatch; more {
			last = guests[len(guests)-1].ID
		}
	}
	return done, ctx.Err()
}

// seatLabels reads the living seats of some bookings in the order of the hall;
// of places without a plan it says how many.
func (e upcoming) seatLabels(tx *db.Tx, guests []guest) (map[string][]string, error) {
	ids := make([]string, len(guests))
	for i, g := range guests {
		ids[i] = g.ID
	}
	out := map[string][]string{}
	if e.Numbered {
		for _, g := range guests {
			out[g.ID] = []string{strconv.Itoa(g.Party) + " 个名额"}
		}
		return out, nil
	}
	var rows []struct{ BookingID, Label string }
	err := tx.Scan(&rows, `SELECT b.booking_id, b.label FROM booking_seats b JOIN seats s ON s.id = b.seat_id
		WHERE b.booking_id IN ? AND b.released_at IS NULL ORDER BY b.booking_id, s.ord`, ids)
	for _, r := range rows {
		out[r.BookingID] = append(out[r.BookingID], r.Label)
	}
	return out, err
}
