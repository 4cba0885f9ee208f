package app_test

import (
	"net/http"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/httpapi"

	"github.com/stretchr/testify/require"
)

// visitors, then one demo log-in of every role.
var cast = []struct {
	login string
	roles []auth.Role
}{
	{"", nil}, {"resident", nil}, {"branch", []auth.Role{auth.Branch}}, {"clerk", []auth.Role{auth.Clerk}},
	{"scheduler", []auth.Role{auth.Scheduler}}, {"cinema", []auth.Role{auth.Cinema}}, {"partner", []auth.Role{auth.Partner}}, {"leader", []auth.Role{auth.Leader}},
	{"judge", []auth.Role{auth.Judge}}, {"admin", []auth.Role{auth.Admin}}, {"auditor", []auth.Role{auth.Auditor}},
}

// may says what the permission table promises a log-in for a route.
func may(roles []auth.Role, login string, p auth.Permission) bool {
	if p == auth.Public || (p == auth.SignedIn && login != "") {
		return true
	}
	for _, r := range roles {
		if r.Has(p) {
			return true
		}
	}
	return false
}

// nowhere is a path of the route whose parameters name nothing that exists, so
// that whoever is let in changes nothing.
func nowhere(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "999999999"
		}
	}
	return strings.Join(parts, "/")
}

// Every cell of role × route. Who may not gets 401 (pages: the log-in) or 403;
// who may is let through to the route's own answer, which for a thing that does
// not exist is not 401, and 403 only from the route's own rules.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	routes := w.App.Edge.Router().Routes()
	cells := 0
	for _, who := range cast {
		t.Run("as "+who.login, func(t *testing.T) {
			for _, r := range routes {
				if leaves(r) {
					continue
				}
				allowed := may(who.roles, who.login, r.Permission)
				a := knock(w, who.login, r)
				name := r.Method + " " + r.Path
				cells++
				switch {
				case allowed:
					require.NotEqual(t, http.StatusUnauthorized, a.Status, name)
					require.NotEqual(t, http.StatusForbidden, a.Status, name)
					require.Less(t, a.Status, 500, "%s: %s", name, a.Body)
					if r.Kind != httpapi.KindAPI && who.login != "" {
						require.NotContains(t, a.Header.Get("Location"), "/login", name)
					}
				case who.login == "" && r.Kind == httpapi.KindAPI:
					require.Equal(t, "sign_in", a.Refused(http.StatusUnauthorized, "sign_in").Code(), name)
				case who.login == "":
					require.Equal(t, http.StatusSeeOther, a.Status, name)
					require.True(t, strings.HasPrefix(a.Header.Get("Location"), "/login?next="), name)
				case r.Kind == httpapi.KindAPI:
					require.Equal(t, http.StatusForbidden, a.Status, name)
					require.Equal(t, "forbidden", a.Code(), name)
				default:
					require.Equal(t, http.StatusForbidden, a.Status, name)
					require.Contains(t, a.Body, "<main", name)
				}
			}
		})
	}
	require.Equal(t, len(cast)*countIf(routes, func(r httpapi.Route) bool { return !leaves(r) }), cells, "every cell was asked")
}

// leaves are the routes that end the session which the other cells need; their
// permission stands in the golden table.
func leaves(r httpapi.Route) bool {
	return r.Method == http.MethodPost && (r.Path == "/logout" || strings.Contains(r.Path, "sign-out"))
}

func countIf(routes []httpapi.Route, f func(httpapi.Route) bool) int {
	n := 0
	for _, r := range routes {
		if f(r) {
			n++
		}
	}
	return n
}

func knock(w *apitest.World, login string, r httpapi.Route) *apitest.Answer {
	path := nowhere(r.Path)
	if r.Kind == httpapi.KindAPI {
		return w.As(login).Do(r.Method, path, nil)
	}
	c := w.Browser(login)
	if r.Kind == httpapi.KindForm {
		c = c.With("Content-Type", "application/x-www-form-urlencoded")
	}
	return c.Do(r.Method, path, nil)
}

// The auditor reads everything and changes nothing: no role of his opens a
// route that writes, but for what every account does with its own things.
func TestAuditorsChangeNothing(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	for _, r := range w.App.Edge.Router().Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		if auth.Auditor.Has(r.Permission) {
			require.Contains(t, []auth.Permission{auth.Public, auth.SignedIn}, r.Permission, r.Method+" "+r.Path)
		}
	}
	reads := []auth.Permission{auth.BookingRead, auth.HallCalendar, auth.CallSheetRead, auth.FeedbackRead, auth.AuditRead, auth.JobRead}
	for _, p := range reads {
		require.True(t, auth.Auditor.Has(p), p)
	}
}

// A negative control of the matrix: with a permission taken off the table, a
// cell changes.
func TestMatrixSeesAMissingPermission(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	require.NoError(t, w.App.Accounts.RevokeByCode(t.Context(), "cinema", auth.Cinema, "oscar"))
	for _, r := range w.App.Edge.Router().Routes() {
		if r.Permission == auth.CheckIn && r.Kind == httpapi.KindAPI {
			require.True(t, may([]auth.Role{auth.Cinema}, "cinema", r.Permission))
			require.Equal(t, http.StatusForbidden, knock(w, "cinema", r).Status)
		}
	}
}

// Staff of one place are nobody at another.
func TestStaffActInTheirScopeAlone(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		for login, role := range map[string]auth.Role{"clerk9": auth.Clerk, "scheduler9": auth.Scheduler, "cinema9": auth.Cinema, "auditor9": auth.Auditor} {
			_, err := w.App.Accounts.AddAccount(t.Context(), login, "别处的人（示例）", "")
			require.NoError(t, err)
			require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), login, role, "xinghua"))
		}
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 2})
		q := ask(t, w, "branch", at(26, 9))
		far := []call{
			{as: "scheduler9", path: "/api/v1/screenings", body: m{"film_id": film(t, w, "1921"), "starts_at": at(27, 9), "audience": "public"}, status: 403, code: "forbidden"},
			{as: "scheduler9", path: screeningPath(s.ID, "/cancel"), body: m{"reason": "x"}, status: 403, code: "forbidden"},
			{as: "scheduler9", path: requestPath(q.ID, "/approve"), status: 404, code: "not_found"},
			{as: "scheduler9", method: "GET", path: requestPath(q.ID, ""), status: 404, code: "not_found"},
			{as: "cinema9", path: "/api/v1/checkins", body: m{"code": b.Code, "nonce": "1"}, status: 404, code: "checkin.unknown_code"},
			{as: "cinema9", method: "GET", path: screeningPath(s.ID, "/door"), status: 403, code: "forbidden"},
		}
		for _, who := range []string{"clerk9", "scheduler9", "cinema9", "auditor9"} {
			far = append(far, call{as: who, method: "GET", path: "/api/v1/bookings/" + b.ID, status: 404, code: "not_found"},
				call{as: who, path: "/api/v1/bookings/" + b.ID + "/cancel", status: 404, code: "not_found"})
		}
		for _, c := range far {
			t.Run(c.as+" "+c.path, func(t *testing.T) { c.run(t, w) })
		}
		// A station's clerk books its own callers anywhere, and keeps those.
		own := book(w, "clerk9", s.ID, m{"count": 1, "caller": m{"name": "王奶奶"}, "channel": "phone"})
		w.As("clerk9").Get("/api/v1/bookings/" + own.ID).Want(http.StatusOK)
		w.As("resident").Get("/api/v1/bookings/"+own.ID).Refused(http.StatusNotFound, "not_found")
		w.As("clerk9").Post("/api/v1/bookings/"+own.ID+"/cancel", m{"channel": "phone"}).Want(http.StatusOK)
	})
}

// A role that is taken back, an account that is closed: the next request knows.
func TestRevocationHoldsFromTheNextRequest(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		w.As("scheduler").Get("/api/v1/callsheet").Want(http.StatusOK)
		w.Browser("scheduler").Get("/callsheet").Want(http.StatusOK)
		require.NoError(t, w.App.Accounts.RevokeByCode(t.Context(), "scheduler", auth.Scheduler, "wbl"))
		w.As("scheduler").Get("/api/v1/callsheet").Refused(http.StatusForbidden, "forbidden")
		w.Browser("scheduler").Get("/callsheet").Want(http.StatusForbidden)
		require.NoError(t, w.App.Accounts.DisableLogin(t.Context(), "scheduler"))
		w.As("scheduler").Get("/api/v1/bookings").Refused(http.StatusUnauthorized, "bad_token")
		require.Contains(t, w.Browser("scheduler").Get("/inbox").Want(http.StatusSeeOther).Header.Get("Location"), "/login")
	})
}

// The pages keep to the same ownership as the API.
func TestPagesShowTheirPeopleOnly(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 2})
		q := ask(t, w, "branch", at(26, 9))
		mine, theirs := "/bookings/"+b.ID, "/hall-requests/"+itoa(q.ID)
		for who, want := range map[string][2]int{
			"resident": {200, 404}, "branch": {404, 200}, "branch2": {404, 404}, "leader": {404, 404}, "judge": {404, 404},
			"auditor": {200, 200}, "cinema": {200, 200}, "scheduler": {200, 200},
		} {
			for _, p := range []string{mine, mine + "/slip", mine + "/calendar.ics"} {
				require.Equal(t, want[0], w.Browser(who).Get(p).Status, "%s %s", who, p)
			}
			require.Equal(t, want[1], w.Browser(who).Get(theirs).Status, "%s %s", who, theirs)
		}
		form := func(who, path, body string) int {
			return w.Browser(who).With("Content-Type", "application/x-www-form-urlencoded").Post(path, body).Status
		}
		require.Equal(t, http.StatusNotFound, form("branch", mine+"/cancel", "reason=x"))
		require.Equal(t, http.StatusForbidden, form("auditor", theirs+"/approve", ""))
		require.Equal(t, http.StatusForbidden, form("branch", theirs+"/approve", ""))
		require.Equal(t, http.StatusNotFound, form("branch2", theirs+"/withdraw", ""))
		auditor := w.Browser("auditor").With("Content-Type", "application/x-www-form-urlencoded").Post(mine+"/cancel", "reason=x")
		require.NotEqual(t, http.StatusSeeOther, auditor.Status, "reads, and changes nothing")
		require.Equal(t, "booked", apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+b.ID).Want(http.StatusOK)).Status)
		require.Equal(t, "pending", look(w, "branch", q.ID).Status)
	})
}
