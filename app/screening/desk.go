package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// maxFound bounds what a desk is shown, maxSearched what it looks through.
const (
	maxFound    = 50
	maxSearched = 5000
)

// Desk finds what a clerk needs when somebody calls again: the living bookings
// the clerk may see, by name, code or at least three last digits of a number.
// With nothing to look for it lists what the clerk has booked today.
func (s *Service) Desk(ctx context.Context, a auth.Actor, search string) (found []Ticket, err error) {
	search = strings.Join(strings.Fields(search), "")
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if search == "" {
			found, err = s.bookedToday(tx, a)
		} else {
			found, err = s.bookingsOf(tx, a, search)
		}
		return err
	})
	return found, err
}

func (s *Service) bookedToday(tx *db.Tx, a auth.Actor) ([]Ticket, error) {
	where, args := visible(a)
	var out []Ticket
	err := tx.Scan(&out, ticketQuery+" WHERE b.created_by = ? AND b.created_at > ? AND b.channel <> ? AND "+where+" ORDER BY b.created_at DESC, b.id LIMIT ?",
		append(append([]any{a.AccountID, tx.Now().Add(-halfDay), models.ChannelOnline}, args...), maxFound)...)
	if err != nil {
		return nil, err
	}
	return out, withSeats(tx, out)
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
