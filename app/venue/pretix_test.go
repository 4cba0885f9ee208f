package venue_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// rule is what the published schema says of one object: its members, those that
// are required, and their types.
type rule struct {
	required string
	members  map[string]string // name → string, integer, number, [item], or the name of a rule
}

// schema states the rules of the format in our own words.
var schema = map[string]rule{
	"plan": {"name zones categories size", map[string]string{"name": "string", "zones": "[zone]", "categories": "[category]", "size": "size"}},
	"size": {"width height", map[string]string{"width": "integer", "height": "integer"}},
	"zone": {"position rows", map[string]string{"name": "string", "zone_id": "string", "uuid": "string", "position": "point", "rows": "[row]", "areas": "[area]"}},
	"row": {"seats row_number", map[string]string{"row_number": "string", "row_label": "string", "seat_label": "string", "uuid": "string",
		"seats": "[seat]", "row_number_position": "start end both", "position": "point"}},
	"seat": {"seat_guid seat_number position category", map[string]string{"seat_guid": "string", "seat_number": "string", "uuid": "string",
		"start_direction": "string", "radius": "integer", "position": "point", "category": "string"}},
	"area": {"", map[string]string{"color": "string", "border_color": "string", "rotation": "number", "position": "point", "uuid": "string",
		"shape": "polygon rectangle ellipse circle text", "rectangle": "size", "text": "words"}},
	"words":    {"text position", map[string]string{"text": "string", "color": "string", "size": "integer", "position": "point"}},
	"point":    {"x y", map[string]string{"x": "number", "y": "number"}},
	"category": {"name", map[string]string{"name": "string", "color": "string"}},
}

func fits(t *testing.T, v any, name, at string) {
	t.Helper()
	switch name {
	case "string":
		require.IsType(t, "", v, at)
	case "number":
		require.IsType(t, 0.0, v, at)
	case "integer":
		n, ok := v.(float64)
		require.True(t, ok && n == float64(int(n)), at)
	default:
		if item, ok := strings.CutPrefix(name, "["); ok {
			require.IsType(t, []any{}, v, at)
			for i, x := range v.([]any) {
				fits(t, x, strings.TrimSuffix(item, "]"), fmt.Sprintf("%s/%d", at, i))
			}
			return
		}
		r, ok := schema[name]
		if !ok {
			require.Contains(t, strings.Fields(name), v, at)
			return
		}
		o, ok := v.(map[string]any)
		require.True(t, ok, at)
		for _, m := range strings.Fields(r.required) {
			require.Contains(t, o, m, at)
		}
		for m, x := range o {
			require.Contains(t, r.members, m, at)
			fits(t, x, r.members[m], at+"/"+m)
		}
	}
}

func hallPlan(t *testing.T) *models.SeatPlan {
	t.Helper()
	p, err := models.PlanOf(1, 1, 1, 1, models.CinemaHallPlan())
	require.NoError(t, err)
	return p
}

func TestOurHallFitsTheFormatAndComesBack(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(venue.ToPretix("「永远跟党走」影厅", "hall4", hallPlan(t)))
	require.NoError(t, err)
	var doc any
	require.NoError(t, json.Unmarshal(body, &doc))
	fits(t, doc, "plan", "")
	seen := map[any]bool{}
	plan := doc.(map[string]any)
	for _, row := range plan["zones"].([]any)[0].(map[string]any)["rows"].([]any) {
		for _, s := range row.(map[string]any)["seats"].([]any) {
			seen[s.(map[string]any)["seat_guid"]] = true
		}
	}
	require.Len(t, seen, 172, "a guid is of one seat")
	back, faults := venue.ReadPretix(body)
	require.Empty(t, faults)
	require.Equal(t, models.CinemaHallPlan(), back)

	specs, bad := models.ParsePlan("A: 1-4 | 5x(柱子后) 6\n---\nB: 4-1 | 5w 6c\nC: 1-6\nD: 1-6\n")
	require.Empty(t, bad)
	odd, err := models.PlanOf(1, 1, 1, 1, specs)
	require.NoError(t, err)
	body, err = json.Marshal(venue.ToPretix("odd", "odd", odd))
	require.NoError(t, err)
	back, faults = venue.ReadPretix(body)
	require.Empty(t, faults)
	require.Equal(t, specs, back, "reasons and cross-aisles too")
}

// A plan as an editor would draw it: the stalls in two blocks that are zones of
// their own, a balcony whose rows begin at 1 again, a curved row.
func twoZones() map[string]any {
	seat := func(zone, row, n int, x, y float64, category string) any {
		return map[string]any{"seat_guid": fmt.Sprintf("%d-%d-%d", zone, row, n), "seat_number": fmt.Sprint(n), "category": category,
			"uuid": fmt.Sprintf("s%d%d%d", zone, row, n), "position": map[string]any{"x": x, "y": y}}
	}
	row := func(zone, n int, y float64, seats int) any {
		var all []any
		for i := range seats {
			category := "Parkett"
			if n == 1 && i == 0 {
				category = "Rollstuhl"
			}
			all = append(all, seat(zone, n, i+1, float64(i)*25.5, float64(i%3)*1.5, category))
		}
		return map[string]any{"row_number": fmt.Sprint(n), "row_number_position": "both", "uuid": fmt.Sprintf("r%d%d", zone, n),
			"position": map[string]any{"x": 0.0, "y": y}, "seats": all}
	}
	zone := func(n int, name string, x, y float64, rows ...any) any {
		return map[string]any{"name": name, "zone_id": name, "uuid": name, "position": map[string]any{"x": x, "y": y}, "rows": rows, "areas": []any{}}
	}
	return map[string]any{"name": "Kulturhaus", "size": map[string]any{"width": 800.0, "height": 600.0},
		"categories": []any{map[string]any{"name": "Parkett", "color": "#ff0000"}, map[string]any{"name": "Rollstuhl"}},
		"zones": []any{
			zone(0, "Parkett", 50, 100, row(0, 1, 0, 6), row(0, 2, 30, 6), row(0, 3, 60, 7)),
			zone(1, "Balkon", 50, 300, row(1, 1, 0, 4), row(1, 2, 30, 4)),
		}}
}

func TestAPlanOfTwoZonesIsRead(t *testing.T) {
	t.Parallel()
	specs, faults := venue.FromPretix(twoZones())
	require.Empty(t, faults)
	require.Equal(t, "1排: 1轮 2-6\n2排: 1-6\n3排: 1-7\n---\n---\n---\n---\nB1排: 1轮 2-4\nB2排: 1-4\n", models.PlanText(specs, models.PlanChinese))
	require.False(t, models.Bad(models.CheckPlan(specs)))
}

func TestEveryFaultOfAFileIsNamedByPointer(t *testing.T) {
	t.Parallel()
	doc := twoZones()
	zones := doc["zones"].([]any)
	first := zones[0].(map[string]any)["rows"].([]any)
	seats := first[0].(map[string]any)["seats"].([]any)
	seats[1].(map[string]any)["seat_guid"] = "0-1-1"
	seats[2].(map[string]any)["category"] = "Loge"
	delete(seats[3].(map[string]any), "seat_number")
	seats[4].(map[string]any)["position"] = map[string]any{"x": "links", "y": 0.0}
	first[1].(map[string]any)["seats"] = []any{}
	first[2].(map[string]any)["a/b"] = 1.0
	delete(zones[1].(map[string]any), "position")
	doc["size"] = 7.0
	_, faults := venue.FromPretix(doc)
	got := map[string]string{}
	for _, f := range faults {
		got[f.Name] = f.Code
	}
	require.Equal(t, map[string]string{
		"/size": "pretix.not_object", "/zones/0/rows/0/seats/1/seat_guid": "pretix.guid_twice", "/zones/0/rows/0/seats/2/category": "pretix.category",
		"/zones/0/rows/0/seats/3": "pretix.missing", "/zones/0/rows/0/seats/4/position/x": "pretix.not_number",
		"/zones/0/rows/1/seats": "pretix.row_empty", "/zones/0/rows/2/a~1b": "pretix.unknown", "/zones/1": "pretix.missing"}, got)

	// What is well drawn and no plan is named where it stands, too.
	doc = twoZones()
	row := doc["zones"].([]any)[0].(map[string]any)["rows"].([]any)[1].(map[string]any)
	row["seats"].([]any)[3].(map[string]any)["seat_number"] = "3"
	_, faults = venue.FromPretix(doc)
	require.Len(t, faults, 1)
	require.Equal(t, "/zones/0/rows/1/seats/3", faults[0].Name)
	require.Equal(t, "seatplan.number_twice", faults[0].Code)

	for body, code := range map[string]string{"{": "pretix.not_json", "[]": "pretix.not_object", strings.Repeat(" ", 1<<20+1): "pretix.too_large",
		`{"name":"x","zones":[],"categories":[]}`: "pretix.no_seats"} {
		_, faults := venue.ReadPretix([]byte(body))
		require.NotEmpty(t, faults)
		require.Equal(t, code, faults[0].Code)
	}
}
