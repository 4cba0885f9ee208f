package soak_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// audience is many who watch one screening, over connections of their own, and
// come back whenever theirs breaks.
type audience struct {
	path  string
	at    []atomic.Pointer[string] // addresses of the servers; the i-th watcher goes to the i-th, in turn
	seen  []atomic.Pointer[watched]
	up    atomic.Int64 // connections that stand
	back  atomic.Int64 // times that somebody came back
	told  atomic.Int64 // states that were pushed
	bytes atomic.Int64
	stop  context.CancelFunc
	all   sync.WaitGroup
}

// watched is the state that a watcher was told last.
type watched struct {
	Version int64
	States  string
}

func newAudience(path string, servers, watchers int) *audience {
	return &audience{path: path, at: make([]atomic.Pointer[string], servers), seen: make([]atomic.Pointer[watched], watchers)}
}

func (a *audience) serve(i int, url string) { a.at[i].Store(&url) }

func (a *audience) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a.stop = func() { cancel(); a.all.Wait() }
	t.Cleanup(a.stop)
	for i := range a.seen {
		a.all.Go(func() {
			c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true, ReadBufferSize: 1024, WriteBufferSize: 512}}
			for n := 0; ctx.Err() == nil; n++ {
				if n > 0 {
					a.back.Add(1)
					time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
				}
				a.follow(ctx, c, i)
			}
		})
	}
}

// follow is one connection of one watcher, to its end.
func (a *audience) follow(ctx context.Context, c *http.Client, i int) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *a.at[i%len(a.at)].Load()+a.path, nil)
	if err != nil {
		return
	}
	if last := a.seen[i].Load(); last != nil {
		req.Header.Set("Last-Event-ID", strconv.FormatInt(last.Version, 10))
	}
	res, err := c.Do(req)
	if err != nil {
		return
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return
	}
	a.up.Add(1)
	defer a.up.Add(-1)
	for lines := bufio.NewReaderSize(res.Body, 512); ; {
		line, err := lines.ReadString('\n')
		a.bytes.Add(int64(len(line)))
		if err != nil {
			return
		}
		data, ok := strings.CutPrefix(line, "data: ")
		var w watched
		if !ok || json.Unmarshal([]byte(data), &w) != nil {
			continue
		}
		a.told.Add(1)
		a.seen[i].Store(&w)
	}
}

// wrong counts the watchers whose last state is not this one.
func (a *audience) wrong(truth watched) (n int) {
	for i := range a.seen {
		if w := a.seen[i].Load(); w == nil || *w != truth {
			n++
		}
	}
	return n
}

// truth is the state of all seats as their own address has it.
func (p *place) truth(t *testing.T, id int64) watched {
	t.Helper()
	v := decode[struct {
		Version int64
		Seats   []seat
	}](t, p.get(t.Context(), fmt.Sprintf("/api/v1/screenings/%d/seats", id), ""))
	var b strings.Builder
	for _, s := range v.Seats {
		b.WriteByte(s.State[0])
	}
	return watched{v.Version, b.String()}
}

var resident = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)

// memory is what the server's process has in memory, in KiB.
func (p *place) memory(t *testing.T) float64 {
	t.Helper()
	m := resident.FindStringSubmatch(p.get(t.Context(), "/metrics", "").body)
	require.NotNil(t, m)
	n, err := strconv.ParseFloat(m[1], 64)
	require.NoError(t, err)
	return n / 1024
}

// watchers is how many watch: a hundred in the ordinary run, two thousand in a soak.
func watchers() int {
	if os.Getenv("YOUYUE_SOAK") != "" {
		return 2000
	}
	return 100
}

// TestSoakWatchersEndOnTheTruth: many watch one screening while it is booked; the
// server that takes the bookings is killed and started again, and booked on.
// Every watcher comes back, and at the end knows every seat as it is. With
// PostgreSQL every second watcher is at another server, which only hears of it all.
func TestSoakWatchersEndOnTheTruth(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		servers := 1
		if p.engine == db.Postgres {
			servers = 2
		}
		l, seats := p.storm(t)
		id, n := l.screenings[0], watchers()
		a := newAudience(fmt.Sprintf("/api/v1/screenings/%d/events", id), servers, n)
		a.serve(0, p.server.URL)
		if servers == 2 {
			other, err := p.program.Start(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { _ = other.Kill() })
			a.serve(1, other.URL)
		}
		before := p.memory(t)
		a.start(t)
		await(t, func() bool { return a.up.Load() == int64(n) && a.wrong(p.truth(t, id)) == 0 })
		after := p.memory(t)

		rush := func(acked int64) (over chan struct{}) {
			over = make(chan struct{})
			l.enough.Store(false)
			until := l.acked.Load() + acked
			go func() {
				defer close(over)
				l.rush(p, seats, clients, func(answer) bool { return true })
			}()
			await(t, func() bool { return l.acked.Load() >= until })
			return over
		}
		over := rush(60)
		p.kill(t)
		<-over
		p.start(t)
		a.serve(0, p.server.URL)
		l.settle(t.Context(), p)
		over = rush(30)
		l.enough.Store(true)
		<-over
		l.settle(t.Context(), p)
		require.Empty(t, l.breaches(t, p))

		truth := p.truth(t, id)
		require.Greater(t, truth.Version, int64(20))
		await(t, func() bool { return a.up.Load() == int64(n) && a.wrong(truth) == 0 })
		require.GreaterOrEqual(t, a.back.Load(), int64(n/servers), "who was at the server that was killed is back")
		require.Equal(t, n/servers, p.streams(t))
		pushes, sent := a.told.Load(), a.bytes.Load()
		reportWatch(watchRow{p.engine, n, servers, truth.Version, pushes, a.back.Load(), sent, (after - before) / float64(n/servers), a.wrong(truth)})

		// Told to stop while they watch, the server lets them go and ends well.
		require.NoError(t, p.server.Terminate())
		code, err := p.server.Wait(t.Context())
		require.NoError(t, err)
		require.Zero(t, code, "streams held the stop up to its limit")
		a.stop()
		p.start(t)
	})
}

var streams = regexp.MustCompile(`(?m)^youyue_http_streams\{[^}]*\} (\d+)$`)

// streams counts those that the server holds open.
func (p *place) streams(t *testing.T) (n int) {
	t.Helper()
	for _, m := range streams.FindAllStringSubmatch(p.get(t.Context(), "/metrics", "").body, -1) {
		x, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		n += x
	}
	return n
}
