package screening

import (
	"context"
	"errors"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Others are bookings that are not of seats. They share the addresses of bookings:
// whoever has an id or a code need not know what it is of.
type Others interface {
	Records(ctx context.Context, a auth.Actor, q booking.RecordQuery) (list.Of[booking.Record], error)
	Record(ctx context.Context, a auth.Actor, id string) (booking.Record, error)
	CancelRecord(ctx context.Context, a auth.Actor, id, reason string, channel models.Channel) (booking.Record, error)
}

// AddOthers joins bookings of another kind to those of seats. It is for building the
// program.
func (s *Service) AddOthers(o Others) { s.others = append(s.others, o) }

// elsewhere asks the other kinds for what is no booking of seats. The answer of the
// first that knows it counts, a refusal too; of those that know nothing, none's.
func elsewhere[T any](others []Others, err error, ask func(o Others) (T, error)) (T, error) {
	var none T
	for _, o := range others {
		out, failed := ask(o)
		if failed == nil || !errors.Is(failed, errs.ErrNotFound) {
			return out, failed
		}
	}
	return none, err
}

// view is the booking of another kind as the API shows it.
func (s *Service) viewRecord(r booking.Record) ticketView {
	v := ticketView{ID: r.ID, Kind: r.Kind, Code: r.Code, Title: r.Title, Hall: r.Place, Address: r.Address, StartsAt: r.StartsAt, EndsAt: r.EndsAt,
		CancelUntil: r.CancelUntil, Seats: []booking.SeatRef{}, Party: r.Party, Status: models.BookingStatus(r.Status), Name: r.Name,
		PersonID: r.PersonID, OrgID: r.OrgID, Channel: r.Channel, ReadBack: r.ReadBack, CreatedAt: r.CreatedAt}
	if v.Status == models.BookingBooked {
		v.Ticket = s.TicketToken(r.Code)
	}
	return v
}

// every lists bookings of all kinds in one order. Where there are none of another
// kind, or the list is of one screening, it is the list of seats.
func (s *Service) every(ctx context.Context, a auth.Actor, sh Shelf) (list.Of[ticketView], error) {
	seats := func(page int) (list.Of[ticketView], error) {
		one := sh
		one.Page, one.PerPage = page, list.MaxPerPage
		out, err := s.Bookings(ctx, a, one)
		return list.Map(out, s.viewTicket), err
	}
	sources := []func(page int) (list.Of[ticketView], error){seats}
	if sh.ScreeningID == 0 {
		for _, o := range s.others {
			sources = append(sources, func(page int) (list.Of[ticketView], error) {
				q := booking.RecordQuery{Query: sh.Query, All: sh.Whose == WhoseAll, Status: string(sh.Status), When: string(sh.When), OrgID: sh.OrgID}
				q.Page, q.PerPage = page, list.MaxPerPage
				out, err := o.Records(ctx, a, q)
				return list.Map(out, s.viewRecord), err
			})
		}
	}
	before := sh.before()
	page, per, off := sh.Window()
	var merged []ticketView
	var total int64
	for _, next := range sources {
		for n, more := 1, true; more; n++ {
			out, err := next(n)
			if err != nil {
				return list.Of[ticketView]{}, err
			}
			if n == 1 {
				total += out.Total
			}
			merged = append(merged, out.Items...)
			more = n*list.MaxPerPage < off+per && int64(n*list.MaxPerPage) < out.Total
		}
	}
	slices.SortStableFunc(merged, before)
	from := min(off, len(merged))
	return list.Of[ticketView]{Items: append([]ticketView{}, merged[from:min(from+per, len(merged))]...), Total: total, Page: page, PerPage: per}, nil
}

// before is the order of a shelf, as Bookings has it.
func (sh Shelf) before() func(a, b ticketView) int {
	name := sh.Sort
	if k := strings.TrimPrefix(name, "-"); k != "starts_at" && k != "created_at" {
		name = map[When]string{WhenUpcoming: "starts_at", WhenPast: "-starts_at"}[sh.When]
	}
	at := func(v ticketView) models.Instant { return v.CreatedAt }
	if strings.HasSuffix(name, "starts_at") {
		at = func(v ticketView) models.Instant { return v.StartsAt }
	}
	sign := 1
	if name == "" || strings.HasPrefix(name, "-") {
		sign = -1
	}
	return func(a, b ticketView) int {
		if c := at(a).Time().Compare(at(b).Time()); c != 0 {
			return sign * c
		}
		return sign * strings.Compare(a.ID, b.ID)
	}
}
