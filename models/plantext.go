package models

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The text form of a plan, which people read and edit: one line a row, from the
// screen backwards.
//
//	1排: _ 11陪 9轮 _3 7-1单 2-8双 _3 10轮 12陪
//	2排: 17-13单 | 11-1单 2-12双 | 14-18双
//	---
//	3排: 1-4 | 5-8停(柱子后) / 9
//
// A line is the row's tag, a colon, and what stands there from left to right:
// a seat by its printed number, a run of them (1-4, 4-1; 单 or o odd ones only,
// 双 or e even ones only), | for one seat's width of floor, _3 for three of
// them, / for a parting without width between two seats. Marks follow a number:
// 轮 or w wheelchair place, 陪 or c companion seat, 停 or x not for sale, with
// the reason in brackets. A line --- is a cross-aisle: the rows before and
// behind it do not adjoin.

// PlanStyle says in which letters a text form is written; both are always read.
type PlanStyle string

// The Chinese form says 排 单 双 轮 陪 停, the plain one has o e w c x.
const (
	PlanChinese PlanStyle = "zh"
	PlanPlain   PlanStyle = "plain"
)

// The bounds of a plan; ours, above any hall of the district.
const (
	MaxPlanSeats  = 1200
	MaxPlanRows   = 60
	MaxPlanCols   = 80
	MaxPlanText   = 40_000 // bytes of the text form
	maxTagRunes   = 6
	maxReasonLen  = 40
	crossAisle    = "---"
	fullWidthFrom = '！' // the full-width forms of ASCII, as Chinese keyboards type them
	fullWidthTo   = '～'
)

// PlanFault is one thing wrong with a plan. Line is the line of the text form,
// or 0; Row the printed row; Pos the physical column or, for what cannot be
// read, the place in the line. Args fill the text "planfault."+Code.
type PlanFault struct {
	Code string
	Ord  int // the seat that CheckPlan means
	Line int
	Row  string
	Pos  int
	Args map[string]any
	Warn bool // worth a look, and no obstacle
}

// Bad reports whether faults contain more than warnings.
func Bad(faults []PlanFault) bool {
	return slices.ContainsFunc(faults, func(f PlanFault) bool { return !f.Warn })
}

var (
	seatRun   = regexp.MustCompile(`^(\d{1,4})[-~–—](\d{1,4})([单双oe])?([轮陪停wcx])?(?:\(([^()]*)\))?$`)
	oneSeat   = regexp.MustCompile(`^([0-9A-Z]{1,6})([轮陪停wcx])?(?:\(([^()]*)\))?$`)
	floorRun  = regexp.MustCompile(`^_(\d{0,2})$`)
	seatNo    = regexp.MustCompile(`^[0-9A-Z]{1,6}$`)
	rowBreak  = regexp.MustCompile(`^[-–—]{2,}$`)
	markKinds = map[string]SeatKind{"": SeatStandard, "轮": SeatWheelchair, "w": SeatWheelchair,
		"陪": SeatCompanion, "c": SeatCompanion, "停": SeatNotForSale, "x": SeatNotForSale}
)

// ParsePlan reads the text form. All faults come back at once, CheckPlan's
// among them; the seats are worth using only when none is Bad.
func ParsePlan(text string) ([]SeatSpec, []PlanFault) {
	if len(text) > MaxPlanText {
		return nil, []PlanFault{{Code: "text_long", Args: map[string]any{"max": MaxPlanText}}}
	}
	r := planReader{}
	for i, line := range strings.Split(text, "\n") {
		r.line = i + 1
		r.read(strings.TrimSpace(line))
	}
	Aisles(r.specs, r.width)
	faults := append(r.faults, checkPlan(r.specs, r.lines)...)
	slices.SortStableFunc(faults, func(a, b PlanFault) int { return a.Line - b.Line })
	return r.specs, faults
}

type planReader struct {
	specs  []SeatSpec
	lines  map[int]int // row → line
	faults []PlanFault
	line   int
	row    int
	tag    string
	col    int
	left   int // the seat just read, -1 after floor or a parting
	width  int
}

func (r *planReader) fault(code string, pos int, pairs ...any) {
	f := PlanFault{Code: code, Line: r.line, Row: r.tag, Pos: pos, Args: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	r.faults = append(r.faults, f)
}

func (r *planReader) read(line string) {
	r.tag = ""
	switch {
	case line == "":
		return
	case rowBreak.MatchString(line):
		if r.row > 0 {
			r.row++
		}
		return
	}
	head, rest, ok := strings.Cut(strings.ReplaceAll(line, "：", ":"), ":")
	if !ok {
		r.fault("no_colon", 1)
		return
	}
	r.tag = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.Map(narrow, head)), "排"))
	r.row, r.col, r.left = r.row+1, 0, -1
	if r.lines == nil {
		r.lines = map[int]int{}
	}
	r.lines[r.row] = r.line
	before := len(r.specs)
	for _, w := range planWords(rest) {
		r.word(w)
	}
	r.width = max(r.width, r.col)
	if len(r.specs) == before {
		r.fault("row_empty", 0)
	}
}

func (r *planReader) word(w string) {
	if m := floorRun.FindStringSubmatch(w); m != nil {
		n := 1
		if m[1] != "" {
			n, _ = strconv.Atoi(m[1])
		}
		r.col, r.left = r.col+n, -1
		return
	}
	switch w {
	case "|":
		r.col, r.left = r.col+1, -1
		return
	case "/":
		r.left = -1
		return
	}
	if m := oneSeat.FindStringSubmatch(w); m != nil {
		r.seat(m[1], m[2], m[3])
		return
	}
	m := seatRun.FindStringSubmatch(w)
	if m == nil {
		r.fault("word", r.col+1, "word", w)
		r.col, r.left = r.col+1, -1
		return
	}
	from, _ := strconv.Atoi(m[1])
	to, _ := strconv.Atoi(m[2])
	step, odd := 1, 0
	switch m[3] {
	case "单", "o":
		step, odd = 2, 1
	case "双", "e":
		step = 2
	}
	if step == 2 && (from%2 != odd || to%2 != odd) {
		r.fault("parity", r.col+1, "word", w)
		return
	}
	n := distance(from, to)/step + 1
	if n > MaxPlanCols {
		r.fault("run_long", r.col+1, "word", w, "max", MaxPlanCols)
		return
	}
	if to < from {
		step = -step
	}
	for i := range n {
		r.seat(strconv.Itoa(from+i*step), m[4], m[5])
	}
}

func (r *planReader) seat(number, mark, reason string) {
	r.col++
	if len(r.specs) > MaxPlanSeats { // one more than allowed tells checkPlan
		return
	}
	r.specs = append(r.specs, SeatSpec{Ord: len(r.specs), Row: r.row, RowTag: r.tag, Number: number, Col: r.col, Left: r.left,
		Kind: markKinds[mark], Reason: strings.TrimSpace(reason)})
	r.left = len(r.specs) - 1
}

// narrow turns the full-width form of a sign into the plain one.
func narrow(c rune) rune {
	if c >= fullWidthFrom && c <= fullWidthTo {
		return c - fullWidthFrom + '!'
	}
	return c
}

// planWords splits a line at spaces and commas, keeping what stands in brackets
// together, and | and / apart. Full-width signs become plain ones.
func planWords(line string) []string {
	var out []string
	var word strings.Builder
	deep := false
	flush := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, c := range line {
		if !deep || c == '）' || c == '（' {
			c = narrow(c)
		}
		switch {
		case deep:
			word.WriteRune(c)
			deep = c != ')'
		case c == '(':
			word.WriteRune(c)
			deep = true
		case c == ' ' || c == '\t' || c == '\r' || c == '\u3000' || c == ',' || c == '、':
			flush()
		case c == '|' || c == '/':
			flush()
			out = append(out, string(c))
		default:
			word.WriteRune(c)
		}
	}
	flush()
	return out
}

// Aisles marks the seats that floor or a parting touches at one side, in a hall
// of width columns (0: as wide as its widest row). The wall is no aisle.
func Aisles(specs []SeatSpec, width int) {
	touched := make([]bool, len(specs)) // has a right neighbour
	for _, s := range specs {
		width = max(width, s.Col)
		if s.Left >= 0 && s.Left < len(specs) {
			touched[s.Left] = true
		}
	}
	last := map[int]int{} // the outermost seat of each row
	for i, s := range specs {
		last[s.Row] = i
	}
	for i := range specs {
		s := &specs[i]
		first := i == 0 || specs[i-1].Row != s.Row
		atLeft := s.Left < 0 && (s.Col > 1 || !first)
		atRight := !touched[i] && (s.Col < width || last[s.Row] != i)
		s.Aisle = atLeft || atRight
	}
}
