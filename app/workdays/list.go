package workdays

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/sheet"
	"youyue/models"
)

// Columns are those of a year's list, a row a day or a run of days, as the notice
// of the State Council tells them.
func Columns() []sheet.Column {
	return []sheet.Column{
		{Key: "day", Names: []string{"日期", "从", "开始日期", "date", "from"}, Required: true},
		{Key: "until", Names: []string{"到", "至", "结束日期", "until", "to"}},
		{Key: "kind", Names: []string{"安排", "类别", "kind"}, Required: true},
		{Key: "name", Names: []string{"节日", "名称", "name"}, Required: true},
	}
}

// heads are the names of the columns, as people head them.
func heads() []string {
	columns := Columns()
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Names[0]
	}
	return out
}

var kindWords = map[string]models.DayKind{
	"放假": models.DayHoliday, "放假调休": models.DayHoliday, "休": models.DayHoliday, "休息": models.DayHoliday, "holiday": models.DayHoliday,
	"上班": models.DayMakeup, "补班": models.DayMakeup, "班": models.DayMakeup, "调休上班": models.DayMakeup, "makeup": models.DayMakeup,
}

// The bounds of a list: no holiday was ever longer, and nobody writes more.
const (
	maxRun  = 31 // days of a row
	maxName = 20 // letters of a festival
)

// parse reads a year's list from text, pasted or out of a workbook. All faults
// come at once; with any, the list is not whole.
func parse(year int, text string) (models.WorkYear, []sheet.Fault, error) {
	records, faults, err := sheet.Records(text, Columns())
	if err != nil {
		return models.WorkYear{}, nil, err
	}
	l := reading{WorkYear: models.WorkYear{Year: year}, lines: map[models.Day]int{}, faults: faults}
	for _, r := range records {
		l.row(r)
	}
	slices.SortStableFunc(l.faults, func(a, b sheet.Fault) int { return a.Line - b.Line })
	slices.SortFunc(l.Marks, func(a, b models.WorkdayMark) int { return a.Day.Sub(b.Day) })
	return l.WorkYear, l.faults, nil
}

// reading is the work of parse.
type reading struct {
	models.WorkYear
	lines  map[models.Day]int // of each day
	faults []sheet.Fault
}

func (l *reading) fault(r sheet.Record, column int, code string, args map[string]any) {
	f := sheet.Fault{Line: r.Line, Code: code, Args: args}
	if column >= 0 {
		f.Column = Columns()[column].Names[0]
	}
	l.faults = append(l.faults, f)
}

func (l *reading) row(r sheet.Record) {
	before := len(l.faults)
	from, ok := l.day(r, 0)
	until := from
	if r.Values["until"] != "" {
		var there bool
		until, there = l.day(r, 1)
		if ok = ok && there; ok && (until.Before(from) || until.Sub(from) >= maxRun) {
			l.fault(r, 1, "workdays_run", map[string]any{"max": maxRun})
		}
	}
	kind, known := kindWords[strings.ToLower(r.Values["kind"])]
	if !known && r.Values["kind"] != "" {
		l.fault(r, 2, "workdays_kind", nil)
	}
	name, plain := models.PlainText(r.Values["name"])
	if r.Values["name"] != "" && (!plain || len([]rune(name)) > maxName) {
		l.fault(r, 3, "plain", nil)
	}
	if !ok || len(l.faults) > before {
		return
	}
	for d := from; !until.Before(d); d = d.Add(1) {
		l.mark(r, models.WorkdayMark{Day: d, Kind: kind, Name: name})
	}
}

// day reads a date of the year, or of the December before.
func (l *reading) day(r sheet.Record, column int) (models.Day, bool) {
	text := r.Values[Columns()[column].Key]
	if text == "" {
		return models.Day{}, false // said already
	}
	at, ok := sheet.Day(text, time.UTC)
	if !ok {
		l.fault(r, column, "workdays_day", nil)
		return models.Day{}, false
	}
	d := models.Day{Year: at.Year(), Month: at.Month(), Day: at.Day()}
	if d.Year != l.Year && (d.Year != l.Year-1 || d.Month != time.December) {
		l.fault(r, column, "workdays_year", map[string]any{"year": l.Year})
		return models.Day{}, false
	}
	return d, true
}

func (l *reading) mark(r sheet.Record, m models.WorkdayMark) {
	if line, twice := l.lines[m.Day]; twice {
		l.fault(r, 0, "workdays_twice", map[string]any{"day": m.Day.String(), "line": line})
		return
	}
	if m.Kind == models.DayMakeup && m.Day.WeekKind() == models.DayWork {
		l.fault(r, 0, "workdays_weekday", map[string]any{"day": m.Day.String()})
		return
	}
	l.lines[m.Day] = r.Line
	l.Marks = append(l.Marks, m)
}

// rows writes a list as parse reads it, days that follow each other in one row.
func rows(marks []models.WorkdayMark) string {
	out := []string{strings.Join(heads(), "\t")}
	for _, run := range runs(marks) {
		until := ""
		if run.Until != run.Day {
			until = run.Until.String()
		}
		out = append(out, strings.Join([]string{run.Day.String(), until, kindWord(run.Kind), run.Name}, "\t"))
	}
	return strings.Join(out, "\n")
}

func kindWord(k models.DayKind) string {
	if k == models.DayMakeup {
		return "上班"
	}
	return "放假"
}

// run is days in a row that are alike.
type run struct {
	models.WorkdayMark
	Until models.Day
}

func runs(marks []models.WorkdayMark) []run {
	var out []run
	for _, m := range marks {
		if n := len(out); n > 0 && out[n-1].Until.Add(1) == m.Day && out[n-1].Kind == m.Kind && out[n-1].Name == m.Name {
			out[n-1].Until = m.Day
			continue
		}
		out = append(out, run{m, m.Day})
	}
	return out
}

//go:embed published/*.tsv
var published embed.FS

// notices names the notices of the State Council that the lists in published/
// were taken from.
var notices = map[int]string{
	2025: "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号，2024年11月12日）",
	2026: "国务院办公厅关于2026年部分节假日安排的通知（2025年11月4日）",
}

// Published returns the list of a year that comes with the program; false when
// the program is older than the notice.
func Published(year int) (models.WorkYear, bool) {
	body, err := published.ReadFile(fmt.Sprintf("published/%d.tsv", year))
	if err != nil {
		return models.WorkYear{}, false
	}
	y, faults, err := parse(year, string(body))
	if err != nil || len(faults) > 0 {
		panic(fmt.Sprintf("workdays: published/%d.tsv: %v %v", year, faults, err)) // a test reads them all
	}
	y.Source = notices[year]
	return y, true
}

// PublishedYears lists the years that come with the program.
func PublishedYears() []int { return []int{2025, 2026} }
