package models

import (
	"strconv"
	"strings"
)

// PlanText writes the text form of seats that CheckPlan finds nothing Bad with.
// ParsePlan gives the same seats again, as long as Aisle says what Aisles says.
func PlanText(specs []SeatSpec, style PlanStyle) string {
	var b strings.Builder
	edge := edgeAisle(specs)
	row := 0
	if len(specs) > 0 {
		row = specs[0].Row - 1
	}
	for i := 0; i < len(specs); {
		n := i
		for n < len(specs) && specs[n].Row == specs[i].Row {
			n++
		}
		for row++; row < specs[i].Row; row++ {
			b.WriteString(crossAisle + "\n")
		}
		b.WriteString(specs[i].RowTag)
		if style == PlanChinese {
			b.WriteString("排")
		}
		b.WriteString(":")
		for _, w := range rowWords(specs[i:n], i, style) {
			b.WriteString(" " + w)
		}
		if s := specs[n-1]; edge > 0 && s.Col == edge && s.Aisle {
			b.WriteString(" |")
		}
		b.WriteString("\n")
		i = n
	}
	return b.String()
}

// edgeAisle is the last column when an aisle runs between it and the right wall.
func edgeAisle(specs []SeatSpec) int {
	last := 0
	for _, s := range specs {
		last = max(last, s.Col)
	}
	for i, s := range specs {
		byLeft := s.Left < 0 && (s.Col > 1 || i > 0 && specs[i-1].Row == s.Row)
		if s.Col == last && s.Aisle && !byLeft {
			return last
		}
	}
	return 0
}

func rowWords(seats []SeatSpec, first int, style PlanStyle) []string {
	var out []string
	col := 0
	for i := 0; i < len(seats); {
		s := seats[i]
		switch floor := s.Col - col - 1; {
		case floor == 1 && i > 0:
			out = append(out, "|")
		case floor == 1:
			out = append(out, "_")
		case floor > 1:
			out = append(out, "_"+strconv.Itoa(floor))
		case i > 0 && s.Left != first+i-1:
			out = append(out, "/")
		}
		n := runOf(seats[i:], first+i)
		out = append(out, runWord(seats[i:i+n], style))
		col = seats[i+n-1].Col
		i += n
	}
	return out
}

// runOf counts the seats from the first on that one word can say.
func runOf(seats []SeatSpec, first int) int {
	step, n := 0, 1
	for ; n < len(seats); n++ {
		a, b := seats[n-1], seats[n]
		x, okA := plainNumber(a.Number)
		y, okB := plainNumber(b.Number)
		if !okA || !okB || b.Left != first+n-1 || a.Kind != b.Kind || a.Reason != b.Reason || distance(x, y) < 1 || distance(x, y) > 2 {
			break
		}
		if n > 1 && y-x != step {
			break
		}
		step = y - x
	}
	return n
}

func plainNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) <= 4 && strconv.Itoa(n) == s
}

func runWord(seats []SeatSpec, style PlanStyle) string {
	a, z := seats[0], seats[len(seats)-1]
	w := a.Number
	if len(seats) > 1 {
		w += "-" + z.Number
		x, _ := plainNumber(a.Number)
		if y, _ := plainNumber(seats[1].Number); distance(x, y) == 2 {
			w += letter(style, [2][2]string{{"双", "单"}, {"e", "o"}}, x%2)
		}
	}
	marks := map[SeatKind][2]string{SeatWheelchair: {"轮", "w"}, SeatCompanion: {"陪", "c"}, SeatNotForSale: {"停", "x"}}
	if m, ok := marks[a.Kind]; ok {
		if style == PlanChinese {
			w += m[0]
		} else {
			w += m[1]
		}
	}
	if a.Reason != "" {
		w += "(" + a.Reason + ")"
	}
	return w
}

func letter(style PlanStyle, of [2][2]string, odd int) string {
	if style == PlanChinese {
		return of[0][odd]
	}
	return of[1][odd]
}
