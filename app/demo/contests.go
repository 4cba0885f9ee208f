package demo

import (
	"context"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/idem"
	"youyue/app/org"
	"youyue/models"
)

// contests announces the two contests of the district, once: teams, pieces and
// rules are invented and say so. The one waits for entries to be decided, the
// other has its order drawn.
func contests(ctx context.Context, a *app.App) error {
	var n int
	err := a.DB.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&n, `SELECT COUNT(*) FROM contests`) })
	if err != nil || n > 0 {
		return err
	}
	staff, err := Actor(ctx, a, "scheduler")
	if err != nil {
		return err
	}
	places := map[string]models.Org{}
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		for _, code := range []string{"wbl", "xinghua", "qianfeng", "yfy", "yzn", "binti", "cxb"} {
			o, err := org.ByCode(tx, code)
			if err != nil {
				return err
			}
			places[code] = o
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := drums(ctx, a, staff, places); err != nil {
		return fmt.Errorf("drums: %w", err)
	}
	if err := modelling(ctx, a, staff, places); err != nil {
		return fmt.Errorf("modelling: %w", err)
	}
	return nil
}

// lantern is the next Lantern Festival (正月十五) that leaves time for entries.
func lantern(a *app.App) models.Day {
	day := models.DayOf(a.DB.Now(), a.Config.Timezone).Add(40)
	for day.Festival() != "lantern" {
		day = day.Add(1)
	}
	return day
}

func (b builder) slot(day models.Day, from, to int, kind models.SlotKind, place string) contest.SlotPlan {
	return contest.SlotPlan{Kind: kind, Place: place, Span: models.Span{Start: day.At(from*60, b.zone), End: day.At(to*60, b.zone)}, SetupMin: 60, ClearMin: 30}
}

// builder enters teams through the desk, as for callers.
type builder struct {
	a     *app.App
	staff auth.Actor
	clerk auth.Actor
	zone  *time.Location
}

func newBuilder(ctx context.Context, a *app.App, staff auth.Actor) (builder, error) {
	clerk, err := Actor(ctx, a, "clerk")
	return builder{a, staff, clerk, a.Config.Timezone}, err
}

// enter enters a team and decides about it; empty leaves it to be decided.
func (b builder) enter(ctx context.Context, c contest.Contest, n int, home models.Org, team, piece string, to models.EntryState, reason string) error {
	f := contest.Form{DivisionID: c.Divisions[0].ID, Team: team, OrgID: home.ID, Piece: piece, Length: 360, Brings: "自带（示例）",
		Caller: booking.Caller{Name: fmt.Sprintf("%s队长（示例）", []string{"赵", "钱", "孙", "李", "周", "吴", "郑", "王"}[n%8])}, Channel: models.ChannelPhone, ReadBack: true}
	for i := range c.Divisions[0].MinMembers + 1 {
		f.Members = append(f.Members, models.ContestMember{Name: fmt.Sprintf("示例队员%d", i+1), BornYear: 1960 + (n*7+i*3)%30, Substitute: i == c.Divisions[0].MinMembers})
	}
	e, err := b.a.Contests.Enter(ctx, b.clerk, c.ID, f, idem.Key{})
	if err != nil || to == "" {
		return err
	}
	_, err = b.a.Contests.Decide(ctx, b.staff, e.UID, to, reason)
	return err
}

func drums(ctx context.Context, a *app.App, staff auth.Actor, places map[string]models.Org) error {
	b, err := newBuilder(ctx, a, staff)
	if err != nil {
		return err
	}
	now, day := a.DB.Now(), lantern(a)
	closes := day.Add(-15).At(18*60, b.zone)
	c, err := a.Contests.Create(ctx, staff, contest.Plan{OrgID: places["wbl"].ID, Title: "锣鼓大赛暨花灯展（示例）", Phone: "0351-0000000",
		Summary: "正月十五闹元宵，各社区锣鼓队同台。队伍、规则和时间均为示例，以官方通知为准。",
		Detail:  "先抽出场顺序，全程公开。雨雪天改到第二天同一时间。", OpensAt: now.Add(-3 * 24 * time.Hour), ClosesAt: closes, GiveBackAt: closes.Add(-5 * 24 * time.Hour),
		Slots: []contest.SlotPlan{b.slot(day.Add(-1), 9, 12, models.SlotRehearsal, "区文明实践中心广场（示例）"), b.slot(day, 14, 18, models.SlotStage, "区文明实践中心广场（示例）")},
		Divisions: []contest.DivisionPlan{{Name: "社区组", Places: 20, MinMembers: 8, MaxMembers: 40, Substitutes: 3, MinAge: 16, MaxAge: 75, MaxLength: 8 * 60, PerTeam: 1, Heat: 1, Final: -1,
			Quotas: []contest.Quota{{OrgID: places["xinghua"].ID, Places: 4}, {OrgID: places["qianfeng"].ID, Places: 4}}}}}, idem.Key{})
	if err != nil {
		return err
	}
	for i, x := range []struct {
		home, team, piece, reason string
		to                        models.EntryState
	}{
		{"yfy", "漪汾苑威风锣鼓队（示例）", "威风锣鼓", "", models.EntryApproved},
		{"yzn", "迎泽南太平鼓队（示例）", "太平鼓", "", models.EntryApproved},
		{"binti", "滨体女子锣鼓队（示例）", "欢庆", "", models.EntryApproved},
		{"cxb", "长兴北街老年锣鼓队（示例）", "丰收锣鼓", "", models.EntryApproved},
		{"yzn", "迎泽南青年鼓队（示例）", "龙腾", "请写清自带几面鼓", models.EntryReturned},
		{"yfy", "漪汾苑第二锣鼓队（示例）", "闹元宵", "", ""},
	} {
		if err := b.enter(ctx, c, i, places[x.home], x.team, x.piece, x.to, x.reason); err != nil {
			return err
		}
	}
	return nil
}

func modelling(ctx context.Context, a *app.App, staff auth.Actor, places map[string]models.Org) error {
	b, err := newBuilder(ctx, a, staff)
	if err != nil {
		return err
	}
	now := a.DB.Now()
	day := models.DayOf(now, b.zone).Add(16)
	c, err := a.Contests.Create(ctx, staff, contest.Plan{OrgID: places["binti"].ID, Title: "模特比赛（示例）", Summary: "滨体社区模特队切磋。队伍和时间均为示例。", OpensAt: now.Add(-20 * 24 * time.Hour),
		ClosesAt: now.Add(7 * 24 * time.Hour), Slots: []contest.SlotPlan{b.slot(day, 14, 17, models.SlotStage, "滨河体育中心多功能厅（示例）")},
		Divisions: []contest.DivisionPlan{{Name: "中老年组", Places: 8, MinMembers: 4, MaxMembers: 16, Substitutes: 2, MinAge: 30, MaxLength: 6 * 60, PerTeam: 2, Heat: 0, Final: -1}}}, idem.Key{})
	if err != nil {
		return err
	}
	for i, x := range []struct{ home, team, piece string }{
		{"binti", "滨体模特一队（示例）", "旗袍秀"}, {"binti", "滨体模特二队（示例）", "晋韵"}, {"yzn", "迎泽南模特队（示例）", "四季"},
		{"yfy", "漪汾苑模特队（示例）", "汾水情"}, {"cxb", "长兴北街模特队（示例）", "红绸"}, {"yzn", "迎泽南银龄队（示例）", "青花"},
	} {
		if err := b.enter(ctx, c, i, places[x.home], x.team, x.piece, models.EntryApproved, ""); err != nil {
			return err
		}
	}
	d, err := a.Contests.Draw(ctx, staff, c.ID, contest.DrawPlan{RoundID: c.Rounds[0].ID, Community: true, Value: models.DrawByWitnesses, Due: now.Add(24 * time.Hour)}, idem.Key{})
	if err != nil {
		return err
	}
	_, err = a.Contests.Reveal(ctx, staff, c.ID, d.ID, draw.Value{Witnesses: []models.DrawWitness{{Name: "领队代表（示例）", Value: "7"}, {Name: "居民代表（示例）", Value: "3"}, {Name: "主持人（示例）", Value: "16"}}})
	return err
}
