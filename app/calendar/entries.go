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

// describe asks a kind what some of its sources are, and who waits.
func (k Kind) describe(tx *db.Tx, ids, at []int64, span models.Span) (known map[int64]models.Occupant, waiting []models.QueuedOccupant, err error) {
	var found []models.Occupant
	switch {
	case k.Queue != nil:
		all, err := k.Queue(tx, ids, at, span)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range all {
			if o.ResourceID == 0 {
				found = append(found, o.Occupant)
			} else {
				waiting = append(waiting, o)
			}
		}
	case k.Occupants != nil:
		if found, err = k.Occupants(tx, ids); err != nil {
			return nil, nil, err
		}
	}
	known = make(map[int64]models.Occupant, len(found))
	for _, o := range found {
		known[o.ID] = o
	}
	return known, waiting, nil
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
	out, err := s.told(tx, rows, ids, span)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(x, y Entry) int {
		return cmp.Or(x.Span.Start.Time().Compare(y.Span.Start.Time()), cmp.Compare(x.PlaceID, y.PlaceID))
	})
	return out, nil
}

// told makes entries of occupancies, and of who waits at some resources: one
// question to each kind that is there, and to each that can have a queue.
func (s *Service) told(tx *db.Tx, rows []occupancy, at []int64, span models.Span) ([]Entry, error) {
	sources := map[string][]int64{}
	for _, r := range rows {
		sources[r.SourceKind] = append(sources[r.SourceKind], r.SourceID)
	}
	for name, k := range s.kinds {
		if _, ok := sources[name]; !ok && k.Queue != nil && len(at) > 0 {
			sources[name] = nil
		}
	}
	what := map[string]map[int64]models.Occupant{}
	out := []Entry{}
	for _, kind := range slices.Sorted(maps.Keys(sources)) {
		ids := slices.Compact(slices.Sorted(slices.Values(sources[kind])))
		found, waiting, err := s.kinds[kind].describe(tx, ids, at, span)
		if err != nil {
			return nil, err
		}
		what[kind] = found
		for _, w := range waiting {
			out = append(out, Entry{Occupant: w.Occupant, PlaceID: w.ResourceID, Kind: kind, Held: w.Span, Stands: Queued})
		}
	}
	for _, r := range rows {
		out = append(out, entryOf(r, what[r.SourceKind]))
	}
	return out, nil
}

// entryOf is an occupancy with what its feature tells of it, if it does.
func entryOf(r occupancy, known map[int64]models.Occupant) Entry {
	e := Entry{PlaceID: r.ResourceID, Kind: r.SourceKind, Held: models.Span{Start: r.StartsAt, End: r.EndsAt}, Stands: Firm}
	o, ok := known[r.SourceID]
	if !ok {
		o = models.Occupant{ID: r.SourceID, Span: e.Held}
	}
	if s, ok := standings[o.State]; ok {
		e.Stands = s
	}
	e.Occupant = o
	return e
}
