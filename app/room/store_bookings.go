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

const bookingQuery = `SELECT b.*, r.name AS room_name, COALESCE(wr.name, '') AS whole_name, v.name AS venue, v.id AS venue_id, v.address, v.phone, o.path AS org_path,
	COALESCE(oo.path, '') AS owner_path, COALESCE(fo.name, '') AS for_org, COALESCE(fo.path, '') AS for_path, COALESCE(s.rule, '') AS rule,
	COALESCE(s.uid, '') AS series_uid, COALESCE(pr.name, '') AS proposed_name, COALESCE(pw.name, '') AS proposed_whole, COALESCE(dk.path, '') AS desk_path
	FROM room_bookings b JOIN rooms m ON m.id = b.room_id JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id JOIN orgs o ON o.id = v.org_id
	LEFT JOIN orgs oo ON oo.id = v.owner_id LEFT JOIN resources wr ON wr.id = m.whole_id LEFT JOIN orgs fo ON fo.id = b.org_id LEFT JOIN room_series s ON s.id = b.series_id
	LEFT JOIN resources pr ON pr.id = b.proposed_room LEFT JOIN rooms pm ON pm.id = b.proposed_room LEFT JOIN resources pw ON pw.id = pm.whole_id
	LEFT JOIN people pe ON pe.id = b.person_id LEFT JOIN orgs dk ON dk.id = pe.org_id`

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
		if g.Role.Has(auth.BookForBranch) {
			where, args = where+" OR b.org_id = ?", append(args, g.OrgID)
		}
	}
	return "(" + where + ")", args
}

// visibleCondition is the condition that the actor may see a booking.
func visibleCondition(a auth.Actor) (string, []any) {
	where, args := ownCondition(a)
	for _, x := range []struct {
		column string
		scope  []string
	}{
		{"o.path", append(a.Scope(auth.BookingRead), a.Scope(auth.BookForOthers)...)}, {"oo.path", a.Scope(auth.BookingRead)},
		{"fo.path", a.Scope(auth.BookForBranch)}, {"dk.path", a.Scope(auth.BookForOthers)},
	} {
		in, more := db.Below(x.column, x.scope)
		where, args = where+" OR "+in, append(args, more...)
	}
	return "(" + where + ")", args
}

// listBookings reads one page of a list, and how many there are in all.
func listBookings(tx *db.Tx, a auth.Actor, sh Shelf) ([]Booking, int64, error) {
	where, args := ownCondition(a)
	if sh.All || sh.Decides {
		where, args = visibleCondition(a)
	}
	and := func(clause string, values ...any) { where, args = where+" AND "+clause, append(args, values...) }
	if sh.Status != "" {
		and("b.status = ?", sh.Status)
	}
	if sh.OrgID != 0 {
		and("b.org_id = ?", sh.OrgID)
	}
	if sh.VenueID != 0 {
		and("m.venue_id = ?", sh.VenueID)
	}
	if sh.RoomID != 0 {
		and("(b.room_id = ? OR m.whole_id = ?)", sh.RoomID, sh.RoomID)
	}
	if !sh.From.IsZero() {
		and("b.ends_at > ?", sh.From)
	}
	if !sh.To.IsZero() {
		and("b.starts_at < ?", sh.To)
	}
	fallback := "-created_at"
	switch sh.When {
	case "upcoming":
		and("b.ends_at > ? AND b.status IN ('pending', 'proposed', 'booked', 'attended')", tx.Now())
		fallback = "starts_at"
	case "past":
		and("(b.ends_at <= ? OR b.status NOT IN ('pending', 'proposed', 'booked', 'attended'))", tx.Now())
		fallback = "-starts_at"
	}
	if sh.Decides {
		place, more := db.Below("o.path", a.Scope(auth.RoomDecide))
		owner, most := db.Below("oo.path", a.Scope(auth.RoomOwn))
		and("b.status = 'pending' AND b.ends_at > ? AND (("+place+" AND (b.place_ok = 'wanted' OR NOT b.holds)) OR (b.owner_ok = 'wanted' AND "+owner+"))",
			append(append([]any{tx.Now()}, more...), most...)...)
		fallback = "deadline"
	}
	var total int64
	if err := tx.Scan(&total, "SELECT COUNT(*) "+bookingQuery[strings.Index(bookingQuery, "FROM room_bookings"):]+" WHERE "+where, args...); err != nil || total == 0 {
		return nil, total, err
	}
	order := sh.Order(map[string]string{"starts_at": "b.starts_at", "created_at": "b.created_at", "deadline": "b.deadline"}, fallback, "b.id")
	_, per, off := sh.Window()
	rows, err := bookings(tx, where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...)
	return rows, total, err
}

// countWeek counts the living and past bookings of a booker at a venue that start
// in a span, but for one.
func countWeek(tx *db.Tx, venue int64, b models.RoomBooking, span models.Span) (int, error) {
	where, args := bearer(b, "holder_id")
	if b.OrgID == nil {
		where += " AND org_id IS NULL"
	}
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM room_bookings WHERE room_id IN (SELECT id FROM rooms WHERE venue_id = ?) AND starts_at >= ? AND starts_at < ? AND id <> ?
		AND status IN ('pending', 'proposed', 'booked', 'attended', 'no_show') AND `+where, append([]any{venue, span.Start, span.End, b.ID}, args...)...)
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

// bookingOccupants reads what the calendar says of bookings, by id, and of those
// that queue for some rooms during a span, in the order they came in.
func bookingOccupants(tx *db.Tx, ids, rooms []int64, span models.Span) ([]models.QueuedOccupant, error) {
	var rows []struct {
		models.RoomBooking
		Capacity int
	}
	known, of := tx.Among("b.id", ids)
	wanted, at := tx.Among("b.room_id", rooms)
	err := tx.Scan(&rows, `SELECT b.*, m.capacity FROM room_bookings b JOIN rooms m ON m.id = b.room_id WHERE `+known+` OR (`+wanted+`
		AND b.status = 'pending' AND NOT b.holds AND b.starts_at < ? AND b.ends_at > ?) ORDER BY b.id`, of, at, span.End, span.Start)
	if err != nil {
		return nil, fmt.Errorf("occupants: %w", err)
	}
	out := make([]models.QueuedOccupant, len(rows))
	for i, r := range rows {
		out[i].Occupant = models.Occupant{ID: r.ID, Span: r.Span(), Title: r.Purpose, Who: r.Name, State: string(r.Status),
			Path: bookingPath(r.UID), Taken: r.Attendees, Places: r.Capacity, Version: int64(r.Version)}
		if r.Status == models.RoomProposed {
			out[i].Span = models.Span{Start: r.ProposedStart, End: r.ProposedEnd}
		}
		if !r.Holds {
			out[i].ResourceID = r.RoomID
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

// bearer is the condition that a booking or a pause is of the same booker.
func bearer(b models.RoomBooking, holder string) (string, []any) {
	switch {
	case b.OrgID != nil:
		return "org_id = ?", []any{*b.OrgID}
	case b.PersonID != nil:
		return "person_id = ?", []any{*b.PersonID}
	case b.HolderID != nil:
		return holder + " = ? AND person_id IS NULL", []any{*b.HolderID}
	}
	return "1 = 0", nil
}

// lockBearer makes bookings of one booker wait for each other.
func lockBearer(tx *db.Tx, b models.RoomBooking) error {
	table, id := "accounts", b.HolderID
	switch {
	case b.OrgID != nil:
		table, id = "orgs", b.OrgID
	case b.PersonID != nil:
		table, id = "people", b.PersonID
	}
	if id == nil {
		return nil
	}
	var got int64
	return tx.Scan(&got, `SELECT id FROM `+table+` WHERE id = ?`+tx.ForUpdate(), *id)
}

// orgFor returns an organisation that the actor may book for: a branch by its
// permission, a team or a station by any role there.
func orgFor(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	var org models.Org
	ok, err := tx.One(&org, `SELECT * FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	switch {
	case err != nil:
		return org, err
	case !ok:
		return org, errs.FieldFault("org_id", "unknown")
	case a.CanAt(auth.BookForBranch, org.Path), a.CanAt(auth.BookForOthers, org.Path):
		return org, nil
	}
	for _, g := range a.Grants {
		if g.OrgID == id && g.Role != auth.Auditor {
			return org, nil
		}
	}
	return org, ErrNotOrg.At(errs.Field{Name: "org_id", Code: "unknown"})
}

// mayHold says whether a booker may hold one more undecided time. The occurrences of
// a series count as one.
func mayHold(tx *db.Tx, b models.RoomBooking) (bool, error) {
	where, args := bearer(b, "holder_id")
	var n int
	err := tx.Scan(&n, `SELECT COUNT(DISTINCT COALESCE(series_id, -id)) FROM room_bookings
		WHERE status IN ('pending', 'proposed') AND holds AND COALESCE(series_id, 0) <> ? AND `+where, append([]any{seriesOf(b)}, args...)...)
	return n < maxHolds, err
}

// seriesOf is the series of a booking, -1 for none.
func seriesOf(b models.RoomBooking) int64 {
	if b.SeriesID == nil {
		return -1
	}
	return *b.SeriesID
}

// insertBooking writes a booking and what it takes; its id comes back in it.
func insertBooking(tx *db.Tx, b *models.RoomBooking, all, extra []int64) error {
	if err := tx.Insert(b); err != nil {
		if db.Constraint(err) == "room_bookings_code_key" {
			return db.ErrAgain
		}
		return fmt.Errorf("room booking: %w", err)
	}
	return insertClaims(tx, b.ID, all, extra)
}

var claimRows = db.RowsOf("room_booking_claims", "booking_id bigint, resource_id bigint, extra boolean")

func insertClaims(tx *db.Tx, id int64, all, extra []int64) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{id, r, slices.Contains(extra, r)}
	}
	if _, err := claimRows.Insert(tx, "", rows...); err != nil {
		return fmt.Errorf("room booking claims: %w", err)
	}
	return nil
}

// pendingOn lists the undecided bookings that want one of some resources, but for
// one, in the order they came in.
func pendingOn(tx *db.Tx, resources []int64, except int64) ([]Booking, error) {
	in, arg := tx.Among("c.resource_id", resources)
	return bookings(tx, `b.status = 'pending' AND b.ends_at > ? AND b.id <> ? AND EXISTS (SELECT 1 FROM room_booking_claims c WHERE c.booking_id = b.id AND `+in+`) ORDER BY b.id`,
		tx.Now(), except, arg)
}

// pendingByUID reads undecided bookings, in the order they came in.
func pendingByUID(tx *db.Tx, uids []string) ([]Booking, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	return bookings(tx, "b.status = 'pending' AND b.ends_at > ? AND b.uid IN ? ORDER BY b.id", tx.Now(), uids)
}

// queuedOn lists those of them that have no time.
func queuedOn(tx *db.Tx, resources []int64) ([]Booking, error) {
	in, arg := tx.Among("c.resource_id", resources)
	return bookings(tx, `b.status = 'pending' AND NOT b.holds AND b.starts_at > ? AND EXISTS (SELECT 1 FROM room_booking_claims c WHERE c.booking_id = b.id AND `+in+`) ORDER BY b.id`,
		tx.Now(), arg)
}

// write changes a booking that is what it was when it was read; db.ErrAgain when
// somebody has changed it since.
func write(tx *db.Tx, b *models.RoomBooking, set string, values ...any) error {
	n, err := tx.Exec(`UPDATE room_bookings SET `+set+`, version = version + 1 WHERE id = ? AND version = ?`, append(values, b.ID, b.Version)...)
	switch {
	case err != nil:
		return fmt.Errorf("room booking %d: %w", b.ID, err)
	case n == 0:
		return db.ErrAgain
	}
	b.Version++
	return nil
}

// saveConsents writes who has said yes.
func saveConsents(tx *db.Tx, b *models.RoomBooking) error {
	return write(tx, b, `place_ok = ?, owner_ok = ?`, b.PlaceOK, b.OwnerOK)
}

// saveDecision writes where a booking stands.
func saveDecision(tx *db.Tx, b *models.RoomBooking) error {
	return write(tx, b, `status = ?, holds = ?, deadline = ?, place_ok = ?, owner_ok = ?, decided_by = ?, decided_at = ?, reason = ?,
		ended_at = ?, release_at = ?, cancel_until = ?`,
		b.Status, b.Holds, b.Deadline, b.PlaceOK, b.OwnerOK, b.DecidedBy, b.DecidedAt, b.Reason, b.EndedAt, b.ReleaseAt, b.CancelUntil)
}

// saveProposal writes the other time that a booking holds.
func saveProposal(tx *db.Tx, b *models.RoomBooking) error {
	if _, err := tx.Exec(`UPDATE room_bookings SET proposed_room = ?, proposed_start = ?, proposed_end = ? WHERE id = ?`,
		b.ProposedRoom, b.ProposedStart, b.ProposedEnd, b.ID); err != nil {
		return fmt.Errorf("room booking %d: %w", b.ID, err)
	}
	return saveDecision(tx, b)
}

// saveTime writes another time or room of a booking, and what it takes there.
func saveTime(tx *db.Tx, b *models.RoomBooking, all, extra []int64) error {
	if _, err := tx.Exec(`UPDATE room_bookings SET room_id = ?, starts_at = ?, ends_at = ?, changed = ?, proposed_room = NULL, proposed_start = NULL, proposed_end = NULL WHERE id = ?`,
		b.RoomID, b.StartsAt, b.EndsAt, b.Changed, b.ID); err != nil {
		return fmt.Errorf("room booking %d: %w", b.ID, err)
	}
	if _, err := tx.Exec(`DELETE FROM room_booking_claims WHERE booking_id = ?`, b.ID); err != nil {
		return fmt.Errorf("room booking %d: %w", b.ID, err)
	}
	if err := insertClaims(tx, b.ID, all, extra); err != nil {
		return err
	}
	return saveDecision(tx, b)
}

// byCode reads a booking by its code; the zero Booking when there is none.
func byCode(tx *db.Tx, code string) (Booking, error) {
	found, err := bookings(tx, "b.code = ?", code)
	if err != nil || len(found) == 0 {
		return Booking{}, err
	}
	return found[0], nil
}

func saveArrival(tx *db.Tx, b *models.RoomBooking) error {
	return write(tx, b, `status = ?, checked_in_at = ?, checked_in_by = ?, ended_at = NULL`, b.Status, b.CheckedInAt, b.CheckedInBy)
}

// bookedFor lists the people and the branches that the actor books for.
func bookedFor(tx *db.Tx, a auth.Actor) (people []models.Person, orgs []models.Org, err error) {
	err = tx.Scan(&people, `SELECT * FROM people WHERE account_id = ? AND relation <> 'self' AND archived_at IS NULL ORDER BY id`, a.AccountID)
	if err != nil {
		return nil, nil, err
	}
	ids := []int64{0}
	for _, g := range a.Grants {
		if g.Role == auth.Branch {
			ids = append(ids, g.OrgID)
		}
	}
	err = tx.Scan(&orgs, `SELECT * FROM orgs WHERE id IN ? AND archived_at IS NULL ORDER BY id`, ids)
	return people, orgs, err
}
