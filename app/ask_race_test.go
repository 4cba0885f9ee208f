package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/demo"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// consents lists what does not agree between the sessions of an activity in a partner's
// place, what the partner was asked for, and the time that the kernel keeps.
func consents(t *testing.T, w *apitest.World, id int64) (wrong []string) {
	t.Helper()
	var rows []struct {
		ID               int64
		State            models.SessionState
		StartsAt, EndsAt models.Instant
	}
	var times []models.OwnerAskTime
	var held []struct {
		SourceID         int64
		StartsAt, EndsAt models.Instant
	}
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return errors.Join(tx.Scan(&rows, `SELECT id, state, starts_at, ends_at FROM activity_sessions WHERE activity_id = ? ORDER BY id`, id),
			tx.Scan(&times, `SELECT * FROM owner_ask_times WHERE source_kind = 'activity' AND source_id = ? AND state <> 'withdrawn' ORDER BY id`, id),
			tx.Scan(&held, `SELECT source_id, starts_at, ends_at FROM occupancies WHERE source_kind = 'activity' AND source_id IN (SELECT id FROM activity_sessions WHERE activity_id = ?)`, id))
	}))
	for _, x := range rows {
		var of []models.OwnerAskTime
		for _, k := range times {
			if k.ItemID == x.ID {
				of = append(of, k)
			}
		}
		kept := 0
		for _, h := range held {
			if h.SourceID == x.ID && !h.StartsAt.After(x.StartsAt) && !h.EndsAt.Before(x.EndsAt) {
				kept++
			}
		}
		switch {
		case x.State == models.SessionCancelled:
			if len(of) > 0 || kept > 0 {
				wrong = append(wrong, fmt.Sprintf("session %d is cancelled: %v, kept %d", x.ID, of, kept))
			}
		case len(of) != 1 || of[0].StartsAt != x.StartsAt || of[0].EndsAt != x.EndsAt:
			wrong = append(wrong, fmt.Sprintf("session %d at %s: %v", x.ID, x.StartsAt, of))
		case (kept > 0) != (of[0].State == models.AskWanted || of[0].State == models.AskGiven):
			wrong = append(wrong, fmt.Sprintf("session %d is %s, and kept %d", x.ID, of[0].State, kept))
		}
	}
	return wrong
}

func login(t *testing.T, w *apitest.World, name string) auth.Actor {
	t.Helper()
	a, err := demo.Actor(t.Context(), w.App, name)
	require.NoError(t, err)
	return a
}

// A partner answers while the organiser moves and cancels: what stands as agreed is a
// time that was asked, and the kernel keeps what waits or is agreed to, nothing else.
func TestAnswersRaceMoves(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		partner, staff := login(t, w, "partner"), login(t, w, "scheduler")
		for round := range 3 {
			v := borrow(t, w, "term", fmt.Sprintf("抢时间 %d", round), moment(24, 10+round*3), moment(25, 10+round*3), moment(26, 10+round*3))
			k := askOf(t, w, fmt.Sprintf("抢时间 %d", round))
			answers := []func() error{}
			for i, at := range k.Times {
				r := room.AskRuling{ID: k.ID, Yes: i != 1, Times: []int64{at.ID}, Reason: "有比赛"}
				answers = append(answers, func() error { _, err := w.App.Rooms.AnswerAsk(t.Context(), partner, r); return err })
			}
			for i, x := range v.Sessions {
				to := moment(27+i, 10+round*3)
				answers = append(answers, func() error {
					_, err := w.App.Activities.Move(t.Context(), staff, x.ID, activity.Time{Start: to, End: to.Add(time.Hour)}, "改期")
					return err
				})
			}
			answers = append(answers, func() error {
				_, err := w.App.Activities.CallOffSession(t.Context(), staff, v.Sessions[2].ID, "不办了")
				return err
			})
			rand.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
			var all sync.WaitGroup
			for _, act := range answers {
				all.Go(func() {
					if err := act(); err != nil && errs.As(err).Kind != errs.Conflict {
						t.Errorf("%v", err)
					}
				})
			}
			all.Wait()
			require.Empty(t, consents(t, w, v.ID))
		}
	})
}

// The negative control: an answer that does not look again puts a yes on a time that
// was moved meanwhile, and the check sees it; with the index in place it cannot be
// written at all.
func TestAnswersRaceMovesFault(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		staff := login(t, w, "scheduler")
		v := borrow(t, w, "term", "没有再看", moment(24, 10))
		k := askOf(t, w, "没有再看")
		to := moment(27, 10)
		_, err := w.App.Activities.Move(t.Context(), staff, v.Sessions[0].ID, activity.Time{Start: to, End: to.Add(time.Hour)}, "改期")
		require.NoError(t, err)
		require.Empty(t, consents(t, w, v.ID))
		blind := func() error {
			return w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE owner_ask_times SET state = 'given' WHERE id = ?`, k.Times[0].ID)
				return err
			})
		}
		require.Equal(t, "owner_ask_times_source_kind_item_id_room_id_key", db.Constraint(blind()))
		require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`DROP INDEX owner_ask_times_source_kind_item_id_room_id_key`)
			return err
		}))
		require.NoError(t, blind())
		require.NotEmpty(t, consents(t, w, v.ID))
	})
}
