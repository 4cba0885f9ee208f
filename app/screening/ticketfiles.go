package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/ical"
	"youyue/models"

	qrcode "github.com/skip2/go-qrcode"
)

// ticketPurpose separates ticket signatures from all others.
const ticketPurpose = "ticket"

// TicketToken is what the QR picture of a ticket holds: the code, signed, so
// that a door can tell a ticket from a guess before it asks the database.
func (s *Service) TicketToken(code string) string { return s.signer.Sign(ticketPurpose, code) }

// CodeOf reads what was scanned or typed at a door: a ticket's token, a link
// that ends in one, or the code itself.
func (s *Service) CodeOf(scanned string) string {
	scanned = strings.TrimSpace(scanned)
	if i := strings.LastIndexByte(scanned, '/'); i >= 0 {
		scanned = scanned[i+1:]
	}
	if code, ok := s.signer.Verify(ticketPurpose, scanned); ok {
		return code
	}
	return booking.CleanCode(scanned)
}

// qrSize is the edge of the QR picture in pixels: sharp on an A4 slip.
const qrSize = 320

// TicketQR is the PNG of a visible booking's token.
func (s *Service) TicketQR(ctx context.Context, a auth.Actor, id string) ([]byte, error) {
	t, err := s.Ticket(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return qrcode.Encode(s.TicketToken(t.Code), qrcode.Medium, qrSize)
}

// TicketCalendar is the booking as an iCalendar entry (RFC 5545): UTC times,
// CRLF, a stable UID, CANCELLED once it is given back.
func (s *Service) TicketCalendar(ctx context.Context, a auth.Actor, id string) ([]byte, error) {
	t, err := s.Ticket(ctx, a, id)
	if err != nil {
		return nil, err
	}
	e := ical.Entry{UID: t.ID + "@youyue", Stamp: t.CreatedAt, Span: models.Span{Start: t.StartsAt, End: t.EndsAt}, Summary: t.Title,
		Place: t.Venue + " " + t.HallName + "，" + t.Address, Description: booking.JoinLabels(t.Seats) + "\n" + booking.ShowCode(t.Code),
		URL: s.baseURL + "/bookings/" + t.ID, Status: ical.Confirmed, Sequence: t.EventVersion}
	switch t.Status {
	case models.BookingHeld:
		e.Status = ical.Tentative
	case models.BookingCancelled:
		e.Status = ical.Cancelled
	case models.BookingBooked, models.BookingAttended, models.BookingNoShow:
	}
	return ical.Calendar{Entries: []ical.Entry{e}}.Bytes(), nil
}
