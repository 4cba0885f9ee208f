package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/booking"

	"github.com/stretchr/testify/require"
)

type seatPlan struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
	Changes struct {
		Added   []string `json:"added"`
		Removed []string `json:"removed"`
		Kind    []string `json:"kind"`
	} `json:"changes"`
	Warnings []struct {
		Code string `json:"code"`
	} `json:"warnings"`
}

type faults struct {
	Version int `json:"version"`
	Errors  []struct {
		Field  string `json:"field"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"errors"`
	Changes struct {
		Kind []string `json:"kind"`
	} `json:"changes"`
}

func currentPlan(w *apitest.World) seatPlan {
	return apitest.Into[seatPlan](w.As("").Get("/api/v1/halls/1/plan").Want(http.StatusOK))
}

func TestAPlanIsSavedAsANewVersion(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		old := puton(t, w, at(25, 9), nil)
		plan := currentPlan(w)
		require.Equal(t, 1, plan.Version)
		text := strings.Replace(plan.Text, "2: 17-13o", "2: 17o 15x(柱子后) 13o", 1)
		text = strings.Replace(strings.ReplaceAll(text, "17o ", "17 "), "13o |", "13 |", 1)
		put := func(who string, body m) *apitest.Answer {
			return w.As(who).Do(http.MethodPut, "/api/v1/halls/1/plan", body)
		}
		body := m{"version": 1, "note": "柱子后看不见", "text": text}
		put("cinema", body).Refused(http.StatusForbidden, "forbidden")
		saved := apitest.Into[seatPlan](put("scheduler", body).Want(http.StatusOK))
		require.Equal(t, 2, saved.Version)
		require.Equal(t, []string{"2排15座"}, saved.Changes.Kind)

		later := puton(t, w, at(26, 9), nil)
		require.Equal(t, 171, later.Total)
		require.Equal(t, 172, apitest.Into[show](w.As("").Get(screeningPath(old.ID, "")).Want(http.StatusOK)).Total, "it keeps the plan it was opened with")

		// Somebody who edited version 1 is told what changed meanwhile.
		stale := apitest.Into[faults](put("admin", m{"version": 1, "note": "x", "text": plan.Text}).Refused(http.StatusConflict, "venue.plan_stale"))
		require.Equal(t, 2, stale.Version)
		require.Equal(t, []string{"2排15座"}, stale.Changes.Kind)
		put("admin", m{"version": 2, "note": "x", "text": text}).Refused(http.StatusConflict, "venue.plan_same")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'plan.change' AND reason = '柱子后看不见'`))
	})
}

func TestABadPlanIsRefusedWithEveryFaultNamed(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		got := apitest.Into[faults](w.As("scheduler").Do(http.MethodPut, "/api/v1/halls/1/plan",
			m{"version": 1, "note": "x", "text": "1: 1-4 3\n2:\nA B C\n3: 1 ?? 2"}).Refused(http.StatusUnprocessableEntity, "venue.plan"))
		var where []string
		for _, e := range got.Errors {
			where = append(where, e.Field+" "+e.Code)
			require.NotContains(t, e.Detail, "{", "every word is filled in")
		}
		require.Equal(t, []string{"text:1 seatplan.number_twice", "text:2 seatplan.row_empty", "text:3 seatplan.no_colon", "text:4 seatplan.word"}, where)
		require.Equal(t, 1, currentPlan(w).Version, "nothing was written")
	})
}

func TestPlansAreExchangedInThePretixFormat(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		var doc m
		require.NoError(t, json.Unmarshal([]byte(w.As("").Get("/api/v1/halls/1/plan/pretix").Want(http.StatusOK).Body), &doc))
		put := func(doc m) *apitest.Answer {
			return w.As("scheduler").Do(http.MethodPut, "/api/v1/halls/1/plan/pretix", m{"version": 1, "note": "x", "plan": doc})
		}
		put(doc).Refused(http.StatusConflict, "venue.plan_same")
		rows := doc["zones"].([]any)[0].(m)["rows"].([]any)
		rows[9].(m)["seats"].([]any)[0].(m)["category"] = "sofa"
		delete(rows[8].(m), "row_number")
		got := apitest.Into[faults](put(doc).Refused(http.StatusUnprocessableEntity, "venue.plan"))
		require.Len(t, got.Errors, 2)
		require.Equal(t, "/zones/0/rows/8", got.Errors[0].Field)
		require.Equal(t, "/zones/0/rows/9/seats/0/category", got.Errors[1].Field)
		doc["zones"].([]any)[0].(m)["rows"] = rows[:8]
		require.Len(t, apitest.Into[seatPlan](put(doc).Want(http.StatusOK)).Changes.Removed, 18+16)
	})
}

type outcome struct {
	Outages []struct {
		ID int64 `json:"id"`
	} `json:"outages"`
	Screenings []screeningOutcome `json:"screenings"`
}

type screeningOutcome struct {
	ID    int64 `json:"screening_id"`
	Moved []struct {
		BookingID string            `json:"booking_id"`
		To        []booking.SeatRef `json:"to"`
	} `json:"moved"`
	Waiting []struct {
		BookingID string `json:"booking_id"`
		Why       string `json:"why"`
	} `json:"waiting"`
	Freed []booking.SeatRef `json:"freed"`
}

// at finds what an outage did to one screening.
func (o outcome) at(t *testing.T, id int64) (i int) {
	t.Helper()
	i = slices.IndexFunc(o.Screenings, func(s screeningOutcome) bool { return s.ID == id })
	require.GreaterOrEqual(t, i, 0, "screening %d is not among those that were mended", id)
	return i
}

func TestABrokenSeatMovesItsPartyAndComesBack(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 3})
		body := m{"seats": []int64{b.Seats[0].ID}, "from": at(24, 9), "to": at(27, 9), "reason": "椅背坏了"}
		w.As("cinema").Post("/api/v1/halls/1/outages", body).Refused(http.StatusForbidden, "forbidden")
		backwards := m{"seats": body["seats"], "from": at(27, 9), "to": at(24, 9), "reason": "x"}
		w.As("scheduler").Post("/api/v1/halls/1/outages", backwards).Refused(http.StatusUnprocessableEntity, "outage.span")
		got := apitest.Into[outcome](w.As("scheduler").Post("/api/v1/halls/1/outages", body).Want(http.StatusCreated))
		now := apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/" + b.ID).Want(http.StatusOK))
		require.Equal(t, got.Screenings[got.at(t, s.ID)].Moved[0].To, now.Seats)
		require.NotContains(t, ids(now.Seats), b.Seats[0].ID)
		require.Equal(t, []int64{b.Seats[0].ID}, inState(seats(w, s.ID), "blocked"))
		require.Equal(t, 171, puton(t, w, at(26, 9), nil).Total)
		sound(t, w)

		require.Contains(t, w.Browser("cinema").Get("/halls/1").Want(http.StatusOK).Body, "椅背坏了")
		lift := m{"ids": []int64{got.Outages[0].ID}}
		back := apitest.Into[outcome](w.As("scheduler").Post("/api/v1/halls/1/outages/lift", lift).Want(http.StatusOK))
		require.Len(t, back.Screenings[back.at(t, s.ID)].Freed, 1)
		w.As("scheduler").Post("/api/v1/halls/1/outages/lift", lift).Refused(http.StatusConflict, "outage.over")
		require.Empty(t, inState(seats(w, s.ID), "blocked"))
		sound(t, w)
	})
}

func TestAWholeHallDoesWithoutABrokenSeatWhenPeopleSaySo(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		q := ask(t, w, "branch", at(26, 9))
		w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Want(http.StatusOK)
		id := look(w, "branch", q.ID).Screening
		seat := seats(w, id).Seats[50].ID
		body := m{"seats": []int64{seat}, "from": at(25, 9), "to": at(27, 9), "reason": "椅背坏了"}
		got := apitest.Into[outcome](w.As("scheduler").Post("/api/v1/halls/1/outages", body).Want(http.StatusCreated))
		waiting := got.Screenings[got.at(t, id)].Waiting
		require.Len(t, waiting, 1)
		require.Equal(t, "full", waiting[0].Why)
		require.Contains(t, w.Browser("scheduler").Get("/halls/1/outages").Want(http.StatusOK).Body, "等您决定")
		path := "/api/v1/bookings/" + waiting[0].BookingID
		w.As("scheduler").Post(path+"/give-up-broken", nil).Want(http.StatusOK)
		require.Len(t, apitest.Into[ticket](w.As("branch").Get(path).Want(http.StatusOK)).Seats, 171)
		w.As("scheduler").Post(path+"/give-up-broken", nil).Refused(http.StatusConflict, "booking.not_broken")
		sound(t, w)
	})
}

// The editing page: faults first, then the preview, then the version.
func TestThePlanPageShowsFaultsBeforeItSaves(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		send := func(form url.Values) *apitest.Answer {
			return w.Browser("scheduler").With("Content-Type", "application/x-www-form-urlencoded").Post("/halls/1/plan", form.Encode())
		}
		form := url.Values{"text": {"1排: 1-4 3\n2排:"}, "base": {"1"}, "do": {"save"}, "note": {"x"}}
		a := send(form)
		require.Equal(t, http.StatusUnprocessableEntity, a.Status)
		require.Contains(t, a.Body, "有两个 3 号")
		require.Contains(t, a.Body, "2排没有座位")
		form.Set("text", "1排: 1-4\n2排: 1-4")
		require.Contains(t, send(form).Body, "还没有预览")
		seen := strings.SplitN(strings.SplitN(send(form).Body, `name="seen" value="`, 2)[1], `"`, 2)[0]
		form.Set("seen", seen)
		require.Equal(t, http.StatusSeeOther, send(form).Status)
		require.Equal(t, 2, currentPlan(w).Version)
		a = send(form)
		require.Equal(t, http.StatusConflict, a.Status)
		require.Contains(t, a.Body, "第 2 版")
	})
}
