package sheet

import (
	"fmt"

	"youyue/models"

	"time"

	"github.com/xuri/excelize/v2"
)

// ContentType is that of a workbook.
const ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Sheet is one sheet of a workbook to be written: a title line when Title is
// not empty, the heading, the rows. Cells are strings, whole numbers,
// hundredths as float64, truth values, and models.Instant, which needs Zone.
type Sheet struct {
	Name  string // of the tab, at most 31 characters
	Title string
	Head  []string
	Rows  [][]any
	Wide  []int // width of each column in characters; 0 or missing is the usual
	Zone  *time.Location
}

const usualWidth = 14

// Write returns a workbook. Text is stored as text, so that a name beginning
// with "=" is never a formula.
func Write(sheets ...Sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	for i, s := range sheets {
		name := sheetName(s.Name, i)
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err == nil {
			err = s.write(f, name, bold)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %q: %w", name, err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return b.Bytes(), nil
}

// sheetName keeps to what Excel allows for a tab.
func sheetName(s string, i int) string {
	out := make([]rune, 0, 31)
	for _, r := range s {
		if len(out) < 31 && r != ':' && r != '\\' && r != '/' && r != '?' && r != '*' && r != '[' && r != ']' && r != '\'' {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return fmt.Sprintf("Sheet%d", i+1)
	}
	return string(out)
}

func (s Sheet) write(f *excelize.File, name string, bold int) error {
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i := range s.Head {
		width := usualWidth
		if i < len(s.Wide) && s.Wide[i] > 0 {
			width = s.Wide[i]
		}
		if err := w.SetColWidth(i+1, i+1, float64(width)); err != nil {
			return err
		}
	}
	line := 1
	put := func(cells []any, style int) error {
		out := make([]any, len(cells))
		for i, c := range cells {
			if at, ok := c.(models.Instant); ok {
				c = ""
				if !at.IsZero() {
					c = at.In(s.Zone).Format("2006-01-02 15:04")
				}
			}
			out[i] = excelize.Cell{StyleID: style, Value: c}
		}
		cell, err := excelize.CoordinatesToCellName(1, line)
		if err != nil {
			return err
		}
		line++
		return w.SetRow(cell, out)
	}
	if s.Title != "" {
		if err := put([]any{s.Title}, bold); err != nil {
			return err
		}
	}
	head := make([]any, len(s.Head))
	for i, h := range s.Head {
		head[i] = h
	}
	if err := put(head, bold); err != nil {
		return err
	}
	for _, r := range s.Rows {
		if err := put(r, 0); err != nil {
			return err
		}
	}
	return w.Flush()
}
