package soak_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"youyue/models"
)

// wish is one booking as its client sees it: what was asked, under which key,
// and what it was told.
type wish struct {
	screening int64
	token     string
	key       string
	body      map[string]any
	told      answer // the last one
	got       placed // when told is 201
	cancel    cancel
}

// cancel is how far the cancelling of a booking came, in the client's eyes.
type cancel string

const (
	kept      cancel = ""
	asked     cancel = "asked" // the answer never came
	cancelled cancel = "cancelled"
)

func (w *wish) path() string { return fmt.Sprintf("/api/v1/screenings/%d/bookings", w.screening) }

// ask sends the wish, again with the same key when it was sent before.
func (w *wish) ask(ctx context.Context, p *place) answer {
	w.told = p.post(ctx, w.path(), w.token, w.key, w.body)
	if w.told.status == 201 && w.told.err == nil {
		w.got = placed{}
		w.told.err = json.Unmarshal([]byte(w.told.body), &w.got)
	}
	return w.told
}

func (w *wish) askCancel(ctx context.Context, p *place) answer {
	w.cancel = asked
	a := p.post(ctx, "/api/v1/bookings/"+w.got.ID+"/cancel", w.token, "", map[string]any{"reason": "storm"})
	if a.err == nil && a.status == 200 {
		w.cancel = cancelled
	}
	return a
}

// ledger is what all clients of a storm together know.
type ledger struct {
	screenings []int64
	acked      atomic.Int64 // bookings acknowledged so far
	enough     atomic.Bool  // ends the rush
	mu         sync.Mutex
	wishes     []*wish
	odd        []string // answers that no client should ever get
}

func (l *ledger) add(w *wish) {
	l.mu.Lock()
	l.wishes = append(l.wishes, w)
	l.mu.Unlock()
}

func (l *ledger) complain(format string, args ...any) {
	l.mu.Lock()
	l.odd = append(l.odd, fmt.Sprintf(format, args...))
	l.mu.Unlock()
}

// stop says whether a client ends after an answer that decided nothing.
type stop func(a answer) bool

// rush lets n clients book and cancel as fast as they can, until it is enough or
// each has met an end.
func (l *ledger) rush(p *place, seats []seat, n int, ends stop) {
	ctx := context.Background() // a request ends with its answer or its server
	var all sync.WaitGroup
	for c := range n {
		all.Go(func() {
			for !l.enough.Load() {
				w := l.invent(p.booker(c), seats)
				l.add(w)
				a := w.ask(ctx, p)
				if !a.definite() {
					if ends(a) {
						return
					}
					continue
				}
				switch {
				case a.status == 201:
					l.acked.Add(1)
				case a.status != 409:
					l.complain("a booking was answered %d %s", a.status, a.body)
				}
				if a.status == 201 && rand.IntN(2) == 0 {
					a = w.askCancel(ctx, p)
					if a.definite() && a.status != 200 {
						l.complain("a cancel was answered %d %s", a.status, a.body)
					}
					if !a.definite() && ends(a) {
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// invent is a wish at random: chosen seats, or a party to be seated.
func (l *ledger) invent(token string, seats []seat) *wish {
	w := &wish{screening: l.screenings[rand.IntN(len(l.screenings))], token: token, key: fmt.Sprintf("k%016x", rand.Uint64())}
	n := 1 + rand.IntN(4)
	if rand.IntN(3) == 0 {
		w.body = map[string]any{"count": n, "preference": []string{"front", "middle", "back"}[rand.IntN(3)]}
		return w
	}
	ids := map[int64]bool{}
	for len(ids) < n {
		ids[seats[rand.IntN(len(seats))].ID] = true
	}
	list := []int64{}
	for id := range ids {
		list = append(list, id)
	}
	w.body = map[string]any{"seats": list}
	return w
}

// settle asks again, with the same keys, whatever was left open: two clients at
// once for each, who must be told the same. Bookings that were acknowledged are
// asked for again too, and must be told as before, to the letter.
func (l *ledger) settle(ctx context.Context, p *place) {
	var all sync.WaitGroup
	gate := make(chan struct{}, 16)
	for _, w := range l.wishes {
		if w.told.definite() && w.cancel != asked && (w.told.status != 201 || rand.IntN(3) != 0) {
			continue
		}
		all.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			before, twin := w.told, *w
			done := make(chan answer, 1)
			go func() { done <- twin.ask(ctx, p) }()
			now, other := w.ask(ctx, p), <-done
			switch {
			case !now.definite() || !other.definite():
				l.complain("asked again, key %s was answered %d %v and %d %v", w.key, now.status, now.err, other.status, other.err)
			case now.status != 201 && now.status != 409:
				l.complain("asked again, key %s was answered %d %s", w.key, now.status, now.body)
			case now.status == 201 && other.status == 201 && now.body != other.body,
				before.definite() && before.status == 201 && before.body != now.body:
				l.complain("key %s was told different things:\n%s\n%s\n%s", w.key, before.body, now.body, other.body)
			case now.status != other.status:
				// The first was refused, then seats came free, and the second had
				// them: a refusal is evaluated again. The one that got them counts.
				if other.status == 201 {
					*w = twin
				}
			}
			if w.cancel == asked {
				if a := w.askCancel(ctx, p); a.status != 200 {
					l.complain("asked again, the cancel of %s was answered %d %s %v", w.got.ID, a.status, a.body, a.err)
				}
			}
		})
	}
	all.Wait()
}

// tally counts what a round was about.
type tally struct{ acked, cancelled, open int }

func (l *ledger) count() (n tally) {
	for _, w := range l.wishes {
		switch {
		case !w.told.definite(), w.cancel == asked:
			n.open++
		case w.told.status == 201:
			n.acked++
		}
		if w.cancel == cancelled {
			n.cancelled++
		}
	}
	return n
}

// missing holds the database to the acknowledged bookings alone, while other
// wishes are still open.
func (l *ledger) missing(t *testing.T, p *place) []string {
	t.Helper()
	out := slices.Clone(l.odd)
	have := l.bookings(t, p)
	for _, w := range l.wishes {
		if w.told.status != 201 || w.told.err != nil {
			continue
		}
		if b, ok := have[w.got.ID]; !ok {
			out = append(out, fmt.Sprintf("booking %s was acknowledged and is lost", w.got.ID))
		} else if w.cancel == cancelled && b.Status != models.BookingCancelled {
			out = append(out, fmt.Sprintf("the cancel of %s was acknowledged and is lost", w.got.ID))
		}
	}
	return append(out, p.sweep(t)...)
}

func (l *ledger) bookings(t *testing.T, p *place) map[string]models.Booking {
	t.Helper()
	var rows []models.Booking
	p.scan(t, &rows, `SELECT * FROM bookings WHERE event_id IN ?`, l.screenings)
	out := make(map[string]models.Booking, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out
}

// breaches compares everything, once every wish is settled: the bookings are
// those that clients know of and no others, each with its seats, its line in
// the audit log, its notice and its kept answer, once.
func (l *ledger) breaches(t *testing.T, p *place) []string {
	t.Helper()
	out := l.missing(t, p)
	have := l.bookings(t, p)
	want := map[string]*wish{}
	taken := map[int64][]int64{}
	for _, w := range l.wishes {
		if w.told.status != 201 {
			continue
		}
		if twice := want[w.got.ID]; twice != nil {
			out = append(out, fmt.Sprintf("keys %s and %s have one booking", w.key, twice.key))
		}
		want[w.got.ID] = w
		if w.cancel == kept {
			for _, s := range w.got.Seats {
				taken[w.screening] = append(taken[w.screening], s.ID)
			}
		}
	}
	for id, b := range have {
		w := want[id]
		switch {
		case w == nil:
			out = append(out, fmt.Sprintf("booking %s is nobody's", id))
		case (w.cancel == cancelled) != (b.Status == models.BookingCancelled), b.Code != w.got.Code, b.Party != len(w.got.Seats):
			out = append(out, fmt.Sprintf("booking %s is %+v and its client was told %+v", id, b, w.got))
		}
	}
	out = append(out, l.seats(t, p, want, taken)...)
	return append(out, l.traces(t, p, want)...)
}

// seats compares claims with what clients were told, and the seat state that
// the API shows with both.
func (l *ledger) seats(t *testing.T, p *place, want map[string]*wish, taken map[int64][]int64) (out []string) {
	t.Helper()
	var rows []models.BookingSeat
	p.scan(t, &rows, `SELECT * FROM booking_seats WHERE event_id IN ?`, l.screenings)
	claims := map[string][]int64{}
	for _, r := range rows {
		claims[r.BookingID] = append(claims[r.BookingID], r.SeatID)
	}
	for id, w := range want {
		if told := ids(w.got.Seats); !equal(claims[id], told) {
			out = append(out, fmt.Sprintf("booking %s has seats %v and its client was told %v", id, claims[id], told))
		}
	}
	for _, e := range l.screenings {
		var shown []int64
		for _, s := range p.seats(t, e) {
			if s.State == "taken" {
				shown = append(shown, s.ID)
			}
		}
		if !equal(shown, taken[e]) {
			out = append(out, fmt.Sprintf("screening %d shows %d seats taken, clients hold %d", e, len(shown), len(taken[e])))
		}
	}
	return out
}

// traces counts what is written beside a booking: audit, outbox, kept answer.
func (l *ledger) traces(t *testing.T, p *place, want map[string]*wish) (out []string) {
	t.Helper()
	var keys []string
	for _, w := range l.wishes {
		keys = append(keys, w.key)
	}
	var kept []struct{ Key, Response string }
	p.scan(t, &kept, `SELECT key, response FROM idempotency WHERE key IN ?`, keys)
	answers := map[string]int{}
	for _, k := range kept {
		var b placed
		if err := json.Unmarshal([]byte(k.Response), &b); err != nil {
			out = append(out, fmt.Sprintf("key %s keeps %q", k.Key, k.Response))
		}
		answers[b.ID]++
	}
	var rows []struct {
		ID                      string
		Booked, Cancelled, Told int
	}
	p.scan(t, &rows, `SELECT b.id,
		(SELECT COUNT(*) FROM audit_log a WHERE a.subject_kind = 'booking' AND a.subject_id = b.id AND a.action = 'booking.book') AS booked,
		(SELECT COUNT(*) FROM audit_log a WHERE a.subject_kind = 'booking' AND a.subject_id = b.id AND a.action = 'booking.cancel') AS cancelled,
		(SELECT COUNT(*) FROM outbox o WHERE o.subject = 'booking:' || b.id AND o.kind = 'booked') AS told
		FROM bookings b WHERE b.event_id IN ?`, l.screenings)
	for _, r := range rows {
		cancels := 0
		if w := want[r.ID]; w != nil && w.cancel == cancelled {
			cancels = 1
		}
		if r.Booked != 1 || r.Cancelled != cancels || r.Told != 1 || answers[r.ID] != 1 {
			out = append(out, fmt.Sprintf("booking %s left %+v and %d kept answers", r.ID, r, answers[r.ID]))
		}
	}
	return out
}

// seats is the seat state that everybody sees.
func (p *place) seats(t *testing.T, screening int64) []seat {
	t.Helper()
	return decode[struct{ Seats []seat }](t, p.get(t.Context(), fmt.Sprintf("/api/v1/screenings/%d/seats", screening), "")).Seats
}

func ids(seats []seat) (out []int64) {
	for _, s := range seats {
		out = append(out, s.ID)
	}
	return out
}

// equal compares as sets.
func equal(a, b []int64) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
