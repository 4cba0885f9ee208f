package room

import (
	"context"
	"errors"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// errMovedOn: somebody acted between the look and the lock.
var errMovedOn = errors.New("decided meanwhile")

var robot = auth.Actor{Login: "job"}

// each runs move on bookings by a condition, every one in a transaction of its own
// with its resources locked. move returns errMovedOn for one that is no longer due; one
// that fails keeps no other waiting.
func (s *Service) each(ctx context.Context, where string, args []any, move func(tx *db.Tx, b Booking, st setting) error) (int, error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) { return idsWhere(tx, where, args, most, skip) }
	return booking.EachDue(ctx, s.db, "room booking", page, func(id int64) (bool, error) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			b, err := byID(tx, id)
			if err != nil {
				return err
			}
			b, st, err := s.relock(tx, b)
			if err != nil {
				return err
			}
			return move(tx, b, st)
		})
		if errors.Is(err, errMovedOn) {
			return false, nil
		}
		return true, err
	})
}

// ExpireDue ends what nobody decided or answered in time; the time goes to the next
// in the queue, and the booker is told.
func (s *Service) ExpireDue(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, `status IN ('pending', 'proposed') AND deadline <= ? ORDER BY deadline, id`, []any{now}, func(tx *db.Tx, b Booking, _ setting) error {
		if !b.Status.CanBecome(models.RoomExpired) || b.Deadline.IsZero() || b.Deadline.After(now) {
			return errMovedOn
		}
		return s.end(tx, robot, b, models.RoomExpired, "", notify.RoomExpired)
	})
}

// FinishDue closes bookings that are over: who came attended; where somebody was to
// check in and nobody did, nobody came.
func (s *Service) FinishDue(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, `status IN ('booked', 'attended') AND ended_at IS NULL AND ends_at <= ? ORDER BY ends_at, id`, []any{now}, func(tx *db.Tx, b Booking, st setting) error {
		switch {
		case !b.EndedAt.IsZero() || b.EndsAt.After(now):
			return errMovedOn
		case b.Status == models.RoomAttended:
			return markEnded(tx, &b.RoomBooking, b.Status)
		case b.Status != models.RoomBooked:
			return errMovedOn
		case b.ReleaseAt.IsZero():
			return markEnded(tx, &b.RoomBooking, models.RoomAttended)
		}
		return s.missed(tx, b, st)
	})
}

// ReleaseNoShows lets rooms go to which nobody has come by the end of the grace: they
// are free at once, and whoever it was for is told.
func (s *Service) ReleaseNoShows(ctx context.Context, now models.Instant) (int, error) {
	return s.each(ctx, `status = 'booked' AND release_at <= ? ORDER BY release_at, id`, []any{now}, func(tx *db.Tx, b Booking, st setting) error {
		if b.Status != models.RoomBooked || b.ReleaseAt.IsZero() || b.ReleaseAt.After(now) {
			return errMovedOn
		}
		return s.missed(tx, b, st)
	})
}

// missed notes that nobody came: the rest of the time is free. The first times are
// followed by a warning, then by a pause with an end.
func (s *Service) missed(tx *db.Tx, b Booking, st setting) error {
	if b.EndsAt.After(tx.Now()) {
		if err := booking.Release(tx, source(b.ID)); err != nil {
			return err
		}
	}
	b.Status, b.EndedAt = models.RoomNoShow, tx.Now()
	if err := saveDecision(tx, &b.RoomBooking); err != nil {
		return err
	}
	if err := s.line(tx, robot, st, b.RoomBooking, "room_booking.no_show", string(models.RoomBooked), string(b.Status), ""); err != nil {
		return err
	}
	if err := s.strike(tx, b, st); err != nil {
		return err
	}
	return s.promote(tx, st.resources())
}

// remindBefore are the moments before the start at which people are reminded; of
// several that have passed only the last counts.
var remindBefore = []time.Duration{2 * time.Hour, 24 * time.Hour}

// RemindDue writes the reminders that are due. A booking made after that moment gets
// none: its confirmation is fresh.
func (s *Service) RemindDue(ctx context.Context, now models.Instant) (done int, err error) {
	var failed []error
	for i, before := range remindBefore {
		window := models.Span{Start: now, End: now.Add(before)}
		if i > 0 {
			window.Start = now.Add(remindBefore[i-1])
		}
		n, err := s.each(ctx, `status = 'booked' AND starts_at > ? AND starts_at <= ? AND reminded < ? ORDER BY starts_at, id`,
			[]any{window.Start, window.End, len(remindBefore) - i}, func(tx *db.Tx, b Booking, st setting) error {
				if b.Status != models.RoomBooked || b.Reminded >= len(remindBefore)-i {
					return errMovedOn
				}
				if err := markReminded(tx, b.ID, len(remindBefore)-i); err != nil {
					return err
				}
				due := b.StartsAt.Add(-before)
				if b.CreatedAt.After(due) {
					return nil
				}
				n := notice(st, b.RoomBooking, notify.RoomReminder, nil)
				if n.Account == 0 && n.Person == 0 && n.Branch == 0 {
					return nil
				}
				n.DueAt, n.Important = due, notify.Important
				return s.notices.Enqueue(tx, n)
			})
		done, failed = done+n, append(failed, err)
	}
	return done, errors.Join(failed...)
}
