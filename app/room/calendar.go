package room

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// OnCalendar tells what rooms are taken for by bookings, by id, and which bookings
// queue for some rooms during a span, in the order they came in.
func (s *Service) OnCalendar(tx *db.Tx, ids, rooms []int64, span models.Span) ([]models.QueuedOccupant, error) {
	return bookingOccupants(tx, ids, rooms, span)
}

// Relocate is Move for the calendar, which knows a booking by its id.
func (s *Service) Relocate(ctx context.Context, a auth.Actor, id int64, m Moving) error {
	var b Booking
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { b, err = byID(tx, id); return err })
	if err == nil {
		_, err = s.Move(ctx, a, b.UID, m)
	}
	return err
}
