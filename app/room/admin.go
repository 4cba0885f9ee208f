package room

import (
	"context"
	"fmt"
	"slices"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// VenueEntry is what is entered of a venue.
type VenueEntry struct {
	Code    string
	Name    string
	OrgID   int64  // who runs it
	OwnerID *int64 // the partner who lends it
	Address string
	Phone   string
	Route   string
}

// Venue is a venue as it is read.
type Venue struct {
	models.Venue
	OrgName   string
	OrgPath   string
	OwnerName string
	Rooms     int
}

// Venues lists the living venues by name.
func (s *Service) Venues(ctx context.Context) (out []Venue, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = venues(tx); return err })
	return out, err
}

// Venue returns one venue.
func (s *Service) Venue(ctx context.Context, id int64) (v Venue, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = venueByID(tx, id); return err })
	return v, err
}

// SaveVenue adds a venue (id 0) or changes one. It returns errs.ErrForbidden for an
// organisation outside the actor's scope, or faults of "code", "org_id" and "owner_id".
func (s *Service) SaveVenue(ctx context.Context, a auth.Actor, id int64, e VenueEntry) (v Venue, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if id != 0 {
			if v, err = venueByID(tx, id); err != nil {
				return err
			}
			if !a.CanAt(auth.RoomWrite, v.OrgPath) {
				return errs.ErrForbidden
			}
		}
		path, err := orgPath(tx, e.OrgID)
		switch {
		case err != nil:
			return err
		case path == "":
			return errs.FieldFault("org_id", "unknown")
		case !a.CanAt(auth.RoomWrite, path):
			return errs.ErrForbidden
		}
		if e.OwnerID != nil {
			if owner, err := orgPath(tx, *e.OwnerID); err != nil || owner == "" {
				return orElse(err, errs.FieldFault("owner_id", "unknown"))
			}
		}
		row := models.Venue{ID: id, OrgID: e.OrgID, Code: e.Code, Name: e.Name, Address: e.Address, Phone: e.Phone, Route: e.Route, OwnerID: e.OwnerID, CreatedAt: tx.Now()}
		if err := saveVenue(tx, &row); err != nil {
			if db.Constraint(err) == "venues_code_key" {
				return errs.FieldFault("code", "taken")
			}
			return err
		}
		if err := s.note(tx, a, "venue.save", "venue", row.ID, row.OrgID, fmt.Sprintf("%+v", e)); err != nil {
			return err
		}
		v, err = venueByID(tx, row.ID)
		return err
	})
	return v, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Entry is what is entered of a room, of a table in one, or of equipment.
type Entry struct {
	VenueID    int64
	WholeID    *int64
	Kind       models.RoomKind
	Name       string
	Use        string
	Capacity   int
	Audience   models.RoomAudience
	Accessible bool
	AccessNote string
	Floor      string
	Contact    string
	HouseRules string
	SlotMin    int
	StepMin    int // 0: half an hour
	SetupMin   int
	CleanupMin int
	Ord        int
}

func (e Entry) row(id int64) models.Room {
	r := models.Room{ID: id, VenueID: e.VenueID, WholeID: e.WholeID, Kind: e.Kind, Use: e.Use, Capacity: e.Capacity, Audience: e.Audience,
		Accessible: e.Accessible, AccessNote: e.AccessNote, Floor: e.Floor, Contact: e.Contact, HouseRules: e.HouseRules,
		SlotMin: e.SlotMin, StepMin: e.StepMin, SetupMin: e.SetupMin, CleanupMin: e.CleanupMin, Ord: e.Ord}
	if r.StepMin == 0 {
		r.StepMin = 30
	}
	if r.Audience == "" {
		r.Audience = models.RoomForAll
	}
	return r
}

// SaveRoom adds a room (id 0) or changes one. A table that is added to a room is
// taken whenever the whole room is. It returns errs.ErrForbidden outside the
// actor's scope, or a fault of "venue_id" or "whole_id".
func (s *Service) SaveRoom(ctx context.Context, a auth.Actor, id int64, e Entry) (r Room, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { r, err = s.saveRoom(tx, a, id, e); return err })
	return r, err
}

func (s *Service) saveRoom(tx *db.Tx, a auth.Actor, id int64, e Entry) (Room, error) {
	v, err := venueByID(tx, e.VenueID)
	if err != nil {
		return Room{}, errs.FieldFault("venue_id", "unknown")
	}
	if !a.CanAt(auth.RoomWrite, v.OrgPath) {
		return Room{}, errs.ErrForbidden
	}
	if id != 0 {
		was, err := room(tx, id)
		if err != nil {
			return Room{}, err
		}
		if was.VenueID != e.VenueID || was.Kind != e.Kind {
			return Room{}, errs.FieldFault("venue_id", "other")
		}
	}
	if err := standsIn(tx, id, e); err != nil {
		return Room{}, err
	}
	row := e.row(id)
	if err := saveRoom(tx, &row, e.Name, v.OrgID); err != nil {
		return Room{}, err
	}
	if err := s.note(tx, a, "room.save", "room", row.ID, v.OrgID, e.Name); err != nil {
		return Room{}, err
	}
	return room(tx, row.ID)
}

// standsIn holds a table, and nothing else, to a room that it stands in. Nobody books
// the room while it gets one more.
func standsIn(tx *db.Tx, id int64, e Entry) error {
	if e.WholeID == nil {
		if e.Kind == models.RoomUnit {
			return errs.FieldFault("whole_id", "required")
		}
		return nil
	}
	whole, err := room(tx, *e.WholeID)
	if err != nil || whole.VenueID != e.VenueID || whole.Kind != models.RoomWhole || e.Kind != models.RoomUnit {
		return errs.FieldFault("whole_id", "unknown")
	}
	if id != 0 {
		return nil
	}
	return booking.LockResources(tx, *e.WholeID)
}

// Target is a venue, or one room of it, whose hours or rules are set.
type Target struct {
	VenueID int64
	RoomID  *int64
}

// at holds a target to the actor's scope.
func (s *Service) at(tx *db.Tx, a auth.Actor, t Target) (Venue, error) {
	v, err := venueByID(tx, t.VenueID)
	if err != nil {
		return v, err
	}
	if !a.CanAt(auth.RoomWrite, v.OrgPath) {
		return v, errs.ErrForbidden
	}
	if t.RoomID != nil {
		if r, err := room(tx, *t.RoomID); err != nil || r.VenueID != t.VenueID {
			return v, errs.FieldFault("room_id", "unknown")
		}
	}
	return v, nil
}

// SetHours sets when a venue or one of its rooms is open, all week; a room without
// hours has its venue's. Bookings that stand stay as they are.
func (s *Service) SetHours(ctx context.Context, a auth.Actor, t Target, hours []models.OpeningHours) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := s.at(tx, a, t)
		if err != nil {
			return err
		}
		for i, h := range hours {
			if h.Day < 1 || h.Day > models.HoursMakeup || h.Opens < 0 || h.Opens >= h.Closes || h.Closes > 24*60 {
				return errs.FieldFault(fmt.Sprintf("hours[%d]", i), "other")
			}
		}
		if err := setHours(tx, t, hours); err != nil {
			return err
		}
		return s.note(tx, a, "room.hours", "venue", t.VenueID, v.OrgID, fmt.Sprintf("%v", hours))
	})
}

// Exception is one day that is otherwise; no Hours is closed.
type Exception struct {
	Day    models.Day
	Hours  []models.Minutes
	Reason string
}

// SetException sets the hours of one day; Drop takes them back, and the usual ones
// count again.
func (s *Service) SetException(ctx context.Context, a auth.Actor, t Target, x Exception) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := s.at(tx, a, t)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(x.Hours, func(m models.Minutes) bool { return m.From < 0 || m.From >= m.To || m.To > 24*60 }) {
			return errs.FieldFault("hours", "other")
		}
		if err := setException(tx, a.AccountID, t, x); err != nil {
			return err
		}
		return s.note(tx, a, "room.exception", "venue", t.VenueID, v.OrgID, fmt.Sprintf("%s %v %s", x.Day, x.Hours, x.Reason))
	})
}

// DropException makes a day an ordinary one again.
func (s *Service) DropException(ctx context.Context, a auth.Actor, t Target, day models.Day) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := s.at(tx, a, t)
		if err != nil {
			return err
		}
		if err := dropException(tx, t, day); err != nil {
			return err
		}
		return s.note(tx, a, "room.exception_drop", "venue", t.VenueID, v.OrgID, day.String())
	})
}

// SetRule sets what a kind of booker may do in a venue, or in one room of it.
func (s *Service) SetRule(ctx context.Context, a auth.Actor, t Target, r models.RoomRule) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := s.at(tx, a, t)
		if err != nil {
			return err
		}
		r.VenueID, r.RoomID = t.VenueID, t.RoomID
		if err := setRule(tx, r); err != nil {
			if db.Constraint(err) == "room_rules_bounds" {
				return errs.ErrInvalid.Because(err)
			}
			return err
		}
		return s.note(tx, a, "room.rule", "venue", t.VenueID, v.OrgID, fmt.Sprintf("%s: %+v", r.Who, r))
	})
}

// DropRule takes a rule back: that of the venue counts again, or the usual one.
func (s *Service) DropRule(ctx context.Context, a auth.Actor, t Target, who models.RoomBooker) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := s.at(tx, a, t)
		if err != nil {
			return err
		}
		if err := dropRule(tx, t, who); err != nil {
			return err
		}
		return s.note(tx, a, "room.rule_drop", "venue", t.VenueID, v.OrgID, string(who))
	})
}

// hosts lists the organisations that may run a venue of the actor's, and those that
// may lend one.
func (s *Service) hosts(ctx context.Context, a auth.Actor) (runs, lends []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := hosts(tx)
		for _, o := range all {
			if o.Kind == models.OrgPartner || o.Kind == models.OrgSchool {
				lends = append(lends, o)
			}
			if a.CanAt(auth.RoomWrite, o.Path) {
				runs = append(runs, o)
			}
		}
		return err
	})
	return runs, lends, err
}

// note writes an audit row about a place.
func (s *Service) note(tx *db.Tx, a auth.Actor, action, kind string, id, org int64, after string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = action, kind, fmt.Sprint(id), &org, after
	return audit.Write(tx, line)
}

// Hours are the hours, the exceptions from today on and the rules that a venue, or
// one room of it, has of its own.
type Hours struct {
	Hours      []models.OpeningHours
	Exceptions []models.OpeningException
	Rules      []models.RoomRule
}

// HoursOf returns them.
func (s *Service) HoursOf(ctx context.Context, t Target) (h Hours, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := venueByID(tx, t.VenueID); err != nil {
			return err
		}
		h, err = hoursOf(tx, t, models.DayOf(tx.Now(), s.zone))
		return err
	})
	return h, err
}
