package app_test

import (
	"net/http"
	"testing"

	"youyue/app/apitest"
	"youyue/app/auth"

	"github.com/stretchr/testify/require"
)

// Who stands in during a leave decides from its first day to its last, is told of
// what is asked, and has nothing before and after.
func TestStandInsDecideDuringALeave(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		acc, err := w.App.Accounts.AddAccount(t.Context(), "standin", "代班（示例）", "")
		require.NoError(t, err)
		require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), "standin", auth.Judge, "wbl")) // a colleague of some kind
		wbl := orgCalled(t, w, "wbl")
		path := "/api/v1/accounts/" + itoa(acc.ID) + "/grants"
		for _, bad := range []m{{"from": "2026-11-25"}, {"from": "2026-11-26", "until": "2026-11-25"}, {"from": "2026-11-01", "until": "2026-11-22"}, {"from": "x", "until": "y"}} {
			bad["role"], bad["org_id"] = "scheduler", wbl
			w.As("admin").Post(path, bad).Refused(http.StatusUnprocessableEntity, "request.invalid")
		}
		submit(w, "admin", "/accounts/"+itoa(acc.ID)+"/grants", "role", "scheduler", "org_id", itoa(wbl), "from", "2026-11-25", "until", "2026-11-26").Want(http.StatusSeeOther)
		require.Contains(t, w.Browser("admin").Get("/accounts/"+itoa(acc.ID)).Want(http.StatusOK).Body, "2026-11-25 至 2026-11-26")

		ask := func(day int) string { return wanted(t, w, "branch", day, 14, 16) }
		approve := func(id string) int { return w.As("standin").Post("/api/v1/bookings/"+id+"/approve", nil).Status }
		id := ask(27)
		require.Equal(t, http.StatusNotFound, approve(id), "before")
		clockAt(w, 25, 0, 0)
		require.Equal(t, http.StatusOK, approve(id), "the first minute")
		id = ask(28)
		_, err = w.Runner.RunOnce(t.Context(), "send_outbox")
		require.NoError(t, err)
		require.Contains(t, w.Browser("standin").Get("/inbox").Want(http.StatusOK).Body, "/room-requests/"+id)
		clockAt(w, 26, 23, 59)
		w.As("standin").Get("/api/v1/closures").Want(http.StatusOK)
		clockAt(w, 27, 0, 0)
		require.Equal(t, http.StatusNotFound, approve(id), "after")
		w.As("standin").Get("/api/v1/closures").Refused(http.StatusForbidden, "forbidden")

		// A second leave; then for good, which a term does not shorten.
		grant := m{"role": "scheduler", "org_id": wbl, "from": "2026-11-28", "until": "2026-12-01"}
		w.As("admin").Post(path, grant).Want(http.StatusOK)
		require.Equal(t, http.StatusNotFound, approve(id))
		w.As("admin").Post(path, m{"role": "scheduler", "org_id": wbl}).Want(http.StatusOK)
		require.Equal(t, http.StatusOK, approve(id))
		require.NotContains(t, w.As("admin").Post(path, grant).Want(http.StatusOK).Body, "2026-11-28")
	})
}
