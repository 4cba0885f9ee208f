package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// counter is a number that goes up; one reader at a time is told.
type counter struct {
	n      atomic.Int64
	signal chan struct{}
	done   chan struct{}
	open   *atomic.Int64
	pad    string
}

func (c *counter) up() {
	c.n.Add(1)
	c.signal <- struct{}{}
}

// tap is the feed of one reader.
type tap struct {
	*counter
	taken int64
}

func (f *tap) Changed() <-chan struct{} { return f.signal }
func (f *tap) Done() <-chan struct{}    { return f.done }
func (f *tap) Close()                   { f.open.Add(-1) }

func (f *tap) Take() (int64, []byte, bool) {
	n := f.n.Load()
	if n == f.taken {
		return 0, nil, false
	}
	f.taken = n
	return n, fmt.Appendf(nil, `{"n":%d}%s`, n, f.pad), true
}

type watch struct {
	ID int64 `path:"id" json:"-"`
	httpapi.Seen
}

type number struct {
	N int64 `json:"n"`
}

// theatre is a site with a stream, on a server as in production.
type theatre struct {
	*site
	t    *testing.T
	url  string
	srv  *http.Server
	feed *counter
	last atomic.Int64 // the version that the last reader said it had
	open atomic.Int64
	shut atomic.Bool // the rule of the feature says no more
}

func newTheatre(t *testing.T, opts ...option) *theatre {
	t.Helper()
	x := closedTheatre(t, opts...)
	x.serve()
	return x
}

// closedTheatre does not serve yet.
func closedTheatre(t *testing.T, opts ...option) *theatre {
	t.Helper()
	x := &theatre{site: newSite(t, opts...), t: t}
	x.feed = &counter{signal: make(chan struct{}, 1), done: make(chan struct{}), open: &x.open}
	x.feed.n.Store(1)
	may := func(context.Context, auth.Actor, watch) error {
		if x.shut.Load() {
			return errs.ErrForbidden
		}
		return nil
	}
	for path, p := range map[string]auth.Permission{"/api/v1/things/:id/events": auth.Public, "/api/v1/own/:id/events": auth.SignedIn, "/api/v1/orgs/:id/events": auth.OrgRead} {
		httpapi.Stream[watch, number](x.router(), path, p, httpapi.Op{Summary: "Watch", Tag: "things"}, may,
			func(_ context.Context, _ auth.Actor, in watch) (httpapi.Feed, error) {
				x.last.Store(in.Version)
				if in.ID == 404 {
					return nil, errs.ErrNotFound
				}
				x.open.Add(1)
				return &tap{counter: x.feed}, nil
			})
	}
	x.srv = x.edge.Server("")
	return x
}

func (x *theatre) serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(x.t, err)
	x.url = "http://" + l.Addr().String()
	served := make(chan struct{})
	go func() { defer close(served); _ = x.srv.Serve(l) }()
	x.t.Cleanup(func() { _ = x.srv.Close(); <-served })
}

// reader is a client of a stream.
type reader struct {
	t    *testing.T
	res  *http.Response
	text *bufio.Reader
}

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (x *theatre) read(path string, h header) *reader {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), http.MethodGet, x.url+path, nil)
	require.NoError(x.t, err)
	for k, v := range h {
		req.Header.Set(k, v)
	}
	res, err := client.Do(req)
	require.NoError(x.t, err)
	x.t.Cleanup(func() { _ = res.Body.Close() })
	return &reader{x.t, res, bufio.NewReader(res.Body)}
}

// next is the next message: its lines up to the blank one; "" at the end.
func (r *reader) next() string {
	r.t.Helper()
	var out []string
	for {
		line, err := r.text.ReadString('\n')
		if err != nil {
			return ""
		}
		if line == "\n" {
			return strings.Join(out, "|")
		}
		out = append(out, strings.TrimSuffix(line, "\n"))
	}
}

// end reads to the end, which must come within a few beats.
func (r *reader) end() {
	r.t.Helper()
	for n := 0; r.next() != ""; n++ {
		require.Less(r.t, n, 20, "the stream goes on")
	}
}

func beating(c *httpapi.Config) { c.Streams.Beat = 20 * time.Millisecond }

func TestAStreamTellsVersionsAsTheyCome(t *testing.T) {
	t.Parallel()
	x := newTheatre(t)
	r := x.read("/api/v1/things/1/events", header{"Last-Event-ID": "7"})
	require.Equal(t, http.StatusOK, r.res.StatusCode)
	require.Equal(t, "text/event-stream; charset=utf-8", r.res.Header.Get("Content-Type"))
	require.Equal(t, "no", r.res.Header.Get("X-Accel-Buffering"))
	require.Contains(t, r.res.Header.Get("Cache-Control"), "no-store")
	require.Regexp(t, `^retry: [1-4]\d\d\d$`, r.next())
	require.Equal(t, `id: 1|data: {"n":1}`, r.next())
	require.Equal(t, int64(7), x.last.Load())
	x.feed.up()
	require.Equal(t, `id: 2|data: {"n":2}`, r.next())
	require.Contains(t, x.metrics(), `youyue_http_streams{route="/api/v1/things/:id/events"} 1`)
	require.NotContains(t, x.metrics(), `youyue_http_request_seconds_count{method="GET",route="/api/v1/things/:id/events"`)
	require.NoError(t, r.res.Body.Close())
	require.Eventually(t, func() bool { return x.open.Load() == 0 }, time.Minute, time.Millisecond)
	require.Contains(t, x.metrics(), `youyue_http_streams{route="/api/v1/things/:id/events"} 0`)

	for from, want := range map[string]int64{"?version=5": 5, "": 0} {
		x.read("/api/v1/things/1/events"+from, nil).next()
		require.Equal(t, want, x.last.Load())
	}
	x.read("/api/v1/things/1/events?version=5", header{"Last-Event-ID": "6"}).next()
	require.Equal(t, int64(6), x.last.Load(), "what the browser itself remembers is newer")
	x.read("/api/v1/things/1/events", header{"Last-Event-ID": "nonsense"}).next()
	require.Zero(t, x.last.Load())
}

func (x *theatre) metrics() string {
	w := httptest.NewRecorder()
	x.edge.MetricsHandler().ServeHTTP(w, httptest.NewRequestWithContext(x.t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// A stream outlives the server's limits on requests: this one has its beats
// after them.
func TestAStreamOutlivesTheLimitsOfRequests(t *testing.T) {
	t.Parallel()
	x := closedTheatre(t, beating)
	x.srv.ReadTimeout, x.srv.WriteTimeout, x.srv.ReadHeaderTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	x.serve()
	r := x.read("/api/v1/things/1/events", nil)
	r.next()
	r.next()
	for range 20 {
		require.Equal(t, ":", r.next())
	}
	x.feed.up()
	for m := ":"; m == ":"; {
		if m = r.next(); m != ":" {
			require.Equal(t, `id: 2|data: {"n":2}`, m)
		}
	}
}

func TestAStreamIsRefusedBeforeItStarts(t *testing.T) {
	t.Parallel()
	x := newTheatre(t, limited, func(c *httpapi.Config) { c.Streams.All, c.Streams.PerAddress = 3, 2 })
	code := func(path string, h header) (int, string) {
		w := x.do("GET", path, "", h)
		return w.Code, fmt.Sprint(problem(t, w)["code"])
	}
	for path, want := range map[string]int{"/api/v1/things/404/events": 404, "/api/v1/things/x/events": 404, "/api/v1/own/1/events": 401, "/api/v1/things/1/events?version=-1": 422} {
		got, _ := code(path, nil)
		require.Equal(t, want, got, path)
	}
	got, _ := code("/api/v1/orgs/1/events", as("resident"))
	require.Equal(t, 403, got)
	require.Equal(t, http.StatusOK, x.do("HEAD", "/api/v1/things/1/events", "", nil).Code)

	x.read("/api/v1/things/1/events", nil).next()
	x.read("/api/v1/things/2/events", nil).next()
	third := x.read("/api/v1/things/2/events", nil)
	require.Equal(t, http.StatusTooManyRequests, third.res.StatusCode)
	require.Equal(t, "30", third.res.Header.Get("Retry-After"))
	body, err := io.ReadAll(third.res.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), `"code":"stream.too_many_here"`)
	require.Equal(t, int64(2), x.open.Load())

	all := newTheatre(t, func(c *httpapi.Config) { c.Streams.All = 1 })
	all.read("/api/v1/things/1/events", nil).next()
	r := all.read("/api/v1/things/1/events", nil)
	require.Equal(t, http.StatusServiceUnavailable, r.res.StatusCode)
}

// A reader who leaves while the stream is being opened is no failure of the
// server's: nothing is logged as one, nothing counted as one. One who stays is told of a failure.
func TestAReaderWhoLeavesAsAStreamOpensIsNoError(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"leaves": true, "stays": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTheatre(t)
			opening := make(chan struct{})
			httpapi.Stream[watch, number](x.router(), "/api/v1/slow/:id/events", auth.Public, httpapi.Op{Summary: "Slow", Tag: "things"}, nil,
				func(ctx context.Context, _ auth.Actor, _ watch) (httpapi.Feed, error) {
					close(opening)
					if leaves {
						<-ctx.Done()
					}
					return nil, fmt.Errorf("load: %w", context.Canceled)
				})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.url+"/api/v1/slow/1/events", nil)
			require.NoError(t, err)
			if leaves {
				go func() { <-opening; leave() }()
			}
			res, err := client.Do(req)
			if err == nil {
				_ = res.Body.Close()
			}
			require.Equal(t, leaves, err != nil)
			count := func(status int) string {
				return fmt.Sprintf(`youyue_http_request_seconds_count{method="GET",route="/api/v1/slow/:id/events",status="%d"} 1`, status)
			}
			want, level := count(http.StatusInternalServerError), require.Contains
			if leaves {
				want, level = count(499), require.NotContains
			}
			require.Eventually(t, func() bool { return strings.Contains(x.metrics(), want) }, time.Minute, time.Millisecond)
			require.NoError(t, x.srv.Shutdown(t.Context())) // all is logged
			level(t, x.log.String(), `"level":"ERROR"`)
		})
	}
}

// A session that is revoked, an account that is disabled, a role that is taken,
// a rule of the feature that says no: each ends the stream at the next beat.
func TestAStreamEndsWithTheRightToRead(t *testing.T) {
	t.Parallel()
	clerk := auth.Actor{AccountID: 7, Grants: []auth.Grant{{Role: auth.Admin, Path: "/1/"}}}
	for name, lose := range map[string]func(x *theatre, s *shifting){
		"revoked":          func(_ *theatre, s *shifting) { s.set(auth.Actor{}) },
		"another account":  func(_ *theatre, s *shifting) { s.set(auth.Actor{AccountID: 8, Grants: clerk.Grants}) },
		"role taken":       func(_ *theatre, s *shifting) { s.set(auth.Actor{AccountID: 7}) },
		"the feature says": func(x *theatre, _ *shifting) { x.shut.Store(true) },
	} {
		for kind, h := range map[string]header{"token": as("x"), "session": {"Cookie": "session=x"}} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := &shifting{a: clerk}
				x := newTheatre(t, beating, func(c *httpapi.Config) { c.Sessions = s })
				r := x.read("/api/v1/orgs/1/events", h)
				r.next()
				r.next()
				require.Equal(t, ":", r.next(), "it lives")
				s.fail(errs.New(errs.Unavailable, "db.unavailable")) // nobody can tell: it goes on
				require.Equal(t, ":", r.next())
				s.fail(nil)
				lose(x, s)
				r.end()
				require.Eventually(t, func() bool { return x.open.Load() == 0 }, time.Minute, time.Millisecond)
			})
		}
	}
}

// shifting sessions change while somebody reads.
type shifting struct {
	mu  sync.Mutex
	a   auth.Actor
	err error
}

func (s *shifting) set(a auth.Actor) { s.mu.Lock(); s.a = a; s.mu.Unlock() }
func (s *shifting) fail(err error)   { s.mu.Lock(); s.err = err; s.mu.Unlock() }

func (s *shifting) Middleware(next http.Handler) http.Handler { return next }
func (s *shifting) Actor(context.Context) auth.Actor          { a, _ := s.Again(context.Background()); return a }
func (s *shifting) Again(context.Context) (auth.Actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a, s.err
}

func (s *shifting) Bearer(ctx context.Context, _ string) (auth.Actor, bool, error) {
	a, err := s.Again(ctx)
	return a, a.SignedIn(), err
}

// Shutdown ends streams at once and waits for what is in flight: forty streams,
// and a request that is held up until they have all ended. Then nothing of them runs any more.
func TestShutdownEndsStreamsAndAnswersWhatIsInFlight(t *testing.T) { //nolint:paralleltest // counts goroutines
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	before, stop := context.WithCancel(t.Context())
	x := newTheatre(t)
	held, release := make(chan struct{}), make(chan struct{})
	httpapi.API(x.router(), http.MethodGet, "/api/v1/slow", auth.Public, httpapi.Op{Summary: "Slow", Tag: "things"},
		func(context.Context, auth.Actor, httpapi.None) (number, error) {
			close(held)
			<-release
			return number{42}, nil
		})
	answer := make(chan string, 1)
	go func() {
		res, err := client.Get(x.url + "/api/v1/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		answer <- strings.TrimSpace(string(b))
	}()
	<-held
	var readers []*reader
	for range 40 {
		readers = append(readers, x.read("/api/v1/things/1/events", nil))
		readers[len(readers)-1].next()
	}
	down := make(chan error, 1)
	go func() { down <- x.srv.Shutdown(before) }()
	for _, r := range readers {
		r.end()
	}
	require.Eventually(t, func() bool { return x.open.Load() == 0 }, time.Minute, time.Millisecond)
	select {
	case err := <-down:
		require.Fail(t, "it did not wait for the request in flight", "%v", err)
	default:
	}
	close(release)
	require.Equal(t, `{"n":42}`, <-answer)
	require.NoError(t, <-down)
	stop()
	w := x.do("GET", "/api/v1/things/1/events", "", nil)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "stream.stopping", problem(t, w)["code"])
	client.CloseIdleConnections()
}

// A reader who takes nothing is let go: the megabytes that no buffer on the way
// holds would else be waited for without end.
func TestAReaderWhoTakesNothingIsLetGo(t *testing.T) {
	t.Parallel()
	x := newTheatre(t, func(c *httpapi.Config) { c.Streams.Patience = 50 * time.Millisecond })
	x.feed.pad = strings.Repeat(" ", 1<<24)
	r := x.read("/api/v1/things/1/events", nil)
	require.Equal(t, http.StatusOK, r.res.StatusCode)
	require.Eventually(t, func() bool { return x.open.Load() == 0 }, time.Minute, time.Millisecond)
}

func TestTheDocumentKnowsStreams(t *testing.T) {
	t.Parallel()
	x := newTheatre(t)
	doc, err := x.edge.Document()
	require.NoError(t, err)
	op := doc.Paths.Value("/api/v1/things/{id}/events").Get
	ok := op.Responses.Status(200).Value
	require.Contains(t, ok.Content, "text/event-stream")
	require.NotEmpty(t, ok.Content["text/event-stream"].Schema.Ref)
	require.NotNil(t, op.Parameters.GetByInAndName("header", "Last-Event-ID"))
	require.NotNil(t, op.Parameters.GetByInAndName("query", "version"))
	require.NotNil(t, op.Responses.Status(503))
}
