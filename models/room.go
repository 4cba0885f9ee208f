package models

import "time"

// Venue is a house with rooms in it. OwnerID is a partner who lends it: bookings
// of its rooms need the owner's yes.
type Venue struct {
	ID         int64
	OrgID      int64
	Code       string
	Name       string
	Address    string
	Phone      string
	Route      string
	OwnerID    *int64
	CreatedAt  Instant
	ArchivedAt Instant
}

// RoomKind tells what of a venue is booked.
type RoomKind string

// The kinds: a room; a table in it, which can be had alone; a piece of equipment,
// which goes along with a booking.
const (
	RoomWhole     RoomKind = "room"
	RoomUnit      RoomKind = "unit"
	RoomEquipment RoomKind = "equipment"
)

// RoomAudience is whom a room is meant for.
type RoomAudience string

// The audiences; children come with a guardian.
const (
	RoomForAll      RoomAudience = "all"
	RoomForElderly  RoomAudience = "elderly"
	RoomForChildren RoomAudience = "children"
)

// Room is a resource of a venue. Use is what it serves for, the same word for
// rooms alike: one may stand in for another. SlotMin 0 is any time on the grid of
// StepMin; else a booking is one or more slots from the opening on. SetupMin and
// CleanupMin are kept free before and after.
type Room struct {
	ID         int64
	VenueID    int64
	WholeID    *int64 // the room that a table stands in
	Kind       RoomKind
	Use        string
	Capacity   int
	Audience   RoomAudience
	Accessible bool
	AccessNote string
	Floor      string
	Contact    string
	HouseRules string
	SlotMin    int
	StepMin    int
	SetupMin   int
	CleanupMin int
	Ord        int
	ArchivedAt Instant
}

// RoomUses lists the words for what rooms serve for, in the order they are offered.
func RoomUses() []string {
	return []string{"table_tennis", "dance", "reading", "fitness", "calligraphy", "crafts", "meeting", "sport", "equipment"}
}

// Held is the time a booking takes, with what is kept free around it.
func (r Room) Held(s Span) Span {
	return Span{s.Start.Add(-time.Duration(r.SetupMin) * time.Minute), s.End.Add(time.Duration(r.CleanupMin) * time.Minute)}
}

// RoomRule is what a kind of booker may do: bookings from AheadDays until
// AheadMin before, of LongestMin at most, PerWeek a week (0: any number), with or
// without approval. DeskPercent of a day's open time is kept for phone and window
// until a day before. A booking may be cancelled until CancelMin before; who has
// not come GraceMin after the start (0: never) has let it go.
type RoomRule struct {
	ID          int64
	VenueID     int64
	RoomID      *int64 // nil: in every room of the venue that has none of its own
	Who         RoomBooker
	AheadDays   int
	AheadMin    int
	LongestMin  int
	PerWeek     int
	Approve     bool
	DeskPercent int
	CancelMin   int
	GraceMin    int
	Strikes     int
	StrikeDays  int
	PauseDays   int
}

// NoShows is what follows when somebody does not come.
func (r RoomRule) NoShows() NoShowRule { return NoShowRule{r.Strikes, r.StrikeDays, r.PauseDays} }

// RoomBooker is a kind of booker.
type RoomBooker string

// A person, or an organisation: a branch, a team, a station.
const (
	ByResident RoomBooker = "resident"
	ByOrg      RoomBooker = "org"
)

// DefaultRoomRule is the rule where none is set. Ours.
func DefaultRoomRule(who RoomBooker) RoomRule {
	r := RoomRule{Who: who, AheadDays: 14, AheadMin: 30, LongestMin: 120, PerWeek: 3, CancelMin: 60, GraceMin: 15, DeskPercent: 20,
		Strikes: UsualNoShows().Strikes, StrikeDays: UsualNoShows().StrikeDays, PauseDays: UsualNoShows().PauseDays}
	if who == ByOrg {
		r.AheadDays, r.LongestMin, r.PerWeek, r.Approve, r.DeskPercent, r.Strikes = 90, 480, 0, true, 0, 0
	}
	return r
}

// RuleFor picks the rule of a booker in a room: the table's, the room's, the
// venue's, the usual one.
func RuleFor(rules []RoomRule, room Room, who RoomBooker) RoomRule {
	for _, id := range []*int64{&room.ID, room.WholeID, nil} {
		for _, r := range rules {
			if r.VenueID == room.VenueID && r.Who == who && same(r.RoomID, id) && (id != nil || r.RoomID == nil) {
				return r
			}
		}
	}
	return DefaultRoomRule(who)
}

// OnGrid reports whether a time, given from when the room opens, may be asked for:
// whole slots from the opening on, or any start and end on the grid of StepMin.
func (r Room) OnGrid(opens int, m Minutes) bool {
	if r.SlotMin > 0 {
		return (m.From-opens)%r.SlotMin == 0 && (m.To-m.From)%r.SlotMin == 0
	}
	return m.From%r.StepMin == 0 && m.To%r.StepMin == 0
}

// Step is the distance between two starts, in minutes.
func (r Room) Step() int {
	if r.SlotMin > 0 {
		return r.SlotMin
	}
	return r.StepMin
}
