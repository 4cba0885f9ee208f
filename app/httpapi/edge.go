package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// The bounds of a request. A photo or a sheet needs more than a booking; the
// routes that take files will say so.
const (
	maxBody    = "1M"
	maxHeaders = 32 << 10
)

// Sessions knows who is asking; the account feature implements it.
type Sessions interface {
	Middleware(next http.Handler) http.Handler
	Actor(ctx context.Context) auth.Actor
	// Again is Actor as of now, for an answer that goes on. It is no sign that
	// somebody sits there.
	Again(ctx context.Context) (auth.Actor, error)
	Bearer(ctx context.Context, token string) (auth.Actor, bool, error)
}

// Config is what the edge needs.
type Config struct {
	Renderer       *web.Renderer
	Sessions       Sessions
	Log            *slog.Logger
	Now            func() models.Instant
	Zone           *time.Location
	BaseURL        string // public address, "https://…" makes cookies secure
	StationPhone   string
	Demo           bool
	TrustedProxies []netip.Prefix
	RateLimit      bool
	Nav            func(a auth.Actor) []web.NavItem
	Unread         func(ctx context.Context, a auth.Actor) int
	Ready          func(ctx context.Context) error // database reachable and migrated
	ServeMetrics   bool                            // /metrics here; else only MetricsHandler
	Streams        StreamLimits
}

// Edge is the HTTP server of the product.
type Edge struct {
	cfg     Config
	echo    *echo.Echo
	router  *Router
	limits  map[Limit]*limiter
	uploads map[string]auth.Permission   // "POST /path" of the forms that take a file, and who may send one
	admits  map[string]func(string) bool // of these, whose token is one to send a file by
	streams *streams
	metrics *metrics
}

const (
	ctxKind  = "youyue.kind"
	ctxActor = "youyue.actor"
)

// New builds the edge with its middleware; features then declare their routes
// on Router.
func New(cfg Config) *Edge {
	e := &Edge{cfg: cfg, echo: echo.New(), metrics: newMetrics(), uploads: map[string]auth.Permission{}, admits: map[string]func(string) bool{}, streams: newStreams(cfg.Streams)}
	e.router = &Router{edge: e}
	e.limits = newLimits(cfg.RateLimit)
	x := e.echo
	x.HideBanner, x.HidePort = true, true
	x.HTTPErrorHandler = e.fail
	x.IPExtractor = ipExtractor(cfg.TrustedProxies)
	x.Use(
		middleware.RequestIDWithConfig(middleware.RequestIDConfig{Generator: newRequestID, RequestIDHandler: checkRequestID}),
		e.observe,
		middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: e.logPanic}),
		securityHeaders(strings.HasPrefix(cfg.BaseURL, "https://")),
		withClientAddress,
		e.sessions,
		e.limitBody(), // asks who sends, and goes before the form's token is read from the body
		e.csrf(),
	)
	e.health()
	x.GET("/static/*", echo.WrapHandler(cfg.Renderer.Static()))
	x.HEAD("/static/*", echo.WrapHandler(cfg.Renderer.Static()))
	x.POST(web.DisplayPath, e.display)
	return e
}

// Router is where features declare routes.
func (e *Edge) Router() *Router { return e.router }

// Handler serves everything.
func (e *Edge) Handler() http.Handler { return e.echo }

// Server is an http.Server with our time and size limits. Its Shutdown ends the
// streams first, which would otherwise hold it to its limit.
func (e *Edge) Server(addr string) *http.Server {
	s := &http.Server{
		Addr: addr, Handler: e.echo,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 40 * time.Second, IdleTimeout: 90 * time.Second,
		MaxHeaderBytes: maxHeaders,
		ErrorLog:       slog.NewLogLogger(e.cfg.Log.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(e.EndStreams)
	return s
}

// ipExtractor believes X-Forwarded-For from the trusted proxies alone.
func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		_, n, err := net.ParseCIDR(p.Masked().String())
		if err == nil {
			opts = append(opts, echo.TrustIPRange(n))
		}
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

func securityHeaders(secure bool) echo.MiddlewareFunc {
	csp := "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'; font-src 'self'; media-src 'self' blob:; worker-src 'self'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", csp)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			if secure {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			return next(c)
		}
	}
}

// csrf guards the forms with a token in a cookie and in each form. Programs
// that send a bearer token carry no cookie and are not guarded.
func (e *Edge) csrf() echo.MiddlewareFunc {
	return middleware.CSRFWithConfig(middleware.CSRFConfig{
		Skipper: func(c echo.Context) bool {
			return byProgram(c.Request()) || readsAPI(c.Request()) || byNobody(c.Request()) || strings.HasPrefix(c.Request().URL.Path, "/static/") || isProbe(c.Request().URL.Path)
		},
		TokenLookup:    "header:X-CSRF-Token,form:" + web.FieldCSRF,
		CookieName:     "csrf",
		CookiePath:     "/",
		CookieHTTPOnly: true,
		CookieSecure:   strings.HasPrefix(e.cfg.BaseURL, "https://"),
		CookieSameSite: http.SameSiteLaxMode,
		// The browser itself says that another site sent this; a sibling site
		// may only come with the token.
		AllowSecFetchSiteFunc: func(c echo.Context) (bool, error) {
			if c.Request().Header.Get(echo.HeaderSecFetchSite) == "same-site" {
				return false, nil
			}
			return false, ErrCSRF
		},
		ErrorHandler: func(err error, _ echo.Context) error {
			return ErrCSRF.Because(err)
		},
	})
}

// ErrCSRF: the form came without this browser's token, an old page or another site's.
var ErrCSRF = errs.New(errs.Forbidden, "request.csrf")

// byNobody: an API request with nothing that says who sent it. There is nobody
// in whose name it could be forged; what it may do is what a visitor may.
func byNobody(r *http.Request) bool {
	return cookieless(r) && strings.HasPrefix(r.URL.Path, "/api/v1/")
}

func cookieless(r *http.Request) bool { return len(r.Cookies()) == 0 }

// sessions loads the browser session; programs with a bearer token have none.
func (e *Edge) sessions(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if byProgram(c.Request()) || (readsAPI(c.Request()) && cookieless(c.Request())) || strings.HasPrefix(path, "/static/") || isProbe(path) {
			return next(c)
		}
		var err error
		h := e.cfg.Sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.SetRequest(r)
			c.SetResponse(echo.NewResponse(w, e.echo))
			if err = next(c); err != nil {
				e.fail(err, c) // inside, so that the session's cookie still goes out
			}
		}))
		h.ServeHTTP(c.Response(), c.Request())
		return nil
	}
}

// byProgram: an API request with a bearer token. It carries no cookie of ours;
// on pages such a header means nothing.
func byProgram(r *http.Request) bool {
	return bearer(r) != "" && strings.HasPrefix(r.URL.Path, "/api/v1/")
}

// readsAPI: a request that changes nothing and shows no form needs no token for one.
func readsAPI(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.URL.Path, "/api/v1/")
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// actor says who is asking: a program by its bearer token on API routes, a
// person by the browser session.
func (e *Edge) actor(c echo.Context, kind Kind) (auth.Actor, error) {
	ctx := c.Request().Context()
	var a auth.Actor
	if kind != KindAPI || !byProgram(c.Request()) {
		a = e.cfg.Sessions.Actor(ctx)
	} else {
		found, ok, err := e.cfg.Sessions.Bearer(ctx, bearer(c.Request()))
		if err != nil {
			return auth.Actor{}, err
		}
		if !ok {
			return auth.Actor{}, ErrBadToken
		}
		a = found
	}
	a.RequestID = requestID(c)
	c.Set(ctxActor, a)
	return a, nil
}

// ErrBadToken: the bearer token is unknown, revoked or expired.
var ErrBadToken = errs.New(errs.Unauthenticated, "bad_token")

type clientKey struct{}

func withClientAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), clientKey{}, c.RealIP())))
		return next(c)
	}
}

// ClientAddress is the IP address the request came from, past trusted proxies.
func ClientAddress(ctx context.Context) string {
	s, _ := ctx.Value(clientKey{}).(string)
	return s
}

type readerKey struct{}

// reader is how the asker reads: language, zone, and which day is today.
type reader struct {
	lang locales.Lang
	zone *time.Location
	now  models.Instant
}

// Lang is the language of the reader, from the cookie or Accept-Language.
func Lang(ctx context.Context) locales.Lang { return readerOf(ctx).lang }

// Words says things to the reader, with the dates of a zone as they read now.
func Words(ctx context.Context, zone *time.Location, now models.Instant) web.Words {
	return web.Words{Frame: &web.Frame{Lang: Lang(ctx), Zone: zone, Now: now}}
}

func readerOf(ctx context.Context) reader {
	r, ok := ctx.Value(readerKey{}).(reader)
	if !ok {
		r = reader{lang: locales.En, zone: time.UTC} // nobody on the web: a command line
	}
	return r
}

func langOf(c echo.Context) locales.Lang {
	cookie := ""
	if k, err := c.Cookie(cookieLang); err == nil {
		cookie = k.Value
	}
	return locales.Match(c.Request().Header.Get("Accept-Language"), cookie)
}

const (
	cookieLang  = "lang"
	cookieElder = "elder"
	cookieFlash = "flash"
)

// display keeps the reader's choice of type size and language in cookies of a year.
func (e *Edge) display(c echo.Context) error {
	const year = 365 * 24 * 3600
	if v := c.FormValue("elder"); v == "on" || v == "off" {
		e.setCookie(c, cookieElder, v, year)
	}
	if v := c.FormValue("lang"); v == string(locales.ZhCN) || v == string(locales.En) {
		e.setCookie(c, cookieLang, v, year)
	}
	return c.Redirect(http.StatusSeeOther, LocalPath(c.FormValue("back"), "/"))
}

// setCookie keeps value for so many seconds; a negative number takes it away.
func (e *Edge) setCookie(c echo.Context, name, value string, seconds int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, //nolint:gosec // not secure on a plain address, such as the demo's
		Secure: strings.HasPrefix(e.cfg.BaseURL, "https://"), SameSite: http.SameSiteLaxMode})
}

// LocalPath returns target when it is a path on this site, else fallback: no
// link may send a reader elsewhere.
func LocalPath(target, fallback string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(target, "/") ||
		strings.HasPrefix(target, "//") || strings.ContainsAny(target, "\\\r\n\t") {
		return fallback
	}
	return target
}
