package screening

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"youyue/app/booking"
	"youyue/app/sheet"
	"youyue/models"
)

// A list of attendees has one way in: text, typed or pasted, a line a person;
// an Excel file becomes such text first. It is read as people write it:
//
//	王芳
//	1. 李强	5排7座
//	（2）王　芳，5排8号
//	赵敏、钱进、孙丽
//
// A heading row says in which column names and seats stand.

// parsedRoll is what a text holds.
type parsedRoll struct {
	Lines  []rollLine
	Faults []sheet.Fault
	Twice  []string // names that stand there more than once
}

// rollLine is one person of it.
type rollLine struct {
	Line   int
	Name   string
	Seat   string // as written
	SeatID int64
	Faulty bool
}

func (p parsedRoll) guests() []booking.Guest {
	out := make([]booking.Guest, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = booking.Guest{Name: l.Name, SeatID: l.SeatID}
	}
	return out
}

// The heads under which names and seats stand in people's tables.
var (
	nameHeads = []string{"姓名", "名字", "党员姓名", "人员", "name"}
	seatHeads = []string{"座位", "座位号", "座号", "seat"}
)

var (
	// numbering is what stands before a name in a list: 1. (2) 3、 ④ 第5
	numbering = regexp.MustCompile(`^\s*(?:第?[（(]?\d{1,3}(?:[)）.．、,，:：]+|\s+|号\s*)|[①-⑳㈠-㈩]\s*)+`)
	onlyDigit = regexp.MustCompile(`^[（(]?\d{1,3}[)）.．、]?$`)
	seatText  = regexp.MustCompile(`^第?\s*([0-9A-Za-z]{1,4})\s*(?:排|[-—–/])\s*第?\s*([0-9A-Za-z]{1,4})\s*[座号]?$`)
	seatFirst = regexp.MustCompile(`^(第?\s*[0-9A-Za-z]{1,4}\s*排\s*第?\s*[0-9A-Za-z]{1,4}\s*[座号]?)\s*(\S.*)$`)
	seatEnd   = regexp.MustCompile(`第?\s*[0-9A-Za-z]{1,4}\s*排\s*第?\s*[0-9A-Za-z]{1,4}\s*[座号]?$`)
)

// parseRoll reads a text against the seats of a booking. The faults come by
// line, all at once.
func parseRoll(text string, seats []booking.SeatRef) (parsedRoll, error) {
	rows, err := sheet.Rows(folded(text))
	if err != nil || len(rows) == 0 {
		return parsedRoll{}, err
	}
	p := parsedRoll{}
	nameAt, seatAt, headed := -1, -1, false
	for i, r := range rows[:min(len(rows), titleRows)] {
		if name, seat, ok := heads(r); ok {
			nameAt, seatAt, headed, rows = name, seat, len(r.Cells) > 1, rows[i+1:]
			break
		}
	}
	for _, r := range rows {
		switch {
		case headed:
			p.cells(r.Line, cell(r, nameAt), cell(r, seatAt))
		case len(r.Cells) > 1:
			p.columns(r)
		default:
			p.line(r.Line, r.Cells[0])
		}
	}
	p.judge(seats)
	return p, nil
}

// titleRows is how far down a heading row is looked for: tables have titles.
const titleRows = 4

// folded is a text with one sort of line end, digits and space, and without the
// marks that programs leave in what is copied from them.
func folded(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\v", "\n").Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\ufeff' || r == '\u200b':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '\u3000' || r == '\u00a0':
			return ' '
		}
		return r
	}, text)
}

// heads says where names and seats stand by a heading row, -1 for nowhere.
func heads(r sheet.Row) (name, seat int, ok bool) {
	cells := r.Cells
	if len(cells) == 1 {
		cells = strings.FieldsFunc(cells[0], func(r rune) bool { return isComma(r) || unicode.IsSpace(r) })
	}
	find := func(heads []string) int {
		return slices.IndexFunc(cells, func(c string) bool {
			c = strings.ToLower(strings.TrimRight(strings.Join(strings.Fields(c), ""), "*：:"))
			return slices.Contains(heads, c)
		})
	}
	name, seat = find(nameHeads), find(seatHeads)
	return name, seat, name >= 0
}

func cell(r sheet.Row, i int) string {
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return r.Cells[i]
}

// columns reads a row without heads: perhaps a number, the name, the seat.
func (p *parsedRoll) columns(r sheet.Row) {
	cells := r.Cells
	if onlyDigit.MatchString(cells[0]) {
		cells = cells[1:]
	}
	rest := ""
	for _, c := range cells[min(1, len(cells)):] {
		if c != "" {
			rest = strings.TrimSpace(rest + " " + c)
		}
	}
	name := cells[0]
	if seatText.MatchString(name) && rest != "" && !seatText.MatchString(rest) {
		name, rest = rest, name
	}
	p.cells(r.Line, name, rest)
}

// cells reads a name and a seat that stand apart.
func (p *parsedRoll) cells(line int, name, seat string) {
	names := p.names(numbering.ReplaceAllString(name, ""))
	if len(names) > 1 && seat != "" {
		p.fault(line, "roll_one_seat", nil)
	}
	if len(names) == 0 {
		names = []string{""}
	}
	for _, n := range names {
		p.Lines = append(p.Lines, rollLine{Line: line, Name: n, Seat: seat})
		seat = ""
	}
}

// line reads what is typed without columns: one name, several, or a name and
// its seat.
func (p *parsedRoll) line(n int, text string) {
	at := len(p.Lines)
	for part := range strings.FieldsFuncSeq(numbering.ReplaceAllString(text, ""), isComma) {
		part = strings.TrimSpace(part)
		seat := ""
		if seatText.MatchString(part) {
			part, seat = "", part
		} else if m := seatFirst.FindStringSubmatch(part); m != nil {
			part, seat = m[2], m[1]
		} else if m := seatEnd.FindStringIndex(part); m != nil {
			part, seat = part[:m[0]], part[m[0]:]
		}
		names := p.names(part)
		switch {
		case len(names) > 0:
			for _, name := range names {
				p.Lines = append(p.Lines, rollLine{Line: n, Name: name})
			}
		case len(p.Lines) == at || p.Lines[len(p.Lines)-1].Seat != "":
			p.Lines = append(p.Lines, rollLine{Line: n})
		}
		if seat != "" {
			p.Lines[len(p.Lines)-1].Seat = seat
		}
	}
	if len(p.Lines) == at {
		p.Lines = append(p.Lines, rollLine{Line: n})
	}
}

func isComma(r rune) bool { return strings.ContainsRune(",，、;；", r) }

// names splits what stands for one name or several: 王  芳 is one name spread
// out, 王芳 李强 are two, Anna Li is one.
func (p *parsedRoll) names(text string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(text, isComma) {
		words := strings.Fields(part)
		han := len(words) > 1
		long := han
		for _, w := range words {
			han = han && !strings.ContainsFunc(w, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
			long = long && utf8.RuneCountInString(w) > 1
		}
		switch {
		case han && long:
			out = append(out, words...)
		case han:
			out = append(out, strings.Join(words, ""))
		case len(words) > 0:
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

func (p *parsedRoll) fault(line int, code string, args map[string]any) {
	p.Faults = append(p.Faults, sheet.Fault{Line: line, Code: code, Args: args})
}

// judge holds each person to the rules of a name and to the seats there are.
func (p *parsedRoll) judge(seats []booking.SeatRef) {
	bySeat := make(map[string]booking.SeatRef, len(seats))
	for _, s := range seats {
		bySeat[seatKey(s.Label)] = s
	}
	first := map[int64]rollLine{}
	times := map[string]int{}
	for i := range p.Lines {
		l := &p.Lines[i]
		if code, args := nameFault(l.Name); code != "" {
			p.fault(l.Line, code, args)
		} else {
			l.Name, _ = models.PlainText(l.Name)
			if times[l.Name]++; times[l.Name] == 2 {
				p.Twice = append(p.Twice, l.Name)
			}
		}
		if l.Seat == "" {
			continue
		}
		key := seatKey(l.Seat)
		seat, ok := bySeat[key]
		before, twice := first[seat.ID]
		switch {
		case key == "":
			p.fault(l.Line, "roll_seat_unread", map[string]any{"seat": l.Seat})
		case !ok:
			p.fault(l.Line, "roll_seat_not_yours", map[string]any{"seat": l.Seat})
		case twice:
			p.fault(l.Line, "roll_seat_twice", map[string]any{"seat": seat.Label, "line": before.Line, "name": before.Name})
		default:
			l.SeatID, l.Seat = seat.ID, seat.Label
			first[seat.ID] = *l
		}
	}
	slices.SortStableFunc(p.Faults, func(a, b sheet.Fault) int { return a.Line - b.Line })
	for i, l := range p.Lines {
		p.Lines[i].Faulty = slices.ContainsFunc(p.Faults, func(f sheet.Fault) bool { return f.Line == l.Line })
	}
}

func nameFault(name string) (code string, args map[string]any) {
	switch _, ok := models.PlainText(name); {
	case name == "":
		return "roll_no_name", nil
	case !ok:
		return "roll_hidden", nil
	case utf8.RuneCountInString(name) > models.MaxName:
		return "roll_long", map[string]any{"n": utf8.RuneCountInString(name), "max": models.MaxName}
	case !strings.ContainsFunc(name, unicode.IsLetter):
		return "roll_no_letters", map[string]any{"text": name}
	}
	return "", nil
}

// seatKey is a seat in the shape in which 5排7座, 第5排7号 and 5-7 are the same;
// "" for what is no seat.
func seatKey(s string) string {
	m := seatText.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return ""
	}
	trim := func(x string) string {
		if t := strings.TrimLeft(x, "0"); t != "" {
			return strings.ToUpper(t)
		}
		return x
	}
	return trim(m[1]) + "|" + trim(m[2])
}

// rollText writes a list as one would type it.
func rollText(list []booking.Attendee) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.Name)
		if a.SeatLabel != "" {
			b.WriteString("\t" + a.SeatLabel)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
