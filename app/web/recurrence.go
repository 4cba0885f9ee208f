package web

import (
	"strconv"
	"strings"

	"youyue/app/web/locales"
	"youyue/models"
)

// RecurrenceWords says a rule as people do: 每2周的周一、周三，遇法定节假日顺延到下一个工作日，共10次.
func RecurrenceWords(l locales.Lang, r models.Recurrence) string {
	w := recurrenceWords{l, r}
	parts := []string{w.when()}
	if r.DayOff != models.DayOffStays {
		key := "recurrence.holiday." + strings.ToLower(string(r.DayOff))
		if r.Weekends {
			key = "recurrence.day_off." + strings.ToLower(string(r.DayOff))
		}
		parts = append(parts, w.t(key, nil))
	}
	switch {
	case r.Count > 0:
		parts = append(parts, w.t("recurrence.count", map[string]any{"n": r.Count}))
	case !r.Until.IsZero():
		parts = append(parts, w.t("recurrence.until", map[string]any{"day": FullDay(l, r.Until)}))
	}
	return strings.Join(parts, w.t("recurrence.comma", nil))
}

type recurrenceWords struct {
	l locales.Lang
	models.Recurrence
}

func (w recurrenceWords) t(key string, args map[string]any) string { return locales.T(w.l, key, args) }

// when is 每2周的周一、周三.
func (w recurrenceWords) when() string {
	n := max(1, w.Interval)
	period := strings.ToLower(string(w.Every))
	switch {
	case w.LunarDay != 0:
		period = "lunar"
	case w.Every == models.Weekly && n == 1 && len(w.Weekdays) > 0:
		return w.t("recurrence.every_weekday", map[string]any{"days": w.on()}) // 每周一, not 每周的周一
	}
	key := "recurrence.every." + period
	if n > 1 {
		key = "recurrence.every_n." + period
	}
	every := w.t(key, map[string]any{"n": n})
	if on := w.on(); on != "" {
		return w.t("recurrence.on", map[string]any{"every": every, "on": on})
	}
	return every
}

func (w recurrenceWords) on() string {
	var on []string
	add := func(key string, args map[string]any) { on = append(on, w.t("recurrence."+key, args)) }
	switch {
	case w.Workday != 0:
		add("workday", map[string]any{"nth": w.nth(w.Workday)})
	case w.LunarDay == -1:
		add("last_day", nil)
	case w.LunarDay != 0:
		on = append(on, w.lunarDay())
	}
	for _, d := range w.MonthDays {
		switch {
		case d == -1:
			add("last_day", nil)
		case d < 0:
			add("day_from_end", map[string]any{"n": -d})
		default:
			add("day", map[string]any{"n": d})
		}
	}
	for _, d := range w.Weekdays {
		day := w.t("recurrence.weekday."+strconv.Itoa(int(d.Weekday)), nil)
		if d.N != 0 {
			day = w.t("recurrence.nth_weekday", map[string]any{"nth": w.nth(d.N), "day": day})
		}
		on = append(on, day)
	}
	and := w.t("recurrence.and", nil)
	if len(w.Months) == 0 {
		return strings.Join(on, and)
	}
	months := make([]string, len(w.Months))
	for i, m := range w.Months {
		months[i] = w.t("recurrence.month_name."+strconv.Itoa(m), nil)
	}
	return w.t("recurrence.in_month", map[string]any{"month": strings.Join(months, and), "on": strings.Join(on, and)})
}

// nth is 第2个, 最后一个, 倒数第2个.
func (w recurrenceWords) nth(n int) string {
	switch {
	case n == -1:
		return w.t("recurrence.last", nil)
	case n < 0:
		return w.t("recurrence.nth_last", map[string]any{"nth": w.nth(-n)})
	case locales.Has(w.l, "recurrence.nth."+strconv.Itoa(n)):
		return w.t("recurrence.nth."+strconv.Itoa(n), nil)
	}
	return w.t("recurrence.nth", map[string]any{"n": n})
}

func (w recurrenceWords) lunarDay() string {
	if w.l == locales.En {
		return w.t("recurrence.day", map[string]any{"n": w.LunarDay})
	}
	return models.LunarDay{Month: 1, Day: w.LunarDay}.DayWord()
}

// OccurrenceWords says what became of a date of a rule; "" when it simply stands.
func OccurrenceWords(l locales.Lang, o models.Occurrence) string {
	if o.Fate == models.Stands {
		return ""
	}
	args := map[string]any{"day": FullDay(l, o.For), "from": FullDay(l, o.For), "to": FullDay(l, o.Day), "year": o.Year}
	return locales.T(l, "recurrence.fate."+string(o.Fate), args)
}
