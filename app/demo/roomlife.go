package demo

import (
	"context"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/booking"
	"youyue/app/room"
	"youyue/models"
)

// week of the houses: what people who rang have booked, by the days after today.
// Purposes and people are invented.
var ordinaryWeek = []struct {
	day, from, until int // hours
	room, purpose    string
	caller, guardian string
	people           int
}{
	{0, 15, 16, "yzn-old 乒乓球室 · 2号台", "打乒乓球", "乔大爷", "", 2},
	{0, 16, 18, "yzn-old 书法绘画室", "老年书画社", "温阿姨", "", 12},
	{1, 9, 11, "yzn-old 阅览室", "读报小组", "牛师傅", "", 9},
	{1, 15, 16, "yzn-old 乒乓球室 · 3号台", "打乒乓球", "侯阿姨", "", 4},
	{1, 19, 21, "wbl-centre 健身活动室", "八段锦晚练", "武阿姨", "", 18},
	{2, 10, 12, "wbl-centre 健身活动室", "广场舞队排练", "段阿姨", "", 22},
	{2, 16, 17, "yzn-kids 图书室", "放学后读书", "薛女士", "薛女士（示例）", 3},
	{3, 9, 11, "yzn-old 书法绘画室", "春联小样", "温阿姨", "", 10},
	{3, 16, 17, "yzn-old 乒乓球室 · 2号台", "打乒乓球", "乔大爷", "", 2},
	{4, 14, 16, "wbl-centre 城市书房", "诗歌朗诵会", "贺老师", "", 30},
	{4, 15, 17, "wbl-centre 健身活动室", "广场舞队排练", "段阿姨", "", 22},
	{5, 15, 17, "yzn-kids 书法活动室", "小朋友练字", "任女士", "任女士（示例）", 8},
	{6, 14, 16, "wbl-centre 健身活动室", "太极拳交流", "武阿姨", "", 20},
}

// ordinary fills the first week of a new demo, so that a scheduler finds a calendar
// that is lived in. What a house is closed for, or what is too late today, is left out.
func ordinary(ctx context.Context, a *app.App) error {
	ids, err := roomIDs(ctx, a)
	if err != nil {
		return err
	}
	clerk, err := Actor(ctx, a, "clerk")
	if err != nil {
		return err
	}
	for _, x := range ordinaryWeek {
		day := midnight(a).AddDate(0, 0, x.day)
		at := func(hour int) models.Instant {
			return models.InstantOf(day.Add(time.Duration(hour) * time.Hour))
		}
		if !at(x.from).After(a.DB.Now().Add(time.Hour)) {
			continue
		}
		w := room.Wish{RoomID: ids[x.room], Span: models.Span{Start: at(x.from), End: at(x.until)}, Purpose: x.purpose + "（示例）", Guardian: x.guardian, Attendees: x.people,
			Caller: booking.Caller{Name: x.caller + "（示例）"}, Channel: models.ChannelPhone, ReadBack: true}
		if _, err := a.Rooms.Book(ctx, clerk, w); err != nil {
			return fmt.Errorf("%s on day %d: %w", x.room, x.day, err)
		}
	}
	return nil
}

// roomIDs are the demo's rooms by venue and title, "yzn-old 舞蹈室".
func roomIDs(ctx context.Context, a *app.App) (map[string]int64, error) {
	all, err := a.Rooms.Rooms(ctx, room.Filter{})
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	for _, r := range all {
		ids[r.VenueCode+" "+r.Title()] = r.ID
	}
	return ids, nil
}
