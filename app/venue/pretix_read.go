package venue

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"youyue/app/errs"
	"youyue/models"
)

// maxPretix is how large a file may be; the 1,200 seats that a plan may have
// take a third of it, drawn by a generous editor.
const maxPretix = 1 << 20

// maxPretixFaults bounds the list of faults of a file that is something else.
const maxPretixFaults = 100

// ReadPretix reads a file in the pretix format. It returns the seats, or every
// fault, its name the JSON pointer to the place.
func ReadPretix(body []byte) ([]models.SeatSpec, []errs.Field) {
	if len(body) > maxPretix {
		return nil, []errs.Field{{Name: "", Code: "pretix.too_large", Args: map[string]any{"max": maxPretix >> 10}}}
	}
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, []errs.Field{{Name: "", Code: "pretix.not_json"}}
	}
	return FromPretix(doc)
}

// FromPretix is ReadPretix for a document that is decoded already.
func FromPretix(doc any) ([]models.SeatSpec, []errs.Field) {
	r := &pretixReader{guids: map[string]string{}, categories: map[string]bool{}}
	r.plan(doc)
	if len(r.faults) == 0 {
		r.specs()
	}
	if len(r.faults) > 0 {
		return nil, r.faults[:min(len(r.faults), maxPretixFaults)]
	}
	return r.out, nil
}

// maxStep is how many rows deep a cross-aisle of a file may be.
const maxStep = 10

// pretixSeat is a seat where it stands in the hall.
type pretixSeat struct {
	at          string // its pointer
	zone        string
	row, number string
	x, y        float64
	kind        models.SeatKind
	reason      string
	zoneN       int
}

type pretixReader struct {
	faults     []errs.Field
	guids      map[string]string
	categories map[string]bool
	seats      []pretixSeat
	out        []models.SeatSpec
}

func (r *pretixReader) fault(at, code string, pairs ...any) {
	args := map[string]any{"at": at}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	r.faults = append(r.faults, errs.Field{Name: at, Code: "pretix." + code, Args: args})
}

// What the schema allows in each object; true is required.
var (
	planMembers     = map[string]bool{"name": true, "zones": true, "categories": true, "size": false}
	zoneMembers     = map[string]bool{"name": false, "zone_id": false, "uuid": false, "displayed": false, "position": true, "rows": true, "areas": false}
	rowMembers      = map[string]bool{"row_number": true, "row_label": false, "seat_label": false, "uuid": false, "seats": true, "row_number_position": false, "position": false, "number_of_seats": false, "seats_spacing": false}
	seatMembers     = map[string]bool{"seat_guid": true, "seat_number": true, "uuid": false, "start_direction": false, "radius": false, "position": true, "category": true}
	categoryMembers = map[string]bool{"name": true, "color": false}
	pointMembers    = map[string]bool{"x": true, "y": true}
	sizeMembers     = map[string]bool{"width": true, "height": true}
)

// object reads an object and names what is missing in it and what is unknown.
func (r *pretixReader) object(v any, at string, members map[string]bool) map[string]any {
	o, ok := v.(map[string]any)
	if !ok {
		r.fault(at, "not_object")
		return nil
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, there := o[name]; members[name] && !there {
			r.fault(at, "missing", "member", name)
		}
	}
	unknown := []string{}
	for name := range o {
		if _, ok := members[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		r.fault(at+"/"+escapePointer(name), "unknown")
	}
	return o
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

// items reads a list that must be there.
func (r *pretixReader) items(o map[string]any, name, at string) []any {
	v, there := o[name]
	if !there {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		r.fault(at+"/"+name, "not_list")
	}
	return l
}

// word reads a text; a number is taken as one where an editor wrote a number.
func (r *pretixReader) word(o map[string]any, name, at string) string {
	v, there := o[name]
	if !there {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		r.fault(at+"/"+name, "not_text")
	}
	return strings.TrimSpace(s)
}

// point reads a position; one that may be left out is the origin then.
func (r *pretixReader) point(o map[string]any, at string) (x, y float64) {
	v, there := o["position"]
	if !there {
		return 0, 0
	}
	at += "/position"
	p := r.object(v, at, pointMembers)
	read := func(name string) float64 {
		v, there := p[name]
		n, ok := v.(float64)
		if there && (!ok || math.Abs(n) > 1e6) {
			r.fault(at+"/"+name, "not_number")
		}
		return n
	}
	return read("x"), read("y")
}

func (r *pretixReader) plan(doc any) {
	o := r.object(doc, "", planMembers)
	if o == nil {
		return
	}
	r.word(o, "name", "")
	if size, there := o["size"]; there {
		r.object(size, "/size", sizeMembers)
	}
	for i, c := range r.items(o, "categories", "") {
		at := fmt.Sprintf("/categories/%d", i)
		if c := r.object(c, at, categoryMembers); c != nil {
			r.categories[r.word(c, "name", at)] = true
			r.word(c, "color", at)
		}
	}
	for i, z := range r.items(o, "zones", "") {
		r.zone(z, i)
	}
	if len(r.seats) == 0 && len(r.faults) == 0 {
		r.fault("/zones", "no_seats")
	}
}

func (r *pretixReader) zone(v any, n int) {
	at := fmt.Sprintf("/zones/%d", n)
	z := r.object(v, at, zoneMembers)
	if z == nil {
		return
	}
	x, y := r.point(z, at)
	name := r.word(z, "name", at)
	r.items(z, "areas", at)
	for i, row := range r.items(z, "rows", at) {
		at := fmt.Sprintf("%s/rows/%d", at, i)
		o := r.object(row, at, rowMembers)
		if o == nil {
			continue
		}
		rx, ry := r.point(o, at)
		tag := r.word(o, "row_number", at)
		seats := r.items(o, "seats", at)
		if _, there := o["seats"]; there && len(seats) == 0 {
			r.fault(at+"/seats", "row_empty", "row", tag)
		}
		for j, s := range seats {
			r.seat(s, fmt.Sprintf("%s/seats/%d", at, j), pretixSeat{zone: name, zoneN: n, row: tag, x: x + rx, y: y + ry})
		}
	}
}

func (r *pretixReader) seat(v any, at string, s pretixSeat) {
	o := r.object(v, at, seatMembers)
	if o == nil {
		return
	}
	x, y := r.point(o, at)
	s.at, s.x, s.y, s.number = at, s.x+x, s.y+y, strings.ToUpper(r.word(o, "seat_number", at))
	guid := r.word(o, "seat_guid", at)
	if other, dup := r.guids[guid]; dup && guid != "" {
		r.fault(at+"/seat_guid", "guid_twice", "guid", guid, "other", other)
	}
	r.guids[guid] = at
	name := r.word(o, "category", at)
	if _, there := o["category"]; there && !r.categories[name] {
		r.fault(at+"/category", "category", "name", name)
	}
	s.kind, s.reason = kindOf(name)
	r.seats = append(r.seats, s)
	if len(r.seats) == models.MaxPlanSeats+1 {
		r.fault(at, "too_many", "max", models.MaxPlanSeats)
	}
}

// specs puts the drawing onto our grid: rows by their distance from the screen,
// seats by theirs from the left, in units of the usual distances.
func (r *pretixReader) specs() {
	rows := r.rows()
	wide, deep := unitOf(rows)
	left := math.Inf(1)
	for _, row := range rows {
		left = min(left, row[0].x)
	}
	tags := tagRows(rows)
	number := 0
	var places []string // the pointer of each seat, by its position
	for i, row := range rows {
		step := 1
		if i > 0 {
			step = min(max(step, int(math.Round((middle(row)-middle(rows[i-1]))/deep))), maxStep)
		}
		number += step
		for j, s := range row {
			places = append(places, s.at)
			spec := models.SeatSpec{Ord: len(r.out), Row: number, RowTag: tags[i], Number: s.number, Left: -1, Kind: s.kind, Reason: s.reason,
				Col: 1 + int(math.Round((s.x-left)/wide))}
			if j > 0 {
				before := r.out[len(r.out)-1]
				spec.Col = max(spec.Col, before.Col+1)
				if spec.Col == before.Col+1 && s.x-row[j-1].x < 1.5*wide {
					spec.Left = before.Ord
				}
			}
			r.out = append(r.out, spec)
		}
	}
	models.Aisles(r.out, 0)
	for _, f := range models.CheckPlan(r.out) {
		if f.Warn {
			continue
		}
		at := "/zones"
		if len(r.out) > 0 {
			at = places[f.Ord]
		}
		field := FaultField(at, f)
		r.faults = append(r.faults, errs.Field{Name: at, Code: field.Code, Args: field.Args})
	}
}

// rows gathers seats that stand in one row: those of one row of the file, and
// of rows with the same number in other zones at the same distance from the
// screen, as the left and right block of a hall. The nearest comes first.
func (r *pretixReader) rows() [][]pretixSeat {
	var order []string
	by := map[string][]pretixSeat{} // by the pointer of the row
	for _, s := range r.seats {
		k := rowPointer(s.at)
		if _, ok := by[k]; !ok {
			order = append(order, k)
		}
		by[k] = append(by[k], s)
	}
	var rows [][]pretixSeat
	for _, k := range order {
		row := by[k]
		same := slices.IndexFunc(rows, func(x []pretixSeat) bool {
			return x[0].row == row[0].row && x[0].zoneN != row[0].zoneN && math.Abs(middle(x)-middle(row)) < 1
		})
		if same >= 0 {
			rows[same] = append(rows[same], row...)
			continue
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		slices.SortStableFunc(row, func(a, b pretixSeat) int { return cmp.Compare(a.x, b.x) })
	}
	slices.SortStableFunc(rows, func(a, b []pretixSeat) int {
		return cmp.Or(cmp.Compare(middle(a), middle(b)), cmp.Compare(a[0].x, b[0].x))
	})
	return rows
}

func rowPointer(seat string) string { return seat[:strings.LastIndex(seat, "/seats/")] }

func middle(row []pretixSeat) float64 {
	sum := 0.0
	for _, s := range row {
		sum += s.y
	}
	return sum / float64(len(row))
}

// unitOf is the usual distance of neighbours, and of rows.
func unitOf(rows [][]pretixSeat) (wide, deep float64) {
	var xs, ys []float64
	for i, row := range rows {
		for j := 1; j < len(row); j++ {
			if d := row[j].x - row[j-1].x; d > 0.5 {
				xs = append(xs, d)
			}
		}
		if i > 0 {
			if d := middle(row) - middle(rows[i-1]); d > 0.5 {
				ys = append(ys, d)
			}
		}
	}
	return median(xs, seatWide), median(ys, rowDeep)
}

func median(of []float64, none float64) float64 {
	if len(of) == 0 {
		return none
	}
	slices.Sort(of)
	return of[(len(of)-1)/2]
}

// tagRows names rows as the file does. Where zones repeat a number (row 1 of
// the stalls, row 1 of the balcony), the later zone's rows get its first letter.
func tagRows(rows [][]pretixSeat) []string {
	first := map[string]int{}
	for _, row := range rows {
		if zone, ok := first[row[0].row]; !ok || row[0].zoneN < zone {
			first[row[0].row] = row[0].zoneN
		}
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = row[0].row
		if zone := []rune(strings.ToUpper(row[0].zone)); first[row[0].row] != row[0].zoneN && len(zone) > 0 {
			out[i] = string(zone[0]) + out[i]
		}
	}
	return out
}
