package screening_test

import (
	"context"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/app/screening"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// ofBranch counts what names a branch.
func (s *stage) ofBranch(t *testing.T, id int64) (n int) {
	t.Helper()
	s.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT (SELECT COUNT(*) FROM bookings WHERE org_id = ?) + (SELECT COUNT(*) FROM hall_requests WHERE org_id = ?)
			+ (SELECT COUNT(*) FROM block_requests WHERE org_id = ?) + (SELECT COUNT(*) FROM waitlist_entries WHERE org_id = ?)`, id, id, id, id)
	})
	return n
}

// A branch that is merged while its secretary books ends with nothing: what was
// written before went over, what comes after is refused.
func TestNothingLandsOnABranchThatIsMergedMeanwhile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		root := s.Account(t)
		root.Grants = []auth.Grant{s.Grant(t, root, auth.Admin, s.Centre)}
		into := s.rival.Grants[0].OrgID
		free, full := s.Event(t, 0), s.Event(t, 0)
		for _, e := range []models.Event{free, full} {
			s.Write(t, func(tx *db.Tx) error {
				return tx.Insert(&models.Screening{ID: e.ID, FilmID: s.film.ID, RuntimeMin: 137, CleanupMin: 20})
			})
		}
		s.Write(t, func(tx *db.Tx) error {
			_, err := s.Kernel.BookIn(tx, booking.Order{Ask: booking.Ask{EventID: full.ID, Reach: booking.ReachWhole}, Actor: root, HolderID: &root.AccountID, Name: root.Name, Channel: models.ChannelOnline})
			return err
		})
		asks := []func() error{
			func() error {
				_, err := s.svc.Book(ctx, s.branch, screening.Wish{ScreeningID: free.ID, Party: models.Party{Count: 2}, OrgID: s.Branch.ID})
				return err
			},
			func() error { _, err := s.svc.AskHall(ctx, s.branch, s.wish(at(300))); return err },
			func() error {
				_, err := s.svc.AskBlock(ctx, s.branch, screening.BlockWish{ScreeningID: free.ID, Count: 3})
				return err
			},
			func() error {
				_, err := s.svc.Join(ctx, s.branch, screening.Wish{ScreeningID: full.ID, Party: models.Party{Count: 2}, OrgID: s.Branch.ID})
				return err
			},
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won, lost, inTheMiddle := 0, 0, make(chan struct{})
		for range 4 {
			for _, ask := range asks {
				wg.Go(func() {
					for range 6 {
						err := ask()
						mu.Lock()
						switch bad := errs.As(err); {
						case err == nil:
							if won++; won == 8 {
								close(inTheMiddle)
							}
						case bad.Code == org.ErrClosedOrg.Code, bad.Kind == errs.Invalid: // closed under the lock, or seen to be before
							lost++
						case bad.Kind == errs.Conflict: // full, or as many as a branch may hold
						default:
							t.Errorf("untyped: %v", err)
						}
						mu.Unlock()
					}
				})
			}
		}
		wg.Go(func() {
			<-inTheMiddle
			_, err := org.New(d).Merge(ctx, root, s.Branch.ID, into, "2026年11月3日会议")
			require.NoError(t, err)
		})
		wg.Wait()
		t.Logf("%d before the merge, %d refused after it", won, lost)
		require.NotZero(t, lost)
		require.Zero(t, s.ofBranch(t, s.Branch.ID), "something landed on the closed branch")
		s.MustBeClean(t)

		// The same seen from a program that read before the merge and writes after it.
		_, err := s.svc.Book(ctx, s.branch, screening.Wish{ScreeningID: free.ID, Party: models.Party{Count: 1}, OrgID: s.Branch.ID})
		require.ErrorIs(t, err, errs.ErrInvalid, "the page no longer knows the branch")
		o := bookingtest.Together(free, s.branch, 1)
		o.OrgID, o.ForBranch = &s.Branch.ID, true
		_, err = s.Kernel.Book(ctx, o)
		require.ErrorIs(t, err, org.ErrClosedOrg)
		require.Equal(t, into, errs.As(err).Extra["merged_into"], "it says whose it is now")
		// The control: were the branch not seen to be closed, it would land there and be counted.
		s.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE orgs SET archived_at = NULL WHERE id = ?`, s.Branch.ID)
			return err
		})
		_, err = s.Kernel.Book(ctx, o)
		require.NoError(t, err)
		require.Equal(t, 1, s.ofBranch(t, s.Branch.ID))
	})
}
