package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// DrawState is where a draw (抽签) stands.
type DrawState string

// The states of a draw. An open one has published its list and commitment and
// waits for the public value. A void one got no value in time, or no order met
// its conditions.
const (
	DrawOpen  DrawState = "open"
	DrawDrawn DrawState = "drawn"
	DrawVoid  DrawState = "void"
)

var drawMoves = map[DrawState][]DrawState{DrawOpen: {DrawDrawn, DrawVoid}}

// CanBecome reports whether the move is legal.
func (s DrawState) CanBecome(next DrawState) bool { return legal(drawMoves, s, next) }

// DrawPurpose is what is drawn.
type DrawPurpose string

// What is drawn: the order of appearance, groups, the rank of who is level, the
// order in which parties get places. All four are an order of a list.
const (
	DrawAppearance DrawPurpose = "order"
	DrawGrouping   DrawPurpose = "groups"
	DrawTie        DrawPurpose = "tie"
	DrawPlaces     DrawPurpose = "places"
)

// DrawValue is how the public value comes about: read out by witnesses on
// stage, or a value of the outside world that was named in advance.
type DrawValue string

// The ways of a public value.
const (
	DrawByWitnesses DrawValue = "witnesses"
	DrawNamed       DrawValue = "named"
)

// The bounds of a draw.
const (
	MaxDrawEntries   = 2000
	MaxDrawID        = 64
	MinDrawWitnesses = 3
	MaxDrawWitnesses = 20
	MaxDrawTries     = 100_000
)

// LeastDrawShare is the smallest share of all orders that may meet a draw's
// conditions, 1 in 4,800: of 100,000 orders then at least one does, but for a
// chance of 1 in 10⁹.
var LeastDrawShare = big.NewRat(1, 4800)

// Draw is a draw by commitment, public value and replay. Number counts the draws
// of one subject and purpose; from the second on there is a Reason. Secret, K and
// Beacon are empty until it is drawn.
type Draw struct {
	ID             int64
	SubjectKind    string // whose it is: "contest_round", "activity"
	SubjectID      int64
	Purpose        DrawPurpose
	Number         int
	Reason         string
	Title          string
	OrgID          int64
	State          DrawState
	ListHash       string
	Commitment     string
	Entries        int
	Parts          int // groups the order is cut into, 1 for none
	ApartCommunity bool
	ApartTeam      bool
	ValueKind      DrawValue
	ValueNote      string // which value was named, or who reads out what
	ValueDue       Instant
	SecretEnc      string
	Secret         string
	Beacon         string
	K              int
	VoidReason     string // "late", "exhausted"
	CommittedBy    int64
	CommittedAt    Instant
	EndedBy        *int64
	EndedAt        Instant
}

// DrawEntry is one line of a draw's list. ID is what is drawn, printable ASCII
// without spaces; Label what the public reads, and so never a private name.
// Entries of one Community, or of one Team, can be kept apart; empty is nobody's.
// Place is where the draw put it, from 1; 0 before.
type DrawEntry struct {
	DrawID    int64
	EntryID   string
	Label     string
	Community string
	Team      string
	Place     int
}

// DrawWitness read a part of the public value out.
type DrawWitness struct {
	DrawID int64
	Ord    int
	Name   string // as it is to be published: "兴华街道 领队 王"
	Value  string
}

// DrawList is the canonical list: ids sorted bytewise, one a line, each followed
// by a line feed.
func DrawList(ids []string) string {
	var b strings.Builder
	for _, id := range slices.Sorted(slices.Values(ids)) {
		b.WriteString(id)
		b.WriteByte('\n')
	}
	return b.String()
}

// DrawListHash is H, of the canonical list.
func DrawListHash(ids []string) string { return hexSum(DrawList(ids)) }

// DrawCommitment is C, of a secret in lower-case hex.
func DrawCommitment(secret string) string { return hexSum("youyue-draw-commit-v1|" + secret) }

// DrawSeed is the seed of try k.
func DrawSeed(listHash, secret, beacon string, k int) string {
	return hexSum("youyue-draw-v1|" + listHash + "|" + secret + "|" + beacon + "|" + strconv.Itoa(k))
}

// DrawOrder sorts ids by the hash of seed and id.
func DrawOrder(ids []string, seed string) []string {
	type keyed struct {
		key [sha256.Size]byte
		id  string
	}
	all, text := make([]keyed, len(ids)), append([]byte(seed), '|')
	for i, id := range ids {
		all[i] = keyed{sha256.Sum256(append(text, id...)), id}
	}
	slices.SortFunc(all, func(a, b keyed) int { return bytes.Compare(a.key[:], b.key[:]) })
	out := make([]string, len(ids))
	for i, k := range all {
		out[i] = k.id
	}
	return out
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// DrawRules are a draw's list with what its order has to meet.
type DrawRules struct {
	Entries        []DrawEntry
	ApartCommunity bool // no two of one community directly one after the other
	ApartTeam      bool // no two of one team directly one after the other
}

// IDs lists the ids as they were given.
func (r DrawRules) IDs() []string {
	out := make([]string, len(r.Entries))
	for i, e := range r.Entries {
		out[i] = e.EntryID
	}
	return out
}

func (r DrawRules) conditional() bool { return r.ApartCommunity || r.ApartTeam }

// clash reports whether two entries must not follow each other.
func (r DrawRules) clash(a, b DrawEntry) bool {
	return r.ApartCommunity && a.Community != "" && a.Community == b.Community ||
		r.ApartTeam && a.Team != "" && a.Team == b.Team
}

// Admissible reports whether an order of the list meets the conditions.
func (r DrawRules) Admissible(order []string) bool {
	if !r.conditional() {
		return true
	}
	of := r.byID()
	for i := 1; i < len(order); i++ {
		if r.clash(of[order[i-1]], of[order[i]]) {
			return false
		}
	}
	return true
}

func (r DrawRules) byID() map[string]DrawEntry {
	of := make(map[string]DrawEntry, len(r.Entries))
	for _, e := range r.Entries {
		of[e.EntryID] = e
	}
	return of
}

// classes sorts the entries into classes within which no two may follow each
// other. They cross (ok false) when a clashes with b and b with c, but not a with
// c: a team with members of two communities, both conditions asked for.
func (r DrawRules) classes() (sizes []int, ok bool) {
	left := slices.Clone(r.Entries)
	for len(left) > 0 {
		class, rest := left[:1:1], []DrawEntry{}
		for _, e := range left[1:] {
			if slices.ContainsFunc(class, func(c DrawEntry) bool { return r.clash(c, e) }) {
				class = append(class, e)
			} else {
				rest = append(rest, e)
			}
		}
		for i, a := range class {
			for _, b := range class[i+1:] {
				if !r.clash(a, b) {
					return nil, false
				}
			}
			if slices.ContainsFunc(rest, func(b DrawEntry) bool { return r.clash(a, b) }) {
				return nil, false
			}
		}
		sizes, left = append(sizes, len(class)), rest
	}
	return sizes, true
}

// Share is the exact share of all orders that meet the conditions; ok is false
// when the two conditions cross. It counts by inclusion and exclusion over how
// often neighbours of one class stick together: a class of n falls into k runs in
// C(n-1, k-1)·n!/k! ways, counted with sign (-1)^(n-k), and j runs stand in j!
// orders.
func (r DrawRules) Share() (share *big.Rat, ok bool) {
	if !r.conditional() {
		return big.NewRat(1, 1), true
	}
	sizes, ok := r.classes()
	if !ok {
		return nil, false
	}
	runs := []*big.Int{big.NewInt(1)}
	for _, n := range sizes {
		next := make([]*big.Int, len(runs)+n)
		for i := range next {
			next[i] = new(big.Int)
		}
		for k := 1; k <= n; k++ {
			ways := new(big.Int).Binomial(int64(n-1), int64(k-1))
			ways.Mul(ways, new(big.Int).MulRange(int64(k+1), int64(n))) // n!/k!
			if (n-k)%2 == 1 {
				ways.Neg(ways)
			}
			for i, c := range runs {
				next[i+k].Add(next[i+k], new(big.Int).Mul(c, ways))
			}
		}
		runs = next
	}
	count, factorial := new(big.Int), big.NewInt(1)
	for j, c := range runs {
		if j > 0 {
			factorial = new(big.Int).Mul(factorial, big.NewInt(int64(j)))
		}
		count.Add(count, new(big.Int).Mul(c, factorial))
	}
	return new(big.Rat).SetFrac(count, new(big.Int).MulRange(1, int64(len(r.Entries)))), true
}

// Run replays a draw: the first k whose order meets the conditions. ok is false
// when none of MaxDrawTries does.
func (r DrawRules) Run(secret, beacon string) (order []string, k int, ok bool) {
	ids := r.IDs()
	h := DrawListHash(ids)
	for k = range MaxDrawTries {
		order = DrawOrder(ids, DrawSeed(h, secret, beacon, k))
		if r.Admissible(order) {
			return order, k, true
		}
	}
	return nil, 0, false
}

// DrawParts cuts an order into groups, the first ones longer by one where it does
// not come out even. The order within a group is the drawn one, so that it meets
// the conditions too.
func DrawParts(order []string, n int) [][]string {
	out := make([][]string, 0, n)
	for i := range n {
		size := (len(order) + n - i - 1) / (n - i)
		out = append(out, order[:size])
		order = order[size:]
	}
	return out
}

// ValidDrawID reports whether an id can stand in a list: 1 to 64 characters of
// printable ASCII, no space.
func ValidDrawID(id string) bool {
	return id != "" && len(id) <= MaxDrawID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// DrawBeacon is the public value that witnesses read out: their parts joined by
// "-", in the order in which they stand in the record.
func DrawBeacon(parts []DrawWitness) string {
	said := make([]string, len(parts))
	for i, p := range parts {
		said[i] = p.Value
	}
	return strings.Join(said, "-")
}

// String names a draw for logs.
func (d Draw) String() string {
	return fmt.Sprintf("%s %d %s %d", d.SubjectKind, d.SubjectID, d.Purpose, d.Number)
}
