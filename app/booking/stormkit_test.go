package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// soak is how many times a storm is repeated: YOUYUE_SOAK, or once.
func soak() int {
	n, _ := strconv.Atoi(os.Getenv("YOUYUE_SOAK"))
	return max(n, 1)
}

// buy is one way to book.
type buy func(ctx context.Context, o booking.Order) (booking.Placed, error)

// eachCommit runs fn on both engines, with and without group commit, on two
// nodes that share one database.
func eachCommit(t *testing.T, fn func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service)) {
	t.Helper()
	for _, mode := range []booking.GroupCommit{booking.Grouped, booking.Single} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			eachTwice(t, booking.Options{GroupCommit: mode}, fn)
		})
	}
}

// eachTwice runs fn on both engines, on two nodes that share one database.
func eachTwice(t *testing.T, o booking.Options, fn func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service)) {
	t.Helper()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			clock, url := dbtest.NewClock(), dbtest.URL(t, e)
			w := bookingtest.New(t, dbtest.OpenURL(t, url, clock), o)
			_, second := bookingtest.Node(t, dbtest.OpenURL(t, url, clock), o)
			fn(t, w, [2]*booking.Service{w.Kernel, second})
		})
	}
}

// told is what the buyers of a storm were answered, order by order.
type told struct {
	orders []booking.Order
	placed []booking.Placed
	failed []error
}

// storm lets all orders go at one moment, turn and turn about over the nodes.
func storm(orders []booking.Order, nodes ...buy) told {
	out := told{orders, make([]booking.Placed, len(orders)), make([]error, len(orders))}
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, o := range orders {
		all.Go(func() {
			<-start
			out.placed[i], out.failed[i] = nodes[i%len(nodes)](context.Background(), o)
		})
	}
	close(start)
	all.Wait()
	return out
}

// sold counts how often each seat was promised.
func (a told) sold() map[int64]int {
	n := map[int64]int{}
	for i, p := range a.placed {
		if a.failed[i] == nil {
			for _, s := range p.Seats {
				n[s.ID]++
			}
		}
	}
	return n
}

// doubles are the seats that the answers, or the living rows of an event, give
// to more than one booking. It is the detector of every storm.
func doubles(t *testing.T, w *bookingtest.World, a told, event int64) []string {
	t.Helper()
	var out []string
	for id, n := range a.sold() {
		if n > 1 {
			out = append(out, fmt.Sprintf("seat %d was promised to %d", id, n))
		}
	}
	var ids []int64
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&ids, `SELECT seat_id FROM booking_seats WHERE event_id = ? AND released_at IS NULL
			GROUP BY seat_id HAVING COUNT(*) > 1`, event)
	})
	for _, id := range ids {
		out = append(out, fmt.Sprintf("seat %d has more than one living row", id))
	}
	return out
}

// mustBeFair holds answers to what every buyer may expect: as many seats as
// asked for, the very seats where some were named, and nothing but one of the
// two refusals otherwise.
func (a told) mustBeFair(t *testing.T) {
	t.Helper()
	for i, err := range a.failed {
		o, p := a.orders[i], a.placed[i]
		if err != nil {
			if !errors.Is(err, booking.ErrSeatTaken) && !errors.Is(err, booking.ErrFull) {
				t.Errorf("order %d: %v", i, err)
			}
			continue
		}
		var got []int64
		for _, s := range p.Seats {
			got = append(got, s.ID)
		}
		require.Len(t, got, max(len(o.Seats), o.Party.Count))
		if len(o.Seats) > 0 {
			require.ElementsMatch(t, o.Seats, got)
		}
	}
}

// wins counts the orders that were placed.
func (a told) wins() int {
	n := 0
	for _, err := range a.failed {
		if err == nil {
			n++
		}
	}
	return n
}

// crowd makes n orders, half of them for one named seat, so that each seat is
// wanted, half for a party of one to six. All seats are sold in the end.
func crowd(t *testing.T, w *bookingtest.World, e models.Event, n int) []booking.Order {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	seats, people := bookingtest.Seats(w.Plan), w.Accounts(t, 40)
	require.Greater(t, n, 2*len(seats))
	orders := make([]booking.Order, n)
	for i := range orders {
		who := people[r.IntN(len(people))]
		if i%2 == 0 {
			orders[i] = bookingtest.Chosen(e, who, seats[i/2%len(seats)])
		} else {
			orders[i] = bookingtest.Together(e, who, 1+r.IntN(6))
		}
		orders[i] = bookingtest.Keyed(orders[i], fmt.Sprintf("order-%d", i))
	}
	r.Shuffle(n, func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	return orders
}
