package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"youyue/app/soak"
)

// people of the bench think about two seconds between clicks, mostly less.
const (
	people    = 1000
	meanThink = 2 * time.Second
)

// latency is a sorted list of times.
type latency []time.Duration

func (l latency) at(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(len(l)-1, int(q*float64(len(l))))]
}

// visit is what one person's clicks took.
type visit struct{ reads, books []time.Duration }

// measureUsers lets a thousand people look and book at their own pace, each on a
// connection of their own, and reads the program's memory before and meanwhile.
func measureUsers(ctx context.Context, l *lab, f *figures) error {
	w, err := l.copy(ctx)
	if err != nil {
		return err
	}
	if err := l.calm(ctx); err != nil {
		return err
	}
	err = l.serve(ctx, w, "on", func(s *soak.Server) error {
		sleep(ctx, 5*time.Second)
		if f.idle, err = rss(s.PID); err != nil {
			return err
		}
		visits, err := w.crowd(ctx, l.plan, s, &f.busy)
		for _, v := range visits {
			f.reads, f.books = append(f.reads, v.reads...), append(f.books, v.books...)
		}
		f.all = append(slices.Clone(f.reads), f.books...)
		for _, x := range []latency{f.all, f.reads, f.books} {
			slices.Sort(x)
		}
		f.userRate = float64(len(f.all)) / l.plan.users.Seconds()
		return err
	})
	if err != nil {
		return err
	}
	progress("users: %.0f requests/s, p50 %s, p99 %s, %.0f MB idle, %.0f MB busy", f.userRate, f.all.at(.5), f.all.at(.99), f.idle, f.busy)
	return l.drop(ctx, w)
}

func (w world) crowd(ctx context.Context, p plan, s *soak.Server, peak *float64) ([]visit, error) {
	visits := make([]visit, people)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var counting, over atomic.Bool
	var all sync.WaitGroup
	for i := range visits {
		c, err := dial(ctx, s.URL)
		if err != nil {
			return nil, err
		}
		// A connection that says nothing for long after it was made is cut off.
		if status, err := c.do(request{method: "GET", path: "/healthz"}); err != nil || status != 200 {
			return nil, fmt.Errorf("hello: %d %w", status, err)
		}
		all.Go(func() {
			defer func() { _ = c.c.Close() }()
			if err := w.stroll(ctx, c, i, &visits[i], &counting, &over); err != nil {
				cancel(err)
			}
		})
	}
	sleep(ctx, 2*meanThink)
	counting.Store(true)
	for end := time.Now().Add(p.users); time.Now().Before(end) && ctx.Err() == nil; sleep(ctx, 100*time.Millisecond) {
		mb, err := rss(s.PID)
		if err != nil {
			cancel(err)
			break
		}
		*peak = max(*peak, mb)
	}
	counting.Store(false)
	over.Store(true)
	all.Wait()
	return visits, context.Cause(ctx)
}

// stroll is one person: looks at the seats of a screening, books one of the free
// ones in one visit out of four, and looks at the own bookings now and then.
func (w world) stroll(ctx context.Context, c *conn, i int, v *visit, counting, over *atomic.Bool) error {
	token := w.tokens[i%len(w.tokens)]
	for n := 0; ; n++ {
		think := time.Duration(rand.ExpFloat64() * float64(meanThink))
		if sleep(ctx, min(think, 5*meanThink)); over.Load() || ctx.Err() != nil {
			return nil //nolint:nilerr // the stroll is over, whether by time or by the end of the run
		}
		event := strconv.FormatInt(w.events[rand.IntN(len(w.events))], 10)
		switch k := rand.IntN(8); {
		case k == 0:
			if err := timed(c, request{method: "GET", path: "/api/v1/bookings?when=upcoming", token: token}, &v.reads, counting, 200); err != nil {
				return err
			}
		case k < 3:
			if err := timed(c, request{method: "GET", path: "/api/v1/screenings/" + event, token: token}, &v.reads, counting, 200); err != nil {
				return err
			}
		default:
			if err := timed(c, request{method: "GET", path: "/api/v1/screenings/" + event + "/seats", token: token}, &v.reads, counting, 200); err != nil {
				return err
			}
			if k < 6 {
				continue
			}
			seat, err := freeSeat(c.in)
			if err != nil {
				return err
			}
			if sleep(ctx, think/2); over.Load() {
				return nil
			}
			book := request{method: "POST", path: "/api/v1/screenings/" + event + "/bookings", token: token,
				key: fmt.Sprintf("u%d-%d", i, n), body: fmt.Sprintf(`{"seats":[%d]}`, seat)}
			if err := timed(c, book, &v.books, counting, 201, 409); err != nil {
				return err
			}
		}
	}
}

func timed(c *conn, r request, to *[]time.Duration, counting *atomic.Bool, want ...int) error {
	since := time.Now()
	status, err := c.do(r)
	took := time.Since(since)
	if err == nil && !slices.Contains(want, status) {
		err = fmt.Errorf("%s %s: %d %s", r.method, r.path, status, c.in)
	}
	if counting.Load() {
		*to = append(*to, took)
	}
	return err
}

func freeSeat(body []byte) (int64, error) {
	var v struct {
		Seats []struct {
			ID    int64
			State string
		}
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return 0, err
	}
	for {
		if s := v.Seats[rand.IntN(len(v.Seats))]; s.State == "free" {
			return s.ID, nil
		}
	}
}
