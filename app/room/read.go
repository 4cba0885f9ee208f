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
	RoomName      string
	WholeName     string
	Venue         string
	VenueID       int64
	Address       string
	Phone         string // of the venue
	OrgPath       string // of who runs the place
	OwnerPath     string
	ForOrg        string // the organisation it is for
	ForPath       string
	DeskPath      string // of the desk that keeps the person, "" for account holders
	ProposedName  string
	ProposedWhole string
	Rule          string // of the series it belongs to
	SeriesUID     string
	Extras        []Named `gorm:"-"` // equipment that goes along
}

// Title is the room's.
func (b Booking) Title() string {
	return Room{Name: b.RoomName, WholeName: b.WholeName}.Title()
}

// extraIDs lists the equipment that goes along.
func (b Booking) extraIDs() []int64 {
	out := make([]int64, len(b.Extras))
	for i, x := range b.Extras {
		out[i] = x.ID
	}
	return out
}

// ProposedTitle is that of the room proposed.
func (b Booking) ProposedTitle() string {
	return Room{Name: b.ProposedName, WholeName: b.ProposedWhole}.Title()
}

// Get returns a booking that the actor may see; errs.ErrNotFound for any other.
func (s *Service) Get(ctx context.Context, a auth.Actor, uid string) (b Booking, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { b, err = visible(tx, a, uid); return err })
	return b, err
}

// own reports whether a booking is the actor's, or of an organisation it books for.
func (b Booking) own(a auth.Actor) bool {
	return b.HolderID != nil && *b.HolderID == a.AccountID || b.OrgID != nil && a.CanAt(auth.BookForBranch, b.ForPath)
}

// desks reports whether the actor is at a desk that may act for whoever it is for:
// that of the place, or the one that keeps the caller.
func (b Booking) desks(a auth.Actor) bool {
	return a.CanAt(auth.BookForOthers, b.OrgPath) || b.DeskPath != "" && a.CanAt(auth.BookForOthers, b.DeskPath)
}

// runs reports whether the actor holds a permission for the place.
func (b Booking) runs(a auth.Actor, p auth.Permission) bool { return a.CanAt(p, b.OrgPath) }

// owns reports whether the actor holds a permission for the partner who lends the place.
func (b Booking) owns(a auth.Actor, p auth.Permission) bool {
	return b.OwnerPath != "" && a.CanAt(p, b.OwnerPath)
}

func visible(tx *db.Tx, a auth.Actor, uid string) (Booking, error) {
	b, err := byUID(tx, uid)
	if err == nil && !b.own(a) && !b.desks(a) && !b.runs(a, auth.BookingRead) && !b.owns(a, auth.BookingRead) {
		err = errs.ErrNotFound
	}
	return b, err
}

func roomPath(id int64) string { return "/rooms/" + strconv.FormatInt(id, 10) }

func bookingPath(uid string) string { return "/room-bookings/" + uid }

func requestPath(uid string) string { return "/room-requests/" + uid }

func closurePath(id int64) string { return "/closures/" + strconv.FormatInt(id, 10) }

// Siblings lists the other coming dates of the series that a booking belongs to.
func (s *Service) Siblings(ctx context.Context, b Booking) (out []Booking, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = siblings(tx, b); return err })
	return out, err
}
