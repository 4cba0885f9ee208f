package apitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"youyue/app"
	"youyue/app/db"
	"youyue/models"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// Client asks the world as somebody.
type Client struct {
	w      *World
	header http.Header
}

// As is a program with the token of a demo log-in; "" is a visitor.
func (w *World) As(login string) *Client {
	w.t.Helper()
	c := &Client{w: w, header: http.Header{"Accept-Language": {"en"}}}
	if login == "" {
		return c
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	token, ok := w.tokens[login]
	if !ok {
		var err error
		if token, err = w.App.Accounts.IssueToken(context.Background(), login, "test"); err != nil {
			w.t.Fatalf("token for %s: %v", login, err)
		}
		w.tokens[login] = token
	}
	c.header.Set("Authorization", "Bearer "+token)
	return c
}

// Browser is a person signed in on the pages; "" is a visitor. Its requests say
// that they come from a page of this site, as browsers do.
func (w *World) Browser(login string) *Client {
	w.t.Helper()
	c := &Client{w: w, header: http.Header{"Accept": {"text/html"}, "Sec-Fetch-Site": {"same-origin"}}}
	if login == "" {
		return c
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.browsers[login] == "" {
		w.browsers[login] = w.session(login)
	}
	c.header.Set("Cookie", w.browsers[login])
	return c
}

// session starts a browser session as the log-in page does.
func (w *World) session(login string) string {
	w.t.Helper()
	var acc models.Account
	err := w.App.DB.Read(context.Background(), func(tx *db.Tx) error {
		_, err := tx.One(&acc, `SELECT * FROM accounts WHERE login = ?`, login)
		return err
	})
	s := w.App.Accounts.Sessions()
	rec := httptest.NewRecorder()
	s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err == nil {
			err = s.Start(r.Context(), acc)
		}
	})).ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil))
	if err != nil || len(rec.Result().Cookies()) == 0 {
		w.t.Fatalf("session of %s: %v", login, err)
	}
	k := rec.Result().Cookies()[0]
	return k.Name + "=" + k.Value
}

// With is the same client with one more header.
func (c *Client) With(name, value string) *Client {
	out := &Client{w: c.w, header: c.header.Clone()}
	out.header.Set(name, value)
	return out
}

// Watch opens a stream of a node, over a connection of its own, and calls each
// with the data of every event until it ends or each says so.
func (c *Client) Watch(at *app.App, path string, each func(id, data string) (more bool)) {
	c.w.t.Helper()
	srv := httptest.NewServer(at.Edge.Handler())
	defer srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+path, nil)
	if err != nil {
		c.w.t.Error(err)
		return
	}
	req.Header = c.header.Clone()
	res, err := srv.Client().Do(req)
	if err != nil {
		c.w.t.Error(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		c.w.t.Errorf("%s: %d", path, res.StatusCode)
		return
	}
	id := ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "data":
			if !each(id, value) {
				return
			}
		}
	}
	if ctx.Err() != nil {
		c.w.t.Errorf("%s: nothing more for a minute", path)
	}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	w      *World
}

// Get asks for a path.
func (c *Client) Get(path string) *Answer { c.w.t.Helper(); return c.Do(http.MethodGet, path, nil) }

// Post sends a body: a string as it is, anything else as JSON, nil for none.
func (c *Client) Post(path string, body any) *Answer {
	c.w.t.Helper()
	return c.Do(http.MethodPost, path, body)
}

// Do sends a request and holds the answer to the document when it is the API's.
func (c *Client) Do(method, path string, body any) *Answer {
	c.w.t.Helper()
	var text []byte
	switch b := body.(type) {
	case nil:
	case string:
		text = []byte(b)
	default:
		var err error
		if text, err = json.Marshal(b); err != nil {
			c.w.t.Fatal(err)
		}
	}
	req := httptest.NewRequestWithContext(context.Background(), method, path, bytes.NewReader(text))
	if len(text) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		req.Header[k] = v
	}
	rec := httptest.NewRecorder()
	c.w.App.Edge.Handler().ServeHTTP(rec, req)
	a := &Answer{Status: rec.Code, Header: rec.Header(), Body: rec.Body.String(), w: c.w}
	if strings.HasPrefix(req.URL.Path, "/api/v1/") {
		c.w.hold(req, a)
	}
	if a.Status >= http.StatusInternalServerError && a.Code() == "internal" {
		c.w.t.Errorf("%s %s: %s", method, path, a.Body)
	}
	return a
}

// hold compares an answer with the document: its status, its body to the last
// member, and the code of a refusal.
func (w *World) hold(req *http.Request, a *Answer) {
	w.t.Helper()
	if strings.Contains(a.Body, "0001-01-01") {
		w.t.Errorf("%s %s: an instant that nobody set: %s", req.Method, req.URL, a.Body)
	}
	route, params, err := w.paths.FindRoute(req)
	if err != nil {
		if a.Status != http.StatusNotFound && a.Status != http.StatusMethodNotAllowed {
			w.t.Errorf("%s %s: %d, and the document does not know it", req.Method, req.URL.Path, a.Status)
		}
		return
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(strings.NewReader(a.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		w.t.Errorf("%s %s: %d does not fit the document: %v\n%s", req.Method, route.Path, a.Status, err, a.Body)
		return
	}
	if code := a.Code(); code != "" {
		res := route.Operation.Responses.Status(a.Status).Value
		if codes, _ := res.Extensions["x-codes"].([]string); !slices.Contains(codes, code) {
			w.t.Errorf("%s %s: %d with the code %q, which the document does not name there", req.Method, route.Path, a.Status, code)
		}
	}
}

// Code is the code of a refusal, "" when it is none.
func (a *Answer) Code() string {
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		return ""
	}
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.Body), &p)
	return p.Code
}

// Want ends the test unless the status is the one.
func (a *Answer) Want(status int) *Answer {
	a.w.t.Helper()
	if a.Status != status {
		a.w.t.Fatalf("want %d, got %d: %s", status, a.Status, a.Body)
	}
	return a
}

// Refused ends the test unless the answer is the refusal with the status and code.
func (a *Answer) Refused(status int, code string) *Answer {
	a.w.t.Helper()
	if a.Want(status).Code() != code {
		a.w.t.Fatalf("want the code %q, got: %s", code, a.Body)
	}
	return a
}

// Into reads the body's JSON and returns it.
func Into[T any](a *Answer) T {
	a.w.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		a.w.t.Fatalf("%v: %s", err, a.Body)
	}
	return v
}
