package room

import (
	"encoding/json"
	"fmt"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// placeOf reads a place, whether it stands or is retired.
func placeOf(tx *db.Tx, t Target) (g giving, err error) {
	query, id := `SELECT '' AS kind, v.id, v.name, v.id AS venue_id, v.name AS venue, o.path AS org_path, v.archived_at AS retired_at, v.org_id
		FROM venues v JOIN orgs o ON o.id = v.org_id WHERE v.id = ?`, t.VenueID
	if t.RoomID != nil {
		query, id = `SELECT m.kind, m.id, r.name, m.venue_id, v.name AS venue, o.path AS org_path, COALESCE(m.archived_at, v.archived_at) AS retired_at, v.org_id, m.whole_id
			FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id JOIN orgs o ON o.id = v.org_id WHERE m.id = ?`, *t.RoomID
	}
	var row struct {
		Kind      models.RoomKind
		ID        int64
		Name      string
		VenueID   int64
		Venue     string
		OrgPath   string
		RetiredAt models.Instant
		OrgID     int64
		WholeID   *int64
	}
	ok, err := tx.One(&row, query, id)
	if err == nil && (!ok || t.VenueID != 0 && t.VenueID != row.VenueID) {
		err = errs.ErrNotFound
	}
	return giving{Retired{row.Kind, row.ID, row.Name, row.VenueID, row.Venue, row.OrgPath, row.RetiredAt}, row.OrgID, row.WholeID}, err
}

// lockVenue makes who adds to a venue, and who retires something there, wait for each other.
func lockVenue(tx *db.Tx, id int64) error {
	var got int64
	_, err := tx.One(&got, `SELECT id FROM venues WHERE id = ?`+tx.ForUpdate(), id)
	return err
}

// takenBy lists the living resources of a place.
func takenBy(tx *db.Tx, g giving) (ids []int64, err error) {
	if g.Kind != "" {
		return takenWith(tx, g.ID)
	}
	err = tx.Scan(&ids, `SELECT id FROM rooms WHERE venue_id = ? AND archived_at IS NULL ORDER BY id`, g.ID)
	return ids, err
}

// livingOn lists the bookings that are not at an end and take one of some resources,
// or would; but those of the room in which a table stands.
func livingOn(tx *db.Tx, ids []int64, whole *int64) ([]Booking, error) {
	except := int64(0)
	if whole != nil {
		except = *whole
	}
	wanted, of := tx.Among("c.resource_id", ids)
	held, at := tx.Among("oc.resource_id", ids)
	return bookings(tx, `b.status IN ('pending', 'proposed', 'booked', 'attended') AND b.ended_at IS NULL AND COALESCE(b.proposed_room, b.room_id) <> ?
		AND (EXISTS (SELECT 1 FROM room_booking_claims c WHERE c.booking_id = b.id AND `+wanted+`)
			OR EXISTS (SELECT 1 FROM occupancies oc WHERE oc.source_kind = 'room_booking' AND oc.source_id = b.id AND `+held+`)) ORDER BY b.starts_at, b.id LIMIT 200`, except, of, at)
}

// othersOn lists what other features have taken of some resources from now on; but what
// takes the room in which a table stands.
func othersOn(tx *db.Tx, ids []int64, whole *int64) (out []busyRow, err error) {
	in, arg := tx.Among("oc.resource_id", ids)
	err = tx.Scan(&out, `SELECT oc.resource_id, r.name, oc.starts_at, oc.ends_at, oc.source_kind, oc.source_id FROM occupancies oc JOIN resources r ON r.id = oc.resource_id
		WHERE `+in+` AND oc.ends_at > ? AND oc.source_kind NOT IN (?, ?)
		AND NOT EXISTS (SELECT 1 FROM occupancies w WHERE w.resource_id = ? AND w.source_kind = oc.source_kind AND w.source_id = oc.source_id)
		ORDER BY oc.starts_at, oc.resource_id LIMIT 200`, arg, tx.Now(), Source, ClosureSource, whole)
	return out, err
}

// seriesRow is a booking that recurs, with one of its dates.
type seriesRow struct {
	models.RoomSeries
	RoomName string
	LastUID  string
}

// takes lists the room of a series and what goes along.
func (r seriesRow) takes() ([]int64, error) {
	var extras []int64
	if err := json.Unmarshal([]byte(r.Extras), &extras); err != nil {
		return nil, fmt.Errorf("series %d: %w", r.ID, err)
	}
	return append(extras, r.RoomID), nil
}

// path is where a series is ended: the page of one of its dates.
func (r seriesRow) path() string {
	if r.LastUID == "" {
		return ""
	}
	return bookingPath(r.LastUID)
}

// seriesOn lists the bookings that recur at a venue from a day on.
func seriesOn(tx *db.Tx, venue int64, today models.Day) (out []seriesRow, err error) {
	err = tx.Scan(&out, `SELECT s.*, r.name AS room_name, COALESCE((SELECT b.uid FROM room_bookings b WHERE b.series_id = s.id ORDER BY b.starts_at DESC, b.id DESC LIMIT 1), '') AS last_uid
		FROM room_series s JOIN rooms m ON m.id = s.room_id JOIN resources r ON r.id = s.room_id
		WHERE m.venue_id = ? AND s.ended_at IS NULL AND (s.ends_on IS NULL OR s.ends_on >= ?) ORDER BY s.id`, venue, today)
	return out, err
}

func retirePlace(tx *db.Tx, g giving, ids []int64) error {
	if g.Kind == "" {
		if _, err := tx.Exec(`UPDATE venues SET archived_at = ? WHERE id = ?`, tx.Now(), g.ID); err != nil {
			return fmt.Errorf("retire: %w", err)
		}
	}
	return setRetired(tx, ids, tx.Now())
}

func setRetired(tx *db.Tx, ids []int64, at models.Instant) error {
	if len(ids) == 0 {
		return nil
	}
	in, arg := tx.Among("id", ids)
	if _, err := tx.Exec(`UPDATE rooms SET archived_at = ? WHERE `+in, at, arg); err != nil {
		return fmt.Errorf("retire: %w", err)
	}
	if _, err := tx.Exec(`UPDATE resources SET retired_at = ? WHERE `+in, at, arg); err != nil {
		return fmt.Errorf("retire: %w", err)
	}
	return nil
}

// standsInRetired reports whether the room of a table, or the venue of a room, is retired.
func standsInRetired(tx *db.Tx, g giving) (gone bool, err error) {
	if g.Kind == "" {
		return false, nil
	}
	err = tx.Scan(&gone, `SELECT v.archived_at IS NOT NULL OR COALESCE(w.archived_at IS NOT NULL, FALSE) FROM rooms m JOIN venues v ON v.id = m.venue_id
		LEFT JOIN rooms w ON w.id = m.whole_id WHERE m.id = ?`, g.ID)
	return gone, err
}

// restorePlace brings a place back with all that was retired in the same moment. What
// has taken all of a room since takes its table too, and what was closed since is closed.
func restorePlace(tx *db.Tx, g giving) error {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM rooms WHERE archived_at = ? AND (id = ? OR whole_id = ?) ORDER BY id`, g.RetiredAt, g.ID, g.ID)
	if g.Kind == "" {
		ids = nil
		err = tx.Scan(&ids, `SELECT id FROM rooms WHERE archived_at = ? AND venue_id = ? ORDER BY id`, g.RetiredAt, g.ID)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if g.Kind == "" {
		if _, err := tx.Exec(`UPDATE venues SET archived_at = NULL WHERE id = ?`, g.ID); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	if err := setRetired(tx, ids, models.Instant{}); err != nil {
		return err
	}
	if g.wholeID == nil {
		return shutWith(tx, g.VenueID, ids...)
	}
	if _, err := tx.Exec(`DELETE FROM occupancies WHERE resource_id = ? AND ends_at > ? AND source_kind <> ?`, g.ID, tx.Now(), ClosureSource); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := takeAsWhole(tx, g.ID, *g.wholeID); err != nil {
		return err
	}
	return shutWith(tx, g.VenueID, ids...)
}

// closedApart finds the first closure of a table that lies where something else takes all
// of its room from now on, and what takes it; nil when there is none.
func closedApart(tx *db.Tx, table, whole int64) (*models.RoomClosure, []booking.Clash, error) {
	var rows []struct {
		Taker   busyRow `gorm:"embedded"`
		Closure int64
	}
	err := tx.Scan(&rows, `SELECT w.resource_id, w.starts_at, w.ends_at, w.source_kind, w.source_id, c.source_id AS closure FROM occupancies c
		JOIN occupancies w ON w.resource_id = ? AND w.starts_at < c.ends_at AND w.ends_at > c.starts_at AND NOT (w.source_kind = c.source_kind AND w.source_id = c.source_id)
		WHERE c.resource_id = ? AND c.source_kind = ? AND w.ends_at > ? ORDER BY c.starts_at, w.starts_at`, whole, table, ClosureSource, tx.Now())
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	var taken []booking.Clash
	for _, r := range rows {
		if r.Closure == rows[0].Closure {
			taken = append(taken, r.Taker.clash())
		}
	}
	c, err := closureByID(tx, rows[0].Closure)
	return &c.RoomClosure, taken, err
}

// retired lists what was retired, but what went with its room or its venue.
func retired(tx *db.Tx, scope []string) (out []Retired, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, `SELECT '' AS kind, v.id, v.name, v.id AS venue_id, v.name AS venue, o.path AS org_path, v.archived_at AS retired_at
			FROM venues v JOIN orgs o ON o.id = v.org_id WHERE v.archived_at IS NOT NULL AND `+where+`
		UNION ALL SELECT m.kind, m.id, CASE WHEN wr.name IS NULL THEN r.name ELSE wr.name || ' · ' || r.name END, m.venue_id, v.name, o.path, m.archived_at
			FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id JOIN orgs o ON o.id = v.org_id LEFT JOIN rooms w ON w.id = m.whole_id LEFT JOIN resources wr ON wr.id = w.id
			WHERE m.archived_at IS NOT NULL AND v.archived_at IS NULL AND w.archived_at IS NULL AND `+where+`
		ORDER BY 7 DESC, 2 LIMIT 500`, append(args, args...)...)
	return out, err
}
