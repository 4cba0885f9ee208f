package screening

import (
	"context"
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

func getFilm(tx *db.Tx, id int64) (models.Film, error) {
	var f models.Film
	ok, err := tx.One(&f, `SELECT * FROM films WHERE id = ? AND archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.FieldFault("film_id", "unknown")
	}
	return f, err
}

// Films lists the films that are not archived, by title.
func (s *Service) Films(ctx context.Context, q list.Query) (out list.Of[models.Film], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		_, per, off := q.Window()
		var total int64
		if err := tx.Scan(&total, `SELECT COUNT(*) FROM films WHERE archived_at IS NULL`); err != nil {
			return err
		}
		var rows []models.Film
		order := q.Order(map[string]string{"title": "title", "id": "id"}, "id", "id")
		if err := tx.Scan(&rows, `SELECT * FROM films WHERE archived_at IS NULL ORDER BY `+order+` LIMIT ? OFFSET ?`, per, off); err != nil {
			return err
		}
		out = list.New(q, rows, total)
		return nil
	})
	return out, err
}

// FilmEntry is what is entered about a film.
type FilmEntry struct {
	Title       string
	RuntimeMin  int
	Theme       string
	Synopsis    string
	LicenceFrom models.Instant
	LicenceTo   models.Instant
}

// SaveFilm adds a film (id 0) or changes one. It returns ErrFilmTitle or
// ErrFilmDates. Screenings that stand keep the runtime they were opened with.
func (s *Service) SaveFilm(ctx context.Context, a auth.Actor, id int64, in FilmEntry) (f models.Film, err error) {
	if !in.LicenceFrom.Before(in.LicenceTo) {
		return f, ErrFilmDates.At(errs.Field{Name: "licence_to", Code: "other"})
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		action := "film.add"
		if id != 0 {
			if f, err = getFilm(tx, id); err != nil {
				return errs.ErrNotFound
			}
			action = "film.change"
		}
		f.Title, f.RuntimeMin, f.Theme, f.Synopsis = in.Title, in.RuntimeMin, in.Theme, in.Synopsis
		f.LicenceFrom, f.LicenceTo = in.LicenceFrom, in.LicenceTo
		if id == 0 {
			f.CreatedAt = tx.Now()
			err = tx.Insert(&f)
		} else {
			_, err = tx.Exec(`UPDATE films SET title = ?, runtime_min = ?, theme = ?, synopsis = ?, licence_from = ?, licence_to = ? WHERE id = ?`,
				f.Title, f.RuntimeMin, f.Theme, f.Synopsis, f.LicenceFrom, f.LicenceTo, id)
		}
		if db.Constraint(err) == "films_title_key" {
			return ErrFilmTitle.With("title", in.Title).At(errs.Field{Name: "title", Code: "other"})
		}
		if err != nil {
			return fmt.Errorf("save film: %w", err)
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.After = action, "film", fmt.Sprint(f.ID), f.Title
		return audit.Write(tx, line)
	})
	return f, err
}

// Programme narrows the list of screenings.
type Programme struct {
	list.Query
	From     models.Instant // zero: from now, what still runs included
	To       models.Instant // zero: no end
	Audience models.Audience
	FilmID   int64
	Open     OnlyOpen
}

// OnlyOpen asks for screenings that can be booked now.
type OnlyOpen bool

// Programme lists screenings by start; cancelled ones are left out, and those that
// the cinema has not confirmed.
func (s *Service) Programme(ctx context.Context, p Programme) (out list.Of[Show], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := ` WHERE e.state NOT IN ('cancelled','planned')`, []any{}
		and := func(clause string, values ...any) { where, args = where+" AND "+clause, append(args, values...) }
		if p.From.IsZero() {
			and(`e.ends_at > ?`, tx.Now())
		} else {
			and(`e.starts_at >= ?`, p.From)
		}
		if !p.To.IsZero() {
			and(`e.starts_at < ?`, p.To)
		}
		if p.Audience != "" {
			and(`e.audience = ?`, p.Audience)
		}
		if p.FilmID != 0 {
			and(`s.film_id = ?`, p.FilmID)
		}
		if p.Open {
			and(`e.state = 'open' AND e.opens_at <= ? AND e.closes_at > ? AND e.taken + e.reserved < e.for_sale`, tx.Now(), tx.Now())
		}
		var total int64
		if err := tx.Scan(&total, `SELECT COUNT(*) FROM screenings s JOIN events e ON e.id = s.id`+where, args...); err != nil {
			return err
		}
		_, per, off := p.Window()
		order := p.Order(map[string]string{"starts_at": "e.starts_at", "id": "e.id"}, "starts_at", "e.id")
		var rows []Show
		if err := tx.Scan(&rows, showQuery+where+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(args, per, off)...); err != nil {
			return err
		}
		out = list.New(p.Query, rows, total)
		return nil
	})
	return out, err
}
