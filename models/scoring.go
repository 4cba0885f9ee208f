package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ScoringMethod says how the judges' marks become one order.
type ScoringMethod string

// The methods. Whatever the method, a judge's mark of an entry is the weighted
// mean of the criteria, less what is deducted.
const (
	// ScoreMean: the mean of the judges' marks, the highest first.
	ScoreMean ScoringMethod = "mean"
	// ScoreTrimmed: the same without each entry's highest and lowest marks.
	ScoreTrimmed ScoringMethod = "trimmed_mean"
	// ScoreRanks: each judge ranks the entries, those marked alike share the mean
	// of their places; the smallest sum of places first.
	ScoreRanks ScoringMethod = "rank_sum"
	// ScoreSkating: the best place that most judges give, see skating.
	ScoreSkating ScoringMethod = "skating"
)

// RecusalEffect says what becomes of the marks of a judge who may not judge an entry.
type RecusalEffect string

// The effects. Without an entry's mark a judge has no ranking of all, so that the
// methods by rank know the second alone.
const (
	RecuseEntry RecusalEffect = "entry" // that entry has a mark less
	RecuseRound RecusalEffect = "round" // the judge counts for no entry of the round
)

// Criterion is one thing that is marked, Weight its share in whole parts.
type Criterion struct {
	Code   string
	Name   string
	Weight int
}

// OverTime takes Points, in hundredths, for each Seconds begun beyond the time an
// entry had and Grace seconds; Most in all, 0 for no bound. Points 0 takes nothing.
type OverTime struct {
	Grace   int
	Seconds int
	Points  int
	Most    int
}

// Deduction is something that costs Points, in hundredths, each time.
type Deduction struct {
	Code   string
	Name   string
	Points int
}

// The rungs of ties, tried in order. TieCriterion stands with the criterion's
// code: "criterion:skill". The last rung is TieJoint or TieDraw.
const (
	TieChief      = "chief"      // the higher mark of the chief judge
	TieAllMarks   = "all_marks"  // the higher mean of all marks, none dropped
	TieBestMark   = "best_mark"  // the higher of the highest marks
	TieWorstMark  = "worst_mark" // the higher of the lowest marks
	TieFirsts     = "firsts"     // more first places among the judges, then more second ones …
	TieCriterion  = "criterion:" // the higher mean of one criterion
	TieJoint      = "joint"      // the place is shared, the next ones stay empty
	TieDraw       = "draw"       // lots, see ScoringInput.Lots
	scoringHeader = "youyue-scoring-v1"
)

// ScoringRule is one version of a rule document. Points are whole hundredths.
type ScoringRule struct {
	Version    int
	Name       string
	Method     ScoringMethod
	Low, High  int // of a mark
	Step       int // marks are Low, Low+Step …
	Criteria   []Criterion
	DropHigh   int // of a trimmed mean
	DropLow    int
	Keep       int // so many marks of an entry must count at least
	Recusal    RecusalEffect
	OverTime   OverTime
	Deductions []Deduction
	Ties       []string
	Decimals   int // shown; nothing is decided by a rounded value
}

// The bounds of a rule; ours.
const (
	MaxScore       = 100_00
	MaxCriteria    = 8
	maxWeight      = 1000
	maxDeductions  = 12
	maxDecimals    = 4
	maxScoringName = 60
)

// ScoringFault is one thing wrong with a rule or with what it is applied to, at
// a path into it: "criteria[1].weight".
type ScoringFault struct {
	Path string
	Code string
	Args map[string]any
}

func (f ScoringFault) String() string { return f.Path + " " + f.Code }

type ruleCheck struct {
	r      ScoringRule
	faults []ScoringFault
}

func (c *ruleCheck) add(path, code string, pairs ...any) {
	f := ScoringFault{Path: path, Code: code, Args: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	c.faults = append(c.faults, f)
}

func (c *ruleCheck) within(path string, n, low, high int) {
	if n < low || n > high {
		c.add(path, "scoring_range", "min", low, "max", high)
	}
}

func (c *ruleCheck) named(path, name string) {
	if clean, ok := PlainText(name); !ok || clean != name || utf8.RuneCountInString(name) > maxScoringName {
		c.add(path, "scoring_name", "max", maxScoringName)
	}
}

func (c *ruleCheck) coded(path, code string, seen map[string]bool) {
	fit := code != "" && len(code) <= 20 && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
	switch {
	case !fit:
		c.add(path, "scoring_code")
	case seen[code]:
		c.add(path, "scoring_twice", "code", code)
	}
	seen[code] = true
}

// Check names every fault of the rule; none when it can be applied.
func (r ScoringRule) Check() []ScoringFault {
	c := ruleCheck{r: r}
	c.within("version", r.Version, 1, 1_000_000)
	c.named("name", r.Name)
	if !slices.Contains([]ScoringMethod{ScoreMean, ScoreTrimmed, ScoreRanks, ScoreSkating}, r.Method) {
		c.add("method", "scoring_unknown")
	}
	c.marks()
	c.criteria()
	c.drops()
	c.deductions()
	c.ties()
	c.within("decimals", r.Decimals, 0, maxDecimals)
	return c.faults
}

func (c *ruleCheck) marks() {
	c.within("low", c.r.Low, 0, MaxScore)
	c.within("high", c.r.High, c.r.Low+1, MaxScore)
	if c.r.Step < 1 || (c.r.High-c.r.Low)%c.r.Step != 0 {
		c.add("step", "scoring_step")
	}
}

func (c *ruleCheck) criteria() {
	if n := len(c.r.Criteria); n == 0 || n > MaxCriteria {
		c.add("criteria", "scoring_range", "min", 1, "max", MaxCriteria)
	}
	seen := map[string]bool{}
	for i, k := range c.r.Criteria {
		at := "criteria[" + strconv.Itoa(i) + "]"
		c.coded(at+".code", k.Code, seen)
		c.named(at+".name", k.Name)
		c.within(at+".weight", k.Weight, 1, maxWeight)
	}
}

func (c *ruleCheck) drops() {
	c.within("keep", c.r.Keep, 1, 99)
	if c.r.Method == ScoreTrimmed {
		c.within("drop_high", c.r.DropHigh, 0, 9)
		c.within("drop_low", c.r.DropLow, 0, 9)
		if c.r.DropHigh+c.r.DropLow == 0 {
			c.add("drop_high", "scoring_drops_none")
		}
	} else if c.r.DropHigh != 0 || c.r.DropLow != 0 {
		c.add("drop_high", "scoring_drops_only_trimmed")
	}
	switch {
	case c.r.Recusal != RecuseEntry && c.r.Recusal != RecuseRound:
		c.add("recusal", "scoring_unknown")
	case c.r.Recusal == RecuseEntry && c.r.byRank():
		c.add("recusal", "scoring_recusal_rank")
	}
}

func (c *ruleCheck) deductions() {
	o := c.r.OverTime
	c.within("over_time.grace", o.Grace, 0, 3600)
	c.within("over_time.points", o.Points, 0, MaxScore)
	c.within("over_time.most", o.Most, 0, MaxScore)
	if o.Points > 0 {
		c.within("over_time.seconds", o.Seconds, 1, 3600)
	}
	if len(c.r.Deductions) > maxDeductions {
		c.add("deductions", "scoring_range", "min", 0, "max", maxDeductions)
	}
	seen := map[string]bool{}
	for i, d := range c.r.Deductions {
		at := "deductions[" + strconv.Itoa(i) + "]"
		c.coded(at+".code", d.Code, seen)
		c.named(at+".name", d.Name)
		c.within(at+".points", d.Points, 1, MaxScore)
	}
}

func (c *ruleCheck) ties() {
	if len(c.r.Ties) == 0 {
		c.add("ties", "scoring_ties_end")
	}
	seen := map[string]bool{}
	for i, t := range c.r.Ties {
		at := "ties[" + strconv.Itoa(i) + "]"
		last := i == len(c.r.Ties)-1
		switch {
		case seen[t]:
			c.add(at, "scoring_twice", "code", t)
		case !c.r.knows(t):
			c.add(at, "scoring_unknown")
		case last != (t == TieJoint || t == TieDraw):
			c.add(at, "scoring_ties_end")
		}
		seen[t] = true
	}
}

func (r ScoringRule) knows(rung string) bool {
	if code, ok := strings.CutPrefix(rung, TieCriterion); ok {
		return slices.ContainsFunc(r.Criteria, func(k Criterion) bool { return k.Code == code })
	}
	return slices.Contains([]string{TieChief, TieAllMarks, TieBestMark, TieWorstMark, TieFirsts, TieJoint, TieDraw}, rung)
}

// byRank reports whether the judges' places count rather than their marks.
func (r ScoringRule) byRank() bool { return r.Method == ScoreRanks || r.Method == ScoreSkating }

// Fits reports whether a judge may give this mark.
func (r ScoringRule) Fits(mark int) bool {
	return mark >= r.Low && mark <= r.High && (mark-r.Low)%r.Step == 0
}

// Over is what an entry that took so many seconds loses, of the time it had;
// 0 seconds had is no limit.
func (r ScoringRule) Over(had, took int) int {
	o := r.OverTime
	late := took - had - o.Grace
	if had == 0 || o.Points == 0 || late <= 0 {
		return 0
	}
	points := (late + o.Seconds - 1) / o.Seconds * o.Points
	if o.Most > 0 {
		points = min(points, o.Most)
	}
	return points
}

// Deduction is what one fault costs; false for a code the rule does not know.
func (r ScoringRule) Deduction(code string) (Deduction, bool) {
	for _, d := range r.Deductions {
		if d.Code == code {
			return d, true
		}
	}
	return Deduction{}, false
}

// Weight is the sum of the criteria's.
func (r ScoringRule) Weight() (n int) {
	for _, c := range r.Criteria {
		n += c.Weight
	}
	return n
}

// Canonical is the rule as it is hashed: one fact a line, in a fixed order.
func (r ScoringRule) Canonical() string {
	var b strings.Builder
	line := func(parts ...any) {
		for i, p := range parts {
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprint(&b, p)
		}
		b.WriteByte('\n')
	}
	line("rule", r.Version, strconv.Quote(r.Name))
	line("method", r.Method, r.DropHigh, r.DropLow, r.Keep, r.Recusal)
	line("marks", r.Low, r.High, r.Step, r.Decimals)
	for _, c := range r.Criteria {
		line("criterion", c.Code, c.Weight, strconv.Quote(c.Name))
	}
	line("over_time", r.OverTime.Grace, r.OverTime.Seconds, r.OverTime.Points, r.OverTime.Most)
	for _, d := range r.Deductions {
		line("deduction", d.Code, d.Points, strconv.Quote(d.Name))
	}
	for _, t := range r.Ties {
		line("tie", t)
	}
	return b.String()
}
