package booking

import (
	"youyue/app/list"
	"youyue/models"
)

// Record is a booking of any kind as lists of bookings show it. Kind is the feature's
// word: "room".
type Record struct {
	ID          string
	Code        string
	Kind        string
	Title       string // what it is for: a room, an activity
	Place       string
	Address     string
	StartsAt    models.Instant
	EndsAt      models.Instant
	CancelUntil models.Instant
	Party       int
	Status      string
	Name        string
	PersonID    *int64
	OrgID       *int64
	Channel     models.Channel
	ReadBack    bool
	CreatedAt   models.Instant
	Path        string // its page
}

// RecordQuery narrows a list of records. When is "upcoming", "past" or "".
type RecordQuery struct {
	list.Query
	All    bool // everything visible, not one's own alone
	Status string
	When   string
	OrgID  int64
}
