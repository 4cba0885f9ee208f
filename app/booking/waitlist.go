package booking

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// A waiting list belongs to an event of any kind. Its order is that of
// models.NextOffer. Whoever changes the places of an event changes them through
// saveSeats, and while somebody waits that runs promote at the end of the same
// transaction, under the same lock of the event's row: nobody can ask for a
// freed seat before the list was asked. An offer is a held booking.

// The refusals of a waiting list.
var (
	// ErrSeatsThere: the party can be seated now, so there is nothing to wait
	// for. Its member "seats" names seats to book.
	ErrSeatsThere = errs.New(errs.Conflict, "waitlist.seats_there")
	// ErrListEnded: the list of this event takes nobody any more.
	ErrListEnded = errs.New(errs.Conflict, "waitlist.ended")
	// ErrListFull: as many parties wait as one list takes.
	ErrListFull = errs.New(errs.Conflict, "waitlist.list_full")
	// ErrNeverFits: the party would not fit if the house were empty.
	ErrNeverFits = errs.New(errs.Invalid, "waitlist.never_fits")
	// ErrNotWaiting: the entry waits no longer; it has an offer, or has ended.
	ErrNotWaiting = errs.New(errs.Conflict, "waitlist.not_waiting")
	// ErrOfferLapsed: the deadline of the offer has passed.
	ErrOfferLapsed = errs.New(errs.Conflict, "waitlist.lapsed")
	// ErrOfferOver: the offer was declined, or ended with its event.
	ErrOfferOver = errs.New(errs.Conflict, "waitlist.over")
	// ErrOfferTaken: the offer was accepted; what is not wanted now is cancelled
	// like any booking.
	ErrOfferTaken = errs.New(errs.Conflict, "waitlist.taken")
	// ErrNoReason: a change of the order by hand says why.
	ErrNoReason = errs.New(errs.Invalid, "waitlist.reason")
	// ErrOnlyFewer: a party that waits may become smaller, not larger.
	ErrOnlyFewer = errs.New(errs.Invalid, "waitlist.only_fewer")
)

// maxWaiting bounds a list: beyond it nobody has a chance, and each freed seat
// would be offered to ever more parties in vain.
const maxWaiting = 300

// maxWaitingPlaces is the bound where places are only counted: asking a list costs
// next to nothing there, and everybody who wanted to come to an activity is its
// measure of demand.
const maxWaitingPlaces = 5000

// Waiting is an entry as its party is told of it.
type Waiting struct {
	models.WaitEntry
	Ahead int // parties before it that wait; 0 when it waits no longer
}

// tokenBytes is how much chance is in the link of an offer: 128 bits.
const tokenBytes = 16

func newToken() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashOf is what is stored of a token.
func hashOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

func waitSubject(id int64) string { return "waitlist:" + strconv.FormatInt(id, 10) }

// holderOf names who waits: a branch, somebody kept under an account or by a desk, or
// an account for itself, by whichever way it is asked for. An account and each of the
// people kept under it have a turn of their own.
func holderOf(tx *db.Tx, o Order) (string, error) {
	switch {
	case o.OrgID != nil:
		return "org:" + strconv.FormatInt(*o.OrgID, 10), nil
	case o.PersonID != nil:
		account, self, err := selfOf(tx, *o.PersonID)
		if self {
			return "account:" + strconv.FormatInt(account, 10), err
		}
		return "person:" + strconv.FormatInt(*o.PersonID, 10), err
	case o.HolderID != nil:
		return "account:" + strconv.FormatInt(*o.HolderID, 10), nil
	}
	return "", nil
}

// Join puts a party at the end of an event's list. It joins a transaction and
// locks the event. Whoever has a living entry gets that one back. Besides the
// refusals of an ask it returns ErrSeatsThere, ErrNeverFits, ErrListEnded and
// ErrListFull; chosen seats are not waited for, only a head-count.
func (s *Service) Join(tx *db.Tx, o Order) (Waiting, error) {
	st, err := s.locked(tx, o.EventID)
	if err != nil {
		return Waiting{}, err
	}
	w, err := s.entryOf(tx, o)
	if err != nil {
		return Waiting{}, err
	}
	if w.Holder == "" {
		return Waiting{}, fmt.Errorf("join: nobody waits for event %d", o.EventID)
	}
	var old models.WaitEntry
	found, err := tx.One(&old, `SELECT * FROM waitlist_entries WHERE event_id = ? AND holder = ? AND state IN ('waiting','offered')`, w.EventID, w.Holder)
	if err != nil {
		return Waiting{}, err
	}
	if found {
		return position(tx, old)
	}
	had, err := seatsOf(tx, map[int64]*State{o.EventID: st}, []Order{o})
	if err != nil {
		return Waiting{}, err
	}
	o.Has = had[keyOf(o.EventID, o.HolderID, o.PersonID)]
	if err := st.noPlace(tx.Now(), o.Ask); err != nil {
		return Waiting{}, err
	}
	if err := st.waitsWithin(tx, o); err != nil {
		return Waiting{}, err
	}
	if err := st.mayWait(tx.Now(), w); err != nil {
		return Waiting{}, err
	}
	if err := tx.Scan(&w.Rank, `SELECT COALESCE(MAX(rank), 0) + 1 FROM waitlist_entries WHERE event_id = ?`, w.EventID); err != nil {
		return Waiting{}, err
	}
	if err := tx.Insert(&w); err != nil {
		return Waiting{}, fmt.Errorf("join: %w", err)
	}
	if _, err := tx.Exec(`UPDATE events SET waiting = waiting + 1 WHERE id = ?`, w.EventID); err != nil {
		return Waiting{}, err
	}
	out, err := position(tx, w)
	if err != nil {
		return out, err
	}
	if err := audit.Write(tx, joinLine(tx, o, st.Event, w)); err != nil {
		return out, err
	}
	if o.Channel != models.ChannelOnline {
		return out, nil // told by voice, there and then
	}
	return out, s.notices.Enqueue(tx, s.joined(st.Event, w, out.Ahead))
}

// entryOf is the entry of an order that is to wait.
func (s *Service) entryOf(tx *db.Tx, o Order) (models.WaitEntry, error) {
	holder, err := holderOf(tx, o)
	return models.WaitEntry{UID: s.idOf(o), EventID: o.EventID, Holder: holder, HolderID: o.HolderID, PersonID: o.PersonID, OrgID: o.OrgID,
		Name: o.Name, Place: o.Place, Party: o.Party.Count, Zone: o.Party.Zone, Aisle: o.Party.Aisle, Wheelchairs: o.Party.Wheelchairs,
		Companions: o.Party.Companions, Channel: o.Channel, Shares: o.Shares, State: models.Waiting, CreatedBy: o.Actor.AccountID, CreatedAt: tx.Now()}, err
}

// joinLine is what the log says of a party that joins a list.
func joinLine(tx *db.Tx, o Order, e models.Event, w models.WaitEntry) models.Audit {
	line := audit.By(tx, o.Actor, o.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "waitlist.join", "waitlist", strconv.FormatInt(w.ID, 10), &e.OrgID
	line.PersonID, line.After = w.PersonID, fmt.Sprintf("event %d: %d people, rank %d", w.EventID, w.Party, w.Rank)
	return line
}

// joined tells a party that it waits.
func (s *Service) joined(e models.Event, w models.WaitEntry, ahead int) notify.Notice {
	path := "/bookings"
	if p, ok := s.pages[e.Kind]; ok {
		path = p.Booking + w.UID
	}
	return s.worded(e, waitNotice(e, w, notify.WaitlistJoined, map[string]string{"ahead": strconv.Itoa(ahead), "path": path}))
}

// noPlace refuses to let a party wait that can have places, or may not have any.
func (st *State) noPlace(now models.Instant, ask Ask) error {
	ask.Seats = nil
	ords, together, refusal := st.decide(now, ask)
	switch {
	case refusal == nil:
		refs := st.refs(ords)
		return ErrSeatsThere.With("seats", said(st.Event, refs)).Add("seats", refs).Add("together", together)
	case refusal.Code != ErrFull.Code:
		return refusal
	}
	return nil
}

// waitsWithin holds what an account and those it keeps wait for to the limit of an event:
// offers are made unasked. Of a batch, more are entries that are not written yet.
func (st *State) waitsWithin(tx *db.Tx, o Order, more ...models.WaitEntry) error {
	if !limitsPerson(st.Event, o.Ask) {
		return nil
	}
	k := keyOf(o.EventID, o.HolderID, o.PersonID)
	n, err := waitingSeats(tx, k)
	if err != nil {
		return err
	}
	for _, w := range more {
		if w.OrgID == nil && keyOf(w.EventID, w.HolderID, w.PersonID) == k {
			n += w.Party
		}
	}
	if has := o.Has + n; has+o.Party.Count > st.Event.PersonSeats {
		return personLimit(has, o.Party.Count, st.Event.PersonSeats)
	}
	return nil
}

// mayWait says why a party for which there are too few places cannot wait.
func (st *State) mayWait(now models.Instant, w models.WaitEntry) error {
	if !st.Event.ListOpen(now) {
		return ErrListEnded.With("until", st.Event.ListUntil()).Add("until", st.Event.ListUntil())
	}
	house := slices.Clone(st.Map)
	for o, c := range house {
		if models.SeatState(c) != models.SeatBlocked {
			house[o] = byte(models.SeatFree)
		}
	}
	if !w.Fits(st.Plan, house) {
		return ErrNeverFits.With("n", w.Party).At(errs.Field{Name: "count", Code: "max", Args: map[string]any{"param": st.Event.ForSale}})
	}
	most := maxWaiting
	if st.Event.Numbered() {
		most = maxWaitingPlaces
	}
	if st.Event.Waiting >= most {
		return ErrListFull.With("n", st.Event.Waiting)
	}
	return nil
}

// locked returns an event's places, its row locked; ErrNotFound when there is none.
func (s *Service) locked(tx *db.Tx, id int64) (*State, error) {
	states, err := s.lock(tx, []Order{{Ask: Ask{EventID: id}}})
	if err == nil && states[id] == nil {
		err = errs.ErrNotFound
	}
	return states[id], err
}

// Leave takes a party off the list, at any time; one that has an offer declines
// it by leaving. Leaving twice is no fault. ErrOfferTaken when it has seats.
func (s *Service) Leave(tx *db.Tx, id int64, c Cancelling) (Waiting, error) {
	w, _, err := s.lockedEntry(tx, id)
	switch {
	case err != nil:
		return Waiting{}, err
	case w.State == models.WaitOffered:
		return s.Decline(tx, id, c)
	case w.State == models.WaitTaken:
		return Waiting{}, ErrOfferTaken
	case w.State == models.Waiting:
		if err := s.moveEntry(tx, &w, models.WaitLeft, c); err != nil {
			return Waiting{}, err
		}
	}
	return position(tx, w)
}

// Shrink makes a waiting party smaller; it keeps its place in the order, and is
// offered seats at once when it fits now. ErrNotWaiting, ErrOnlyFewer.
func (s *Service) Shrink(tx *db.Tx, id int64, count int, c Cancelling) (Waiting, error) {
	w, e, err := s.lockedEntry(tx, id)
	switch {
	case err != nil:
		return Waiting{}, err
	case w.State != models.Waiting:
		return Waiting{}, ErrNotWaiting
	case count == w.Party:
		return position(tx, w)
	case count < max(1, w.Wheelchairs+w.Companions) || count > w.Party:
		return Waiting{}, ErrOnlyFewer.With("n", w.Party).At(errs.Field{Name: "count", Code: "max", Args: map[string]any{"param": w.Party}})
	}
	before := w.Party
	w.Party = count
	if _, err := tx.Exec(`UPDATE waitlist_entries SET party = ? WHERE id = ?`, count, w.ID); err != nil {
		return Waiting{}, err
	}
	if err := s.waitLine(tx, c.Actor, c.Channel, w, "waitlist.shrink", strconv.Itoa(before), strconv.Itoa(count), c.Reason); err != nil {
		return Waiting{}, err
	}
	if _, err := s.Promote(tx, e.ID); err != nil {
		return Waiting{}, err
	}
	return EntryIn(tx, id)
}

// Direction is where an entry moves in the order.
type Direction string

// The two directions: towards the first, towards the last.
const (
	Up   Direction = "up"
	Down Direction = "down"
)

// Reorder moves a waiting party one place, by hand, with a reason that is
// logged. At the end of the list nothing happens. ErrNoReason, ErrNotWaiting.
func (s *Service) Reorder(tx *db.Tx, id int64, d Direction, c Cancelling) (Waiting, error) {
	if c.Reason == "" {
		return Waiting{}, ErrNoReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	w, _, err := s.lockedEntry(tx, id)
	if err != nil {
		return Waiting{}, err
	}
	if w.State != models.Waiting {
		return Waiting{}, ErrNotWaiting
	}
	all, err := waitingFor(tx, w.EventID)
	if err != nil {
		return Waiting{}, err
	}
	at := slices.IndexFunc(all, func(x models.WaitEntry) bool { return x.ID == id })
	to := at + 1
	if d == Up {
		to = at - 1
	}
	if at < 0 || to < 0 || to >= len(all) {
		return position(tx, w)
	}
	// The neighbour takes this rank and this one the neighbour's.
	other := all[to]
	for _, x := range []struct{ id, rank int64 }{{w.ID, other.Rank}, {other.ID, w.Rank}} {
		if _, err := tx.Exec(`UPDATE waitlist_entries SET rank = ? WHERE id = ?`, x.rank, x.id); err != nil {
			return Waiting{}, err
		}
	}
	before := fmt.Sprintf("rank %d", w.Rank)
	w.Rank = other.Rank
	err = s.waitLine(tx, c.Actor, c.Channel, w, "waitlist.reorder", before, fmt.Sprintf("rank %d, before that of entry %d", w.Rank, other.ID), c.Reason)
	if err != nil {
		return Waiting{}, err
	}
	return position(tx, w)
}

func (s *Service) waitLine(tx *db.Tx, a auth.Actor, ch models.Channel, w models.WaitEntry, action, before, after, reason string) error {
	e, err := Event(tx, w.EventID)
	if err != nil {
		return err
	}
	line := audit.By(tx, a, ch)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "waitlist", strconv.FormatInt(w.ID, 10), &e.OrgID
	line.PersonID, line.Before, line.After, line.Reason = w.PersonID, before, after, reason
	return audit.Write(tx, line)
}

// tellWaiting leaves a notice for the party of an entry.
func (s *Service) tellWaiting(tx *db.Tx, e models.Event, w models.WaitEntry, kind string, more map[string]string) error {
	return s.notices.Enqueue(tx, s.worded(e, waitNotice(e, w, kind, more)))
}

func waitNotice(e models.Event, w models.WaitEntry, kind string, more map[string]string) notify.Notice {
	n := notify.Notice{Kind: kind, Subject: waitSubject(w.ID), Vars: map[string]string{
		"title": e.Title, "start": e.StartsAt.String(), "place": w.Place, "n": strconv.Itoa(w.Party)}}
	for k, v := range more {
		n.Vars[k] = v
	}
	n.Important = notify.Importance(kind == notify.WaitlistOffer)
	for _, x := range []struct {
		to   *int64
		from *int64
	}{{&n.Account, w.HolderID}, {&n.Person, w.PersonID}, {&n.Branch, w.OrgID}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	return n
}
