package booking_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// guards says which of the kernel's two guards a storm runs with: the lock with
// its version check, and the unique index.
type guards struct {
	name  string
	lock  bool
	index bool
}

// The storms of this package would prove nothing if they passed without the
// guards. Here the guards are taken away one by one: either alone keeps a seat
// from being sold twice; with both gone the same detector must see it.
func TestTheDetectorSeesDoubleBookingsOnceTheGuardsAreGone(t *testing.T) {
	t.Parallel()
	for _, g := range []guards{{"lock alone", true, false}, {"index alone", false, true}, {"neither", false, false}} {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
				if !g.index {
					dropReferee(t, w)
				}
				e := w.Event(t, 0)
				orders := crowd(t, w, e, 360)
				ways := []buy{nodes[0].Book, nodes[1].Book}
				if !g.lock {
					orders = orders[:120]
					m := &meeting{of: 8}
					ways = []buy{careless(nodes[0], m), careless(nodes[1], m)}
				}
				got := storm(orders, ways...)
				m := doubles(t, w, got, e.ID)
				breaches, err := w.Kernel.Sweep(t.Context())
				require.NoError(t, err)
				t.Logf("%d orders placed, %d seats promised, %d double, %d breaches", got.wins(), len(got.sold()), len(m), len(breaches))
				switch {
				case g.lock:
					got.mustBeFair(t)
					require.Empty(t, m)
					require.Empty(t, breaches)
				case g.index:
					require.Empty(t, m)
				default:
					require.NotEmpty(t, m, "the storm cannot see a double booking")
					require.NotEmpty(t, breaches, "the sweep cannot see a double booking")
				}
			})
		})
	}
}

// dropReferee takes the unique index away that refuses a seat's second claim.
func dropReferee(t *testing.T, w *bookingtest.World) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`DROP INDEX booking_seats_event_id_seat_id_key`)
		return err
	})
}

func careless(s *booking.Service, m *meeting) buy {
	return func(ctx context.Context, o booking.Order) (booking.Placed, error) {
		return s.BookUnguarded(ctx, o, m.wait)
	}
}

// meeting makes the first few callers wait for each other, so that they all
// have read before any of them writes; later ones pass.
type meeting struct {
	of   int
	mu   sync.Mutex
	here int
	all  chan struct{}
}

func (m *meeting) wait() {
	m.mu.Lock()
	if m.all == nil {
		m.all = make(chan struct{})
	}
	if m.here++; m.here == m.of {
		close(m.all)
	}
	all := m.all
	m.mu.Unlock()
	<-all
}

// The version is the second half of the first guard: places that were read
// before somebody else's commit are not written over it.
func TestStalePlacesAreNotWritten(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		stale := w.Event(t, 0)
		p := w.MustBook(t, bookingtest.Together(stale, w.Account(t), 4))
		require.ErrorIs(t, nodes[1].SaveStale(t.Context(), stale), db.ErrAgain)
		now := w.Saved(t, stale.ID)
		require.Equal(t, len(p.Seats), now.Taken)
		require.Equal(t, stale.Version+1, now.Version)
		require.NoError(t, nodes[1].SaveStale(t.Context(), now))
		w.MustBeClean(t)
	})
}

// Each way in which places, counters and claims can contradict each other is a
// breach that the sweep names.
func TestTheSweepSeesEachContradiction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		known := 0
		for _, fault := range []string{
			`UPDATE events SET taken = taken + 1 WHERE id = @event`,
			`UPDATE events SET reserved = reserved + 1 WHERE id = @event`,
			`UPDATE events SET for_sale = for_sale - 1 WHERE id = @event`,
			`UPDATE events SET seat_map = replace(seat_map, 'r', 'b'), reserved = 0, for_sale = for_sale - reserved WHERE id = @event`,
			`UPDATE events SET seat_map = replace(seat_map, 't', 'f') WHERE id = @event`,
			`UPDATE events SET seat_map = substr(seat_map, 1, 171) || 't' WHERE id = @event`,
			`DELETE FROM booking_seats WHERE event_id = @event AND seat_id = (SELECT MIN(seat_id) FROM booking_seats WHERE event_id = @event)`,
			`UPDATE booking_seats SET released_at = '2026-11-23T01:00:00.000000Z' WHERE event_id = @event`,
			`UPDATE bookings SET status = 'cancelled' WHERE event_id = @event`,
			`UPDATE bookings SET party = party + 1 WHERE event_id = @event`,
			`INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) SELECT id, 1, 'x', 0, created_at FROM bookings WHERE event_id = @event`,
			`INSERT INTO attendees (booking_id, ord, name, created_at) SELECT b.id, s.ord, 'x', b.created_at FROM bookings b, seats s WHERE b.event_id = @event AND s.ord < 5`,
		} {
			e := w.Event(t, 20)
			w.MustBook(t, bookingtest.Together(e, w.Account(t), 4))
			w.Write(t, func(tx *db.Tx) error {
				_, err := tx.Exec(strings.ReplaceAll(fault, "@event", strconv.FormatInt(e.ID, 10)))
				return err
			})
			breaches, err := w.Kernel.Sweep(t.Context())
			require.NoError(t, err)
			require.Greater(t, len(breaches), known, fault)
			known = len(breaches)
		}
	})
}

// The database itself holds the counters to their bounds.
func TestCountersCannotLeaveTheirBounds(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, _ [2]*booking.Service) {
		e := w.Event(t, 0)
		for _, fault := range []string{`taken = 173`, `taken = -1`, `reserved = -1`, `taken = 100, reserved = 73`, `ends_at = starts_at`} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE events SET ` + fault); return err })
			require.Contains(t, []string{"events_counts", "events_span"}, db.Constraint(err), fault)
		}
		require.Equal(t, models.EventOpen, w.Saved(t, e.ID).State)
	})
}
