package screening

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

type filmView struct {
	ID          int64          `json:"id"`
	Title       string         `json:"title"`
	RuntimeMin  int            `json:"runtime_min"`
	Theme       string         `json:"theme"`
	Synopsis    string         `json:"synopsis"`
	LicenceFrom models.Instant `json:"licence_from"`
	LicenceTo   models.Instant `json:"licence_to"`
}

func viewFilm(f models.Film) filmView {
	return filmView{f.ID, f.Title, f.RuntimeMin, f.Theme, f.Synopsis, f.LicenceFrom, f.LicenceTo}
}

type filmRef struct {
	ID         int64  `json:"id"`
	Title      string `json:"title"`
	RuntimeMin int    `json:"runtime_min"`
	Theme      string `json:"theme"`
	Synopsis   string `json:"synopsis"`
}

type hallRef struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Venue   string `json:"venue"`
	Address string `json:"address"`
}

type showView struct {
	ID            int64             `json:"id"`
	Film          filmRef           `json:"film"`
	Hall          hallRef           `json:"hall"`
	StartsAt      models.Instant    `json:"starts_at"`
	FilmStartsAt  models.Instant    `json:"film_starts_at"`
	EndsAt        models.Instant    `json:"ends_at"`
	OathMin       int               `json:"oath_min"`
	Audience      models.Audience   `json:"audience" validate:"oneof=public branches"`
	Status        models.EventState `json:"status" validate:"oneof=planned open finished cancelled"`
	Bookable      bool              `json:"bookable"`
	OpensAt       models.Instant    `json:"booking_opens_at"`
	ClosesAt      models.Instant    `json:"booking_closes_at"`
	CancelUntil   models.Instant    `json:"cancel_until"`
	MaxSeats      int               `json:"max_seats"`
	SeatsTotal    int               `json:"seats_total"`
	SeatsFree     int               `json:"seats_free"`
	SeatsTaken    int               `json:"seats_taken"`
	SeatsReserved int               `json:"seats_reserved"`
	Places        string            `json:"places" validate:"oneof=plenty few full closed"`
	Version       int64             `json:"version"`
	Branch        string            `json:"branch,omitempty"`
	Note          string            `json:"note,omitempty"`
}

func (s *Service) view(v Show) showView {
	now := s.db.Now()
	return showView{ID: v.ID, Film: filmRef{v.FilmID, v.FilmTitle, v.RuntimeMin, v.Theme, v.Synopsis},
		Hall: hallRef{v.ResourceID, v.HallName, v.Venue, v.Address}, StartsAt: v.StartsAt, FilmStartsAt: v.FilmStart(), EndsAt: v.EndsAt,
		OathMin: v.OathMin, Audience: v.Audience, Status: v.State, Bookable: v.Bookable(now), OpensAt: v.OpensAt, ClosesAt: v.ClosesAt,
		CancelUntil: v.CancelUntil, MaxSeats: v.MaxSeats, SeatsTotal: v.ForSale, SeatsFree: v.Free(), SeatsTaken: v.Taken,
		SeatsReserved: v.Reserved, Places: v.Places(now), Version: v.Version, Branch: v.BranchName}
}

type filmIn struct {
	httpapi.PathID
	Title       string         `json:"title" validate:"required,plain,max=100"`
	RuntimeMin  int            `json:"runtime_min" validate:"required,min=1,max=600"`
	Theme       string         `json:"theme" validate:"omitempty,plain,max=200"`
	Synopsis    string         `json:"synopsis" validate:"max=2000"`
	LicenceFrom models.Instant `json:"licence_from" validate:"required"`
	LicenceTo   models.Instant `json:"licence_to" validate:"required"`
}

func (f filmIn) entry() FilmEntry {
	return FilmEntry{f.Title, f.RuntimeMin, f.Theme, f.Synopsis, f.LicenceFrom, f.LicenceTo}
}

type programmeIn struct {
	list.Query
	From     models.Instant  `query:"from"`
	To       models.Instant  `query:"to"`
	Audience models.Audience `query:"audience" validate:"omitempty,oneof=public branches"`
	FilmID   int64           `query:"film_id"`
	Open     bool            `query:"open"`
}

type scheduleIn struct {
	FilmID     int64           `json:"film_id" validate:"required"`
	HallID     int64           `json:"hall_id"`
	StartsAt   models.Instant  `json:"starts_at" validate:"required"`
	Audience   models.Audience `json:"audience" validate:"required,oneof=public branches"`
	OathMin    *int            `json:"oath_min" validate:"omitempty,min=0,max=120"`
	CleanupMin *int            `json:"cleanup_min" validate:"omitempty,min=0,max=240"`
	MaxSeats   int             `json:"max_seats" validate:"omitempty,min=1,max=200"`
	Share      *int            `json:"reserved_percent" validate:"omitempty,min=0,max=100"`
	OpensAt    models.Instant  `json:"booking_opens_at"`
	ClosesAt   models.Instant  `json:"booking_closes_at"`
	Note       string          `json:"note" validate:"max=500"`
}

type reasonIn struct {
	httpapi.PathID
	Reason string `json:"reason" validate:"required,plain,max=500"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	s.filmRoutes(r)
	s.screeningRoutes(r)
	s.bookingRoutes(r)
	s.attendeeRoutes(r)
	s.changeRoutes(r)
	s.liveRoutes(r)
	s.requestRoutes(r)
	s.blockRoutes(r)
	s.waitRoutes(r)
	s.confirmRoutes(r)
}

func (s *Service) filmRoutes(r *httpapi.Router) {
	const tag = "films"
	httpapi.API(r, http.MethodGet, "/api/v1/films", auth.Public, httpapi.Op{Summary: "The films", Tag: tag},
		func(ctx context.Context, _ auth.Actor, q list.Query) (list.Of[filmView], error) {
			out, err := s.Films(ctx, q)
			return list.Map(out, viewFilm), err
		})
	save := func(ctx context.Context, a auth.Actor, in filmIn) (filmView, error) {
		f, err := s.SaveFilm(ctx, a, in.ID, in.entry())
		return viewFilm(f), err
	}
	refusals := []*errs.Error{ErrFilmTitle, ErrFilmDates}
	httpapi.API(r, http.MethodPost, "/api/v1/films", auth.FilmWrite,
		httpapi.Op{Summary: "Add a film", Tag: tag, Status: http.StatusCreated, Errors: refusals}, save)
	httpapi.API(r, http.MethodPut, "/api/v1/films/:id", auth.FilmWrite,
		httpapi.Op{Summary: "Change a film", Tag: tag, Errors: refusals}, save)
}

func (s *Service) screeningRoutes(r *httpapi.Router) {
	const tag = "screenings"
	httpapi.API(r, http.MethodGet, "/api/v1/screenings", auth.Public, httpapi.Op{Summary: "Screenings by start; from now on when no time is named", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in programmeIn) (list.Of[showView], error) {
			out, err := s.Programme(ctx, Programme{in.Query, in.From, in.To, in.Audience, in.FilmID, OnlyOpen(in.Open)})
			return list.Map(out, s.view), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/screenings/:id", auth.Public, httpapi.Op{Summary: "One screening", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in httpapi.PathID) (showView, error) {
			v, err := s.Get(ctx, in.ID)
			return s.view(v), err
		})
	httpapi.Raw[httpapi.PathID, SeatsView](r, http.MethodGet, "/api/v1/screenings/:id/seats", auth.Public,
		httpapi.Op{Summary: "The state of every seat, the same for everybody; revalidate with the ETag", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in httpapi.PathID) (httpapi.Blob, error) {
			st, err := s.seats.get(ctx, in.ID)
			return httpapi.Blob{Body: st.body, ContentType: "application/json", ETag: st.etag, CacheControl: "no-cache"}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings", auth.ScreeningWrite,
		httpapi.Op{Summary: "Put a film on", Tag: tag, Status: http.StatusCreated, Errors: []*errs.Error{ErrLicence, ErrHallBusy, ErrNotReleased, ErrPast, ErrFar, ErrWindow, ErrWhichHall}},
		func(ctx context.Context, a auth.Actor, in scheduleIn) (showView, error) {
			v, err := s.Schedule(ctx, a, Plans(in))
			return s.view(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/screenings/:id/cancel", auth.ScreeningWrite,
		httpapi.Op{Summary: "Call a screening off; every booking is cancelled and told", Tag: tag, Errors: []*errs.Error{booking.ErrOver}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (showView, error) {
			v, err := s.CallOff(ctx, a, in.ID, in.Reason)
			return s.view(v), err
		})
}
