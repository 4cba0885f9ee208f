package booking_test

import (
	"context"
	"sync"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func atMost(n int) func(*models.Event) { return func(e *models.Event) { e.PersonSeats = n } }

func TestAnEventLimitsTheSeatsOfOnePerson(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e, ctx := w.Event(t, 20, atMost(5)), context.Background()
		anna, clerk := w.Account(t), w.Staff
		first := w.MustBook(t, bookingtest.Together(e, anna, 3))
		_, err := nodes[1].Book(ctx, bookingtest.Together(e, anna, 3))
		require.ErrorIs(t, err, booking.ErrPersonLimit)
		require.Equal(t, []any{5, 3, 2}, []any{errs.As(err).Extra["max"], errs.As(err).Extra["has"], errs.As(err).Extra["left"]})
		_, err = nodes[0].Book(ctx, bookingtest.Together(e, w.Account(t), 6))
		require.ErrorIs(t, err, booking.ErrPersonLimit, "at once")
		_, err = w.Change(first.ID, booking.Changing{Actor: anna, Channel: models.ChannelOnline, Party: models.Party{Count: 6}, Limit: booking.UntilLimit})
		require.ErrorIs(t, err, booking.ErrPersonLimit, "a change is held to it too")
		_, err = w.Change(first.ID, booking.Changing{Actor: anna, Channel: models.ChannelOnline, Party: models.Party{Count: 4}, Limit: booking.UntilLimit})
		require.NoError(t, err)
		_, err = w.Cancel(first.ID, byHolder(anna))
		require.NoError(t, err)
		w.MustBook(t, bookingtest.Together(e, anna, 5))

		branch := bookingtest.Together(e, anna, 12)
		branch.OrgID, branch.ForBranch = &w.Branch.ID, true
		w.MustBook(t, branch) // her branch's members are not hers

		var caller models.Person
		w.Write(t, func(tx *db.Tx) error {
			caller = models.Person{OrgID: &w.Station.ID, Name: "刘奶奶", Notify: models.NotifyHelper, CreatedAt: tx.Now()}
			return tx.Insert(&caller)
		})
		call := bookingtest.Together(e, clerk, 4)
		call.HolderID, call.PersonID, call.Reach, call.Channel = nil, &caller.ID, booking.ReachDesk, models.ChannelPhone
		w.MustBook(t, call)
		_, err = nodes[0].Book(ctx, call)
		require.ErrorIs(t, err, booking.ErrPersonLimit, "by phone as online")
		other := w.Event(t, 0)
		w.MustBook(t, bookingtest.Together(other, anna, 20))
		w.MustBeClean(t)
	})
}

// Many tabs, two nodes, one list of a lane: the limit is counted under the lock.
func TestTheLimitOfAPersonHoldsInAStorm(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		for _, most := range []int{5, 0} { // without the rule the same storm gets more: it would see a breach
			e := w.Event(t, 0, atMost(most))
			anna := w.Account(t)
			var orders []booking.Order
			for range 6 {
				orders = append(orders, bookingtest.Together(e, anna, 2))
			}
			var wg sync.WaitGroup
			for i := range nodes {
				wg.Go(func() { nodes[i].Commit(context.Background(), orders) })
				for range 4 {
					wg.Go(func() { _, _ = nodes[i].Book(context.Background(), bookingtest.Together(e, anna, 2)) })
				}
			}
			wg.Wait()
			if most > 0 {
				require.Equal(t, 4, w.Saved(t, e.ID).Taken)
			} else {
				require.Equal(t, 40, w.Saved(t, e.ID).Taken)
			}
		}
		w.MustBeClean(t)
	})
}
