package models_test

import (
	"strings"
	"testing"

	"youyue/models"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// told writes occurrences as a test reads them: the date by the rule, what became
// of it, and the date it moved to; days that simply stand are bare.
func told(all []models.Occurrence) string {
	out := make([]string, len(all))
	for i, o := range all {
		switch {
		case o.Fate == models.Stands && o.Day == o.For:
			out[i] = o.Day.String()
		case o.Day.IsZero():
			out[i] = o.For.String() + " " + string(o.Fate)
		default:
			out[i] = o.For.String() + "→" + o.Day.String()
		}
	}
	return strings.Join(out, ", ")
}

func TestRecurrence(t *testing.T) {
	t.Parallel()
	c := published(t)
	for _, x := range []struct{ name, rule, first, until, want string }{
		{"every week from its first day", "FREQ=WEEKLY;COUNT=3", "2026-11-24", "2027-12-31", "2026-11-24, 2026-12-01, 2026-12-08"},
		{"over the end of the year", "FREQ=WEEKLY;BYDAY=TH;COUNT=3", "2026-12-24", "2027-12-31", "2026-12-24, 2026-12-31, 2027-01-07"},
		{"every second week on two days", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261216", "2026-11-23", "2027-12-31",
			"2026-11-23, 2026-11-25, 2026-12-07, 2026-12-09"},
		{"the first day need not fit", "FREQ=WEEKLY;BYDAY=SA;COUNT=1", "2026-11-24", "2027-12-31", "2026-11-28"},
		{"the 31st where there is one", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", "2026-06-01", "2026-01-31, 2026-03-31, 2026-05-31"},
		{"the last of every month, a leap year", "FREQ=MONTHLY;BYMONTHDAY=-1", "2028-01-01", "2028-03-31", "2028-01-31, 2028-02-29, 2028-03-31"},
		{"a leap day", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01", "2030-12-31", "2028-02-29"},
		{"the second Saturday", "FREQ=MONTHLY;BYDAY=2SA;COUNT=2", "2026-11-24", "2027-12-31", "2026-12-12, 2027-01-09"},
		{"the last Friday", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-11-01", "2027-12-31", "2026-11-27, 2026-12-25"},
		{"a rule without days off knows no unknown year", "FREQ=DAILY;COUNT=2", "2026-12-31", "2027-12-31", "2026-12-31, 2027-01-01"},

		{"the second working day", "FREQ=MONTHLY;X-WORKDAY=2", "2026-01-01", "2026-04-30",
			"2026-01-01→2026-01-05, 2026-02-01→2026-02-03, 2026-03-01→2026-03-03, 2026-04-01→2026-04-02"},
		{"working days after National Day", "FREQ=MONTHLY;X-WORKDAY=3;COUNT=1", "2026-10-01", "2026-12-31", "2026-10-01→2026-10-10"},
		{"the last working day is a weekend that is worked", "FREQ=MONTHLY;X-WORKDAY=-1;COUNT=1", "2026-02-01", "2026-12-31", "2026-02-01→2026-02-28"},
		{"this month's is over", "FREQ=MONTHLY;X-WORKDAY=2;COUNT=1", "2026-11-24", "2026-12-31", "2026-12-01→2026-12-02"},
		{"a working day of a year not published", "FREQ=MONTHLY;X-WORKDAY=1", "2026-12-01", "2027-02-28",
			"2026-12-01, 2027-01-01 unknown, 2027-02-01 unknown"},
		{"every other month", "FREQ=MONTHLY;INTERVAL=2;X-WORKDAY=1", "2026-07-01", "2026-10-31", "2026-07-01, 2026-09-01"},

		{"every lunar 15th, through a leap sixth month", "FREQ=MONTHLY;X-LUNAR=15", "2025-06-01", "2025-09-30",
			"2025-06-10, 2025-07-09, 2025-08-08, 2025-09-06"},
		{"the Lantern Festival is one", "FREQ=MONTHLY;X-LUNAR=15;COUNT=1", "2026-02-17", "2026-12-31", "2026-03-03"},
		{"the lunar 30th leaves out months of 29 days", "FREQ=MONTHLY;X-LUNAR=30", "2026-01-01", "2026-06-30",
			"2026-01-18, 2026-03-18, 2026-05-16"},
		{"the last day of every lunar month", "FREQ=MONTHLY;X-LUNAR=-1", "2026-01-01", "2026-06-30",
			"2026-01-18, 2026-02-16, 2026-03-18, 2026-04-16, 2026-05-16, 2026-06-14"},
		{"every other lunar month", "FREQ=MONTHLY;INTERVAL=2;X-LUNAR=1", "2026-02-17", "2026-06-30", "2026-02-17, 2026-04-17, 2026-06-15"},

		{"moved to where the next one stands", "FREQ=WEEKLY;BYDAY=TH;X-HOLIDAY=NEXT", "2026-09-24", "2026-10-15",
			"2026-09-24, 2026-10-01 merged, 2026-10-08, 2026-10-15"},
		{"moved to a Saturday that is worked", "FREQ=MONTHLY;BYMONTHDAY=1;X-HOLIDAY=NEXT", "2026-01-01", "2026-01-31", "2026-01-01→2026-01-04"},
		{"a weekend is no holiday", "FREQ=WEEKLY;BYDAY=SU;X-HOLIDAY=NEXT", "2026-11-29", "2026-12-06", "2026-11-29, 2026-12-06"},
		{"a weekend is a day off", "FREQ=MONTHLY;BYMONTHDAY=15;X-DAYOFF=NEXT", "2026-08-01", "2026-09-30", "2026-08-15→2026-08-17, 2026-09-15"},
		{"a weekend that is worked is none", "FREQ=WEEKLY;BYDAY=SA;X-DAYOFF=SKIP", "2026-10-03", "2026-10-17",
			"2026-10-03 skipped, 2026-10-10, 2026-10-17 skipped"},
		{"left out count", "FREQ=WEEKLY;BYDAY=TH;COUNT=3;X-HOLIDAY=SKIP", "2026-09-24", "2026-12-31", "2026-09-24, 2026-10-01 skipped, 2026-10-08"},
		{"what depends on a year not published", "FREQ=WEEKLY;BYDAY=TH;X-HOLIDAY=SKIP", "2026-12-24", "2027-01-07",
			"2026-12-24, 2026-12-31, 2027-01-07 unknown"},
		{"a lunar day that may be moved", "FREQ=MONTHLY;X-LUNAR=15;X-HOLIDAY=NEXT", "2026-09-01", "2026-10-31", "2026-09-25→2026-09-28, 2026-10-24"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			r, err := models.ParseRecurrence(x.rule)
			require.NoError(t, err)
			require.Equal(t, x.want, told(r.Days(day(t, x.first), day(t, x.until), 0, c)))
			again, err := models.ParseRecurrence(r.String())
			require.NoError(t, err)
			require.Equal(t, r, again, r.String())
		})
	}
}

// Two of a week that move to the same day are one, whichever piece of the series
// is looked at.
func TestMovedOccurrencesMeet(t *testing.T) {
	t.Parallel()
	c := published(t)
	r, err := models.ParseRecurrence("FREQ=WEEKLY;BYDAY=FR,TH;X-HOLIDAY=NEXT")
	require.NoError(t, err)
	require.Equal(t, "2026-10-01 merged, 2026-10-02 merged, 2026-10-08, 2026-10-09", told(r.Days(day(t, "2026-10-01"), day(t, "2026-10-09"), 0, c)))
	require.Equal(t, "2026-10-01 merged, 2026-10-02 merged", told(r.Days(day(t, "2026-10-01"), day(t, "2026-10-03"), 0, c)))
	r, err = models.ParseRecurrence("FREQ=WEEKLY;BYDAY=FR,SA;X-HOLIDAY=NEXT")
	require.NoError(t, err)
	require.Equal(t, "2026-10-02→2026-10-08, 2026-10-03 merged", told(r.Days(day(t, "2026-10-01"), day(t, "2026-10-03"), 0, c)))
}

func TestWhatIsNoRule(t *testing.T) {
	t.Parallel()
	for rule, part := range map[string]string{
		"":                                         "",
		"weekly":                                   "WEEKLY",
		"FREQ=HOURLY":                              "FREQ=HOURLY",
		"INTERVAL=2":                               "FREQ",
		"FREQ=WEEKLY;FREQ=WEEKLY":                  "FREQ=WEEKLY",
		"FREQ=WEEKLY;INTERVAL=0":                   "INTERVAL=0",
		"FREQ=WEEKLY;INTERVAL=100":                 "INTERVAL=100",
		"FREQ=WEEKLY;COUNT=401":                    "COUNT=401",
		"FREQ=WEEKLY;COUNT=4;UNTIL=20261231":       "UNTIL",
		"FREQ=WEEKLY;UNTIL=2026-12-31":             "UNTIL=2026-12-31",
		"FREQ=WEEKLY;BYDAY=XX":                     "BYDAY=XX",
		"FREQ=WEEKLY;BYDAY=":                       "BYDAY=",
		"FREQ=WEEKLY;BYDAY=2SA":                    "BYDAY",
		"FREQ=WEEKLY;BYMONTHDAY=3":                 "BYMONTHDAY",
		"FREQ=MONTHLY;BYMONTHDAY=32":               "BYMONTHDAY=32",
		"FREQ=MONTHLY;BYMONTH=3":                   "BYMONTH",
		"FREQ=MONTHLY;BYHOUR=9":                    "BYHOUR=9",
		"FREQ=MONTHLY;X-WORKDAY=24":                "X-WORKDAY=24",
		"FREQ=WEEKLY;X-WORKDAY=2":                  "X-WORKDAY",
		"FREQ=MONTHLY;X-WORKDAY=2;X-LUNAR=15":      "X-WORKDAY",
		"FREQ=MONTHLY;X-LUNAR=31":                  "X-LUNAR=31",
		"FREQ=MONTHLY;X-LUNAR=15;BYDAY=MO":         "X-LUNAR",
		"FREQ=WEEKLY;X-HOLIDAY=STAY":               "X-HOLIDAY=STAY",
		"FREQ=WEEKLY;X-HOLIDAY=NEXT;X-DAYOFF=SKIP": "X-DAYOFF=SKIP",
		"FREQ=DAILY;" + strings.Repeat("长", 99):    strings.Repeat("长", 40) + "…",
	} {
		_, err := models.ParseRecurrence(rule)
		require.ErrorIs(t, err, models.ErrBadRule, rule)
		require.Equal(t, part, refusal(err).Args["part"], rule)
	}
}

// Whatever the rule, its occurrences lie within their bounds, in order, each on a
// day of its own; none is on a day off that it should avoid, and none in a year
// that it cannot know.
func TestOccurrencesKeepTheirBounds(t *testing.T) {
	t.Parallel()
	c := published(t)
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SA", "FREQ=MONTHLY;BYMONTHDAY=1,31", "FREQ=MONTHLY;X-WORKDAY=-2",
			"FREQ=MONTHLY;X-LUNAR=30", "FREQ=MONTHLY;BYDAY=-1SU"}).Draw(t, "rule")
		if !strings.Contains(rule, "WORKDAY") {
			rule += rapid.SampledFrom([]string{"", ";X-HOLIDAY=NEXT", ";X-DAYOFF=NEXT", ";X-HOLIDAY=SKIP", ";X-DAYOFF=SKIP"}).Draw(t, "off")
		}
		r, err := models.ParseRecurrence(rule)
		require.NoError(t, err)
		first := models.Day{Year: 2025, Month: 1, Day: 1}.Add(rapid.IntRange(0, 720).Draw(t, "first"))
		until, most := first.Add(rapid.IntRange(0, 400).Draw(t, "days")), rapid.IntRange(1, 80).Draw(t, "most")
		all := r.Days(first, until, most, c)
		require.LessOrEqual(t, len(all), most)
		on, last := map[models.Day]bool{}, models.Day{}
		for _, o := range all {
			require.True(t, last.IsZero() || last.Before(o.For))
			last = o.For
			require.False(t, until.Before(o.For))
			if o.Day.IsZero() {
				continue
			}
			require.False(t, on[o.Day])
			on[o.Day] = true
			require.False(t, o.Day.Before(first))
			kind, known := c.Kind(o.Day)
			if r.Workday != 0 || r.DayOff != models.DayOffStays {
				require.True(t, known)
				require.NotEqual(t, models.DayHoliday, kind)
				require.True(t, kind != models.DayRest || !r.Weekends && o.Fate == models.Stands)
			}
		}
	})
}
