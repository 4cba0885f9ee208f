package screening

import (
	"context"
	"fmt"
	"strings"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/venue"
	"youyue/models"
)

// openHours says which spans inside a stretch of time can be had as far as the
// cinema is concerned: all of a hall of the district's own, and of a cinema's
// those that lie within released hours, oath and clean-up included.
func openHours(tx *db.Tx, hall venue.Hall, within models.Span) (func(models.Span) bool, error) {
	if !hall.ReleasedOnly {
		return func(models.Span) bool { return true }, nil
	}
	union, err := venue.Released(tx, hall.ID, within)
	return func(sp models.Span) bool { return models.Covered(union, sp) }, err
}

// released holds a time to the hours that the hall's cinema has released. The
// hall is locked by the caller; its rules are read here, under the lock. It
// returns ErrNotReleased with the hours of that day and starts that do work.
func (s *Service) released(tx *db.Tx, hallID int64, film models.Film, occupied models.Span) error {
	hall, err := venue.Get(tx, hallID)
	if err != nil {
		return err
	}
	open, err := openHours(tx, hall, occupied)
	if err != nil || open(occupied) {
		return err
	}
	t := occupied.Start.In(s.zone)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, s.zone)
	union, err := venue.Released(tx, hallID, models.Span{Start: models.InstantOf(day), End: models.InstantOf(day.AddDate(0, 0, 1))})
	if err != nil {
		return err
	}
	free, err := s.slots(tx, hallID, film, occupied)
	if err != nil {
		return err
	}
	hours, words := make([]Slot, len(union)), make([]string, len(union))
	for i, u := range union {
		hours[i], words[i] = Slot{u.Start, u.End}, u.Clocks(s.zone)
	}
	e := ErrNotReleased.With("wanted", occupied.Start).With("until", occupied.End.In(s.zone).Format("15:04")).
		With("hours", strings.Join(words, " / ")).
		Add("released", hours).Add("alternatives", free).At(errs.Field{Name: "starts_at", Code: "other"})
	key := "hall.not_released"
	if len(union) == 0 {
		key += ".none_that_day"
	}
	if len(free) == 0 {
		return e.Worded(key + ".nothing_free")
	}
	return e.With("instead", free[0].StartsAt).Worded(key)
}

// InTheWay says what clashes are, for people. The reason of a block is the
// cinema's own affair and stays out.
func InTheWay(tx *db.Tx, clashes []booking.Clash) ([]BusyWith, error) {
	with := make([]BusyWith, len(clashes))
	for i, c := range clashes {
		title, err := titleOf(tx, c.Source)
		if err != nil {
			return nil, err
		}
		with[i] = BusyWith{Kind: c.Source.Kind, Title: title, StartsAt: c.Span.Start, EndsAt: c.Span.End}
	}
	return with, nil
}

// SweepHours holds every hall that needs releases to its rule: whatever is still
// to come there, screenings and held requests, lies within released hours. It
// returns the breaches in words; none is the only good answer.
func (s *Service) SweepHours(ctx context.Context) (out []string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		halls, err := releasedHalls(tx)
		if err != nil {
			return err
		}
		for _, id := range halls {
			outside, err := Unreleased(tx, id)
			if err != nil {
				return err
			}
			for _, c := range outside {
				out = append(out, fmt.Sprintf("hall %d: %s %d has %s–%s, which is not released", id, c.Source.Kind, c.Source.ID, c.Span.Start, c.Span.End))
			}
		}
		return nil
	})
	return out, err
}

// Unreleased lists what is to come in a hall outside released hours.
func Unreleased(tx *db.Tx, hallID int64) ([]booking.Clash, error) {
	ahead := models.Span{Start: tx.Now(), End: tx.Now().Add(10 * venue.MaxAhead)}
	all, err := booking.Clashes(tx, booking.Claim{ResourceID: hallID, Span: ahead})
	if err != nil {
		return nil, err
	}
	union, err := venue.Released(tx, hallID, ahead)
	if err != nil {
		return nil, err
	}
	var out []booking.Clash
	for _, c := range all {
		// What runs at this moment may have begun in hours that are over.
		rest := c.Span
		if rest.Start.Before(ahead.Start) {
			rest.Start = ahead.Start
		}
		if c.Source.Kind != kindHallBlock && !models.Covered(union, rest) {
			out = append(out, c)
		}
	}
	return out, nil
}
