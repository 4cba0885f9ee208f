package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/scoring"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type contestAnswer struct {
	ID        int64
	State     string
	Divisions []struct{ ID int64 }
	Rounds    []struct {
		ID    int64
		State string
	}
	Slots []struct{ Place string }
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
	desk, enters := fmt.Sprintf("/contests/%d/staff", c.ID), fmt.Sprintf("/contests/%d/enter", c.ID)
	require.Contains(t, w.Browser("scheduler").Get(desk).Body, "之后批准的队不在这份顺序里", "entries are open still")
	require.NotContains(t, w.Browser("resident").Get(enters).Body, "出场顺序已经抽签")
	var f draw.File
	f = apitest.Into[draw.File](staff.Post(path+"/draws", round).Want(http.StatusCreated))
	require.NotContains(t, w.Browser("scheduler").Get(desk).Body, "不在这份顺序里")
	require.Contains(t, w.Browser("resident").Get(enters).Body, "出场顺序已经抽签")
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

	// Who takes a freed place after the draw is not in its order, and the staff are told.
	form(w, "leader", "/contests/entries/"+third.ID+"/accept", url.Values{}).Want(http.StatusSeeOther)
	staff.Post("/api/v1/entries/"+third.ID+"/decide", map[string]any{"to": "approved"}).Want(http.StatusOK)
	require.Contains(t, w.Browser("scheduler").Get(desk).Body, "有 1 支已批准的队不在这份顺序里")
}

// A heat is judged, who is level for the last place draws lots, the first go on to
// the final, and the final is drawn; the contest ends with the last result, not
// before.
func TestFromTheHeatToTheFinal(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	staff, visitor := w.As("scheduler"), w.As("")
	on := w.Now().Add(40 * 24 * time.Hour)
	slot := func(from time.Duration) m {
		return m{"kind": "stage", "place": "广场", "starts_at": on.Add(from), "ends_at": on.Add(from + 2*time.Hour)}
	}
	c := apitest.Into[contestAnswer](staff.Post("/api/v1/contests", m{"org_id": 1, "title": "两轮比赛", "opens_at": w.Now(), "closes_at": w.Now().Add(20 * 24 * time.Hour),
		"slots": []any{slot(0), slot(48 * time.Hour)}, "divisions": []any{m{"name": "成人组", "places": 8, "min_members": 1, "max_members": 5, "heat": 0, "final": 1, "advance": 2}}}).Want(http.StatusCreated))
	path := fmt.Sprintf("/api/v1/contests/%d", c.ID)
	ids := map[string]string{}
	for _, login := range []string{"resident", "neighbour", "leader", "clerk"} {
		e := apitest.Into[entryAnswer](w.As(login).Post(path+"/entries", m{"division_id": c.Divisions[0].ID, "org_id": 1, "team": login, "piece": "鼓", "length": 60,
			"members": []any{m{"name": "甲"}}}).Want(http.StatusCreated))
		ids[login] = e.ID
		staff.Post("/api/v1/entries/"+e.ID+"/decide", m{"to": "approved"}).Want(http.StatusOK)
	}
	heat, final := c.Rounds[0].ID, c.Rounds[1].ID
	drawn := func(body m) draw.File {
		body["value"], body["note"], body["due"] = "named", "示例公开数", w.Now().Add(time.Hour)
		f := apitest.Into[draw.File](staff.Post(path+"/draws", body).Want(http.StatusCreated))
		return apitest.Into[draw.File](staff.Post(fmt.Sprintf("%s/draws/%d/reveal", path, f.ID), m{"value": "2027-018"}).Want(http.StatusOK))
	}
	drawn(m{"round_id": heat})
	staff.Post(path+"/draws", m{"round_id": heat, "tie": true, "value": "named", "note": "示例", "due": w.Now().Add(time.Hour)}).Refused(http.StatusConflict, "contest.round_state")
	qualifiers := fmt.Sprintf("%s/rounds/%d/", path, heat)
	staff.Get(qualifiers+"qualifiers").Refused(http.StatusConflict, "contest.no_result")

	// The panel: a judge whose own community is among the entries; two are level.
	ctx, by := t.Context(), auth.Actor{AccountID: 1, Login: "scheduler", Grants: []auth.Grant{{Role: auth.Scheduler, OrgID: 1, Path: "/1/"}}}
	rule := scoring.UsualRule("办法")
	rule.Keep, rule.Ties = 1, []string{models.TieDraw}
	v, err := w.App.Scoring.SaveRule(ctx, by, c.ID, scoring.FormatRule(rule))
	require.NoError(t, err)
	require.NoError(t, w.App.Scoring.SetUp(ctx, by, heat, v.ID, 300))
	var tokens []string
	for i := range 3 {
		link, err := w.App.Scoring.Invite(ctx, by, heat, scoring.Invitation{Name: fmt.Sprint("评委", i), Chief: i == 0})
		require.NoError(t, err)
		tokens = append(tokens, link.Token)
	}
	w.As("leader").Post("/api/v1/entries/"+ids["leader"]+"/withdraw", m{}).Want(http.StatusOK) // the panel hears of it
	require.NoError(t, w.App.Scoring.Open(ctx, by, heat))
	board, err := w.App.Scoring.Board(ctx, heat)
	require.NoError(t, err)
	for _, x := range board.Slots {
		if x.Team == "leader" {
			require.Equal(t, scoring.StageAbsent, x.Stage)
			continue
		}
		points := map[string]int{"resident": 950, "neighbour": 900, "clerk": 900}[x.Team]
		for _, token := range tokens {
			w.As("").With("Authorization", "Bearer "+token).Do(http.MethodPut, path+"/scores",
				m{"round_id": heat, "entry_id": x.EntryID, "marks": m{"skill": points, "spirit": points, "form": points}}).Want(http.StatusOK)
		}
	}
	require.NoError(t, w.App.Scoring.Freeze(ctx, by, heat))
	require.ErrorIs(t, w.App.Scoring.Release(ctx, by, heat, scoring.PaceAll), scoring.ErrWaitsForLots)
	require.Contains(t, w.Browser("scheduler").Get(fmt.Sprintf("/rounds/%d/desk", heat)).Want(http.StatusOK).Body, "neighbour")
	lots := drawn(m{"round_id": heat, "tie": true})
	require.Equal(t, "tie", lots.Purpose)
	require.Len(t, lots.Order, 2)
	require.NoError(t, w.App.Scoring.Release(ctx, by, heat, scoring.PaceAll))

	require.Contains(t, staff.Get(qualifiers+"qualifiers").Want(http.StatusOK).Body, `"goes_on":true`)
	w.As("resident").Post(qualifiers+"advance", m{}).Refused(http.StatusForbidden, "forbidden")
	page := w.Browser("scheduler").Get(fmt.Sprintf("/contests/%d/rounds/%d/advance", c.ID, heat)).Want(http.StatusOK).Body
	require.Contains(t, page, "照此定决赛名单")
	staff.Post(qualifiers+"advance", m{}).Want(http.StatusOK)
	staff.Post(qualifiers+"advance", m{}).Want(http.StatusOK) // again it is the same
	f := drawn(m{"round_id": final})
	require.Len(t, f.Order, 2)
	staff.Post(qualifiers+"advance", m{}).Want(http.StatusOK) // the list stands
	public := w.Browser("").Get(fmt.Sprintf("/contests/%d", c.ID)).Want(http.StatusOK).Body
	require.Contains(t, public, fmt.Sprintf("/rounds/%d", heat), "the public page leads to the result")
	w.Browser("").Get(fmt.Sprintf("/contests/%d/order.xlsx", c.ID)).Want(http.StatusOK)

	w.Clock.Set(on.Add(60 * time.Hour).Time())
	tick := func() string {
		_, err := w.App.Contests.Tick(ctx, w.Clock.Instant())
		require.NoError(t, err)
		return apitest.Into[contestAnswer](visitor.Get(path).Want(http.StatusOK)).State
	}
	require.Equal(t, "on", tick(), "the heat's result is not final")
	_, err = w.App.Scoring.FinishDue(ctx, w.Clock.Instant())
	require.NoError(t, err)
	require.Equal(t, "finished", tick())
}

// The form of a new contest without a script: rows are added, faults are shown beside
// what was typed, and what is announced has heats, finals and places kept.
func TestTheFormOfANewContest(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	b := w.Browser("scheduler")
	zone := w.App.Config.Timezone
	day := func(n int) string { return models.DayOf(w.Now(), zone).Add(n).String() }
	page := b.Get("/contests/new?date=" + day(30)).Want(http.StatusOK).Body
	require.Contains(t, page, "正月十五")
	require.Contains(t, page, day(30))
	fields := url.Values{"org": {"1"}, "title": {"表单比赛"}, "opens_on": {day(1)}, "closes_on": {day(10)}, "back_on": {day(5)},
		"slot_kind": {"stage", "stage", "rehearsal"}, "slot_date": {day(30), day(32), day(29)}, "slot_from": {"14:00", "14:00", "09:00"}, "slot_to": {"17:00", "17:00", "11:00"},
		"slot_place": {"广场", "广场", "大厅"}, "slot_setup": {"60", "", ""}, "slot_clear": {"30", "", ""},
		"division": {"社区组"}, "places": {"12"}, "min_members": {"4"}, "max_members": {"20"}, "substitutes": {"2"}, "min_age": {"16"}, "max_age": {"75"}, "max_minutes": {"8"},
		"per_team": {"1"}, "heat": {"1"}, "final": {"2"}, "advance": {""}, "kept": {"0:2"}, "quota": {"4"}, "more": {"division"}}
	page = form(w, "scheduler", "/contests", fields).Want(http.StatusOK).Body
	require.Contains(t, page, "组别 2", "one row more")
	require.Contains(t, page, "表单比赛")
	fields.Del("more")
	page = form(w, "scheduler", "/contests", fields).Want(http.StatusUnprocessableEntity).Body
	require.Contains(t, page, "前几名进决赛")
	fields.Set("advance", "6")
	made := form(w, "scheduler", "/contests", fields)
	require.Equal(t, http.StatusSeeOther, made.Status, made.Body)
	c := apitest.Into[struct {
		Slots     []struct{ Kind string }
		Rounds    []struct{ Kind string }
		Divisions []struct {
			Kept   int
			Quotas []struct{ Places int }
		}
	}](w.As("").Get("/api/v1" + strings.TrimSuffix(made.Header.Get("Location"), "/staff")).Want(http.StatusOK))
	require.Len(t, c.Slots, 3)
	require.Equal(t, []string{"heat", "final"}, []string{c.Rounds[0].Kind, c.Rounds[1].Kind})
	require.Equal(t, 4, c.Divisions[0].Kept)
}
