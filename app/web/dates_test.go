package web

import (
	"testing"

	"github.com/stretchr/testify/require"

	"youyue/app/web/locales"
)

func TestDatesInWords(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-23T10:00:00+08:00")
	zh := &Frame{Lang: locales.ZhCN, Zone: shanghai, Now: now}
	en := &Frame{Lang: locales.En, Zone: shanghai, Now: now}
	at := instant(t, "2026-11-28T11:00:00Z")

	require.Equal(t, "11月28日（周六）19:00", dateTime(zh, at))
	require.Equal(t, "Sat 28 Nov, 19:00", dateTime(en, at))
	require.Equal(t, "11月28日（周六）19:00–21:30", span(zh, at, instant(t, "2026-11-28T13:30:00Z")))
	require.Equal(t, "11月28日（周六）19:00 – 11月29日（周日）00:30", span(zh, at, instant(t, "2026-11-28T16:30:00Z")))
	require.Equal(t, "2027年1月2日（周六）", date(zh, instant(t, "2027-01-02T00:00:00+08:00")))
	require.Equal(t, "2026年11月28日（周六）19:00–21:30", zh.FullSpan(at, instant(t, "2026-11-28T13:30:00Z")))
	require.Equal(t, "Sat 28 Nov 2026", en.FullDate(at))
	require.Equal(t, "Sat 2 Jan 2027", date(en, instant(t, "2027-01-02T00:00:00+08:00")))
}

func TestRelativeDays(t *testing.T) {
	t.Parallel()
	f := &Frame{Lang: locales.ZhCN, Zone: shanghai, Now: instant(t, "2026-11-23T23:59:00+08:00")}
	for at, want := range map[string]string{
		"2026-11-22T23:59:00+08:00": "",
		"2026-11-23T00:00:00+08:00": "今天",
		"2026-11-24T00:00:00+08:00": "明天",
		"2026-11-25T23:00:00+08:00": "后天",
		"2026-11-26T00:00:00+08:00": "",
	} {
		require.Equal(t, want, relDay(f, instant(t, at)), at)
	}
}

func TestLunarHint(t *testing.T) {
	t.Parallel()
	zh := &Frame{Lang: locales.ZhCN, Zone: shanghai}
	en := &Frame{Lang: locales.En, Zone: shanghai}
	for day, want := range map[string][2]string{
		"2026-02-16": {"除夕", "Lunar New Year's Eve"},
		"2026-02-17": {"春节", "Spring Festival"},
		"2026-03-03": {"元宵节", "Lantern Festival"},
		"2026-04-05": {"清明节", "Qingming"},
		"2026-06-19": {"端午节", "Dragon Boat Festival"},
		"2026-09-25": {"中秋节", "Mid-Autumn Festival"},
		"2026-10-01": {"国庆节", "National Day"},
		"2026-10-18": {"重阳节", "Double Ninth"},
		"2026-12-22": {"冬至", "Winter Solstice"},
		"2026-11-28": {"农历十月二十", ""},
		"2025-07-25": {"农历闰六月初一", ""},
	} {
		// Half past midnight in Taiyuan is still the day before in UTC.
		at := instant(t, day+"T00:30:00+08:00")
		require.Equal(t, want[0], lunarHint(zh, at), day)
		require.Equal(t, want[1], lunarHint(en, at), day)
	}
}
