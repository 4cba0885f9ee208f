package org_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/httpapi"
	"youyue/app/web"

	"github.com/stretchr/testify/require"
)

// roster signs actors in by a word: the bearer token on the API, the header
// "Who" on pages.
type roster map[string]auth.Actor

type whoKey struct{}

func (r roster) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		next.ServeHTTP(w, q.WithContext(context.WithValue(q.Context(), whoKey{}, r[q.Header.Get("Who")])))
	})
}

func (r roster) Actor(ctx context.Context) auth.Actor {
	a, _ := ctx.Value(whoKey{}).(auth.Actor)
	return a
}

func (r roster) Again(ctx context.Context) (auth.Actor, error) { return r.Actor(ctx), nil }

func (r roster) Bearer(_ context.Context, token string) (auth.Actor, bool, error) {
	a, ok := r[token]
	return a, ok, nil
}

func TestTheTreeByHTTP(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua", "qu/qianfeng", "xinghua/fenyuan")
		render, err := web.New(web.Config{})
		require.NoError(t, err)
		edge := httpapi.New(httpapi.Config{Renderer: render, Log: slog.New(slog.DiscardHandler), Now: clock.Instant, Zone: time.UTC,
			Sessions: roster{"admin": w.admin("qu"), "local": w.admin("xinghua"), "resident": {AccountID: 7},
				"auditor": {AccountID: 8, Grants: []auth.Grant{{Role: auth.Auditor, OrgID: w.all["xinghua"].ID, Path: w.all["xinghua"].Path}}}}})
		w.s.Routes(edge.Router())
		w.s.Pages(edge.Router())
		id := func(code string) int64 { return w.all[code].ID }
		zu := id("fenyuan") + 1 // made below
		for _, c := range []struct {
			who, call, body string
			status          int
			want            string
		}{
			{"resident", "GET /api/v1/orgs", "", 200, `"total":4`},
			{"resident", fmt.Sprintf("GET /api/v1/orgs?below=%d", id("xinghua")), "", 200, `"total":2`},
			{"resident", "GET /api/v1/orgs/999", "", 404, `"code":"not_found"`},
			{"resident", "POST /api/v1/orgs", `{}`, 403, `"code":"forbidden"`},
			{"", "GET /api/v1/orgs", "", 401, `"code":"sign_in"`},
			{"admin", "POST /api/v1/orgs", fmt.Sprintf(`{"parent_id":%d,"code":"Bad Code","name":"x","kind":"team"}`, id("qu")), 422, `"field":"code"`},
			{"admin", "POST /api/v1/orgs", fmt.Sprintf(`{"parent_id":%d,"code":"zu","name":"<b>组</b>","kind":"team"}`, id("fenyuan")), 201, `"code":"zu"`},
			{"local", "POST /api/v1/orgs", fmt.Sprintf(`{"parent_id":%d,"code":"zu2","name":"x","kind":"team"}`, id("qu")), 403, `"code":"forbidden"`},
			{"admin", fmt.Sprintf("POST /api/v1/orgs/%d/move", id("fenyuan")), fmt.Sprintf(`{"parent_id":%d}`, id("qianfeng")), 200, fmt.Sprintf(`"parent_id":%d`, id("qianfeng"))},
			{"admin", fmt.Sprintf("POST /api/v1/orgs/%d/archive", id("qianfeng")), "", 409, `"code":"org.has_children"`},
			{"admin", fmt.Sprintf("PUT /api/v1/orgs/%d", id("fenyuan")), `{"name":"漪汾苑"}`, 200, `"name":"漪汾苑"`},
			{"local", fmt.Sprintf("PUT /api/v1/orgs/%d", id("fenyuan")), `{"name":"x"}`, 403, `"code":"forbidden"`},
			{"admin", "GET /orgs", "", 200, "&lt;b&gt;组"},
			{"admin", "GET /orgs/new", "", 200, "漪汾苑"},
			{"admin", fmt.Sprintf("GET /orgs/%d", id("fenyuan")), "", 200, "换上级"},
			{"local", fmt.Sprintf("GET /orgs/%d", id("fenyuan")), "", 403, "没有办成"},
			{"admin", fmt.Sprintf("GET /orgs/%d/merge?into_id=%d&reason=x", id("fenyuan"), id("xinghua")), "", 200, "并入名 xinghua"},
			{"admin", fmt.Sprintf("GET /orgs/%d/merge?into_id=%d", id("fenyuan"), id("xinghua")), "", 422, "依据"},
			{"admin", fmt.Sprintf("GET /orgs/%d/merge?into_id=%d&reason=x", id("fenyuan"), id("fenyuan")), "", 409, "不能并入自己"},
			{"local", fmt.Sprintf("GET /orgs/%d/merge?into_id=%d&reason=x", id("fenyuan"), id("xinghua")), "", 403, "没有办成"},
			{"admin", fmt.Sprintf("GET /orgs/%d/archive", id("fenyuan")), "", 200, "撤销“漪汾苑”"},
			{"admin", fmt.Sprintf("POST /api/v1/orgs/%d/archive", zu), "", 200, `"archived_at":"`},
			{"admin", "GET /orgs", "", 200, "已撤销的单位（1）"},
			{"admin", fmt.Sprintf("GET /orgs/%d", zu), "", 200, "重新启用"},
			{"admin", fmt.Sprintf("POST /api/v1/orgs/%d/reopen", zu), "", 200, `"archived_at":null`},
			{"auditor", "GET /orgs", "", 200, "名 xinghua"},
			{"auditor", fmt.Sprintf("GET /orgs/%d", id("xinghua")), "", 200, "名 xinghua"},
			{"auditor", fmt.Sprintf("GET /orgs/%d", id("qu")), "", 403, "没有办成"},
			{"auditor", "GET /orgs/new", "", 403, "没有办成"},
			{"auditor", fmt.Sprintf("PUT /api/v1/orgs/%d", id("xinghua")), `{"name":"x"}`, 403, `"code":"forbidden"`},
		} {
			method, path, _ := strings.Cut(c.call, " ")
			req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(c.body))
			req.Header.Set("Content-Type", "application/json")
			if strings.HasPrefix(path, "/api/") {
				if c.who != "" {
					req.Header.Set("Authorization", "Bearer "+c.who)
				}
			} else {
				req.Header.Set("Who", c.who)
			}
			rec := httptest.NewRecorder()
			edge.Handler().ServeHTTP(rec, req)
			if c.who == "auditor" {
				require.NotContains(t, rec.Body.String(), `method="post" action="/orgs`, "who changes nothing has no form")
			}
			require.Equal(t, c.status, rec.Code, "%s %s: %s", c.who, c.call, rec.Body)
			require.Contains(t, rec.Body.String(), c.want, "%s %s", c.who, c.call)
		}
	})
}
