package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"

	"github.com/stretchr/testify/require"
)

func TestFlashIsSaidOnceOnTheNextPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	w := s.form("/wish", "name=a", signedIn)
	require.Equal(t, http.StatusSeeOther, w.Code, s.log)
	var flash *http.Cookie
	for _, c := range w.Result().Cookies() {
		if c.Name == "flash" {
			flash = c
		}
	}
	require.NotNil(t, flash)
	require.True(t, flash.HttpOnly)
	page := s.do("GET", "/done", "", header{"Cookie": "flash=" + flash.Value + "; lang=en"})
	require.Contains(t, page.Body.String(), "3 reasons")
	gone := false
	for _, c := range page.Result().Cookies() {
		gone = gone || (c.Name == "flash" && c.MaxAge < 0)
	}
	require.True(t, gone)
	for _, forged := range []string{"%%%", "e30", "eyJrIjoibm8ua2V5In0"} { // not base64, {}, {"k":"no.key"}
		body := s.do("GET", "/done", "", header{"Cookie": "flash=" + forged}).Body.String()
		require.NotContains(t, body, `class="flash"`)
		require.NotContains(t, body, "no.key")
	}
}

func TestForgedFlashCannotBringMarkup(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	// {"k":"docs.codes","a":{"n":"<script>alert(1)</script>"}}
	const forged = "eyJrIjoiZG9jcy5jb2RlcyIsImEiOnsibiI6IjxzY3JpcHQ-YWxlcnQoMSk8L3NjcmlwdD4ifX0"
	body := s.do("GET", "/done", "", header{"Cookie": "flash=" + forged}).Body.String()
	require.Contains(t, body, "&lt;script&gt;")
	require.NotContains(t, body, "<script>")
}

func TestElderAndLanguageCookiesShapeThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	plain := s.do("GET", "/done", "", nil).Body.String()
	require.Contains(t, plain, `lang="zh-CN"`)
	require.NotContains(t, plain, `class="elder`)
	elder := s.do("GET", "/done", "", header{"Cookie": "elder=on; lang=en"}).Body.String()
	require.Contains(t, elder, `lang="en"`)
	require.Contains(t, elder, `class="elder`)
	require.Contains(t, s.do("GET", "/done", "", header{"Accept-Language": "en"}).Body.String(), `lang="en"`)
	require.Contains(t, plain, "tel:03511234567", "the station's number is on every page")
}

func TestFormShowsItselfAgainWhenInputIsBad(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareForm(s)
	for _, body := range []string{"", "name=abcdefgh", "name=a&count=x", "name=a&count=11", "name=%ff", "name=a%00", "name=a&zone=roof"} {
		w := s.form("/wish", body, signedIn)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, body)
		require.Equal(t, "text/html; charset=UTF-8", w.Header().Get("Content-Type"))
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
}

func TestFormReadsItsKeyAndFields(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var got []wish
	httpapi.Form(s.router(), "/things/:id", auth.SignedIn, httpapi.LimitNone,
		func(_ context.Context, _ auth.Actor, in wish, bad *errs.Error) (httpapi.Answer, error) {
			require.Nil(t, bad)
			got = append(got, in)
			return httpapi.SeeOther("/", "", nil), nil
		})
	s.form("/things/7?page=3", "name=a&seats=1&seats=2&count=4&oath=on&at=2026-12-03T19:00:00%2B08:00&idempotency_key=k1", signedIn)
	s.form("/things/7", "name=a&idempotency_key=k1", signedIn)
	require.Len(t, got, 2)
	require.Equal(t, int64(7), got[0].ID)
	require.Equal(t, 3, got[0].Page)
	require.Equal(t, []int64{1, 2}, got[0].Seats)
	require.Equal(t, "2026-12-03T11:00:00.000000Z", got[0].At.String())
	require.True(t, *got[0].Oath)
	require.Equal(t, "k1", got[0].Key.Key)
	require.NotEqual(t, got[0].Key.Body, got[1].Key.Body, "what was asked is part of the key")
}

func TestBlobAnswersWithItsNameAndValidator(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.Raw[httpapi.None, httpapi.File](s.router(), http.MethodGet, "/api/v1/file", auth.Public, httpapi.Op{},
		func(context.Context, auth.Actor, httpapi.None) (httpapi.Blob, error) {
			return httpapi.Blob{Body: []byte("x"), ContentType: "text/calendar", ETag: `"v1"`, CacheControl: "no-cache", Filename: `座位 "1".ics`}, nil
		})
	httpapi.PageFile(s.router(), "/file", auth.SignedIn,
		func(context.Context, auth.Actor, httpapi.None) (httpapi.Blob, error) {
			return httpapi.Blob{Body: []byte("y"), ContentType: "image/png"}, nil
		})
	w := s.do("GET", "/api/v1/file", "", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, `"v1"`, w.Header().Get("ETag"))
	require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
	require.Contains(t, w.Header().Get("Content-Disposition"), "attachment;")
	for tag, want := range map[string]int{`"v1"`: 304, `W/"v1"`: 304, `"v0", "v1"`: 304, "*": 304, `"v2"`: 200, "": 200} {
		w := s.do("GET", "/api/v1/file", "", header{"If-None-Match": tag})
		require.Equal(t, want, w.Code, tag)
		if want == http.StatusNotModified {
			require.Empty(t, w.Body.String())
		}
	}
	w = s.do("GET", "/file", "", header{"Cookie": "session=resident"})
	require.Equal(t, "y", w.Body.String())
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
}

func TestPagesRefuseInWordsAndKeepTheFrame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.Page(s.router(), "/jobs", auth.JobRead, func(context.Context, auth.Actor, httpapi.None) (web.Page, error) { return blank("docs.title"), nil })
	httpapi.Page(s.router(), "/lost/:id", auth.Public, func(context.Context, auth.Actor, wish) (web.Page, error) { return web.Page{}, errs.ErrNotFound })
	w := s.do("GET", "/jobs", "", header{"Cookie": "session=resident"})
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), "<!doctype html>")
	require.Contains(t, w.Body.String(), "0351-1234567")
	require.Equal(t, http.StatusOK, s.do("GET", "/jobs", "", header{"Cookie": "session=admin"}).Code)
	require.Equal(t, http.StatusNotFound, s.do("GET", "/lost/x", "", header{"Accept": "text/html"}).Code)
	w = s.do("GET", "/nowhere", "", header{"Accept": "text/html"})
	require.Equal(t, http.StatusNotFound, w.Code)
	require.True(t, strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"))
}

func TestRequestWithTwoSessionsBelongsToOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.API(s.router(), http.MethodGet, "/api/v1/who", auth.SignedIn, httpapi.Op{},
		func(_ context.Context, a auth.Actor, _ httpapi.None) (string, error) {
			return a.Name + a.RequestID[:0], nil
		})
	w := s.do("GET", "/api/v1/who", "", as("admin").with("Cookie", "session=resident"))
	require.Contains(t, w.Body.String(), "王管理", "the token speaks")
}
