package room

import (
	"fmt"
	"slices"
	"strings"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const roomQuery = `SELECT m.*, r.name, v.name AS venue, v.code AS venue_code, v.address, v.phone, v.route, v.org_id, v.owner_id, o.path AS org_path,
	COALESCE(oo.path, '') AS owner_path, COALESCE(wr.name, '') AS whole_name, (SELECT COUNT(*) FROM rooms u WHERE u.whole_id = m.id AND u.archived_at IS NULL) AS units
	FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id JOIN orgs o ON o.id = v.org_id
	LEFT JOIN orgs oo ON oo.id = v.owner_id LEFT JOIN resources wr ON wr.id = m.whole_id`

func rooms(tx *db.Tx, f Filter) ([]Room, error) {
	where, args := []string{"m.archived_at IS NULL", "v.archived_at IS NULL"}, []any{}
	add := func(cond string, arg any) { where, args = append(where, cond), append(args, arg) }
	switch f.Kind {
	case "any":
	case "":
		where = append(where, "m.kind <> 'equipment'")
	default:
		add("m.kind = ?", f.Kind)
	}
	if f.VenueID != 0 {
		add("m.venue_id = ?", f.VenueID)
	}
	if f.Use != "" {
		add("m.use = ?", f.Use)
	}
	if f.Audience != "" {
		add("m.audience = ?", f.Audience)
	}
	if f.Capacity > 0 {
		add("m.capacity >= ?", f.Capacity)
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(q) + "%"
		where, args = append(where, `(r.name LIKE ? ESCAPE '\' OR v.name LIKE ? ESCAPE '\' OR m.use LIKE ? ESCAPE '\' OR wr.name LIKE ? ESCAPE '\')`), append(args, like, like, like, like)
	}
	var out []Room
	err := tx.Scan(&out, roomQuery+" WHERE "+strings.Join(where, " AND ")+` ORDER BY v.id, COALESCE(m.whole_id, m.id), m.ord, m.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("rooms: %w", err)
	}
	return out, nil
}

// room returns a room by id; errs.ErrNotFound when there is none or it is closed for good.
func room(tx *db.Tx, id int64) (Room, error) {
	var r Room
	ok, err := tx.One(&r, roomQuery+" WHERE m.id = ? AND m.archived_at IS NULL AND v.archived_at IS NULL", id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

// roomsByID reads living rooms; those that there are not are left out.
func roomsByID(tx *db.Tx, ids ...int64) ([]Room, error) {
	in, arg := tx.Among("m.id", ids)
	var out []Room
	if err := tx.Scan(&out, roomQuery+" WHERE "+in+" AND m.archived_at IS NULL AND v.archived_at IS NULL", arg); err != nil {
		return nil, fmt.Errorf("rooms: %w", err)
	}
	return out, nil
}

// unitIDs lists the tables of some rooms.
func unitIDs(tx *db.Tx, wholes ...int64) (map[int64][]int64, error) {
	if len(wholes) == 0 {
		return nil, nil
	}
	var rows []struct{ WholeID, ID int64 }
	in, arg := tx.Among("whole_id", wholes)
	err := tx.Scan(&rows, "SELECT whole_id, id FROM rooms WHERE "+in+" AND archived_at IS NULL ORDER BY id", arg)
	out := map[int64][]int64{}
	for _, r := range rows {
		out[r.WholeID] = append(out[r.WholeID], r.ID)
	}
	return out, err
}

// takenWith lists what living rooms take: themselves, and the tables in them.
func takenWith(tx *db.Tx, ids ...int64) (out []int64, err error) {
	in, arg := tx.Among("id", ids)
	of, args := tx.Among("whole_id", ids)
	err = tx.Scan(&out, `SELECT id FROM rooms WHERE (`+in+` OR `+of+`) AND archived_at IS NULL ORDER BY id`, arg, args)
	return out, err
}

func rulesOf(tx *db.Tx, venues ...int64) ([]models.RoomRule, error) {
	var out []models.RoomRule
	err := tx.Scan(&out, `SELECT * FROM room_rules WHERE venue_id IN ? ORDER BY id`, venues)
	return out, err
}

// openings returns when each of some rooms is open, exceptions from a date to another included.
func openings(tx *db.Tx, from, to models.Day, all ...Room) (map[int64]models.Opening, error) {
	var venues []int64
	for _, r := range all {
		venues = append(venues, r.VenueID)
	}
	venues = slices.Compact(slices.Sorted(slices.Values(venues)))
	var hours []models.OpeningHours
	if err := tx.Scan(&hours, `SELECT * FROM opening_hours WHERE venue_id IN ? ORDER BY day, opens`, venues); err != nil {
		return nil, fmt.Errorf("openings: %w", err)
	}
	var exceptions []models.OpeningException
	if err := tx.Scan(&exceptions, `SELECT * FROM opening_exceptions WHERE venue_id IN ? AND day >= ? AND day <= ? ORDER BY id`, venues, from, to); err != nil {
		return nil, fmt.Errorf("openings: %w", err)
	}
	out := map[int64]models.Opening{}
	for _, r := range all {
		out[r.ID] = models.OpeningOf(hours, exceptions, r.Room)
	}
	return out, nil
}

// busyRow is an occupancy of a room, of one of its tables, or of equipment.
type busyRow struct {
	ResourceID int64
	Name       string
	StartsAt   models.Instant
	EndsAt     models.Instant
	SourceKind string
	SourceID   int64
	Status     models.RoomBookingStatus
	Deadline   models.Instant
}

// busy lists what occupies some resources during a span, by start.
func busy(tx *db.Tx, ids []int64, span models.Span) ([]busyRow, error) {
	var out []busyRow
	err := tx.Scan(&out, `SELECT oc.resource_id, r.name, oc.starts_at, oc.ends_at, oc.source_kind, oc.source_id, COALESCE(b.status, '') AS status, b.deadline
		FROM occupancies oc JOIN resources r ON r.id = oc.resource_id LEFT JOIN room_bookings b ON oc.source_kind = 'room_booking' AND b.id = oc.source_id
		WHERE oc.resource_id IN ? AND oc.starts_at < ? AND oc.ends_at > ? ORDER BY oc.starts_at, oc.resource_id`, ids, span.End, span.Start)
	if err != nil {
		return nil, fmt.Errorf("busy: %w", err)
	}
	return out, nil
}

// resourceName is the name of a resource of any kind that is not retired.
func resourceName(tx *db.Tx, id int64) (name string, ok bool, err error) {
	ok, err = tx.One(&name, `SELECT name FROM resources WHERE id = ? AND retired_at IS NULL`, id)
	return name, ok, err
}

// resource is something with time of its own that is no room.
type resource struct {
	ID   int64
	Name string
	Kind string // hall, team
}

// otherResources lists halls and teams.
func otherResources(tx *db.Tx) (out []resource, err error) {
	err = tx.Scan(&out, `SELECT r.id, r.name, r.kind FROM resources r JOIN orgs o ON o.id = r.org_id
		WHERE r.kind IN ('hall', 'team') AND o.archived_at IS NULL ORDER BY r.kind, r.id`)
	return out, err
}
