// Package room is the venues of the district and their rooms: what is open when,
// who may book what by which rule, and the bookings. Time is the kernel's to give.
package room

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/pause"
	"youyue/models"
)

// The kernel's words for what takes a room's time.
const (
	Source        = "room_booking"
	ClosureSource = "room_closure"
)

// Service is the feature.
type Service struct {
	db      *db.DB
	notices *notify.Service
	pauses  *pause.Service
	desk    booking.Desk
	days    func(tx *db.Tx) (models.WorkCalendar, error)
	diary   booking.Diary
	newID   func() string
	newCode func() string
	zone    *time.Location
	askers  map[string]Asker // by source kind, see AddAsker
}

// Config is what the feature is built from.
type Config struct {
	DB      *db.DB
	Notices *notify.Service
	Pauses  *pause.Service
	Desk    booking.Desk
	Days    func(tx *db.Tx) (models.WorkCalendar, error) // the working calendar
	Diary   booking.Diary                                // nil: nobody is told what else they have then
	Zone    *time.Location
}

// New returns the feature.
func New(c Config) *Service {
	s := &Service{db: c.DB, notices: c.Notices, pauses: c.Pauses, desk: c.Desk, days: c.Days, diary: c.Diary, newID: booking.NewID, newCode: booking.NewCode, zone: c.Zone}
	c.Pauses.Add(pauseKind, pause.Side{Decides: auth.RoomDecide, Appeal: notify.RoomAppeal, Appealed: notify.RoomAppealed, About: missedBookings, Excuse: excuse})
	return s
}

// Room is a room as it is read: with its venue, and who runs that.
type Room struct {
	models.Room
	Name      string
	Venue     string
	VenueCode string
	Address   string
	Phone     string
	Route     string
	OrgID     int64
	OrgPath   string
	OwnerID   *int64 // a partner whose yes is needed
	OwnerPath string
	WholeName string // of the room a table stands in
	Units     int    // tables in it
}

// Title is 乒乓球室 · 2号台.
func (r Room) Title() string {
	if r.WholeName == "" {
		return r.Name
	}
	return r.WholeName + " · " + r.Name
}

// Filter narrows a list of rooms.
type Filter struct {
	VenueID  int64
	Use      string
	Kind     models.RoomKind
	Audience models.RoomAudience
	Capacity int // at least
	Query    string
}

// Rooms lists rooms and their tables by venue; equipment when its kind is asked for.
func (s *Service) Rooms(ctx context.Context, f Filter) (out []Room, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = rooms(tx, f); return err })
	return out, err
}

// Room returns one room, table or piece of equipment.
func (s *Service) Room(ctx context.Context, id int64) (r Room, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { r, err = room(tx, id); return err })
	return r, err
}

// Detail is a room with what stands in it and what can go along.
type Detail struct {
	Room
	Tables    []Room
	Equipment []Room // of the same venue
	Rules     []models.RoomRule
}

// Detail returns a room with its tables, the equipment of its venue, and the
// rules of each kind of booker.
func (s *Service) Detail(ctx context.Context, id int64) (d Detail, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if d.Room, err = room(tx, id); err != nil {
			return err
		}
		all, err := rooms(tx, Filter{VenueID: d.VenueID, Kind: "any"})
		if err != nil {
			return err
		}
		for _, r := range all {
			switch {
			case r.WholeID != nil && *r.WholeID == id:
				d.Tables = append(d.Tables, r)
			case r.Kind == models.RoomEquipment:
				d.Equipment = append(d.Equipment, r)
			}
		}
		rules, err := rulesOf(tx, d.VenueID)
		for _, who := range []models.RoomBooker{models.ByResident, models.ByOrg} {
			d.Rules = append(d.Rules, models.RuleFor(rules, d.Room.Room, who))
		}
		return err
	})
	return d, err
}

// Named is a resource by id and name.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}
