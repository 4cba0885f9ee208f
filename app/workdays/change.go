package workdays

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/models"
)

// What a change of the calendar is refused for.
var (
	ErrEmpty   = errs.New(errs.Invalid, "workdays.empty")
	ErrFaults  = errs.New(errs.Invalid, "workdays.faults")   // "count" rows are at fault; Preview says which
	ErrChanged = errs.New(errs.Conflict, "workdays.changed") // what would be done is no longer what was looked at
	ErrSame    = errs.New(errs.Conflict, "workdays.same")    // nothing would change
	ErrSource  = errs.New(errs.Invalid, "workdays.source")   // no notice is named
	ErrFile    = errs.New(errs.Invalid, "workdays.file")     // neither a workbook nor a list as JSON
	ErrHours   = errs.New(errs.Invalid, "workdays.hours")
)

// Affected is told of days that change, and says what stands on them: bookings,
// screenings, and whatever else occupies time.
type Affected interface {
	OnDays(tx *db.Tx, spans []models.Span) ([]models.Occupant, error)
}

// Change is a day that a new list makes otherwise. From is what it was, as far as
// its weekday tells while the year is unknown.
type Change struct {
	Day      models.Day
	From, To models.DayKind
	FromName string
	ToName   string
}

// Preview is what a list would change, or what is wrong with it.
type Preview struct {
	Year     int
	New      bool  // the year is unknown so far
	Version  int64 // of the calendar that was compared with
	Changes  []Change
	Affected []models.Occupant // what stands on days that turn from worked to off or back
	More     int               // of those, beyond maxAffected
	Faults   []sheet.Fault
	Digest   string // of what was looked at
}

// maxAffected is what a page shows; the rest is counted.
const maxAffected = 200

// Entry is a list as it is handed in. Text is a table with the heading of Columns.
type Entry struct {
	Year   int
	Source string // the notice
	Text   string
}

// Affects names who says what stands on days that change.
func (s *Service) Affects(a Affected) { s.affected = a }

// PreviewYear says what a list would change, and what it would meet.
func (s *Service) PreviewYear(ctx context.Context, e Entry) (p Preview, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { _, p, err = s.plan(tx, e); return err })
	return p, err
}

// PutYear makes it the list of its year when it is still what was looked at, the
// digest of the preview. It returns ErrFaults, ErrChanged or ErrSame with the
// preview as it is now, or ErrSource.
func (s *Service) PutYear(ctx context.Context, a auth.Actor, e Entry, digest string) (p Preview, version int64, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lock(tx); err != nil {
			return err
		}
		var list models.WorkYear
		if list, p, err = s.plan(tx, e); err != nil {
			return err
		}
		switch {
		case len(p.Faults) > 0:
			return ErrFaults.With("count", len(p.Faults))
		case p.Digest != digest:
			return ErrChanged
		case !p.New && len(p.Changes) == 0:
			return ErrSame
		}
		version, err = Put(tx, a, list)
		return err
	})
	return p, version, err
}

// plan reads a list and compares it with what stands.
func (s *Service) plan(tx *db.Tx, e Entry) (models.WorkYear, Preview, error) {
	p := Preview{Year: e.Year}
	list, faults, err := parse(e.Year, e.Text)
	if err != nil {
		return list, p, err
	}
	if len(list.Marks) == 0 && len(faults) == 0 {
		return list, p, ErrEmpty
	}
	source, ok := models.PlainText(e.Source)
	if !ok || len([]rune(source)) > 200 {
		return list, p, ErrSource.At(errs.Field{Name: "source", Code: "required"})
	}
	list.Source = source
	if p.Faults = faults; len(faults) > 0 {
		return list, p, nil
	}
	last, err := latest(tx)
	if err != nil {
		return list, p, err
	}
	years, err := yearsAt(tx, last.Version)
	if err != nil {
		return list, p, err
	}
	was := models.NewWorkCalendar(last.Version, nil, years...)
	years = slices.DeleteFunc(years, func(y models.WorkYear) bool { return y.Year == e.Year })
	will := models.NewWorkCalendar(0, nil, append(years, list)...)
	p.Version = last.Version
	p.New, p.Changes = !was.Years[e.Year], differences(was, will, e.Year)
	if err := s.meet(tx, &p); err != nil {
		return list, p, err
	}
	p.Digest = digestOf(list, last.Version)
	return list, p, nil
}

// differences lists the days of a year, and of the December before, that two
// calendars take for something else.
func differences(was, will models.WorkCalendar, year int) []Change {
	var out []Change
	for d := (models.Day{Year: year - 1, Month: time.December, Day: 1}); d.Year <= year; d = d.Add(1) {
		from, _ := was.Kind(d)
		to, _ := will.Kind(d)
		if from != to || was.Names[d] != will.Names[d] {
			out = append(out, Change{d, from, to, was.Names[d], will.Names[d]})
		}
	}
	return out
}

// meet finds what stands on the days that change, from today on.
func (s *Service) meet(tx *db.Tx, p *Preview) error {
	var spans []models.Span
	for _, c := range p.Changes {
		day := models.Span{Start: c.Day.At(0, s.zone), End: c.Day.At(24*60, s.zone)}
		if c.From != c.To && day.End.After(tx.Now()) {
			spans = append(spans, day)
		}
	}
	if s.affected == nil || len(spans) == 0 {
		return nil
	}
	found, err := s.affected.OnDays(tx, models.Union(spans))
	if err != nil {
		return fmt.Errorf("workdays: what stands on the days: %w", err)
	}
	if p.More = max(0, len(found)-maxAffected); p.More > 0 {
		found = found[:maxAffected]
	}
	p.Affected = found
	return nil
}

// digestOf stands for a list and the calendar that it was compared with.
func digestOf(y models.WorkYear, version int64) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d|%d|%q\n", version, y.Year, y.Source)
	for _, m := range y.Marks {
		fmt.Fprintf(h, "%s|%s|%q\n", m.Day, m.Kind, m.Name)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// PutHours sets the hours of a working day, "8:30-12:00 14:30-18:00". It returns
// ErrHours or ErrSame.
func (s *Service) PutHours(ctx context.Context, a auth.Actor, text string) error {
	hours, err := models.ParseWorkHours(strings.NewReplacer("：", ":", "–", "-", "—", "-", "至", "-", "，", " ", "、", " ").Replace(text))
	if err != nil {
		return ErrHours.Because(err).At(errs.Field{Name: "hours", Code: "workdays_hours"})
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lock(tx); err != nil {
			return err
		}
		last, err := latest(tx)
		if err != nil {
			return err
		}
		was, err := hoursAt(tx, last.Version)
		if err != nil {
			return err
		}
		if was.String() == hours.String() {
			return ErrSame
		}
		version, err := insertVersion(tx, a.AccountID, versionRow{Hours: hours.String()})
		if err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID = "workdays.hours", "workdays", fmt.Sprint(version)
		line.Before, line.After = was.String(), hours.String()
		return audit.Write(tx, line)
	})
}

// Year is what stands of a year.
type Year struct {
	models.WorkYear
	Known    bool
	Calendar models.WorkCalendar
	Versions []Version // of the year and of the hours, latest first
}

// Version is one change of the calendar.
type Version struct {
	Version   int64
	Year      *int // nil: of the hours
	Hours     string
	Source    string
	By        string
	CreatedAt models.Instant
}

// Year reads a year's list with its history.
func (s *Service) Year(ctx context.Context, year int) (y Year, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		y = Year{WorkYear: models.WorkYear{Year: year}}
		if y.Calendar, err = s.Calendar(tx); err != nil {
			return err
		}
		years, err := yearsAt(tx, y.Calendar.Version)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(years, func(w models.WorkYear) bool { return w.Year == year }); i >= 0 {
			y.WorkYear, y.Known = years[i], true
		}
		y.Versions, err = versions(tx, year)
		return err
	})
	return y, err
}
