package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func nothing(context.Context, models.Instant) (int, error) { return 0, nil }

func job(name string, run func(ctx context.Context, now models.Instant) (int, error)) Job {
	return Job{Name: name, Spec: "30 4 * * *", Lease: time.Minute, Run: run}
}

// TestOneRunAtATime: two nodes and many tries, and never two runs at once.
func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		var now, most, ran, refused atomic.Int64
		work := job("work", func(context.Context, models.Instant) (int, error) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(30 * time.Millisecond)
			now.Add(-1)
			return 1, nil
		})
		nodes := []*Runner{runner(t, openAt(t, url, nil), work), runner(t, openAt(t, url, nil), work)}
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				for range 4 {
					switch _, err := nodes[i%2].RunOnce(context.WithoutCancel(t.Context()), "work"); {
					case err == nil:
						ran.Add(1)
					case errors.Is(err, ErrRunning):
						refused.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, most.Load())
		require.Positive(t, ran.Load())
		require.Positive(t, refused.Load())
		require.EqualValues(t, 64, ran.Load()+refused.Load())
	})
}

func TestARunIsRecorded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fail := errors.New("the printer is out of paper")
		var outcome error
		var moment models.Instant
		r := runner(t, d, job("work", func(_ context.Context, now models.Instant) (int, error) {
			moment = now
			clock.Advance(1500 * time.Millisecond)
			return 7, outcome
		}), job("never", nothing))
		list := func() Status {
			all, err := r.List(t.Context())
			require.NoError(t, err)
			require.Len(t, all, 2)
			require.Equal(t, Status{Name: "never", Spec: "30 4 * * *", Next: all[1].Next}, all[1])
			return all[0]
		}
		began := clock.Instant()
		res, err := r.RunOnce(t.Context(), "work")
		require.NoError(t, err)
		require.Equal(t, began, moment)
		require.Equal(t, Result{Name: "work", Done: 7, Started: began, Finished: clock.Instant()}, res)
		s := list()
		require.Equal(t, Status{Name: "work", Spec: "30 4 * * *", Started: began, Finished: clock.Instant(), Duration: 1500 * time.Millisecond,
			Done: 7, Next: models.InstantOf(time.Date(2026, 11, 23, 4, 30, 0, 0, time.UTC))}, s)
		require.True(t, s.Healthy())

		outcome = fail
		_, err = r.RunOnce(t.Context(), "work")
		require.ErrorIs(t, err, fail)
		s = list()
		require.Equal(t, fail.Error(), s.Error)
		require.Equal(t, clock.Instant(), s.FailedAt)
		require.False(t, s.Healthy())

		outcome = nil
		_, err = r.RunOnce(t.Context(), "work")
		require.NoError(t, err)
		s = list()
		require.Equal(t, fail.Error(), s.Error, "the last error stays to be read")
		require.True(t, s.Healthy())
		_, err = r.RunOnce(t.Context(), "play")
		require.ErrorIs(t, err, ErrUnknown)
	})
}

func TestAPanicIsAnErrorAndFreesTheLease(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := runner(t, d, job("work", func(context.Context, models.Instant) (int, error) { panic("no paper") }))
		for range 2 {
			_, err := r.RunOnce(t.Context(), "work")
			require.EqualError(t, err, "panic: no paper")
		}
		all, err := r.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, "panic: no paper", all[0].Error)
	})
}

func TestARunEndsWhenItsLeaseIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		d := openAt(t, url, nil)
		begun := make(chan struct{})
		j := job("work", func(ctx context.Context, _ models.Instant) (int, error) {
			close(begun)
			<-ctx.Done()
			return 3, ctx.Err()
		})
		j.Lease = time.Second
		r := runner(t, d, j)
		ended := make(chan error)
		go func() {
			_, err := r.RunOnce(context.WithoutCancel(t.Context()), "work")
			ended <- err
		}()
		<-begun
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET lease_owner = 'another', lease_until = ?`, tx.Now().Add(time.Hour))
			return err
		}))
		require.ErrorIs(t, <-ended, errLeaseLost)
		require.Equal(t, 1, count(t, d, `SELECT count(*) FROM jobs WHERE lease_owner = 'another' AND finished_at IS NULL`),
			"the row is the new owner's")
	})
}

func TestTheClockRunsJobsAndStopWaits(t *testing.T) {
	t.Parallel()
	d := openAt(t, dbtest.URL(t, db.SQLite), nil)
	begun, ended := make(chan struct{}, 9), atomic.Int64{}
	j := job("work", func(context.Context, models.Instant) (int, error) {
		begun <- struct{}{}
		time.Sleep(300 * time.Millisecond)
		ended.Add(1)
		return 0, nil
	})
	j.Spec = "@every 1s"
	r := runner(t, d, j)
	r.Start()
	<-begun
	require.NoError(t, r.Stop(t.Context()))
	require.EqualValues(t, 1, ended.Load())
	_, err := r.RunOnce(t.Context(), "work")
	require.ErrorIs(t, err, ErrStopped)
}

func TestStopEndsAJobThatWillNotEnd(t *testing.T) {
	t.Parallel()
	d := openAt(t, dbtest.URL(t, db.SQLite), nil)
	begun := make(chan struct{})
	r := runner(t, d, job("work", func(ctx context.Context, _ models.Instant) (int, error) {
		close(begun)
		<-ctx.Done()
		return 0, ctx.Err()
	}))
	ended := make(chan error, 1)
	go func() {
		_, err := r.RunOnce(context.WithoutCancel(t.Context()), "work")
		ended <- err
	}()
	<-begun
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Stop(soon), context.DeadlineExceeded)
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestFaultyJobsAreRefused(t *testing.T) {
	t.Parallel()
	d := openAt(t, dbtest.URL(t, db.SQLite), nil)
	for want, all := range map[string][]Job{
		"job a: schedule:":                          {{Name: "a", Spec: "every day", Lease: time.Minute, Run: nothing}},
		"job a: lease 1ms is shorter than a second": {{Name: "a", Spec: "@daily", Lease: time.Millisecond, Run: nothing}},
		"job a: declared twice":                     {job("a", nothing), job("a", nothing)},
	} {
		_, err := New(d, time.UTC, slog.New(slog.DiscardHandler), all...)
		require.ErrorContains(t, err, want)
	}
}

func TestThePageOfJobs(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	d := dbtest.Open(t, db.SQLite, clock)
	bad := job("expire_requests", func(context.Context, models.Instant) (int, error) { return 0, errors.New("<script>") })
	r := runner(t, d, job("send_outbox", nothing), bad, job("purge_expired", nothing))
	admin := auth.Actor{AccountID: 5, Login: "admin", Grants: []auth.Grant{{Role: auth.Admin, OrgID: 1, Path: "/1/"}}}
	auditor := auth.Actor{AccountID: 6, Login: "auditor", Grants: []auth.Grant{{Role: auth.Auditor, OrgID: 1, Path: "/1/"}}}
	_, err := r.runBy(t.Context(), admin, "expire_requests")
	require.ErrorIs(t, err, ErrFailed)
	_, err = r.runBy(t.Context(), admin, "send_outbox")
	require.NoError(t, err)
	_, err = r.runBy(t.Context(), admin, "play")
	require.ErrorIs(t, err, ErrUnknown)
	require.Equal(t, 2, count(t, d, `SELECT count(*) FROM audit_log WHERE action = 'job.run' AND actor = 'admin'`))

	render, err := web.New(web.Config{})
	require.NoError(t, err)
	show := func(a auth.Actor, notice string) string {
		p, err := r.page(t.Context(), a, notice, "send_outbox")
		require.NoError(t, err)
		var buf bytes.Buffer
		require.NoError(t, render.Render(&buf, web.Frame{Lang: locales.ZhCN, Now: clock.Instant(), CSRF: "tok"}, p))
		return buf.String()
	}
	html := show(admin, "err.job.running")
	for _, want := range []string{"发送通知", "正常", "上次出错", "还没运行过", "&lt;script&gt;", "发送通知 正在运行", `action="/jobs/send_outbox/run"`} {
		require.Contains(t, html, want)
	}
	require.NotContains(t, show(auditor, ""), "/run\"")
}

func TestEveryJobHasItsWords(t *testing.T) {
	t.Parallel()
	all := []Job{SendOutbox(none{}), CloseFinished(none{}), ExpireRequests(none{}), ReleaseReservedSeats(none{}),
		PurgeExpired(nil), RemindUpcoming(nil, nil, nil)}
	for _, j := range all {
		require.True(t, locales.Has(locales.ZhCN, "job.name."+j.Name), j.Name)
	}
	d := openAt(t, dbtest.URL(t, db.SQLite), nil)
	require.Len(t, runner(t, d, all...).jobs, len(all))
}

type none struct{}

func (none) SendDue(context.Context, models.Instant) (int, error)    { return 0, nil }
func (none) FinishDue(context.Context, models.Instant) (int, error)  { return 0, nil }
func (none) ExpireDue(context.Context, models.Instant) (int, error)  { return 0, nil }
func (none) ReleaseDue(context.Context, models.Instant) (int, error) { return 0, nil }

func execute(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(query, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		return nil
	}))
}
