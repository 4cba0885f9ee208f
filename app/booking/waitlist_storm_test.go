package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// chronicle is what the log says of one event, in the order in which the event's
// lock was held.
type chronicle struct {
	plan    *models.SeatPlan
	places  []byte
	seats   map[string][]int64 // of each booking
	waiting []models.WaitEntry
	before  []byte // the places before the last hold
	jumps   []string
}

// jumps replays the log of an event and notes whoever got ahead: a buyer who
// booked while somebody waited who could have been seated, an offer that went
// past somebody earlier who fitted.
func jumps(t *testing.T, w *bookingtest.World, e models.Event) []string {
	t.Helper()
	h := &chronicle{seats: map[string][]int64{}}
	var lines []models.Audit
	w.Read(t, func(tx *db.Tx) (err error) {
		if h.plan, err = w.Kernel.PlanOf(tx, e); err != nil {
			return err
		}
		var rows []models.BookingSeat
		if err := tx.Scan(&rows, `SELECT * FROM booking_seats WHERE event_id = ?`, e.ID); err != nil {
			return err
		}
		for _, r := range rows {
			h.seats[r.BookingID] = append(h.seats[r.BookingID], r.SeatID)
		}
		return tx.Scan(&lines, `SELECT * FROM audit_log a WHERE (subject_kind = 'booking' AND EXISTS (SELECT 1 FROM bookings b WHERE b.id = a.subject_id AND b.event_id = ?))
			OR (subject_kind = 'waitlist' AND EXISTS (SELECT 1 FROM waitlist_entries x WHERE CAST(x.id AS TEXT) = a.subject_id AND x.event_id = ?)) ORDER BY id`, e.ID, e.ID)
	})
	h.places = []byte(strings.Repeat(string(rune(models.SeatFree)), len(h.plan.Seats)))
	for _, l := range lines {
		h.line(t, l)
	}
	return h.jumps
}

func (h *chronicle) line(t *testing.T, l models.Audit) {
	t.Helper()
	switch l.Action {
	case "booking.book":
		h.nobodyFits("booking "+l.SubjectID, func(models.WaitEntry) bool { return true })
		h.mark(l.SubjectID, models.SeatTaken)
	case "booking.hold":
		h.before = slices.Clone(h.places)
		h.mark(l.SubjectID, models.SeatTaken)
	case "booking.cancel", "booking.let_go":
		h.mark(l.SubjectID, models.SeatFree)
	case "waitlist.join":
		x := models.WaitEntry{State: models.Waiting, Channel: models.ChannelOnline}
		var event int64
		scan(t, l.After, "event %d: %d people, rank %d", &event, &x.Party, &x.Rank)
		scan(t, l.SubjectID, "%d", &x.ID)
		h.waiting = append(h.waiting, x)
	case "waitlist.offered":
		i := h.index(l)
		turn, now := h.waiting[i], h.places
		h.places = h.before
		h.nobodyFits("offer to "+l.SubjectID, func(w models.WaitEntry) bool { return w.Compare(turn) < 0 })
		h.places = now
		h.waiting = slices.Delete(h.waiting, i, i+1)
	case "waitlist.left", "waitlist.closed":
		if i := h.index(l); i >= 0 {
			h.waiting = slices.Delete(h.waiting, i, i+1)
		}
	case "waitlist.shrink":
		scan(t, l.After, "%d", &h.waiting[h.index(l)].Party)
	case "waitlist.reorder":
		var rank, other int64
		scan(t, l.After, "rank %d, before that of entry %d", &rank, &other)
		i := h.index(l)
		j := slices.IndexFunc(h.waiting, func(w models.WaitEntry) bool { return w.ID == other })
		h.waiting[i].Rank, h.waiting[j].Rank = h.waiting[j].Rank, h.waiting[i].Rank
	}
}

func scan(t *testing.T, text, format string, into ...any) {
	t.Helper()
	_, err := fmt.Sscanf(text, format, into...)
	require.NoError(t, err, text)
}

func (h *chronicle) index(l models.Audit) int {
	return slices.IndexFunc(h.waiting, func(w models.WaitEntry) bool { return fmt.Sprint(w.ID) == l.SubjectID })
}

func (h *chronicle) mark(id string, s models.SeatState) {
	for _, seat := range h.seats[id] {
		o, _ := h.plan.Ord(seat)
		h.places[o] = byte(s)
	}
}

func (h *chronicle) nobodyFits(what string, among func(models.WaitEntry) bool) {
	for _, w := range h.waiting {
		if among(w) && w.Fits(h.plan, h.places) {
			h.jumps = append(h.jumps, fmt.Sprintf("%s went ahead of entry %d, %d people", what, w.ID, w.Party))
		}
	}
}

// fair are the answers that nobody in a storm may be surprised at.
var fair = []error{booking.ErrFull, booking.ErrSeatsThere, booking.ErrNotWaiting, booking.ErrOfferOver, booking.ErrOfferTaken, booking.ErrOfferLapsed,
	booking.ErrNotBooked, booking.ErrOver, booking.ErrOnlyFewer}

// rush is a storm over one list.
type rush struct {
	*house
	nodes  [2]*booking.Service
	t      *testing.T
	people []auth.Actor
	kept   map[int64]int64 // somebody under each account, who waits beside it
	turn   atomic.Int64
	failed atomic.Pointer[error]
}

func (r *rush) node() *booking.Service { return r.nodes[r.turn.Add(1)%2] }

// expect notes the first answer that is no fair one.
func (r *rush) expect(what string, err error) {
	if err == nil || slices.ContainsFunc(fair, func(f error) bool { return errors.Is(err, f) }) {
		return
	}
	err = fmt.Errorf("%s: %w", what, err)
	r.failed.CompareAndSwap(nil, &err)
}

// some returns the ids of entries in a state.
func (r *rush) some(state models.WaitState) (ids []int64) {
	_ = r.DB.Read(context.Background(), func(tx *db.Tx) error {
		return tx.Scan(&ids, `SELECT id FROM waitlist_entries WHERE event_id = ? AND state = ?`, r.event.ID, state)
	})
	return ids
}

func (r *rush) one(dice *rand.Rand, state models.WaitState) int64 {
	if ids := r.some(state); len(ids) > 0 {
		return ids[dice.IntN(len(ids))]
	}
	return 0
}

// act does one of the things that people, the desk and the jobs do.
func (r *rush) act(dice *rand.Rand) {
	ctx, who, k := context.Background(), r.people[dice.IntN(len(r.people))], r.node()
	switch dice.IntN(12) {
	case 0, 1:
		o := bookingtest.Together(r.event, who, 1+dice.IntN(4))
		if id := r.kept[who.AccountID]; dice.IntN(2) == 0 && id != 0 {
			o.PersonID = &id
		}
		_, err := joinOn(r.DB, k, o)
		r.expect("join", err)
	case 2, 3, 4:
		_, err := k.Book(ctx, bookingtest.Together(r.event, who, 1+dice.IntN(2)))
		r.expect("buy", err)
	case 5, 6:
		var ids []string
		_ = r.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.Scan(&ids, `SELECT id FROM bookings WHERE event_id = ? AND status = 'booked'`, r.event.ID)
		})
		if len(ids) > 0 {
			_, err := bookingtest.CancelOn(r.DB, k, ids[dice.IntN(len(ids))], byHolder(who))
			r.expect("cancel", err)
		}
	case 7, 8:
		if id := r.one(dice, models.WaitOffered); id != 0 {
			if dice.IntN(3) == 0 {
				_, err := reply(r.DB, id, who, k.Decline)
				r.expect("decline", err)
			} else {
				_, err := reply(r.DB, id, who, k.Accept)
				r.expect("accept", err)
			}
		}
	case 9:
		_, err := k.ExpireOffers(ctx, r.DB.Now().Add(time.Duration(dice.IntN(2))*13*time.Hour))
		r.expect("expire", err)
	case 10:
		if id := r.one(dice, models.Waiting); id != 0 {
			_, err := reply(r.DB, id, who, k.Leave)
			r.expect("leave", err)
		}
	case 11:
		if id := r.one(dice, models.Waiting); id != 0 {
			r.expect("order", r.DB.Write(ctx, func(tx *db.Tx) error {
				c := booking.Cancelling{Actor: r.Staff, Channel: models.ChannelOnline, Reason: "because"}
				if dice.IntN(2) == 0 {
					_, err := k.Shrink(tx, id, 1+dice.IntN(3), c)
					return err
				}
				_, err := k.Reorder(tx, id, []booking.Direction{booking.Up, booking.Down}[dice.IntN(2)], c)
				return err
			}))
		}
	}
}

// Everything that can happen to a list happens at once, on two nodes: afterwards
// the invariant holds, and the log shows that nobody got ahead of anybody.
func TestAListKeepsItsOrderInAStorm(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		people, mothers := w.Accounts(t, 40), map[int64]int64{}
		for _, a := range people {
			mothers[a.AccountID] = kept(t, w, a, "mother").ID
		}
		for round := range 4 * soak() {
			r := &rush{house: soldOut(t, w, 16), nodes: nodes, t: t, people: people, kept: mothers}
			if round%4 > 1 {
				r.house = soldOutPlaces(t, w, 16)
			}
			var all sync.WaitGroup
			for n := range 8 {
				all.Go(func() {
					dice := rand.New(rand.NewPCG(uint64(round), uint64(n)))
					for range 20 {
						r.act(dice)
					}
				})
			}
			if round%2 == 1 {
				all.Go(func() {
					time.Sleep(150 * time.Millisecond) // into the middle of it
					r.expect("call off", w.DB.Write(context.Background(), func(tx *db.Tx) error {
						return callOff(tx, nodes[0], r.event.ID, w.Staff)
					}))
				})
			}
			all.Wait()
			if p := r.failed.Load(); p != nil {
				t.Error(*p)
			}
			w.MustBeClean(t)
			require.Empty(t, jumps(t, w, r.event))
			if round%2 == 1 {
				require.Empty(t, r.some(models.Waiting))
				require.Empty(t, r.some(models.WaitOffered))
			} else {
				require.NotEmpty(t, append(append(r.some(models.WaitTaken), r.some(models.WaitDeclined)...), r.some(models.WaitExpired)...), "offers were made")
			}
		}
	})
}

// Should seats ever be freed past the list, any number of nodes may ask it again
// while its order is being changed: each seat is offered once, to whose turn it is.
func TestAMissedPromotionIsMadeUpForOnce(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		people := w.Accounts(t, 12)
		for round := range 4 * soak() {
			r := &rush{house: soldOut(t, w, 16), nodes: nodes, t: t, people: people}
			for _, who := range people {
				r.join(t, who, 2)
			}
			w.Write(t, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE events SET waiting = 0 WHERE id = ?`, r.event.ID) // nobody seems to wait
				return err
			})
			for i := range 6 {
				r.cancel(t, i)
			}
			w.Write(t, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE events SET waiting = ? WHERE id = ?`, len(people), r.event.ID)
				return err
			})
			breaches, err := w.Kernel.Sweep(context.Background())
			require.NoError(t, err)
			require.Len(t, breaches, len(people), "the sweep sees who could be seated")

			var all sync.WaitGroup
			for n := range 8 {
				all.Go(func() {
					dice := rand.New(rand.NewPCG(uint64(round), uint64(n)))
					if n%2 == 0 {
						_, err := r.node().ExpireOffers(context.Background(), w.DB.Now())
						r.expect("expire", err)
						return
					}
					for range 5 {
						if id := r.one(dice, models.Waiting); id != 0 {
							r.expect("order", w.DB.Write(context.Background(), func(tx *db.Tx) error {
								_, err := r.node().Reorder(tx, id, booking.Up, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelOnline, Reason: "because"})
								return err
							}))
						}
					}
				})
			}
			all.Wait()
			if p := r.failed.Load(); p != nil {
				t.Error(*p)
			}
			w.MustBeClean(t)
			require.Len(t, r.some(models.WaitOffered), 6)
			require.Empty(t, jumps(t, w, r.event))
		}
	})
}
