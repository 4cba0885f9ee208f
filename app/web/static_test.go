package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func serve(t *testing.T, h http.Handler, method, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func TestStatic(t *testing.T) {
	t.Parallel()
	r, err := New(Config{})
	require.NoError(t, err)
	h := r.Static()
	hashed, err := r.static.url("css/core.css")
	require.NoError(t, err)
	require.Regexp(t, `^/static/css/core\.[0-9a-f]{12}\.css$`, hashed)

	t.Run("HashedNameIsKeptForAYear", func(t *testing.T) {
		t.Parallel()
		rec := serve(t, h, http.MethodGet, hashed, nil)
		require.Equal(t, http.StatusOK, rec.Code)
		require.Equal(t, "public, max-age=31536000, immutable", rec.Header().Get("Cache-Control"))
		require.Equal(t, "text/css; charset=utf-8", rec.Header().Get("Content-Type"))
		require.Contains(t, rec.Body.String(), "--paper")
	})
	t.Run("PlainNameIsAskedAgain", func(t *testing.T) {
		t.Parallel()
		rec := serve(t, h, http.MethodGet, "/static/css/core.css", nil)
		require.Equal(t, "no-cache", rec.Header().Get("Cache-Control"))
		again := serve(t, h, http.MethodGet, "/static/css/core.css", map[string]string{"If-None-Match": rec.Header().Get("ETag")})
		require.Equal(t, http.StatusNotModified, again.Code)
		require.Zero(t, again.Body.Len())
	})
	t.Run("CompressedBodyIsTheSameFile", func(t *testing.T) {
		t.Parallel()
		plain := serve(t, h, http.MethodGet, hashed, nil)
		zipped := serve(t, h, http.MethodGet, hashed, map[string]string{"Accept-Encoding": "br, gzip"})
		require.Equal(t, "gzip", zipped.Header().Get("Content-Encoding"))
		require.NotEqual(t, plain.Header().Get("ETag"), zipped.Header().Get("ETag"))
		zr, err := gzip.NewReader(zipped.Body)
		require.NoError(t, err)
		got, err := io.ReadAll(zr)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain.Body.Bytes(), got))
	})
	t.Run("GzipRefused", func(t *testing.T) {
		t.Parallel()
		rec := serve(t, h, http.MethodGet, hashed, map[string]string{"Accept-Encoding": "gzip;q=0"})
		require.Empty(t, rec.Header().Get("Content-Encoding"))
	})
	t.Run("HeadHasNoBody", func(t *testing.T) {
		t.Parallel()
		rec := serve(t, h, http.MethodHead, hashed, nil)
		require.Zero(t, rec.Body.Len())
		require.NotEqual(t, "0", rec.Header().Get("Content-Length"))
	})
	t.Run("UnknownAndOutside", func(t *testing.T) {
		t.Parallel()
		for _, p := range []string{"/static/", "/static/css/nope.css", "/static/../web.go", "/static/.keep"} {
			require.Equal(t, http.StatusNotFound, serve(t, h, http.MethodGet, p, nil).Code, p)
		}
	})
	t.Run("PostIsRefused", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, http.StatusMethodNotAllowed, serve(t, h, http.MethodPost, hashed, nil).Code)
	})
}
