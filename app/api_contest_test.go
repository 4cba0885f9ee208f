package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type contestAnswer struct {
	ID        int64
	Divisions []struct{ ID int64 }
	Rounds    []struct{ ID int64 }
	Slots     []struct{ Place string }
}

type entryAnswer struct {
	ID     string
	State  string
	DrawID string `json:"draw_id"`
}

// A contest from its announcement to an order that anybody replays, over the API.
func TestContestsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	staff, visitor := w.As("scheduler"), w.As("")
	on := w.Now().Add(40 * 24 * time.Hour)
	plan := map[string]any{"org_id": 1, "title": "接口比赛", "opens_at": w.Now(), "closes_at": w.Now().Add(20 * 24 * time.Hour),
		"slots":     []any{map[string]any{"kind": "stage", "place": "广场", "starts_at": on, "ends_at": on.Add(3 * time.Hour)}},
		"divisions": []any{map[string]any{"name": "成人组", "places": 2, "min_members": 1, "max_members": 5, "per_team": 1}}}
	w.As("resident").Post("/api/v1/contests", plan).Refused(http.StatusForbidden, "forbidden")
	var c contestAnswer
	made := staff.With("Idempotency-Key", "contest-1").Post("/api/v1/contests", plan)
	c = apitest.Into[contestAnswer](made.Want(http.StatusCreated))
	again := staff.With("Idempotency-Key", "contest-1").Post("/api/v1/contests", plan)
	require.Equal(t, made.Body, again.Body, "announced once")

	path := fmt.Sprintf("/api/v1/contests/%d", c.ID)
	enter := func(login, team string) (e entryAnswer) {
		e = apitest.Into[entryAnswer](w.As(login).Post(path+"/entries", map[string]any{"division_id": c.Divisions[0].ID, "org_id": 1, "team": team, "piece": "鼓", "length": 60,
			"phone": "13900001234", "members": []any{map[string]any{"name": "甲"}}}).Want(http.StatusCreated))
		return e
	}
	first, second, third := enter("resident", "一队"), enter("neighbour", "二队"), enter("leader", "三队")
	require.Equal(t, []string{"submitted", "submitted", "waiting"}, []string{first.State, second.State, third.State})
	w.As("neighbour").Get("/api/v1/entries/"+first.ID).Refused(http.StatusNotFound, "not_found")
	visitor.Get(path+"/entries").Refused(http.StatusUnauthorized, "sign_in")
	require.NotContains(t, visitor.Get(path).Body, "13900001234")
	require.Contains(t, w.As("auditor").Get(path+"/entries").Body, first.ID)

	round := map[string]any{"round_id": c.Rounds[0].ID, "value": "named", "note": "示例公开数", "due": w.Now().Add(time.Hour)}
	staff.Post(path+"/draws", round).Refused(http.StatusConflict, "contest.undecided")
	for _, e := range []string{first.ID, second.ID} {
		require.Equal(t, http.StatusOK, staff.Post("/api/v1/entries/"+e+"/decide", map[string]any{"to": "approved"}).Status)
	}
	var f draw.File
	f = apitest.Into[draw.File](staff.Post(path+"/draws", round).Want(http.StatusCreated))
	require.Empty(t, f.Secret)
	require.Empty(t, f.Order)
	at := fmt.Sprintf("%s/draws/%d", path, f.ID)
	w.As("resident").Post(at+"/reveal", map[string]any{"value": "1"}).Refused(http.StatusForbidden, "forbidden")
	f = apitest.Into[draw.File](staff.Post(at+"/reveal", map[string]any{"value": "2027-018"}).Want(http.StatusOK))
	seen := apitest.Into[draw.File](visitor.Get(at).Want(http.StatusOK))
	require.Equal(t, f, seen, "all that a replay needs, without a log-in")
	for _, check := range draw.Verify(seen) {
		require.True(t, check.OK, check.Name)
	}
	require.ElementsMatch(t, []string{first.DrawID, second.DrawID}, seen.Order)
	staff.Post(at+"/reveal", map[string]any{"value": "other"}).Refused(http.StatusConflict, "draw.ended")
	visitor.Get(fmt.Sprintf("/api/v1/contests/%d/draws/%d", c.ID+99, f.ID)).Refused(http.StatusNotFound, "not_found")
	require.Contains(t, visitor.Get(path+"/order").Body, seen.Order[0])
	require.Contains(t, w.Browser("scheduler").Get("/scoring").Want(http.StatusOK).Body, fmt.Sprintf("/contests/%d/scoring", c.ID), "a round is there for its panel once its order is drawn")

	day := models.DayOf(on, w.App.Config.Timezone)
	c = apitest.Into[contestAnswer](staff.Post(path+"/move", map[string]any{"from": day, "to": day.Add(1), "place": "大厅", "reason": "有雨"}).Want(http.StatusOK))
	require.Equal(t, "大厅", c.Slots[0].Place)
	require.Equal(t, http.StatusOK, w.As("resident").Post("/api/v1/entries/"+first.ID+"/withdraw", map[string]any{}).Status)
	require.Contains(t, w.As("leader").Get("/api/v1/entries/"+third.ID).Body, `"offer":true`, "the freed place is offered in order")

	// Pages say the same, without a script.
	page := w.Browser("").Get(fmt.Sprintf("/draws/%d", f.ID)).Body
	require.Contains(t, page, seen.Secret)
	require.Contains(t, page, "每一步都一样")
	require.Contains(t, w.Browser("").Get(fmt.Sprintf("/contests/%d/order", c.ID)).Body, "退赛")
	require.Contains(t, w.Browser("leader").Get("/contests/entries/"+third.ID).Body, "要这个名额")
	require.Contains(t, w.Browser("scheduler").Get("/contests/new").Body, "正月十五", "lunar dates are offered")
}
