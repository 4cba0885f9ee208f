package activity_test

import (
	"fmt"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// A device that brings its scans back after it was told of who did not come shows who
// did: the warning is taken back, and the pause that no other times justify.
func TestWhoCameAfterAllIsNotPaused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		people := w.Accounts(t, 2)
		said := func(kind string) (n int) {
			w.Write(t, func(tx *db.Tx) error {
				return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox' AND state <> 'void'`, kind)
			})
			return n
		}
		var missed []activity.Signed
		var sessions []activity.Meeting
		scan := func(i int, who activity.Signed) {
			_, _, err := w.Admit(t.Context(), w.Staff, activity.Batch{Device: "门口", SessionID: sessions[i].ID,
				Passes: []activity.Pass{{Nonce: fmt.Sprint(i, who.ID), Kind: models.ScanIn, Code: who.Code, At: sessions[i].StartsAt}}})
			require.NoError(t, err)
		}
		for i := range 3 {
			v := w.open(t)
			sessions = append(sessions, v.Meetings[0])
			mine, err := w.join(t, people[0], v, 1)
			require.NoError(t, err)
			other, err := w.join(t, people[1], v, 1)
			require.NoError(t, err)
			missed = append(missed, mine)
			clock.Set(sessions[i].StartsAt.Time())
			scan(i, other)
			clock.Set(sessions[i].EndsAt.Time())
			_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
			require.NoError(t, err)
			clock.Advance(3 * time.Hour)
			n, err := w.Strike(t.Context(), clock.Instant())
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		next := w.open(t)
		_, err := w.join(t, people[0], next, 1)
		require.ErrorIs(t, err, activity.ErrPaused)
		scan(2, missed[2])
		require.Equal(t, []int{2, 0, 1, 0}, []int{said("activity_warned"), said("activity_paused"), said("absence_undone"), said("absence_paused")})
		_, err = w.join(t, people[0], next, 1)
		require.NoError(t, err, "twice is no pause")
		n, err := w.Strike(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n, "what was taken back stays so")
		require.Equal(t, 1, w.lifted(t))
	})
}

// lifted counts the pauses that were taken back, each with its line in the log.
func (w *world) lifted(t *testing.T) (n int) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM pauses p JOIN audit_log l ON l.action = 'activity_pause.take_back' AND l.subject_id = CAST(p.id AS TEXT) WHERE p.lifted_at IS NOT NULL`)
	})
	return n
}
