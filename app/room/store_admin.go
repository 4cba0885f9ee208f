package room

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const venueQuery = `SELECT v.*, o.name AS org_name, o.path AS org_path, COALESCE(oo.name, '') AS owner_name,
	(SELECT COUNT(*) FROM rooms m WHERE m.venue_id = v.id AND m.kind = 'room' AND m.archived_at IS NULL) AS rooms
	FROM venues v JOIN orgs o ON o.id = v.org_id LEFT JOIN orgs oo ON oo.id = v.owner_id WHERE v.archived_at IS NULL`

func venues(tx *db.Tx) ([]Venue, error) {
	var out []Venue
	err := tx.Scan(&out, venueQuery+" ORDER BY v.id")
	return out, err
}

func venueByID(tx *db.Tx, id int64) (Venue, error) {
	var v Venue
	ok, err := tx.One(&v, venueQuery+" AND v.id = ?", id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return v, err
}

// orgPath is the path of a living organisation, "" when there is none.
func orgPath(tx *db.Tx, id int64) (path string, err error) {
	_, err = tx.One(&path, `SELECT path FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	return path, err
}

func saveVenue(tx *db.Tx, v *models.Venue) error {
	if v.ID == 0 {
		return tx.Insert(v)
	}
	_, err := tx.Exec(`UPDATE venues SET org_id = ?, code = ?, name = ?, address = ?, phone = ?, route = ?, owner_id = ? WHERE id = ?`,
		v.OrgID, v.Code, v.Name, v.Address, v.Phone, v.Route, v.OwnerID, v.ID)
	return err
}

// saveRoom writes a room and its resource. What takes a whole room takes a table
// that is added to it, from now on, and what closes a venue closes it too.
func saveRoom(tx *db.Tx, r *models.Room, name string, org int64) error {
	if r.ID != 0 {
		if _, err := tx.Exec(`UPDATE resources SET name = ? WHERE id = ?`, name, r.ID); err != nil {
			return fmt.Errorf("room: %w", err)
		}
		_, err := tx.Exec(`UPDATE rooms SET use = ?, capacity = ?, audience = ?, accessible = ?, access_note = ?, floor = ?, contact = ?, house_rules = ?,
			slot_min = ?, step_min = ?, setup_min = ?, cleanup_min = ?, ord = ? WHERE id = ?`, r.Use, r.Capacity, r.Audience, r.Accessible, r.AccessNote,
			r.Floor, r.Contact, r.HouseRules, r.SlotMin, r.StepMin, r.SetupMin, r.CleanupMin, r.Ord, r.ID)
		return err
	}
	err := tx.Scan(&r.ID, `INSERT INTO resources (kind, org_id, name, created_at) VALUES (?, ?, ?, ?) RETURNING id`, r.Kind, org, name, tx.Now())
	if err != nil {
		return fmt.Errorf("room: %w", err)
	}
	if err := tx.Insert(r); err != nil {
		return err
	}
	if r.WholeID != nil {
		if err := takeAsWhole(tx, r.ID, *r.WholeID); err != nil {
			return err
		}
	}
	return shutWith(tx, r.VenueID, r.ID)
}

// takeAsWhole has a table taken by whatever takes its room from now on.
func takeAsWhole(tx *db.Tx, table, whole int64) error {
	_, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id)
		SELECT CAST(? AS BIGINT), o.starts_at, o.ends_at, o.source_kind, o.source_id FROM occupancies o WHERE o.resource_id = ? AND o.ends_at > ?
		AND NOT EXISTS (SELECT 1 FROM occupancies x WHERE x.resource_id = ? AND x.source_kind = o.source_kind AND x.source_id = o.source_id) ORDER BY o.starts_at`, table, whole, tx.Now(), table)
	return err
}

// ofTarget is the condition that a row is the venue's or the room's own.
func ofTarget(t Target) (string, []any) {
	if t.RoomID == nil {
		return "venue_id = ? AND room_id IS NULL", []any{t.VenueID}
	}
	return "venue_id = ? AND room_id = ?", []any{t.VenueID, *t.RoomID}
}

func setHours(tx *db.Tx, t Target, hours []models.OpeningHours) error {
	where, args := ofTarget(t)
	if _, err := tx.Exec(`DELETE FROM opening_hours WHERE `+where, args...); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	for _, h := range hours {
		row := models.OpeningHours{VenueID: t.VenueID, RoomID: t.RoomID, Day: h.Day, Opens: h.Opens, Closes: h.Closes}
		if _, err := tx.Exec(`INSERT INTO opening_hours (venue_id, room_id, day, opens, closes) VALUES (?, ?, ?, ?, ?)`,
			row.VenueID, row.RoomID, row.Day, row.Opens, row.Closes); err != nil {
			return fmt.Errorf("hours: %w", err)
		}
	}
	return nil
}

func dropException(tx *db.Tx, t Target, day models.Day) error {
	where, args := ofTarget(t)
	_, err := tx.Exec(`DELETE FROM opening_exceptions WHERE `+where+` AND day = ?`, append(args, day)...)
	return err
}

func setException(tx *db.Tx, by int64, t Target, x Exception) error {
	if err := dropException(tx, t, x.Day); err != nil {
		return err
	}
	add := func(opens, closes *int) error {
		_, err := tx.Exec(`INSERT INTO opening_exceptions (venue_id, room_id, day, opens, closes, reason, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			t.VenueID, t.RoomID, x.Day, opens, closes, x.Reason, by, tx.Now())
		return err
	}
	if len(x.Hours) == 0 {
		return add(nil, nil)
	}
	for _, m := range x.Hours {
		if err := add(&m.From, &m.To); err != nil {
			return err
		}
	}
	return nil
}

func setRule(tx *db.Tx, r models.RoomRule) error {
	if err := dropRule(tx, Target{r.VenueID, r.RoomID}, r.Who); err != nil {
		return err
	}
	r.ID = 0
	return tx.Insert(&r)
}

func dropRule(tx *db.Tx, t Target, who models.RoomBooker) error {
	where, args := ofTarget(t)
	if _, err := tx.Exec(`DELETE FROM room_rules WHERE who = ? AND `+where, append([]any{who}, args...)...); err != nil {
		return fmt.Errorf("rule: %w", err)
	}
	return nil
}

// hosts lists the living organisations that may have to do with a venue: no branches
// and no teams.
func hosts(tx *db.Tx) ([]models.Org, error) {
	var out []models.Org
	err := tx.Scan(&out, `SELECT * FROM orgs WHERE archived_at IS NULL AND kind NOT IN (?, ?) ORDER BY path`, models.OrgBranch, models.OrgTeam)
	return out, err
}

// hoursOf reads what a venue or a room has of its own.
func hoursOf(tx *db.Tx, t Target, from models.Day) (h Hours, err error) {
	where, args := ofTarget(t)
	if err := tx.Scan(&h.Hours, `SELECT * FROM opening_hours WHERE `+where+` ORDER BY day, opens`, args...); err != nil {
		return h, fmt.Errorf("hours: %w", err)
	}
	if err := tx.Scan(&h.Rules, `SELECT * FROM room_rules WHERE `+where+` ORDER BY who, id`, args...); err != nil {
		return h, fmt.Errorf("rules: %w", err)
	}
	err = tx.Scan(&h.Exceptions, `SELECT * FROM opening_exceptions WHERE `+where+` AND day >= ? ORDER BY day, opens`, append(args, from)...)
	return h, err
}
