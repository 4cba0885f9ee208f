package room

import (
	"errors"
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/models"
)

// seriesDays are the dates of a series that have an occurrence, cancelled ones too.
func seriesDays(tx *db.Tx, id int64) (map[models.Day]bool, error) {
	var days []string
	if err := tx.Scan(&days, `SELECT series_day FROM room_bookings WHERE series_id = ?`, id); err != nil {
		return nil, fmt.Errorf("series %d: %w", id, err)
	}
	out := map[models.Day]bool{}
	for _, text := range days {
		d, err := models.ParseDay(text)
		if err != nil {
			return nil, err
		}
		out[d] = true
	}
	return out, nil
}

// seriesBefore lists the living series that are not made up to a day.
func seriesBefore(tx *db.Tx, day models.Day, most, skip int) ([]int64, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM room_series WHERE ended_at IS NULL AND made_until < ? AND (ends_on IS NULL OR made_until < ends_on) ORDER BY made_until, id LIMIT ? OFFSET ?`, day, most, skip)
	return ids, err
}

// seriesClosed reports whether the organisation that a series is for has been closed;
// while it has not, nobody closes it until the transaction ends. It goes before any
// lock of the series.
func seriesClosed(tx *db.Tx, id int64) (bool, error) {
	var of *int64
	if err := tx.Scan(&of, `SELECT org_id FROM room_series WHERE id = ?`, id); err != nil || of == nil {
		return false, err
	}
	err := org.Standing(tx, *of)
	if errors.Is(err, org.ErrClosedOrg) {
		return true, nil
	}
	return false, err
}

// lockSeries returns a series, locked, with its latest occurrence.
func lockSeries(tx *db.Tx, id int64) (models.RoomSeries, models.RoomBooking, error) {
	var row models.RoomSeries
	var last models.RoomBooking
	ok, err := tx.One(&row, `SELECT * FROM room_series WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return row, last, err
	}
	_, err = tx.One(&last, `SELECT * FROM room_bookings WHERE series_id = ? ORDER BY series_day DESC, id DESC LIMIT 1`, id)
	return row, last, err
}

// saveSeries writes what may change of a series.
func saveSeries(tx *db.Tx, row models.RoomSeries) error {
	_, err := tx.Exec(`UPDATE room_series SET rule = ?, first_day = ?, minute = ?, length_min = ?, left_out = ?, made_until = ?, ends_on = ?, ended_at = ?, version = version + 1 WHERE id = ?`,
		row.Rule, row.FirstDay, row.Minute, row.LengthMin, row.LeftOut, row.MadeUntil, row.EndsOn, row.EndedAt, row.ID)
	if err != nil {
		return fmt.Errorf("series %d: %w", row.ID, err)
	}
	return nil
}

// occurrencesFrom lists the occurrences of a series from a date of its rule on that
// have not begun, cancelled ones too.
func occurrencesFrom(tx *db.Tx, id int64, from models.Day) ([]models.RoomBooking, error) {
	var out []models.RoomBooking
	err := tx.Scan(&out, `SELECT * FROM room_bookings WHERE series_id = ? AND series_day >= ? AND (starts_at > ? OR status NOT IN ('booked', 'pending', 'proposed')) ORDER BY series_day, id`, id, from, tx.Now())
	return out, err
}

// adopt makes a booking the occurrence of a date of a series.
func adopt(tx *db.Tx, id, series int64, day models.Day) error {
	_, err := tx.Exec(`UPDATE room_bookings SET series_id = ?, series_day = ? WHERE id = ?`, series, day, id)
	return err
}

// siblings lists the coming dates of the series of a booking.
func siblings(tx *db.Tx, b Booking) ([]Booking, error) {
	if b.SeriesID == nil {
		return nil, nil
	}
	return bookings(tx, `b.series_id = ? AND b.id <> ? AND b.ends_at > ? AND b.status IN ('booked', 'pending', 'proposed') ORDER BY b.starts_at, b.id LIMIT 60`,
		*b.SeriesID, b.ID, tx.Now())
}
