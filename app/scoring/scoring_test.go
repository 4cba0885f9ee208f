package scoring_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/scoring"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestMarksOfAPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		_, _, err := w.put(1, 0, 946)
		require.ErrorIs(t, err, scoring.ErrNotOpen)
		require.NoError(t, w.Scoring.Recuse(t.Context(), w.Judges[2], models.Conflict{RoundID: w.Round, JudgeID: w.Links[2].ID, EntryID: w.Entries[0], Kind: models.ConflictFamily}))
		w.open(t)

		first, o, err := w.put(1, 0, 946)
		require.NoError(t, err)
		require.Equal(t, []any{scoring.OutcomeSaved, 1}, []any{o, first.Version})
		again, o, err := w.put(1, 0, 946)
		require.NoError(t, err, "sent twice")
		require.Equal(t, scoring.OutcomeSame, o)
		require.Equal(t, first, again)
		_, _, err = w.put(1, 0, 900)
		require.ErrorIs(t, err, scoring.ErrSent, "other marks are the chief's to write")
		require.Equal(t, models.MarkSheet{"all": 946}, errs.As(err).Extra["marks"])

		_, _, err = w.put(2, 0, 946)
		require.ErrorIs(t, err, scoring.ErrRecused)
		_, _, err = w.put(1, 1, 1001)
		require.Equal(t, "scoring_scale", errs.As(err).Fields[0].Code)
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[1], scoring.Sent{RoundID: w.Round, EntryID: 999, Marks: models.MarkSheet{"all": 900}})
		require.ErrorIs(t, err, scoring.ErrForeignEntry)
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[1], scoring.Sent{ContestID: w.Contest + 1, RoundID: w.Round, EntryID: w.Entries[1], Marks: models.MarkSheet{"all": 900}})
		require.ErrorIs(t, err, errs.ErrNotFound, "of another contest")
		_, _, err = w.Scoring.Put(t.Context(), w.Staff, scoring.Sent{RoundID: w.Round, EntryID: w.Entries[1], Marks: models.MarkSheet{"all": 900}})
		require.ErrorIs(t, err, scoring.ErrNoSeat, "who runs the contest gives no marks")

		// The chief corrects with a reason, from what was read; what comes late from
		// the phone changes nothing.
		correct := scoring.Sent{RoundID: w.Round, EntryID: w.Entries[0], JudgeID: w.Links[1].ID, Version: 1, Marks: models.MarkSheet{"all": 920}, Reason: "看错一行"}
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[3], correct)
		require.ErrorIs(t, err, scoring.ErrOnlyChief)
		_, _, err = w.put(0, 0, 900)
		require.NoError(t, err)
		stale := correct
		stale.Version = 0
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[0], stale)
		require.ErrorIs(t, err, scoring.ErrStale)
		second, o, err := w.Scoring.Put(t.Context(), w.Judges[0], correct)
		require.NoError(t, err)
		require.Equal(t, []any{scoring.OutcomeSaved, 2, "看错一行"}, []any{o, second.Version, second.Reason})
		late, o, err := w.put(1, 0, 946)
		require.NoError(t, err, "out of order")
		require.Equal(t, []any{scoring.OutcomeOlder, 2, "all=920"}, []any{o, late.Version, late.Marks})

		for e := range w.Entries {
			for j := range w.Judges {
				if (j == 2 || j == 1) && e == 0 {
					continue
				}
				_, _, err := w.put(j, e, 900+j+e)
				require.NoError(t, err)
			}
		}
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
		_, _, err = w.put(1, 1, 901)
		require.ErrorIs(t, err, scoring.ErrFrozen)
		require.Equal(t, w.Clock.Instant(), errs.As(err).Args["at"])
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[0], correct)
		require.ErrorIs(t, err, scoring.ErrFrozen, "the chief too")
	})
}

// Of many phones at once nothing is lost, and a judge's own two phones cannot
// both be right.
func TestAllPhonesAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.open(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		outcomes := map[string]int{}
		for j := range w.Judges {
			for e := range w.Entries {
				for twice := range 2 {
					all.Go(func() {
						_, o, err := w.put(j, e, golden[e][j]+twice)
						mu.Lock()
						defer mu.Unlock()
						switch {
						case err == nil:
							outcomes[string(o)]++
						case errors.Is(err, scoring.ErrSent):
							outcomes["sent"]++
						default:
							t.Error(err)
						}
					})
				}
			}
		}
		all.Wait()
		require.Equal(t, map[string]int{"saved": 28, "sent": 28}, outcomes)
		for _, x := range w.board(t).Slots {
			require.Equal(t, []int{7, 7}, []int{x.Scored, x.Judges})
		}
	})
}

func TestANewLinkKillsTheOld(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		old := w.Links[3]
		fresh, err := w.Scoring.Relink(t.Context(), w.Staff, w.Round, old.ID)
		require.NoError(t, err)
		_, ok, err := w.Scoring.Bearer(t.Context(), old.Token)
		require.NoError(t, err)
		require.False(t, ok)
		a, ok, err := w.Scoring.Bearer(t.Context(), fresh.Token)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, old.ID, a.JudgeID)
		var stored string
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&stored, `SELECT token_hash FROM judges WHERE id = ?`, old.ID) })
		require.NotContains(t, stored, fresh.Token)
		require.NoError(t, w.Scoring.Leave(t.Context(), w.Staff, w.Round, old.ID, "生病"))
		_, ok, err = w.Scoring.Bearer(t.Context(), fresh.Token)
		require.NoError(t, err)
		require.False(t, ok, "who left the panel has no link")
	})
}

func TestConflictsOfInterest(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		_, err := w.Scoring.Invite(t.Context(), w.Staff, w.Round, scoring.Invitation{Name: "第二位", Chief: true})
		require.ErrorIs(t, err, scoring.ErrChief)
		w.execute(t, `UPDATE accounts SET login = 'leader1' WHERE id = ?`, w.Leaders[0].AccountID)
		_, err = w.Scoring.Invite(t.Context(), w.Staff, w.Round, scoring.Invitation{Login: "leader1"})
		require.ErrorIs(t, err, scoring.ErrCompetes, "a leader of the round is blocked")
		_, err = w.Scoring.Invite(t.Context(), w.Second, w.Round, scoring.Invitation{Name: "x"})
		require.ErrorIs(t, err, errs.ErrForbidden)

		w.invite(t, scoring.Invitation{Name: "本社区", OrgID: w.Station.ID}) // all four come from there
		w.open(t)
		_, _, err = w.put(7, 0, 900)
		require.ErrorIs(t, err, scoring.ErrRecused)
		require.Equal(t, string(models.ConflictCommunity), errs.As(err).Args["kind"])
		require.Equal(t, 7, w.board(t).Slots[0].Judges, "the rule leaves the mark out")
		w.score(t)
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
	})
}

// A chief who has nothing to say about an entry does not say it through the marks of others.
func TestARecusedChiefCorrectsNobody(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		w.open(t)
		w.score(t)
		require.NoError(t, w.Scoring.Recuse(t.Context(), w.Judges[0], models.Conflict{RoundID: w.Round, EntryID: w.Entries[0], JudgeID: w.Links[0].ID, Kind: models.ConflictFamily}))
		correct := scoring.Sent{RoundID: w.Round, EntryID: w.Entries[0], JudgeID: w.Links[1].ID, Version: 1, Marks: models.MarkSheet{"all": 999}, Reason: "看错一行"}
		_, _, err := w.Scoring.Put(t.Context(), w.Judges[0], correct)
		require.ErrorIs(t, err, scoring.ErrRecused)
		correct.EntryID = w.Entries[1]
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[0], correct)
		require.NoError(t, err)
	})
}

// Recusals that leave too few marks keep the round from being opened.
func TestTooFewJudges(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		for _, j := range w.Links[4:] {
			require.NoError(t, w.Scoring.Recuse(t.Context(), w.Staff, models.Conflict{RoundID: w.Round, JudgeID: j.ID, EntryID: w.Entries[1], Kind: models.ConflictDeclared}))
		}
		err := w.Scoring.Open(t.Context(), w.Staff, w.Round)
		require.ErrorIs(t, err, scoring.ErrFew)
		require.Equal(t, []any{"乙队", 2, 3}, []any{errs.As(err).Args["team"], errs.As(err).Args["left"], errs.As(err).Args["keep"]})
	})
}

func TestPaperIsConfirmedByASecondPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.open(t)
		in := scoring.Sent{RoundID: w.Round, JudgeID: w.Links[5].ID, EntryID: w.Entries[0], Marks: models.MarkSheet{"all": 959}}
		p, err := w.Scoring.EnterPaper(t.Context(), w.Second, in)
		require.NoError(t, err)
		_, err = w.Scoring.EnterPaper(t.Context(), w.Staff, in)
		require.ErrorIs(t, err, scoring.ErrPaperTaken)
		require.ErrorIs(t, w.Scoring.SettlePaper(t.Context(), w.Second, w.Round, p.ID, models.PaperConfirmed, ""), scoring.ErrSecondPerson)
		require.Equal(t, 0, w.board(t).Slots[0].Scored, "it does not count yet")
		require.NoError(t, w.Scoring.SettlePaper(t.Context(), w.Staff, w.Round, p.ID, models.PaperRejected, "抄错"))
		p, err = w.Scoring.EnterPaper(t.Context(), w.Second, in)
		require.NoError(t, err)

		// Two confirm at once: one is first.
		other := w.with(t, auth.Clerk)
		var all sync.WaitGroup
		faults := make([]error, 2)
		for i, a := range []auth.Actor{w.Staff, other} {
			all.Go(func() {
				faults[i] = w.Scoring.SettlePaper(t.Context(), a, w.Round, p.ID, models.PaperConfirmed, "")
			})
		}
		all.Wait()
		require.NotEqual(t, faults[0] == nil, faults[1] == nil, "%v", faults)
		require.ErrorIs(t, errors.Join(faults...), scoring.ErrPaperDone)
		require.Equal(t, 1, w.board(t).Slots[0].Scored)
		desk, err := w.Scoring.Paper(t.Context(), w.Second, w.Round)
		require.NoError(t, err)
		require.Empty(t, desk.Waiting)
		require.Len(t, desk.Open, 27)
	})
}

func TestTheStage(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		stage := func(e int, m scoring.Move, seconds int) error {
			return w.Scoring.Stage(t.Context(), w.Staff, w.Round, w.Entries[e], m, seconds, "没有来")
		}
		w.open(t)
		require.Zero(t, w.board(t).Late)
		w.Clock.Advance(7 * time.Minute)
		require.Equal(t, 7, w.board(t).Late, "nobody began")
		require.NoError(t, stage(0, scoring.MoveStart, 0))
		require.ErrorIs(t, stage(1, scoring.MoveStart, 0), scoring.ErrTurn, "one at a time")
		w.Clock.Advance(5 * time.Minute)
		require.NoError(t, stage(0, scoring.MoveEnd, 341)) // 41 seconds over: two half minutes begun beyond 10 seconds
		require.NoError(t, stage(1, scoring.MoveAbsent, 0))
		b := w.board(t)
		require.Equal(t, []string{scoring.StageDone, scoring.StageAbsent, scoring.StageWaiting}, []string{b.Slots[0].Stage, b.Slots[1].Stage, b.Slots[2].Stage})
		require.Equal(t, 2, b.Late, "12 minutes after the start, and the third was to begin after 10")
		require.NoError(t, stage(1, scoring.MoveBack, 0))
		require.NoError(t, stage(1, scoring.MoveAbsent, 0))
		require.NoError(t, w.Scoring.Penalise(t.Context(), w.Staff, w.Round, w.Entries[0], "fall", "鼓槌落地"))
		for j := range w.Judges {
			for _, e := range []int{0, 2, 3} {
				_, _, err := w.put(j, e, 900)
				require.NoError(t, err)
			}
		}
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
		require.NoError(t, w.Scoring.Release(t.Context(), w.Staff, w.Round, scoring.PaceAll))
		lines := w.board(t).Lines
		require.Len(t, lines, 3, "who did not come has no place")
		require.Equal(t, []any{1, 1, 3, "0.30"}, []any{lines[0].Place, lines[1].Place, lines[2].Place, lines[2].Deducted})
		require.Equal(t, models.TieJoint, lines[0].Decided)
	})
}

func (w *world) execute(t *testing.T, query string, args ...any) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
}

// What is handed over again takes the place of what was, until marks are taken.
func TestTheLineIsFixedOnceMarksAreTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := scoring.Round{ID: w.Round, ContestID: w.Contest, Contest: "锣鼓大赛", Title: "决赛", OrgID: w.Centre.ID, StartsAt: w.Clock.Instant()}
		hand := func(line ...scoring.Act) error {
			return w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.Scoring.Hand(tx, r, line) })
		}
		require.NoError(t, hand(scoring.Act{EntryID: 14, Number: 1, Team: "丁队"}, scoring.Act{EntryID: 11, Number: 2, Team: "甲队"}, scoring.Act{EntryID: 99, Number: 3, Team: "新队", Withdrawn: true}))
		b := w.board(t)
		require.Equal(t, []int64{14, 11, 99}, []int64{b.Slots[0].EntryID, b.Slots[1].EntryID, b.Slots[2].EntryID})
		w.open(t)
		require.Equal(t, scoring.StageAbsent, w.board(t).Slots[2].Stage, "who withdrew does not appear")
		require.ErrorIs(t, hand(scoring.Act{EntryID: 14, Number: 1, Team: "丁队"}), scoring.ErrLineFixed)
	})
}

func TestARoundByHand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		in := scoring.Registration{OrgID: w.Centre.ID, Name: "模特比赛", Title: "决赛", StartsAt: w.Clock.Instant(), LimitMinutes: 5, Lines: "一队，旗袍，滨体\n\n二队"}
		var all sync.WaitGroup
		rounds := make([]scoring.Round, 4)
		for i := range rounds {
			all.Go(func() {
				var err error
				rounds[i], err = w.Scoring.Register(w.ctx(), w.Staff, in)
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		seen := map[int64]bool{}
		for _, r := range rounds {
			require.False(t, seen[r.ID] || seen[r.ContestID+1e9], "each a round and a contest of its own")
			seen[r.ID], seen[r.ContestID+1e9] = true, true
		}
		in.ContestID = rounds[0].ContestID
		again, err := w.Scoring.Register(t.Context(), w.Staff, in)
		require.NoError(t, err)
		require.Equal(t, rounds[0].ContestID, again.ContestID)
		_, err = w.Scoring.Register(t.Context(), w.Second, in)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Scoring.Register(t.Context(), w.Staff, scoring.Registration{OrgID: w.Centre.ID})
		var names []string
		for _, f := range errs.As(err).Fields {
			names = append(names, f.Name)
		}
		require.Equal(t, []string{"name", "title", "date", "lines"}, names)
	})
}
