package report

import (
	"slices"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// closing are the sources that shut a place: their time is not open, and nobody uses it.
var closing = map[string]bool{"hall_block": true, "room_closure": true}

func (s *Service) occupancy(tx *db.Tx, a auth.Actor, w Wish) (Occupancy, error) {
	o := Occupancy{}
	span := models.Span{Start: w.From.At(0, s.zone), End: w.To.Add(1).At(0, s.zone)}
	all, err := places(tx, a, span.Start)
	if err != nil {
		return o, err
	}
	at := o.among(all, w)
	open, err := s.openings(tx, at, w, span)
	if err != nil {
		return o, err
	}
	taken, err := taken(tx, at, span)
	if err != nil {
		return o, err
	}
	shows, err := outcomes(tx, span)
	if err != nil {
		return o, err
	}
	busy := map[int64][]models.Span{}
	shut := map[int64][]models.Span{}
	for _, t := range taken {
		if closing[t.SourceKind] {
			shut[t.ResourceID] = append(shut[t.ResourceID], t.within(span))
		} else {
			busy[t.ResourceID] = append(busy[t.ResourceID], t.within(span))
		}
	}
	for _, p := range at {
		u := PlaceUse{ID: p.ID, Name: p.title(), Venue: p.Venue, Org: p.OrgName}
		for _, sp := range without(open[p.ID], shut[p.ID]) {
			u.Open += minutes(sp)
			o.spread(sp, s.zone, func(u *Use, n int) { u.Open += n })
		}
		for _, sp := range busy[p.ID] {
			u.Used += minutes(sp)
			o.spread(sp, s.zone, func(u *Use, n int) { u.Used += n })
		}
		u.Shows = shows[p.ID]
		o.Places = append(o.Places, u)
		o.Total.add(u.Use)
		o.org(u)
	}
	return o, nil
}

// among keeps the places asked for, and notes what there is to choose from.
func (o *Occupancy) among(all []place, w Wish) []place {
	var out []place
	for _, p := range all {
		if !slices.ContainsFunc(o.All, func(x Option) bool { return x.ID == p.OrgID }) {
			o.All = append(o.All, Option{p.OrgID, p.OrgName})
		}
		if !slices.Contains(o.Venues, p.Venue) {
			o.Venues = append(o.Venues, p.Venue)
		}
		if (w.Org == 0 || p.OrgID == w.Org) && (w.Venue == "" || p.Venue == w.Venue) {
			out = append(out, p)
		}
	}
	return out
}

func (o *Occupancy) org(u PlaceUse) {
	i := slices.IndexFunc(o.Orgs, func(x OrgUse) bool { return x.Org == u.Org })
	if i < 0 {
		i, o.Orgs = len(o.Orgs), append(o.Orgs, OrgUse{Org: u.Org})
	}
	o.Orgs[i].Use.add(u.Use)
	o.Orgs[i].Shows.add(u.Shows)
	o.Shows.add(u.Shows)
}

// openings are the open hours of some places, day by day: a room's by its hours,
// a cinema's hall by the hours it has released. A hall with neither has none.
func (s *Service) openings(tx *db.Tx, at []place, w Wish, span models.Span) (map[int64][]models.Span, error) {
	days, err := s.days(tx)
	if err != nil {
		return nil, err
	}
	of, err := openingsOf(tx, at, w.From, w.To)
	if err != nil {
		return nil, err
	}
	out, err := released(tx, at, span)
	if err != nil {
		return nil, err
	}
	for _, p := range at {
		if p.Kind == "" {
			continue
		}
		for d := w.From; !w.To.Before(d); d = d.Add(1) {
			kind, _ := days.Kind(d)
			out[p.ID] = append(out[p.ID], of[p.ID].Spans(d, kind, s.zone)...)
		}
	}
	return out, nil
}

func minutes(sp models.Span) int { return int(sp.End.Sub(sp.Start).Minutes()) }

// without cuts closed times out of open ones.
func without(open, shut []models.Span) []models.Span {
	for _, c := range shut {
		var rest []models.Span
		for _, sp := range open {
			for _, piece := range []models.Span{{Start: sp.Start, End: models.Earlier(sp.End, c.Start)}, {Start: models.Later(sp.Start, c.End), End: sp.End}} {
				if piece.Valid() {
					rest = append(rest, piece)
				}
			}
		}
		open = rest
	}
	return open
}

// spread counts the minutes of a span under the weekday and hour they fall in.
func (o *Occupancy) spread(sp models.Span, zone *time.Location, count func(u *Use, minutes int)) {
	for t := sp.Start; t.Before(sp.End); {
		at := t.In(zone)
		next := models.Earlier(t.Add(time.Hour-time.Duration(at.Minute())*time.Minute-time.Duration(at.Second())*time.Second), sp.End)
		count(&o.Hours[(int(at.Weekday())+6)%7][at.Hour()], minutes(models.Span{Start: t, End: next}))
		t = next
	}
}
