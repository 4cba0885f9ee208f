package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app"
	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/models"
)

// offer is an activity of the demo: the day after today on which it begins, at an
// hour, for so many minutes, so many times a week apart.
type offer struct {
	org                   string
	day, hour, min, times int
	a                     models.Activity
	questions             []models.ActivityQuestion
	entries               int    // days for which entries are taken
	room                  string // venue and name of the room that it takes
	every                 time.Duration
}

const week = 7 * 24 * time.Hour

// offers are drawn from what the district names; hours and numbers are assumed.
// The first has 40 places, open to every resident, and nothing kept.
func offers() []offer {
	act := func(kind models.ActivityKind, title, summary, place string, audience models.ActivityAudience, capacity int) models.Activity {
		return models.Activity{Kind: kind, Title: title, Summary: summary, Place: place, Audience: audience, Capacity: capacity, Teacher: "社区老师（示例）"}
	}
	reading := act("reading", "读书会：一起读《长津湖》", "看过电影再读书。每月换一本，书由社区借给大家。", "区文明实践中心 城市书房", models.ForAll, 40)
	yoga := act("yoga", "晚间瑜伽", "下班后来舒展一小时，自带垫子，零基础也可以。", "滨河体育中心 二层", models.ForAdults, 20)
	yoga.MinAge = 16
	model := act("model", "模特队基础班", "八次课，从站姿走到台上，报一次名上整期。", "老年人活动中心 舞蹈室", models.ForElders, 24)
	model.Signup, model.MinAge = models.SignupTerm, 50
	choir := act("choir", "红歌合唱团排练", "每周一晚排练，会唱就行，谱子现场发。", "老年人活动中心 舞蹈室", models.ForAll, 30)
	craft := act("craft", "周末手工课：剪窗花", "六到十二岁的孩子来学剪纸，剪刀和纸由社区准备。", "儿童专属活动中心 手工室", models.ForChildren, 16)
	craft.MinAge, craft.MaxAge, craft.MaxParty = 6, 12, 2
	health := act("health", "六十岁以上健康评估", "量血压、测血糖、问睡眠，社区医院的医生看。请空腹来。", "社区健康服务站", models.ForElders, 12)
	health.MinAge, health.MaxParty = 60, 2
	law := act("law", "普法课堂：防骗十五招", "派出所民警讲身边的案子，现场可以问。", "社区会议室", models.ForAll, 60)
	party := act("party_day", "主题党日：重走主题公园", "党员带着邻居走一遍主题公园，讲二十四个字。", "社会主义核心价值观主题公园", models.ForAll, 80)
	defence := act("visit", "国防教育示范点团体参观", "学校整班来，讲解员带队。一次一个班，老师一起报名。", "实验中学 国防教育示范点", models.ForSchools, 60)
	defence.MaxParty, defence.Approval = 60, true
	lantern := act("heritage", "非遗课堂：学做花灯", "只有十二个位子，报名的人多就抽签，过程谁都能查。", "儿童专属活动中心 手工室", models.ForFamilies, 12)
	lantern.Choose, lantern.MaxParty = models.ChooseDraw, 4
	home := act("home_visit", "送医入户", "行动不便的老人，医生和志愿者两人一起上门。", "您家里", models.ForElders, 6)
	home.Home, home.StaffMin, home.Approval, home.MaxParty = true, 2, true, 2
	music := act("festival", "惠民音乐节：经典之夜", "露天场地，自带小凳。下雨改到下一周。", "滨河体育中心 广场", models.ForAll, 300)
	lent := act("yoga", "瑜伽初级班", "八个晚上，从呼吸学到一套完整的动作，报一次名上整期。", "滨河体育中心 多功能厅", models.ForAdults, 20)
	lent.Signup, lent.MinAge = models.SignupTerm, 16
	return []offer{
		{org: "yzn", day: 5, hour: 19, min: 90, times: 1, a: reading, room: "wbl-centre 城市书房"},
		{org: "binti", day: 2, hour: 19, min: 60, times: 4, every: week, a: yoga},
		{org: "yzn", day: 6, hour: 9, min: 90, times: 8, every: week, a: model, room: "yzn-old 舞蹈室"},
		{org: "binti", day: 3, hour: 19, min: 90, times: 4, every: week, a: choir, room: "yzn-old 舞蹈室"},
		{org: "yzn", day: 5, hour: 10, min: 90, times: 1, a: craft, room: "yzn-kids 手工室", questions: []models.ActivityQuestion{{Kind: models.AskYesNo, Label: "孩子以前用过剪刀吗", Required: true}}},
		{org: "yzn", day: 4, hour: 8, min: 60, times: 3, every: time.Hour, a: health},
		{org: "cxb", day: 8, hour: 15, min: 90, times: 1, a: law},
		{org: "yfy", day: 9, hour: 9, min: 120, times: 1, a: party},
		{org: "wbl", day: 10, hour: 9, min: 120, times: 2, every: 24 * time.Hour, a: defence},
		{org: "yzn", day: 12, hour: 14, min: 120, times: 1, a: lantern, entries: 7, room: "yzn-kids 手工室"},
		{org: "yzn", day: 7, hour: 9, min: 180, times: 2, every: week, a: home},
		{org: "wbl", day: 13, hour: 19, min: 120, times: 1, a: music},
		// Waits for the yes of the partner who lends the hall.
		{org: "binti", day: 15, hour: 19, min: 60, times: 8, every: week, a: lent, room: "binhe-sport 多功能厅"},
	}
}

// activities opens the activities of the demo when nothing is to come that every
// resident can join, so that it never runs out of them.
func activities(ctx context.Context, a *app.App) error {
	next, err := a.Activities.List(ctx, activity.Programme{Query: list.Query{PerPage: list.MaxPerPage}})
	if err != nil {
		return err
	}
	for _, v := range next.Items {
		if m := v.Next(a.DB.Now()); v.Audience == models.ForAll && v.Capacity == 40 && m.StartsAt.Sub(a.DB.Now()) > 48*time.Hour && m.Free() > 20 {
			return nil
		}
	}
	by, err := Actor(ctx, a, "scheduler")
	if err != nil {
		return err
	}
	rooms, err := roomIDs(ctx, a)
	if err != nil {
		return err
	}
	for i, o := range offers() {
		if i > 0 && len(next.Items) > 0 {
			break // only the first has run out
		}
		if err := o.open(ctx, a, by, rooms); err != nil {
			return fmt.Errorf("demo activity %s: %w", o.a.Title, err)
		}
	}
	return nil
}

func (o offer) open(ctx context.Context, a *app.App, by auth.Actor, rooms map[string]int64) error {
	p := activity.Plan{Activity: o.a, Questions: o.questions}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(&p.OrgID, `SELECT id FROM orgs WHERE code = ?`, o.org)
		return err
	})
	if err != nil {
		return err
	}
	start := models.InstantOf(midnight(a).AddDate(0, 0, o.day).Add(time.Duration(o.hour) * time.Hour))
	for range o.times {
		p.Sessions = append(p.Sessions, activity.Time{Start: start, End: start.Add(time.Duration(o.min) * time.Minute)})
		start = start.Add(o.every)
	}
	if o.entries > 0 {
		p.EntriesUntil = models.InstantOf(midnight(a).AddDate(0, 0, o.entries).Add(18 * time.Hour))
	}
	if id, ok := rooms[o.room]; ok {
		p.RoomID = &id
	}
	if p.Choose == models.ChooseDraw && !a.Activities.CanDraw() {
		p.Choose, p.EntriesUntil, o.entries = models.ChooseFirst, models.Instant{}, 0
	}
	v, err := a.Activities.Create(ctx, by, p)
	if errors.Is(err, booking.ErrResourceTaken) { // somebody who tries the demo was first
		p.RoomID = nil
		v, err = a.Activities.Create(ctx, by, p)
	}
	if err != nil || o.entries == 0 {
		return err
	}
	return enter(ctx, a, v.ID)
}

// enter lets some callers enter for the draw, so that there is one to be held.
func enter(ctx context.Context, a *app.App, id int64) error {
	clerk, err := Actor(ctx, a, "clerk")
	if err != nil {
		return err
	}
	for i, n := range []int{2, 3, 4, 1, 3} {
		_, err := a.Activities.SignUp(ctx, clerk, activity.Wish{ActivityID: id, Party: n, ReadBack: true,
			Whom: booking.Whom{Caller: booking.Caller{Name: "示例家庭" + string([]rune("甲乙丙丁戊")[i])}, Channel: models.ChannelPhone}})
		if err != nil {
			return err
		}
	}
	return nil
}

// serviceList is the station's list of 20 services (一老一小服务清单); the services are
// assumed beyond those that are named.
const serviceNames = `健康评估 健康|送医入户 入户|非遗课堂 非遗|兴趣课堂 课堂|好书推荐 读书|读书会 读书会|书法课 课堂|儿童手工 手工|四点半托管 课堂|` +
	`舞蹈队 舞蹈|模特队 模特|合唱团 合唱|普法宣传 普法|防骗提醒 普法|理论宣讲 宣讲|主题党日 主题党日|军工博物馆参观 参观|节日慰问 节日|乒乓球赛 体育|助浴理发 其他`

func serviceList(ctx context.Context, a *app.App) error {
	by, err := Actor(ctx, a, "scheduler")
	if err != nil {
		return err
	}
	var org int64
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(&org, `SELECT id FROM orgs WHERE code = 'yzn'`)
		return err
	})
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("服务\t类别")
	for m := 1; m <= 12; m++ {
		fmt.Fprintf(&text, "\t%d月", m)
	}
	for i, s := range strings.Split(serviceNames, "|") {
		name, kind, _ := strings.Cut(s, " ")
		text.WriteString("\n" + name + "\t" + kind)
		for m := 1; m <= 12; m++ {
			if (m+i)%2 == 0 {
				text.WriteString("\t" + name + "×" + fmt.Sprint(1+i%3))
			} else {
				text.WriteString("\t")
			}
		}
	}
	in := activity.Import{OrgID: org, Year: midnight(a).Year(), Text: text.String()}
	looked, err := a.Activities.ImportServices(ctx, by, in)
	if err != nil {
		return err
	}
	in.Digest = looked.Digest
	if _, err = a.Activities.ImportServices(ctx, by, in); err != nil {
		return err
	}
	return servicesDone(ctx, a, by, org, in.Year)
}

// servicesDone lets a station have done its list as stations do: all but two of what the
// months before had, and half of what this month has.
func servicesDone(ctx context.Context, a *app.App, by auth.Actor, org int64, year int) error {
	b, err := a.Activities.ServiceBoard(ctx, org, year)
	if err != nil {
		return err
	}
	late, due := 0, 0
	for _, r := range slices.Backward(b.Rows) { // the last two rows of last month are late
		for _, c := range slices.Backward(r.Months[:]) {
			switch {
			case c == nil || c.State == models.CellPlanned || c.State == models.CellDone:
				continue
			case c.State == models.CellDue:
				if due++; due%2 == 0 {
					continue
				}
			case late < 2 && c.Month == int(midnight(a).Month())-1:
				late++
				continue
			}
			if err := a.Activities.MarkCell(ctx, by, c.ID, true); err != nil {
				return err
			}
		}
	}
	return nil
}
