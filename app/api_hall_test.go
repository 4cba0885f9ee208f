package app_test

import (
	"net/http"
	"sync"
	"testing"

	"youyue/app/apitest"
	"youyue/app/screening"

	"github.com/stretchr/testify/require"
)

// wish is a request for the whole hall; no screening need exist.
func hallWish(t *testing.T, w *apitest.World, start string) m {
	t.Helper()
	return m{"film_id": film(t, w, "1921"), "starts_at": start, "headcount": 60, "purpose": "主题党日", "oath": true}
}

func ask(t *testing.T, w *apitest.World, who, start string) request {
	t.Helper()
	return apitest.Into[request](w.As(who).Post("/api/v1/hall-requests", hallWish(t, w, start)).Want(http.StatusCreated))
}

func look(w *apitest.World, who string, id int64) request {
	return apitest.Into[request](w.As(who).Get(requestPath(id, "")).Want(http.StatusOK))
}

func TestApprovedRequestGivesTheWholeHall(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		q := ask(t, w, "branch", at(25, 9))
		require.Equal(t, "pending", q.Status)
		require.True(t, q.Holds)
		require.Equal(t, "2026-11-24T13:00:00Z", q.Deadline, "twelve hours before the start at the latest")
		got := apitest.Into[request](w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Want(http.StatusOK))
		require.Equal(t, "approved", got.Status)
		s := apitest.Into[show](w.As("").Get(screeningPath(got.Screening, "")).Want(http.StatusOK))
		require.Equal(t, []any{172, 0, "branches", "共建第一党支部（示例）"}, []any{s.Taken, s.Free, s.Audience, s.Branch})
		mine := apitest.Into[page[ticket]](w.As("branch").Get("/api/v1/bookings?screening_id=" + itoa(s.ID)).Want(http.StatusOK))
		require.Len(t, mine.Items, 1)
		require.Len(t, mine.Items[0].Seats, 172)
		w.As("branch2").Post(screeningPath(s.ID, "/bookings"), m{"count": 2}).Refused(http.StatusConflict, "screening.full")
		for move, body := range map[string]m{"approve": {}, "decline": {"reason": "x"}, "propose": {"starts_at": at(26, 9)}} {
			w.As("scheduler").Post(requestPath(q.ID, "/"+move), body).Refused(http.StatusConflict, "hall_request.decided")
		}
		w.As("branch").Post(requestPath(q.ID, "/withdraw"), nil).Refused(http.StatusConflict, "hall_request.decided")
		sound(t, w)
	})
}

func TestRivalsQueueAndAreDeclinedByName(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		first, second := ask(t, w, "branch", at(25, 9)), ask(t, w, "branch2", at(25, 10))
		require.False(t, second.Holds, "it waits behind the first")
		require.Equal(t, first.ID, second.Rivals[0].ID)
		seen := look(w, "scheduler", first.ID)
		require.Len(t, seen.Rivals, 1)
		third := ask(t, w, "branch3", at(25, 8))
		no := w.As("scheduler").Post(requestPath(first.ID, "/approve"), m{"rivals": []int64{second.ID}}).Refused(http.StatusConflict, "hall_request.rivals")
		require.Len(t, apitest.Into[struct{ Rivals []screening.Rival }](no).Rivals, 2, "the list as it is now")
		w.As("scheduler").Post(requestPath(first.ID, "/approve"), m{"rivals": []int64{third.ID, second.ID}}).Want(http.StatusOK)
		for who, id := range map[string]int64{"branch2": second.ID, "branch3": third.ID} {
			q := look(w, who, id)
			require.Equal(t, "declined", q.Status)
			require.NotEmpty(t, q.Reason)
		}
		sound(t, w)
	})
}

func TestDecliningPassesTheTimeOn(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		first, second := ask(t, w, "branch", at(25, 9)), ask(t, w, "branch2", at(25, 9))
		w.As("scheduler").Post(requestPath(first.ID, "/decline"), nil).Refused(http.StatusUnprocessableEntity, "request.invalid")
		w.As("scheduler").Post(requestPath(first.ID, "/decline"), m{"reason": "当天影厅检修"}).Want(http.StatusOK)
		require.Equal(t, "当天影厅检修", look(w, "branch", first.ID).Reason)
		require.True(t, look(w, "branch2", second.ID).Holds)
		w.As("branch2").Post(requestPath(second.ID, "/withdraw"), m{"reason": "改期"}).Want(http.StatusOK)
		require.Equal(t, "withdrawn", look(w, "branch2", second.ID).Status)
		puton(t, w, at(25, 9), nil)
	})
}

func TestProposedTimeIsHeldUntilTheBranchAnswers(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		q := ask(t, w, "branch", at(25, 9))
		w.As("branch").Post(requestPath(q.ID, "/accept"), nil).Refused(http.StatusConflict, "hall_request.decided")
		no := w.As("scheduler").Post(requestPath(q.ID, "/propose"), m{"starts_at": at(24, 19)}).Refused(http.StatusConflict, "screening.hall_busy")
		require.NotEmpty(t, apitest.Into[busy](no).Clashes)
		require.True(t, look(w, "branch", q.ID).Holds, "a proposal that fails gives nothing up")
		got := apitest.Into[request](w.As("scheduler").Post(requestPath(q.ID, "/propose"), m{"starts_at": at(26, 9), "reason": "影院有首映"}).Want(http.StatusOK))
		require.Equal(t, []string{"proposed", "2026-11-26T01:00:00Z"}, []string{got.Status, got.Proposed})
		w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Refused(http.StatusConflict, "hall_request.decided")
		puton(t, w, at(25, 9), nil) // the time first asked for is free again
		w.As("scheduler").Post("/api/v1/screenings", m{"film_id": film(t, w, "1921"), "starts_at": at(26, 9), "audience": "public"}).
			Refused(http.StatusConflict, "screening.hall_busy")
		w.As("branch2").Post(requestPath(q.ID, "/accept"), nil).Refused(http.StatusNotFound, "not_found")
		done := apitest.Into[request](w.As("branch").Post(requestPath(q.ID, "/accept"), nil).Want(http.StatusOK))
		require.Equal(t, "approved", done.Status)
		require.Equal(t, "2026-11-26T01:00:00Z", apitest.Into[show](w.As("").Get(screeningPath(done.Screening, "")).Want(http.StatusOK)).StartsAt)
		sound(t, w)
	})
}

// busy is a refusal that says what the hall is taken by, and when it is not.
type busy struct {
	Clashes      []screening.BusyWith `json:"clashes"`
	Alternatives []screening.Slot     `json:"alternatives"`
}

func TestBusyHallOffersStartsThatReallyAreFree(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		no := w.As("branch").Post("/api/v1/hall-requests", hallWish(t, w, at(24, 18))).Refused(http.StatusConflict, "screening.hall_busy")
		b := apitest.Into[busy](no)
		require.Equal(t, "screening", b.Clashes[0].Kind)
		require.NotEmpty(t, b.Clashes[0].Title)
		require.NotEmpty(t, b.Alternatives)
		for _, slot := range b.Alternatives {
			q := ask(t, w, "branch", slot.StartsAt.String())
			require.True(t, q.Holds)
			w.As("branch").Post(requestPath(q.ID, "/withdraw"), nil).Want(http.StatusOK)
		}
	})
}

func TestHallRequestsAreRefusedClearly(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		const path = "/api/v1/hall-requests"
		good := hallWish(t, w, at(25, 9))
		but := func(k string, v any) m {
			out := m{}
			for a, b := range good {
				out[a] = b
			}
			if v == nil {
				delete(out, k)
			} else {
				out[k] = v
			}
			return out
		}
		before := count(t, w, `SELECT COUNT(*) FROM hall_requests`)
		zb2 := count(t, w, `SELECT id FROM orgs WHERE code = 'yzn-zb2'`)
		for name, c := range map[string]call{
			"a resident":        {as: "resident", path: path, body: good, status: 403, code: "forbidden"},
			"an auditor":        {as: "auditor", path: path, body: good, status: 403, code: "forbidden"},
			"a visitor":         {path: path, body: good, status: 401, code: "sign_in"},
			"which branch":      {as: "clerk", path: path, body: good, status: 422, code: "screening.which_branch"},
			"another branch":    {as: "branch", path: path, body: but("org_id", zb2), status: 422, code: "request.invalid", has: `"field":"org_id"`},
			"nobody comes":      {as: "branch", path: path, body: but("headcount", 0), status: 422, code: "request.invalid", has: `"field":"headcount"`},
			"173 come":          {as: "branch", path: path, body: but("headcount", 173), status: 422, code: "hall_request.headcount"},
			"no purpose":        {as: "branch", path: path, body: but("purpose", nil), status: 422, code: "request.invalid", has: `"field":"purpose"`},
			"no film":           {as: "branch", path: path, body: but("film_id", nil), status: 422, code: "request.invalid", has: `"field":"film_id"`},
			"unknown film":      {as: "branch", path: path, body: but("film_id", 999999), status: 422, code: "request.invalid", has: `"field":"film_id"`},
			"unknown hall":      {as: "branch", path: path, body: but("hall_id", 999999), status: 422, code: "request.invalid", has: `"field":"hall_id"`},
			"no start":          {as: "branch", path: path, body: but("starts_at", nil), status: 422, code: "request.invalid", has: `"field":"starts_at"`},
			"yesterday":         {as: "branch", path: path, body: but("starts_at", at(22, 9)), status: 422, code: "screening.past"},
			"in three years":    {as: "branch", path: path, body: but("starts_at", "2029-11-25T09:00:00+08:00"), status: 422, code: "screening.far"},
			"after the licence": {as: "branch", path: path, body: but("starts_at", "2027-11-26T09:00:00+08:00"), status: 422, code: "screening.licence", has: `"licence_to"`},
			"no moment":         {as: "branch", path: path, body: but("starts_at", "明天"), status: 400, code: "request.malformed"},
			"oath in words":     {as: "branch", path: path, body: but("oath", "yes"), status: 400, code: "request.wrong_type"},
			"unknown request":   {as: "scheduler", path: path + "/999999/approve", status: 404, code: "not_found"},
			"unknown to read":   {as: "branch", method: "GET", path: path + "/999999", status: 404, code: "not_found"},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		require.Equal(t, before, count(t, w, `SELECT COUNT(*) FROM hall_requests`))
	})
}

func TestHallRequestsBelongToTheirPeople(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		colleague(t, w, "branch1b", "yzn-zb1")
		q := ask(t, w, "branch", at(25, 9))
		for _, c := range []struct {
			who                                string
			read, approve, withdraw, declining int
		}{
			{"resident", 404, 403, 403, 403},
			{"branch2", 404, 403, 404, 403},
			{"leader", 404, 403, 403, 403},
			{"cinema", 200, 403, 403, 403},
			{"admin", 200, 403, 403, 403},
			{"auditor", 200, 403, 403, 403},
			{"branch1b", 200, 403, -1, 403},
		} {
			w.As(c.who).Get(requestPath(q.ID, "")).Want(c.read)
			w.As(c.who).Post(requestPath(q.ID, "/approve"), nil).Want(c.approve)
			w.As(c.who).Post(requestPath(q.ID, "/decline"), m{"reason": "x"}).Want(c.declining)
			if c.withdraw > 0 {
				w.As(c.who).Post(requestPath(q.ID, "/withdraw"), nil).Want(c.withdraw)
			}
		}
		require.Equal(t, "pending", look(w, "branch", q.ID).Status)
		w.As("branch1b").Post(requestPath(q.ID, "/withdraw"), nil).Want(http.StatusOK)
	})
}

func TestHallRequestKeyAsksOnce(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		wish := hallWish(t, w, at(25, 9))
		w.As("branch")
		got := make([]*apitest.Answer, 3)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i] = w.As("branch").With("Idempotency-Key", "h1").Post("/api/v1/hall-requests", wish) })
		}
		wg.Wait()
		for _, a := range got {
			require.Equal(t, got[0].Want(http.StatusCreated).Body, a.Body)
		}
		wish["headcount"] = 61
		w.As("branch").With("Idempotency-Key", "h1").Post("/api/v1/hall-requests", wish).Refused(http.StatusUnprocessableEntity, "idempotency.reused")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM hall_requests WHERE headcount = 60 AND starts_at = ?`, instant(t, at(25, 9))))
	})
}
