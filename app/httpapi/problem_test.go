package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func declareFailing(s *site, path string, err error) {
	httpapi.API(s.router(), http.MethodGet, path, auth.Public, httpapi.Op{},
		func(context.Context, auth.Actor, httpapi.None) (httpapi.None, error) { return httpapi.None{}, err })
}

func TestProblemSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareFailing(s, "/api/v1/no", errs.ErrNotFound.Add("hint", 7))
	zh := problem(t, s.do("GET", "/api/v1/no", "", nil))
	en := problem(t, s.do("GET", "/api/v1/no", "", header{"Accept-Language": "en-GB,en;q=0.9"}))
	cookie := problem(t, s.do("GET", "/api/v1/no", "", header{"Accept-Language": "en", "Cookie": "lang=zh-CN"}))
	require.NotEqual(t, zh["detail"], en["detail"])
	require.Equal(t, zh["detail"], cookie["detail"])
	require.Contains(t, en["detail"], "Not found")
	for _, p := range []map[string]any{zh, en} {
		require.Equal(t, "urn:youyue:problem:not_found", p["type"])
		require.Equal(t, "Not Found", p["title"])
		require.InDelta(t, 404, p["status"], 0)
		require.Equal(t, "not_found", p["code"])
		require.Contains(t, p["instance"], "urn:youyue:request:")
		require.InDelta(t, 7, p["hint"], 0)
	}
}

func TestMomentsInRefusalsAreWrittenForTheReader(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := models.InstantOf(time.Date(2026, 11, 28, 11, 0, 0, 0, time.UTC))
	declareFailing(s, "/api/v1/no", errs.New(errs.Conflict, "screening.not_open_yet").With("opens_at", at).Add("opens_at", at))
	p := problem(t, s.do("GET", "/api/v1/no", "", nil))
	require.Contains(t, p["detail"], "11月28日")
	require.Contains(t, p["detail"], "19:00", "in the reader's zone")
	require.Equal(t, "2026-11-28T11:00:00Z", p["opens_at"], "for programs in UTC")
}

func TestUnknownErrorsShowNothingOfTheirCause(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareFailing(s, "/api/v1/no", errors.New("pq: password for 13900000000 is hunter2"))
	w := s.do("GET", "/api/v1/no", "", nil)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	p := problem(t, w)
	require.Equal(t, "internal", p["code"])
	require.NotContains(t, w.Body.String(), "hunter2")
	id := strings.TrimPrefix(p["instance"].(string), "urn:youyue:request:") //nolint:forcetypeassert // a test
	require.Equal(t, w.Header().Get("X-Request-Id"), id)
	require.Contains(t, s.log.String(), id)
	require.Contains(t, s.log.String(), "hunter2", "the cause is for the log")
}

func TestPanicIsAnInternalProblemWithAnID(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.API(s.router(), http.MethodGet, "/api/v1/panic", auth.Public, httpapi.Op{},
		func(context.Context, auth.Actor, httpapi.None) (httpapi.None, error) { panic("the roof is on fire") })
	w := s.do("GET", "/api/v1/panic", "", nil)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, "internal", problem(t, w)["code"])
	require.NotContains(t, w.Body.String(), "roof")
	require.Contains(t, s.log.String(), "the roof is on fire")
	require.Contains(t, s.log.String(), w.Header().Get("X-Request-Id"))
}

func TestRetryAfterSaysHowLong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareFailing(s, "/api/v1/away", errs.New(errs.Unavailable, "db.unavailable"))
	declareFailing(s, "/api/v1/slow", errs.New(errs.TooMany, "too_many").Add("retry_after", 30))
	require.Equal(t, "2", s.do("GET", "/api/v1/away", "", nil).Header().Get("Retry-After"))
	require.Equal(t, "30", s.do("GET", "/api/v1/slow", "", nil).Header().Get("Retry-After"))
}

func TestUnknownRoutesAndMethodsAreProblems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	w := s.do("GET", "/api/v1/nothing", "", nil)
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Equal(t, "no_route", problem(t, w)["code"])
	w = s.do("DELETE", "/api/v1/things/7", "", as("resident"))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "no_method", problem(t, w)["code"])
	require.Contains(t, w.Header().Get("Allow"), "POST")
}

func TestPermissionsAreAskedBeforeInputIsRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.API(s.router(), http.MethodPost, "/api/v1/run", auth.JobRun, httpapi.Op{},
		func(context.Context, auth.Actor, wish) (httpapi.None, error) { return httpapi.None{}, nil })
	for who, want := range map[string]int{"nobody": 401, "resident": 403, "admin": 422} {
		require.Equal(t, want, s.do("POST", "/api/v1/run", `{}`, as(who)).Code, who)
	}
	w := s.do("POST", "/api/v1/run", `{}`, nil)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	require.Equal(t, "sign_in", problem(t, w)["code"])
	require.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
}

func TestRouteWithoutPermissionCannotBeDeclared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	require.Panics(t, func() {
		httpapi.API(s.router(), http.MethodGet, "/api/v1/open", "", httpapi.Op{},
			func(context.Context, auth.Actor, httpapi.None) (httpapi.None, error) { return httpapi.None{}, nil })
	})
}
