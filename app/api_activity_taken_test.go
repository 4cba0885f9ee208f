package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// A team and what goes along with a room are resources like the room: two activities that
// want them at once get one yes. A series is taken whole or not at all, and each of its
// dates that is in the way is named.
func TestATeamAndEquipmentServeOneActivityAtATime(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		var team, room, other, projector int64
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			if err := tx.Scan(&team, `SELECT id FROM resources WHERE kind = 'team' ORDER BY id LIMIT 1`); err != nil {
				return err
			}
			var rows []struct{ A, B, P int64 }
			err := tx.Scan(&rows, `SELECT x.id AS a, y.id AS b, e.id AS p FROM rooms x JOIN rooms y ON y.venue_id = x.venue_id AND y.id > x.id AND y.kind = 'room'
				JOIN rooms e ON e.venue_id = x.venue_id AND e.kind = 'equipment' JOIN resources r ON r.id = e.id AND r.name LIKE '%投影仪%' WHERE x.kind = 'room' ORDER BY x.id, y.id LIMIT 1`)
			if err == nil {
				room, other, projector = rows[0].A, rows[0].B, rows[0].P
			}
			return err
		}))
		zone := time.FixedZone("", 8*3600)
		day := models.DayOf(w.Now(), zone).Add(7)
		at := func(days int) m {
			start := day.Add(days).At(10*60, zone)
			return m{"start": start, "end": start.Add(time.Hour)}
		}
		plan := func(title string, more m) m {
			body := m{"org_id": orgID(w, "yzn"), "kind": "reading", "title": title, "summary": "x", "place": "x", "audience": "all", "capacity": 4}
			for k, v := range more {
				body[k] = v
			}
			return body
		}
		open := func(title string, more m) *apitest.Answer {
			return w.As("scheduler").Post("/api/v1/activities", plan(title, more))
		}
		rows := func() [2]int {
			return [2]int{count(t, w, `SELECT COUNT(*) FROM activities`), count(t, w, `SELECT COUNT(*) FROM occupancies`)}
		}
		// The dates that a refusal names, by resource.
		named := func(a *apitest.Answer) (out []string) {
			a.Refused(http.StatusConflict, "booking.resource_taken")
			var x struct {
				Conflicts []struct {
					ResourceID int64 `json:"resource_id"`
					Start      models.Instant
					Kind       string
				}
				Errors []struct{ Field string }
			}
			require.NoError(t, json.Unmarshal([]byte(a.Body), &x))
			for _, c := range x.Conflicts {
				require.Equal(t, "activity", c.Kind)
				out = append(out, fmt.Sprintf("%d on day %d", c.ResourceID, models.DayOf(c.Start, zone).Sub(day)))
			}
			for _, e := range x.Errors {
				out = append(out, e.Field)
			}
			return out
		}
		series := []m{at(0), at(1), at(2), at(3)}
		open("队伍的系列", m{"team_id": team, "sessions": []m{at(1), at(3), at(8)}}).Want(http.StatusCreated)
		open("带投影仪", m{"room_id": room, "along": []int64{projector}, "sessions": []m{at(2)}}).Want(http.StatusCreated)
		before := rows()
		require.Equal(t, []string{fmt.Sprintf("%d on day 1", team), fmt.Sprintf("%d on day 3", team), "sessions[1].start", "sessions[3].start"},
			named(open("同一支队伍", m{"team_id": team, "sessions": series})))
		require.Equal(t, []string{fmt.Sprintf("%d on day 2", projector), "sessions[2].start"},
			named(open("同一台投影仪", m{"room_id": other, "along": []int64{projector}, "sessions": series})))
		require.Equal(t, before, rows(), "all or nothing")

		page := form(w, "scheduler", "/activities", url.Values{"org_id": {itoa(orgID(w, "yzn"))}, "kind": {"reading"}, "title": {"同一支队伍"}, "summary": {"x"}, "place": {"x"}, "audience": {"all"},
			"capacity": {"4"}, "date": {day.Add(1).String()}, "start": {"10:00"}, "minutes": {"60"}, "repeat": {"weekly"}, "times": {"3"}, "team_id": {itoa(team)}}).Want(http.StatusConflict).Body
		for _, d := range []int{1, 8} {
			require.Contains(t, page, fmt.Sprintf("%d月%d日", day.Add(d).Month, day.Add(d).Day))
		}

		free := apitest.Into[act](open("另一天", m{"team_id": team, "sessions": []m{at(0)}}).Want(http.StatusCreated))
		start := at(1)["start"].(models.Instant)
		w.As("scheduler").Post("/api/v1/sessions/"+itoa(free.Sessions[0].ID)+"/move", m{"start": start.Add(30 * time.Minute), "end": start.Add(90 * time.Minute), "reason": "x"}).Refused(http.StatusConflict, "booking.resource_taken")

		var all sync.WaitGroup
		codes := make([]int, 6)
		for i := range codes {
			all.Go(func() {
				codes[i] = open(fmt.Sprint("同时", i), m{"team_id": team, "room_id": []int64{room, other}[i%2], "along": []int64{projector}, "sessions": []m{at(5), at(6)}}).Status
			})
		}
		all.Wait()
		n := map[int]int{}
		for _, c := range codes {
			n[c]++
		}
		require.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 5}, n)
		sound(t, w)
	})
}
