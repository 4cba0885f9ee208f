package demo

import (
	"context"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/db"
	"youyue/app/org"
	"youyue/app/room"
	"youyue/models"
)

// demoVenue is a house of the district with its rooms. The houses and the names of
// their rooms are real; sizes, hours, rules and the tables are assumed.
type demoVenue struct {
	code, org, owner, name, address string
	weekday, weekend                models.Minutes
	rooms                           []demoRoom
}

type demoRoom struct {
	room.Entry
	tables int // units of a table-tennis room
}

const mindTheRoom = "请穿软底鞋；用完擦桌、关灯；不抽烟。"

var houses = []demoVenue{
	{"yzn-old", "yzn", "", "迎泽南社区老年人活动中心", "千峰街道迎泽南社区（地址为示例）", models.Minutes{From: 8 * 60, To: 21 * 60}, models.Minutes{From: 9 * 60, To: 21 * 60}, []demoRoom{
		{room.Entry{Name: "乒乓球室", Use: "table_tennis", Capacity: 16, Accessible: true, Floor: "一层", HouseRules: mindTheRoom, SlotMin: 60, CleanupMin: 0}, 4},
		{room.Entry{Name: "舞蹈室", Use: "dance", Capacity: 30, Floor: "二层", AccessNote: "有电梯，轮椅能到门口", Accessible: true, HouseRules: mindTheRoom, SetupMin: 10, CleanupMin: 10}, 0},
		{room.Entry{Name: "书法绘画室", Use: "calligraphy", Capacity: 20, Floor: "二层", Accessible: true, HouseRules: "笔墨纸砚用完归位；洗笔请到水池。"}, 0},
		{room.Entry{Name: "阅览室", Use: "reading", Capacity: 24, Floor: "一层", Accessible: true}, 0},
		{room.Entry{Name: "健身房", Use: "fitness", Capacity: 12, Floor: "一层", HouseRules: "器械用完归位；身体不适请停下，找值班人员。", SlotMin: 60}, 0},
		{equipment("投影仪"), 0}, {equipment("锣鼓一套"), 0}, {equipment("便携音响"), 0}}},
	{"yzn-kids", "yzn", "", "迎泽南社区儿童专属活动中心", "千峰街道迎泽南社区（地址为示例）", models.Minutes{From: 14 * 60, To: 20 * 60}, models.Minutes{From: 9 * 60, To: 20 * 60}, []demoRoom{
		{room.Entry{Name: "书法活动室", Use: "calligraphy", Capacity: 16, Audience: models.RoomForChildren, Accessible: true, Floor: "一层"}, 0},
		{room.Entry{Name: "图书室", Use: "reading", Capacity: 20, Audience: models.RoomForChildren, Accessible: true, Floor: "一层"}, 0},
		{room.Entry{Name: "手工室", Use: "crafts", Capacity: 16, Audience: models.RoomForChildren, Accessible: true, Floor: "一层", CleanupMin: 15}, 0}}},
	{"wbl-centre", "wbl", "", "区新时代文明实践中心", "万柏林区（地址为示例）", models.Minutes{From: 8 * 60, To: 22 * 60}, models.Minutes{From: 8 * 60, To: 22 * 60}, []demoRoom{
		{room.Entry{Name: "城市书房", Use: "reading", Capacity: 40, Accessible: true, Floor: "一层"}, 0},
		{room.Entry{Name: "健身活动室", Use: "fitness", Capacity: 25, Accessible: true, Floor: "二层", CleanupMin: 10}, 0},
		{equipment("投影仪"), 0}}},
	{"binhe-sport", "binti", "binhe", "滨河体育中心", "滨体社区（地址为示例）", models.Minutes{From: 9 * 60, To: 22 * 60}, models.Minutes{From: 9 * 60, To: 22 * 60}, []demoRoom{
		{room.Entry{Name: "多功能厅", Use: "sport", Capacity: 60, Accessible: true, Floor: "一层", CleanupMin: 30}, 0},
		{room.Entry{Name: "乒乓球室", Use: "table_tennis", Capacity: 12, Accessible: true, Floor: "一层", SlotMin: 60}, 3},
		{equipment("锣鼓一套"), 0}}},
	{"qsn-reading", "binti", "qsn", "青少年阅读成长中心", "滨体社区（地址为示例）", models.Minutes{From: 9 * 60, To: 20 * 60}, models.Minutes{From: 9 * 60, To: 20 * 60}, []demoRoom{
		{room.Entry{Name: "阅读教室", Use: "reading", Capacity: 30, Audience: models.RoomForChildren, Accessible: true, Floor: "二层"}, 0}}},
}

func equipment(name string) room.Entry {
	return room.Entry{Kind: models.RoomEquipment, Name: name, Use: "equipment", Capacity: 0}
}

// venues furnishes the district's houses, once.
func venues(ctx context.Context, a *app.App) error {
	found, err := a.Rooms.Venues(ctx)
	if err != nil || len(found) > 0 {
		return err
	}
	orgs := map[string]int64{}
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		for _, h := range houses {
			for _, code := range []string{h.org, h.owner} {
				if code == "" {
					continue
				}
				o, err := org.ByCode(tx, code)
				if err != nil {
					return fmt.Errorf("organisation %s: %w", code, err)
				}
				orgs[code] = o.ID
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, h := range houses {
		if err := furnish(ctx, a, h, orgs); err != nil {
			return fmt.Errorf("venue %s: %w", h.code, err)
		}
	}
	return nil
}

func furnish(ctx context.Context, a *app.App, h demoVenue, orgs map[string]int64) error {
	e := room.VenueEntry{Code: h.code, Name: h.name, OrgID: orgs[h.org], Address: h.address, Route: "到了问值班人员（路线为示例）"}
	if owner, ok := orgs[h.owner]; ok {
		e.OwnerID = &owner
	}
	v, err := a.Rooms.SaveVenue(ctx, seeder, 0, e)
	if err != nil {
		return err
	}
	at := room.Target{VenueID: v.ID}
	var week []models.OpeningHours
	for day := 1; day <= models.HoursMakeup; day++ {
		m := h.weekday
		if day == 6 || day == 7 || day == models.HoursHoliday {
			m = h.weekend
		}
		week = append(week, models.OpeningHours{Day: day, Opens: m.From, Closes: m.To})
	}
	if err := a.Rooms.SetHours(ctx, seeder, at, week); err != nil {
		return err
	}
	for _, who := range []models.RoomBooker{models.ByResident, models.ByOrg} {
		r := models.DefaultRoomRule(who)
		if who == models.ByResident {
			r.AheadDays, r.AheadMin, r.LongestMin, r.PerWeek = 30, 15, 180, 5
		}
		if err := a.Rooms.SetRule(ctx, seeder, at, r); err != nil {
			return err
		}
	}
	for i, d := range h.rooms {
		d.VenueID, d.Ord = v.ID, i
		if d.Kind == "" {
			d.Kind = models.RoomWhole
		}
		whole, err := a.Rooms.SaveRoom(ctx, seeder, 0, d.Entry)
		if err != nil {
			return err
		}
		for n := 1; n <= d.tables; n++ {
			_, err := a.Rooms.SaveRoom(ctx, seeder, 0, room.Entry{VenueID: v.ID, WholeID: &whole.ID, Kind: models.RoomUnit, Name: fmt.Sprintf("%d号台", n),
				Use: d.Use, Capacity: 4, Accessible: d.Accessible, Floor: d.Floor, HouseRules: d.HouseRules, SlotMin: d.SlotMin, Ord: n})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// asksForRooms leaves something to decide: two branches want the dance room at one
// time, and each partner is asked for what it lends.
func asksForRooms(ctx context.Context, a *app.App) error {
	ids, err := roomIDs(ctx, a)
	if err != nil {
		return err
	}
	day := midnight(a).AddDate(0, 0, 9)
	at := func(minutes int) models.Instant {
		return models.InstantOf(day.Add(time.Duration(minutes) * time.Minute))
	}
	for _, w := range []struct {
		login, room, purpose, guardian string
		from, until, people            int
		org                            string
	}{
		{"branch", "yzn-old 舞蹈室", "合唱排练（示例）", "", 18*60 + 30, 20 * 60, 24, "yzn-zb1"},
		{"branch2", "yzn-old 舞蹈室", "主题党日：学唱党史歌曲（示例）", "", 19 * 60, 20*60 + 30, 20, "yzn-zb2"},
		{"neighbour", "binhe-sport 多功能厅", "柔力球（示例）", "", 19 * 60, 20*60 + 30, 12, ""},
		{"resident", "qsn-reading 阅读教室", "亲子共读（示例）", "刘建国（示例）", 10 * 60, 11 * 60, 4, ""},
	} {
		by, err := Actor(ctx, a, w.login)
		if err != nil {
			return err
		}
		wish := room.Wish{RoomID: ids[w.room], Span: models.Span{Start: at(w.from), End: at(w.until)}, Purpose: w.purpose, Guardian: w.guardian, Attendees: w.people}
		if w.org != "" {
			if err := a.DB.Read(ctx, func(tx *db.Tx) error {
				o, err := org.ByCode(tx, w.org)
				wish.OrgID = o.ID
				return err
			}); err != nil {
				return err
			}
		}
		if _, err := a.Rooms.Book(ctx, by, wish); err != nil {
			return fmt.Errorf("room for %s: %w", w.login, err)
		}
	}
	return nil
}
