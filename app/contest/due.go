package contest

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// notMended is the reason under which an entry ends that was returned and not
// mended before entries closed.
const notMended = "报名截止前没有按要求改好"

// Tick does what has become due by now: team leaders hear of entry windows that
// have opened, entries that were returned and not mended end with theirs, teams are
// reminded a day before they appear, and contests that are over are finished. Done
// again it does nothing. A contest that fails keeps no other waiting.
func (s *Service) Tick(ctx context.Context, now models.Instant) (done int, err error) {
	var ids []int64
	err = s.db.Read(ctx, func(tx *db.Tx) error { ids, err = dueContests(tx, now); return err })
	if err != nil {
		return 0, err
	}
	_, err = booking.Each(ctx, "contest", ids, func(id int64) (bool, error) {
		n := 0
		err := s.db.Write(ctx, func(tx *db.Tx) (err error) { n, err = s.tick(tx, id); return err })
		if err == nil {
			done += n
		}
		return n > 0, err
	})
	return done, err
}

func (s *Service) tick(tx *db.Tx, id int64) (done int, err error) {
	if err := lockContest(tx, id); err != nil {
		return 0, err
	}
	c, err := s.read(tx, id)
	if err != nil || c.State != models.ContestOn {
		return 0, err
	}
	now := tx.Now()
	for _, step := range []struct {
		due bool
		do  func(*db.Tx, Contest) (int, error)
	}{
		{c.Phase(now) == models.EntryOpen && c.OpenedAt.IsZero() && !c.awaitsAll(), s.opened},
		{c.Phase(now) == models.EntryClosed && c.ShutAt.IsZero(), s.shut},
		{true, s.remind},
		{c.over(now), s.finish},
	} {
		if !step.due {
			continue
		}
		n, err := step.do(tx, c)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

var jobActor = auth.Actor{Login: "job:contests"}

// over reports whether the last slot has ended and no round is still being judged.
func (c Contest) over(now models.Instant) bool {
	for _, r := range c.Rounds {
		if r.State == models.RoundRunning {
			return false
		}
	}
	for _, x := range c.Slots {
		if x.EndsAt.After(now) {
			return false
		}
	}
	return true
}

// opened tells those who lead teams at or below the contest's organisation.
func (s *Service) opened(tx *db.Tx, c Contest) (int, error) {
	leaders, err := leadersBelow(tx, c.OrgPath)
	if err != nil {
		return 0, err
	}
	notices := make([]notify.Notice, len(leaders))
	for i, account := range leaders {
		notices[i] = notify.Notice{Account: account, Kind: notify.ContestOpens, Subject: fmt.Sprintf("contest:%d", c.ID),
			Vars: map[string]string{"title": c.Title, "deadline": c.ClosesAt.String(), "path": path(c.ID)}}
	}
	if err := s.notices.Enqueue(tx, notices...); err != nil {
		return 0, err
	}
	return 1, mark(tx, c.ID, "opened_at")
}

// shut ends the entries that were to be mended.
func (s *Service) shut(tx *db.Tx, c Contest) (done int, err error) {
	open, err := entries(tx, "e.contest_id = ? AND e.state = 'returned' ORDER BY e.id", c.ID)
	if err != nil {
		return 0, err
	}
	for _, e := range open {
		was := e.State
		e.State, e.Reason, e.DecidedAt = models.EntryDeclined, notMended, tx.Now()
		if err := saveEntry(tx, e.ContestEntry); err != nil {
			return done, err
		}
		if err := s.giveBack(tx, jobActor, e, notMended); err != nil {
			return done, err
		}
		if err := log(tx, jobActor, models.ChannelJob, "contest.declined", e.ContestEntry, c.OrgID, string(was), string(e.State), notMended); err != nil {
			return done, err
		}
		if err := s.tell(tx, e, notify.ContestDeclined, map[string]string{"reason": notMended}); err != nil {
			return done, err
		}
		done++
	}
	return done + 1, mark(tx, c.ID, "shut_at")
}

// remind writes the reminder of each approved team for a slot that begins within a
// day, once: the outbox knows what stands there already.
func (s *Service) remind(tx *db.Tx, c Contest) (done int, err error) {
	for _, r := range c.Rounds {
		slot := c.Slot(r.SlotID)
		due := slot.StartsAt.Add(-dayBefore)
		if due.After(tx.Now()) || !slot.StartsAt.After(tx.Now()) || r.RemindedAt.Equal(due) {
			continue
		}
		teams, err := teamsOf(tx, r)
		if err != nil {
			return done, err
		}
		for _, x := range teams {
			more := map[string]string{"start": slot.StartsAt.String(), "place": slot.Place, "due": due.String(), "n": "—"}
			if x.place > 0 {
				more["n"] = fmt.Sprint(x.place)
			}
			if err := s.tell(tx, x.Entry, notify.ContestReminder, more); err != nil {
				return done, err
			}
			done++
		}
		if err := reminded(tx, r.ID, due); err != nil {
			return done, err
		}
	}
	return done, nil
}

// teamsOf lists the approved entries that are to appear in a round: its list, or
// those of its division while the first round has none.
func teamsOf(tx *db.Tx, r models.ContestRound) ([]toAppear, error) {
	list, err := appearances(tx, r.ID)
	if err != nil {
		return nil, err
	}
	places := map[int64]int{}
	for _, x := range list {
		if !x.Absent {
			places[x.EntryID] = x.Place
		}
	}
	all, err := entries(tx, "e.division_id = ? AND e.state = 'approved' ORDER BY e.number", r.DivisionID)
	var out []toAppear
	for _, e := range all {
		if place, ok := places[e.ID]; ok || len(list) == 0 && r.Ord == 1 {
			out = append(out, toAppear{e, place})
		}
	}
	return out, err
}

// toAppear is an entry with its order in a round, 0 while it is not drawn.
type toAppear struct {
	Entry
	place int
}

func (s *Service) finish(tx *db.Tx, c Contest) (int, error) {
	return 1, endContest(tx, c.ID, models.ContestFinished, "")
}
