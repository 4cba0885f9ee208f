package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/models"

	ics "github.com/arran4/golang-ical"
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
	cal := ics.NewCalendarFor("Youyue")
	cal.SetMethod(ics.MethodPublish)
	ev := cal.AddEvent(t.ID + "@youyue")
	ev.SetDtStampTime(t.CreatedAt.Time())
	ev.SetStartAt(t.StartsAt.Time())
	ev.SetEndAt(t.EndsAt.Time())
	ev.SetSummary(t.Title)
	ev.SetLocation(t.Venue + " " + t.HallName + "，" + t.Address)
	ev.SetDescription(booking.JoinLabels(t.Seats) + "\n" + booking.ShowCode(t.Code))
	ev.SetURL(s.baseURL + "/bookings/" + t.ID)
	ev.SetStatus(ics.ObjectStatusConfirmed)
	if t.Status == models.BookingHeld {
		ev.SetStatus(ics.ObjectStatusTentative)
	}
	if t.Status == models.BookingCancelled {
		cal.SetMethod(ics.MethodCancel)
		ev.SetStatus(ics.ObjectStatusCancelled)
		ev.SetSequence(1)
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows)), nil
}
