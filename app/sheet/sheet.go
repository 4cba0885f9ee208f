// Package sheet brings tables in and out: what people paste, and Excel files.
//
// An Excel file becomes the text that one would paste from it, a line a row and
// a tab between cells, so that a form has one way in: the text can be looked at
// and corrected where it stands. Rows are named by their line, so that a fault
// says where it is.
package sheet

import (
	"bytes"
	"strings"
	"unicode"

	"youyue/app/errs"

	"github.com/xuri/excelize/v2"
)

// The bounds of a file: more is not a list that a person made.
const (
	maxRows    = 5000
	maxColumns = 40
	maxUnzip   = 32 << 20 // bytes of the whole file, unpacked
	maxPart    = 16 << 20 // bytes of one part
	maxText    = 1 << 20  // bytes of the table as text: one long cell may stand behind many
)

// What a file is refused for.
var (
	ErrNotExcel = errs.New(errs.Invalid, "sheet.not_excel") // no .xlsx workbook
	ErrTooLong  = errs.New(errs.Invalid, "sheet.too_long")  // more than "max" rows
	ErrTooMuch  = errs.New(errs.Invalid, "sheet.too_much")  // more text than a table of that many rows has
)

// Text returns the first sheet of an .xlsx workbook as tab-separated lines;
// dates read 2026-12-01 and times 19:30. It returns ErrNotExcel, ErrTooLong or
// ErrTooMuch.
func Text(xlsx []byte) (string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(xlsx), excelize.Options{
		UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxPart, ShortDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm",
	})
	if err != nil {
		return "", ErrNotExcel.Because(err)
	}
	defer f.Close() //nolint:errcheck // only read
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return "", ErrNotExcel.Because(err)
	}
	defer rows.Close() //nolint:errcheck // only read
	var b strings.Builder
	for n := 1; rows.Next(); n++ {
		if n > maxRows {
			return "", ErrTooLong.With("max", maxRows)
		}
		cells, err := rows.Columns()
		if err != nil {
			return "", ErrNotExcel.Because(err)
		}
		for i, c := range cells[:min(len(cells), maxColumns)] {
			if i > 0 {
				b.WriteByte('\t')
			}
			if b.Len()+len(c) > maxText {
				return "", ErrTooMuch
			}
			b.WriteString(oneLine(c))
		}
		b.WriteByte('\n')
	}
	if err := rows.Error(); err != nil {
		return "", ErrNotExcel.Because(err)
	}
	return strings.TrimRight(b.String(), "\t\n"), nil
}

// oneLine is a cell without what would break the table.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r == 0 {
			return ' '
		}
		return r
	}, s))
}

// Row is one line that is not empty.
type Row struct {
	Line  int // as Excel and the reader count, from 1
	Cells []string
}

// Rows splits text into rows; cells are trimmed, full-width spaces too. A line
// without a tab is one cell. It returns ErrTooLong.
func Rows(text string) ([]Row, error) {
	var out []Row
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(out) == maxRows {
			return nil, ErrTooLong.With("max", maxRows)
		}
		cells := strings.Split(strings.TrimRight(line, "\t "), "\t")
		for j, c := range cells {
			cells[j] = strings.TrimFunc(c, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
		}
		out = append(out, Row{Line: i + 1, Cells: cells[:min(len(cells), maxColumns)]})
	}
	return out, nil
}
