package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// promoteLater has the lists of events asked at the end of the transaction. It
// stands in saveSeats, so that no way of freeing a seat goes past the list.
func (s *Service) promoteLater(tx *db.Tx, events ...models.Event) {
	for _, e := range events {
		if e.Waiting == 0 {
			continue
		}
		tx.BeforeCommit("waitlist:"+strconv.FormatInt(e.ID, 10), func() error {
			_, err := s.Promote(tx, e.ID)
			return err
		})
	}
}

// Promote offers what is free to who waits, in the stated order, until nobody
// fits any more; again it finds nothing to do. It joins a transaction and locks
// the event. It returns how many offers it made.
func (s *Service) Promote(tx *db.Tx, event int64) (made int, err error) {
	events, err := LockEvents(tx, event)
	if err != nil {
		return 0, err
	}
	e := events[event]
	until, enough := models.OfferUntil(tx.Now(), e.ClosesAt)
	if !enough || e.Waiting == 0 || !e.ListOpen(tx.Now()) || e.Taken == e.ForSale {
		return 0, nil
	}
	plan, err := s.PlanOf(tx, e)
	if err != nil {
		return 0, err
	}
	all, err := waitingFor(tx, event)
	if err != nil {
		return 0, err
	}
	places := []byte(e.SeatMap)
	for {
		i, passed, ok := models.NextOffer(plan, places, all)
		if !ok {
			return made, nil
		}
		p, err := s.offer(tx, e, all[i], until)
		if err != nil {
			return made, fmt.Errorf("offer to entry %d: %w", all[i].ID, err)
		}
		for _, seat := range p.Seats {
			o, _ := plan.Ord(seat.ID) // the kernel has just chosen it from this plan
			places[o] = byte(models.SeatTaken)
		}
		if err := countPassed(tx, all, passed); err != nil {
			return made, err
		}
		all = slices.Delete(all, i, i+1)
		made++
	}
}

func countPassed(tx *db.Tx, all []models.WaitEntry, passed []int) error {
	if len(passed) == 0 {
		return nil
	}
	ids := make([]int64, len(passed))
	for i, p := range passed {
		ids[i] = all[p].ID
	}
	among, list := tx.Among("id", ids)
	_, err := tx.Exec(`UPDATE waitlist_entries SET passed = passed + 1 WHERE `+among, list)
	return err
}

// byItself is who acts when the list does.
const byItself = "waitlist"

// offer holds seats for a party and tells it until when.
func (s *Service) offer(tx *db.Tx, e models.Event, w models.WaitEntry, until models.Instant) (Placed, error) {
	reach := ReachOnline
	if w.Reserved() {
		reach = ReachDesk
	}
	p, err := s.BookIn(tx, Order{ID: w.UID, Ask: Ask{EventID: e.ID, Party: w.Wants(), Reach: reach, ForBranch: w.OrgID != nil, Shares: w.Shares},
		Actor: auth.Actor{AccountID: w.CreatedBy, Login: byItself}, HolderID: w.HolderID, PersonID: w.PersonID, OrgID: w.OrgID,
		Name: w.Name, Channel: w.Channel, Place: w.Place, Status: models.BookingHeld})
	if err != nil {
		return p, err
	}
	token := s.opts.NewToken()
	hash := hashOf(token)
	w.BookingID, w.TokenHash, w.OfferedAt, w.Deadline = &p.ID, &hash, tx.Now(), until
	err = s.moveEntry(tx, &w, models.WaitOffered, Cancelling{Actor: auth.Actor{Login: byItself}, Channel: models.ChannelJob})
	if err != nil {
		return p, err
	}
	if err := s.notices.Void(tx, waitSubject(w.ID), notify.WaitlistJoined); err != nil {
		return p, err
	}
	return p, s.tellWaiting(tx, e, w, notify.WaitlistOffer, map[string]string{
		"seats": said(e, p.Seats), "deadline": until.String(), "path": "/offers/" + token})
}

// moveEntry writes a legal move of an entry, once, and logs it.
func (s *Service) moveEntry(tx *db.Tx, w *models.WaitEntry, to models.WaitState, c Cancelling) error {
	from := w.State
	if !from.CanBecome(to) {
		return fmt.Errorf("waitlist entry %d: %s cannot become %s", w.ID, from, to)
	}
	if w.State = to; !to.Living() {
		w.EndedAt = tx.Now()
	}
	n, err := tx.Exec(`UPDATE waitlist_entries SET state = ?, booking_id = ?, token_hash = ?, offered_at = ?, deadline = ?, ended_at = ?
		WHERE id = ? AND state = ?`, to, w.BookingID, w.TokenHash, w.OfferedAt, w.Deadline, w.EndedAt, w.ID, from)
	if err != nil {
		return fmt.Errorf("waitlist entry %d: %w", w.ID, err)
	}
	if n != 1 {
		return db.ErrAgain // somebody moved it without the event's lock
	}
	if from == models.Waiting {
		if _, err := tx.Exec(`UPDATE events SET waiting = waiting - 1 WHERE id = ?`, w.EventID); err != nil {
			return err
		}
	}
	after := string(to)
	if w.BookingID != nil {
		after += ", booking " + *w.BookingID
	}
	return s.waitLine(tx, c.Actor, c.Channel, *w, "waitlist."+string(to), string(from), after, c.Reason)
}

// Accept turns an offer into a plain booking, or, where staff says yes to each, into
// one that is held until then (see SetAsks). Accepted again it answers the same. ErrOfferLapsed after the deadline, ErrOfferOver and ErrNotWaiting when
// there is no offer (any more).
func (s *Service) Accept(tx *db.Tx, id int64, c Cancelling) (Placed, error) {
	w, e, err := s.lockedEntry(tx, id)
	if err != nil {
		return Placed{}, err
	}
	switch {
	case w.State == models.WaitTaken:
		// An answer from a plain read was measured to vouch for bookings that a
		// new primary had lost; this one is confirmed by a write.
		if _, err := tx.Exec(`UPDATE waitlist_entries SET ended_at = ended_at WHERE id = ?`, w.ID); err != nil {
			return Placed{}, err
		}
		return placedOf(tx, *w.BookingID)
	case w.State == models.WaitOffered && !tx.Now().Before(w.Deadline), w.State == models.WaitExpired:
		return Placed{}, ErrOfferLapsed.With("deadline", w.Deadline).Add("deadline", w.Deadline)
	case w.State != models.WaitOffered:
		return Placed{}, ErrOfferOver
	}
	b, _, err := Locked(tx, *w.BookingID)
	if err != nil {
		return Placed{}, err
	}
	asked, err := s.asksFor(tx, e)
	if err != nil {
		return Placed{}, err
	}
	if !asked {
		if b, err = s.Confirm(tx, b, e, c); err != nil {
			return Placed{}, err
		}
	}
	if err := s.endOffer(tx, &w, models.WaitTaken, c); err != nil {
		return Placed{}, err
	}
	p, err := placedOf(tx, b.ID)
	if err != nil || asked {
		return p, err
	}
	return p, s.tellBooked(tx, e, w, p)
}

// tellBooked says what every booker is told, under the booking's own subject.
func (s *Service) tellBooked(tx *db.Tx, e models.Event, w models.WaitEntry, p Placed) error {
	n := notify.Notice{Kind: notify.Booked, Subject: subject(p.ID), Vars: map[string]string{"title": e.Title, "start": e.StartsAt.String(),
		"seats": said(e, p.Seats), "code": ShowCode(p.Code), "place": w.Place, "path": s.bookingPath(e, p.ID)}}
	if w.HolderID != nil {
		n.Account = *w.HolderID
	}
	if w.PersonID != nil {
		n.Person = *w.PersonID
	}
	if w.OrgID != nil {
		n.Branch = *w.OrgID
	}
	return s.notices.Enqueue(tx, s.worded(e, n))
}

func placedOf(tx *db.Tx, id string) (Placed, error) {
	var b models.Booking
	if _, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, id); err != nil {
		return Placed{}, err
	}
	seats, err := SeatsOf(tx, id)
	return Placed{ID: b.ID, EventID: b.EventID, Code: b.Code, Seats: seats[id], Status: b.Status}, err
}

// endOffer moves an offered entry and takes back what was still to be said of it.
func (s *Service) endOffer(tx *db.Tx, w *models.WaitEntry, to models.WaitState, c Cancelling) error {
	if err := s.moveEntry(tx, w, to, c); err != nil {
		return err
	}
	return s.notices.Void(tx, waitSubject(w.ID))
}

// Decline gives the seats of an offer to the next in order. Declined again it
// answers the same. ErrOfferTaken when it was accepted, ErrNotWaiting when there
// never was an offer.
func (s *Service) Decline(tx *db.Tx, id int64, c Cancelling) (Waiting, error) {
	w, _, err := s.lockedEntry(tx, id)
	if err != nil {
		return Waiting{}, err
	}
	switch w.State {
	case models.WaitOffered:
		return Waiting{WaitEntry: w}, s.letGo(tx, &w, models.WaitDeclined, c)
	case models.WaitTaken:
		return Waiting{}, ErrOfferTaken
	case models.Waiting, models.WaitLeft:
		return Waiting{}, ErrNotWaiting
	case models.WaitDeclined, models.WaitExpired, models.WaitClosed:
	}
	return Waiting{WaitEntry: w}, nil
}

// letGo ends an offer and gives its seats back.
func (s *Service) letGo(tx *db.Tx, w *models.WaitEntry, to models.WaitState, c Cancelling) error {
	if err := s.endOffer(tx, w, to, c); err != nil {
		return err
	}
	b, e, err := Locked(tx, *w.BookingID)
	if err != nil || b.Status != models.BookingHeld {
		return err
	}
	_, err = s.LetGo(tx, b, e, c)
	return err
}

// offerCancelled is called where a held booking is cancelled as a booking: the
// offer it may belong to counts as declined.
func (s *Service) offerCancelled(tx *db.Tx, b models.Booking, c Cancelling) error {
	if b.Status != models.BookingHeld {
		return nil
	}
	var w models.WaitEntry
	ok, err := tx.One(&w, `SELECT * FROM waitlist_entries WHERE booking_id = ? AND state = 'offered'`, b.ID)
	if err != nil || !ok {
		return err
	}
	return s.endOffer(tx, &w, models.WaitDeclined, c)
}

var jobActs = Cancelling{Actor: auth.Actor{Login: "job"}, Channel: models.ChannelJob}

// ExpireOffers ends offers whose deadline has passed, closes the lists whose
// time is over, and asks every list once more, should a promotion ever have been
// missed. It returns how many entries it moved.
func (s *Service) ExpireOffers(ctx context.Context, now models.Instant) (int, error) {
	done := 0
	var failed []error
	for _, step := range []struct {
		query string
		args  []any
		do    func(tx *db.Tx, id int64) (int, error)
	}{
		{`SELECT id FROM waitlist_entries WHERE state = 'offered' AND deadline <= ? ORDER BY deadline, id`, []any{now},
			func(tx *db.Tx, id int64) (int, error) { return s.expire(tx, id, now) }},
		{`SELECT id FROM events WHERE waiting > 0 AND (state <> 'open' OR closes_at < ?) ORDER BY id`, []any{now.Add(models.OfferAtLeast)},
			func(tx *db.Tx, id int64) (int, error) { return s.closeWaiting(tx, id, now) }},
		{`SELECT id FROM events WHERE waiting > 0 AND state = 'open' AND taken < for_sale ORDER BY id`, nil, s.Promote},
	} {
		page := func(tx *db.Tx, most, skip int) (ids []int64, err error) {
			err = tx.Scan(&ids, step.query+` LIMIT ? OFFSET ?`, append(slices.Clone(step.args), most, skip)...)
			return ids, err
		}
		_, err := EachDue(ctx, s.db, "waiting list", page, func(id int64) (bool, error) {
			n := 0
			err := s.db.Write(ctx, func(tx *db.Tx) (err error) { n, err = step.do(tx, id); return err })
			if err == nil {
				done += n
			}
			return n > 0, err
		})
		failed = append(failed, err)
	}
	return done, errors.Join(failed...)
}

// Lapsed ends the offers of an event whose deadline has passed, when a booking was
// refused for want of seats: nobody is turned away by seats that nobody has any
// more. It reports whether there were any, so that it is worth asking again; what
// came free went to the list first. Whatever goes wrong is left to the job.
func (s *Service) Lapsed(ctx context.Context, event int64, refusal error) bool {
	if !errors.Is(refusal, ErrFull) && !errors.Is(refusal, ErrSeatTaken) {
		return false
	}
	var ids []int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&ids, `SELECT id FROM waitlist_entries WHERE event_id = ? AND state = 'offered' AND deadline <= ? ORDER BY deadline, id`, event, tx.Now())
	})
	if err != nil {
		return false
	}
	some := false
	for _, id := range ids {
		n := 0
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) { n, err = s.expire(tx, id, tx.Now()); return err })
		some = some || err == nil && n > 0
	}
	return some
}

func (s *Service) expire(tx *db.Tx, id int64, now models.Instant) (int, error) {
	w, e, err := s.lockedEntry(tx, id)
	if err != nil || w.State != models.WaitOffered || w.Deadline.After(now) {
		return 0, err
	}
	if err := s.letGo(tx, &w, models.WaitExpired, jobActs); err != nil {
		return 0, err
	}
	return 1, s.tellWaiting(tx, e, w, notify.WaitlistLapsed, map[string]string{"deadline": w.Deadline.String(), "path": s.eventPath(e)})
}

// closeWaiting ends a list whose time is over; offers run to their deadline.
func (s *Service) closeWaiting(tx *db.Tx, id int64, now models.Instant) (int, error) {
	events, err := LockEvents(tx, id)
	if err != nil {
		return 0, err
	}
	e := events[id]
	if e.State == models.EventOpen && !now.After(e.ListUntil()) {
		return 0, nil
	}
	return s.closeEntries(tx, e, jobActs, models.Waiting)
}

// CloseList ends the whole list of an event, offers too, and tells everybody. It
// locks the event; the features call it by CancelAll, the jobs when the event is
// over.
func (s *Service) CloseList(tx *db.Tx, event int64, c Cancelling) error {
	events, err := LockEvents(tx, event)
	if err != nil {
		return err
	}
	_, err = s.closeEntries(tx, events[event], c, models.Waiting, models.WaitOffered)
	return err
}

func (s *Service) closeEntries(tx *db.Tx, e models.Event, c Cancelling, states ...models.WaitState) (int, error) {
	var all []models.WaitEntry
	if err := tx.Scan(&all, `SELECT * FROM waitlist_entries WHERE event_id = ? AND state IN ? ORDER BY rank, id`, e.ID, states); err != nil {
		return 0, err
	}
	kind, more := notify.WaitlistClosed, map[string]string{"path": s.pagesOf(e).List}
	if c.Reason != "" {
		kind, more["reason"] = notify.WaitlistCalledOff, c.Reason
	}
	for i := range all {
		w := &all[i]
		var err error
		if w.State == models.WaitOffered {
			err = s.letGo(tx, w, models.WaitClosed, c)
		} else {
			err = s.moveEntry(tx, w, models.WaitClosed, c)
		}
		if err == nil {
			err = s.tellWaiting(tx, e, *w, kind, more)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
