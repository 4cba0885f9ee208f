package booking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// Order is an ask with everything that is written down about it: who books, for
// whom, by which way. The feature has checked that the actor may.
type Order struct {
	Ask
	ID       string // of the booking; empty: a new one
	Wait     Wait
	With     func(tx *db.Tx, p Placed) error // what its feature writes beside it; an error undoes it
	Actor    auth.Actor
	HolderID *int64 // the account that keeps the booking
	PersonID *int64 // for whom
	OrgID    *int64 // the branch it belongs to
	Name     string // of whom it is for, as read out at the door
	Channel  models.Channel
	ReadBack ReadBack
	Key      idem.Key
	Place    string               // where it is, for the message
	Status   models.BookingStatus // BookingHeld: until somebody decides; else booked
}

// Wait says what becomes of a party for which too few places are left.
type Wait string

// OrWait lets it join the waiting list in the same commit, when the list takes it.
const OrWait Wait = "or_wait"

// ReadBack says whether the clerk read the booking back to the caller.
type ReadBack bool

// Placed is a booking as its booker is told of it. The same key gets the same
// Placed again, to the letter.
type Placed struct {
	ID       string               `json:"id"`
	EventID  int64                `json:"screening_id"`
	Code     string               `json:"code"`
	Seats    []SeatRef            `json:"seats"`
	Status   models.BookingStatus `json:"status"`
	Together models.Togetherness  `json:"together,omitempty"`
	Waits    bool                 `json:"waits,omitempty"` // on the list, with Ahead parties before it
	Ahead    int                  `json:"ahead,omitempty"`
}

// Book takes places. It returns one of the refusals of this package, or
// idem.ErrReused; on any of them nothing has been taken.
func (s *Service) Book(ctx context.Context, o Order) (Placed, error) {
	p, err := s.book(ctx, o)
	if s.Lapsed(ctx, o.EventID, err) {
		return s.book(ctx, o)
	}
	return p, err
}

func (s *Service) book(ctx context.Context, o Order) (Placed, error) {
	if len(s.lanes) == 0 {
		r := s.commit(ctx, []Order{o})[0]
		return r.placed, r.err
	}
	return s.laneOf(o.EventID).book(ctx, o)
}

// BookIn joins a transaction, for features that book as a part of something larger.
func (s *Service) BookIn(tx *db.Tx, o Order) (Placed, error) {
	rs, err := s.place(tx, []Order{o})
	if err != nil {
		return Placed{}, err
	}
	return rs[0].placed, rs[0].err
}

// result answers one order of a list.
type result struct {
	placed Placed
	err    error
}

// commit books a list in one transaction. When that fails as a whole, each
// order gets a transaction of its own, so that one cannot spoil the others; not
// so when the server is lost, for then all of them may have been booked.
func (s *Service) commit(ctx context.Context, orders []Order) []result {
	var out []result
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = s.place(tx, orders)
		return err
	})
	switch {
	case err == nil:
		return out
	case len(orders) == 1:
		return []result{{err: err}}
	}
	lost := errors.Is(err, db.ErrUnknown) || errors.Is(err, db.ErrUnavailable) && !errors.Is(err, db.ErrAgain)
	out = make([]result, len(orders))
	for i, o := range orders {
		if lost {
			out[i] = result{err: err}
			continue
		}
		out[i] = s.commit(ctx, []Order{o})[0]
	}
	return out
}

// place is the life of a booking: lock the events, look the keys up, decide,
// and write everything set-wise. Two round trips read and lock, six write, for
// any number of orders, and one more for each organisation that they are for.
func (s *Service) place(tx *db.Tx, orders []Order) ([]result, error) {
	closed, err := closedFor(tx, orders)
	if err != nil {
		return nil, err
	}
	states, err := s.lock(tx, orders)
	if err != nil {
		return nil, err
	}
	keys := make([]idem.Key, len(orders))
	for i, o := range orders {
		keys[i] = o.Key
	}
	seen, err := idem.Seen(tx, keys)
	if err != nil {
		return nil, err
	}
	had, err := seatsOf(tx, states, orders)
	if err != nil {
		return nil, err
	}
	b := &batch{svc: s, tx: tx, states: states, had: had, closed: closed, seen: seen, results: make([]result, len(orders)), first: map[idem.Key]int{}}
	for i, o := range orders {
		b.results[i] = b.one(i, o)
	}
	return b.results, b.write()
}

func (s *Service) lock(tx *db.Tx, orders []Order) (map[int64]*State, error) {
	var ids []int64
	for _, o := range orders {
		if !slices.Contains(ids, o.EventID) {
			ids = append(ids, o.EventID)
		}
	}
	events, err := LockEvents(tx, ids...)
	if err != nil {
		return nil, err
	}
	states := make(map[int64]*State, len(events))
	for id, e := range events {
		plan, err := s.PlanOf(tx, e)
		if err != nil {
			return nil, err
		}
		states[id] = &State{Event: e, Plan: plan, Map: []byte(e.SeatMap)}
	}
	return states, nil
}

// batch gathers the rows of a list of orders.
type batch struct {
	svc      *Service
	tx       *db.Tx
	states   map[int64]*State
	had      map[bearerKey]int     // seats of people whom an event limits
	closed   map[int64]*errs.Error // organisations that nothing is booked for
	seen     idem.Answers
	results  []result
	first    map[idem.Key]int // the first success of each key in this list
	changed  []int64
	queues   map[int64]*queue
	with     []func() error
	bookings []models.Booking
	seats    []models.BookingSeat
	lines    []models.Audit
	notices  []notify.Notice
	answers  []idem.Entry
}

func (b *batch) one(i int, o Order) result {
	if !o.Key.IsZero() {
		if text, found, err := b.seen.Find(o.Key); err != nil || found {
			return replay(text, err)
		}
		id := idem.Key{Scope: o.Key.Scope, Key: o.Key.Key}
		if n, ok := b.first[id]; ok {
			if b.answers[n].Key.Body != o.Key.Body {
				return result{err: idem.ErrReused}
			}
			return replay(b.answers[n].Response, nil)
		}
	}
	if o.OrgID != nil && b.closed[*o.OrgID] != nil {
		return result{err: b.closed[*o.OrgID]}
	}
	st, ok := b.states[o.EventID]
	if !ok {
		return result{err: errs.ErrNotFound}
	}
	who, limited := limitedKey(st, o)
	o.Has = b.had[who]
	out := Decide(st, b.tx.Now(), []Ask{o.Ask})[0]
	switch {
	case out.Refusal == nil:
		if limited {
			if b.had == nil {
				b.had = map[bearerKey]int{}
			}
			b.had[who] += len(out.Ords)
		}
		return b.keep(o, st, out)
	case o.Wait == OrWait && out.Refusal.Code == ErrFull.Code:
		return b.wait(o, st)
	}
	return result{err: out.Refusal}
}

func replay(text string, err error) result {
	var r result
	if r.err = err; err == nil {
		r.err = json.Unmarshal([]byte(text), &r.placed)
	}
	return r
}

// keep notes the rows of one success.
func (b *batch) keep(o Order, st *State, out Outcome) result {
	now, e := b.tx.Now(), st.Event
	p := Placed{ID: b.svc.idOf(o), EventID: e.ID, Code: b.svc.opts.NewCode(),
		Seats: st.refs(out.Ords), Status: models.BookingBooked, Together: out.Together}
	action := "booking.book"
	if o.Status == models.BookingHeld {
		p.Status, action = o.Status, "booking.hold"
	}
	if !slices.Contains(b.changed, e.ID) {
		b.changed = append(b.changed, e.ID)
	}
	b.bookings = append(b.bookings, models.Booking{
		ID: p.ID, EventID: e.ID, Code: p.Code, HolderID: o.HolderID, PersonID: o.PersonID, OrgID: o.OrgID,
		Name: o.Name, Party: len(out.Ords), Status: p.Status, Channel: o.Channel, ReadBack: bool(o.ReadBack),
		CreatedBy: o.Actor.AccountID, CreatedAt: now,
	})
	for _, r := range p.Seats {
		b.seats = append(b.seats, models.BookingSeat{BookingID: p.ID, SeatID: r.ID, EventID: e.ID, Label: r.Label})
	}
	line := audit.By(b.tx, o.Actor, o.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, "booking", p.ID, &e.OrgID
	line.PersonID, line.After = o.PersonID, fmt.Sprintf("event %d: %s", e.ID, inShort(p.Seats))
	b.lines = append(b.lines, line)
	n := notify.Notice{Kind: "booked", Subject: subject(p.ID), Vars: map[string]string{
		"title": e.Title, "start": e.StartsAt.String(), "seats": said(e, p.Seats), "code": ShowCode(p.Code), "place": o.Place, "path": b.svc.bookingPath(e, p.ID)}}
	if o.HolderID != nil {
		n.Account = *o.HolderID
	}
	if o.PersonID != nil {
		n.Person = *o.PersonID
	}
	if o.OrgID != nil {
		n.Branch = *o.OrgID
	}
	told := bool(o.ReadBack) && o.Channel != models.ChannelOnline // by voice
	if !told && p.Status == models.BookingBooked && (n.Account != 0 || n.Person != 0 || n.Branch != 0) {
		b.notices = append(b.notices, b.svc.worded(e, n))
	}
	return b.answer(o, p)
}

// answer notes what else a success writes: its feature's rows, its key.
func (b *batch) answer(o Order, p Placed) result {
	if o.With != nil {
		b.with = append(b.with, func() error { return o.With(b.tx, p) })
	}
	if !o.Key.IsZero() {
		text, err := json.Marshal(p)
		if err != nil {
			return result{err: err}
		}
		b.first[idem.Key{Scope: o.Key.Scope, Key: o.Key.Key}] = len(b.answers)
		b.answers = append(b.answers, idem.Entry{Key: o.Key, Response: string(text)})
	}
	return result{placed: p}
}

func (s *Service) idOf(o Order) string {
	if o.ID != "" {
		return o.ID
	}
	return s.opts.NewID()
}

func subject(id string) string { return "booking:" + id }

func (b *batch) write() error {
	if len(b.bookings)+len(b.answers)+len(b.with)+len(b.queues) == 0 {
		return nil
	}
	var events []models.Event
	for _, id := range b.changed {
		st := b.states[id]
		st.Event.SeatMap = string(st.Map)
		events = append(events, st.Event)
	}
	if err := b.svc.saveSeats(b.tx, events); err != nil {
		return err
	}
	if err := insertBookings(b.tx, b.bookings, b.seats); err != nil {
		return err
	}
	if err := b.writeQueues(); err != nil {
		return err
	}
	for _, write := range b.with {
		if err := write(); err != nil {
			return err
		}
	}
	if err := idem.Store(b.tx, b.answers); err != nil {
		return err
	}
	if err := audit.Write(b.tx, b.lines...); err != nil {
		return err
	}
	return b.svc.notices.Enqueue(b.tx, b.notices...)
}

var (
	bookingRows = db.RowsOf("bookings", `id text, event_id bigint, code text, holder_id bigint, person_id bigint, org_id bigint, name text,
		party bigint, status text, channel text, read_back boolean, created_by bigint, created_at timestamptz`)
	seatRows = db.RowsOf("booking_seats", "booking_id text, seat_id bigint, event_id bigint, label text")
)

// insertBookings is where the referee speaks: a seat that somebody else has
// after all makes the whole list start again on what is true.
func insertBookings(tx *db.Tx, bookings []models.Booking, seats []models.BookingSeat) error {
	if len(bookings) == 0 {
		return nil
	}
	rows := make([][]any, len(bookings))
	for i, b := range bookings {
		rows[i] = []any{b.ID, b.EventID, b.Code, b.HolderID, b.PersonID, b.OrgID, b.Name, b.Party, b.Status, b.Channel, b.ReadBack, b.CreatedBy, b.CreatedAt}
	}
	if _, err := bookingRows.Insert(tx, "", rows...); err != nil {
		if db.Constraint(err) == "bookings_code_key" {
			return db.ErrAgain
		}
		return fmt.Errorf("insert bookings: %w", err)
	}
	rows = make([][]any, len(seats))
	for i, s := range seats {
		rows[i] = []any{s.BookingID, s.SeatID, s.EventID, s.Label}
	}
	_, err := seatRows.Insert(tx, "", rows...)
	if db.Constraint(err) == "booking_seats_event_id_seat_id_key" {
		return db.ErrAgain
	}
	if err != nil {
		return fmt.Errorf("insert seats of %d bookings: %w", len(bookings), err)
	}
	return nil
}
