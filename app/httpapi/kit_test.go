package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// people are who the sessions and tokens of these tests belong to.
type people map[string]auth.Actor

var known = people{
	"resident": {AccountID: 5, Name: "刘建国"},
	"admin":    {AccountID: 9, Name: "王管理", Grants: []auth.Grant{{Role: auth.Admin, OrgID: 1, Path: "/1/"}}},
}

type whoKey struct{}

func (p people) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err == nil {
			r = r.WithContext(context.WithValue(r.Context(), whoKey{}, p[c.Value]))
		}
		next.ServeHTTP(w, r)
	})
}

func (p people) Actor(ctx context.Context) auth.Actor {
	a, _ := ctx.Value(whoKey{}).(auth.Actor)
	return a
}

func (p people) Again(ctx context.Context) (auth.Actor, error) { return p.Actor(ctx), nil }

func (p people) Bearer(_ context.Context, token string) (auth.Actor, bool, error) {
	a, ok := p[token]
	return a, ok, nil
}

var renderer = sync.OnceValues(func() (*web.Renderer, error) { return web.New(web.Config{}) })

// site is an edge under test with what it logged.
type site struct {
	t    *testing.T
	edge *httpapi.Edge
	log  *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

type option func(*httpapi.Config)

func trusting(prefixes ...string) option {
	return func(c *httpapi.Config) {
		for _, p := range prefixes {
			c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
		}
	}
}

func limited(c *httpapi.Config) { c.RateLimit = true }

func secure(c *httpapi.Config) { c.BaseURL = "https://youyue.example" }

func newSite(t *testing.T, opts ...option) *site {
	t.Helper()
	r, err := renderer()
	require.NoError(t, err)
	s := &site{t: t, log: &syncBuffer{}}
	cfg := httpapi.Config{
		Renderer: r, Sessions: known, Log: slog.New(slog.NewJSONHandler(s.log, nil)), Zone: time.FixedZone("CST", 8*3600),
		Now:          func() models.Instant { return models.InstantOf(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)) },
		StationPhone: "0351-1234567", BaseURL: "http://127.0.0.1",
		Ready: func(context.Context) error { return nil },
	}
	for _, o := range opts {
		o(&cfg)
	}
	s.edge = httpapi.New(cfg)
	return s
}

func (s *site) router() *httpapi.Router { return s.edge.Router() }

type header map[string]string

// do sends a request; body is JSON text, or a form when the header says so.
func (s *site) do(method, target, body string, h header) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range h {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.edge.Handler().ServeHTTP(w, req)
	return w
}

func as(token string) header { return header{"Authorization": "Bearer " + token} }

func (h header) with(k, v string) header {
	out := maps.Clone(h)
	if out == nil {
		out = header{}
	}
	out[k] = v
	return out
}

// form posts a form with this browser's token.
func (s *site) form(target, body string, h header) *httptest.ResponseRecorder {
	page := s.do("GET", "/healthz-not", "", nil)
	token := ""
	for _, c := range page.Result().Cookies() {
		if c.Name == "csrf" {
			token = c.Value
		}
	}
	cookies := "csrf=" + token
	if h["Cookie"] != "" {
		cookies += "; " + h["Cookie"]
	}
	return s.do("POST", target, "csrf_token="+token+"&"+body,
		h.with("Content-Type", "application/x-www-form-urlencoded").with("Cookie", cookies))
}

func problem(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	require.Equal(t, "application/problem+json; charset=utf-8", w.Header().Get("Content-Type"), w.Body.String())
	var out map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
	return out
}

// wish is an input with every kind of field.
type wish struct {
	httpapi.Keyed
	ID    int64          `path:"id" json:"-"`
	Page  int            `query:"page" json:"-" validate:"omitempty,min=1"`
	Tags  []string       `query:"tag" json:"-"`
	Seats []int64        `json:"seats" form:"seats" validate:"max=3"`
	Count int            `json:"count" form:"count" validate:"min=0,max=9"`
	Zone  string         `json:"zone" form:"zone" validate:"omitempty,oneof=front back"`
	Name  string         `json:"name" form:"name" validate:"required,max=5"`
	At    models.Instant `json:"at" form:"at"`
	Oath  *bool          `json:"oath" form:"oath"`
}

type granted struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Page  int      `json:"page"`
	Tags  []string `json:"tags"`
	Seats []int64  `json:"seats"`
	Key   string   `json:"key"`
	Scope string   `json:"scope"`
	Hash  string   `json:"hash"`
}

var errGone = errs.New(errs.Conflict, "screening.seat_taken")

func declareWish(s *site) {
	httpapi.API(s.router(), http.MethodPost, "/api/v1/things/:id", auth.SignedIn,
		httpapi.Op{Summary: "Wish", Tag: "wishes", Status: http.StatusCreated, Errors: []*errs.Error{errGone}},
		func(_ context.Context, _ auth.Actor, in wish) (granted, error) {
			return granted{in.ID, in.Name, in.Page, in.Tags, in.Seats, in.Key.Key, in.Key.Scope, in.Key.Body}, nil
		})
}
