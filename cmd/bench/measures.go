package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"youyue/app/soak"
)

const (
	connections = 256 // that book at the same time
	watchers    = 64  // connections that ask for the seat state
)

// figures is all that was measured.
type figures struct {
	machine                           machine
	took                              time.Duration
	raw, grouped, single              series // bookings a second
	ratioGrouped, ratioSingle         series
	rawRush, rush, ratioRush          series // everybody wants the same screening
	static, seatState, seatRatio      series // answers a second
	seatBytes                         int
	all, reads, books                 latency
	userRate                          float64
	idle, busy                        float64 // MB
	start                             series  // ms
	liteGrouped, liteSingle           series
	few, many, loss                   series
	fewStored, manyStored, largeBytes int
	rooms, roomsTaken, ratioRooms     series // bookings a second, percent, ratio
	calendar                          []look
	calendarStored                    int
	calendarOrg                       int64
}

// anySeat books a random seat of a random screening, each request under a key
// of its own; every connection is another account.
func (w world) anySeat(run string) func(worker, i int) request {
	return func(worker, i int) request {
		return request{method: "POST", path: "/api/v1/screenings/" + strconv.FormatInt(w.events[rand.IntN(len(w.events))], 10) + "/bookings",
			token: w.tokens[worker%len(w.tokens)], key: run + "-" + strconv.Itoa(worker) + "-" + strconv.Itoa(i),
			body: `{"seats":[` + strconv.FormatInt(w.seats[rand.IntN(len(w.seats))], 10) + `]}`}
	}
}

// nextSeat books seat after seat of screening after screening: whoever comes at
// the same moment wants the same screening, as when a popular one opens.
func (w world) nextSeat(run string) func(worker, i int) request {
	var last atomic.Int64
	return func(worker, i int) request {
		n := int(last.Add(1))
		return request{method: "POST", path: "/api/v1/screenings/" + strconv.FormatInt(w.events[n/len(w.seats)%len(w.events)], 10) + "/bookings",
			token: w.tokens[worker%len(w.tokens)], key: run + "-" + strconv.Itoa(worker) + "-" + strconv.Itoa(i),
			body: `{"seats":[` + strconv.FormatInt(w.seats[n%len(w.seats)], 10) + `]}`}
	}
}

// wishes says what bookings a measurement makes.
type wishes func(w world, run string) func(worker, i int) request

// book measures bookings on one database.
func (l *lab) book(ctx context.Context, w world, group string, wish wishes) (rate float64, err error) {
	if err := l.calm(ctx); err != nil {
		return 0, err
	}
	err = l.serve(ctx, w, group, func(s *soak.Server) error {
		got, err := rush(ctx, l.plan, s.URL, connections, 201, wish(w, fmt.Sprint(time.Now().UnixNano())))
		rate = got.rate()
		return err
	})
	return rate, err
}

// bookOnCopy measures bookings on a fresh copy of the base.
func (l *lab) bookOnCopy(ctx context.Context, group string, wish wishes) (float64, error) {
	w, err := l.copy(ctx)
	if err != nil {
		return 0, err
	}
	rate, err := l.book(ctx, w, group, wish)
	if err != nil {
		return 0, err
	}
	return rate, l.drop(ctx, w)
}

func measureBookings(ctx context.Context, l *lab, f *figures) error {
	for n := range l.plan.reps {
		raw, err := l.pgbench(ctx, rawAnywhere)
		if err != nil {
			return fmt.Errorf("pgbench: %w", err)
		}
		on, err := l.bookOnCopy(ctx, "on", world.anySeat)
		if err != nil {
			return err
		}
		off, err := l.bookOnCopy(ctx, "off", world.anySeat)
		if err != nil {
			return err
		}
		f.raw, f.grouped, f.single = append(f.raw, raw), append(f.grouped, on), append(f.single, off)
		f.ratioGrouped, f.ratioSingle = append(f.ratioGrouped, on/raw), append(f.ratioSingle, off/raw)
		rawRush, err := l.pgbench(ctx, rawRush)
		if err != nil {
			return fmt.Errorf("pgbench: %w", err)
		}
		rush, err := l.bookOnCopy(ctx, "on", world.nextSeat)
		if err != nil {
			return err
		}
		f.rawRush, f.rush, f.ratioRush = append(f.rawRush, rawRush), append(f.rush, rush), append(f.ratioRush, rush/rawRush)
		progress("rush %d/%d: pgbench %.0f/s, grouped %.0f/s (%.2f)", n+1, l.plan.reps, rawRush, rush, rush/rawRush)
		progress("bookings %d/%d: pgbench %.0f/s, grouped %.0f/s (%.2f), single %.0f/s (%.2f)", n+1, l.plan.reps, raw, on, on/raw, off, off/raw)
	}
	return nil
}

// measureSeats compares the seat state with a bare Echo handler that serves the
// same bytes from memory, in a process of its own.
func measureSeats(ctx context.Context, l *lab, f *figures) error {
	return l.serve(ctx, l.base, "on", func(s *soak.Server) error {
		path := "/api/v1/screenings/" + strconv.FormatInt(l.base.events[0], 10) + "/seats"
		c, err := dial(ctx, s.URL)
		if err != nil {
			return err
		}
		if status, err := c.do(request{method: "GET", path: path}); err != nil || status != 200 {
			return fmt.Errorf("seat state: %d %w", status, err)
		}
		body := filepath.Join(l.dir, "seats.json")
		f.seatBytes = len(c.in)
		if err := os.WriteFile(body, c.in, 0o600); err != nil {
			return err
		}
		_ = c.c.Close()
		plain, stop, err := startStatic(ctx, body)
		if err != nil {
			return err
		}
		defer stop()
		get := func(int, int) request { return request{method: "GET", path: path} }
		for n := range l.plan.reps {
			a, err := rush(ctx, l.plan, plain, watchers, 200, get)
			if err != nil {
				return err
			}
			b, err := rush(ctx, l.plan, s.URL, watchers, 200, get)
			if err != nil {
				return err
			}
			f.static, f.seatState = append(f.static, a.rate()), append(f.seatState, b.rate())
			f.seatRatio = append(f.seatRatio, b.rate()/a.rate())
			progress("seat state %d/%d: bare handler %.0f/s, ours %.0f/s (%.2f)", n+1, l.plan.reps, a.rate(), b.rate(), b.rate()/a.rate())
		}
		return nil
	})
}

// measureStart times the program from its start to its first "ready", on a
// database that is migrated.
func measureStart(ctx context.Context, l *lab, f *figures) error {
	for range 2*l.plan.reps + 1 {
		since := time.Now()
		err := l.serve(ctx, l.base, "on", func(*soak.Server) error {
			f.start = append(f.start, float64(time.Since(since).Microseconds())/1000)
			return nil
		})
		if err != nil {
			return err
		}
	}
	f.start = f.start[1:] // the first one also read the binary from the disk
	return nil
}

// measureSQLite measures bookings on the embedded database.
func measureSQLite(ctx context.Context, l *lab, f *figures) error {
	file := filepath.Join(l.dir, "base.db")
	w := world{url: "sqlite:" + file}
	if err := l.fill(ctx, &w, 0); err != nil {
		return err
	}
	template, err := os.ReadFile(file) //nolint:gosec // a path made above
	if err != nil {
		return err
	}
	for n := range l.plan.reps {
		for _, x := range []struct {
			group string
			to    *series
		}{{"on", &f.liteGrouped}, {"off", &f.liteSingle}} {
			run := filepath.Join(l.dir, "run.db")
			for _, old := range []string{run, run + "-wal", run + "-shm"} {
				if err := os.Remove(old); err != nil && !os.IsNotExist(err) {
					return err
				}
			}
			if err := os.WriteFile(run, template, 0o600); err != nil {
				return err
			}
			here := w
			here.url = "sqlite:" + run
			rate, err := l.book(ctx, here, x.group, world.anySeat)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, rate)
		}
		progress("SQLite %d/%d: grouped %.0f/s, single %.0f/s", n+1, l.plan.reps, f.liteGrouped[n], f.liteSingle[n])
	}
	return nil
}

// measureStored compares bookings on a database with few stored bookings and
// on one with many.
func measureStored(ctx context.Context, l *lab, f *figures) error {
	progress("storing %d bookings", l.plan.stored)
	large, err := l.copy(ctx)
	if err != nil {
		return err
	}
	if err := store(ctx, large.url, l.plan.stored-small); err != nil {
		return err
	}
	if f.fewStored, err = stored(ctx, l.base.url); err != nil {
		return err
	}
	if f.manyStored, err = stored(ctx, large.url); err != nil {
		return err
	}
	if err := l.admin.QueryRow(ctx, "SELECT pg_database_size($1)", large.name).Scan(&f.largeBytes); err != nil {
		return err
	}
	for n := range l.plan.reps {
		few, err := l.bookOnCopy(ctx, "on", world.anySeat)
		if err != nil {
			return err
		}
		many, err := l.book(ctx, large, "on", world.anySeat)
		if err != nil {
			return err
		}
		f.few, f.many, f.loss = append(f.few, few), append(f.many, many), append(f.loss, 100*(1-many/few))
		progress("stored %d/%d: %d %.0f/s, %d %.0f/s", n+1, l.plan.reps, f.fewStored, few, f.manyStored, many)
	}
	return nil
}

// rss is the resident memory of a process in MB (10⁶ bytes).
func rss(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("process %d: no VmRSS", pid)
}
