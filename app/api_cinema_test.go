package app_test

import (
	"net/http"
	"testing"

	"youyue/app/apitest"

	"github.com/stretchr/testify/require"
)

// The cinema's side by the API: hours, refusals with what works instead, the answer.
func TestTheCinemaReleasesBlocksAndConfirms(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		const hall = "/api/v1/halls/1"
		cinema := w.As("cinema")
		cinema.Do(http.MethodPut, hall+"/rules", m{"released_only": true, "confirm": "after_scheduler"}).Want(http.StatusNoContent)
		no := w.As("branch").Post("/api/v1/hall-requests", hallWish(t, w, at(25, 5))).Refused(http.StatusConflict, "hall.not_released")
		b := apitest.Into[busy](no)
		require.NotEmpty(t, b.Alternatives)
		require.Equal(t, "2026-11-25T01:00:00Z", b.Alternatives[0].StartsAt.Time().Format("2006-01-02T15:04:05Z"), "nine in the morning, when it is released")

		span := m{"starts_at": at(25, 4), "ends_at": at(25, 8)}
		for _, who := range []string{"scheduler", "branch", "admin", "auditor"} {
			w.As(who).Post(hall+"/releases", m{"spans": []m{span}}).Refused(http.StatusForbidden, "forbidden")
		}
		cinema.Post(hall+"/releases", m{"spans": []m{span}, "pattern": m{"from": "2026-11-26", "to": "2026-12-06", "weekdays": []int{6, 7}, "start": "06:00", "end": "08:00"}}).Want(http.StatusOK)
		cinema.Post(hall+"/releases", m{"spans": []m{{"starts_at": at(25, 8), "ends_at": at(25, 4)}}}).Refused(http.StatusUnprocessableEntity, "hours.faults")
		cinema.Get(hall + "/releases?per_page=3").Want(http.StatusOK)
		q := ask(t, w, "branch", at(25, 5))
		cinema.Post(hall+"/releases/withdraw", span).Refused(http.StatusConflict, "hours.used")
		cinema.Post(hall+"/blocks", m{"spans": []m{{"starts_at": at(25, 6), "ends_at": at(25, 7), "note": "检修"}}}).Refused(http.StatusConflict, "hours.used")

		require.Equal(t, "confirming", apitest.Into[request](w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Want(http.StatusOK)).Status)
		w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Refused(http.StatusConflict, "hall_request.unconfirmed")
		w.As("scheduler").Post(requestPath(q.ID, "/confirm"), m{}).Refused(http.StatusForbidden, "forbidden")
		cinema.Post(requestPath(q.ID, "/confirm"), m{"phone": "13900001234"}).Refused(http.StatusUnprocessableEntity, "request.invalid")
		a := cinema.Post(requestPath(q.ID, "/confirm"), m{"projectionist": "张放映", "phone": "13900001234", "cost": "免场租"}).Want(http.StatusOK)
		require.Contains(t, a.Body, "免场租")
		require.Equal(t, "approved", look(w, "branch", q.ID).Status)

		s := puton(t, w, at(26, 9), nil)
		require.Equal(t, []any{"planned", false}, []any{s.Status, s.Bookable})
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"count": 2}).Refused(http.StatusConflict, "screening.planned")
		cinema.Post(screeningPath(s.ID, "/confirm"), m{"projectionist": "张放映"}).Want(http.StatusOK)
		book(w, "resident", s.ID, m{"count": 2})
		cinema.Post(screeningPath(s.ID, "/refuse"), m{"reason": "检修"}).Refused(http.StatusConflict, "screening.nothing_to_confirm")
		sound(t, w)
	})
}
