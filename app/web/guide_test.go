package web

import (
	"bytes"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"youyue/app/web/locales"
	"youyue/models"
)

// guideDir makes the test leave the guide and its assets there, to be looked at:
// go test ./app/web -run Guide -args -guide=DIR
var guideDir = flag.String("guide", "", "write the style guide into this folder")

func instant(t *testing.T, s string) models.Instant {
	t.Helper()
	i, err := models.ParseInstant(s)
	require.NoError(t, err)
	return i
}

// sampleHall has ten rows of nine and nine, odd numbers left and even ones
// right of the aisle, and two wheelchair places in front of the last row.
func sampleHall(t *testing.T) *models.SeatPlan {
	t.Helper()
	var seats []models.Seat
	for row := 1; row <= 10; row++ {
		for col := 1; col <= 18; col++ {
			if row == 1 && (col < 3 || col > 16) {
				continue
			}
			n := len(seats)
			number := 2*(10-col) - 1
			if col > 9 {
				number = 2 * (col - 9)
			}
			s := models.Seat{
				ID: int64(1000 + n), PlanID: 1, Ord: n, Row: row, RowTag: strconv.Itoa(row), Number: strconv.Itoa(number), Col: col,
				Kind: models.SeatStandard, Aisle: col == 9 || col == 10 || col == 1 || col == 18,
			}
			if n > 0 && seats[n-1].Row == row && col != 10 {
				s.LeftID = seats[n-1].ID
			}
			switch {
			case row == 10 && col < 3:
				s.Kind = models.SeatWheelchair
			case row == 10 && col < 5:
				s.Kind = models.SeatCompanion
			case row == 1 && col == 3:
				s.Kind, s.Reason = models.SeatNotForSale, "椅子坏了"
			}
			seats = append(seats, s)
		}
	}
	p, err := models.NewSeatPlan(1, 1, 1, seats)
	require.NoError(t, err)
	return p
}

func sampleMap(t *testing.T) SeatMap {
	t.Helper()
	plan := sampleHall(t)
	states := []byte(strings.Repeat("f", len(plan.Seats)))
	states[0] = byte(models.SeatBlocked)
	for i := 30; i < 41; i++ {
		states[i] = byte(models.SeatTaken)
	}
	for i := len(states) - 30; i < len(states)-20; i++ {
		states[i] = byte(models.SeatReserved)
	}
	m, err := NewSeatMap(plan, string(states), SeatMapOptions{
		Mode: SeatsChoose, Limit: 6, Chosen: []int64{1070, 1071, 1072}, Mine: []int64{1032}, Door: DoorBackRight, Version: "7",
	})
	require.NoError(t, err)
	return m
}

func sampleData(t *testing.T) map[string]any {
	t.Helper()
	at, until := instant(t, "2026-12-03T19:00:00+08:00"), instant(t, "2026-12-03T21:56:00+08:00")
	qr, err := QR("YY1.6K2M.c2lnbmVk", "取票二维码")
	require.NoError(t, err)
	facts := []Fact{{Label: "时间", Text: "12月3日（周四）19:00"}, {Label: "地点", Text: "太原奥斯卡国际影城 4号厅", Href: "/"}, {Label: "座位", Text: "5排7座、8座、9座"}}
	links := []Link{{"/", "calendar", "加到日历"}, {"/", "printer", "打印"}, {"/", "undo", "退订"}}
	return map[string]any{
		"At": at, "Until": until,
		"Form": Form{Values: map[string]string{"phone": "1380000"}, Errors: []FieldError{{"phone", "手机号是 11 位，现在只有 7 位。"}}},
		"Doors": []map[string]any{
			{"Href": "/", "Icon": "film", "Title": "看电影", "Line": "党课影厅，172 座"},
			{"Href": "/", "Icon": "room", "Title": "约场地", "Line": "书房、舞蹈室、球台"},
			{"Href": "/", "Icon": "service", "Title": "点服务", "Line": "宣讲、义诊、普法"},
			{"Href": "/", "Icon": "ticket", "Title": "我的预约", "Line": "看票、改期、退订", "Count": 2},
		},
		"Events": []map[string]any{
			{"Href": "/", "Start": at, "Title": "长津湖", "Place": "「永远跟党走」影厅 · 太原奥斯卡国际影城", "Left": Availability(locales.ZhCN, 121, 172), "Chips": []Chip(nil)},
			{"Href": "/", "Start": at.Add(24e9 * 3600), "Title": "万里归途", "Place": "「永远跟党走」影厅", "Left": Availability(locales.ZhCN, 6, 172), "Chips": []Chip{{ToneInfo, "只给党支部"}}},
		},
		"Chips": []Chip{{ToneOK, "已订好"}, {ToneWarn, "待批"}, {ToneInfo, "已签到"}, {ToneOff, "已取消"}},
		"Notices": []map[string]any{
			{"Tone": ToneWarn, "Text": "5排7座刚被订走。旁边 5排9座、10座 空着，要换吗？", "Links": links[:1]},
			{"Tone": ToneInfo, "Text": "这一场只给党支部订，请联系本支部书记。", "Links": nil},
		},
		"Stepper": Stepper{Name: "count", Label: "几个人", Unit: "人", Value: 3, Min: 1, Max: 6, Hint: "一次最多 6 人"},
		"Choices": Choices{Name: "preference", Legend: "坐哪里", Value: "middle", Options: []Choice{{"front", "前排", "", ""}, {"middle", "中间", "看得最舒服", ""}, {"back", "后排", "", "没有 3 个连座了"}}},
		"Seats":   sampleMap(t),
		"Decision": Decision{Title: "退订这 3 座？", Lead: "退了别人就能订。", Facts: facts, Effect: "退订后这 3 座马上放出。", Action: "/", Button: "退订", Tone: ToneWarn, Back: "/", BackTo: "不退了",
			Fields: []Field{{Name: "reason", Label: "为什么", Type: "text"}}},
		"Outcome":  Outcome{Tone: ToneOK, Title: "已订好", Lead: "5排7座、8座、9座", Code: "6K2M", QR: qr, Facts: facts, Note: "开映前一天 19:00 我们发短信提醒您。", Links: links},
		"Empty":    Empty{"ticket", "还没有预约", "看看这周放什么电影。", "/", "看电影"},
		"Table":    Table{Caption: "本周场次", Columns: []string{"片名", "时间", "已订", "状态"}, Rows: []Row{{"/", []Cell{{Text: "长津湖"}, {Text: "12月3日（周四）19:00"}, {Text: "51 / 172", Number: true}, {Chip: &Chip{ToneOK, "订票中"}}}}, {"/", []Cell{{Text: "革命者"}, {Text: "12月5日（周六）14:30"}, {Text: "172 / 172", Number: true}, {Chip: &Chip{ToneOff, "满了"}}}}}},
		"Pager":    Pager{Page: 2, Pages: 5, Path: "/", Query: url.Values{"q": {"长"}}},
		"Timeline": []Moment{{at, "已批准", "整场给兴华街道党支部", "排期员 王*", ToneOK}, {at.Add(-36e12), "提出申请", "60 人，要宣誓", "支部书记 李*", ToneInfo}},
		"Undo":     Undo{"5排7座已签到。", "/", []Hidden{{"id", "1"}}},
	}
}

func TestGuideShowsEveryPieceInEveryLook(t *testing.T) {
	t.Parallel()
	r, err := New(Config{NewKey: func() string { return "key-1" }})
	require.NoError(t, err)
	for _, layout := range []Layout{LayoutResident, LayoutStaff} {
		for _, lang := range locales.Langs {
			for _, look := range []string{"normal", "elder"} {
				name := string(layout) + "-" + string(lang) + "-" + look
				f := Frame{
					Lang: lang, Elder: look == "elder", Name: "张*华", CSRF: "csrf-1", Path: "/guide?x=1", StationPhone: "0351-000 0000", Demo: true,
					Now: instant(t, "2026-12-02T09:00:00+08:00"), Unread: 2, Flash: "已经记下。",
					Nav: []NavItem{{"/", "brand", "home", 0}, {"/guide", "guide.title", "ticket", 3}},
				}
				p := Page{Template: "pieces/guide", Title: "guide.title", Data: sampleData(t), Styles: []string{"seatmap"}, Scripts: []string{"seatmap", "stepper", "undo"}, Layout: layout}
				var out bytes.Buffer
				require.NoError(t, r.Render(&out, f, p), name)
				html := out.String()
				require.NotContains(t, html, "ZgotmplZ", name)
				require.NotContains(t, html, " style=", "%s: inline styles break the content security policy", name)
				require.NotContains(t, html, "<no value>", name)
				require.Contains(t, html, `name="csrf_token" value="csrf-1"`)
				require.Contains(t, html, `name="idempotency_key" value="key-1"`)
				require.Contains(t, html, `href="tel:03510000000"`)
				require.Contains(t, html, `aria-current="page"`)
				if *guideDir != "" {
					require.NoError(t, os.WriteFile(filepath.Join(*guideDir, name+".html"), out.Bytes(), 0o600))
				}
			}
		}
	}
	if *guideDir != "" {
		for name, a := range r.static.assets {
			path := filepath.Join(*guideDir, "static", name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, a.body, 0o600))
		}
	}
}
