package feedback_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/feedback"
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

func TestAnybodyWritesAndStaffAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := service(t, d)
		render, err := web.New(web.Config{})
		require.NoError(t, err)
		staff := func(role auth.Role) auth.Actor {
			return auth.Actor{AccountID: 4, Login: string(role), Grants: []auth.Grant{{Role: role, OrgID: 1, Path: "/1/"}}}
		}
		edge := httpapi.New(httpapi.Config{Renderer: render, Log: slog.New(slog.DiscardHandler), Now: clock.Instant, Zone: time.UTC,
			Sessions: roster{"clerk": staff(auth.Clerk), "auditor": staff(auth.Auditor), "cinema": staff(auth.Cinema),
				"local": {AccountID: 5, Login: "local", Grants: []auth.Grant{{Role: auth.Admin, OrgID: 2, Path: "/1/2/"}}}}})
		s.Pages(edge.Router())
		var cookie, token, key string
		visit := func(who, call string, form url.Values) *httptest.ResponseRecorder {
			method, path, _ := strings.Cut(call, " ")
			if form != nil {
				form.Set("csrf_token", token)
				form.Set("idempotency_key", key)
			}
			req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
			req.Header.Set("Who", who)
			req.Header.Set("Cookie", cookie)
			if form != nil {
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			rec := httptest.NewRecorder()
			edge.Handler().ServeHTTP(rec, req)
			return rec
		}
		first := visit("", "GET /feedback", nil)
		require.Equal(t, http.StatusOK, first.Code)
		cookie, _, _ = strings.Cut(first.Header().Get("Set-Cookie"), ";")
		token = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`).FindStringSubmatch(first.Body.String())[1]
		key = regexp.MustCompile(`name="idempotency_key" value="([^"]+)"`).FindStringSubmatch(first.Body.String())[1]

		empty := visit("", "POST /feedback", url.Values{"kind": {"complaint"}, "contact": {"13935108826"}})
		require.Equal(t, http.StatusUnprocessableEntity, empty.Code)
		require.Contains(t, empty.Body.String(), "想说的话：这一项要填")
		require.Contains(t, empty.Body.String(), "13935108826", "what was typed stands there")
		for range 3 {
			sent := visit("", "POST /feedback", url.Values{"kind": {"complaint"}, "text": {"<b>坡太陡</b>"}, "contact": {"13935108826"}, "page": {"https://evil.example/"}})
			require.Equal(t, "/feedback/thanks", sent.Header().Get("Location"))
		}
		require.Equal(t, http.StatusOK, visit("", "GET /feedback/thanks", nil).Code)
		all, err := s.List(t.Context(), feedback.Filter{})
		require.NoError(t, err)
		require.Len(t, all.Items, 1, "pressed three times")
		require.Empty(t, all.Items[0].Page)

		list := visit("clerk", "GET /feedback/list", nil)
		require.Contains(t, list.Body.String(), "&lt;b&gt;坡太陡")
		require.Contains(t, list.Body.String(), all.Items[0].Path())
		list = visit("auditor", "GET /feedback/list", nil)
		require.Equal(t, http.StatusOK, list.Code)
		require.NotContains(t, list.Body.String(), all.Items[0].Path(), "who changes nothing has no button")
		require.Equal(t, http.StatusForbidden, visit("cinema", "GET /feedback/list", nil).Code)
		require.Equal(t, http.StatusForbidden, visit("local", "GET /feedback/list", nil).Code, "what people write goes to the district")
		require.Equal(t, http.StatusForbidden, visit("local", "POST "+all.Items[0].Path(), url.Values{}).Code)
		require.Equal(t, http.StatusForbidden, visit("auditor", "POST "+all.Items[0].Path(), url.Values{}).Code)
		require.Equal(t, http.StatusSeeOther, visit("clerk", "POST "+all.Items[0].Path(), url.Values{}).Code)
		require.Contains(t, visit("clerk", "GET /feedback/list?state=done", nil).Body.String(), "坡太陡")
	})
}
