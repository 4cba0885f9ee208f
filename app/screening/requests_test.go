package screening_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/app/screening/screeningtest"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// stage is the stage of screeningtest, by short names.
type stage struct {
	*screeningtest.Stage
	svc       *screening.Service
	clock     *dbtest.Clock
	film      models.Film
	scheduler auth.Actor
	branch    auth.Actor
	rival     auth.Actor
}

func setUp(t *testing.T, d *db.DB, clock *dbtest.Clock) *stage {
	t.Helper()
	s := screeningtest.New(t, d)
	return &stage{Stage: s, svc: s.Shows, clock: clock, film: s.Film, scheduler: s.Scheduler, branch: s.Secretary, rival: s.Rival}
}

// at is so many hours after the test clock's start.
func at(hours int) models.Instant {
	return models.InstantOf(dbtest.Start.Add(time.Duration(hours) * time.Hour))
}

func (s *stage) wish(start models.Instant) screening.HallWish { return s.Wish(start) }

func (s *stage) ask(t *testing.T, a auth.Actor, start models.Instant) screening.RequestView {
	t.Helper()
	return s.Ask(t, a, start)
}

func TestTheFirstRequestHoldsTheTimeAndLaterOnesQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		first, second := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))
		require.True(t, first.Holds)
		require.False(t, second.Holds, "the time is held by the first")
		require.True(t, first.Deadline.After(clock.Instant()))

		_, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(100), Audience: models.AudiencePublic})
		require.ErrorIs(t, err, screening.ErrHallBusy, "a pending request keeps screenings out")

		seen, err := s.svc.Request(ctx, s.scheduler, first.ID)
		require.NoError(t, err)
		require.Len(t, seen.Rivals, 1)
		require.Equal(t, second.ID, seen.Rivals[0].ID)

		_, err = s.svc.Approve(ctx, s.scheduler, first.ID, []int64{})
		require.ErrorIs(t, err, screening.ErrRivals, "what was shown no longer holds")
		done, err := s.svc.Approve(ctx, s.scheduler, first.ID, []int64{second.ID})
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, done.Status)

		e := s.Saved(t, *done.EventID)
		require.Equal(t, 172, e.Taken, "the whole hall is the branch's")
		lost, err := s.svc.Request(ctx, s.rival, second.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallDeclined, lost.Status)
		require.NotEmpty(t, lost.Reason)
		_, err = s.svc.Approve(ctx, s.scheduler, second.ID, nil)
		require.ErrorIs(t, err, screening.ErrDecided)
		s.MustBeClean(t)
	})
}

func TestAQueuedRequestMovesUpWhenTheHolderGoes(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(s *stage, id int64) error{
		"Declined": func(s *stage, id int64) error {
			_, err := s.svc.Decline(context.Background(), s.scheduler, id, "影院当天检修")
			return err
		},
		"Withdrawn": func(s *stage, id int64) error {
			_, err := s.svc.Withdraw(context.Background(), s.branch, id, "")
			return err
		},
		"MovedElsewhere": func(s *stage, id int64) error {
			_, err := s.svc.Propose(context.Background(), s.scheduler, id, at(200), "当晚有商业场")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := setUp(t, d, clock)
				first, second := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))
				require.NoError(t, leave(s, first.ID))
				now, err := s.svc.Request(context.Background(), s.rival, second.ID)
				require.NoError(t, err)
				require.True(t, now.Holds)
			})
		})
	}
}

func TestAProposedTimeIsHeldUntilTheBranchAnswers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		q := s.ask(t, s.branch, at(100))
		moved, err := s.svc.Propose(ctx, s.scheduler, q.ID, at(150), "当晚有商业场")
		require.NoError(t, err)
		require.Equal(t, models.HallProposed, moved.Status)
		_, err = s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(150), Audience: models.AudiencePublic})
		require.ErrorIs(t, err, screening.ErrHallBusy)
		_, err = s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.ErrorIs(t, err, screening.ErrDecided, "nobody answers for the branch")
		yes, err := s.svc.Accept(ctx, s.branch, q.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, yes.Status)
		require.Equal(t, at(150), s.Saved(t, *yes.EventID).StartsAt)
		s.MustBeClean(t)
	})
}

func TestAnUnansweredRequestExpires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		first, second := s.ask(t, s.branch, at(200)), s.ask(t, s.rival, at(201))
		n, err := s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		clock.Set(first.Deadline.Time())
		n, err = s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		for _, id := range []int64{first.ID, second.ID} {
			v, err := s.svc.Request(ctx, s.scheduler, id)
			require.NoError(t, err)
			require.Equal(t, models.HallExpired, v.Status)
		}
		_, err = s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(200), Audience: models.AudiencePublic})
		require.NoError(t, err, "the time is free again")
	})
}

func TestRefusalsOfATime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		for name, c := range map[string]struct {
			change func(w *screening.HallWish)
			want   error
		}{
			"ErrPast":      {func(w *screening.HallWish) { w.StartsAt = at(-1) }, screening.ErrPast},
			"ErrFar":       {func(w *screening.HallWish) { w.StartsAt = at(401 * 24) }, screening.ErrFar},
			"ErrLicence":   {func(w *screening.HallWish) { w.StartsAt = at(90*24 - 1) }, screening.ErrLicence},
			"ErrHeadcount": {func(w *screening.HallWish) { w.Headcount = 173 }, screening.ErrHeadcount},
		} {
			w := s.wish(at(100))
			c.change(&w)
			_, err := s.svc.AskHall(ctx, s.branch, w)
			require.ErrorIs(t, err, c.want, name)
		}
		_, err := s.svc.AskHall(ctx, s.Account(t), s.wish(at(100)))
		require.ErrorIs(t, err, screening.ErrWhichBranch, "a resident has no branch")
		none, err := s.svc.Requests(ctx, s.scheduler, list.Query{}, "")
		require.NoError(t, err)
		require.Zero(t, none.Total, "a refusal leaves nothing")
	})
}

// Screenings and requests for the same hours: one of them has the time, the
// others are refused with the reason or queue, and nothing else happens.
func TestManyWishesForTheSameEveningLeaveOneOccupancy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		const n = 48
		var wg sync.WaitGroup
		fails := make(chan error, n)
		for i := range n {
			wg.Go(func() {
				start := at(100).Add(time.Duration(i%5) * 30 * time.Minute)
				var err error
				if i%2 == 0 {
					_, err = s.svc.AskHall(ctx, []auth.Actor{s.branch, s.rival}[i/2%2], s.wish(start))
				} else {
					_, err = s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
				}
				if err != nil && !errors.Is(err, screening.ErrHallBusy) {
					fails <- err
				}
			})
		}
		wg.Wait()
		close(fails)
		for err := range fails {
			require.NoError(t, err)
		}
		var taken int
		s.Read(t, func(tx *db.Tx) error { return tx.Scan(&taken, `SELECT COUNT(*) FROM occupancies`) })
		require.Equal(t, 1, taken)
		s.MustBeClean(t)
	})
}

func TestACalledOffScreeningFreesItsTimeAndTellsItsBookers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(100), Audience: models.AudiencePublic})
		require.NoError(t, err)
		resident := s.Account(t)
		p, err := s.svc.Book(ctx, resident, screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 2}})
		require.NoError(t, err)
		_, err = s.svc.CallOff(ctx, s.scheduler, v.ID, "放映机检修")
		require.NoError(t, err)
		got, err := s.svc.Ticket(ctx, resident, p.ID)
		require.NoError(t, err)
		require.Equal(t, models.BookingCancelled, got.Status)
		var told int
		s.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT COUNT(*) FROM outbox WHERE kind = 'cancelled_by_staff' AND channel = 'inbox'`)
		})
		require.Equal(t, 1, told)
		_, err = s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(100), Audience: models.AudiencePublic})
		require.NoError(t, err, "the time is free again")
		s.MustBeClean(t)
	})
}

func TestAHallGivenBackIsFreeForTheNext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		q := s.ask(t, s.branch, at(100))
		done, err := s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		_, err = s.svc.Book(ctx, s.rival, screening.Wish{ScreeningID: *done.EventID, Party: models.Party{Count: 2}})
		require.ErrorIs(t, err, booking.ErrFull, "the hall is one branch's")
		mine, err := s.svc.Bookings(ctx, s.branch, screening.Shelf{})
		require.NoError(t, err)
		_, err = s.svc.Cancel(ctx, s.branch, mine.Items[0].ID, screening.GivingUp{Reason: "人员外出"})
		require.NoError(t, err)
		require.Equal(t, models.EventCancelled, s.Saved(t, *done.EventID).State)
		now, err := s.svc.Request(ctx, s.branch, q.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallWithdrawn, now.Status)
		require.True(t, s.ask(t, s.rival, at(100)).Holds, "the time is free")
		s.MustBeClean(t)
	})
}

func TestAnApprovalMovesUpWhomTheRivalsKeptOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		middle, early, late := s.ask(t, s.branch, at(102)), s.ask(t, s.rival, at(100)), s.ask(t, s.rival, at(104))
		require.True(t, middle.Holds)
		require.False(t, early.Holds || late.Holds)
		_, err := s.svc.Approve(context.Background(), s.scheduler, early.ID, nil)
		require.NoError(t, err)
		now, err := s.svc.Request(context.Background(), s.rival, late.ID)
		require.NoError(t, err)
		require.True(t, now.Holds, "the one between them is declined, so the time is free")
	})
}

func TestABranchsBookingsLeaveWithItsSecretary(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: at(100), Audience: models.AudienceBranches})
		require.NoError(t, err)
		p, err := s.svc.Book(ctx, s.branch, screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 12}})
		require.NoError(t, err)
		require.Equal(t, models.TogetherOneRow, p.Together, "the share kept for callers leaves long rows whole")
		q := s.ask(t, s.branch, at(200))

		dismissed, successor := s.branch, s.Account(t)
		dismissed.Grants, successor.Grants = nil, s.branch.Grants
		_, err = s.svc.Ticket(ctx, dismissed, p.ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = s.svc.Cancel(ctx, dismissed, p.ID, screening.GivingUp{})
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = s.svc.Request(ctx, dismissed, q.ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = s.svc.Cancel(ctx, successor, p.ID, screening.GivingUp{})
		require.NoError(t, err)
	})
}

func TestOnlyTheBranchAnswersAProposal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		q := s.ask(t, s.branch, at(100))
		_, err := s.svc.Propose(context.Background(), s.scheduler, q.ID, at(150), "")
		require.NoError(t, err)
		_, err = s.svc.Accept(context.Background(), s.scheduler, q.ID)
		require.ErrorIs(t, err, errs.ErrForbidden)
	})
}

// The hall is asked for in time for everybody who has to say yes; whoever decides
// about it knows better.
func TestTheHallIsAskedForInTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		soon := s.wish(at(models.UsualLeadHours).Add(-time.Minute))
		_, err := s.svc.AskHall(ctx, s.branch, soon)
		require.ErrorIs(t, err, screening.ErrLead)
		refusal := errs.As(err)
		require.Equal(t, at(models.UsualLeadHours), refusal.Extra["earliest"])
		for _, x := range refusal.Extra["alternatives"].([]screening.Slot) {
			require.False(t, x.StartsAt.Before(at(models.UsualLeadHours)), "what is offered can be asked for")
		}
		s.ask(t, s.branch, at(models.UsualLeadHours))

		s.Write(t, func(tx *db.Tx) error {
			return venue.SetRules(tx, s.Hall.ID, venue.Rules{Hours: venue.AllHours, Confirm: models.ConfirmNone})
		})
		soon.StartsAt = at(4)
		_, err = s.svc.AskHall(ctx, s.branch, soon)
		require.NoError(t, err, "the rule is data: the cinema has lifted it")
	})
}
