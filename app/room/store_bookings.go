package room

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

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

// bookingOccupants reads what the calendar says of bookings.
func bookingOccupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	var rows []struct {
		models.RoomBooking
		Capacity int
	}
	in, arg := tx.Among("b.id", ids)
	if err := tx.Scan(&rows, `SELECT b.*, m.capacity FROM room_bookings b JOIN rooms m ON m.id = b.room_id WHERE `+in, arg); err != nil {
		return nil, fmt.Errorf("occupants: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = models.Occupant{ID: r.ID, Span: r.Span(), Title: r.Purpose, Who: r.Name, State: string(r.Status),
			Path: bookingPath(r.UID), Taken: r.Attendees, Places: r.Capacity}
		if r.Status == models.RoomProposed {
			out[i].Span = models.Span{Start: r.ProposedStart, End: r.ProposedEnd}
		}
	}
	return out, nil
}

// closureOccupants reads what the calendar says of closures.
func closureOccupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	var rows []models.RoomClosure
	in, arg := tx.Among("id", ids)
	if err := tx.Scan(&rows, `SELECT * FROM room_closures WHERE `+in, arg); err != nil {
		return nil, fmt.Errorf("occupants: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = models.Occupant{ID: r.ID, Span: r.Span(), Title: r.Reason, State: string(r.Status), Path: closurePath(r.ID)}
	}
	return out, nil
}
