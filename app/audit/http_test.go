package audit_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"

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

func TestTheLogByHTTP(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, models.Audit{Actor: "clerk", Action: "booking.book", SubjectID: "7", Reason: "<script>"})
		clock.Advance(-48 * time.Hour)
		write(t, d, models.Audit{Actor: "clerk", Action: "booking.cancel", SubjectID: "8"})
		render, err := web.New(web.Config{})
		require.NoError(t, err)
		zone := time.FixedZone("Asia/Shanghai", 8*3600)
		edge := httpapi.New(httpapi.Config{Renderer: render, Log: slog.New(slog.DiscardHandler), Now: clock.Instant, Zone: zone,
			Sessions: roster{"auditor": auditor("/1/"), "resident": {AccountID: 7}}})
		s := audit.New(d, zone)
		s.Routes(edge.Router())
		s.Pages(edge.Router())
		for _, c := range []struct {
			who, call    string
			status       int
			want, absent string
		}{
			{"auditor", "GET /api/v1/audit", 200, `"total":2`, "org_name"},
			{"auditor", "GET /api/v1/audit?from=2026-11-23T08:00:00%2B08:00", 200, `"subject_id":"7"`, `"subject_id":"8"`},
			{"auditor", "GET /api/v1/audit?from=yesterday", 422, `"field":"from"`, "items"},
			{"resident", "GET /api/v1/audit", 403, `"code":"forbidden"`, "items"},
			{"auditor", "POST /api/v1/audit", 405, `"code":"no_method"`, "items"},
			{"auditor", "GET /audit", 200, "&lt;script&gt;", "<script>"},
			{"auditor", "GET /audit?to=2026-11-22", 200, "<div>退订<", "<div>订座<"},
			{"auditor", "GET /audit?subject=booking:7", 200, "<div>订座<", "<div>退订<"},
			{"auditor", "GET /audit?actor=nobody", 200, "没有符合的记录", "<div>订座<"},
			{"resident", "GET /audit", 403, "没有办成", "<div>订座<"},
		} {
			method, path, _ := strings.Cut(c.call, " ")
			req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			if strings.HasPrefix(path, "/api/") {
				req.Header.Set("Authorization", "Bearer "+c.who)
			} else {
				req.Header.Set("Who", c.who)
			}
			rec := httptest.NewRecorder()
			edge.Handler().ServeHTTP(rec, req)
			require.Equal(t, c.status, rec.Code, "%s %s: %s", c.who, c.call, rec.Body)
			require.Contains(t, rec.Body.String(), c.want, "%s %s", c.who, c.call)
			require.NotContains(t, rec.Body.String(), c.absent, "%s %s", c.who, c.call)
		}
		req := httptest.NewRequestWithContext(t.Context(), "GET", "/audit.xlsx?action=booking.book", nil)
		req.Header.Set("Who", "auditor")
		rec := httptest.NewRecorder()
		edge.Handler().ServeHTTP(rec, req)
		require.Equal(t, 200, rec.Code)
		text, err := sheet.Text(rec.Body.Bytes())
		require.NoError(t, err)
		require.Contains(t, text, "订座\tbooking.book\t")
		require.Contains(t, text, "共 1 条")
		require.NotContains(t, text, "booking.cancel")
	})
}
