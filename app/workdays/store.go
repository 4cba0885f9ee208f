package workdays

import (
	"fmt"

	"youyue/app/db"
	"youyue/models"
)

// stamp tells one state of the calendar from any other: the moment too, for a
// version that was rolled back may have been read by whoever wrote it.
type stamp struct {
	Version   int64
	CreatedAt models.Instant
}

func latest(tx *db.Tx) (stamp, error) {
	var s stamp
	if _, err := tx.One(&s, `SELECT version, created_at FROM workday_versions ORDER BY version DESC LIMIT 1`); err != nil {
		return stamp{}, fmt.Errorf("workdays: %w", err)
	}
	return s, nil
}

// versionRow is a version of the calendar.
type versionRow struct {
	Version int64
	Year    *int
	Hours   string
	Source  string
}

// dayRow is a day of a version.
type dayRow struct {
	Version int64
	Day     models.Day
	Kind    models.DayKind
	Name    string
}

// calendarAt is what the versions up to one make together.
func calendarAt(tx *db.Tx, version int64) (models.WorkCalendar, error) {
	years, err := yearsAt(tx, version)
	if err != nil {
		return models.WorkCalendar{}, err
	}
	hours, err := hoursAt(tx, version)
	if err != nil {
		return models.WorkCalendar{}, err
	}
	return models.NewWorkCalendar(version, hours, years...), nil
}

// yearsAt lists the years' lists as they stood at a version, by year.
func yearsAt(tx *db.Tx, version int64) ([]models.WorkYear, error) {
	const last = `(SELECT MAX(version) FROM workday_versions WHERE year IS NOT NULL AND version <= ? GROUP BY year)`
	var versions []versionRow
	if err := tx.Scan(&versions, `SELECT version, year, hours, source FROM workday_versions WHERE version IN `+last+` ORDER BY year`, version); err != nil {
		return nil, fmt.Errorf("workdays: %w", err)
	}
	var days []dayRow
	if err := tx.Scan(&days, `SELECT * FROM workdays WHERE version IN `+last+` ORDER BY day`, version); err != nil {
		return nil, fmt.Errorf("workdays: %w", err)
	}
	of := map[int64][]models.WorkdayMark{}
	for _, d := range days {
		of[d.Version] = append(of[d.Version], models.WorkdayMark{Day: d.Day, Kind: d.Kind, Name: d.Name})
	}
	out := make([]models.WorkYear, len(versions))
	for i, v := range versions {
		out[i] = models.WorkYear{Year: *v.Year, Source: v.Source, Marks: of[v.Version]}
	}
	return out, nil
}

// hoursAt are the hours of a working day as they stood at a version; none when
// they were never set.
func hoursAt(tx *db.Tx, version int64) (models.WorkHours, error) {
	var text string
	ok, err := tx.One(&text, `SELECT hours FROM workday_versions WHERE year IS NULL AND version <= ? ORDER BY version DESC LIMIT 1`, version)
	if err != nil || !ok {
		return nil, err
	}
	return models.ParseWorkHours(text)
}

var dayRows = db.RowsOf("workdays", "version bigint, day text, kind text, name text")

func insertVersion(tx *db.Tx, by int64, v versionRow) (int64, error) {
	if err := lock(tx); err != nil {
		return 0, err
	}
	last, err := latest(tx)
	if err != nil {
		return 0, err
	}
	version := last.Version + 1
	_, err = tx.Exec(`INSERT INTO workday_versions (version, year, hours, source, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		version, v.Year, v.Hours, v.Source, by, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("workdays: %w", err)
	}
	return version, nil
}

func insertYear(tx *db.Tx, by int64, y models.WorkYear) (int64, error) {
	version, err := insertVersion(tx, by, versionRow{Year: &y.Year, Source: y.Source})
	if err != nil {
		return 0, err
	}
	rows := make([][]any, len(y.Marks))
	for i, m := range y.Marks {
		rows[i] = []any{version, m.Day.String(), string(m.Kind), m.Name}
	}
	if _, err := dayRows.Insert(tx, "", rows...); err != nil {
		return 0, fmt.Errorf("workdays of %d: %w", y.Year, err)
	}
	return version, nil
}

// lock makes this transaction the only one that changes the calendar, so that the
// order of versions is that of their commits. SQLite has one writer and needs none.
func lock(tx *db.Tx) error {
	if _, err := tx.ExecPair(db.Pair{Postgres: `SELECT pg_advisory_xact_lock(hashtext(?))`, SQLite: `SELECT ?`}, "workday_versions"); err != nil {
		return fmt.Errorf("workdays: %w", err)
	}
	return nil
}

// versions lists the changes of a year and of the hours, the latest first.
func versions(tx *db.Tx, year int) ([]Version, error) {
	var out []Version
	err := tx.Scan(&out, `SELECT v.*, COALESCE(a.name, '') AS by FROM workday_versions v LEFT JOIN accounts a ON a.id = v.created_by
		WHERE v.year = ? OR v.year IS NULL ORDER BY v.version DESC LIMIT 50`, year)
	if err != nil {
		return nil, fmt.Errorf("workdays: %w", err)
	}
	return out, nil
}
