package venue

import (
	"fmt"
	"strings"

	"youyue/models"
)

// The pretix seating-plan format, as its published schema states it: a plan has
// a name, categories, zones and a size; a zone has a position and rows, a row
// its number and seats, a seat a number, a guid, a position and the name of its
// category. Positions add up: zone, row, seat. Names and colours of categories
// are free; ours are the kinds of seat.

// PretixPlan is a plan in that format.
type PretixPlan struct {
	Name       string           `json:"name"`
	Categories []PretixCategory `json:"categories"`
	Zones      []PretixZone     `json:"zones"`
	Size       PretixSize       `json:"size"`
}

// PretixCategory is a kind of seat.
type PretixCategory struct {
	Name  string `json:"name"`
	Color string `json:"color,omitempty"`
}

// PretixSize is that of the drawing, in pixels.
type PretixSize struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// PretixPoint is relative to what it stands in.
type PretixPoint struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// PretixZone is a part of the hall.
type PretixZone struct {
	Name     string       `json:"name"`
	ZoneID   string       `json:"zone_id"`
	Position PretixPoint  `json:"position"`
	Rows     []PretixRow  `json:"rows"`
	Areas    []PretixArea `json:"areas"`
}

// PretixRow is a row of seats.
type PretixRow struct {
	Number   string       `json:"row_number"`
	NumberAt string       `json:"row_number_position"`
	Position PretixPoint  `json:"position"`
	Seats    []PretixSeat `json:"seats"`
}

// PretixSeat is a seat.
type PretixSeat struct {
	Number   string      `json:"seat_number"`
	GUID     string      `json:"seat_guid"`
	Position PretixPoint `json:"position"`
	Category string      `json:"category"`
}

// PretixArea is a shape that is drawn; ours is the screen.
type PretixArea struct {
	Shape       string      `json:"shape"`
	Color       string      `json:"color"`
	BorderColor string      `json:"border_color"`
	Rotation    float64     `json:"rotation"`
	Position    PretixPoint `json:"position"`
	Rectangle   PretixSize  `json:"rectangle"`
	Text        PretixText  `json:"text"`
}

// PretixText is what stands in an area.
type PretixText struct {
	Text     string      `json:"text"`
	Color    string      `json:"color"`
	Position PretixPoint `json:"position"`
}

// The grid of an exported drawing, in pixels.
const (
	seatWide = 30
	rowDeep  = 40
	margin   = 60
)

var kindColors = map[models.SeatKind]string{models.SeatStandard: "#7a6a58", models.SeatWheelchair: "#0b4a8c",
	models.SeatCompanion: "#1b6e3c", models.SeatNotForSale: "#8c8378"}

// category names the kind of a seat; a seat not for sale takes its reason along.
func category(kind models.SeatKind, reason string) string {
	if kind == models.SeatNotForSale && reason != "" {
		return string(kind) + ": " + reason
	}
	return string(kind)
}

// ToPretix draws a plan in the pretix format: one zone, one row a row, the
// screen as an area. A parting without width between two seats has no place in
// it; everything else comes back by FromPretix as it was.
func ToPretix(name, code string, plan *models.SeatPlan) PretixPlan {
	out := PretixPlan{Name: name}
	zone := PretixZone{Name: name, ZoneID: code, Position: PretixPoint{X: margin, Y: 2 * margin}}
	known := map[string]bool{}
	rows := map[int]int{}
	first, wide, deep := 0, 0, 0
	for _, s := range plan.Seats {
		if first == 0 || s.Row < first {
			first = s.Row
		}
		wide, deep = max(wide, s.Col), max(deep, s.Row)
	}
	for _, s := range plan.Seats {
		c := category(s.Kind, s.Reason)
		if !known[c] {
			known[c] = true
			out.Categories = append(out.Categories, PretixCategory{c, kindColors[s.Kind]})
		}
		i, ok := rows[s.Row]
		if !ok {
			i = len(zone.Rows)
			rows[s.Row] = i
			zone.Rows = append(zone.Rows, PretixRow{Number: s.RowTag, NumberAt: "both", Position: PretixPoint{Y: float64((s.Row - first) * rowDeep)}})
		}
		zone.Rows[i].Seats = append(zone.Rows[i].Seats, PretixSeat{Number: s.Number, GUID: fmt.Sprintf("%s-%s-%s", code, s.RowTag, s.Number),
			Position: PretixPoint{X: float64((s.Col - 1) * seatWide)}, Category: c})
	}
	screen := PretixSize{Width: max(wide*seatWide, 2*margin), Height: seatWide}
	zone.Areas = []PretixArea{{Shape: "rectangle", Color: "#ffffff", BorderColor: "#595047", Position: PretixPoint{X: 0, Y: -float64(rowDeep) - 20}, Rectangle: screen,
		Text: PretixText{Text: "银幕", Color: "#1f2328", Position: PretixPoint{X: float64(screen.Width) / 2, Y: seatWide / 2}}}}
	out.Zones = []PretixZone{zone}
	out.Size = PretixSize{Width: screen.Width + 2*margin, Height: (deep-first+1)*rowDeep + 3*margin}
	return out
}

// kindOf reads the kind of seat from the name of its category: ours, or words
// for it in Chinese, English and German, the language many plans are in.
func kindOf(category string) (models.SeatKind, string) {
	name, reason, _ := strings.Cut(category, ":")
	name = strings.ToLower(strings.TrimSpace(name))
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(name, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("companion", "陪同", "begleit"):
		return models.SeatCompanion, ""
	case has("wheelchair", "轮椅", "rollstuhl", "rolli"):
		return models.SeatWheelchair, ""
	case has("not_for_sale", "not for sale", "blocked", "gesperrt", "不开放", "停用"):
		if reason = strings.TrimSpace(reason); reason == "" && name != string(models.SeatNotForSale) {
			reason = strings.TrimSpace(category)
		}
		return models.SeatNotForSale, reason
	}
	return models.SeatStandard, ""
}
