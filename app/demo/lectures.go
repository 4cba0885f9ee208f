package demo

import (
	"context"
	"fmt"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/lecture"
	"youyue/app/org"
	"youyue/models"
)

// lectureTeam is a team of the demo. The five lecture teams that stand in the tree
// already and the categories are the district's; the other five, which the centre
// enters, hours, ways and what each offers are assumed.
type lectureTeam struct {
	code, name, category, intro string
	kind                        models.LectureTeamKind
	audiences                   []models.LectureAudience
	perWeek                     int
}

var lectureTeams = []lectureTeam{
	{"sizheng", "", "policy", "党校和中学的思政课老师。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceYoung, models.AudienceParty, models.AudienceResident}, 4},
	{"xianjin", "", "policy", "身边的劳动模范和道德模范。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceParty, models.AudienceResident, models.AudienceWorker}, 4},
	{"tuiyi", "", "policy", "退役军人和军属烈属，讲亲历的故事。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceYoung, models.AudienceParty, models.AudienceResident}, 3},
	{"wenyi", "", "arts", "快板、鼓书、小品，把政策唱给大家听。（示例）", models.TeamLecture, nil, 5},
	{"wulao", "", "policy", "老干部、老战士、老专家、老教师、老模范。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceOld, models.AudienceYoung, models.AudienceResident, models.AudienceParty}, 4},
	{"jt-baixing", "百姓宣讲团（示例）", "policy", "身边人讲身边事。（示例）", models.TeamLecture, nil, 4},
	{"jt-qingnian", "青年宣讲团（示例）", "policy", "青年干部和大学生。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceYoung, models.AudienceWorker}, 4},
	{"jt-jinguo", "巾帼宣讲团（示例）", "arts", "好家风、好家训。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceResident, models.AudienceOld}, 3},
	{"jt-jiankang", "健康宣讲团（示例）", "health", "医生讲慢病、讲急救。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceOld, models.AudienceResident, models.AudienceWorker}, 4},
	{"jt-kepu", "科普宣讲团（示例）", "science", "科技馆老师，带着实验来。（示例）", models.TeamLecture, []models.LectureAudience{models.AudienceYoung, models.AudienceResident}, 4},
	{"vol-zhengce", "政策宣讲志愿服务队（示例）", "policy", "办事窗口的工作人员，讲医保、讲养老金。（示例）", models.TeamVolunteer, nil, 4},
	{"vol-wenyi", "文化艺术志愿服务队（示例）", "arts", "书法、剪纸、合唱。（示例）", models.TeamVolunteer, nil, 5},
	{"vol-kexue", "科学普及志愿服务队（示例）", "science", "防灾、急救、用电安全。（示例）", models.TeamVolunteer, nil, 4},
	{"vol-huanbao", "卫生环保志愿服务队（示例）", "environment", "垃圾分类、清洁楼道。（示例）", models.TeamVolunteer, nil, 0},
	{"vol-jiaotong", "文明交通志愿服务队（示例）", "文明交通", "路口引导、骑车安全课。（示例）", models.TeamVolunteer, nil, 4},
	{"vol-dangyuan", "党员志愿服务队", "relief", "社区党员，帮老人跑腿、修小家电。（示例）", models.TeamVolunteer, []models.LectureAudience{models.AudienceOld, models.AudienceResident}, 0},
	{"vol-yiliao", "社区医疗健康志愿服务队", "health", "卫生站医生护士，量血压、送医入户。（示例）", models.TeamVolunteer, []models.LectureAudience{models.AudienceOld, models.AudienceResident}, 6},
	{"vol-humiao", "护苗志愿服务队", "teaching", "课后辅导、安全教育。（示例）", models.TeamVolunteer, []models.LectureAudience{models.AudienceYoung}, 5},
	{"vol-pufa", "普法志愿服务队（示例）", "law", "律师和社区民警。（示例）", models.TeamVolunteer, nil, 4},
	{"vol-xinli", "心理疏导志愿服务队", "心理疏导", "心理咨询师，一对一或小组。（示例）", models.TeamVolunteer, []models.LectureAudience{models.AudienceWorker, models.AudienceYoung}, 4},
}

// lectureTopics is the menu of the demo, and who offers each line.
var lectureTopics = []struct {
	title, category, summary, material string
	minutes                            int
	audiences                          []models.LectureAudience
	teams                              []string
}{
	{"反诈知识进社区", "law", "讲几个身边的骗局，学会三句拒绝的话。", "一面白墙或投影", 60, []models.LectureAudience{models.AudienceOld, models.AudienceResident}, []string{"vol-pufa", "wulao"}},
	{"红色故事会", "policy", "老战士讲亲历，孩子提问。", "话筒一支", 60, []models.LectureAudience{models.AudienceYoung, models.AudienceParty}, []string{"wulao", "tuiyi"}},
	{"党的创新理论讲堂", "policy", "结合社区里的事讲政策。", "投影", 90, []models.LectureAudience{models.AudienceParty, models.AudienceResident}, []string{"sizheng", "xianjin"}},
	{"劳模讲奋斗", "policy", "讲一件自己做成的事。", "", 60, []models.LectureAudience{models.AudienceWorker, models.AudienceParty}, []string{"xianjin"}},
	{"文艺轻骑兵进院子", "arts", "快板、鼓书、小品，四十分钟。", "一块平地和电源", 40, nil, []string{"wenyi"}},
	{"送医入户", "health", "给行动不便的老人量血压、看用药。", "", 45, []models.LectureAudience{models.AudienceOld}, []string{"vol-yiliao"}},
	{"老年人健康评估", "health", "和卫生站一起，一人十分钟。", "三张桌子", 120, []models.LectureAudience{models.AudienceOld}, []string{"vol-yiliao"}},
	{"法律咨询", "law", "律师坐班，带上材料来问。", "两张桌子", 90, []models.LectureAudience{models.AudienceResident, models.AudienceWorker}, []string{"vol-pufa"}},
	{"教老人用手机", "teaching", "挂号、视频、付钱，一对一教。", "", 90, []models.LectureAudience{models.AudienceOld}, []string{"vol-dangyuan", "vol-humiao"}},
	{"我家的老规矩", "arts", "好家风故事，一家讲十分钟。", "话筒一支", 60, []models.LectureAudience{models.AudienceResident, models.AudienceOld}, []string{"jt-jinguo", "jt-baixing"}},
	{"急救学一手", "health", "心肺复苏、海姆立克，人人上手。", "一块空地", 60, nil, []string{"jt-jiankang", "vol-kexue", "vol-yiliao"}},
	{"垃圾分类小课堂", "environment", "玩着学，带走一张对照表。", "", 45, []models.LectureAudience{models.AudienceYoung, models.AudienceResident}, []string{"vol-huanbao"}},
	{"医保怎么用", "policy", "带上医保卡，当场教。", "投影", 60, nil, []string{"vol-zhengce", "jt-qingnian"}},
	{"带着实验来", "science", "空气炮、纸桥，孩子动手。", "四张桌子", 60, []models.LectureAudience{models.AudienceYoung}, []string{"jt-kepu"}},
	{"骑车安全课", "文明交通", "电动车怎么骑、怎么停。", "", 45, nil, []string{"vol-jiaotong"}},
	{"写春联", "arts", "纸墨我们带，写好带走。", "四张桌子", 90, nil, []string{"vol-wenyi", "wenyi"}},
	{"职场减压小组", "心理疏导", "十二个人以内，晚上也来。", "安静的房间", 90, []models.LectureAudience{models.AudienceWorker}, []string{"vol-xinli"}},
}

// lectures gives the demo its teams and menu, and some orders on their way. It
// does so once.
func lectures(ctx context.Context, a *app.App) error {
	fresh := false
	err := a.DB.Write(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.Scan(&n, `SELECT COUNT(*) FROM lecture_teams`); err != nil || n > 0 {
			return err
		}
		fresh = true
		return lectureMenu(tx)
	})
	if err != nil || !fresh {
		return err
	}
	return lectureOrders(ctx, a)
}

func lectureMenu(tx *db.Tx) error {
	root, err := org.ByCode(tx, "wbl")
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	for _, x := range lectureTeams {
		if x.name != "" {
			if _, err := org.Create(tx, seeder, org.Entry{Code: x.code, Name: x.name, Kind: models.OrgTeam, ParentID: &root.ID}); err != nil {
				return fmt.Errorf("team %s: %w", x.code, err)
			}
		}
		o, err := org.ByCode(tx, x.code)
		if err != nil {
			return err
		}
		e := lecture.TeamEntry{OrgID: o.ID, Kind: x.kind, Category: x.category, Intro: x.intro, Audiences: x.audiences, TravelMin: 30, PerWeek: x.perWeek}
		for day := 1; day <= 7; day++ {
			e.Hours = append(e.Hours, models.LectureTeamHours{Day: day, Opens: 9 * 60, Closes: 20 * 60})
		}
		t, err := lecture.AddTeam(tx, seeder, e)
		if err != nil {
			return fmt.Errorf("team %s: %w", x.code, err)
		}
		ids[x.code] = t.ID
	}
	for _, x := range lectureTopics {
		e := lecture.TopicEntry{OrgID: root.ID, Title: x.title, Category: x.category, Summary: x.summary, Material: x.material, LengthMin: x.minutes, Audiences: x.audiences, Publish: true}
		for _, code := range x.teams {
			e.Teams = append(e.Teams, ids[code])
		}
		if _, err := lecture.SaveTopic(tx, seeder, e); err != nil {
			return fmt.Errorf("topic %s: %w", x.title, err)
		}
	}
	return nil
}

// lectureOrders are orders in several states: one to review, one that was
// returned, one that 「五老」 is asked for, one that it has accepted, and one much
// like the last but one; and two lines of the wish list.
func lectureOrders(ctx context.Context, a *app.App) error {
	actors := map[string]auth.Actor{}
	for _, login := range []string{"resident", "clerk", "leader", "branch"} {
		who, err := Actor(ctx, a, login)
		if err != nil {
			return err
		}
		actors[login] = who
	}
	var station models.Org
	topics, teams := map[string]int64{}, map[string]int64{}
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) { station, err = org.ByCode(tx, "yzn"); return err })
	if err != nil {
		return err
	}
	var m lecture.Menu
	m.PerPage = 100
	menu, err := a.Lectures.Topics(ctx, m)
	if err != nil {
		return err
	}
	for _, t := range menu.Items {
		topics[t.Title] = t.ID
	}
	all, err := a.Lectures.Teams(ctx, lecture.TeamFilter{})
	if err != nil {
		return err
	}
	for _, t := range all {
		teams[t.Name] = t.ID
	}
	today := models.DayOf(a.DB.Now(), a.Config.Timezone)
	ask := func(title string, days, heads int) lecture.Ask {
		return lecture.Ask{OrgID: station.ID, TopicID: topics[title], Audience: models.AudienceOld, Heads: heads, Place: "社区活动室（示例）",
			Times: lecture.Times{First: today.Add(days).At(10*60, a.Config.Timezone), Second: today.Add(days).At(15*60, a.Config.Timezone)}}
	}
	caller := ask("送医入户", 6, 1)
	caller.PlaceKind, caller.Address, caller.Whom = models.PlaceAddress, "示例小区 1 号楼 101（示例）", lecture.Whom{Caller: booking.Caller{Name: "王奶奶（示例）"}, Channel: models.ChannelPhone, ReadBack: true}
	if _, err := a.Lectures.Place(ctx, actors["clerk"], caller); err != nil {
		return fmt.Errorf("demo order: %w", err)
	}
	vague := ask("法律咨询", 8, 12)
	o, err := a.Lectures.Place(ctx, actors["resident"], vague)
	if err == nil {
		_, err = a.Lectures.Return(ctx, actors["clerk"], o.ID, "请写清想问哪方面的法律（示例）")
	}
	if err != nil {
		return fmt.Errorf("demo order: %w", err)
	}
	for i, title := range []string{"红色故事会", "反诈知识进社区"} {
		o, err := a.Lectures.Place(ctx, actors["resident"], ask(title, 5+i, 30))
		if err == nil {
			o, err = a.Lectures.Dispatch(ctx, actors["clerk"], o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: teams["「五老」宣讲团"]})
		}
		if err == nil && i == 1 {
			_, err = a.Lectures.Accept(ctx, actors["leader"], o.ID)
		}
		if err != nil {
			return fmt.Errorf("demo order %s: %w", title, err)
		}
	}
	alike := ask("红色故事会", 5, 20)
	alike.Audience = models.AudienceParty
	if _, err := a.Lectures.Place(ctx, actors["branch"], alike); err != nil {
		return fmt.Errorf("demo order: %w", err)
	}
	for who, w := range map[string]lecture.WishAsk{
		"resident": {OrgID: station.ID, Text: "教大家包饺子（示例）", Audience: models.AudienceResident},
		"clerk":    {OrgID: station.ID, Text: "教老人写毛笔字（示例）", Audience: models.AudienceOld, Whom: lecture.Whom{Caller: booking.Caller{Name: "张爷爷（示例）"}, Channel: models.ChannelPhone}},
	} {
		if _, err := a.Lectures.AddWish(ctx, actors[who], w); err != nil {
			return fmt.Errorf("demo wish: %w", err)
		}
	}
	return nil
}
