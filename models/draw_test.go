package models_test

import (
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"youyue/models"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The golden vector of docs/facts.md.
const (
	drawSecret = "00112233445566778899aabbccddeeff"
	drawBeacon = "DEMO-BEACON-0001"
)

func drawIDs(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("T%02d", i+1)
	}
	return out
}

func TestDrawGoldenVector(t *testing.T) {
	t.Parallel()
	ids := drawIDs(6)
	shuffled := []string{"T04", "T02", "T06", "T01", "T05", "T03"}
	require.Equal(t, "T01\nT02\nT03\nT04\nT05\nT06\n", models.DrawList(shuffled))
	h := models.DrawListHash(shuffled)
	require.Equal(t, "41ad2d906384d80b4edcfe44177ba4d18b4ac416894bb4436820ca54228f9319", h)
	require.Equal(t, "9ed3a3a54df64cafda1d702bfa12fc4b956d477debf9c93214389da5e478d7f0", models.DrawCommitment(drawSecret))
	require.Equal(t, "3526adf67f5928534c21ec62c6c7eaa0148e1406965d60556584ed99f742c7d9", models.DrawSeed(h, drawSecret, drawBeacon, 0))
	for k, want := range []string{"T06 T01 T05 T03 T02 T04", "T04 T01 T05 T03 T02 T06", "T05 T02 T04 T03 T01 T06"} {
		require.Equal(t, want, strings.Join(models.DrawOrder(ids, models.DrawSeed(h, drawSecret, drawBeacon, k)), " "), k)
	}

	free := models.DrawRules{Entries: drawEntries(ids, nil)}
	order, k, ok := free.Run(drawSecret, drawBeacon)
	require.True(t, ok)
	require.Zero(t, k)
	require.Equal(t, "T06", order[0])

	// T05 and T03 stand side by side in order(0) and order(1), not in order(2).
	apart := models.DrawRules{Entries: drawEntries(ids, map[string]string{"T03": "兴华", "T05": "兴华"}), ApartCommunity: true}
	order, k, ok = apart.Run(drawSecret, drawBeacon)
	require.True(t, ok)
	require.Equal(t, 2, k)
	require.Equal(t, "T05 T02 T04 T03 T01 T06", strings.Join(order, " "))
}

func drawEntries(ids []string, community map[string]string) []models.DrawEntry {
	out := make([]models.DrawEntry, len(ids))
	for i, id := range ids {
		out[i] = models.DrawEntry{EntryID: id, Community: community[id]}
	}
	return out
}

// permutations calls f with every order of ids.
func permutations(ids []string, f func([]string)) {
	var step func(n int)
	step = func(n int) {
		if n == len(ids) {
			f(ids)
			return
		}
		for i := n; i < len(ids); i++ {
			ids[n], ids[i] = ids[i], ids[n]
			step(n + 1)
			ids[n], ids[i] = ids[i], ids[n]
		}
	}
	step(0)
}

func TestTheShareOfAdmissibleOrdersIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "entries")
		r := models.DrawRules{ApartCommunity: rapid.Bool().Draw(t, "communities"), ApartTeam: rapid.Bool().Draw(t, "teams")}
		for _, id := range drawIDs(n) {
			r.Entries = append(r.Entries, models.DrawEntry{EntryID: id,
				Community: rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "community"),
				Team:      rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "team")})
		}
		share, ok := r.Share()
		if !ok {
			require.True(t, r.ApartCommunity && r.ApartTeam, "one condition alone never crosses")
			return
		}
		met, all := int64(0), int64(0)
		permutations(r.IDs(), func(order []string) {
			all++
			if r.Admissible(order) {
				met++
			}
		})
		require.Zero(t, share.Cmp(big.NewRat(met, all)), "%s, counted %d of %d", share, met, all)
	})
}

func TestConditionsThatCrossAreSeen(t *testing.T) {
	t.Parallel()
	r := models.DrawRules{ApartCommunity: true, ApartTeam: true, Entries: []models.DrawEntry{
		{EntryID: "1", Community: "A", Team: "x"}, {EntryID: "2", Community: "B", Team: "x"}, {EntryID: "3", Community: "B", Team: "y"}}}
	_, ok := r.Share()
	require.False(t, ok)
	r.Entries[1].Community = "A"
	share, ok := r.Share()
	require.True(t, ok)
	require.Equal(t, "1/3", share.String())
}

func TestPartsAreEvenAndKeepTheOrder(t *testing.T) {
	t.Parallel()
	require.Equal(t, [][]string{{"T01", "T02", "T03"}, {"T04", "T05"}, {"T06", "T07"}}, models.DrawParts(drawIDs(7), 3))
	rapid.Check(t, func(t *rapid.T) {
		ids := drawIDs(rapid.IntRange(1, 50).Draw(t, "entries"))
		parts := models.DrawParts(ids, rapid.IntRange(1, len(ids)).Draw(t, "groups"))
		require.Equal(t, ids, slices.Concat(parts...))
		require.LessOrEqual(t, len(parts[0])-len(parts[len(parts)-1]), 1)
	})
}

// chiSquare is Σ (seen-expected)²/expected.
func chiSquare(seen []int, expected float64) float64 {
	sum := 0.0
	for _, n := range seen {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return sum
}

// chiBound is what a fair chi-square with df degrees of freedom exceeds with a
// chance of 1 in 10⁶ (Wilson and Hilferty; z = 4.753).
func chiBound(df int) float64 {
	f := 2 / (9 * float64(df))
	return float64(df) * math.Pow(1-f+4.753*math.Sqrt(f), 3)
}

// secretOf is a secret of a fixed series, so that the test is the same each time.
func secretOf(i int) string { return models.DrawCommitment(fmt.Sprint("series ", i))[:32] }

// TestSoakADrawOfAThousandIsUniform: over 10,000 secrets (1,000 in the ordinary
// run) an entry stands in any twentieth of the order as often as in any other, for
// entries all along the list. Of forty chi-squares with 19 degrees of freedom none exceeds what one
// fair draw in a million would.
func TestSoakADrawOfAThousandIsUniform(t *testing.T) {
	t.Parallel()
	const entries, bins, watched = 1000, 20, 40
	secrets := series(1_000)
	ids := make([]string, entries)
	for i := range ids {
		ids[i] = fmt.Sprintf("G%04d", i)
	}
	h := models.DrawListHash(ids)
	fair, planted := spread{}, spread{}
	for s := range secrets {
		seed := models.DrawSeed(h, secretOf(s), drawBeacon, 0)
		for at, id := range models.DrawOrder(ids, seed) {
			if n := number(id); n%(entries/watched) == 0 {
				fair.count(n/(entries/watched), at*bins/entries)
			}
		}
		for w := range watched {
			// The planted fault: a list that was merely turned round by the seed's
			// first letter.
			planted.count(w, (w*entries/watched+int(seed[0])*7)%entries*bins/entries)
		}
	}
	require.Less(t, fair.worst(float64(secrets)/bins), chiBound(bins-1))
	require.Greater(t, planted.worst(float64(secrets)/bins), chiBound(bins-1), "the test would notice")
}

// series is how many secrets are tried: ten times as many under YOUYUE_SOAK.
func series(n int) int {
	if os.Getenv("YOUYUE_SOAK") != "" {
		return 10 * n
	}
	return n
}

// number is that of G0123.
func number(id string) int {
	n := 0
	for _, c := range []byte(id[1:]) {
		n = n*10 + int(c-'0')
	}
	return n
}

type spread [40][20]int

func (s *spread) count(w, bin int) { s[w][bin]++ }

func (s *spread) worst(expected float64) float64 {
	worst := 0.0
	for _, seen := range s {
		worst = max(worst, chiSquare(seen[:], expected))
	}
	return worst
}

// TestSoakAConditionalDrawIsUniformAmongAdmissibleOrders: every admissible order of a
// small list comes up equally often. The planted fault goes on from an order that
// fails to the next one in the alphabet; it favours some orders, and is seen.
func TestSoakAConditionalDrawIsUniformAmongAdmissibleOrders(t *testing.T) {
	t.Parallel()
	secrets := series(3_000)
	r := models.DrawRules{ApartCommunity: true, Entries: drawEntries(drawIDs(5), map[string]string{"T01": "A", "T02": "A", "T03": "B", "T04": "B", "T05": "C"})}
	admissible := map[string]int{}
	permutations(r.IDs(), func(order []string) {
		if r.Admissible(order) {
			admissible[strings.Join(order, " ")] = len(admissible)
		}
	})
	share, ok := r.Share()
	require.True(t, ok)
	require.Zero(t, share.Cmp(big.NewRat(int64(len(admissible)), 120)))
	fair, mended := make([]int, len(admissible)), make([]int, len(admissible))
	h := models.DrawListHash(r.IDs())
	for s := range secrets {
		order, _, ok := r.Run(secretOf(s), drawBeacon)
		require.True(t, ok)
		i, known := admissible[strings.Join(order, " ")]
		require.True(t, known)
		fair[i]++
		next := models.DrawOrder(r.IDs(), models.DrawSeed(h, secretOf(s), drawBeacon, 0))
		for !r.Admissible(next) {
			next = following(next)
		}
		mended[admissible[strings.Join(next, " ")]]++
	}
	expected := float64(secrets) / float64(len(admissible))
	require.Less(t, chiSquare(fair, expected), chiBound(len(admissible)-1))
	require.Greater(t, chiSquare(mended, expected), chiBound(len(admissible)-1), "the test would notice")
}

// following is the next order in the alphabet, the first one after the last.
func following(order []string) []string {
	out := slices.Clone(order)
	i := len(out) - 2
	for i >= 0 && out[i] >= out[i+1] {
		i--
	}
	if i >= 0 {
		j := len(out) - 1
		for out[j] <= out[i] {
			j--
		}
		out[i], out[j] = out[j], out[i]
	}
	slices.Reverse(out[i+1:])
	return out
}
