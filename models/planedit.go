package models

import (
	"slices"
	"strconv"
)

// Numbering is a way to print numbers on the seats of a row.
type Numbering string

// The ways: from the left, from the right, and as cinemas do, from the middle
// outwards, odd to the left and even to the right.
const (
	NumberLeft   Numbering = "left"
	NumberRight  Numbering = "right"
	NumberMiddle Numbering = "middle"
)

// Renumber prints new numbers on the seats of the row with the tag, or of every
// row when tag is empty. An unknown way changes nothing.
func Renumber(specs []SeatSpec, tag string, how Numbering) []SeatSpec {
	out := slices.Clone(specs)
	first, last := 0, 0
	for i, s := range out {
		if i == 0 {
			first, last = s.Col, s.Col
		}
		first, last = min(first, s.Col), max(last, s.Col)
	}
	for i := 0; i < len(out); {
		n := i
		for n < len(out) && out[n].Row == out[i].Row {
			n++
		}
		if tag == "" || out[i].RowTag == tag {
			renumberRow(out[i:n], how, first+last)
		}
		i = n
	}
	return out
}

func renumberRow(seats []SeatSpec, how Numbering, middle2 int) {
	left := 0
	for _, s := range seats {
		if 2*s.Col <= middle2 {
			left++
		}
	}
	for i := range seats {
		switch {
		case how == NumberLeft:
			seats[i].Number = strconv.Itoa(i + 1)
		case how == NumberRight:
			seats[i].Number = strconv.Itoa(len(seats) - i)
		case how == NumberMiddle && i < left:
			seats[i].Number = strconv.Itoa(2*(left-i) - 1)
		case how == NumberMiddle:
			seats[i].Number = strconv.Itoa(2 * (i - left + 1))
		}
	}
}

// AddRow puts a copy of the last row behind it, with the next tag: after 9 comes
// 10, after J comes K, and anything else gets the count of rows.
func AddRow(specs []SeatSpec) []SeatSpec {
	if len(specs) == 0 {
		return specs
	}
	out := slices.Clone(specs)
	last := specs[len(specs)-1]
	from := slices.IndexFunc(specs, func(s SeatSpec) bool { return s.Row == last.Row })
	tag := nextTag(specs, last.RowTag)
	for i, s := range specs[from:] {
		s.Ord, s.Row, s.RowTag = len(specs)+i, s.Row+1, tag
		if s.Left >= 0 {
			s.Left += len(specs) - from
		}
		out = append(out, s)
	}
	return out
}

func nextTag(specs []SeatSpec, tag string) string {
	next := ""
	if n, ok := plainNumber(tag); ok {
		next = strconv.Itoa(n + 1)
	} else if len(tag) == 1 && tag[0] >= 'A' && tag[0] < 'Z' {
		next = string(tag[0] + 1)
	}
	used := func(t string) bool { return slices.ContainsFunc(specs, func(s SeatSpec) bool { return s.RowTag == t }) }
	if next != "" && !used(next) {
		return next
	}
	for n := 1; ; n++ {
		if t := strconv.Itoa(n); !used(t) {
			return t
		}
	}
}

// RemoveRow takes the row with the tag out; the rows behind it move up.
func RemoveRow(specs []SeatSpec, tag string) []SeatSpec {
	return remade(specs, func(s *SeatSpec) bool { return s.RowTag != tag })
}

// AddAisle puts floor of one seat's width behind a column, through all rows.
func AddAisle(specs []SeatSpec, behind int) []SeatSpec {
	out := remade(specs, func(*SeatSpec) bool { return true })
	for i := range out {
		if out[i].Col <= behind {
			continue
		}
		if l := out[i].Left; l >= 0 && specs[l].Col <= behind {
			out[i].Left = -1
		}
		out[i].Col++
	}
	Aisles(out, 0)
	return out
}

// TagRows prints new tags on the rows, counted from the screen: 1, 2, 3, or
// A, B, C when letters suffice.
func TagRows(specs []SeatSpec, letters Lettering) []SeatSpec {
	out := slices.Clone(specs)
	rows := map[int]int{}
	for i := range out {
		n, ok := rows[out[i].Row]
		if !ok {
			n = len(rows)
			rows[out[i].Row] = n
		}
		out[i].RowTag = strconv.Itoa(n + 1)
		if letters == RowLetters && n < 26 {
			out[i].RowTag = string(rune('A' + n))
		}
	}
	return out
}

// Lettering says how rows are named.
type Lettering string

// The two ways to name rows.
const (
	RowNumbers Lettering = "numbers"
	RowLetters Lettering = "letters"
)

// remade keeps some seats and puts order, rows and neighbours right again.
func remade(specs []SeatSpec, keep func(*SeatSpec) bool) []SeatSpec {
	var out []SeatSpec
	at := make([]int, len(specs))
	row, last := 0, 0
	for i, s := range specs {
		at[i] = -1
		if !keep(&s) {
			continue
		}
		switch {
		case len(out) == 0:
			row = 1
		case s.Row != last && s.Row-last > 1 && specs[i-1].Row < s.Row-1 && specs[i-1].Row == last:
			row += s.Row - last // a cross-aisle stays
		case s.Row != last:
			row++
		}
		last = s.Row
		s.Ord, s.Row = len(out), row
		if s.Left >= 0 {
			s.Left = at[s.Left]
		}
		at[i] = s.Ord
		out = append(out, s)
	}
	Aisles(out, 0)
	return out
}
