package web

import (
	"testing"

	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][2]string{
		"FREQ=DAILY;COUNT=5":      {"每天，共5次", "every day, 5 times"},
		"FREQ=WEEKLY":             {"每周", "every week"},
		"FREQ=WEEKLY;BYDAY=MO,WE": {"每周一、周三", "every Monday and Wednesday"},
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;UNTIL=20261231": {"每2周周六，到2026年12月31日为止", "every 2 weeks on Saturday, until 31 Dec 2026"},
		"FREQ=MONTHLY;BYMONTHDAY=1,-1":                   {"每月1日、最后一天", "every month on day 1 and the last day"},
		"FREQ=MONTHLY;BYDAY=2SA":                         {"每月第2个周六", "every month on the second Saturday"},
		"FREQ=MONTHLY;BYDAY=-1FR":                        {"每月最后一个周五", "every month on the last Friday"},
		"FREQ=MONTHLY;X-WORKDAY=2":                       {"每月第2个工作日", "every month on the second working day"},
		"FREQ=MONTHLY;X-WORKDAY=-2":                      {"每月倒数第2个工作日", "every month on the second-last working day"},
		"FREQ=MONTHLY;X-LUNAR=15;X-HOLIDAY=NEXT":         {"每逢农历十五，遇法定节假日顺延到下一个工作日", "every lunar month on day 15, moved to the next working day when a statutory holiday"},
		"FREQ=MONTHLY;X-LUNAR=-1;X-DAYOFF=SKIP":          {"每逢农历最后一天，遇休息日停一次", "every lunar month on the last day, left out on days off"},
		"FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5":             {"每年3月5日", "every year on day 5 in March"},
	} {
		r, err := models.ParseRecurrence(rule)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{RecurrenceWords(locales.ZhCN, r), RecurrenceWords(locales.En, r)}, rule)
	}
}

func TestDayNotes(t *testing.T) {
	t.Parallel()
	national, worked := models.Day{Year: 2026, Month: 10, Day: 2}, models.Day{Year: 2026, Month: 10, Day: 10}
	c := models.NewWorkCalendar(1, nil, models.WorkYear{Year: 2026, Marks: []models.WorkdayMark{
		{Day: national, Kind: models.DayHoliday, Name: "国庆节"}, {Day: worked, Kind: models.DayMakeup, Name: "国庆节"}}})
	require.Equal(t, DayNote{Hint: "廿二", Mark: "休", Words: "国庆节放假", Holiday: true, Known: true}, NewDayNote(locales.ZhCN, national, c))
	require.Equal(t, DayNote{Hint: "九月", Mark: "班", Words: "调休上班（国庆节）", Makeup: true, Known: true}, NewDayNote(locales.ZhCN, worked, c))
	require.Equal(t, DayNote{Hint: "冬月"}, NewDayNote(locales.ZhCN, models.Day{Year: 2027, Month: 11, Day: 28}, c))
	require.Equal(t, DayNote{Hint: "New Year's Day"}, NewDayNote(locales.En, models.Day{Year: 2027, Month: 1, Day: 1}, c))
}
