package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/time/rate"

	"github.com/labstack/echo/v4/middleware"
)

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
	streams  *prometheus.GaugeVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "youyue_http_request_seconds", Help: "Time to answer, by route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "youyue_http_in_flight", Help: "Requests being answered."}),
		streams:  newStreamGauge(),
	}
	m.registry.MustRegister(m.requests, m.inFlight, m.streams, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Metrics is the registry that features add their own figures to.
func (e *Edge) Metrics() prometheus.Registerer { return e.metrics.registry }

// MetricsHandler serves /metrics for a listener of its own.
func (e *Edge) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(e.metrics.registry, promhttp.HandlerOpts{})
}

func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" || path == "/metrics" }

// health: /healthz says the program runs, /readyz that it can do its work.
func (e *Edge) health() {
	e.echo.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.echo.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
		defer cancel()
		if err := e.cfg.Ready(ctx); err != nil {
			e.cfg.Log.Warn("not ready", "cause", err)
			return c.String(http.StatusServiceUnavailable, "not ready\n")
		}
		return c.String(http.StatusOK, "ready\n")
	})
	if e.cfg.ServeMetrics {
		e.echo.GET("/metrics", echo.WrapHandler(e.MetricsHandler()))
	}
}

// observe logs and counts each request by its route, never by its raw path:
// paths and queries can hold personal data.
func (e *Edge) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now() //nolint:forbidigo // measures the request, decides nothing
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), readerKey{},
			reader{langOf(c), e.cfg.Zone, e.cfg.Now()})))
		e.metrics.inFlight.Inc()
		defer e.metrics.inFlight.Dec()
		if err := next(c); err != nil {
			e.fail(err, c)
		}
		took := time.Since(start) //nolint:forbidigo // as above
		route := c.Path()
		if route == "" {
			route = "unmatched"
		}
		status := c.Response().Status
		if c.Get(ctxStreamed) == nil { // how long somebody looked is no time to answer
			e.metrics.requests.WithLabelValues(r.Method, route, strconv.Itoa(status)).Observe(took.Seconds())
		}
		if isProbe(route) || route == "/static/*" {
			return nil
		}
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		if !e.cfg.Log.Enabled(r.Context(), level) {
			return nil
		}
		a, _ := c.Get(ctxActor).(auth.Actor)
		code, _ := c.Get(ctxCode).(string)
		e.cfg.Log.LogAttrs(r.Context(), level, "request", slog.String("request_id", requestID(c)),
			slog.String("method", r.Method), slog.String("route", route), slog.Int("status", status),
			slog.Duration("took", took), slog.Int64("account", a.AccountID), slog.String("code", code))
		return nil
	}
}

// limiter holds one bucket an address.
type limiter struct {
	store *middleware.RateLimiterMemoryStore
}

// ErrTooMany: too many requests from one address.
var ErrTooMany = errs.New(errs.TooMany, "too_many")

// newLimits: the figures are ours. A log-in is tried a few times a minute; a
// clerk books a caller every few seconds; a whole community may share one
// address behind its router, so the general limit is wide.
func newLimits(on bool) map[Limit]*limiter {
	if !on {
		return nil
	}
	bucket := func(perSecond rate.Limit, burst int) *limiter {
		return &limiter{middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{
			Rate: perSecond, Burst: burst, ExpiresIn: 10 * time.Minute})}
	}
	return map[Limit]*limiter{
		LimitNone:    bucket(100, 400),
		LimitBooking: bucket(10, 60),
		LimitLogin:   bucket(0.5, 20),
	}
}

// checkRate spends one token of the named limit of the caller's address.
func (e *Edge) checkRate(c echo.Context, l Limit) error {
	if e.limits == nil {
		return nil
	}
	who := c.RealIP()
	ok, err := e.limits[l].store.Allow(who)
	if err != nil {
		return err
	}
	if !ok {
		return ErrTooMany.Add("retry_after", 5).With("seconds", 5)
	}
	return nil
}
