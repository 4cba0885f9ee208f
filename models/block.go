package models

// BlockStatus is where a request for a block of seats stands.
type BlockStatus string

// A pending request has its seats held; every other state is an end.
const (
	BlockPending   BlockStatus = "pending"
	BlockApproved  BlockStatus = "approved"
	BlockDeclined  BlockStatus = "declined"
	BlockExpired   BlockStatus = "expired"
	BlockWithdrawn BlockStatus = "withdrawn"
)

var blockMoves = map[BlockStatus][]BlockStatus{
	BlockPending: {BlockApproved, BlockDeclined, BlockExpired, BlockWithdrawn},
}

// CanBecome reports whether the move is legal.
func (s BlockStatus) CanBecome(next BlockStatus) bool { return legal(blockMoves, s, next) }

// BlockRequest is a branch's wish for more seats together than one booking may
// have. BookingID is the booking that holds them.
type BlockRequest struct {
	ID        int64
	BookingID string
	EventID   int64
	OrgID     int64
	HolderID  int64
	Seats     int
	Note      string
	Status    BlockStatus
	Deadline  Instant
	Channel   Channel
	CreatedBy int64
	CreatedAt Instant
	DecidedBy *int64
	DecidedAt Instant
	Reason    string
}
