package app_test

import (
	"net/http"
	"strconv"
	"testing"

	"youyue/app/apitest"
	"youyue/app/booking"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func instant(t *testing.T, s string) models.Instant {
	t.Helper()
	i, err := models.ParseInstant(s)
	require.NoError(t, err)
	return i
}

func scan(w *apitest.World, who string, body m) booking.Arrivals {
	return apitest.Into[booking.Arrivals](w.As(who).Post("/api/v1/checkins", body).Want(http.StatusOK))
}

func TestCheckInBySeatAndSecondScan(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "branch", s.ID, m{"count": 4})
		moveTo(t, w, at(25, 0))
		one := scan(w, "cinema", m{"code": b.Code, "nonce": "n1", "seats": ids(b.Seats)[:1], "screening_id": s.ID, "door": "东门"})
		require.Len(t, one.Checked, 1)
		require.Len(t, one.Missing, 3)
		require.Equal(t, []int64{1, 4}, []int64{one.Arrived, int64(one.Expected)})
		require.Equal(t, one, scan(w, "cinema", m{"code": b.Code, "nonce": "n1", "seats": ids(b.Seats)[:1], "screening_id": s.ID, "door": "东门"}), "the same nonce is the same scan")

		w.Clock.Advance(soon)
		rest := scan(w, "clerk", m{"code": " " + b.Code[:4] + "-" + b.Code[4:] + " ", "nonce": "n2", "door": "西门"})
		require.Len(t, rest.Checked, 3)
		require.Len(t, rest.Already, 1, "when and where the first was")
		require.Equal(t, "东门", rest.Already[0].Door)
		require.True(t, rest.Already[0].At.Before(rest.Checked[0].At))
		again := scan(w, "cinema", m{"code": b.Code, "nonce": "n3"})
		require.Empty(t, again.Checked)
		require.Len(t, again.Already, 4)
		require.Equal(t, int64(4), again.Arrived)

		undo := m{"code": b.Code, "seats": ids(b.Seats)[:2]}
		w.As("cinema").Post("/api/v1/checkins/undo", undo).Refused(http.StatusUnprocessableEntity, "request.invalid")
		undo["reason"] = "扫错了人"
		back := apitest.Into[booking.Arrivals](w.As("cinema").Post("/api/v1/checkins/undo", undo).Want(http.StatusOK))
		require.Len(t, back.Missing, 2)
		require.Equal(t, int64(2), back.Arrived)
		w.As("cinema").Post("/api/v1/checkins/undo", undo).Refused(http.StatusConflict, "checkin.not_there")
		require.Len(t, scan(w, "cinema", m{"code": b.Code, "nonce": "n4"}).Checked, 2, "and in again")

		type door struct {
			Count struct{ Arrived, Expected int }
			Items []struct {
				Name           string
				Party, Arrived int
			}
		}
		d := apitest.Into[door](w.As("cinema").Get(screeningPath(s.ID, "/door?q="+b.Code)).Want(http.StatusOK))
		require.Equal(t, []int{4, 4, 1, 4}, []int{d.Count.Arrived, d.Count.Expected, len(d.Items), d.Items[0].Arrived})
		require.Empty(t, apitest.Into[door](w.As("cinema").Get(screeningPath(s.ID, "/door?q=nobody")).Want(http.StatusOK)).Items)
	})
}

func TestTicketTokenOpensTheDoorAndAForgedOneDoesNot(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 2})
		full := apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/" + b.ID).Want(http.StatusOK))
		require.NotEqual(t, b.Code, full.Ticket)
		moveTo(t, w, at(25, 0))
		require.Len(t, scan(w, "cinema", m{"code": full.Ticket, "nonce": "q1"}).Checked, 2)
		w.As("cinema").Post("/api/v1/checkins", m{"code": full.Ticket + "x", "nonce": "q2"}).Refused(http.StatusNotFound, "checkin.unknown_code")
	})
}

func TestCheckInsAreRefusedClearly(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s, other := puton(t, w, at(25, 9), nil), puton(t, w, at(25, 13), nil)
		b, gone := book(w, "resident", s.ID, m{"count": 2}), book(w, "resident", s.ID, m{"count": 1})
		w.As("resident").Post("/api/v1/bookings/"+gone.ID+"/cancel", nil).Want(http.StatusOK)
		const path = "/api/v1/checkins"
		w.As("cinema").Post(path, m{"code": b.Code, "nonce": "0"}).Refused(http.StatusConflict, "checkin.early")
		w.As("cinema").Post(screeningPath(s.ID, "/paper-list"), m{"came": "before", "lines": []m{{"booking_id": b.ID, "all": true}}}).
			Refused(http.StatusConflict, "checkin.early")
		moveTo(t, w, at(25, 0))
		for name, c := range map[string]call{
			"a resident":           {as: "resident", path: path, body: m{"code": b.Code, "nonce": "1"}, status: 403, code: "forbidden"},
			"a branch":             {as: "branch", path: path, body: m{"code": b.Code, "nonce": "1"}, status: 403, code: "forbidden"},
			"an auditor":           {as: "auditor", path: path, body: m{"code": b.Code, "nonce": "1"}, status: 403, code: "forbidden"},
			"a visitor":            {path: path, body: m{"code": b.Code, "nonce": "1"}, status: 401, code: "sign_in"},
			"unknown code":         {as: "cinema", path: path, body: m{"code": "22222222", "nonce": "1"}, status: 404, code: "checkin.unknown_code"},
			"SQL for a code":       {as: "cinema", path: path, body: m{"code": "' OR '1'='1", "nonce": "1"}, status: 404, code: "checkin.unknown_code"},
			"another screening":    {as: "cinema", path: path, body: m{"code": b.Code, "nonce": "1", "screening_id": other.ID}, status: 409, code: "checkin.other_event", has: `"screening_id":` + itoa(s.ID)},
			"given back":           {as: "cinema", path: path, body: m{"code": gone.Code, "nonce": "1"}, status: 409, code: "booking.not_booked"},
			"a seat not theirs":    {as: "cinema", path: path, body: m{"code": b.Code, "nonce": "1", "seats": []int64{1 << 40}}, status: 422, code: "screening.unknown_seat"},
			"no code":              {as: "cinema", path: path, body: m{"nonce": "1"}, status: 422, code: "request.invalid", has: `"field":"code"`},
			"no nonce":             {as: "cinema", path: path, body: m{"code": b.Code}, status: 422, code: "request.invalid", has: `"field":"nonce"`},
			"nobody to undo":       {as: "cinema", path: path + "/undo", body: m{"code": b.Code, "reason": "x"}, status: 409, code: "checkin.not_there"},
			"the door's list":      {as: "resident", method: "GET", path: screeningPath(s.ID, "/door"), status: 403, code: "forbidden"},
			"an unknown screening": {as: "cinema", method: "GET", path: screeningPath(999999, "/door"), status: 404, code: "not_found"},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM checkins WHERE event_id = ?`, s.ID))
		scan(w, "cinema", m{"code": b.Code, "nonce": "1"})
		w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", nil).Refused(http.StatusConflict, "booking.arrived")
	})
}

func TestJobsAreReadByFewAndRunByTheAdministrator(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(24, 9), nil)
		came, stayed := book(w, "resident", s.ID, m{"count": 2}), book(w, "branch", s.ID, m{"count": 2})
		moveTo(t, w, at(24, 0))
		scan(w, "cinema", m{"code": came.Code, "nonce": "1"})
		moveTo(t, w, at(24, 14))
		type job struct {
			Name    string  `json:"name"`
			LastRun *string `json:"last_run"`
			Done    int     `json:"done"`
		}
		names := map[string]job{}
		for _, j := range apitest.Into[page[job]](w.As("auditor").Get("/api/v1/jobs").Want(http.StatusOK)).Items {
			names[j.Name] = j
		}
		for _, name := range []string{"remind_upcoming", "close_finished", "expire_requests", "expire_offers", "release_reserved_seats", "send_outbox", "purge_expired"} {
			require.Contains(t, names, name)
			require.Nil(t, names[name].LastRun)
		}
		for _, who := range []string{"resident", "branch", "clerk", "scheduler", "cinema", "leader", "judge"} {
			w.As(who).Get("/api/v1/jobs").Refused(http.StatusForbidden, "forbidden")
			w.As(who).Post("/api/v1/jobs/close_finished/run", nil).Refused(http.StatusForbidden, "forbidden")
		}
		w.As("auditor").Post("/api/v1/jobs/close_finished/run", nil).Refused(http.StatusForbidden, "forbidden")
		w.As("").Post("/api/v1/jobs/close_finished/run", nil).Refused(http.StatusUnauthorized, "sign_in")
		w.As("admin").Post("/api/v1/jobs/no_such_job/run", nil).Refused(http.StatusNotFound, "job.unknown")
		ran := apitest.Into[job](w.As("admin").Post("/api/v1/jobs/close_finished/run", nil).Want(http.StatusOK))
		require.Positive(t, ran.Done)
		require.Equal(t, "finished", apitest.Into[show](w.As("").Get(screeningPath(s.ID, "")).Want(http.StatusOK)).Status)
		require.Equal(t, "attended", apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+came.ID).Want(http.StatusOK)).Status)
		require.Equal(t, "no_show", apitest.Into[ticket](w.As("branch").Get("/api/v1/bookings/"+stayed.ID).Want(http.StatusOK)).Status)
		w.As("cinema").Post("/api/v1/checkins", m{"code": stayed.Code, "nonce": "2"}).Refused(http.StatusConflict, "booking.not_booked")
		for _, name := range []string{"remind_upcoming", "expire_requests", "expire_offers", "release_reserved_seats", "send_outbox", "purge_expired"} {
			w.As("admin").Post("/api/v1/jobs/"+name+"/run", nil).Want(http.StatusOK)
		}
		sound(t, w)
	})
}
