package screening_test

import (
	"context"
	"testing"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestTheCinemaConfirmsAfterTheScheduler(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 96, 144)
		first, second := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))

		_, err := s.svc.Confirm(ctx, op, first.ID, screening.Answer{})
		require.ErrorIs(t, err, screening.ErrDecided, "the scheduler comes first")
		v, err := s.svc.Approve(ctx, s.scheduler, first.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.HallConfirming, v.Status)
		require.True(t, v.Holds)
		require.Nil(t, v.EventID)
		_, err = s.svc.Approve(ctx, s.scheduler, first.ID, nil)
		require.ErrorIs(t, err, screening.ErrUnconfirmed)
		for _, who := range []auth.Actor{s.scheduler, s.branch} {
			_, err = s.svc.Confirm(ctx, who, first.ID, screening.Answer{})
			require.ErrorIs(t, err, errs.ErrForbidden)
		}
		rival, err := s.svc.Request(ctx, s.rival, second.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallPending, rival.Status, "it queues until the cinema has answered")

		_, err = s.svc.Refuse(ctx, op, first.ID, "")
		require.ErrorIs(t, err, screening.ErrReason)
		no, err := s.svc.Refuse(ctx, op, first.ID, "当天有首映")
		require.NoError(t, err)
		require.Equal(t, models.HallDeclined, no.Status)
		rival, err = s.svc.Request(ctx, s.rival, second.ID)
		require.NoError(t, err)
		require.True(t, rival.Holds, "the next in the queue moves up")
		require.Equal(t, 1, s.told(t, "hall_declined"))
		require.Equal(t, 2, s.told(t, "cinema_refused"), "both schedulers")

		_, err = s.svc.Approve(ctx, s.scheduler, second.ID, nil)
		require.NoError(t, err)
		yes, err := s.svc.Confirm(ctx, op, second.ID, screening.Answer{Projectionist: "张放映", Cost: "场租 800 元，由街道支付"})
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, yes.Status)
		require.Equal(t, []string{"张放映", "场租 800 元，由街道支付"}, []string{yes.Shown.ShownBy, yes.Shown.ShownCost})
		require.Equal(t, 172, s.Saved(t, *yes.EventID).Taken, "now the whole hall is the branch's")
		mine, err := s.svc.Bookings(ctx, s.rival, screening.Shelf{})
		require.NoError(t, err)
		require.Equal(t, "场租 800 元，由街道支付", mine.Items[0].Shown.ShownCost)
		_, err = s.svc.Refuse(ctx, op, second.ID, "晚了")
		require.ErrorIs(t, err, screening.ErrDecided)
		require.Equal(t, 2, s.told(t, "hall_to_confirm"))
		s.MustBeClean(t)
		s.MustKeepHours(t)
	})
}

// told counts the notices of a kind inside the product.
func (s *stage) told(t *testing.T, kind string) (n int) {
	t.Helper()
	s.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox'`, kind)
	})
	return n
}

// A request approved over the head of who held the time: the holder queues while
// the cinema thinks, and has it again when the cinema says no.
func TestApprovalFromTheQueueTakesTheTimeOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 96, 144)
		holder, queued := s.ask(t, s.branch, at(100)), s.ask(t, s.rival, at(101))
		v, err := s.svc.Approve(ctx, s.scheduler, queued.ID, []int64{holder.ID})
		require.NoError(t, err)
		require.True(t, v.Holds)
		was, err := s.svc.Request(ctx, s.branch, holder.ID)
		require.NoError(t, err)
		require.False(t, was.Holds)
		_, err = s.svc.Refuse(ctx, op, queued.ID, "放映机检修")
		require.NoError(t, err)
		was, err = s.svc.Request(ctx, s.branch, holder.ID)
		require.NoError(t, err)
		require.True(t, was.Holds)
	})
}

func TestTheCinemaConfirmsBeforeTheScheduler(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmBefore)
		s.Release(t, 96, 190)
		q := s.ask(t, s.branch, at(100))
		require.Equal(t, models.HallConfirming, q.Status)
		require.True(t, q.Holds)
		_, err := s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.ErrorIs(t, err, screening.ErrUnconfirmed)
		v, err := s.svc.Confirm(ctx, op, q.ID, screening.Answer{Projectionist: "张放映", Cost: "免场租"})
		require.NoError(t, err)
		require.Equal(t, models.HallPending, v.Status)
		require.Equal(t, 2, s.told(t, "hall_requested"), "now the schedulers hear of it")
		v, err = s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, v.Status)
		require.Equal(t, "免场租", v.Shown.ShownCost)

		// Another time than the cinema said yes to needs its yes again.
		q = s.ask(t, s.branch, at(150))
		_, err = s.svc.Confirm(ctx, op, q.ID, screening.Answer{})
		require.NoError(t, err)
		_, err = s.svc.Propose(ctx, s.scheduler, q.ID, at(160), "")
		require.NoError(t, err)
		v, err = s.svc.Accept(ctx, s.branch, q.ID)
		require.NoError(t, err)
		require.Equal(t, models.HallConfirming, v.Status)
		v, err = s.svc.Confirm(ctx, op, q.ID, screening.Answer{})
		require.NoError(t, err)
		require.Equal(t, models.HallApproved, v.Status, "scheduler and branch have agreed already")
		require.Equal(t, at(160), s.Saved(t, *v.EventID).StartsAt)
		s.MustBeClean(t)
		s.MustKeepHours(t)
	})
}

func TestAScreeningIsBookedOnlyWhenTheCinemaHasConfirmed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 96, 144)
		put := func(start models.Instant) screening.Show {
			v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
			require.NoError(t, err)
			require.Equal(t, models.EventPlanned, v.State)
			return v
		}
		v, refused, forgotten := put(at(100)), put(at(105)), put(at(110))
		resident := s.Account(t)
		wish := screening.Wish{ScreeningID: v.ID, Party: models.Party{Count: 2}}
		_, err := s.svc.Book(ctx, resident, wish)
		require.ErrorIs(t, err, booking.ErrPlanned)
		_, err = s.svc.AskHall(ctx, s.branch, s.wish(at(100)))
		require.ErrorIs(t, err, screening.ErrHallBusy, "its time is taken all the same")
		on, err := s.svc.Programme(ctx, screening.Programme{})
		require.NoError(t, err)
		require.Zero(t, on.Total, "residents do not see it yet")

		_, err = s.svc.ConfirmScreening(ctx, s.scheduler, v.ID, screening.Answer{})
		require.ErrorIs(t, err, errs.ErrForbidden)
		v, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "张放映"})
		require.NoError(t, err)
		require.Equal(t, models.EventOpen, v.State)
		_, err = s.svc.Book(ctx, resident, wish)
		require.NoError(t, err)
		v, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "李放映"})
		require.NoError(t, err)
		require.Equal(t, "李放映", v.Shown.ShownBy, "another one comes")
		_, err = s.svc.RefuseScreening(ctx, op, v.ID, "检修")
		require.ErrorIs(t, err, screening.ErrNothingToConfirm)

		_, err = s.svc.RefuseScreening(ctx, op, refused.ID, "检修")
		require.NoError(t, err)
		require.Equal(t, models.EventCancelled, s.Saved(t, refused.ID).State)
		require.Equal(t, 1, s.told(t, "cinema_refused"))
		clock.Set(forgotten.ConfirmUntil.Time())
		n, err := s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, models.EventCancelled, s.Saved(t, forgotten.ID).State)
		require.Equal(t, 2, s.told(t, "cinema_unanswered"), "scheduler and cinema")
		s.MustBeClean(t)
		s.MustKeepHours(t)
	})
}

func TestAnUnansweredConfirmationExpires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 190, 240)
		q := s.ask(t, s.branch, at(200))
		v, err := s.svc.Approve(ctx, s.scheduler, q.ID, nil)
		require.NoError(t, err)
		clock.Set(v.Deadline.Time())
		n, err := s.svc.ExpireDue(ctx, clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		got, err := s.svc.Requests(ctx, s.branch, list.Query{}, models.HallExpired)
		require.NoError(t, err)
		require.EqualValues(t, 1, got.Total)
		require.Equal(t, 1, s.told(t, "hall_expired"))
		require.Equal(t, 3, s.told(t, "cinema_unanswered"), "two schedulers and the operator")
	})
}

func TestTheEveningBeforeTheCinemaIsToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := setUp(t, d, clock)
		ctx := context.Background()
		op := s.Cinema(t, models.ConfirmAfter)
		s.Release(t, 96, 130)
		put := func(start models.Instant) {
			v, err := s.svc.Schedule(ctx, s.scheduler, screening.Plans{FilmID: s.film.ID, StartsAt: start, Audience: models.AudiencePublic})
			require.NoError(t, err)
			_, err = s.svc.ConfirmScreening(ctx, op, v.ID, screening.Answer{Projectionist: "张放映"})
			require.NoError(t, err)
		}
		put(at(96))  // Friday the 27th, 09:00
		put(at(100)) // the same day, 13:00
		put(at(120)) // the day after
		remind := func(hour int) int {
			clock.Set(at(hour).Time())
			n, err := s.svc.RemindEve(ctx, clock.Instant())
			require.NoError(t, err)
			return n
		}
		require.Zero(t, remind(79), "16:00 the day before")
		require.Equal(t, 2, remind(80))
		require.Zero(t, remind(81), "once")
		require.Equal(t, 1, s.told(t, "operator_day"))
		var vars string
		s.Read(t, func(tx *db.Tx) error { return tx.Scan(&vars, `SELECT vars FROM outbox WHERE kind = 'operator_day'`) })
		require.Contains(t, vars, "09:00–11:32《1921》0/172 张放映；13:00–15:32《1921》")
		require.Equal(t, 1, remind(119), "what a missed evening left is told in the morning")
		require.Equal(t, 2, s.told(t, "operator_day"))
	})
}
