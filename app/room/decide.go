package room

import (
	"context"
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/app/web/locales"
	"youyue/models"
)

// Rival is another request for some of the same time, which a yes to one declines.
type Rival struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Room      string         `json:"room"`
	Purpose   string         `json:"purpose"`
	Start     models.Instant `json:"start"`
	End       models.Instant `json:"end"`
	Attendees int            `json:"attendees"`
	Holds     bool           `json:"holds"`
}

// settingOf loads the room of a booking with what goes along.
func (s *Service) settingOf(tx *db.Tx, b Booking) (setting, error) {
	return s.settingIn(tx, b, b.RoomID, b.Span())
}

// settingIn is settingOf for another room or time. What belongs to another venue
// does not go along.
func (s *Service) settingIn(tx *db.Tx, b Booking, roomID int64, span models.Span) (setting, error) {
	return s.setting(tx, roomID, models.DayOf(span.Start, s.zone), models.DayOf(span.End, s.zone), b.extraIDs()...)
}

// lockedSetting is what a time in a room is judged by, read when all that it takes is
// locked, so that nobody changes it meanwhile; db.ErrAgain when a table came to the
// room while it waited for the lock.
func (s *Service) lockedSetting(tx *db.Tx, roomID int64, span models.Span, extras ...int64) (setting, error) {
	ids, err := takenWith(tx, append([]int64{roomID}, extras...)...)
	if err != nil {
		return setting{}, err
	}
	if err := booking.LockResources(tx, ids...); err != nil {
		return setting{}, err
	}
	st, err := s.setting(tx, roomID, models.DayOf(span.Start, s.zone), models.DayOf(span.End, s.zone), extras...)
	if err == nil && !slices.Equal(st.resources(), ids) {
		err = db.ErrAgain
	}
	return st, err
}

// locked returns a booking that the actor may see with its resources locked, so that
// nobody else decides about the same time meanwhile.
func (s *Service) locked(tx *db.Tx, a auth.Actor, uid string) (Booking, setting, error) {
	b, err := visible(tx, a, uid)
	if err != nil {
		return b, setting{}, err
	}
	return s.relock(tx, b)
}

// relock locks what a booking takes and reads both anew; db.ErrAgain when by then it
// was somewhere else than what was locked.
func (s *Service) relock(tx *db.Tx, b Booking) (Booking, setting, error) {
	st, err := s.lockedSetting(tx, b.RoomID, b.Span(), b.extraIDs()...)
	if err != nil {
		return b, st, err
	}
	now, err := byID(tx, b.ID)
	if err == nil && (now.RoomID != b.RoomID || now.Span() != b.Span() || !slices.Equal(now.Extras, b.Extras)) {
		err = db.ErrAgain
	}
	return now, st, err
}

func decided(b Booking) error {
	return ErrDecided.With("status", string(b.Status)).Add("status", b.Status)
}

// rivals lists the other undecided bookings that want some of the same time of the
// same resources, in the order they came in.
func (s *Service) rivals(tx *db.Tx, b Booking, st setting) ([]Booking, error) {
	if b.Status != models.RoomPending {
		return nil, nil
	}
	near, err := pendingOn(tx, st.resources(), b.ID)
	if err != nil {
		return nil, err
	}
	theirs, err := s.claimsOf(tx, near)
	if err != nil {
		return nil, err
	}
	mine := st.claims(b.Span())
	var out []Booking
	for _, r := range near {
		if overlap(mine, theirs[r.ID]) {
			out = append(out, r)
		}
	}
	return out, nil
}

func overlap(a, b []booking.Claim) bool {
	return slices.ContainsFunc(a, func(x booking.Claim) bool {
		return slices.ContainsFunc(b, func(y booking.Claim) bool { return x.ResourceID == y.ResourceID && x.Span.Overlaps(y.Span) })
	})
}

func viewRivals(all []Booking) []Rival {
	out := make([]Rival, len(all))
	for i, r := range all {
		out[i] = viewRival(r)
	}
	return out
}

func viewRival(r Booking) Rival {
	return Rival{r.UID, r.Name, r.Title(), r.Purpose, r.StartsAt, r.EndsAt, r.Attendees, r.Holds}
}

// Rivals lists what a yes to a booking would decline.
func (s *Service) Rivals(ctx context.Context, a auth.Actor, uid string) (out []Rival, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := visible(tx, a, uid)
		if err != nil || !b.mayDecide(a) {
			return err
		}
		st, err := s.settingOf(tx, b)
		if err != nil {
			return err
		}
		found, err := s.rivals(tx, b, st)
		out = viewRivals(found)
		return err
	})
	return out, err
}

// mayDecide reports whether the actor says yes or no to a booking: for the place, or
// for the partner who lends it.
func (b Booking) mayDecide(a auth.Actor) bool {
	return b.runs(a, auth.RoomDecide) || b.owns(a, auth.RoomOwn)
}

// Approve says yes: the scheduler for the place, the partner for what it lends.
// When nobody's yes is missing any more the time is the booker's, and the rivals are
// declined; they must have been named, else ErrRivals lists them and nothing is done.
func (s *Service) Approve(ctx context.Context, a auth.Actor, uid string, named []string) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { b, err = s.approve(tx, a, uid, named); return err })
	return b, err
}

func (s *Service) approve(tx *db.Tx, a auth.Actor, uid string, named []string) (Booking, error) {
	b, st, err := s.locked(tx, a, uid)
	switch {
	case err != nil:
		return b, err
	case !b.mayDecide(a):
		return b, errs.ErrForbidden
	case b.Status != models.RoomPending || !b.EndsAt.After(tx.Now()):
		return b, decided(b)
	}
	if b.runs(a, auth.RoomDecide) {
		b.PlaceOK = given(b.PlaceOK)
	}
	if b.owns(a, auth.RoomOwn) {
		b.OwnerOK = given(b.OwnerOK)
	}
	if !b.Settled() {
		if err := saveConsents(tx, &b.RoomBooking); err != nil {
			return b, err
		}
		if err := s.line(tx, a, st, b.RoomBooking, "room_booking.consent", "", fmt.Sprintf("place %s, owner %s", b.PlaceOK, b.OwnerOK), ""); err != nil {
			return b, err
		}
		return byID(tx, b.ID)
	}
	found, err := s.rivals(tx, b, st)
	if err != nil {
		return b, err
	}
	for _, r := range found {
		if !slices.Contains(named, r.UID) {
			return b, ErrRivals.With("count", len(found)).Add("rivals", viewRivals(found))
		}
	}
	var freed []int64
	for _, r := range found {
		left, err := s.drop(tx, a, r, models.RoomDeclined, locales.T(locales.ZhCN, "room.rival_won", nil), notify.RoomDeclined)
		if err != nil {
			return b, err
		}
		freed = append(freed, left...)
	}
	if err := s.grant(tx, a, st, &b); err != nil {
		return b, err
	}
	if err := s.promote(tx, freed); err != nil { // what the rivals wanted besides
		return b, err
	}
	return byID(tx, b.ID)
}

func given(c models.Consent) models.Consent {
	if c == models.ConsentNone {
		return c
	}
	return models.ConsentGiven
}

// grant makes a pending booking stand: it takes its time, unless it holds that
// already. Its resources are locked.
func (s *Service) grant(tx *db.Tx, a auth.Actor, st setting, b *Booking) error {
	ask := s.asked(a, st, b.RoomBooking)
	if refusal := st.open(b.Span()); refusal != nil {
		return s.withSuggestions(tx, st, ask, refusal)
	}
	if !b.Holds {
		if err := s.hold(tx, st, b.RoomBooking, b.Span(), ask); err != nil {
			return err
		}
	}
	was := b.Status
	b.Status, b.Holds, b.DecidedBy, b.DecidedAt, b.Deadline = models.RoomBooked, true, &a.AccountID, tx.Now(), models.Instant{}
	b.Under(st.rule(ask.booker()), tx.Now())
	if err := saveDecision(tx, &b.RoomBooking); err != nil {
		return err
	}
	if err := s.line(tx, a, st, b.RoomBooking, "room_booking.approve", string(was), string(b.Status), ""); err != nil {
		return err
	}
	return s.tell(tx, st, b.RoomBooking, notify.RoomBooked, nil)
}

// Decline says no, with the reason; the time goes to the next in the queue.
func (s *Service) Decline(ctx context.Context, a auth.Actor, uid, reason string) (b Booking, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if b, _, err = s.locked(tx, a, uid); err != nil {
			return err
		}
		if !b.mayDecide(a) {
			return errs.ErrForbidden
		}
		if b.Status != models.RoomPending {
			return decided(b)
		}
		if err := s.end(tx, a, b, models.RoomDeclined, reason, notify.RoomDeclined); err != nil {
			return err
		}
		b, err = byID(tx, b.ID)
		return err
	})
	return b, err
}

// end ends a living booking without its time having been used: it is free for the
// next in the queue. kind "" tells nobody.
func (s *Service) end(tx *db.Tx, a auth.Actor, b Booking, to models.RoomBookingStatus, reason, kind string) error {
	freed, err := s.drop(tx, a, b, to, reason, kind)
	if err != nil {
		return err
	}
	return s.promote(tx, freed)
}

// drop is end before anybody else is given the time; it returns what is free.
func (s *Service) drop(tx *db.Tx, a auth.Actor, b Booking, to models.RoomBookingStatus, reason, kind string) ([]int64, error) {
	if !b.Status.CanBecome(to) {
		return nil, decided(b)
	}
	st, err := s.settingOf(tx, b)
	if err != nil {
		return nil, err
	}
	if err := booking.Release(tx, source(b.ID)); err != nil {
		return nil, err
	}
	was := b.Status
	b.Status, b.Holds, b.Reason, b.DecidedBy, b.DecidedAt, b.EndedAt = to, false, reason, &a.AccountID, tx.Now(), tx.Now()
	if err := saveDecision(tx, &b.RoomBooking); err != nil {
		return nil, err
	}
	if err := s.line(tx, a, st, b.RoomBooking, "room_booking."+string(to), string(was), string(to), reason); err != nil {
		return nil, err
	}
	if err := s.notices.Void(tx, subject(b.UID), notify.RoomReminder, notify.RoomAsked); err != nil {
		return nil, err
	}
	if kind != "" {
		if err := s.tell(tx, st, b.RoomBooking, kind, map[string]string{"reason": reason}); err != nil {
			return nil, err
		}
	}
	return st.resources(), nil
}

// promote gives time that has become free to the bookings that queue for it, in the
// order they came in. What waited for nobody's yes is booked at once.
func (s *Service) promote(tx *db.Tx, resources []int64) error {
	queued, err := queuedOn(tx, resources)
	if err != nil {
		return err
	}
	for _, b := range queued {
		b, st, err := s.relock(tx, b)
		if err != nil {
			return err
		}
		if b.Status != models.RoomPending || b.Holds { // while it was waited for
			continue
		}
		if ok, err := mayHold(tx, b.RoomBooking); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		if st.open(b.Span()) != nil {
			continue
		}
		clashes, err := booking.Reserve(tx, source(b.ID), st.claims(b.Span())...)
		if err != nil {
			return err
		}
		if len(clashes) > 0 {
			continue
		}
		b.Holds = true
		if b.Settled() {
			if err := s.grant(tx, auth.Actor{Login: "job"}, st, &b); err != nil {
				return err
			}
			continue
		}
		if err := saveDecision(tx, &b.RoomBooking); err != nil {
			return err
		}
	}
	return nil
}
