package activity_test

import (
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// A device whose clock is wrong by years has not let anybody in first, and what one
// session's door has scanned names nobody at another's.
func TestAScanIsOfItsTimeAndItsSession(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	a, here, there := w.Account(t), w.open(t), w.open(t)
	one, err := w.join(t, a, here, 2)
	require.NoError(t, err)
	session := here.Meetings[0]
	clock.Set(session.StartsAt.Time())
	scan := func(session int64, device, nonce string, at models.Instant) activity.Seen {
		clock.Advance(time.Minute)
		seen, _, err := w.Admit(t.Context(), w.Staff, activity.Batch{Device: device, SessionID: session,
			Passes: []activity.Pass{{Nonce: nonce, Kind: models.ScanIn, Code: one.Code, Heads: 1, At: at}}})
		require.NoError(t, err)
		return seen[0]
	}
	first := scan(session.ID, "甲", "n1", session.StartsAt.Add(-time.Minute))
	require.Equal(t, session.StartsAt.Add(-time.Minute), first.At, "without a line, before it began")
	wrong := scan(session.ID, "乙", "n2", models.InstantOf(time.Unix(0, 0)))
	require.Equal(t, []any{models.ScanIn, clock.Instant()}, []any{wrong.Outcome, wrong.At})
	last := scan(session.ID, "丙", "n3", models.Instant{})
	require.Equal(t, models.ScanDouble, last.Outcome)
	require.Equal(t, "n1", last.First.Nonce)

	require.Equal(t, "n1", scan(session.ID, "甲", "n1", models.Instant{}).Nonce)
	other := scan(there.Meetings[0].ID, "甲", "n1", models.Instant{})
	require.Equal(t, []any{models.ScanUnknown, "", 0}, []any{other.Outcome, other.Name, other.Party})
}
