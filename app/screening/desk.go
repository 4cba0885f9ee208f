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
		seen, args := visible(a)
		ours, more := below("dk.path", a.Scope(auth.BookForOthers))
		args = append(append([]any{models.ChannelOnline, midnight}, args...), a.AccountID)
		var tickets []Ticket
		err := tx.Scan(&tickets, ticketQuery+" WHERE b.channel <> ? AND b.created_at >= ? AND "+seen+" AND (b.created_by = ? OR "+ours+") ORDER BY b.created_at DESC, b.id LIMIT ?",
			append(append(args, more...), maxCalls)...)
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

// clerks names the accounts that made some bookings.
func clerks(tx *db.Tx, tickets []Ticket) (map[int64]string, error) {
	var ids []int64
	for _, t := range tickets {
		if !slices.Contains(ids, t.CreatedBy) {
			ids = append(ids, t.CreatedBy)
		}
	}
	var rows []models.Account
	among, list := tx.Among("id", ids)
	err := tx.Scan(&rows, `SELECT id, name FROM accounts WHERE `+among, list)
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}

// CallerBookings lists the living bookings of somebody a desk knows.
func (s *Service) CallerBookings(ctx context.Context, a auth.Actor, personID int64) (out []Ticket, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := visible(a)
		err := tx.Scan(&out, ticketQuery+" WHERE b.person_id = ? AND b.status = 'booked' AND e.ends_at > ? AND "+where+" ORDER BY e.starts_at, b.id LIMIT ?",
			append(append([]any{personID, tx.Now()}, args...), maxFound)...)
		if err != nil {
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
		return tx.Scan(&out, showQuery+` WHERE e.state = 'open' AND e.audience = ? AND s.branch_org_id IS NULL AND e.opens_at <= ? AND e.closes_at > ? AND e.taken < e.for_sale
			ORDER BY e.starts_at, e.id LIMIT ?`, models.AudiencePublic, tx.Now(), tx.Now(), maxDeskShows)
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
	where, args := visible(a)
	var rows []struct {
		ID          string
		Code        string
		Name        string
		PersonName  string
		PersonPhone string
		HolderPhone string
	}
	from := strings.Replace(ticketQuery[strings.Index(ticketQuery, "FROM bookings"):], "FROM bookings b", "FROM bookings b LEFT JOIN accounts acc ON acc.id = b.holder_id", 1)
	err := tx.Scan(&rows, `SELECT b.id, b.code, b.name, COALESCE(pe.name, '') AS person_name, COALESCE(pe.phone_enc, '') AS person_phone,
		COALESCE(acc.phone_enc, '') AS holder_phone `+from+` WHERE b.status = 'booked' AND e.ends_at > ? AND `+where+` ORDER BY e.starts_at, b.id LIMIT ?`,
		append(append([]any{tx.Now()}, args...), maxSearched)...)
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
	var out []Ticket
	if err := tx.Scan(&out, ticketQuery+" WHERE b.id IN ? ORDER BY e.starts_at, b.id", ids); err != nil {
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
	digits := plainDigits(search)
	for _, x := range sealed {
		if isDigits(digits) && s.tail(x, digits) {
			return true
		}
	}
	return false
}

// plainDigits takes the signs out that people write between digits.
func plainDigits(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }
