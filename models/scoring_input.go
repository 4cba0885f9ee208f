package models

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Mark is one judge's mark of one entry by one criterion, in hundredths.
type Mark struct {
	Entry     int64
	Judge     int64
	Criterion string
	Points    int
}

// Recusal takes a judge from one entry.
type Recusal struct{ Judge, Entry int64 }

// ScoringInput is all that a result is made from. Points taken off an entry stand
// in Deducted; Lots are the places among equals that a draw gave, from 1.
type ScoringInput struct {
	Rule     ScoringRule
	Chief    int64 // 0: none
	Judges   []int64
	Entries  []int64
	Recusals []Recusal
	Marks    []Mark
	Deducted map[int64]int
	Lots     map[int64]int
}

// Canonical is the input as it is hashed: the rule, then one fact a line, sorted,
// so that the order in which marks came in changes nothing.
func (in ScoringInput) Canonical() string {
	var b strings.Builder
	b.WriteString(scoringHeader + "\n" + in.Rule.Canonical())
	fmt.Fprintf(&b, "chief %d\n", in.Chief)
	for _, j := range slices.Sorted(slices.Values(in.Judges)) {
		fmt.Fprintf(&b, "judge %d\n", j)
	}
	for _, e := range slices.Sorted(slices.Values(in.Entries)) {
		fmt.Fprintf(&b, "entry %d %d %d\n", e, in.Deducted[e], in.Lots[e])
	}
	for _, r := range slices.SortedFunc(slices.Values(in.Recusals), func(a, b Recusal) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Judge, b.Judge))
	}) {
		fmt.Fprintf(&b, "recused %d %d\n", r.Entry, r.Judge)
	}
	for _, m := range slices.SortedFunc(slices.Values(in.Marks), func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Judge, b.Judge), cmp.Compare(a.Criterion, b.Criterion))
	}) {
		fmt.Fprintf(&b, "mark %d %d %s %d\n", m.Entry, m.Judge, m.Criterion, m.Points)
	}
	return b.String()
}

// Hash is the SHA-256 of the canonical input, lower-case hex.
func (in ScoringInput) Hash() string { return ScoringHash(in.Canonical()) }

// ScoringHash is how texts of scoring are hashed: SHA-256, lower-case hex.
func ScoringHash(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// Counting are the judges whose marks of an entry count, by the rule's recusal.
func (in ScoringInput) Counting(entry int64) []int64 {
	var out []int64
	for _, j := range slices.Sorted(slices.Values(in.Judges)) {
		away := slices.ContainsFunc(in.Recusals, func(r Recusal) bool {
			return r.Judge == j && slices.Contains(in.Entries, r.Entry) && (in.Rule.Recusal == RecuseRound || r.Entry == entry)
		})
		if !away {
			out = append(out, j)
		}
	}
	return out
}

// Missing are the marks that must still come: by judge and entry, each once.
func (in ScoringInput) Missing() []Recusal {
	have := map[Recusal]int{}
	for _, m := range in.Marks {
		have[Recusal{m.Judge, m.Entry}]++
	}
	var out []Recusal
	for _, e := range slices.Sorted(slices.Values(in.Entries)) {
		for _, j := range in.Counting(e) {
			if have[Recusal{j, e}] < len(in.Rule.Criteria) {
				out = append(out, Recusal{j, e})
			}
		}
	}
	return out
}

// Check names what keeps the rule from being applied: its own faults, marks that
// are missing, foreign, doubled or outside the scale, and too few judges.
func (in ScoringInput) Check() []ScoringFault {
	c := ruleCheck{r: in.Rule, faults: in.Rule.Check()}
	if len(c.faults) > 0 {
		return c.faults
	}
	if len(in.Entries) == 0 {
		c.add("entries", "scoring_no_entries")
	}
	if in.Chief != 0 && !slices.Contains(in.Judges, in.Chief) {
		c.add("chief", "scoring_chief")
	}
	seen := map[Mark]bool{}
	for _, m := range in.Marks {
		at := fmt.Sprintf("marks[%d,%d,%s]", m.Entry, m.Judge, m.Criterion)
		key := Mark{m.Entry, m.Judge, m.Criterion, 0}
		switch {
		case !slices.Contains(in.Judges, m.Judge), !slices.Contains(in.Entries, m.Entry), !in.Rule.knows(TieCriterion + m.Criterion):
			c.add(at, "scoring_foreign")
		case seen[key]:
			c.add(at, "scoring_twice", "code", m.Criterion)
		case !in.Rule.Fits(m.Points):
			c.add(at, "scoring_scale")
		}
		seen[key] = true
	}
	for _, m := range in.Missing() {
		c.add(fmt.Sprintf("marks[%d,%d]", m.Entry, m.Judge), "scoring_missing", "entry", m.Entry, "judge", m.Judge)
	}
	drop := in.Rule.DropHigh + in.Rule.DropLow
	for _, e := range in.Entries {
		if n := len(in.Counting(e)) - drop; n < in.Rule.Keep {
			c.add(fmt.Sprintf("entries[%d]", e), "scoring_few", "entry", e, "left", max(n, 0), "keep", in.Rule.Keep)
		}
	}
	return c.faults
}

// mean is the sum divided by n, exactly.
func mean(sum *big.Rat, n int) *big.Rat { return new(big.Rat).Quo(sum, big.NewRat(int64(n), 1)) }

// ShowPoints writes hundredths for people with so many decimals, half away from
// zero: 9.3671 for 6557/7 hundredths and four.
func ShowPoints(hundredths *big.Rat, decimals int) string {
	return new(big.Rat).Quo(hundredths, big.NewRat(100, 1)).FloatString(decimals)
}

// showRatio writes n/d hundredths as points with two decimals.
func showRatio(n, d int64) string {
	const shown = 2
	if d == 0 {
		return ""
	}
	return ShowPoints(big.NewRat(n, d), shown)
}
