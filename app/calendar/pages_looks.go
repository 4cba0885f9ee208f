package calendar

import (
	"cmp"
	"slices"

	"youyue/models"
)

// shownInMonth bounds what a day of the month shows of many places.
const shownInMonth = 6

type monthDay struct {
	mark
	Items []item
	More  int
}

type monthData struct {
	board
	Weeks [][]monthDay
}

// on lists the entries of a day, in their order; what runs over midnight is on both.
func (s *Service) on(m mark, all []item) []item {
	d := models.DayOf(m.At, s.zone)
	day := models.Span{Start: d.At(0, s.zone), End: d.Add(1).At(0, s.zone)}
	var out []item
	for _, x := range all {
		if x.Span.Overlaps(day) {
			out = append(out, x)
		}
	}
	return out
}

func (s *Service) month(b board) monthData {
	d := monthData{board: b}
	d.Count = 0
	for i, m := range b.Marks {
		if i%7 == 0 {
			d.Weeks = append(d.Weeks, nil)
		}
		day := monthDay{mark: m, Items: s.on(m, b.Items)}
		if m.Inside {
			d.Count += len(day.Items)
		}
		if b.Look.Place == 0 && len(day.Items) > shownInMonth {
			day.Items, day.More = day.Items[:shownInMonth-1], len(day.Items)-shownInMonth+1
		}
		week := &d.Weeks[len(d.Weeks)-1]
		*week = append(*week, day)
	}
	return d
}

// group is the places of a venue.
type group[R any] struct {
	Venue string
	Rows  []R
}

// byGroup puts rows under the venue of their place, in the order of places.
func byGroup[R any](at []Place, row func(Place) R) []group[R] {
	var out []group[R]
	for _, p := range at {
		if n := len(out); n == 0 || out[n-1].Venue != p.Venue {
			out = append(out, group[R]{Venue: p.Venue})
		}
		g := &out[len(out)-1]
		g.Rows = append(g.Rows, row(p))
	}
	return out
}

type weekDay struct {
	mark
	Items []item
}

type weekRow struct {
	Place Place
	Days  []weekDay
	Count int
}

type weekData struct {
	board
	Groups []group[weekRow]
}

func (s *Service) week(b board) weekData {
	of := map[int64][]item{}
	for _, x := range b.Items {
		of[x.PlaceID] = append(of[x.PlaceID], x)
	}
	return weekData{b, byGroup(b.PlaceList, func(p Place) weekRow {
		r := weekRow{Place: p, Count: len(of[p.ID])}
		for _, m := range b.Marks {
			r.Days = append(r.Days, weekDay{m, s.on(m, of[p.ID])})
		}
		return r
	})}
}

// The hours that a timeline shows even when nothing is on, and its grain.
const (
	firstHour = 8
	lastHour  = 22
	quarter   = 15 // minutes, a column
)

// cell is some columns of a row: an entry, or free time.
type cell struct {
	Cols int
	Item *item
}

type timelineRow struct {
	Place Place
	Lanes [][]cell // one, and one more for each that waits behind another
	Count int
}

// drag is what the widget that is dragged must know; only who moves things has it.
type drag struct{ API, Date, Zone string }

type timelineData struct {
	board
	Drag   *drag
	Hours  []int
	Cols   int
	From   int // first hour
	Until  int
	Groups []group[timelineRow]
}

// timeline lays a day out: a row a place, a column a quarter of an hour.
func (s *Service) timeline(b board) timelineData {
	day := models.Span{Start: b.Look.At.At(0, s.zone), End: b.Look.At.Add(1).At(0, s.zone)}
	d := timelineData{board: b, From: firstHour, Until: lastHour}
	if b.Moves {
		d.Drag = &drag{b.Look.api(day), b.Look.At.String(), s.zone.String()}
	}
	of := map[int64][]item{}
	for _, x := range b.Items {
		from, to := quarters(day, x.Held)
		d.From, d.Until = min(d.From, from*quarter/60), max(d.Until, (to*quarter+59)/60)
		of[x.PlaceID] = append(of[x.PlaceID], x)
	}
	for h := d.From; h < d.Until; h++ {
		d.Hours = append(d.Hours, h)
	}
	d.Cols = (d.Until - d.From) * 60 / quarter
	d.Groups = byGroup(b.PlaceList, func(p Place) timelineRow {
		r := timelineRow{Place: p, Count: len(of[p.ID])}
		lanes := inLanes(day, of[p.ID])
		for _, lane := range lanes {
			r.Lanes = append(r.Lanes, d.cells(day, lane))
		}
		return r
	})
	return d
}

// quarters are the columns that a span touches, cut to the day; at least one.
func quarters(day, sp models.Span) (from, to int) {
	minute := func(i models.Instant) int { return int(i.Sub(day.Start).Minutes()) }
	last := minute(day.End) / quarter
	from = min(max(minute(sp.Start)/quarter, 0), last-1)
	to = min((minute(sp.End)+quarter-1)/quarter, last)
	return from, max(to, from+1)
}

// inLanes spreads entries over as few lines as keep them apart; one at least.
func inLanes(day models.Span, all []item) [][]item {
	slices.SortStableFunc(all, func(x, y item) int { return cmp.Compare(rank(x), rank(y)) })
	lanes := [][]item{nil}
	for _, x := range all {
		from, to := quarters(day, x.Held)
		i := slices.IndexFunc(lanes, func(lane []item) bool {
			return !slices.ContainsFunc(lane, func(y item) bool {
				f, t := quarters(day, y.Held)
				return from < t && f < to
			})
		})
		if i < 0 {
			lanes, i = append(lanes, nil), len(lanes)
		}
		lanes[i] = append(lanes[i], x)
	}
	for _, lane := range lanes {
		slices.SortFunc(lane, func(x, y item) int { return x.Held.Start.Time().Compare(y.Held.Start.Time()) })
	}
	return lanes
}

// rank puts what has the time before what waits for it.
func rank(x item) int {
	if x.Stands == Queued {
		return 1
	}
	return 0
}

// cells fills a line with entries and, hour by hour, the free time between.
func (d timelineData) cells(day models.Span, lane []item) []cell {
	at, end := d.From*60/quarter, d.Until*60/quarter
	const hour = 60 / quarter
	var out []cell
	free := func(until int) {
		for at < until {
			to := min(until, (at/hour+1)*hour)
			out = append(out, cell{Cols: to - at})
			at = to
		}
	}
	for i := range lane {
		from, to := quarters(day, lane[i].Held)
		free(from)
		out = append(out, cell{Cols: to - at, Item: &lane[i]})
		at = to
	}
	free(end)
	return out
}
