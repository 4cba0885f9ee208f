package screening_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/screening"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// puton opens a screening for the public, all of it for sale.
func (s *stage) puton(t *testing.T, start models.Instant) screening.Show {
	t.Helper()
	none := 0
	v, err := s.svc.Schedule(context.Background(), s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic, Share: &none})
	require.NoError(t, err)
	return v
}

func (s *stage) clean(t *testing.T) {
	t.Helper()
	s.MustBeClean(t)
	breaches, err := s.svc.SweepBlocks(context.Background())
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func (s *stage) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	s.Read(t, func(tx *db.Tx) error { return tx.Scan(&n, query, args...) })
	return n
}

func TestABlockIsHeldTogetherUntilItIsDecided(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		show := s.puton(t, at(100))
		wish := screening.BlockWish{ScreeningID: show.ID, Count: 48, Zone: models.ZoneMiddle, Note: "主题党日",
			Key: idem.Key{Scope: "s", Key: "once", Body: "b"}}
		v, err := s.svc.AskBlock(ctx, s.branch, wish)
		require.NoError(t, err)
		require.Equal(t, models.BlockPending, v.Status)
		require.Len(t, v.Held, 48, "beyond what one may book online")
		require.Equal(t, clock.Instant().Add(48*time.Hour), v.Deadline)
		again, err := s.svc.AskBlock(ctx, s.branch, wish)
		require.NoError(t, err)
		require.Equal(t, v.ID, again.ID)
		require.Equal(t, 48, s.Saved(t, show.ID).Taken)
		heldInWeek := func() int {
			week, err := s.svc.Week(ctx, s.scheduler, s.Hall.ID, models.Span{Start: show.StartsAt, End: show.EndsAt})
			require.NoError(t, err)
			require.Len(t, week.Shows, 1)
			return week.Shows[0].Held
		}
		require.Equal(t, 48, heldInWeek(), "taken, and told apart from what is booked")
		s.clean(t)

		_, err = s.svc.Book(ctx, s.scheduler, screening.Wish{ScreeningID: show.ID, Seats: []int64{v.Held[0].ID}})
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		_, err = s.svc.Block(ctx, s.rival, v.ID)
		require.ErrorIs(t, err, errs.ErrNotFound, "another branch does not see it")
		_, err = s.svc.ApproveBlock(ctx, s.branch, v.ID)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = s.svc.DeclineBlock(ctx, s.scheduler, v.ID, "")
		require.ErrorIs(t, err, screening.ErrReason)
		require.Positive(t, s.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'block_requested'`))
		require.Zero(t, s.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'booked'`))

		tk, err := s.svc.Ticket(ctx, s.branch, v.BookingID)
		require.NoError(t, err)
		require.Equal(t, models.BookingHeld, tk.Status)
		_, err = s.Kernel.CheckIn(ctx, s.scheduler, booking.Scan{Code: tk.Code, Nonce: "n"})
		require.ErrorIs(t, err, booking.ErrHeld)
		_, err = s.svc.Enrol(ctx, s.branch, v.BookingID, []booking.Guest{{Name: "王芳", SeatID: v.Held[3].ID}}, booking.SeatedAsNamed)
		require.NoError(t, err, "the list can be written meanwhile")

		v, err = s.svc.ApproveBlock(ctx, s.scheduler, v.ID)
		require.NoError(t, err)
		require.Equal(t, models.BookingBooked, v.BookingStatus)
		require.Zero(t, heldInWeek())
		require.Positive(t, s.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = 'block_approved'`))
		_, err = s.svc.DeclineBlock(ctx, s.scheduler, v.ID, "x")
		require.ErrorIs(t, err, screening.ErrBlockDecided)
		clock.Set(show.StartsAt.Add(-time.Hour).Time())
		_, err = s.Kernel.CheckIn(ctx, s.scheduler, booking.Scan{Code: tk.Code, Nonce: "n", Seats: []int64{v.Held[0].ID}})
		require.NoError(t, err)
		s.clean(t)
	})
}

func TestEveryEndOfABlockFreesItsSeatsAtOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		end  func(s *stage, v screening.BlockView) error
		want models.BlockStatus
		told string
	}{
		"Declined": {func(s *stage, v screening.BlockView) error {
			_, err := s.svc.DeclineBlock(ctx, s.scheduler, v.ID, "当晚有别的安排")
			return err
		}, models.BlockDeclined, "block_declined"},
		"Withdrawn": {func(s *stage, v screening.BlockView) error {
			_, err := s.svc.WithdrawBlock(ctx, s.branch, v.ID, "")
			return err
		}, models.BlockWithdrawn, ""},
		"GivenBack": {func(s *stage, v screening.BlockView) error {
			_, err := s.svc.Cancel(ctx, s.branch, v.BookingID, screening.GivingUp{})
			return err
		}, models.BlockWithdrawn, "cancelled"},
		"Expired": {func(s *stage, v screening.BlockView) error {
			s.clock.Set(v.Deadline.Time())
			n, err := s.svc.ExpireDue(ctx, v.Deadline)
			if n != 1 && err == nil {
				return fmt.Errorf("%d ended", n)
			}
			return err
		}, models.BlockExpired, "block_expired"},
		"CalledOff": {func(s *stage, v screening.BlockView) error {
			_, err := s.svc.CallOff(ctx, s.scheduler, v.EventID, "设备检修")
			return err
		}, models.BlockDeclined, "cancelled_by_staff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := setUp(t, d, clock)
				show := s.puton(t, at(100))
				v, err := s.svc.AskBlock(ctx, s.branch, screening.BlockWish{ScreeningID: show.ID, Count: 60})
				require.NoError(t, err)
				require.NoError(t, c.end(s, v))
				now, err := s.svc.Block(ctx, s.branch, v.ID)
				require.NoError(t, err)
				require.Equal(t, c.want, now.Status)
				require.Equal(t, models.BookingCancelled, now.BookingStatus)
				require.Zero(t, s.Saved(t, show.ID).Taken)
				if c.told != "" {
					require.Positive(t, s.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = ?`, c.told))
				}
				_, err = s.svc.ApproveBlock(ctx, s.scheduler, v.ID)
				require.ErrorIs(t, err, screening.ErrBlockDecided)
				s.clean(t)
			})
		})
	}
}

// Asked at once at more screenings than the cap, on two nodes: a branch never
// holds more than it may.
func TestABranchHoldsNoMoreBlocksThanItMay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		var shows []screening.Show
		for i := range 6 {
			shows = append(shows, s.puton(t, at(100+i*4)))
		}
		var all sync.WaitGroup
		failed := make([]error, 12)
		for i := range failed {
			all.Go(func() {
				_, failed[i] = s.svc.AskBlock(context.Background(), s.branch, screening.BlockWish{ScreeningID: shows[i%6].ID, Count: 30})
			})
		}
		all.Wait()
		held := 0
		for _, err := range failed {
			if err == nil {
				held++
			} else {
				require.ErrorIs(t, err, screening.ErrBlockCap)
			}
		}
		require.Equal(t, 3, held)
		s.clean(t)
		_, err := s.svc.AskBlock(context.Background(), s.rival, screening.BlockWish{ScreeningID: shows[0].ID, Count: 30})
		require.NoError(t, err, "the cap is each branch's own")
	})
}

// Blocks asked for, approved, declined, withdrawn and run out, while buyers and
// the door's staff go for the same seats: whatever was promised holds.
func TestBlocksInAStorm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		show := s.puton(t, at(100))
		buyers := s.Accounts(t, 12)
		branches := s.manyBranches(t, 10)
		var mu sync.Mutex
		promised := map[int64]int{}
		promise := func(refs []booking.SeatRef) {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range refs {
				promised[r.ID]++
			}
		}
		var all sync.WaitGroup
		start := make(chan struct{})
		late := at(49) // past every deadline of now, before the start
		for i := range 120 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 7))
				<-start
				switch i % 4 {
				case 0:
					who := branches[i%len(branches)]
					v, err := s.svc.AskBlock(ctx, who, screening.BlockWish{ScreeningID: show.ID, Count: 10 + r.IntN(30)})
					if err != nil {
						fine(t, err)
						return
					}
					switch r.IntN(5) {
					case 0:
						_, err = s.svc.DeclineBlock(ctx, s.scheduler, v.ID, "x")
					case 1:
						_, err = s.svc.WithdrawBlock(ctx, who, v.ID, "")
					case 2:
						_, err = s.svc.Cancel(ctx, who, v.BookingID, screening.GivingUp{})
					case 3:
						if v, err = s.svc.ApproveBlock(ctx, s.scheduler, v.ID); err == nil {
							promise(v.Held)
						}
					}
					fine(t, err)
				case 1, 2:
					p, err := s.svc.Book(ctx, buyers[i%len(buyers)], screening.Wish{ScreeningID: show.ID, Party: models.Party{Count: 1 + r.IntN(4)}})
					if fine(t, err); err == nil {
						promise(p.Seats)
					}
				case 3:
					_, err := s.svc.ExpireDue(ctx, late)
					fine(t, err)
				}
			})
		}
		close(start)
		all.Wait()
		for id, n := range promised {
			require.Equal(t, 1, n, "seat %d was promised to %d", id, n)
		}
		s.clean(t)
		_, err := s.svc.ExpireDue(ctx, late)
		require.NoError(t, err)
		require.Zero(t, s.count(t, `SELECT COUNT(*) FROM bookings WHERE status = 'held'`))
		require.Equal(t, len(promised), s.Saved(t, show.ID).Taken, "what is taken is what was promised")
		s.clean(t)
	})
}

// fine lets pass what somebody may be answered who comes second.
func fine(t *testing.T, err error) {
	t.Helper()
	for _, ok := range []error{nil, booking.ErrFull, booking.ErrSeatTaken, booking.ErrNotBooked, screening.ErrBlockDecided, screening.ErrBlockCap} {
		if errors.Is(err, ok) {
			return
		}
	}
	t.Error(err)
}

// manyBranches are secretaries of branches of their own.
func (s *stage) manyBranches(t *testing.T, n int) []auth.Actor {
	t.Helper()
	out := s.Accounts(t, n)
	for i := range out {
		o := models.Org{ParentID: &s.Station.ID, Path: fmt.Sprintf("%sb%d/", s.Station.Path, i), Code: fmt.Sprint("b", i), Name: fmt.Sprint("支部", i), Kind: models.OrgBranch}
		s.Write(t, func(tx *db.Tx) error { o.CreatedAt = tx.Now(); return tx.Insert(&o) })
		out[i].Grants = []auth.Grant{s.Grant(t, out[i], auth.Branch, o)}
	}
	return out
}

// Each way in which a request and its booking can contradict each other is seen.
func TestTheBlockSweepSeesEachContradiction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		show := s.puton(t, at(100))
		v, err := s.svc.AskBlock(context.Background(), s.branch, screening.BlockWish{ScreeningID: show.ID, Count: 30})
		require.NoError(t, err)
		for fault, cure := range map[string]string{
			`UPDATE bookings SET status = 'booked' WHERE id = ?`:                   `UPDATE bookings SET status = 'held' WHERE id = ?`,
			`UPDATE block_requests SET status = 'expired' WHERE booking_id = ?`:    `UPDATE block_requests SET status = 'pending' WHERE booking_id = ?`,
			`UPDATE block_requests SET seats = seats + 1 WHERE booking_id = ?`:     `UPDATE block_requests SET seats = seats - 1 WHERE booking_id = ?`,
			`UPDATE bookings SET status = 'cancelled' WHERE id = ? AND party = 30`: `UPDATE bookings SET status = 'held' WHERE id = ?`,
		} {
			s.Write(t, func(tx *db.Tx) error { _, err := tx.Exec(fault, v.BookingID); return err })
			breaches, err := s.svc.SweepBlocks(context.Background())
			require.NoError(t, err)
			require.NotEmpty(t, breaches, fault)
			s.Write(t, func(tx *db.Tx) error { _, err := tx.Exec(cure, v.BookingID); return err })
			s.clean(t)
		}
	})
}
