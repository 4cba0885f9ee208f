package booking_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/idem"

	"github.com/stretchr/testify/require"
)

func TestTwoThousandBuyersGet172Seats(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		buyers := 2000
		if strings.Contains(t.Name(), "/single/") && soak() == 1 {
			buyers = 700 // as contended, at a third of the time
		}
		for range soak() {
			e := w.Event(t, 0)
			orders := crowd(t, w, e, buyers)
			got := storm(orders, nodes[0].Book, nodes[1].Book)
			got.mustBeFair(t)
			require.Empty(t, doubles(t, w, got, e.ID))
			require.Len(t, got.sold(), 172)
			require.Equal(t, 172, w.Saved(t, e.ID).Taken)
			w.MustBeClean(t)

			// Asked again, each winner is told the same, and nobody gets more.
			for i, o := range orders {
				if got.failed[i] == nil {
					again, err := nodes[(i+1)%2].Book(context.Background(), o)
					require.NoError(t, err)
					require.Equal(t, got.placed[i], again)
				}
			}
			require.Equal(t, 172, w.Saved(t, e.ID).Taken)
		}
	})
}

// Groups of neighbours overlap in every way: whoever gets one seat gets all.
func TestGroupsAreSeatedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		r := rand.New(rand.NewPCG(2, 2))
		people := w.Accounts(t, 20)
		for range soak() {
			e := w.Event(t, 0)
			seats := bookingtest.Seats(w.Plan)
			var orders []booking.Order
			for i := range 300 {
				who := people[i%len(people)]
				n := 2 + r.IntN(5)
				if i%3 == 0 {
					orders = append(orders, bookingtest.Together(e, who, n))
					continue
				}
				from := r.IntN(len(seats) - n)
				wish := append([]int64(nil), seats[from:from+n]...)
				r.Shuffle(n, func(i, j int) { wish[i], wish[j] = wish[j], wish[i] })
				orders = append(orders, bookingtest.Chosen(e, who, wish...))
			}
			got := storm(orders, nodes[0].Book, nodes[1].Book)
			got.mustBeFair(t)
			require.Positive(t, got.wins())
			require.Less(t, got.wins(), len(orders))
			require.Empty(t, doubles(t, w, got, e.ID))
			w.MustBeClean(t)
			var halves int
			w.Read(t, func(tx *db.Tx) error {
				return tx.Scan(&halves, `SELECT COUNT(*) FROM bookings b WHERE b.event_id = ?
					AND b.party <> (SELECT COUNT(*) FROM booking_seats s WHERE s.booking_id = b.id)`, e.ID)
			})
			require.Zero(t, halves)
		}
	})
}

func TestEachOrderThreeTimesAtOnceHasOneEffect(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0)
		people := w.Accounts(t, 10)
		seats := bookingtest.Seats(w.Plan)
		const n = 60
		var orders []booking.Order
		for i := range n {
			o := bookingtest.Chosen(e, people[i%len(people)], seats[i*7%100], seats[100+i%72])
			if i%2 == 0 {
				o = bookingtest.Together(e, people[i%len(people)], 1+i%4)
			}
			o = bookingtest.Keyed(o, fmt.Sprintf("once-%d", i))
			orders = append(orders, o, o, o)
		}
		rand.New(rand.NewPCG(3, 3)).Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
		got := storm(orders, nodes[0].Book, nodes[1].Book)
		got.mustBeFair(t)

		first := map[string]int{}
		bookings := map[string]bool{}
		for i, o := range orders {
			j, seen := first[o.Key.Key]
			if !seen {
				first[o.Key.Key], j = i, i
			}
			require.Equal(t, got.failed[j] == nil, got.failed[i] == nil, "%s: %v, %v", o.Key.Key, got.failed[j], got.failed[i])
			require.Equal(t, got.placed[j], got.placed[i])
			if got.failed[i] == nil {
				bookings[got.placed[i].ID] = true
			}
		}
		require.Len(t, first, n)
		var stored, notices int
		w.Read(t, func(tx *db.Tx) error {
			if err := tx.Scan(&notices, `SELECT COUNT(*) FROM outbox WHERE kind = 'booked' AND channel = 'inbox'`); err != nil {
				return err
			}
			return tx.Scan(&stored, `SELECT COUNT(*) FROM bookings`)
		})
		require.Equal(t, len(bookings), stored)
		require.Equal(t, len(bookings), notices, "each booker is told once")
		w.MustBeClean(t)
	})
}

// The same key with something else in it is a mistake of the caller, also when
// both stand in one list.
func TestAKeyForAnotherOrderIsRefused(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0)
		who := w.Account(t)
		seats := bookingtest.Seats(w.Plan)
		one := bookingtest.Keyed(bookingtest.Chosen(e, who, seats[0]), "k")
		two := bookingtest.Keyed(bookingtest.Chosen(e, who, seats[1]), "k")
		placed, failed := nodes[0].Commit(t.Context(), []booking.Order{one, two, one})
		require.NoError(t, failed[0])
		require.ErrorIs(t, failed[1], idem.ErrReused)
		require.NoError(t, failed[2])
		require.Equal(t, placed[0], placed[2])
		_, err := nodes[1].Book(t.Context(), two)
		require.ErrorIs(t, err, idem.ErrReused)
		require.Equal(t, 1, w.Saved(t, e.ID).Taken)
		w.MustBeClean(t)
	})
}

// Many events at once, on few lanes: no event waits for ever, none gets the
// seats of another.
func TestManyEventsSellSideBySide(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		hall, plan := w.AddHall(t, "small", bookingtest.Row(6))
		who := w.Account(t)
		var orders []booking.Order
		var ids []int64
		for range 10 {
			e := w.Event(t, 0, bookingtest.In(hall))
			ids = append(ids, e.ID)
			for i := range 12 {
				orders = append(orders, bookingtest.Chosen(e, who, plan.Seats[i%6].ID))
			}
		}
		got := storm(orders, nodes[0].Book, nodes[1].Book)
		got.mustBeFair(t)
		require.Equal(t, 60, got.wins())
		for _, id := range ids {
			require.Equal(t, 6, w.Saved(t, id).Taken)
		}
		w.MustBeClean(t)
	})
}

// The event is told to listeners after each commit that changed it, never for a refusal.
func TestListenersHearOfEachChange(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0)
		who := w.Account(t)
		var mu sync.Mutex
		var heard []int64
		nodes[0].OnChange(func(id int64) { mu.Lock(); heard = append(heard, id); mu.Unlock() })
		o := bookingtest.Chosen(e, who, bookingtest.Seats(w.Plan)[0])
		_, err := nodes[0].Book(t.Context(), o)
		require.NoError(t, err)
		_, err = nodes[0].Book(t.Context(), o)
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		require.Equal(t, []int64{e.ID}, heard)
	})
}
