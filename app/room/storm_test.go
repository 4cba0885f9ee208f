package room_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

const (
	stormClients = 32
	stormEach    = 4
)

// storm lets 32 clients loose on two rooms that share a projector: overlapping hours
// of one day, the whole table-tennis room and its tables. It returns how many were
// booked; whoever was not was told that the time is taken.
func (w *world) storm(t *testing.T, book func(ctx context.Context, a auth.Actor, wi room.Wish) error) int64 {
	t.Helper()
	w.rule(t, models.ByResident, func(r *models.RoomRule) { r.PerWeek, r.DeskPercent = 0, 0 })
	people := make([]auth.Actor, stormClients)
	for i := range people {
		people[i] = w.actor(t, fmt.Sprintf("client-%d", i))
	}
	var booked atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, a := range people {
		all.Go(func() {
			<-start
			for n := range stormEach {
				hour := 8 + (i*7+n*5)%13
				one := wish([]room.Room{w.whole, w.dance, w.tables[0], w.tables[1]}[(i+n)%4], at(25, hour, 30*(i%2)), at(25, hour+1, 30*(i%2)))
				if (i+n)%3 == 0 {
					one.Extras = []int64{w.projector.ID}
				}
				err := book(context.Background(), a, one)
				if err == nil {
					booked.Add(1)
				} else if !errors.Is(err, booking.ErrResourceTaken) {
					t.Errorf("client %d: %v", i, err)
				}
			}
		})
	}
	close(start)
	all.Wait()
	return booked.Load()
}

// Thirty-two clients on two rooms: no overlap, no dead-lock, nobody told anything but
// that the time is taken.
func TestStormOnTwoRooms(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		n := w.storm(t, func(ctx context.Context, a auth.Actor, one room.Wish) error {
			_, err := w.Book(ctx, a, one)
			return err
		})
		t.Logf("%d booked", n)
		require.Positive(t, n)
		require.Zero(t, w.overlaps(t))
		var rows int64
		w.write(t, func(tx *db.Tx) error {
			return tx.Scan(&rows, `SELECT COUNT(*) FROM room_bookings WHERE status = 'booked'`)
		})
		require.Equal(t, n, rows)
	})
}

// The storm would prove nothing if it passed without the guards: with a look before
// the writing, and neither lock nor constraint, the same storm must see overlaps.
func TestStormSeesOverlapsOnceTheGuardsAreGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.write(t, func(tx *db.Tx) error {
			_, err := tx.ExecPair(db.Pair{Postgres: `ALTER TABLE occupancies DROP CONSTRAINT occupancies_no_overlap`, SQLite: `DROP TRIGGER occupancies_no_overlap`})
			return err
		})
		var id atomic.Int64
		m := &meeting{of: 8}
		w.storm(t, func(ctx context.Context, _ auth.Actor, one room.Wish) error {
			var claims []booking.Claim
			err := w.db.Read(ctx, func(tx *db.Tx) (err error) {
				if claims, err = w.Claims(tx, one.RoomID, one.Span, one.Extras...); err != nil {
					return err
				}
				for _, c := range claims {
					if found, err := booking.Clashes(tx, c); err != nil || len(found) > 0 {
						return errors.Join(err, booking.ErrResourceTaken)
					}
				}
				return nil
			})
			m.wait()
			if err != nil {
				return err
			}
			n := id.Add(1)
			return w.db.Write(ctx, func(tx *db.Tx) error {
				for _, c := range claims {
					if _, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES (?, ?, ?, 'careless', ?)`,
						c.ResourceID, c.Span.Start, c.Span.End, n); err != nil {
						return err
					}
				}
				return nil
			})
		})
		require.Positive(t, w.overlaps(t), "the storm cannot see an overlap")
	})
}

// meeting makes the first few callers wait for each other, so that all have looked
// before any of them writes; later ones pass.
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
