package venue

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// Releases lists the living releases of a hall that lie in some part of a span, by start.
func Releases(tx *db.Tx, hallID int64, within models.Span) (out []models.HallRelease, err error) {
	err = tx.Scan(&out, `SELECT * FROM hall_releases WHERE hall_id = ? AND withdrawn_at IS NULL AND ends_at > ? AND starts_at < ? ORDER BY starts_at`,
		hallID, within.Start, within.End)
	if err != nil {
		err = fmt.Errorf("releases of hall %d: %w", hallID, err)
	}
	return out, err
}

// Released is the time that is released around a span, in as few spans as there
// can be: hours that touch the span are taken in whole.
func Released(tx *db.Tx, hallID int64, around models.Span) ([]models.Span, error) {
	rows, err := Releases(tx, hallID, around)
	spans := make([]models.Span, len(rows))
	for i, r := range rows {
		spans[i] = r.Span()
	}
	return models.Union(spans), err
}

// AddRelease releases what of the row's span is not released yet, and returns
// those pieces. The hall is locked by the caller.
func AddRelease(tx *db.Tx, r models.HallRelease) ([]models.Span, error) {
	there, err := Released(tx, r.HallID, r.Span())
	if err != nil {
		return nil, err
	}
	pieces := models.Without(r.Span(), there)
	for _, p := range pieces {
		row := r
		row.ID, row.StartsAt, row.EndsAt, row.CreatedAt = 0, p.Start, p.End, tx.Now()
		if err := tx.Insert(&row); err != nil {
			return nil, fmt.Errorf("release hall %d: %w", r.HallID, err)
		}
	}
	return pieces, nil
}

// TakeBack withdraws what of a span is released: rows in it wholly, of others the
// part. It returns the time withdrawn. The hall is locked by the caller, who has
// seen that nobody needs it.
func TakeBack(tx *db.Tx, by, hallID int64, cut models.Span) ([]models.Span, error) {
	rows, err := Releases(tx, hallID, cut)
	if err != nil {
		return nil, err
	}
	var gone []models.Span
	for _, r := range rows {
		_, err := tx.Exec(`UPDATE hall_releases SET withdrawn_at = ?, withdrawn_by = ? WHERE id = ?`, tx.Now(), by, r.ID)
		if err != nil {
			return nil, fmt.Errorf("take back release %d: %w", r.ID, err)
		}
		left := models.Without(r.Span(), []models.Span{cut})
		gone = append(gone, models.Without(r.Span(), left)...)
		for _, p := range left {
			row := r
			row.ID, row.StartsAt, row.EndsAt = 0, p.Start, p.End
			if err := tx.Insert(&row); err != nil {
				return nil, fmt.Errorf("take back release %d: %w", r.ID, err)
			}
		}
	}
	return models.Union(gone), nil
}

// Blocks lists the living blocks of a hall that lie in some part of a span, by start.
func Blocks(tx *db.Tx, hallID int64, within models.Span) (out []models.HallBlock, err error) {
	err = tx.Scan(&out, `SELECT * FROM hall_blocks WHERE hall_id = ? AND lifted_at IS NULL AND ends_at > ? AND starts_at < ? ORDER BY starts_at`,
		hallID, within.Start, within.End)
	if err != nil {
		err = fmt.Errorf("blocks of hall %d: %w", hallID, err)
	}
	return out, err
}

// Rules are what the cinema that a hall is in has settled for it.
type Rules struct {
	Hours       Hours
	Confirm     models.ConfirmOrder
	LeadHours   int // a branch asks for the hall at least so long before
	PersonSeats int // seats one person may have in a public screening; 0 is no limit
}

// Unchanged leaves a rule that is a number as it is.
const Unchanged = -1

// Hours says which hours of a hall can be had.
type Hours string

// AllHours of a hall that is the district's own, OnlyReleased of a cinema's.
const (
	AllHours     Hours = "all"
	OnlyReleased Hours = "released"
)

// Rules are the hall's.
func (h Hall) Rules() Rules {
	r := Rules{AllHours, h.Confirm, h.LeadHours, h.PersonSeats}
	if h.ReleasedOnly {
		r.Hours = OnlyReleased
	}
	return r
}

// SetRules stores them; the caller has locked the hall and checked them.
func SetRules(tx *db.Tx, hallID int64, r Rules) error {
	_, err := tx.Exec(`UPDATE halls SET released_only = ?, confirm = ?, lead_hours = ?, person_seats = ? WHERE id = ?`,
		r.Hours == OnlyReleased, r.Confirm, r.LeadHours, r.PersonSeats, hallID)
	return err
}
