package cinema

import (
	"context"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/app/venue"
	"youyue/models"
)

// hoursColumns are those of a table of hours, on paper and in Excel.
var hoursColumns = []sheet.Column{
	{Key: "date", Names: []string{"日期", "Date"}, Required: true},
	{Key: "start", Names: []string{"开始", "开始时间", "Start"}, Required: true},
	{Key: "end", Names: []string{"结束", "结束时间", "End"}, Required: true},
	{Key: "projectionist", Names: []string{"放映员", "Projectionist"}},
	{Key: "note", Names: []string{"备注", "原因", "Note"}},
}

// The longest name and note that a row may have.
const (
	maxShownBy   = 40
	maxHoursNote = 200
)

// hoursRows reads a table of hours; every faulty cell is named. Rows that cannot
// be read are left out.
func (s *Service) hoursRows(text string) ([]HoursRow, []sheet.Fault, error) {
	records, faults, err := sheet.Records(text, hoursColumns)
	if err != nil {
		return nil, nil, err
	}
	broken := map[int]bool{}
	for _, f := range faults {
		broken[f.Line] = true
	}
	if broken[0] {
		return nil, faults, nil // a column is missing: the cells say nothing
	}
	var rows []HoursRow
	for _, r := range records {
		bad := func(column int, code string, args map[string]any) {
			faults = append(faults, sheet.Fault{Line: r.Line, Column: hoursColumns[column].Names[0], Code: code, Args: args})
			broken[r.Line] = true
		}
		date, okDate := sheet.Day(r.Values["date"], s.zone)
		from, okFrom := sheet.Clock(r.Values["start"])
		to, okTo := sheet.Clock(r.Values["end"])
		for i, x := range []struct {
			key, code string
			ok        bool
		}{{"date", "hours_date", okDate}, {"start", "hours_clock", okFrom}, {"end", "hours_clock", okTo}} {
			if !x.ok && r.Values[x.key] != "" {
				bad(i, x.code, map[string]any{"value": shorten(r.Values[x.key])})
			}
		}
		row := HoursRow{Line: r.Line, Projectionist: r.Values["projectionist"], Note: r.Values["note"]}
		for i, x := range []struct {
			value string
			max   int
		}{3: {row.Projectionist, maxShownBy}, 4: {row.Note, maxHoursNote}} {
			if _, ok := models.PlainText(x.value); !ok && x.value != "" {
				bad(i, "plain", nil)
			} else if len([]rune(x.value)) > x.max {
				bad(i, "max", map[string]any{"param": x.max})
			}
		}
		if broken[r.Line] {
			continue
		}
		row.Span = models.Pattern{From: date, To: date, FromMin: from, UntilMin: to}.Spans()[0]
		rows = append(rows, row)
	}
	return rows, faults, nil
}

const maxEcho = 20

func shorten(s string) string {
	if r := []rune(s); len(r) > maxEcho {
		return string(r[:maxEcho]) + "…"
	}
	return s
}

// hoursText writes rows as the table that hoursRows reads.
func (s *Service) hoursText(rows []HoursRow) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(s.hoursCells(r), "\t") + "\n")
	}
	return b.String()
}

func (s *Service) hoursCells(r HoursRow) []string {
	from, to := r.Start.In(s.zone), r.End.In(s.zone)
	end := to.Format("15:04")
	if end == "00:00" {
		end = "24:00"
	}
	return []string{from.Format(time.DateOnly), from.Format("15:04"), end, r.Projectionist, r.Note}
}

// patternEntry is a weekly pattern as it is entered; one day is a pattern too.
type patternEntry struct {
	From, To      string
	Weekdays      []time.Weekday
	Start, End    string
	Projectionist string
	Note          string
}

// patternRows lists a pattern's occurrences that are not over; a pattern's own
// faults point at its fields.
func (s *Service) patternRows(in patternEntry) ([]HoursRow, *errs.Error) {
	if in.To == "" {
		in.To = in.From
	}
	var bad []errs.Field
	fault := func(name, code string) { bad = append(bad, errs.Field{Name: name, Code: code}) }
	from, okFrom := sheet.Day(in.From, s.zone)
	to, okTo := sheet.Day(in.To, s.zone)
	start, okStart := sheet.Clock(in.Start)
	end, okEnd := sheet.Clock(in.End)
	for _, x := range []struct {
		name, value string
		ok          bool
	}{{"from", in.From, okFrom}, {"to", in.To, okTo}, {"start", in.Start, okStart}, {"end", in.End, okEnd}} {
		switch {
		case x.value == "":
			fault(x.name, "required")
		case !x.ok:
			fault(x.name, "type")
		}
	}
	switch {
	case len(bad) > 0:
	case to.Before(from):
		fault("to", "hours_days")
	case end <= start:
		fault("end", "hours_order")
	}
	if len(bad) > 0 {
		return nil, errs.ErrInvalid.At(bad...)
	}
	var rows []HoursRow
	now := s.db.Now()
	for i, sp := range (models.Pattern{From: from, To: to, Weekdays: in.Weekdays, FromMin: start, UntilMin: end}).Spans() {
		if sp.End.After(now) || from.Equal(to) {
			rows = append(rows, HoursRow{Span: sp, Line: i + 1, Projectionist: in.Projectionist, Note: in.Note})
		}
	}
	if len(rows) == 0 {
		return nil, errs.FieldFault("weekdays", "hours_none")
	}
	return rows, nil
}

// ReleasesOf lists the hours released of a hall in the actor's scope; a span
// without a start is from now on, without an end as far as anybody plans.
func (s *Service) ReleasesOf(ctx context.Context, a auth.Actor, hallID int64, sp models.Span) (out []models.HallRelease, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := venue.GetFor(tx, a, auth.HallCalendar, hallID); err != nil {
			return err
		}
		if sp.Start.IsZero() {
			sp.Start = tx.Now()
		}
		if sp.End.IsZero() {
			sp.End = tx.Now().Add(2 * venue.MaxAhead)
		}
		out, err = venue.Releases(tx, hallID, sp)
		return err
	})
	return out, err
}
