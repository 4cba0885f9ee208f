package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Feed is what a stream tells. It keeps the latest state only, so that a slow
// reader skips versions.
type Feed interface {
	Changed() <-chan struct{} // has a value when there is something to take
	Done() <-chan struct{}    // closed when nothing more will come
	Take() (version int64, data []byte, ok bool)
	Close()
}

// Seen is embedded by the inputs of streams. Version is the one that the reader
// has: Last-Event-ID, or what the address says; 0 for none.
type Seen struct {
	Version int64 `query:"version" json:"-" validate:"min=0"`
}

func (s *Seen) setVersion(v int64) { s.Version = v }

type seer interface{ setVersion(v int64) }

// The refusals of a stream, all before it starts.
var (
	// ErrStreamsFull: this node has as many streams as it keeps.
	ErrStreamsFull = errs.New(errs.Unavailable, "stream.full")
	// ErrStreamsHere: one address has as many streams as it may.
	ErrStreamsHere = errs.New(errs.TooMany, "stream.too_many_here")
	// ErrStopping: this node is going; another try finds another one.
	ErrStopping = errs.New(errs.Unavailable, "stream.stopping")
)

// StreamLimits bound the streams of a node; zero values are the usual ones.
type StreamLimits struct {
	All        int
	PerAddress int           // with rate limits on
	Beat       time.Duration // how often a quiet stream says that it lives, and looks who reads
	Patience   time.Duration // for a reader to take what was written
}

// The usual bounds, ours. 10,000 streams are some 500 MB; a school or a
// community may share one address behind its router.
const (
	usualStreams  = 10_000
	usualPerPlace = 500
	usualBeat     = 20 * time.Second
	usualPatience = 30 * time.Second
	refusedFor    = 30 // seconds
)

// Stream declares a GET route that answers with server-sent events and goes on
// until its reader leaves, the server stops, or the reader may no longer read:
// may is asked before the start and at every beat, nil when the permission says
// it all. Doc documents the JSON of each event's data.
func Stream[In, Doc any](r *Router, path string, p auth.Permission, op Op,
	may func(ctx context.Context, a auth.Actor, in In) error, open func(ctx context.Context, a auth.Actor, in In) (Feed, error),
) {
	op.Status = http.StatusOK
	route := Route{Kind: KindAPI, Method: http.MethodGet, Path: path, Permission: p, Op: op, In: reflect.TypeFor[In](), Out: reflect.TypeFor[Doc](), Stream: true}
	r.add(route, func(c echo.Context, a auth.Actor) error {
		in, err := bindAPI[In](c, a)
		if err != nil {
			return err
		}
		if s, ok := any(&in).(seer); ok {
			if v, err := strconv.ParseInt(c.Request().Header.Get("Last-Event-ID"), 10, 64); err == nil && v > 0 {
				s.setVersion(v)
			}
		}
		ctx := c.Request().Context()
		still := func(a auth.Actor) error {
			if may == nil {
				return nil
			}
			return may(ctx, a, in)
		}
		if err := still(a); err != nil {
			return err
		}
		leave, err := r.edge.streams.enter(c.RealIP(), bool(r.edge.cfg.RateLimit))
		if err != nil {
			return err
		}
		defer leave()
		feed, err := open(ctx, a, in)
		if err != nil {
			return err
		}
		defer feed.Close()
		s := &stream{edge: r.edge, c: c, feed: feed, out: http.NewResponseController(c.Response())}
		return s.run(route, a, still)
	})
}

// stream is one answer that goes on.
type stream struct {
	edge *Edge
	c    echo.Context
	feed Feed
	out  *http.ResponseController
	buf  []byte
}

func (s *stream) run(route Route, a auth.Actor, still func(auth.Actor) error) error {
	e := s.edge
	e.metrics.inFlight.Dec() // it is no request that somebody waits for
	defer e.metrics.inFlight.Inc()
	open := e.metrics.streams.WithLabelValues(route.Path)
	open.Inc()
	defer open.Dec()
	h := s.c.Response().Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	s.c.Set(ctxStreamed, true)
	s.c.Response().WriteHeader(http.StatusOK)
	if s.c.Request().Method == http.MethodHead {
		return nil
	}
	// Readers of a server that stopped come back spread over some seconds.
	if !s.write(append(s.buf[:0], "retry: "+strconv.Itoa(1000+int(spread()*3000))+"\n\n"...)) {
		return nil
	}
	s.follow(route, a, still)
	return nil
}

// follow writes what the feed has until one of the ends.
func (s *stream) follow(route Route, a auth.Actor, still func(auth.Actor) error) {
	beat := time.NewTimer(s.edge.streams.beat())
	defer beat.Stop()
	gone := s.c.Request().Context().Done()
	for {
		if v, data, ok := s.feed.Take(); ok && !s.write(frame(s.buf[:0], v, data)) {
			return
		}
		select {
		case <-s.feed.Changed():
		case <-beat.C:
			if !s.edge.mayStill(s.c, route, a, still) || !s.write(append(s.buf[:0], ":\n\n"...)) {
				return
			}
			beat.Reset(s.edge.streams.beat())
		case <-gone:
			return
		case <-s.feed.Done():
			return
		case <-s.edge.streams.stopping:
			return
		}
	}
}

// frame is one event: its version as id, the state as data.
func frame(b []byte, version int64, data []byte) []byte {
	b = append(b, "id: "...)
	b = strconv.AppendInt(b, version, 10)
	b = append(b, "\ndata: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// write sends b and reports whether the reader is still there to take it.
func (s *stream) write(b []byte) bool {
	s.buf = b
	limit := time.Now().Add(s.edge.streams.limits.Patience) //nolint:forbidigo // of the connection, decides nothing
	if err := s.out.SetWriteDeadline(limit); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := s.c.Response().Write(b); err != nil {
		return false
	}
	return s.out.Flush() == nil
}

// mayStill asks again who is reading and whether they may. When nobody can tell
// at the moment, the stream goes on: it tells nothing either.
func (e *Edge) mayStill(c echo.Context, route Route, a auth.Actor, still func(auth.Actor) error) bool {
	if a.SignedIn() {
		now, err := e.actorAgain(c, route.Kind)
		switch {
		case errors.Is(err, ErrBadToken):
			return false
		case err != nil:
			return errs.As(err).Kind == errs.Unavailable
		case now.AccountID != a.AccountID || !now.Can(route.Permission):
			return false
		}
		a = now
	}
	err := still(a)
	return err == nil || errs.As(err).Kind == errs.Unavailable
}

// actorAgain is who is asking as of now, without counting as something they did.
func (e *Edge) actorAgain(c echo.Context, kind Kind) (auth.Actor, error) {
	ctx := c.Request().Context()
	if kind != KindAPI || !byProgram(c.Request()) {
		return e.cfg.Sessions.Again(ctx)
	}
	a, ok, err := e.cfg.Sessions.Bearer(ctx, bearer(c.Request()))
	if err == nil && !ok {
		err = ErrBadToken
	}
	return a, err
}

const ctxStreamed = "youyue.streamed"

// streams counts the open ones and ends them all.
type streams struct {
	limits   StreamLimits
	stopping chan struct{}
	once     sync.Once

	mu  sync.Mutex
	all int
	by  map[string]int
}

func newStreams(l StreamLimits) *streams {
	if l.All == 0 {
		l.All = usualStreams
	}
	if l.PerAddress == 0 {
		l.PerAddress = usualPerPlace
	}
	if l.Beat == 0 {
		l.Beat = usualBeat
	}
	if l.Patience == 0 {
		l.Patience = usualPatience
	}
	return &streams{limits: l, stopping: make(chan struct{}), by: map[string]int{}}
}

func (s *streams) enter(address string, perAddress bool) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopping:
		return nil, ErrStopping
	default:
	}
	switch {
	case s.all >= s.limits.All:
		return nil, ErrStreamsFull.Add("retry_after", refusedFor).With("seconds", refusedFor)
	case perAddress && s.by[address] >= s.limits.PerAddress:
		return nil, ErrStreamsHere.Add("retry_after", refusedFor).With("seconds", refusedFor)
	}
	s.all++
	s.by[address]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.by[address]--; s.by[address] == 0 {
			delete(s.by, address)
		}
	}, nil
}

// beat is the time to the next one, a quarter more or less, so that streams that
// began together do not stay in step.
func (s *streams) beat() time.Duration {
	return time.Duration(float64(s.limits.Beat) * (0.75 + spread()/2))
}

// spread is a number from 0 to 1.
func spread() float64 {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails
	return float64(uint16(b[0])<<8|uint16(b[1])) / 65536
}

// EndStreams ends all streams and lets no new one begin; requests in flight go
// on. A server of this edge does it when it shuts down.
func (e *Edge) EndStreams() {
	s := e.streams
	s.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(s.stopping)
	})
}

func newStreamGauge() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "youyue_http_streams", Help: "Streams that are open, by route."}, []string{"route"})
}
