package room

import (
	"fmt"
	"slices"
	"strings"

	"youyue/app/auth"
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

// unitsOf lists the tables of some rooms.
func unitsOf(tx *db.Tx, ids ...int64) ([]Room, error) {
	var out []Room
	err := tx.Scan(&out, roomQuery+" WHERE m.whole_id IN ? AND m.archived_at IS NULL ORDER BY m.ord, m.id", ids)
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

const bookingQuery = `SELECT b.*, r.name AS room_name, COALESCE(wr.name, '') AS whole_name, v.name AS venue, v.id AS venue_id, v.address, o.path AS org_path,
	COALESCE(oo.path, '') AS owner_path, COALESCE(fo.name, '') AS for_org, COALESCE(fo.path, '') AS for_path, COALESCE(s.rule, '') AS rule
	FROM room_bookings b JOIN rooms m ON m.id = b.room_id JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id JOIN orgs o ON o.id = v.org_id
	LEFT JOIN orgs oo ON oo.id = v.owner_id LEFT JOIN resources wr ON wr.id = m.whole_id LEFT JOIN orgs fo ON fo.id = b.org_id LEFT JOIN room_series s ON s.id = b.series_id`

// bookings reads bookings by a condition on b, with the equipment of each.
func bookings(tx *db.Tx, where string, args ...any) ([]Booking, error) {
	var out []Booking
	if err := tx.Scan(&out, bookingQuery+" WHERE "+where, args...); err != nil {
		return nil, fmt.Errorf("room bookings: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids, at := make([]int64, len(out)), map[int64]int{}
	for i, b := range out {
		ids[i], at[b.ID] = b.ID, i
	}
	var extras []struct {
		BookingID int64
		ID        int64
		Name      string
	}
	err := tx.Scan(&extras, `SELECT c.booking_id, r.id, r.name FROM room_booking_claims c JOIN resources r ON r.id = c.resource_id
		WHERE c.extra AND c.booking_id IN ? ORDER BY c.booking_id, r.id`, ids)
	for _, x := range extras {
		b := &out[at[x.BookingID]]
		b.Extras = append(b.Extras, Named{x.ID, x.Name})
	}
	return out, err
}

func byUID(tx *db.Tx, uid string) (Booking, error) {
	found, err := bookings(tx, "b.uid = ?", uid)
	if err == nil && len(found) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Booking{}, err
	}
	return found[0], nil
}

func byID(tx *db.Tx, id int64) (Booking, error) {
	found, err := bookings(tx, "b.id = ?", id)
	if err == nil && len(found) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Booking{}, err
	}
	return found[0], nil
}

// ownCondition is the condition that a booking is the actor's.
func ownCondition(a auth.Actor) (string, []any) {
	where, args := "b.holder_id = ?", []any{a.AccountID}
	for _, g := range a.Grants {
		if g.Role == auth.Branch {
			where, args = where+" OR b.org_id = ?", append(args, g.OrgID)
		}
	}
	return "(" + where + ")", args
}

func mine(tx *db.Tx, a auth.Actor, from models.Instant) ([]Booking, error) {
	where, args := ownCondition(a)
	return bookings(tx, where+" AND b.ends_at >= ? ORDER BY b.starts_at, b.id LIMIT 200", append(args, from)...)
}

// claimsOf lists what a booking takes.
func claimsOf(tx *db.Tx, id int64) (own, extra []int64, err error) {
	var rows []struct {
		ResourceID int64
		Extra      bool
	}
	err = tx.Scan(&rows, `SELECT resource_id, extra FROM room_booking_claims WHERE booking_id = ? ORDER BY resource_id`, id)
	for _, r := range rows {
		if r.Extra {
			extra = append(extra, r.ResourceID)
		} else {
			own = append(own, r.ResourceID)
		}
	}
	return own, extra, err
}

func insertClaims(tx *db.Tx, id int64, own, extra []int64) error {
	type claim struct {
		BookingID  int64
		ResourceID int64
		Extra      bool
	}
	var rows []claim
	for _, r := range own {
		rows = append(rows, claim{id, r, false})
	}
	for _, r := range extra {
		rows = append(rows, claim{id, r, true})
	}
	for _, r := range rows {
		if _, err := tx.Exec(`INSERT INTO room_booking_claims (booking_id, resource_id, extra) VALUES (?, ?, ?)`, r.BookingID, r.ResourceID, r.Extra); err != nil {
			return fmt.Errorf("room booking claims: %w", err)
		}
	}
	return nil
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

// countWeek counts the living and past bookings of a booker at a venue that start
// in a span, but for one.
func countWeek(tx *db.Tx, venue int64, b models.RoomBooking, span models.Span) (int, error) {
	var n int
	cond, args := "b.org_id = ?", []any{b.OrgID}
	switch {
	case b.OrgID != nil:
	case b.PersonID != nil:
		cond, args = "b.person_id = ? AND b.org_id IS NULL", []any{b.PersonID}
	default:
		cond, args = "b.holder_id = ? AND b.person_id IS NULL AND b.org_id IS NULL", []any{b.HolderID}
	}
	err := tx.Scan(&n, `SELECT COUNT(*) FROM room_bookings b JOIN rooms m ON m.id = b.room_id WHERE m.venue_id = ? AND b.starts_at >= ? AND b.starts_at < ? AND b.id <> ?
		AND b.status IN ('pending', 'proposed', 'booked', 'attended', 'no_show') AND `+cond, append([]any{venue, span.Start, span.End, b.ID}, args...)...)
	return n, err
}

// onlineMinutes sums what was booked online in a room during a day.
func onlineMinutes(tx *db.Tx, roomID int64, day models.Span, except int64) (int, error) {
	var rows []struct{ StartsAt, EndsAt models.Instant }
	err := tx.Scan(&rows, `SELECT starts_at, ends_at FROM room_bookings WHERE room_id = ? AND starts_at >= ? AND starts_at < ? AND id <> ? AND channel = 'online'
		AND org_id IS NULL AND status IN ('pending', 'proposed', 'booked')`, roomID, day.Start, day.End, except)
	n := 0
	for _, r := range rows {
		n += int(r.EndsAt.Sub(r.StartsAt).Minutes())
	}
	return n, err
}
