package booking_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/notify"

	"github.com/stretchr/testify/require"
)

// faulty is the outbox with a fault on order: fail says what becomes of a
// transaction that wrote these notices.
type faulty struct {
	*notify.Service
	calls atomic.Int64
	fail  func(notices []notify.Notice) error
}

func (f *faulty) Enqueue(tx *db.Tx, notices ...notify.Notice) error {
	f.calls.Add(1)
	return errors.Join(f.Service.Enqueue(tx, notices...), f.fail(notices))
}

// faultyKernel is a kernel in w's database whose outbox fails on order.
func faultyKernel(t *testing.T, w *bookingtest.World, fail func([]notify.Notice) error) (*booking.Service, *faulty) {
	t.Helper()
	f := &faulty{Service: w.Notices, fail: fail}
	k := booking.New(w.DB, f, booking.Options{GroupCommit: booking.Grouped})
	t.Cleanup(k.Close)
	return k, f
}

func list(t *testing.T, w *bookingtest.World, n int) (orders []booking.Order, event int64) {
	t.Helper()
	e := w.Event(t, 0)
	for _, who := range w.Accounts(t, n) {
		orders = append(orders, bookingtest.Together(e, who, 2))
	}
	return orders, e.ID
}

// One order that cannot be written does not spoil the list it stands in.
func TestAnOrderThatFailsFailsAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		orders, event := list(t, w, 6)
		bad := orders[3].Actor.AccountID
		broken := errors.New("disk is full")
		k, _ := faultyKernel(t, w, func(ns []notify.Notice) error {
			for _, n := range ns {
				if n.Account == bad {
					return broken
				}
			}
			return nil
		})
		_, failed := k.Commit(t.Context(), orders)
		for i, err := range failed {
			if i == 3 {
				require.ErrorIs(t, err, broken)
			} else {
				require.NoError(t, err)
			}
		}
		require.Equal(t, 10, w.Saved(t, event).Taken)
		w.MustBeClean(t)
	})
}

// When a commit is in doubt, booking again could book twice: who sent no key
// must not be tried again, and who sent one will ask.
func TestACommitInDoubtIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		for _, lost := range []*errs.Error{db.ErrUnknown, db.ErrUnavailable} {
			orders, _ := list(t, w, 6)
			k, f := faultyKernel(t, w, func([]notify.Notice) error { return lost })
			_, failed := k.Commit(t.Context(), orders)
			for _, err := range failed {
				require.ErrorIs(t, err, lost)
			}
			require.EqualValues(t, 1, f.calls.Load(), lost.Code)
		}
		w.MustBeClean(t)
	})
}

// Two codes happen to be the same: the booking gets another one.
func TestACodeThatIsTakenIsDrawnAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var n atomic.Int64
		w := bookingtest.New(t, d, booking.Options{NewCode: func() string { return fmt.Sprintf("SAME%04d", n.Add(1)/2) }})
		e, who := w.Event(t, 0), w.Account(t)
		seen := map[string]bool{}
		for range 6 {
			p := w.MustBook(t, bookingtest.Together(e, who, 1))
			require.False(t, seen[p.Code])
			seen[p.Code] = true
		}
		w.MustBeClean(t)
	})
}

// Closing answers whoever waits, and refuses whoever comes after.
func TestCloseAnswersEverybody(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		orders, event := list(t, w, 60)
		var all sync.WaitGroup
		var won, busy atomic.Int64
		for i, o := range orders {
			all.Go(func() {
				_, err := w.Kernel.Book(context.Background(), o)
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, booking.ErrBusy):
					busy.Add(1)
				default:
					t.Error(err)
				}
			})
			if i == 30 {
				all.Go(w.Kernel.Close)
			}
		}
		all.Wait()
		require.EqualValues(t, 60, won.Load()+busy.Load())
		require.EqualValues(t, 2*won.Load(), w.Saved(t, event).Taken, "who was told no has nothing")
		_, err := w.Kernel.Book(t.Context(), orders[0])
		require.ErrorIs(t, err, booking.ErrBusy)
		w.MustBeClean(t)
	})
}

// A client that leaves is booked all the same: its answer waits under its key.
func TestABookerWhoLeavesIsBooked(t *testing.T) {
	t.Parallel()
	eachCommit(t, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0)
		o := bookingtest.Keyed(bookingtest.Together(e, w.Account(t), 2), "left")
		ctx, leave := context.WithCancel(t.Context())
		leave()
		p, err := nodes[0].Book(ctx, o)
		require.NoError(t, err)
		again, err := nodes[1].Book(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, p, again)
		require.Equal(t, 2, w.Saved(t, e.ID).Taken)
	})
}

// A booking within a larger transaction stands or falls with it.
func TestBookInStandsOrFallsWithItsTransaction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 20), w.Account(t)
		o := bookingtest.Chosen(e, who)
		o.Reach, o.ForBranch, o.OrgID = booking.ReachWhole, true, &w.Branch.ID
		changed := errors.New("changed my mind")
		require.ErrorIs(t, w.DB.Write(t.Context(), func(tx *db.Tx) error {
			p, err := w.Kernel.BookIn(tx, o)
			require.NoError(t, err)
			require.Len(t, p.Seats, 172)
			return changed
		}), changed)
		require.Zero(t, w.Saved(t, e.ID).Taken)

		w.Write(t, func(tx *db.Tx) error { _, err := w.Kernel.BookIn(tx, o); return err })
		require.Equal(t, 172, w.Saved(t, e.ID).Taken)
		require.Zero(t, w.Saved(t, e.ID).Reserved)
		require.ErrorIs(t, w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := w.Kernel.BookIn(tx, bookingtest.Together(e, who, 1))
			return err
		}), booking.ErrFull)
		_, err := w.Kernel.Book(t.Context(), booking.Order{Ask: booking.Ask{EventID: e.ID + 99, Seats: []int64{1}}, Actor: who})
		require.ErrorIs(t, err, errs.ErrNotFound)
		w.MustBeClean(t)
	})
}

func TestCodesAreReadableAndDiffer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		orders, _ := list(t, w, 40)
		placed, failed := w.Kernel.Commit(t.Context(), orders)
		require.NoError(t, errors.Join(failed...))
		seen := map[string]bool{}
		for _, p := range placed {
			require.Len(t, p.Code, 8)
			require.False(t, strings.ContainsAny(p.Code, "01ILOUV"), p.Code)
			require.Equal(t, p.Code, booking.CleanCode(" "+strings.ToLower(booking.ShowCode(p.Code))))
			require.False(t, seen[p.Code])
			seen[p.Code] = true
		}
	})
}
