package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/models"
)

// days is how far ahead the demo programme reaches.
const days = 14

// topUpAll puts films on for the days ahead that have
// none, and sees to it that there is always a public screening with nothing
// reserved and nearly all seats free, and one for branches only. It returns how
// many screenings it added.
func topUpAll(ctx context.Context, a *app.App) (int, error) {
	scheduler, err := Actor(ctx, a, "scheduler")
	if err != nil {
		return 0, fmt.Errorf("demo scheduler: %w", err)
	}
	catalogue, err := a.Screenings.Films(ctx, list.Query{PerPage: list.MaxPerPage})
	if err != nil {
		return 0, err
	}
	t := topUp{ctx: ctx, app: a, by: scheduler, films: catalogue.Items, today: midnight(a)}
	for d := 1; d <= days; d++ {
		if err := t.day(d); err != nil {
			return t.added, err
		}
	}
	return t.added, t.first(farthest)
}

// farthest is how many days ahead a free evening is looked for.
const farthest = 30

type topUp struct {
	ctx   context.Context //nolint:containedctx // lives for one call
	app   *app.App
	by    auth.Actor
	films []models.Film
	today time.Time
	added int
}

func midnight(a *app.App) time.Time {
	n := a.DB.Now().In(a.Config.Timezone)
	return time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, a.Config.Timezone)
}

// day puts an evening screening on a day that has none; at weekends one for
// branches in the afternoon too. The people of the district are at work by day.
func (t *topUp) day(d int) error {
	date := t.today.AddDate(0, 0, d)
	has, err := t.app.Screenings.Programme(t.ctx, screening.Programme{From: models.InstantOf(date), To: models.InstantOf(date.AddDate(0, 0, 1))})
	if err != nil || has.Total > 0 {
		return err
	}
	film := t.films[date.YearDay()%len(t.films)]
	audience, share := models.AudiencePublic, 20
	if d%3 == 2 {
		audience = models.AudienceBranches
	}
	if d%3 == 1 {
		share = 0
	}
	if err := t.put(film, date.Add(19*time.Hour), audience, share); err != nil {
		return err
	}
	if w := date.Weekday(); w == time.Saturday || w == time.Sunday {
		next := t.films[(date.YearDay()+3)%len(t.films)]
		return t.put(next, date.Add(14*time.Hour+30*time.Minute), models.AudienceBranches, 20)
	}
	return nil
}

func (t *topUp) put(f models.Film, at time.Time, audience models.Audience, share int) error {
	v, err := t.app.Screenings.Schedule(t.ctx, t.by, screening.Plans{FilmID: f.ID, StartsAt: models.InstantOf(at), Audience: audience, Share: &share})
	switch {
	case errors.Is(err, screening.ErrHallBusy), errors.Is(err, screening.ErrNotReleased), errors.Is(err, screening.ErrPast), errors.Is(err, screening.ErrLicence):
		return nil
	case err != nil:
		return err
	}
	t.added++
	if err := confirm(t.ctx, t.app, v); err != nil {
		return err
	}
	if audience != models.AudiencePublic {
		return nil
	}
	// A few seats are gone, so that the map shows how that looks.
	neighbour, err := Actor(t.ctx, t.app, "neighbour")
	if err != nil {
		return err
	}
	_, err = t.app.Screenings.Book(t.ctx, neighbour, screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 3, Zone: models.ZoneMiddle}})
	return err
}

// first makes sure of the two screenings that the tour and the tests start from,
// looking up to limit days ahead for a free evening.
func (t *topUp) first(limit int) error {
	for _, want := range []models.Audience{models.AudiencePublic, models.AudienceBranches} {
		ok, err := t.there(want)
		for d := days + 1; err == nil && !ok && d <= limit; d++ {
			date := t.today.AddDate(0, 0, d)
			if err = t.put(t.films[d%len(t.films)], date.Add(19*time.Hour), want, 0); err == nil {
				ok, err = t.there(want)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// there reports whether a screening of the audience stands open with nothing
// reserved (for the public) and at most a few seats gone.
func (t *topUp) there(want models.Audience) (bool, error) {
	var n int
	err := t.app.DB.Read(t.ctx, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM events WHERE kind = 'screening' AND state = 'open' AND audience = ? AND opens_at <= ?
			AND starts_at > ? AND taken <= 8 AND (reserved = 0 OR audience = 'branches')`, want, tx.Now(), tx.Now().Add(24*time.Hour))
	})
	return n > 0, err
}

// requests adds what a scheduler finds on a first visit: a branch that asks for
// the hall, and a second one that would like the same afternoon. It does so once.
func requests(ctx context.Context, a *app.App) error {
	var n int
	if err := a.DB.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&n, `SELECT COUNT(*) FROM hall_requests`) }); err != nil || n > 0 {
		return err
	}
	films, err := a.Screenings.Films(ctx, list.Query{PerPage: 1})
	if err != nil {
		return err
	}
	for d := 5; d < days; d++ {
		start := models.InstantOf(midnight(a).AddDate(0, 0, d).Add(14 * time.Hour))
		err := ask(ctx, a, films.Items[0], start)
		if !errors.Is(err, screening.ErrHallBusy) && !errors.Is(err, screening.ErrNotReleased) {
			return err
		}
	}
	return nil
}

func ask(ctx context.Context, a *app.App, film models.Film, start models.Instant) error {
	for _, w := range []struct {
		login, purpose string
		heads          int
	}{{"branch", "主题党日：集体观影，重温入党誓词（示例）", 60}, {"branch2", "季度党课（示例）", 45}} {
		by, err := Actor(ctx, a, w.login)
		if err != nil {
			return err
		}
		_, err = a.Screenings.AskHall(ctx, by, screening.HallWish{FilmID: film.ID, StartsAt: start,
			Headcount: w.heads, Purpose: w.purpose, Oath: true})
		if err != nil {
			return err
		}
	}
	return nil
}
