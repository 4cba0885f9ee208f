package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// releaseAfter is how long after the start a party that has not come keeps its
// seats: a bus that is late and the oath before the film are waited for.
const releaseAfter = 10 * time.Minute

// LettingGo is which parties' empty seats staff lets go, and why.
type LettingGo struct {
	EventID  int64
	Bookings []string
	Reason   string
	Key      idem.Key
}

// LetGo is a party with the seats it lost.
type LetGo struct {
	BookingID string    `json:"booking_id"`
	Name      string    `json:"name"`
	Seats     []SeatRef `json:"seats"`
}

// LetGoes answers a letting go.
type LetGoes struct {
	Parties []LetGo `json:"parties"`
	Seats   int     `json:"seats"` // how many became free
	Free    int     `json:"free"`  // in the event now
}

// ReleaseOpen reports whether seats of those who have not come may be let go at
// the moment, and from when.
func ReleaseOpen(e models.Event, now models.Instant) (from models.Instant, open bool) {
	from = e.StartsAt.Add(releaseAfter)
	return from, e.State == models.EventOpen && models.Span{Start: from, End: e.EndsAt}.Contains(now)
}

// ReleaseNoShows lets the seats go on which nobody of the chosen parties has
// come; staff says so with a reason. The seats stay on record as not attended
// and are free for walk-ins; the party is smaller by them, or a no-show when
// nobody of it is here. If they come after all, they are seated as walk-ins.
// It returns ErrReleaseLater, ErrDoorOver, ErrAllHere, ErrForbidden.
func (s *Service) ReleaseNoShows(ctx context.Context, a auth.Actor, in LettingGo) (LetGoes, error) {
	var out LetGoes
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = idem.Once(tx, in.Key, func() (LetGoes, error) { return s.releaseNoShows(tx, a, in) })
		return err
	})
	return out, err
}

func (s *Service) releaseNoShows(tx *db.Tx, a auth.Actor, in LettingGo) (LetGoes, error) {
	e, err := s.lockAtDoor(tx, a, in.EventID)
	if err != nil {
		return LetGoes{}, err
	}
	switch from, open := ReleaseOpen(e, tx.Now()); {
	case open:
	case e.State == models.EventOpen && tx.Now().Before(from):
		return LetGoes{}, ErrReleaseLater.With("from", from).Add("from", from)
	default:
		return LetGoes{}, doorOver(e)
	}
	out := LetGoes{Parties: []LetGo{}}
	var gone []int64
	for _, id := range unique(in.Bookings) {
		var b models.Booking
		ok, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ? AND event_id = ?`, id, e.ID)
		if err != nil {
			return out, err
		}
		if !ok {
			return out, errs.FieldFault("bookings", "unknown")
		}
		if b.Status != models.BookingBooked {
			continue
		}
		lost, err := s.letPartyGo(tx, a, b, e, in.Reason)
		if err != nil {
			return out, err
		}
		if len(lost) > 0 {
			out.Parties = append(out.Parties, LetGo{b.ID, b.Name, lost})
		}
		for _, x := range lost {
			gone = append(gone, x.ID)
		}
	}
	if len(gone) == 0 {
		return out, ErrAllHere
	}
	if err := s.free(tx, &e, gone); err != nil {
		return out, err
	}
	out.Seats, out.Free = len(gone), e.Free()+e.Reserved
	return out, nil
}

func unique(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// letPartyGo takes from a party the seats on which nobody sits.
func (s *Service) letPartyGo(tx *db.Tx, a auth.Actor, b models.Booking, e models.Event, reason string) ([]SeatRef, error) {
	p, err := loadParty(tx, b, e)
	if err != nil {
		return nil, err
	}
	lost := p.missing()
	if len(lost) == 0 {
		return nil, nil
	}
	if err := s.lose(tx, a, b, e, lost, reason); err != nil {
		return nil, err
	}
	n := notify.Notice{Kind: notify.SeatsReleased, Subject: subject(b.ID), Vars: map[string]string{
		"title": e.Title, "start": e.StartsAt.String(), "seats": said(e, lost), "reason": reason, "path": s.bookingPath(e, b.ID)}}
	if !addressed(&n, b) {
		return lost, nil
	}
	return lost, s.notices.Enqueue(tx, n)
}

// missing lists the seats of a party on which nobody sits.
func (p *party) missing() []SeatRef {
	var out []SeatRef
	for _, x := range p.seats {
		if !x.here() {
			out = append(out, SeatRef{x.SeatID, x.Label})
		}
	}
	return out
}

// lose takes seats from a party, nobody of whom sits on them.
func (s *Service) lose(tx *db.Tx, a auth.Actor, b models.Booking, e models.Event, lost []SeatRef, reason string) error {
	ids := make([]int64, len(lost))
	for i, x := range lost {
		ids[i] = x.ID
	}
	_, err := tx.Exec(`UPDATE booking_seats SET released_at = ?, outcome = 'no_show' WHERE booking_id = ? AND seat_id IN ?`, tx.Now(), b.ID, ids)
	if err != nil {
		return err
	}
	// A party of none there is not: it keeps its size, and is a no-show.
	if left := b.Party - len(lost); left > 0 {
		_, err = tx.Exec(`UPDATE bookings SET party = ? WHERE id = ?`, left, b.ID)
	} else {
		_, err = tx.Exec(`UPDATE bookings SET status = ? WHERE id = ?`, models.BookingNoShow, b.ID)
	}
	if err != nil {
		return err
	}
	line := audit.By(tx, a, models.ChannelVisit)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "booking.release_seats", "booking", b.ID, &e.OrgID
	line.PersonID, line.Before, line.After, line.Reason = b.PersonID, fmt.Sprint(b.Party), inShort(lost), reason
	return audit.Write(tx, line)
}

// free marks seats of a locked event as free whose claims are released, but for
// those out of order, which nobody gets.
func (s *Service) free(tx *db.Tx, e *models.Event, seats []int64) error {
	plan, err := s.PlanOf(tx, *e)
	if err != nil {
		return err
	}
	broken, err := outOfOrder(tx, plan, *e)
	if err != nil {
		return err
	}
	m := []byte(e.SeatMap)
	for _, id := range seats {
		o, ok := plan.Ord(id)
		if !ok || models.SeatState(m[o]) != models.SeatTaken {
			return fmt.Errorf("seat %d is not taken in event %d", id, e.ID)
		}
		m[o] = byte(models.SeatFree)
		if broken.has(o) {
			m[o] = byte(models.SeatBlocked)
			e.ForSale--
		}
	}
	e.SeatMap, e.Taken = string(m), e.Taken-len(seats)
	return s.saveSeats(tx, []models.Event{*e})
}
