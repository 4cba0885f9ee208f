package lecture_test

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// asked are the teams that were asked for an order, in that order.
func (w *world) asked(t *testing.T, id string) (teams []int64) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&teams, `SELECT team_id FROM lecture_offers WHERE order_id = ? ORDER BY id`, id)
	})
	return teams
}

// Rotation asks each in turn: those never asked first, then who has waited longest.
func TestTurnsGoRound(t *testing.T) {
	t.Parallel()
	each(t, 3, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		var turns []int64
		for day := range 4 {
			o := w.sent(t, lecture.Dispatching{Mode: models.DispatchRotation}, func(in *lecture.Ask) {
				in.Times = lecture.Times{First: models.DayOf(w.Clock.Instant(), zone).Add(5+2*day).At(10*60, zone)}
			})
			turns = append(turns, w.asked(t, o.ID)...)
			w.Clock.Advance(time.Minute)
		}
		require.Equal(t, []int64{w.Teams[0], w.Teams[1], w.Teams[2], w.Teams[0]}, turns)
		// A no passes it on to whose turn is next.
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchRotation}, func(in *lecture.Ask) {
			in.Times = lecture.Times{First: models.DayOf(w.Clock.Instant(), zone).Add(20).At(10*60, zone)}
		})
		_, err := s.Decline(ctx, w.Leaders[1], o.ID, "出差")
		require.NoError(t, err)
		require.Equal(t, []int64{w.Teams[1], w.Teams[2]}, w.asked(t, o.ID))
	})
}

// An open offer goes to all that could come. When all have said no the level above
// is asked, and may still ask one of them again by hand.
func TestAllThatCouldComeAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, 3, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		day := models.DayOf(w.Clock.Instant(), zone).Add(3)
		_, err := s.TakeOff(ctx, w.Leaders[2], w.Teams[2], day, day, "")
		require.NoError(t, err)
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchOpen})
		require.ElementsMatch(t, w.Teams[:2], w.asked(t, o.ID), "who is off that day is left in peace")
		for i := range 2 {
			_, err := s.Decline(ctx, w.Leaders[i], o.ID, "")
			require.NoError(t, err)
		}
		got := w.get(t, o.ID)
		require.Equal(t, models.LectureEscalated, got.State)
		require.Equal(t, 1, got.Level)
		require.Equal(t, 1, w.told(t, "lecture_escalated", w.Upper), "the sub-district's scheduler")
		_, err = s.Dispatch(ctx, w.Upper, o.ID, lecture.Dispatching{Mode: models.DispatchOpen})
		require.ErrorIs(t, err, lecture.ErrNoTeam)
		_, err = s.Dispatch(ctx, w.Upper, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
		require.NoError(t, err)
		// Another time that a team proposes is for staff to take up.
		at := o.SecondAt.Add(2 * time.Hour)
		_, err = s.Propose(ctx, w.Leaders[0], o.ID, at, "上午有课")
		require.NoError(t, err)
		require.EqualValues(t, 1, w.get(t, o.ID).Proposed)
		require.Equal(t, models.LectureDispatched, w.get(t, o.ID).State, "a proposal decides nothing")
		_, err = s.Dispatch(ctx, w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0], Start: at})
		require.NoError(t, err)
		got, err = s.Accept(ctx, w.Leaders[0], o.ID)
		require.NoError(t, err)
		require.True(t, got.StartsAt.Equal(at))
		w.sound(t)
	})
}

// A week holds as many sessions of a team as it says, and no more.
func TestATeamsWeekHasALimit(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE lecture_teams SET per_week = 1`)
			return err
		})
		w.taken(t)
		o := w.placed(t, func(in *lecture.Ask) {
			in.Times.First, in.Times.Second = in.Times.Second.Add(2*time.Hour), models.Instant{}
		})
		_, err := w.Lectures.Dispatch(t.Context(), w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
		require.ErrorIs(t, err, lecture.ErrTeamCannot)
		_, err = w.Lectures.Dispatch(t.Context(), w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0], Start: o.FirstAt.Add(7 * 24 * time.Hour)})
		require.NoError(t, err, "the week after is another one")
	})
}

// A team is retired by who keeps the menu, once it has nothing before it.
func TestATeamIsRetiredWhenItIsDone(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		keeper := w.with(t, auth.Scheduler, w.Centre)
		o := w.taken(t)
		require.ErrorIs(t, s.Retire(ctx, w.Leaders[0], w.Teams[0]), errs.ErrForbidden)
		require.ErrorIs(t, s.Retire(ctx, keeper, w.Teams[0]), lecture.ErrTeamBusy)
		_, err := s.Cancel(ctx, w.Resident, o.ID, "", "")
		require.NoError(t, err)
		require.NoError(t, s.Retire(ctx, keeper, w.Teams[0]))
		_, err = s.Dispatch(ctx, w.Clerk, w.placed(t).ID, lecture.Dispatching{Mode: models.DispatchRotation})
		require.ErrorIs(t, err, lecture.ErrNoTeam)
	})
}

// Of what only some teams offer the others do not hear while one of those can come.
func TestOnlyTeamsThatOfferItAreAsked(t *testing.T) {
	t.Parallel()
	each(t, 3, func(t *testing.T, w *world) {
		require.NoError(t, w.DB.Write(t.Context(), func(tx *db.Tx) error {
			topic, err := lecture.SaveTopic(tx, auth.Actor{Login: "seed", Grants: []auth.Grant{{Role: auth.Admin, Path: "/"}}}, lecture.TopicEntry{OrgID: w.Centre.ID, Title: "送医入户", Category: "health", LengthMin: 60, Teams: w.Teams[:1], Publish: true})
			w.Topic = topic.ID
			return err
		}))
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchOpen})
		require.Equal(t, w.Teams[:1], w.asked(t, o.ID))
		_, err := w.Lectures.Decline(t.Context(), w.Leaders[0], o.ID, "")
		require.NoError(t, err)
		_, err = w.Lectures.Dispatch(t.Context(), w.Upper, o.ID, lecture.Dispatching{Mode: models.DispatchOpen})
		require.NoError(t, err)
		require.Subset(t, w.asked(t, o.ID), w.Teams[1:], "then staff may ask whoever is free")
	})
}
