package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/cinema"
	"youyue/app/db"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/models"
)

// The cinema releases its hall every day from 08:00 to 23:00, so many days ahead.
const (
	releasedDays = 120
	releaseFrom  = 8 * 60
	releaseUntil = 23 * 60
)

// releases keeps the hall released for the days ahead. A hall that was never
// released becomes the cinema's on that occasion: from then on only released hours
// can be had, and the cinema confirms after the scheduler.
func releases(ctx context.Context, a *app.App) error {
	operator, err := Actor(ctx, a, "cinema")
	if err != nil {
		return fmt.Errorf("demo cinema: %w", err)
	}
	hall, fresh, err := theHall(ctx, a)
	if err != nil || hall == 0 {
		return err
	}
	p := models.Pattern{From: midnight(a), To: midnight(a).AddDate(0, 0, releasedDays), FromMin: releaseFrom, UntilMin: releaseUntil}
	w := cinema.HoursWish{HallID: hall, Kind: cinema.HoursRelease}
	for i, sp := range p.Spans() {
		if sp.End.After(a.DB.Now()) {
			w.Rows = append(w.Rows, cinema.HoursRow{Span: sp, Line: i + 1, Projectionist: "钱放映（示例）"})
		}
	}
	if !fresh { // what the cinema took back since stays taken back
		last, err := lastReleased(ctx, a)
		if err != nil {
			return err
		}
		w.Rows = slices.DeleteFunc(w.Rows, func(r cinema.HoursRow) bool { return r.Start.Before(last) })
		if len(w.Rows) == 0 {
			return nil
		}
	}
	if _, err := a.Cinema.ApplyHours(ctx, operator, w, ""); err != nil || !fresh {
		return err
	}
	err = a.Cinema.SetRules(ctx, operator, hall, venue.Rules{Hours: venue.OnlyReleased, Confirm: models.ConfirmAfter,
		LeadHours: models.UsualLeadHours})
	if errors.Is(err, cinema.ErrHoursOutside) { // an older demo has something at night
		return nil
	}
	return err
}

// lastReleased is the end of the last hours that were ever released.
func lastReleased(ctx context.Context, a *app.App) (last models.Instant, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&last, `SELECT MAX(ends_at) FROM hall_releases`) })
	return last, err
}

// theHall is the one hall, and whether nothing of it was ever released; 0 when a
// demo has more.
func theHall(ctx context.Context, a *app.App) (id int64, fresh bool, err error) {
	var n int
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		only, ok, err := venue.Only(tx)
		if ok {
			id = only
		}
		if err != nil {
			return err
		}
		return tx.Scan(&n, `SELECT COUNT(*) FROM hall_releases`)
	})
	return id, n == 0, err
}

// blocked keeps one afternoon of the next days to the cinema, once.
func blocked(ctx context.Context, a *app.App) error {
	var n int
	if err := a.DB.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&n, `SELECT COUNT(*) FROM hall_blocks`) }); err != nil || n > 0 {
		return err
	}
	hall, _, err := theHall(ctx, a)
	if err != nil || hall == 0 {
		return err
	}
	operator, err := Actor(ctx, a, "cinema")
	if err != nil {
		return err
	}
	for d := 3; d < days; d++ {
		day := midnight(a).AddDate(0, 0, d)
		_, err := a.Cinema.ApplyHours(ctx, operator, cinema.HoursWish{HallID: hall, Kind: cinema.HoursBlock, Rows: []cinema.HoursRow{{
			Line: 1, Note: "放映机保养（示例）", Span: models.Span{Start: models.InstantOf(day.Add(13 * time.Hour)), End: models.InstantOf(day.Add(17 * time.Hour))}}}}, "")
		if !errors.Is(err, cinema.ErrHoursUsed) {
			return err
		}
	}
	return nil
}

// confirm is the demo cinema's yes to a screening that waits for it.
func confirm(ctx context.Context, a *app.App, v screening.Show) error {
	if v.State != models.EventPlanned {
		return nil
	}
	operator, err := Actor(ctx, a, "cinema")
	if err != nil {
		return err
	}
	_, err = a.Screenings.ConfirmScreening(ctx, operator, v.ID, screening.Answer{Projectionist: "钱放映（示例）"})
	return err
}

// WithoutCinema makes the demo's hall the district's own: any hour of it can be
// had, and nobody confirms. Tests and benchmarks of other things start from there.
func WithoutCinema(ctx context.Context, a *app.App) error {
	hall, _, err := theHall(ctx, a)
	if err != nil {
		return err
	}
	var blocks []int64
	if err := a.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&blocks, `SELECT id FROM hall_blocks WHERE hall_id = ? AND lifted_at IS NULL`, hall)
	}); err != nil {
		return err
	}
	by := auth.Actor{Login: "seed", Grants: []auth.Grant{{Role: auth.Cinema, Path: "/"}}}
	for _, id := range blocks {
		if err := a.Cinema.Lift(ctx, by, id); err != nil {
			return err
		}
	}
	return a.Cinema.SetRules(ctx, by, hall, venue.Rules{Hours: venue.AllHours, Confirm: models.ConfirmNone,
		LeadHours: models.UsualLeadHours})
}
