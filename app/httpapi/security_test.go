package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"

	"github.com/stretchr/testify/require"
)

func blank(title string) web.Page {
	return web.Page{Template: "docs/api", Title: title, Data: map[string]any{}}
}

func declareForm(s *site) {
	httpapi.Form(s.router(), "/wish", auth.SignedIn, httpapi.LimitNone,
		func(_ context.Context, a auth.Actor, in wish, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				p := blank("docs.title")
				p.Status, p.TitleArgs = http.StatusUnprocessableEntity, map[string]any{}
				return httpapi.Show(p), nil //nolint:nilerr // the page shows the faults
			}
			return httpapi.SeeOther("/done?for="+a.Name+in.Name, "docs.codes", map[string]any{"n": 3}), nil
		})
	httpapi.Page(s.router(), "/done", auth.Public,
		func(context.Context, auth.Actor, httpapi.None) (web.Page, error) { return blank("docs.title"), nil })
}

var signedIn = header{"Cookie": "session=resident", "Content-Type": "application/x-www-form-urlencoded"}

func TestFormWithoutTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	require.Equal(t, http.StatusForbidden, s.do("POST", "/wish", "name=a", signedIn).Code)
	require.Equal(t, http.StatusForbidden, s.do("POST", "/wish", "name=a&csrf_token=made-up", signedIn.with("Cookie", "session=resident; csrf=another")).Code)
	require.Equal(t, http.StatusForbidden, s.do("POST", "/wish", "name=a", signedIn.with("Sec-Fetch-Site", "cross-site")).Code)
	require.Equal(t, http.StatusForbidden, s.do("POST", "/wish", "name=a", signedIn.with("Sec-Fetch-Site", "same-site")).Code)
	require.Equal(t, http.StatusForbidden, s.form("/wish", "name=a", signedIn.with("Sec-Fetch-Site", "cross-site")).Code, "not even with a token")
	require.Equal(t, http.StatusSeeOther, s.form("/wish", "name=a", signedIn).Code)
	require.Equal(t, http.StatusSeeOther, s.do("POST", "/wish", "name=a", signedIn.with("Sec-Fetch-Site", "same-origin")).Code, "the browser vouches for it")
}

func TestSessionOnTheAPINeedsTheTokenHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	ask := func(h header) *httptest.ResponseRecorder { return s.do("POST", "/api/v1/things/1", `{"name":"a"}`, h) }
	w := ask(header{"Cookie": "session=resident"})
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Equal(t, "request.csrf", problem(t, w)["code"])
	w = ask(header{"Cookie": "session=resident; csrf=abc", "X-CSRF-Token": "abd"})
	require.Equal(t, "request.csrf", problem(t, w)["code"])
	require.Equal(t, http.StatusCreated, ask(header{"Cookie": "session=resident; csrf=abc", "X-CSRF-Token": "abc"}).Code)
	require.Equal(t, http.StatusCreated, ask(as("resident")).Code, "a bearer token is not sent by browsers on their own")
	require.Equal(t, "sign_in", problem(t, ask(nil))["code"], "no cookie, no token: the problem is the log-in")
}

// A token for programs opens no pages: there the header means nothing, and the
// browser's session counts as ever.
func TestBearerTokensOpenNoPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.Page(s.router(), "/mine", auth.SignedIn, func(context.Context, auth.Actor, httpapi.None) (web.Page, error) { return blank("docs.title"), nil })
	for _, h := range []header{{"Cookie": "session=resident"}, as("nobody").with("Cookie", "session=resident")} {
		require.Equal(t, http.StatusOK, s.do("GET", "/mine", "", h).Code)
	}
	for _, h := range []header{nil, as("resident")} {
		w := s.do("GET", "/mine?a=1", "", h)
		require.Equal(t, http.StatusSeeOther, w.Code)
		require.Equal(t, "/login?next=%2Fmine%3Fa%3D1", w.Header().Get("Location"))
	}
}

func TestABearerHeaderSparesNoFormItsToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	w := s.do("POST", "/wish", "name=a", header{"Cookie": "session=resident"}.with("Authorization", "Bearer nobody"))
	require.Equal(t, http.StatusForbidden, w.Code)
}

func TestLocalPathSendsNobodyElsewhere(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"/", "/a/b", "/a?next=//x", "/a#b", "/%2f%2fevil.example"} {
		require.Equal(t, ok, httpapi.LocalPath(ok, "/home"))
	}
	for _, bad := range []string{"", "a", "//evil.example", "///evil.example", "https://evil.example", "http:evil.example", `/\evil.example`, `\\evil.example`,
		"javascript:alert(1)", "/a\r\nSet-Cookie: x=y", "/\t/evil.example", "%", "?x=/"} {
		require.Equal(t, "/home", httpapi.LocalPath(bad, "/home"), bad)
	}
}

func TestDisplayKeepsChoicesAndComesBackHere(t *testing.T) {
	t.Parallel()
	s := newSite(t, secure)
	w := s.form("/display", "elder=on&lang=en&back=/me", nil)
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "/me", w.Header().Get("Location"))
	got := map[string]*http.Cookie{}
	for _, c := range w.Result().Cookies() {
		got[c.Name] = c
	}
	require.Equal(t, "on", got["elder"].Value)
	require.Equal(t, "en", got["lang"].Value)
	for _, name := range []string{"elder", "lang"} {
		require.True(t, got[name].HttpOnly && got[name].Secure && got[name].SameSite == http.SameSiteLaxMode, name)
	}
	for _, back := range []string{"//evil.example", "https://evil.example/", ""} {
		require.Equal(t, "/", s.form("/display", "elder=off&back="+back, nil).Header().Get("Location"))
	}
	w = s.form("/display", "elder=maybe&lang=fr&back=/", nil)
	for _, c := range w.Result().Cookies() {
		require.NotContains(t, []string{"elder", "lang"}, c.Name, "unknown choices are not kept")
	}
}

func TestForwardedAddressCountsFromTrustedProxiesAlone(t *testing.T) {
	t.Parallel()
	address := func(s *site, remote, forwarded string) string {
		req := httptest.NewRequest("GET", "/api/v1/address", nil)
		req.RemoteAddr = remote
		if forwarded != "" {
			req.Header.Set("X-Forwarded-For", forwarded)
			req.Header.Set("X-Real-Ip", "9.9.9.9")
		}
		w := httptest.NewRecorder()
		s.edge.Handler().ServeHTTP(w, req)
		return strings.Trim(strings.TrimSpace(w.Body.String()), `"`)
	}
	declare := func(s *site) *site {
		httpapi.API(s.router(), http.MethodGet, "/api/v1/address", auth.Public, httpapi.Op{},
			func(ctx context.Context, _ auth.Actor, _ httpapi.None) (string, error) {
				return httpapi.ClientAddress(ctx), nil
			})
		return s
	}
	direct, behind := declare(newSite(t)), declare(newSite(t, trusting("10.0.0.0/8", "127.0.0.1/32")))
	require.Equal(t, "10.1.1.1", address(direct, "10.1.1.1:99", "1.2.3.4"), "nobody is trusted")
	require.Equal(t, "1.2.3.4", address(behind, "10.1.1.1:99", "1.2.3.4"))
	require.Equal(t, "1.2.3.4", address(behind, "127.0.0.1:99", "6.6.6.6, 1.2.3.4, 10.0.0.7"), "the last that is no proxy")
	require.Equal(t, "203.0.113.9", address(behind, "203.0.113.9:99", "1.2.3.4"), "not from a proxy")
	require.Equal(t, "192.168.1.1", address(behind, "192.168.1.1:99", "1.2.3.4"), "a private address is not trusted for that")
}

func TestRequestIDIsKeptOnlyWhenPlain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareFailing(s, "/api/v1/no", errs.ErrNotFound)
	ask := func(id string) string {
		w := s.do("GET", "/api/v1/no", "", header{"X-Request-Id": id})
		require.Contains(t, w.Body.String(), "urn:youyue:request:"+w.Header().Get("X-Request-Id"))
		return w.Header().Get("X-Request-Id")
	}
	require.Equal(t, "abc-DEF_9", ask("abc-DEF_9"))
	for _, bad := range []string{"", "a b", "<script>", "张", strings.Repeat("x", 65), "a\"b", "13900000000\n"} {
		got := ask(bad)
		require.NotEqual(t, bad, got)
		require.Len(t, got, 36)
	}
}

func TestSecurityHeadersStandOnEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, secure)
	declareForm(s)
	declareWish(s)
	s.edge.Docs()
	for _, w := range []*httptest.ResponseRecorder{
		s.do("GET", "/done", "", nil), s.do("GET", "/nowhere", "", header{"Accept": "text/html"}), s.do("GET", "/api/v1/nothing", "", nil),
		s.do("POST", "/wish", "", signedIn), s.form("/wish", "name=a", signedIn), s.do("GET", "/healthz", "", nil), s.do("GET", "/static/none.css", "", nil),
		s.do("POST", "/api/v1/things/1", strings.Repeat("a", 2<<20), as("resident")), s.do("GET", httpapi.DocsPath, "", nil), s.do("GET", httpapi.DocumentPath, "", nil),
	} {
		h := w.Header()
		csp := h.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'")
		require.Contains(t, csp, "frame-ancestors 'none'")
		require.Contains(t, csp, "form-action 'self'")
		require.NotContains(t, csp, "unsafe-inline")
		require.NotContains(t, csp, "http", "nothing from third parties")
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "DENY", h.Get("X-Frame-Options"))
		require.Equal(t, "same-origin", h.Get("Referrer-Policy"))
		require.Equal(t, "max-age=31536000", h.Get("Strict-Transport-Security"))
		require.NotEmpty(t, h.Get("X-Request-Id"))
		for _, c := range w.Result().Cookies() {
			require.True(t, c.MaxAge < 0 || (c.Secure && c.SameSite == http.SameSiteLaxMode), "cookie %s", c.Name)
		}
	}
	require.Empty(t, newSite(t).do("GET", "/healthz", "", nil).Header().Get("Strict-Transport-Security"), "not on plain http")
}

func TestRateLimitAnswersAndCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	declare := func(s *site) *site {
		httpapi.API(s.router(), http.MethodPost, "/api/v1/in", auth.Public, httpapi.Op{Limit: httpapi.LimitLogin},
			func(context.Context, auth.Actor, httpapi.None) (httpapi.None, error) { return httpapi.None{}, nil })
		return s
	}
	burst := func(s *site) (ok int, last *httptest.ResponseRecorder) {
		for range 60 {
			w := s.do("POST", "/api/v1/in", "", as("resident"))
			if w.Code == http.StatusOK {
				ok++
			} else {
				last = w
			}
		}
		return ok, last
	}
	ok, w := burst(declare(newSite(t, limited)))
	require.Less(t, ok, 60)
	require.GreaterOrEqual(t, ok, 20)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "too_many", problem(t, w)["code"])
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	ok, _ = burst(declare(newSite(t)))
	require.Equal(t, 60, ok)
}

func TestLogHoldsNoQueriesPathsNorNumbers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	s.do("POST", "/api/v1/things/13900001111?phone=13900002222&name=%E5%88%98", `{"name":"139000033334444"}`, as("resident"))
	s.do("GET", "/13900005555?q=1", "", nil)
	log := s.log.String()
	require.Contains(t, log, `"route":"/api/v1/things/:id"`)
	require.Contains(t, log, `"route":"unmatched"`)
	require.Contains(t, log, `"account":5`)
	require.Contains(t, log, `"code":"request.invalid"`)
	require.NotContains(t, log, "1390000")
	require.NotContains(t, log, "phone")
	require.NotContains(t, log, "resident", "nor tokens")
}

func TestProbesNeedNoSessionAndAreNotLogged(t *testing.T) {
	t.Parallel()
	away := false
	s := newSite(t, func(c *httpapi.Config) {
		c.ServeMetrics = true
		c.Ready = func(context.Context) error {
			if away {
				return errs.ErrNotFound
			}
			return nil
		}
	})
	require.Equal(t, "ok\n", s.do("GET", "/healthz", "", nil).Body.String())
	require.Equal(t, http.StatusOK, s.do("GET", "/readyz", "", nil).Code)
	require.Empty(t, s.log.String())
	away = true
	require.Equal(t, http.StatusServiceUnavailable, s.do("GET", "/readyz", "", nil).Code)
	require.Equal(t, http.StatusOK, s.do("GET", "/healthz", "", nil).Code, "alive, though not ready")
	body := s.do("GET", "/metrics", "", nil).Body.String()
	require.Contains(t, body, "youyue_http_request_seconds")
	require.Contains(t, body, `route="/readyz"`)
	require.Equal(t, http.StatusNotFound, newSite(t).do("GET", "/metrics", "", nil).Code, "served elsewhere, or not at all")
}
