package app_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Each session is told of a day and two hours before it, once: those of a term too, the
// moved ones at their new time alone, the cancelled ones not at all.
func TestEachSessionIsRemindedOfOnceAtItsTime(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		start := w.Now().Add(72 * time.Hour)
		day := func(n int) m {
			s := start.Add(time.Duration(n) * 24 * time.Hour)
			return m{"start": s, "end": s.Add(time.Hour)}
		}
		a := opened(w, m{"title": "提醒测试", "signup": "term", "capacity": 20, "sessions": []m{day(0), day(4), day(8), day(12)}})
		uid := join(w, "resident", a.ID, m{"party": 1}).ID
		// Every reminder so far, as hours from the first session on to the one that it tells of, at its own moment.
		type reminder struct{ At, Of int }
		told := func() (out []reminder) {
			var rows []struct {
				DueAt models.Instant
				Vars  string
				State string
			}
			require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
				return tx.Scan(&rows, `SELECT due_at, vars, state FROM outbox WHERE kind = 'reminder' AND channel = 'inbox' AND subject = ? AND state <> 'void' ORDER BY due_at`, "booking:"+uid)
			}))
			for _, r := range rows {
				var v struct{ Start time.Time }
				require.NoError(t, json.Unmarshal([]byte(r.Vars), &v))
				out = append(out, reminder{int(r.DueAt.Sub(start).Hours()), int(v.Start.Sub(start.Time()).Hours())})
			}
			return out
		}
		tick := func(at models.Instant) {
			w.Clock.Set(at.Time())
			for range 2 { // twice is no second one
				_, err := w.Runner.RunOnce(t.Context(), "remind_upcoming")
				require.NoError(t, err)
			}
		}
		move := func(session int, to models.Instant) {
			w.As("scheduler").Post("/api/v1/sessions/"+itoa(a.Sessions[session].ID)+"/move", m{"start": to, "end": to.Add(time.Hour), "reason": "x"}).Want(http.StatusOK)
		}
		tick(start.Add(-24*time.Hour - time.Minute))
		require.Empty(t, told())
		tick(start.Add(-24 * time.Hour))
		want := []reminder{{-24, 0}}
		require.Equal(t, want, told())

		// Moved on by three hours, an hour after it was reminded of: what is not sent yet is not
		// sent, the notice of the move stands in for the day before, two hours before it is told of.
		w.Clock.Set(start.Add(-20 * time.Hour).Time())
		move(0, start.Add(3*time.Hour))
		want = nil
		require.Equal(t, want, told(), "what waits at the old time is taken back")
		tick(start.Add(-20 * time.Hour))
		require.Equal(t, want, told(), "the notice of the move is fresh")
		tick(start.Add(-2 * time.Hour))
		require.Equal(t, want, told(), "nothing at the old time")
		tick(start.Add(time.Hour))
		want = append(want, reminder{1, 3})
		require.Equal(t, want, told())

		// The second session, days after the event of the term has begun.
		tick(start.Add(72 * time.Hour))
		want = append(want, reminder{72, 96})
		require.Equal(t, want, told())
		tick(start.Add(94 * time.Hour))
		want = append(want, reminder{94, 96})
		require.Equal(t, want, told())

		// The third is moved two days on before anybody is reminded; the fourth is cancelled.
		w.Clock.Set(start.Add(100 * time.Hour).Time())
		move(2, start.Add(240*time.Hour))
		w.As("scheduler").Post("/api/v1/sessions/"+itoa(a.Sessions[3].ID)+"/cancel", m{"reason": "x"}).Want(http.StatusOK)
		for _, h := range []int{168, 190} {
			tick(start.Add(time.Duration(h) * time.Hour))
		}
		require.Equal(t, want, told(), "nothing at the old time")
		for _, h := range []int{216, 238, 264, 286} {
			tick(start.Add(time.Duration(h) * time.Hour))
		}
		want = append(want, reminder{216, 240}, reminder{238, 240})
		require.Equal(t, want, told())
	})
}
