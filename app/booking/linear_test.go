package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/models"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// What a client of a row of seats did; a set of seats is a bit mask.
type deed struct {
	kind  string // "choose", "party", "cancel", "look"
	seats uint16 // chosen, or to be given back
	count int    // of a party
}

// What it was told.
type answer struct {
	ok    bool
	seats uint16 // that it got, or that it saw taken
}

const rowLength = 8

// rowOfSeats is all that a booker may assume of an event: a set of taken seats
// that changes one deed at a time.
var rowOfSeats = porcupine.Model{
	Init: func() any { return uint16(0) },
	Step: func(state, input, output any) (bool, any) {
		taken, in, out := state.(uint16), input.(deed), output.(answer) //nolint:forcetypeassert // we made them
		switch in.kind {
		case "choose":
			if out.ok {
				return taken&in.seats == 0 && out.seats == in.seats, taken | in.seats
			}
			return taken&in.seats != 0, taken
		case "party":
			if out.ok {
				return taken&out.seats == 0 && bits.OnesCount16(out.seats) == in.count, taken | out.seats
			}
			return rowLength-bits.OnesCount16(taken) < in.count, taken
		case "cancel":
			return out.ok && taken&in.seats == in.seats, taken &^ in.seats
		default:
			return out.seats == taken, taken
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// history records deeds in the order of a counter, not of a clock.
type history struct {
	tick atomic.Int64
	mu   sync.Mutex
	ops  []porcupine.Operation
}

func (h *history) do(client int, in deed, f func() answer) answer {
	from := h.tick.Add(1)
	out := f()
	to := h.tick.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Call: from, Output: out, Return: to})
	return out
}

// client books, cancels and looks at random, and remembers what it has.
type client struct {
	t     *testing.T
	h     *history
	n     int
	w     *bookingtest.World
	e     models.Event
	book  buy
	node  *booking.Service
	who   booking.Cancelling
	ours  []booking.Placed
	first int64
}

func (c *client) mask(seats []booking.SeatRef) (m uint16) {
	for _, s := range seats {
		m |= 1 << (s.ID - c.first)
	}
	return m
}

func (c *client) order(in deed, o booking.Order) {
	c.h.do(c.n, in, func() answer {
		p, err := c.book(context.Background(), o)
		switch {
		case err == nil:
			c.ours = append(c.ours, p)
			return answer{true, c.mask(p.Seats)}
		case !errors.Is(err, booking.ErrSeatTaken) && !errors.Is(err, booking.ErrFull):
			c.t.Error(err)
		}
		return answer{}
	})
}

func (c *client) act(r *rand.Rand) {
	switch k := r.IntN(10); {
	case k < 3:
		from := r.IntN(rowLength - 1)
		var seats []int64
		var m uint16
		for i := from; i < min(from+1+r.IntN(3), rowLength); i++ {
			seats, m = append(seats, c.first+int64(i)), m|1<<i
		}
		c.order(deed{kind: "choose", seats: m}, bookingtest.Chosen(c.e, c.who.Actor, seats...))
	case k < 5:
		n := 1 + r.IntN(3)
		c.order(deed{kind: "party", count: n}, bookingtest.Together(c.e, c.who.Actor, n))
	case k < 9 && len(c.ours) > 0:
		p := c.ours[0]
		c.ours = c.ours[1:]
		c.h.do(c.n, deed{kind: "cancel", seats: c.mask(p.Seats)}, func() answer {
			_, err := bookingtest.CancelOn(c.w.DB, c.node, p.ID, c.who)
			if err != nil {
				c.t.Error(err)
			}
			return answer{ok: err == nil}
		})
	default:
		c.h.do(c.n, deed{kind: "look"}, func() answer {
			var m uint16
			for i, s := range []byte(c.w.Saved(c.t, c.e.ID).SeatMap) {
				if models.SeatState(s) == models.SeatTaken {
					m |= 1 << i
				}
			}
			return answer{true, m}
		})
	}
}

// play lets clients act on a fresh event and returns what porcupine makes of it.
func play(t *testing.T, w *bookingtest.World, clients, deeds int, round uint64, nodes [2]*booking.Service, ways [2]buy) (porcupine.CheckResult, int) {
	t.Helper()
	hall, plan := w.AddHall(t, fmt.Sprintf("row-%d", round), bookingtest.Row(rowLength))
	e := w.Event(t, 0, bookingtest.In(hall))
	h := &history{}
	var all sync.WaitGroup
	for n, who := range w.Accounts(t, clients) {
		c := &client{t: t, h: h, n: n, w: w, e: e, book: ways[n%2], node: nodes[n%2], who: byHolder(who), first: plan.Seats[0].ID}
		r := rand.New(rand.NewPCG(round, uint64(n)))
		all.Go(func() {
			for range deeds {
				c.act(r)
			}
		})
	}
	all.Wait()
	return porcupine.CheckOperationsTimeout(rowOfSeats, h.ops, time.Minute), len(h.ops)
}

// Whatever the clients on two nodes see could have happened one deed at a time.
func TestBookingAndCancellingIsLinearizable(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		for round := range soak() {
			result, n := play(t, w, 12, 30, uint64(round), nodes, [2]buy{nodes[0].Book, nodes[1].Book})
			require.Equal(t, porcupine.Ok, result, "of %d deeds; unknown is a failure too", n)
			w.MustBeClean(t)
		}
	})
}

// Without the guards the same history is refused.
func TestTheCheckerRefusesAHistoryWithoutGuards(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		dropReferee(t, w)
		hall, plan := w.AddHall(t, "row", bookingtest.Row(rowLength))
		e := w.Event(t, 0, bookingtest.In(hall))
		m := &meeting{of: 4}
		h := &history{}
		var all sync.WaitGroup
		for n, who := range w.Accounts(t, 4) {
			c := &client{t: t, h: h, n: n, w: w, e: e, book: careless(nodes[n%2], m), who: byHolder(who), first: plan.Seats[0].ID}
			all.Go(func() { c.order(deed{kind: "choose", seats: 1}, bookingtest.Chosen(e, c.who.Actor, c.first)) })
		}
		all.Wait()
		require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(rowOfSeats, h.ops, time.Minute))
	})
}
