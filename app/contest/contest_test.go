package contest_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// TestTwoHundredTeamsForTheLastTwentyPlaces: 20 are in, 180 wait in the order in
// which they were heard, each has one number, and places that are given back go to
// the first of them.
func TestTwoHundredTeamsForTheLastTwentyPlaces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(20))
		leaders := w.Accounts(t, 200)
		got, failed := make([]contest.Entry, len(leaders)), make([]error, len(leaders))
		var wg sync.WaitGroup
		for i, a := range leaders {
			wg.Go(func() {
				key := idem.Key{Scope: fmt.Sprint("team ", i), Key: "1", Body: "x"}
				for range 50 { // a full lane says so, and the form is sent again
					got[i], failed[i] = w.Contests.Enter(t.Context(), a, c.ID, form(c, w.Station.ID, fmt.Sprintf("示例%d队", i)), key)
					if !errors.Is(failed[i], booking.ErrBusy) {
						return
					}
				}
			})
		}
		wg.Wait()
		in, waits, numbers := 0, 0, map[int]bool{}
		for i, e := range got {
			require.NoError(t, failed[i])
			numbers[e.Number] = true
			switch e.State {
			case models.EntrySubmitted:
				in++
			case models.EntryWaiting:
				waits++
			default:
				t.Errorf("entry %d is %s", i, e.State)
			}
		}
		require.Equal(t, []int{20, 180, 200}, []int{in, waits, len(numbers)})
		w.MustBeClean(t)
		var told []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT DISTINCT subject FROM outbox WHERE kind = 'waitlist_joined' AND channel = 'inbox'`)
		})
		require.Len(t, told, 180, "each hears of its own place on the list")
		c, err := w.Contests.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, []int{20, 0, 180}, []int{c.Divisions[0].Taken, c.Divisions[0].Free, c.Divisions[0].Waiting})

		again, err := w.Contests.Enter(t.Context(), leaders[7], c.ID, form(c, w.Station.ID, "示例7队"), idem.Key{Scope: "team 7", Key: "1", Body: "x"})
		require.NoError(t, err)
		require.Equal(t, got[7].UID, again.UID, "a key enters once")

		var first struct{ UID string }
		w.Read(t, func(tx *db.Tx) error {
			_, err := tx.One(&first, `SELECT w.uid FROM waitlist_entries w WHERE w.event_id = ? AND w.state = 'waiting' ORDER BY w.rank, w.id LIMIT 1`, c.Divisions[0].EventID)
			return err
		})
		for i, e := range got {
			if e.State == models.EntrySubmitted {
				_, err := w.Contests.Withdraw(t.Context(), leaders[i], e.UID, "有事")
				require.NoError(t, err)
				break
			}
		}
		next, err := w.Contests.Entry(t.Context(), w.Staff, first.UID)
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, next.WaitState, "the first in order is asked")
		require.NoError(t, w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := w.Kernel.Accept(tx, next.WaitID, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelPhone})
			return err
		}))
		next, err = w.Contests.Entry(t.Context(), w.Staff, first.UID)
		require.NoError(t, err)
		require.Equal(t, models.EntrySubmitted, next.State, "and has the place under the same id")
	})
}

func TestQuotasKeepPlacesUntilTheyAreGivenBack(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		p := w.plan(3)
		p.Divisions[0].Quotas = []contest.Quota{{OrgID: w.Station.ID, Places: 2}}
		c := w.create(t, p)
		a := w.Accounts(t, 4)
		require.Equal(t, models.EntrySubmitted, w.enter(t, a[0], c, form(c, w.Centre.ID, "区队")).State)
		require.Equal(t, models.EntryWaiting, w.enter(t, a[1], c, form(c, w.Centre.ID, "区二队")).State, "two are kept")
		require.Equal(t, models.EntrySubmitted, w.enter(t, a[2], c, form(c, w.Branch.ID, "社区队")).State, "at home below the share")
		w.Clock.Set(p.GiveBackAt.Time().Add(time.Minute))
		_, err := w.Kernel.ReleaseDue(t.Context(), w.Clock.Instant())
		require.NoError(t, err)
		mine, err := w.Contests.Mine(t.Context(), a[1])
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, mine[0].WaitState, "what is left goes to who waits")
		w.MustBeClean(t)
	})
}

func TestAnEntryIsMendedApprovedAndWithdrawn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(3))
		leader, other := w.Account(t), w.Account(t)
		f := form(c, w.Station.ID, "示例队")
		f.Lent = []int64{w.drum}
		e := w.enter(t, leader, c, f)
		_, err := w.Contests.Entry(t.Context(), other, e.UID)
		require.ErrorIs(t, err, errs.ErrNotFound, "whose entry it is not sees nothing")
		_, err = w.Contests.Decide(t.Context(), leader, e.UID, models.EntryApproved, "")
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Contests.Decide(t.Context(), w.Staff, e.UID, models.EntryReturned, " ")
		require.ErrorIs(t, err, errs.ErrInvalid, "no reason")

		e = w.decide(t, e.UID, models.EntryReturned, "请写清曲目")
		require.Equal(t, models.EntryReturned, e.State)
		f.Piece = "威风锣鼓"
		e, err = w.Contests.Mend(t.Context(), leader, e.UID, f)
		require.NoError(t, err)
		require.Equal(t, []any{models.EntrySubmitted, "威风锣鼓"}, []any{e.State, e.Piece})
		require.Empty(t, w.occupied(t, w.drum))
		e = w.decide(t, e.UID, models.EntryApproved, "")
		require.Len(t, w.occupied(t, w.drum), 1, "what the team borrows is booked")
		_, err = w.Contests.Mend(t.Context(), leader, e.UID, f)
		require.ErrorIs(t, err, contest.ErrEntryState, "what is approved stays")

		e, err = w.Contests.Substitute(t.Context(), leader, e.UID, 1, 3)
		require.NoError(t, err)
		require.True(t, e.Members[0].Substitute)
		require.False(t, e.Members[2].Substitute)
		_, err = w.Contests.Substitute(t.Context(), leader, e.UID, 1, 3)
		require.ErrorIs(t, err, errs.ErrInvalid, "who stands by cannot be replaced")

		second := w.enter(t, other, c, form(c, w.Station.ID, "第二队"))
		g := form(c, w.Station.ID, "第三队")
		g.Lent = []int64{w.drum}
		third := w.enter(t, w.Account(t), c, g)
		g.Lent = []int64{w.square}
		_, err = w.Contests.Enter(t.Context(), w.Account(t), c.ID, g, idem.Key{})
		require.ErrorIs(t, err, errs.ErrInvalid, "a square is not lent")
		w.decide(t, second.UID, models.EntryDeclined, "人数已满")
		e, err = w.Contests.Withdraw(t.Context(), leader, e.UID, "")
		require.NoError(t, err)
		require.Equal(t, models.EntryWithdrawn, e.State)
		require.Empty(t, w.occupied(t, w.drum), "nobody who is in borrows it")
		w.decide(t, third.UID, models.EntryApproved, "")
		day := models.DayOf(c.Slots[1].StartsAt, zone)
		_, err = w.Contests.MoveDay(t.Context(), w.Staff, c.ID, contest.Move{From: day, To: day.Add(2), Place: "大厅", Resources: []int64{w.indoors}, Reason: "有雨"})
		require.NoError(t, err)
		require.Equal(t, w.occupied(t, w.indoors)[1], w.occupied(t, w.drum)[0], "it is lent in the hall too")
		c, err = w.Contests.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, 1, c.Divisions[0].Taken)
		require.Equal(t, []int{1, 2, 1}, []int{w.notices(t, notify.ContestReturned), w.notices(t, notify.ContestApproved), w.notices(t, notify.ContestDeclined)})
		w.MustBeClean(t)
	})
}

// An entry is read and changed by its leader, by the desk of the contest and by that of
// the team's home; the desk of another community finds nothing.
func TestADeskElsewhereFindsNoEntry(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(8))
		e := w.enter(t, w.Account(t), c, form(c, w.Centre.ID, "区队"))
		elsewhere, here := w.Account(t), w.Account(t)
		elsewhere.Grants = []auth.Grant{w.Grant(t, elsewhere, auth.Clerk, w.Station)}
		here.Grants = []auth.Grant{w.Grant(t, here, auth.Clerk, w.Centre)}
		_, err := w.Contests.Entry(t.Context(), elsewhere, e.UID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = w.Contests.Withdraw(t.Context(), elsewhere, e.UID, "x")
		require.ErrorIs(t, err, errs.ErrNotFound)
		own := w.enter(t, w.Account(t), c, form(c, w.Station.ID, "社区队"))
		_, err = w.Contests.Entry(t.Context(), elsewhere, own.UID)
		require.NoError(t, err)
		_, err = w.Contests.Withdraw(t.Context(), here, e.UID, "来电")
		require.NoError(t, err)
	})
}

func TestEnterRefuses(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		p := w.plan(3)
		p.OpensAt = w.Clock.Instant().Add(time.Hour)
		c := w.create(t, p)
		leader := w.Account(t)
		try := func(edit func(f *contest.Form)) error {
			f := form(c, w.Station.ID, "示例队")
			edit(&f)
			_, err := w.Contests.Enter(t.Context(), leader, c.ID, f, idem.Key{})
			return err
		}
		require.ErrorIs(t, try(func(*contest.Form) {}), contest.ErrNotYet)
		w.Clock.Advance(2 * time.Hour)
		for name, x := range map[string]struct {
			edit func(f *contest.Form)
			code string
		}{
			"TooFew":   {func(f *contest.Form) { f.Members = f.Members[:1] }, "contest_few"},
			"TooYoung": {func(f *contest.Form) { f.Members[0].BornYear = 2015 }, "contest_young"},
			"TooOld":   {func(f *contest.Form) { f.Members[0].BornYear = 1940 }, "contest_old"},
			"NoYear":   {func(f *contest.Form) { f.Members[0].BornYear = 0 }, "contest_no_year"},
			"Twice":    {func(f *contest.Form) { f.Members[1].Name = "甲" }, "contest_twice"},
			"Spare": {func(f *contest.Form) {
				f.Members = append(f.Members, models.ContestMember{Name: "丁", BornYear: 1990, Substitute: true})
			}, "contest_spare"},
			"TooLong": {func(f *contest.Form) { f.Length = 481 }, "contest_length"},
		} {
			err := try(x.edit)
			require.ErrorIs(t, err, contest.ErrRoster, name)
			require.Equal(t, x.code, errs.As(err).Fields[0].Code, name)
		}
		require.ErrorIs(t, try(func(f *contest.Form) { f.Team = "" }), errs.ErrInvalid)
		require.ErrorIs(t, try(func(f *contest.Form) { f.OrgID = 999 }), errs.ErrInvalid)
		require.ErrorIs(t, try(func(f *contest.Form) { f.Caller = booking.Caller{Name: "来电人"} }), booking.ErrDeskOnly)
		require.NoError(t, try(func(*contest.Form) {}))
		require.ErrorIs(t, try(func(*contest.Form) {}), contest.ErrPerTeam)
		w.Clock.Set(p.ClosesAt.Time())
		require.ErrorIs(t, try(func(f *contest.Form) { f.Team = "晚来的队" }), contest.ErrClosed)
	})
}

// draws enters and approves n teams, two communities by turns.
func (w *world) approved(t *testing.T, c contest.Contest, n int) []contest.Entry {
	t.Helper()
	out := make([]contest.Entry, n)
	for i, a := range w.Accounts(t, n) {
		out[i] = w.enter(t, a, c, form(c, []int64{w.Station.ID, w.Branch.ID}[i%2], fmt.Sprintf("示例%d队", i)))
		out[i] = w.decide(t, out[i].UID, models.EntryApproved, "")
	}
	return out
}

func TestTheOrderIsDrawnAndReplayed(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(8))
		all := w.approved(t, c, 6)
		late := w.enter(t, w.Account(t), c, form(c, w.Station.ID, "待批队"))
		plan := contest.DrawPlan{RoundID: c.Rounds[0].ID, Community: true, Value: models.DrawByWitnesses, Due: w.Clock.Instant().Add(time.Hour)}
		_, err := w.Contests.Draw(t.Context(), w.Staff, c.ID, plan, idem.Key{})
		require.ErrorIs(t, err, contest.ErrUndecided)
		w.decide(t, late.UID, models.EntryDeclined, "材料不全")
		_, err = w.Contests.Draw(t.Context(), w.Account(t), c.ID, plan, idem.Key{})
		require.ErrorIs(t, err, errs.ErrForbidden)
		d, err := w.Contests.Draw(t.Context(), w.Staff, c.ID, plan, idem.Key{})
		require.NoError(t, err)
		require.Equal(t, 6, d.Entries)

		value := draw.Value{}
		for i, x := range []string{"4", "7", "19"} {
			value.Witnesses = append(value.Witnesses, models.DrawWitness{Name: fmt.Sprintf("见证人%d", i), Value: x})
		}
		_, err = w.Contests.Reveal(t.Context(), w.Staff, c.ID+1, d.ID, value)
		require.ErrorIs(t, err, errs.ErrNotFound, "a draw of another contest")
		d, err = w.Contests.Reveal(t.Context(), w.Staff, c.ID, d.ID, value)
		require.NoError(t, err)
		for _, check := range draw.Verify(d.File()) {
			require.True(t, check.OK, check.Name)
		}
		_, rounds, err := w.Contests.RoundsOf(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoundOrdered, rounds[0].State)
		require.Equal(t, d.ID, *rounds[0].DrawID)
		for i, x := range rounds[0].Appearances {
			require.Equal(t, i+1, x.Place)
			require.Equal(t, d.Order()[i].EntryID, models.ContestEntry{ContestID: c.ID, Number: x.Number}.DrawID(), "the round stands as it was drawn")
			if i > 0 {
				require.NotEqual(t, x.Org, rounds[0].Appearances[i-1].Org, "a community not twice in a row")
			}
		}
		require.Equal(t, 6, w.notices(t, notify.ContestOrder))

		for _, to := range []models.EntryState{models.EntryReturned, models.EntryDeclined} {
			_, err = w.Contests.Decide(t.Context(), w.Staff, all[1].UID, to, "材料不全")
			require.ErrorIs(t, err, contest.ErrEntryState, "what is drawn is withdrawn, so that its judges hear of it")
		}

		_, err = w.Contests.Draw(t.Context(), w.Staff, c.ID, plan, idem.Key{})
		require.ErrorIs(t, err, draw.ErrAgain)
		groups := plan
		groups.Groups, groups.Community = 2, false
		_, err = w.Contests.Draw(t.Context(), w.Staff, c.ID, groups, idem.Key{})
		require.ErrorIs(t, err, draw.ErrAgain, "an order in groups is an order, and no way to draw once more without a reason")
		plan.Reason = "有一队退赛"
		_, err = w.Contests.Withdraw(t.Context(), w.Staff, all[0].UID, "退赛")
		require.NoError(t, err)
		again, err := w.Contests.Draw(t.Context(), w.Staff, c.ID, plan, idem.Key{})
		require.NoError(t, err)
		require.Equal(t, []int{2, 5}, []int{again.Number, again.Entries})
		require.Len(t, again.Siblings, 2)
		groups.Reason = "改成分组"
		_, err = w.Contests.Draw(t.Context(), w.Staff, c.ID, groups, idem.Key{})
		require.ErrorIs(t, err, draw.ErrOpen, "nor are two open at once, to choose from")
	})
}

func TestRainMovesADayInOneStep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(8))
		w.approved(t, c, 2)
		from := models.DayOf(c.Slots[1].StartsAt, zone)
		blocked := booking.Claim{ResourceID: w.indoors, Span: models.Span{Start: c.Slots[1].StartsAt.Add(24 * time.Hour), End: c.Slots[1].EndsAt.Add(24 * time.Hour)}}
		w.Write(t, func(tx *db.Tx) error {
			_, err := booking.Reserve(tx, booking.Source{Kind: "other", ID: 1}, blocked)
			return err
		})
		before := w.occupied(t, w.square)
		move := contest.Move{From: from, To: from.Add(1), Place: "大厅", Resources: []int64{w.indoors}, Reason: "有雨"}
		_, err := w.Contests.MoveDay(t.Context(), w.Staff, c.ID, move)
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		require.Equal(t, before, w.occupied(t, w.square), "nothing has moved")
		require.Zero(t, w.notices(t, notify.ContestMoved))

		move.To = from.Add(2)
		moved, err := w.Contests.MoveDay(t.Context(), w.Staff, c.ID, move)
		require.NoError(t, err)
		require.Equal(t, "大厅", moved.Slots[1].Place)
		require.Equal(t, c.Slots[1].StartsAt.Add(48*time.Hour), moved.Slots[1].StartsAt)
		require.Equal(t, c.Slots[1].StartsAt, moved.Slots[1].MovedFrom)
		require.Empty(t, w.occupied(t, w.square), "the square is free")
		require.Len(t, w.occupied(t, w.indoors), 2)
		require.Equal(t, 2, w.notices(t, notify.ContestMoved), "every team is told")
		_, err = w.Contests.MoveDay(t.Context(), w.Staff, c.ID, move)
		require.ErrorIs(t, err, contest.ErrNothingThere)
		w.Read(t, func(tx *db.Tx) error {
			got, err := w.Contests.Occupants(tx, []int64{moved.Slots[1].ID})
			require.NoError(t, err)
			require.Equal(t, moved.Slots[1].StartsAt, got[0].Span.Start)
			return nil
		})
	})
}

func TestWhatTheJobDoes(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(8))
		all := w.approved(t, c, 2)
		bad := w.enter(t, w.Account(t), c, form(c, w.Station.ID, "没改的队"))
		w.decide(t, bad.UID, models.EntryReturned, "请写清曲目")
		tick := func(at models.Instant) {
			w.Clock.Set(at.Time())
			_, err := w.Contests.Tick(t.Context(), at)
			require.NoError(t, err)
			n, err := w.Contests.Tick(t.Context(), at)
			require.NoError(t, err)
			require.Zero(t, n, "again it does nothing")
		}
		tick(c.ClosesAt)
		bad, err := w.Contests.Entry(t.Context(), w.Staff, bad.UID)
		require.NoError(t, err)
		require.Equal(t, models.EntryDeclined, bad.State)
		tick(c.Slots[1].StartsAt.Add(-23 * time.Hour))
		require.Equal(t, len(all), w.notices(t, notify.ContestReminder))
		tick(c.Slots[1].EndsAt)
		c, err = w.Contests.Get(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, models.ContestFinished, c.State)
	})
}

func TestOneContestKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		bad := w.create(t, w.plan(8))
		p := w.plan(8)
		p.Slots = p.Slots[1:] // the square is taken
		p.Slots[0].Kind, p.Slots[0].Resources = models.SlotStage, []int64{w.drum}
		good := w.create(t, p)
		w.Stuck(t, "contests", fmt.Sprintf("OLD.id = %d", bad.ID))
		w.Clock.Set(good.ClosesAt.Time())
		n, err := w.Contests.Tick(t.Context(), good.ClosesAt)
		require.ErrorContains(t, err, fmt.Sprintf("contest %d", bad.ID))
		require.Equal(t, 1, n)
	})
}

func TestCallingOffFreesTimesAndTellsTeams(t *testing.T) {
	t.Parallel()
	one(t, func(t *testing.T, w *world) {
		c := w.create(t, w.plan(1))
		a := w.Accounts(t, 2)
		w.enter(t, a[0], c, form(c, w.Station.ID, "一队"))
		w.enter(t, a[1], c, form(c, w.Station.ID, "二队"))
		_, err := w.Contests.CallOff(t.Context(), auth.Actor{AccountID: a[0].AccountID}, c.ID, "x")
		require.ErrorIs(t, err, errs.ErrForbidden)
		c, err = w.Contests.CallOff(t.Context(), w.Staff, c.ID, "场地维修")
		require.NoError(t, err)
		require.Equal(t, models.ContestCancelled, c.State)
		require.Empty(t, w.occupied(t, w.square))
		_, err = w.Contests.Enter(t.Context(), a[0], c.ID, form(c, w.Station.ID, "三队"), idem.Key{})
		require.ErrorIs(t, err, contest.ErrClosed)
		var told []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT kind FROM outbox WHERE channel = 'inbox' ORDER BY kind`)
		})
		require.Contains(t, strings.Join(told, " "), "cancelled_by_staff")
		require.Contains(t, strings.Join(told, " "), "waitlist_called_off")
		w.MustBeClean(t)
	})
}
