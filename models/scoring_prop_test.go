package models

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func anyScoring(t *rapid.T) ScoringInput {
	r := plainRule(rapid.SampledFrom([]ScoringMethod{ScoreMean, ScoreTrimmed, ScoreRanks, ScoreSkating}).Draw(t, "method"))
	r.Criteria = []Criterion{{"skill", "技艺", rapid.IntRange(1, 4).Draw(t, "weight")}, {"spirit", "精神", 3}}
	r.Keep, r.High = 1, rapid.SampledFrom([]int{3, 10, 1000}).Draw(t, "high")
	rungs := []string{TieChief, TieAllMarks, TieBestMark, TieWorstMark, TieFirsts, "criterion:skill"}
	r.Ties = append(rapid.Permutation(rungs).Draw(t, "rungs")[:rapid.IntRange(0, 6).Draw(t, "n")], TieJoint)
	in := ScoringInput{Rule: r, Chief: 1, Deducted: map[int64]int{}}
	for j := range rapid.IntRange(4, 7).Draw(t, "judges") {
		in.Judges = append(in.Judges, int64(j+1))
	}
	for e := range rapid.IntRange(1, 6).Draw(t, "entries") {
		in.Entries = append(in.Entries, int64(e+1))
		in.Deducted[int64(e+1)] = rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "off")
		for _, j := range in.Judges {
			for _, c := range r.Criteria {
				in.Marks = append(in.Marks, Mark{int64(e + 1), j, c.Code, rapid.IntRange(0, r.High).Draw(t, "mark")})
			}
		}
	}
	if rapid.Bool().Draw(t, "recused") { // the last judge, so that the chief stays
		in.Recusals = []Recusal{{in.Judges[len(in.Judges)-1], 1}}
	}
	return in
}

// slow is the same by the words of the rules, with nothing shared but the marks:
// an entry's place is one more than the number of entries that are better.
type slow struct {
	in     ScoringInput
	judges []int64
}

func (s slow) total(e, j int64) *big.Rat {
	sum, weight := new(big.Rat), int64(0)
	for _, c := range s.in.Rule.Criteria {
		for _, m := range s.in.Marks {
			if m.Entry == e && m.Judge == j && m.Criterion == c.Code {
				sum.Add(sum, big.NewRat(int64(m.Points)*int64(c.Weight), 1))
			}
		}
		weight += int64(c.Weight)
	}
	return sum.Sub(sum.Mul(sum, big.NewRat(1, weight)), big.NewRat(int64(s.in.Deducted[e]), 1))
}

func (s slow) totals(e int64) (out []*big.Rat) {
	for _, j := range s.judges {
		out = append(out, s.total(e, j))
	}
	return out
}

func average(l []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, v := range l {
		sum.Add(sum, v)
	}
	return sum.Mul(sum, big.NewRat(1, int64(len(l))))
}

// place counts pairs: half a place for an equal, a whole one for a better.
func (s slow) place(e, j int64) *big.Rat {
	p := big.NewRat(1, 1)
	for _, o := range s.in.Entries {
		if o == e {
			continue
		}
		switch s.total(o, j).Cmp(s.total(e, j)) {
		case 1:
			p.Add(p, big.NewRat(1, 1))
		case 0:
			p.Add(p, big.NewRat(1, 2))
		}
	}
	return p
}

// column counts an entry's places not beyond c, and adds them up.
func (s slow) column(e int64, c int) (n int, sum *big.Rat) {
	sum = new(big.Rat)
	for _, j := range s.judges {
		if p := s.place(e, j); p.Cmp(big.NewRat(int64(c), 1)) <= 0 {
			n++
			sum.Add(sum, p)
		}
	}
	return n, sum
}

// skating compares two entries column by column, as a scrutineer would: nothing
// happens until one of them has a majority.
func (s slow) skating(a, b int64) int {
	majority := len(s.judges)/2 + 1
	reached := false
	for c := 1; c <= len(s.in.Entries); c++ {
		na, sa := s.column(a, c)
		nb, sb := s.column(b, c)
		if !reached && na < majority && nb < majority {
			continue
		}
		reached = true
		switch {
		case na != nb:
			return nb - na
		case sa.Cmp(sb) != 0:
			return sa.Cmp(sb)
		}
	}
	return 0
}

// compare is below 0 when a is better than b.
func (s slow) compare(a, b int64) int {
	d := 0
	switch s.in.Rule.Method {
	case ScoreMean:
		d = average(s.totals(b)).Cmp(average(s.totals(a)))
	case ScoreTrimmed:
		d = s.trimmed(b).Cmp(s.trimmed(a))
	case ScoreRanks:
		var pa, pb []*big.Rat
		for _, j := range s.judges {
			pa, pb = append(pa, s.place(a, j)), append(pb, s.place(b, j))
		}
		d = average(pa).Cmp(average(pb))
	case ScoreSkating:
		d = s.skating(a, b)
	}
	for _, rung := range s.in.Rule.Ties {
		if d != 0 {
			return d
		}
		d = s.rung(rung, a, b)
	}
	return d
}

func (s slow) trimmed(e int64) *big.Rat {
	l := slices.SortedFunc(slices.Values(s.totals(e)), (*big.Rat).Cmp)
	return average(l[1 : len(l)-1])
}

func (s slow) rung(name string, a, b int64) int {
	best := func(e int64) *big.Rat { return slices.MaxFunc(s.totals(e), (*big.Rat).Cmp) }
	worst := func(e int64) *big.Rat { return slices.MinFunc(s.totals(e), (*big.Rat).Cmp) }
	switch name {
	case TieChief:
		return s.total(b, 1).Cmp(s.total(a, 1))
	case TieAllMarks:
		return average(s.totals(b)).Cmp(average(s.totals(a)))
	case TieBestMark:
		return best(b).Cmp(best(a))
	case TieWorstMark:
		return worst(b).Cmp(worst(a))
	case TieFirsts:
		for c := 1; c <= len(s.in.Entries); c++ {
			na, _ := s.column(a, c)
			nb, _ := s.column(b, c)
			if na != nb {
				return nb - na
			}
		}
	case "criterion:skill":
		sum := 0
		for _, m := range s.in.Marks {
			if m.Criterion != "skill" || !slices.Contains(s.judges, m.Judge) {
				continue
			}
			switch m.Entry {
			case a:
				sum -= m.Points
			case b:
				sum += m.Points
			}
		}
		return sum
	}
	return 0
}

func TestRandomPanelsAgainstTheWordsOfTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyScoring(t)
		r, faults := ScoreRound(in)
		require.Empty(t, faults)
		s := slow{in, in.Judges}
		if len(in.Recusals) > 0 {
			s.judges = in.Judges[:len(in.Judges)-1]
		}
		for _, line := range r.Standings {
			place, equals := 1, 0
			for _, o := range in.Entries {
				switch d := s.compare(o, line.Entry); {
				case o == line.Entry:
				case d < 0:
					place++
				case d == 0:
					equals++
				}
			}
			require.Equal(t, place, line.Place, "entry %d by %s with %v", line.Entry, in.Rule.Method, in.Rule.Ties)
			require.Equal(t, equals > 0, line.Decided == TieJoint)
		}
	})
}

// The order in which marks come in, and which id an entry has, change nothing;
// any mark that changes is seen in the hash.
func TestAResultIsTheSameToTheBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyScoring(t)
		first, _ := ScoreRound(in)
		again := in
		again.Marks, again.Judges, again.Entries = slices.Clone(in.Marks), slices.Clone(in.Judges), slices.Clone(in.Entries)
		seed := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		seed.Shuffle(len(again.Marks), func(i, j int) { again.Marks[i], again.Marks[j] = again.Marks[j], again.Marks[i] })
		slices.Reverse(again.Judges)
		slices.Reverse(again.Entries)
		second, _ := ScoreRound(again)
		require.Equal(t, first.Canonical(), second.Canonical())
		require.Equal(t, first.Hash(), second.Hash())
		read, err := ParseScoringInput(in.Canonical())
		require.NoError(t, err)
		third, _ := ScoreRound(read)
		require.Equal(t, first.Canonical(), third.Canonical(), "from the text alone")
		_, err = ParseScoringInput(in.Canonical() + "judge 1\n")
		require.ErrorIs(t, err, ErrScoringText)
		m := &again.Marks[rapid.IntRange(0, len(again.Marks)-1).Draw(t, "which")]
		m.Points = (m.Points + 1) % (in.Rule.High + 1)
		require.NotEqual(t, in.Hash(), again.Hash())
	})
	// Stored results are compared with this for years: it must not change.
	r, _ := ScoreRound(panel(plainRule(ScoreTrimmed), goldenPanel...))
	require.Equal(t, "135d3ac4411cb09ea819f9c9edb1e8c4259ae016013b0b0b01900ad72c4a894b", r.Input)
	require.Equal(t, "8ee985375d971b0e6b24b4182854b0b105bb0d74e8174d2fd7dbf0281f3e05f2", r.Hash())
}
