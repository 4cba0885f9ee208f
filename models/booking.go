package models

// BookingStatus is where a booking stands.
type BookingStatus string

// The states of a booking. A held one has its seats until somebody decides
// about them. Attended and no-show are set when its event is finished: attended
// when at least one of the party came. Until its record is closed, a list on
// paper that is entered later may turn one into the other. A party that has not
// come and whose seats staff let go is a no-show at once.
const (
	BookingHeld      BookingStatus = "held"
	BookingBooked    BookingStatus = "booked"
	BookingCancelled BookingStatus = "cancelled"
	BookingAttended  BookingStatus = "attended"
	BookingNoShow    BookingStatus = "no_show"
)

var bookingMoves = map[BookingStatus][]BookingStatus{
	BookingHeld:     {BookingBooked, BookingCancelled},
	BookingBooked:   {BookingCancelled, BookingAttended, BookingNoShow},
	BookingAttended: {BookingNoShow},
	BookingNoShow:   {BookingAttended},
}

// CanBecome reports whether the move is legal.
func (s BookingStatus) CanBecome(next BookingStatus) bool { return legal(bookingMoves, s, next) }

func legal[S comparable](moves map[S][]S, from, to S) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Channel is the way a wish came in.
type Channel string

// Online is the person's own doing; the others go through the desk, "job" is ours.
const (
	ChannelOnline Channel = "online"
	ChannelPhone  Channel = "phone"
	ChannelWindow Channel = "window"
	ChannelVisit  Channel = "visit"
	ChannelJob    Channel = "job"
)

// Booking is a party's places in one event. HolderID is the account that keeps
// it (nil for a caller with no account), PersonID for whom it is, OrgID the
// branch it belongs to; a branch's booking survives a change of secretary.
type Booking struct {
	ID           string // UUIDv7
	EventID      int64
	Code         string // eight letters and digits, read out at the door
	HolderID     *int64
	PersonID     *int64
	OrgID        *int64
	Name         string
	Party        int
	Status       BookingStatus
	Channel      Channel
	ReadBack     bool
	CreatedBy    int64
	CreatedAt    Instant
	CancelledAt  Instant
	CancelReason string

	CancelChannel  Channel // by which way it was given up
	CancelReadBack bool    // the clerk read that back
}

// BookingSeat is one seat of a booking; a released row is history.
type BookingSeat struct {
	BookingID  string
	SeatID     int64
	EventID    int64
	Label      string
	Outcome    string // "", "attended", "no_show"
	ReleasedAt Instant
}

// Came says when somebody came whom a list on paper names. Empty is the time of
// the check-in itself.
type Came string

// The bands of a list on paper: before the start, within half an hour after it, later.
const (
	CameBefore   Came = "before"
	CameHalfHour Came = "half_hour"
	CameLater    Came = "later"
)

// Checkin is one scan of one seat at the door.
type Checkin struct {
	ID         int64
	EventID    int64
	BookingID  string
	SeatID     int64
	Nonce      string
	Door       string
	ByID       int64
	At         Instant
	UndoneAt   Instant
	UndoneBy   *int64
	UndoReason string
	AttendeeID *int64 // which member of the party, when the door knows
	Came       Came
}
