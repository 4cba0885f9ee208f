package jobs

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/notify"
	"youyue/app/notify/notifytest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func openAt(t *testing.T, url string, clock func() time.Time) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: url, Clock: clock})
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func runner(t *testing.T, d *db.DB, all ...Job) *Runner {
	t.Helper()
	r, err := New(d, time.UTC, slog.New(slog.DiscardHandler), all...)
	require.NoError(t, err)
	return r
}

func each(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			fn(t, dbtest.URL(t, e))
		})
	}
}

// TestANodeIsKilledWhileItSends: round after round a node is killed with -9 at
// some moment while it sends. Then the other one goes on: each outbox row is in
// the inbox exactly once, and each letter arrived at least once, the same one
// under the same Message-ID.
func TestANodeIsKilledWhileItSends(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		const rounds, perRound = 4, 400
		var ahead atomic.Int64 // the survivor's clock, once it has waited for dead claims
		d := openAt(t, url, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
		post := notifytest.Mail(t)
		post.Check(func(notifytest.Letter) error { time.Sleep(2 * time.Millisecond); return nil })
		s := newNotify(d, post.Config)
		r := runner(t, d, sendJob(s))
		account := models.Account{Name: "刘明", Email: "liu@example.org", Lang: "zh-CN", CreatedAt: d.Now()}
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { return tx.Insert(&account) }))

		interrupted := 0
		for round := range rounds {
			child := startNode(t, nodeSpec{URL: url, Job: "send_outbox", SMTP: post.Config})
			before := len(post.Letters())
			require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
				var batch []notify.Notice
				for i := range perRound {
					batch = append(batch, notify.Notice{Account: account.ID, Kind: notify.Booked, Subject: fmt.Sprintf("booking:%d-%d", round, i)})
				}
				return s.Enqueue(tx, batch...)
			}))
			if round > 0 { // in the first one perhaps the inbox is not filled yet
				at := before + rand.IntN(perRound/4)
				require.Eventually(t, func() bool { return len(post.Letters()) > at }, time.Minute, time.Millisecond)
			}
			child.kill(t)
			if count(t, d, `SELECT count(*) FROM outbox WHERE state = 'waiting'`) > 0 {
				interrupted++
			}
			_, err := r.RunOnce(t.Context(), "send_outbox")
			require.True(t, err == nil || errors.Is(err, ErrRunning), "%v", err)
		}
		require.Positive(t, interrupted, "no node was killed in the middle")

		require.Eventually(t, func() bool {
			_, err := r.RunOnce(t.Context(), "send_outbox")
			return err == nil
		}, time.Minute, 50*time.Millisecond, "the lease of the dead runs out")
		ahead.Store(int64(5 * time.Minute)) // so do its claims
		_, err := r.RunOnce(t.Context(), "send_outbox")
		require.NoError(t, err)

		const all = rounds * perRound
		require.Equal(t, 2*all, count(t, d, `SELECT count(*) FROM outbox WHERE state = 'sent'`))
		require.Zero(t, count(t, d, `SELECT count(*) FROM outbox WHERE state <> 'sent'`))
		require.Equal(t, all, count(t, d, `SELECT count(*) FROM inbox`))
		require.Equal(t, all, count(t, d, `SELECT count(DISTINCT outbox_id) FROM inbox`))
		require.Equal(t, all, count(t, d, `SELECT count(DISTINCT subject) FROM inbox`))
		seen := map[string]int{}
		for _, l := range post.Letters() {
			seen[l.MessageID]++
		}
		require.Equal(t, all, len(seen), "letters with a Message-ID of their own") //nolint:testifylint // Len would print them all
		t.Logf("%d rounds interrupted, %d letters for %d rows", interrupted, len(post.Letters()), all)
	})
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&n, query, args...) }))
	return n
}

func TestTheLeaseOfADeadNodeIsTakenOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		child := startNode(t, nodeSpec{URL: url, Job: "hold"})
		child.await(t, "holding")
		r := runner(t, openAt(t, url, nil), Job{Name: "hold", Spec: "@every 1h", Lease: testLease, Run: nothing})
		time.Sleep(2 * testLease)
		_, err := r.RunOnce(t.Context(), "hold")
		require.ErrorIs(t, err, ErrRunning, "a living node keeps its lease")
		child.kill(t)
		_, err = r.RunOnce(t.Context(), "hold")
		require.ErrorIs(t, err, ErrRunning, "nobody can know yet that it is dead")
		require.Eventually(t, func() bool {
			_, err := r.RunOnce(t.Context(), "hold")
			return err == nil
		}, 10*time.Second, 50*time.Millisecond)
	})
}
