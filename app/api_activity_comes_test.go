package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/app/sheet"

	"github.com/stretchr/testify/require"
)

// Whoever had signed up before a session is moved is asked once; what they say is data:
// on their page, in the organiser's list and sheet, in the API. The next move asks again.
func TestWhoComesToAMovedSessionSaysSo(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		a := opened(w, m{"title": "改期读书会", "capacity": 20})
		ids := map[string]string{}
		for _, who := range []string{"resident", "neighbour", "judge"} {
			ids[who] = join(w, who, a.ID, m{"party": 2}).ID
		}
		move := func(by time.Duration) {
			w.Clock.Advance(time.Minute)
			start := a.Sessions[0].StartsAt.Add(by)
			w.As("scheduler").Post("/api/v1/sessions/"+itoa(a.Sessions[0].ID)+"/move", m{"start": start, "end": start.Add(time.Hour), "reason": "老师改天"}).Want(http.StatusOK)
			w.Clock.Advance(time.Minute)
		}
		coming := func(who string) any {
			return apitest.Into[m](w.As(who).Get("/api/v1/signups/" + ids[who]).Want(http.StatusOK))["coming"]
		}
		list := func() string {
			return w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people", a.ID)).Want(http.StatusOK).Body
		}
		const asks = "能来，给我留着"
		page := func(who string) string {
			return w.Browser(who).Get("/signups/" + ids[who]).Want(http.StatusOK).Body
		}
		require.Nil(t, coming("resident"))
		require.NotContains(t, page("resident"), asks)
		require.NotContains(t, list(), "改动以后")

		move(time.Hour)
		ids["late"] = join(w, "leader", a.ID, m{"party": 1}).ID
		require.Nil(t, apitest.Into[m](w.As("leader").Get("/api/v1/signups/" + ids["late"]).Want(http.StatusOK))["coming"], "who signs up afterwards knows the time")
		require.Equal(t, "open", coming("resident"))
		require.Contains(t, page("resident"), asks)
		require.Contains(t, w.Browser("resident").Get("/signups").Want(http.StatusOK).Body, "时间有变，来不来")
		require.Contains(t, list(), "改动以后：0 家说会来，0 家退了，3 家还没回话。")

		w.As("neighbour").Post("/api/v1/signups/"+ids["resident"]+"/keep", nil).Refused(http.StatusNotFound, "not_found")
		form(w, "resident", "/signups/"+ids["resident"]+"/keep", url.Values{})
		w.As("judge").Post("/api/v1/signups/"+ids["judge"]+"/cancel", nil).Want(http.StatusOK)
		require.Equal(t, []any{"comes", "open", "leaves"}, []any{coming("resident"), coming("neighbour"), coming("judge")})
		require.NotContains(t, page("resident"), asks, "asked no more")
		require.NotContains(t, w.Browser("resident").Get("/signups").Want(http.StatusOK).Body, "时间有变，来不来")
		require.Equal(t, []int{1, 2}, []int{
			count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'session_moved' AND channel = 'inbox' AND state = 'waiting'`),
			count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'session_moved' AND channel = 'inbox' AND state = 'void'`)}, "what was not sent yet is not sent any more")
		shown := list()
		require.Contains(t, shown, "改动以后：1 家说会来，1 家退了，1 家还没回话。")
		require.Contains(t, shown, "说了会来")
		book, err := sheet.Text([]byte(w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people.xlsx", a.ID)).Want(http.StatusOK).Body))
		require.NoError(t, err)
		require.Contains(t, book, "说了会来")
		require.Contains(t, book, "网上")
		require.NotContains(t, book, "online")
		type people struct {
			Items []m
			Total int
		}
		w.As("resident").Get(activityPath(a.ID, "/signups")).Refused(http.StatusForbidden, "forbidden")
		all := apitest.Into[people](w.As("scheduler").Get(activityPath(a.ID, "/signups?per_page=3")).Want(http.StatusOK))
		require.Equal(t, 4, all.Total)
		require.Equal(t, []any{"comes", "open", "leaves"}, []any{all.Items[0]["coming"], all.Items[1]["coming"], all.Items[2]["coming"]})

		form(w, "resident", "/signups/"+ids["resident"]+"/keep", url.Values{})
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'signup.keep'`), "once")
		move(2 * time.Hour)
		require.Equal(t, []any{"open", "open"}, []any{coming("resident"), coming("neighbour")}, "a yes to another time is no yes")
		require.Contains(t, page("resident"), asks)
		require.NotEqual(t, "open", coming("judge"), "who has left is not asked")

		// Moved to a time that is too near for the usual limit: who is asked may leave all the same.
		w.Clock.Set(a.Sessions[0].StartsAt.Add(-2 * time.Hour).Time())
		move(-time.Hour)
		require.Contains(t, page("neighbour"), "/quit")
		w.As("neighbour").Post("/api/v1/signups/"+ids["neighbour"]+"/cancel", nil).Want(http.StatusOK)
		form(w, "resident", "/signups/"+ids["resident"]+"/keep", url.Values{})
		w.As("resident").Post("/api/v1/signups/"+ids["resident"]+"/cancel", nil).Refused(http.StatusConflict, "booking.cancel_late")
		sound(t, w)
	})
}

// Anybody can write down relatives: all of an account's have no more places, turns and
// lots together than a family needs.
func TestInventedRelativesTakeNoMorePlacesThanAFamily(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	var kept []int64
	for i := range 4 {
		kept = append(kept, apitest.Into[struct{ ID int64 }](w.As("resident").Post("/api/v1/people", m{"name": "亲戚" + itoa(int64(i)), "relation": "other"}).Want(http.StatusCreated)).ID)
	}
	start := w.Now().Add(20 * 24 * time.Hour)
	lots := m{"capacity": 12, "max_party": 2, "choose": "draw", "entries_until": w.Now().Add(time.Hour), "sessions": []m{{"start": start, "end": start.Add(time.Hour)}}}
	for _, x := range []struct {
		plan   m
		status string
	}{{m{"capacity": 40, "max_party": 2}, "confirmed"}, {m{"capacity": 2, "max_party": 2}, "waiting"}, {lots, "entered"}} {
		a := opened(w, x.plan)
		if x.status == "waiting" {
			join(w, "judge", a.ID, m{"party": 2})
		}
		path := activityPath(a.ID, "/signups")
		for _, id := range kept[:3] {
			require.Equal(t, x.status, join(w, "resident", a.ID, m{"party": 2, "person_id": id}).Status)
		}
		refused := w.As("resident").Post(path, m{"party": 1, "person_id": kept[3]}).Refused(http.StatusConflict, "activity.household")
		require.Contains(t, refused.Body, "may have 6 places at a session; it has 6 now")
		w.As("resident").Post(path, m{"party": 1}).Refused(http.StatusConflict, "activity.household")
		if x.status == "confirmed" {
			w.As("resident").Post(path, m{"party": 2, "person_id": kept[0]}).Refused(http.StatusConflict, "activity.already")
		}
		require.Equal(t, x.status, join(w, "neighbour", a.ID, m{"party": 2}).Status, "another family")
	}
	party := opened(w, m{"capacity": 40, "max_party": 10})
	require.Equal(t, "confirmed", join(w, "resident", party.ID, m{"party": 10}).Status, "the largest party is one family's")
	sound(t, w)
}

// One account waits for itself and for each of the people it looks after, for an
// activity and for a screening alike; a second time is the first.
func TestAFamilyWaitsForSeveralParties(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	person := func(name, relation string) int64 {
		return apitest.Into[struct{ ID int64 }](w.As("resident").Post("/api/v1/people", m{"name": name, "relation": relation}).Want(http.StatusCreated)).ID
	}
	mother, son := person("老母亲", "parent"), person("小明", "child")
	a := opened(w, m{"capacity": 4})
	join(w, "judge", a.ID, m{"party": 4})
	own := join(w, "resident", a.ID, m{"party": 1})
	hers := join(w, "resident", a.ID, m{"party": 1, "person_id": mother})
	his := join(w, "resident", a.ID, m{"party": 2, "person_id": son})
	require.Equal(t, []any{"waiting", 0, "waiting", 1, "waiting", 2}, []any{own.Status, own.Ahead, hers.Status, hers.Ahead, his.Status, his.Ahead})
	require.Equal(t, hers.ID, join(w, "resident", a.ID, m{"party": 1, "person_id": mother}).ID, "a second time is the first")
	require.Equal(t, 2, strings.Count(w.Browser("resident").Get("/signups").Want(http.StatusOK).Body, "候补中")-1, "three turns of one account")
	for _, name := range []string{"王奶奶", "李爷爷"} { // a desk lets any number of callers wait
		require.Equal(t, "waiting", join(w, "clerk", a.ID, m{"party": 1, "caller": m{"name": name}, "channel": "phone"}).Status)
	}
	sound(t, w)

	s := puton(t, w, at(26, 9), nil)
	fill(t, w, s, "neighbour")
	list := screeningPath(s.ID, "/waitlist")
	first := apitest.Into[wait](w.As("resident").Post(list, m{"count": 1}).Want(http.StatusCreated))
	require.Contains(t, w.Browser("resident").Get("/screenings/"+itoa(s.ID)).Want(http.StatusOK).Body, `action="/screenings/`+itoa(s.ID)+`/waitlist"`, "the form is still there for the others")
	second := apitest.Into[wait](w.As("resident").Post(list, m{"count": 2, "person_id": mother}).Want(http.StatusCreated))
	require.Equal(t, []int{1, 2}, []int{first.Position, second.Position})
	require.Equal(t, second.ID, apitest.Into[wait](w.As("resident").Post(list, m{"count": 1, "person_id": mother}).Want(http.StatusCreated)).ID)
	sound(t, w)
}
