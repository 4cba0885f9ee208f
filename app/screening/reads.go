package screening

import (
	"context"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/venue"
	"youyue/models"
)

// Company is for whom the actor may book at a screening.
type Company struct {
	People   []models.Person // kept under the account, oneself left out
	Branches []models.Org    // that one may book for
	Desk     bool            // for anybody who calls or comes
	Caller   models.Person   // whom the desk knows already and now books for, zero for nobody
	Decides  bool            // plans this hall
	Mine     []int64         // seats one has in this screening already
	Bookings []Ticket        // the bookings they belong to
}

// maxBranches bounds the list of branches that a desk can choose from.
const maxBranches = 300

// Company says for whom the actor may book at a screening.
func (s *Service) Company(ctx context.Context, a auth.Actor, v Show) (c Company, err error) {
	if !a.SignedIn() {
		return c, nil
	}
	c.Desk, c.Decides = a.Can(auth.BookForOthers), a.CanAt(auth.ScreeningWrite, v.OrgPath)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if c.People, err = keptBy(tx, a.AccountID); err != nil {
			return err
		}
		if c.Branches, err = branchesIn(tx, a, auth.BookForBranch); err != nil {
			return err
		}
		if c.Bookings, err = ownAt(tx, a, v.ID); err != nil {
			return err
		}
		if err := withSeats(tx, c.Bookings); err != nil {
			return err
		}
		for _, t := range c.Bookings {
			for _, seat := range t.Seats {
				c.Mine = append(c.Mine, seat.ID)
			}
		}
		return nil
	})
	return c, err
}

// Caller returns somebody whom a desk in the actor's scope knows; ErrNotFound
// for anybody else.
func (s *Service) Caller(ctx context.Context, a auth.Actor, id int64) (p models.Person, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		found, path, err := booking.PersonAt(tx, id)
		if e := errs.As(err); err != nil && e.Kind == errs.ErrInvalid.Kind || err == nil && !a.CanAt(auth.BookForOthers, path) {
			return errs.ErrNotFound
		}
		p = found
		return err
	})
	return p, err
}

// Known is somebody whom a desk knows.
type Known struct {
	models.Person
	PhoneTail string // the last four digits, "" without a number
}

// shownDigits is how much of a number a clerk is shown to tell callers apart.
const shownDigits = 4

// Callers finds the people a desk in the actor's scope knows, by name or by at
// least three last digits of their number, the latest first.
func (s *Service) Callers(ctx context.Context, a auth.Actor, search string) (out []Known, err error) {
	search = strings.Join(strings.Fields(search), "")
	if search == "" {
		return nil, nil
	}
	var rows []models.Person
	err = s.db.Read(ctx, func(tx *db.Tx) error { rows, err = callersIn(tx, a.Scope(auth.BookForOthers)); return err })
	for _, p := range rows {
		if len(out) == maxFound || !s.isAbout(search, p.Name, p.PhoneEnc) {
			continue
		}
		out = append(out, s.known(p))
	}
	return out, err
}

func (s *Service) known(p models.Person) Known {
	k := Known{Person: p}
	if p.PhoneEnc != "" {
		k.PhoneTail = s.phones.PhoneTail(p.PhoneEnc)
		k.PhoneTail = k.PhoneTail[max(0, len(k.PhoneTail)-shownDigits):]
	}
	return k
}

// Branches lists the party branches the actor may ask for the hall for.
func (s *Service) Branches(ctx context.Context, a auth.Actor) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = branchesIn(tx, a, auth.BookForBranch); return err })
	return out, err
}

// Plan returns the seat plan a screening was opened with.
func (s *Service) Plan(ctx context.Context, v Show) (p *models.SeatPlan, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { p, err = s.kernel.Plan(tx, v.PlanID); return err })
	return p, err
}

// AllHalls lists every hall: anybody may ask for one.
func (s *Service) AllHalls(ctx context.Context) (out []venue.Hall, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = everyHall(tx); return err })
	return out, err
}

// Halls lists the halls for which the actor holds a permission.
func (s *Service) Halls(ctx context.Context, a auth.Actor, p auth.Permission) (out []venue.Hall, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = hallsIn(tx, a.Scope(p)); return err })
	return out, err
}

// The starts that are offered to a branch before it looks at the clock: minutes
// after midnight. They are the hall's usual ones, ours to change.
var usualStarts = []int{9*60 + 30, 14*60 + 30, 19 * 60}

const (
	maxOffers   = 6
	offerNotice = 24 * time.Hour // nobody decides sooner
)

// Offers lists the next usual starts at which a hall (0: the only one) is free
// for a film, and how many seats the hall has. It returns ErrWhichHall.
func (s *Service) Offers(ctx context.Context, hallID, filmID int64, oath WithOath) (out []Slot, seats int, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		hall, film, err := s.place(tx, hallID, filmID)
		if err != nil {
			return err
		}
		plan, err := s.kernel.Plan(tx, *hall.PlanID)
		if err != nil {
			return err
		}
		seats = plan.ForSale()
		_, occupied := hallSpans(tx.Now(), film, oath)
		from, length := tx.Now().Add(max(offerNotice, time.Duration(hall.LeadHours)*time.Hour)), occupied.End.Sub(occupied.Start)
		open, err := openHours(tx, hall, models.Span{Start: from, End: from.Add(slotHorizon + length)})
		if err != nil {
			return err
		}
		spans, err := booking.FirstFree(tx, hall.ID, from, length, slotStep, slotHorizon, maxOffers,
			func(sp models.Span) bool {
				at := sp.Start.In(s.zone)
				for _, m := range usualStarts {
					if at.Hour()*60+at.Minute() == m {
						return film.Licensed(sp) && open(sp)
					}
				}
				return false
			})
		for _, sp := range spans {
			out = append(out, Slot{sp.Start, sp.End})
		}
		return err
	})
	return out, seats, err
}

// Film returns one film; ErrNotFound when there is none.
func (s *Service) Film(ctx context.Context, id int64) (f models.Film, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if f, err = getFilm(tx, id); err != nil {
			return errs.ErrNotFound
		}
		return nil
	})
	return f, err
}

// BookingOf returns the id of the branch's booking of the whole hall, "" when
// there is none.
func (s *Service) BookingOf(ctx context.Context, eventID, orgID int64) (id string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { id, err = wholeHall(tx, eventID, orgID); return err })
	return id, err
}
