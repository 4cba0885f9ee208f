package screening

import (
	"context"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// maxFound bounds what a desk is shown, maxSearched what it looks through.
const (
	maxFound    = 50
	maxSearched = 5000
)

// Found is what a desk knows of somebody: the callers it keeps and the living
// bookings of anybody it may see.
type Found struct {
	People   []Known
	Bookings []Ticket
}

// Desk finds what a clerk needs when somebody calls: by name, by code, or by at
// least three last digits of a number.
func (s *Service) Desk(ctx context.Context, a auth.Actor, search string) (f Found, err error) {
	search = strings.Join(strings.Fields(search), "")
	if search == "" {
		return f, nil
	}
	if f.People, err = s.Callers(ctx, a, search); err != nil {
		return f, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error { f.Bookings, err = s.bookingsOf(tx, a, search); return err })
	return f, err
}

// Call is a booking that came in through the desk, and who took the call.
type Call struct {
	Ticket
	Clerk string
}

// Calls lists what the desk has booked since midnight: the actor's own calls and
// those of colleagues for callers of the same desk, the latest first.
func (s *Service) Calls(ctx context.Context, a auth.Actor) (out []Call, err error) {
	now := s.db.Now().In(s.zone)
	midnight := models.InstantOf(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.zone))
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		tickets, err := callsSince(tx, a, midnight)
		if err != nil || len(tickets) == 0 {
			return err
		}
		if err := withSeats(tx, tickets); err != nil {
			return err
		}
		names, err := clerks(tx, tickets)
		for _, t := range tickets {
			out = append(out, Call{t, names[t.CreatedBy]})
		}
		return err
	})
	return out, err
}

// maxCalls bounds the list of a day.
const maxCalls = 200

// CallerBookings lists the living bookings of somebody a desk knows.
func (s *Service) CallerBookings(ctx context.Context, a auth.Actor, personID int64) (out []Ticket, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out, err = ofPerson(tx, a, personID); err != nil {
			return err
		}
		return withSeats(tx, out)
	})
	return out, err
}

// maxDeskShows is how many screenings a clerk is offered: one key each.
const maxDeskShows = 9

// DeskShows lists the next public screenings with a seat that a desk may book,
// the share kept for phone and window included.
func (s *Service) DeskShows(ctx context.Context) (out []Show, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = openPublic(tx, maxDeskShows)
		return err
	})
	return out, err
}

// OfferDesk says which seats a wish would get at this moment at the desk, by the
// kernel's own decision on a copy. It books nothing; its refusals are Book's.
func (s *Service) OfferDesk(ctx context.Context, v Show, seats []int64, party models.Party) (refs []booking.SeatRef, together models.Togetherness, err error) {
	plan, err := s.Plan(ctx, v)
	if err != nil {
		return nil, "", err
	}
	st := &booking.State{Event: v.Event, Plan: plan, Map: []byte(v.SeatMap)}
	out := booking.Decide(st, s.db.Now(), []booking.Ask{{EventID: v.ID, Seats: seats, Party: party, Reach: booking.ReachDesk}})[0]
	if out.Refusal != nil {
		return nil, "", out.Refusal
	}
	for _, o := range out.Ords {
		refs = append(refs, booking.SeatRef{ID: plan.Seats[o].ID, Label: plan.Seats[o].Label()})
	}
	return refs, out.Together, nil
}

func (s *Service) bookingsOf(tx *db.Tx, a auth.Actor, search string) ([]Ticket, error) {
	rows, err := soughtBy(tx, a)
	if err != nil {
		return nil, err
	}
	var ids []string
	code := s.CodeOf(search)
	for _, r := range rows {
		if len(ids) < maxFound && (r.Code == code || s.isAbout(search, r.Name, r.PersonPhone, r.HolderPhone) || s.isAbout(search, r.PersonName)) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := ticketsByID(tx, ids)
	if err != nil {
		return nil, err
	}
	return out, withSeats(tx, out)
}

// isAbout reports whether a search means somebody: part of the name, or the last
// digits of one of the sealed numbers.
func (s *Service) isAbout(search, name string, sealed ...string) bool {
	if strings.Contains(strings.Join(strings.Fields(name), ""), search) {
		return true
	}
	return slices.ContainsFunc(sealed, func(x string) bool { return s.EndsIn(x, search) })
}

// EndsIn reports whether a sealed number ends in the digits of a search, at least
// three of them.
func (s *Service) EndsIn(sealed, search string) bool {
	digits := plainDigits(search)
	return sealed != "" && isDigits(digits) && strings.HasSuffix(s.phones.PhoneTail(sealed), digits)
}

func isDigits(s string) bool {
	return len(s) >= 3 && strings.Trim(s, "0123456789") == ""
}

// plainDigits takes the signs out that people write between digits.
func plainDigits(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }
