package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/idem"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// mover is a party in the storm: it never becomes fewer than least.
type mover struct {
	placed booking.Placed
	least  int
}

// short counts living seats in one statement and names the parties that have
// fewer than they may ever have. It is the detector of the storm.
func short(t *testing.T, w *bookingtest.World, event int64, movers []*mover) (out []string) {
	t.Helper()
	var rows []struct {
		BookingID string
		N         int
	}
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&rows, `SELECT booking_id, COUNT(*) AS n FROM booking_seats WHERE event_id = ? AND released_at IS NULL GROUP BY booking_id`, event)
	})
	have := map[string]int{}
	for _, r := range rows {
		have[r.BookingID] = r.N
	}
	for i, m := range movers {
		if n := have[m.placed.ID]; n < m.least {
			out = append(out, fmt.Sprintf("party %d has %d of at least %d seats", i, n, m.least))
		}
	}
	return out
}

// Parties change seats all at once in a hall that is nearly full, while others
// book and cancel, on two nodes. Nobody ever has fewer seats than the lesser of
// before and after, as a reader sees it who looks all the time; in the end each
// has what it was told.
func TestPartiesChangingSeatsNeverLoseTheirs(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		const parties, moves = 36, 6
		people := w.Accounts(t, parties)
		guests := w.Accounts(t, 8)
		for round := range soak() {
			e := w.Event(t, 10)
			movers := make([]*mover, parties)
			for i, who := range people {
				n := 4
				if i%2 == 1 {
					n = 3
				}
				movers[i] = &mover{w.MustBook(t, bookingtest.Together(e, who, n)), n}
			}
			seats := bookingtest.Seats(w.Plan)
			var mu sync.Mutex
			var faults []error
			moved := 0
			note := func(err error, fits ...error) {
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					moved++
					return
				}
				for _, f := range fits {
					if errors.Is(err, f) {
						return
					}
				}
				faults = append(faults, err)
			}
			var storm, watch sync.WaitGroup
			start, over := make(chan struct{}), make(chan struct{})
			for i, m := range movers {
				storm.Go(func() {
					r := rand.New(rand.NewPCG(uint64(round), uint64(i)))
					<-start
					for range moves {
						c := toSeats(people[i])
						n := m.least
						if i%2 == 1 { // the others only move about
							n += r.IntN(3)
						}
						if c.Party.Count = n; r.IntN(2) == 0 {
							from := r.IntN(len(seats) - n)
							c.Seats, c.Party.Count = seats[from:from+n], 0
						}
						if r.IntN(4) == 0 {
							c.Reach = booking.ReachDesk
						}
						done, err := bookingtest.ChangeOn(w.DB, nodes[i%2], m.placed.ID, c)
						note(err, booking.ErrSeatTaken, booking.ErrFull, booking.ErrNotForSale)
						if err == nil {
							m.placed = done.Placed
						}
					}
				})
			}
			for i, who := range guests {
				storm.Go(func() {
					<-start
					for n := range 2 * moves {
						p, err := nodes[i%2].Book(context.Background(), bookingtest.Together(e, who, 1+n%3))
						note(err, booking.ErrFull)
						if err == nil {
							_, err := bookingtest.CancelOn(w.DB, nodes[(i+1)%2], p.ID, byHolder(who))
							note(err)
						}
					}
				})
			}
			looks := 0
			ids := make([]*mover, len(movers)) // the ids never change, the seats of a mover do
			for i, m := range movers {
				ids[i] = &mover{booking.Placed{ID: m.placed.ID}, m.least}
			}
			watch.Go(func() {
				for {
					for _, s := range short(t, w, e.ID, ids) {
						note(errors.New(s))
					}
					looks++
					select {
					case <-over:
						return
					default:
					}
				}
			})
			close(start)
			storm.Wait()
			close(over)
			watch.Wait()
			require.NoError(t, errors.Join(faults...))
			require.Positive(t, moved)
			require.Positive(t, looks)
			w.MustBeClean(t)
			w.Read(t, func(tx *db.Tx) error {
				for i, m := range movers {
					have, err := booking.SeatsOf(tx, m.placed.ID)
					if err != nil {
						return err
					}
					require.ElementsMatch(t, m.placed.Seats, have[m.placed.ID], "party %d has what it was told", i)
				}
				return nil
			})
		}
	})
}

// The storm would prove nothing if its detector were blind: a program that
// first gives back and then asks leaves a party with nothing, and when somebody
// is quicker, for good.
func TestTheDetectorSeesSeatsGivenBackTooEarly(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e, who := w.Event(t, 0), w.Account(t)
		seats := bookingtest.Seats(w.Plan)
		m := []*mover{{w.MustBook(t, bookingtest.Chosen(e, who, seats[0], seats[1])), 2}}
		require.Empty(t, short(t, w, e.ID, m))
		err := nodes[1].ChangeCareless(t.Context(), m[0].placed.ID, []int64{seats[1], seats[2]}, func() {
			require.NotEmpty(t, short(t, w, e.ID, m), "the detector does not see the gap")
			w.MustBook(t, bookingtest.Chosen(e, w.Account(t), seats[1]))
		})
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		require.NotEmpty(t, short(t, w, e.ID, m))
		breaches, err := w.Kernel.Sweep(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, breaches)
	})
}

// The same change three times at once has one effect and one answer.
func TestEachChangeThreeTimesAtOnceHasOneEffect(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e, who := w.Event(t, 0), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 2))
		key := idem.Key{Scope: fmt.Sprintf("account:%d POST /api/v1/bookings/:id/seats", who.AccountID), Key: "k", Body: p.ID}
		var all sync.WaitGroup
		var answers [3]booking.Changed
		var failed [3]error
		for i := range answers {
			all.Go(func() {
				failed[i] = w.DB.Write(context.Background(), func(tx *db.Tx) (err error) {
					answers[i], err = idem.Once(tx, key, func() (booking.Changed, error) {
						b, now, err := booking.Locked(tx, p.ID)
						if err != nil {
							return booking.Changed{}, err
						}
						return nodes[i%2].Change(tx, b, now, booking.Changing{Actor: who, Channel: models.ChannelOnline, Limit: booking.UntilLimit,
							Party: models.Party{Count: 3}})
					})
					return err
				})
			})
		}
		all.Wait()
		require.NoError(t, errors.Join(failed[:]...))
		require.Equal(t, answers[0], answers[1])
		require.Equal(t, answers[0], answers[2])
		var lines int
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&lines, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.change'`)
		})
		require.Equal(t, 1, lines)
		w.MustBeClean(t)
	})
}
