package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"youyue/app/web/locales"
	"youyue/models"
)

// DoorPlace is where people come in, seen with the screen at the top.
type DoorPlace string

// The places a door can be marked at; none leaves the mark out.
const (
	DoorNone       DoorPlace = ""
	DoorFrontLeft  DoorPlace = "front-left"
	DoorFrontRight DoorPlace = "front-right"
	DoorBackLeft   DoorPlace = "back-left"
	DoorBackRight  DoorPlace = "back-right"
)

// SeatMode says what the map is for.
type SeatMode string

// A map to choose from, or one to look at.
const (
	SeatsChoose SeatMode = "choose"
	SeatsShow   SeatMode = "show"
)

// SeatMapOptions are what the plan and the states do not tell.
type SeatMapOptions struct {
	Mode     SeatMode
	Field    string // name of the checkboxes, "seats" when empty
	Limit    int    // seats one party may choose; 0 means no limit shown
	Mine     []int64
	Chosen   []int64 // ticked already: a proposal, or a form shown again
	Reserved bool    // seats kept for phone and window may be chosen: a clerk is at work
	Door     DoorPlace
	PollURL  string // GET …/seats, "" for a map that stands still
	LiveURL  string // GET …/events, "" for one that is only asked for
	Version  string // the state's version, as the API names it
}

// SeatMap is a hall for one event, row by row, ready for piece/seatmap. The
// same checkboxes are the map and the list: only the style sheet differs.
type SeatMap struct {
	SeatMapOptions
	Rows   []SeatRow
	Counts map[string]int // cells by state: free, taken, blocked, reserved, mine
}

// SeatRow is one row, nearest the screen first.
type SeatRow struct {
	Tag   string
	Cells []SeatCell
}

// SeatCell is a seat, or a gap where ID is 0.
type SeatCell struct {
	ID      int64
	Ord     int    // its letter in the event's states
	Tag     string // printed row
	Number  string
	Kind    models.SeatKind
	State   string // free, taken, blocked, reserved, mine
	Aisle   bool
	Reason  string // why it is not for sale
	Chosen  bool
	CanPick bool
	Label   string // as stored with bookings: 5排7座
}

// Gap reports whether nothing stands here: an aisle, or no seat.
func (c SeatCell) Gap() bool { return c.ID == 0 }

// Words is what a screen reader hears: 5排7座，可选，靠过道.
func (c SeatCell) Words(l locales.Lang) string {
	words := locales.T(l, "seatmap.label", map[string]any{"row": c.Tag, "seat": c.Number})
	sep := locales.T(l, "seatmap.sep", nil)
	words += sep + locales.T(l, "seatmap.state."+c.State, nil)
	if c.Kind == models.SeatWheelchair || c.Kind == models.SeatCompanion {
		words += sep + locales.T(l, "seatmap.kind."+string(c.Kind), nil)
	}
	if c.Aisle {
		words += sep + locales.T(l, "seatmap.aisle", nil)
	}
	if c.Reason != "" {
		words += sep + c.Reason
	}
	return words
}

// Blocks are the row's unbroken runs of seats, and its gaps, as they stand.
func (r SeatRow) Blocks() [][]SeatCell {
	var out [][]SeatCell
	for i, c := range r.Cells {
		if i == 0 || c.Gap() != r.Cells[i-1].Gap() {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], c)
	}
	return out
}

// SeatList names seats by their labels, the row once for each run of one row:
// 5排7座、8座 or Row 5 seats 7, 8. Five and more whose numbers follow each other
// are told by their ends, as are those of one side of a hall that is numbered odd
// to the left and even to the right: 8排1–12座、9排1–11座（单号）. A label that is
// not of this form stays as it is.
func SeatList(l locales.Lang, labels []string) string {
	join := locales.T(l, "seatmap.js.join", nil)
	var runs []string
	for i := 0; i < len(labels); {
		row, _, ok := strings.Cut(labels[i], rowMark)
		if !ok {
			runs = append(runs, labels[i])
			i++
			continue
		}
		var numbers []string
		for ; i < len(labels); i++ {
			of, seat, _ := strings.Cut(labels[i], rowMark)
			if of != row {
				break
			}
			numbers = append(numbers, strings.TrimSuffix(seat, seatMark))
		}
		if first, last, key := fold(numbers); key != "" {
			runs = append(runs, locales.T(l, key, map[string]any{"row": row, "first": first, "last": last}))
			continue
		}
		key, seats := "seatmap.run", make([]string, len(numbers))
		for n, x := range numbers {
			seats[n] = locales.T(l, "seatmap.run_seat", map[string]any{"seat": x})
		}
		if len(seats) == 1 {
			key = "seatmap.run_one"
		}
		runs = append(runs, locales.T(l, key, map[string]any{"row": row, "seats": strings.Join(seats, join)}))
	}
	return strings.Join(runs, locales.T(l, "seatmap.runs_join", nil))
}

// foldFrom is from how many seats of one row on their ends say it shorter.
const foldFrom = 5

// fold finds the ends of seat numbers that leave none out, or none of the odd or
// even ones; key names the words for it, "" when they have to be listed.
func fold(numbers []string) (first, last int, key string) {
	if len(numbers) < foldFrom {
		return 0, 0, ""
	}
	sorted := make([]int, len(numbers))
	for i, x := range numbers {
		n, err := strconv.Atoi(x)
		if err != nil {
			return 0, 0, ""
		}
		sorted[i] = n
	}
	slices.Sort(sorted)
	first, last = sorted[0], sorted[len(sorted)-1]
	step := sorted[1] - first
	for i, n := range sorted {
		if n != first+i*step {
			return 0, 0, ""
		}
	}
	switch {
	case step == 1:
		return first, last, "seatmap.run_range"
	case step == 2 && first%2 == 1:
		return first, last, "seatmap.run_odd"
	case step == 2:
		return first, last, "seatmap.run_even"
	}
	return 0, 0, ""
}

// The words in a stored label, see models.Seat.Label.
const (
	rowMark  = "排"
	seatMark = "座"
)

// NewSeatMap draws a plan with an event's state string, one byte per seat in
// Seat.Ord order. It fails when the two differ in length: then the states
// belong to another plan.
func NewSeatMap(plan *models.SeatPlan, states string, opt SeatMapOptions) (SeatMap, error) {
	if len(states) != len(plan.Seats) {
		return SeatMap{}, fmt.Errorf("seat map: %d states for the %d seats of plan %d", len(states), len(plan.Seats), plan.ID)
	}
	if opt.Field == "" {
		opt.Field = "seats"
	}
	m := SeatMap{SeatMapOptions: opt, Counts: map[string]int{}}
	seats := slices.Clone(plan.Seats)
	slices.SortStableFunc(seats, func(a, b models.Seat) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return a.Col - b.Col
	})
	first, last, aisles := columns(seats)
	for len(seats) > 0 {
		n := slices.IndexFunc(seats, func(s models.Seat) bool { return s.Row != seats[0].Row })
		if n < 0 {
			n = len(seats)
		}
		row := SeatRow{Tag: seats[0].RowTag}
		next := 0
		for col := first; col <= last; col++ {
			if aisles[col] {
				row.Cells = append(row.Cells, SeatCell{})
			}
			if next == n || seats[next].Col != col {
				row.Cells = append(row.Cells, SeatCell{})
				continue
			}
			cell := m.cell(seats[next], models.SeatState(states[seats[next].Ord]))
			m.Counts[cell.State]++
			row.Cells = append(row.Cells, cell)
			next++
		}
		m.Rows = append(m.Rows, row)
		seats = seats[n:]
	}
	return m, nil
}

func (m *SeatMap) cell(s models.Seat, state models.SeatState) SeatCell {
	c := SeatCell{
		ID: s.ID, Ord: s.Ord, Tag: s.RowTag, Number: s.Number, Kind: s.Kind, State: state.Word(),
		Aisle: s.Aisle, Reason: s.Reason, Label: s.Label(),
	}
	if slices.Contains(m.Mine, s.ID) {
		c.State = "mine"
	}
	c.CanPick = m.Mode == SeatsChoose && (state == models.SeatFree || m.Reserved && state == models.SeatReserved) &&
		c.State != "mine" && s.Kind != models.SeatNotForSale
	c.Chosen = c.CanPick && slices.Contains(m.Chosen, s.ID)
	return c
}

// columns finds the outermost columns and the aisles that the plan tells only
// by a missing neighbour: before such a column no row has two seats that touch.
func columns(seats []models.Seat) (first, last int, aisles map[int]bool) {
	aisles = map[int]bool{}
	touching := map[int]bool{}
	for i, s := range seats {
		if i == 0 {
			first, last = s.Col, s.Col
		}
		first, last = min(first, s.Col), max(last, s.Col)
		if i > 0 && seats[i-1].Row == s.Row && seats[i-1].Col == s.Col-1 {
			if s.LeftID == 0 {
				aisles[s.Col] = true
			} else {
				touching[s.Col] = true
			}
		}
	}
	for col := range touching {
		delete(aisles, col)
	}
	return first, last, aisles
}
