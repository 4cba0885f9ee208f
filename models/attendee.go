package models

// Attendee is one of those who come under a booking, as its booker names them.
// SeatID is the seat of the booking given to them, nil while they sit where
// they like within it.
type Attendee struct {
	ID        int64
	BookingID string
	Ord       int // from 1
	Name      string
	SeatID    *int64
	CreatedAt Instant
}

// MaxName is how many characters a person's name may have.
const MaxName = 40
