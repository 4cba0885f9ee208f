package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// What the router itself refuses.
var (
	ErrNoRoute  = errs.New(errs.NotFound, "no_route")
	ErrNoMethod = errs.New(errs.NotFound, "no_method")
)

// FieldProblem is one fault of the input in problem+json.
type FieldProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Problem documents the answer to every refusal (RFC 9457); refusals may add
// members of their own, which their documentation names.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Code     string         `json:"code"`
	Instance string         `json:"instance"`
	Errors   []FieldProblem `json:"errors,omitempty"`
}

// public turns whatever a handler returned into the error people may see.
func public(err error) *errs.Error {
	var own *errs.Error
	var h *echo.HTTPError
	if errors.As(err, &own) || !errors.As(err, &h) { // ours may have the router's as its cause
		return errs.As(err)
	}
	switch h.Code {
	case http.StatusNotFound:
		return ErrNoRoute
	case http.StatusMethodNotAllowed:
		return ErrNoMethod
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case http.StatusBadRequest:
		return ErrMalformed.Because(err)
	}
	return errs.New(errs.Internal, "internal").Because(err)
}

// fail answers a refusal: problem+json to programs, a page to people. The cause
// is logged with the request id that the answer names.
func (e *Edge) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	pub := public(err)
	ours := pub.Kind == errs.Internal || pub.Kind == errs.Unavailable
	if ours && hasLeft(c.Request()) {
		e.left(err, c)
		return
	}
	if ours {
		e.cfg.Log.ErrorContext(c.Request().Context(), "request failed", "request_id", requestID(c), "route", c.Path(), "cause", err)
	}
	c.Set(ctxCode, pub.Code)
	status := pub.Kind.Status()
	if errors.Is(pub, ErrNoMethod) {
		status = http.StatusMethodNotAllowed
	}
	h := c.Response().Header()
	if pub.Kind == errs.Unavailable || pub.Kind == errs.TooMany {
		h.Set("Retry-After", retryAfter(pub))
	}
	h.Set("Cache-Control", "no-store")
	if wantsPage(c) {
		e.failPage(c, pub, status)
		return
	}
	if pub.Kind == errs.Unauthenticated {
		h.Set("WWW-Authenticate", "Bearer")
	}
	body := problemBody(c.Request().Context(), pub, status, requestID(c))
	b, err := json.Marshal(body)
	if err != nil {
		b = []byte(`{"status":500,"code":"internal"}`)
	}
	if err := c.Blob(status, "application/problem+json; charset=utf-8", b); err != nil {
		e.cfg.Log.DebugContext(c.Request().Context(), "answer not delivered", "cause", err)
	}
}

// statusLeft is how a request is counted whose client did not wait for the answer.
// No standard has a status for it, since nobody reads it; proxies log this one.
const statusLeft = 499

// hasLeft reports whether the client has closed the connection.
func hasLeft(r *http.Request) bool { return errors.Is(r.Context().Err(), context.Canceled) }

// left ends a request that failed after its client had gone, most likely because
// it had: no failure of ours, but the cause is kept in case it is one.
func (e *Edge) left(err error, c echo.Context) {
	e.cfg.Log.InfoContext(c.Request().Context(), "client left", "request_id", requestID(c), "route", c.Path(), "cause", err)
	c.Set(ctxCode, "left")
	c.Response().WriteHeader(statusLeft)
}

func retryAfter(e *errs.Error) string {
	if s, ok := e.Extra["retry_after"].(int); ok {
		return strconv.Itoa(s)
	}
	return "2"
}

func problemBody(ctx context.Context, e *errs.Error, status int, id string) map[string]any {
	body := maps.Clone(e.Extra)
	if body == nil {
		body = map[string]any{}
	}
	body["type"] = "urn:youyue:problem:" + e.Code
	body["title"] = http.StatusText(status)
	body["status"] = status
	body["code"] = e.Code
	body["detail"] = Say(ctx, e)
	body["instance"] = "urn:youyue:request:" + id
	if len(e.Fields) > 0 {
		fields := make([]FieldProblem, len(e.Fields))
		for i, f := range e.Fields {
			fields[i] = FieldProblem{Field: f.Name, Code: f.Code, Detail: SayField(ctx, f)}
		}
		body["errors"] = fields
	}
	return body
}

// Say is the refusal in the reader's words. Moments among its arguments are
// written as dates in the reader's zone.
func Say(ctx context.Context, e *errs.Error) string {
	key := e.TextKey()
	r := readerOf(ctx)
	if !locales.Has(r.lang, key) {
		key = "err.kind." + strconv.Itoa(e.Kind.Status())
	}
	return locales.T(r.lang, key, r.words(e.Args))
}

// SayField is one fault of the input in words.
func SayField(ctx context.Context, f errs.Field) string {
	key := "field." + f.Code
	r := readerOf(ctx)
	if !locales.Has(r.lang, key) {
		key = "field.other"
	}
	return locales.T(r.lang, key, r.words(f.Args))
}

func (r reader) words(args map[string]any) map[string]any {
	out := maps.Clone(args)
	for k, v := range out {
		switch v := v.(type) {
		case models.Instant:
			out[k] = (&web.Frame{Lang: r.lang, Zone: r.zone, Now: r.now}).DateTime(v)
		case models.Day:
			out[k] = web.FullDay(r.lang, v)
		}
	}
	return out
}

func wantsPage(c echo.Context) bool {
	if k, ok := c.Get(ctxKind).(Kind); ok {
		return k != KindAPI
	}
	return !strings.HasPrefix(c.Request().URL.Path, "/api/") && strings.Contains(c.Request().Header.Get("Accept"), "text/html")
}

// ErrorPage is the data of the template "error".
type ErrorPage struct {
	Status  int
	Text    string
	Details []string
	ID      string // to name on the phone, only for what is our fault
	Back    string
	SignIn  string // where to sign in, when that helps
}

func (e *Edge) failPage(c echo.Context, pub *errs.Error, status int) {
	a, _ := c.Get(ctxActor).(auth.Actor)
	back := backPath(c.Request())
	if pub.Kind == errs.Unauthenticated {
		next := c.Request().URL.RequestURI()
		if c.Request().Method != http.MethodGet {
			next = back
		}
		if err := c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(next)); err != nil {
			e.cfg.Log.Debug("answer not delivered", "cause", err)
		}
		return
	}
	ctx := c.Request().Context()
	data := ErrorPage{Status: status, Text: Say(ctx, pub), Back: back}
	for _, f := range pub.Fields {
		data.Details = append(data.Details, SayField(ctx, f))
	}
	if pub.Kind == errs.Internal || pub.Kind == errs.Unavailable {
		data.ID = requestID(c)
	}
	err := e.render(c, a, web.Page{Template: "error", Title: "err.page_title", Status: status, Data: data})
	if err != nil {
		e.cfg.Log.Error("error page not rendered", "cause", err)
		_ = c.String(status, data.Text)
	}
}

const (
	ctxCode  = "youyue.code"
	ctxReqID = "youyue.request_id"
)

func newRequestID() string { return uuid.NewString() }

// checkRequestID keeps a caller's id only when it is short and plain.
func checkRequestID(c echo.Context, id string) {
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) {
		id = newRequestID()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
	}
	c.Set(ctxReqID, id)
}

func requestID(c echo.Context) string {
	s, _ := c.Get(ctxReqID).(string)
	return s
}

func (e *Edge) logPanic(c echo.Context, err error, stack []byte) error {
	e.cfg.Log.Error("panic", "request_id", requestID(c), "route", c.Path(), "cause", err, "stack", string(stack))
	return err
}
