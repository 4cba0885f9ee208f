package booking

import (
	"context"
	"errors"
	"fmt"

	"youyue/app/audit"
	"youyue/app/db"
	"youyue/models"
)

// maxDue is how many one run of a job takes on; the next run goes on.
const maxDue = 200

// FinishDue closes the events that are over: each seat becomes attended or
// no-show, each booking likewise (attended when one of the party came), and the
// counts are frozen. It returns how many events it closed.
func (s *Service) FinishDue(ctx context.Context, now models.Instant) (int, error) {
	return s.eachDue(ctx, `SELECT id FROM events WHERE state = 'open' AND ends_at <= ? ORDER BY ends_at, id LIMIT ? OFFSET ?`, now,
		func(e models.Event) models.Instant { return e.EndsAt }, s.finish)
}

// ReleaseDue frees the places kept for phone and window, or for another share,
// whose time has come. It
// returns for how many events it did.
func (s *Service) ReleaseDue(ctx context.Context, now models.Instant) (int, error) {
	return s.eachDue(ctx, `SELECT id FROM events WHERE state = 'open' AND release_at <= ? ORDER BY release_at, id LIMIT ? OFFSET ?`, now,
		func(e models.Event) models.Instant { return e.ReleaseAt }, s.release)
}

// EachDue does something for each of what is due, as jobs do, and counts for how many it
// was still to be done. page lists at most so many, in an order of its own, past the
// first skip of them. What cannot be done stays due and heads that list for ever: the
// next page is read past it, so that it starves nothing behind it. One run does about
// maxDue, the next one goes on; what was wrong with each comes back together.
func EachDue[T any](ctx context.Context, d *db.DB, what string, page func(tx *db.Tx, most, skip int) ([]T, error),
	do func(one T) (did bool, err error)) (done int, err error) {
	var failed []error
	for skip, more := 0, true; more; {
		var due []T
		if err := d.Read(ctx, func(tx *db.Tx) (err error) { due, err = page(tx, maxDue, skip); return err }); err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		n, err := Each(ctx, what, due, do)
		done, failed = done+n, append(failed, err)
		skip += len(due) - n
		more = len(due) == maxDue && done < maxDue && ctx.Err() == nil
	}
	return done, errors.Join(failed...)
}

// Each does something for one of many after the other until ctx ends, and counts for how
// many it was still to be done. One that fails keeps no other waiting: what was wrong
// with each comes back together, so that the job shows it.
func Each[T any](ctx context.Context, what string, all []T, do func(one T) (did bool, err error)) (done int, err error) {
	var failed []error
	for _, one := range all {
		if ctx.Err() != nil {
			break // what is left is due still
		}
		did, err := do(one)
		switch {
		case err != nil:
			failed = append(failed, fmt.Errorf("%s %v: %w", what, one, err))
		case did:
			done++
		}
	}
	return done, errors.Join(failed...)
}

// eachDue takes one event after the other under its lock, and counts those that
// are still due then: another node may have been first, or a scheduler.
func (s *Service) eachDue(ctx context.Context, query string, now models.Instant, due func(models.Event) models.Instant,
	do func(tx *db.Tx, e models.Event) error) (done int, err error) {
	page := func(tx *db.Tx, most, skip int) (ids []int64, err error) {
		err = tx.Scan(&ids, query, now, most, skip)
		return ids, err
	}
	return EachDue(ctx, s.db, "event", page, func(id int64) (did bool, err error) {
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			events, err := LockEvents(tx, id)
			if err != nil {
				return err
			}
			e := events[id]
			if did = e.State == models.EventOpen && !due(e).IsZero() && !due(e).After(now); !did {
				return nil
			}
			return do(tx, e)
		})
		return did, err
	})
}

func (s *Service) finish(tx *db.Tx, e models.Event) error {
	if err := s.CloseList(tx, e.ID, jobActs); err != nil {
		return err
	}
	if err := s.settle(tx, e); err != nil {
		return err
	}
	return audit.Write(tx, jobLine(tx, e, "event.finish", string(models.EventFinished)))
}

// settle sets what became of each seat and booking of a locked event that is
// over, and freezes the counts. It may do so again until the record is closed.
func (s *Service) settle(tx *db.Tx, e models.Event) error {
	steps := []string{
		`UPDATE booking_seats SET outcome = CASE WHEN EXISTS (SELECT 1 FROM checkins c WHERE c.booking_id = booking_seats.booking_id
			AND c.seat_id = booking_seats.seat_id AND c.undone_at IS NULL) THEN 'attended' ELSE 'no_show' END
			WHERE event_id = ? AND released_at IS NULL AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = booking_seats.booking_id AND b.status = 'held')`,
		`UPDATE bookings SET status = CASE WHEN EXISTS (SELECT 1 FROM checkins c WHERE c.booking_id = bookings.id AND c.undone_at IS NULL)
			THEN 'attended' ELSE 'no_show' END WHERE event_id = ? AND status NOT IN ('cancelled', 'held')`,
		`UPDATE events SET state = 'finished', version = version + 1,
			attended = (SELECT COUNT(*) FROM checkins c WHERE c.event_id = events.id AND c.undone_at IS NULL) WHERE id = ?`,
	}
	for _, query := range steps {
		if _, err := tx.Exec(query, e.ID); err != nil {
			return err
		}
	}
	s.tell(tx, e)
	return nil
}

func (s *Service) release(tx *db.Tx, e models.Event) error {
	freed, next, err := giveBackShares(tx, &e)
	if err != nil {
		return err
	}
	if err := s.saveSeats(tx, []models.Event{e}); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE events SET release_at = ? WHERE id = ?`, next, e.ID); err != nil {
		return err
	}
	return audit.Write(tx, jobLine(tx, e, "event.release_reserved", fmt.Sprintf("%d seats", freed)))
}

func jobLine(tx *db.Tx, e models.Event, action, after string) models.Audit {
	return models.Audit{At: tx.Now(), Actor: "job", Channel: models.ChannelJob, Action: action,
		SubjectKind: "event", SubjectID: fmt.Sprint(e.ID), OrgID: &e.OrgID, After: after}
}
