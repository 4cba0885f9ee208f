package booking

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"youyue/app/db"
	"youyue/models"
)

// Source says what occupies a resource: a screening, a pending request.
type Source struct {
	Kind string
	ID   int64
}

// Claim is the wish to have a resource for a span, buffers included.
type Claim struct {
	ResourceID int64
	Span       models.Span
}

// Clash is a claim's neighbour in the way.
type Clash struct {
	ResourceID int64
	Span       models.Span
	Source     Source
}

type occupancy struct {
	ID         int64
	ResourceID int64
	StartsAt   models.Instant
	EndsAt     models.Instant
	SourceKind string
	SourceID   int64
}

func (o occupancy) clash() Clash {
	return Clash{o.ResourceID, models.Span{Start: o.StartsAt, End: o.EndsAt}, Source{o.SourceKind, o.SourceID}}
}

// LockResources takes the resource rows in id order, so that whoever decides
// about the same resources waits here and never in a circle.
func LockResources(tx *db.Tx, ids ...int64) error {
	_, err := lockResources(tx, ids)
	return err
}

// resource is what the lock sees of one.
type resource struct {
	ID        int64
	Name      string
	RetiredAt models.Instant
}

func lockResources(tx *db.Tx, ids []int64) ([]resource, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var got []resource
	if err := tx.Scan(&got, `SELECT id, name, retired_at FROM resources WHERE id IN ? ORDER BY id`+tx.ForUpdate(), ids); err != nil {
		return nil, fmt.Errorf("lock resources: %w", err)
	}
	if len(got) != len(ids) {
		return nil, fmt.Errorf("lock resources: %d of %v exist", len(got), ids)
	}
	return got, nil
}

// Clashes lists what occupies a resource during a span, earliest first.
func Clashes(tx *db.Tx, c Claim) ([]Clash, error) {
	var rows []occupancy
	err := tx.Scan(&rows, `SELECT * FROM occupancies WHERE resource_id = ? AND starts_at < ? AND ends_at > ? ORDER BY starts_at`,
		c.ResourceID, c.Span.End, c.Span.Start)
	if err != nil {
		return nil, fmt.Errorf("clashes: %w", err)
	}
	out := make([]Clash, len(rows))
	for i, r := range rows {
		out[i] = r.clash()
	}
	return out, nil
}

// Reserve takes all claims for src, or none. Whatever is in the way comes back
// and nothing has been taken; that is an outcome, not an error. The resources
// stay locked until the transaction ends. The engine's exclusion constraint is
// the referee: should it object after all, the transaction runs again. It returns
// ErrRetired for what has been retired, were it only a moment ago.
func Reserve(tx *db.Tx, src Source, claims ...Claim) ([]Clash, error) {
	ids := make([]int64, len(claims))
	for i, c := range claims {
		if !c.Span.Valid() {
			return nil, fmt.Errorf("reserve: empty span %s–%s", c.Span.Start, c.Span.End)
		}
		if slices.ContainsFunc(claims[:i], func(d Claim) bool { return d.ResourceID == c.ResourceID && d.Span.Overlaps(c.Span) }) {
			return nil, fmt.Errorf("reserve: resource %d is claimed twice from %s", c.ResourceID, c.Span.Start)
		}
		ids[i] = c.ResourceID
	}
	if len(claims) == 0 {
		return nil, nil
	}
	locked, err := lockResources(tx, ids)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(locked, func(r resource) bool { return !r.RetiredAt.IsZero() }); i >= 0 {
		return nil, ErrRetired.With("resource", locked[i].Name)
	}
	var all []Clash
	for _, c := range claims {
		found, err := Clashes(tx, c)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(all) > 0 {
		return all, nil
	}
	return nil, insertOccupancies(tx, src, claims)
}

func insertOccupancies(tx *db.Tx, src Source, claims []Claim) error {
	claims = slices.Clone(claims)
	sort.Slice(claims, func(i, j int) bool {
		a, b := claims[i], claims[j]
		if a.ResourceID != b.ResourceID {
			return a.ResourceID < b.ResourceID
		}
		return a.Span.Start.Before(b.Span.Start)
	})
	var args []any
	for _, c := range claims {
		args = append(args, c.ResourceID, c.Span.Start, c.Span.End, src.Kind, src.ID)
	}
	// A plain INSERT dead-locks under contention on PostgreSQL: two that wait
	// for each other's uncommitted spans.
	n, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES `+
		strings.TrimSuffix(strings.Repeat("(?,?,?,?,?),", len(claims)), ",")+` ON CONFLICT DO NOTHING`, args...)
	switch {
	case db.Constraint(err) == "occupancies_no_overlap":
		return db.ErrAgain
	case err != nil:
		return fmt.Errorf("reserve: %w", err)
	case n != int64(len(claims)):
		return db.ErrAgain
	}
	return nil
}

// Release gives back all that src occupies.
func Release(tx *db.Tx, src Source) error {
	_, err := tx.Exec(`DELETE FROM occupancies WHERE source_kind = ? AND source_id = ?`, src.Kind, src.ID)
	return err
}

// HandOver gives all that from occupies to another source, without a moment in
// which the time is free.
func HandOver(tx *db.Tx, from, to Source) error {
	n, err := tx.Exec(`UPDATE occupancies SET source_kind = ?, source_id = ? WHERE source_kind = ? AND source_id = ?`,
		to.Kind, to.ID, from.Kind, from.ID)
	if err == nil && n == 0 {
		return fmt.Errorf("hand over: %s %d occupies nothing", from.Kind, from.ID)
	}
	return err
}

// FirstFree lists up to limit starts, on the grid of step, from the given
// moment on and within horizon, at which the resource is free for length and
// allowed says yes.
func FirstFree(tx *db.Tx, resourceID int64, from models.Instant, length, step, horizon time.Duration, limit int, allowed func(models.Span) bool) ([]models.Span, error) {
	busy, err := Clashes(tx, Claim{resourceID, models.Span{Start: from, End: from.Add(horizon + length)}})
	if err != nil {
		return nil, err
	}
	var out []models.Span
	for t := models.InstantOf(from.Time().Truncate(step)); t.Sub(from) <= horizon && len(out) < limit; t = t.Add(step) {
		s := models.Span{Start: t, End: t.Add(length)}
		if t.Before(from) || !allowed(s) {
			continue
		}
		if !slices.ContainsFunc(busy, func(c Clash) bool { return c.Span.Overlaps(s) }) {
			out = append(out, s)
		}
	}
	return out, nil
}
