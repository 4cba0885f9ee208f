package models

// WorkCalendar is the working calendar of the years that have been published:
// statutory holidays, and the weekends worked to make up for them. A year that is
// not in it is unknown, and is never guessed.
type WorkCalendar struct {
	Years map[int]bool
	Marks map[Day]DayKind // holidays and make-up workdays alone
}

// Kind says what a date is. Of a date in a year not yet published it says what
// its weekday says, and false.
func (c WorkCalendar) Kind(d Day) (DayKind, bool) {
	if k, ok := c.Marks[d]; ok {
		return k, true
	}
	return d.WeekKind(), c.Years[d.Year]
}
