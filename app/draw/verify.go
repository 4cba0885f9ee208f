package draw

import (
	"slices"
	"strconv"
	"strings"

	"youyue/models"
)

// Check is one step of a replay: what it looks at, what the file says and what
// comes out when it is computed anew.
type Check struct {
	Name string // version, list, commitment, value, k, seed, order, groups
	Said string
	Got  string
	OK   bool
}

// Verify replays a draw from nothing but its file. An open or void draw has only
// its list to check.
func Verify(f File) []Check {
	var out []Check
	add := func(name, said, got string) { out = append(out, Check{name, said, got, said == got}) }
	add("version", f.Version, FileVersion)
	r := models.DrawRules{ApartCommunity: slices.Contains(f.Apart, "community"), ApartTeam: slices.Contains(f.Apart, "team")}
	for _, e := range f.List {
		r.Entries = append(r.Entries, models.DrawEntry{EntryID: e.ID, Label: e.Label, Community: e.Community, Team: e.Team})
	}
	add("list", f.ListHash, models.DrawListHash(r.IDs()))
	if f.State != string(models.DrawDrawn) {
		return out
	}
	add("commitment", f.Commitment, models.DrawCommitment(f.Secret))
	if f.ValueKind == string(models.DrawByWitnesses) {
		var parts []models.DrawWitness
		for _, w := range f.Witnesses {
			parts = append(parts, models.DrawWitness{Name: w.Name, Value: w.Value})
		}
		add("value", f.Beacon, models.DrawBeacon(parts))
	}
	order, k, ok := r.Run(f.Secret, f.Beacon)
	if !ok {
		k = -1
	}
	add("k", strconv.Itoa(f.K), strconv.Itoa(k))
	add("seed", f.Seed, models.DrawSeed(models.DrawListHash(r.IDs()), f.Secret, f.Beacon, max(k, 0)))
	add("order", strings.Join(f.Order, " "), strings.Join(order, " "))
	if f.Groups > 1 && f.Groups <= len(order) {
		out = append(out, Check{"groups", strconv.Itoa(len(f.Grouped)), strconv.Itoa(f.Groups), slices.EqualFunc(f.Grouped, models.DrawParts(order, f.Groups), slices.Equal)})
	}
	return out
}
