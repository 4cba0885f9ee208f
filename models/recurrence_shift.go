package models

import "time"

// Shifted is the rule for a series whose occurrences go by so many days: its weekdays
// and days of the month go with them. Rules that count working days, lunar days or the
// nth weekday of a month stay as they are.
func (r Recurrence) Shifted(days int) Recurrence {
	out := r
	if r.Every == Weekly {
		out.Weekdays = nil
		for _, w := range r.Weekdays {
			out.Weekdays = append(out.Weekdays, NthWeekday{w.N, (w.Weekday + time.Weekday(days%7) + 7) % 7})
		}
	}
	if r.Every == Monthly {
		out.MonthDays = nil
		for _, d := range r.MonthDays {
			if moved := d + days; d > 0 && moved >= 1 && moved <= 31 {
				out.MonthDays = append(out.MonthDays, moved)
			}
		}
	}
	return out
}
