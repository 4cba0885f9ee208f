package scoring_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/scoring"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// another hands a round of another contest over and gives it a panel.
func (w *world) another(t *testing.T, id int64, start models.Instant, sitting int64) int64 {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		return w.Scoring.Hand(tx, scoring.Round{ID: id, ContestID: w.Contest, Contest: "锣鼓大赛", Title: fmt.Sprint("第", id, "轮"), OrgID: w.Centre.ID,
			StartsAt: start, EndsAt: start.Add(2 * time.Hour), SittingID: sitting}, []scoring.Act{{EntryID: 77, Number: 1, Team: "戊队"}})
	})
	all, err := w.Scoring.Rules(t.Context(), w.Staff, w.Contest)
	require.NoError(t, err)
	require.NoError(t, w.Scoring.SetUp(t.Context(), w.Staff, id, all[0].ID, 300))
	return id
}

func (w *world) seats(t *testing.T) (n int) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM occupancies WHERE source_kind = ?`, scoring.Source)
	})
	return n
}

// A judge sits in one place at a time, by account or by name, however many ask at
// once; rounds that follow each other on one stage share the judge's time.
func TestAJudgeSitsInOnePlaceAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		start := w.Clock.Instant()
		require.Equal(t, 7, w.seats(t))
		clash, later := w.another(t, 21, start.Add(10*time.Minute), 0), w.another(t, 22, start.Add(5*time.Hour), 0)
		_, err := w.Scoring.Invite(t.Context(), w.Staff, clash, scoring.Invitation{Name: "评委3"})
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		require.Equal(t, "评委3", errs.As(err).Args["resource"])
		require.Equal(t, 7, w.seats(t), "all or nothing")
		_, err = w.Scoring.Invite(t.Context(), w.Staff, w.Round, scoring.Invitation{Name: "评委3"})
		require.ErrorIs(t, err, scoring.ErrSeatTaken)
		_, err = w.Scoring.Invite(t.Context(), w.Staff, later, scoring.Invitation{Name: "评委3"})
		require.NoError(t, err)

		// One account on several panels at once: one is first. A panel of the same
		// sitting takes no time of its own.
		w.execute(t, `UPDATE accounts SET login = 'busy' WHERE id = ?`, w.Second.AccountID)
		rounds := []int64{clash, w.another(t, 23, start, 0), w.another(t, 24, start, 0)}
		faults := make([]error, len(rounds))
		var all sync.WaitGroup
		for i, r := range rounds {
			all.Go(func() { _, faults[i] = w.Scoring.Invite(w.ctx(), w.Staff, r, scoring.Invitation{Login: "busy"}) })
		}
		all.Wait()
		in := -1
		for i, err := range faults {
			switch {
			case err == nil && in < 0:
				in = i
			case !errors.Is(err, booking.ErrResourceTaken):
				t.Errorf("round %d: %v", rounds[i], err)
			}
		}
		require.GreaterOrEqual(t, in, 0, "%v", faults)
		n := w.seats(t)
		shared := w.another(t, 25, map[bool]models.Instant{true: start.Add(10 * time.Minute), false: start}[in == 0], rounds[in])
		_, err = w.Scoring.Invite(t.Context(), w.Staff, shared, scoring.Invitation{Login: "busy"})
		require.NoError(t, err)
		require.Equal(t, n, w.seats(t))

		// Moved with its contest, the time goes with it; the account is told.
		to := scoring.Round{ID: later, ContestID: w.Contest, Contest: "锣鼓大赛", Title: "改期", OrgID: w.Centre.ID, StartsAt: start, EndsAt: start.Add(time.Hour)}
		move := func() error { return w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.Scoring.Move(tx, to) }) }
		require.ErrorIs(t, move(), booking.ErrResourceTaken, "评委3 sits in the first round then")
		to.StartsAt, to.EndsAt = start.Add(24*time.Hour), start.Add(26*time.Hour)
		require.NoError(t, move())
		require.NoError(t, w.Scoring.Leave(t.Context(), w.Staff, w.Round, w.Links[2].ID, "生病"))
		to.StartsAt, to.EndsAt = start, start.Add(time.Hour)
		require.NoError(t, move(), "who left is free")
		require.NoError(t, w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.Scoring.Drop(tx, w.Contest) }))
		require.Zero(t, w.seats(t))

		// The control: with the kernel's claims taken away the same wish is granted, so
		// it was the kernel that refused.
		_, err = w.Scoring.Invite(t.Context(), w.Staff, clash, scoring.Invitation{Name: "评委4"})
		require.NoError(t, err)
	})
}
