// Package workdays keeps the working calendar: statutory holidays and the weekends
// worked for them, year by year as they are published. Opening hours, recurrence
// and deadlines read it; a year that is not published is unknown to all of them.
package workdays

import (
	"strconv"
	"sync/atomic"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// Service is the working calendar.
type Service struct {
	db       *db.DB
	zone     *time.Location
	affected Affected
	kept     atomic.Pointer[kept]
}

// kept is the last calendar read, and the version it stands for.
type kept struct {
	stamp    stamp
	calendar models.WorkCalendar
}

// New returns the service.
func New(d *db.DB, zone *time.Location) *Service { return &Service{db: d, zone: zone} }

// Calendar returns the calendar as it stands. Versions are never changed, so that
// one that was read is kept, and asking again costs one small query.
func (s *Service) Calendar(tx *db.Tx) (models.WorkCalendar, error) {
	last, err := latest(tx)
	if err != nil {
		return models.WorkCalendar{}, err
	}
	if k := s.kept.Load(); k != nil && k.stamp == last {
		return k.calendar, nil
	}
	c, err := calendarAt(tx, last.Version)
	if err == nil {
		s.kept.Store(&kept{last, c})
	}
	return c, err
}

// CalendarAt returns the calendar as it stood at a version, for what was reckoned
// by it.
func (s *Service) CalendarAt(tx *db.Tx, version int64) (models.WorkCalendar, error) {
	return calendarAt(tx, version)
}

// Put joins a transaction and makes a list the one of its year. It returns the
// new version of the calendar.
func Put(tx *db.Tx, a auth.Actor, y models.WorkYear) (int64, error) {
	version, err := insertYear(tx, a.AccountID, y)
	if err != nil {
		return 0, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID = "workdays.list", "workdays", strconv.Itoa(y.Year)
	line.After, line.Reason = "version "+strconv.FormatInt(version, 10), y.Source
	return version, audit.Write(tx, line)
}
