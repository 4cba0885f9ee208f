package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/org"
	"youyue/app/scoring"
	"youyue/models"
)

// panelNames are invented; the second seat is the demo judge's own.
var panelNames = []string{"高评委长（示例）", "", "马评委（示例）", "胡评委（示例）", "林评委（示例）", "何评委（示例）", "郭评委（示例）"}

// ownSeat is the place of the demo judge's account on a panel.
const ownSeat = 1

// seated gives a round its rule and a panel of seven, and begins to take marks.
// It returns the judges in the order of panelNames.
func seated(ctx context.Context, a *app.App, staff auth.Actor, r scoring.Round) ([]auth.Actor, error) {
	v, err := a.Scoring.SaveRule(ctx, staff, r.ContestID, scoring.FormatRule(scoring.UsualRule("锣鼓大赛评分办法（示例）")))
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	if err := a.Scoring.SetUp(ctx, staff, r.ID, v.ID, 8*60); err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	var judges []auth.Actor
	for i, name := range panelNames {
		in := scoring.Invitation{Name: name, Chief: i == 0}
		if i == ownSeat {
			in.Login = "judge"
		}
		link, err := a.Scoring.Invite(ctx, staff, r.ID, in)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", name, err)
		}
		who, _, err := a.Scoring.Bearer(ctx, link.Token)
		if err != nil {
			return nil, err
		}
		judges = append(judges, who)
	}
	return judges, a.Scoring.Open(ctx, staff, r.ID)
}

// marked is what a judge of the demo gives: spread enough that rules differ, and
// always on the scale of the usual rule.
func marked(entry, judge int) models.MarkSheet {
	p := 800 + 5*((entry*7+judge*3+entry*judge)%36)
	return models.MarkSheet{"skill": p, "spirit": p - 5*(judge%3), "form": p + 5*(entry%2)}
}

// judged has every judge score the first so many entries of a round, and the
// stage with them; of the last one the judges from missing on have not yet.
func judged(ctx context.Context, a *app.App, staff auth.Actor, round int64, judges []auth.Actor, entries, missing int, tick func(time.Duration)) error {
	b, err := a.Scoring.Board(ctx, round)
	if err != nil {
		return err
	}
	for e := range min(entries, len(b.Slots)) {
		id := b.Slots[e].EntryID
		if err := a.Scoring.Stage(ctx, staff, round, id, scoring.MoveStart, 0, ""); err != nil {
			return err
		}
		tick(4*time.Minute + time.Duration(20*(e%3))*time.Second)
		last := e == entries-1 && missing < len(judges)
		for j, who := range judges {
			if last && j >= missing {
				continue
			}
			_, _, err := a.Scoring.Put(ctx, who, scoring.Sent{RoundID: round, EntryID: id, Marks: marked(e, j)})
			if err != nil && !errors.Is(err, scoring.ErrRecused) {
				return err
			}
		}
		if last {
			return nil
		}
		if err := a.Scoring.Stage(ctx, staff, round, id, scoring.MoveEnd, 0, ""); err != nil {
			return err
		}
		tick(2 * time.Minute)
	}
	return nil
}

// teams appear in both rounds of the demo, each from a place of the district;
// the demo's team leader leads the third.
var teams = []struct{ name, piece, org string }{
	{"漪汾苑社区威风锣鼓队（示例）", "春潮", "yfy"},
	{"迎泽南社区锣鼓队（示例）", "迎泽鼓韵", "yzn"},
	{"滨体社区女子锣鼓队（示例）", "汾水谣", "binti"},
	{"长兴北街社区老年锣鼓队（示例）", "龙腾", "cxb"},
	{"汾西机器厂锣鼓队（示例）", "钢花", "fenxi"},
	{"实验中学少年锣鼓队（示例）", "少年行", "syzx"},
}

const ledByLeader = 2

// judging gives a new demo a contest: its heat is long final, with certificates;
// its final is under way, for the demo judge to score.
func judging(ctx context.Context, a *app.App) error {
	staff, err := Actor(ctx, a, "scheduler")
	if err != nil {
		return err
	}
	const ago = 5
	start := midnight(a).AddDate(0, 0, -ago).Add(9 * time.Hour)
	at := start.Add(-time.Hour)
	then, err := app.New(ctx, a.Config, app.Options{Log: a.Log, MaxConn: 3, Clock: func() time.Time { return at }})
	if err != nil {
		return fmt.Errorf("demo of the past: %w", err)
	}
	heat, err := lined(ctx, then, staff, scoring.Registration{Name: "锣鼓大赛暨花灯展（示例）", Title: "锣鼓组预赛", StartsAt: models.InstantOf(start)})
	if err == nil {
		at = start
		err = finished(ctx, then, staff, heat, func(d time.Duration) { at = at.Add(d) })
	}
	if err = errors.Join(err, then.Close()); err != nil {
		return err
	}
	final, err := lined(ctx, a, staff, scoring.Registration{ContestID: heat.ContestID, Title: "锣鼓组决赛", StartsAt: a.DB.Now().Add(-20 * time.Minute)})
	if err != nil {
		return err
	}
	return underWay(ctx, a, staff, final)
}

// lined registers a round with the demo's teams in it.
func lined(ctx context.Context, a *app.App, staff auth.Actor, in scoring.Registration) (scoring.Round, error) {
	const limit = 5
	in.LimitMinutes = limit
	for _, t := range teams {
		in.Lines += t.name + "，" + t.piece + "\n"
	}
	var line []scoring.Act
	leader, err := Actor(ctx, a, "leader")
	if err != nil {
		return scoring.Round{}, err
	}
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		line = nil
		root, err := org.ByCode(tx, "wbl")
		if err != nil {
			return err
		}
		in.OrgID = root.ID
		for i, t := range teams {
			from, err := org.ByCode(tx, t.org)
			if err != nil {
				return err
			}
			act := scoring.Act{EntryID: int64(i + 1), Number: i + 1, Team: t.name, Piece: t.piece, Place: from.Name, OrgID: from.ID, Limit: limit * 60}
			if i == ledByLeader {
				act.LeaderID = leader.AccountID
			}
			line = append(line, act)
		}
		return nil
	})
	if err != nil {
		return scoring.Round{}, err
	}
	r, err := a.Scoring.Register(ctx, staff, in)
	if err != nil {
		return r, err
	}
	return r, a.DB.Write(ctx, func(tx *db.Tx) error { return a.Scoring.Hand(tx, r, line) })
}

// finished takes a round from its first mark to the final result.
func finished(ctx context.Context, a *app.App, staff auth.Actor, r scoring.Round, tick func(time.Duration)) error {
	judges, err := seated(ctx, a, staff, r)
	if err != nil {
		return err
	}
	if err := judged(ctx, a, staff, r.ID, judges, len(teams), len(judges), tick); err != nil {
		return err
	}
	if err := errors.Join(a.Scoring.Freeze(ctx, staff, r.ID), a.Scoring.Release(ctx, staff, r.ID, scoring.PaceAll)); err != nil {
		return err
	}
	tick(2 * 24 * time.Hour)
	_, err = a.Scoring.FinishDue(ctx, a.DB.Now())
	return err
}

// underWay has a round stand where two entries have performed and the third is on
// the stage, with one judge still to score it.
func underWay(ctx context.Context, a *app.App, staff auth.Actor, r scoring.Round) error {
	judges, err := seated(ctx, a, staff, r)
	if err != nil {
		return err
	}
	const begun = 3
	return judged(ctx, a, staff, r.ID, judges, begun, len(judges)-1, func(time.Duration) {})
}
