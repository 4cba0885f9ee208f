package sheet

import (
	"slices"
	"strings"

	"youyue/app/web/locales"
)

// Column is one that a table may have.
type Column struct {
	Key      string   // how the program calls it
	Names    []string // how people head it; the first is shown
	Required bool     // no cell of it may be empty
}

// Record is a row by column key; a column that the table does not have has no
// value, which reads as empty.
type Record struct {
	Line   int
	Values map[string]string
}

// Fault is what is wrong with one cell, or with a whole line when Column is empty.
type Fault struct {
	Line   int
	Column string         // as people head it
	Code   string         // locale key "field."+Code
	Args   map[string]any // for the text
}

// Words says the fault: 第7行“姓名”：不能为空。
func (f Fault) Words(l locales.Lang) string {
	args := map[string]any{"line": f.Line, "column": f.Column, "what": locales.T(l, "field."+f.Code, f.Args)}
	switch {
	case f.Line == 0:
		return locales.T(l, "sheet.fault_table", args)
	case f.Column == "":
		return locales.T(l, "sheet.fault_line", args)
	}
	return locales.T(l, "sheet.fault_cell", args)
}

// Records reads text by its heading row, in which the columns may stand in any
// order, with lines of one cell above it as a title; without one, when its first row
// names no column, by position. All
// faults come at once, by line; records of faulty lines are there too.
func Records(text string, columns []Column) ([]Record, []Fault, error) {
	rows, err := Rows(text)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	rows = underTitle(rows, columns)
	at := make([]int, len(columns))
	for i := range columns {
		at[i] = i
	}
	var faults []Fault
	if heads := heading(rows[0], columns); heads != nil {
		at, rows = heads, rows[1:]
		for i, c := range columns {
			if at[i] < 0 && c.Required {
				faults = append(faults, Fault{Column: c.Names[0], Code: "no_column", Args: map[string]any{"column": c.Names[0]}})
			}
		}
	}
	out := make([]Record, len(rows))
	for i, r := range rows {
		out[i] = Record{Line: r.Line, Values: map[string]string{}}
		for j, c := range columns {
			if at[j] < 0 {
				continue
			}
			v := ""
			if at[j] < len(r.Cells) {
				v = r.Cells[at[j]]
			}
			if out[i].Values[c.Key] = v; v == "" && c.Required {
				faults = append(faults, Fault{Line: r.Line, Column: c.Names[0], Code: "required"})
			}
		}
	}
	return out, faults, nil
}

// maxTitle is how many lines may stand above a heading.
const maxTitle = 3

// underTitle leaves the lines of one cell out that stand above a heading.
func underTitle(rows []Row, columns []Column) []Row {
	for i, r := range rows[:min(len(rows), maxTitle+1)] {
		if heading(r, columns) != nil {
			return rows[i:]
		}
		if filled := slices.DeleteFunc(slices.Clone(r.Cells), func(c string) bool { return c == "" }); len(filled) != 1 {
			break
		}
	}
	return rows
}

// heading returns where each column stands, -1 for nowhere; nil when the row
// names none of them.
func heading(r Row, columns []Column) []int {
	at, found := make([]int, len(columns)), false
	for i, c := range columns {
		at[i] = slices.IndexFunc(r.Cells, func(cell string) bool {
			return slices.ContainsFunc(c.Names, func(n string) bool { return strings.EqualFold(n, strings.TrimRight(cell, "*：: ")) })
		})
		found = found || at[i] >= 0
	}
	if !found {
		return nil
	}
	return at
}
