package calendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// among picks the wanted places out of all that can be seen.
func (w Wish) among(all []Place) ([]Place, error) {
	path := ""
	for _, p := range all {
		// An organisation has the places whose path goes through it.
		if w.Org != 0 && path == "" {
			if head, _, ok := strings.Cut(p.Path, fmt.Sprintf("/%d/", w.Org)); ok {
				path = fmt.Sprintf("%s/%d/", head, w.Org)
			}
		}
	}
	if w.Org != 0 && path == "" {
		return nil, errs.ErrNotFound
	}
	out := []Place{}
	for _, p := range all {
		if (w.Resource == 0 || p.ID == w.Resource) && strings.HasPrefix(p.Path, path) && (w.Venue == "" || p.Venue == w.Venue) {
			out = append(out, p)
		}
	}
	if w.Resource != 0 && len(out) == 0 {
		return nil, errs.ErrNotFound
	}
	return out, nil
}

// only keeps the entries of the wanted kind and standing.
func (w Wish) only(all []Entry) []Entry {
	return slices.DeleteFunc(all, func(e Entry) bool {
		return w.Kind != "" && e.Kind != w.Kind || w.Stands != "" && e.Stands != w.Stands
	})
}

// movable marks what the actor may move: of a kind that moves, not over, and at a
// place where the actor plans.
func (s *Service) movable(a auth.Actor, v View) {
	if !a.Can(auth.CalendarMove) {
		return
	}
	plans := map[int64]bool{}
	for _, p := range v.Places {
		plans[p.ID] = a.CanAt(auth.CalendarMove, p.Path)
	}
	now := s.db.Now()
	for i, e := range v.Entries {
		v.Entries[i].Movable = s.kinds[e.Kind].Mover != nil && e.Stands != Queued && e.Stands != Over && plans[e.PlaceID] && e.Span.Start.After(now)
	}
}

// describeAtOnce bounds the ids of one query; engines count their parameters.
const describeAtOnce = 10_000

// describe asks a kind what some of its sources are.
func (k Kind) describe(tx *db.Tx, ids []int64) (map[int64]models.Occupant, error) {
	out := make(map[int64]models.Occupant, len(ids))
	if k.Occupants == nil {
		return out, nil
	}
	for part := range slices.Chunk(ids, describeAtOnce) {
		found, err := k.Occupants(tx, part)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			out[o.ID] = o
		}
	}
	return out, nil
}

// entries lists what some places are taken for in a span, and who waits for them,
// by start. What its feature does not tell is shown by its time alone.
func (s *Service) entries(tx *db.Tx, at []Place, span models.Span) ([]Entry, error) {
	if len(at) == 0 {
		return []Entry{}, nil
	}
	ids := make([]int64, len(at))
	for i, p := range at {
		ids[i] = p.ID
	}
	rows, err := occupancies(tx, ids, span)
	if err != nil {
		return nil, err
	}
	out, err := s.told(tx, rows)
	if err != nil {
		return nil, err
	}
	for _, kind := range slices.Sorted(maps.Keys(s.kinds)) {
		if s.kinds[kind].Waiting == nil {
			continue
		}
		waiting, err := s.kinds[kind].Waiting(tx, ids, span)
		if err != nil {
			return nil, err
		}
		for _, w := range waiting {
			out = append(out, Entry{Occupant: w.Occupant, PlaceID: w.ResourceID, Kind: kind, Held: w.Span, Stands: Queued})
		}
	}
	slices.SortStableFunc(out, func(x, y Entry) int {
		return cmp.Or(x.Span.Start.Time().Compare(y.Span.Start.Time()), cmp.Compare(x.PlaceID, y.PlaceID))
	})
	return out, nil
}

// told makes entries of occupancies: one question to each kind that is there.
func (s *Service) told(tx *db.Tx, rows []occupancy) ([]Entry, error) {
	sources := map[string][]int64{}
	for _, r := range rows {
		sources[r.SourceKind] = append(sources[r.SourceKind], r.SourceID)
	}
	what := map[string]map[int64]models.Occupant{}
	for _, kind := range slices.Sorted(maps.Keys(sources)) {
		var err error
		if what[kind], err = s.kinds[kind].describe(tx, slices.Compact(slices.Sorted(slices.Values(sources[kind])))); err != nil {
			return nil, err
		}
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		e := Entry{PlaceID: r.ResourceID, Kind: r.SourceKind, Held: models.Span{Start: r.StartsAt, End: r.EndsAt}, Stands: Firm}
		o, ok := what[r.SourceKind][r.SourceID]
		if !ok {
			o = models.Occupant{ID: r.SourceID, Span: e.Held}
		}
		if s, ok := standings[o.State]; ok {
			e.Stands = s
		}
		e.Occupant = o
		out[i] = e
	}
	return out, nil
}
