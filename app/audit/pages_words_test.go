package audit

import (
	"testing"
	"time"

	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Each shape that features write is told without a code, an English word or a moment
// in UTC; what nobody knows stays as it was written.
func TestTheLogIsToldInWords(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	zh := newTeller(locales.ZhCN, zone, models.InstantOf(time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)))
	for written, told := range map[string]string{
		"":                           "",
		"password":                   "用密码",
		"code +86139****8826":        "用验证码 +86139****8826",
		"scheduler 李****":            "排期员 李****",
		"submitted":                  "已提交",
		"C2-006 approved":            "C2-006 已通过",
		"event 9: 6排3座、1座、2座":        "场次 9：6排3座、1座、2座",
		"event 18: 3 people, rank 1": "场次 18：3 人，排第 1",
		"8 names, 4 with a seat":     "名单 8 人，4 人有座",
		"20 at A门":                   "20 座，A门",
		"20 at A门, 3 named":          "20 座，A门，3 人有名字",
		"马****  holder":              "马****  通知本人",
		"非遗课堂：学做花灯, 1 sessions, 12 places":                             "非遗课堂：学做花灯，1 场，12 个名额",
		"version 1, expected 22, arrived 20":                           "第 1 版，应到 22，实到 20",
		"2026-12-02T05:00:00.000000Z–2026-12-02T09:00:00.000000Z":      "12月2日（周三）13:00–12月2日（周三）17:00",
		"released, after_scheduler, 24 hours before, 0 seats a person": "只约放出的时段，排期后由影院确认，提前 24 小时，每人限 0 座（0 为不限）",
		"长津湖 2026-12-04T06:00:00.000000Z, 60 people, holds true":       "长津湖 12月4日（周五）14:00，60 人，占着时间：是",
		"yzn-zb5 共建第五党支部（示例） /1/3/5/17/":                               "yzn-zb5 共建第五党支部（示例）",
		"/1/3/": "/1/3/",
		"[{0 0 <nil> 1 840 1200} {0 0 <nil> 8 540 1200}]":                         "周一 14:00–20:00；节假日 9:00–20:00",
		"{Code:old Name:活动中心 OrgID:5 OwnerID:<nil> Address:千峰街道 Phone: Route:左转}": "代号：old；名称：活动中心；地址：千峰街道；怎么走：左转",
		"judge 9, entry 3, version 1":                                             "评委 9，节目 3，第 1 版",
		"3 callers from before 2026-10-25T04:00:00.000000Z":                       "3 位来电人，早于 10月25日（周日）12:00",
		"frobnicate 7 gadgets":                                                    "frobnicate 7 gadgets",
	} {
		require.Equal(t, told, zh.say(written), written)
	}
	en := newTeller(locales.En, zone, zh.frame.Now)
	require.Equal(t, "event 9: 6排3座", en.say("event 9: 6排3座"))
	require.Equal(t, "awaiting the cinema", en.say("confirming"))
}
