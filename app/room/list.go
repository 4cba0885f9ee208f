package room

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/models"
)

// Shelf narrows a list of room bookings.
type Shelf struct {
	booking.RecordQuery
	VenueID int64
	RoomID  int64
	Decides bool // only what waits for the actor's yes
	From    models.Instant
	To      models.Instant
}

// List lists bookings: one's own and those of one's organisations, or with All every
// visible one. Upcoming ones come by start, others the newest first.
func (s *Service) List(ctx context.Context, a auth.Actor, sh Shelf) (out list.Of[Booking], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := listBookings(tx, a, sh)
		out = list.New(sh.Query, rows, total)
		return err
	})
	return out, err
}

// Records is List for lists of bookings of every kind.
func (s *Service) Records(ctx context.Context, a auth.Actor, q booking.RecordQuery) (list.Of[booking.Record], error) {
	out, err := s.List(ctx, a, Shelf{RecordQuery: q})
	return list.Map(out, Booking.Record), err
}

// Record is Get for addresses that bookings of every kind share.
func (s *Service) Record(ctx context.Context, a auth.Actor, id string) (booking.Record, error) {
	b, err := s.Get(ctx, a, id)
	return b.Record(), err
}

// CancelRecord is Cancel for addresses that bookings of every kind share.
func (s *Service) CancelRecord(ctx context.Context, a auth.Actor, id, reason string, channel models.Channel) (booking.Record, error) {
	b, err := s.Cancel(ctx, a, id, reason, channel)
	return b.Record(), err
}

// Record is the booking as lists of every kind show it.
func (b Booking) Record() booking.Record {
	return booking.Record{ID: b.UID, Code: b.Code, Kind: "room", Title: b.Title(), Place: b.Venue, Address: b.Address, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
		CancelUntil: b.CancelUntil, Party: b.Attendees, Status: string(b.Status), Name: b.Name, PersonID: b.PersonID, OrgID: b.OrgID,
		Channel: b.Channel, ReadBack: b.ReadBack, CreatedAt: b.CreatedAt, Path: bookingPath(b.UID)}
}
