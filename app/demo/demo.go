// Package demo fills an empty database with the district: places are real,
// people and bookings are invented and say so. It works through the features'
// own services, so that demo data obeys every rule.
package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/app/workdays"
	"youyue/models"
)

// ErrNotDemo: demo data goes into a demo installation only.
var ErrNotDemo = errors.New("demo data needs demo mode: set YOUYUE_DEMO=on")

// Login is one demo log-in; the password is the login itself.
type Login struct{ Login, Name, What string }

// Logins lists the demo log-ins, by role.
func Logins() []Login {
	out := make([]Login, len(staff))
	for i, s := range staff {
		out[i] = Login{s.login, s.name, s.what}
	}
	return out
}

var staff = []struct {
	login, name, what string
	role              auth.Role
	org               string
}{
	{"admin", "王管理（示例）", "单位、账号、任务", auth.Admin, "wbl"},
	{"scheduler", "李排期（示例）", "排片、审批包场", auth.Scheduler, "wbl"},
	{"clerk", "赵代办（示例）", "替来电的居民办", auth.Clerk, "wbl"},
	{"branch", "陈书记（示例）", "支部订座、包场", auth.Branch, "yzn-zb1"},
	{"resident", "刘建国（示例）", "居民", auth.Resident, ""},
	{"cinema", "孙影院（示例）", "放出时段、确认场次、入场", auth.Cinema, "oscar"},
	{"partner", "韩场馆（示例）", "批准借用滨河体育中心", auth.Partner, "binhe"},
	{"partner2", "冯老师（示例）", "批准借用青少年阅读成长中心", auth.Partner, "qsn"},
	{"leader", "周队长（示例）", "宣讲团", auth.Leader, "wulao"},
	{"judge", "吴评委（示例）", "给比赛打分", auth.Judge, "wbl"},
	{"auditor", "郑审计（示例）", "查看记录", auth.Auditor, "wbl"},
}

type place struct {
	code, parent, name string
	kind               models.OrgKind
}

// The tree of the district. Branch names are assumed: 迎泽南社区 has co-building
// agreements with the branches of five units, whose names are not published.
var places = []place{
	{"wbl", "", "万柏林区新时代文明实践中心", models.OrgCentre},
	{"xinghua", "wbl", "兴华街道新时代文明实践所", models.OrgSubdistrict},
	{"qianfeng", "wbl", "千峰街道新时代文明实践所", models.OrgSubdistrict},
	{"yfy", "xinghua", "漪汾苑社区新时代文明实践站", models.OrgStation},
	{"yzn", "qianfeng", "迎泽南社区新时代文明实践站", models.OrgStation},
	{"binti", "wbl", "滨体社区新时代文明实践站", models.OrgStation},
	{"cxb", "wbl", "长兴北街社区新时代文明实践站", models.OrgStation},
	{"oscar", "wbl", "太原奥斯卡国际影城", models.OrgPartner},
	{"fenxi", "wbl", "汾西机器厂军工博物馆", models.OrgPartner},
	{"binhe", "wbl", "太原市滨河体育中心", models.OrgPartner},
	{"qsn", "wbl", "青少年阅读成长中心", models.OrgPartner},
	{"syzx", "wbl", "万柏林区实验中学", models.OrgSchool},
	{"yzn-zb1", "yzn", "共建第一党支部（示例）", models.OrgBranch},
	{"yzn-zb2", "yzn", "共建第二党支部（示例）", models.OrgBranch},
	{"yzn-zb3", "yzn", "共建第三党支部（示例）", models.OrgBranch},
	{"yzn-zb4", "yzn", "共建第四党支部（示例）", models.OrgBranch},
	{"yzn-zb5", "yzn", "共建第五党支部（示例）", models.OrgBranch},
	{"yfy-wg1", "yfy", "漪汾苑第一网格党支部（示例）", models.OrgBranch},
	{"sizheng", "wbl", "思政教育宣讲团", models.OrgTeam},
	{"xianjin", "wbl", "先进模范宣讲团", models.OrgTeam},
	{"tuiyi", "wbl", "退役军人军属烈属宣讲团", models.OrgTeam},
	{"wenyi", "wbl", "文艺轻骑兵宣讲团", models.OrgTeam},
	{"wulao", "wbl", "「五老」宣讲团", models.OrgTeam},
}

// Seed fills the database when it is new, and in any case keeps the demo alive:
// films for the days ahead, and something to decide. It reports whether the
// database was new, and how many screenings it added.
func Seed(ctx context.Context, a *app.App) (fresh bool, added int, err error) {
	if !bool(a.Config.Demo) {
		return false, 0, ErrNotDemo
	}
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.Scan(&n, `SELECT COUNT(*) FROM orgs`); err != nil || n > 0 {
			return err
		}
		fresh = true
		return district(tx, a)
	})
	if err != nil {
		return false, 0, err
	}
	if err := venues(ctx, a); err != nil {
		return fresh, 0, err
	}
	if fresh { // before the cinema's hours are asked for: it has released none of the past
		if err := past(ctx, a); err != nil {
			return fresh, 0, err
		}
	}
	if err := releases(ctx, a); err != nil {
		return fresh, 0, err
	}
	if added, err = topUpAll(ctx, a); err != nil {
		return fresh, added, err
	}
	if fresh {
		if err := errors.Join(calls(ctx, a), worn(ctx, a), asksForRooms(ctx, a), ordinary(ctx, a), serviceList(ctx, a), judging(ctx, a)); err != nil {
			return fresh, added, err
		}
	}
	if err := errors.Join(requests(ctx, a), blocked(ctx, a)); err != nil {
		return fresh, added, err
	}
	if err := branchLife(ctx, a); err != nil {
		return fresh, added, err
	}
	return fresh, added, errors.Join(waitingList(ctx, a), lectures(ctx, a), activities(ctx, a), contests(ctx, a))
}

// worn takes two seats off the sale for three days of repairs, far beyond the
// screenings that a new installation has.
func worn(ctx context.Context, a *app.App) error {
	halls, err := a.Venue.List(ctx)
	if err != nil || len(halls) == 0 {
		return err
	}
	v, err := a.Venue.Current(ctx, halls[0].ID)
	if err != nil {
		return err
	}
	o := screening.Outage{HallID: v.Hall.ID, From: a.DB.Now().Add(200 * 24 * time.Hour), To: a.DB.Now().Add(203 * 24 * time.Hour), Reason: "座椅换皮（示例）"}
	for _, seat := range v.Plan.Seats[len(v.Plan.Seats)-10 : len(v.Plan.Seats)-8] {
		o.Seats = append(o.Seats, seat.ID)
	}
	_, err = a.Screenings.BreakSeats(ctx, seeder, o)
	return err
}

var seeder = auth.Actor{Login: "seed", Grants: []auth.Grant{{Role: auth.Admin, Path: "/"}, {Role: auth.Scheduler, Path: "/"}}}

func district(tx *db.Tx, a *app.App) error {
	ids := map[string]int64{}
	for _, p := range places {
		e := org.Entry{Code: p.code, Name: p.name, Kind: p.kind}
		if p.parent != "" {
			parent := ids[p.parent]
			e.ParentID = &parent
		}
		o, err := org.Create(tx, seeder, e)
		if err != nil {
			return fmt.Errorf("organisation %s: %w", p.code, err)
		}
		ids[p.code] = o.ID
	}
	for _, year := range workdays.PublishedYears() { // the State Council's own
		list, _ := workdays.Published(year)
		if _, err := workdays.Put(tx, seeder, list); err != nil {
			return fmt.Errorf("working calendar of %d: %w", year, err)
		}
	}
	for _, s := range staff {
		acc, err := a.Accounts.Create(tx, seeder, entry(s.login, s.name))
		if err != nil {
			return fmt.Errorf("account %s: %w", s.login, err)
		}
		if s.role == auth.Resident {
			continue
		}
		if err := a.Accounts.Give(tx, seeder, acc.ID, s.role, ids[s.org]); err != nil {
			return fmt.Errorf("grant to %s: %w", s.login, err)
		}
	}
	hall := venue.Hall{Hall: models.Hall{Code: "hall4", Venue: "太原奥斯卡国际影城", Address: "万柏林区迎泽西大街",
		Route: "坐公交到迎泽西大街站，进影城后上二楼，4号厅在左手边（路线为示例）"}, Name: "「永远跟党走」影厅（4号厅）", OrgID: ids["oscar"]}
	if err := venue.Create(tx, &hall, models.CinemaHallPlan()); err != nil {
		return err
	}
	if err := films(tx); err != nil {
		return err
	}
	if _, err := a.Accounts.Create(tx, seeder, entry("neighbour", "邻居（示例）")); err != nil {
		return err
	}
	return secretariesOfMore(tx, a)
}

func entry(login, name string) account.Entry {
	return account.Entry{Login: login, Name: name, Password: login, Demo: true}
}

// The films shown as party lessons. Titles are the district's; running times are
// those of the cinema release; licence windows are assumed, a year each way.
func films(tx *db.Tx) error {
	year := 365 * 24 * time.Hour
	for _, f := range []models.Film{
		{Title: "长津湖", RuntimeMin: 176, Theme: "抗美援朝", Synopsis: "志愿军第九兵团在严寒中奔赴长津湖，一个连队的出征、冲锋与坚守。"},
		{Title: "我和我的父辈", RuntimeMin: 158, Theme: "家国传承", Synopsis: "四个年代、四个家庭，讲述父辈与后辈之间的担当。"},
		{Title: "悬崖之上", RuntimeMin: 120, Theme: "隐蔽战线", Synopsis: "四名特工在冰城执行秘密行动，在敌人眼皮底下完成使命。"},
		{Title: "革命者", RuntimeMin: 120, Theme: "建党先驱", Synopsis: "李大钊就义前三十八小时，回望寻找救国道路的一生。"},
		{Title: "1921", RuntimeMin: 137, Theme: "建党", Synopsis: "各地代表从四面八方来到上海，一个政党由此诞生。"},
		{Title: "万里归途", RuntimeMin: 136, Theme: "外交撤侨", Synopsis: "外交官穿越战火，带领同胞踏上回家的路。"},
		{Title: "长空之王", RuntimeMin: 128, Theme: "国防科技", Synopsis: "试飞员一次次飞向极限，为新型战机取得数据。"},
	} {
		f.LicenceFrom, f.LicenceTo, f.CreatedAt = tx.Now().Add(-year), tx.Now().Add(year), tx.Now()
		if err := tx.Insert(&f); err != nil {
			return fmt.Errorf("film %s: %w", f.Title, err)
		}
	}
	return nil
}

// secretariesOfMore gives two more branches a secretary, so that there is
// somebody to clash with.
func secretariesOfMore(tx *db.Tx, a *app.App) error {
	for _, x := range []struct{ login, name, branch string }{
		{"branch2", "何书记（示例）", "yzn-zb2"}, {"branch3", "郭书记（示例）", "yfy-wg1"},
	} {
		acc, err := a.Accounts.Create(tx, seeder, entry(x.login, x.name))
		if err != nil {
			return err
		}
		o, err := org.ByCode(tx, x.branch)
		if err != nil {
			return err
		}
		if err := a.Accounts.Give(tx, seeder, acc.ID, auth.Branch, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// Actor returns a demo account as the actor it would be after signing in.
func Actor(ctx context.Context, a *app.App, login string) (auth.Actor, error) {
	var out auth.Actor
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		var acc models.Account
		ok, err := tx.One(&acc, `SELECT * FROM accounts WHERE login = ?`, login)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		out = auth.Actor{AccountID: acc.ID, Login: login, Name: acc.Name}
		return tx.Scan(&out.Grants, `SELECT g.role, g.org_id, o.path FROM grants g JOIN orgs o ON o.id = g.org_id
			WHERE g.account_id = ? AND g.revoked_at IS NULL`, acc.ID)
	})
	return out, err
}
