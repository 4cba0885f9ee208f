package models

import "github.com/6tail/lunar-go/calendar"

// LunarDay is a date of the lunar calendar. Its months have 29 or 30 days; a leap
// month follows the month whose number it has.
type LunarDay struct {
	Month int // 1 … 12
	Day   int // 1 … 30
	Leap  bool
	Last  bool // of its month
}

func (d Day) lunar() *calendar.Lunar {
	return calendar.NewSolarFromYmd(d.Year, int(d.Month), d.Day).GetLunar()
}

func lunarOf(l *calendar.Lunar) LunarDay {
	out := LunarDay{Month: l.GetMonth(), Day: l.GetDay()}
	if out.Month < 0 {
		out.Month, out.Leap = -out.Month, true
	}
	out.Last = out.Day == 30 || out.Day == 29 && l.Next(1).GetDay() == 1
	return out
}

// Lunar is the date in the lunar calendar.
func (d Day) Lunar() LunarDay { return lunarOf(d.lunar()) }

var (
	lunarMonths = [...]string{"正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"}
	lunarTens   = [...]string{"初", "十", "廿"}
	lunarUnits  = [...]string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
)

// MonthWord is 十月, 闰六月.
func (l LunarDay) MonthWord() string {
	word := lunarMonths[l.Month-1] + "月"
	if l.Leap {
		return "闰" + word
	}
	return word
}

// DayWord is 十五, 廿三.
func (l LunarDay) DayWord() string {
	switch l.Day {
	case 20:
		return "二十"
	case 30:
		return "三十"
	}
	return lunarTens[(l.Day-1)/10] + lunarUnits[(l.Day-1)%10]
}

// String is 十月二十.
func (l LunarDay) String() string { return l.MonthWord() + l.DayWord() }

// Festivals that people plan by. Days of the sun calendar are month*100+day,
// days of the moon calendar likewise; solar terms are found by name.
var (
	sunFestivals = map[int]string{
		101: "new_year", 308: "women", 312: "trees", 501: "labour", 504: "youth", 601: "children",
		701: "party", 801: "army", 910: "teachers", 1001: "national", 1213: "memorial",
	}
	moonFestivals = map[int]string{
		101: "spring", 115: "lantern", 202: "dragon_head", 505: "dragon_boat",
		707: "qixi", 815: "mid_autumn", 909: "double_ninth", 1208: "laba",
	}
	termFestivals = map[string]string{"清明": "qingming", "冬至": "winter_solstice"}
)

// Festival names the festival of a date, the locale key less "festival."; "" for
// none. It says nothing about days off: those are the working calendar's.
func (d Day) Festival() string {
	l := d.lunar()
	moon := lunarOf(l)
	key := sunFestivals[int(d.Month)*100+d.Day]
	if k := moonFestivals[moon.Month*100+moon.Day]; k != "" && !moon.Leap {
		key = k
	}
	if k := termFestivals[l.GetJieQi()]; k != "" {
		key = k
	}
	if moon.Month == 12 && moon.Last && d.Add(1).Lunar().Month == 1 {
		key = "new_years_eve"
	}
	return key
}
