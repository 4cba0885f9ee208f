package scoring_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/scoring"
	"youyue/models"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/goregular"
)

func TestAResultIsReleasedStepByStep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.open(t)
		_, _, err := w.put(0, 0, 946)
		require.NoError(t, err)
		err = w.Scoring.Freeze(t.Context(), w.Staff, w.Round)
		require.ErrorIs(t, err, scoring.ErrIncomplete)
		require.Len(t, errs.As(err).Fields, 27)
		w.score(t)
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
		require.NoError(t, w.Scoring.Thaw(t.Context(), w.Staff, w.Round, "漏了扣分"))
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))

		for _, want := range [][]int{nil, {0}, {3, 0}, {1, 3, 0}, {2, 1, 3, 0}} {
			require.Equal(t, want, w.order(t))
			b := w.board(t)
			text, err := json.Marshal(b)
			require.NoError(t, err)
			require.Equal(t, 4-len(want), b.Hidden)
			if len(want) < 4 {
				require.NotContains(t, string(text), "9.380", "the winner's value")
			}
			if b.Hidden > 0 {
				require.NoError(t, w.Scoring.Release(t.Context(), w.Staff, w.Round, scoring.PaceNext))
			}
		}
		b := w.board(t)
		require.Equal(t, models.PanelProvisional, b.State)
		require.Equal(t, w.Clock.Instant().Add(24*time.Hour), *b.Until)
		require.Equal(t, []string{"9.380", "938"}, []string{b.Lines[0].Value, b.Lines[0].Exact})
	})
}

func TestAResultIsComputedAgainToTheBit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.provisional(t)
		all, err := w.Scoring.Recompute(t.Context(), w.Contest)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.True(t, all[0].Same, all[0].Difference)

		// Whatever is changed behind the product's back is seen.
		for query, want := range map[string]string{
			`UPDATE scores SET marks = 'all=999' WHERE judge_id = (SELECT MIN(judge_id) FROM scores) AND entry_id = (SELECT MIN(entry_id) FROM scores)`: "marks, rule or panel",
			`UPDATE results SET document = document || 'x'`:    "stored result",
			`UPDATE results SET input = 'x'`:                   "stored input",
			`UPDATE results SET input_hash = 'x', input = 'y'`: "stored input",
		} {
			undo := errs.New(errs.Internal, "undo")
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(query); err != nil {
					return err
				}
				again, err := scoring.RecomputeIn(tx, w.Scoring, w.Contest)
				require.NoError(t, err)
				require.Contains(t, again[0].Difference, want, query)
				return undo
			})
			require.ErrorIs(t, err, undo)
		}
	})
}

func TestAnyoneComputesEveryResultAgain(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.freeze(t)
		_, err := w.Scoring.Recount(ctx, w.Round)
		require.ErrorIs(t, err, scoring.ErrState, "nothing before the release")
		w.Clock.Advance(time.Minute)
		require.NoError(t, w.Scoring.Thaw(ctx, w.Staff, w.Round, "漏了扣分"))
		require.NoError(t, w.Scoring.Freeze(ctx, w.Staff, w.Round))
		require.NoError(t, w.Scoring.Release(ctx, w.Staff, w.Round, scoring.PaceAll))
		f, err := w.Scoring.Recount(ctx, w.Round)
		require.NoError(t, err)
		require.Len(t, f.Results, 1, "the thawed one was never out")
		require.True(t, f.Verify()[0].Same, f.Verify()[0].Difference)

		// A result that is forged together with its hash is seen, the earlier one too.
		x := f.Results[0]
		x.Result = strings.Replace(x.Result, "place 1 ", "place 2 ", 1)
		x.ResultHash = models.ScoringHash(x.Result)
		f.Results[0] = x
		require.Contains(t, f.Verify()[0].Difference, "another result")
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE results SET document = ?, result_hash = ? WHERE number = 1`, x.Result, x.ResultHash)
			return err
		})
		all, err := w.Scoring.Recompute(ctx, w.Contest)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Contains(t, all[0].Difference, "another result")
		require.True(t, all[1].Same, all[1].Difference)
	})
}

func TestEqualsWaitForLots(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		w.Rule.Ties = []string{models.TieAllMarks, models.TieDraw}
		v, err := w.Scoring.SaveRule(t.Context(), w.Staff, w.Contest, scoring.FormatRule(w.Rule))
		require.NoError(t, err)
		require.Equal(t, 2, v.Version)
		require.NoError(t, w.Scoring.SetUp(t.Context(), w.Staff, w.Round, v.ID, 300))
		w.open(t)
		require.ErrorIs(t, w.Scoring.SetUp(t.Context(), w.Staff, w.Round, v.ID, 300), scoring.ErrRuleFixed)
		for e := range w.Entries {
			for j := range w.Judges {
				_, _, err := w.put(j, e, 900+10*(e/2))
				require.NoError(t, err)
			}
		}
		require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
		require.ErrorIs(t, w.Scoring.Release(t.Context(), w.Staff, w.Round, scoring.PaceAll), scoring.ErrWaitsForLots)
		desk, err := w.Scoring.Desk(t.Context(), w.Staff, w.Round)
		require.NoError(t, err)
		require.Len(t, desk.Waiting, 2)

		plan := scoring.LotsPlan{Value: models.DrawNamed, Note: "示例公开数", Due: w.Clock.Instant().Add(time.Hour)}
		_, err = w.Scoring.DrawLots(t.Context(), w.Second, w.Round, plan)
		require.ErrorIs(t, err, errs.ErrForbidden)
		d, err := w.Scoring.DrawLots(t.Context(), w.Staff, w.Round, plan)
		require.NoError(t, err)
		require.Equal(t, []any{models.DrawTie, 4}, []any{d.Purpose, d.Entries}, "one list of all who are level")
		_, err = w.Scoring.DrawLots(t.Context(), w.Staff, w.Round, plan)
		require.ErrorIs(t, err, draw.ErrOpen, "one list, one draw")
		_, err = w.Scoring.OpenLots(t.Context(), w.Staff, w.Round, d.ID+7, draw.Value{Text: "1"})
		require.ErrorIs(t, err, errs.ErrNotFound)
		d, err = w.Scoring.OpenLots(t.Context(), w.Staff, w.Round, d.ID, draw.Value{Text: "2027-018"})
		require.NoError(t, err)
		for _, check := range draw.Verify(d.File()) {
			require.True(t, check.OK, check.Name)
		}
		_, err = w.Scoring.DrawLots(t.Context(), w.Staff, w.Round, plan)
		require.ErrorIs(t, err, scoring.ErrNoLots, "nobody waits any more")
		require.NoError(t, w.Scoring.Release(t.Context(), w.Staff, w.Round, scoring.PaceAll))
		lot := map[int]int{}
		for i, e := range d.Order() {
			lot[int(e.EntryID[len(e.EntryID)-1]-'1')] = i
		}
		order := w.order(t)
		require.ElementsMatch(t, []int{2, 3}, order[:2])
		require.Less(t, lot[order[0]], lot[order[1]], "among equals the lots decide")
		require.Less(t, lot[order[2]], lot[order[3]])
		require.Equal(t, models.TieDraw, w.board(t).Lines[0].Decided)
		all, err := w.Scoring.Recompute(t.Context(), w.Contest)
		require.NoError(t, err)
		require.Len(t, all, 2)
		for _, c := range all {
			require.True(t, c.Same, c.Difference)
		}
	})
}

func TestAProtestFromFilingToCertificates(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		file := scoring.Filing{RoundID: w.Round, EntryID: w.Entries[0], Text: "第三位评委看错了出场号"}
		w.freeze(t)
		_, err := w.Scoring.Protest(ctx, w.Leaders[0], file)
		require.ErrorIs(t, err, scoring.ErrNoProtest)
		require.NoError(t, w.Scoring.Release(ctx, w.Staff, w.Round, scoring.PaceAll))
		_, err = w.Scoring.Protest(ctx, w.Leaders[1], file)
		require.ErrorIs(t, err, scoring.ErrNotYourEntry)
		p, err := w.Scoring.Protest(ctx, w.Leaders[0], file)
		require.NoError(t, err)

		// The preview writes nothing.
		change := scoring.Change{Kind: scoring.ChangeMarks, EntryID: w.Entries[0], JudgeID: w.Links[4].ID, Marks: models.MarkSheet{"all": 975}}
		diff, err := w.Scoring.Preview(ctx, w.Auditor, w.Round, change)
		require.NoError(t, err)
		require.Len(t, diff, 4)
		require.Equal(t, []any{"甲队", 4, 1, "丙队", 1, 2}, []any{diff[0].Act.Team, diff[0].Was, diff[0].Is, diff[2].Act.Team, diff[2].Was, diff[2].Is})
		require.Equal(t, []int{2, 1, 3, 0}, w.order(t))
		_, err = w.Scoring.Preview(ctx, w.Second, w.Round, change)
		require.ErrorIs(t, err, errs.ErrForbidden)

		w.Clock.Advance(24*time.Hour - time.Microsecond)
		n, err := w.Scoring.FinishDue(ctx, w.Clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		w.Clock.Advance(time.Microsecond)
		_, err = w.Scoring.Protest(ctx, w.Leaders[1], scoring.Filing{RoundID: w.Round, EntryID: w.Entries[1], Text: "晚了"})
		require.ErrorIs(t, err, scoring.ErrNoProtest)
		n, err = w.Scoring.FinishDue(ctx, w.Clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n, "a protest waits")
		_, err = w.Scoring.Awards(ctx, w.Round)
		require.ErrorIs(t, err, scoring.ErrNotFinal)

		require.ErrorIs(t, w.Scoring.Decide(ctx, w.Auditor, w.Round, p.ID, models.ProtestUpheld, "成立", change), errs.ErrForbidden)
		require.Equal(t, []any{1, models.ProtestFiled}, []any{len(w.board(t).Protests), w.board(t).Protests[0].State}, "everybody may know that there is one")
		require.NoError(t, w.Scoring.Decide(ctx, w.Staff, w.Round, p.ID, models.ProtestUpheld, "核对评分表，第五位评委应为 9.75", change))
		require.ErrorIs(t, w.Scoring.Decide(ctx, w.Staff, w.Round, p.ID, models.ProtestDismissed, "不成立", change), scoring.ErrProtestDone)
		require.Equal(t, []int{0, 2, 1, 3}, w.order(t))
		all, err := w.Scoring.Recompute(ctx, w.Contest)
		require.NoError(t, err)
		require.Len(t, all, 2)
		for _, c := range all {
			require.True(t, c.Same, c.Difference)
		}

		for want := 1; want >= 0; want-- {
			n, err = w.Scoring.FinishDue(ctx, w.Clock.Instant())
			require.NoError(t, err)
			require.Equal(t, want, n, "each round once")
		}
		awards, err := w.Scoring.Awards(ctx, w.Round)
		require.NoError(t, err)
		require.Len(t, awards, 4)
		require.Equal(t, "甲队", awards[0].Act.Team)
		found, err := w.Scoring.Award(ctx, " "+awards[0].Number[:5]+" "+awards[0].Number[5:])
		require.NoError(t, err)
		require.True(t, found.Current)
		_, err = w.Scoring.Award(ctx, "2026-0001-AAAAAAAA")
		require.ErrorIs(t, err, errs.ErrNotFound)
		var told []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT DISTINCT kind FROM outbox ORDER BY kind`)
		})
		require.Equal(t, []string{"contest_final", "contest_provisional", "protest_decided"}, told)
	})
}

func TestOneProtestAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.provisional(t)
		file := scoring.Filing{RoundID: w.Round, EntryID: w.Entries[0], Text: "第三位评委看错了出场号", Key: idem.Key{Scope: "test", Key: "1", Body: "a"}}
		p, err := w.Scoring.Protest(ctx, w.Leaders[0], file)
		require.NoError(t, err)
		again, err := w.Scoring.Protest(ctx, w.Leaders[0], file)
		require.NoError(t, err)
		require.Equal(t, p.ID, again.ID, "sent twice, filed once")
		refused := make(chan error)
		for i := range 4 {
			next := file
			next.Key.Key = fmt.Sprint("next", i)
			go func() { _, err := w.Scoring.Protest(ctx, w.Leaders[0], next); refused <- err }()
		}
		for range 4 {
			require.ErrorIs(t, <-refused, scoring.ErrProtestWaits)
		}
		_, err = w.Scoring.Protest(ctx, w.Leaders[1], scoring.Filing{RoundID: w.Round, EntryID: w.Entries[1], Text: "另一支队"})
		require.NoError(t, err)
		require.NoError(t, w.Scoring.Decide(ctx, w.Staff, w.Round, p.ID, models.ProtestDismissed, "评分表无误", scoring.Change{}))
		file.Key.Key = "2"
		_, err = w.Scoring.Protest(ctx, w.Leaders[0], file)
		require.NoError(t, err, "after the answer the next one")
		require.Len(t, w.board(t).Protests, 3)
	})
}

func TestTheDeskProtestsForATeamThatItEntered(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		const person = 4
		w.Scoring.Caller = func(*db.Tx, int64) (int64, error) { return person, nil }
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO people (id, org_id, name, created_at) VALUES (?, ?, '来电人', ?)`, person, w.Station.ID, tx.Now())
			return err
		})
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE judged_acts SET leader_id = NULL WHERE entry_id = ?`, w.Entries[0])
			return err
		})
		w.provisional(t)
		file := scoring.Filing{RoundID: w.Round, EntryID: w.Entries[0], Text: "来电：出场号看错了"}
		for name, a := range map[string]auth.Actor{"leader of another team": w.Leaders[1], "auditor": w.Auditor, "visitor": {}} {
			_, err := w.Scoring.Protest(t.Context(), a, file)
			require.ErrorIs(t, err, scoring.ErrNotYourEntry, name)
		}
		p, err := w.Scoring.Protest(t.Context(), w.Second, file)
		require.NoError(t, err)
		file.EntryID = w.Entries[1]
		_, err = w.Scoring.Protest(t.Context(), w.Second, file)
		require.ErrorIs(t, err, scoring.ErrNotYourEntry, "a leader with an account speaks alone")
		require.NoError(t, w.Scoring.Decide(t.Context(), w.Staff, w.Round, p.ID, models.ProtestDismissed, "评分表无误", scoring.Change{}))
		var told []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT DISTINCT kind FROM outbox WHERE recipient = 'person:4' ORDER BY kind`)
		})
		require.Equal(t, []string{"contest_provisional", "protest_decided"}, told)
	})
}

func TestOnlyTheRoleSeesValuesBeforeRelease(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		w.freeze(t)
		for name, a := range map[string]auth.Actor{"staff": w.Staff, "auditor": w.Auditor} {
			desk, err := w.Scoring.Desk(t.Context(), a, w.Round)
			require.NoError(t, err, name)
			require.Len(t, desk.Lines, 4, name)
		}
		for name, a := range map[string]auth.Actor{"clerk": w.Second, "leader": w.Leaders[0], "judge": w.Judges[1], "visitor": {}} {
			_, err := w.Scoring.Desk(t.Context(), a, w.Round)
			require.ErrorIs(t, err, errs.ErrForbidden, name)
		}
		sheet, err := w.Scoring.Sheet(t.Context(), w.Judges[1], w.Round)
		require.NoError(t, err)
		require.Empty(t, sheet.All, "a judge sees the own marks alone")
		require.Equal(t, "all=946", sheet.Cards[0].Score.Marks)
		sheet, err = w.Scoring.Sheet(t.Context(), w.Judges[0], w.Round)
		require.NoError(t, err)
		require.Len(t, sheet.All, 28, "the chief corrects, and sees them")
	})
}

func TestTheChiefMarksWithoutTheOthersInView(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		w.open(t)
		for e := range 2 {
			_, _, err := w.put(1, e, 920)
			require.NoError(t, err)
		}
		sheet, err := w.Scoring.Sheet(t.Context(), w.Judges[0], w.Round)
		require.NoError(t, err)
		require.Empty(t, sheet.All)
		_, _, err = w.Scoring.Put(t.Context(), w.Judges[0], scoring.Sent{RoundID: w.Round, EntryID: w.Entries[0], JudgeID: w.Links[1].ID, Marks: models.MarkSheet{"all": 1}})
		require.ErrorIs(t, err, scoring.ErrMarkFirst, "a refusal says nothing of them either")
		_, _, err = w.put(0, 0, 930)
		require.NoError(t, err)
		sheet, err = w.Scoring.Sheet(t.Context(), w.Judges[0], w.Round)
		require.NoError(t, err)
		require.Len(t, sheet.All, 2, "of the entry that the chief has marked")
		for _, g := range sheet.All {
			require.Equal(t, w.Entries[0], g.EntryID)
		}
	})
}

func TestACertificateOnPaper(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		_, err := scoring.PDF(w.Scoring, nil)
		require.ErrorIs(t, err, scoring.ErrNoFont)
		file, err := scoring.PDF(w.Scoring, goregular.TTF)
		require.NoError(t, err)
		require.Equal(t, "%PDF-", string(file[:5]))
		require.Greater(t, len(file), 4000, "the signs of the font are inside")
	})
}
