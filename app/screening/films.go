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

// Films lists the films that are not archived, by title.
func (s *Service) Films(ctx context.Context, q list.Query) (out list.Of[models.Film], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := films(tx, q)
		out = list.New(q, rows, total)
		return err
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
		err = saveFilm(tx, &f)
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
		rows, total, err := programme(tx, p)
		out = list.New(p.Query, rows, total)
		return err
	})
	return out, err
}
