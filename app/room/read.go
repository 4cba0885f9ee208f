package room

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Booking is a booking of a room as it is read.
type Booking struct {
	models.RoomBooking
	RoomName  string
	WholeName string
	Venue     string
	VenueID   int64
	Address   string
	OrgPath   string // of who runs the place
	OwnerPath string
	ForOrg    string // the organisation it is for
	ForPath   string
	Rule      string  // of the series it belongs to
	Extras    []Named `gorm:"-"` // equipment that goes along
}

// Title is the room's.
func (b Booking) Title() string {
	return Room{Name: b.RoomName, WholeName: b.WholeName}.Title()
}

// Get returns a booking that the actor may see; errs.ErrNotFound for any other.
func (s *Service) Get(ctx context.Context, a auth.Actor, uid string) (b Booking, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { b, err = visible(tx, a, uid); return err })
	return b, err
}

// Mine lists the actor's bookings, and those of the people and branches it books
// for, from a moment on, by start.
func (s *Service) Mine(ctx context.Context, a auth.Actor, from models.Instant) (out []Booking, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = mine(tx, a, from); return err })
	return out, err
}

// own reports whether a booking is the actor's, or of an organisation it books for.
func (b Booking) own(a auth.Actor) bool {
	return b.HolderID != nil && *b.HolderID == a.AccountID || b.OrgID != nil && a.CanAt(auth.BookForBranch, b.ForPath)
}

// runs reports whether the actor holds a permission for the place.
func (b Booking) runs(a auth.Actor, p auth.Permission) bool { return a.CanAt(p, b.OrgPath) }

// owns reports whether the actor holds a permission for the partner who lends the place.
func (b Booking) owns(a auth.Actor, p auth.Permission) bool {
	return b.OwnerPath != "" && a.CanAt(p, b.OwnerPath)
}

func visible(tx *db.Tx, a auth.Actor, uid string) (Booking, error) {
	b, err := byUID(tx, uid)
	if err == nil && !b.own(a) && !b.runs(a, auth.BookingRead) && !b.owns(a, auth.BookingRead) {
		err = errs.ErrNotFound
	}
	return b, err
}

func roomPath(id int64) string { return "/rooms/" + strconv.FormatInt(id, 10) }

func bookingPath(uid string) string { return "/room-bookings/" + uid }

func closurePath(id int64) string { return "/closures/" + strconv.FormatInt(id, 10) }
