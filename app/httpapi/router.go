// Package httpapi is the HTTP edge, the only place that knows Echo. A feature
// declares each route once — path, permission, input, output — and from that
// come binding, validation, authorisation, errors and the API document.
package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/web"

	"github.com/labstack/echo/v4"
)

// Limit names a rate limit; the empty one is the general limit alone.
type Limit string

// The stricter limits.
const (
	LimitNone    Limit = ""
	LimitLogin   Limit = "login"
	LimitBooking Limit = "booking"
)

// Op is what the API document says of a route, and its success status.
type Op struct {
	Summary string
	Tag     string
	Status  int           // 200 when zero
	Errors  []*errs.Error // refusals beyond the common ones
	Limit   Limit
}

// Kind tells the routes of programs from those of people.
type Kind string

// The kinds of route.
const (
	KindAPI  Kind = "api"
	KindPage Kind = "page"
	KindForm Kind = "form"
)

// Route is one declared route.
type Route struct {
	Kind       Kind
	Method     string
	Path       string
	Permission auth.Permission
	Op         Op
	In, Out    reflect.Type
	Blob       bool // the answer is bytes; Out only documents them
	Stream     bool // the answer goes on; Out documents the data of its events
}

// Router collects the routes of all features.
type Router struct {
	edge   *Edge
	routes []Route
}

// Routes lists what was declared, in order.
func (r *Router) Routes() []Route { return slices.Clone(r.routes) }

// Blob is an answer that is ready as bytes.
type Blob struct {
	Body         []byte
	ContentType  string
	ETag         string // quoted; a matching If-None-Match gets 304
	CacheControl string // "no-store" when empty
	Filename     string // offered as a download under this name
}

// File documents an answer that is a file.
type File struct{}

// Keyed is embedded by the inputs of POSTs that book. Key is zero when the
// caller sent no Idempotency-Key.
type Keyed struct {
	Key idem.Key `json:"-" form:"-" query:"-"`
}

func (k *Keyed) setKey(key idem.Key) { k.Key = key }

type keyed interface{ setKey(idem.Key) }

// PathID is embedded by the inputs of what has a number in its path.
type PathID struct {
	ID int64 `path:"id" json:"-"`
}

// PathUUID is embedded by the inputs of what has an id of letters in its path.
type PathUUID struct {
	ID string `path:"id" json:"-"`
}

// None is the input of a route that takes nothing, or the output of one that
// answers nothing.
type None struct{}

// API declares a JSON route.
func API[In, Out any](r *Router, method, path string, p auth.Permission, op Op, fn func(ctx context.Context, a auth.Actor, in In) (Out, error)) {
	if op.Status == 0 {
		op.Status = http.StatusOK
	}
	r.add(Route{Kind: KindAPI, Method: method, Path: path, Permission: p, Op: op, In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out]()},
		func(c echo.Context, a auth.Actor) error {
			in, err := bindAPI[In](c, a)
			if err != nil {
				return err
			}
			out, err := fn(c.Request().Context(), a, in)
			if err != nil {
				return err
			}
			if op.Status == http.StatusNoContent {
				return c.NoContent(op.Status)
			}
			c.Response().Header().Set("Cache-Control", "no-store")
			return c.JSON(op.Status, out)
		})
}

// Raw declares an API route that answers bytes; Doc documents their JSON.
func Raw[In, Doc any](r *Router, method, path string, p auth.Permission, op Op, fn func(ctx context.Context, a auth.Actor, in In) (Blob, error)) {
	op.Status = http.StatusOK
	r.add(Route{Kind: KindAPI, Method: method, Path: path, Permission: p, Op: op, In: reflect.TypeFor[In](), Out: reflect.TypeFor[Doc](), Blob: true},
		func(c echo.Context, a auth.Actor) error {
			in, err := bindAPI[In](c, a)
			if err != nil {
				return err
			}
			b, err := fn(c.Request().Context(), a, in)
			if err != nil {
				return err
			}
			return sendBlob(c, b)
		})
}

// Page declares a GET route that shows a page. A permission other than Public
// sends a visitor to the log-in first.
func Page[In any](r *Router, path string, p auth.Permission, fn func(ctx context.Context, a auth.Actor, in In) (web.Page, error)) {
	r.add(Route{Kind: KindPage, Method: http.MethodGet, Path: path, Permission: p, In: reflect.TypeFor[In]()},
		func(c echo.Context, a auth.Actor) error {
			in, bad := bindForm[In](c, a)
			if bad != nil {
				return bad
			}
			page, err := fn(c.Request().Context(), a, in)
			if err != nil {
				return err
			}
			return r.edge.render(c, a, page)
		})
}

// PageFile declares a GET route for people that answers bytes: a calendar entry, a picture.
func PageFile[In any](r *Router, path string, p auth.Permission, fn func(ctx context.Context, a auth.Actor, in In) (Blob, error)) {
	r.add(Route{Kind: KindPage, Method: http.MethodGet, Path: path, Permission: p, In: reflect.TypeFor[In](), Blob: true},
		func(c echo.Context, a auth.Actor) error {
			in, bad := bindForm[In](c, a)
			if bad != nil {
				return bad
			}
			b, err := fn(c.Request().Context(), a, in)
			if err != nil {
				return err
			}
			return sendBlob(c, b)
		})
}

// Moved declares the old address of a page, which notices and bookmarks still have: it
// leads to the new one for good, whose own permission holds there.
func Moved(r *Router, from, to string) {
	r.add(Route{Kind: KindPage, Method: http.MethodGet, Path: from, Permission: auth.Public, In: reflect.TypeFor[None]()},
		func(c echo.Context, _ auth.Actor) error { return c.Redirect(http.StatusMovedPermanently, to) })
}

// Answer is what a form leads to: another page, or the same again with faults.
type Answer struct {
	to    string
	flash flash
	page  *web.Page
}

// SeeOther sends the reader on; flashKey is a locale key shown there once, "" for none.
func SeeOther(url, flashKey string, args map[string]any) Answer {
	return Answer{to: url, flash: flash{Key: flashKey, Args: args}}
}

// Show answers with a page at once: the form again, a conflict with its ways out.
func Show(p web.Page) Answer { return Answer{page: &p} }

// Form declares a POST route of a page. bad says what could not be read or is
// against the input's rules; the handler then shows the form again with all
// that was typed.
func Form[In any](r *Router, path string, p auth.Permission, limit Limit, fn func(ctx context.Context, a auth.Actor, in In, bad *errs.Error) (Answer, error)) {
	r.add(Route{Kind: KindForm, Method: http.MethodPost, Path: path, Permission: p, Op: Op{Limit: limit}, In: reflect.TypeFor[In]()},
		func(c echo.Context, a auth.Actor) error {
			in, bad := bindForm[In](c, a)
			answer, err := fn(c.Request().Context(), a, in, bad)
			if err != nil {
				return err
			}
			if answer.page != nil {
				return r.edge.render(c, a, *answer.page)
			}
			r.edge.setFlash(c, answer.flash)
			return c.Redirect(http.StatusSeeOther, answer.to)
		})
}

// Admit narrows who may send a file to a public form: those alone who have a
// :token in its path that ok knows.
func (r *Router) Admit(path string, ok func(token string) bool) {
	r.edge.admits[http.MethodPost+" "+path] = ok
}

type handler func(c echo.Context, a auth.Actor) error

func (r *Router) add(route Route, h handler) {
	if route.Permission == "" {
		panic("httpapi: " + route.Method + " " + route.Path + " names no permission")
	}
	r.routes = append(r.routes, route)
	serve := func(c echo.Context) error {
		c.Set(ctxKind, route.Kind)
		if err := r.edge.checkRate(c, route.Op.Limit); err != nil {
			return err
		}
		a, err := r.edge.actor(c, route.Kind)
		if err != nil {
			return err
		}
		if !a.Can(route.Permission) {
			if !a.SignedIn() {
				return errs.ErrSignIn
			}
			return errs.ErrForbidden.With("permission", string(route.Permission))
		}
		return h(c, a)
	}
	if takesFile(route.In) {
		r.edge.uploads[route.Method+" "+route.Path] = route.Permission
	}
	r.edge.echo.Add(route.Method, route.Path, serve)
	if route.Method == http.MethodGet {
		r.edge.echo.Add(http.MethodHead, route.Path, serve)
	}
}

func sendBlob(c echo.Context, b Blob) error {
	h := c.Response().Header()
	cc := b.CacheControl
	if cc == "" {
		cc = "no-store"
	}
	h.Set("Cache-Control", cc)
	if b.Filename != "" {
		h.Set("Content-Disposition", contentDisposition(b.Filename))
	}
	if b.ETag != "" {
		h.Set("ETag", b.ETag)
		if etagMatches(c.Request().Header.Get("If-None-Match"), b.ETag) {
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.Blob(http.StatusOK, b.ContentType, b.Body)
}
