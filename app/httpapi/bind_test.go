package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBindingReadsPathQueryHeaderAndBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	w := s.do("POST", "/api/v1/things/7?page=2&tag=a&tag=b", `{"name":"王","seats":[1,2]}`, as("resident").with("Idempotency-Key", "k1"))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	var got granted
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Len(t, got.Hash, 32)
	got.Hash = ""
	require.Equal(t, granted{ID: 7, Name: "王", Page: 2, Tags: []string{"a", "b"}, Seats: []int64{1, 2}, Key: "k1",
		Scope: "account:5 POST /api/v1/things/:id"}, got)
}

func TestKeyScopesActorAndHashesPathAndBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	ask := func(who, path, body string) granted {
		w := s.do("POST", path, body, as(who).with("Idempotency-Key", "k"))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		var got granted
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		return got
	}
	one := ask("resident", "/api/v1/things/7", `{"name":"a"}`)
	require.Equal(t, one, ask("resident", "/api/v1/things/7", `{"name":"a"}`))
	require.NotEqual(t, one.Hash, ask("resident", "/api/v1/things/8", `{"name":"a"}`).Hash)
	require.NotEqual(t, one.Hash, ask("resident", "/api/v1/things/7", `{"name":"b"}`).Hash)
	require.NotEqual(t, one.Scope, ask("admin", "/api/v1/things/7", `{"name":"a"}`).Scope)
}

func TestBindingRefusals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	const path = "/api/v1/things/7"
	for name, c := range map[string]struct {
		path, body string
		header     header
		status     int
		code       string
		field      string // of the first fault
		fault      string
	}{
		"wrong type":          {path, `{"name":"a","count":"two"}`, nil, 400, "request.wrong_type", "count", "type"},
		"wrong type in list":  {path, `{"name":"a","seats":[1,"x"]}`, nil, 400, "request.wrong_type", "seats", "type"},
		"fraction":            {path, `{"name":"a","count":1.5}`, nil, 400, "request.wrong_type", "count", "type"},
		"number too large":    {path, `{"name":"a","count":99999999999999999999}`, nil, 400, "request.wrong_type", "count", "type"},
		"body is a list":      {path, `[1]`, nil, 400, "request.wrong_type", "", ""},
		"unknown field":       {path, `{"name":"a","colour":1}`, nil, 400, "request.unknown_field", "colour", "unknown"},
		"the path in body":    {path, `{"name":"a","ID":9}`, nil, 400, "request.unknown_field", "ID", "unknown"},
		"bad time":            {path, `{"name":"a","at":"tomorrow"}`, nil, 400, "request.malformed", "", ""},
		"broken JSON":         {path, `{"name":`, nil, 400, "request.malformed", "", ""},
		"two values":          {path, `{"name":"a"}{"name":"b"}`, nil, 400, "request.malformed", "", ""},
		"trailing text":       {path, `{"name":"a"} x`, nil, 400, "request.malformed", "", ""},
		"invalid UTF-8":       {path, "{\"name\":\"\xff\xfe\"}", nil, 400, "request.encoding", "", ""},
		"NUL":                 {path, "{\"name\":\"a\x00\"}", nil, 400, "request.encoding", "", ""},
		"escaped NUL":         {path, `{"name":"a\u0000"}`, nil, 400, "request.encoding", "", ""},
		"form instead":        {path, `name=a`, header{"Content-Type": "application/x-www-form-urlencoded"}, 415, "request.media_type", "", ""},
		"no media type":       {path, `{"name":"a"}`, header{"Content-Type": ""}, 415, "request.media_type", "", ""},
		"oversize":            {path, `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 413, "request.too_large", "", ""},
		"missing":             {path, `{}`, nil, 422, "request.invalid", "name", "required"},
		"no body at all":      {path, ``, nil, 422, "request.invalid", "name", "required"},
		"too long":            {path, `{"name":"一二三四五六"}`, nil, 422, "request.invalid", "name", "max"},
		"too many":            {path, `{"name":"a","count":10}`, nil, 422, "request.invalid", "count", "max"},
		"not one of":          {path, `{"name":"a","zone":"roof"}`, nil, 422, "request.invalid", "zone", "oneof"},
		"query not a number":  {path + "?page=x", `{"name":"a"}`, nil, 422, "request.invalid", "page", "type"},
		"query below":         {path + "?page=-1", `{"name":"a"}`, nil, 422, "request.invalid", "page", "min"},
		"query invalid UTF-8": {path + "?tag=%ff", `{"name":"a"}`, nil, 400, "request.encoding", "", ""},
		"query NUL":           {path + "?tag=%00", `{"name":"a"}`, nil, 400, "request.encoding", "", ""},
		"path not a number":   {"/api/v1/things/seven", `{"name":"a"}`, nil, 404, "not_found", "", ""},
		"path too large":      {"/api/v1/things/99999999999999999999", `{"name":"a"}`, nil, 404, "not_found", "", ""},
		"key too long":        {path, `{"name":"a"}`, header{"Idempotency-Key": strings.Repeat("k", 201)}, 400, "idempotency.bad_key", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := as("resident")
			for k, v := range c.header {
				h[k] = v
			}
			w := s.do("POST", c.path, c.body, h)
			require.Equal(t, c.status, w.Code, w.Body)
			p := problem(t, w)
			require.Equal(t, c.code, p["code"])
			if c.field == "" {
				return
			}
			faults, ok := p["errors"].([]any)
			require.True(t, ok, p)
			first, _ := faults[0].(map[string]any)
			require.Equal(t, c.field, first["field"])
			require.Equal(t, c.fault, first["code"])
			require.NotEmpty(t, first["detail"])
		})
	}
}

// A body without a Content-Length is cut off at the limit while it is read.
func TestChunkedBodyOverTheLimitIsTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	body := io.MultiReader(strings.NewReader(`{"name":"`), strings.NewReader(strings.Repeat("a", 2<<20)), strings.NewReader(`"}`))
	req := httptest.NewRequest("POST", "/api/v1/things/7", body)
	req.ContentLength = -1
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer resident")
	w := httptest.NewRecorder()
	s.edge.Handler().ServeHTTP(w, req)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code, w.Body)
	require.Equal(t, "request.too_large", problem(t, w)["code"])
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declareWish(s)
	w := s.do("POST", "/api/v1/things/7", `{"count":12,"zone":"x","seats":[1,2,3,4]}`, as("resident").with("Accept-Language", "en"))
	require.Equal(t, 422, w.Code)
	faults, _ := problem(t, w)["errors"].([]any)
	var got []string
	for _, f := range faults {
		m, _ := f.(map[string]any)
		got = append(got, m["field"].(string)+" "+m["code"].(string)+": "+m["detail"].(string)) //nolint:forcetypeassert // a test
	}
	require.ElementsMatch(t, []string{"name required: Please fill this in.", "count max: At most 9, or too long.",
		"zone oneof: One of: front back.", "seats max: At most 3, or too long."}, got)
}
