package models

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// plainRule is a rule of one criterion that shares places among equals.
func plainRule(m ScoringMethod) ScoringRule {
	r := ScoringRule{Version: 1, Name: "锣鼓大赛评分办法", Method: m, High: 1000, Step: 1, Keep: 3, Recusal: RecuseRound,
		Criteria: []Criterion{{"all", "总分", 1}}, Ties: []string{TieJoint}, Decimals: 3}
	if m == ScoreTrimmed {
		r.DropHigh, r.DropLow = 1, 1
	}
	return r
}

// panel has judges 1, 2 … and entries 1, 2 …, a row of marks each.
func panel(r ScoringRule, rows ...[]int) ScoringInput {
	in := ScoringInput{Rule: r, Chief: 1, Deducted: map[int64]int{}, Lots: map[int64]int{}}
	for e, row := range rows {
		in.Entries = append(in.Entries, int64(e+1))
		for j, m := range row {
			if e == 0 {
				in.Judges = append(in.Judges, int64(j+1))
			}
			in.Marks = append(in.Marks, Mark{int64(e + 1), int64(j + 1), r.Criteria[0].Code, m})
		}
	}
	return in
}

var goldenPanel = [][]int{
	{946, 946, 982, 920, 893, 959, 900},
	{882, 983, 890, 937, 996, 892, 977},
	{932, 920, 955, 958, 925, 884, 959},
	{897, 931, 906, 964, 974, 968, 904},
}

// One panel, four rules, four winners.
func TestTheGoldenPanel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method ScoringMethod
		order  string
		exact  string
		shown  string
	}{
		{ScoreMean, "BADC", "6557/7", "9.3671"},
		{ScoreTrimmed, "CADB", "938", "9.3800"},
		{ScoreRanks, "DABC", "16", "0.1600"},
		{ScoreSkating, "ACDB", "1", "0.0100"},
	} {
		r, faults := ScoreRound(panel(plainRule(c.method), goldenPanel...))
		require.Empty(t, faults, c.method)
		var order strings.Builder
		for _, s := range r.Standings {
			order.WriteByte("?ABCD"[s.Entry])
		}
		require.Equal(t, c.order[:1], order.String()[:1], "the winner by %s", c.method)
		require.Equal(t, c.exact, r.Standings[0].Value.RatString(), c.method)
		require.Equal(t, c.shown, ShowPoints(r.Standings[0].Value, 4), c.method)
	}
	r, _ := ScoreRound(panel(plainRule(ScoreSkating), goldenPanel...))
	require.Equal(t, []int64{1, 3}, []int64{r.Standings[0].Entry, r.Standings[1].Entry})
	require.Equal(t, "4@2=6", r.Standings[0].Why[0])
	require.Equal(t, "4@2=8", r.Standings[1].Why[0])
}

func TestEveryFaultOfARuleIsNamed(t *testing.T) {
	t.Parallel()
	require.Empty(t, plainRule(ScoreTrimmed).Check())
	for path, spoil := range map[string]func(*ScoringRule){
		"version scoring_range":                func(r *ScoringRule) { r.Version = 0 },
		"name scoring_name":                    func(r *ScoringRule) { r.Name = " " },
		"method scoring_unknown":               func(r *ScoringRule) { r.Method, r.DropHigh, r.DropLow = "median", 0, 0 },
		"low scoring_range":                    func(r *ScoringRule) { r.Low = -1 },
		"high scoring_range":                   func(r *ScoringRule) { r.High = 100_01; r.Step = 100_01 },
		"step scoring_step":                    func(r *ScoringRule) { r.Step = 3 },
		"criteria scoring_range":               func(r *ScoringRule) { r.Criteria = nil },
		"criteria[0].code scoring_code":        func(r *ScoringRule) { r.Criteria[0].Code = "A b" },
		"criteria[0].weight scoring_range":     func(r *ScoringRule) { r.Criteria[0].Weight = 0 },
		"criteria[1].code scoring_twice":       func(r *ScoringRule) { r.Criteria = append(r.Criteria, r.Criteria[0]) },
		"drop_high scoring_drops_none":         func(r *ScoringRule) { r.DropHigh, r.DropLow = 0, 0 },
		"drop_high scoring_drops_only_trimmed": func(r *ScoringRule) { r.Method = ScoreMean },
		"keep scoring_range":                   func(r *ScoringRule) { r.Keep = 0 },
		"recusal scoring_unknown":              func(r *ScoringRule) { r.Recusal = "" },
		"recusal scoring_recusal_rank": func(r *ScoringRule) {
			r.Method, r.DropHigh, r.DropLow, r.Recusal = ScoreRanks, 0, 0, RecuseEntry
		},
		"over_time.seconds scoring_range":    func(r *ScoringRule) { r.OverTime.Points = 10 },
		"deductions[0].points scoring_range": func(r *ScoringRule) { r.Deductions = []Deduction{{"fall", "掉槌", 0}} },
		"ties scoring_ties_end":              func(r *ScoringRule) { r.Ties = nil },
		"ties[0] scoring_ties_end":           func(r *ScoringRule) { r.Ties = []string{TieChief} },
		"ties[0] scoring_unknown":            func(r *ScoringRule) { r.Ties = []string{"criterion:none", TieJoint} },
		"ties[1] scoring_twice":              func(r *ScoringRule) { r.Ties = []string{TieChief, TieChief, TieDraw} },
		"decimals scoring_range":             func(r *ScoringRule) { r.Decimals = 5 },
	} {
		r := plainRule(ScoreTrimmed)
		r.Criteria = slices.Clone(r.Criteria)
		spoil(&r)
		var got []string
		for _, f := range r.Check() {
			got = append(got, f.String())
		}
		require.Equal(t, []string{path}, got)
	}
	require.Greater(t, len(ScoringRule{}.Check()), 8, "all at once")
}

func TestWhatKeepsARuleFromBeingApplied(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*ScoringInput){
		"marks[1,2] scoring_missing":     func(in *ScoringInput) { in.Marks = slices.Delete(in.Marks, 1, 2) },
		"marks[9,2,all] scoring_foreign": func(in *ScoringInput) { in.Marks = append(in.Marks, Mark{9, 2, "all", 900}) },
		"marks[1,2,all] scoring_twice":   func(in *ScoringInput) { in.Marks = append(in.Marks, Mark{1, 2, "all", 900}) },
		"marks[1,1,all] scoring_scale":   func(in *ScoringInput) { in.Marks[0].Points = 1001 },
		"chief scoring_chief":            func(in *ScoringInput) { in.Chief = 8 },
		"entries[2] scoring_few": func(in *ScoringInput) {
			in.Rule.Recusal = RecuseEntry
			in.Recusals = []Recusal{{1, 2}, {2, 2}, {3, 2}}
			in.Marks = slices.DeleteFunc(in.Marks, func(m Mark) bool { return m.Entry == 2 && m.Judge < 4 })
		},
	} {
		in := panel(plainRule(ScoreTrimmed), goldenPanel...)
		spoil(&in)
		r, faults := ScoreRound(in)
		require.Empty(t, r.Standings)
		require.Len(t, faults, 1, want)
		require.Equal(t, want, faults[0].String())
	}
}

// The rungs are tried in order, and the result says which one decided.
func TestEqualsAreSetApartByTheRungs(t *testing.T) {
	t.Parallel()
	type line struct {
		entry   int64
		place   int
		decided string
	}
	rows := [][]int{{900, 920, 910}, {910, 900, 920}, {920, 910, 900}, {800, 800, 800}}
	for name, c := range map[string]struct {
		ties []string
		lots map[int64]int
		want []line
	}{
		"joint":             {[]string{TieJoint}, nil, []line{{1, 1, "joint"}, {2, 1, "joint"}, {3, 1, "joint"}, {4, 4, ""}}},
		"chief":             {[]string{TieChief, TieJoint}, nil, []line{{3, 1, "chief"}, {2, 2, "chief"}, {1, 3, "chief"}, {4, 4, ""}}},
		"nothing, then lot": {[]string{TieAllMarks, TieDraw}, map[int64]int{1: 2, 2: 1, 3: 3}, []line{{2, 1, "draw"}, {1, 2, "draw"}, {3, 3, "draw"}, {4, 4, ""}}},
		"waits for lots":    {[]string{TieBestMark, TieWorstMark, TieFirsts, TieDraw}, nil, []line{{1, 1, "draw"}, {2, 1, "draw"}, {3, 1, "draw"}, {4, 4, ""}}},
	} {
		r := plainRule(ScoreMean)
		r.Ties = c.ties
		in := panel(r, rows...)
		in.Lots = c.lots
		got, faults := ScoreRound(in)
		require.Empty(t, faults, name)
		var lines []line
		for _, s := range got.Standings {
			lines = append(lines, line{s.Entry, s.Place, s.Decided})
		}
		require.Equal(t, c.want, lines, name)
		require.Equal(t, name == "waits for lots", len(got.Lots) > 0, name)
	}
}

// Whoever the chief may not judge leaves that rung out for all of the equals.
func TestARecusedChiefSetsNobodyApart(t *testing.T) {
	t.Parallel()
	r := plainRule(ScoreMean)
	r.Recusal, r.Ties = RecuseEntry, []string{TieChief, TieBestMark, TieJoint}
	in := panel(r, []int{900, 910, 890, 900}, []int{900, 880, 920, 900})
	in.Recusals = []Recusal{{1, 1}}
	in.Marks = in.Marks[1:]
	got, faults := ScoreRound(in)
	require.Empty(t, faults)
	require.Equal(t, []any{int64(2), 1, TieBestMark}, []any{got.Standings[0].Entry, got.Standings[0].Place, got.Standings[0].Decided})
}

func TestDeductionsCountAlikeInEveryMethod(t *testing.T) {
	t.Parallel()
	for _, m := range []ScoringMethod{ScoreMean, ScoreTrimmed, ScoreRanks, ScoreSkating} {
		in := panel(plainRule(m), []int{950, 950, 950, 950, 950}, []int{900, 900, 900, 900, 900})
		in.Deducted[1] = 60
		r, faults := ScoreRound(in)
		require.Empty(t, faults)
		require.Equal(t, int64(2), r.Standings[0].Entry, m)
		require.Equal(t, 60, r.Standings[1].Deducted, m)
	}
	r := plainRule(ScoreMean)
	r.OverTime = OverTime{Grace: 5, Seconds: 30, Points: 10, Most: 30}
	for took, want := range map[int]int{299: 0, 305: 0, 306: 10, 335: 10, 336: 20, 400: 30, 9999: 30} {
		require.Equal(t, want, r.Over(300, took), "%d s", took)
	}
	require.Zero(t, r.Over(0, 9999), "no limit, nothing over it")
}
