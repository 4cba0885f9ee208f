package room

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// doorAhead is how long before the start people are checked in. Ours.
const doorAhead = 30 * time.Minute

// CheckIn records that a party has come, by its code; found is false when it is not
// the code of a room booking at a place of the actor's. A second time is no fault: it
// is answered with when the first was. Who comes after the room was let go has it
// still when nobody took it meanwhile. It returns booking.ErrNotBooked,
// booking.ErrHeld, booking.ErrDoorEarly, booking.ErrDoorOver or booking.ErrReleased.
func (s *Service) CheckIn(ctx context.Context, a auth.Actor, in booking.Scan) (out booking.Arrivals, found bool, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := byCode(tx, booking.CleanCode(in.Code))
		if err != nil || b.ID == 0 || !b.runs(a, auth.CheckIn) && !b.owns(a, auth.CheckIn) {
			return err
		}
		found = true
		b, st, err := s.relock(tx, b)
		if err != nil {
			return err
		}
		out, err = s.arrive(tx, a, b, st, in)
		return err
	})
	return out, found, err
}

func (s *Service) arrive(tx *db.Tx, a auth.Actor, b Booking, st setting, in booking.Scan) (booking.Arrivals, error) {
	out := booking.Arrivals{BookingID: b.UID, Code: b.Code, Name: b.Name, Kind: "room", Checked: []booking.Arrival{}, Already: []booking.Arrival{},
		TakenBack: []booking.Arrival{}, Missing: []booking.SeatRef{}, Released: []booking.SeatRef{}, Attendees: []booking.Comer{}}
	out.Expected = b.Attendees
	now, from := tx.Now(), b.StartsAt.Add(-doorAhead)
	switch {
	case b.Status == models.RoomAttended:
		out.Already = append(out.Already, booking.Arrival{Label: b.Title(), At: b.CheckedInAt, Late: b.CheckedInAt.After(b.StartsAt)})
		out.Arrived = int64(b.Attendees)
		return out, nil
	case b.Status == models.RoomPending || b.Status == models.RoomProposed:
		return out, booking.ErrHeld
	case !b.Status.CanBecome(models.RoomAttended):
		return out, booking.ErrNotBooked.With("status", string(b.Status))
	case now.Before(from):
		return out, booking.ErrDoorEarly.With("starts_at", b.StartsAt).With("from", from).Add("from", from)
	case !now.Before(b.EndsAt):
		return out, booking.ErrDoorOver.With("ends_at", b.EndsAt).With("until", b.EndsAt).Add("ends_at", b.EndsAt)
	}
	if b.Status == models.RoomNoShow {
		clashes, err := booking.Reserve(tx, source(b.ID), st.claims(models.Span{Start: now, End: b.EndsAt})...)
		if err != nil {
			return out, err
		}
		if len(clashes) > 0 {
			return out, booking.ErrReleased.With("name", b.Name).With("free", 0).Add("free", 0)
		}
	}
	was := b.Status
	b.Status, b.CheckedInAt, b.CheckedInBy = models.RoomAttended, now, &a.AccountID
	if err := saveArrival(tx, &b.RoomBooking); err != nil {
		return out, err
	}
	if was == models.RoomNoShow {
		if err := s.cameAfterAll(tx, a, b, st); err != nil {
			return out, err
		}
	}
	out.Checked = append(out.Checked, booking.Arrival{Label: b.Title(), At: now, Door: in.Door, Late: now.After(b.StartsAt)})
	out.Arrived = int64(b.Attendees)
	return out, s.line(tx, a, st, b.RoomBooking, "room_booking.check_in", string(was), string(b.Status), in.Door)
}
