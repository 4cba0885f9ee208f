package screening

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// besides adds the bookings of other kinds to the page of one's own.
func (s *Service) besides(ctx context.Context, w web.Words, a auth.Actor, in shelfIn, d *bookingsData) error {
	for _, o := range s.others {
		coming, err := o.Records(ctx, a, booking.RecordQuery{Query: list.Query{PerPage: comingAtMost}, When: string(WhenUpcoming)})
		if err != nil {
			return err
		}
		past, err := o.Records(ctx, a, booking.RecordQuery{Query: in.Query, When: string(WhenPast)})
		if err != nil {
			return err
		}
		for _, r := range coming.Items {
			d.Coming = append(d.Coming, recordCard(w, a, r))
		}
		for _, r := range past.Items {
			d.Past = append(d.Past, recordCard(w, a, r))
		}
		if p := web.NewPager(past.Total, in.Query, "/bookings", nil); p.Pages > d.Pager.Pages {
			d.Pager = p
		}
	}
	slices.SortStableFunc(d.Coming, func(x, y ticketCard) int { return x.Start.Time().Compare(y.Start.Time()) })
	slices.SortStableFunc(d.Past, func(x, y ticketCard) int { return y.Start.Time().Compare(x.Start.Time()) })
	return nil
}

func recordCard(w web.Words, a auth.Actor, r booking.Record) ticketCard {
	tone := map[string]web.Tone{"booked": web.ToneOK, "attended": web.ToneOK, "pending": web.ToneInfo, "proposed": web.ToneWarn}[r.Status]
	if tone == "" {
		tone = web.ToneOff
	}
	c := ticketCard{Card: Card{Href: r.Path, Start: r.StartsAt, Title: r.Title, Place: r.Place, Chips: []web.Chip{{Tone: tone, Text: w.T("chip." + r.Status)}}}}
	if r.Status == string(models.BookingBooked) {
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.T("bookings.code", "code", booking.ShowCode(r.Code))})
	}
	if r.Name != a.Name {
		c.Name = r.Name
	}
	return c
}
