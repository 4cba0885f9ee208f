package lecture_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever people and jobs do, in whatever order, no order is ever in a state that
// the table of moves does not lead to, sessions and what they occupy agree, and in
// the end every order is over.
func TestEveryWalkIsLegalAndEnds(t *testing.T) {
	t.Parallel()
	each(t, 4, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) { w.walk(t, r) })
		w.sound(t)
		for range 60 { // nobody does anything any more but the jobs
			w.Clock.Advance(3 * 24 * time.Hour)
			w.jobs(t)
		}
		w.sound(t)
		require.Zero(t, w.count(t, `SELECT COUNT(*) FROM lecture_orders WHERE state NOT IN ('closed', 'cancelled')`), "every order ends")
		require.Zero(t, w.count(t, `SELECT COUNT(*) FROM lecture_offers WHERE state = 'waiting'`))
		for _, somewhere := range []string{`lecture_orders WHERE state = 'closed'`, `lecture_sessions WHERE state = 'dropped'`, `lecture_orders WHERE merged_into IS NOT NULL`, `audit_log WHERE action = 'lecture.revised'`} {
			require.NotZero(t, w.count(t, `SELECT COUNT(*) FROM `+somewhere), "the walks got there: %s", somewhere)
		}
	})
}

// fitting are the steps that lead an order on, so that walks get somewhere.
var fitting = map[models.LectureState][]string{
	models.LectureDraft:      {"send", "revise", "cancel"},
	models.LectureSubmitted:  {"approve", "dispatch", "dispatch", "return", "merge"},
	models.LectureReturned:   {"revise", "send"},
	models.LectureToDispatch: {"dispatch", "dispatch", "return", "merge"},
	models.LectureDispatched: {"accept", "accept", "accept", "decline", "propose", "jobs"},
	models.LectureEscalated:  {"dispatch", "merge", "return"},
	models.LectureAccepted:   {"wait", "wait", "begin", "finish", "finish", "give back", "cancel"},
	models.LectureInService:  {"finish", "jobs"},
	models.LectureToRate:     {"rate"},
	models.LectureClosed:     {"reopen"}, // within a week
}

// walk is a few steps of anybody about two orders.
func (w *world) walk(t *testing.T, r *rapid.T) {
	ctx, s := t.Context(), w.Lectures
	ids := []string{w.placed(t).ID, w.placed(t, func(in *lecture.Ask) {
		today := models.DayOf(w.Clock.Instant(), zone)
		in.Times = lecture.Times{From: today.Add(2), Until: today.Add(9)}
		in.Draft = rapid.Bool().Draw(r, "draft")
	}).ID}
	steps := map[string]func(id string) error{
		"send":    func(id string) error { _, err := s.Send(ctx, w.Resident, id, lecture.Times{}); return err },
		"return":  func(id string) error { _, err := s.Return(ctx, w.Clerk, id, "请写清人数"); return err },
		"approve": func(id string) error { _, err := s.Approve(ctx, w.Clerk, id, 0); return err },
		"merge": func(id string) error {
			_, err := s.Merge(ctx, w.Clerk, id, ids[1-slices.Index(ids, id)])
			return err
		},
		"dispatch": func(id string) error {
			d := lecture.Dispatching{Mode: rapid.SampledFrom([]models.DispatchMode{models.DispatchDirect, models.DispatchOpen, models.DispatchRotation}).Draw(r, "mode"),
				TeamID: rapid.SampledFrom(w.Teams).Draw(r, "team")}
			_, err := s.Dispatch(ctx, w.Clerk, id, d)
			return err
		},
		"accept": func(id string) error {
			_, err := s.Accept(ctx, w.anAsked(t, r, id), id)
			return err
		},
		"decline": func(id string) error {
			_, err := s.Decline(ctx, w.anAsked(t, r, id), id, "出差")
			return err
		},
		"propose": func(id string) error {
			_, err := s.Propose(ctx, rapid.SampledFrom(w.Leaders).Draw(r, "leader"), id, w.Clock.Instant().Add(30*time.Hour), "")
			return err
		},
		"begin": func(id string) error { _, err := s.Start(ctx, w.leaderOf(t, id), id); return err },
		"finish": func(id string) error {
			_, err := s.Finish(ctx, w.leaderOf(t, id), id, lecture.Delivered{Heads: 20})
			return err
		},
		"rate":   func(id string) error { _, err := s.Rate(ctx, w.Resident, id, lecture.Opinion{Face: 2}); return err },
		"cancel": func(id string) error { _, err := s.Cancel(ctx, w.Resident, id, "", ""); return err },
		"revise": func(id string) error {
			_, err := s.Revise(ctx, w.Resident, id, w.ask(func(in *lecture.Ask) { in.Heads, in.Draft = 50, rapid.Bool().Draw(r, "kept") }))
			return err
		},
		"give back": func(id string) error { _, err := s.Decline(ctx, w.leaderOf(t, id), id, "车坏了"); return err },
		"reopen": func(id string) error {
			_, err := s.Reopen(ctx, w.Resident, id, "没讲完", lecture.Times{First: w.Clock.Instant().Add(50 * time.Hour)})
			return err
		},
		"wait": func(id string) error { // until it is to begin
			if o, err := s.Get(ctx, w.Clerk, id); err == nil && o.StartsAt.After(w.Clock.Instant()) {
				w.Clock.Set(o.StartsAt.Time())
			}
			return nil
		},
		"hours": func(string) error {
			w.Clock.Advance(time.Duration(rapid.IntRange(1, 30).Draw(r, "hours")) * time.Hour)
			return nil
		},
		"jobs": func(string) error { w.jobs(t); return nil },
	}
	all := slices.Sorted(maps.Keys(steps))
	for range rapid.IntRange(2, 24).Draw(r, "steps") {
		id := rapid.SampledFrom([]string{ids[0], ids[0], ids[0], ids[1]}).Draw(r, "order")
		names := fitting[w.state(t, id)]
		if len(names) == 0 || rapid.IntRange(0, 5).Draw(r, "odd") == 0 { // one in six is none that fits
			names = all
		}
		name := rapid.SampledFrom(names).Draw(r, "step")
		err := steps[name](id)
		var refusal *errs.Error
		if err != nil && (!errors.As(err, &refusal) || refusal.Kind == errs.Internal) {
			r.Fatalf("%s: %v", name, err)
		}
	}
}

// anAsked leads a team that is asked for an order, or that was; anybody where none is.
func (w *world) anAsked(t *testing.T, r *rapid.T, id string) auth.Actor {
	t.Helper()
	if teams := w.asked(t, id); len(teams) > 0 {
		return w.Leaders[slices.Index(w.Teams, rapid.SampledFrom(teams).Draw(r, "asked"))]
	}
	return rapid.SampledFrom(w.Leaders).Draw(r, "leader")
}

// sound compares what is stored with itself.
func (w *world) sound(t *testing.T) {
	t.Helper()
	require.Empty(t, w.unsound(t))
}

func (w *world) unsound(t *testing.T) []string {
	t.Helper()
	var moves []struct{ SubjectID, Action, Before, After string }
	var faults []string
	w.Read(t, func(tx *db.Tx) error {
		if err := tx.Scan(&moves, `SELECT subject_id, action, before, after FROM audit_log WHERE subject_kind = 'lecture_order' ORDER BY id`); err != nil {
			return err
		}
		for name, query := range map[string]string{
			"an agreed session without its team's time": `SELECT o.id FROM lecture_orders o JOIN lecture_sessions s ON s.id = o.session_id WHERE o.state IN ('accepted', 'in_service')
				AND NOT EXISTS (SELECT 1 FROM occupancies c WHERE c.source_kind = 'lecture' AND c.source_id = s.id AND c.resource_id = s.team_id)`,
			"time taken for nothing": `SELECT CAST(c.id AS TEXT) FROM occupancies c WHERE c.source_kind = 'lecture'
				AND NOT EXISTS (SELECT 1 FROM lecture_sessions s WHERE s.id = c.source_id AND s.state <> 'dropped')`,
			"a session that nobody ordered": `SELECT CAST(s.id AS TEXT) FROM lecture_sessions s WHERE s.state IN ('planned', 'running')
				AND NOT EXISTS (SELECT 1 FROM lecture_orders o WHERE o.session_id = s.id AND o.state IN ('accepted', 'in_service') AND o.merged_into IS NULL)`,
			"a team asked for nothing": `SELECT x.order_id FROM lecture_offers x JOIN lecture_orders o ON o.id = x.order_id WHERE x.state = 'waiting' AND o.state <> 'dispatched'`,
			"dispatched to nobody":     `SELECT o.id FROM lecture_orders o WHERE o.state = 'dispatched' AND NOT EXISTS (SELECT 1 FROM lecture_offers x WHERE x.order_id = o.id AND x.state = 'waiting')`,
			"no clock runs":            `SELECT o.id FROM lecture_orders o WHERE o.state IN ('submitted', 'to_dispatch') AND NOT EXISTS (SELECT 1 FROM lecture_clocks c WHERE c.order_id = o.id AND c.stopped_at IS NULL)`,
			"a clock runs on":          `SELECT o.id FROM lecture_orders o WHERE o.state NOT IN ('submitted', 'to_dispatch', 'escalated') AND EXISTS (SELECT 1 FROM lecture_clocks c WHERE c.order_id = o.id AND c.stopped_at IS NULL)`,
			"merged into what is over": `SELECT o.id FROM lecture_orders o JOIN lecture_orders l ON l.id = o.merged_into WHERE o.state = 'merged' AND l.state IN ('to_rate', 'closed', 'cancelled', 'merged')`,
		} {
			var ids []string
			if err := tx.Scan(&ids, query); err != nil {
				return err
			}
			for _, id := range ids {
				faults = append(faults, name+": "+id)
			}
		}
		return nil
	})
	for _, m := range moves {
		from, to := models.LectureState(m.Before), models.LectureState(m.After)
		if from == "" || !slices.Contains(models.LectureStates(), models.LectureState(strings.TrimPrefix(m.Action, "lecture."))) {
			continue // a note about an order that did not move
		}
		if !from.CanBecome(to) {
			faults = append(faults, "an illegal move: "+m.SubjectID+" "+m.Before+" → "+m.After)
		}
	}
	return faults
}

// A negative control: with an order put where no move leads, the comparison sees it.
func TestAStateThatNoMoveLeadsToIsSeen(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		o := w.taken(t)
		w.sound(t)
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE lecture_orders SET state = 'cancelled' WHERE id = ?`, o.ID)
			return err
		})
		require.Len(t, w.unsound(t), 1, "the session stands for nobody")
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM occupancies WHERE source_kind = 'lecture'`)
			return err
		})
		require.Len(t, w.unsound(t), 1)
	})
}
