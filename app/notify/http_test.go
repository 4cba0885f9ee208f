package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// desk signs actors in by a bearer token that is their role.
type desk map[string]auth.Actor

func (d desk) Middleware(next http.Handler) http.Handler     { return next }
func (d desk) Actor(context.Context) auth.Actor              { return auth.Actor{} }
func (d desk) Again(ctx context.Context) (auth.Actor, error) { return d.Actor(ctx), nil }

func (d desk) Bearer(_ context.Context, token string) (auth.Actor, bool, error) {
	a, ok := d[token]
	return a, ok, nil
}

func TestTheAPIOfInboxAndCallSheet(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	centre, north, _ := district(t, w)
	me, other := w.account(t, "", ""), w.account(t, "", "")
	caller := models.Person{Name: "张建华", OrgID: &north.ID, CreatedAt: clock.Instant()}
	w.insert(t, &caller)
	w.enqueue(t, Notice{Account: me, Kind: Booked, Subject: "booking:1", Vars: film}, Notice{Person: caller.ID, Kind: Booked, Subject: "booking:1", Vars: film})
	_, err := w.SendDue(t.Context(), clock.Instant())
	require.NoError(t, err)
	letter := w.count(t, `SELECT id FROM inbox`)
	call := w.count(t, `SELECT id FROM outbox WHERE channel = 'call'`)

	render, err := web.New(web.Config{})
	require.NoError(t, err)
	edge := httpapi.New(httpapi.Config{Renderer: render, Log: w.Log, Now: clock.Instant, Zone: shanghai, Sessions: desk{
		"resident": {AccountID: me}, "other": {AccountID: other},
		"clerk": actor(me, auth.Clerk, north), "auditor": actor(other, auth.Auditor, centre)}})
	w.Routes(edge.Router())
	w.Pages(edge.Router())

	for _, c := range []struct {
		who, call, body string
		status          int
	}{
		{"resident", "GET /api/v1/inbox", `"total":1`, 200},
		{"resident", "GET /api/v1/inbox", `"read_at":null`, 200},
		{"other", "GET /api/v1/inbox", `"items":[]`, 200},
		{"", "GET /api/v1/inbox", `"code":"sign_in"`, 401},
		{"other", fmt.Sprintf("POST /api/v1/inbox/%d/read", letter), `"code":"not_found"`, 404},
		{"resident", fmt.Sprintf("POST /api/v1/inbox/%d/read", letter), `"read_at":"2026-11-23T01:00:00Z"`, 200},
		{"resident", "POST /api/v1/inbox/x/read", `"code":"not_found"`, 404},
		{"resident", "GET /api/v1/callsheet", `"code":"forbidden"`, 403},
		{"auditor", "GET /api/v1/callsheet", `"name":"张*华"`, 200},
		{"clerk", "GET /api/v1/callsheet?state=waiting", `"name":"张建华"`, 200},
		{"clerk", "GET /api/v1/callsheet?state=all", `"field":"state"`, 422},
		{"auditor", fmt.Sprintf("POST /api/v1/callsheet/%d/done", call), `"code":"forbidden"`, 403},
		{"clerk", fmt.Sprintf("POST /api/v1/callsheet/%d/done", call), `"done_by":"刘明"`, 200},
		{"clerk", "GET /api/v1/callsheet?state=done", `"total":1`, 200},
		{"clerk", "POST /api/v1/callsheet/999/done", `"code":"not_found"`, 404},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		if c.who != "" {
			req.Header.Set("Authorization", "Bearer "+c.who)
		}
		rec := httptest.NewRecorder()
		edge.Handler().ServeHTTP(rec, req)
		require.Equal(t, c.status, rec.Code, "%s %s: %s", c.who, c.call, rec.Body)
		require.Contains(t, rec.Body.String(), c.body, "%s %s", c.who, c.call)
	}
}
