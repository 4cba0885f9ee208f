package web

import (
	"fmt"
	"time"
	_ "time/tzdata" // a minimal image has no zone files

	"youyue/app/web/locales"
	"youyue/models"
)

// shanghai is the zone people read when the frame names none.
var shanghai = func() *time.Location {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return time.FixedZone("CST", 8*60*60)
	}
	return loc
}()

var weekdaysZh = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// monthDay is 11月28日, or 28 Nov; the year is added when it is not this year's.
func monthDay(f *Frame, i models.Instant) string {
	t := i.In(f.Zone)
	thisYear := f.Now.IsZero() || t.Year() == f.Now.In(f.Zone).Year()
	switch {
	case f.Lang == locales.En && thisYear:
		return t.Format("2 Jan")
	case f.Lang == locales.En:
		return t.Format("2 Jan 2006")
	case thisYear:
		return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
	default:
		return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
	}
}

// month is 2026年12月, or December 2026.
func month(f *Frame, i models.Instant) string {
	t := i.In(f.Zone)
	if f.Lang == locales.En {
		return t.Format("January 2006")
	}
	return fmt.Sprintf("%d年%d月", t.Year(), t.Month())
}

// weekday is 周六, or Sat.
func weekday(f *Frame, i models.Instant) string {
	t := i.In(f.Zone)
	if f.Lang == locales.En {
		return t.Format("Mon")
	}
	return weekdaysZh[t.Weekday()]
}

// date is 11月28日（周六）, or Sat 28 Nov; "" for no moment.
func date(f *Frame, i models.Instant) string {
	switch {
	case i.IsZero():
		return ""
	case f.Lang == locales.En:
		return weekday(f, i) + " " + monthDay(f, i)
	default:
		return monthDay(f, i) + "（" + weekday(f, i) + "）"
	}
}

// clock is 19:00.
func clock(f *Frame, i models.Instant) string {
	if i.IsZero() {
		return ""
	}
	return i.In(f.Zone).Format("15:04")
}

// dateTime is 11月28日（周六）19:00, or Sat 28 Nov, 19:00.
func dateTime(f *Frame, i models.Instant) string {
	switch {
	case i.IsZero():
		return ""
	case f.Lang == locales.En:
		return date(f, i) + ", " + clock(f, i)
	default:
		return date(f, i) + clock(f, i)
	}
}

// Date is the template function date for words that are made outside a template;
// Zone must be set.
func (f *Frame) Date(i models.Instant) string { return date(f, i) }

// ShortDate is 28日 周六, for a row of days; in English 28 Sat.
func (f *Frame) ShortDate(i models.Instant) string {
	if f.Lang == locales.En {
		return i.In(f.Zone).Format("2 Mon")
	}
	return fmt.Sprintf("%d日 %s", i.In(f.Zone).Day(), weekday(f, i))
}

// Month is the template function month likewise.
func (f *Frame) Month(i models.Instant) string { return month(f, i) }

// DateTime is the template function dateTime likewise.
func (f *Frame) DateTime(i models.Instant) string { return dateTime(f, i) }

// span is 11月28日（周六）19:00–21:30; both days are named when it crosses midnight.
func span(f *Frame, from, to models.Instant) string {
	if date(f, from) == date(f, to) {
		return dateTime(f, from) + "–" + clock(f, to)
	}
	return dateTime(f, from) + " – " + dateTime(f, to)
}

// Span is the template function span likewise.
func (f *Frame) Span(from, to models.Instant) string { return span(f, from, to) }

// FullSpan is span with the year named, for papers that are kept.
func (f *Frame) FullSpan(from, to models.Instant) string { return span(f.someday(), from, to) }

// FullDate is date with the year named.
func (f *Frame) FullDate(i models.Instant) string { return date(f.someday(), i) }

// someday is the frame of a reader in another year.
func (f *Frame) someday() *Frame {
	c := *f
	c.Now = models.InstantOf(time.Unix(0, 0))
	return &c
}

// relDay is 今天, 明天 or 后天, and "" for any other day.
func relDay(f *Frame, i models.Instant) string {
	if f.Now.IsZero() || i.IsZero() {
		return ""
	}
	midnight := func(m models.Instant) time.Time {
		t := m.In(f.Zone)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	switch midnight(i).Sub(midnight(f.Now)) / (24 * time.Hour) {
	case 0:
		return locales.T(f.Lang, "date.today", nil)
	case 1:
		return locales.T(f.Lang, "date.tomorrow", nil)
	case 2:
		return locales.T(f.Lang, "date.after_tomorrow", nil)
	}
	return ""
}

// lunarHint is the festival of the day, else in Chinese its lunar date
// (农历十月二十); in English "" where no festival falls. It says nothing about
// days off: those are the district's own table.
func lunarHint(f *Frame, i models.Instant) string {
	if i.IsZero() {
		return ""
	}
	d := models.DayOf(i, f.Zone)
	switch festival := Festival(f.Lang, d); {
	case festival != "":
		return festival
	case f.Lang == locales.En:
		return ""
	default:
		return "农历" + Lunar(d)
	}
}

// Lunar is the date of the moon calendar: 十月二十.
func Lunar(d models.Day) string { return d.Lunar().String() }

// Festival is what people call the day, "" for most days.
func Festival(l locales.Lang, d models.Day) string {
	if key := d.Festival(); key != "" {
		return locales.T(l, "festival."+key, nil)
	}
	return ""
}
