package models

import (
	"errors"
	"fmt"
	"strings"
)

// ErrScoringText: a text is not what ScoringInput.Canonical writes.
var ErrScoringText = errors.New("models: not the canonical input of a result")

// ParseScoringInput reads a canonical input back, so that a result can be computed
// again from the text alone. A text that is not written to the bit as Canonical
// would is ErrScoringText.
func ParseScoringInput(text string) (ScoringInput, error) {
	in := ScoringInput{Deducted: map[int64]int{}, Lots: map[int64]int{}}
	head, body, _ := strings.Cut(text, "\n")
	if head != scoringHeader {
		return in, ErrScoringText
	}
	for line := range strings.Lines(body) {
		if err := in.fact(line); err != nil {
			return in, fmt.Errorf("%w: %q", ErrScoringText, line)
		}
	}
	if in.Canonical() != text {
		return in, ErrScoringText
	}
	return in, nil
}

// fact reads one line into the input.
func (in *ScoringInput) fact(line string) error {
	r := &in.Rule
	word, _, _ := strings.Cut(line, " ")
	var err error
	switch word {
	case "rule":
		_, err = fmt.Sscanf(line, "rule %d %q\n", &r.Version, &r.Name)
	case "method":
		_, err = fmt.Sscanf(line, "method %s %d %d %d %s\n", &r.Method, &r.DropHigh, &r.DropLow, &r.Keep, &r.Recusal)
	case "marks":
		_, err = fmt.Sscanf(line, "marks %d %d %d %d\n", &r.Low, &r.High, &r.Step, &r.Decimals)
	case "criterion":
		var c Criterion
		_, err = fmt.Sscanf(line, "criterion %s %d %q\n", &c.Code, &c.Weight, &c.Name)
		r.Criteria = append(r.Criteria, c)
	case "over_time":
		o := &r.OverTime
		_, err = fmt.Sscanf(line, "over_time %d %d %d %d\n", &o.Grace, &o.Seconds, &o.Points, &o.Most)
	case "deduction":
		var d Deduction
		_, err = fmt.Sscanf(line, "deduction %s %d %q\n", &d.Code, &d.Points, &d.Name)
		r.Deductions = append(r.Deductions, d)
	case "tie":
		var t string
		_, err = fmt.Sscanf(line, "tie %s\n", &t)
		r.Ties = append(r.Ties, t)
	default:
		return in.given(word, line)
	}
	return err
}

// given reads a line of what the rule is applied to.
func (in *ScoringInput) given(word, line string) (err error) {
	var id int64
	switch word {
	case "chief":
		_, err = fmt.Sscanf(line, "chief %d\n", &in.Chief)
	case "judge":
		_, err = fmt.Sscanf(line, "judge %d\n", &id)
		in.Judges = append(in.Judges, id)
	case "entry":
		var off, lot int
		_, err = fmt.Sscanf(line, "entry %d %d %d\n", &id, &off, &lot)
		in.Entries = append(in.Entries, id)
		in.Deducted[id], in.Lots[id] = off, lot
	case "recused":
		var x Recusal
		_, err = fmt.Sscanf(line, "recused %d %d\n", &x.Entry, &x.Judge)
		in.Recusals = append(in.Recusals, x)
	case "mark":
		var m Mark
		_, err = fmt.Sscanf(line, "mark %d %d %s %d\n", &m.Entry, &m.Judge, &m.Criterion, &m.Points)
		in.Marks = append(in.Marks, m)
	default:
		err = ErrScoringText
	}
	return err
}
