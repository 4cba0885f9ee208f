package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

type rule struct {
	Strikes    int
	StrikeDays int    `json:"strike_days"`
	PauseDays  int    `json:"pause_days"`
	From       string `json:"from"`
	FromID     int64  `json:"from_id"`
}

// Each station rules for itself what follows when somebody does not come: other numbers,
// or nothing at all; one that says nothing goes by the nearest above it, else by the
// usual rule. A session goes by the rule that stood when it ended.
func TestEachStationRulesWhatFollowsWhenSomebodyDoesNotCome(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		yzn, binti, above := orgID(w, "yzn"), orgID(w, "binti"), orgID(w, "wbl")
		path := func(org int64) string { return fmt.Sprintf("/api/v1/orgs/%d/activity-rule", org) }
		set := func(org int64, body m) rule {
			return apitest.Into[rule](w.As("scheduler").Do(http.MethodPut, path(org), body).Want(http.StatusOK))
		}
		told := func() []int {
			return []int{count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'activity_warned' AND channel = 'inbox'`), count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'activity_paused' AND channel = 'inbox'`)}
		}
		// missed is somebody's time at a station to which they do not come; between is done
		// after its end, before it is looked at.
		missed := func(org int64, between func()) {
			t.Helper()
			a := opened(w, m{"org_id": org})
			join(w, "resident", a.ID, m{"party": 1})
			other := join(w, "judge", a.ID, m{"party": 1})
			w.Clock.Set(a.Sessions[0].StartsAt.Time())
			w.As("clerk").Post("/api/v1/checkins/batch", m{"device": "门口", "session_id": a.Sessions[0].ID,
				"scans": []m{{"nonce": fmt.Sprint("n", a.ID), "code": other.Code}}}).Want(http.StatusOK)
			w.Clock.Set(a.Sessions[0].EndsAt.Time())
			_, err := w.App.Kernel.FinishDue(t.Context(), w.Now())
			require.NoError(t, err)
			w.Clock.Advance(time.Hour)
			between()
			w.Clock.Advance(2 * time.Hour)
			n, err := w.App.Activities.Strike(t.Context(), w.Now())
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		nothing := func() {}
		until := func(org int64) time.Time {
			t.Helper()
			a := opened(w, m{"org_id": org})
			return apitest.Into[struct{ From time.Time }](w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1}).Refused(http.StatusConflict, "activity.paused")).From
		}
		may := func(org int64) { t.Helper(); join(w, "resident", opened(w, m{"org_id": org}).ID, m{"party": 1}) }

		require.Equal(t, rule{3, 90, 14, "", 0}, apitest.Into[rule](w.As("").Get(path(yzn)).Want(http.StatusOK)), "the usual one")
		require.Equal(t, yzn, set(yzn, m{"strikes": 1, "strike_days": 30, "pause_days": 3}).FromID)
		set(binti, m{"strikes": 0})
		require.Equal(t, rule{3, 90, 14, "", 0}, apitest.Into[rule](w.As("").Get(path(above)).Want(http.StatusOK)), "nothing goes upwards")

		// None: nothing follows however often, nor when another rule stands later.
		for range 3 {
			missed(binti, nothing)
		}
		may(binti)
		require.Equal(t, []int{0, 0}, told())

		// A rule made after the end is not for what was before.
		missed(binti, func() { set(binti, m{"strikes": 2, "strike_days": 30, "pause_days": 5}) })
		may(binti)
		require.Equal(t, []int{0, 0}, told())
		missed(binti, nothing)
		require.Equal(t, []int{1, 0}, told(), "the first that counts")
		missed(binti, nothing)
		require.Equal(t, []int{1, 1}, told())
		w.Clock.Advance(6 * 24 * time.Hour)

		// Other numbers at another station, at the same time.
		missed(yzn, nothing)
		require.Equal(t, []int{1, 2}, told())
		left := until(yzn).Sub(w.Now().Time())
		require.True(t, left > 2*24*time.Hour && left <= 3*24*time.Hour, "%s", left)
		may(binti)
		w.Clock.Advance(4 * 24 * time.Hour)

		// What the centre says holds where nobody has said anything, and for whoever takes
		// theirs back; times of another rule count on.
		require.Equal(t, above, set(above, m{"strikes": 2, "strike_days": 60, "pause_days": 7}).FromID)
		require.Equal(t, above, apitest.Into[rule](w.As("").Get(path(orgID(w, "cxb"))).Want(http.StatusOK)).FromID)
		require.Equal(t, 1, apitest.Into[rule](w.As("").Get(path(yzn)).Want(http.StatusOK)).Strikes, "its own is nearer")
		missed(orgID(w, "cxb"), nothing)
		require.Equal(t, []int{2, 2}, told())
		got := set(yzn, m{"drop": true})
		require.Equal(t, []any{above, 2}, []any{got.FromID, got.Strikes})
		missed(yzn, nothing)
		require.Equal(t, []int{2, 3}, told(), "the second time there")

		// Said on the activity's page, set on a page, logged in words.
		page := w.Browser("").Get("/activities/" + itoa(opened(w, nil).ID)).Want(http.StatusOK).Body
		require.Contains(t, page, "60 天里满 2 次，7 天不能再报")
		form(w, "scheduler", "/activities/rule", url.Values{"org": {itoa(yzn)}, "strikes": {"0"}, "strike_days": {"90"}, "pause_days": {"14"}}).Want(http.StatusSeeOther)
		form(w, "scheduler", "/activities/rule", url.Values{"org": {itoa(yzn)}, "strikes": {"21"}, "strike_days": {"90"}, "pause_days": {"14"}}).Want(http.StatusUnprocessableEntity)
		require.Contains(t, w.Browser("scheduler").Get("/activities/rule?org="+itoa(yzn)).Want(http.StatusOK).Body, "没有来，不影响以后报这里的活动")
		form(w, "scheduler", "/activities/rule", url.Values{"org": {itoa(yzn)}, "drop": {"on"}}).Want(http.StatusSeeOther)
		require.Contains(t, w.Browser("auditor").Get("/audit?action=activity.rule").Want(http.StatusOK).Body, "改报了没来的规定")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'activity.rule' AND before = '2 times in 60 days, paused 7 days' AND after = 'no pause'`))
		require.Equal(t, 2, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'activity.rule_drop'`))
		sound(t, w)
	})
}

// Only who writes activities of an organisation rules for it, and within bounds.
func TestWhoMayRuleForAStation(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	path := fmt.Sprintf("/api/v1/orgs/%d/activity-rule", orgID(w, "yzn"))
	for _, who := range []string{"branch", "resident", "auditor"} {
		w.As(who).Do(http.MethodPut, path, m{"strikes": 0}).Refused(http.StatusForbidden, "forbidden")
	}
	w.As("scheduler").Do(http.MethodPut, path, m{"strikes": 21}).Want(http.StatusUnprocessableEntity)
	w.As("scheduler").Do(http.MethodPut, path, m{"strikes": -1}).Want(http.StatusUnprocessableEntity)
	w.As("scheduler").Do(http.MethodPut, "/api/v1/orgs/999999999/activity-rule", m{"strikes": 1}).Want(http.StatusNotFound)
	w.As("").Get("/api/v1/orgs/999999999/activity-rule").Want(http.StatusNotFound)
	require.Zero(t, count(t, w, `SELECT COUNT(*) FROM activity_rules`))
}
