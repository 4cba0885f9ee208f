package scoring

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"youyue/app/errs"
	"youyue/models"
)

// document is a rule as people write it and as it is kept: JSON, points in
// hundredths.
type document struct {
	Name       string         `json:"name"`
	Method     string         `json:"method"`
	Low        int            `json:"low"`
	High       int            `json:"high"`
	Step       int            `json:"step"`
	Criteria   []criterionDoc `json:"criteria"`
	DropHigh   int            `json:"drop_high"`
	DropLow    int            `json:"drop_low"`
	Keep       int            `json:"keep"`
	Recusal    string         `json:"recusal"`
	OverTime   *overTimeDoc   `json:"over_time,omitempty"`
	Deductions []deductionDoc `json:"deductions,omitempty"`
	Ties       []string       `json:"ties"`
	Decimals   int            `json:"decimals"`
}

type criterionDoc struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

type overTimeDoc struct {
	Grace   int `json:"grace_seconds"`
	Seconds int `json:"each_seconds"`
	Points  int `json:"points"`
	Most    int `json:"most"`
}

type deductionDoc struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Points int    `json:"points"`
}

// ParseRule reads a rule document as the given version. It returns ErrRule with
// every fault, unknown members among them.
func ParseRule(text string, version int) (models.ScoringRule, error) {
	var d document
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return models.ScoringRule{}, ErrRule.At(jsonFault(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return models.ScoringRule{}, ErrRule.At(errs.Field{Name: "document", Code: "scoring_json"})
	}
	r := d.rule(version)
	if faults := r.Check(); len(faults) > 0 {
		return r, ErrRule.At(fields(faults)...)
	}
	return r, nil
}

func jsonFault(err error) errs.Field {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return errs.Field{Name: wrong.Field, Code: "type"}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return errs.Field{Name: strings.Trim(name, `"`), Code: "unknown"}
	}
	return errs.Field{Name: "document", Code: "scoring_json"}
}

func fields(faults []models.ScoringFault) []errs.Field {
	out := make([]errs.Field, len(faults))
	for i, f := range faults {
		out[i] = errs.Field{Name: f.Path, Code: f.Code, Args: f.Args}
	}
	return out
}

func (d document) rule(version int) models.ScoringRule {
	r := models.ScoringRule{Version: version, Name: d.Name, Method: models.ScoringMethod(d.Method), Low: d.Low, High: d.High, Step: d.Step,
		DropHigh: d.DropHigh, DropLow: d.DropLow, Keep: d.Keep, Recusal: models.RecusalEffect(d.Recusal), Ties: d.Ties, Decimals: d.Decimals}
	for _, c := range d.Criteria {
		r.Criteria = append(r.Criteria, models.Criterion(c))
	}
	if d.OverTime != nil {
		r.OverTime = models.OverTime(*d.OverTime)
	}
	for _, x := range d.Deductions {
		r.Deductions = append(r.Deductions, models.Deduction(x))
	}
	return r
}

// FormatRule writes the document of a rule, indented for people.
func FormatRule(r models.ScoringRule) string {
	d := document{Name: r.Name, Method: string(r.Method), Low: r.Low, High: r.High, Step: r.Step, DropHigh: r.DropHigh, DropLow: r.DropLow,
		Keep: r.Keep, Recusal: string(r.Recusal), Ties: r.Ties, Decimals: r.Decimals}
	for _, c := range r.Criteria {
		d.Criteria = append(d.Criteria, criterionDoc(c))
	}
	if r.OverTime != (models.OverTime{}) {
		o := overTimeDoc(r.OverTime)
		d.OverTime = &o
	}
	for _, x := range r.Deductions {
		d.Deductions = append(d.Deductions, deductionDoc(x))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil { // strings and numbers alone
		panic(err)
	}
	return b.String()
}

// UsualRule is what a contest starts with: three criteria, one highest and one
// lowest mark dropped, over time costs a tenth of a point each half minute. Ours;
// every part can be changed.
func UsualRule(name string) models.ScoringRule {
	return models.ScoringRule{Version: 1, Name: name, Method: models.ScoreTrimmed, Low: 600, High: 1000, Step: 5,
		Criteria: []models.Criterion{{Code: "skill", Name: "技艺", Weight: 40}, {Code: "spirit", Name: "精神气势", Weight: 30}, {Code: "form", Name: "编排与服装", Weight: 30}},
		DropHigh: 1, DropLow: 1, Keep: 3, Recusal: models.RecuseEntry,
		OverTime:   models.OverTime{Grace: 10, Seconds: 30, Points: 10, Most: 50},
		Deductions: []models.Deduction{{Code: "fall", Name: "器具落地", Points: 10}, {Code: "late", Name: "迟到上场", Points: 20}},
		Ties:       []string{models.TieCriterion + "skill", models.TieAllMarks, models.TieChief, models.TieJoint}, Decimals: 3}
}
