package room

import (
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/pause"
	"youyue/models"
)

// pauseKind is the word for pauses of this feature.
const pauseKind = "room"

// missOf is a booking as a time to which nobody came: it counts at its venue.
func missOf(st setting, b models.RoomBooking) pause.Miss {
	return pause.Miss{Kind: pauseKind, Source: b.UID, OrgID: st.OrgID, VenueID: &st.VenueID, AccountID: b.HolderID, PersonID: b.PersonID}
}

// strikes is the rule by which somebody's times at a venue are counted, and how many
// there are. No organisation is ever paused.
func (s *Service) strikes(tx *db.Tx, st setting, b models.RoomBooking) (r models.NoShowRule, n int, err error) {
	if b.OrgID != nil {
		return r, 0, nil
	}
	if r = st.rule(models.ByResident).NoShows(); r.Strikes > 0 {
		n, err = countStrikes(tx, missOf(st, b), r.Since(tx.Now()))
	}
	return r, n, err
}

// strike tells whoever did not come what follows by the rule.
func (s *Service) strike(tx *db.Tx, b Booking, st setting) error {
	r, n, err := s.strikes(tx, st, b.RoomBooking)
	if err != nil {
		return err
	}
	if r.Strikes == 0 {
		return s.tell(tx, st, b.RoomBooking, notify.RoomLetGo, nil)
	}
	p, err := s.pauses.Strike(tx, missOf(st, b.RoomBooking), r, n)
	switch {
	case err != nil:
		return err
	case p == nil:
		return s.tell(tx, st, b.RoomBooking, notify.RoomWarned, map[string]string{"n": strconv.Itoa(n)})
	}
	return s.tell(tx, st, b.RoomBooking, notify.RoomPaused, map[string]string{"n": strconv.Itoa(n), "deadline": p.EndsAt.String(), "path": pause.Path})
}

// cameAfterAll takes back what strike did about a booking: the warning, or the pause
// that other times do not justify.
func (s *Service) cameAfterAll(tx *db.Tx, a auth.Actor, b Booking, st setting) error {
	r, n, err := s.strikes(tx, st, b.RoomBooking)
	if err != nil || r.Strikes == 0 {
		return err
	}
	until, err := s.pauses.Came(tx, a, missOf(st, b.RoomBooking), func(string) (bool, error) { return r.Pauses(n), nil })
	if err != nil {
		return err
	}
	if err := s.notices.Void(tx, subject(b.UID), notify.RoomWarned, notify.RoomPaused); err != nil {
		return err
	}
	if until.IsZero() {
		return s.tell(tx, st, b.RoomBooking, notify.AbsenceUndone, nil)
	}
	return s.tell(tx, st, b.RoomBooking, notify.AbsencePaused, map[string]string{"deadline": until.String(), "path": pause.Path})
}

// missedBookings says what bookings were that somebody is paused for.
func missedBookings(tx *db.Tx, uids []string) (map[string]pause.About, error) {
	all, err := bookings(tx, "b.uid IN ?", uids)
	out := make(map[string]pause.About, len(all))
	for _, b := range all {
		out[b.UID] = pause.About{Name: b.Name, Title: b.Title(), Place: b.Venue, Path: bookingPath(b.UID)}
	}
	return out, err
}
