package booking_test

import (
	"context"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/org"

	"github.com/stretchr/testify/require"
)

// An organisation that a booking is to be for stands until that is written: who
// closes it meanwhile waits. Once it is closed it bears nothing, whatever the caller
// had read before. In the control somebody only looks, and the closing is let past.
func TestAnOrganisationStandsWhileABookingIsMadeForIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := bookingtest.New(t, d, booking.Options{})
		ctx := context.Background()
		root := w.Account(t)
		root.Grants = []auth.Grant{w.Grant(t, root, auth.Admin, w.Centre)}
		orgs := org.New(d)
		bear := func(tx *db.Tx) error {
			_, err := booking.BearerOf(tx, root, booking.Whom{Org: &w.Branch})
			return err
		}
		look := func(tx *db.Tx) error {
			var n int
			return tx.Scan(&n, `SELECT COUNT(*) FROM orgs WHERE id = ?`, w.Branch.ID)
		}
		// closedDuring reports whether the branch could be closed inside a transaction that began with first.
		closedDuring := func(first func(*db.Tx) error) (past bool) {
			closed := make(chan error, 1)
			require.NoError(t, d.Write(ctx, func(tx *db.Tx) error {
				if err := first(tx); err != nil {
					return err
				}
				go func() { _, err := orgs.Archive(ctx, root, w.Branch.ID); closed <- err }()
				select {
				case err := <-closed:
					past = true
					closed <- err
				case <-time.After(300 * time.Millisecond): // a closing takes a few
				}
				return nil
			}))
			require.NoError(t, <-closed)
			return past
		}
		require.False(t, closedDuring(bear), "it was closed under a booking")
		require.ErrorIs(t, d.Write(ctx, bear), org.ErrClosedOrg)
		require.ErrorIs(t, d.Read(ctx, bear), org.ErrClosedOrg)

		_, err := orgs.Reopen(ctx, root, w.Branch.ID)
		require.NoError(t, err)
		require.Equal(t, d.Engine() == db.Postgres, closedDuring(look), "SQLite has one writer anyway")
	})
}
