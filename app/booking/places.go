package booking

import (
	"bytes"
	"fmt"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// An event without a seat plan has numbered places; the numbers are the counter.
// A feature that has such events (an activity, a contest's entries) works so:
//
//   - It opens one with OpenPlaces, in its own transaction, and keeps the id. Rooms
//     and people that it takes it reserves beside that, under a source of its own.
//   - It signs a party up with Book or BookIn: Ask{EventID, Party: {Count: n}}. With
//     Order.Wait = OrWait a party for which too few are left joins the waiting list
//     in the same commit; Placed.Waits says so. Order.ID, or the one that is made, is
//     the sign-up's id for good: who waits has it, and the booking that follows too.
//   - What it writes beside a sign-up goes into Order.With.
//   - It names its pages with SetPages; Cancel, Leave, Accept, Decline, Shrink,
//     CheckIn, WalkIn, CancelAll and the jobs are those of every event.

// OpenPlaces stores a new event of some numbered places, of which the shares are
// kept for some; it fills in ID, SeatMap and the counters. The event is open
// unless its state says that it is planned. It returns ErrPlaces when there are
// no places, too many, or fewer than the shares name.
func (s *Service) OpenPlaces(tx *db.Tx, e *models.Event, places int, shares ...models.EventShare) error {
	m := bytes.Repeat([]byte{byte(models.SeatFree)}, max(places, 0))
	at := len(m) // shares lie at the end, so that the first to come have the low numbers
	letter := byte('A')
	for i := range shares {
		x := &shares[i]
		x.Letter = string(rune(models.SeatReserved))
		if x.Who != models.ShareDesk {
			x.Letter = string(rune(letter))
			letter++
		}
		if at -= x.Places; at < 0 || x.Places < 1 || letter > 'Z' {
			return ErrPlaces.With("max", models.MaxPlaces)
		}
		copy(m[at:], strings.Repeat(x.Letter, x.Places))
		e.Reserved += x.Places
		if e.ReleaseAt.IsZero() || x.UntilAt.Before(e.ReleaseAt) {
			e.ReleaseAt = x.UntilAt
		}
	}
	if places < 1 || places > models.MaxPlaces {
		return ErrPlaces.With("max", models.MaxPlaces)
	}
	e.SeatMap, e.ForSale, e.PlanID = string(m), places, 0
	if err := insertEvent(tx, e); err != nil {
		return err
	}
	for i := range shares {
		shares[i].EventID = e.ID
	}
	if len(shares) == 0 {
		return nil
	}
	return tx.Insert(&shares)
}

// Shares lists the shares of events, by event, in the order of their letters.
func Shares(tx *db.Tx, events ...int64) (map[int64][]models.EventShare, error) {
	var rows []models.EventShare
	among, list := tx.Among("event_id", events)
	if err := tx.Scan(&rows, `SELECT * FROM event_shares WHERE `+among+` ORDER BY event_id, letter`, list); err != nil {
		return nil, fmt.Errorf("shares: %w", err)
	}
	out := map[int64][]models.EventShare{}
	for _, r := range rows {
		out[r.EventID] = append(out[r.EventID], r)
	}
	return out, nil
}

// Resize gives a locked event without a plan another number of places. More are
// free for all and offered to the waiting list; fewer takes those away that
// nobody has, kept ones last. ErrPlaces when more than that have been taken.
func (s *Service) Resize(tx *db.Tx, a auth.Actor, e models.Event, places int) error {
	if places < max(e.Taken, 1) || places > models.MaxPlaces || !e.Numbered() {
		return ErrPlaces.Worded("places.taken").With("max", models.MaxPlaces).With("taken", e.Taken)
	}
	before := e.ForSale
	m := []byte(e.SeatMap)
	for o := 0; o < len(m) && e.ForSale < places; o++ {
		if models.SeatState(m[o]) == models.SeatBlocked {
			m[o] = byte(models.SeatFree)
			e.ForSale++
		}
	}
	for ; e.ForSale < places; e.ForSale++ {
		m = append(m, byte(models.SeatFree))
	}
	for _, kept := range []bool{false, true} {
		for o := len(m) - 1; o >= 0 && e.ForSale > places; o-- {
			s := models.SeatState(m[o])
			if s == models.SeatTaken || s == models.SeatBlocked || s.Kept() != kept {
				continue
			}
			if kept {
				e.Reserved--
			}
			m[o] = byte(models.SeatBlocked)
			e.ForSale--
		}
	}
	if e.ForSale == before {
		return nil
	}
	e.SeatMap = string(m)
	if err := s.saveSeats(tx, []models.Event{e}); err != nil {
		return err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "event.resize", "event", fmt.Sprint(e.ID), &e.OrgID
	line.Before, line.After = fmt.Sprint(before), fmt.Sprint(places)
	return audit.Write(tx, line)
}

// giveBackShares frees what is left of the shares whose time has come, and says
// when the next one's does. Events of a hall have one share, and no row of it.
func giveBackShares(tx *db.Tx, e *models.Event) (freed int, next models.Instant, err error) {
	all, err := Shares(tx, e.ID)
	if err != nil {
		return 0, next, err
	}
	now := tx.Now()
	if now.Before(e.ReleaseAt) {
		now = e.ReleaseAt // the job says that it is due
	}
	due := string(rune(models.SeatReserved))
	if len(all[e.ID]) > 0 {
		due = ""
	}
	for _, x := range all[e.ID] {
		switch {
		case !x.ReleasedAt.IsZero():
		case x.UntilAt.After(now):
			if next.IsZero() || x.UntilAt.Before(next) {
				next = x.UntilAt
			}
		default:
			due += x.Letter
		}
	}
	m := []byte(e.SeatMap)
	for o, c := range m {
		if strings.IndexByte(due, c) >= 0 {
			m[o] = byte(models.SeatFree)
			freed++
		}
	}
	e.SeatMap, e.Reserved = string(m), e.Reserved-freed
	_, err = tx.Exec(`UPDATE event_shares SET released_at = ? WHERE event_id = ? AND released_at IS NULL AND until_at <= ?`, tx.Now(), e.ID, now)
	return freed, next, err
}

// ErrPlaces: an event has at least one place and at most models.MaxPlaces, never
// fewer than are taken or kept.
var ErrPlaces = errs.New(errs.Invalid, "places.bounds")

// Reschedule puts an open event at another time, locked by it; sign-ups stand. What
// was to be said at the old time is its feature's to say anew.
func (s *Service) Reschedule(tx *db.Tx, id int64, span models.Span, closes, cancelUntil models.Instant) error {
	if _, err := LockEvents(tx, id); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE events SET starts_at = ?, ends_at = ?, closes_at = ?, cancel_until = ?, version = version + 1 WHERE id = ? AND state = 'open'`,
		span.Start, span.End, closes, cancelUntil, id)
	if err == nil && n != 1 {
		err = ErrOver
	}
	s.tell(tx, models.Event{ID: id})
	return err
}

// Shorten leaves a booking without a plan as many places as its people have used,
// with booking and event locked: those who came keep theirs.
func (s *Service) Shorten(tx *db.Tx, b models.Booking, e models.Event, party int) (models.Booking, error) {
	p, err := loadParty(tx, b, e)
	if err != nil {
		return b, err
	}
	var gone []int64
	for _, x := range p.seats {
		if !x.here() && len(p.seats)-len(gone) > party {
			gone = append(gone, x.SeatID)
		}
	}
	if len(gone) == 0 {
		return b, nil
	}
	if err := s.free(tx, &e, gone); err != nil {
		return b, err
	}
	b.Party = len(p.seats) - len(gone)
	return b, shorten(tx, b, gone)
}

func shorten(tx *db.Tx, b models.Booking, gone []int64) error {
	if _, err := tx.Exec(`UPDATE booking_seats SET released_at = ? WHERE booking_id = ? AND seat_id IN ?`, tx.Now(), b.ID, gone); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE bookings SET party = ? WHERE id = ?`, b.Party, b.ID)
	return err
}
