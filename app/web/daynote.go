package web

import (
	"fmt"
	"time"

	"youyue/app/web/locales"
	"youyue/models"
)

// FullDay is 2026年12月31日, or 31 Dec 2026.
func FullDay(l locales.Lang, d models.Day) string {
	if l == locales.En {
		return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format("2 Jan 2006")
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// DayNote is what a calendar says of a date beside its number; piece/day-note
// shows it.
type DayNote struct {
	Hint    string // 国庆节, 廿一; the first of a lunar month is 九月
	Mark    string // 休, 班, "" on an ordinary day
	Words   string // of the mark, for who cannot see it: 国庆节放假
	Holiday bool
	Makeup  bool
	Known   bool // whether the year has been published
}

// NewDayNote says it by the working calendar.
func NewDayNote(l locales.Lang, d models.Day, c models.WorkCalendar) DayNote {
	kind, known := c.Kind(d)
	n := DayNote{Known: known, Holiday: kind == models.DayHoliday, Makeup: kind == models.DayMakeup}
	if n.Hint = Festival(l, d); n.Hint == "" && l != locales.En {
		lunar := d.Lunar()
		if n.Hint = lunar.DayWord(); lunar.Day == 1 {
			n.Hint = lunar.MonthWord()
		}
	}
	if n.Holiday || n.Makeup {
		n.Mark = locales.T(l, "day.mark."+string(kind), nil)
		n.Words = locales.T(l, "day.words."+string(kind), map[string]any{"name": c.Names[d]})
	}
	return n
}
